"""The installed command and other programs, as tests start them."""

import os
import socket
import sys
from pathlib import Path

UPHELD = str(Path(sys.executable).parent / "upheld")

PATIENCE = 30.0
"""Seconds within which a server has to answer, and to stop."""


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of a command: this one's, with these settings and no others."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "UPHELD_", "PG"))
    }
    return kept | settings


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port

"""The installed command and other programs, as tests start them."""

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

UPHELD = str(Path(sys.executable).parent / "upheld")

PATIENCE = 30.0
"""The seconds a server has to answer, and to stop."""

Run = Callable[..., tuple[object, str]]
"""A function that runs the command with some arguments, and returns its exit code and output."""


def environment(**settings: str) -> dict[str, str]:
    """Return the environment for a command: this one's, with only these settings."""
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


def wait_until(condition: Callable[[], object], limit: float = 10.0) -> None:
    """Return as soon as the condition is true; fail after this many seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)

"""`upheld serve` in its own process."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.programs import UPHELD, free_port

TIMEOUT = 60.0
"""The time limit, in seconds, for the server to become ready."""

WARMED_UP = ("/health/ready", "/", "/compare", "/docs")


@contextmanager
def served(database: str) -> Iterator[str]:
    """Run `upheld serve` on a database and yield its address once it's ready."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(  # noqa: S603 - a fixed command
        [UPHELD, "serve", "--port", str(port)],
        env={**os.environ, "DATABASE_URL": database},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            end = time.monotonic() + TIMEOUT
            while not is_ready(address):
                assert process.poll() is None, f"the server ended with {process.returncode}"
                assert time.monotonic() < end, "the server was not ready in time"
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()


def is_ready(address: str) -> bool:
    """Whether a server has data and has built the pages whose first request is slow on a busy machine."""
    try:
        return all(httpx.get(address + path).is_success for path in WARMED_UP)
    except httpx.TransportError:
        return False

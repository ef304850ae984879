"""Chromium before a real server, `upheld serve`."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests.programs import free_port

PATIENCE = 60.0
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

OPTIONS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""What keeps the browser from asking for anything by itself."""

Window = Callable[..., AbstractContextManager[Page]]


@contextmanager
def served(database: str, *options: str) -> Iterator[str]:
    """Run `upheld serve` over a database; yield its address once it is ready."""
    port = free_port()
    program = Path(sys.executable).with_name("upheld")
    environment = {**os.environ, "DATABASE_URL": database}
    command = [str(program), "serve", "--port", str(port), *options]
    with subprocess.Popen(  # noqa: S603 - the project's own
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            end = time.monotonic() + PATIENCE
            while not is_ready(address):
                assert process.poll() is None, f"{' '.join(command)} ended with {process.returncode}"
                assert time.monotonic() < end, "the server was not ready in time"
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()


def is_ready(address: str) -> bool:
    """Whether a server answers, and has data to answer with."""
    try:
        return httpx.get(f"{address}/health/ready", trust_env=False).is_success
    except httpx.TransportError:
        return False


@contextmanager
def launched() -> Iterator[Browser]:
    """Yield the machine's own Chromium, without a window.

    Raises:
        LookupError: if it has none.

    """
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        raise LookupError(f"there is no Chromium on this machine: none of {', '.join(CHROMIUM)}")
    with sync_playwright() as playwright:
        # Its sandbox needs rights that root in a container has not; only our own pages are loaded.
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS, chromium_sandbox=False)
        yield browser
        browser.close()

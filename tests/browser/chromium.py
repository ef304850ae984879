"""The Chromium installed on this machine."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")

OPTIONS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
"""Options that stop the browser from sending requests of its own and from reaching any other machine."""


@contextmanager
def launched() -> Iterator[Browser]:
    """Yield a headless Chromium.

    Raises:
        LookupError: if it isn't installed.

    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise LookupError(f"Chromium isn't installed: none of {', '.join(NAMES)} was found")
    with sync_playwright() as playwright:
        # The sandbox doesn't work as root in a container, and we load only our own pages.
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS, chromium_sandbox=False)
        yield browser
        browser.close()

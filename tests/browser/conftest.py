"""A browser and a server shared by all browser tests in a process."""

import os
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import launched
from tests.browser.serving import served
from tests.browser.windows import OpenWindow, opened_window
from tests.postgresql import new_database

REQUIRE = "UPHELD_REQUIRE_BROWSER"
"""The environment variable that turns a missing browser into a failure."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a browser, or skip the test if none is installed and none is required."""
    try:
        with launched() as browser:
            yield browser
    except LookupError as error:
        (pytest.fail if os.environ.get(REQUIRE) else pytest.skip)(str(error))


@pytest.fixture(scope="session")
def address(browser: Browser, server: str) -> Iterator[str]:  # noqa: ARG001 - start no server without a browser
    """Yield the address of `upheld serve` with the project's own seeds."""
    with new_database(server) as database, served(database) as address:
        yield address


@pytest.fixture(scope="session")
def open_window(browser: Browser, address: str) -> OpenWindow:
    """Return the function that opens a window on the server."""
    return partial(opened_window, browser, address)

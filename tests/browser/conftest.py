"""A real browser before a real server: `upheld serve` over the seeds, and nothing else within its reach."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Response, Route

from tests.browser.windows import Window, launched, served
from tests.postgresql import new_database

REQUIRE = "UPHELD_REQUIRE_BROWSER"
"""Set where a missing browser is a failure."""


@pytest.fixture(scope="session")
def address(browser: Browser, server: str) -> Iterator[str]:  # noqa: ARG001 - no server where there is no browser
    """Yield the address of a server over the project's own seeds."""
    with new_database(server) as database, served(database) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a browser for all tests, or skip them where there is none and none is required."""
    try:
        with launched() as found:
            yield found
    except LookupError as error:
        (pytest.fail if os.environ.get(REQUIRE) else pytest.skip)(str(error))


@pytest.fixture(scope="session")
def window(browser: Browser, address: str) -> Window:
    """Return what opens a window whose pages reach the server, other origins that are named, and nothing else.

    A test fails if a page asked for anything else, or if the browser complained: of a script's error, of something
    that the page's policy forbids, of a file that is missing.
    """

    @contextmanager
    def opened(*origins: str, **options: Any) -> Iterator[Page]:  # noqa: ANN401 - whatever Playwright takes
        options.setdefault("base_url", address)
        within = tuple(f"{origin}/" for origin in (options["base_url"], *origins))
        elsewhere: list[str] = []
        complaints: list[str] = []
        refused: set[str] = set()

        def guard(route: Route) -> None:
            if route.request.url.startswith(within):
                route.continue_()
            else:
                elsewhere.append(route.request.url)
                route.abort()

        def answered(response: Response) -> None:
            if response.request.is_navigation_request() and not response.ok:
                refused.add(response.url)

        def heard(message: ConsoleMessage) -> None:
            # That a page itself is 404 or 422 is told as an error too; whether it may be is for the test to say.
            if message.type in {"error", "warning"} and message.location["url"] not in refused:
                complaints.append(f"{message.text} ({message.location['url']})")

        def asked(dialog: Dialog) -> None:
            complaints.append(f"a script asks: {dialog.message}")
            dialog.dismiss()

        context = browser.new_context(**options)
        context.route("**/*", guard)
        context.on("response", answered)
        context.on("console", heard)
        context.on("dialog", asked)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        try:
            yield context.new_page()
        finally:
            context.close()
        assert elsewhere == []
        assert complaints == []

    return opened


@pytest.fixture
def page(window: Window) -> Iterator[Page]:
    """Yield a window on a desk."""
    with window(viewport={"width": 1280, "height": 900}) as found:
        yield found

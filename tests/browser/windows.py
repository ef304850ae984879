"""Browser windows in which no error goes unnoticed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, Response

OpenWindow = Callable[..., AbstractContextManager["Window"]]
"""`opened_window` with the browser and server already set."""


class Window:
    """A window, and everything that went wrong in it.

    That means requests to other origins, dialogs, script errors, missing files, and anything else that the browser
    logs as a warning or an error, such as a violation of the content security policy.
    """

    def __init__(self, page: Page, origins: tuple[str, ...]) -> None:
        """Watch a page that may load only from these origins."""
        self.page = page
        self._origins = origins
        self.problems: list[str] = []
        self._failed_pages: set[str] = set()
        context = page.context
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("console", self._on_console)
        context.on("dialog", self._on_dialog)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))

    def check(self) -> None:
        """Fail if anything went wrong since the last check."""
        problems, self.problems = self.problems, []
        assert problems == []

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(tuple(f"{origin}/" for origin in self._origins)):
            self.problems.append(f"a request for {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.request.is_navigation_request() and not response.ok:
            self._failed_pages.add(response.url)

    def _on_console(self, message: ConsoleMessage) -> None:
        # A page that itself answers 404 or 422 also logs a console error; tests check page statuses.
        if message.type in {"error", "warning"} and message.location["url"] not in self._failed_pages:
            self.problems.append(f"{message.text} ({message.location['url']})")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


@contextmanager
def opened_window(browser: Browser, base_url: str, *origins: str, **options: Any) -> Iterator[Window]:  # noqa: ANN401 - options of Playwright
    """Yield a window whose pages may load from the server and any extra origins; check it when it closes."""
    context = browser.new_context(base_url=base_url, **options)
    try:
        window = Window(context.new_page(), (base_url, *origins))
        try:
            yield window
        except Exception as error:
            for problem in window.problems:
                error.add_note(problem)
            raise
        window.check()
    finally:
        context.close()

"""A reader's path from a filter to a figure, its citation, its permalink and a frame on another site."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pybtex.database import parse_string  # type: ignore[import-untyped]  # it ships no types

from tests.browser.pages import FIGURE
from tests.browser.windows import OpenWindow


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without logging."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def other_site(folder: Path) -> Iterator[str]:
    """Serve a folder's files from another origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def page(open_window: OpenWindow) -> Iterator[Page]:
    """Yield a page in a desktop-sized window."""
    with open_window(permissions=["clipboard-read", "clipboard-write"]) as window:
        yield window.page


def test_from_a_filter_to_a_frame(open_window: OpenWindow, address: str, tmp_path: Path) -> None:
    """A reader finds a figure, cites it, returns to it by its permalink, and embeds it in an article."""
    with other_site(tmp_path) as origin, open_window(origin) as window:
        page = window.page
        page.goto("/")
        form = page.locator("form#filters")
        form.locator("[name=force]").select_option("metropolitan")
        form.locator("[name=allegation]").select_option("sexual-misconduct")
        form.locator("[name=period]").fill("2012/2018")
        form.locator("button[type=submit]").click()
        expect(page).to_have_url(re.compile(r"\?(?=.*force=metropolitan)(?=.*period=2012(/|%2F)2018)"))
        assert page.locator("article.figure").count() > 1

        page.locator("article.figure", has=page.locator(f'h3 a[href^="/figures/{FIGURE}"]')).locator("h3 a").click()
        expect(page).to_have_url(f"{address}/figures/{FIGURE}")
        title = page.locator("h1").inner_text()
        assert "119" in title
        expect(page.locator("figure.tree svg").first).to_be_visible()

        cite = page.locator("#cite")
        for details in cite.locator("summary").all():
            details.click()
        (entry,) = parse_string(cite.locator("pre#bibtex").inner_text(), "bibtex").entries.values()
        assert FIGURE in cite.locator("pre#csl").inner_text()
        permalink = entry.fields["url"]
        assert permalink.startswith(f"{address}/figures/{FIGURE}?release=")
        code = page.locator("#embed textarea").input_value()

        page.goto(permalink)
        expect(page.locator("h1")).to_have_text(title)

        html = (
            f'<!doctype html><html lang="en"><title>News</title><link rel="icon" href="data:,"><h1>News</h1>{code}'
        )
        (tmp_path / "article.html").write_text(html)
        page.goto(f"{origin}/article.html")
        frame = page.frame_locator("iframe")
        expect(frame.locator("h1")).to_have_text(title)
        assert frame.locator(f'a[href^="{address}/figures/{FIGURE}"]').count() >= 1


def test_copying(page: Page) -> None:
    """The button next to a citation copies it to the clipboard."""
    page.goto(f"/figures/{FIGURE}")
    page.locator("#cite button.copy").first.click()
    expect(page.locator("#cite button.copy").first).to_have_text("Copied")
    assert "Upheld" in page.evaluate("navigator.clipboard.readText()")


def test_blank_fields_are_left_out(page: Page, address: str) -> None:
    """Submitting the form unchanged opens the page of all figures, with no blank fields in its URL."""
    page.goto("/")
    page.locator("form#filters button[type=submit]").click()
    expect(page).to_have_url(re.compile(rf"^{address}/\??$"))
    expect(page.locator("article.figure").first).to_be_visible()


def test_a_mistake_in_the_form(page: Page) -> None:
    """After a mistyped period, the form says what's wrong and keeps the input."""
    page.goto("/")
    page.locator("form#filters [name=period]").fill("2020-21")
    page.locator("form#filters button[type=submit]").click()
    expect(page.locator("form#filters [name=period]")).to_have_value("2020-21")
    expect(page.locator("main")).to_contain_text("FY2020-21")


def test_a_mistyped_address(page: Page, address: str) -> None:
    """The page for an unknown figure links to the one with a similar id."""
    page.goto(f"/figures/{FIGURE[:-1]}")
    page.locator("main a", has_text=FIGURE).first.click()
    expect(page).to_have_url(f"{address}/figures/{FIGURE}")
    assert "119" in page.locator("h1").inner_text()

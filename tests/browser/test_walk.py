"""A reader's way: from a filter to a figure, its citation, its permalink, and a frame in somebody else's page."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import expect
from pybtex.database import parse_string  # type: ignore[import-untyped]  # it ships no types

from tests.browser.pages import FIGURE
from tests.browser.windows import Window


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that tells nobody."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def newsroom(folder: Path) -> Iterator[str]:
    """Serve the files of a folder from an origin of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_from_a_filter_to_a_frame(window: Window, address: str, tmp_path: Path) -> None:
    """Whoever looks for a figure finds it, can cite it, comes back to it, and can show it to others."""
    with newsroom(tmp_path) as origin, window(origin) as page:
        page.goto("/")
        form = page.locator("form#filters")
        form.locator("[name=force]").select_option("metropolitan")
        form.locator("[name=period]").fill("2012/2018")
        form.locator("button[type=submit]").click()
        expect(page).to_have_url(re.compile(r"\?(?=.*force=metropolitan)(?=.*period=2012(/|%2F)2018)"))
        everything = page.locator("article.figure").count()
        assert everything > 1

        page.locator("article.figure", has=page.locator(f'h3 a[href^="/figures/{FIGURE}"]')).locator("h3 a").click()
        expect(page).to_have_url(f"{address}/figures/{FIGURE}")
        title = page.locator("h1").inner_text()
        assert "119" in title
        expect(page.locator("figure.tree > svg")).to_be_visible()

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
        framed = page.frame_locator("iframe")
        expect(framed.locator("h1")).to_have_text(title)
        assert framed.locator(f'a[href^="{address}/figures/{FIGURE}"]').count() >= 1

        page.goto("/docs")
        expect(page.locator("h1")).to_be_visible()


def test_copying(window: Window) -> None:
    """The button beside a citation puts it on the clipboard."""
    with window(permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"/figures/{FIGURE}")
        page.locator("#cite button.copy").first.click()
        expect(page.locator("#cite button.copy").first).to_have_text("Copied")
        assert "Upheld" in page.evaluate("navigator.clipboard.readText()")


def test_blank_fields_are_left_out(window: Window, address: str) -> None:
    """A form that is sent as it stands is the page of everything, and its address can be shared."""
    with window() as page:
        page.goto("/")
        page.locator("form#filters button[type=submit]").click()
        expect(page).to_have_url(re.compile(rf"^{address}/\??$"))
        expect(page.locator("article.figure").first).to_be_visible()


def test_a_mistake_in_the_form(window: Window) -> None:
    """Who mistypes a period is told so beside the form, with what was typed still in it."""
    with window() as page:
        page.goto("/")
        page.locator("form#filters [name=period]").fill("2020-21")
        page.locator("form#filters button[type=submit]").click()
        expect(page.locator("form#filters [name=period]")).to_have_value("2020-21")
        expect(page.locator("main")).to_contain_text("FY2020-21")


def test_from_a_name_that_is_almost_right(window: Window, address: str) -> None:
    """Who mistypes an address is led to the figure that was meant."""
    with window() as page:
        page.goto(f"/figures/{FIGURE[:-1]}")
        page.locator("main a", has_text=FIGURE).first.click()
        expect(page).to_have_url(f"{address}/figures/{FIGURE}")
        assert "119" in page.locator("h1").inner_text()

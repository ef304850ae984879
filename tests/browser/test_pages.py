"""What holds for every page: who can read it, on what, and what it loads."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from tests.browser.pages import PAGES, REFUSED
from tests.browser.windows import Window
from tests.npm import install, run, script

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
HTML = {"Accept": "text/html"}
MOST_BYTES = 100_000
"""A page with all that it loads, uncompressed. `/docs` is apart: Swagger UI alone is more."""

RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
"""All of axe's rules, and the size of what is tapped (WCAG 2.2), which it leaves out unless asked."""

every_page = pytest.mark.parametrize("name", PAGES)


class Seen(NamedTuple):
    """A page that is open, and what it loaded."""

    name: str
    page: Page
    loaded: list[Response]


@pytest.fixture(scope="module", params=PAGES)
def seen(request: pytest.FixtureRequest, window: Window) -> Iterator[Seen]:
    """Yield each page as a phone shows it, opened once for all that is looked at."""
    with window(viewport=PHONE, is_mobile=True, has_touch=True) as page:
        loaded: list[Response] = []
        page.on("response", lambda answer: loaded.append(answer))  # noqa: PLW0108 - it takes no method of a list
        yield Seen(request.param, opened(page, request.param), loaded)


def opened(page: Page, name: str) -> Page:
    """Return a page once everything on it is there."""
    answer = page.goto(PAGES[name])
    assert answer is not None
    assert answer.status == REFUSED.get(name, 200)
    if name == "docs":
        page.wait_for_selector(".opblock")
    return page


def violations(page: Page, context: Mapping[str, Any] | None = None) -> list[str]:
    """Return what axe finds wrong, one line for each element."""
    found = Axe().run(page, context, RULES).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['html'][:160]}"
        for one in found
        for node in one["nodes"]
    ]


def test_everyone_can_read_it(seen: Seen) -> None:
    """Axe finds nothing that keeps anyone out, however slight."""
    assert violations(seen.page) == []


@every_page
def test_everyone_can_read_it_in_the_dark(window: Window, name: str) -> None:
    """Nor does it where a desk's screen is dark."""
    with window(color_scheme="dark", viewport=DESK) as page:
        assert violations(opened(page, name)) == []


def test_first_things(seen: Seen) -> None:
    """A page names its language, itself and what it is about; one heading leads, and none below skips a level."""
    page = seen.page
    assert page.locator("html").get_attribute("lang") == "en-GB"
    assert page.title().endswith(" · Upheld")
    description = page.locator("meta[name=description]").get_attribute("content") or ""
    assert 30 <= len(description) <= 400
    assert page.locator("meta[name=viewport]").get_attribute("content") == "width=device-width, initial-scale=1"
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", page.locator("body").inner_html())]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def test_titles_differ(address: str) -> None:
    """Each page has a title of its own, but for views of one page and for problems of one kind."""
    views = {"start-filtered", "start-empty", "start-refused", "figure-pinned", "embed"}
    problems = {"problem", "missing", "missing-figure"}
    titles = {
        name: re.findall(r"<title>(.*?)</title>", httpx.get(address + path, headers=HTML).text)
        for name, path in PAGES.items()
        if name not in views | problems
    }
    assert all(len(found) == 1 for found in titles.values())
    assert len({title for (title,) in titles.values()}) == len(titles)


def test_pictures_say_what_they_show(seen: Seen) -> None:
    """A drawing has a title and a description, or one line, or rows that say what they are, or is hidden."""
    for drawing in seen.page.locator("main svg:not(#explorer svg):not(svg svg)").all():
        if drawing.get_attribute("aria-hidden") == "true":
            continue
        if drawing.get_attribute("role") == "group":
            assert drawing.locator("> title").text_content()
            assert all(row.get_attribute("aria-label") for row in drawing.locator("a").all())
            continue
        assert drawing.get_attribute("role") == "img"
        if not drawing.get_attribute("aria-label"):
            assert drawing.locator("> title").text_content()
            assert drawing.locator("> desc").text_content()


def test_fits_a_phone(seen: Seen) -> None:
    """Nothing on a page of 360 pixels reaches beyond it."""
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_weight(seen: Seen) -> None:
    """A page and all that it loads stay small, with one stylesheet; Swagger UI, which is large, has one more."""
    kinds = [answer.request.resource_type for answer in seen.loaded]
    assert kinds.count("stylesheet") == 1 + (seen.name == "docs")
    own = [answer for answer in seen.loaded if not re.search("/swagger/|/openapi.json", answer.url)]
    sizes = {answer.url: len(answer.body()) for answer in own if answer.ok or answer.status in REFUSED.values()}
    assert sum(sizes.values()) < MOST_BYTES, sizes


@every_page
def test_without_scripts(window: Window, name: str) -> None:
    """A page says the same to a browser that runs no scripts; on `/docs` a list stands for the forms."""
    said = {}
    for scripts in (True, False):
        with window(java_script_enabled=scripts) as page:
            page.goto(PAGES[name])
            main = page.locator("main, body").first
            if name == "docs":
                for block in main.locator(".prose").all():
                    assert block.is_visible()
                assert scripts or "/v1/figures/{id}/tree" in main.inner_text()
                continue
            lines = main.inner_text().splitlines()
            said[scripts] = [line for line in lines if line.strip() and line.strip() != "Copy"]
    assert name == "docs" or (said[True] == said[False] and said[True])


def test_keyboard_reaches_the_content(page: Page) -> None:
    """The first stop of the tabulator leads past the navigation, and is seen when it is reached."""
    opened(page, "start")
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    box = link.bounding_box()
    assert (link.get_attribute("href"), box is not None and box["x"] >= 0) == ("#main", True)
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_html_is_valid(address: str, tmp_path: Path) -> None:
    """html-validate, by the rules of the HTML standard, finds nothing on any page."""
    install(Path(__file__).parent, tmp_path)
    (tmp_path / ".htmlvalidate.json").write_text('{"extends": ["html-validate:standard"]}')
    for name, path in PAGES.items():
        answer = httpx.get(address + path, headers=HTML, follow_redirects=True)
        assert answer.headers["content-type"] == "text/html; charset=utf-8", path
        (tmp_path / f"{name}.html").write_text(answer.text, "utf-8")
    files = sorted(tmp_path.glob("*.html"))
    assert len(files) == len(PAGES)
    run(script(tmp_path, "html-validate"), "--formatter=text", *files, folder=tmp_path)

"""Tests for every page: accessibility, layout, weight, and what works without scripts."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from app.web.documents import documents
from tests.browser.pages import PAGES, STATUSES, open_page
from tests.browser.windows import OpenWindow, Window
from tests.npm import install, run, script

PHONE: Any = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
DESKTOP: Any = {"width": 1280, "height": 900}
MAX_BYTES = 100_000
"""The maximum size of a page with everything it loads, uncompressed, except Swagger UI."""

AXE: Mapping[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
"""Options for axe: all rules, plus the size of touch targets (WCAG 2.2), which is off by default."""

VISUAL_RULES = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
"""The rules whose result depends on colours and layout as well as the document."""


class OpenPage(NamedTuple):
    """A page open on a phone."""

    name: str
    page: Page


@pytest.fixture(scope="module")
def phone(open_window: OpenWindow) -> Iterator[Window]:
    """Yield a phone-sized window."""
    with open_window(**PHONE) as window:
        yield window


@pytest.fixture(scope="module")
def phone_without_scripts(open_window: OpenWindow) -> Iterator[Window]:
    """Yield a phone-sized window that runs no scripts."""
    with open_window(**PHONE, java_script_enabled=False) as window:
        yield window


@pytest.fixture(scope="module", params=PAGES)
def opened(request: pytest.FixtureRequest, phone: Window) -> Iterator[OpenPage]:
    """Open each page once for all its tests, and check the window after them."""
    open_page(phone.page, request.param)
    yield OpenPage(request.param, phone.page)
    phone.check()


@pytest.fixture(scope="module")
def html(address: str) -> dict[str, str]:
    """Return the HTML of each page."""
    found = {}
    with httpx.Client(base_url=address, headers={"Accept": "text/html"}) as client:
        for name, path in PAGES.items():
            answer = client.get(path)
            assert answer.status_code == STATUSES.get(name, 200)
            assert answer.headers["content-type"] == "text/html; charset=utf-8", path
            found[name] = answer.text
    return found


def violations(page: Page, **options: Any) -> list[str]:  # noqa: ANN401 - options of axe
    """Return a line for each element that axe finds fault with."""
    found = Axe().run(page, options={**AXE, **options}).response["violations"]
    return [
        f"{rule['impact']} {rule['id']}: {node['target']} {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
    ]


def test_accessibility(opened: OpenPage) -> None:
    """Axe finds no faults, however minor."""
    assert violations(opened.page) == []


def test_accessibility_on_a_dark_desktop(opened: OpenPage) -> None:
    """Axe finds no faults in dark mode on a wide screen either."""
    page = opened.page
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(DESKTOP)
    try:
        assert violations(page, runOnly={"type": "rule", "values": VISUAL_RULES}) == []
    finally:
        page.set_viewport_size(PHONE["viewport"])
        page.emulate_media(color_scheme="light")


def test_metadata_and_headings(opened: OpenPage) -> None:
    """A page has a language, a title, a description and one h1, and its headings skip no level."""
    page = opened.page
    assert page.locator("html").get_attribute("lang") == "en-GB"
    assert page.title().endswith(" · Upheld")
    description = page.locator("meta[name=description]").get_attribute("content") or ""
    assert 30 <= len(description) <= 400
    assert page.locator("meta[name=viewport]").get_attribute("content") == "width=device-width, initial-scale=1"
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", page.locator("body").inner_html())]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def test_pictures_have_texts(opened: OpenPage) -> None:
    """A drawing has a title and a description, a label, or labelled rows, unless it's hidden."""
    for drawing in opened.page.locator("main svg:not(#explorer svg):not(svg svg)").all():
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


def test_layout_fits_a_phone(opened: OpenPage) -> None:
    """Nothing on a page is wider than 360 pixels."""
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


def test_weight(opened: OpenPage) -> None:
    """A page loads one stylesheet and little else; Swagger UI, which is large, has its own stylesheet."""
    assert opened.page.locator("link[rel=stylesheet]").count() == 1 + (opened.name == "docs")
    sizes: dict[str, int] = opened.page.evaluate(
        "() => Object.fromEntries([...performance.getEntriesByType('navigation'), "
        "...performance.getEntriesByType('resource')].map(entry => [entry.name, entry.decodedBodySize]))"
    )
    own = {url: size for url, size in sizes.items() if not re.search("/swagger/|/openapi.json", url)}
    assert len(own) >= 2
    assert all(own.values()), own
    assert sum(own.values()) < MAX_BYTES, own


def test_pages_work_without_scripts(opened: OpenPage, phone_without_scripts: Window) -> None:
    """A page has the same text without scripts, except that `/docs` lists the endpoints instead of the forms."""
    page = phone_without_scripts.page
    page.goto(PAGES[opened.name])
    if opened.name == "docs":
        assert all(block.is_visible() for block in page.locator("main .prose").all())
        assert "/v1/figures/{id}/tree" in page.locator("main").inner_text()
        return
    with_scripts, without = (
        [line for line in one.locator("main").inner_text().splitlines() if line.strip() not in {"", "Copy"}]
        for one in (opened.page, page)
    )
    assert without == with_scripts != []


def test_keyboard_reaches_the_content(open_window: OpenWindow) -> None:
    """The first Tab stop is a visible link that skips the navigation."""
    with open_window(viewport=DESKTOP) as window:
        page = window.page
        open_page(page, "start")
        page.keyboard.press("Tab")
        link = page.locator(":focus")
        box = link.bounding_box()
        assert (link.get_attribute("href"), box is not None and box["x"] >= 0) == ("#main", True)
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")


def test_titles_differ(html: dict[str, str]) -> None:
    """Each page has its own title, except for views of the same page and problems of the same type."""
    views = {
        "start-table",
        "start-filtered",
        "start-wider",
        "start-empty",
        "start-refused",
        "figure-pinned",
        "embed",
    }
    views |= {"forces-search", "coverage-all", "embed-incident", "embed-compare", "start-search", "compare-search"}
    problems = {"problem", "missing", "missing-figure", "missing-force"}
    titles = [
        re.findall(r"<title>(.*?)</title>", text.partition("</head>")[0])
        for name, text in html.items()
        if name not in views | problems
    ]
    assert all(len(found) == 1 for found in titles)
    assert len({title for (title,) in titles}) == len(titles)


def test_html_is_valid(html: dict[str, str], tmp_path: Path) -> None:
    """The html-validate checker finds no errors under the HTML standard's rules."""
    install(Path(__file__).parent, tmp_path)
    (tmp_path / ".htmlvalidate.json").write_text('{"extends": ["html-validate:standard"]}')
    for name, text in html.items():
        (tmp_path / f"{name}.html").write_text(text, "utf-8")
    files = sorted(tmp_path.glob("*.html"))
    run(script(tmp_path, "html-validate"), "--formatter=text", *files, folder=tmp_path)


def test_the_guide_is_short(phone: Window) -> None:
    """Each guide page fits in eight phone screens while its sections are folded."""
    page = phone.page
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        for name in documents():
            page.goto(f"/guide/{name}")
            assert page.evaluate("document.documentElement.scrollHeight") <= 8 * 844, name
    finally:
        page.set_viewport_size(PHONE["viewport"])


def test_a_link_unfolds_its_section(phone: Window) -> None:
    """A section of a long page stays folded until a link leads to it or to a heading inside it."""
    page = phone.page
    for anchor, text in (("rates", "What has no rate"), ("legal-meanings", "S.I. 2020/4")):
        page.goto("/guide/methodology")
        section = page.locator("details.fold", has=page.locator(f"[id='{anchor}']"))
        assert section.get_attribute("open") is None
        page.goto(f"/guide/methodology#{anchor}")
        page.wait_for_function("anchor => document.getElementById(anchor).closest('details').open", arg=anchor)
        assert text in section.inner_text()


@pytest.mark.parametrize("name", ["figure", "figure-undated", "figure-not-disclosed", "incident"])
def test_a_record_prints_on_one_page(open_window: OpenWindow, name: str) -> None:
    """A record with its evidence and citation prints on a single A4 sheet."""
    with open_window() as window:
        open_page(window.page, name)
        assert len(re.findall(rb"/Type\s*/Page\b", window.page.pdf(format="A4"))) == 1

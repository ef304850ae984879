"""Markup in records and in queries stays text in a real browser."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import pytest
from playwright.sync_api import Browser

from app.database.owner import write_engine
from app.domain.dataset import Dataset
from tests import made
from tests.api import running_api
from tests.browser.pages import FIGURE, INCIDENT, OTHER
from tests.browser.windows import Window, opened_window
from tests.made import load
from tests.postgresql import migrate, new_database
from tests.real_seeds import real_seeds

MARK = "injected"
HOSTILE = (
    f"\"'><b class={MARK} onmouseover=alert(1)>&amp;{{{{7*7}}}}</b><img class={MARK} src=x onerror=alert(2)>"
    f"</title></textarea></script></style></svg>]]><script class={MARK}>document.title='{MARK}'</script><!--"
)
"""Markup that closes any enclosing element and, if parsed as markup, leaves elements of the class MARK."""

TEXTS = {"statement", "notes", "note", "label", "title", "publisher", "name", "definition", "as_printed"}
"""Every free-text field in the dataset."""

PATHS = [
    "/",
    "/?force=metropolitan",
    f"/figures/{FIGURE}",
    f"/incidents/{INCIDENT}",
    "/compare?q=misconduct",
    "/forces/metropolitan",
    "/topics/sexual-misconduct",
    "/sources/wrp-2021-10",
    "/coverage",
    f"/compare?a={FIGURE}&b={OTHER}",
    f"/embed/figures/{FIGURE}",
]
HOSTILE_PATHS = [
    f"{start}{quote(HOSTILE)}" for start in ("/?force=", "/?period=", "/?", "/compare?a=", "/figures/", "/guide/")
]


def with_markup(value: Any, field: str = "") -> Any:  # noqa: ANN401 - any part of a dataset
    """Return part of a dataset with markup in every free text."""
    if isinstance(value, dict):
        return {key: with_markup(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [with_markup(item, field) for item in value]
    if isinstance(value, str) and field == "url":
        return f"{value}#{quote(MARK)}\"><script>document.title='{MARK}'</script>".replace(" ", "")
    return f"{value} {HOSTILE}" if isinstance(value, str) and field in TEXTS else value


@pytest.fixture(scope="module")
def hostile(browser: Browser, server: str) -> Iterator[str]:  # noqa: ARG001 - start no server without a browser
    """Yield the address of a server over the project's seeds with markup in every text."""
    real = real_seeds().dataset
    dataset = Dataset.model_validate(with_markup(real.model_dump(mode="json", by_alias=True)))
    assert all(HOSTILE in record.statement for record in dataset.records)
    with new_database(server) as database:
        engine = write_engine(database)
        migrate(engine)
        load(engine, dataset, made.release("1.0.0", dataset))
        engine.dispose()
        with running_api(database) as address:
            yield address


@pytest.fixture(scope="module", params=[False, True], ids=["with-policy", "without-policy"])
def window(request: pytest.FixtureRequest, browser: Browser, hostile: str) -> Iterator[Window]:
    """Yield a window that obeys the content security policy, then one that doesn't, where only escaping helps."""
    with opened_window(browser, hostile, bypass_csp=request.param) as window:
        yield window


@pytest.mark.parametrize("path", [*PATHS, *HOSTILE_PATHS])
def test_markup_stays_text(window: Window, path: str) -> None:
    """Nothing in a text becomes an element or runs, and the text stays readable."""
    page = window.page
    page.goto(path)
    assert page.locator(f".{MARK}").count() == 0
    assert page.title() != MARK
    assert page.locator("script:not([src]):not([type='application/ld+json'])").count() == 0
    if path in PATHS:
        assert HOSTILE in page.locator("body").inner_text()
    for block in page.locator("script[type='application/ld+json']").all():
        assert json.loads(block.text_content() or "")["@context"]
    window.check()


@pytest.mark.parametrize("path", [f"/figures/{FIGURE}/tree.svg", "/timeline.svg"])
def test_chart_files_are_well_formed(hostile: str, path: str) -> None:
    """A chart saved as a file is valid XML, with the markup as text."""
    answer = httpx.get(hostile + path)
    assert answer.status_code == 200
    chart = ET.fromstring(answer.text)  # noqa: S314 - our own
    assert not chart.findall(f".//*[@class='{MARK}']")

"""Records that try to be more than text: whatever a curator writes, and whoever wrote it, pages show it as text."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import pytest
from playwright.sync_api import Browser

from app.database.loader import load
from app.database.owner import migrate, write_engine
from app.domain.dataset import Dataset
from app.seeds.reading import read
from app.settings import PROJECT
from tests import made
from tests.api import running_api
from tests.browser.pages import FIGURE, INCIDENT, OTHER
from tests.browser.windows import Window
from tests.postgresql import new_database

MARK = "struck"
HOSTILE = (
    f"\"'><b class={MARK} onmouseover=alert(1)>&amp;{{{{7*7}}}}</b><img class={MARK} src=x onerror=alert(2)>"
    f"</title></textarea></script></style></svg>]]><script class={MARK}>document.title='{MARK}'</script><!--"
)
"""Closes whatever it may stand in, and leaves its mark wherever it is taken for markup."""

TEXTS = {"statement", "notes", "note", "label", "title", "publisher", "name", "definition", "as_printed"}
"""Every field of the dataset that holds free text."""

PATHS = [
    "/",
    "/?force=metropolitan",
    f"/figures/{FIGURE}",
    f"/incidents/{INCIDENT}",
    "/compare",
    f"/compare?a={FIGURE}&b={OTHER}",
    f"/embed/figures/{FIGURE}",
]
ASKED = [
    f"{start}{quote(HOSTILE)}" for start in ("/?force=", "/?period=", "/?", "/compare?a=", "/figures/", "/guide/")
]
"""Addresses that bring it along themselves."""


def spoiled(value: Any, name: str = "") -> Any:  # noqa: ANN401 - any part of a dataset
    """Return a part of the dataset with markup in every free text."""
    if isinstance(value, dict):
        return {key: spoiled(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [spoiled(item, name) for item in value]
    if isinstance(value, str) and name == "url":
        return f"{value}#{quote(MARK)}\"><script>document.title='{MARK}'</script>".replace(" ", "")
    return f"{value} {HOSTILE}" if isinstance(value, str) and name in TEXTS else value


@pytest.fixture(scope="module")
def hostile(browser: Browser, server: str) -> Iterator[str]:  # noqa: ARG001 - no server where there is no browser
    """Yield the address of a server over the project's seeds with markup in every text."""
    real, _ = read(PROJECT / "seeds")
    dataset = Dataset.model_validate(spoiled(real.model_dump(mode="json", by_alias=True)))
    assert all(HOSTILE in record.statement for record in dataset.records)
    with new_database(server) as database:
        engine = write_engine(database)
        migrate(engine)
        load(engine, dataset, made.release("1.0.0", dataset))
        engine.dispose()
        with running_api(database) as address:
            yield address


@pytest.mark.parametrize("bypass", [True, False], ids=["without-policy", "with-policy"])
@pytest.mark.parametrize("path", [*PATHS, *ASKED])
def test_markup_stays_text(window: Window, hostile: str, path: str, bypass: bool) -> None:  # noqa: FBT001 - a parameter
    """Nothing of it becomes an element or runs, by escaping alone and under the page's policy; it can be read."""
    with window(base_url=hostile, bypass_csp=bypass) as page:
        page.goto(path)
        assert page.locator(f".{MARK}").count() == 0
        assert page.title() != MARK
        assert page.locator("script:not([src]):not([type='application/ld+json'])").count() == 0
        if path in PATHS:
            assert HOSTILE in page.locator("body").inner_text()
        for block in page.locator("script[type='application/ld+json']").all():
            assert json.loads(block.text_content() or "")["@context"]


def test_drawings_are_well_formed(hostile: str) -> None:
    """A drawing as a file is XML, with the markup as text in it."""
    for path in (f"/figures/{FIGURE}/tree.svg", "/timeline.svg"):
        answer = httpx.get(hostile + path)
        assert answer.status_code == 200, path
        drawing = ET.fromstring(answer.text)  # noqa: S314 - our own server's
        assert not drawing.findall(f".//*[@class='{MARK}']")

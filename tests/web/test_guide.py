import re
from html import unescape

import pytest
from httpx import AsyncClient

from app.web import documents
from tests.web.html import BROWSER

pytestmark = pytest.mark.anyio

NAMES = list(documents.documents())


@pytest.mark.parametrize("name", NAMES)
async def test_pages(client: AsyncClient, name: str) -> None:
    """A page has one title, contents with existing anchors, and an entry in the list of pages."""
    page = await client.get(f"/guide/{name}")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert len(re.findall(r"<h1[ >]", page.text)) == 1
    ids = re.findall(r'\sid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page.text)) <= set(ids)
    listing = await client.get("/guide")
    assert f'href="/guide/{name}"' in listing.text
    assert documents.documents()[name].title in unescape(listing.text)


@pytest.mark.parametrize("name", ["methodolgy", "../README", "%2e%2e/LICENSE", "<script>"])
async def test_unknown_pages(client: AsyncClient, name: str) -> None:
    """An unknown name is 404, as a problem for programs and as a page for browsers; no other file is read."""
    answer = await client.get(f"/guide/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    page = await client.get(f"/guide/{name}", headers=BROWSER)
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script>" not in page.text

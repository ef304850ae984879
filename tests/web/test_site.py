"""Sitemap and robots.txt, the page about the data, and the releases."""

import re
from xml.etree import ElementTree as ET

import pytest
from httpx import AsyncClient

from tests.api import PUBLIC
from tests.web.html import BROWSER, FIGURES, INCIDENTS, get_json, get_page

pytestmark = pytest.mark.anyio


async def test_sitemap(client: AsyncClient) -> None:
    """The sitemap has the page of every record, and every address in it works."""
    answer = await client.get("/sitemap.xml")
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    found = [element.text or "" for element in ET.fromstring(answer.text).iter() if element.tag.endswith("}loc")]  # noqa: S314 - our own
    assert len(set(found)) == len(found)
    expected = {f"{PUBLIC}/figures/{id_}" for id_ in FIGURES} | {f"{PUBLIC}/incidents/{id_}" for id_ in INCIDENTS}
    assert expected <= set(found)
    for address in found:
        page = await client.get(address, headers={"Accept": "text/html"})
        assert page.status_code == 200, address
        assert f'<link rel="canonical" href="{address}">' in page.text, address


async def test_navigation_is_in_the_sitemap(client: AsyncClient) -> None:
    """Every page that the navigation leads to is in the sitemap, so search engines find it."""
    sitemap = (await client.get("/sitemap.xml")).text
    page = (await client.get("/", headers=BROWSER)).text
    (navigation,) = re.findall(r'<nav aria-label="Site">(.*?)</nav>', page, re.DOTALL)
    for address in re.findall(r'href="(.*?)"', navigation):
        assert f"<loc>{PUBLIC}{address}</loc>" in sitemap, f"add {address} to PAGES in app/web/page.py"


async def test_robots(client: AsyncClient) -> None:
    """`robots.txt` names the sitemap, and doesn't exclude the whole site."""
    answer = await client.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"Sitemap: {PUBLIC}/sitemap.xml" in answer.text
    assert "Disallow: /\n" not in answer.text


async def test_about(client: AsyncClient) -> None:
    """The page has the licence, the citation, the downloads and how to report an error."""
    page = await get_page(client, "/about")
    dataset = await get_json(client, "/v1/dataset")
    assert dataset["citation"] in page.text
    assert {dataset["licence"], dataset["links"]["export"], dataset["links"]["csv"]} <= page.addresses
    assert {"/guide/methodology", "/guide/quoting", "/sources", "/coverage", "/releases"} <= page.addresses
    assert "open an issue" in page.text


async def test_releases(client: AsyncClient) -> None:
    """Every release is listed with its note, and has a page of its own."""
    page = await get_page(client, "/releases")
    for release in (await get_json(client, "/v1/releases"))["data"]:
        assert f"/releases/{release['version']}" in page.addresses
        assert release["note"] in page.text
        own = await get_page(client, f"/releases/{release['version']}")
        assert release["digest"] in own.text

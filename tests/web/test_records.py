import json
import re
from collections import Counter
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx import AsyncClient
from sqlalchemy import Engine

from app.releases.rendering import PUBLIC_ADDRESS
from tests.api import PUBLIC, client_of
from tests.made_releases import HISTORY, load_releases
from tests.postgresql import address_of
from tests.web.html import BROWSER, FIGURES, INCIDENTS, REMOVED, Html, get_json, get_page

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("record", FIGURES)
async def test_page_of_a_figure(client: AsyncClient, record: str) -> None:
    """A figure's page has the API's statement, evidence, possible denominators, notes and related figures."""
    figure = await get_json(client, f"/v1/figures/{record}")
    page = await get_page(client, figure["links"]["html"])
    assert figure["statement"] in page.text
    for evidence in figure["evidence"]:
        assert (evidence["sha256"] or "the curators didn't have this text") in page.text
    for note in figure["notes"]:
        assert note in page.text
    linked = {urlsplit(address).path for address in page.addresses}
    base = figure["base"] or {"candidates": [], "id": None}
    if len(base["candidates"]) > 1 or (base["candidates"] and base["id"] is None):
        assert {f"/figures/{one}" for one in base["candidates"]} <= linked
    assert {f"/figures/{one['id']}" for one in figure["related"] if one["id"] in FIGURES} <= linked
    assert len(page.all("h1")) == 1
    assert len(page.all_ids) == len(set(page.all_ids))


@pytest.mark.parametrize("record", [*FIGURES, *INCIDENTS])
async def test_citations_are_those_of_the_api(client: AsyncClient, record: str) -> None:
    """The citations on a page are those of the API, with public links."""
    resource = "figures" if record in FIGURES else "incidents"
    answer = await get_json(client, f"/v1/{resource}/{record}")
    page = await client.get(f"/{resource}/{record}", headers=BROWSER)
    assert PUBLIC_ADDRESS not in page.text

    def copied(name: str) -> str:
        found = re.search(rf'<(pre|p)\b[^>]* id="{name}"[^>]*>(.*?)</\1>', page.text, re.DOTALL)
        assert found is not None
        return unescape(found[2])

    assert re.sub(r"\s+", " ", copied("plain")) == answer["citation"]
    assert copied("bibtex").strip() == (await client.get(f"/v1/{resource}/{record}?format=bibtex")).text.strip()
    (item,) = json.loads(copied("csl"))
    assert item == (await get_json(client, f"/v1/{resource}/{record}?format=csl"))
    (described,) = [text for found, text in Html(page).all("script", type="application/ld+json")]
    linked = json.loads(described)
    assert linked["@id"] == item["URL"]
    assert linked["@id"].startswith(f"{PUBLIC}/{resource}/{record}?release=")
    assert linked.get("value") == answer.get("value")


@pytest.mark.parametrize("record", FIGURES)
async def test_tree_of_a_figure(client: AsyncClient, record: str) -> None:
    """The tree on the page has the figures of the API's tree, with the same nesting."""
    tree = await get_json(client, f"/v1/figures/{record}/tree")

    def below(node: dict[str, Any], depth: int) -> list[tuple[str, int]]:
        found = [(node["figure"]["id"], depth)]
        return found + [place for child in node["children"] for place in below(child, depth + 1)]

    expected = [(figure["id"], depth) for depth, figure in enumerate(tree["ancestors"])]
    expected += below(tree, len(tree["ancestors"]))
    page = await get_page(client, f"/figures/{record}")
    rows = [(found["class"], text) for found, text in page.all("li") if found.get("class", "").startswith("level-")]
    drawn = expected if len(expected) > 1 else []
    joined = sum(text.count("also stated as") for _, text in rows)
    levels = Counter(f"level-{min(depth, 5)}" for _, depth in drawn)
    assert len(rows) + joined == len(drawn)
    assert Counter(name.split()[0] for name, _ in rows) <= levels
    linked = {urlsplit(address).path for address in page.addresses}
    assert {f"/figures/{one}" for one, _ in expected if one != record} <= linked


@pytest.mark.parametrize("record", INCIDENTS)
async def test_page_of_an_incident(client: AsyncClient, record: str) -> None:
    """An incident's page has its statement, its evidence and its outcome."""
    incident = await get_json(client, f"/v1/incidents/{record}")
    page = await get_page(client, incident["links"]["html"])
    assert incident["statement"] in page.text
    assert (await get_json(client, incident["links"]["source"]))["publisher"] in page.all("p", class_="counted")[0][
        1
    ]
    assert all(evidence["sha256"] in page.text for evidence in incident["evidence"])
    assert ("This source does not say what came of it." in page.text) == (incident["outcome"] is None)
    assert ("This source does not mention a court" in page.text) == (incident["standing"] == "reported")


@pytest.mark.parametrize("path", [f"/figures/{REMOVED}", f"/incidents/{INCIDENTS[0]}"])
async def test_links_of_a_record(client: AsyncClient, path: str) -> None:
    """Every link on a record's page works, except those to sources, which aren't checked."""
    for pin in ("", "?release=1.0.0"):
        page = await get_page(client, f"{path}{pin}")
        alternates = [found["href"] for found, _ in page.all("link", rel="alternate")]
        for address in {*alternates, *page.addresses}:
            if address.startswith(("/", PUBLIC)):
                answer = await client.head(address.partition("#")[0], headers={"Accept": "*/*"})
                assert answer.status_code in {200, 307}, address


async def test_permalinks_show_what_was_cited(database: Engine) -> None:
    """A pinned page shows that release, says so, links to the current one, and keeps its links in the release."""
    load_releases(database, *HISTORY)
    async for client in client_of(address_of(database)):
        current, pinned = (
            await get_page(client, "/figures/one"),
            await get_page(client, "/figures/one?release=1.0.0"),
        )
        assert "You're reading release" not in current.text
        assert current.all("h1")[0][1] == "3 complaints"
        assert pinned.all("h1")[0][1] == "1 complaint"
        assert "You're reading release 1.0.0" in pinned.text
        assert pinned.links["See the current release"] == ["/figures/one"]
        history = current.text.partition("History")[2]
        assert "value from 1 to 3" in history
        assert "value from 1 to 3" not in pinned.text
        front = await get_page(client, "/?release=1.0.0&sort=id")
        assert front.ids("article", "figure") == ["one", "two"]
        assert front.links["See the current release"] == ["/?sort=id"]
        for text, addresses in front.links.items():
            if any(address.startswith("/figures/") for address in addresses):
                assert all("release=1.0.0" in address or address[0] == "#" for address in addresses), text
        compared = await get_page(client, "/compare?a=one&b=two&release=1.0.0")
        assert compared.links["See the current release"] == ["/compare?a=one&b=two"]
        offered = await get_page(client, "/compare?a=one&release=1.0.0")
        assert "/compare?a=one&b=two&release=1.0.0" in offered.addresses


async def test_missing_records(database: Engine) -> None:
    """Unknown, withdrawn and removed records have different statuses, as pages and as problems."""
    load_releases(database, *HISTORY)
    kept = [(version, [one for one in held if one.id != "three"]) for version, held in HISTORY]
    load_releases(database, *kept, gone=["three"])
    cases = [
        ("/figures/two", 410, "It was wrong."),
        ("/embed/figures/two", 410, "It was wrong."),
        ("/compare?a=one&b=two", 410, "It was wrong."),
        ("/compare?a=two", 410, "It was wrong."),
        ("/figures/three", 451, "By law."),
        ("/embed/figures/three", 451, "By law."),
        ("/figures/onw", 404, "one"),
        ("/incidents/one", 404, "another address"),
        ("/figures/two?release=9.9.9", 422, "/v1/releases lists them"),
    ]
    async for client in client_of(address_of(database)):
        for address, status, expected in cases:
            page = await get_page(client, address, status)
            assert expected in page.text, address
            problem = await client.get(address)
            assert problem.status_code == status
            assert "Accept" in problem.headers["vary"]
        for address, status in (("/figures/two/tree.svg", 410), ("/figures/three/tree.svg", 451)):
            file = await client.get(address)
            assert (file.status_code, file.headers["content-type"]) == (status, "application/problem+json")
        assert (await client.get(f"/oembed?url={PUBLIC}/figures/two")).status_code == 410
        assert (await client.get(f"/oembed?url={PUBLIC}/figures/two?release=1.0.0")).status_code == 200


@pytest.mark.parametrize("path", [f"/figures/{REMOVED}", f"/incidents/{INCIDENTS[0]}"])
async def test_permalinks_serve_programs(client: AsyncClient, path: str) -> None:
    """A request for JSON is redirected to the record in the API, in the same release."""
    answer = await client.get(f"{path}?release=1.0.0", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["vary"]) == (307, "Accept")
    assert answer.headers["location"] == f"/v1{path}?release=1.0.0"
    assert (await get_json(client, answer.headers["location"]))["id"] in path
    assert (await client.get(path, headers={"Accept": "image/png"})).status_code == 406

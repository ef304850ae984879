from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from httpx import AsyncClient

from app.web.compare import OFFERED
from tests import made
from tests.api import client_of
from tests.postgresql import database_of
from tests.web.html import BROWSER, FIGURES, REMOVED, get_json, get_page

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("query", "missing"), [("", "a"), (f"a={REMOVED}", "b"), (f"b={REMOVED}", "a")])
async def test_a_side_is_missing(client: AsyncClient, query: str, missing: str) -> None:
    """The page offers figures for the missing side and keeps the other one."""
    page = await get_page(client, f"/compare?{query}")
    offered = [dict(parse_qsl(urlsplit(address).query)) for address in page.addresses if "?" in address]
    assert {one[missing] for one in offered} == {figure for figure in FIGURES if figure not in query}
    assert all(set(parse_qsl(query)) <= set(one.items()) for one in offered)
    assert {found["value"] for found, _ in page.all("option")} == {"", *FIGURES}


async def test_blank_and_unknown_sides(client: AsyncClient) -> None:
    """A blank field redirects to the address without it; for an unknown figure the page makes a suggestion."""
    blank = await client.get(f"/compare?a={REMOVED}&b=", headers=BROWSER)
    assert (blank.status_code, blank.headers["location"]) == (302, f"/compare?a={REMOVED}")
    assert REMOVED in (await get_page(client, f"/compare?a={REMOVED[:-1]}", 404)).text


@pytest.mark.parametrize("a", FIGURES[::3])
async def test_same_verdicts_as_the_api(client: AsyncClient, a: str) -> None:
    """The page has the API's verdict, reasons and any difference."""
    verdicts = {
        "comparable": "You can compare these figures.",
        "with-care": "Compare these figures with care.",
        "not-comparable": "Don't compare these figures.",
    }
    for b in FIGURES:
        answer = await get_json(client, f"/v1/compare?a={a}&b={b}")
        page = await get_page(client, f"/compare?a={a}&b={b}")
        withheld = [one["message"] for one in answer["reasons"] if one["effect"] == "withholds"]
        is_told = answer["verdict"] == "with-care" and bool(withheld)
        expected = "These are the same figure." if a == b else verdicts[answer["verdict"]]
        if is_told:
            expected = "Put these figures side by side with care, but don't subtract or divide them."
        assert page.all("p", class_="verdict")[0][1] == expected
        assert ("Why there is no difference and no ratio" in page.text) == is_told
        assert not is_told or all(message in page.all("section", class_="notice")[0][1] for message in withheld)
        for side in ("a", "b"):
            assert all(note in page.text for note in answer[side]["notes"])
            disputes = [one for one in answer[side]["evidence"] if one["role"] == "disputes"]
            assert all(one["note"] in page.text for one in disputes)
        assert "Counted by" in page.text
        cells = " ".join(text for found, text in page.all("td"))
        assert not {id_ for id_ in FIGURES if id_ in cells or id_.replace("-", " ") in cells}
        assert len(page.all("tr")) == (len(answer["reasons"]) + 1 if answer["reasons"] else 0)
        assert ("Second minus first:" in page.text) == (answer["difference"] is not None)


@pytest.fixture(scope="module")
async def many(server: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client over more figures than a list offers."""
    records = [made.figure(f"f-{number}", statement=f"Number {number} in Kent.") for number in range(OFFERED + 1)]
    with database_of(server, records) as address:
        async for client in client_of(address):
            yield client


async def test_search_among_many(many: AsyncClient) -> None:
    """If there are too many figures to list, readers search for one side, then for the other."""
    page = await get_page(many, "/compare")
    assert page.all("select") == []
    assert not any("/compare?" in address for address in page.addresses)
    found = await get_page(many, "/compare?q=17+Kent")
    (first,) = [address for address in found.addresses if address.startswith("/compare?")]
    assert first == "/compare?a=f-17"
    chosen = await get_page(many, first)
    assert [one["value"] for one, _ in chosen.all("input", name="a")] == ["f-17"]
    found = await get_page(many, "/compare?a=f-17&q=23")
    assert "/compare?a=f-17&b=f-23" in found.addresses
    compared = await get_page(many, "/compare?a=f-17&b=f-23")
    assert compared.all("p", class_="verdict")
    assert "0 figures found" in (await get_page(many, "/compare?q=nothing")).text


async def test_forces_of_different_size(server: str) -> None:
    """With a difference between two forces, page and embed say that larger forces have more of everything."""
    people = {"unit": "person", "kind": "outcome", "subjects": ["officers"]}
    records = [
        made.figure("large", value=22, **people),
        made.figure("small", value=3, force="kent", **people),
        made.figure("earlier", value=20, period=made.days("2019-01-01", "2019-12-31"), **people),
    ]
    with database_of(server, records) as address:
        async for client in client_of(address):
            page = await get_page(client, "/compare?a=large&b=small")
            assert "Forces differ in size" in page.text
            assert "/rates?id=large&id=small" in page.addresses
            assert "Forces differ in size." in (await get_page(client, "/embed/compare?a=large&b=small")).text
            assert "differ in size" not in (await get_page(client, "/compare?a=large&b=earlier")).text

"""The pages for browsing: forces, sources, topics."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from app.domain.dataset import Source
from app.web.tables import ROWS
from tests import made
from tests.api import client_of
from tests.postgresql import database_of
from tests.web.html import BROWSER, INCIDENTS, REMOVED, get_json, get_page

pytestmark = pytest.mark.anyio

MANY = ROWS + 5


@pytest.fixture(scope="module")
async def made_up(server: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client over figures about Kent, more than a table shows, one of them withheld."""
    records = [made.figure(f"kent-{number}", force="kent", value=number) for number in range(MANY)]
    records.append(made.figure("kent-withheld", force="kent", value_status="withheld", unit="person"))
    records.append(made.figure("dorset-cases", force="dorset", unit="case"))
    with database_of(server, records) as address:
        async for client in client_of(address):
            yield client


async def test_every_force_is_there(client: AsyncClient) -> None:
    """The list has every force; a force without records has no number."""
    page = await get_page(client, "/forces")
    rows = [row for row, _ in page.all("td", class_="amount")]
    forces = (await get_json(client, "/v1/forces"))["data"]
    assert {f"/forces/{force['id']}" for force in forces} <= page.addresses
    assert len(rows) == sum(force["records"] > 0 for force in forces)
    assert " 0" not in page.text


async def test_search_for_a_force(client: AsyncClient) -> None:
    """Forces are found by part of their names, and finding nothing isn't an error."""
    page = await get_page(client, "/forces?q=wales")
    assert {"/forces/england-and-wales", "/forces/south-wales"} <= page.addresses
    assert "/forces/kent" not in page.addresses
    assert "0 of" in (await get_page(client, "/forces?q=atlantis")).text


@pytest.mark.parametrize(("path", "names"), [("/forces", ["q"]), ("/sources", ["q"])])
async def test_blank_searches(client: AsyncClient, path: str, names: list[str]) -> None:
    """A form sent blank redirects to the address without its fields."""
    answer = await client.get(f"{path}?{'&'.join(f'{name}=' for name in names)}", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (302, path)


@pytest.mark.parametrize("path", ["/forces", "/sources"])
@pytest.mark.parametrize("wanted", ["%00", "%E2%80%8B", "x" * 201])
async def test_searches_that_cannot_be_read(client: AsyncClient, path: str, wanted: str) -> None:
    """Pages refuse the searches that the API refuses."""
    assert (await client.get(f"{path}?q={wanted}", headers=BROWSER)).status_code == 422


async def test_a_force(client: AsyncClient) -> None:
    """A force's page has its figures and incidents, what isn't disclosed, and the area that includes it."""
    page = await get_page(client, "/forces/metropolitan")
    figures = (await get_json(client, "/v1/figures?force=metropolitan"))["data"]
    assert sorted(attributes["id"] for attributes, _ in page.all("tr") if "id" in attributes) == sorted(
        figure["id"] for figure in figures
    )
    assert "Not disclosed" in page.text
    assert "about all of England and Wales" in page.text
    assert f"/incidents/{INCIDENTS[-1]}" in page.addresses
    for name, address in (("area", "/forces/england-and-wales"), ("coverage", "/coverage?force=metropolitan")):
        assert address in page.addresses, name


async def test_a_force_without_a_record(client: AsyncClient) -> None:
    """The page says that nothing is recorded, never 0, and what is recorded for other forces."""
    page = await get_page(client, "/forces/kent")
    assert "There are no records about it yet. That isn't zero" in page.text
    assert "0 figures" not in page.text
    assert "Recorded for other forces, but not here" in page.text


async def test_a_table_without_a_row_of_a_force(server: str) -> None:
    """A force without records says which tables don't have it; one with records doesn't."""
    table = Source.model_validate({**made.SOURCE.model_dump(), "kind": "data-table", "title": "Everyone <counted>"})
    with database_of(server, [made.figure("kent", force="kent")], sources=[table]) as address:
        async for client in client_of(address):
            said = "The table Everyone <counted> (Nobody) has no row for it."
            assert said in (await get_page(client, "/forces/dorset")).text
            assert said not in (await get_page(client, "/forces/kent")).text
            assert said not in (await get_page(client, "/forces/england-and-wales")).text


async def test_a_force_with_many_figures(made_up: AsyncClient) -> None:
    """The table is short, with a link to all figures."""
    page = await get_page(made_up, "/forces/kent")
    rows = [attributes["id"] for attributes, _ in page.all("tr") if "id" in attributes]
    assert len(rows) == ROWS
    (address,) = page.links[f"All {MANY + 1} figures"]
    assert (await made_up.get(address, headers=BROWSER)).status_code == 200
    assert len((await made_up.get(page.links["CSV of these figures"][0])).text.splitlines()) == MANY + 2
    assert "Complaints (cases)" in page.text


async def test_a_source(client: AsyncClient) -> None:
    """A source's page has its origins, its digest and its figures."""
    source = await get_json(client, "/v1/sources/wrp-2021-10")
    page = await get_page(client, "/sources/wrp-2021-10")
    assert source["sha256"] in page.text
    for link in source["origin_chain"][:-1]:
        assert f"/sources/{link['id']}" in page.addresses
    figures = (await get_json(client, "/v1/figures?source=wrp-2021-10"))["data"]
    assert {f"/figures/{figure['id']}" for figure in figures} <= page.addresses


async def test_sources(client: AsyncClient) -> None:
    """Every source is listed and has a page; those that aren't held say so."""
    sources = (await get_json(client, "/v1/sources"))["data"]
    listed = await get_page(client, "/sources")
    for source in sources:
        assert f"/sources/{source['id']}" in listed.addresses
        page = await get_page(client, f"/sources/{source['id']}")
        assert ("didn't hold this text" in page.text) is (source["file"] is None)
    assert "/sources/wrp-2021-10" in (await get_page(client, "/sources?q=workers")).addresses


async def test_topics(client: AsyncClient) -> None:
    """Every allegation is listed, with the records about it and those below it."""
    listed = await get_page(client, "/topics")
    codes = (await get_json(client, "/v1/codes"))["allegation"]
    assert {f"/topics/{code['id']}" for code in codes} <= listed.addresses
    page = await get_page(client, "/topics/sexual-misconduct")
    figures = (await get_json(client, "/v1/figures?allegation=sexual-misconduct"))["data"]
    assert {f"/figures/{figure['id']}" for figure in figures} <= page.addresses
    assert {"/topics/any", "/topics/rape", "/topics/abuse-of-position-for-sexual-purpose"} - page.addresses == {
        "/topics/rape"
    }
    assert "/?force=metropolitan&allegation=sexual-misconduct" in page.addresses


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("/forces/metropolitian", "/forces/metropolitan"),
        ("/forces/met", "/forces/metropolitan"),
        ("/forces/wales", "/forces/south-wales"),
        ("/forces/Greater-Manchester-Police", "/forces/greater-manchester"),
        ("/sources/wrp-2021", "/sources/wrp-2021-10"),
        ("/topics/sexual-missconduct", "/topics/sexual-misconduct"),
        ("/releases/1.0", "/releases/1.0.0"),
    ],
)
async def test_suggestions(client: AsyncClient, wrong: str, right: str) -> None:
    """The 404 page for a name that is almost right, or only part of one, links to the right one."""
    page = await get_page(client, wrong, 404)
    assert right in page.addresses


@pytest.mark.parametrize("address", ["/forces/metropolitan", "/sources/wrp-2021-10", "/topics/any", "/coverage"])
async def test_pinned_links(client: AsyncClient, address: str) -> None:
    """Links to figures, forces, sources and topics stay in the pinned release."""
    page = await get_page(client, f"{address}?release=1.0.0")
    leaving = [
        there
        for text, addresses in page.links.items()
        for there in addresses
        if text != "See the current release"
        and there.startswith(("/figures/", "/forces/", "/sources/", "/topics/", "/incidents/"))
        and "release=1.0.0" not in there
    ]
    assert leaving == []


async def test_figures_lead_to_their_force_source_and_topic(client: AsyncClient) -> None:
    """A figure's page and its card link to the pages of its force, its source and its topic."""
    figure = await get_json(client, f"/v1/figures/{REMOVED}")
    there = {
        f"/forces/{figure['force']['id']}",
        f"/topics/{figure['allegation']}",
        f"/sources/{figure['evidence'][0]['source']}",
    }
    assert there <= (await get_page(client, f"/figures/{REMOVED}")).addresses
    assert there <= (await get_page(client, "/?force=metropolitan")).addresses

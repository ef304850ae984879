"""`q`: searching records, forces, sources and codes."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from httpx import AsyncClient

from app.domain.records import Record
from tests import made
from tests.api import client_of
from tests.postgresql import database_of

pytestmark = pytest.mark.anyio

RECORDS: list[Record] = [
    made.figure("sacked", kind="outcome", outcome="dismissed", statement="Four officers lost their jobs."),
    made.figure("jailed", kind="outcome", outcome="imprisoned", force="kent", statement="Two went behind bars."),
    made.figure("said", statement="Someone was dismissed."),
    made.figure("noted", statement="Nothing to see.", notes=["Those dismissed are left out."]),
    made.figure("men", statement="One of them.", breakdown={"sex": "male"}, unit="person", force="surrey"),
    made.incident("vigil", allegation="protest-policing", statement="A gathering was broken up."),
    *(made.figure(f"same-{number}", statement="The same words here.", value=number) for number in range(7)),
]


@pytest.fixture(scope="module")
def database(server: str) -> Iterator[str]:
    """Yield the address of a database with `RECORDS`."""
    with database_of(server, RECORDS) as address:
        yield address


@pytest.fixture(scope="module")
async def api(database: str, anyio_backend: str) -> Any:  # noqa: ANN401, ARG001 - an iterator; pytest's way
    """Yield a client of the API over `RECORDS`."""
    async for client in client_of(database):
        yield client


async def get(api: AsyncClient, path: str, **query: str) -> dict[str, Any]:
    """Return the answer from an address that must succeed."""
    answer = await api.get(f"/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ids(api: AsyncClient, path: str, **query: str) -> list[str]:
    """Return the ids of a list, in its order."""
    return [one["id"] for one in (await get(api, path, **query))["data"]]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("gathering", {"vigil"}),
        ("gatherings", {"vigil"}),
        ("GATHERING", {"vigil"}),
        ("lost job", {"sacked"}),
        ("job lost", {"sacked"}),
        ('"job lost"', set()),
        ('"lost their jobs"', {"sacked"}),
        ("\u201clost their jobs\u201d", {"sacked"}),
        ("sacking", {"sacked"}),
        ("kent police", {"jailed"}),
        ("prison", {"jailed"}),
        ("criminal sanction", {"jailed"}),
        ("jailed met", set()),
        ("sacked met", {"sacked"}),
        ("demonstrations", {"vigil"}),
        ("men", {"men"}),
        ("surrey or kent", {"men", "jailed"}),
        ("dismissed -someone", {"sacked", "noted"}),
        ("the", set()),
        ("!!! & | ( ' \\", set()),
        ("no-such-word-anywhere", set()),
    ],
)
async def test_what_is_found(api: AsyncClient, q: str, found: set[str]) -> None:
    """Stems, aliases, wider codes, forces and phrases find records; every word must match."""
    both = {*await ids(api, "figures", q=q), *await ids(api, "incidents", q=q)}
    assert both == found


async def test_titles_and_publishers_find_records(api: AsyncClient) -> None:
    """A source's title and publisher find the records it states."""
    assert set(await ids(api, "figures", q="nobody made-up article")) == {
        record.id for record in RECORDS if record.kind != "incident"
    }


async def test_the_most_relevant_comes_first(api: AsyncClient) -> None:
    """A statement counts more than a label, and a label more than a note; ties are sorted by id."""
    assert await ids(api, "figures", q="dismissed") == ["said", "sacked", "noted"]
    assert await ids(api, "figures", q="dismissed", sort="relevance") == ["said", "sacked", "noted"]
    assert await ids(api, "figures", q="same words") == [f"same-{number}" for number in range(7)]
    assert (await get(api, "figures", q="dismissed"))["meta"]["query"]["sort"] == "relevance"


async def test_other_orders_and_filters(api: AsyncClient) -> None:
    """A search can be combined with every filter and every order."""
    assert await ids(api, "figures", q="same words", sort="-value") == [f"same-{n}" for n in range(6, -1, -1)]
    assert await ids(api, "outcomes", q="dismissed") == ["sacked"]
    assert await ids(api, "figures", q="police", force="kent") == ["jailed"]
    assert await ids(api, "figures", q="police", period="1999") == []
    answer = await get(api, "figures", q="no-such-word")
    assert [warning["code"] for warning in answer["warnings"]] == ["no-records"]
    assert answer["meta"]["total"] == 0


@pytest.mark.parametrize("sort", [None, "relevance", "-value", "id", "-id"])
async def test_a_walk_has_every_record_once(api: AsyncClient, sort: str | None) -> None:
    """Across pages, the records are those of the whole list, in its order."""
    query = {"q": "met police", **({"sort": sort} if sort else {})}
    whole = await ids(api, "figures", **query)
    assert len(whole) == 10
    walked: list[str] = []
    answer = await get(api, "figures", **query, limit="2")
    while True:
        walked += [one["id"] for one in answer["data"]]
        if answer["links"]["next"] is None:
            break
        answer = (await api.get(answer["links"]["next"])).json()
    assert walked == whole


async def test_a_cursor_belongs_to_its_search(api: AsyncClient) -> None:
    """A cursor of another search or another order is refused."""
    answer = await get(api, "figures", q="met police", limit="2")
    cursor = answer["links"]["next"].partition("cursor=")[2]
    for other in ("q=surrey", "q=met+police&sort=-period", "q=met+police&sort=id", "sort=id"):
        refused = await api.get(f"/v1/figures?{other}&cursor={cursor}")
        assert [error["code"] for error in refused.json()["errors"]] == ["foreign-cursor"], other


async def test_formats_have_the_same_rows(api: AsyncClient) -> None:
    """CSV and JSON Lines have the same records as JSON, in order of relevance."""
    expected = await ids(api, "figures", q="dismissed")
    lines = (await api.get("/v1/figures?q=dismissed&format=jsonl")).text.splitlines()
    assert [orjson.loads(line)["id"] for line in lines] == expected
    cells = csv.DictReader(io.StringIO((await api.get("/v1/figures?q=dismissed&format=csv")).text))
    assert [row["id"] for row in cells] == expected


async def test_total_coverage_and_series(api: AsyncClient) -> None:
    """Totals, coverage and series accept a search too."""
    assert (await get(api, "total", q="kent"))["figures"] == ["jailed"]
    assert {cell["force"] for cell in (await get(api, "coverage", q="kent", state="stated"))["data"]} == {"kent"}
    (line,) = (await get(api, "series", q="kent"))["data"]
    assert line["force"] == "kent"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("q=", "empty"),
        ("q=%20%20", "empty"),
        ("q=%00", "malformed"),
        ("q=met%0Asacked", "malformed"),
        ("q=%FF", "malformed"),
        ("q=met%E2%80%AEsacked", "malformed"),
        (f"q={'x' * 201}", "out-of-range"),
        ("q=a&q=b", "repeated"),
    ],
)
@pytest.mark.parametrize(
    "path", ["figures", "incidents", "total", "coverage", "series", "forces", "sources", "codes"]
)
async def test_searches_that_are_refused(api: AsyncClient, path: str, query: str, code: str) -> None:
    """A search must be one text of at most 200 visible characters that isn't blank."""
    answer = await api.get(f"/v1/{path}?{query}")
    assert answer.status_code == 422, answer.text
    assert [(error["parameter"], error["code"]) for error in answer.json()["errors"]] == [("q", code)]


@pytest.mark.parametrize("path", ["figures", "incidents", "forces", "sources"])
async def test_relevance_needs_a_search(api: AsyncClient, path: str) -> None:
    """Without a search, sorting by relevance is refused."""
    (error,) = (await api.get(f"/v1/{path}?sort=relevance")).json()["errors"]
    assert (error["parameter"], error["code"], error["nearest"]) == ("sort", "not-applicable", ["q"])


@pytest.mark.parametrize(
    "q",
    ["'", "a' OR 1=1 --", "(", "a & b", ":*", "\\", "%", "\u00e9\u00e8", "\U0001f600", "a" * 200, "-", '"', "<->"],
)
@pytest.mark.parametrize("path", ["figures", "forces", "codes"])
async def test_no_search_breaks_anything(api: AsyncClient, path: str, q: str) -> None:
    """Any search text gets an answer."""
    assert await get(api, path, q=q)


async def test_forces_are_found(api: AsyncClient) -> None:
    """Forces are found by name and alias, the most relevant first."""
    assert await ids(api, "forces", q="met") == ["metropolitan"]
    assert await ids(api, "forces", q="GMP") == ["greater-manchester"]
    assert set(await ids(api, "forces", q="yorkshire")) == {"north-yorkshire", "south-yorkshire", "west-yorkshire"}
    assert await ids(api, "forces", q="yorkshire", sort="id") == [
        "north-yorkshire",
        "south-yorkshire",
        "west-yorkshire",
    ]
    answer = await get(api, "forces", q="yorkshire")
    assert (answer["meta"]["total"], answer["meta"]["query"]) == (3, {"q": "yorkshire"})
    rows = csv.DictReader(io.StringIO((await api.get(answer["links"]["csv"])).text))
    assert {row["id"] for row in rows} == {"north-yorkshire", "south-yorkshire", "west-yorkshire"}


async def test_sources_are_found(client: AsyncClient) -> None:
    """Sources are found by publisher and title."""
    assert await ids(client, "sources", q="workers revolutionary") == ["wrp-2021-10"]
    assert await ids(client, "sources", q="nothing of the sort") == []


async def test_codes_are_found(api: AsyncClient) -> None:
    """Codes are found by label, alias and definition, in every list; lists without a match are empty."""
    answer = await get(api, "codes", q="sacked")
    assert [code["id"] for code in answer["outcome"]] == ["dismissed"]
    assert answer["allegation"] == answer["unit"] == []
    found = await get(api, "codes", q="whistle-blower or refused")
    assert isinstance(found["value_status"], list)
    assert set(answer) == set(await get(api, "codes"))

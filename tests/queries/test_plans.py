"""PostgreSQL reads a page in order, and little more than the page, however many records there are.

The plans are those of the statements that the API itself sends, on a dataset large enough for PostgreSQL to have a
choice.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, NamedTuple

import asyncpg
import orjson
import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from app.database.owner import write_engine
from app.main import served
from app.queries.cursor import Cursor
from app.queries.parameters import COMPLAINTS, OUTCOMES, PROCEEDINGS
from app.queries.parameters import FIGURES as FIGURE_LIST
from app.queries.parameters import INCIDENTS as INCIDENT_LIST
from app.queries.query import fingerprint, read_pairs
from bench.synth import dataset_of, release_of
from tests.api import PUBLIC, app_over
from tests.made import load
from tests.postgresql import migrate, new_database
from tests.statements import record_statements

FIGURES = 50_000
PAGE = 50
MOST_BUFFERS = 275
"""The 8 KB buffers that a page of 50 records may use, from disk or from memory."""

MOST_BUFFERS_OF_TOTALS = 2_000
"""The same for totals: a good part of an index, if the filter selects a good part of the records."""

HALF = FIGURES // 2
"""A position far into every list that has positions."""

pytestmark = pytest.mark.anyio


class Exempt(NamedTuple):
    """A query that costs more than it should: its limit, and why that is accepted."""

    buffers: int
    reason: str


FILTERS = (
    "complaints",
    "proceedings",
    "outcomes",
    "incidents",
    "figures",
    "figures?id=synthetic-0000007-1&id=synthetic-0000003-2",
    "figures?kind=outcome",
    "figures?force=metropolitan",
    "figures?force=england-and-wales&force_scope=members",
    "figures?force=kent&force_scope=areas",
    "figures?period=2010",
    "figures?period=2010&period_match=within",
    "figures?period=2010-05&period_match=covers",
    "figures?period=2010&include_undated=true",
    "figures?period=../2010",
    "figures?period=2010/..",
    "figures?allegation=any",
    "figures?allegation=rape",
    "figures?allegation=sexual-misconduct",
    "figures?stage=misconduct-proceedings",
    "figures?stage=criminal-prosecution",
    "figures?outcome=upheld",
    "figures?outcome=imprisoned",
    "figures?outcome=criminal-sanction",
    "complaints?outcome=upheld",
    "complaints?outcome=imprisoned",
    "proceedings?outcome=left-police-service",
    "complaints?outcome=upheld&outcome=imprisoned",
    "incidents?outcome=dismissed",
    "figures?unit=allegation",
    "figures?subjects=pcsos",
    "figures?value_type=rate",
    "figures?value_status=withheld",
    "incidents?standing=convicted",
    "figures?source=synthetic-source-007",
    "incidents?source=synthetic-source-007",
    "figures?source_kind=news-article",
    "figures?q=northumbria&sort=-period",
)
"""Every filter by itself, narrow and wide."""

SORTS = tuple(
    f"{resource}?sort={sort}"
    for resource in ("figures", "complaints", "incidents")
    for sort in ("-period", "period", "-value", "value", "id", "-id")
    if resource != "incidents" or "value" not in sort
)

TOGETHER = (
    "figures?force=kent&period=2010",
    "figures?force=kent&outcome=upheld",
    "complaints?force=kent&outcome=upheld",
    "figures?outcome=upheld&period=2010",
    "complaints?outcome=upheld&period=2010",
    "proceedings?outcome=imprisoned&period=2010",
    "figures?force=kent&period=2010&outcome=upheld",
    "complaints?force=kent&period=2010&outcome=upheld",
    "figures?kind=outcome&force=kent",
    "complaints?force=kent",
    "figures?allegation=rape&period=2010",
    "complaints?allegation=sexual-misconduct&period=2010/2012",
    "figures?source=synthetic-source-007&period=2010",
)
"""Filters that are most often used together."""

MEND = (
    "give the table in app/database/tables.py an index on the release, the filter's column and the place in the "
    "list's order (if the filter is a range, the place and then the column), or exempt the query and say why"
)

EXEMPT: Mapping[str, Exempt] = {
    "figures?q=northumbria&sort=-period": Exempt(1_500, "what a search finds is looked up and put in order"),
    "complaints?force=kent&outcome=upheld": Exempt(
        300, "51 look-ups by id of four buffers each, and the other forces' complaints are passed over in the index"
    ),
    "complaints?outcome=upheld&outcome=imprisoned": Exempt(
        750, "a complaint may stand below both, so each is looked up, in the order of the complaints"
    ),
}
"""Exempt queries; no other query may cost as much."""

ONE_BY_ONE = "before PostgreSQL 17 several values are looked for in an index one after the other, not in order"
EXEMPT_BEFORE_17: Mapping[str, Exempt] = {
    "figures?force=kent&force_scope=areas": Exempt(900, ONE_BY_ONE),
    "figures?outcome=criminal-sanction": Exempt(900, ONE_BY_ONE),
}
"""More exempt queries for older server versions."""


@pytest.fixture(scope="module")
def measured_on(server: str) -> Iterator[str]:
    """Yield the address of a database with a synthetic release, in the state soon after a load."""
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        load(engine, dataset_of(FIGURES), release_of(FIGURES))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # PostgreSQL does this by itself within the next minute.
            connection.execute(text("VACUUM ANALYZE"))
        engine.dispose()
        yield address


class Api(NamedTuple):
    """The API, its connection pool, and the statements it has sent since the list was last cleared."""

    client: AsyncClient
    pool: asyncpg.Pool
    sent: list[tuple[str, Any]]
    version: int
    """The server's major version."""


@pytest.fixture
async def api(
    measured_on: str,
    anyio_backend: str,  # noqa: ARG001 - pytest's way
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Api]:
    """Yield the API over the synthetic release."""
    app = app_over(measured_on)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(served(app)), base_url=PUBLIC) as client,
    ):
        pool: asyncpg.Pool = app.state.database.pool
        async with pool.acquire() as connection:
            version = connection.get_server_version().major
        yield Api(client, pool, record_statements(monkeypatch), version)


async def plans_of(api: Api, address: str) -> Mapping[str, Mapping[str, Any]]:
    """Request a page, and return the plan of each part of the statement that reads it."""
    api.sent.clear()
    answer = await api.client.get(f"/v1/{address}")
    assert answer.status_code == 200, answer.text
    ((sql, values),) = [(sql, values) for sql, values in api.sent if "LIMIT" in sql]
    # Otherwise PostgreSQL merges the parts into one plan, which reads the same.
    apart = sql.replace(" AS \n(", " AS MATERIALIZED (")
    explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {apart}"
    async with api.pool.acquire() as connection:
        plan = orjson.loads(await connection.fetchval(explained, *values))[0]["Plan"]
    return {
        step["Subplan Name"].removeprefix("CTE "): step
        for step in nodes(plan)
        if step.get("Subplan Name", "").startswith("CTE ")
    }


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every step of a plan."""
    yield plan
    for step in plan.get("Plans", []):
        yield from nodes(step)


def sorted_rows(plan: Mapping[str, Any]) -> float:
    """Return the number of records in the largest sort of a plan."""
    sorts = [step for step in nodes(plan) if "Sort" in step["Node Type"]]
    return max((step["Plans"][0]["Actual Rows"] * step["Plans"][0]["Actual Loops"] for step in sorts), default=0)


def check(api: Api, plan: Mapping[str, Any], asked: str) -> None:
    """Check that a statement costs no more than it may."""
    exempt = EXEMPT if api.version >= 17 else {**EXEMPT, **EXEMPT_BEFORE_17}
    buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    used = [step.get("Index Name", step["Node Type"]) for step in nodes(plan)]
    if asked in exempt:
        assert buffers <= exempt[asked].buffers, used
        return
    assert sorted_rows(plan) <= PAGE + 1, f"{used} sorts: {MEND}"
    assert buffers <= MOST_BUFFERS, f"{used} reads {buffers} buffers: {MEND}"


def asking(asked: str, **more: object) -> str:
    """Return an address with additional parameters."""
    pairs = "&".join(f"{name}={value}" for name, value in more.items())
    return f"{asked}{'&' if '?' in asked else '?'}{pairs}"


def test_every_filter_is_here() -> None:
    """The queries above use each filter of each list."""
    used = {name for asked in FILTERS for name, _ in read_pairs(asked.partition("?")[2].encode())}
    assert {*FIGURE_LIST.filters, *INCIDENT_LIST.filters} - used == set(), "add a query with the filter to FILTERS"


@pytest.mark.parametrize("asked", [*FILTERS, *SORTS, *TOGETHER])
async def test_a_page_costs_what_it_holds(api: Api, asked: str) -> None:
    """The first page is read in order: nothing is sorted, and little is read that isn't in the answer."""
    first = asking(asked, limit=PAGE)
    check(api, (await plans_of(api, first))["page"], asked)
    answer = await api.client.get(f"/v1/{first}")
    assert answer.json()["data"], "no made-up record has such a value: give it to some in bench/synth.py"


LISTS = {one.name: one for one in (COMPLAINTS, PROCEEDINGS, OUTCOMES, FIGURE_LIST, INCIDENT_LIST)}


@pytest.mark.parametrize("asked", [*FILTERS, *SORTS])
async def test_a_page_deep_in_a_list_costs_the_same(api: Api, asked: str) -> None:
    """A page starts where the last one ended, and reads nothing before it."""
    resource, _, query = asked.partition("?")
    given: dict[str, list[str]] = {}
    for name, value in read_pairs(query.encode()):
        given.setdefault(name, []).append(value)
    release = release_of(FIGURES)
    place = f"synthetic-{HALF // 8:07}-0" if "sort=id" in query or "sort=-id" in query else HALF
    cursor = Cursor(release.version, release.digest[:16], fingerprint(LISTS[resource], given), place)
    check(api, (await plans_of(api, asking(asked, limit=PAGE, cursor=cursor)))["page"], asked)


WITH_UNDATED = [
    asked
    for asked in (*FILTERS, *TOGETHER)
    # Two queries have dated records by id, and every incident is dated.
    if "period=" not in asked and "?id=" not in asked and not asked.startswith("incidents")
]


@pytest.mark.parametrize("asked", WITH_UNDATED)
async def test_totals_read_few_blocks(api: Api, asked: str) -> None:
    """Counting what a period selects and leaves out reads at most a good part of an index."""
    plans = await plans_of(api, asking(asked, period="2010"))
    for plan in (plans["total"], plans["undated"]):
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= MOST_BUFFERS_OF_TOTALS


@pytest.mark.parametrize(
    "asked",
    [
        "figures/synthetic-0000007-0/tree",
        "figures/synthetic-0000007-4/tree",
        "compare?a=synthetic-0000007-1&b=synthetic-0000009-2",
        "total?id=synthetic-0000007-0&id=synthetic-0000009-0",
        "coverage?id=synthetic-0000007-0&id=synthetic-0000009-0",
        "figures/synthetic-0000007-nearly",
        "complaints/synthetic-0000007-nearly",
        "incidents/synthetic-0000007-nearly",
    ],
)
async def test_what_is_said_of_a_few_figures_costs_what_they_are(api: Api, asked: str) -> None:
    """Trees, comparisons, totals and suggested ids: no statement reads more than the records concerned."""
    await api.client.get("/v1/figures?id=warming-up")  # what a release defines is read only once
    api.sent.clear()
    await api.client.get(f"/v1/{asked}")
    statements = [sent for sent in api.sent if "record" in sent[0]]
    assert statements
    async with api.pool.acquire() as connection:
        for sql, values in statements:
            explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}"
            plan = orjson.loads(await connection.fetchval(explained, *values))[0]["Plan"]
            assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= MOST_BUFFERS, sql

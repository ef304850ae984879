"""A walk reads every record once, in order, in one release; whole sets have the same records as walks."""

import csv
import io
import random
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import orjson
import pytest
from httpx import URL, ASGITransport, AsyncClient, Response
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from app.database.owner import write_engine
from app.database.tables import RELEASE
from app.domain.records import Figure, Record
from app.main import served
from app.queries.cursor import Cursor
from tests import made
from tests.api import PUBLIC, app_over, client_of
from tests.postgresql import migrate, new_database
from tests.statements import record_statements

pytestmark = pytest.mark.anyio

Document = dict[str, Any]

SORTS = ["-period", "period", "-value", "value", "id", "-id"]
MAX_PAGES = 1000
"""More pages than any walk here needs, so that an endless walk fails instead of hanging."""

PERIODS = [
    made.UNDATED,
    made.days("2018-04-01", "2021-03-31"),
    made.days("2020-01-01", "2020-12-31"),
    made.days("2020-01-01", "2020-01-31"),
    made.days("2020-01-01"),
    made.days("2020-02-29"),
    made.days("2021-03-31"),
]
VALUES: list[Mapping[str, object]] = [
    *({"value_status": status} for status in ("not-disclosed", "withheld", "not-counted")),
    *({"value": value} for value in (0, 1, 9, 10, 100)),
    *({"value": value, "value_type": "percent"} for value in (2.5, 9.99, 10)),
    *({"value": value, "value_type": "change-count"} for value in (-5, 0, 5)),
]
KINDS = ["complaint", "proceeding", "outcome"]


def many_records(figures: int, incidents: int) -> list[Record]:
    """Return figures and incidents with few distinct periods and values, so that most are tied with others."""
    dice = random.Random("many records")  # noqa: S311 - chance that can be repeated
    # These ids distinguish the order of code points from orders that ignore hyphens or compare numbers.
    ids = [f"r{mark}{n}" for n in range((figures + incidents) // 2) for mark in ("", "-")]
    dice.shuffle(ids)
    found: list[Record] = [
        made.figure(id_, kind=dice.choice(KINDS), period=dice.choice(PERIODS), **dice.choice(VALUES))
        for id_ in ids[:figures]
    ]
    return [*found, *(made.incident(id_, period=dice.choice(PERIODS)) for id_ in ids[figures:])]


MANY = many_records(520, 40)


@pytest.fixture(scope="module")
def many(server: str) -> Iterator[str]:
    """Yield the address of a database that holds many records."""
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        made.loaded(engine, MANY)
        engine.dispose()
        yield address


@pytest.fixture(scope="module")
async def walker(many: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client of the API over many records."""
    async for client in client_of(many):
        yield client


def sorted_by_contract(records: Sequence[Record], sort: str) -> list[str]:
    """Return the ids of records in the order of a sort: ties by id ascending, nulls always last."""
    by_id = sorted(records, key=lambda record: record.id.encode())
    backward = sort.startswith("-")
    if sort in {"id", "-id"}:
        return [record.id for record in (reversed(by_id) if backward else by_id)]
    field = by_value if sort in {"value", "-value"} else by_period
    held = [record for record in by_id if field(record) is not None]
    lacking = [record for record in by_id if field(record) is None]
    # Python's sort is stable, even in reverse.
    return [record.id for record in [*sorted(held, key=field, reverse=backward), *lacking]]


def by_value(record: Record) -> Any:  # noqa: ANN401 - whatever can be compared
    """Return a figure's value, or None."""
    return record.value if isinstance(record, Figure) else None


def by_period(record: Record) -> Any:  # noqa: ANN401 - whatever can be compared
    """Return a record's first and last day, or None."""
    return (record.period.start, record.period.end) if record.period.start else None


def of_kind(*kinds: str) -> list[Record]:
    """Return the records of `MANY` with one of these kinds."""
    return [record for record in MANY if record.kind in kinds]


def next_of(answer: Response) -> str | None:
    """Return the address of the next page, after checking that body and header agree on it."""
    assert answer.status_code == 200, answer.text
    following: str | None = answer.json()["links"]["next"]
    assert answer.links.get("next", {}).get("url") == following
    return following


async def walk(
    client: AsyncClient, start: str, change: Callable[[int, str], str] = lambda _, address: address
) -> list[list[Document]]:
    """Follow a list to its end and return its pages; `change` may alter each next address."""
    pages: list[list[Document]] = []
    address: str | None = start
    while address is not None:
        answer = await client.get(change(len(pages), address))
        body = answer.json()
        pages.append(body["data"])
        assert body["meta"]["count"] == len(body["data"])
        address = next_of(answer)
        assert len(pages) < MAX_PAGES
    return pages


def ids_of(pages: Sequence[Sequence[Document]]) -> list[str]:
    """Return the ids of all pages in order."""
    return [record["id"] for page in pages for record in page]


def cursor_in(address: str | None) -> str:
    """Return the cursor in the address of a next page."""
    assert address is not None
    (cursor,) = parse_qs(urlsplit(address).query)["cursor"]
    return cursor


def codes(answer: Response) -> list[tuple[str, str]]:
    """Return each parameter and error code of a refused query."""
    assert answer.status_code == 422, f"{answer.url}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    return [(error["parameter"], error["code"]) for error in answer.json()["errors"]]


# --- order ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [37, 130, 500])
@pytest.mark.parametrize("sort", SORTS)
async def test_a_walk_meets_each_figure_once_in_order(walker: AsyncClient, sort: str, limit: int) -> None:
    """With any sort and page size: every record once, ties by id, nulls last, and all pages but the last full."""
    pages = await walk(walker, f"/v1/figures?sort={sort}&limit={limit}")
    assert ids_of(pages) == sorted_by_contract(of_kind(*KINDS), sort)
    assert [len(page) for page in pages[:-1]] == [limit] * (-(-520 // limit) - 1)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("resource", ["complaints", "proceedings", "outcomes"])
async def test_a_walk_through_one_kind(walker: AsyncClient, resource: str, sort: str) -> None:
    """Lists of one kind have the same order as the list of all figures."""
    pages = await walk(walker, f"/v1/{resource}?sort={sort}&limit=90")
    assert ids_of(pages) == sorted_by_contract(of_kind(resource.removesuffix("s")), sort)


@pytest.mark.parametrize("sort", ["-period", "period", "id", "-id"])
async def test_a_walk_through_incidents(walker: AsyncClient, sort: str) -> None:
    """Incidents have the same orders, except those by value."""
    pages = await walk(walker, f"/v1/incidents?sort={sort}&limit=7")
    assert ids_of(pages) == sorted_by_contract(of_kind("incident"), sort)


@pytest.mark.parametrize("sort", SORTS)
async def test_one_at_a_time(walker: AsyncClient, sort: str) -> None:
    """Pages of one record work, even for a filtered list that ends in nulls."""
    chosen = [
        record
        for record in of_kind("complaint")
        if record.period.start is None and by_value(record) in {None, 0, 10}
    ]
    wanted = "&".join(f"id={record.id}" for record in chosen)
    pages = await walk(walker, f"/v1/complaints?{wanted}&sort={sort}&limit=1")
    assert [len(page) for page in pages] == [1] * len(chosen)
    assert ids_of(pages) == sorted_by_contract(chosen, sort)


async def test_the_default_order_is_latest_first(walker: AsyncClient) -> None:
    """By default, a list is sorted by `-period` and a page has a hundred records."""
    pages = await walk(walker, "/v1/figures")
    assert ids_of(pages) == sorted_by_contract(of_kind(*KINDS), "-period")
    assert [len(page) for page in pages] == [100, 100, 100, 100, 100, 20]


@pytest.mark.parametrize("query", ["id=no-such-record", "value_type=rate", "period=1999"])
async def test_an_empty_list_ends_at_once(walker: AsyncClient, query: str) -> None:
    """If nothing is selected, there is one empty page and no next page."""
    assert await walk(walker, f"/v1/figures?{query}") == [[]]


async def test_a_list_that_fits_has_no_next(walker: AsyncClient) -> None:
    """A page with the whole list is the last one, even if it's exactly full."""
    assert [len(page) for page in await walk(walker, "/v1/incidents?limit=40")] == [40]
    assert [len(page) for page in await walk(walker, "/v1/incidents?limit=39")] == [39, 1]


@pytest.mark.parametrize("sort", SORTS)
async def test_the_limit_may_change_along_the_way(walker: AsyncClient, sort: str) -> None:
    """A cursor doesn't depend on the limit: page sizes may change, and no record is lost or repeated."""
    sizes = [50, 1, 200, 3, 500]

    def resize(page: int, address: str) -> str:
        return str(URL(address).copy_set_param("limit", str(sizes[page])))

    pages = await walk(walker, f"/v1/figures?sort={sort}&period=2018/..&include_undated=true", resize)
    assert ids_of(pages) == sorted_by_contract(of_kind(*KINDS), sort)
    assert [len(page) for page in pages] == [50, 1, 200, 3, 266]


async def test_every_page_tells_the_whole(walker: AsyncClient) -> None:
    """The total, the release and the number of undated records left out are the same on every page."""
    address: str | None = "/v1/figures?period=2020&limit=90"
    told = []
    while address is not None:
        answer = await walker.get(address)
        meta = answer.json()["meta"]
        told.append((meta["total"], meta["release"], meta["undated_excluded"]))
        address = next_of(answer)
    undated = [record for record in of_kind(*KINDS) if record.period.start is None]
    first, last = PERIODS[2].start, PERIODS[2].end
    within = [
        record
        for record in of_kind(*KINDS)
        if record.period.start and record.period.end and first and last
        if record.period.start <= last and record.period.end >= first
    ]
    assert len(told) > 2
    assert set(told) == {(len(within), "1.0.0", len(undated))}


# --- invalid cursors -------------------------------------------------------------------------------------------

BEGUN = "/v1/figures?unit=complaint&sort=value&limit=5"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "/v1/figures?unit=complaint&sort=-value",
        "/v1/figures?unit=complaint&sort=period",
        "/v1/figures?unit=complaint&sort=id",
        "/v1/figures?unit=complaint",
        "/v1/figures?sort=value",
        "/v1/figures?unit=person&sort=value",
        "/v1/figures?unit=complaint&unit=person&sort=value",
        "/v1/figures?unit=complaint&force=metropolitan&sort=value",
        "/v1/figures?unit=complaint&period=2020&sort=value",
        "/v1/complaints?unit=complaint&sort=value",
        "/v1/outcomes?unit=complaint&sort=value",
        "/v1/incidents?sort=period",
    ],
)
async def test_a_cursor_belongs_to_its_query(walker: AsyncClient, elsewhere: str) -> None:
    """With other filters, another sort or another list, a cursor is refused as foreign."""
    cursor = cursor_in(next_of(await walker.get(BEGUN)))
    assert codes(await walker.get(f"{elsewhere}&cursor={cursor}")) == [("cursor", "foreign-cursor")]


async def test_a_cursor_belongs_to_its_release(database: Engine) -> None:
    """A cursor is refused with another release, and accepted with its own."""
    made.loaded(database, MANY[:20], "1.0.0")
    made.loaded(database, MANY[:30], "2.0.0")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        cursor = cursor_in(next_of(await client.get("/v1/figures?limit=5")))
        assert codes(await client.get(f"/v1/figures?release=1.0.0&cursor={cursor}")) == [
            ("cursor", "foreign-cursor")
        ]
        answer = await client.get(f"/v1/figures?release=2.0.0&cursor={cursor}")
        assert answer.status_code == 200
        assert answer.json()["meta"]["release"] == "2.0.0"


async def test_a_foreign_cursor_is_told_with_the_rest(walker: AsyncClient) -> None:
    """A foreign cursor and other errors are reported together."""
    cursor = cursor_in(next_of(await walker.get(BEGUN)))
    wrong = await walker.get(f"/v1/figures?unit=person&sort=value&limit=0&cursor={cursor}")
    assert sorted(codes(wrong)) == [("cursor", "foreign-cursor"), ("limit", "out-of-range")]


REFUSALS = {"malformed", "foreign-cursor"}


async def test_a_truncated_cursor_is_refused(walker: AsyncClient) -> None:
    """A cursor of any shorter length is refused, and not read as another place."""
    cursor = cursor_in(next_of(await walker.get(BEGUN)))
    for length in range(1, len(cursor)):
        ((parameter, code),) = codes(await walker.get(f"{BEGUN}&cursor={cursor[:length]}"))
        assert (parameter, code in REFUSALS) == ("cursor", True), code


given_by_a_client = settings(deadline=None, max_examples=60)


@given(where=st.integers(min_value=0), bit=st.integers(0, 6))
@given_by_a_client
async def test_a_damaged_cursor_is_refused(walker: AsyncClient, where: int, bit: int) -> None:
    """A cursor with one changed bit is refused; it never silently leads to another page."""
    cursor = bytearray(cursor_in(next_of(await walker.get(BEGUN))).encode())
    cursor[where % len(cursor)] ^= 1 << bit
    ((parameter, code),) = codes(await walker.get(f"{BEGUN}&cursor={quote(bytes(cursor))}"))
    assert (parameter, code in REFUSALS) == ("cursor", True), code


@given(cursor=st.text(min_size=1) | st.text("ABCabc019-_=", min_size=1))
@example("=")
@example("0")
@example("null")
@example("MA")  # a number
@example("bnVsbA")  # null
@example("W10")  # an empty list
@example("\x00")
@example("A" * 4096)
@given_by_a_client
async def test_garbage_is_no_cursor(walker: AsyncClient, cursor: str) -> None:
    """A text that isn't a cursor is refused."""
    assert codes(await walker.get(f"{BEGUN}&cursor={quote(cursor)}")) == [("cursor", "malformed")]


LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=9)


@given(parts=st.lists(LEAVES, max_size=6) | st.dictionaries(st.text(max_size=3), LEAVES) | LEAVES)
@example(["\x00", "", "", 1])
@example(["1.0.0", "\x00", "\x00", "a"])
@example(["1.0.0", "", "", 2**63])
@example(["1.0.0", "", "", -1])
@given_by_a_client
async def test_forged_cursors_do_no_harm(walker: AsyncClient, parts: object) -> None:
    """A forged cursor is refused, whatever is wrong with it."""
    cursor = urlsafe_b64encode(orjson.dumps(_writable(parts))).rstrip(b"=").decode()
    answer = await walker.get(f"{BEGUN}&cursor={cursor}")
    assert answer.status_code in {410, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def _writable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value with integers of more than 64 bits as text."""
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_writable(item) for item in value]
    return value if not isinstance(value, int) or abs(value) < 2**63 else str(value)


# --- releases during a walk ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["-period", "value", "-id"])
async def test_a_walk_goes_on_in_its_release(database: Engine, sort: str) -> None:
    """A release loaded during a walk doesn't affect it; the next walk uses the new release."""
    figures = of_kind(*KINDS)
    first, second = figures[:40], figures[20:60]
    made.loaded(database, first, "1.0.0")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        releases: set[str] = set()

        async def walked(client: AsyncClient = client, releases: set[str] = releases) -> list[str]:
            address: str | None = f"/v1/figures?sort={sort}&limit=15"
            found = []
            while address is not None:
                answer = await client.get(address)
                found += ids_of([answer.json()["data"]])
                releases.add(answer.json()["meta"]["release"])
                address = next_of(answer)
                made.loaded(database, second, "2.0.0")
            return found

        assert await walked() == sorted_by_contract(first, sort)
        assert releases == {"1.0.0"}
        assert await walked() == sorted_by_contract(second, sort)
        assert releases == {"1.0.0", "2.0.0"}


async def test_long_walks_by_every_sort_go_on_in_their_release(database: Engine) -> None:
    """Walks through ten thousand records read each once and in order, whatever is loaded halfway."""
    first, second = many_records(10_000, 0), many_records(300, 0)
    made.loaded(database, first, "1.0.0")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        next_page: dict[str, str | None] = {sort: f"/v1/figures?sort={sort}&limit=500" for sort in SORTS}
        met: dict[str, list[str]] = {sort: [] for sort in SORTS}
        for page in range(20):
            if page == 10:
                made.loaded(database, second, "2.0.0")
            for sort in SORTS:
                answer = await client.get(next_page[sort] or "there is no next page")
                met[sort] += ids_of([answer.json()["data"]])
                next_page[sort] = next_of(answer)
        assert set(next_page.values()) == {None}
        for sort in SORTS:
            assert met[sort] == sorted_by_contract(first, sort)


async def test_a_walk_through_a_replaced_dev_is_over(database: Engine) -> None:
    """If `dev` has changed, a walk through it ends with 410 and doesn't mix two states."""
    made.loaded(database, MANY[:20], "dev")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        following = next_of(await client.get("/v1/figures?limit=5"))
        assert following is not None
        made.loaded(database, MANY[:20], "dev")
        assert (await client.get(following)).status_code == 200
        made.loaded(database, MANY[:21], "dev")
        gone = await client.get(following)
        assert gone.status_code == 410
        assert gone.headers["content-type"] == "application/problem+json"
        assert gone.json()["status"] == 410


async def test_a_walk_in_a_removed_release_is_over(database: Engine) -> None:
    """If the release itself was removed, a walk ends with 410; if another merely became current, it goes on."""
    made.loaded(database, MANY[:20], "1.0.0")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        following = next_of(await client.get("/v1/figures?limit=5"))
        assert following is not None
        made.loaded(database, MANY[:30], "2.0.0")
        assert (await client.get(following)).json()["meta"]["release"] == "1.0.0"
        with database.begin() as connection:
            connection.execute(delete(RELEASE).where(RELEASE.c.version == "1.0.0"))
        assert (await client.get(following)).status_code == 410


async def test_a_repeated_cursor_is_repeated(walker: AsyncClient) -> None:
    """A repeated cursor is refused, even if the cursor's release no longer exists."""
    gone = Cursor("0.9.0", "0" * 16, "0" * 16, 100)
    refused = await walker.get(f"/v1/figures?cursor={gone}&cursor={gone}")
    assert ("cursor", "repeated") in codes(refused)
    assert (await walker.get(f"/v1/figures?cursor={gone}")).status_code == 410


# --- whole sets ------------------------------------------------------------------------------------------------

WHOLE_SETS = [
    *(f"/v1/figures?sort={sort}" for sort in SORTS),
    "/v1/figures?period=2020&include_undated=true",
    "/v1/figures?kind=outcome&value_type=count&sort=value",
    "/v1/complaints?value_status=withheld&value_status=not-disclosed&sort=id",
    "/v1/outcomes?period=2018/2019&period_match=within",
    "/v1/incidents?sort=period",
]


@pytest.mark.parametrize("address", WHOLE_SETS)
async def test_json_lines_are_the_whole_walk(walker: AsyncClient, address: str) -> None:
    """JSON Lines have exactly the records of a walk, in the same order, across all its pages."""
    joined = [record for page in await walk(walker, f"{address}&limit=99") for record in page]
    answer = await walker.get(f"{address}&format=jsonl")
    assert answer.status_code == 200
    assert [orjson.loads(line) for line in answer.content.splitlines()] == joined


@pytest.mark.parametrize("address", WHOLE_SETS)
async def test_csv_is_the_whole_walk(walker: AsyncClient, address: str) -> None:
    """CSV has one row for each record of a walk, in the same order and with the same values."""
    joined = [record for page in await walk(walker, f"{address}&limit=99") for record in page]
    answer = await walker.get(f"{address}&format=csv")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))
    cells = ["id", "kind", "force_id", "period_start", "period_end", "allegation"]
    cells += [] if "incidents" in address else ["value_status", "unit", "value"]
    assert [[row[cell] for cell in cells] for row in rows] == [
        [_cell(record, cell) for cell in cells] for record in joined
    ]


def _cell(record: Document, column: str) -> str:
    """Return the text of a cell: a number as in JSON, nothing for null."""
    whole, _, part = column.partition("_") if column.startswith(("force_", "period_")) else (column, "", "")
    value = record[whole][part] if part else record[whole]
    return "" if value is None else str(value)


async def test_the_csv_link_leads_to_the_whole_set(walker: AsyncClient) -> None:
    """`links.csv` of any page leads to the whole filtered set, in the order of the list."""
    first = await walker.get("/v1/figures?kind=complaint&sort=-value&limit=10")
    second = await walker.get(str(next_of(first)))
    for page in (first, second):
        answer = await walker.get(page.json()["links"]["csv"])
        assert answer.headers["content-type"].startswith("text/csv")
        rows = csv.DictReader(io.StringIO(answer.text, newline=""))
        assert [row["id"] for row in rows] == sorted_by_contract(of_kind("complaint"), "-value")


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("how", ["format", "accept"])
async def test_whole_sets_refuse_paging(walker: AsyncClient, form: str, how: str) -> None:
    """A cut whole set would look complete, so `limit` and `cursor` are refused, both at once."""
    media_type = {"csv": "text/csv", "jsonl": "application/jsonl"}[form]
    more, headers = (f"&format={form}", {}) if how == "format" else ("", {"Accept": media_type})
    cursor = cursor_in(next_of(await walker.get(BEGUN)))
    refused = await walker.get(f"{BEGUN}{more}", headers=headers)
    assert codes(refused) == [("limit", "not-applicable")]
    refused = await walker.get(f"{BEGUN}{more}&cursor={cursor}", headers=headers)
    assert codes(refused) == [("limit", "not-applicable"), ("cursor", "not-applicable")]


@pytest.mark.parametrize("how", ["format", "accept"])
async def test_refused_paging_does_not_hide_what_else_is_wrong(walker: AsyncClient, how: str) -> None:
    """With a whole set, too, all errors are reported at once."""
    more, headers = ("&format=csv", {}) if how == "format" else ("", {"Accept": "text/csv"})
    refused = await walker.get(f"/v1/figures?limit=5&unit=complant&forse=x{more}", headers=headers)
    assert sorted(codes(refused)) == [
        ("forse", "unknown-parameter"),
        ("limit", "not-applicable"),
        ("unit", "unknown-code"),
    ]


# --- cost ------------------------------------------------------------------------------------------------------


def upheld_complaints(count: int) -> list[Record]:
    """Return complaints, each with an outcome of it; some of both are undated."""
    found: list[Record] = []
    for n in range(count):
        period = PERIODS[n % 2]
        found.append(made.figure(f"complaint-{n}", period=period))
        found.append(made.figure(f"outcome-{n}", kind="outcome", period=period, base=made.base(f"complaint-{n}")))
    return found


@pytest.mark.parametrize(
    "query",
    [
        "/v1/figures?sort=-period",
        "/v1/figures?sort=value&period=2019&kind=outcome&outcome=upheld&force=metropolitan&force_scope=areas",
        "/v1/complaints?outcome=upheld&source=made-up&unit=complaint&allegation=any",
        "/v1/incidents?sort=id",
    ],
)
async def test_a_list_costs_the_same_however_many_records_there_are(
    database: Engine, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One statement reads the page and its totals, however many records there are.

    A page of outcomes takes one more, for what its sources leave out of the same wholes.
    """
    made.loaded(database, upheld_complaints(2), "1.0.0")
    made.loaded(database, upheld_complaints(200), "2.0.0")
    app = app_over(database.url.render_as_string(hide_password=False))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(served(app)), base_url=PUBLIC) as client,
    ):
        for version in ("1.0.0", "2.0.0"):
            await client.get(f"/v1/figures?id=warming-up&release={version}")
        sent = record_statements(monkeypatch)
        for version, limit in product(("1.0.0", "2.0.0"), (1, 50, 500)):
            sent.clear()
            address = f"{query}&release={version}&limit={limit}"
            assert (await client.get(address)).status_code == 200
            of_records = [sql for sql, _ in sent if "FROM record" in sql]
            assert len(of_records) == 1 + ("kind=outcome" in address), address

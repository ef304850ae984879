"""Every filter, alone and with others, compared with a plain implementation of the contract in Python."""

import random
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from httpx import AsyncClient

from app.database.owner import write_engine
from app.domain.dataset import Force
from app.domain.records import Record
from app.domain.vocabulary import ForceKind, SourceKind, Standing, Subject, Unit, ValueStatus, ValueType
from app.queries.parameters import COMPLAINTS, FIGURES, INCIDENTS, OUTCOMES, PARAMETERS, PROCEEDINGS, Resource
from tests import made
from tests.api import client_of
from tests.postgresql import migrate, new_database

pytestmark = pytest.mark.anyio

Document = dict[str, Any]
Query = dict[str, list[str]]

KINDS = {
    "complaints": {"complaint"},
    "proceedings": {"proceeding"},
    "outcomes": {"outcome"},
    "figures": {"complaint", "proceeding", "outcome"},
    "incidents": {"incident"},
}
COMMON = ("id", "force", "allegation", "outcome", "source", "source_kind")
NUMBERS = ("unit", "subjects", "value_status", "value_type")
FILTERS = {
    "complaints": (*COMMON, *NUMBERS),
    "proceedings": (*COMMON, *NUMBERS, "stage"),
    "outcomes": (*COMMON, *NUMBERS),
    "figures": (*COMMON, *NUMBERS, "stage", "kind"),
    "incidents": (*COMMON, "standing"),
}
"""The repeatable filters of each resource."""

SINGLE = ("q", "force_scope", "period", "period_match", "include_undated")
"""The filters of one value. Each has its own tests."""

CLOSED: Mapping[str, Iterable[str]] = {
    "unit": Unit,
    "subjects": Subject,
    "value_status": ValueStatus,
    "value_type": ValueType,
    "standing": Standing,
    "source_kind": SourceKind,
    "kind": sorted(KINDS["figures"]),
}
PERIODS = {
    # the first and last day sent; none of these periods is endless
    "2016": ("2016-01-01", "2016-12-31"),
    "2018": ("2018-01-01", "2018-12-31"),
    "2018-12-31": ("2018-12-31", "2018-12-31"),
    "2019-01-01": ("2019-01-01", "2019-01-01"),
    "2021-03-15": ("2021-03-15", "2021-03-15"),
    "2012/2018": ("2012-01-01", "2018-12-31"),
    "2018-04/2021-03": ("2018-04-01", "2021-03-31"),
    "2018-04-02/2021-03-30": ("2018-04-02", "2021-03-30"),
    "FY2020-21": ("2020-04-01", "2021-03-31"),
    "2018/..": ("2018-01-01", None),
    "2021-03-31/..": ("2021-03-31", None),
    "../2020": (None, "2020-12-31"),
    "../2012-01-01": (None, "2012-01-01"),
    "0001/9999": ("0001-01-01", "9999-12-31"),
}
MATCHES = ("overlaps", "within", "covers")
SCOPES = ("self", "members", "areas")
FIRST, LAST = "0000-00-00", "9999-99-99"
"""Before and after every day, compared as text."""


@dataclass(frozen=True)
class Known:
    """All of the API's data, read without filters."""

    records: list[Document]
    forces: dict[str, str | None]
    """Each force with the area that contains it."""
    codes: dict[str, dict[str, str | None]]
    """For each code tree, each code with its parent."""
    sources: dict[str, str]
    """Each source with its kind."""

    def values(self, name: str) -> list[str]:
        """Return every value of a filter, including those that no record has."""
        if name in self.codes:
            return list(self.codes[name])
        if name in CLOSED:
            return [str(word) for word in CLOSED[name]]
        return {
            "id": [record["id"] for record in self.records],
            "force": list(self.forces),
            "source": list(self.sources),
        }[name]

    def below(self, figure: str) -> set[str]:
        """Return the figures that are a share of a figure at any depth, through any candidate."""
        children = {r["id"] for r in self.records if r.get("base") and figure in r["base"]["candidates"]}
        return children.union(*(self.below(child) for child in children))


async def known_to(client: AsyncClient) -> Known:
    """Return all of an API's data."""
    records: list[Document] = []
    for resource in ("figures", "incidents"):
        answer = (await client.get(f"/v1/{resource}?limit=500")).json()
        assert answer["meta"]["total"] == len(answer["data"])
        records += answer["data"]
    forces = (await client.get("/v1/forces")).json()["data"]
    codes = (await client.get("/v1/codes")).json()
    return Known(
        records=records,
        forces={force["id"]: force["part_of"] for force in forces},
        codes={tree: {c["id"]: c["parent"] for c in codes[tree]} for tree in ("allegation", "stage", "outcome")},
        sources={source["id"]: source["kind"] for source in (await client.get("/v1/sources")).json()["data"]},
    )


@pytest.fixture(scope="module")
async def known(client: AsyncClient) -> Known:
    """Return all data of the project's own seeds."""
    return await known_to(client)


def and_above(thing: str | None, parents: Mapping[str, str | None]) -> set[str]:
    """Return a code or force and everything above it."""
    return set() if thing is None else {thing} | and_above(parents[thing], parents)


def passes(record: Document, name: str, value: str, known: Known) -> bool:
    """Return whether a record matches one value of one repeatable filter."""
    match name.split():
        case ["force", scope]:
            force: str = record["force"]["id"]
            within, around = value in and_above(force, known.forces), force in and_above(value, known.forces)
            return {"self": force == value, "members": within, "areas": around}[scope]
        case ["outcome", "below"]:
            below = known.below(record["id"])
            outcomes = {r["outcome"] for r in known.records if r["id"] in below}
            return any(value in and_above(outcome, known.codes["outcome"]) for outcome in outcomes)
        case ["allegation" | "stage" | "outcome"]:
            return value in and_above(record[name], known.codes[name])
        case ["subjects"]:
            return value in record["subjects"]
        case ["source" | "source_kind"]:
            sources = {evidence["source"] for evidence in record["evidence"]}
            return value in (sources if name == "source" else {known.sources[source] for source in sources})
        case _:
            return bool(record[name] == value)


def meaning(resource: str, name: str, scope: str = "self") -> str:
    """Return what a filter means on a list: the scope for a force, an outcome of its own or one below."""
    if name == "force":
        return f"force {scope}"
    return "outcome below" if name == "outcome" and resource in {"complaints", "proceedings"} else name


def meets(record: Document, period: str, match: str) -> bool:
    """Return whether a dated record's period matches that of a query."""
    start, end = record["period"]["start"], record["period"]["end"]
    first, last = PERIODS[period][0] or FIRST, PERIODS[period][1] or LAST
    return {
        "overlaps": bool(start <= last and first <= end),
        "within": bool(first <= start and end <= last),
        "covers": bool(start <= first and last <= end),
    }[match]


def expected(resource: str, query: Query, known: Known) -> tuple[list[str], int]:
    """Return the ids that a query selects, and the number of undated records that its period leaves out."""
    scope = query.get("force_scope", ["self"])[0]
    found = [
        record
        for record in known.records
        if record["kind"] in KINDS[resource]
        and all(
            any(passes(record, meaning(resource, name, scope), value, known) for value in values)
            for name, values in query.items()
            if name in FILTERS[resource]
        )
    ]
    if "period" not in query:
        return sorted(record["id"] for record in found), 0
    period, match = query["period"][0], query.get("period_match", ["overlaps"])[0]
    undated = [record for record in found if record["period"]["start"] is None]
    dated = [record for record in found if record not in undated and meets(record, period, match)]
    if query.get("include_undated") == ["true"]:
        return sorted(record["id"] for record in dated + undated), 0
    return sorted(record["id"] for record in dated), len(undated)


async def compare(client: AsyncClient, known: Known, resource: str, query: Query) -> int:
    """Check the API's answer to a query, and return how many records it selects."""
    address = f"/v1/{resource}?{urlencode({**query, 'limit': 500}, doseq=True)}"
    answer = await client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.text}"
    body = answer.json()
    ids, undated = expected(resource, query, known)
    found = sorted(record["id"] for record in body["data"])
    assert found == ids, address
    meta = body["meta"]
    assert (meta["total"], meta["count"], meta["undated_excluded"]) == (len(ids), len(ids), undated), address
    return len(ids)


@pytest.mark.parametrize("resource", [COMPLAINTS, PROCEEDINGS, OUTCOMES, FIGURES, INCIDENTS], ids=lambda r: r.name)
def test_every_filter_is_here(resource: Resource) -> None:
    """The tables above have every filter of each list."""
    repeatable = {name for name in resource.filters if PARAMETERS[name].many}
    assert set(FILTERS[resource.name]) == repeatable, (
        "add the filter to FILTERS and, if its values are words, CLOSED"
    )
    assert set(resource.filters) - repeatable == set(SINGLE), "write a test of the filter, and add it to SINGLE"


@pytest.mark.parametrize(
    ("resource", "name"), [(resource, name) for resource in FILTERS for name in FILTERS[resource]]
)
async def test_each_value_of_each_filter(client: AsyncClient, known: Known, resource: str, name: str) -> None:
    """Each value selects exactly the records that the contract says, even a value that no record has."""
    counts = [await compare(client, known, resource, {name: [value]}) for value in known.values(name)]
    assert any(counts), "no value of this filter selects a record, so nothing was tested"


@pytest.mark.parametrize("resource", FILTERS)
async def test_all_values_are_alternatives(client: AsyncClient, known: Known, resource: str) -> None:
    """A filter with several values selects what any of them selects."""
    for name in FILTERS[resource]:
        values = known.values(name)
        for query in ({name: values[:2]}, {name: values[-2:]}, {name: values}):
            await compare(client, known, resource, query)


@pytest.mark.parametrize(("resource", "scope"), list(product(FILTERS, SCOPES)))
async def test_force_scopes(client: AsyncClient, known: Known, resource: str, scope: str) -> None:
    """`self` is the force alone, `members` includes an area's members, `areas` the areas that contain a force."""
    for force in ("metropolitan", "surrey", "england-and-wales", "police-scotland"):
        await compare(client, known, resource, {"force": [force], "force_scope": [scope]})
    pair = ["surrey", "british-transport-police"]
    await compare(client, known, resource, {"force": pair, "force_scope": [scope]})


@pytest.mark.parametrize(("resource", "match"), list(product(FILTERS, MATCHES)))
async def test_periods(client: AsyncClient, known: Known, resource: str, match: str) -> None:
    """Every form of period works with every `period_match`, with and without undated records."""
    for period in PERIODS:
        query = {"period": [period], "period_match": [match]}
        await compare(client, known, resource, query)
        await compare(client, known, resource, {**query, "include_undated": ["true"]})


async def test_undated_records_pass_where_no_period_is_given(client: AsyncClient, known: Known) -> None:
    """Without a period, undated records are never left out, whatever `include_undated` says."""
    for resource, switch in product(("figures", "incidents"), ("true", "false")):
        assert await compare(client, known, resource, {"include_undated": [switch]})


async def test_no_filter_means_all(client: AsyncClient, known: Known) -> None:
    """Without a filter, a list has all records of its kind, and the three kinds add up to the figures."""
    counts = {resource: await compare(client, known, resource, {}) for resource in KINDS}
    assert counts["figures"] == counts["complaints"] + counts["proceedings"] + counts["outcomes"]


def mixed(resource: str, known: Known, dice: random.Random) -> Query:
    """Return a random query with several filters, mostly with values of one record, so that few select nothing."""
    of_noun = [record for record in known.records if record["kind"] in KINDS[resource]]
    model = dice.choice(of_noun)
    query: Query = {}
    for name in dice.sample(FILTERS[resource], dice.randint(1, 4)):
        fitting = [v for v in known.values(name) if passes(model, meaning(resource, name), v, known)]
        values = dice.sample(known.values(name), min(dice.randint(1, 2), len(known.values(name))))
        if fitting and dice.random() < 0.8:
            values = list(dict.fromkeys([*values[1:], dice.choice(fitting)]))
        query[name] = values
    if "force" in query and dice.random() < 0.6:
        query["force_scope"] = [dice.choice(SCOPES)]
    if dice.random() < 0.5:
        query["period"] = [dice.choice(list(PERIODS))]
        if dice.random() < 0.6:
            query["period_match"] = [dice.choice(MATCHES)]
        if dice.random() < 0.4:
            query["include_undated"] = [dice.choice(["true", "false"])]
    names = list(query)
    dice.shuffle(names)
    return {name: query[name] for name in names}


@pytest.mark.parametrize("resource", FILTERS)
async def test_filters_hold_together(client: AsyncClient, known: Known, resource: str) -> None:
    """Sixty random combinations for each list: all parameters apply together."""
    dice = random.Random(f"combinations of {resource}")  # noqa: S311 - chance that can be repeated
    counts = [await compare(client, known, resource, mixed(resource, known, dice)) for _ in range(60)]
    assert sum(count > 0 for count in counts) > 10, "too few combinations select anything to test much"


# --- made-up records on the boundaries; each group is a release of one database -------------------------------

TOUCHING: list[Record] = [
    made.figure("fy-2019", period=made.days("2019-04-01", "2020-03-31"), value=4),
    made.figure("fy-2020", period=made.days("2020-04-01", "2021-03-31")),
    made.figure("year-2020", period=made.days("2020-01-01", "2020-12-31"), kind="proceeding"),
    made.figure("march", period=made.days("2020-03-01", "2020-03-31"), kind="outcome"),
    made.figure("april", period=made.days("2020-04-01", "2020-04-30"), unit="person"),
    made.figure("last-of-march", period=made.days("2020-03-31"), subjects=["officers", "staff"]),
    made.figure("first-of-april", period=made.days("2020-04-01"), value_status="withheld"),
    made.figure("turn", period=made.days("2020-03-31", "2020-04-01"), subjects=["staff"]),
    made.figure("leap-day", period=made.days("2020-02-29"), value=50, value_type="percent"),
    made.figure("new-year", period=made.days("2019-12-31", "2020-01-01"), force="england-and-wales"),
    made.figure("undated", period=made.UNDATED, force="surrey"),
    made.incident("event", period=made.days("2020-04-01"), standing="found"),
    made.incident("undated-event", period=made.UNDATED, outcome="imprisoned"),
]

BELOW: list[Record] = [
    made.figure("whole", force="england-and-wales"),
    made.figure("other-whole"),
    made.figure("step", kind="proceeding", base=made.base("whole")),
    made.figure("late-step", kind="proceeding", base=made.base("step"), period=made.days("2021-01-01")),
    made.figure("open-step", kind="proceeding", base=made.ambiguous("other-whole", "step")),
    made.figure("jailed", kind="outcome", outcome="imprisoned", base=made.base("late-step", part=False)),
    made.figure("upheld", kind="outcome", outcome="upheld", base=made.ambiguous("whole", "other-whole")),
    made.figure("dismissed", kind="outcome", outcome="dismissed", base=made.base("upheld", "open-step")),
    made.figure("further", kind="complaint", base=made.base("upheld")),
    made.figure("proven", kind="outcome", outcome="misconduct-proven"),
    made.figure("lonely"),
]

NESTED = ["great-britain", "england-and-wales", "metropolitan", "police-scotland", "northern-ireland"]
"""An area that contains another area, with a force in it, and a force; and a force outside."""


def nested_forces() -> list[Force]:
    """Return the real forces, with an area added around two of them."""
    inside = {"england-and-wales": "great-britain", "police-scotland": "great-britain"}
    real = [f.model_copy(update={"part_of": inside.get(f.id, f.part_of)}) for f in made.dataset([]).forces]
    return [*real, Force(id="great-britain", name="Great Britain", kind=ForceKind.AREA)]


@pytest.fixture(scope="module")
def made_up(server: str) -> Iterator[str]:
    """Yield the address of a database with the groups of made-up records."""
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        made.loaded(engine, TOUCHING, "1.0.0")
        made.loaded(engine, BELOW, "2.0.0")
        made.loaded(engine, [made.figure(f"of-{f}", force=f) for f in NESTED], "3.0.0", forces=nested_forces())
        engine.dispose()
        yield address


@pytest.fixture(scope="module")
async def over_made_up(made_up: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client of the API over the made-up records."""
    async for found in client_of(made_up):
        yield found


@pytest.mark.parametrize(
    ("period", "match", "expected_ids"),
    [
        ("2020-03-31", "overlaps", "fy-2019 year-2020 march last-of-march turn"),
        ("2020-03-31", "within", "last-of-march"),
        ("2020-03-31", "covers", "fy-2019 year-2020 march last-of-march turn"),
        ("2020-04-01", "overlaps", "fy-2020 year-2020 april first-of-april turn"),
        ("2020-04-01", "within", "first-of-april"),
        ("2020-04-01", "covers", "fy-2020 year-2020 april first-of-april turn"),
        ("2020-03", "overlaps", "fy-2019 year-2020 march last-of-march turn"),
        ("2020-03", "within", "march last-of-march"),
        ("2020-03", "covers", "fy-2019 year-2020 march"),
        ("2020-04", "within", "april first-of-april"),
        ("2020-04", "covers", "fy-2020 year-2020 april"),
        ("2020-02", "within", "leap-day"),
        ("2020-02-28", "overlaps", "fy-2019 year-2020"),
        ("2020-02-29", "covers", "fy-2019 year-2020 leap-day"),
        ("2020-03-31/2020-04-01", "within", "last-of-march first-of-april turn"),
        ("2020-03-31/2020-04-01", "covers", "year-2020 turn"),
        ("FY2019-20", "overlaps", "fy-2019 year-2020 march last-of-march turn leap-day new-year"),
        ("FY2019-20", "within", "fy-2019 march last-of-march leap-day new-year"),
        ("FY2019-20", "covers", "fy-2019"),
        ("FY2020-21", "overlaps", "fy-2020 year-2020 april first-of-april turn"),
        ("FY2020-21", "within", "fy-2020 april first-of-april"),
        ("FY2020-21", "covers", "fy-2020"),
        ("2019", "overlaps", "fy-2019 new-year"),
        ("2019", "within", ""),
        ("2020", "within", "year-2020 march april last-of-march first-of-april turn leap-day"),
        ("2020", "covers", "year-2020"),
        ("2020-04-01/..", "overlaps", "fy-2020 year-2020 april first-of-april turn"),
        ("2020-04-01/..", "within", "fy-2020 april first-of-april"),
        ("2020-04-01/..", "covers", ""),
        ("../2020-03-31", "overlaps", "fy-2019 year-2020 march last-of-march turn leap-day new-year"),
        ("../2020-03-31", "within", "fy-2019 march last-of-march leap-day new-year"),
        ("../2020-03-31", "covers", ""),
        ("2021-04-01/..", "overlaps", ""),
        ("../2019-03-31", "overlaps", ""),
        ("2021-03-31/..", "overlaps", "fy-2020"),
        ("../2019-04-01", "overlaps", "fy-2019"),
    ],
)
async def test_days_at_the_edge(over_made_up: AsyncClient, period: str, match: str, expected_ids: str) -> None:
    """Bounds are inclusive: a day belongs to the periods that it begins or ends, and to no other."""
    address = f"/v1/figures?release=1.0.0&period={period}&period_match={match}"
    for more, undated, excluded in (("", [], 1), ("&include_undated=true", ["undated"], 0)):
        body = (await over_made_up.get(address + more)).json()
        assert {record["id"] for record in body["data"]} == {*expected_ids.split(), *undated}
        assert body["meta"]["undated_excluded"] == excluded


@pytest.mark.parametrize(
    ("query", "expected_ids", "undated"),
    [
        ("period=2020-04-01", "event", 1),
        ("period=2020-03-31", "", 1),
        ("period=2020-03-31&standing=found", "", 0),
        ("period=2020-03-31&include_undated=true", "undated-event", 0),
        ("outcome=criminal-sanction", "undated-event", 0),
    ],
)
async def test_incidents_at_the_edge(
    over_made_up: AsyncClient, query: str, expected_ids: str, undated: int
) -> None:
    """The same rules hold for incidents."""
    body = (await over_made_up.get(f"/v1/incidents?release=1.0.0&{query}")).json()
    assert [record["id"] for record in body["data"]] == expected_ids.split()
    assert (body["meta"]["total"], body["meta"]["undated_excluded"]) == (len(expected_ids.split()), undated)


@pytest.mark.parametrize(
    ("more", "undated"),
    [("", 1), ("&force=surrey", 1), ("&force=metropolitan", 0), ("&kind=outcome", 0), ("&force=kent", 0)],
)
async def test_only_the_period_counts_as_leaving_out(over_made_up: AsyncClient, more: str, undated: int) -> None:
    """`undated_excluded` counts only what the period left out, not what other filters did."""
    body = (await over_made_up.get(f"/v1/figures?release=1.0.0&period=2020{more}")).json()
    assert body["meta"]["undated_excluded"] == undated


@pytest.mark.parametrize(
    ("resource", "outcome", "expected_ids"),
    [
        ("complaints", "imprisoned", "whole"),
        ("complaints", "convicted", "whole"),
        ("complaints", "criminal-sanction", "whole"),
        ("proceedings", "imprisoned", "step late-step"),
        ("complaints", "upheld", "whole other-whole"),
        ("proceedings", "upheld", ""),
        ("complaints", "dismissed", "whole other-whole"),
        ("complaints", "left-police-service", "whole other-whole"),
        ("proceedings", "dismissed", "step open-step"),
        ("complaints", "misconduct-proven", ""),
        ("proceedings", "misconduct-proven", ""),
        ("complaints", "removed", ""),
        ("figures", "imprisoned", "jailed"),
        ("figures", "criminal-sanction", "jailed"),
        ("figures", "upheld", "upheld"),
        ("outcomes", "left-police-service", "dismissed"),
        ("outcomes", "misconduct-proven", "proven"),
        ("complaints", "imprisoned&outcome=upheld", "whole other-whole"),
        ("proceedings", "imprisoned&period=2020", "step"),
        ("proceedings", "imprisoned&period=2021", "late-step"),
        ("complaints", "imprisoned&force=england-and-wales", "whole"),
        ("complaints", "imprisoned&force=metropolitan", ""),
    ],
)
async def test_outcomes_below(over_made_up: AsyncClient, resource: str, outcome: str, expected_ids: str) -> None:
    """Outcomes at any depth, under any candidate, find complaints and proceedings, also with other filters."""
    body = (await over_made_up.get(f"/v1/{resource}?release=2.0.0&outcome={outcome}")).json()
    assert {record["id"] for record in body["data"]} == set(expected_ids.split())


@pytest.mark.parametrize(
    ("force", "scope", "expected_forces"),
    [
        ("great-britain", "members", NESTED[:4]),
        ("england-and-wales", "members", NESTED[1:3]),
        ("metropolitan", "members", NESTED[2:3]),
        ("metropolitan", "areas", NESTED[:3]),
        ("police-scotland", "areas", [NESTED[0], NESTED[3]]),
        ("great-britain", "areas", NESTED[:1]),
        ("great-britain", "self", NESTED[:1]),
        ("northern-ireland", "areas", NESTED[4:]),
    ],
)
async def test_areas_in_areas(
    over_made_up: AsyncClient, force: str, scope: str, expected_forces: list[str]
) -> None:
    """Members of members count as members, and the area of an area contains the force too."""
    body = (await over_made_up.get(f"/v1/figures?release=3.0.0&force={force}&force_scope={scope}")).json()
    assert {record["force"]["id"] for record in body["data"]} == set(expected_forces)

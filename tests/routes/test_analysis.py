"""What figures mean together: their trees, and the warnings of a list."""

from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any, get_args

import pytest
from httpx import AsyncClient
from sqlalchemy import Engine

from app.domain.records import Record
from app.queries.tree import MAX_DEPTH, MAX_NODES
from app.routes.schemas import WarningAnswer
from tests import made
from tests.api import client_of
from tests.postgresql import address_of, database_of

Document = dict[str, Any]
Branch = tuple[str, bool, list["Branch"]]
"""A node of a tree in these tests: its figure, whether it's ambiguous, and its children."""


@asynccontextmanager
async def api(address: str) -> Any:  # noqa: ANN401 - an asynchronous iterator of a client
    """Yield a client of the API over a database."""
    async for client in client_of(address):
        yield client


async def get(client: AsyncClient, address: str) -> Document:
    """Return the answer from an address that must succeed."""
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    found: Document = answer.json()
    return found


# --- trees -------------------------------------------------------------------------------------------------


def branches(node: Document) -> list[Branch]:
    """Return the branches below a node."""
    return [(child["figure"]["id"], child["ambiguous"], branches(child)) for child in node["children"]]


def nodes(tree: Document) -> Iterator[Document]:
    """Yield every node below a figure."""
    for child in tree["children"]:
        yield child
        yield from nodes(child)


def shares(tree: Document) -> dict[str, float | None]:
    """Return the share of every figure below a figure."""
    return {node["figure"]["id"]: node["figure"]["share"] for node in nodes(tree)}


@pytest.mark.anyio
async def test_the_594(client: AsyncClient) -> None:
    """Of 594 complaints, 119 were upheld; 63 of those led to a removal, and another number isn't disclosed."""
    tree = await get(client, "/v1/figures/met-2012-2018-complaints/tree")
    assert tree["ancestors"] == []
    assert tree["figure"]["value"] == 594
    assert branches(tree) == [
        (
            "met-2012-2018-complaints-upheld",
            False,
            [
                ("met-2012-2018-upheld-criminal-investigation", False, []),
                ("met-2012-2018-upheld-removed", False, []),
            ],
        )
    ]
    values = {node["figure"]["id"]: node["figure"]["value"] for node in nodes(tree)}
    assert shares(tree) == {
        "met-2012-2018-complaints-upheld": 0.2003,
        "met-2012-2018-upheld-removed": 0.5294,
        "met-2012-2018-upheld-criminal-investigation": None,
    }
    assert list(values.values()) == [119, None, 63]


@pytest.mark.anyio
async def test_the_66(client: AsyncClient) -> None:
    """The 66 have the 42, the 63 and the 52 below them, the 52 have the 38, and the seven are only ambiguous."""
    tree = await get(client, "/v1/figures/ew-2018-2021-misconduct-proceedings/tree")
    direct = {child["figure"]["value"]: child for child in tree["children"]}
    assert set(direct) == {42, 63, 52, 7}
    assert {value for value, child in direct.items() if child["ambiguous"]} == {7}
    beneath = {child["figure"]["value"]: child["figure"] for child in direct[52]["children"]}
    assert (beneath[38]["share"], beneath[38]["base"]["basis"]) == (0.7308, "corroborated")
    assert shares(tree)["ew-2018-2021-prosecuted"] is None
    assert shares(tree)["ew-2018-2021-convictions"] is None


@pytest.mark.anyio
async def test_ancestors_come_root_first(client: AsyncClient) -> None:
    """The 38 are part of the 52, and those of the 66; ancestors are listed from the root."""
    tree = await get(client, "/v1/figures/ew-2018-2021-left-and-barred/tree")
    assert [figure["value"] for figure in tree["ancestors"]] == [66, 52]
    assert tree["figure"]["value"] == 38


@pytest.mark.anyio
async def test_an_open_base_has_no_ancestors(client: AsyncClient) -> None:
    """A figure with an ambiguous base has no ancestors."""
    tree = await get(client, "/v1/figures/ew-2018-2021-prosecuted/tree")
    assert tree["ancestors"] == []
    assert tree["figure"]["base"]["candidates"] == ["ew-2018-2021-misconduct-proceedings"]


@pytest.mark.anyio
async def test_each_figure_stands_where_it_says(client: AsyncClient) -> None:
    """In every tree, each child's base is its parent, ambiguous bases are marked, and no figure is missing."""
    listed = (await get(client, "/v1/figures?limit=500"))["data"]
    for figure in listed:
        tree = await get(client, f"/v1/figures/{figure['id']}/tree")
        chain = [*tree["ancestors"], tree["figure"]]
        assert [above["id"] for above in chain[:-1]] == [below["base"]["id"] for below in chain[1:]]
        assert (chain[0].get("base") or {"id": None})["id"] is None
        expected = {
            other["id"] for other in listed if figure["id"] in (other["base"] or {"candidates": []})["candidates"]
        }
        settled_elsewhere = {
            other["id"] for other in listed if other["base"] and other["base"]["id"] not in {None, figure["id"]}
        }
        assert {child["figure"]["id"] for child in tree["children"]} == expected - settled_elsewhere
        for parent in [tree, *nodes(tree)]:
            for child in parent["children"]:
                base = child["figure"]["base"]
                assert parent["figure"]["id"] in base["candidates"]
                assert child["ambiguous"] == (base["id"] is None)


@pytest.mark.anyio
async def test_not_a_tree_of_its_own(client: AsyncClient) -> None:
    """Only figures have trees, and a tree takes no parameter but the release."""
    assert (await client.get("/v1/figures/met-officer-murder/tree")).status_code == 404
    assert (await client.get("/v1/figures/no-such-figure/tree")).status_code == 404
    refused = await client.get("/v1/figures/met-2012-2018-complaints/tree?depth=1")
    assert refused.status_code == 422
    assert [error["code"] for error in refused.json()["errors"]] == ["unknown-parameter"]


def chain(length: int) -> list[Record]:
    """Return a chain of figures, each one less than the one before and a part of it."""
    return [
        made.figure(f"f-{n:02}", value=100 - n, **({"base": made.base(f"f-{n - 1:02}")} if n else {}))
        for n in range(length)
    ]


@pytest.mark.anyio
async def test_four_deep(database: Engine) -> None:
    """A chain of shares is complete from each of its figures, each a share of the one before."""
    records = chain(5)
    made.loaded(database, records)
    names = [record.id for record in records]
    async with api(address_of(database)) as client:
        for place, name in enumerate(names):
            tree = await get(client, f"/v1/figures/{name}/tree")
            assert [figure["id"] for figure in tree["ancestors"]] == names[:place]
            assert [node["figure"]["id"] for node in nodes(tree)] == names[place + 1 :]
            assert tree["truncated"] is False
        tree = await get(client, f"/v1/figures/{names[0]}/tree")
        assert list(shares(tree).values()) == [0.99, 0.9899, 0.9898, 0.9897]


@pytest.mark.anyio
async def test_forty_deep(database: Engine) -> None:
    """A chain longer than the limit is cut in both directions and says so; totals aren't affected by that."""
    records = chain(41)
    made.loaded(database, records)
    names = [record.id for record in records]
    async with api(address_of(database)) as client:
        tree = await get(client, f"/v1/figures/{names[0]}/tree")
        assert [node["figure"]["id"] for node in nodes(tree)] == names[1 : MAX_DEPTH + 1]
        assert tree["truncated"] is True
        tree = await get(client, f"/v1/figures/{names[-1]}/tree")
        assert [figure["id"] for figure in tree["ancestors"]] == names[-1 - MAX_DEPTH : -1]
        assert tree["truncated"] is True
        tree = await get(client, f"/v1/figures/{names[20]}/tree")
        assert [figure["id"] for figure in tree["ancestors"]] == names[:20]
        assert [node["figure"]["id"] for node in nodes(tree)] == names[21:]
        assert tree["truncated"] is False
        answer = (await client.get(f"/v1/total?id={names[0]}&id={names[-1]}")).json()
        assert [conflict["code"] for conflict in answer["conflicts"]] == ["part-of"]
        answer = await get(client, f"/v1/compare?a={names[0]}&b={names[-1]}")
        assert [reason["aspect"] for reason in answer["reasons"]] == ["base"]


@pytest.mark.anyio
async def test_two_candidates_in_one_tree(database: Engine) -> None:
    """An ambiguous figure is below each candidate, once each, marked and with everything below it."""
    records = [
        made.figure("root", value=100),
        made.figure("half", value=50, base=made.base("root")),
        made.figure("open", value=20, base=made.ambiguous("half", "root")),
        made.figure("leaf", value=10, base=made.base("open")),
        made.figure("open-too", value=5, base=made.ambiguous("leaf", "elsewhere")),
        made.figure("elsewhere", value=70),
        made.figure("settled", value=4, base=made.base("half", candidates=["half", "root", "elsewhere"])),
    ]
    made.loaded(database, records)
    beneath: list[Branch] = [("leaf", False, [("open-too", True, [])])]
    async with api(address_of(database)) as client:
        tree = await get(client, "/v1/figures/root/tree")
        assert branches(tree) == [
            ("half", False, [("open", True, beneath), ("settled", False, [])]),
            ("open", True, beneath),
        ]
        tree = await get(client, "/v1/figures/elsewhere/tree")
        assert branches(tree) == [("open-too", True, [])]
        tree = await get(client, "/v1/figures/leaf/tree")
        assert [figure["id"] for figure in tree["ancestors"]] == ["open"]


@pytest.mark.anyio
async def test_a_tree_too_large_is_cut(database: Engine) -> None:
    """A tree with too many nodes, of figures that may be shares of all earlier ones, is cut."""
    before: list[str] = []
    records: list[Record] = []
    for number in range(25):
        name = f"f-{number:02}"
        records.append(
            made.figure(name, value=99 - number, **({"base": made.ambiguous(*before)} if before else {}))
        )
        before.append(name)
    made.loaded(database, records)
    async with api(address_of(database)) as client:
        tree = await get(client, "/v1/figures/f-00/tree")
        assert tree["truncated"] is True
        found = list(nodes(tree))
        assert len(found) == MAX_NODES - 1
        for parent in [tree, *found]:
            beneath = [child["figure"]["id"] for child in parent["children"]]
            assert beneath == sorted(set(beneath))


SHARES: dict[str, tuple[Mapping[str, object], Mapping[str, object], float | None]] = {
    # the whole, the part, the share
    "a part": ({"value": 594}, {"value": 119}, 0.2003),
    "all of them": ({"value": 7}, {"value": 7}, 1.0),
    "none of them": ({"value": 7}, {"value": 0}, 0.0),
    "two thirds": ({"value": 3}, {"value": 2}, 0.6667),
    "a half ten-thousandth, rounded up": ({"value": 20000}, {"value": 1}, 0.0001),
    "larger than its whole": ({"value": 7}, {"value": 8}, None),
    "of none": ({"value": 0}, {"value": 0}, None),
    "it only springs from it": ({"value": 7}, {"value": 6, "part": False}, None),
    "it is not exact": ({"value": 7}, {"value": 6, "qualifier": "about"}, None),
    "the whole is not exact": ({"value": 7, "qualifier": "more-than"}, {"value": 6}, None),
    "it is no count": ({"value": 70}, {"value": 50, "value_type": "percent"}, None),
    "the whole is no count": ({"value": 70, "value_type": "percent"}, {"value": 50}, None),
    "it is not known": ({"value": 7}, {"value": None, "value_status": "withheld"}, None),
    "the whole is not known": ({"value": None, "value_status": "not-counted"}, {"value": 5}, None),
    "the base is open": ({"value": 7}, {"value": 5, "ambiguous": True}, None),
    "another unit of the same": ({"value": 7, "unit": "person"}, {"value": 5, "unit": "case"}, 0.7143),
}


@pytest.fixture(scope="module")
def with_shares(server: str) -> Iterator[str]:
    """Yield the address of a database with the pairs of `SHARES`."""
    records: list[Record] = []
    for number, (whole, part, _) in enumerate(SHARES.values()):
        facts = dict(part)
        of = made.ambiguous if facts.pop("ambiguous", False) else made.base
        base = of(f"whole-{number}", part=facts.pop("part", True))
        records += [
            made.figure(f"whole-{number}", notes=["A whole."], **whole),
            made.figure(f"part-{number}", base=base, **facts),
        ]
    with database_of(server, [_apart(record, number) for number, record in enumerate(records)]) as address:
        yield address


def _apart(record: Record, number: int) -> Record:
    """Return a record in its own year."""
    return record.model_copy(update={"period": made.days(f"{1900 + number}-01-01", f"{1900 + number}-12-31")})


@pytest.mark.anyio
@pytest.mark.parametrize("name", SHARES)
async def test_share(with_shares: str, name: str) -> None:
    """A share needs two exact counts and a settled base, and is never above one."""
    number = list(SHARES).index(name)
    async with api(with_shares) as client:
        tree = await get(client, f"/v1/figures/whole-{number}/tree")
        assert shares(tree) == {f"part-{number}": SHARES[name][2]}


# --- warnings ----------------------------------------------------------------------------------------------


def in_year(number: int, **changes: object) -> Any:  # noqa: ANN401 - a period
    """Return the period of one year."""
    return made.days(f"{number}-01-01", f"{number}-12-31", **changes)


MANY = [f"m-{number:02}" for number in range(25)]

WARNED: list[Record] = [
    made.figure("plain", value=10, period=in_year(2001)),
    made.figure("next", value=11, period=in_year(2002)),
    made.figure("people", value=12, unit="person", period=in_year(2003)),
    made.figure("officers", value=13, subjects=["officers"], period=in_year(2004)),
    made.figure("part", value=4, period=in_year(2001), base=made.base("plain")),
    made.figure("people-of-plain", value=3, unit="person", period=in_year(2001), base=made.base("plain")),
    made.figure("late-part", value=3, period=in_year(2005), base=made.base("plain")),
    made.figure("same-time", value=9, period=in_year(2001)),
    made.figure("unknown", value_status="not-disclosed", period=in_year(2006)),
    made.figure("withheld", value_status="withheld", period=in_year(2007)),
    made.figure("inferred", value=14, period=in_year(2008, basis="inferred")),
    made.figure("undated", value=15, period=made.UNDATED),
    made.figure("two-years", value=21, period=made.days("2011-01-01", "2012-12-31"), force="gwent"),
    made.figure("second-year", value=8, period=in_year(2012), force="gwent"),
    made.figure("upheld", kind="outcome", value=5, period=in_year(2013), base=made.base("received")),
    made.figure("received", value=9, period=in_year(2013)),
    made.figure(
        "prosecuted",
        kind="proceeding",
        stage="criminal-prosecution",
        value_status="not-disclosed",
        period=in_year(2013),
        base=made.base("received"),
    ),
    made.incident("long-event", period=made.days("2011-01-01", "2012-12-31")),
    made.figure("in-area", value=40, force="england-and-wales", period=in_year(2001)),
    made.incident("event", period=in_year(2008, basis="inferred")),
    made.incident("undated-event", period=made.UNDATED),
    *(made.figure(name, value=50 + number, force="kent", unit="case") for number, name in enumerate(MANY)),
    *(
        made.figure(f"un-{name}", value=90 + number, force="kent", unit="case", period=made.UNDATED)
        for number, name in enumerate(MANY)
    ),
]


@pytest.fixture(scope="module")
def warned(server: str) -> Iterator[str]:
    """Yield the address of a database with `WARNED`."""
    with database_of(server, WARNED) as address:
        yield address


def by_id(*names: str) -> str:
    """Return the query that selects records."""
    return "figures?" + "&".join(f"id={name}" for name in names)


WARNINGS: dict[str, tuple[str, dict[str, list[str]]]] = {
    "nothing to warn of": (by_id("plain", "next"), {}),
    "one figure": (by_id("people"), {}),
    "another unit": (by_id("plain", "people"), {"mixed-units": ["people", "plain"]}),
    "other people": (by_id("plain", "officers"), {"mixed-subjects": ["officers", "plain"]}),
    "a part and its whole": (by_id("plain", "part"), {"overlapping-figures": ["part", "plain"]}),
    "a part of another year": (by_id("plain", "late-part"), {"overlapping-figures": ["late-part", "plain"]}),
    "a part without its whole": (by_id("part", "next"), {}),
    "the same time": (by_id("plain", "same-time", "next"), {"overlapping-figures": ["plain", "same-time"]}),
    "a force and its area": (by_id("plain", "in-area"), {"overlapping-figures": ["in-area", "plain"]}),
    "no number": (by_id("plain", "unknown", "withheld"), {"not-disclosed": ["unknown", "withheld"]}),
    "an inferred period": (by_id("plain", "inferred"), {"inferred-period": ["inferred"]}),
    "an incident's inferred period": ("incidents?id=event", {"inferred-period": ["event"]}),
    "undated, no period asked for": (by_id("plain", "undated"), {}),
    "undated, left out": (f"{by_id('plain', 'undated')}&period=2001", {"undated-excluded": ["undated"]}),
    "undated, let in": (f"{by_id('plain', 'undated')}&period=2001&include_undated=true", {}),
    "an undated incident": (
        "incidents?id=event&id=undated-event&period=2008",
        {"inferred-period": ["event"], "undated-excluded": ["undated-event"]},
    ),
    "more time than asked for": (
        f"{by_id('two-years')}&period=2012",
        {"wider-than-period": ["two-years"]},
    ),
    "more time before an open end": (f"{by_id('two-years')}&period=2012/..", {"wider-than-period": ["two-years"]}),
    "more time after an open start": (f"{by_id('two-years')}&period=../2011", {"wider-than-period": ["two-years"]}),
    "an incident of more time": ("incidents?id=long-event&period=2012", {"wider-than-period": ["long-event"]}),
    "exactly the time asked for": (f"{by_id('two-years')}&period=2011/2012", {}),
    "no more time than asked for": (
        f"{by_id('two-years', 'plain')}&period=2012&period_match=within",
        {"no-records": []},
    ),
    "a wider area than asked for": (
        f"{by_id('in-area')}&force=metropolitan&force_scope=areas",
        {"wider-than-force": ["in-area"]},
    ),
    "an area that is asked for": (
        f"{by_id('in-area')}&force=metropolitan&force=england-and-wales&force_scope=areas",
        {},
    ),
    "a force of the area asked for": (f"{by_id('plain')}&force=england-and-wales&force_scope=members", {}),
    "outcomes beside a number not given": ("outcomes?id=upheld", {"not-disclosed-elsewhere": ["prosecuted"]}),
    "the number not given among them": (by_id("upheld", "prosecuted"), {"not-disclosed": ["prosecuted"]}),
    "an id that no record has": (
        f"{by_id('plain', 'no-such-figure')}&force=metropolitan",
        {"unknown-ids": ["no-such-figure"]},
    ),
    "an id of another list": (
        "incidents?id=event&id=plain",
        {"inferred-period": ["event"], "unknown-ids": ["plain"]},
    ),
    "no record": ("figures?force=kent&stage=investigation", {"no-records": []}),
    "no incident": ("incidents?force=gwent", {"no-records": []}),
    "only undated ones": (
        f"{by_id('undated')}&period=2001",
        {"undated-excluded": ["undated"], "no-records": []},
    ),
    "several at once": (
        by_id("plain", "people", "unknown"),
        {"mixed-units": ["people", "plain", "unknown"], "not-disclosed": ["unknown"]},
    ),
    "a part in another unit": (by_id("plain", "people-of-plain"), {"mixed-units": ["people-of-plain", "plain"]}),
}


def test_every_warning_has_an_example() -> None:
    """Every warning is raised by an example."""
    (codes,) = [get_args(WarningAnswer.model_fields["code"].annotation)]
    of_rates_and_coverage = {"without-rate", "undated-included"}
    of_sums = {"period-not-filled", "forces-missing", "rules-changed", "disputed"}  # see `test_sums`
    elsewhere = {"partly-checked"} | of_rates_and_coverage | of_sums
    assert {code for _, found in WARNINGS.values() for code in found} | elsewhere == set(codes)


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["figures", "total", "coverage", "series", "rates"])
async def test_every_list_names_unknown_ids(warned: str, path: str) -> None:
    """A mistyped id is named wherever figures are chosen by id."""
    async with api(warned) as client:
        answer = await get(client, f"/v1/{path}?id=plain&id=mistyped")
    warnings = {warning["code"]: warning["ids"] for warning in answer["warnings"]}
    assert warnings["unknown-ids"] == ["mistyped"]


@pytest.mark.anyio
@pytest.mark.parametrize("name", WARNINGS)
async def test_warning(warned: str, name: str) -> None:
    """A list has the warnings that its records cause, with their ids, and no others."""
    query, expected = WARNINGS[name]
    async with api(warned) as client:
        answer = await get(client, f"/v1/{query}")
    assert {warning["code"]: sorted(warning["ids"]) for warning in answer["warnings"]} == expected
    assert all(warning["message"] for warning in answer["warnings"])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("figures?force=kent", {"overlapping-figures"}),
        ("figures?force=kent&force=metropolitan", {"mixed-units", "mixed-subjects", "overlapping-figures"}),
        ("figures?force=kent&period=2020", {"overlapping-figures", "undated-excluded"}),
    ],
)
async def test_a_warning_names_twenty_at_most(warned: str, query: str, codes: set[str]) -> None:
    """A warning names at most twenty records, each once, and gives the number of the others."""
    async with api(warned) as client:
        answer = await get(client, f"/v1/{query}")
    warnings = {warning["code"]: warning for warning in answer["warnings"]}
    for code in codes:
        assert len(set(warnings[code]["ids"])) == len(warnings[code]["ids"]) == 20
        assert warnings[code]["more"] >= 5


@pytest.mark.anyio
async def test_warnings_on_the_whole_set(warned: str) -> None:
    """With `warnings=set`, every page has the warnings of the whole set."""
    async with api(warned) as client:
        whole = await get(client, "/v1/figures?force=metropolitan&limit=500")
        assert len(whole["data"]) == whole["meta"]["total"] > 2
        first = await get(client, "/v1/figures?force=metropolitan&limit=1&warnings=set")
        second = await get(client, first["links"]["next"])
        own = await get(client, "/v1/figures?force=metropolitan&limit=1")
    assert first["warnings"] == second["warnings"] == whole["warnings"] != own["warnings"]
    assert "warnings" not in first["links"]["csv"]


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["figures", "rates"])
async def test_warnings_on_more_than_a_page(database: Engine, path: str) -> None:
    """A file has the warnings of all its records, however many there are."""
    records = [
        made.figure(f"one-{number:03}", value=number, unit="person", subjects=["officers"]) for number in range(501)
    ]
    made.loaded(
        database, [*records, made.figure("two", force="kent", period=made.UNDATED, value_status="withheld")]
    )
    async with api(address_of(database)) as client:
        answer = await client.get(f"/v1/{path}?format=csv&sort=id")
        (described,) = [link["url"] for link in answer.links.values() if link["rel"] == "describedby"]
        warnings = (await get(client, described))["warnings"]
        page = (await get(client, f"/v1/{path}?limit=500&sort=id"))["warnings"]
    of_last = "without-rate" if path == "rates" else "not-disclosed"
    on_set, on_page = ({one["code"]: len(one["ids"]) + one["more"] for one in found} for found in (warnings, page))
    assert on_set[of_last] > on_page.get(of_last, 0)
    assert answer.headers["x-upheld-warnings"] == str(len(warnings))


@pytest.mark.anyio
async def test_warnings_on_a_very_large_set(warned: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If only the first records of a set were checked, a warning says so."""
    monkeypatch.setattr("app.routes.records.MAX_WARNED", 2)
    async with api(warned) as client:
        answer = await get(client, "/v1/figures?force=metropolitan&warnings=set")
        file = await client.get("/v1/figures?force=metropolitan&format=csv")
    assert answer["warnings"][-1]["code"] == "partly-checked"
    assert file.headers["x-upheld-warnings"] == str(len(answer["warnings"]))


@pytest.mark.anyio
@pytest.mark.parametrize("query", ["force=gwent&period=2012", "force=gwent", "force=wiltshire"])
async def test_whole_sets_count_their_warnings(warned: str, query: str) -> None:
    """CSV has no place for warnings, so a header counts them, and `Link` leads to them."""
    async with api(warned) as client:
        answer = await client.get(f"/v1/figures?{query}&format=csv")
        (described,) = [link["url"] for link in answer.links.values() if link["rel"] == "describedby"]
        warnings = (await client.get(described)).json()["warnings"]
    assert answer.headers["x-upheld-warnings"] == str(len(warnings))
    assert "X-Upheld-Warnings" in answer.headers["access-control-expose-headers"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ("id=two-years&period=2012", {"two-years": "wider-than-period"}),
        ("force=gwent&period=2012&period_match=covers", {"two-years": "wider-than-period"}),
        ("id=in-area&force=metropolitan&force_scope=areas", {"in-area": "wider-than-force"}),
        ("force=gwent&period=2012&period_match=within", {}),
        ("id=two-years", {}),
        ("id=two-years&period=2011/..", {}),
    ],
)
async def test_no_total_is_wider_than_asked_for(warned: str, query: str, refused: dict[str, str]) -> None:
    """A figure for a longer period or a whole area never counts as a total for a part of it."""
    async with api(warned) as client:
        answer = (await client.get(f"/v1/total?{query}")).json()
    found = {c["a"]: c["code"] for c in answer.get("conflicts", []) if c["b"] is None}
    assert found == refused
    assert ("value" in answer) != bool(refused)


@pytest.mark.anyio
async def test_warnings_are_of_the_page(warned: str) -> None:
    """Warnings describe the records in the answer, not those on other pages."""
    async with api(warned) as client:
        whole = by_id("plain", "people", "officers") + "&sort=id"
        pages = [await get(client, f"/v1/{whole}&limit={limit}") for limit in (1, 2, 3)]
    codes = [{warning["code"] for warning in page["warnings"]} for page in pages]
    assert codes == [set(), {"mixed-units", "mixed-subjects"}, {"mixed-units", "mixed-subjects"}]
    assert all(one <= other for one, other in pairwise(codes))

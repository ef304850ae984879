"""Small cases of what sources say, each with its fields and the resulting answers."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import AsyncClient

from app.domain.dataset import Code, Codes
from app.domain.records import Period
from tests import made
from tests.api import client_of
from tests.postgresql import database_of
from tests.real_seeds import real_seeds

pytestmark = pytest.mark.anyio

SINCE_2013 = {
    "start": "2013-05-01",
    "end": None,
    "precision": "month",
    "basis": "stated",
    "event": "occurred",
    "as_at": "2016-06-14",
    "as_at_precision": "day",
    "as_at_basis": "inferred",
    "label": "since May 2013",
}
IN_MARCH = {
    "start": "2022-03-01",
    "end": "2022-03-31",
    "precision": "month",
    "basis": "stated",
    "event": "not-stated",
    "as_at": "2022-03-31",
    "as_at_precision": "month",
    "as_at_basis": "stated",
    "label": "March 2022",
}
SO_FAR = {
    "basis": "not-stated",
    "event": "not-stated",
    "as_at": "2024-05-06",
    "as_at_basis": "inferred",
    "label": "up to the day of publication",
}
FROM_2009 = {"precision": "year", "year_type": "calendar", "label": "2009 to 2020"}
UNION = Code(
    id="dismissed-or-convicted",
    label="Dismissed or convicted",
    definition="Dismissed from the police service, or convicted by a court, or both.",
    parents=["dismissed", "convicted"],
)
INSIDE = Code(
    id="dismissed-or-resigned",
    label="Dismissed or resigned",
    definition="Dismissed from the police service, or resigned.",
    parents=["dismissed", "resigned"],
)


def codes() -> Codes:
    """Return the project's codes with two unions added."""
    real = real_seeds().dataset.codes
    return real.model_copy(update={"outcome": [*real.outcome, UNION, INSIDE]})


def rate(name: str, value: float, per: int, **changes: object) -> Any:  # noqa: ANN401 - a figure
    """Return a rate."""
    return made.figure(name, value=value, value_type="rate", per=per, force="kent", **changes)


def outcome(name: str, code: str, **changes: object) -> Any:  # noqa: ANN401 - a figure
    """Return a count of people in Essex with an outcome."""
    facts = {"kind": "outcome", "outcome": code, "unit": "person", "force": "essex"}
    return made.figure(name, **{**facts, **changes})


RECORDS = [
    made.figure(
        "referred",
        kind="proceeding",
        value=410,
        unit="case",
        force="surrey",
        period=Period.model_validate(SINCE_2013),
    ),
    made.figure(
        "referred-2016",
        kind="proceeding",
        value=120,
        unit="case",
        force="surrey",
        period=made.days("2016-01-01", "2016-12-31"),
    ),
    made.figure(
        "referred-2012",
        kind="proceeding",
        value=90,
        unit="case",
        force="surrey",
        period=made.days("2012-01-01", "2012-12-31"),
    ),
    made.figure(
        "under-investigation",
        kind="proceeding",
        value=58,
        unit="person",
        force="surrey",
        period=Period.model_validate(IN_MARCH),
    ),
    made.figure(
        "of-that-month",
        kind="proceeding",
        value=9,
        unit="person",
        force="surrey",
        period=made.days("2022-03-01", "2022-03-31"),
    ),
    outcome("dismissed-so-far", "dismissed", value=0, force="surrey", period=Period.model_validate(SO_FAR)),
    made.figure("of-36-forces", value=1740, unit="person", coverage={"forces_included": 36}),
    made.figure("all-730", value=730, unit="allegation", force="gwent"),
    made.figure("of-730", value=712, unit="allegation", force="gwent", base=made.base("all-730")),
    outcome("union", UNION.id, value=31),
    outcome("inside", INSIDE.id, value=12),
    outcome("only-dismissed", "dismissed", value=9),
    rate("a-year", 47, 1, per_unit="year", period=made.days("2009-01-01", "2020-12-31", **FROM_2009)),
    rate("per-1000", 9.8, 1000, per_unit="person", per_subjects=["officers", "staff"]),
    rate("per-1000-officers", 9.9, 1000, per_unit="person", per_subjects=["officers"]),
    made.figure("whole-190", value=190, force="wiltshire"),
    made.figure(
        "maybe-23",
        value=23,
        force="wiltshire",
        related=[{"type": "part-of", "id": "whole-190", "basis": "possible"}],
    ),
    made.figure(
        "surely-40",
        value=40,
        force="wiltshire",
        related=[{"type": "part-of", "id": "whole-190"}],
    ),
    made.figure("two-names", value=60, force="cumbria", unit_disputed=True),
    made.figure("one-name", value=70, force="cumbria", period=made.days("2019-01-01", "2019-12-31")),
]


@pytest.fixture(scope="module")
def database(server: str) -> Iterator[str]:
    """Yield the address of a database with these cases."""
    with database_of(server, RECORDS, codes=codes()) as address:
        yield address


@pytest.fixture(scope="module")
async def api(database: str, anyio_backend: str) -> Any:  # noqa: ANN401, ARG001 - an iterator; pytest's way
    """Yield a client of the API over these cases."""
    async for client in client_of(database):
        yield client


async def found(api: AsyncClient, query: str) -> list[str]:
    """Return the ids of the figures that a query selects."""
    answer = await api.get(f"/v1/figures?{query}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


async def compared(api: AsyncClient, a: str, b: str) -> dict[str, Any]:
    """Return the comparison of two figures."""
    answer = await api.get("/v1/compare", params={"a": a, "b": b})
    assert answer.status_code == 200, answer.text
    comparison: dict[str, Any] = answer.json()
    return comparison


async def test_a_period_without_an_end(api: AsyncClient) -> None:
    """An open-ended period has a start and the day of counting, and a caution."""
    figure = (await api.get("/v1/figures/referred")).json()
    assert figure["period"]["end"] is None
    assert (figure["period"]["start"], figure["period"]["as_at"]) == ("2013-05-01", "2016-06-14")
    assert "period-open" in figure["cautions"]
    row = (await api.get("/v1/figures?id=referred&format=csv")).text.splitlines()
    cells = dict(zip(row[0].split(","), row[1].split(","), strict=False))
    assert (cells["period_start"], cells["period_end"], cells["period_as_at"]) == ("2013-05-01", "", "2016-06-14")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("period=2013-04", False),
        ("period=2013-05", True),
        ("period=2024", True),
        ("period=2024/..", True),
        ("period=../2012", False),
        ("period=2013/2030&period_match=within", False),
        ("period=2013/..&period_match=within", True),
        ("period=2014/..&period_match=within", False),
        ("period=2015&period_match=covers", True),
        ("period=2015/..&period_match=covers", True),
        ("period=2012/..&period_match=covers", False),
        ("period=../2015&period_match=covers", False),
    ],
)
async def test_filters_by_period_of_one_without_an_end(api: AsyncClient, query: str, *, is_found: bool) -> None:
    """An open-ended period overlaps every period after its start, and is within none that ends."""
    assert ("referred" in await found(api, f"force=surrey&{query}")) is is_found


async def test_columns_of_a_period_without_an_end(api: AsyncClient) -> None:
    """An open-ended period has no year; every format can show it."""
    answer = await api.get("/v1/figures?id=referred&fields=id,year,period_label,period_end")
    assert answer.json()["data"] == [
        {"id": "referred", "year": None, "period_label": "since May 2013", "period_end": None}
    ]
    for form in ("csv", "jsonl", "xlsx"):
        assert (await api.get(f"/v1/figures?id=referred&format={form}")).status_code == 200
    assert (await api.get("/figures/referred")).status_code == 200
    assert (await api.get("/v1/rates?id=referred")).status_code == 200


async def test_sorted_by_period_without_an_end(api: AsyncClient) -> None:
    """An open-ended period is sorted by its start."""
    query = "force=surrey&unit=case&sort="
    assert await found(api, f"{query}period") == ["referred-2012", "referred", "referred-2016"]
    assert await found(api, f"{query}-period") == ["referred-2016", "referred", "referred-2012"]


async def test_the_dataset_ends_with_the_last_day(api: AsyncClient) -> None:
    """An open-ended period doesn't extend the dataset's period."""
    assert (await api.get("/v1/dataset")).json()["period"]["end"] == "2022-03-31"


async def test_beside_a_period_without_an_end(api: AsyncClient) -> None:
    """An open-ended period matches no other in length, and overlaps everything after its start."""
    answer = await compared(api, "referred", "referred-2016")
    assert (answer["verdict"], answer["difference"]) == ("with-care", None)
    assert "period" in {reason["aspect"] for reason in answer["reasons"] if reason["effect"] == "withholds"}
    total = await api.get("/v1/total?id=referred&id=referred-2016")
    assert [one["code"] for one in total.json()["conflicts"]] == ["overlapping"]
    assert (await api.get("/v1/total?id=referred&id=referred-2012")).json()["value"] == 500
    beyond = await api.get("/v1/total?id=referred&period=2013/2020")
    assert [one["code"] for one in beyond.json()["conflicts"]] == ["wider-than-period"]
    series = (await api.get("/v1/series?force=surrey&unit=case")).json()["data"]
    assert [point["id"] for line in series for point in line["points"]] == ["referred-2012", "referred-2016"]


async def test_a_stock_of_a_month(api: AsyncClient) -> None:
    """A count at some time in a month isn't a count over that month."""
    period = (await api.get("/v1/figures/under-investigation")).json()["period"]
    assert (period["as_at_precision"], period["as_at_basis"]) == ("month", "stated")
    answer = await compared(api, "under-investigation", "of-that-month")
    assert any("in March 2022" in reason["message"] for reason in answer["reasons"])


async def test_none_so_far(api: AsyncClient) -> None:
    """A stated zero is a number, dated to the day of publication."""
    figure = (await api.get("/v1/figures/dismissed-so-far")).json()
    assert (figure["value"], figure["value_status"]) == (0, "stated")
    assert (figure["period"]["as_at"], figure["period"]["as_at_basis"]) == ("2024-05-06", "inferred")


async def test_how_many_were_asked_is_open(api: AsyncClient) -> None:
    """The number of forces included may be known without the number asked."""
    figure = (await api.get("/v1/figures/of-36-forces")).json()
    assert figure["coverage"] == {"forces_asked": None, "forces_included": 36}
    assert "36 forces" in (await api.get("/figures/of-36-forces")).text


async def test_a_share_of_an_exact_number(api: AsyncClient) -> None:
    """If "some 730" was read as exact, a share of it is given."""
    assert (await api.get("/v1/figures/of-730")).json()["share"] == 0.9753


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (UNION.id, {"union"}),
        (INSIDE.id, {"inside"}),
        ("dismissed", {"only-dismissed"}),
        ("convicted", set()),
        ("resigned", set()),
        ("left-police-service", {"inside", "only-dismissed"}),
    ],
)
async def test_a_filter_and_a_union(api: AsyncClient, code: str, expected: set[str]) -> None:
    """A union is found by its own code and by common parents of its members, but not by a single member."""
    assert set(await found(api, f"force=essex&outcome={code}")) == expected


async def test_unions_in_codes(api: AsyncClient) -> None:
    """A union lists its members in `parents`; its own parent is one that all members share."""
    answered = {one["id"]: one for one in (await api.get("/v1/codes")).json()["outcome"]}
    assert (answered[UNION.id]["parent"], answered[UNION.id]["parents"]) == (None, ["dismissed", "convicted"])
    assert answered[INSIDE.id]["parent"] == "left-police-service"
    assert answered["dismissed"]["parents"] == []


async def test_a_union_beside_its_member(api: AsyncClient) -> None:
    """A union includes its members, so they can be compared with care."""
    answer = await compared(api, "union", "only-dismissed")
    assert [reason["aspect"] for reason in answer["reasons"]] == ["measure"]
    assert "which includes what the second is about: dismissed" in answer["reasons"][0]["message"]
    assert answer["verdict"] == "with-care"


async def test_rates(api: AsyncClient) -> None:
    """A rate gives its base number, the unit and the people; rates per different people aren't compared."""
    figure = (await api.get("/v1/figures/a-year")).json()
    assert (figure["per"], figure["per_unit"]) == (1, "year")
    figure = (await api.get("/v1/figures/per-1000")).json()
    assert (figure["per_unit"], figure["per_subjects"]) == ("person", ["officers", "staff"])
    answer = await compared(api, "per-1000", "per-1000-officers")
    assert answer["verdict"] == "not-comparable"
    assert "per 1,000 officers and police staff, the second per 1,000 officers" in answer["reasons"][0]["message"]
    assert "47 per year" in (await api.get("/figures/a-year")).text


async def test_a_whole_that_is_only_possible(api: AsyncClient) -> None:
    """A figure that may be part of a whole is never added to it, and is ambiguous in the tree."""
    total = await api.get("/v1/total?id=whole-190&id=maybe-23")
    assert [one["code"] for one in total.json()["conflicts"]] == ["ambiguous-base"]
    total = await api.get("/v1/total?id=whole-190&id=surely-40")
    assert [one["code"] for one in total.json()["conflicts"]] == ["part-of"]
    tree = (await api.get("/v1/figures/whole-190/tree")).json()
    assert {node["figure"]["id"]: node["ambiguous"] for node in tree["children"]} == {
        "maybe-23": True,
        "surely-40": False,
    }
    answer = await compared(api, "whole-190", "maybe-23")
    assert any("may be part of" in reason["message"] for reason in answer["reasons"])


async def test_a_unit_that_its_source_leaves_open(api: AsyncClient) -> None:
    """If a source counts the same in two units, there is no difference and no ratio."""
    answer = await compared(api, "two-names", "one-name")
    assert (answer["verdict"], answer["difference"], answer["ratio"]) == ("with-care", None, None)
    assert answer["reasons"][0]["aspect"] == "dispute"
    assert "disputed" in (await api.get("/v1/figures/two-names")).json()["cautions"]

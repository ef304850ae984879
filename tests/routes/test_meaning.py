"""Small cases of figures that are easy to misread, each with the right answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import AsyncClient

from app.domain.dataset import Source
from app.domain.records import Figure
from tests import made
from tests.api import client_of
from tests.postgresql import database_of

pytestmark = pytest.mark.anyio

RELEASED = "press-release"


def source(name: str, **changes: object) -> Source:
    """Return a made-up source."""
    return made.SOURCE.model_copy(update={"id": name, "title": f"The {name}", "file": f"{name}.txt", **changes})


SOURCES = [
    made.SOURCE,
    source(RELEASED),
    source("audit"),
    source("survey"),
    *(source(name, origin=RELEASED) for name in ("daily", "weekly")),
]


def in_year(year: int, **changes: object) -> Any:  # noqa: ANN401 - a period
    """Return the period of a year."""
    return made.days(f"{year}-01-01", f"{year}-12-31", **changes)


def stated_by(name: str) -> list[dict[str, object]]:
    """Return the evidence of a record that a source states."""
    return [{**made.STATES, "source": name}]


def dismissed(name: str, **changes: object) -> Figure:
    """Return a figure of people dismissed in Kent."""
    facts = {"kind": "outcome", "outcome": "dismissed", "unit": "person", "force": "kent"}
    return made.figure(name, **{**facts, **changes})


def related(kind: str, *others: str) -> list[dict[str, str]]:
    """Return relations of one type."""
    return [{"type": kind, "id": other} for other in others]


RECORDS = [
    # Two papers read the same release differently.
    made.figure(
        "daily-184", value=184, evidence=stated_by("daily"), related=related("conflicts-with", "weekly-148")
    ),
    made.figure(
        "weekly-148", value=148, evidence=stated_by("weekly"), related=related("conflicts-with", "daily-184")
    ),
    # Two series contradict each other for 2022, so figures of one say nothing about figures of the other.
    dismissed(
        "audit-2022",
        value=27,
        period=in_year(2022),
        evidence=stated_by("audit"),
        related=related("conflicts-with", "survey-2022"),
    ),
    dismissed(
        "survey-2022",
        value=2,
        period=in_year(2022),
        evidence=stated_by("survey"),
        related=related("conflicts-with", "audit-2022"),
    ),
    dismissed("survey-2021", value=9, period=in_year(2021), evidence=stated_by("survey")),
    dismissed("audit-2020", value=11, period=in_year(2020), evidence=stated_by("audit")),
    # Percentages of similar wholes, a year apart.
    made.figure("received-2015", value=840, period=in_year(2015), force="gwent"),
    made.figure("received-2016", value=1105, period=in_year(2016), force="gwent"),
    *(
        made.figure(
            f"upheld-{year}",
            kind="outcome",
            value=value,
            value_type="percent",
            force="gwent",
            period=in_year(year),
            base=made.base(f"received-{year}"),
        )
        for year, value in ((2015, 61), (2016, 47))
    ),
    # Referrals before and after the rules of February 2020.
    *(
        made.figure(
            f"referred-{start}",
            kind="proceeding",
            value=value,
            unit="proceeding",
            force="gwent",
            period=made.days(f"{start}-04-01", f"{start + 1}-03-31"),
        )
        for start, value in ((2019, 310), (2020, 402))
    ),
    # Complaints not upheld, cases without action and people warned, before and after those rules.
    *(
        made.figure(
            f"{outcome}-{year}",
            kind="outcome",
            outcome=outcome,
            value=value,
            force="dorset",
            period=in_year(year),
        )
        for outcome in ("not-upheld", "no-action", "written-warning", "restricted-duties")
        for year, value in ((2018, 40), (2021, 30))
    ),
    # Three accounts of one fact, one of them undated.
    made.figure("first", value=70, period=in_year(2016), force="wiltshire", related=related("same-fact", "second")),
    made.figure(
        "second",
        value=70,
        period=made.UNDATED,
        force="wiltshire",
        related=[*related("same-fact", "first"), *related("same-fact", "third")],
    ),
    made.figure("third", value=70, period=in_year(2016), force="wiltshire", related=related("same-fact", "second")),
    # One article names two sources that counted.
    made.figure(
        "force-42",
        value=42,
        force="dorset",
        evidence=stated_by("daily"),
        related=related("conflicts-with", "union-38"),
    ),
    made.figure(
        "union-38",
        value=38,
        force="dorset",
        evidence=[{**made.STATES, "source": "daily", "origin": "survey"}],
        related=related("conflicts-with", "force-42"),
    ),
    made.figure("force-40", value=40, force="dorset", period=in_year(2021), evidence=stated_by("weekly")),
    made.figure("union-36", value=36, force="dorset", period=in_year(2021), evidence=stated_by("survey")),
    # Four people in 17 cases.
    made.figure("cases", kind="proceeding", value=17, unit="case", force="essex", period=in_year(2018)),
    *(
        made.figure(
            name, kind="outcome", value=value, unit="person", force="essex", period=in_year(year), base=base
        )
        for name, value, year, base in (("people", 4, 2018, made.base("cases")), ("people-later", 8, 2019, None))
    ),
    # Another source disputes the unit.
    made.figure("sixty", value=60, unit="person", force="surrey"),
    made.figure(
        "seventy",
        value=70,
        unit="person",
        force="surrey",
        period=in_year(2021),
        evidence=[*stated_by("daily"), {"source": "weekly", "role": "disputes", "on": "unit"}],
    ),
]


@pytest.fixture(scope="module")
def database(server: str) -> Iterator[str]:
    """Yield the address of a database with these cases."""
    with database_of(server, RECORDS, sources=SOURCES) as address:
        yield address


@pytest.fixture(scope="module")
async def api(database: str, anyio_backend: str) -> Any:  # noqa: ANN401, ARG001 - an iterator; pytest's way
    """Yield a client of the API over these cases."""
    async for client in client_of(database):
        yield client


async def compared(api: AsyncClient, a: str, b: str) -> dict[str, Any]:
    """Return the comparison of two figures."""
    answer = await api.get("/v1/compare", params={"a": a, "b": b})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


COMPARED = {
    "two papers, one release": ("daily-184", "weekly-148", "with-care", "conflict", None),
    "two origins, one year": ("audit-2022", "survey-2022", "with-care", "conflict", None),
    "two series that contradict each other": ("audit-2022", "survey-2021", "with-care", "conflict", None),
    "the same, in years without a contradiction": ("audit-2020", "survey-2021", "with-care", "conflict", None),
    "one series": ("survey-2022", "survey-2021", "comparable", None, 7),
    "percentages of alike wholes": ("upheld-2015", "upheld-2016", "comparable", None, -14),
    "referrals under other rules": ("referred-2019", "referred-2020", "with-care", "rules", None),
    "complaints not upheld under other rules": ("not-upheld-2018", "not-upheld-2021", "with-care", "rules", None),
    "no action under other rules": ("no-action-2018", "no-action-2021", "with-care", "rules", None),
    "warned under other rules": ("written-warning-2018", "written-warning-2021", "with-care", "rules", None),
    "duties that the rules left": ("restricted-duties-2018", "restricted-duties-2021", "comparable", None, -10),
    "one fact, one account undated": ("first", "second", "with-care", "period-basis", None),
    "a share across units": ("people", "people-later", "with-care", "base", None),
    "a disputed unit": ("sixty", "seventy", "with-care", "dispute", None),
}
"""Pairs with their verdict, the aspect of the first reason and the difference."""


@pytest.mark.parametrize("name", COMPARED)
async def test_comparison(api: AsyncClient, name: str) -> None:
    """Either way round, the verdict is right, the most important reason comes first, and no number misleads."""
    a, b, verdict, aspect, difference = COMPARED[name]
    for one, other, sign in ((a, b, 1), (b, a, -1)):
        answer = await compared(api, one, other)
        assert answer["verdict"] == verdict
        assert next((reason["aspect"] for reason in answer["reasons"]), None) == aspect
        assert answer["difference"] == (None if difference is None else sign * difference)
        assert (answer["ratio"] is None) == (difference is None)
        assert len(answer["reasons"]) <= 4


async def test_contradictions_confirm_nothing(api: AsyncClient) -> None:
    """Contradicting accounts of one document aren't said to confirm each other."""
    answer = await compared(api, "daily-184", "weekly-148")
    assert not any("confirms" in reason["message"] for reason in answer["reasons"])


async def test_an_article_that_names_two_who_counted(api: AsyncClient) -> None:
    """Each number names who counted it, and two series that disagree on one year are in conflict in every year."""
    force, union = [(await api.get(f"/v1/figures/{one}")).json() for one in ("force-42", "union-38")]
    assert [one["links"]["source"] for one in (force, union)] == ["/v1/sources/daily"] * 2
    assert [one["links"]["origin"] for one in (force, union)] == [f"/v1/sources/{RELEASED}", "/v1/sources/survey"]
    assert "as reported by" in union["citation"]
    for a, b in (("force-42", "union-38"), ("force-42", "union-36"), ("union-38", "force-40")):
        assert (await compared(api, a, b))["reasons"][0]["aspect"] == "conflict"
    for a, b in (("force-42", "force-40"), ("union-38", "union-36")):
        assert "conflict" not in {reason["aspect"] for reason in (await compared(api, a, b))["reasons"]}


async def test_one_fact_through_another(api: AsyncClient) -> None:
    """A third account can connect accounts of one fact; changed rules don't matter between them."""
    for a, b in (("first", "second"), ("first", "third")):
        answer = await compared(api, a, b)
        assert "rules" not in {reason["aspect"] for reason in answer["reasons"]}
    assert {reason["aspect"] for reason in (await compared(api, "first", "third"))["reasons"]} == {"origin"}


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        (("daily-184", "weekly-148"), "conflicting"),
        (("audit-2022", "survey-2021"), "conflicting"),
        (("audit-2020", "survey-2021"), "conflicting"),
        (("first", "third"), "overlapping"),
        (("people", "cases"), "part-of"),
    ],
)
async def test_total(api: AsyncClient, ids: tuple[str, str], code: str) -> None:
    """A figure is never added to one that contradicts, repeats or contains it."""
    answer = await api.get("/v1/total", params={"id": list(ids)})
    assert answer.status_code == 409
    assert [conflict["code"] for conflict in answer.json()["conflicts"]] == [code]


async def test_one_series_is_added(api: AsyncClient) -> None:
    """Two years of one series can be added, whatever another series says."""
    answer = await api.get("/v1/total?id=survey-2022&id=survey-2021")
    assert (answer.status_code, answer.json()["value"]) == (200, 11)

"""Totals through the API."""

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import Engine

from app.analysis.total import MAX_FIGURES
from tests import made
from tests.api import client_of
from tests.postgresql import address_of

pytestmark = pytest.mark.anyio


async def test_limit(database: Engine) -> None:
    """Ten thousand figures are added; one more is refused, with the limit."""
    first = date(1990, 1, 1)
    records = [
        made.figure(f"f-{index:05}", period=made.days(str(first + timedelta(days=index))), value=index % 7)
        for index in range(MAX_FIGURES + 1)
    ]
    made.loaded(database, records)
    async for client in client_of(address_of(database)):
        answer = await client.get(f"/v1/total?period=../{first + timedelta(days=MAX_FIGURES - 1)}")
        assert answer.status_code == 200
        assert answer.json()["value"] == sum(index % 7 for index in range(MAX_FIGURES))
        answer = await client.get("/v1/total")
        assert answer.status_code == 422
        assert (answer.json()["type"], answer.json()["limit"]) == ("/problems/too-many-figures", MAX_FIGURES)
        assert str(MAX_FIGURES) in answer.json()["detail"]


async def test_parts_of_the_66(client: AsyncClient) -> None:
    """The 66, the 52 and the 42 aren't 160 people, and the answer names the pairs."""
    answer = await client.get("/v1/total?force=england-and-wales&stage=misconduct-proceedings")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    conflicts = {frozenset((c["a"], c["b"])): c["code"] for c in answer.json()["conflicts"]}
    whole, gross, last_year = (
        "ew-2018-2021-misconduct-proceedings",
        "ew-2018-2021-gross-misconduct-proceedings",
        "ew-2020-2021-misconduct-proceedings",
    )
    assert conflicts[frozenset((whole, gross))] == "part-of"
    assert conflicts[frozenset((whole, last_year))] == "part-of"


@pytest.mark.parametrize(
    ("query", "value", "lower_bound", "figures"),
    [
        ("force=metropolitan&kind=complaint", 594, False, ["met-2012-2018-complaints"]),
        ("force=gwent", None, False, []),
        (
            "force=metropolitan&kind=proceeding",
            None,
            True,
            ["met-2012-2018-upheld-criminal-investigation"],
        ),
    ],
)
async def test_total(
    client: AsyncClient,
    query: str,
    value: int | None,
    lower_bound: bool,  # noqa: FBT001 - from a table
    figures: list[str],
) -> None:
    """One figure is its own total. No figures, and no known values, don't count as zero."""
    answer = await client.get(f"/v1/total?{query}")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["value"], found["lower_bound"], found["figures"]) == (value, lower_bound, figures)


async def test_warnings(database: Engine) -> None:
    """A sum has a warning if it leaves something out or mixes groups of people, and otherwise none."""
    people = {"unit": "person", "kind": "outcome", "period": made.days("2019-01-01", "2019-12-31")}
    records = [
        made.figure("met", value=40, subjects=["officers"], **people),
        made.figure("kent", value=2, force="kent", subjects=["officers", "specials"], **people),
        made.figure("essex", value=3, force="essex", subjects=["officers"], **people),
        made.figure("some-day", **people | {"force": "sussex", "period": made.UNDATED, "subjects": ["officers"]}),
    ]
    made.loaded(database, records)
    async for client in client_of(address_of(database)):
        mixed = (await client.get("/v1/total?period=2019")).json()
        assert mixed["value"] == 45
        assert (mixed["unit"], mixed["subjects"]) == ("person", ["officers", "specials"])
        assert mixed["forces"] == ["essex", "kent", "metropolitan"]
        assert mixed["period"] == {"start": "2019-01-01", "end": "2019-12-31"}
        assert {one["code"]: one["ids"] for one in mixed["warnings"]} == {
            "mixed-subjects": ["essex", "kent", "met"],
            "undated-excluded": ["some-day"],
        }
        assert (await client.get("/v1/total?id=met&id=essex")).json()["warnings"] == []
        assert [one["code"] for one in (await client.get("/v1/total?id=nobody")).json()["warnings"]] == [
            "no-records",
            "unknown-ids",
        ]
        beyond = (await client.get("/v1/total?period=2019/2022&force=essex&force=gwent")).json()
        assert [one["code"] for one in beyond["warnings"]] == ["period-not-filled", "forces-missing"]
        for missing in ("gwent&force_scope=areas", "england-and-wales", "gwent"):
            other = (await client.get(f"/v1/total?period=2019&force=essex&force={missing}")).json()
            assert [one["code"] for one in other["warnings"]] == ["forces-missing"], missing
        undated = (await client.get("/v1/total?id=some-day&period=2019&include_undated=true")).json()
        assert [one["code"] for one in undated["warnings"]] == ["undated-included"]


async def test_relations_of_records(database: Engine) -> None:
    """Bases and relations prevent double counting: a second whole, a part of a sum, and accounts of one fact."""

    def related(kind: str, other: str) -> list[dict[str, str]]:
        return [{"type": kind, "id": other}]

    def at(number: int) -> Any:  # noqa: ANN401 - a period
        return made.days(f"{number}-01-01", f"{number}-12-31")

    records = [
        made.figure("whole", value=30),
        made.figure("part", value=10, period=at(2021), base=made.base("whole")),
        made.figure("sum-part", value=20, period=at(2022), related=related("part-of", "whole")),
        made.figure("perhaps", value=5, period=at(2023), base=made.ambiguous("whole", "part")),
        made.figure("one", value=7, period=at(2024), related=related("same-fact", "other")),
        made.figure(
            "other",
            value=7,
            period=at(2025),
            related=[*related("same-fact", "one"), *related("same-fact", "third")],
        ),
        made.figure("third", value=7, period=at(2032), related=related("same-fact", "other")),
        made.figure("new", value=8, period=at(2026), related=related("supersedes", "old")),
        made.figure("old", value=9, period=at(2027)),
        made.figure("left", value=4, period=at(2028), related=related("conflicts-with", "right")),
        made.figure("right", value=6, period=at(2029), related=related("conflicts-with", "left")),
        made.figure("crossing", value=4, period=at(2030), related=related("overlaps", "crossed")),
        made.figure("crossed", value=6, period=at(2031), related=related("overlaps", "crossing")),
    ]
    made.loaded(database, records)
    expected = {
        ("part", "whole"): "part-of",
        ("sum-part", "whole"): "part-of",
        ("perhaps", "whole"): "ambiguous-base",
        ("part", "perhaps"): "ambiguous-base",
        ("one", "other"): "overlapping",
        ("one", "third"): "overlapping",
        ("new", "old"): "overlapping",
        ("left", "right"): "conflicting",
        ("crossed", "crossing"): "overlapping",
        ("part", "sum-part"): None,
        ("perhaps", "sum-part"): None,
        ("one", "new"): None,
    }
    async for client in client_of(address_of(database)):
        for (a, b), code in expected.items():
            answer = (await client.get(f"/v1/total?id={a}&id={b}")).json()
            assert [c["code"] for c in answer.get("conflicts", [])] == [code] * (code is not None)

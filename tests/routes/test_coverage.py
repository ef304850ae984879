"""Coverage through the API."""

import csv
import io
from collections import Counter
from itertools import chain
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import Engine

from app.analysis.coverage import NO_RECORD, STATES
from tests import made
from tests.api import client_of
from tests.postgresql import address_of

pytestmark = pytest.mark.anyio

Document = dict[str, Any]


async def get(client: AsyncClient, address: str) -> Document:
    """Return the answer from an address that must succeed."""
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    found: Document = answer.json()
    return found


def measure_of(figure: Document) -> Document:
    """Return a figure's measure as coverage gives it."""
    names = ("kind", "allegation", "stage", "outcome", "unit", "value_type", "breakdown")
    return {name: figure[name] for name in names}


async def check_coverage(client: AsyncClient) -> Document:
    """Check that the coverage without filters matches the list of all figures, and return it."""
    figures = (await get(client, "/v1/figures?limit=500"))["data"]
    coverage = await get(client, "/v1/coverage")
    found = Counter(figure for cell in coverage["data"] for figure in cell["ids"])
    assert found == Counter(figure["id"] for figure in figures)
    assert coverage["meta"]["total"] == coverage["meta"]["count"] == len(coverage["data"])
    for figure in figures:
        (cell,) = [cell for cell in coverage["data"] if figure["id"] in cell["ids"]]
        assert (cell["force"], cell["state"]) == (figure["force"]["id"], figure["value_status"])
        assert cell["measure"] == measure_of(figure)
    forces = {force["id"] for force in (await get(client, "/v1/forces"))["data"]}
    measures = {str(measure_of(figure)) for figure in figures}
    assert {(c["force"], str(c["measure"])) for c in coverage["data"]} == {(f, m) for f in forces for m in measures}
    for cell in coverage["data"]:
        assert (cell["state"] == NO_RECORD) == (cell["ids"] == [])
        assert set(cell) == {"force", "measure", "state", "ids"}
    return coverage


async def test_coverage_of_the_real_figures(client: AsyncClient) -> None:
    """Every figure is in one cell, even if undated; "not disclosed" and "no record" are different cells."""
    coverage = await check_coverage(client)
    states = {
        cell["force"]: (cell["state"], cell["ids"])
        for cell in coverage["data"]
        if cell["measure"]["stage"] == "criminal-investigation"
    }
    assert states.pop("metropolitan") == ("not-disclosed", ["met-2012-2018-upheld-criminal-investigation"])
    assert set(map(str, states.values())) == {"('no-record', [])"}
    assert any("ew-past-year-investigated" in cell["ids"] for cell in coverage["data"])


async def test_coverage_of_made_up_figures(database: Engine) -> None:
    """Each state of a measure has its own cell; breakdowns and value types make different measures."""
    unknown = {"value_status": "withheld"}
    records = [
        made.figure("one", value=0),
        made.figure("two", value=3, period=made.days("2021-01-01", "2021-12-31")),
        made.figure("kept-back", **unknown),
        made.figure("undated", period=made.UNDATED),
        made.figure("of-men", breakdown={"sex": "male"}),
        made.figure("share", value=5.5, value_type="percent"),
        made.figure("elsewhere", force="gwent", value_status="not-counted"),
        made.figure("step", kind="proceeding", value_status="not-disclosed"),
        made.figure("result", kind="outcome", unit="person"),
    ]
    made.loaded(database, records)
    async for client in client_of(address_of(database)):
        coverage = await check_coverage(client)
        plain = [
            (cell["force"], cell["state"], cell["ids"])
            for cell in coverage["data"]
            if cell["force"] in {"metropolitan", "gwent", "kent"}
            and cell["measure"] == measure_of(await get(client, "/v1/figures/one"))
        ]
        assert plain == [
            ("gwent", "not-counted", ["elsewhere"]),
            ("kent", "no-record", []),
            ("metropolitan", "stated", ["one", "two", "undated"]),
            ("metropolitan", "withheld", ["kept-back"]),
        ]


@pytest.mark.parametrize(
    ("query", "forces", "ids"),
    [
        ("force=metropolitan&kind=complaint", {"metropolitan"}, ["met-2012-2018-complaints"]),
        ("force=gwent", {"gwent"}, []),
        (
            "force=gwent&force_scope=areas&stage=investigation",
            {"gwent", "england-and-wales"},
            ["ew-2016-investigated", "ew-past-year-investigated"],
        ),
        (
            "force=england-and-wales&stage=investigation&period=2016",
            {"england-and-wales"},
            ["ew-2016-investigated", "ew-past-year-investigated"],
        ),
        (
            "force=england-and-wales&stage=investigation&period=2016&include_undated=false",
            {"england-and-wales"},
            ["ew-2016-investigated"],
        ),
    ],
)
async def test_coverage_with_filters(client: AsyncClient, query: str, forces: set[str], ids: list[str]) -> None:
    """Filters narrow forces and figures; undated figures stay unless `include_undated=false`."""
    coverage = await get(client, f"/v1/coverage?{query}")
    assert {cell["force"] for cell in coverage["data"]} == forces
    assert sorted(figure for cell in coverage["data"] for figure in cell["ids"]) == ids


async def test_a_force_without_figures(client: AsyncClient) -> None:
    """A force without figures has a `no-record` cell for each measure of other forces."""
    whole = await get(client, "/v1/coverage")
    gaps = (await get(client, "/v1/coverage?force=gwent"))["data"]
    assert {cell["state"] for cell in gaps} == {NO_RECORD}
    assert {str(cell["measure"]) for cell in gaps} == {str(cell["measure"]) for cell in whole["data"]}


@pytest.mark.parametrize("force", ["metropolitan", "gwent", "england-and-wales"])
async def test_the_gaps_of_a_force(client: AsyncClient, force: str) -> None:
    """A force has the same gaps whether it is asked for alone or not."""
    whole = (await get(client, "/v1/coverage"))["data"]
    alone = (await get(client, f"/v1/coverage?force={force}"))["data"]
    assert alone == [cell for cell in whole if cell["force"] == force]
    gaps = await get(client, f"/v1/coverage?force={force}&state=no-record")
    assert gaps["data"] == [cell for cell in alone if cell["state"] == NO_RECORD] != []


async def test_a_gap_means_no_record_at_all(database: Engine) -> None:
    """A figure that a filter leaves out for its source, people, number, id or words isn't a gap."""
    records = [
        made.figure("met-officers", subjects=["officers"]),
        made.figure("kent-staff", force="kent", subjects=["staff"], value_status="withheld"),
        made.figure("gwent-earlier", force="gwent", period=made.days("2001-01-01", "2001-12-31")),
    ]
    made.loaded(database, records)
    async for client in client_of(address_of(database)):
        for filters in ("subjects=officers", "value_status=stated", "period=2012/2021", "source_kind=news-article"):
            cells = (await get(client, f"/v1/coverage?{filters}"))["data"]
            gaps = {cell["force"] for cell in cells if cell["state"] == NO_RECORD}
            assert {"metropolitan", "kent"}.isdisjoint(gaps), filters
            assert ("gwent" in gaps) == filters.startswith("period"), filters
            assert "dorset" in gaps, filters
        for picked in ("id=met-officers", "q=metropolitan"):
            cells = (await get(client, f"/v1/coverage?{picked}"))["data"]
            assert [cell["ids"] for cell in cells] == [["met-officers"]], picked


async def test_warnings_on_a_period(client: AsyncClient) -> None:
    """With a period, coverage warns of undated figures and of figures that cover more."""
    coverage = await get(client, "/v1/coverage?force=england-and-wales&period=2020")
    warnings = {warning["code"]: warning["ids"] for warning in coverage["warnings"]}
    assert "ew-past-year-investigated" in warnings["undated-included"]
    assert "ew-2018-2021-misconduct-proven" in warnings["wider-than-period"]
    whole = {figure for cell in coverage["data"] for figure in cell["ids"]}
    assert set(chain.from_iterable(warnings.values())) <= whole
    dated = await get(client, "/v1/coverage?force=england-and-wales&period=2020&include_undated=false")
    assert {warning["code"] for warning in dated["warnings"]} == {"wider-than-period", "undated-excluded"}
    assert (await get(client, "/v1/coverage?force=england-and-wales"))["warnings"] == []
    withheld = await get(client, "/v1/coverage?state=withheld&period=2020&include_undated=false")
    assert (withheld["meta"]["undated_excluded"], withheld["data"]) == (0, [])
    assert [warning["code"] for warning in withheld["warnings"]] == ["no-records"]


async def test_states(client: AsyncClient) -> None:
    """Cells can be filtered by their state."""
    whole = (await get(client, "/v1/coverage"))["data"]
    for state in STATES:
        found = await get(client, f"/v1/coverage?state={state}")
        assert found["data"] == [cell for cell in whole if cell["state"] == state]
    both = await get(client, "/v1/coverage?state=stated&state=not-disclosed")
    assert {cell["state"] for cell in both["data"]} == {"stated", "not-disclosed"}


async def test_rows(client: AsyncClient) -> None:
    """CSV has a row for each cell, with the measure in several columns."""
    cells = (await get(client, "/v1/coverage?force=metropolitan"))["data"]
    answer = await client.get("/v1/coverage?force=metropolitan&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["state"], row["ids"]) for row in rows] == [
        (cell["state"], "|".join(cell["ids"])) for cell in cells
    ]
    assert [row["unit"] for row in rows] == [cell["measure"]["unit"] for cell in cells]


async def test_coverage_says_what_it_leaves_out(client: AsyncClient) -> None:
    """Undated figures that a query excludes are counted, and the query is echoed as on lists."""
    query = "force=england-and-wales&stage=investigation&period=2016&include_undated=false"
    left_out = await get(client, f"/v1/coverage?{query}")
    assert left_out["meta"]["undated_excluded"] == 1
    assert [(one["code"], one["ids"]) for one in left_out["warnings"]] == [
        ("undated-excluded", ["ew-past-year-investigated"])
    ]
    assert left_out["meta"]["query"] == {
        "force": ["england-and-wales"],
        "stage": ["investigation"],
        "period": "2016",
        "include_undated": "false",
    }
    whole = await get(client, "/v1/coverage")
    assert (whole["meta"]["undated_excluded"], whole["warnings"]) == (0, [])
    file = await client.get(f"/v1/coverage?{query}&format=csv")
    assert file.headers["X-Upheld-Warnings"] == "1"

"""Series through the API."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from httpx import AsyncClient

from app.queries import series as series_queries
from app.routes import series
from tests import made
from tests.api import client_of
from tests.postgresql import database_of

pytestmark = pytest.mark.anyio


def in_year(number: int) -> Any:  # noqa: ANN401 - a period
    """Return the period of a year."""
    return made.days(f"{number}-01-01", f"{number}-12-31")


RECORDS = [
    *(
        made.figure(f"kent-{number}", force="kent", value=number, period=in_year(number))
        for number in range(2011, 2015)
    ),
    made.figure("kent-2015", force="kent", value_status="withheld", period=in_year(2015)),
    made.figure("kent-2011-2014", force="kent", value=90, period=made.days("2011-01-01", "2014-12-31")),
    made.figure("kent-undated", force="kent", value=7, period=made.UNDATED),
    made.figure(
        "kent-upheld",
        kind="outcome",
        force="kent",
        value=503,
        period=in_year(2012),
        base=made.base("kent-2012"),
    ),
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


async def get(api: AsyncClient, address: str) -> dict[str, Any]:
    """Return the answer from an address that must succeed."""
    answer = await api.get(address)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_lines(api: AsyncClient) -> None:
    """Single years are one line with a gap at its end, the four-year period is another, and outcomes a third."""
    answer = await get(api, "/v1/series?force=kent")
    points = [[point["id"] for point in line["points"]] for line in answer["data"]]
    years = [f"kent-{number}" for number in range(2011, 2016)]
    assert points == [years, ["kent-2011-2014"], ["kent-upheld"]]
    (broken,) = answer["data"][0]["breaks"]
    assert (broken["after"], broken["before"]) == ("kent-2014", "kent-2015")
    assert {reason["aspect"] for reason in broken["reasons"]} == {"value-status"}
    assert answer["data"][0]["points"][-1]["value"] is None
    assert answer["data"][2]["points"][0]["share"] == 0.25
    assert (answer["meta"]["total"], answer["meta"]["count"], answer["meta"]["undated_excluded"]) == (7, 3, 1)
    assert {warning["code"] for warning in answer["warnings"]} == {"not-disclosed", "undated-excluded"}


async def test_wider_periods_are_warned_of(api: AsyncClient) -> None:
    """A figure that covers more than the requested period comes with a warning."""
    answer = await get(api, "/v1/series?force=kent&period=2012&kind=complaint")
    (warning,) = [warning for warning in answer["warnings"] if warning["code"] == "wider-than-period"]
    assert warning["ids"] == ["kent-2011-2014"]


async def test_no_records(api: AsyncClient) -> None:
    """If nothing is selected, the list is empty and has a warning."""
    answer = await get(api, "/v1/series?force=gwent")
    assert answer["data"] == []
    assert [warning["code"] for warning in answer["warnings"]] == ["no-records"]


async def test_rows(api: AsyncClient) -> None:
    """CSV has a row for each point, and marks where the line is broken."""
    answer = await api.get("/v1/series?force=kent&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["id"] for row in rows if row["break_before"]] == ["kent-2015"]
    assert [row["value"] for row in rows] == ["2011", "2012", "2013", "2014", "", "90", "503"]
    assert {row["force_name"] for row in rows} == {"Kent Police"}
    assert answer.headers["x-upheld-warnings"] == "2"


async def test_too_many(api: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """More figures than a chart can show are refused, with the limit."""
    for module in (series, series_queries):
        monkeypatch.setattr(module, "MAX_FIGURES", 3)
    answer = await api.get("/v1/series?force=kent&allegation=any")
    assert answer.status_code == 422
    assert answer.json()["limit"] == 3


@pytest.mark.parametrize("query", ["include_undated=true", "limit=5", "sort=value", "bom=true"])
async def test_what_does_not_apply(api: AsyncClient, query: str) -> None:
    """Parameters that have no meaning for series are refused."""
    assert (await api.get(f"/v1/series?{query}")).status_code == 422


async def test_how_to_read_a_point(server: str) -> None:
    """A point says whether its number is exact, where a range ends, and whether its share is across units."""
    records = [
        made.figure("range", value=100, value_to=120, qualifier="between"),
        made.figure("whole", allegation="rape", value=10),
        made.figure("part", kind="outcome", allegation="rape", value=5, unit="person", base=made.base("whole")),
    ]
    with database_of(server, records) as address:
        async for client in client_of(address):
            lines = (await client.get("/v1/series")).json()["data"]
            points = {point["id"]: point for line in lines for point in line["points"]}
            range_, part = points["range"], points["part"]
            assert (range_["value"], range_["value_to"], range_["qualifier"]) == (100, 120, "between")
            assert (part["share"], part["share_basis"], part["qualifier"]) == (0.5, "across-units", "exact")
            file = (await client.get("/v1/series?format=csv")).text
            rows = {row["id"]: row for row in csv.DictReader(io.StringIO(file))}
            assert (rows["range"]["value_to"], rows["part"]["share_basis"]) == ("120", "across-units")

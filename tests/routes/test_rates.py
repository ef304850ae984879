"""Rates, their comparison and headcounts through the API, over the latest release of the project's own data."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from httpx import AsyncClient
from scipy.stats import chi2

from app.database.owner import write_engine
from app.domain.dataset import Workforce
from app.domain.vocabulary import WorkerType
from tests.api import client_of
from tests.formats.packages import EXPORT, errors, rows, unpacked
from tests.made import load
from tests.postgresql import new_database
from tests.real_seeds import real_release, real_seeds

pytestmark = pytest.mark.anyio

OFFICERS = "/v1/rates?source=bbc-shared-data-unit-2022-02&subjects=officers&outcome=case-to-answer"
COMPARISON = "/v1/rates/comparison?source=bbc-shared-data-unit-2022-02&subjects=officers&outcome=misconduct-proven"


@pytest.fixture(scope="module")
def latest(server: str, schema: str) -> Iterator[str]:
    """Yield the address of a database with the latest release of the project's own data."""
    with new_database(server, schema) as address:
        engine = write_engine(address)
        load(engine, *real_release())
        engine.dispose()
        yield address


@pytest.fixture(scope="module")
async def client(latest: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client of the API over that database."""
    async for found in client_of(latest):
        yield found


async def get(client: AsyncClient, address: str, status: int = 200) -> Any:  # noqa: ANN401 - JSON
    """Return the JSON at an address."""
    answer = await client.get(address)
    assert answer.status_code == status, answer.text
    return answer.json()


def workforces() -> list[Workforce]:
    """Return the headcounts of the seeds."""
    return real_seeds().dataset.workforces


def test_the_published_total_of_officers() -> None:
    """The full-time equivalents of officers in 2022 add up to what the Home Office published."""
    total = sum(one.fte[WorkerType.OFFICER] for one in workforces() if one.as_at.year == 2022)
    assert round(total) == 140_228
    assert len({one.force for one in workforces()}) == 43
    assert {one.as_at.year for one in workforces()} == set(range(2007, 2023))


async def test_headcounts_of_a_force(client: AsyncClient) -> None:
    """Headcounts are listed latest first, with filters; special constables have no full-time equivalent."""
    answer = await get(client, "/v1/forces/city-of-london/workforce")
    assert answer["meta"]["total"] == 16 * 5
    assert answer["data"][0] == {
        "as_at": "2022-03-31",
        "worker_type": "officer",
        "headcount": 893,
        "fte": 884.49,
        "source": "home-office-workforce-2022",
    }
    some = await get(client, "/v1/forces/kent/workforce?as_at=2021-03-31&as_at=2020-03-31&worker_type=special")
    assert [(one["as_at"], one["fte"]) for one in some["data"]] == [("2021-03-31", None), ("2020-03-31", None)]
    text = (await client.get(some["links"]["csv"])).text
    assert next(csv.DictReader(io.StringIO(text)))["headcount"] == str(some["data"][0]["headcount"])


async def test_no_headcounts_are_no_zero(client: AsyncClient) -> None:
    """The British Transport Police isn't in the source: the list is empty and has a warning."""
    answer = await get(client, "/v1/forces/british-transport-police/workforce")
    assert answer["data"] == []
    assert [one["code"] for one in answer["warnings"]] == ["no-records"]
    await get(client, "/v1/forces/nowhere/workforce", 404)


async def test_every_mistake_in_the_query_is_named(client: AsyncClient) -> None:
    """An unknown worker type, a day that doesn't exist and an unknown parameter are reported at once."""
    address = "/v1/forces/kent/workforce?worker_type=officers&as_at=2021-02-30&as_at=2021&sex=male"
    problem = await get(client, address, 422)
    assert {(one["parameter"], one["code"]) for one in problem["errors"]} == {
        ("worker_type", "unknown-code"),
        ("as_at", "out-of-range"),
        ("as_at", "malformed"),
        ("sex", "unknown-parameter"),
    }


async def test_headcounts_are_in_the_data_package(client: AsyncClient, tmp_path: Any) -> None:  # noqa: ANN401 - a path
    """There is one row for each force, day and worker type; the package is valid, keys included."""
    content = (await client.get(EXPORT)).content
    found = rows(unpacked(content), "workforce")
    assert len(found) == 43 * 16 * 5
    assert len({(row["force"], row["as_at"], row["worker_type"]) for row in found}) == len(found)
    assert errors(content, tmp_path) == []


async def test_rates_agree_with_another_calculation(client: AsyncClient) -> None:
    """Rates match the figure, the mean of four headcounts from the headcount endpoint, and SciPy's interval."""
    answer = await get(client, OFFICERS)
    assert len(answer["data"]) == 38
    assert answer["refused"] == []
    for rate in answer["data"][:10]:
        figure = rate["figure"]
        counts = (await get(client, f"/v1/forces/{figure['force']['id']}/workforce?worker_type=officer"))["data"]
        used = [one["headcount"] for one in counts if "2018" <= one["as_at"][:4] <= "2021"]
        assert len(used) == 4
        mean = sum(used) / 4
        assert rate["denominator"]["value"] == pytest.approx(mean)
        per_year = 1000 / (mean * 4)
        count = rate["numerator"]
        assert count == figure["value"]
        assert rate["rate"] == pytest.approx(count * per_year, abs=1e-6)
        low = chi2.ppf(0.025, 2 * count) / 2 if count else 0
        high = chi2.ppf(0.975, 2 * count + 2) / 2
        assert (rate["interval"]["low"], rate["interval"]["high"]) == pytest.approx(
            (low * per_year, high * per_year), abs=1e-6
        )
        assert (rate["per"], rate["per_year"], rate["years"]) == (1000, True, 4)
        assert rate["cautions"] == figure["cautions"]


async def test_each_figure_has_a_rate_or_a_reason(client: AsyncClient) -> None:
    """Every selected figure is on one page, with its rate or a reason; common reasons occur in the real data."""
    listed = await get(client, "/v1/figures?limit=1")
    ids: list[str] = []
    codes: set[str] = set()
    address = "/v1/rates"
    while address:
        answer = await get(client, address)
        assert answer["meta"]["total"] == listed["meta"]["total"]
        assert answer["meta"]["count"] == len(answer["data"])
        page = [one["figure"]["id"] for one in answer["data"]] + [one["id"] for one in answer["refused"]]
        assert len(page) <= answer["meta"]["query"]["limit"] == 100
        without = [one for one in answer["warnings"] if one["code"] == "without-rate"]
        assert sum(len(one["ids"]) + one["more"] for one in without) == len(answer["refused"])
        ids += page
        codes |= {one["code"] for one in answer["refused"]}
        address = answer["links"]["next"]
    assert len(ids) == len(set(ids)) == listed["meta"]["total"]
    assert codes >= {"area", "not-people"}


async def test_a_page_of_rates_is_a_page_of_figures(client: AsyncClient) -> None:
    """A page has the same figures in the same order as `/v1/figures`, and a cursor that fits no other query."""
    first = await get(client, f"{OFFICERS}&limit=5&sort=-value")
    figures = await get(client, f"{OFFICERS.replace('rates', 'figures')}&limit=5&sort=-value")
    assert [one["figure"] for one in first["data"]] == figures["data"]
    cursor = first["links"]["next"].partition("cursor=")[2]
    problem = await get(client, f"/v1/rates?cursor={cursor}", 422)
    assert [one["code"] for one in problem["errors"]] == ["foreign-cursor"]


async def test_a_file_says_how_many_figures_it_leaves_out(client: AsyncClient) -> None:
    """A file only has rows with rates; the JSON that it links to says which figures have none, and why."""
    for selected, reasons in (("unit=case", True), ("outcome=dismissed&subjects=officers", False)):
        answer = await client.get(f"/v1/rates?{selected}&format=csv")
        address = re.match(r"<(.*)>; rel=\"describedby\"", answer.headers["Link"])
        assert address is not None
        described = await get(client, address[1])
        assert int(answer.headers["X-Upheld-Warnings"]) == len(described["warnings"])
        assert ("without-rate" in [one["code"] for one in described["warnings"]]) is reasons
        assert (described["refused"] != []) is reasons


async def test_a_comparison_by_cases(client: AsyncClient) -> None:
    """If the source counts cases too, each force has its cases, and the position it would have by cases."""
    found = await get(client, COMPARISON.replace("misconduct-proven", "case-to-answer"))
    cases = await get(client, "/v1/figures?outcome=case-to-answer&unit=case&limit=500")
    known = {one["force"]["id"]: one["value"] for one in cases["data"] if not one["breakdown"]}
    for one in found["forces"]:
        assert one["cases"] == min(known[one["force"]], one["numerator"])
    people, by_case = (
        {one["force"] for one in found["forces"] if one[key]["limits_95"] != "within"}
        for key in ("position", "position_by_case")
    )
    most = sum(one["cases"] for one in found["forces"])
    assert people
    assert not people & by_case
    said = (
        f"at most {most} cases: counted by case, all {len(people)} would be within the limits, and {len(by_case)}"
    )
    assert said in found["summary"]
    proven = await get(client, COMPARISON)
    assert {one["position_by_case"] for one in proven["forces"]} == {None}


async def test_a_comparison_of_nothing_comparable_is_refused(client: AsyncClient) -> None:
    """Several measures are refused even if none has a rate; the errors name filters that narrow them."""
    problem = await get(client, "/v1/rates/comparison?unit=case", 422)
    assert problem["type"].endswith("/not-one-measure")
    errors = {one["parameter"]: one for one in problem["errors"]}
    for name, one in errors.items():
        assert (one["code"], one["value"]) == ("empty", "")
        for value in one["allowed"]:
            narrowed = await client.get(f"/v1/rates/comparison?unit=case&{name}={value}")
            assert narrowed.status_code in {200, 422}
            assert not narrowed.text.startswith('{"type":"/problems/invalid-query"')
    wide = await get(client, "/v1/rates/comparison?outcome=left-police-service&source_kind=data-table", 422)
    assert "left-before-proceedings" in {one["parameter"]: one for one in wide["errors"]}["outcome"]["allowed"]


async def test_a_period_leaves_the_undated_out(client: AsyncClient) -> None:
    """Undated figures are counted as left out, and come back with `include_undated`."""
    without = await get(client, "/v1/rates?force=metropolitan&period=2010/2022")
    with_them = await get(client, "/v1/rates?force=metropolitan&period=2010/2022&include_undated=true")
    more = with_them["meta"]["total"] - without["meta"]["total"]
    assert without["meta"]["undated_excluded"] == more
    assert sum(one["code"] == "undated" for one in with_them["refused"]) <= more


async def test_rates_as_csv(client: AsyncClient) -> None:
    """CSV has the same rates, flat."""
    found = (await get(client, OFFICERS))["data"]
    answer = await client.get(f"{OFFICERS}&format=csv")
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["figure"] for row in table] == [one["figure"]["id"] for one in found]
    assert [float(row["rate"]) for row in table] == [one["rate"] for one in found]
    assert table[0]["denominator_as_at"] == "2018-03-31|2019-03-31|2020-03-31|2021-03-31"
    assert 'rel="describedby"' in answer.headers["Link"]


async def test_a_comparison(client: AsyncClient) -> None:
    """Every force has its rate, interval, limits and position, and the summary has the right numbers."""
    found = await get(client, COMPARISON)
    assert [one["force"] for one in found["forces"]] == sorted(one["force"] for one in found["forces"])
    assert len(found["forces"]) == 38
    total = sum(one["numerator"] for one in found["forces"])
    years = sum(one["person_years"] for one in found["forces"])
    assert found["expected"] == pytest.approx(total / years * 1000, abs=1e-5)
    for one in found["forces"]:
        for limits in ("limits_95", "limits_998"):
            low, high = one[limits]["low"], one[limits]["high"]
            assert low <= found["expected"] <= high
            where = "above" if one["rate"] > high else "below" if one["rate"] < low else "within"
            assert one["position"][limits] == where
    within = sum(one["position"]["limits_95"] == "within" for one in found["forces"])
    assert f"{within} of the 38 forces are within the 95% limits" in found["summary"]
    assert "One case can involve several people" in found["summary"]
    assert re.search(rf": {total:,} in 38 forces", found["summary"])


async def test_notes_on_all_figures(client: AsyncClient) -> None:
    """Sums, comparisons, the page and its charts repeat the notes that all of the figures have."""
    missing = "Sanctions that a summary does not list are missing"
    dismissed = "outcome=dismissed&subjects=officers"
    for address in (f"/v1/total?{dismissed}", f"/v1/rates/comparison?{dismissed}"):
        notes = (await get(client, address))["notes"]
        assert any(note.startswith(missing) for note in notes)
        assert len(notes) == 3
    for address in (f"/rates?{dismissed}", f"/rates/map.svg?{dismissed}"):
        assert missing in (await client.get(address)).text
    assert (await get(client, "/v1/total?id=nobody"))["notes"] == []


@pytest.mark.parametrize(
    ("query", "differ"),
    [
        ("outcome=misconduct-proven", ["subjects"]),
        ("subjects=officers", ["measure"]),
        ("", ["measure", "subjects"]),
    ],
)
async def test_a_comparison_is_of_one_measure(client: AsyncClient, query: str, differ: list[str]) -> None:
    """Filters that select more than one measure or group of subjects are refused."""
    problem = await get(client, f"/v1/rates/comparison?source=bbc-shared-data-unit-2022-02&{query}", 422)
    assert problem["type"] == "/problems/not-one-measure"
    assert sorted(problem["differ"]) == differ


async def test_a_comparison_of_nothing(client: AsyncClient) -> None:
    """Recommendations aren't people: nothing is compared, nothing is 0, and each figure has a reason."""
    found = await get(client, "/v1/rates/comparison?outcome=recommendation-made")
    assert (found["expected"], found["forces"]) == (None, [])
    assert {one["code"] for one in found["refused"]} == {"not-people"}
    assert "says nothing about what happened" in found["summary"]


async def test_every_cell_of_the_table_is_served(client: AsyncClient) -> None:
    """Each of the 722 cells is a figure with its number as printed."""
    answer = await client.get("/v1/figures?source=bbc-shared-data-unit-2022-02&format=csv")
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(table) == 38 * 19
    held = real_seeds().tables["bbc-shared-data-unit-2022-02"].rows[1:]
    printed = sorted(cell for row in held for cell in row.cells[1:])
    assert sorted("no" if '"as_printed":"no"' in row["evidence"] else row["value"] for row in table) == printed


async def test_forces_without_a_row_are_not_known(client: AsyncClient) -> None:
    """Coverage has a force without a row in the table as `no-record`, never as 0."""
    answer = await get(client, "/v1/coverage?source=bbc-shared-data-unit-2022-02&force=lancashire&force=kent")
    states = {(cell["force"], cell["state"]) for cell in answer["data"]}
    assert states == {("kent", "stated"), ("lancashire", "no-record")}


async def test_warnings_on_a_comparison(client: AsyncClient) -> None:
    """A comparison names its release, and warns of figures that cover more than the period."""
    found = await get(client, f"{COMPARISON}&period=2019")
    assert [warning["code"] for warning in found["warnings"]] == ["wider-than-period"]
    assert found["release"] == (await get(client, "/v1/dataset"))["release"]
    assert (await get(client, COMPARISON))["warnings"] == []

"""The coverage page."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from app.web.coverage import MAX_MEASURES
from tests import made
from tests.api import client_of
from tests.postgresql import database_of
from tests.web.html import BROWSER, get_json, get_page

pytestmark = pytest.mark.anyio

CATEGORIES = ("rape", "homicide", "sexual-assault", "offensive-messages", "protest-policing", "neglect-of-duty")


@pytest.fixture(scope="module")
async def made_up(server: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client over a figure about Kent in each state, and more measures than fit side by side."""
    records = [
        made.figure("kent-stated", force="kent"),
        made.figure("kent-not-disclosed", force="kent", value_status="not-disclosed", unit="case"),
        made.figure("kent-withheld", force="kent", value_status="withheld", unit="person"),
        made.figure("kent-not-counted", force="kent", value_status="not-counted", unit="allegation"),
        *(
            made.figure(f"met-{allegation}-{unit}", allegation=allegation, unit=unit)
            for allegation in CATEGORIES
            for unit in ("case", "complaint")
        ),
    ]
    with database_of(server, records) as address:
        async for client in client_of(address):
            yield client


async def test_cells(made_up: AsyncClient) -> None:
    """A cell says whether there is a number, or why there is none; each links to its figure."""
    page = await get_page(made_up, "/coverage?force=kent&allegation=any")
    for state in ("stated", "not-disclosed", "withheld", "not-counted"):
        cells = page.all("a", class_=state)
        assert [attributes["href"] for attributes, _ in cells] == [f"/figures/kent-{state}"], state
    assert "No record" in page.all("table")[0][1]  # of what is recorded for the Metropolitan Police


async def test_only_forces_with_a_record(made_up: AsyncClient) -> None:
    """Forces without records are shown only on request, and their cells say so instead of 0."""
    page = await get_page(made_up, "/coverage")
    rows = [text for _, text in page.all("th", scope="row")]
    assert rows == ["Kent Police", "Metropolitan Police Service"]
    everything = await get_page(made_up, "/coverage?view=all")
    forces = (await get_json(made_up, "/v1/forces"))["data"]
    assert len(everything.all("th", scope="row")) == len(forces)
    assert len((await made_up.get("/coverage?view=all", headers=BROWSER)).content) <= 100_000
    assert "No record" in everything.all("table")[0][1]
    assert ">0<" not in (await made_up.get("/coverage?view=all", headers=BROWSER)).text


async def test_other_measures_can_be_reached(made_up: AsyncClient) -> None:
    """Measures that don't fit side by side are listed, with links to tables that have them."""
    page = await get_page(made_up, "/coverage")
    assert len(page.all("th", scope="col")) == MAX_MEASURES + 1
    others = [attributes["href"] for attributes, _ in page.all("a") if "/coverage?kind=" in attributes["href"]]
    assert len(others) == 4
    for address in others:
        assert len((await get_page(made_up, address)).all("th", scope="col")) >= 2


async def test_a_force_without_a_record(made_up: AsyncClient) -> None:
    """The force has a row, and other forces' measures are gaps in it."""
    page = await get_page(made_up, "/coverage?force=dorset")
    assert [text for _, text in page.all("th", scope="row")] == ["Dorset Police"]
    assert page.all("a", class_="stated") == []


async def test_nothing_matches(made_up: AsyncClient) -> None:
    """Filters that select nothing don't give zero."""
    page = await get_page(made_up, "/coverage?outcome=imprisoned")
    assert "That isn't zero" in page.text


async def test_blank_fields(made_up: AsyncClient) -> None:
    """The form sent unchanged redirects to the page without fields."""
    answer = await made_up.get("/coverage?force=&kind=&allegation=&outcome=&period=", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (302, "/coverage")


async def test_what_the_filters_leave_out_is_not_missing(made_up: AsyncClient) -> None:
    """A cell that is only left out by the filters is empty, and no other forces are offered."""
    page = await get_page(made_up, "/coverage?id=kent-stated&id=met-rape-case")
    assert len(page.all("th", scope="row")) == 2
    assert "No record" not in page.all("table")[0][1]
    assert "have no such record" not in page.text

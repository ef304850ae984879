"""The page of rates and its funnel plot."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from types import SimpleNamespace
from typing import cast
from xml.etree import ElementTree as ET

import pytest
from httpx import AsyncClient

from app.analysis.rate_comparison import compare_rates
from app.analysis.rates import Headcount, Rate, rate_of
from app.database.owner import write_engine
from app.database.reference import Reference
from app.domain.dataset import Workforce
from app.domain.records import Figure
from app.domain.vocabulary import WorkerType
from app.queries import rates as rates_queries
from app.web.funnels import HEIGHT, WIDTH
from app.web.tiles import PITCH_X, PITCH_Y, tile_map
from tests import made
from tests.api import client_of
from tests.figures_in_memory import counted
from tests.made import load
from tests.postgresql import new_database
from tests.web.html import BROWSER, Html, get_json, get_page

pytestmark = pytest.mark.anyio

SVG = "{http://www.w3.org/2000/svg}"
FORCES = 43
"""The territorial forces of England and Wales."""

CHARTS = ("map", "funnel", "ranking")

SIZES = {"kent": 4_000, "essex": 3_000, "surrey": 2_000, "dorset": 1_400, "gwent": 1_300, "metropolitan": 32_000}
VALUES = {"kent": 12, "essex": 90, "surrey": 6, "dorset": 4, "gwent": 0, "metropolitan": 140}


def figure(force: str, value: int, **changes: object) -> Figure:
    """Return the number of a force's officers with misconduct proven in 2020."""
    name = "-".join(filter(None, [force, str(changes.get("outcome", ""))]))
    facts = {"kind": "outcome", "unit": "person", "subjects": ["officers"], "outcome": "misconduct-proven"}
    return made.figure(name, force=force, value=value, **{**facts, **changes})


RECORDS = [
    *(figure(force, value) for force, value in VALUES.items()),
    *(figure(force, 1, outcome="dismissed") for force in list(VALUES)[:4]),
    *(figure(force, 0, outcome="removed") for force in list(VALUES)[:4]),
    figure("england-and-wales", 500),
]


@pytest.fixture(scope="module")
def database(server: str, schema: str) -> Iterator[str]:
    """Yield the address of a database with `RECORDS` and the headcounts."""
    headcount = WorkerType.OFFICER
    workforces = [
        Workforce.model_validate(
            {"force": force, "as_at": "2020-03-31", "source": "made-up", "headcount": {headcount: size}}
        )
        for force, size in SIZES.items()
    ]
    of = made.dataset(RECORDS, workforces=workforces)
    with new_database(server, schema) as address:
        engine = write_engine(address)
        load(engine, of, made.release("1.0.0", of))
        engine.dispose()
        yield address


@pytest.fixture(scope="module")
async def made_up(database: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client over `RECORDS`."""
    async for client in client_of(database):
        yield client


def made_rate(force: str, value: int) -> Rate:
    """Return the rate of a force with a thousand officers."""
    counts = [Headcount(date(2019, 3, 31), "officer", 1_000, "made-up")]
    found = rate_of(counted(force, force=force, value=Decimal(value), unit="person"), "territorial", counts)
    assert isinstance(found, Rate)
    return found


def cells(page: Html) -> list[str]:
    """Return the texts of the table cells of a page."""
    return [text for _, text in page.all("td")]


async def test_the_summary_is_that_of_the_api(made_up: AsyncClient) -> None:
    """The summary to quote, the figures and the links are those of the API."""
    page = await get_page(made_up, "/rates?outcome=misconduct-proven")
    compared = await get_json(made_up, page.links["This comparison as JSON"][0])
    assert compared["summary"] in page.text
    assert len(compared["forces"]) == len(VALUES)
    rates = await get_json(made_up, page.links["JSON"][0])
    assert len(rates["data"]) == len(VALUES)
    assert {one["force"] for one in compared["forces"]} == set(VALUES)


async def test_the_largest_comparison_is_shown_and_others_are_linked(made_up: AsyncClient) -> None:
    """Without filters, the measure with the largest count is shown first; links lead to the others."""
    page = await get_page(made_up, "/rates")
    assert next(text for _, text in page.all("h2")) == "Misconduct proven (people, officers), 2020"
    (other,) = [
        address for address in page.addresses if address.startswith("/rates?") and "outcome=dismissed" in address
    ]
    there = await get_page(made_up, other)
    assert next(text for _, text in there.all("h2")) == "Dismissed (people, officers), 2020"


async def test_each_force_is_a_point_and_a_row_without_a_place(made_up: AsyncClient) -> None:
    """Every force is in the plot and in the table, with its interval; there are no rank numbers."""
    page = await get_page(made_up, "/rates?outcome=misconduct-proven")
    titles = [text for _, text in page.all("title")]
    for force, value in VALUES.items():
        in_both = sum(f": {value:,}, " in title for title in titles if force.split("-")[0] in title.lower())
        assert in_both == len(["map", "funnel"])
    assert len(page.all("tr")) == FORCES + 1
    assert not {"1", "2", "3"} & {text for text in cells(page) if "." in text}
    assert "This isn't a ranking" in page.text
    assert "Outside the 99.8% limits, above" in cells(page)
    assert "Within" in cells(page)


async def test_points_lie_inside_the_plot(made_up: AsyncClient) -> None:
    """Everything is drawn inside the picture, whatever the sizes and rates."""
    svg = ET.fromstring((await made_up.get("/rates/funnel.svg?outcome=misconduct-proven")).text)  # noqa: S314 - ours
    circles = [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in svg.iter(f"{SVG}circle")]
    squares = [one for one in svg.iter(f"{SVG}rect") if one.attrib.get("width") == "10"]
    assert len(circles) + len(squares) == len(VALUES)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in circles)
    for line in svg.iter(f"{SVG}polyline"):
        places = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)


@pytest.mark.parametrize("chart", CHARTS)
async def test_the_file_stands_alone(made_up: AsyncClient, chart: str) -> None:
    """Each chart file has its title, its summary with the caution, sources, release and address."""
    answer = await made_up.get(f"/rates/{chart}.svg?outcome=misconduct-proven")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    text = unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))
    for said in (
        "Misconduct proven (people, officers)",
        "A rate doesn't say why forces differ.",
        "Figures: Nobody, 6 May 2024.",
        "Headcounts: Nobody, 6 May 2024.",
        "release 1.0.0",
        "/rates?outcome=misconduct-proven",
    ):
        assert said in text


@pytest.mark.parametrize("chart", CHARTS)
async def test_each_chart_is_also_a_png(made_up: AsyncClient, chart: str) -> None:
    """The page links to each chart in both formats, in the release that it shows."""
    page = await get_page(made_up, "/rates?outcome=misconduct-proven")
    for form, media_type in (("svg", "image/svg+xml"), ("png", "image/png")):
        (address,) = [one for one in page.addresses if one.startswith(f"/rates/{chart}.{form}?")]
        assert "release=1.0.0" in address
        assert (await made_up.get(address)).headers["content-type"] == media_type


async def test_other_files_are_not_found(made_up: AsyncClient) -> None:
    """An unknown chart is 404, with those that exist; an unknown parameter is refused."""
    problem = (await made_up.get("/rates/tiles.svg")).json()
    assert (problem["status"], len(problem["nearest"]) > 0) == (404, True)
    assert (await made_up.get("/rates/map.png?colour=red")).status_code == 422


async def test_rates_that_are_all_0_have_no_plot(made_up: AsyncClient) -> None:
    """If no force has any, the page has its map and table, and a sentence in place of the funnel plot."""
    page = await get_page(made_up, "/rates?outcome=removed")
    assert "Every force's rate here is 0, so there is nothing to plot by size." in page.text
    assert "The number is 0 in each of these forces" in page.text
    assert "chance alone" not in page.text
    assert len(page.all("tr")) == FORCES + 1
    assert not page.all("svg", class_="funnel")
    linked = {file: address for address in page.addresses for file in re.findall(r"^/rates/([a-z.]+)\?", address)}
    assert sorted(linked) == ["map.png", "map.svg", "ranking.png", "ranking.svg"]
    for address in linked.values():
        assert (await made_up.get(address)).status_code == 200
    for form in ("svg", "png"):
        missing = await made_up.get(f"/rates/funnel.{form}?outcome=removed")
        assert (missing.status_code, missing.json()["detail"][:18]) == (404, "Every force's rate")


async def test_the_map_has_a_tile_for_each_force(made_up: AsyncClient) -> None:
    """A force that differs by more than chance is marked; one without a record is hatched, not zero."""
    page = await get_page(made_up, "/rates?outcome=misconduct-proven")
    (drawn,) = [text for one, text in page.all("svg", role="img") if one["class"] == "tiles"]
    assert drawn.count("no record") == FORCES * 2 - len(VALUES) * 2
    assert "Essex 30.00 above" in drawn
    assert "Gwent 0.00 below" in drawn
    assert "Surrey 3.00" in drawn
    assert "Surrey 3.00 below" not in drawn
    rows = [text for _, text in page.all("tr")]
    assert sum("No record" in row for row in rows) == FORCES - len(VALUES)


async def test_a_map_of_some_forces(made_up: AsyncClient) -> None:
    """With filters on forces, the other forces aren't on the map."""
    some = "force=kent&force=essex&force=dorset"
    svg = ET.fromstring((await made_up.get(f"/rates/map.svg?{some}")).text)  # noqa: S314 - ours
    assert len([one for one in svg.iter(f"{SVG}g") if one.find(f"{SVG}title") is not None]) == len(some.split("&"))


def test_forces_without_a_place_on_the_map() -> None:
    """Forces that the layout doesn't have, such as another country's, get rows of their own."""
    forces = [f"prefecture-{number}" for number in range(9)]
    rates = [made_rate(force, number + 1) for number, force in enumerate(forces)]
    names = {"force": {force: force.capitalize() for force in forces}}
    found = tile_map(compare_rates(rates, names), {}, cast("Reference", SimpleNamespace(names=names)))
    assert [(tile.x // PITCH_X, tile.y // PITCH_Y) for tile in found.tiles] == [
        *((column, 0) for column in range(7)),
        *((column, 1) for column in range(2)),
    ]


def test_a_map_says_how_many_colours_cases_would_take_away() -> None:
    """A map of people says how many coloured forces chance could explain if their cases were counted."""
    people = {"kent": 2, "essex": 40, "surrey": 2, "dorset": 2, "gwent": 2}
    names = {"force": {force: force.capitalize() for force in people}}
    reference = cast("Reference", SimpleNamespace(names=names))

    def reading(cases: int | None) -> str:
        rates = [replace(made_rate(force, value), cases=cases) for force, value in people.items()]
        return tile_map(compare_rates(rates, names), {}, reference).reading[-1]

    assert reading(2) == "Counted by case, all 5 coloured forces would be grey."
    assert reading(None).startswith("Grey:")


async def test_nothing_to_compare(made_up: AsyncClient) -> None:
    """A selection without rates of several forces has no chart, and says why."""
    page = await get_page(made_up, "/rates?force=england-and-wales")
    assert "nothing to compare" in page.text
    assert "headcounts are of single forces" in page.text
    missing = await made_up.get("/rates/funnel.svg?force=england-and-wales", headers=BROWSER)
    assert missing.status_code == 404


async def test_too_many_figures(made_up: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """If there are too many figures to compare, the page says so and links no CSV, which would be refused."""
    assert (await get_page(made_up, "/rates?kind=outcome")).links["CSV"]
    monkeypatch.setattr(rates_queries, "MAX_FIGURES", 3)
    page = await get_page(made_up, "/rates?unit=person")
    assert "which is too many" in page.text
    assert not page.links["CSV"]
    assert not page.all("link", type="text/csv")
    assert (await made_up.get(page.links["JSON"][0])).status_code == 200
    assert (await made_up.get("/v1/rates?unit=person&format=csv")).status_code == 422


async def test_blank_fields_of_the_form_are_left_out(made_up: AsyncClient) -> None:
    """A form sends its blank fields too, so the page redirects to an address without them."""
    answer = await made_up.get("/rates?outcome=dismissed&allegation=&period=")
    assert (answer.status_code, answer.headers["location"]) == (302, "/rates?outcome=dismissed")

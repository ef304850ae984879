"""The page of series, and its charts."""

import re
from collections.abc import AsyncIterator, Iterator
from html import unescape

import pytest
from httpx import AsyncClient

from app.domain.records import Period
from app.queries import series as series_queries
from app.web.line_charts import HEIGHT, TOP, _scale
from app.web.series import MAX_CHARTS
from tests import made
from tests.api import client_of
from tests.postgresql import database_of
from tests.web.html import BROWSER, Html, get_json, get_page

pytestmark = pytest.mark.anyio


def year(number: int) -> Period:
    """Return the period of a year."""
    return made.days(f"{number}-01-01", f"{number}-12-31", label=str(number))


RECORDS = [
    *(made.figure(f"kent-{n}", force="kent", value=n - 1900, period=year(n)) for n in (2011, 2012, 2013)),
    made.figure("kent-2014", force="kent", value_status="withheld", period=year(2014)),
    made.figure("kent-2015", force="kent", value=80, period=year(2015)),
    made.figure("kent-2017", force="kent", value=80, period=year(2017)),
    made.figure("kent-2021", force="kent", value=75, period=year(2021)),
    made.figure("kent-2022", force="kent", value=70, period=year(2022)),
    made.figure("dorset-2015", force="dorset", value=80, period=year(2015)),
    made.figure("dorset-undated", force="dorset", value=7, period=made.UNDATED),
    *(
        made.figure(f"gwent-{n}", force="gwent", value=n, qualifier="about", period=year(n))
        for n in (2011, 2012, 2013)
    ),
]


@pytest.fixture(scope="module")
def database(server: str) -> Iterator[str]:
    """Yield the address of a database with `RECORDS`."""
    with database_of(server, RECORDS) as address:
        yield address


@pytest.fixture(scope="module")
async def made_up(database: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client over `RECORDS`."""
    async for client in client_of(database):
        yield client


def circles(page: Html) -> list[tuple[float, float]]:
    """Return the positions of the points on a page's charts."""
    found = page.all("circle", class_="point")
    return [(float(one["cx"].rstrip("%")), float(one["cy"])) for one, _ in found]


async def test_a_gap_is_no_zero(made_up: AsyncClient) -> None:
    """An unknown number has no point; it's hatched, put in words, and not joined to anything."""
    page = await get_page(made_up, "/series?force=kent&period=2011/2015")
    assert len(circles(page)) == 4
    assert all(y < HEIGHT for _, y in circles(page))
    hatched = [one for one, _ in page.all("rect") if one.get("fill") == "url(#hatch)"]
    assert len(hatched) == 1
    (label,) = [one["aria-label"] for one, _ in page.all("svg", class_="line")]
    assert "2014: Withheld" in label
    assert "It isn't zero" in page.text
    joins = [one for one, _ in page.all("line") if one.get("stroke-width") == "2.5"]
    assert len(joins) == 2


async def test_a_break_has_its_reason(made_up: AsyncClient) -> None:
    """Between figures that aren't comparable, the line is broken, and the change of rules is named."""
    page = await get_page(made_up, "/series?force=kent&period=2015/2022")
    (breaks,) = page.all("ol", class_="breaks")
    assert breaks[1].startswith("Between 2017 and 2021: New police complaints and conduct regulations")
    joins = [one for one, _ in page.all("line") if one.get("stroke-width") == "2.5"]
    assert ["stroke-dasharray" in one for one in joins] == [True, False]
    assert "nothing is recorded for the time in between" in page.text


async def test_breaks_with_the_same_reasons_share_a_number(made_up: AsyncClient) -> None:
    """A reason is given once, with all the breaks it applies to."""
    page = await get_page(made_up, "/series?force=gwent")
    (breaks,) = page.all("ol", class_="breaks")
    assert breaks[1].startswith("Between 2011 and 2012; between 2012 and 2013: The first number isn't exact")
    assert len(page.all("ol", class_="breaks")[0][1].split("Between")) == 2


async def test_same_series_as_the_api(made_up: AsyncClient) -> None:
    """Each line with several figures has a chart, and the others are listed; links lead to the same data."""
    page = await get_page(made_up, "/series")
    lines = (await get_json(made_up, "/v1/series"))["data"]
    headings = {text for _, text in page.all("h2")}
    for line in lines:
        if len(line["points"]) > 1:
            assert line["label"] in headings
        else:
            assert f"/figures/{line['points'][0]['id']}" in page.addresses
    assert len(page.all("svg", class_="line")) <= MAX_CHARTS
    assert len(await get_json(made_up, page.links["JSON"][0])) == 4
    assert "Undated figures have no place on a line" in page.text


async def test_the_charts_are_also_files(made_up: AsyncClient) -> None:
    """A file has the charts of the page, with reasons for breaks, sources, cautions, release and address."""
    page = await get_page(made_up, "/series?force=kent")
    svg, png = (page.links[f"Charts as {form}"][0] for form in ("SVG", "PNG"))
    drawn = await made_up.get(svg)
    text = unescape(re.sub(r"<[^>]+>", " ", drawn.text))
    assert drawn.headers["content-type"] == "image/svg+xml"
    for said in ("Not joined between", "Hatched", "Source", "release 1.0.0", "/series?force=kent"):
        assert said in " ".join(text.split())
    assert drawn.text.count("<circle") == len(page.all("circle"))
    assert (await made_up.get(png)).headers["content-type"] == "image/png"
    assert (await made_up.get("/series.png?force=essex")).status_code == 404
    assert (await made_up.get("/series.png?fource=kent")).status_code == 422


async def test_a_force_has_its_series(made_up: AsyncClient) -> None:
    """A force's page shows its series."""
    page = await get_page(made_up, "/forces/kent")
    assert len(page.all("svg", class_="line")) == 1
    assert "/series?force=kent" in page.addresses
    assert "/series?force=dorset" not in (await get_page(made_up, "/forces/dorset")).addresses


async def test_wider_figures_say_so(made_up: AsyncClient) -> None:
    """Figures that cover more than the requested period are marked in the chart."""
    page = await get_page(made_up, "/series?force=kent&period=2012-03/2013-06")
    assert "more than you asked for" in page.text


async def test_too_many(made_up: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """If there are too many figures to draw, the page suggests narrower filters, without an error."""
    monkeypatch.setattr(series_queries, "MAX_FIGURES", 3)
    page = await get_page(made_up, "/series?force=kent&allegation=any")
    assert "too many to draw" in page.text
    assert "CSV" not in page.links  # the API would refuse as many


async def test_blank_fields(made_up: AsyncClient) -> None:
    """The form sent unchanged redirects to the page without fields."""
    answer = await made_up.get("/series?force=&kind=&allegation=&outcome=&period=", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (302, "/series")


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([412, 640], (0, 1000)),
        ([12_000], (0, 20_000)),
        ([25], (0, 25)),
        ([0.3], (0, 0.5)),
        ([-12, 30], (-20, 50)),
        ([0], (0, 1)),
        ([], (0, 1)),
    ],
)
def test_scale(values: list[float], scale: tuple[float, float]) -> None:
    """A scale includes zero and ends at a round number, even without any numbers."""
    assert _scale(values) == pytest.approx(scale)
    assert TOP < HEIGHT

"""The page of rates: one measure over all forces, and which differ by more than chance explains."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from fastapi import APIRouter, Request, Response

from app.analysis.rates import LIMITS, PER, Place, Rate, RateComparison, compare_rates, differences_between
from app.domain.wording import measure_label
from app.http.answer import Content, answer
from app.http.problems import not_found
from app.http.session import Session
from app.queries.parameters import RATES
from app.queries.query import RecordQuery, read_pairs, read_query
from app.queries.rates import MAX_FIGURES, Selection, read_rates
from app.releases.rendering import PUBLIC_ADDRESS
from app.seeds.collection import collection
from app.web.choices import read_form
from app.web.credits import publication
from app.web.funnels import Funnel, funnel, position_of
from app.web.page import page_of, unpinned, without_blanks
from app.web.templating import render

router = APIRouter(include_in_schema=False)

DRAWN = replace(RATES, others=("release",))
"""The parameters of the page: all filters of rates."""

IN_FORM = ("allegation", "outcome", "period")
FEWEST = 3
"""Forces from which a comparison is worth a chart."""

MAX_OTHERS = 40
CHARACTERS = 92
"""Characters on a line of the chart as a file."""

LINE = 18
POSITIONS = {
    "within": "Within",
    "outside": "Outside the 95% limits",
    "beyond": "Outside the 99.8% limits",
}
POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""A chart runs and loads nothing, wherever it is opened."""


@dataclass(frozen=True)
class Row:
    """A force in the table; lengths are percentages of the widest interval."""

    place: Place
    name: str
    position: str
    low: float
    at: float
    high: float


@dataclass(frozen=True)
class Shown:
    """What the page shows: a comparison, and others that the filters would allow."""

    compared: RateComparison
    plot: Funnel
    rows: Sequence[Row]
    credits: Sequence[str]
    expected: float
    """Where the expected rate is, as a percentage of the widest interval."""


@router.get("/rates")
async def get_rates(request: Request) -> Response:
    """Compare forces by their rates; the same filters as in the API."""
    clean = without_blanks("/rates", read_pairs(request.scope["query_string"]), IN_FORM)
    return clean or await answer(request, page)


@router.get("/rates/funnel.svg")
async def get_funnel(request: Request) -> Response:
    """Draw the funnel plot as a file that can be read on its own."""
    return await answer(request, funnel_file)


async def page(session: Session) -> Content:
    """Build the page."""
    query = read_query(session.pairs, DRAWN, session.reference, session.errors)
    found = await read_rates(session.connection, query, session.reference)
    groups = comparable(found.rates) if found else []
    return page_of(
        session,
        "rates.html",
        unpinned=unpinned(session),
        form=await read_form(session, query.given, IN_FORM),
        shown=_shown(session, found, groups[0]) if found and groups else None,
        others=[(_address(query, one[0]), _label(found, one)) for one in groups[1:MAX_OTHERS]] if found else [],
        refused=_reasons(found) if found else [],
        warnings=[warning.message for warning in found.warnings] if found else [],
        limit=MAX_FIGURES if found is None else None,
        positions=POSITIONS,
        method=LIMITS,
        per=PER,
        svg=query.address("/rates/funnel.svg", release=session.release.version),
        json=query.address("/v1/rates"),
        csv=query.address("/v1/rates", format="csv"),
        comparison=_address(query, groups[0][0], "/v1/rates/comparison") if groups else None,
    )


async def funnel_file(session: Session) -> Content:
    """Build the file.

    Raises:
        Problem: 404 if the filters select nothing that can be drawn.

    """
    query = read_query(session.pairs, DRAWN, session.reference, session.errors)
    found = await read_rates(session.connection, query, session.reference)
    groups = comparable(found.rates) if found else []
    if found is None or not groups:
        raise not_found("These filters select no rates of several forces, so there is nothing to draw.", [])
    shown = _shown(session, found, groups[0])
    address = f"{PUBLIC_ADDRESS}{query.address('/rates', release=session.release.version)}"
    day = f"{session.release.published_at:%-d %B %Y}"
    release = f"{collection().name}, release {session.release.version}, published on {day}."
    said = [line for text in (shown.plot.description, *shown.credits, release) for line in wrap(text, CHARACTERS)]
    body = render(
        "funnel.svg", plot=shown.plot, heading=wrap(shown.plot.title, CHARACTERS), said=[*said, address], line=LINE
    )
    return Content(body.strip().encode(), "image/svg+xml", POLICY)


def comparable(rates: Sequence[Rate]) -> list[list[Rate]]:
    """Return the rates that can be compared with one another, the group with the largest count first."""
    groups: dict[tuple[object, ...], list[Rate]] = defaultdict(list)
    for rate in rates:
        groups[rate.figure.measure, rate.figure.period.start, rate.figure.period.end].append(rate)
    found = [one for one in groups.values() if len(one) >= FEWEST and not differences_between(one)]
    return sorted(found, key=lambda one: -sum(rate.numerator for rate in one))


def _shown(session: Session, found: Selection, rates: Sequence[Rate]) -> Shown:
    names = dict(session.reference.names["force"])
    compared = compare_rates(rates, found.names)
    widest = max(place.rate.interval[1] for place in compared.places)
    rows = [
        Row(
            place,
            names[place.rate.figure.force],
            position_of(place),
            *(
                round(100 * rate / widest, 2)
                for rate in (place.rate.interval[0], place.rate.rate, place.rate.interval[1])
            ),
        )
        for place in sorted(compared.places, key=lambda one: (-one.rate.rate, one.rate.figure.force))
    ]
    sources = {found.source(rate) for rate in rates}
    headcounts = {rate.denominator.source for rate in rates}
    credited = [
        f"Figures: {'; '.join(publication(session.reference.sources[one]) for one in sorted(sources))}.",
        f"Headcounts: {'; '.join(publication(session.reference.sources[one]) for one in sorted(headcounts))}.",
    ]
    return Shown(compared, funnel(compared, names), rows, credited, round(100 * compared.expected / widest, 2))


def _label(found: Selection, rates: Sequence[Rate]) -> str:
    figure = rates[0].figure
    label = measure_label(figure, found.names)
    return f"{label}, {figure.period.start} to {figure.period.end}, {len(rates)} forces"


def _address(query: RecordQuery, rate: Rate, path: str = "/rates") -> str:
    """Return the address of the comparison that a rate belongs to."""
    figure = rate.figure
    filters = {
        "kind": figure.kind,
        "allegation": None if figure.allegation == "any" else figure.allegation,
        "stage": figure.stage,
        "outcome": figure.outcome,
        "unit": figure.unit,
        "subjects": min(figure.subjects),
        "period": f"{figure.period.start}/{figure.period.end}",
        "period_match": "within",
    }
    return query.address(path, **filters)


def _reasons(found: Selection) -> list[tuple[str, int]]:
    """Return why figures have no rate, and how many each reason concerns."""
    counts: dict[str, int] = defaultdict(int)
    for one in found.refused:
        counts[one.message] += 1
    return sorted(counts.items(), key=lambda pair: -pair[1])

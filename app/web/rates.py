"""The rates page: one measure across all forces, and which differ by more than chance explains."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter

from app.analysis.rate_comparison import LIMITS, Place, RateComparison, compare_rates, differences_between, in_words
from app.analysis.rates import PER, Rate
from app.domain.vocabulary import ForceKind
from app.domain.wording import measure_label
from app.http.answer import Content
from app.http.problems import not_found
from app.http.session import Session
from app.queries.errors import nearest
from app.queries.parameters import RATES
from app.queries.query import RecordQuery, read_query
from app.queries.rates import MAX_FIGURES, Selection, read_all_rates
from app.web.choices import read_form
from app.web.credits import publication
from app.web.drawings import BOLD, MARGIN, WIDTH, Drawing
from app.web.funnels import HEIGHT, Funnel, funnel
from app.web.page import page_of, shows
from app.web.pictures import FORMS, credit_of, picture
from app.web.tiles import COLOURS, TileMap, expected_forces, tile_map
from app.web.wording import without_hint

router = APIRouter(include_in_schema=False)

DRAWN = replace(RATES, others=("release",))
"""The page's parameters: all filters of rates."""

IN_FORM = ("allegation", "outcome", "period")
FEWEST = 3
"""The fewest forces for which a comparison is worth a chart."""

MAX_OTHERS = 40
NO_RECORD = "No record that these filters select. That isn't zero."
POSITIONS = {
    "within": "Within",
    "outside": "Outside the 95% limits",
    "beyond": "Outside the 99.8% limits",
}
NOTHING_TO_PLOT = "Every force's rate here is 0, so there is nothing to plot by size."
CHARTS = ("map", "funnel", "ranking")
"""The charts on the page, each of which is also a file."""

IN_FUNNEL = (
    "Each point is a force: the further right, the larger. The line is the rate of all together.",
    "Dashed: 95% limits, between which chance alone puts 95 of 100 forces. Solid: 99.8% limits.",
)
IN_RANKING = (
    "Bars are 95% intervals. Where they overlap, chance may decide which rate is larger.",
    "Grey: within the 95% limits of the funnel plot; coloured: outside them.",
)


@dataclass(frozen=True)
class Row:
    """A force with a rate; lengths are percentages of the widest interval."""

    place: Place
    name: str
    low: float
    at: float
    high: float

    @property
    def colour(self) -> str:
        """The colour for above, below or within the limits."""
        return COLOURS[self.place.side]

    @property
    def amounts(self) -> str:
        """The rate and its interval."""
        low, high = self.place.rate.interval
        return f"{self.place.rate.rate:.2f} ({low:.2f} to {high:.2f})"


@dataclass(frozen=True)
class Ranking:
    """Forces with their intervals, highest rate first."""

    rows: Sequence[Row]
    expected: float
    """Where the expected rate is, as a percentage of the widest interval."""
    left: int = 360
    line: int = 19

    @property
    def height(self) -> int:
        """Its height in pixels."""
        return 20 + self.line * len(self.rows)

    def x(self, share: float) -> float:
        """Return the position of a percentage, in pixels."""
        return round(self.left + share * (WIDTH - 2 * MARGIN - self.left) / 100, 1)


@dataclass(frozen=True)
class Shown:
    """What the page shows: a comparison, drawn in three ways."""

    compared: RateComparison
    map: TileMap
    plot: Funnel | None
    """None if there is nothing to plot."""
    ranking: Ranking
    without: Sequence[tuple[str, str]]
    """Forces without a rate here, and why."""
    notes: Sequence[str]
    """The curators' notes on all of the figures."""
    credits: Sequence[str]


@shows(router, "/rates", form=IN_FORM)
async def page(session: Session) -> Content:
    """Compare forces by their rates, with the same filters as the API."""
    query, found, groups = await _read(session)
    return page_of(
        session,
        "rates.html",
        form=await read_form(session, query.given, IN_FORM),
        shown=_shown(session, query, found, groups[0]) if groups else None,
        others=[(_address(query, one[0]), _label(found, one)) for one in groups[1:MAX_OTHERS]],
        refused=_reasons(found),
        warnings=_warnings(found),
        limit=None if found.is_whole else MAX_FIGURES,
        positions=POSITIONS,
        nothing_to_plot=NOTHING_TO_PLOT,
        method=LIMITS,
        per=PER,
        files={
            (chart, form): query.address(f"/rates/{chart}.{form}", release=session.release.version)
            for chart in CHARTS
            for form in FORMS
        },
        json=query.address("/v1/rates"),
        csv=query.address("/v1/rates", format="csv"),
        comparison=_address(query, groups[0][0], "/v1/rates/comparison") if groups else None,
    )


@shows(router, "/rates/{file}")
async def chart_file(session: Session, file: str) -> Content:
    """Draw one of the charts as a file that can be read on its own.

    Raises:
        Problem: 404 if there is no such chart, or the filters select nothing to draw.

    """
    files = [f"{chart}.{form}" for chart in CHARTS for form in FORMS]
    if file not in files:
        raise not_found(f"There is no such chart; there are {', '.join(files)}.", nearest(file, files) or files)
    query, found, groups = await _read(session)
    if not groups:
        raise not_found("These filters don't select rates for several forces, so there is nothing to draw.", [])
    shown = _shown(session, query, found, groups[0])
    if file.startswith("funnel.") and shown.plot is None:
        raise not_found(NOTHING_TO_PLOT, [])
    charts = {
        "map": ("tiles", shown.map, shown.map.height, shown.map.reading),
        "funnel": ("funnel", shown.plot, HEIGHT, IN_FUNNEL),
        "ranking": ("ranking", shown.ranking, shown.ranking.height, IN_RANKING),
    }
    macro, plot, height, reading = charts[file.partition(".")[0]]
    drawing = Drawing(shown.compared.title, shown.map.description if macro == "tiles" else shown.compared.summary)
    drawing.write(shown.compared.title, BOLD)
    drawing.y += 8
    drawing.draw(macro, plot, height)
    drawing.y += 8
    missing = [f"Without a rate here, which isn't zero: {', '.join(name for name, _ in shown.without)}."]
    for text in (*reading, *(missing if shown.without and macro != "tiles" else [])):
        drawing.write(text)
    address = query.address("/rates", release=session.release.version)
    cautions = [shown.compared.summary, *_warnings(found), *shown.notes]
    drawing.write_end((), cautions, credit_of(session, shown.credits, address))
    return await picture(session, drawing)


async def _read(session: Session) -> tuple[RecordQuery, Selection, list[list[Rate]]]:
    """Return the page's query, the rates that it selects, and those rates in comparable groups."""
    query = read_query(session.pairs, DRAWN, session.reference, session.errors)
    found = await read_all_rates(session.connection, query, session.reference)
    return query, found, comparable(found.rates) if found.is_whole else []


def comparable(rates: Sequence[Rate]) -> list[list[Rate]]:
    """Return rates in groups that can be compared, the group with the largest total count first."""
    groups: dict[tuple[object, ...], list[Rate]] = defaultdict(list)
    for rate in rates:
        groups[rate.figure.measure, rate.figure.period.start, rate.figure.period.end].append(rate)
    found = [
        one
        for one in groups.values()
        if len(one) >= FEWEST and not differences_between([rate.figure for rate in one])
    ]
    return sorted(found, key=lambda one: -sum(rate.numerator for rate in one))


def _shown(session: Session, query: RecordQuery, found: Selection, rates: Sequence[Rate]) -> Shown:
    names = session.reference.names["force"]
    sources = session.reference.sources
    compared = compare_rates(rates, found.reference.names)
    widest = max(place.rate.interval[1] for place in compared.places)
    rows = [
        Row(
            place,
            names[place.force],
            *(
                round(100 * rate / widest, 2)
                for rate in (place.rate.interval[0], place.rate.rate, place.rate.interval[1])
            ),
        )
        for place in sorted(compared.places, key=lambda one: (-one.rate.rate, one.force))
    ]
    stating = {found.source(rate) for rate in rates}
    headcounts = {rate.denominator.source for rate in rates}
    without = _without(session, query, found, rates)
    return Shown(
        compared,
        tile_map(
            compared,
            {force: "no rate" if reason else "no record" for force, reason in without.items()},
            session.reference,
        ),
        funnel(compared, names),
        Ranking(rows, round(100 * compared.expected / widest, 2)),
        [(names[force], reason or NO_RECORD) for force, reason in without.items()],
        found.notes(rates),
        [
            f"Figures: {'; '.join(publication(sources[one]) for one in sorted(stating))}.",
            f"Headcounts: {'; '.join(publication(sources[one]) for one in sorted(headcounts))}.",
        ],
    )


def _without(session: Session, query: RecordQuery, found: Selection, rates: Sequence[Rate]) -> dict[str, str]:
    """Return the forces without a rate in a comparison, each with the reason; empty if it has no figure."""
    first = rates[0].figure
    like = {
        one.id: one.force
        for one in found.page.figures
        if (one.measure, one.period.start, one.period.end) == (first.measure, first.period.start, first.period.end)
    }
    reasons = {like[one.id]: one.message for one in found.refused if one.id in like}
    expected = [] if query.force else expected_forces(session.reference)
    rated = {rate.figure.force for rate in rates}
    return {
        force: reasons.get(force, "")
        for force in dict.fromkeys([*expected, *reasons])
        if force not in rated and session.reference.forces[force].kind is not ForceKind.AREA
    }


def _label(found: Selection, rates: Sequence[Rate]) -> str:
    figure = rates[0].figure
    return f"{measure_label(figure, found.reference.names)}, {in_words(figure)}, {len(rates)} forces"


def _address(query: RecordQuery, rate: Rate, path: str = "/rates") -> str:
    """Return the address of a rate's comparison."""
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


def _warnings(found: Selection) -> list[str]:
    """Return the warnings in words, except about figures without a rate, which the page lists itself."""
    return [without_hint(warning.message) for warning in found.warnings() if warning.code != "without-rate"]


def _reasons(found: Selection) -> list[tuple[str, int]]:
    """Return the reasons why figures have no rate, with the number of figures for each."""
    counts: dict[str, int] = defaultdict(int)
    for one in found.refused:
        counts[one.message] += 1
    return sorted(counts.items(), key=lambda pair: -pair[1])

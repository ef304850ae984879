"""The series page: charts of figures that count the same thing at different times."""

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter

from app.analysis.series import Line
from app.http.answer import Content
from app.http.problems import not_found
from app.http.session import Session
from app.queries.parameters import SERIES
from app.queries.query import RecordQuery, read_query
from app.queries.series import MAX_FIGURES, Selection, read_series
from app.web.choices import filters_of, read_form
from app.web.credits import sources_of
from app.web.drawings import drawn_lines
from app.web.embedding import Frame
from app.web.line_charts import LineChart, line_chart
from app.web.page import page_of, shows
from app.web.pictures import FORMS, credit_of, picture
from app.web.reading import read_cards, read_figures
from app.web.wording import without_hint

router = APIRouter(include_in_schema=False)

DRAWN = replace(SERIES, others=("release",))
"""The page's parameters: all filters of series."""

IN_FORM = ("force", "kind", "allegation", "outcome", "period")
MAX_CHARTS = 12
"""The most charts on a page. Readers can narrow the filters to see others."""

MAX_POINTS = 150
"""The most figures in a page's charts, to keep the page small."""

WORDING = {"undated-excluded": "Undated figures have no place on a line, so they are left out."}
"""Rewordings of API warnings that mention a parameter this page doesn't have."""

EMBED_HEIGHT = 620
"""Pixels; enough for a chart and the reasons for its breaks, at the width of a phone."""

MAX_BESIDE = 2
"""The most charts on pages about something else."""

MAX_OTHERS = 40
NOTHING = "These filters select no two figures that count the same thing at different times."


@shows(router, "/series.svg", "/series.png")
async def series_file(session: Session) -> Content:
    """Draw the charts of the page as a file that can be read on its own.

    Raises:
        Problem: 404 if there are none.

    """
    query = read_query(session.pairs, DRAWN, session.reference, session.errors)
    found = await read_series(session.connection, query, session.reference)
    charts = await read_charts(session, query, _fitting(_over_time(found.lines))) if found else []
    if not charts:
        raise not_found(NOTHING, [])
    address = query.address("/series", release=session.release.version)
    sources = sources_of([card for chart in charts for card in chart.cards], session.reference)
    return await picture(session, drawn_lines(charts, credit_of(session, sources, address)))


@shows(router, "/series", form=IN_FORM)
async def series(session: Session) -> Content:
    """Chart figures that count the same thing over time, with gaps and breaks and the API's filters."""
    query = read_query(session.pairs, DRAWN, session.reference, session.errors)
    found = await read_series(session.connection, query, session.reference)
    over_time = _over_time(found.lines) if found else []
    drawn = _fitting(over_time)
    others = over_time[len(drawn) :]
    oembed = query.address("/series", release=session.release.version)
    once = [line for line in found.lines if len(line.figures) == 1] if found else []
    return page_of(
        session,
        "series.html",
        form=await read_form(session, query.given, IN_FORM),
        charts=await read_charts(session, query, drawn),
        others=[(line, _address(query, line)) for line in others[:MAX_OTHERS]],
        left=max(len(others) - MAX_OTHERS, 0),
        once=once[:MAX_OTHERS],
        once_left=max(len(once) - MAX_OTHERS, 0),
        limit=MAX_FIGURES if found is None else None,
        warnings=_warnings(found),
        oembed=oembed if drawn else None,
        embed=series_frame(query, drawn[0]).code(session.release.version) if drawn else None,
        files={form: query.address(f"/series.{form}", release=session.release.version) for form in FORMS},
        json=query.address("/v1/series"),
        csv=query.address("/v1/series", format="csv"),
    )


def _warnings(found: Selection | None) -> list[str]:
    """Return the warnings in words that fit the page."""
    warnings = found.warnings if found is not None else []
    return [WORDING.get(warning.code) or without_hint(warning.message) for warning in warnings]


async def charts_of(session: Session, query: RecordQuery) -> list[LineChart]:
    """Return the first charts of a selection, for pages about something else."""
    found = await read_series(session.connection, query, session.reference)
    return await read_charts(session, query, _over_time(found.lines)[:MAX_BESIDE]) if found else []


def series_frame(query: RecordQuery, first: Line | LineChart) -> Frame:
    """Return the frame that shows the first series of a query."""
    return Frame(query.address("/embed/series", release=None), first.label, lambda _: EMBED_HEIGHT)


def _over_time(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with more than one point, those with the most points first."""
    return sorted(
        (line for line in lines if len(line.figures) > 1), key=lambda line: (-len(line.figures), line.label)
    )


def _fitting(lines: Sequence[Line]) -> list[Line]:
    """Return as many of the first lines as a page may draw."""
    found: list[Line] = []
    points = 0
    for line in lines[:MAX_CHARTS]:
        points += len(line.figures)
        if found and points > MAX_POINTS:
            break
        found.append(line)
    return found


async def read_charts(session: Session, query: RecordQuery, lines: Sequence[Line]) -> list[LineChart]:
    """Return the charts of lines."""
    facts = [figure for line in lines for figure in line.figures]
    figures = await read_figures(session, [one.id for one in facts])
    cards = await read_cards(session, list(figures.values()), facts, query.scope)
    by_id = {card.figure.id: card for card in cards}
    return [line_chart(line, by_id) for line in lines]


def _address(query: RecordQuery, line: Line) -> str:
    """Return the address of this page, filtered down to about one line."""
    figure = line.figures[0]
    return query.address("/series", force=figure.force, **filters_of(figure))

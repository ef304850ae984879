"""Series: figures that count the same thing at different times."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from app.analysis.measures import Knowledge, Measured, as_number
from app.analysis.rate_comparison import MEASURE
from app.analysis.series import Line
from app.formats.columns import plain_columns
from app.formats.lists import LIST_FORMATS
from app.http.answer import Content, answer
from app.http.session import Session
from app.queries.parameters import SERIES
from app.queries.series import MAX_FIGURES, read_series
from app.routes.descriptions import of_rows
from app.routes.files import file_of, links_of, listed, read_list, too_many
from app.routes.schemas import ListOfSeries

router = APIRouter(prefix="/v1", tags=["analysis"])

POINT = ("id", "start", "end", "value", "value_to", "qualifier", "value_status", "share", "share_basis")
COLUMNS = plain_columns(
    *("key", "label", "force", "force_name", *MEASURE, "value_type", "subjects", "breakdown"),
    *POINT,
    "break_before",
)
"""The columns of series as a file, which has a row for each point."""


@router.get("/series", **of_rows("series", ListOfSeries, SERIES.parameters.values()))
async def list_series(request: Request) -> Response:
    """Figures that count the same thing, in chronological order, with the breaks that a chart has to show.

    A series with one point was counted only once: it's a number, not a line.
    """
    return await answer(request, series)


async def series(session: Session) -> Content:
    """Build the series of the selected figures.

    Raises:
        Problem: 422 if the filters select too many figures.

    """
    query, form = read_list(session, SERIES)
    found = await read_series(session.connection, query, session.reference)
    if found is None:
        raise too_many(MAX_FIGURES)
    address = partial(query.address, session.path)
    if form in LIST_FORMATS:
        rows = _rows(found.lines, found.known)
        warnings = len(found.warnings)
        return await file_of(
            session, form, "Series", rows, COLUMNS, address=address, warnings=warnings, bom=query.bom
        )
    return listed(
        session,
        [_shown(line) for line in found.lines],
        query=query.echo(),
        links=links_of(address),
        total=len(found.dated),
        undated=len(found.undated),
        warnings=found.warnings,
    )


def _shown(line: Line) -> dict[str, Any]:
    first = line.figures[0]
    return {
        "key": line.key,
        "label": line.label,
        "measure": _measure(first),
        "force": first.force,
        "unit": first.unit,
        "subjects": sorted(first.subjects),
        "points": [_point(figure) for figure in line.figures],
        "breaks": [asdict(one) for one in line.breaks],
    }


def _measure(figure: Measured) -> dict[str, Any]:
    return {name: getattr(figure, name) for name in (*MEASURE, "value_type", "breakdown")}


def _point(figure: Measured) -> dict[str, Any]:
    return {
        "id": figure.id,
        "start": figure.period.start,
        "end": figure.period.end,
        "value": figure.number,
        "value_to": None if figure.value_to is None else as_number(figure.value_to),
        "qualifier": figure.qualifier,
        "value_status": figure.value_status,
        "share": figure.share,
        "share_basis": figure.share_basis,
    }


def _rows(found: Sequence[Line], known: Knowledge) -> Iterator[dict[str, Any]]:
    """Yield a row for each point, with the reasons why a chart must break the line before it, as aspects."""
    for line in found:
        breaks = {one.before: list(dict.fromkeys(reason.aspect for reason in one.reasons)) for one in line.breaks}
        for figure in line.figures:
            names = {"key": line.key, "label": line.label, "force_name": known.name("force", figure.force)}
            what = {**_measure(figure), "force": figure.force, "subjects": sorted(figure.subjects)}
            yield {**names, **what, **_point(figure), "break_before": breaks.get(figure.id, [])}

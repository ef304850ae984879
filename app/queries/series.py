"""The figures that a query selects, as series."""

from dataclasses import dataclass, replace

import asyncpg

from app.analysis.measures import Knowledge, Measured, figures_of
from app.analysis.series import Line, lines
from app.analysis.warnings import ListWarning, sample, warnings_of
from app.database.reference import Reference
from app.queries.knowledge import read_comparison, read_selected
from app.queries.parameters import SERIES
from app.queries.query import RecordQuery
from app.queries.records import read_unknown_ids

MAX_FIGURES = 2_000
"""The most figures in one answer; more would be too many to draw."""

WARNED_OF = frozenset(
    {"no-records", "unknown-ids", "wider-than-period", "wider-than-force", "not-disclosed", "undated-excluded"}
)
"""Warnings that matter for series, each of which has only one unit and one group of people anyway."""


@dataclass(frozen=True)
class Selection:
    """Figures as lines, what is known about them, and the ones that are on no line."""

    lines: list[Line]
    dated: list[Measured]
    undated: list[str]
    known: Knowledge
    warnings: list[ListWarning]


async def read_series(connection: asyncpg.Connection, query: RecordQuery, reference: Reference) -> Selection | None:
    """Return the series of the figures that a query selects; None if they are more than can be drawn."""
    of_any_date = replace(query, include_undated=True)
    figures = figures_of(await read_selected(connection, of_any_date, reference, MAX_FIGURES + 1))
    if len(figures) > MAX_FIGURES:
        return None
    dated = [figure for figure in figures if figure.period.end is not None]
    undated = [figure.id for figure in figures if figure.period.end is None]
    known = await read_comparison(connection, reference, dated)
    warnings = warnings_of(
        dated,
        dated,
        known,
        total=len(dated),
        scope=query.scope,
        undated=sample(undated),
        unknown=await read_unknown_ids(connection, reference.release, query.id, SERIES.kinds),
    )
    for warning in warnings:
        if warning.code == "undated-excluded":
            warning.message = "Undated figures are left out: they have no place on a line."
    return Selection(lines(dated, known), dated, undated, known, [one for one in warnings if one.code in WARNED_OF])

"""What is known about each force and measure among the figures that a query selects, and what isn't."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import asyncpg
import orjson
from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.analysis.coverage import NO_RECORD, Cell, Measure, gaps_in, in_order
from app.database.reference import Reference
from app.database.statements import compiled
from app.database.tables import RECORD
from app.queries.conditions import Shape, bound, forces_in_scope, selected
from app.queries.query import RecordQuery

MEASURE = (
    *(RECORD.c.kind, RECORD.c.allegation, RECORD.c.stage, RECORD.c.outcome),
    *(RECORD.c.unit, RECORD.c.value_type, RECORD.c.breakdown),
)


@compiled
def _cells(shape: Shape) -> Select[*tuple[Any, ...]]:
    groups = RECORD.c.force, *MEASURE, RECORD.c.value_status
    ids = func.array_agg(aggregate_order_by(RECORD.c.id, RECORD.c.id))
    return select(*groups, ids).where(*selected(shape)).group_by(*groups)


async def read_cells(connection: asyncpg.Connection, query: RecordQuery, reference: Reference) -> list[Cell]:
    """Return the figures that a query selects by force, measure and whether their number is given."""
    shape, values = bound(query, reference)
    rows = await _cells(shape).rows(connection, **values)
    return [Cell(force, _measure(*measure), status, ids) for force, *measure, status, ids in rows]


@compiled
def _recorded(shape: Shape) -> Select[*tuple[Any, ...]]:
    return select(RECORD.c.force, *MEASURE).where(*selected(shape)).distinct()


async def _read_recorded(
    connection: asyncpg.Connection, query: RecordQuery, reference: Reference
) -> set[tuple[str, Measure]]:
    """Return each force and measure that some selected figure has."""
    shape, values = bound(query, reference)
    rows = await _recorded(shape).rows(connection, **values)
    return {(force, _measure(*measure)) for force, *measure in rows}


class Coverage(NamedTuple):
    """What is known for each force and measure, and what to know about it."""

    cells: list[Cell]
    excluded: list[str]
    """Undated figures that the query leaves out."""
    undated: list[str]
    """Undated figures in the cells, although the query has a period."""
    wider: list[str]
    """Figures in the cells that cover more than the period."""


async def read_coverage(connection: asyncpg.Connection, query: RecordQuery, reference: Reference) -> Coverage:
    """Return what is known for each force and measure."""
    excludes = query.period is not None and "include_undated" in query.given and not query.include_undated
    query = replace(query, include_undated=True)

    async def cells_of(query: RecordQuery) -> list[Cell]:
        cells = await read_cells(connection, query, reference)
        return [cell for cell in cells if not query.state or cell.state in query.state]

    cells = await cells_of(query)
    undated: set[str] = set()
    wider: set[str] = set()
    if query.period is not None:
        dated = await cells_of(replace(query, include_undated=False))
        undated = _ids(cells) - _ids(dated)
        wider = _ids(dated) - _ids(await cells_of(replace(query, period_match="within")))
        cells = dated if excludes else cells
    # Ids and words pick figures, and what they don't pick isn't missing.
    picks = bool(query.id) or query.q is not None
    if not picks and (not query.state or NO_RECORD in query.state):
        cells += await _gaps(connection, replace(query, include_undated=not excludes), reference)
    excluded, included = (sorted(undated), []) if excludes else ([], sorted(undated))
    return Coverage(in_order(cells), excluded, included, sorted(wider))


async def _gaps(connection: asyncpg.Connection, query: RecordQuery, reference: Reference) -> list[Cell]:
    """Return a gap for each force asked for and each measure asked for that no figure in the release is about.

    A figure that the query leaves out because of its source, subjects or value isn't a gap, nor is one that
    overlaps the period in another way than was asked for.
    """
    forces = forces_in_scope(query, reference) if query.force else reference.forces
    of_any_force = replace(query, force=(), force_scope="self")
    asked_for = await _read_recorded(connection, of_any_force, reference)
    of_any_source = replace(
        of_any_force, subjects=(), value_status=(), source=(), source_kind=(), period_match="overlaps"
    )
    is_narrow = of_any_source != of_any_force
    recorded = await _read_recorded(connection, of_any_source, reference) if is_narrow else asked_for
    return gaps_in(forces, {measure for _, measure in asked_for}, recorded)


def _ids(cells: Iterable[Cell]) -> set[str]:
    return {id_ for cell in cells for id_ in cell.ids}


def _measure(*columns: str) -> Measure:
    """Return a measure from its columns; the last one holds the breakdown as JSON."""
    *rest, breakdown = columns
    return Measure._make([*rest, tuple(sorted(orjson.loads(breakdown).items()))])

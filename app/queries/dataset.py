"""A release as a whole: counts, the days it covers, the places it is about."""

from datetime import date
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select, tuple_

from app.database.current import ReleaseRow
from app.database.reference import Reference
from app.database.statements import RELEASE_ID, compiled
from app.database.tables import EVIDENCE, RECORD
from app.domain.vocabulary import BaseBasis, Basis, EvidenceRole, ForceKind, Kind, Qualifier, ValueStatus
from app.formats.datapackage import WarningCounts
from app.formats.dcat import Place
from app.queries.conditions import is_open_ended


async def count_by(connection: asyncpg.Connection, release: ReleaseRow, field: str) -> dict[str, int]:
    """Return how many records of a release have each value of a field: `kind`, `force` or `allegation`."""
    return {row[0]: row[1] for row in await _count_by(field).rows(connection, release=release.id)}


@compiled
def _count_by(field: str) -> Select[*tuple[Any, ...]]:
    column = RECORD.c[field]
    return select(column, func.count()).where(RECORD.c.release_id == RELEASE_ID).group_by(column).order_by(column)


async def count_by_source(connection: asyncpg.Connection, release: ReleaseRow) -> dict[str, int]:
    """Return how many records have evidence from each source."""
    return {row[0]: row[1] for row in await _count_by_source().rows(connection, release=release.id)}


@compiled
def _count_by_source() -> Select[*tuple[Any, ...]]:
    number = func.count(EVIDENCE.c.record_id.distinct())
    return select(EVIDENCE.c.source, number).where(EVIDENCE.c.release_id == RELEASE_ID).group_by(EVIDENCE.c.source)


async def read_days(connection: asyncpg.Connection, release: ReleaseRow) -> tuple[date | None, date | None]:
    """Return the first and the last day that any record of a release is about."""
    ((first, last),) = await _days().rows(connection, release=release.id)
    return first, last


@compiled
def _days() -> Select[*tuple[Any, ...]]:
    last = func.max(RECORD.c.period_end).filter(~is_open_ended(RECORD))
    return select(func.min(RECORD.c.period_start), last).where(RECORD.c.release_id == RELEASE_ID)


async def read_places(connection: asyncpg.Connection, reference: Reference) -> list[Place]:
    """Return the widest areas that contain everything the records of a release are about."""
    used = await count_by(connection, reference.release, "force")
    widest = [reference.forces[area] for area in reference.areas_of(used) if reference.force_areas[area] is None]
    return [Place(area.id, area.name, area.kind is ForceKind.AREA, area.ons_code) for area in widest]


async def read_warning_counts(connection: asyncpg.Connection, release: ReleaseRow) -> WarningCounts:
    """Return how many records of a release need each warning."""
    (of_records,) = await _records_with_warnings().rows(connection, release=release.id)
    (of_evidence,) = await _evidence_with_warnings().rows(connection, release=release.id)
    return WarningCounts(**of_records, **of_evidence)


@compiled
def _records_with_warnings() -> Select[*tuple[Any, ...]]:
    counted: dict[str, ColumnElement[bool]] = {
        "figures": RECORD.c.kind != Kind.INCIDENT,
        "incidents": RECORD.c.kind == Kind.INCIDENT,
        "undated": RECORD.c.period_start.is_(None),
        "inferred": RECORD.c.period_basis == Basis.INFERRED,
        "without_number": RECORD.c.value_status != ValueStatus.STATED,
        "not_exact": RECORD.c.qualifier != Qualifier.EXACT,
        "open_base": RECORD.c.base_basis == BaseBasis.AMBIGUOUS,
    }
    counts = [func.count().filter(condition).label(name) for name, condition in counted.items()]
    return select(*counts).where(RECORD.c.release_id == RELEASE_ID)


@compiled
def _evidence_with_warnings() -> Select[*tuple[Any, ...]]:
    disputed = EVIDENCE.c.record_id.distinct()
    return select(
        func.count().label("passages"),
        func.count(disputed).filter(EVIDENCE.c.role == EvidenceRole.DISPUTES).label("disputed"),
    ).where(EVIDENCE.c.release_id == RELEASE_ID)


@compiled
def evidence_after(*, first: bool) -> Select[*tuple[Any, ...]]:
    """Read evidence in the order of records, from the start or after a passage."""
    key = tuple_(EVIDENCE.c.record_id, EVIDENCE.c.position)
    after = tuple_(bindparam("record", type_=RECORD.c.id.type), bindparam("position", type_=Integer))
    statement = (
        select(
            *(EVIDENCE.c.record_id, EVIDENCE.c.position, EVIDENCE.c.source, EVIDENCE.c.origin, EVIDENCE.c.role),
            EVIDENCE.c.on_point.label("on"),
            *(EVIDENCE.c.as_printed, EVIDENCE.c.qualifier_printed, EVIDENCE.c.paragraph),
            EVIDENCE.c.start_at.label("start"),
            EVIDENCE.c.end_at.label("end"),
            *(EVIDENCE.c.sha256, EVIDENCE.c.note),
            (RECORD.c.kind != Kind.INCIDENT).label("is_figure"),
        )
        .join(RECORD, (RECORD.c.release_id == EVIDENCE.c.release_id) & (RECORD.c.id == EVIDENCE.c.record_id))
        .where(EVIDENCE.c.release_id == RELEASE_ID)
        .order_by(EVIDENCE.c.record_id, EVIDENCE.c.position)
        .limit(bindparam("limit", type_=Integer))
    )
    return statement if first else statement.where(key > after)

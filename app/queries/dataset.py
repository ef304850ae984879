"""What a release holds as a whole: counts, the days it covers, the places it is about."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select, tuple_

from app.database.current import ReleaseRow
from app.database.reference import Reference
from app.database.statements import compiled
from app.database.tables import Evidence, Record
from app.domain.vocabulary import BaseBasis, Basis, EvidenceRole, ForceKind, Kind, Qualifier, ValueStatus
from app.formats.datapackage import WarningCounts
from app.formats.dcat import Place
from app.queries.conditions import is_open_ended

RELEASE = bindparam("release", type_=Integer)


async def count_by_kind(connection: asyncpg.Connection, release: ReleaseRow) -> Mapping[str, int]:
    """Return how many records of each kind a release holds."""
    return await _counts(connection, release, "kind")


async def count_by_force(connection: asyncpg.Connection, release: ReleaseRow) -> Mapping[str, int]:
    """Return how many records are about each force that has any."""
    return await _counts(connection, release, "force")


async def count_by_allegation(connection: asyncpg.Connection, release: ReleaseRow) -> Mapping[str, int]:
    """Return how many records are about each allegation itself, without those below it."""
    return await _counts(connection, release, "allegation")


async def _counts(connection: asyncpg.Connection, release: ReleaseRow, name: str) -> Mapping[str, int]:
    return {row[0]: row[1] for row in await _count_by(name).rows(connection, release=release.id)}


@compiled
def _count_by(name: str) -> Select[*tuple[Any, ...]]:
    column = getattr(Record, name)
    return select(column, func.count()).where(Record.release_id == RELEASE).group_by(column).order_by(column)


async def count_by_source(connection: asyncpg.Connection, release: ReleaseRow) -> Mapping[str, int]:
    """Return how many records have evidence from each source."""
    return {row[0]: row[1] for row in await _count_by_source().rows(connection, release=release.id)}


@compiled
def _count_by_source() -> Select[*tuple[Any, ...]]:
    number = func.count(Evidence.record_id.distinct())
    return select(Evidence.source, number).where(Evidence.release_id == RELEASE).group_by(Evidence.source)


async def read_days(connection: asyncpg.Connection, release: ReleaseRow) -> tuple[date | None, date | None]:
    """Return the first and the last day that any record of a release is about."""
    ((first, last),) = await _days().rows(connection, release=release.id)
    return first, last


@compiled
def _days() -> Select[*tuple[Any, ...]]:
    last = func.max(Record.period_end).filter(~is_open_ended(Record))
    return select(func.min(Record.period_start), last).where(Record.release_id == RELEASE)


async def read_places(connection: asyncpg.Connection, reference: Reference) -> list[Place]:
    """Return the widest areas that contain everything the records of a release are about."""
    used = await count_by_force(connection, reference.release)
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
        "figures": Record.kind != Kind.INCIDENT,
        "incidents": Record.kind == Kind.INCIDENT,
        "undated": Record.period_start.is_(None),
        "inferred": Record.period_basis == Basis.INFERRED,
        "without_number": Record.value_status != ValueStatus.STATED,
        "not_exact": Record.qualifier != Qualifier.EXACT,
        "open_base": Record.base_basis == BaseBasis.AMBIGUOUS,
    }
    counts = [func.count().filter(condition).label(name) for name, condition in counted.items()]
    return select(*counts).where(Record.release_id == RELEASE)


@compiled
def _evidence_with_warnings() -> Select[*tuple[Any, ...]]:
    disputed = Evidence.record_id.distinct()
    return select(
        func.count().label("passages"),
        func.count(disputed).filter(Evidence.role == EvidenceRole.DISPUTES).label("disputed"),
    ).where(Evidence.release_id == RELEASE)


@compiled
def evidence_after(*, first: bool) -> Select[*tuple[Any, ...]]:
    """Read evidence in the order of records, from the start or after a passage."""
    key = tuple_(Evidence.record_id, Evidence.position)
    after = tuple_(bindparam("record", type_=Record.id.type), bindparam("position", type_=Integer))
    statement = (
        select(
            *(Evidence.record_id, Evidence.position, Evidence.source, Evidence.origin, Evidence.role),
            Evidence.on_point.label("on"),
            *(Evidence.as_printed, Evidence.qualifier_printed, Evidence.paragraph),
            Evidence.start_at.label("start"),
            Evidence.end_at.label("end"),
            *(Evidence.sha256, Evidence.note),
            (Record.kind != Kind.INCIDENT).label("is_figure"),
        )
        .join(Record, (Record.release_id == Evidence.release_id) & (Record.id == Evidence.record_id))
        .where(Evidence.release_id == RELEASE)
        .order_by(Evidence.record_id, Evidence.position)
        .limit(bindparam("limit", type_=Integer))
    )
    return statement if first else statement.where(key > after)

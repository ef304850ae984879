"""From a validated query to records: conditions, one page in a total order, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import nearest
from app.figures import MEASURED, measured
from app.measures import Measured
from app.models import Change, Evidence, OutcomeBelow, Record, Release, Tombstone
from app.periods import Span
from app.queries import ID, Noun, RecordQuery
from app.reference import Reference, ReleaseRow
from app.vocabulary import Basis, Kind

NEIGHBOURS = 100
MAX_IDS = 20
"""Ids that a warning names at most."""

Condition = ColumnElement[bool]

PLACES: dict[str, ColumnElement[Any]] = {
    "-period": Record.place_by_period_desc.expression,
    "period": Record.place_by_period.expression,
    "-value": Record.place_by_value_desc.expression,
    "value": Record.place_by_value.expression,
    "id": Record.id.expression,
    "-id": Record.id.expression,
}
"""What each sort goes by: places worked out when the release was loaded, or the ids themselves."""

MATCHES = {
    "overlaps": lambda span: (_from(Record.period_end, span.start), _until(Record.period_start, span.end)),
    "within": lambda span: (_from(Record.period_start, span.start), _until(Record.period_end, span.end)),
    "covers": lambda span: (_until(Record.period_start, span.start), _from(Record.period_end, span.end)),
}


@dataclass(frozen=True)
class Page:
    """A page of records as they are answered, and what it is a page of."""

    documents: list[str]
    figures: list[Measured]
    """The same records without their prose; none of incidents, which count nothing."""
    inferred: list[str]
    """Ids of those whose period is inferred."""
    undated: list[str]
    """Ids of some that the period left out because they have no date."""
    total: int
    undated_excluded: int
    next_place: int | str | None
    """The place of the page's last record, where another page follows."""


def _from(column: Any, day: object) -> Condition | None:  # noqa: ANN401 - a mapped attribute
    return None if day is None else column >= day


def _until(column: Any, day: object) -> Condition | None:  # noqa: ANN401 - a mapped attribute
    return None if day is None else column <= day


def _dated(span: Span, match: str) -> Condition:
    """Return the condition that a record's period meets a span.

    A record has two ends, so none covers a span that has an open one.
    """
    if match == "covers" and (span.start is None or span.end is None):
        return false()
    bounds = [bound for bound in MATCHES[match](span) if bound is not None]
    return and_(Record.period_start.is_not(None), *bounds)


def conditions(query: RecordQuery, noun: Noun, reference: Reference) -> list[Condition]:
    """Return what every record that the query selects fulfils, its period apart."""
    release = reference.release.id
    kinds = query.kind or noun.kinds
    found: list[Condition] = [Record.release_id == release, Record.kind.in_([str(kind) for kind in kinds])]
    if query.id:
        found.append(Record.id.in_(query.id))
    if query.force:
        found.append(Record.force.in_(in_scope(query, reference)))
    found += [
        _of_code(tree, reference.with_descendants(tree, codes), noun, release)
        for tree in ("allegation", "stage", "outcome")
        if (codes := getattr(query, tree))
    ]
    found += [
        getattr(Record, name).in_(words)
        for name in ("unit", "value_type", "value_status", "standing")
        if (words := getattr(query, name))
    ]
    if query.subjects:
        found.append(Record.subjects.overlap(literal(list(query.subjects), Record.subjects.type)))
    if query.source:
        cited = select(Evidence.record_id).where(Evidence.release_id == release, Evidence.source.in_(query.source))
        found.append(Record.id.in_(cited))
    return found


def in_scope(query: RecordQuery, reference: Reference) -> list[str]:
    """Return the forces that the query's forces and their scope stand for."""
    match query.force_scope:
        case "members":
            return reference.forces_in(query.force)
        case "areas":
            return reference.areas_of(query.force)
        case _:
            return list(query.force)


def _of_code(tree: str, codes: list[str], noun: Noun, release: int) -> Condition:
    if tree == "outcome" and noun.kinds in {(Kind.COMPLAINT,), (Kind.PROCEEDING,)}:
        below = select(OutcomeBelow.record_id).where(
            OutcomeBelow.release_id == release, OutcomeBelow.outcome.in_(codes)
        )
        return Record.id.in_(below)
    column: ColumnElement[str] = getattr(Record, tree).expression
    return column.in_(codes)


def selected(query: RecordQuery, noun: Noun, reference: Reference) -> list[Condition]:
    """Return what every record that the query selects fulfils, its period included."""
    found = conditions(query, noun, reference)
    if query.period is not None:
        dated = _dated(query.period, query.period_match)
        found.append(or_(dated, Record.period_start.is_(None)) if query.include_undated else dated)
    return found


def in_order(query: RecordQuery, statement: Select[Any], after: int | str | None = None) -> Select[Any]:
    """Put a statement on records into the query's order, after a place."""
    place = PLACES[query.sort]
    descending = query.sort == "-id"
    if after is not None:
        statement = statement.where(place < after if descending else place > after)
    return statement.order_by(place.desc() if descending else place)


async def find(
    connection: AsyncConnection,
    query: RecordQuery,
    noun: Noun,
    reference: Reference,
    after: int | str | None,
) -> Page:
    """Return a page of the records that the query selects, and how many there are: two statements."""
    where = selected(query, noun, reference)
    statement = in_order(
        query,
        select(Record.document, PLACES[query.sort], Record.id, Record.period_basis, *MEASURED).where(*where),
        after,
    )
    rows = (await connection.execute(statement.limit(query.limit + 1))).all()
    page = rows[: query.limit]
    total, undated = await count(connection, query, noun, reference)
    figures = [] if noun.kinds == (Kind.INCIDENT,) else [measured(row[4:]) for row in page]
    return Page(
        documents=[row[0] for row in page],
        figures=figures,
        inferred=[row[2] for row in page if row[3] == Basis.INFERRED],
        undated=await _undated(connection, query, noun, reference) if undated else [],
        total=total,
        undated_excluded=undated,
        next_place=page[-1][1] if len(rows) > len(page) else None,
    )


async def _undated(connection: AsyncConnection, query: RecordQuery, noun: Noun, reference: Reference) -> list[str]:
    where = [*conditions(query, noun, reference), Record.period_start.is_(None)]
    statement = select(Record.id).where(*where).order_by(Record.id).limit(MAX_IDS)
    return list((await connection.execute(statement)).scalars())


async def count(
    connection: AsyncConnection, query: RecordQuery, noun: Noun, reference: Reference
) -> tuple[int, int]:
    """Return how many records the query selects, and how many more it would without a date."""
    where = conditions(query, noun, reference)
    if query.period is None:
        return (await connection.execute(select(func.count()).select_from(Record).where(*where))).scalar_one(), 0
    dated = func.count().filter(_dated(query.period, query.period_match))
    undated = func.count().filter(Record.period_start.is_(None))
    row = (await connection.execute(select(dated, undated).select_from(Record).where(*where))).one()
    return (row[0] + row[1], 0) if query.include_undated else (row[0], row[1])


async def read_document(connection: AsyncConnection, release: int, record_id: str) -> Row[str, str] | None:
    """Return a record's kind and document, or None where the release has none of this id."""
    if not ID.fullmatch(record_id):
        return None
    statement = select(Record.kind, Record.document).where(Record.release_id == release, Record.id == record_id)
    return (await connection.execute(statement)).one_or_none()


async def read_documents(connection: AsyncConnection, release: int, ids: Sequence[str]) -> list[str]:
    """Return the documents of records by their ids; an id that the release has not is passed over."""
    statement = select(Record.document).where(Record.release_id == release, Record.id.in_(ids)).order_by(Record.id)
    return list((await connection.execute(statement)).scalars())


async def near_ids(connection: AsyncConnection, release: int, wanted: str, noun: Noun) -> list[str]:
    """Return ids that may have been meant: the most alike of those next to it in the order of ids."""
    plain = "".join(c for c in wanted.lower() if c.isascii() and (c.isalnum() or c == "-"))
    kinds = [str(kind) for kind in noun.kinds]
    of_noun = select(Record.id).where(Record.release_id == release, Record.kind.in_(kinds))
    after = of_noun.where(Record.id >= plain).order_by(Record.id).limit(NEIGHBOURS)
    before = of_noun.where(Record.id < plain).order_by(Record.id.desc()).limit(NEIGHBOURS)
    neighbours = (await connection.execute(union_all(after, before))).scalars()
    return nearest(plain, list(neighbours))


async def read_tombstone(connection: AsyncConnection, record_id: str) -> Row[date, str] | None:
    """Return when and why a record was removed from every release, or None where it was not."""
    if not ID.fullmatch(record_id):
        return None
    statement = select(Tombstone.day, Tombstone.reason).where(Tombstone.id == record_id)
    return (await connection.execute(statement)).one_or_none()


async def read_withdrawal(
    connection: AsyncConnection, release: ReleaseRow, record_id: str
) -> Row[str, str | None] | None:
    """Return the latest release, up to this one, that withdrew a record, and why; None where none did."""
    if not ID.fullmatch(record_id):
        return None
    statement = (
        select(Release.version, Change.reason)
        .join(Change, Change.release_id == Release.id)
        .where(Change.thing == "record", Change.id == record_id, Change.type == "withdrawn")
        .where(Release.published_at <= release.published_at)
        .order_by(Release.published_at.desc())
        .limit(1)
    )
    return (await connection.execute(statement)).one_or_none()

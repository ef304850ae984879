"""From a validated query to records: conditions, one page in a total order, and how many there are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Row,
    Select,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from app.database.reference import TREES as TREE_MODELS
from app.database.reference import Reference, ReleaseRow
from app.database.tables import Change, Evidence, Force, OutcomeBelow, Record, Release, Tombstone
from app.domain.vocabulary import SUBJECT_SETS
from app.http.problems import nearest
from app.queries.parameters import COMPLAINTS, ID, PROCEEDINGS, Noun
from app.queries.query import RecordQuery

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

TREES = ("allegation", "stage", "outcome")

GIVEN = ("id", "unit", "value_type", "value_status", "standing", "source")
"""Filters whose values are looked for as they are given."""

COLUMNS = {
    "release": Record.release_id,
    "id": Record.id,
    "allegation": Record.allegation,
    "stage": Record.stage,
    "outcome": Record.outcome,
    "unit": Record.unit,
    "value_type": Record.value_type,
    "value_status": Record.value_status,
    "subject_set": Record.subject_set,
    "standing": Record.standing,
}
"""What a filter is on, where it is on a field of the record itself."""

REPEATED = ("kind", "force")
"""What the tables beside the records repeat of them; it is looked for where the records are read in order."""

BESIDE: Mapping[str, type[OutcomeBelow | Evidence]] = {"outcome": OutcomeBelow, "source": Evidence}
"""Tables beside the records that a filter is on; outcomes only of what has none of its own."""

HAVE_OUTCOMES_BELOW = (COMPLAINTS, PROCEEDINGS)
"""Lists whose records have no outcome of their own, so that the filter is on those below them."""

Table = type[Record | Evidence | OutcomeBelow]

MATCHES: Mapping[str, Callable[[Table, Any, Any], tuple[Condition, Condition]]] = {
    "overlaps": lambda of, start, end: (of.period_end >= start, of.period_start <= end),
    "within": lambda of, start, end: (of.period_start >= start, of.period_end <= end),
    "covers": lambda of, start, end: (of.period_start <= start, of.period_end >= end),
}
"""How a record's period meets a query's: a condition for its first day, and one for its last."""


def given(query: RecordQuery, noun: Noun, reference: Reference) -> dict[str, Any]:
    """Return what a statement on the records of a query is filled in with: a list where there are alternatives."""
    found: dict[str, Sequence[Any]] = {
        "release": [reference.release.id],
        "kind": [str(kind) for kind in query.kind or noun.kinds],
        "force": in_scope(query, reference),
        **{tree: reference.with_descendants(tree, getattr(query, tree)) for tree in TREES},
        "subject_set": [word for word, named in SUBJECT_SETS.items() if named.intersection(query.subjects)],
        **{name: getattr(query, name) for name in GIVEN},
    }
    if noun in HAVE_OUTCOMES_BELOW:
        found["outcome"] = query.outcome  # with every wider code already
    values = {name: one[0] if len(one) == 1 else list(one) for name, one in found.items() if one}
    if query.period is not None:
        values |= {"start": query.period.start, "end": query.period.end}
    return {name: value for name, value in values.items() if value is not None}


def among(column: Any, name: str, values: Mapping[str, Any]) -> Condition:  # noqa: ANN401 - a mapped attribute
    """Return the condition that a column has the value, or one of the values, that is given under a name."""
    value = values[name]
    kind = column.type
    found: Condition = (
        column == any_(bindparam(name, value, ARRAY(kind)))
        if isinstance(value, list)
        else column == bindparam(name, value, kind)
    )
    return found


def table_of(noun: Noun, values: Mapping[str, Any]) -> Table:
    """Return the table in which records can be read in order: their own, or one that they are looked up in.

    A record stands there once for each value, so that only one value can be read in order.
    """
    one = {name for name, value in values.items() if not isinstance(value, list)}
    if "source" in one:
        return Evidence
    return OutcomeBelow if "outcome" in one and noun in HAVE_OUTCOMES_BELOW else Record


def _dated(match: str, values: Mapping[str, Any], table: Table) -> Condition:
    """Return the condition that a record's period meets a query's.

    A record has two ends, so none covers a span that has an open one.
    """
    ends = [bindparam(end, values.get(end), Date) for end in ("start", "end")]
    both = zip(MATCHES[match](table, *ends), ("start", "end"), strict=True)
    bounds = [bound for bound, end in both if end in values]
    if match == "covers" and len(bounds) < len(ends):
        # `false()` would take the other conditions away, and the tables that they bring along.
        return literal_column("false", Boolean)
    return and_(table.period_start.is_not(None), *bounds)


def conditions(noun: Noun, values: Mapping[str, Any]) -> list[Condition]:
    """Return what every record that a query selects fulfils, its period apart.

    They depend on which parameters are given, and whether more than once, but not on their values.
    """
    table = table_of(noun, values)
    beside = dict(BESIDE) if noun in HAVE_OUTCOMES_BELOW else {"source": Evidence}
    columns = {**COLUMNS, **{name: getattr(table, name) for name in REPEATED}}
    found = [
        among(column, name, values) for name, column in columns.items() if name in values and name not in beside
    ]
    for name, other in beside.items():
        if name in values:
            stands = [among(other.release_id, "release", values), among(getattr(other, name), name, values)]
            if other is Evidence:
                stands.append(Evidence.names_source.expression)
            joined = isinstance(values[name], str)
            found += (
                [*stands, other.record_id == Record.id]
                if joined
                else [Record.id.in_(select(other.record_id).where(*stands))]
            )
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


def selected(query: RecordQuery, noun: Noun, reference: Reference) -> list[Condition]:
    """Return what every record that the query selects fulfils, its period included."""
    values = given(query, noun, reference)
    found = conditions(noun, values)
    if query.period is not None:
        table = table_of(noun, values)
        dated = _dated(query.period_match, values, table)
        found.append(or_(dated, table.period_start.is_(None)) if query.include_undated else dated)
    return found


def in_order(
    query: RecordQuery, noun: Noun, reference: Reference, statement: Select[Any], after: int | str | None = None
) -> Select[Any]:
    """Put a statement on records into the query's order, after a place."""
    values = given(query, noun, reference)
    place = PLACES[query.sort]
    if query.sort == "-period":
        place = table_of(noun, values).place_by_period_desc.expression
        if after is None:
            statement = statement.where(*_from_place(query, place, values))
    descending = query.sort == "-id"
    if after is not None:
        beyond = bindparam("after", after, place.type)
        statement = statement.where(place < beyond if descending else place > beyond)
    return statement.order_by(place.desc() if descending else place)


def _from_place(query: RecordQuery, place: ColumnElement[Any], values: Mapping[str, Any]) -> Iterator[Condition]:
    """Yield from which place on a period's records stand, latest first."""
    if last_start(query) is not None:
        yield place >= first_place_of(query, values).scalar_subquery()


def last_start(query: RecordQuery) -> date | None:
    """Return the day after which no record begins that meets a query's period; None where there is no such day."""
    if query.period is None:
        return None
    return query.period.start if query.period_match == "covers" else query.period.end


def first_place_of(query: RecordQuery, values: Mapping[str, Any]) -> Select[int]:
    """Return the statement that reads from which place on a period's records stand, latest first.

    It follows from the period, but PostgreSQL cannot know: it would read from the latest record on.
    """
    start = "start" if query.period_match == "covers" else "end"
    other = aliased(Record)
    of_release = among(other.release_id, "release", values)
    latest = bindparam(start, values[start], Date)
    day = select(func.max(other.period_start)).where(of_release, other.period_start <= latest).scalar_subquery()
    first = func.coalesce(func.min(other.place_by_period_desc), literal_column("0"))
    return select(first).where(of_release, other.period_start == day)


def page_of(
    query: RecordQuery, noun: Noun, reference: Reference, after: int | str | None
) -> Select[*tuple[Any, ...]]:
    """Return the statement that reads a page, and one record more if there is one, in a single row.

    The documents are a list, the places another, and what decides whether the records may stand side by side is one
    text: the driver, and PostgreSQL in sending them, would take as long for rows as for what is in them. All three
    have the order of the page, as an aggregate takes the rows of a sorted subquery as they come.
    """
    columns = select(Record.document, Record.measured, PLACES[query.sort].label("place"))
    statement = in_order(query, noun, reference, columns.where(*selected(query, noun, reference)), after)
    page = statement.limit(bindparam("limit", query.limit + 1, Integer)).subquery()
    # In bytes, as they are sent: text would be read into characters here, and written again.
    document = func.convert_to(page.c.document, literal_column("'UTF8'"))
    measured = func.string_agg(page.c.measured, literal_column("','"))
    return select(func.array_agg(document), func.array_agg(page.c.place), measured)


def undated_of(query: RecordQuery, noun: Noun, reference: Reference, number: int) -> Select[Any]:
    """Return the statement that reads the ids of so many of the undated records that a query's period leaves out.

    They are the last, latest first, and are read from there: to look for the first by id, all would be looked at.
    """
    values = given(query, noun, reference)
    table = table_of(noun, values)
    return (
        select(Record.id)
        .where(*conditions(noun, values), table.period_start.is_(None))
        .order_by(table.place_by_period_desc.desc())
        .limit(bindparam("limit", number, Integer))
    )


def count_of(query: RecordQuery, noun: Noun, reference: Reference) -> Select[int]:
    """Return the statement that counts the records of a query."""
    values = given(query, noun, reference)
    place = table_of(noun, values).place_by_period_desc.expression
    where = *selected(query, noun, reference), *_from_place(query, place, values)
    return select(func.count()).select_from(Record).where(*where)


def days_counted_of(query: RecordQuery, noun: Noun, reference: Reference) -> Select[Any]:
    """Return the statement that counts the records of a query, its period apart, by first day and by last.

    Its rows say whether a day is a last one; records without a date are counted on no day.
    """
    values = given(query, noun, reference)
    table = table_of(noun, values)
    first, last = table.period_start, table.period_end
    return (
        select(func.grouping(first), func.coalesce(first, last), func.count())
        .select_from(Record)
        .where(*conditions(noun, values))
        .group_by(func.grouping_sets(tuple_(first), tuple_(last)))
    )


def count_undated_of(query: RecordQuery, noun: Noun, reference: Reference) -> Select[int]:
    """Return the statement that counts the records without a date that the query's period leaves out."""
    values = given(query, noun, reference)
    where = *conditions(noun, values), table_of(noun, values).period_start.is_(None)
    return select(func.count()).select_from(Record).where(*where)


def leaves_out(query: RecordQuery) -> bool:
    """Whether a query leaves records out because they have no date."""
    return query.period is not None and not query.include_undated


async def count(connection: AsyncConnection, query: RecordQuery, noun: Noun, reference: Reference) -> int:
    """Return how many records the query selects."""
    return (await connection.execute(count_of(query, noun, reference))).scalar_one()


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


async def read_used(connection: AsyncConnection, release: int, name: str) -> set[str]:
    """Return the forces, or the codes of a tree, that any record of a release has in the field of that name."""
    offered = {"force": Force, **TREE_MODELS}[name]
    there = exists().where(Record.release_id == release, getattr(Record, name) == offered.id)
    return set((await connection.execute(select(offered.id).where(offered.release_id == release, there))).scalars())


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

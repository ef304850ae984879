"""From the shape of a query to the conditions, order and counts of its SQL.

Statements depend on which filters are given and whether each has one value or several, never on the values: that is
the `Shape` of a query. `bound` returns it with the values of its bind parameters.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.analysis.warnings import MAX_IDS
from app.database.reference import Reference
from app.database.search import SCALE, TO_RANK, search_query
from app.database.statements import compiled
from app.database.tables import EVIDENCE, OPEN_END, OUTCOME_BELOW, RECORD
from app.domain.trees import TREES
from app.domain.vocabulary import SourceKind, Subject, sets_with
from app.queries.parameters import COMPLAINTS, PROCEEDINGS
from app.queries.query import RecordQuery

Condition = ColumnElement[bool]

STEP = cast(SCALE - cast(func.ts_rank(RECORD.c.search, search_query(), TO_RANK) * SCALE, Integer), Text)
RELEVANCE = (func.lpad(STEP, len(str(SCALE)), "0", type_=Text) + "-" + RECORD.c.id).collate("C")
"""A place that sorts by relevance, the most relevant first, then by id."""

ORDERS: Mapping[str, ColumnElement[Any]] = {
    "relevance": RELEVANCE,
    "-period": RECORD.c.place_by_period_desc,
    "period": RECORD.c.place_by_period,
    "-value": RECORD.c.place_by_value_desc,
    "value": RECORD.c.place_by_value,
    "id": RECORD.c.id,
    "-id": RECORD.c.id,
}
"""What each sort orders by: places worked out when the release was loaded, the ids themselves, or relevance."""

PLAIN_FILTERS = ("id", "unit", "value_type", "value_status", "standing")
"""Filters on a column of the same name whose values are used as they are given."""

COLUMNS = {"release": RECORD.c.release_id} | {
    name: RECORD.c[name] for name in (*PLAIN_FILTERS, *TREES, "subject_set", "source_kind_set")
}
"""Filters on a column of the record itself."""

REPEATED = ("kind", "force")
"""Columns of `record` that the tables beside it repeat, so that they can be read in order without a join."""

BESIDE: Mapping[str, Table] = {"outcome": OUTCOME_BELOW, "source": EVIDENCE}
"""Filters on a table beside the records; `outcome` only for records that have none of their own."""

HAVE_OUTCOMES_BELOW = (COMPLAINTS.name, PROCEEDINGS.name)
"""Lists whose records have no outcome of their own: the filter is on the outcomes below them."""

MATCHES: Mapping[str, Callable[[Table, Any, Any], tuple[Condition, Condition]]] = {
    "overlaps": lambda of, start, end: (of.c.period_end >= start, of.c.period_start <= end),
    "within": lambda of, start, end: (of.c.period_start >= start, of.c.period_end <= end),
    "covers": lambda of, start, end: (of.c.period_start <= start, of.c.period_end >= end),
}
"""How a record's period matches a query's: a condition for each end of the query's."""


@dataclass(frozen=True)
class Shape:
    """All that the SQL of a query depends on."""

    has_outcomes_below: bool
    """Whether the records have no outcome of their own, so that a filter is on the outcomes below them."""
    sort: str
    period_match: str
    include_undated: bool
    single: frozenset[str]
    """Bind parameters that hold one value."""
    lists: frozenset[str]
    """Bind parameters that hold several."""

    @property
    def names(self) -> frozenset[str]:
        """All bind parameters of the filters."""
        return self.single | self.lists

    @property
    def has_period(self) -> bool:
        """Whether the query filters by period."""
        return not self.names.isdisjoint({"start", "end"})

    @property
    def last_start(self) -> str | None:
        """The bind parameter that holds the last day on which a matching record can start, if there is one."""
        name = "start" if self.period_match == "covers" else "end"
        return name if name in self.single else None

    @property
    def table(self) -> Table:
        """The table to read in order: the records, or a table that a filter looks them up in.

        A record has a row there for each value, so this works for a single value only.
        """
        if "source" in self.single:
            return EVIDENCE
        return OUTCOME_BELOW if "outcome" in self.single and self.has_outcomes_below else RECORD


def bound(query: RecordQuery, reference: Reference) -> tuple[Shape, dict[str, Any]]:
    """Return the shape of a query and the values of its bind parameters: a list where a filter has alternatives."""
    has_outcomes_below = query.resource.name in HAVE_OUTCOMES_BELOW
    found: dict[str, Sequence[Any]] = {
        "release": [reference.release.id],
        "kind": [str(kind) for kind in query.kind or query.resource.kinds],
        "force": forces_in_scope(query, reference),
        **{tree: reference.with_descendants(tree, codes) for tree in TREES if (codes := getattr(query, tree))},
        "subject_set": sets_with(query.subjects, Subject),
        "source_kind_set": sets_with(query.source_kind, SourceKind),
        "source": query.source,
        **{name: getattr(query, name) for name in PLAIN_FILTERS},
        "q": [query.q] if query.q else [],
    }
    if has_outcomes_below:
        found["outcome"] = query.outcome  # the table repeats each outcome under every wider code
    values = {name: one[0] if len(one) == 1 else list(one) for name, one in found.items() if one}
    if query.period is not None:
        values |= {"start": query.period.start, "end": query.period.end}
    values = {name: value for name, value in values.items() if value is not None}
    lists = frozenset(name for name, value in values.items() if isinstance(value, list))
    single = frozenset(values) - lists
    shape = Shape(
        has_outcomes_below, query.sort, query.period_match, query.include_undated, single=single, lists=lists
    )
    return shape, values


def forces_in_scope(query: RecordQuery, reference: Reference) -> list[str]:
    """Return the forces that the query's forces and their scope stand for."""
    match query.force_scope:
        case "members":
            return reference.forces_in(query.force)
        case "areas":
            return reference.areas_of(query.force)
        case _:
            return list(query.force)


def selected(shape: Shape) -> list[Condition]:
    """Return the conditions that every selected record fulfils, its period included."""
    found = _conditions(shape)
    if shape.has_period:
        dated = _dated(shape)
        found.append(or_(dated, shape.table.c.period_start.is_(None)) if shape.include_undated else dated)
    return found


def _conditions(shape: Shape) -> list[Condition]:
    """Return the conditions except for the period."""
    table = shape.table
    beside = BESIDE if shape.has_outcomes_below else {"source": EVIDENCE}
    columns = {**COLUMNS, **{name: table.c[name] for name in REPEATED}}
    searched = [RECORD.c.search.bool_op("@@")(search_query())] if "q" in shape.names else []
    found = searched + [
        _equals(column, name, shape)
        for name, column in columns.items()
        if name in shape.names and name not in beside
    ]
    for name, other in beside.items():
        if name not in shape.names:
            continue
        matching = [_equals(other.c.release_id, "release", shape), _equals(other.c[name], name, shape)]
        if other is EVIDENCE:
            matching.append(EVIDENCE.c.names_source)
        if name in shape.single:
            found += [*matching, other.c.record_id == RECORD.c.id]
        else:
            found.append(RECORD.c.id.in_(select(other.c.record_id).where(*matching)))
    return found


def _equals(column: Any, name: str, shape: Shape) -> Condition:  # noqa: ANN401 - a mapped attribute
    """Return the condition that a column has the value, or one of the values, of a bind parameter."""
    found: Condition = (
        column == any_(bindparam(name, type_=ARRAY(column.type)))
        if name in shape.lists
        else column == bindparam(name, type_=column.type)
    )
    return found


def _dated(shape: Shape) -> Condition:
    """Return the condition that a record's period matches the query's.

    Every dated record has a start, so none covers an open start; only an open-ended record covers an open end.
    """
    ends = ("start", "end")
    both = MATCHES[shape.period_match](shape.table, *(bindparam(end, type_=Date) for end in ends))
    bounds = [one for one, end in zip(both, ends, strict=True) if end in shape.single]
    if shape.period_match == "covers" and "start" not in shape.single:
        # `false()` would drop the other conditions, and the tables that they join.
        return literal_column("false", Boolean)
    if shape.period_match == "covers" and "end" not in shape.single:
        bounds.append(is_open_ended(shape.table))
    return and_(shape.table.c.period_start.is_not(None), *bounds)


def is_open_ended(table: Table) -> Condition:
    """Return the condition that a record's period has a start and no end."""
    # A literal, because asyncpg would send this day as infinity.
    return table.c.period_end == literal_column(f"DATE '{OPEN_END}'", Date)


def in_order(shape: Shape, statement: Select[Any], *, after: bool) -> Select[*tuple[Any, ...]]:
    """Put a statement on records into the query's order, after the place bound to `after` if there is one."""
    place = ORDERS[shape.sort]
    if shape.sort == "-period":
        place = shape.table.c.place_by_period_desc
        if not after:
            statement = statement.where(*_from_first_place(shape, place))
    descending = shape.sort == "-id"
    if after:
        beyond = bindparam("after", type_=place.type)
        statement = statement.where(place < beyond if descending else place > beyond)
    return statement.order_by(place.desc() if descending else place)


def _from_first_place(shape: Shape, place: ColumnElement[Any]) -> Iterator[Condition]:
    """Yield the condition that skips records that start after the period, latest first.

    It follows from the period, but PostgreSQL can't know that: it would read from the latest record on.
    """
    name = shape.last_start
    if name is None:
        return
    other = RECORD.alias()
    of_release = _equals(other.c.release_id, "release", shape)
    latest = bindparam(name, type_=Date)
    day = select(func.max(other.c.period_start)).where(of_release, other.c.period_start <= latest).scalar_subquery()
    first = func.coalesce(func.min(other.c.place_by_period_desc), literal_column("0"))
    yield place >= select(first).where(of_release, other.c.period_start == day).scalar_subquery()


@compiled
def page(shape: Shape, *, after: bool, with_bases: bool = False) -> Select[*tuple[Any, ...]]:
    """Read the documents and places of a page and, if asked, the documents of the settled bases: three arrays."""
    return select(_page(shape, after=after, with_bases=with_bases))


@compiled
def undated(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Count the undated records that the period leaves out, with the first ids."""
    return select(_undated(shape))


@compiled
def page_and_totals(shape: Shape, *, after: bool, with_bases: bool, with_undated: bool) -> Select[*tuple[Any, ...]]:
    """Read a page, count the selected records and, if asked, the undated ones that the period leaves out."""
    parts = [_page(shape, after=after, with_bases=with_bases), _total(shape)]
    return select(*parts, _undated(shape)) if with_undated else select(*parts)


def _page(shape: Shape, *, after: bool, with_bases: bool) -> CTE:
    """Select a page as arrays, which cost a fraction of as many rows."""
    columns = select(RECORD.c.document, ORDERS[shape.sort].label("place"))
    if with_bases:
        base = RECORD.alias()
        of_record = base.c.release_id == RECORD.c.release_id, base.c.id == RECORD.c.base_id
        columns = columns.add_columns(select(base.c.document).where(*of_record).scalar_subquery().label("base"))
    found = in_order(shape, columns.where(*selected(shape)), after=after)
    rows = found.limit(bindparam("limit", type_=Integer)).subquery()
    place = rows.c.place.desc() if shape.sort == "-id" else rows.c.place
    arrays = (
        func.array_agg(aggregate_order_by(column, place), type_=ARRAY(column.type)).label(f"{name}s")
        for name, column in rows.c.items()
    )
    return select(*arrays).cte("page")


def _total(shape: Shape) -> CTE:
    selection = *selected(shape), *_from_first_place(shape, shape.table.c.place_by_period_desc)
    return select(func.count().label("total")).select_from(RECORD).where(*selection).cte("total")


def _undated(shape: Shape) -> CTE:
    """Count the undated records that the period leaves out, with the first ids. They come last in every order."""
    table = shape.table
    place = table.c.place_by_period_desc
    ids = func.array_agg(aggregate_order_by(RECORD.c.id, place), type_=ARRAY(RECORD.c.id.type))
    other = RECORD.alias()
    # Ordered by both columns, so that PostgreSQL takes the index on periods instead of walking to the first one.
    first = (
        select(other.c.place_by_period_desc)
        .where(_equals(other.c.release_id, "release", shape), other.c.period_start.is_(None))
        .order_by(other.c.period_start, other.c.place_by_period_desc)
        .limit(1)
    )
    left_out = *_conditions(shape), table.c.period_start.is_(None), place >= first.scalar_subquery()
    return (
        select(func.count().label("undated"), ids[1:MAX_IDS].label("undated_ids")).where(*left_out).cte("undated")
    )

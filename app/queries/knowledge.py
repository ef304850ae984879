"""What it takes to compare or add figures: their facts, how they hang together, and where they come from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    and_,
    any_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.analysis.coverage import Cell, Measure
from app.analysis.measures import Knowledge, Link, Measured, figures_of
from app.database.reference import Reference
from app.database.statements import compiled
from app.database.tables import BaseCandidate, Evidence, Record, Relation
from app.domain.vocabulary import BaseBasis, RelationType
from app.queries.conditions import Shape, selected, shape_of, values_of
from app.queries.parameters import Resource
from app.queries.query import RecordQuery

SAME_FACT = (RelationType.SAME_FACT, RelationType.CONFLICTS_WITH, RelationType.SUPERSEDES)

IDS = any_(bindparam("ids", type_=ARRAY(Record.id.type)))
RELEASE = bindparam("release", type_=Integer)


@compiled
def _selected_figures(shape: Shape) -> Select[*tuple[Any, ...]]:
    return (
        select(Record.document).where(*selected(shape)).order_by(Record.id).limit(bindparam("limit", type_=Integer))
    )


async def read_selected(
    connection: asyncpg.Connection, query: RecordQuery, resource: Resource, reference: Reference, limit: int
) -> list[Measured]:
    """Return the facts of the figures that a query selects, by id, at most so many."""
    values = values_of(query, resource, reference)
    statement = _selected_figures(shape_of(query, resource, values))
    return figures_of([row[0] for row in await statement.rows(connection, **values, limit=limit)])


async def read_knowledge(connection: asyncpg.Connection, reference: Reference, ids: Sequence[str]) -> Knowledge:
    """Return what it takes to compare or add these figures: three statements, however many figures there are."""
    of_figures: dict[str, Any] = {"release": reference.release.id, "ids": list(ids)}
    same, overlapping = set(), set()
    for one, kind, other in await _relations().rows(connection, **of_figures):
        if kind in SAME_FACT:
            same.add(frozenset((one, other)))
        elif kind == RelationType.OVERLAPS:
            overlapping.add(frozenset((one, other)))
    wholes: dict[str, list[Link]] = defaultdict(list)
    for part, whole, settled in await _wholes().rows(connection, **of_figures):
        wholes[part].append(Link(part, whole, settled=bool(settled)))  # null: the base is ambiguous
    origins: dict[str, set[str]] = defaultdict(set)
    for figure, source in await _sources().rows(connection, **of_figures):
        origins[figure].add(reference.origin_of(source))
    return Knowledge(
        force_areas=reference.force_areas,
        parents=reference.parents,
        rule_changes=reference.rule_changes,
        wholes={part: tuple(links) for part, links in wholes.items()},
        same_fact=frozenset(same),
        overlapping=frozenset(overlapping),
        origins={figure: frozenset(sources) for figure, sources in origins.items()},
    )


@compiled
def _relations() -> Select[*tuple[Any, ...]]:
    return select(Relation.record_id, Relation.type, Relation.related_id).where(
        Relation.release_id == RELEASE, Relation.record_id == IDS
    )


@compiled
def _sources() -> Select[*tuple[Any, ...]]:
    return select(Evidence.record_id, Evidence.source).where(
        Evidence.release_id == RELEASE, Evidence.record_id == IDS
    )


@compiled
def _wholes() -> Select[*tuple[Any, ...]]:
    """For these figures and all above them, select what each lies in, or may lie in, directly."""
    record, candidate, relation = Record, BaseCandidate, Relation

    def links(
        part: ColumnElement[bool], of_relation: ColumnElement[bool], *outer: FromClause
    ) -> CompoundSelect[Any]:
        settled = candidate.candidate_id == record.base_id
        by_base = (
            select(candidate.record_id, candidate.candidate_id, settled.label("settled"))
            .join(record, and_(record.release_id == candidate.release_id, record.id == candidate.record_id))
            .where(candidate.release_id == RELEASE, part, or_(settled, record.base_basis == BaseBasis.AMBIGUOUS))
        )
        by_relation = select(relation.record_id, relation.related_id, literal(value=True).label("settled")).where(
            relation.release_id == RELEASE, of_relation, relation.type == RelationType.PART_OF
        )
        return union_all(by_base.correlate(*outer), by_relation.correlate(*outer))

    direct = links(candidate.record_id == IDS, relation.record_id == IDS).subquery("direct")
    above = select(direct).cte("above", recursive=True)
    # Link by link, so that PostgreSQL looks up what is above each figure instead of all that is above any.
    whole = above.c.candidate_id
    further = links(candidate.record_id == whole, relation.record_id == whole, above).lateral("further")
    above = above.union(select(further).join_from(above, further, literal(value=True)))
    return select(above.c.record_id, above.c.candidate_id, above.c.settled)


@compiled
def _cells(shape: Shape) -> Select[*tuple[Any, ...]]:
    groups = (
        *(Record.force, Record.kind, Record.allegation, Record.stage, Record.outcome),
        *(Record.unit, Record.value_type, Record.breakdown, Record.value_status),
    )
    ids = func.array_agg(aggregate_order_by(Record.id, Record.id))
    return select(*groups, ids).where(*selected(shape)).group_by(*groups)


async def read_cells(
    connection: asyncpg.Connection, query: RecordQuery, resource: Resource, reference: Reference
) -> list[Cell]:
    """Return the figures that a query selects by force, measure and whether their number is given."""
    values = values_of(query, resource, reference)
    rows = await _cells(shape_of(query, resource, values)).rows(connection, **values)
    return [
        Cell(force, Measure._make([*measure, _pairs(breakdown)]), status, ids)
        for force, *measure, breakdown, status, ids in rows
    ]


def _pairs(breakdown: str) -> tuple[tuple[str, str], ...]:
    found: Mapping[str, str] = orjson.loads(breakdown)
    return tuple(sorted(found.items()))

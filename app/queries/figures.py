"""Figures as they hang together: what they count, what they are shares of, what lies beneath them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, FromClause, and_, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from app.analysis.coverage import Cell, Measure
from app.analysis.measures import Knowledge, Link, Measured, figures_of
from app.database.reference import Reference
from app.database.tables import BaseCandidate, Evidence, Record, Relation
from app.domain.vocabulary import BaseBasis, RelationType

MAX_DEPTH = 32
"""No source nests shares so deep; a deeper chain is a mistake that must not cost the database more."""

MAX_NODES = 2_000
"""The largest tree that is answered whole."""

SAME_FACT = (RelationType.SAME_FACT, RelationType.CONFLICTS_WITH, RelationType.SUPERSEDES)


async def read_measured(
    connection: AsyncConnection, where: Iterable[ColumnElement[bool]], limit: int
) -> list[Measured]:
    """Return the figures that fulfil conditions, by id, at most so many."""
    statement = select(Record.measured).where(*where).order_by(Record.id).limit(limit)
    return figures_of(f"[{','.join((await connection.execute(statement)).scalars())}]")


async def read_knowledge(connection: AsyncConnection, reference: Reference, ids: Sequence[str]) -> Knowledge:
    """Return what has to be known to compare or add these figures: three statements, however many they are."""
    relations = await _relations(connection, reference.release.id, ids)
    same, overlapping = set(), set()
    for one, kind, other in relations:
        if kind in SAME_FACT:
            same.add(frozenset((one, other)))
        elif kind == RelationType.OVERLAPS:
            overlapping.add(frozenset((one, other)))
    return Knowledge(
        force_areas=reference.force_areas,
        parents=reference.parents,
        rule_changes=reference.rule_changes,
        wholes=await _wholes(connection, reference.release.id, ids),
        same_fact=frozenset(same),
        overlapping=frozenset(overlapping),
        origins=await _origins(connection, reference, ids),
    )


async def _relations(connection: AsyncConnection, release: int, ids: Sequence[str]) -> list[tuple[str, str, str]]:
    statement = select(Relation.record_id, Relation.type, Relation.related_id).where(
        Relation.release_id == release, Relation.record_id.in_(ids)
    )
    return [(row[0], row[1], row[2]) for row in await connection.execute(statement)]


async def _wholes(connection: AsyncConnection, release: int, ids: Sequence[str]) -> Mapping[str, tuple[Link, ...]]:
    """Return, for these figures and all above them, what each lies or may lie in directly."""
    record, candidate, relation = Record, BaseCandidate, Relation

    def links(
        part: ColumnElement[bool], of_relation: ColumnElement[bool], *outer: FromClause
    ) -> CompoundSelect[Any]:
        settled = candidate.candidate_id == record.base_id
        by_base = (
            select(candidate.record_id, candidate.candidate_id, settled.label("settled"))
            .join(record, and_(record.release_id == candidate.release_id, record.id == candidate.record_id))
            .where(candidate.release_id == release, part, or_(settled, record.base_basis == BaseBasis.AMBIGUOUS))
        )
        by_relation = select(relation.record_id, relation.related_id, literal(value=True).label("settled")).where(
            relation.release_id == release, of_relation, relation.type == RelationType.PART_OF
        )
        return union_all(by_base.correlate(*outer), by_relation.correlate(*outer))

    direct = links(candidate.record_id.in_(ids), relation.record_id.in_(ids)).subquery("direct")
    above = select(direct).cte("above", recursive=True)
    # Link by link, so that PostgreSQL looks up what is above each instead of all that is above anything.
    whole = above.c.candidate_id
    further = links(candidate.record_id == whole, relation.record_id == whole, above).lateral("further")
    above = above.union(select(further).join_from(above, further, literal(value=True)))
    statement = select(above.c.record_id, above.c.candidate_id, above.c.settled)
    found: dict[str, list[Link]] = defaultdict(list)
    for row in await connection.execute(statement):
        found[row[0]].append(Link(row[0], row[1], settled=bool(row[2])))
    return {part: tuple(links) for part, links in found.items()}


async def _origins(
    connection: AsyncConnection, reference: Reference, ids: Sequence[str]
) -> Mapping[str, frozenset[str]]:
    statement = select(Evidence.record_id, Evidence.source).where(
        Evidence.release_id == reference.release.id, Evidence.record_id.in_(ids)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in await connection.execute(statement):
        found[row[0]].add(reference.origin_of(row[1]))
    return {figure: frozenset(sources) for figure, sources in found.items()}


async def read_cells(connection: AsyncConnection, where: Iterable[ColumnElement[bool]]) -> list[Cell]:
    """Return the figures that fulfil conditions by force, measure and whether their number is given."""
    groups = (
        *(Record.force, Record.kind, Record.allegation, Record.stage, Record.outcome),
        *(Record.unit, Record.value_type, Record.breakdown, Record.value_status),
    )
    ids = func.array_agg(aggregate_order_by(Record.id, Record.id))
    statement = select(*groups, ids).where(*where).group_by(*groups)
    rows: Iterable[Any] = await connection.execute(statement)
    return [
        Cell(force, Measure._make([*counted, tuple(sorted(breakdown.items()))]), status, ids)
        for force, *counted, breakdown, status, ids in rows
    ]


@dataclass(frozen=True)
class TreeRow:
    """A figure at its place in a tree."""

    id: str
    path: tuple[str, ...]
    """The figures from the one asked for down to this one; none above it."""
    depth: int
    """How far below the one asked for, or (negative) above it."""
    ambiguous: bool
    document: str


@dataclass(frozen=True)
class Tree:
    """A figure between all above it, root first, and all beneath it, itself the first of `nodes`."""

    ancestors: list[TreeRow]
    nodes: list[TreeRow]
    truncated: bool


async def read_tree(connection: AsyncConnection, release: int, root: str) -> Tree:
    """Return a figure with all above it and all beneath it, in one statement.

    An ambiguous figure comes once under each candidate, with all that lies beneath it. What is deeper than
    `MAX_DEPTH` or beyond `MAX_NODES` is cut off, and the tree says so.
    """
    record, candidate = Record, BaseCandidate
    up = (
        select(record.id, record.base_id, literal(0).label("depth"))
        .where(record.release_id == release, record.id == root)
        .cte("up", recursive=True)
    )
    up = up.union_all(
        select(record.id, record.base_id, up.c.depth - 1)
        .join(up, record.id == up.c.base_id)
        .where(record.release_id == release, up.c.depth >= -MAX_DEPTH)
    )
    ambiguous = record.base_basis == BaseBasis.AMBIGUOUS
    path = Record.subjects.type
    down = select(
        literal(root, record.id.type).label("id"),
        literal([root], path).label("path"),
        literal(0).label("depth"),
        literal(value=False).label("ambiguous"),
    ).cte("down", recursive=True)
    down = down.union_all(
        select(record.id, func.array_append(down.c.path, record.id, type_=path), down.c.depth + 1, ambiguous)
        .join(candidate, and_(candidate.release_id == release, candidate.candidate_id == down.c.id))
        .join(record, and_(record.release_id == release, record.id == candidate.record_id))
        .where(down.c.depth <= MAX_DEPTH, or_(record.base_id == candidate.candidate_id, ambiguous))
    )
    places = union_all(
        select(up.c.id, literal([], path).label("path"), up.c.depth, literal(value=False).label("ambiguous")).where(
            up.c.depth < 0
        ),
        select(down.c.id, down.c.path, down.c.depth, down.c.ambiguous).limit(MAX_NODES + 1),
    ).subquery("places")
    statement = (
        select(places.c.id, places.c.path, places.c.depth, places.c.ambiguous, record.document)
        .join(record, and_(record.release_id == release, record.id == places.c.id))
        .order_by(places.c.depth, places.c.id)
    )
    rows = [
        TreeRow(row.id, tuple(row.path), row.depth, row.ambiguous, row.document)
        for row in await connection.execute(statement)
    ]
    near = [row for row in rows if abs(row.depth) <= MAX_DEPTH]
    nodes = [row for row in near if row.depth >= 0]
    return Tree(
        ancestors=[row for row in near if row.depth < 0],
        nodes=nodes[:MAX_NODES],
        truncated=len(near) < len(rows) or len(nodes) > MAX_NODES,
    )

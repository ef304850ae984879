"""What is needed to compare or add figures: their facts, how they are related, and where they come from."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)

from app.analysis.measures import Knowledge, Link, Measured, figures_of
from app.database.reference import Reference
from app.database.statements import RELEASE_ID, compiled
from app.database.tables import BASE_CANDIDATE, EVIDENCE, RECORD, RELATION
from app.domain.trees import with_ancestors
from app.domain.vocabulary import BaseBasis, EvidenceRole, RelationType
from app.queries.conditions import Shape, bound, selected
from app.queries.query import RecordQuery
from app.queries.records import IDS, read_documents

COUNTER = func.coalesce(EVIDENCE.c.origin, EVIDENCE.c.source)
"""The source that a passage names as the origin of its number, or the passage's own source."""


@compiled
def _selected_figures(shape: Shape) -> Select[*tuple[Any, ...]]:
    return (
        select(RECORD.c.document)
        .where(*selected(shape))
        .order_by(RECORD.c.id)
        .limit(bindparam("limit", type_=Integer))
    )


async def read_selected(
    connection: asyncpg.Connection, query: RecordQuery, reference: Reference, limit: int
) -> list[str]:
    """Return the documents of the figures that a query selects, by id, up to a limit."""
    shape, values = bound(query, reference)
    return [row[0] for row in await _selected_figures(shape).rows(connection, **values, limit=limit)]


async def read_knowledge(connection: asyncpg.Connection, reference: Reference, ids: Sequence[str]) -> Knowledge:
    """Return what is needed to add these figures: four statements, however many figures there are."""
    of_figures: dict[str, Any] = {"release": reference.release.id, "ids": list(ids)}
    pairs: dict[str, set[frozenset[str]]] = defaultdict(set)
    for one, kind, other in await _relations().rows(connection, **of_figures):
        pairs[kind].add(frozenset((one, other)))
    for one, other in await _same_facts().rows(connection, **of_figures):
        pairs[RelationType.SAME_FACT].add(frozenset((one, other)))
    wholes: dict[str, list[Link]] = defaultdict(list)
    for part, whole, settled in await _wholes().rows(connection, **of_figures):
        wholes[part].append(Link(part, whole, settled=bool(settled)))  # null: the base is ambiguous
    origins: dict[str, set[str]] = defaultdict(set)
    sources: dict[str, set[str]] = defaultdict(set)
    disputes: dict[str, set[str | None]] = defaultdict(set)
    for figure, source, role, point in await _evidence().rows(connection, **of_figures):
        origins[figure].add(reference.origin_of(source))
        if role == EvidenceRole.STATES:
            sources[figure].update(with_ancestors(reference.origins, source))
        elif role == EvidenceRole.DISPUTES:
            disputes[figure].add(point)
    return Knowledge(
        force_areas=reference.force_areas,
        parents=reference.parents,
        unions=reference.unions,
        rule_changes=reference.rule_changes,
        wholes={part: tuple(links) for part, links in wholes.items()},
        same_fact=frozenset(pairs[RelationType.SAME_FACT] | pairs[RelationType.SUPERSEDES]),
        conflicting=frozenset(pairs[RelationType.CONFLICTS_WITH]),
        contradicted=reference.contradicted,
        overlapping=frozenset(pairs[RelationType.OVERLAPS]),
        origins={figure: frozenset(found) for figure, found in origins.items()},
        sources={figure: frozenset(found) for figure, found in sources.items()},
        disputes={figure: frozenset(points) for figure, points in disputes.items()},
        names=reference.names,
    )


async def read_comparison(
    connection: asyncpg.Connection, reference: Reference, figures: Sequence[Measured]
) -> Knowledge:
    """Return what is needed to compare these figures: as for adding them, and their denominators."""
    known = await read_knowledge(connection, reference, [figure.id for figure in figures])
    bases = sorted({figure.base_id for figure in figures if figure.base_id is not None})
    documents = await read_documents(connection, reference.release, bases)
    return replace(known, bases={base.id: base for base in figures_of(documents)})


@compiled
def _relations() -> Select[*tuple[Any, ...]]:
    return select(RELATION.c.record_id, RELATION.c.type, RELATION.c.related_id).where(
        RELATION.c.release_id == RELEASE_ID, RELATION.c.record_id == IDS
    )


@compiled
def _same_facts() -> Select[*tuple[Any, ...]]:
    """Select every figure that states the same fact as one of these, through any number of others."""
    states_the_same = RELATION.c.release_id == RELEASE_ID, RELATION.c.type == RelationType.SAME_FACT
    direct = select(RELATION.c.record_id.label("one"), RELATION.c.related_id.label("other"))
    same = direct.where(*states_the_same, RELATION.c.record_id == IDS).cte("same", recursive=True)
    further = select(same.c.one, RELATION.c.related_id).where(
        *states_the_same, RELATION.c.record_id == same.c.other
    )
    same = same.union(further)
    return select(same.c.one, same.c.other).where(same.c.one != same.c.other)


@compiled
def _evidence() -> Select[*tuple[Any, ...]]:
    return select(EVIDENCE.c.record_id, COUNTER, EVIDENCE.c.role, EVIDENCE.c.on_point).where(
        EVIDENCE.c.release_id == RELEASE_ID, EVIDENCE.c.record_id == IDS
    )


@compiled
def _wholes() -> Select[*tuple[Any, ...]]:
    """For these figures and all above them, select what each lies in, or may lie in, directly."""
    record, candidate, relation = RECORD.c, BASE_CANDIDATE.c, RELATION.c

    def links(
        part: ColumnElement[bool], of_relation: ColumnElement[bool], *outer: FromClause
    ) -> CompoundSelect[Any]:
        settled = candidate.candidate_id == record.base_id
        by_base = (
            select(candidate.record_id, candidate.candidate_id, settled.label("settled"))
            .join(RECORD, and_(record.release_id == candidate.release_id, record.id == candidate.record_id))
            .where(candidate.release_id == RELEASE_ID, part, or_(settled, record.base_basis == BaseBasis.AMBIGUOUS))
        )
        by_relation = select(relation.record_id, relation.related_id, relation.settled.label("settled")).where(
            relation.release_id == RELEASE_ID, of_relation, relation.type == RelationType.PART_OF
        )
        return union_all(by_base.correlate(*outer), by_relation.correlate(*outer))

    direct = links(candidate.record_id == IDS, relation.record_id == IDS).subquery("direct")
    above = select(direct).cte("above", recursive=True)
    # Link by link, so that PostgreSQL looks up what is above each figure instead of all that is above any.
    whole = above.c.candidate_id
    further = links(candidate.record_id == whole, relation.record_id == whole, above).lateral("further")
    above = above.union(select(further).join_from(above, further, literal(value=True)))
    return select(above.c.record_id, above.c.candidate_id, above.c.settled)

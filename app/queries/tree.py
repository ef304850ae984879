"""A figure with those that it is a share of, and everything stated to be a share of it."""

from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, Select, and_, bindparam, func, literal, not_, or_, select, union_all

from app.database.statements import RELEASE_ID, compiled
from app.database.tables import BASE_CANDIDATE, RECORD, RELATION
from app.domain.vocabulary import BaseBasis, Kind, RelationType

MAX_DEPTH = 32
"""No source nests shares this deep; a deeper chain is a mistake, and following it would only cost time."""

MAX_NODES = 2_000
"""The most figures in a tree that is answered in full."""


@dataclass(frozen=True)
class TreeRow:
    """A figure at its place in a tree."""

    id: str
    path: tuple[str, ...]
    """The figures from the root of the request down to this one; empty above the root."""
    depth: int
    """How far below the figure asked for; negative above it."""
    ambiguous: bool
    document: str


@dataclass(frozen=True)
class Tree:
    """A figure, those above it (root first) and those below it; it is the first of `nodes` itself."""

    ancestors: list[TreeRow]
    nodes: list[TreeRow]
    truncated: bool


async def read_tree(connection: asyncpg.Connection, release: int, root: str) -> Tree:
    """Return a figure with everything above and below it, in one statement.

    A figure whose base is ambiguous appears under each candidate, with everything below it; one with a second
    whole appears there too. What is deeper than `MAX_DEPTH` or beyond `MAX_NODES` is cut off, and the
    tree says so.
    """
    rows = [
        TreeRow(row["id"], tuple(row["path"]), row["depth"], row["ambiguous"], row["document"])
        for row in await _tree().rows(connection, release=release, root=root)
    ]
    near = [row for row in rows if abs(row.depth) <= MAX_DEPTH]
    nodes = [row for row in near if row.depth >= 0]
    return Tree(
        ancestors=[row for row in near if row.depth < 0],
        nodes=nodes[:MAX_NODES],
        truncated=len(near) < len(rows) or len(nodes) > MAX_NODES,
    )


@compiled
def _tree() -> Select[*tuple[Any, ...]]:
    record, candidate, relation = RECORD.c, BASE_CANDIDATE.c, RELATION.c
    root = bindparam("root", type_=record.id.type)
    up = (
        select(record.id, record.base_id, literal(0).label("depth"))
        .where(record.release_id == RELEASE_ID, record.id == root)
        .cte("up", recursive=True)
    )
    up = up.union_all(
        select(record.id, record.base_id, up.c.depth - 1)
        .join(up, record.id == up.c.base_id)
        .where(record.release_id == RELEASE_ID, up.c.depth >= -MAX_DEPTH)
    )
    ambiguous = record.base_basis == BaseBasis.AMBIGUOUS
    path = ARRAY(RECORD.c.id.type)
    down = select(
        root.label("id"),
        func.array_append(literal([], path), root, type_=path).label("path"),
        literal(0).label("depth"),
        literal(value=False).label("ambiguous"),
    ).cte("down", recursive=True)
    by_base = (
        select(record.id, ambiguous.label("ambiguous"))
        .join(BASE_CANDIDATE, and_(candidate.release_id == RELEASE_ID, candidate.record_id == record.id))
        .where(
            record.release_id == RELEASE_ID,
            candidate.candidate_id == down.c.id,
            or_(record.base_id == candidate.candidate_id, ambiguous),
        )
    )
    by_relation = (
        select(record.id, not_(relation.settled).label("ambiguous"))
        .join(RELATION, and_(relation.release_id == RELEASE_ID, relation.record_id == record.id))
        .where(
            record.release_id == RELEASE_ID,
            relation.related_id == down.c.id,
            relation.type == RelationType.PART_OF,
            record.kind != Kind.INCIDENT,
        )
    )
    parts = union_all(by_base.correlate(down), by_relation.correlate(down)).subquery("parts")
    beneath = select(parts.c.id, func.bool_and(parts.c.ambiguous).label("ambiguous")).group_by(parts.c.id)
    below = beneath.lateral("below")
    down = down.union_all(
        select(
            below.c.id,
            func.array_append(down.c.path, below.c.id, type_=path),
            down.c.depth + 1,
            below.c.ambiguous,
        )
        .join_from(down, below, literal(value=True))
        .where(down.c.depth <= MAX_DEPTH)
    )
    places = union_all(
        select(up.c.id, literal([], path).label("path"), up.c.depth, literal(value=False).label("ambiguous")).where(
            up.c.depth < 0
        ),
        select(down.c.id, down.c.path, down.c.depth, down.c.ambiguous).limit(MAX_NODES + 1),
    ).subquery("places")
    return (
        select(places.c.id, places.c.path, places.c.depth, places.c.ambiguous, record.document)
        .join(RECORD, and_(record.release_id == RELEASE_ID, record.id == places.c.id))
        .order_by(places.c.depth, places.c.id)
    )

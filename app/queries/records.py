"""Records by id, and what happened to an id that a release doesn't have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg
from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Select,
    any_,
    bindparam,
    exists,
    select,
    union_all,
)

from app.analysis.warnings import NONE, Sample, sample
from app.database.current import ReleaseRow
from app.database.statements import RELEASE_ID, compiled
from app.database.tables import CHANGE, CODES, FORCE, RECORD, RELEASE, TOMBSTONE
from app.domain.vocabulary import Kind
from app.queries.errors import nearest
from app.queries.parameters import Resource

NEIGHBOURS = 100
"""How many ids on either side, in order of id, are searched for the nearest."""

RECORD_ID = bindparam("id", type_=RECORD.c.id.type)
IDS = any_(bindparam("ids", type_=ARRAY(RECORD.c.id.type)))
KINDS = any_(bindparam("kinds", type_=ARRAY(RECORD.c.kind.type)))


@dataclass(frozen=True)
class Found:
    """A record as it is answered."""

    kind: str
    document: str


async def read_record(connection: asyncpg.Connection, release: ReleaseRow, record_id: str) -> Found | None:
    """Return a record, or None if the release has none of this id."""
    row = await _record().row(connection, release=release.id, id=record_id)
    return Found(row["kind"], row["document"]) if row is not None else None


@compiled
def _record() -> Select[*tuple[Any, ...]]:
    return select(RECORD.c.kind, RECORD.c.document).where(
        RECORD.c.release_id == RELEASE_ID, RECORD.c.id == RECORD_ID
    )


async def read_documents(connection: asyncpg.Connection, release: ReleaseRow, ids: Sequence[str]) -> list[str]:
    """Return the documents of records in order of id; ids that the release doesn't have are left out."""
    return [row[0] for row in await _documents().rows(connection, release=release.id, ids=list(ids))] if ids else []


@compiled
def _documents() -> Select[*tuple[Any, ...]]:
    return (
        select(RECORD.c.document).where(RECORD.c.release_id == RELEASE_ID, RECORD.c.id == IDS).order_by(RECORD.c.id)
    )


async def read_unknown_ids(
    connection: asyncpg.Connection, release: ReleaseRow, ids: Sequence[str], kinds: Sequence[Kind]
) -> Sample:
    """Return the ids that no record of these kinds has in a release."""
    if not ids:
        return NONE
    rows = await _known_ids().rows(
        connection, release=release.id, ids=list(ids), kinds=[str(kind) for kind in kinds]
    )
    known = {row[0] for row in rows}
    return sample(id_ for id_ in dict.fromkeys(ids) if id_ not in known)


@compiled
def _known_ids() -> Select[*tuple[Any, ...]]:
    return select(RECORD.c.id).where(RECORD.c.release_id == RELEASE_ID, RECORD.c.id == IDS, RECORD.c.kind == KINDS)


async def read_ids(connection: asyncpg.Connection, release: ReleaseRow, limit: int) -> list[tuple[str, str]]:
    """Return the ids of a release's records with their kinds, in order, up to a limit."""
    return [(row[0], row[1]) for row in await _ids().rows(connection, release=release.id, limit=limit)]


@compiled
def _ids() -> Select[*tuple[Any, ...]]:
    limit = bindparam("limit", type_=Integer)
    return (
        select(RECORD.c.id, RECORD.c.kind)
        .where(RECORD.c.release_id == RELEASE_ID)
        .order_by(RECORD.c.id)
        .limit(limit)
    )


async def read_used(connection: asyncpg.Connection, release: ReleaseRow, name: str) -> set[str]:
    """Return the forces, or the codes of a tree, that any record of a release has in the field of that name."""
    return {row[0] for row in await _used(name).rows(connection, release=release.id)}


@compiled
def _used(name: str) -> Select[*tuple[Any, ...]]:
    offered = {"force": FORCE, **CODES}[name].c
    used = exists().where(RECORD.c.release_id == RELEASE_ID, RECORD.c[name] == offered.id)
    return select(offered.id).where(offered.release_id == RELEASE_ID, used)


async def near_ids(
    connection: asyncpg.Connection, release: ReleaseRow, wanted: str, resource: Resource
) -> list[str]:
    """Return ids that may have been meant: the most similar of its neighbours in order of id."""
    plain = "".join(c for c in wanted.lower() if c.isascii() and (c.isalnum() or c == "-"))
    kinds = [str(kind) for kind in resource.kinds]
    rows = await _neighbours().rows(connection, release=release.id, kinds=kinds, id=plain)
    return nearest(plain, [row[0] for row in rows])


@compiled
def _neighbours() -> Select[*tuple[Any, ...]]:
    of_kind = select(RECORD.c.id).where(RECORD.c.release_id == RELEASE_ID, RECORD.c.kind == KINDS)
    after = of_kind.where(RECORD.c.id >= RECORD_ID).order_by(RECORD.c.id).limit(NEIGHBOURS)
    before = of_kind.where(RECORD.c.id < RECORD_ID).order_by(RECORD.c.id.desc()).limit(NEIGHBOURS)
    return select(union_all(after, before).subquery())


@dataclass(frozen=True)
class Removal:
    """When and why a record was removed from every release."""

    day: date
    reason: str


async def read_removal(connection: asyncpg.Connection, record_id: str) -> Removal | None:
    """Return when and why a record was removed for legal reasons, or None if it wasn't."""
    row = await _removal().row(connection, id=record_id)
    return Removal(row["day"], row["reason"]) if row is not None else None


@compiled
def _removal() -> Select[*tuple[Any, ...]]:
    return select(TOMBSTONE.c.day, TOMBSTONE.c.reason).where(TOMBSTONE.c.id == RECORD_ID)


@dataclass(frozen=True)
class Withdrawal:
    """The release that withdrew a record, and why."""

    version: str
    reason: str | None


async def read_withdrawal(connection: asyncpg.Connection, release: ReleaseRow, record_id: str) -> Withdrawal | None:
    """Return the latest release, up to this one, that withdrew a record; None if none did."""
    row = await _withdrawal().row(connection, id=record_id, until=release.published_at)
    return Withdrawal(row["version"], row["reason"]) if row is not None else None


@compiled
def _withdrawal() -> Select[*tuple[Any, ...]]:
    return (
        select(RELEASE.c.version, CHANGE.c.reason)
        .join(CHANGE, CHANGE.c.release_id == RELEASE.c.id)
        .where(CHANGE.c.thing == "record", CHANGE.c.id == RECORD_ID, CHANGE.c.type == "withdrawn")
        .where(RELEASE.c.published_at <= bindparam("until", type_=DateTime(timezone=True)))
        .order_by(RELEASE.c.published_at.desc())
        .limit(1)
    )


async def read_history(
    connection: asyncpg.Connection, release: ReleaseRow, record_id: str
) -> Sequence[Mapping[str, Any]]:
    """Return what happened to a record from release to release, newest first, up to this one."""
    return await _history().rows(connection, id=record_id, until=release.published_at)


@compiled
def _history() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(RELEASE.c.version, RELEASE.c.published_at, CHANGE.c.type, CHANGE.c.field),
            *(CHANGE.c.old, CHANGE.c.new, CHANGE.c.reason),
        )
        .join(RELEASE, RELEASE.c.id == CHANGE.c.release_id)
        .where(CHANGE.c.thing == "record", CHANGE.c.id == RECORD_ID)
        .where(RELEASE.c.published_at <= bindparam("until", type_=DateTime(timezone=True)))
        .order_by(RELEASE.c.published_at.desc(), CHANGE.c.position)
    )


async def read_changes(connection: asyncpg.Connection, release: ReleaseRow) -> Sequence[Mapping[str, Any]]:
    """Return every change from the release before to this one, in order."""
    return await _changes().rows(connection, release=release.id)


@compiled
def _changes() -> Select[*tuple[Any, ...]]:
    return (
        select(
            CHANGE.c.thing, CHANGE.c.id, CHANGE.c.type, CHANGE.c.field, CHANGE.c.old, CHANGE.c.new, CHANGE.c.reason
        )
        .where(CHANGE.c.release_id == RELEASE_ID)
        .order_by(CHANGE.c.position)
    )

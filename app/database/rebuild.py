"""Rebuild a database from an earlier version of the program, and keep what only the database has."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, text

from app.database import tables
from app.database.schema import TABLES, upgrade
from app.domain.dataset import Tombstone


class Kept(NamedTuple):
    """What the seeds can't restore."""

    tombstones: Sequence[Tombstone]
    chosen: str | None
    """The version that `upheld use` chose; None if it serves the latest."""


def read_kept(connection: Connection) -> Kept:
    """Read from the earlier version's tables what has to survive."""
    stones = connection.execute(text("SELECT id, day, reason FROM tombstone"))
    chosen = connection.execute(
        text("SELECT version FROM release JOIN current_release ON release_id = release.id WHERE chosen")
    )
    return Kept([Tombstone(**row._asdict()) for row in stones], chosen.scalar_one_or_none())


def rebuild(connection: Connection, kept: Kept) -> None:
    """Replace the tables with empty ones, and write the tombstones again."""
    connection.execute(text(f"DROP TABLE IF EXISTS {', '.join(TABLES)}"))
    upgrade(connection)
    if kept.tombstones:
        connection.execute(insert(tables.TOMBSTONE), [stone.model_dump() for stone in kept.tombstones])

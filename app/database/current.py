"""The loaded releases, as this process last saw them.

It checks once a second. That's cheap, needs no help from the loader, and shows when the database is away. A
notification from the loader could get lost in a restart.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, fields
from datetime import datetime
from time import monotonic
from typing import Any

import asyncpg
from asyncpg.exceptions import UndefinedTableError
from sqlalchemy import Select, Text, column, func, select, table

from app.database import tables
from app.database.integrity import revision
from app.database.pool import OTHER_SCHEMA, Database, DatabaseUnavailableError
from app.database.schema import schema_head
from app.database.statements import RELEASE_ID, compiled

log = logging.getLogger("upheld")

INTERVAL = 1.0
"""Seconds between looks, so a new release is served this soon after its commit."""

PATIENCE = 2.0
"""Seconds that a look may take."""

RENEWAL = 60.0
"""Seconds until connections without the reading role are replaced, in case it has been granted since."""

STALE_AFTER = 5.0
"""Seconds without a successful look after which the database counts as away, even if no look has failed yet."""

SCHEMA = table("alembic_version", column("version_num", Text))


@dataclass(frozen=True)
class ReleaseRow:
    """A release's row in the database."""

    id: int
    version: str
    published_at: datetime
    note: str
    digest: str
    rendering: str
    """The revision of the code that wrote its rows, which tags depend on."""


@dataclass(frozen=True)
class Releases:
    """The loaded releases. While they stay the same, so do all answers."""

    current: ReleaseRow | None
    by_version: Mapping[str, ReleaseRow]
    """Newest first. A release that is loaded again, as `dev` may be, has a new row id."""
    removed: tuple[str, ...]
    """Ids of the records that were removed from every release for legal reasons."""

    @property
    def versions(self) -> list[str]:
        """The versions, newest first."""
        return list(self.by_version)


class CurrentRelease:
    """Keeps track of the loaded releases."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.releases: Releases | None = None
        """What the last successful look saw; the same object until something changes."""
        self.seen_at = -float("inf")
        """When that was, by the monotonic clock."""
        self._failure = ""
        """Why the last look failed; empty if it succeeded."""
        self._served = ""
        """The last version that the log named as being served."""
        self._looking = asyncio.Lock()

    @property
    def has_removals(self) -> bool:
        """Whether a record was removed from every release for legal reasons."""
        return self.releases is not None and bool(self.releases.removed)

    @property
    def away(self) -> str:
        """Why the database can't answer before the next look; empty if it can."""
        if not self._failure and self.releases is not None and monotonic() - self.seen_at > STALE_AFTER:
            return "it does not answer"
        return self._failure

    async def look(self, connection: asyncpg.Connection) -> Releases:
        """Look now.

        Raises:
            DatabaseUnavailableError: if the schema or the rendering is another version's.

        """
        # One at a time, so that no look overwrites the result of a later one.
        async with self._looking:
            started = monotonic()
            found = await read_releases(connection)
            self.seen_at = started
            self._failure = ""
            if found != self.releases:
                if found.current is not None and found.current.version != self._served:
                    self._served = found.current.version
                    log.info("serving release %s", self._served)
                self.releases = found
            return found

    @asynccontextmanager
    async def kept_up_to_date(self, database: Database) -> AsyncIterator[None]:
        """Keep looking while the block runs, whatever happens to the database."""
        ended = asyncio.Event()
        task = asyncio.create_task(self._keep_looking(database, ended))
        try:
            yield
        finally:
            # Not cancelled: a look in progress must finish, or it could leave a half-open connection.
            ended.set()
            await task

    async def _keep_looking(self, database: Database, ended: asyncio.Event) -> None:
        said: set[str] = set()
        while not ended.is_set():
            try:
                # Use one connection for all looks, so that slow requests can't delay them.
                async with database.connect() as connection:
                    renewal = monotonic() + RENEWAL
                    while not ended.is_set():
                        async with asyncio.timeout(PATIENCE):
                            await self.look(connection)
                        if said:
                            log.warning("the database is back")
                            said.clear()
                        await _pause(ended)
                        if database.advice is not None and monotonic() > renewal:
                            break
                await database.renew()
            except (DatabaseUnavailableError, TimeoutError) as error:
                self._failure = str(error) or "it does not answer"
                # The first error may only say that the connection ended; the next attempt finds out why.
                if self._failure not in said:
                    log.warning("can't reach the database; cached answers are getting old: %s", self._failure)
                said.add(self._failure)
                await _pause(ended)


async def _pause(ended: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), INTERVAL)


@compiled
def _releases() -> Select[*tuple[Any, ...]]:
    release, tombstone = tables.RELEASE.c, tables.TOMBSTONE.c
    return select(
        *(release[field.name] for field in fields(ReleaseRow)),
        (release.id == select(tables.CURRENT_RELEASE.c.release_id).scalar_subquery()).label("is_current"),
        select(func.array_agg(tombstone.id)).scalar_subquery().label("removed"),
        select(SCHEMA.c.version_num).scalar_subquery().label("schema"),
    ).order_by(release.published_at.desc(), release.id.desc())


@compiled
def _schema() -> Select[*tuple[Any, ...]]:
    return select(SCHEMA.c.version_num)


async def read_schema(connection: asyncpg.Connection) -> str | None:
    """Return the revision of the database's schema, or None if it has none."""
    try:
        row = await _schema().row(connection)
    except UndefinedTableError:
        return None
    return row[0] if row is not None else None


@compiled
def _record_counts() -> Select[*tuple[Any, ...]]:
    release, record = tables.RELEASE.c, tables.RECORD.c
    return select(
        select(func.count()).where(record.release_id == release.id).scalar_subquery().label("found"),
        release.row_counts["record"].as_integer().label("loaded"),
    ).where(release.id == RELEASE_ID)


async def lost_records(connection: asyncpg.Connection, release: ReleaseRow) -> str | None:
    """Return how many of a release's records are left if some were lost; None if none were."""
    row = await _record_counts().row(connection, release=release.id)
    return None if row is None or row["found"] == row["loaded"] else f"{row['found']} of {row['loaded']} records"


async def read_releases(connection: asyncpg.Connection) -> Releases:
    """Return the loaded releases, read in one statement.

    Raises:
        DatabaseUnavailableError: if the schema or the rendering is another version's.

    """
    rows = await _releases().rows(connection)
    if rows and rows[0]["schema"] != schema_head():
        raise DatabaseUnavailableError(OTHER_SCHEMA)
    current = None
    by_version = {}
    for row in rows:
        release = ReleaseRow(**{field.name: row[field.name] for field in fields(ReleaseRow)})
        by_version[release.version] = release
        if row["is_current"]:
            current = release
    if current is not None and current.rendering != revision():
        message = (
            f"release {current.version} was rendered by another version of the program: restart with the version "
            "that loaded it, or run `upheld load` with this one"
        )
        raise DatabaseUnavailableError(message)
    return Releases(current, by_version, tuple(sorted(rows[0]["removed"] or ())) if rows else ())

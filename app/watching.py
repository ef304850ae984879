"""What the database holds now, as far as this process knows: it looks again and again, and says when it last saw.

Everything that is kept at hand (the current release, stored answers) stands or falls with what was seen. To ask
four times a second costs next to nothing, needs no help from whoever loads, and notices when the database was away;
a notification that is lost in a restart would be missed for ever.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import Text, column, func, select, table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app import models
from app.database import schema_head
from app.errors import Problem, unavailable
from app.reference import ReleaseRow

log = logging.getLogger("upheld")

EVERY = 0.25
"""Seconds from one look to the next: a new release is served within a second of its commit."""

LATE = 1.0
"""Seconds after which what was seen last is no longer taken for what is there."""


GONE = 4.0
"""Seconds after which a look that has not even failed is taken for one that will: drivers may hang in giving up."""

UNSEEN = (Problem, SQLAlchemyError, TimeoutError)
"""What is raised where a look comes to nothing."""

SCHEMA = table("alembic_version", column("version_num", Text))


@dataclass(frozen=True)
class Holding:
    """The releases that are loaded; as long as they are the same, so are all answers."""

    current: ReleaseRow | None
    releases: Mapping[str, ReleaseRow]
    """By version, newest first. A release that is loaded anew, as `dev` may be, has another row id."""
    removed: int
    """How many records were removed from every release for legal reasons."""

    @property
    def versions(self) -> list[str]:
        """The versions of all releases, newest first."""
        return list(self.releases)


class Watch:
    """Looks at the database again and again."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.holding: Holding | None = None
        """What was seen last; the same object as long as nothing has changed."""
        self.seen_at = -float("inf")
        """The moment, by the monotonic clock, at which it was certainly there."""
        self._failure: str = ""
        """Why the last look came to nothing; empty where it did not."""
        self._connection: AsyncConnection | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def away(self) -> str:
        """Why nobody need ask the database before the next look, or nothing where it can be asked."""
        if not self._failure and self.holding is not None and monotonic() - self.seen_at > GONE:
            return "it does not answer"
        return self._failure

    async def look(self, engine: AsyncEngine) -> Holding:
        """Look now, and return what is there.

        Raises:
            Problem, SQLAlchemyError, TimeoutError: where the database cannot be asked; what was seen last stays.

        """
        async with self._one_at_a_time:
            with self._noting():
                async with asyncio.timeout(LATE):
                    began = monotonic()
                    seen = await self._read(engine)
                    if seen != self.holding:
                        self.holding = seen
                    self.seen_at = began
                    assert self.holding is not None  # noqa: S101 - for the type checker: it has just been set
                    return self.holding

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note whether a look came to anything."""
        try:
            yield
        except UNSEEN as error:
            self._failure = (
                str(getattr(error, "orig", None) or error).strip().partition("\n")[0] or type(error).__name__
            )
            raise
        self._failure = ""

    async def _read(self, engine: AsyncEngine) -> Holding:
        try:
            # A connection of its own: many slow requests cannot keep it from looking.
            if self._connection is None:
                self._connection = await engine.connect()
                await self._connection.execution_options(isolation_level="AUTOCOMMIT")
            return await read_holding(self._connection)
        except BaseException:
            await self._let_go()
            raise

    async def _let_go(self) -> None:
        """Give up the connection; the next look takes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                await connection.invalidate()
            await connection.close()

    @asynccontextmanager
    async def looking(self, engine: AsyncEngine) -> AsyncIterator[None]:
        """Look again and again meanwhile, whatever becomes of the database."""
        ended = asyncio.Event()
        task = asyncio.create_task(self._keep_looking(engine, ended))
        try:
            yield
        finally:
            # Not cancelled: a look that has begun comes to its end, and leaves no connection half made.
            ended.set()
            await task
            await self._let_go()

    async def _keep_looking(self, engine: AsyncEngine, ended: asyncio.Event) -> None:
        is_there = True
        while not ended.is_set():
            try:
                await self.look(engine)
            except UNSEEN:
                if is_there:
                    log.warning("the database is away, and stored answers grow old: %s", self.away)
                is_there = False
            else:
                if not is_there:
                    log.warning("the database is back")
                is_there = True
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), EVERY)


async def read_holding(connection: AsyncConnection) -> Holding:
    """Return what is there: one statement, so that all of it is of one moment.

    Raises:
        Problem: 503 where the schema is not that of this program, whatever might be read of it.

    """
    release, current = models.Release, models.CurrentRelease
    statement = select(
        *(release.id, release.version, release.published_at, release.note, release.digest),
        select(current.release_id).scalar_subquery().label("current"),
        select(func.count()).select_from(models.Tombstone).scalar_subquery().label("removed"),
        select(SCHEMA.c.version_num).scalar_subquery().label("schema"),
    ).order_by(release.published_at.desc(), release.id.desc())
    rows = (await connection.execute(statement)).all()
    if rows and rows[0].schema != schema_head():
        raise unavailable("The database has the schema of another version of this program.")
    releases = {
        row.version: ReleaseRow(row.id, row.version, row.published_at, row.note, row.digest) for row in rows
    }
    current_one = next((releases[row.version] for row in rows if row.id == row.current), None)
    return Holding(current_one, releases, rows[0].removed if rows else 0)

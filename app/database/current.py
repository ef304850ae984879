"""What the database holds now, as far as this process knows: it looks again and again, and says when it last saw.

Everything that is kept at hand (the current release, stored answers) stands or falls with what was seen. To ask
four times a second costs next to nothing, needs no help from whoever loads, and notices when the database was away;
a notification that is lost in a restart would be missed for ever.

Where there are several servers each is asked, for one may be behind another. The furthest is followed, and nothing
older is served afterwards, unless all servers have gone back, or those that have not are away for long
(`FORGOTTEN`).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Text, column, func, select, table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.database import tables
from app.database.owner import schema_head
from app.database.pool import read_engine
from app.database.reference import ReleaseRow
from app.database.servers import Server, Servers
from app.http.problems import Problem, unavailable

log = logging.getLogger("upheld")

EVERY = 0.25
"""Seconds from one look to the next: a new release is served within a second of its commit."""

LATE = 1.0
"""Seconds after which what was seen last is no longer taken for what is there."""


AMONG_SEVERAL = LATE / 2
"""Seconds that one of several servers is given to answer a look; the others need not wait for one that hangs."""

FORGOTTEN = 10.0
"""Seconds for which nothing older is served than what a server held that is away now, and no other one holds."""

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


class Sight(NamedTuple):
    """What was seen of a server."""

    holding: Holding
    changes: int
    """How often what it holds has changed; of two servers, that which has more holds all that the other does."""
    is_standby: bool


@dataclass(eq=False)
class Lookout:
    """A server, and the connection by which it is looked at."""

    server: Server
    engine: AsyncEngine
    patience: float
    """Seconds that a look may take."""
    connection: AsyncConnection | None = None

    async def look(self) -> Sight | Problem | SQLAlchemyError | TimeoutError:
        """Return what is there, or why it cannot be told."""
        try:
            async with asyncio.timeout(self.patience):
                # A connection of its own: many slow requests cannot keep it from looking.
                if self.connection is None:
                    self.connection = await self.engine.connect()
                    await self.connection.execution_options(isolation_level="AUTOCOMMIT")
                return await read_sight(self.connection)
        except UNSEEN as error:
            await self.let_go()
            return error
        except BaseException:
            await self.let_go()
            raise

    async def let_go(self) -> None:
        """Give up the connection; the next look takes a new one."""
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                await connection.invalidate()
            await connection.close()


class Watch:
    """Looks at the database again and again."""

    def __init__(self, servers: Servers) -> None:
        """Know nothing yet."""
        self.holding: Holding | None = None
        """What was seen last; the same object as long as nothing has changed."""
        self.seen_at = -float("inf")
        """The moment, by the monotonic clock, at which it was certainly there."""
        self._failure: str = ""
        """Why the last look came to nothing; empty where it did not."""
        self.servers = servers
        self.renew: list[Callable[[], Awaitable[None]]] = []
        """What is to be done when other servers are to be read from than before."""
        self._lookouts: list[Lookout] = []
        self._level_at = -float("inf")
        """The moment at which a server was last seen to hold what is served."""
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
                return await self._look_at_all(engine)

    async def _look_at_all(self, engine: AsyncEngine) -> Holding:
        began = monotonic()
        if not self._lookouts:
            self._lookouts = self._posted(engine)
        seen = await asyncio.gather(*(lookout.look() for lookout in self._lookouts))
        for lookout, sight in zip(self._lookouts, seen, strict=True):
            lookout.server.changes = sight.changes if isinstance(sight, Sight) else None
            lookout.server.is_standby = isinstance(sight, Sight) and sight.is_standby
        furthest = self._furthest(seen, began)
        if self.servers.settle(furthest.changes):
            for renew in self.renew:
                await renew()
        if furthest.holding != self.holding:
            self.holding = furthest.holding
        self.seen_at = self._level_at = began
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

    def _posted(self, engine: AsyncEngine) -> list[Lookout]:
        """Return the lookouts: on a single server by a connection of the API's, else by one to each server."""
        if not self.servers.are_several:
            return [Lookout(self.servers.all[0], engine, LATE)]
        return [Lookout(server, read_engine(server.address), AMONG_SEVERAL) for server in self.servers.all]

    def _furthest(self, seen: Sequence[Sight | Problem | SQLAlchemyError | TimeoutError], began: float) -> Sight:
        """Return the furthest sight, unless it is behind what is served and that may be back in a moment."""
        sights = [sight for sight in seen if isinstance(sight, Sight)]
        failures = [failure for failure in seen if not isinstance(failure, Sight)]
        if not sights:
            raise failures[0]
        furthest = max(sights, key=lambda sight: (sight.changes, sight.holding == self.holding))
        if failures and furthest.changes < self.servers.floor and began - self._level_at < FORGOTTEN:
            raise TimeoutError("the server that holds what was served last is away")
        return furthest

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
            for lookout in self._lookouts:
                await lookout.let_go()
                if lookout.engine is not engine:
                    await lookout.engine.dispose()

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


async def read_sight(connection: AsyncConnection) -> Sight:
    """Return what is there: one statement, so that all of it is of one moment.

    Raises:
        Problem: 503 where the schema is not that of this program, whatever might be read of it.

    """
    release, current = tables.Release, tables.CurrentRelease
    statement = select(
        *(release.id, release.version, release.published_at, release.note, release.digest),
        select(current.release_id).scalar_subquery().label("current"),
        select(current.changes).scalar_subquery().label("changes"),
        select(func.count()).select_from(tables.Tombstone).scalar_subquery().label("removed"),
        func.pg_is_in_recovery().label("is_standby"),
        select(SCHEMA.c.version_num).scalar_subquery().label("schema"),
    ).order_by(release.published_at.desc(), release.id.desc())
    rows = (await connection.execute(statement)).all()
    if not rows:
        return Sight(Holding(None, {}, 0), 0, is_standby=False)
    if rows[0].schema != schema_head():
        raise unavailable("The database has the schema of another version of this program.")
    releases = {
        row.version: ReleaseRow(row.id, row.version, row.published_at, row.note, row.digest) for row in rows
    }
    current_one = next((releases[row.version] for row in rows if row.id == row.current), None)
    first = rows[0]
    return Sight(Holding(current_one, releases, first.removed), first.changes or 0, first.is_standby)

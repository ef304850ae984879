"""How the API reaches PostgreSQL: connections that can only read."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter

import asyncpg
import orjson
from asyncpg.exceptions import InterfaceError, InternalClientError
from sqlalchemy import AsyncAdaptedQueuePool, PoolProxiedConnection
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.database.servers import Servers, read_address

STATEMENT_TIMEOUT_MS = 2_000
"""A read that takes longer is given up: a public address must not be able to keep the server busy."""

IDLE_TIMEOUT_MS = 10_000
"""A reading that nobody goes on with is ended, so that it keeps no connection and holds back no vacuum."""

READER = "upheld_reader"
"""The role that the API takes, whoever logs in; the migrations make it, and it may only read what is served."""

READING = {
    "role": READER,
    "default_transaction_read_only": "on",
    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
    "idle_in_transaction_session_timeout": str(IDLE_TIMEOUT_MS),
    # Times are told in UTC, whatever zone the server keeps.
    "timezone": "UTC",
    # A partition is found by its release: trying its rules on each question too would take longer than a page.
    "constraint_exclusion": "off",
}
"""What each of the API's connections begins with, and goes back to when it is reset."""

READ_BY_BOTH = frozenset(
    {"host", "port", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "target_session_attrs"}
)
"""Options in an address that both drivers know; asyncpg takes any other for a setting of the server."""


def _url(address: str) -> URL:
    """Read an address as people write it; the driver is ours to choose, and so is the server, of several."""
    url, _ = read_address(address)
    return url.set(drivername="postgresql+psycopg")


class TimedPool(AsyncAdaptedQueuePool):
    """A pool of connections that tells how long each was waited for."""

    waited: Callable[[float], None] | None = None
    """Is told the seconds."""

    def connect(self) -> PoolProxiedConnection:
        """Return a connection, as soon as there is one."""
        begun = perf_counter()
        try:
            return super().connect()
        finally:
            if self.waited is not None:
                self.waited(perf_counter() - begun)


def read_engine(address: str, waited: Callable[[float], None] | None = None) -> AsyncEngine:
    """Return the engine of the API, on which PostgreSQL refuses every write.

    A request sees one state of the database throughout: a page and its total never come from two loads. How many
    seconds it waited for its connection is told to `waited`.
    """
    options = " ".join(f"-c {name}={value}" for name, value in READING.items())
    engine = create_async_engine(
        _url(address),
        isolation_level="REPEATABLE READ",
        poolclass=TimedPool,
        pool_size=10,
        max_overflow=0,
        pool_timeout=2,
        pool_pre_ping=True,
        connect_args={"application_name": "upheld", "options": options, "connect_timeout": 3},
    )
    pool_of(engine).waited = waited
    return engine


def pool_of(engine: AsyncEngine) -> TimedPool:
    """Return the connections of the engine of the API."""
    pool = engine.pool
    if not isinstance(pool, TimedPool):
        raise TypeError(f"the engine that writes has no such pool: {pool!r}")
    return pool


def read_pool(address: str, servers: Servers) -> asyncpg.Pool:
    """Return connections of the driver that reads pages fastest; PostgreSQL refuses every write on them as well.

    Each statement is of one moment, and no transaction spans two.
    """
    url = _url(address)
    query = {name: value for name, value in url.query.items() if name in READ_BY_BOTH}
    settings = READING | {
        "application_name": "upheld",
        # What is prepared once is planned for its values all the same: forces differ by far in their figures.
        "plan_cache_mode": "force_custom_plan",
    }

    async def prepare(connection: asyncpg.Connection) -> None:
        try:
            await connection.set_type_codec("jsonb", encoder=str, decoder=orjson.loads, schema="pg_catalog")
        except (InterfaceError, InternalClientError) as error:
            raise ConnectionError(f"the server ended a connection that had just been made: {error}") from error

    async def leave_as_it_is(connection: asyncpg.Connection) -> None:
        """Spare the round trip that would undo what nobody does here."""

    return asyncpg.create_pool(
        url.set(drivername="postgresql", query=query).render_as_string(hide_password=False),
        min_size=0,
        max_size=10,
        timeout=3,
        connect=servers.connect,
        server_settings=settings,
        init=prepare,
        reset=leave_as_it_is,
    )


@asynccontextmanager
async def lent(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection of the pool that reads pages.

    The driver hears that a server ends a connection before it hears that it is ended, and between the two says of
    any question that it was asked wrongly: that is not what went wrong.

    Raises:
        ConnectionError: where the server has ended the connection, or what it said of it cannot be understood.

    """
    try:
        async with pool.acquire() as connection:
            try:
                yield connection
            except InterfaceError as error:
                if not _is_over(connection):
                    raise
                raise ConnectionError(str(error)) from error
            except InternalClientError:
                # The pool would lend it again.
                connection.terminate()
                raise
    except InternalClientError as error:
        raise ConnectionError(str(error)) from error


def _is_over(connection: asyncpg.Connection) -> bool:
    """Whether a lent connection has been closed, which the pool may have taken back already for that."""
    try:
        return bool(connection.is_closed())
    except InterfaceError:
        return True

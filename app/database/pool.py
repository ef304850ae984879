"""How the program reaches PostgreSQL: one engine that writes, one that can only read."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from time import perf_counter

import asyncpg
import orjson
from asyncpg.exceptions import InterfaceError, InternalClientError
from sqlalchemy import (
    AsyncAdaptedQueuePool,
    Connection,
    Engine,
    PoolProxiedConnection,
    create_engine,
    text,
)
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.database.servers import Servers, read_address
from app.settings import PROJECT

MIGRATION_LOCK = 7_265_100
"""Key of the advisory lock under which two programs on one database migrate one after the other."""

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

IS_OURS = """
SELECT CASE
    WHEN to_regclass('alembic_version') IS NULL THEN has_schema_privilege(current_schema(), 'CREATE')
    ELSE pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('alembic_version')), 'USAGE')
END
"""
"""Asks whether the tables are the login's own, or, where there are none yet, whether it may make them."""

READ_BY_BOTH = frozenset(
    {"host", "port", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "target_session_attrs"}
)
"""Options in an address that both drivers know; asyncpg takes any other for a setting of the server."""


def _url(address: str) -> URL:
    """Read an address as people write it; the driver is ours to choose, and so is the server, of several."""
    url, _ = read_address(address)
    return url.set(drivername="postgresql+psycopg")


def _to_the_primary(address: str) -> URL:
    """Return an address by which the one of several servers is reached that takes writes."""
    _, places = read_address(address)
    if not places:
        return _url(address)
    hosts, ports = zip(*places, strict=True)
    several = {"host": ",".join(hosts), "port": ",".join(map(str, ports)), "target_session_attrs": "read-write"}
    # Of each: one that does not answer keeps nobody from the others.
    several["connect_timeout"] = "3"
    return _url(address).update_query_dict(several)


def write_engine(address: str) -> Engine:
    """Return the engine of migrations and loads: of several servers, the one that takes writes."""
    return create_engine(
        _to_the_primary(address), connect_args={"application_name": "upheld-load", "options": "-c timezone=UTC"}
    )


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


def may_change(engine: Engine) -> bool:
    """Whether this login may migrate and load, or only read."""
    with engine.connect() as connection:
        return bool(connection.execute(text(IS_OURS)).scalar())


@cache
def schema_head() -> str:
    """Return the revision of the schema that this program needs: the last of the migrations, which are numbered."""
    return max(path.name.partition("_")[0] for path in (PROJECT / "migrations" / "versions").glob("[0-9]*_*.py"))


def migrate(engine: Engine) -> None:
    """Bring the schema to its head, from nothing or from any earlier state."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is not None:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
            if found == schema_head():
                return
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    # Most starts find the schema as it should be, and need not wait for Alembic to be imported.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

"""The connection pool through which the API reads. PostgreSQL refuses every write on it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from time import perf_counter
from typing import Any

import asyncpg
from asyncpg.exceptions import (
    InsufficientPrivilegeError,
    InsufficientResourcesError,
    InterfaceError,
    InternalClientError,
    InvalidAuthorizationSpecificationError,
    InvalidCatalogNameError,
    InvalidParameterValueError,
    InvalidSchemaNameError,
    OperatorInterventionError,
    PostgresConnectionError,
    TooManyConnectionsError,
    UndefinedColumnError,
    UndefinedFunctionError,
    UndefinedTableError,
)

from app.database.sessions import SESSION_SETTINGS

STATEMENT_TIMEOUT_MS = 2_000
"""PostgreSQL cancels a read that takes longer, so that no reader can keep the server busy."""

IDLE_TIMEOUT_MS = 10_000
"""PostgreSQL ends a transaction that is idle for this long, because it would hold back vacuum."""

MAX_CONNECTIONS = 10
CONNECT_TIMEOUT = 3.0
"""Seconds a server has to accept a connection."""

ACQUIRE_TIMEOUT = 2.0
"""Seconds that a request waits for a free connection."""

RETRY_AFTER = 0.02
"""Seconds until a request tries again after the server refused it a connection because it has too many."""

ATTEMPTS = 25
"""How often it tries while the pool has no connections at all."""

READER = "upheld_reader"
"""The API's role on every connection, if its login may take it; it may only SELECT what is served."""

SERVER_SETTINGS = {
    "application_name": "upheld",
    "role": READER,
    "default_transaction_read_only": "on",
    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
    "idle_in_transaction_session_timeout": str(IDLE_TIMEOUT_MS),
    **SESSION_SETTINGS,
}

WITHOUT_ROLE = {name: value for name, value in SERVER_SETTINGS.items() if name != "role"}

PROTECTIONS = {
    "role": READER,
    "default_transaction_read_only": "on",
    "statement_timeout": f"{STATEMENT_TIMEOUT_MS // 1000}s",
    "timezone": "UTC",
}
"""Settings, as PostgreSQL shows them, that every connection must have: poolers may drop what was requested."""

MAY_NOT_READ = "SELECT WHERE NOT has_table_privilege(to_regclass('release'), 'SELECT')"
ONE_ROW = "SELECT 1"
"""The status of a query without columns that finds something. Run this way, a query isn't prepared."""

OTHER_SCHEMA = "the database has the schema of another version of this program"
MEANINGS: Mapping[type[Exception], str] = {
    InvalidSchemaNameError: OTHER_SCHEMA,
    UndefinedColumnError: OTHER_SCHEMA,
    UndefinedFunctionError: OTHER_SCHEMA,
    UndefinedTableError: (
        "nothing is loaded, or another version of this program built the database: run `upheld load`"
    ),
    InsufficientPrivilegeError: (
        f"the login may not read the tables: `upheld load` lets members of {READER} read them"
    ),
    TimeoutError: "no connection was free in time",
}
"""What these errors mean here. Our statements don't change, so it's the schema that is different."""

AWAY = (
    *(OSError, PostgresConnectionError, OperatorInterventionError, InsufficientResourcesError),
    *(InvalidAuthorizationSpecificationError, InvalidCatalogNameError, InternalClientError),
)
"""What asyncpg raises when the server is away, too busy or shutting down."""


UNLOCKED = f"transactions are read-only, but connections lack the role {READER}, which may only read"

log = logging.getLogger("upheld")


class DatabaseUnavailableError(Exception):
    """The database can't answer now; the message says why. Trying again later may help."""


class Database:
    """A pool of read-only connections."""

    def __init__(self, pool: asyncpg.Pool, observe_wait: Callable[[float], None]) -> None:
        """Read through a pool; report how many seconds each request waits for its connection."""
        self.pool = pool
        self.advice: str | None = None
        """What an administrator has to do to give connections the role `upheld_reader`; None if they have it."""
        self._observe_wait = observe_wait

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[asyncpg.Connection]:
        """Yield a connection of the pool.

        Raises:
            DatabaseUnavailableError: no connection is free in time, or the database can't answer.

        """
        with _translated_errors():
            started = perf_counter()
            try:
                # The pool's own timeout starts a task for each request.
                async with asyncio.timeout(ACQUIRE_TIMEOUT):
                    connection = await self._acquire()
            finally:
                self._observe_wait(perf_counter() - started)
            try:
                yield connection
            except InternalClientError:
                # asyncpg lost track of the protocol; the pool must not hand this connection out again.
                connection.terminate()
                raise
            except InterfaceError as error:
                # When a connection ends, asyncpg reports every statement as misuse for a moment before it
                # considers the connection closed.
                if not _is_closed(connection):
                    raise
                raise ConnectionResetError("the server ended a connection") from error
            finally:
                await self.pool.release(connection)

    async def _acquire(self) -> asyncpg.Connection:
        """Take a connection; if the server allows no more, wait for one in the pool."""
        attempts = 0
        while True:
            try:
                return await self.pool.acquire()
            except TooManyConnectionsError:
                attempts += 1
                # At the start, the first connections may still be being made.
                if attempts > ATTEMPTS and not self.pool.get_size():
                    raise
                await asyncio.sleep(RETRY_AFTER)

    async def renew(self) -> None:
        """Replace each connection before it is used again: logins and roles may have changed."""
        await self.pool.expire_connections()


@asynccontextmanager
async def open_database(
    address: str, observe_wait: Callable[[float], None] = lambda _: None
) -> AsyncIterator[Database]:
    """Yield the database at an address, as `asyncpg_address` writes it.

    Connections are made when they're needed, so it's no error if the database is away at first.
    """

    async def keep_session(_: asyncpg.Connection) -> None:
        """Skip the round trip that would reset a session: nothing here changes one."""

    async def connect(*args: Any, **options: Any) -> asyncpg.Connection:  # noqa: ANN401 - asyncpg's own arguments
        """Connect as the reading role if the login can take it, and remember what it lacks."""
        connection, advice = await connect_as_reader(*args, **options)
        if advice is not None and database.advice != advice:
            log.warning("%s: %s", UNLOCKED, advice)
        database.advice = advice
        return connection

    async def check(connection: asyncpg.Connection) -> None:
        """Refuse a connection that could write, or that has no statement timeout."""
        shown = ", ".join(f"current_setting('{name}')" for name in PROTECTIONS)
        found = dict(zip(PROTECTIONS, await connection.fetchrow(f"SELECT {shown}"), strict=True))
        if database.advice:
            found["role"] = READER
        if lost := [name for name, value in PROTECTIONS.items() if value != found[name]]:
            raise DatabaseUnavailableError(
                "something in front of PostgreSQL, such as PgBouncer, has dropped "
                f"{', '.join(lost)}: set them for the login (ALTER ROLE … SET), or use the address of PostgreSQL"
            )

    async with asyncpg.create_pool(
        address,
        min_size=0,
        max_size=MAX_CONNECTIONS,
        timeout=CONNECT_TIMEOUT,
        connect=connect,
        init=check,
        reset=keep_session,
    ) as pool:
        database = Database(pool, observe_wait)
        yield database


async def connect_as_reader(*args: Any, **options: Any) -> tuple[asyncpg.Connection, str | None]:  # noqa: ANN401 - asyncpg's own arguments
    """Connect as the reading role or, if the login can't take it, as the login; return how to let it."""
    try:
        connection = await make_connection(*args, **options, server_settings=SERVER_SETTINGS)
    except InvalidParameterValueError:
        advice = f"run CREATE ROLE {READER} ROLE {{user}} as an administrator, then `upheld load`"
    except InsufficientPrivilegeError:
        advice = f"run GRANT {READER} TO {{user}} as an administrator"
    else:
        if await connection.execute(MAY_NOT_READ) != ONE_ROW:
            return connection, None
        # The login itself may still be able to read, as the owner of the tables.
        await connection.close()
        advice = f"run `upheld load`, which lets {READER} read the tables"
    connection = await make_connection(*args, **options, server_settings=WITHOUT_ROLE)
    return connection, advice.format(user=await connection.fetchval("SELECT session_user"))


async def make_connection(*args: Any, **options: Any) -> asyncpg.Connection:  # noqa: ANN401 - asyncpg's own arguments
    """Connect; through a pooler, without prepared statements.

    A pooler reports its own process id. It may send each statement over another connection to PostgreSQL, where
    nothing has been prepared, or something else under the same name.
    """
    connection = await asyncpg.connect(*args, **options)
    is_own = f"SELECT WHERE pg_backend_pid() = {connection.get_server_pid():d}"
    try:
        if await connection.execute(is_own) == ONE_ROW:
            return connection
    except BaseException:
        connection.terminate()  # nobody else would
        raise
    await connection.close()
    return await asyncpg.connect(*args, **options, statement_cache_size=0)


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn what asyncpg raises for a database that can't answer into DatabaseUnavailableError."""
    try:
        yield
    except (*AWAY, *MEANINGS) as error:
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        raise DatabaseUnavailableError(MEANINGS.get(type(error), said)) from error


def _is_closed(connection: asyncpg.Connection) -> bool:
    """Whether a connection is closed; the pool may have taken it back already because of that."""
    try:
        return bool(connection.is_closed())
    except InterfaceError:
        return True

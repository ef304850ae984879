"""A connection that the server ends between two statements: the database is away, and it's no fault of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest
from asyncpg.exceptions import DataError, InterfaceError
from sqlalchemy import make_url

from app.database.addresses import asyncpg_address
from app.database.pool import Database, DatabaseUnavailableError, open_database


@asynccontextmanager
async def never_hanging_up(address: str) -> AsyncIterator[str]:
    """Yield an address of the same database that relays what the server says but not that it hangs up."""
    url = make_url(address)
    host, port = str(url.query.get("host") or url.host), int(str(url.query.get("port") or url.port or 5432))

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_socket = host.startswith("/")
        there = await (
            asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
            if is_socket
            else asyncio.open_connection(host, port)
        )
        pumps = [asyncio.create_task(pump(reader, there[1])), asyncio.create_task(pump(there[0], writer))]
        with closing(writer), closing(there[1]):
            await pumps[0]

    async def pump(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while piece := await source.read(1 << 16):
            to.write(piece)

    async with await asyncio.start_server(relay, "127.0.0.1") as between:
        place = between.sockets[0].getsockname()[1]
        query = {name: value for name, value in url.query.items() if name not in {"host", "port"}}
        found = url.set(host="127.0.0.1", port=place, query=query)
        yield found.render_as_string(hide_password=False)


def end(address: str, pid: int) -> None:
    """Make the server end a connection, and wait until it has."""
    plain = address.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as administrator:
        ended = administrator.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,)).fetchone()
    assert ended == (True,)


async def ask_twice(database: Database, address: str) -> None:
    """Run two statements on one connection, which the server ends in between."""
    async with database.connect() as connection:
        end(address, await connection.fetchval("SELECT pg_backend_pid()"))
        await asyncio.sleep(0.2)
        await connection.fetch("SELECT 1")


async def ask(database: Database, *values: object) -> None:
    """Run a statement with a parameter."""
    async with database.connect() as connection:
        await connection.fetch("SELECT $1::integer", *values)


@pytest.mark.anyio
@pytest.mark.parametrize("hangs_up", [True, False])
async def test_a_connection_that_was_ended(seeded: str, *, hangs_up: bool) -> None:
    """Whether asyncpg notices the hang-up or only the error, the database counts as away; then it reconnects."""
    async with AsyncExitStack() as stack:
        address = seeded if hangs_up else await stack.enter_async_context(never_hanging_up(seeded))
        database = await stack.enter_async_context(open_database(asyncpg_address(address)))
        stack.callback(database.pool.terminate)  # a clean close would wait for the server to hang up
        with pytest.raises(DatabaseUnavailableError):
            await ask_twice(database, seeded)
        async with database.connect() as connection:
            assert await connection.fetchval("SELECT 1") == 1


@pytest.mark.anyio
async def test_a_statement_that_is_wrong(seeded: str) -> None:
    """An error in our own statement is raised as it is and costs no connection."""
    async with open_database(asyncpg_address(seeded)) as database:
        async with database.connect() as connection:
            pid = await connection.fetchval("SELECT pg_backend_pid()")
        with pytest.raises(InterfaceError):
            await ask(database)
        with pytest.raises(DataError):
            await ask(database, "x")
        async with database.connect() as connection:
            assert await connection.fetchval("SELECT pg_backend_pid()") == pid


@pytest.mark.anyio
async def test_every_wait_is_measured(seeded: str) -> None:
    """Each wait for a connection is reported."""
    waits: list[float] = []
    async with open_database(asyncpg_address(seeded), waits.append) as database:
        for _ in range(3):
            await ask(database, 1)
    assert len(waits) == 3


@pytest.mark.parametrize(
    ("address", "options"),
    [
        (
            "postgresql://u:p%40@h:5433/db",
            {"host": "h", "port": "5433", "user": "u", "password": "p@", "dbname": "db"},
        ),
        ("postgres://h1:1,h2:2/db", {"host": "h1,h2", "port": "1,2", "dbname": "db"}),
        ("postgresql+psycopg:///db?host=/run/a&user=u", {"host": "/run/a", "user": "u", "dbname": "db"}),
        ("host=h dbname=db connect_timeout=3", {"host": "h", "dbname": "db"}),
        (
            "postgresql://h/db?sslmode=require&application_name=x&target_session_attrs=standby",
            {"host": "h", "dbname": "db", "sslmode": "require", "target_session_attrs": "standby"},
        ),
    ],
)
def test_addresses(address: str, options: dict[str, str]) -> None:
    """Whatever libpq accepts, asyncpg accepts too; options that only libpq knows are left out."""
    assert dict(parse_qsl(urlsplit(asyncpg_address(address)).query)) == options

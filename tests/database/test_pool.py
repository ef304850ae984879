"""A connection that the server ends between two questions: a database that is away, and no fault of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing

import asyncpg
import psycopg
import pytest
from asyncpg.exceptions import DataError, InterfaceError, PostgresConnectionError
from sqlalchemy import make_url

from app.database.pool import lent, read_pool
from app.database.servers import Servers


@asynccontextmanager
async def never_hanging_up(address: str) -> AsyncIterator[str]:
    """Yield an address of the same database where what the server says arrives, but not that it has hung up."""
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
    """Have the server end a connection, and return when it has."""
    plain = address.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as administrator:
        ended = administrator.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,)).fetchone()
    assert ended == (True,)


async def ask_twice(pool: asyncpg.Pool, address: str) -> None:
    """Ask on one connection, which the server ends in between."""
    async with lent(pool) as connection:
        end(address, await connection.fetchval("SELECT pg_backend_pid()"))
        await asyncio.sleep(0.2)
        await connection.fetch("SELECT 1")


async def ask(pool: asyncpg.Pool, *values: object) -> None:
    """Ask for a number."""
    async with lent(pool) as connection:
        await connection.fetch("SELECT $1::integer", *values)


@pytest.mark.anyio
@pytest.mark.parametrize("hangs_up", [True, False])
async def test_a_connection_that_was_ended(seeded: str, *, hangs_up: bool) -> None:
    """Whether the driver has heard of the end or only of the reason, the next question gets a new connection."""
    async with AsyncExitStack() as stack:
        address = seeded if hangs_up else await stack.enter_async_context(never_hanging_up(seeded))
        pool = await read_pool(address, Servers(address))
        stack.callback(pool.terminate)  # a farewell would wait for the server to hang up
        with pytest.raises((ConnectionError, PostgresConnectionError)):
            await ask_twice(pool, seeded)
        async with lent(pool) as connection:
            assert await connection.fetchval("SELECT 1") == 1


@pytest.mark.anyio
async def test_a_question_that_is_asked_wrongly(seeded: str) -> None:
    """What is a fault of ours stays one, and costs no connection."""
    async with read_pool(seeded, Servers(seeded)) as pool:
        async with lent(pool) as connection:
            pid = await connection.fetchval("SELECT pg_backend_pid()")
        with pytest.raises(InterfaceError):
            await ask(pool)
        with pytest.raises(DataError):
            await ask(pool, "x")
        async with lent(pool) as connection:
            assert await connection.fetchval("SELECT pg_backend_pid()") == pid

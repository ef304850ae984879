"""The API under test: in this process, behind a client or on a port."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from time import monotonic

import uvicorn
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Request

from app.database.addresses import asyncpg_address
from app.main import create_app, served

PUBLIC = "https://upheld.test"
"""The API's public address."""


def app_over(address: str) -> FastAPI:
    """Return the API over a database."""
    return create_app(asyncpg_address(address), PUBLIC)


@contextmanager
def running_api(address: str) -> Iterator[str]:
    """Run the API over a database in a thread of this process, and yield its address."""
    config = uvicorn.Config(served(app_over(address)), port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = monotonic() + 30
    while not server.started and thread.is_alive() and monotonic() < end:
        thread.join(0.02)
    assert server.started
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    yield f"http://{host}:{port}"
    server.should_exit = True
    thread.join(30)


async def client_of(address: str) -> AsyncIterator[AsyncClient]:
    """Yield a client of the API over a database, in this process and with its response cache.

    The API checks the database before each request, so what a test has just loaded is served at once.
    """
    app = app_over(address)

    async def look_first(_: Request) -> None:
        await look(app)

    async with (
        app.router.lifespan_context(app),
        AsyncClient(
            transport=ASGITransport(served(app)), base_url=PUBLIC, event_hooks={"request": [look_first]}
        ) as client,
    ):
        yield client


async def look(app: FastAPI) -> None:
    """Make an API check now which releases are loaded."""
    async with app.state.database.connect() as connection:
        await app.state.current.look(connection)

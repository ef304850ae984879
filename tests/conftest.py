"""What the tests share: a real PostgreSQL built by the migrations, the real seeds, and a client of the API."""

import os
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest
import uvicorn
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Request
from hypothesis import settings
from sqlalchemy import Engine, create_engine, make_url, text

from app.database.loader import load
from app.database.owner import migrate, write_engine
from app.embedded.server import running
from app.http.response_cache import Store
from app.main import create_app
from app.seeds.reading import read
from app.settings import PROJECT

ARTICLES = PROJECT.parent / "shared" / "articles"
"""Where the articles are, on a machine that holds them."""

PUBLIC = "https://upheld.test"

settings.register_profile("unhurried", deadline=None)  # a slow machine is no failure
settings.load_profile("unhurried")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as the server does; those of a module in one loop, to share a client."""
    return "asyncio"


@contextmanager
def postgresql() -> Iterator[str]:
    """Yield the address of a PostgreSQL server: the one of DATABASE_URL, or one of our own."""
    if address := os.environ.get("DATABASE_URL"):
        yield address
        return
    # Not pytest's own folder: as root the server runs as another user, who cannot enter that one.
    folder = Path(tempfile.mkdtemp(prefix="upheld-tests-"))
    folder.chmod(0o755)
    try:
        with running(folder / "data") as address:
            yield address
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Yield the address of a PostgreSQL server for all tests."""
    with postgresql() as address:
        yield address


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Yield the address of an empty database on a server; it is removed afterwards."""
    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"upheld_test_{uuid4().hex[:12]}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
        yield url.set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    finally:
        engine.dispose()


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """Yield the address of a database without a schema."""
    with new_database(server) as address:
        yield address


@contextmanager
def new_login(server: str, allowed: str) -> Iterator[str]:
    """Yield the address of a server for a login of its own that is allowed this; it is removed afterwards."""
    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"upheld_test_{uuid4().hex[:12]}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD 'secret' {allowed}"))
        yield url.set(username=name, password="secret").render_as_string(hide_password=False)  # noqa: S106
        with engine.connect() as connection:
            connection.execute(text(f"DROP OWNED BY {name}"))
            connection.execute(text(f"DROP ROLE {name}"))
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def reader(server: str) -> Iterator[str]:
    """Yield the address of the server for a login that may do no more than the API's role."""
    with new_database(server) as address:
        # The role belongs to all databases of a server, and is there as soon as one was migrated.
        engine = write_engine(address)
        migrate(engine)
        engine.dispose()
    with new_login(server, "IN ROLE upheld_reader") as login:
        yield login


def reading(reader: str, database: Engine) -> str:
    """Return the address of a database for the login that may only read."""
    return make_url(reader).set(database=database.url.database).render_as_string(hide_password=False)


@pytest.fixture
def database(empty_database: str) -> Iterator[Engine]:
    """Yield an engine on a database with the schema and no release."""
    engine = write_engine(empty_database)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def seeded(server: str) -> Iterator[str]:
    """Yield the address of a database that holds the project's own seeds; tests only read it."""
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        load(engine, *read(PROJECT / "seeds"))
        engine.dispose()
        yield address


@contextmanager
def listening(address: str) -> Iterator[str]:
    """Run the API over a database in a thread of this process, and yield where it listens."""
    config = uvicorn.Config(create_app(address, PUBLIC), port=0, log_level="warning", ws="none")
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
    """Yield a client of the API over a database, in this process, as it is served: with its stored answers.

    What a test has just loaded is there at once: the API looks at the database before each request, and need not
    be waited for.
    """
    app: FastAPI = create_app(address, PUBLIC)

    async def look(_: Request) -> None:
        await app.state.watch.look(app.state.engine)

    async with (
        app.router.lifespan_context(app),
        AsyncClient(
            transport=ASGITransport(Store(app, app.state.watch)), base_url=PUBLIC, event_hooks={"request": [look]}
        ) as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def client(seeded: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client of the API over the project's own seeds, for all tests of a module."""
    async for found in client_of(seeded):
        yield found


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Return a copy of the project's seeds that a test may spoil."""
    return Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder that the server's user can enter, which pytest's own temporary folders are not."""
    folder = Path(tempfile.mkdtemp(prefix="upheld-test-", dir=tempfile.gettempdir())).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)

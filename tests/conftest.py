"""Shared fixtures: a real PostgreSQL built by the migrations, the real seeds, and a client of the API."""

import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from httpx import AsyncClient
from hypothesis import settings
from sqlalchemy import Engine, make_url

from app.cli import main
from app.database.owner import write_engine
from app.http import load_shedding
from app.settings import PROJECT
from tests.api import client_of, running_api
from tests.desk import Desk
from tests.made import load
from tests.postgresql import migrate, new_database, new_login, postgresql
from tests.programs import Run
from tests.real_seeds import first_release, real_release
from tests.texts import MADE_UP

settings.register_profile("unhurried", deadline=None)  # a slow machine is not a failure
settings.load_profile("unhurried")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as the server does, in one loop per module, so they can share a client."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Give requests in this process more time; `tests/faults` tests load shedding with real servers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load_shedding, "MAX_SECONDS", 30.0)
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Yield the address of a PostgreSQL server for all tests."""
    with postgresql() as address:
        yield address


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """Yield the address of a database without a schema."""
    with new_database(server) as address:
        yield address


@pytest.fixture(scope="session")
def schema(server: str) -> Iterator[str]:
    """Yield the name of a database built by the migrations; copying it is faster than migrating again."""
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        engine.dispose()
        yield make_url(address).database or ""


@pytest.fixture(scope="session")
def reader(server: str, schema: str) -> Iterator[str]:  # noqa: ARG001 - the migrations create the role
    """Yield the server's address for a login with only the rights of the API's role."""
    with new_login(server, "IN ROLE upheld_reader") as login:
        yield login


@pytest.fixture
def database(server: str, schema: str) -> Iterator[Engine]:
    """Yield an engine on a database with the schema and no release."""
    with new_database(server, schema) as address:
        engine = write_engine(address)
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def seeded(server: str, schema: str) -> Iterator[str]:
    """Yield the address of a database with release 1.0.0 of the project's own data; tests only read it."""
    with new_database(server, schema) as address:
        engine = write_engine(address)
        load(engine, *first_release())
        engine.dispose()
        yield address


@pytest.fixture(scope="module")
async def client(seeded: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client of the API over release 1.0.0 of the project's own data, for all tests of a module."""
    async for found in client_of(seeded):
        yield found


@pytest.fixture(scope="module")
def address(seeded: str) -> Iterator[str]:
    """Yield the address of a running server over the project's own seeds."""
    with running_api(seeded) as found:
        yield found


@pytest.fixture(scope="module")
def latest(server: str, schema: str) -> Iterator[str]:
    """Yield the address of a running server over the project's own data as it is now, and release 1.0.0."""
    with new_database(server, schema) as database:
        engine = write_engine(database)
        load(engine, *first_release())
        load(engine, *real_release())
        engine.dispose()
        with running_api(database) as found:
            yield found


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Return a copy of the project's seeds that a test may change."""
    return Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))


@pytest.fixture
def place() -> Iterator[Path]:
    """Yield a temporary folder that PostgreSQL's user can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="upheld-test-", dir=tempfile.gettempdir())).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `upheld` and returns its exit code and output."""

    def run(*arguments: str | Path) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["upheld", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as stopped:
            code = stopped.code
        said = capsys.readouterr().out
        return (1, f"{said}{code}\n") if isinstance(code, str) else (code, said)

    return run


@pytest.fixture
def desk(seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Desk:
    """Return a curator's folder with a copy of the seeds and of the made-up article."""
    texts = Path(shutil.copytree(MADE_UP, tmp_path / "texts"))
    monkeypatch.chdir(tmp_path)
    return Desk(seeds, texts, run)

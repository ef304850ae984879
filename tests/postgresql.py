"""PostgreSQL for tests: servers, temporary databases, and logins with few rights."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from app.database.owner import write_engine
from app.database.schema import lock, upgrade
from app.domain.records import Record
from app.embedded.server import running
from tests.made import loaded

POSTGRES = "postgres-18"
ROOT = os.geteuid() == 0

AS_ROOT = pytest.mark.skipif(not ROOT, reason="needs root, whose server runs as another user")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: the death signal, /proc")


@contextmanager
def postgresql() -> Iterator[str]:
    """Yield the address of a PostgreSQL server: DATABASE_URL, or our own."""
    if address := os.environ.get("DATABASE_URL"):
        yield address
        return
    # Not pytest's own folder: if we are root, the server runs as another user, who can't enter it.
    folder = Path(tempfile.mkdtemp(prefix="upheld-tests-"))
    folder.chmod(0o755)
    try:
        with running(folder / "data") as address:
            yield address
    finally:
        shutil.rmtree(folder)


def migrate(engine: Engine) -> None:
    """Build the schema without loading anything."""
    with engine.begin() as connection:
        lock(connection)
        upgrade(connection)


@contextmanager
def new_database(server: str, template: str = "template0") -> Iterator[str]:
    """Yield the address of a new database copied from the template, and drop it afterwards."""
    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"upheld_test_{uuid4().hex[:12]}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        yield url.set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    finally:
        engine.dispose()


@contextmanager
def database_of(server: str, records: Sequence[Record], **changes: Any) -> Iterator[str]:  # noqa: ANN401 - parts of a dataset
    """Yield the address of a database with these records, and drop it afterwards."""
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        loaded(engine, records, **changes)
        engine.dispose()
        yield address


@contextmanager
def new_login(server: str, allowed: str) -> Iterator[str]:
    """Yield the server's address for a new login with these rights, and remove the login afterwards."""
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


def as_reader(reader: str, database: Engine) -> str:
    """Return the address of a database for the read-only login."""
    return make_url(reader).set(database=database.url.database).render_as_string(hide_password=False)


def address_of(engine: Engine) -> str:
    """Return the address of an engine's database."""
    return engine.url.render_as_string(hide_password=False)


def processes(data_dir: Path) -> list[int]:
    """Return all of PostgreSQL's processes and no others: those whose working folder is the cluster."""
    cluster = data_dir / POSTGRES / "data"
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == cluster:
                found.append(int(process.name))
        except OSError:  # it has ended, or belongs to another user
            continue
    return found

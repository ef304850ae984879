"""PgBouncer between the API and PostgreSQL: nothing is read without the protections that it drops.

If the login has these protections itself, everything works as without PgBouncer, in every tested mode.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.database.addresses import asyncpg_address
from app.database.owner import write_engine
from app.database.pool import DatabaseUnavailableError, open_database
from app.settings import PROJECT
from tests.faults.composition import installed
from tests.faults.database import Database
from tests.faults.processes import Program, errors, within
from tests.faults.readers import OK, Readers
from tests.faults.releases import Check, load_release, request
from tests.postgresql import migrate, new_database, new_login
from tests.programs import UPHELD, environment, free_port

pytestmark = pytest.mark.anyio

CONFIGURATION = """\
[databases]
* = host={host} port={port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
ignore_startup_parameters = {ignored}
default_pool_size = {size}
"""

SECTION = (PROJECT / "docs/operations.md").read_text().partition("\n### PgBouncer\n")[2].partition("\n## ")[0]
(DROPPED,) = re.findall(r"^ignore_startup_parameters = (.*)$", SECTION, re.MULTILINE)
LOGIN_SETTINGS = re.findall(r"^ALTER ROLE .*;$", SECTION, re.MULTILINE)
"""The settings that the page tells operators to make."""


@contextmanager
def pgbouncer(address: str, mode: str, ignored: str) -> Iterator[str]:
    """Yield the address of a database behind PgBouncer."""
    program = installed("pgbouncer")
    url = make_url(address)
    listen = free_port()
    with tempfile.TemporaryDirectory(prefix="upheld-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pgbouncer.ini").write_text(
            CONFIGURATION.format(
                host=url.query.get("host") or url.host,
                port=url.query.get("port") or url.port,
                user=url.username,
                password=url.password or "none",
                listen=listen,
                mode=mode,
                size=20 if mode == "session" else 4,
                ignored=ignored,
            )
        )
        command = [program, *(["--user=nobody"] if os.geteuid() == 0 else []), str(folder / "pgbouncer.ini")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - Debian's own program
        through = f"postgresql://{url.username}@127.0.0.1:{listen}/{url.database}"

        def answers() -> bool:
            try:
                psycopg.connect(through, connect_timeout=2).close()
            except psycopg.OperationalError:
                assert process.poll() is None, (folder / "log").read_text()
                return False
            return True

        try:
            within(answers)
            yield through
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
@pytest.mark.parametrize(
    ("ignored", "words"), [("", "unsupported startup parameter"), (DROPPED, "has dropped role")]
)
async def test_nothing_is_read_through_it(cluster: Database, mode: str, ignored: str, words: str) -> None:
    """Whether PgBouncer refuses our settings or ignores them, and in every mode, nothing is read."""
    with pgbouncer(cluster.address, mode, ignored) as address:
        async with open_database(asyncpg_address(address)) as database:
            for _ in range(3):
                with pytest.raises(DatabaseUnavailableError, match=words):
                    async with database.connect():
                        pass


@contextmanager
def serving(address: str, folder: Path) -> Iterator[Program]:
    """Yield `upheld serve` on a database."""
    port = free_port()
    log = folder / f"api-{port}.log"
    api = Program("api", [UPHELD, "serve", "--port", str(port)], f"http://127.0.0.1:{port}", log)
    api.environment = environment(DATABASE_URL=address)
    api.start()
    try:
        yield api
    finally:
        api.stop()
        assert errors(log.read_bytes()) == []


@pytest.mark.parametrize(("mode", "processes"), [("session", 1), ("transaction", 2)])
def test_a_release_is_loaded_behind_it(cluster: Database, mode: str, processes: int, tmp_path: Path) -> None:
    """No answer is wrong while a release is loaded through PgBouncer."""
    with ExitStack() as undo:
        owner = make_url(undo.enter_context(new_database(cluster.address)))
        login = make_url(undo.enter_context(new_login(cluster.address, "IN ROLE upheld_reader")))
        for statement in LOGIN_SETTINGS:
            cluster.query(statement.replace("upheld_api", str(login.username)))
        through = {
            url.username: undo.enter_context(pgbouncer(url.render_as_string(hide_password=False), mode, DROPPED))
            for url in (owner, login.set(database=owner.database))
        }
        engine = write_engine(through[owner.username])
        undo.callback(engine.dispose)
        migrate(engine)
        load_release(engine, 1)
        apis = [undo.enter_context(serving(through[login.username], tmp_path)) for _ in range(processes)]
        within(lambda: all(api.answers("/health/ready") for api in apis))
        checks = [Check() for _ in apis]
        readers = [Readers(api.address, request, check) for api, check in zip(apis, checks, strict=True)]
        with ExitStack() as asking:
            for one in readers:
                asking.enter_context(one.asking())
            load_release(engine, 2)
            within(lambda: all(2 in check.first_seen for check in checks))
        for one, check in zip(readers, checks, strict=True):
            one.report(f"a release is loaded behind PgBouncer, {mode} mode")
            assert (check.wrong, one.broken, set(one.fresh + one.popular)) == ([], [], {OK})


async def test_prepared_statements(cluster: Database) -> None:
    """Statements stay prepared on direct connections, which is faster, but not through a pooler."""
    with new_login(cluster.address, "IN ROLE upheld_reader") as login:
        for statement in LOGIN_SETTINGS:
            cluster.query(statement.replace("upheld_api", str(make_url(login).username)))
        with pgbouncer(login, "transaction", DROPPED) as through:
            found = [await prepared(address) for address in (login, through)]
    assert [bool(names) for names in found] == [True, False]


async def prepared(address: str) -> list[str]:
    """Return the names of a connection's prepared statements."""
    async with open_database(asyncpg_address(address)) as database, database.connect() as connection:
        await connection.fetch("SELECT 1")
        return [name for (name,) in await connection.fetch("SELECT name FROM pg_prepared_statements")]

"""The API's rights in the database: PostgreSQL refuses everything but reading."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import psycopg
import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import Engine, create_engine, make_url, text

from app.database import current
from app.database.addresses import asyncpg_address
from app.database.owner import owner_engine
from app.database.pool import READER, DatabaseUnavailableError, open_database
from app.embedded.folder import read_record
from app.embedded.server import API_LOGIN
from app.main import served
from tests.addresses import KNOWN_ADDRESSES, V1
from tests.api import PUBLIC, app_over
from tests.made import figure, loaded
from tests.postgresql import LINUX, as_reader, migrate, new_database, new_login, processes
from tests.programs import PATIENCE, UPHELD, environment, free_port, wait_until

WRITES = (
    "INSERT INTO current_release (release_id) VALUES (1)",
    "INSERT INTO tombstone VALUES ('one', '2024-01-01', 'x')",
    "UPDATE record SET kind = 'incident'",
    "UPDATE alembic_version SET version_num = '9999'",
    "DELETE FROM record",
    "TRUNCATE record CASCADE",
    "CREATE TABLE mine (id integer)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql RETURN 1",
    "CREATE ROLE mine",
    "DROP TABLE record",
    "ALTER TABLE record DISABLE TRIGGER ALL",
    "SELECT nextval('release_id_seq')",
    "SELECT * FROM record FOR UPDATE",
    "COPY release FROM PROGRAM 'true'",
)

ESCAPES = (
    "RESET ROLE",
    "SET ROLE NONE",
    "RESET ALL",
    "SET SESSION AUTHORIZATION DEFAULT",
)
"""Statements that return a connection to its login's own rights."""


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[asyncpg.Connection]:
    """Yield one of the API's connections."""
    async with open_database(asyncpg_address(address)) as database, database.pool.acquire() as connection:
        yield connection


async def why_refused(connection: asyncpg.Connection, statement: str) -> str:
    """Return the error code with which PostgreSQL refuses a statement."""
    with pytest.raises(asyncpg.PostgresError) as caught:
        await connection.fetch(statement)
    return str(caught.value.sqlstate)


READ_ONLY_TRANSACTION, INSUFFICIENT_PRIVILEGE = "25006", "42501"


@pytest.fixture
def stocked(database: Engine) -> Engine:
    """Return an engine on a database with a release."""
    loaded(database, [figure("one", value=1)], "1.0.0")
    return database


@pytest.mark.anyio
@pytest.mark.parametrize("login", ["owner", "reader"])
async def test_the_api_cannot_write(stocked: Engine, reader: str, login: str) -> None:
    """Whichever login the API uses, each write is refused and reading still works."""
    address = stocked.url.render_as_string(hide_password=False) if login == "owner" else as_reader(reader, stocked)
    async with connected(address) as connection:
        refused = {statement: await why_refused(connection, statement) for statement in WRITES}
        assert set(refused.values()) <= {READ_ONLY_TRANSACTION, INSUFFICIENT_PRIVILEGE}, refused
        assert [tuple(row) for row in await connection.fetch("SELECT id FROM record")] == [("one",)]


@pytest.mark.anyio
@pytest.mark.parametrize("escape", ESCAPES)
async def test_the_login_of_the_api_cannot_escape(stocked: Engine, reader: str, escape: str) -> None:
    """The API's own login can't write even without its role and its read-only setting."""
    async with connected(as_reader(reader, stocked)) as connection:
        await connection.fetch(escape)
        await connection.fetch("SET default_transaction_read_only = off")
        refused = {statement: await why_refused(connection, statement) for statement in WRITES}
        assert set(refused.values()) == {INSUFFICIENT_PRIVILEGE}, refused
        for role in (stocked.url.username, "pg_write_all_data"):
            assert await why_refused(connection, f'SET ROLE "{role}"') == INSUFFICIENT_PRIVILEGE


@pytest.mark.anyio
async def test_a_reset_does_not_free_the_owner(stocked: Engine) -> None:
    """If the API logs in as the owner, its connections start in the reader's role, and a reset returns to it."""
    async with connected(stocked.url.render_as_string(hide_password=False)) as connection:
        for statement in ("RESET ROLE", "RESET ALL", "SET default_transaction_read_only = off"):
            await connection.fetch(statement)
        refused = {statement: await why_refused(connection, statement) for statement in WRITES}
        assert set(refused.values()) == {INSUFFICIENT_PRIVILEGE}, refused


@pytest.mark.anyio
async def test_what_each_connection_is_held_to(stocked: Engine) -> None:
    """Each connection takes the role, is read-only, and has the same timeouts."""
    wanted = {
        "role": READER,
        "transaction_read_only": "on",
        "statement_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
        "TimeZone": "UTC",
    }
    async with connected(stocked.url.render_as_string(hide_password=False)) as connection:
        found = {name: await connection.fetch(f"SHOW {name}") for name in wanted}
    assert {name: rows[0][0] for name, rows in found.items()} == wanted


def test_what_may_be_read(stocked: Engine) -> None:
    """The role can read every table and do nothing else."""
    with stocked.begin() as connection:
        tables = connection.execute(
            text(
                "SELECT relname, privilege_type FROM pg_class, aclexplode(relacl) "
                "WHERE relnamespace = 'public'::regnamespace AND grantee = CAST(:role AS regrole)"
            ),
            {"role": READER},
        ).all()
        named = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
        assert {tuple(row) for row in tables} == {(name, "SELECT") for name in named}


@asynccontextmanager
async def serving_in_process(address: str) -> AsyncIterator[AsyncClient]:
    """Yield a client for the API on a database."""
    app = app_over(address)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(served(app)), base_url=PUBLIC) as client,
    ):
        yield client


@pytest.mark.anyio
async def test_every_address_is_answered_to_the_reader(seeded: str, reader: str) -> None:
    """The role's rights are enough for everything the API serves."""
    address = make_url(reader).set(database=make_url(seeded).database).render_as_string(hide_password=False)
    async with serving_in_process(address) as client:
        for path in [*V1, "/", "/health/ready", "/v1/figures?format=csv", "/v1/outcomes?source=nothing"]:
            asked = KNOWN_ADDRESSES.get(path, path).replace("RELEASE", "1.0.0")
            assert (await client.get(asked)).status_code in {200, 422}, asked


# The migration.


@contextmanager
def no_role(server: str) -> Iterator[None]:
    """Run with the role missing from the server, as before its first migration."""
    aside = f"aside_{uuid4().hex[:12]}"
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER ROLE {READER} RENAME TO {aside}"))
        try:
            yield
        finally:
            connection.execute(text(f"DROP ROLE IF EXISTS {READER}"))
            connection.execute(text(f"ALTER ROLE {aside} RENAME TO {READER}"))
    engine.dispose()


@pytest.mark.usefixtures("reader")
def test_databases_of_a_server_are_migrated_at_once(server: str) -> None:
    """Roles belong to the whole server, but first loads at the same moment don't conflict."""
    with no_role(server), ExitStack() as databases:
        addresses = [plain(databases.enter_context(new_database(server))) for _ in range(2)]
        loads = [
            databases.enter_context(
                subprocess.Popen([UPHELD, "load"], env=environment(DATABASE_URL=address))  # noqa: S603 - our own
            )
            for address in addresses
        ]
        assert [load.wait(PATIENCE) for load in loads] == [0, 0]


@pytest.mark.anyio
@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("there", "advice"), [(True, f"GRANT {READER} TO …"), (False, f"CREATE ROLE {READER} ROLE …")]
)
async def test_an_owner_who_may_make_no_roles(
    server: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, there: bool, advice: str
) -> None:
    """An owner that can't make the reader's role, or isn't a member of it, can load, and reads read-only.

    The log and readiness say which protection is missing. The API keeps serving while an administrator adds it, and
    takes the role as soon as the role can read the tables.
    """
    monkeypatch.setattr(current, "RENEWAL", 0.0)
    with ExitStack() as undo:
        if not there:
            undo.enter_context(no_role(server))
        owner = undo.enter_context(new_login(server, "NOCREATEROLE"))
        address = undo.enter_context(new_database(server))
        administrator = undo.enter_context(psycopg.connect(plain(address), autocommit=True))
        name = make_url(owner).username
        administrator.execute(f'ALTER DATABASE "{make_url(address).database}" OWNER TO {name}'.encode())
        owned = make_url(owner).set(database=make_url(address).database).render_as_string(hide_password=False)
        with owner_engine(owned) as engine:
            migrate(engine)
            loaded(engine, [figure("one", value=1)], "1.0.0")
        async with connected(owned) as connection:
            assert await connection.fetchval("SHOW role") == "none"
            refused = {statement: await why_refused(connection, statement) for statement in WRITES}
            assert set(refused.values()) <= {READ_ONLY_TRANSACTION, INSUFFICIENT_PRIVILEGE}, refused
        statement = advice.replace("…", str(name))
        async with serving_in_process(owned) as client:

            async def served_with(warning: str | None) -> None:
                """Wait until readiness gives the warning, while uncached figures are served."""
                found: dict[str, Any] = {}
                for limit in range(1, 500):
                    found = (await client.get("/health/ready")).json()
                    assert found["status"] == "ready"
                    assert (await client.get(f"/v1/figures?limit={limit}")).json()["meta"]["total"] == 1
                    if (
                        found["warnings"] == []
                        if warning is None
                        else any(warning in one for one in found["warnings"])
                    ):
                        return
                    await asyncio.sleep(0.1)
                raise AssertionError(found["warnings"])

            await served_with(statement)
            administrator.execute(statement.encode())
            if not there:
                await served_with("run `upheld load`")
            with owner_engine(owned) as engine:
                migrate(engine)
            await served_with(None)
        assert statement in caplog.text
        administrator.close()


@pytest.mark.usefixtures("reader")
def test_a_load_says_that_the_role_is_missing(server: str) -> None:
    """The load works without the role, and says how to add it."""
    with no_role(server), new_login(server, "NOCREATEROLE") as owner, new_database(server) as address:
        owned = make_url(owner).set(database=make_url(address).database)
        with psycopg.connect(plain(address), autocommit=True) as administrator:
            administrator.execute(f'ALTER DATABASE "{owned.database}" OWNER TO {owned.username}'.encode())
        done = subprocess.run(  # noqa: S603 - our own command
            [UPHELD, "load"],
            env=environment(DATABASE_URL=plain(owned.render_as_string(hide_password=False))),
            timeout=60,
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"CREATE ROLE {READER} ROLE" in done.stdout
        assert ": loaded." in done.stdout


@pytest.mark.anyio
async def test_a_login_without_any_right(stocked: Engine, server: str) -> None:
    """The API isn't ready, and says that the login may not read the tables."""
    with new_login(server, "") as login:
        address = make_url(login).set(database=stocked.url.database).render_as_string(hide_password=False)
        async with open_database(asyncpg_address(address)) as database:
            with pytest.raises(DatabaseUnavailableError, match="the login may not read the tables"):
                async with database.connect() as connection:
                    await connection.fetch("SELECT id FROM record")


@pytest.mark.anyio
async def test_a_login_with_few_connections(stocked: Engine, server: str) -> None:
    """If a host limits connections, requests wait for one instead of failing."""
    with new_login(server, f"IN ROLE {READER} CONNECTION LIMIT 2") as login:
        address = make_url(login).set(database=stocked.url.database).render_as_string(hide_password=False)
        async with open_database(asyncpg_address(address)) as database:

            async def read() -> None:
                async with database.connect() as connection:
                    await connection.fetch("SELECT pg_sleep(0.02)")

            await asyncio.gather(*(read() for _ in range(20)))
            assert 0 < database.pool.get_size() <= 2


def plain(address: str) -> str:
    """Return an address the way people write it."""
    return address.replace("postgresql+psycopg://", "postgresql://")


# The program.


@contextmanager
def serving(**settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a running server and its address, and stop it at the end."""
    port = free_port()
    with subprocess.Popen(  # noqa: S603 - our own command
        [UPHELD, "serve", "--port", str(port)], env=environment(**settings), stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            yield program, f"http://127.0.0.1:{port}"
        finally:
            program.terminate()
            program.wait(PATIENCE)


def readiness(server: str) -> tuple[int, dict[str, str]]:
    """Return a server's readiness status and checks as soon as it answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            answer = httpx.get(f"{server}/health/ready", trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return answer.status_code, answer.json()["checks"]


def test_who_may_only_read_serves_what_others_load(empty_database: str, reader: str) -> None:
    """Without a schema the API says so and isn't ready; once the owner has loaded, it serves."""
    engine = create_engine(empty_database)
    with serving(DATABASE_URL=plain(as_reader(reader, engine))) as (program, server):
        assert program.stdout is not None
        assert "may only read" in program.stdout.readline()
        status, checks = readiness(server)
        assert (status, checks["database"]) == (503, "ok")
        assert (checks["schema"], checks["release"]) == ("there is none", "none is loaded")
        refused = subprocess.run(  # noqa: S603 - our own command
            [UPHELD, "load"],
            env=environment(DATABASE_URL=plain(as_reader(reader, engine))),
            timeout=60,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "use the address of the tables' owner" in refused.stderr
        loading = subprocess.run(  # noqa: S603 - our own command
            [UPHELD, "load"], env=environment(DATABASE_URL=plain(empty_database)), timeout=60, check=False
        )
        assert loading.returncode == 0
        deadline = time.monotonic() + PATIENCE
        while readiness(server)[0] != 200:
            assert time.monotonic() < deadline
        assert httpx.get(f"{server}/v1/figures", trust_env=False).status_code == 200
    engine.dispose()


@LINUX
def test_the_private_server_is_read_by_a_login_of_its_own(place: Path) -> None:
    """With the included PostgreSQL, the API logs in as a read-only user."""
    with serving(UPHELD_DATA_DIR=str(place / "data")) as (_, server):
        assert readiness(server)[0] == 200
        address = read_record(place / "data" / "postgres-18").address
        assert address is not None
        with psycopg.connect(address) as connection:
            asked = "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'upheld'"
            assert connection.execute(asked).fetchall() == [(API_LOGIN,)]
    # PostgreSQL ends a moment after the program.
    wait_until(lambda: not processes(place / "data"))

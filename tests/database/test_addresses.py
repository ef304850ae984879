"""Database addresses and settings: loads and reads interpret them the same way, or refuse at startup."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from app.database.addresses import asyncpg_address
from app.database.errors import LoadError
from app.database.owner import write_engine
from app.database.pool import SERVER_SETTINGS, open_database
from app.database.sessions import SESSION_SETTINGS
from tests.api import client_of
from tests.made import load
from tests.postgresql import address_of
from tests.real_seeds import first_release

pytestmark = pytest.mark.anyio

HOSTILE = {
    "timezone": "Europe/London",
    "datestyle": "German, DMY",
    "intervalstyle": "sql_standard",
    "bytea_output": "escape",
    "client_encoding": "LATIN1",
    "quote_all_identifiers": "on",
    "standard_conforming_strings": "off",
}


def options_of(address: str) -> dict[str, str]:
    """Return the parts of a test database's address."""
    url = make_url(address)
    host = url.query.get("host") or url.host
    port = url.query.get("port") or url.port
    parts = {"host": host, "port": port, "user": url.username, "password": url.password, "dbname": url.database}
    return {name: str(value) for name, value in parts.items() if value}


FORMS = {
    "all in the query": lambda o: f"postgresql://?{urlencode(o)}",
    "the name of the database in the path": lambda o: (
        f"postgresql:///{o['dbname']}?{urlencode({k: v for k, v in o.items() if k != 'dbname'})}"
    ),
    "the host escaped": lambda o: (
        f"postgresql://{o['user']}@{quote(o['host'], safe='')}:{o['port']}/{o['dbname']}"
        f"?{urlencode({'password': o.get('password', 'none')})}"
    ),
    "words": lambda o: " ".join(f"{name}='{value}'" for name, value in o.items()),
    "a server that takes writes": lambda o: f"postgresql://?{urlencode(o)}&target_session_attrs=read-write",
    "the primary": lambda o: f"postgresql://?{urlencode(o)}&target_session_attrs=primary",
    "settings of one's own": lambda o: f"postgresql://?{urlencode(o)}&options=-c%20work_mem%3D5MB",
    "a time to connect": lambda o: (
        f"postgresql://?{urlencode(o)}&connect_timeout=3&application_name=x&gssencmode=disable"
    ),
}


async def settings_of(address: str, names: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the settings as seen by a load, then as seen by a read."""
    engine = write_engine(address)
    with engine.connect() as connection:
        loads = {name: str(connection.execute(text(f"SHOW {name}")).scalar()) for name in names}
    engine.dispose()
    async with open_database(asyncpg_address(address)) as database, database.connect() as reader:
        reads = {name: str(await reader.fetchval(f"SHOW {name}")) for name in names}
    return loads, reads


@pytest.mark.parametrize("form", FORMS)
async def test_both_understand(database: Engine, form: str) -> None:
    """Every address form that libpq accepts works for loads and reads."""
    loads, reads = await settings_of(FORMS[form](options_of(address_of(database))), ["server_version", "work_mem"])
    assert loads == reads
    assert (reads["work_mem"] == "5MB") is (form == "settings of one's own")


@pytest.mark.parametrize(
    "option",
    [
        "hostaddr=127.0.0.1",
        "require_auth=none",
        "channel_binding=require",
        "gssencmode=require",
        "service=x",
        "requirepeer=x",
    ],
)
def test_what_only_one_understands_is_refused(option: str) -> None:
    """An option that only libpq follows is refused by name, for loads and for reads."""
    for read in (write_engine, asyncpg_address):
        with pytest.raises(ValueError, match=option.partition("=")[0]):
            read(f"postgresql://host/db?{option}")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *(("PGSSLMODE", "verify-full"), ("PGHOSTADDR", "127.0.0.1"), ("PGSERVICE", "x"), ("PGREQUIREAUTH", "none")),
        *(("PGTARGETSESSIONATTRS", "read-write"), ("PGOPTIONS", "-c work_mem=5MB"), ("PGSSLROOTCERT", "system")),
    ],
)
def test_variables_that_drivers_read_differently_are_refused(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A libpq variable that the API's driver doesn't follow is refused by name."""
    monkeypatch.setenv(variable, value)
    for read in (write_engine, asyncpg_address):
        with pytest.raises(ValueError, match=variable):
            read("postgresql://host/db")


def test_the_address_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable does no harm if the address sets the same option."""
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert "sslmode=require" in asyncpg_address("postgresql://host/db?sslmode=require")


def test_the_certificates_of_the_system() -> None:
    """For the driver that doesn't know `sslrootcert=system`, the option becomes a file path."""
    assert "sslrootcert=%2F" in asyncpg_address("postgresql://host/db?sslmode=verify-full&sslrootcert=system")


async def test_settings_are_ours(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every session has the settings that answers depend on, whatever the database or environment says."""
    name = database.url.database
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting, value in HOSTILE.items():
            connection.execute(text(f"ALTER DATABASE \"{name}\" SET {setting} = '{value}'"))
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    monkeypatch.setenv("PGDATESTYLE", "SQL")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    for found in await settings_of(address_of(database), list(SESSION_SETTINGS)):
        assert found == SESSION_SETTINGS
    assert set(HOSTILE) == set(SESSION_SETTINGS) <= set(SERVER_SETTINGS)


@pytest.mark.parametrize("whose", ["DATABASE", "ROLE CURRENT_USER IN DATABASE"])
async def test_answers_do_not_depend_on_settings(seeded: str, database: Engine, whose: str) -> None:
    """Answers and ETags are the same even if every setting differs for the load and the read."""
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting, value in {**HOSTILE, "extra_float_digits": "-15", "xmloption": "document"}.items():
            connection.execute(text(f"ALTER {whose} \"{database.url.database}\" SET {setting} = '{value}'"))
    database.dispose()
    load(database, *first_release())
    found: list[list[tuple[int, str, bytes]]] = []
    for address in (seeded, address_of(database)):
        async for client in client_of(address):
            answers = [await client.get(path) for path in ("/v1/figures", "/v1/figures?format=csv", "/v1/dataset")]
            found.append([(one.status_code, one.headers["etag"], one.content) for one in answers])
    assert found[0] == found[1]
    assert {status for status, _, _ in found[0]} == {200}


@pytest.fixture(params=["SQL_ASCII", "LATIN1", "WIN1252", "EUC_JP"])
def foreign(server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the address of a database with another encoding."""
    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"upheld_test_{request.param.lower()}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        encoded = f"TEMPLATE template0 ENCODING '{request.param}' LOCALE_PROVIDER libc LOCALE 'C'"
        connection.execute(text(f"CREATE DATABASE {name} {encoded}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def test_other_encodings_are_refused(foreign: str) -> None:
    """A database that isn't UTF8 is refused in one sentence before anything is written."""
    with pytest.raises(LoadError, match="needs a UTF8 database"), write_engine(foreign).connect():
        pass

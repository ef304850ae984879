"""What the API knows about the loaded releases, and when."""

import asyncio
import re

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import Engine, text

from app.database.addresses import asyncpg_address
from app.database.choice import use
from app.database.current import CurrentRelease
from app.database.errors import LoadError
from app.database.pool import DatabaseUnavailableError, open_database
from app.main import served
from tests.api import PUBLIC, app_over
from tests.made import figure, loaded

pytestmark = pytest.mark.anyio


def address_of(engine: Engine) -> str:
    """Return the address of an engine's database."""
    return engine.url.render_as_string(hide_password=False)


async def test_a_look_sees_all_releases(database: Engine) -> None:
    """A look returns the current release, all releases newest first, and removed records, as of one moment."""
    current = CurrentRelease()
    async with open_database(asyncpg_address(address_of(database))) as found, found.connect() as connection:
        assert (await current.look(connection)).current is None
        loaded(database, [figure("one", value=1)], "1.0.0")
        loaded(database, [figure("one", value=2)], "2.0.0")
        seen = await current.look(connection)
        assert seen.current is not None
        assert seen.current.version == "2.0.0"
        assert seen.versions == ["2.0.0", "1.0.0"]
        use(database, "1.0.0")
        with database.begin() as owner:
            owner.execute(text("INSERT INTO tombstone VALUES ('gone', '2024-01-01', 'A reason.')"))
        chosen = await current.look(connection)
        assert chosen.current == seen.by_version["1.0.0"]
        assert chosen.removed == ("gone",)


async def test_nothing_new_is_the_same_object(database: Engine) -> None:
    """If nothing has changed, the object stays the same, so caches can compare it by identity."""
    loaded(database, [figure("one")], "1.0.0")
    current = CurrentRelease()
    async with open_database(asyncpg_address(address_of(database))) as found, found.connect() as connection:
        await current.look(connection)
        first = current.releases
        await current.look(connection)
        assert current.releases is first


async def test_the_log_names_each_release_that_is_served(
    database: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has one line when the served release changes, and none for further looks or other releases."""
    caplog.set_level("INFO", "upheld")
    loaded(database, [figure("one", value=1)], "1.0.0")
    current = CurrentRelease()
    async with open_database(asyncpg_address(address_of(database))) as found, found.connect() as connection:
        await current.look(connection)
        loaded(database, [figure("one", value=2)], "2.0.0")
        await current.look(connection)
        await current.look(connection)
        use(database, "1.0.0")
        await current.look(connection)
        loaded(database, [figure("one", value=3)], "3.0.0")
        await current.look(connection)
    lines = [record.getMessage() for record in caplog.records if "serving" in record.getMessage()]
    assert lines == [f"serving release {version}" for version in ("1.0.0", "2.0.0", "1.0.0")]


def test_no_release_has_an_empty_version(database: Engine) -> None:
    """An empty version, such as a variable that isn't set, is refused instead of meaning the latest."""
    loaded(database, [figure("one")], "1.0.0")
    with pytest.raises(LoadError, match="loaded are: 1"):
        use(database, "")


async def test_another_schema_is_no_release(database: Engine) -> None:
    """A schema of another version is refused, even if its tables could be read."""
    loaded(database, [figure("one")], "1.0.0")
    with database.begin() as owner:
        owner.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    async with open_database(asyncpg_address(address_of(database))) as found, found.connect() as connection:
        with pytest.raises(DatabaseUnavailableError, match="another version"):
            await CurrentRelease().look(connection)


async def test_a_release_that_another_program_rendered(database: Engine) -> None:
    """Documents rendered by another revision aren't served, and readiness says why and what to do."""
    loaded(database, [figure("one")], "1.0.0")
    with database.begin() as owner:
        owner.execute(text("UPDATE release SET rendering = 'another'"))
    app = app_over(address_of(database))
    transport = ASGITransport(served(app))
    async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url=PUBLIC) as client:
        ready = await client.get("/health/ready")
        assert ready.status_code == 503
        assert re.search("restart with the version that .*`upheld load`", ready.json()["checks"]["release"])
        assert (await client.get("/v1/figures")).status_code == 503


@pytest.mark.parametrize("statement", ["TRUNCATE record CASCADE", "DELETE FROM record WHERE id = 'two'"])
async def test_a_release_that_lost_records_is_not_ready(database: Engine, statement: str) -> None:
    """Readiness says how many records are missing and what to do; the next load restores it."""
    loaded(database, [figure("one"), figure("two")], "1.0.0")
    app = app_over(address_of(database))
    transport = ASGITransport(served(app))
    async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url=PUBLIC) as client:
        assert (await client.get("/health/ready")).status_code == 200
        with database.begin() as owner:
            owner.execute(text("SET LOCAL session_replication_role = replica"))
            owner.execute(text(statement))
        ready = await client.get("/health/ready")
        assert ready.status_code == 503
        assert re.fullmatch(
            r"1\.0\.0 has only \d of 2 records; `upheld load` .*", ready.json()["checks"]["release"]
        )
        loaded(database, [figure("one"), figure("two")], "1.0.0")
        assert (await client.get("/health/ready")).status_code == 200


async def test_a_database_that_is_away_is_known_to_be() -> None:
    """A failed look records the reason, so requests needn't find out for themselves."""
    current = CurrentRelease()
    async with open_database("postgresql://nobody@127.0.0.1:1/nothing") as found, current.kept_up_to_date(found):
        async with asyncio.timeout(10):
            while not current.away:  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.01)
        assert "127.0.0.1" in current.away

"""Building the schema: all or nothing, matching the models, and readable by the reading role."""

import subprocess
import sys
from contextlib import ExitStack

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from app.database.choice import use
from app.database.errors import LoadError
from app.database.loader import load_editions
from app.database.owner import write_engine
from app.database.schema import LOCK, schema_head
from app.database.tables import METADATA
from app.settings import PROJECT
from tests.database.support import PATIENCE, records, until, waiting
from tests.made import dataset, figure, load, loaded, release
from tests.made_releases import HISTORY, editions_of, load_releases
from tests.postgresql import migrate, new_database


def tables_of(connection: Connection) -> set[str]:
    """Return a database's tables."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return set(connection.execute(text(query)).scalars())


def test_the_schema_is_built_once(empty_database: str) -> None:
    """Migrating builds the whole schema once, ready for releases."""
    engine = write_engine(empty_database)
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        assert tables_of(connection) == {*METADATA.tables, "alembic_version"}
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == schema_head()
    made = dataset(records())
    assert load(engine, made, release("1.0.0", made))
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing(empty_database: str) -> None:
    """The schema is built in one transaction: if one table is in the way, no others are left behind."""
    engine = write_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE relation (id integer)"))
    with pytest.raises(DBAPIError, match="already exists"):
        migrate(engine)
    with engine.connect() as connection:
        assert tables_of(connection) == {"relation"}
    engine.dispose()


def test_the_migrations_build_what_the_models_say(database: Engine) -> None:
    """Alembic finds nothing left to migrate."""
    with database.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


CATALOGUE = {
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name, is_identity,
            col_description(format('%I', table_name)::regclass, ordinal_position)
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic_version%'
    """,
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
    "storage": "SELECT oid::regclass::text, reloptions::text FROM pg_class WHERE relname = 'record'",
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_migrations_build_it_to_the_last_rule(database: Engine, server: str, name: str) -> None:
    """Columns, rules and indexes match between the migrations and the models, including those Alembic skips."""
    with new_database(server) as address:
        engine = create_engine(address)
        with engine.begin() as connection:
            METADATA.create_all(connection)
            expected = {tuple(row) for row in connection.execute(text(CATALOGUE[name]))}
        engine.dispose()
    with database.connect() as connection:
        assert {tuple(row) for row in connection.execute(text(CATALOGUE[name]))} == expected


LOAD = """
import sys
from pathlib import Path
from app.database.prepare import load_into
load_into(sys.argv[1], Path("seeds"))
"""


def test_two_programs_build_it_at_the_same_time(empty_database: str) -> None:
    """If two programs start on an empty database, one builds the schema and the other waits for it."""
    engine = create_engine(empty_database)
    command_line = [sys.executable, "-c", LOAD, empty_database]
    with ExitStack() as programs:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            started = [
                programs.enter_context(
                    subprocess.Popen(command_line, cwd=PROJECT, stderr=subprocess.PIPE, text=True)  # noqa: S603
                )
                for _ in range(2)
            ]
            until(lambda: len(waiting(engine)) == 2)
        for program in started:
            assert (program.wait(PATIENCE), program.communicate()[1]) == (0, "")
    with engine.connect() as connection:
        assert tables_of(connection) == {*METADATA.tables, "alembic_version"}
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    engine.dispose()


# Databases of other programs.


def test_a_newer_program_built_the_database(database: Engine) -> None:
    """A newer program's schema is left alone, and the message says what's wrong."""
    load_releases(database, *HISTORY)
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099_news'"))
    with pytest.raises(LoadError, match=r"newer version of this program .* 0099_news"):
        load_editions(database, editions_of(*HISTORY))
    with pytest.raises(LoadError, match="run `upheld load` first"):
        use(database, "1.0.0")
    with database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM release")).scalar_one() == len(HISTORY)


def test_another_program_uses_the_database(empty_database: str) -> None:
    """Another program's tables aren't taken for ours, even if its revision has a name that ours once had."""
    engine = write_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
        connection.execute(text("CREATE TABLE release (id integer)"))
    with pytest.raises(LoadError, match="use another database"):
        load_editions(engine, editions_of(*HISTORY))
    with engine.connect() as connection:
        assert tables_of(connection) == {"alembic_version", "release"}
    engine.dispose()


def test_nothing_is_chosen_where_nothing_is_loaded(empty_database: str) -> None:
    """An empty database gets a hint to run `upheld load`, not a PostgreSQL error."""
    engine = write_engine(empty_database)
    with pytest.raises(LoadError, match="run `upheld load` first"):
        use(engine, None)
    engine.dispose()


# Who may read.

TAKEN = (
    "REVOKE SELECT ON record, release FROM upheld_reader",
    "REVOKE USAGE ON SCHEMA public FROM upheld_reader; REVOKE USAGE ON SCHEMA public FROM PUBLIC",
    "GRANT CREATE ON SCHEMA public TO PUBLIC",
)

MAY_READ = """
SELECT count(*) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND has_table_privilege('upheld_reader', oid, 'SELECT')
AND has_schema_privilege('upheld_reader', 'public', 'USAGE')
AND NOT has_schema_privilege('upheld_reader', 'public', 'CREATE')
"""


@pytest.mark.parametrize("taken", TAKEN)
def test_a_load_grants_again(database: Engine, taken: str) -> None:
    """A restored database may lack the reading role's rights; loading the same releases again restores them."""
    load_releases(database, *HISTORY)
    with database.begin() as connection:
        connection.execute(text(taken))
        assert connection.execute(text(MAY_READ)).scalar_one() < len(METADATA.tables) + 1
    assert not load_releases(database, *HISTORY)
    with database.connect() as connection:
        assert connection.execute(text(MAY_READ)).scalar_one() == len(METADATA.tables) + 1


def test_a_load_leaves_other_tables_alone(database: Engine) -> None:
    """The reading role can't see somebody else's table in the same schema."""
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE of_somebody_else (id integer)"))
    loaded(database, [figure("one")])
    load_releases(database, ("2.0.0", [figure("one")]))
    with database.connect() as connection:
        may = text("SELECT has_table_privilege('upheld_reader', 'of_somebody_else', 'SELECT')")
        assert connection.execute(may).scalar_one() is False

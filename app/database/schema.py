"""The schema: its revision, how it is built, and who may read it."""

from functools import cache

from sqlalchemy import Connection, text

from app.database.errors import LoadError
from app.database.tables import METADATA
from app.settings import PROJECT

LOCK = 7_265_100
"""Key of the advisory lock that lets only one program at a time migrate or load a database."""

VERSIONS = PROJECT / "migrations" / "versions"

EARLIER = frozenset({"0001", "0002", "0003", "0004", "0005", "0006"})
"""Revisions of earlier migrations, since merged into one. A database at one of these is rebuilt."""

TABLES = ("alembic_version", *METADATA.tables)

ALWAYS = frozenset({"release", "current_release", "tombstone"})
"""Tables that every version of the program has had; they contain what a rebuild keeps."""

COLUMNS = """
SELECT relname, attname
FROM pg_attribute
JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = CAST(quote_ident(current_schema()) AS regnamespace) AND relname = ANY(:tables)
AND attnum > 0 AND NOT attisdropped
"""

INDEXES = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"

KEEPS_DOCUMENTS_PLAIN = (
    "SELECT reloptions @> '{toast_tuple_target=8160}' FROM pg_class WHERE oid = to_regclass('record')"
)

MAKE_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'upheld_reader') THEN
        CREATE ROLE upheld_reader ROLE CURRENT_USER;
    END IF;
EXCEPTION
    -- Roles belong to the whole server: a load of another database may be creating it right now. Many hosts let no
    -- login create roles; the API reads without it then, and says so.
    WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END
$$
"""

HAS_ROLE = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'upheld_reader')"

GRANT = """
DO $$
DECLARE
    schema text := current_schema();
    name text;
BEGIN
    IF NOT has_schema_privilege('upheld_reader', schema, 'USAGE') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO upheld_reader', schema);
    END IF;
    -- New databases don't let everybody create tables in `public`; those upgraded from PostgreSQL 14 still do.
    IF has_schema_privilege('public', schema, 'CREATE') THEN
        EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', schema);
    END IF;
    FOR name IN
        SELECT relname FROM pg_class
        WHERE relnamespace = quote_ident(schema)::regnamespace
        AND relname = ANY (string_to_array(current_setting('upheld.tables'), ' '))
        AND NOT has_table_privilege('upheld_reader', oid, 'SELECT')
    LOOP
        EXECUTE format('GRANT SELECT ON TABLE %I.%I TO upheld_reader', schema, name);
    END LOOP;
END
$$
"""
"""Let the reading role read the tables; writes nothing if it already can."""


@cache
def schema_head() -> str:
    """Return the revision of the schema that this program needs: the name of the last migration."""
    return max(path.stem for path in VERSIONS.glob("[0-9]*_*.py"))


def lock(connection: Connection) -> None:
    """Wait until no other program migrates or loads this database, and keep others waiting until the commit."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def found_revision(connection: Connection) -> str | None:
    """Return the revision of the database's schema; None if it has none."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def is_earlier(connection: Connection) -> bool:
    """Return whether an earlier version of this program built the tables.

    The revision isn't enough to tell, because migrations may change until the program's first release.
    """
    found = found_revision(connection)
    if found not in {*EARLIER, schema_head()}:
        return False
    columns = {tuple(row) for row in connection.execute(text(COLUMNS), {"tables": list(METADATA.tables)})}
    if not {table for table, _ in columns} >= ALWAYS:
        raise LoadError(f"the database says that its schema is {found}, but it lacks tables; use another database")
    tables = METADATA.tables.values()
    if found in EARLIER or columns != {(table.name, column.name) for table in tables for column in table.columns}:
        return True
    indexes = set(connection.execute(text(INDEXES)).scalars())
    if not indexes >= {index.name for table in tables for index in table.indexes}:
        return True
    return not connection.execute(text(KEEPS_DOCUMENTS_PLAIN)).scalar()


def has_reader(connection: Connection) -> bool:
    """Return whether the server has the reading role."""
    return bool(connection.execute(text(HAS_ROLE)).scalar())


def upgrade(connection: Connection) -> None:
    """Bring the schema from nothing or an older revision to its head, and let the reading role, if any, read it.

    Raises:
        LoadError: if a newer program built the schema.

    """
    found = found_revision(connection)
    if found != schema_head():
        if found is not None and not any(path.stem == found for path in VERSIONS.glob("*.py")):
            raise LoadError(
                f"a newer version of this program built this database; its schema is {found}. Use that version, or "
                "an empty database: `upheld load` loads every release into it"
            )
        _run_migrations(connection)
    connection.execute(text(MAKE_ROLE))
    if has_reader(connection):
        connection.execute(text("SELECT set_config('upheld.tables', :names, true)"), {"names": " ".join(TABLES)})
        connection.execute(text(GRANT))


def _run_migrations(connection: Connection) -> None:
    # Most starts find the schema up to date and don't need Alembic, which is slow to import.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

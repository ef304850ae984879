"""The owner's side of the database: the engine of migrations and loads, and the schema they need."""

import re
from functools import cache

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, Connection, Engine, create_engine, text

from app.settings import PROJECT

MIGRATION_LOCK = 7_265_100
"""Key of the advisory lock that keeps two programs from migrating one database at the same time."""

OWNS_THE_TABLES = """
SELECT CASE
    WHEN to_regclass('alembic_version') IS NULL THEN has_schema_privilege(current_schema(), 'CREATE')
    ELSE pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('alembic_version')), 'USAGE')
END
"""
"""True if the login owns the tables or, in an empty database, may create them."""


def libpq_options(address: str) -> dict[str, str]:
    """Return what an address says, as libpq reads it: a URL, which may name several hosts, or keywords and values.

    Raises:
        ValueError: if libpq cannot read the address.

    """
    scheme, separator, rest = address.partition("://")
    if separator and not re.fullmatch(r"postgres(ql)?(\+\w+)?", scheme):
        raise ValueError(f"DATABASE_URL names {scheme}; Upheld needs a PostgreSQL server")
    try:
        found = conninfo_to_dict(f"postgresql://{rest}" if separator else address)
    except psycopg.ProgrammingError as error:
        raise ValueError(str(error).strip()) from error
    return {name: str(value) for name, value in found.items()}


def write_engine(address: str) -> Engine:
    """Return an engine for migrations and loads.

    Raises:
        ValueError: if libpq cannot read the address.

    """
    options = libpq_options(address)
    url = URL.create(
        "postgresql+psycopg",
        username=options.pop("user", None),
        password=options.pop("password", None),
        database=options.pop("dbname", None),
        query=options,
    )
    return create_engine(
        url,
        connect_args={
            "application_name": "upheld-load",
            "options": f"{options.get('options', '')} -c timezone=UTC".strip(),
        },
    )


def may_change(engine: Engine) -> bool:
    """Return whether this login may migrate and load, or only read."""
    with engine.connect() as connection:
        return bool(connection.execute(text(OWNS_THE_TABLES)).scalar())


@cache
def schema_head() -> str:
    """Return the revision of the schema that this program needs: the number of the last migration."""
    return max(path.name.partition("_")[0] for path in (PROJECT / "migrations" / "versions").glob("[0-9]*_*.py"))


def migrate(engine: Engine) -> None:
    """Bring the schema to its head, from nothing or from any earlier state."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is not None:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
            if found == schema_head():
                return
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    # Most starts find the schema as it should be and don't need Alembic, which takes long to import.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

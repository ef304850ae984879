"""The connection of the database's owner, which migrates and loads."""

import re

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, Engine, create_engine, text

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

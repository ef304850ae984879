"""The owner's connection, which migrates and loads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from app.database.addresses import libpq_options
from app.database.errors import DatabaseError, LoadError
from app.database.sessions import SESSION_SETTINGS

OWNS_THE_TABLES = """
SELECT CASE
    WHEN to_regclass('alembic_version') IS NULL THEN has_schema_privilege(current_schema(), 'CREATE')
    ELSE pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('alembic_version')), 'USAGE')
END
"""
"""True if the login owns the tables or, in an empty database, may create them."""


@contextmanager
def owner_engine(address: str) -> Iterator[Engine]:
    """Yield the engine for migrations and loads.

    Raises:
        DatabaseError: if the address can't be read, or the database can't be used.

    """
    try:
        engine = write_engine(address)
    except (ArgumentError, ValueError) as error:
        raise DatabaseError(f"DATABASE_URL is not the address of a PostgreSQL server: {error}") from error
    try:
        yield engine
    except (DBAPIError, psycopg.Error) as error:
        # COPY bypasses SQLAlchemy, so its errors aren't wrapped.
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        if isinstance(cause, psycopg.errors.InsufficientPrivilege):
            reason += "; use the address of the tables' owner"
        raise DatabaseError(f"the database can't be used: {reason}") from error
    finally:
        engine.dispose()


def write_engine(address: str) -> Engine:
    """Return an engine for migrations and loads.

    Every connection gets the settings that answers depend on. Connecting raises a LoadError if the database isn't
    UTF8.

    Raises:
        ValueError: if libpq can't read the address, or the API's driver would read it differently.

    """
    options = libpq_options(address)
    url = URL.create(
        "postgresql+psycopg",
        username=options.pop("user", None),
        password=options.pop("password", None),
        database=options.pop("dbname", None),
        query=options,
    )
    engine = create_engine(url, connect_args={"application_name": "upheld-load"})
    event.listen(engine, "connect", _prepare, insert=True)  # before SQLAlchemy asks for the server's version
    return engine


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - SQLAlchemy's proxy of psycopg's
    """Set what answers depend on. Variables such as PGTZ override the address, so it has to be after connecting."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise LoadError(
            f"the encoding of database {connection.info.dbname} is {encoding}; Upheld needs a UTF8 database "
            "(CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8')"
        )
    with connection.cursor() as cursor:
        for setting in SESSION_SETTINGS.items():
            cursor.execute("SELECT set_config(%s, %s, false)", setting)
    connection.commit()


def may_change(engine: Engine) -> bool:
    """Return whether this login may migrate and load, or only read."""
    with engine.connect() as connection:
        return bool(connection.execute(text(OWNS_THE_TABLES)).scalar())

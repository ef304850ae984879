"""The partitions of the large tables: one for each release, filled as a bare table and then made fast to read."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, cast

import psycopg
from psycopg import Cursor, sql
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, Table

from app.database import tables

PATIENCE = "100ms"
"""For how long a partition that is to go may wait for readers: whoever comes meanwhile waits behind it."""

BARE = "CREATE TABLE {partition} (LIKE {table} INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS)"
ATTACH = "ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES IN ({release})"
REFER = "ALTER TABLE {partition} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target} ({keys})"

LEFT = """
    SELECT partition.relname
    FROM pg_inherits
    JOIN pg_class AS partition ON partition.oid = inhrelid
    WHERE inhparent = ANY (CAST(%(tables)s AS regclass[]))
    AND pg_has_role(partition.relowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM release WHERE partition.relname = ANY (
        SELECT format('%%s_%%s', one, release.id) FROM unnest(CAST(%(tables)s AS text[])) AS one
    ))
"""
"""Partitions of releases that are no more."""


def named(table: str, release_id: int) -> sql.Identifier:
    """Return the name of a partition."""
    return sql.Identifier(f"{table}_{release_id}")


def make(cursor: Cursor[Any], model: type[tables.Base], release_id: int) -> sql.Identifier:
    """Make the partition of a release, which nobody sees yet: it checks its rows and has no index."""
    table = model.__tablename__
    partition = named(table, release_id)
    cursor.execute(sql.SQL(BARE).format(partition=partition, table=sql.Identifier(table)))
    return partition


def attach(cursor: Cursor[Any], model: type[tables.Base], release_id: int) -> None:
    """Make a full partition a part of its table: PostgreSQL gives it every index and every reference of the table.

    Readers go on meanwhile; only another that writes would wait.
    """
    partition = named(model.__tablename__, release_id)
    cursor.execute(
        sql.SQL(ATTACH).format(
            table=sql.Identifier(model.__tablename__), partition=partition, release=sql.Literal(release_id)
        )
    )
    for columns, target, keys in cast(Table, model.__table__).info["within"]:
        cursor.execute(
            sql.SQL(REFER).format(
                partition=partition,
                name=sql.Identifier(f"fk_{model.__tablename__}_{'_'.join(columns)}"),
                columns=listed(columns),
                target=named(target, release_id),
                keys=listed(keys),
            )
        )
    cursor.execute(sql.SQL("ANALYZE {}").format(partition))


def listed(names: Iterable[str]) -> sql.Composed:
    """Return names as they stand in a list of columns or tables."""
    return sql.SQL(", ").join(map(sql.Identifier, names))


def drop_left(engine: Engine) -> None:
    """Drop the partitions that removed releases have left, which are empty.

    Not with the release itself: somebody may be reading it, and keeps that up until the end of a transaction. For
    the same reason they are left once more where readers do not let go of the tables at once.
    """
    names = [model.__tablename__ for model in tables.PARTITIONED]
    with suppress(LockNotAvailable), engine.begin() as connection, driver(connection).cursor() as cursor:
        left = [name for (name,) in cursor.execute(LEFT, {"tables": names})]
        if left:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", (PATIENCE,))
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(listed(left)))


def driver(connection: Connection) -> psycopg.Connection[Any]:
    """Return the connection below one of SQLAlchemy."""
    found = connection.connection.driver_connection
    assert isinstance(found, psycopg.Connection)  # noqa: S101 - for the type checker: a checked-out connection
    return found

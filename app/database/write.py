"""Write and delete the rows of a release."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import psycopg
from psycopg import Cursor, sql
from psycopg.types.string import StrDumper
from sqlalchemy import Connection, Table, delete, insert, text, update

from app.database import tables
from app.database.choice import serve_instead
from app.database.integrity import count_rows, revision
from app.database.progress import shown
from app.database.rows import Row, columns, rows_of
from app.releases.editions import Edition


def write_release(connection: Connection, edition: Edition) -> int:
    """Write a release under a temporary version that nobody requests, and return its row id."""
    release = edition.release
    release_id: int = connection.execute(
        insert(tables.RELEASE)
        .values(
            version=f"loading {release.digest}",
            published_at=release.published_at,
            note=release.note,
            digest=release.digest,
            rendering=revision(),
            row_counts={},
        )
        .returning(tables.RELEASE.c.id)
    ).scalar_one()
    with _driver(connection).cursor() as cursor:
        cursor.adapters.register_dumper(StrEnum, StrDumper)
        for table, rows in rows_of(edition.dataset, release, edition.history):
            counted = shown(rows, release.version, len(edition.dataset.records)) if table is tables.RECORD else rows
            _copy(cursor, table, ({**row, "release_id": release_id} for row in counted))
    return release_id


def put_in_place(connection: Connection, version: str, written: int, old: int | None) -> None:
    """Give a written release its version, and delete the release that had it; readers see it at the commit."""
    if old is not None:
        serve_instead(connection, old, written)
        delete_release(connection, old)
    connection.execute(text(f"ANALYZE {', '.join(table.name for table in LARGE)}"))
    counts = connection.execute(count_rows(written)).one()._asdict()
    connection.execute(
        update(tables.RELEASE).where(tables.RELEASE.c.id == written).values(version=version, row_counts=counts)
    )


LARGE = (tables.RECORD, tables.EVIDENCE, tables.BASE_CANDIDATE, tables.RELATION, tables.OUTCOME_BELOW)
"""Tables whose rows grow with the records."""


def delete_release(connection: Connection, release_id: int) -> None:
    """Delete a release with all its rows."""
    connection.execute(delete(tables.RELEASE).where(tables.RELEASE.c.id == release_id))


def _copy(cursor: Cursor[Any], table: Table, rows: Iterable[Row]) -> None:
    names = columns(table)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row.get(name) for name in names])


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    """Return psycopg's own connection."""
    found = connection.connection.driver_connection
    assert isinstance(found, psycopg.Connection)  # noqa: S101 - for the type checker: a checked-out connection
    return found

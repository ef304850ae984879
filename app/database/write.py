"""The rows of a release, written and deleted."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

import psycopg
from psycopg import Cursor, sql
from psycopg.types.string import StrDumper
from sqlalchemy import Connection, delete, insert, text, update

from app.database import tables
from app.database.choice import serve_instead
from app.database.integrity import count_rows, revision
from app.database.rows import Model, Row, columns, rows_of
from app.releases.editions import Edition

Track = Callable[[Iterable[Row], str, int], Iterable[Row]]
"""Passes the rows of records on and reports progress; takes the release's version and the number of its records."""


def untracked(rows: Iterable[Row], _version: str, _records: int) -> Iterable[Row]:
    """Report no progress."""
    return rows


def write_release(connection: Connection, edition: Edition, track: Track = untracked) -> int:
    """Write a release under a version that nobody asks for yet, and return its row id."""
    release = edition.release
    release_id = connection.execute(
        insert(tables.Release)
        .values(
            version=f"loading {release.digest}",
            published_at=release.published_at,
            note=release.note,
            digest=release.digest,
            rendering=revision(),
            row_counts={},
        )
        .returning(tables.Release.id)
    ).scalar_one()
    with _driver(connection).cursor() as cursor:
        cursor.adapters.register_dumper(StrEnum, StrDumper)
        for model, rows in rows_of(edition.dataset, release, edition.history):
            tracked = track(rows, release.version, len(edition.dataset.records)) if model is tables.Record else rows
            _copy(cursor, model, ({**row, "release_id": release_id} for row in tracked))
    return release_id


def put_in_place(connection: Connection, version: str, written: int, old: int | None) -> None:
    """Give a written release its version, and delete the release that had it; readers see it at the commit."""
    if old is not None:
        serve_instead(connection, old, written)
        delete_release(connection, old)
    connection.execute(text(f"ANALYZE {', '.join(model.__tablename__ for model in LARGE)}"))
    counts = connection.execute(count_rows(written)).one()._asdict()
    connection.execute(
        update(tables.Release).where(tables.Release.id == written).values(version=version, row_counts=counts)
    )


LARGE = (tables.Record, tables.Evidence, tables.BaseCandidate, tables.Relation, tables.OutcomeBelow)
"""Tables whose rows grow with the records."""


def delete_release(connection: Connection, release_id: int) -> None:
    """Delete a release with all its rows."""
    connection.execute(delete(tables.Release).where(tables.Release.id == release_id))


def _copy(cursor: Cursor[Any], model: Model, rows: Iterable[Row]) -> None:
    names = columns(model)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model.__tablename__), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row.get(name) for name in names])


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    """Return the connection below one of SQLAlchemy."""
    found = connection.connection.driver_connection
    assert isinstance(found, psycopg.Connection)  # noqa: S101 - for the type checker: a checked-out connection
    return found

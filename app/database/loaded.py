"""The releases that are loaded, and whether they can be served as they are."""

from typing import Any

from sqlalchemy import Connection, Row, select

from app.database.integrity import count_rows, revision
from app.database.tables import RELEASE


def find_loaded(connection: Connection, version: str) -> Row[Any] | None:
    """Return the row of a release; None if it isn't loaded."""
    return connection.execute(select(RELEASE).where(RELEASE.c.version == version)).one_or_none()


def lost_rows(connection: Connection, loaded: Row[Any]) -> str | None:
    """Return which tables have lost rows of a release; None if none have."""
    found = connection.execute(count_rows(loaded.id)).one()._asdict()
    held: dict[str, int] = {**dict.fromkeys(found, 0), **loaded.row_counts}
    wrong = [f"{found[table]} of {held[table]} in {table}" for table in found if found[table] != held[table]]
    return ", ".join(wrong) or None


def fault_of(connection: Connection, loaded: Row[Any]) -> str | None:
    """Return why a loaded release can't be served as it is; None if it can."""
    if (lost := lost_rows(connection, loaded)) is not None:
        return f"has lost rows ({lost})"
    return None if loaded.rendering == revision() else "was rendered by another version of this program"

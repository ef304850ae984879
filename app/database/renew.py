"""Re-render, from its stored rows, a release that the seeds don't have."""

from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, update

from app.database.errors import LoadError
from app.database.loaded import lost_rows
from app.database.read_back import read_dataset, read_history
from app.database.tables import CHANGE
from app.database.write import put_in_place, write_release
from app.domain.dataset import Release
from app.releases.editions import Edition

WHAT_TO_DO = "and the seeds don't have it: load seeds that do, or use an empty database"


def renew(connection: Connection, loaded: Row[Any]) -> None:
    """Write a release again as this version of the program renders it.

    Raises:
        LoadError: if it has lost rows, or its stored records don't fit this version's models.

    """
    if (lost := lost_rows(connection, loaded)) is not None:
        raise LoadError(f"release {loaded.version} has lost rows ({lost}), {WHAT_TO_DO}")
    release = Release(
        version=loaded.version, published_at=loaded.published_at, note=loaded.note, digest=loaded.digest
    )
    try:
        dataset, history = read_dataset(connection, loaded.id), read_history(connection, loaded.id)
    except ValidationError as error:
        fault = f"release {loaded.version} doesn't fit this version of the program"
        raise LoadError(f"{fault}, {WHAT_TO_DO}") from error
    written = write_release(connection, Edition.of(release, dataset, history))
    connection.execute(update(CHANGE).where(CHANGE.c.release_id == loaded.id).values(release_id=written))
    put_in_place(connection, loaded.version, written, loaded.id)

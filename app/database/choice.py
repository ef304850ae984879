"""The current release, which answers requests that don't name one: the latest, or one chosen by hand."""

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.database.errors import LoadError
from app.database.schema import found_revision, is_earlier, lock, schema_head
from app.database.tables import CURRENT_RELEASE, RELEASE


def use(engine: Engine, version: str | None) -> str:
    """Serve a release until another is chosen; None goes back to the latest. Return its version.

    Raises:
        LoadError: if no such release is loaded, or another version of this program built the database.

    """
    with engine.begin() as connection:
        lock(connection)
        if is_earlier(connection) or found_revision(connection) != schema_head():
            raise LoadError("the database doesn't have this program's schema; run `upheld load` first")
        order = RELEASE.c.published_at.desc(), RELEASE.c.id.desc()
        rows = connection.execute(select(RELEASE.c.version, RELEASE.c.id).order_by(*order))
        loaded = {row.version: row.id for row in rows}
        served = next(iter(loaded), "latest") if version is None else version
        if served not in loaded:
            known = ", ".join(loaded) or "none"
            raise LoadError(f"release {served} is not loaded; loaded are: {known}")
        serve(connection, loaded[served], chosen=version is not None)
        return served


def serve(connection: Connection, release_id: int, *, chosen: bool) -> None:
    """Make a release the current one."""
    values = {"release_id": release_id, "chosen": chosen}
    statement = upsert(CURRENT_RELEASE).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["is_only"], set_=values))


def served_version(connection: Connection) -> str:
    """Return the version of the current release."""
    current = select(RELEASE.c.version).join(CURRENT_RELEASE, CURRENT_RELEASE.c.release_id == RELEASE.c.id)
    return str(connection.execute(current).scalar_one())


def serve_latest(connection: Connection, version: str) -> bool:
    """Make a release the current one unless another was chosen by hand; return whether that changed anything."""
    release_id = connection.execute(select(RELEASE.c.id).where(RELEASE.c.version == version)).scalar_one()
    current = connection.execute(select(CURRENT_RELEASE.c.release_id, CURRENT_RELEASE.c.chosen)).one_or_none()
    if current is not None and (current.chosen or current.release_id == release_id):
        return False
    serve(connection, release_id, chosen=False)
    return True


def serve_instead(connection: Connection, old: int, new: int) -> None:
    """If a release is being served, chosen by hand or not, serve another in its place."""
    connection.execute(update(CURRENT_RELEASE).where(CURRENT_RELEASE.c.release_id == old).values(release_id=new))

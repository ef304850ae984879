"""From checked datasets to releases in PostgreSQL: one transaction, all of it or nothing."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, select

from app.database.choice import serve, serve_latest, served_version
from app.database.loaded import fault_of, find_loaded
from app.database.rebuild import read_kept, rebuild
from app.database.refusals import (
    refuse_lost_list,
    refuse_other_content,
    refuse_removed,
    refuse_unknown,
    refuse_unknown_with,
    unknown,
)
from app.database.renew import renew
from app.database.schema import has_reader, is_earlier, lock, upgrade
from app.database.tables import CURRENT_RELEASE, RELEASE, TOMBSTONE
from app.database.write import delete_release, put_in_place, write_release
from app.domain.dataset import Tombstone
from app.releases.editions import Edition


class Report(NamedTuple):
    """What a load did."""

    changed: bool
    notes: Sequence[str]
    """What it found and repaired, and what an administrator should know, each in a sentence or two."""


def load_editions(engine: Engine, editions: Sequence[Edition], tombstones: Sequence[Tombstone] = ()) -> Report:
    """Bring the database to this program's schema and to the releases of the seeds, and make the latest current.

    Everything happens in one transaction: until the commit, readers see the database as it was. A release that is
    already loaded isn't written again unless it has lost rows, another version of this program wrote it, or there
    are new tombstones. A release that was chosen by hand stays current. `dev` is deleted once the seeds have no
    unreleased changes.

    Raises:
        LoadError: if a version is loaded with other content, apart from removed records, or if a loaded release is
            missing from the seeds but needed.

    """
    notes: list[str] = []
    latest = editions[-1].release.version
    with engine.begin() as connection:
        lock(connection)
        earlier = is_earlier(connection)
        if not earlier:
            upgrade(connection)
        buried = set(connection.execute(select(TOMBSTONE.c.id)).scalars())
        new = [stone for stone in tombstones if stone.id not in buried]
        removed = {stone.id for stone in new}
        refuse_removed(editions, buried | removed)
        refuse_lost_list(connection, editions)
        refuse_other_content(connection, [edition.release for edition in editions], removed)
        chosen = None
        if earlier:
            refuse_unknown(connection, editions)
            kept = read_kept(connection)
            rebuild(connection, kept)
            chosen = kept.chosen
            notes.append("An earlier version of this program built the database, so it was rebuilt from the seeds.")
        changed = earlier or bool(new)
        for edition in editions:
            changed |= _load(connection, edition, notes, again=bool(new))
        changed |= serve_latest(connection, latest)
        if chosen is not None:
            _choose_again(connection, chosen, latest, notes)
        if latest != "dev":
            changed |= _drop_dev(connection)
        if new:
            refuse_unknown_with(connection, editions, removed)
            connection.execute(insert(TOMBSTONE), [stone.model_dump() for stone in new])
        changed |= _renew_unknown(connection, editions, notes)
        if not has_reader(connection):
            notes.append(
                "The server has no role upheld_reader, which would limit the API to reading: have an administrator "
                "run CREATE ROLE upheld_reader ROLE and this login's name, then load again."
            )
        if (served := served_version(connection)) != latest:
            notes.append(f"Serving {served}, as `upheld use` chose.")
    return Report(changed, notes)


def _load(connection: Connection, edition: Edition, notes: list[str], *, again: bool) -> bool:
    """Write a release unless it's loaded and intact, and return whether it was written."""
    release = edition.release
    loaded = find_loaded(connection, release.version)
    if loaded is not None and loaded.digest == release.digest and not again:
        fault = fault_of(connection, loaded)
        if fault is None:
            return False
        notes.append(f"Release {release.version} {fault}: loaded again.")
    written = write_release(connection, edition)
    put_in_place(connection, release.version, written, None if loaded is None else loaded.id)
    return True


def _choose_again(connection: Connection, chosen: str, latest: str, notes: list[str]) -> None:
    """Serve the release that was chosen by hand before the database was rebuilt."""
    release = find_loaded(connection, chosen)
    if release is None:
        notes.append(f"Release {chosen}, which was chosen by hand, no longer exists: serving {latest}.")
    else:
        serve(connection, release.id, chosen=True)


def _drop_dev(connection: Connection) -> bool:
    """Delete `dev` unless it's being served, and return whether anything changed."""
    served = select(CURRENT_RELEASE.c.release_id)
    unserved = select(RELEASE.c.id).where(RELEASE.c.version == "dev", RELEASE.c.id.not_in(served))
    dev = connection.execute(unserved).scalar_one_or_none()
    if dev is not None:
        delete_release(connection, dev)
    return dev is not None


def _renew_unknown(connection: Connection, editions: Iterable[Edition], notes: list[str]) -> bool:
    """Rewrite releases that the seeds don't have, if another version of this program wrote them."""
    renewed = False
    for version in unknown(connection, editions):
        loaded = find_loaded(connection, version)
        if loaded is not None and (fault := fault_of(connection, loaded)) is not None:
            renew(connection, loaded)
            notes.append(f"Release {version}, which the seeds don't have, {fault}: rendered again.")
            renewed = True
    return renewed

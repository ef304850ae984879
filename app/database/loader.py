"""From a checked dataset to a release in PostgreSQL: one transaction, all of it or nothing."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import Connection, Engine, Row, delete, insert, select, text, union, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.database import tables
from app.database.partitions import drop_left
from app.database.rows import Advance, Content, content_of, read_back, write
from app.domain.dataset import Dataset, Release, Tombstone
from app.errors import UpheldError
from app.releases.canonical import digest
from app.releases.editions import Edition
from app.releases.history import History
from app.releases.withdraw import without

LOAD_LOCK = 7_265_101
"""Key of the advisory lock under which two loads run one after the other."""


def _unwatched(_: str, __: int) -> None:
    """Take no notice of how far a load has come."""


class LoadError(UpheldError):
    """The dataset cannot become the release that it claims to be."""


def load(  # noqa: PLR0913 - a release, how it stands to the others, and what is told of it on the way
    engine: Engine,
    dataset: Dataset | Content,
    release: Release,
    history: History | None = None,
    *,
    current: bool = True,
    advance: Advance = _unwatched,
) -> bool:
    """Write a release, make it the current one unless told otherwise, and return whether anything changed.

    Readers see the old release until the commit and the new one from then on. A failure at any point leaves
    everything as it was. A release that was chosen by hand stays current.

    Raises:
        LoadError: where the version is already loaded with another content. A release never changes; only
            `dev`, which is not one, is replaced.

    """
    drop_left(engine)
    with engine.begin() as connection:
        _lock(connection)
        content = content_of(dataset) if isinstance(dataset, Dataset) else dataset
        changed = _load(connection, content, release, history, current=current, advance=advance)
        if changed:
            _count_change(connection)
        return changed


def load_editions(
    engine: Engine,
    editions: Sequence[Edition],
    tombstones: Sequence[Tombstone] = (),
    *,
    advance: Advance = _unwatched,
) -> bool:
    """Load every release that is not loaded yet, make the latest current, and drop a `dev` that is no more.

    Records with a tombstone leave every release, loaded ones too: that is the one way in which they change. It
    all happens in one transaction.

    Raises:
        LoadError: where a version is already loaded with another content, tombstones apart, or a release that
            the seeds do not tell of holds a record with a tombstone.

    """
    drop_left(engine)
    with engine.begin() as connection:
        _lock(connection)
        known = set(connection.execute(select(tables.Tombstone.id)).scalars())
        new = [stone for stone in tombstones if stone.id not in known]
        removed = {stone.id for stone in new}
        changed = bool(new)
        for edition in editions:
            changed |= _load(
                connection,
                content_of(edition.dataset),
                edition.release,
                edition.history,
                current=edition is editions[-1],
                advance=advance,
                removed=removed,
            )
        if editions[-1].release.version != "dev":
            changed |= _drop_dev(connection)
        if new:
            _refuse_strangers(connection, editions, removed)
            stones = [{"id": stone.id, "day": stone.day, "reason": stone.reason} for stone in new]
            connection.execute(insert(tables.Tombstone), stones)
        if changed:
            _count_change(connection)
        return changed


def _load(  # noqa: PLR0913 - a release, and how it stands to the loaded ones
    connection: Connection,
    content: Content,
    release: Release,
    history: History | None,
    *,
    current: bool,
    advance: Advance,
    removed: AbstractSet[str] = frozenset(),
) -> bool:
    """Write a release, in the place of a loaded one where records were removed from that."""
    loaded = _find(connection, release.version)
    if loaded is not None and loaded.digest == release.digest and not removed:
        return current and _make_current(connection, loaded.id)
    if loaded is not None and release.version != "dev":
        _refuse_changes(connection, loaded, release, removed)
    release_id = connection.execute(
        insert(tables.Release)
        .values(
            version=f"loading {release.digest}",
            published_at=release.published_at,
            note=release.note,
            digest=release.digest,
        )
        .returning(tables.Release.id)
    ).scalar_one()
    write(connection, release_id, release, content, history, advance=advance)
    if loaded is not None:
        _replace(connection, loaded.id, release_id)
    if current:
        _make_current(connection, release_id)
    connection.execute(
        update(tables.Release).where(tables.Release.id == release_id).values(version=release.version)
    )
    return True


def _refuse_changes(
    connection: Connection, loaded: Row[int, str], release: Release, removed: AbstractSet[str]
) -> None:
    """Refuse a release that is not what is loaded under its version, but for records that were removed."""
    if loaded.digest == release.digest:
        return
    if not removed or digest(without(read_back(connection, loaded.id), removed)) != release.digest:
        raise LoadError(
            f"release {release.version} is loaded with other content (digest {loaded.digest}); "
            "a release never changes: give the seeds a new version"
        )


def _refuse_strangers(connection: Connection, editions: Sequence[Edition], removed: AbstractSet[str]) -> None:
    """Refuse to leave a removed record in a release that the seeds do not tell of."""
    release, record, change = tables.Release, tables.Record, tables.Change
    holding = union(
        select(record.release_id).where(record.id.in_(removed)),
        select(change.release_id).where(change.thing == "record", change.id.in_(removed)),
    )
    told = [edition.release.version for edition in editions]
    statement = select(release.version).where(release.id.in_(holding), release.version.not_in(told))
    if strangers := sorted(connection.execute(statement).scalars()):
        what_to_do = (
            "`upheld use latest` lets go of it" if strangers == ["dev"] else "load seeds that have them all"
        )
        raise LoadError(
            f"the seeds do not tell of release {', '.join(strangers)}, which is loaded and holds "
            f"{', '.join(sorted(removed))}; {what_to_do}"
        )


def use(engine: Engine, version: str | None) -> None:
    """Make a release the current one until another is chosen; None goes back to the latest.

    Raises:
        LoadError: where no such release is loaded.

    """
    with engine.begin() as connection:
        _lock(connection)
        order = tables.Release.published_at.desc(), tables.Release.id.desc()
        rows = connection.execute(select(tables.Release.version, tables.Release.id).order_by(*order))
        loaded = {row.version: row.id for row in rows}
        wanted = next(iter(loaded), None) if version is None else version
        if wanted not in loaded:
            known = ", ".join(loaded) or "none"
            raise LoadError(f"release {version or 'latest'} is not loaded; loaded are: {known}")
        chosen = version is not None
        release_id = loaded[wanted]
        statement = upsert(tables.CurrentRelease).values(release_id=release_id, chosen=chosen)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["is_only"], set_={"release_id": release_id, "chosen": chosen}
            )
        )
        _count_change(connection)


def _lock(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOAD_LOCK})


def _count_change(connection: Connection) -> None:
    """Count what this transaction changes of what is loaded, so that servers that repeat it can be told apart."""
    current = tables.CurrentRelease
    connection.execute(update(current).values(changes=current.changes + 1))


def _find(connection: Connection, version: str) -> Row[int, str] | None:
    release = tables.Release
    statement = select(release.id, release.digest).where(release.version == version)
    return connection.execute(statement).one_or_none()


def _make_current(connection: Connection, release_id: int) -> bool:
    """Make a release current, unless one was chosen by hand; return whether that changed anything."""
    current = tables.CurrentRelease
    statement = (
        upsert(current)
        .values(release_id=release_id)
        .on_conflict_do_update(
            index_elements=["is_only"],
            set_={"release_id": release_id},
            where=(current.release_id != release_id) & ~current.chosen,
        )
        .returning(current.release_id)
    )
    return connection.execute(statement).one_or_none() is not None


def _replace(connection: Connection, old: int, new: int) -> None:
    """Put a release in the place of one that goes."""
    current = tables.CurrentRelease
    connection.execute(update(current).where(current.release_id == old).values(release_id=new))
    connection.execute(delete(tables.Release).where(tables.Release.id == old))


def _drop_dev(connection: Connection) -> bool:
    served = select(tables.CurrentRelease.release_id)
    unserved = tables.Release.version == "dev", tables.Release.id.not_in(served)
    return bool(connection.execute(delete(tables.Release).where(*unserved)).rowcount)

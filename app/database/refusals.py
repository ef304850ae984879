"""What a load refuses, so that no release is changed or lost silently."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, select, union

from app.database.errors import LoadError
from app.database.read_back import read_dataset
from app.database.tables import CHANGE, RECORD, RELEASE
from app.domain.dataset import Release
from app.releases.canonical import digest
from app.releases.editions import Edition
from app.releases.withdraw import without


def refuse_other_content(connection: Connection, releases: Iterable[Release], removed: Collection[str]) -> None:
    """Refuse releases whose version is loaded with other content, apart from records that are now removed."""
    columns = RELEASE.c.version, RELEASE.c.id, RELEASE.c.digest, RELEASE.c.note, RELEASE.c.published_at
    loaded = {row.version: row for row in connection.execute(select(*columns)) if row.version != "dev"}
    reasons = _loaded_reasons(connection)
    for release in releases:
        row = loaded.get(release.version)
        if row is None:
            continue
        # A note may have to change with a removal, but never the date, which decides the order of releases.
        for name in ("published_at",) if removed else ("note", "published_at"):
            if (found := getattr(row, name)) != (given := getattr(release, name)):
                raise LoadError(
                    f"release {release.version} is loaded with {name} {str(found)!r}, but releases.yaml has "
                    f"{str(given)!r}; a release never changes: restore its entry"
                )
        loaded_with = {} if removed else reasons[row.id]
        if other := sorted(id_ for id_, reason in loaded_with.items() if release.reasons.get(id_) != reason):
            raise LoadError(
                f"release {release.version} is loaded with other reasons for {', '.join(other)} than releases.yaml "
                "has; a release never changes: restore its entry"
            )
        if row.digest == release.digest:
            continue
        if not removed or digest(without(read_dataset(connection, row.id), set(removed))) != release.digest:
            raise LoadError(
                f"release {release.version} is loaded with other content (digest {row.digest}); "
                "a release never changes: give the seeds a new version"
            )


def _loaded_reasons(connection: Connection) -> Mapping[int, Mapping[str, str]]:
    """Return each loaded release's reasons for its changes, by row id and record."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    query = select(CHANGE.c.release_id, CHANGE.c.id, CHANGE.c.reason).where(CHANGE.c.reason.is_not(None))
    for row in connection.execute(query):
        found[row.release_id][row.id] = row.reason
    return found


def refuse_removed(editions: Iterable[Edition], removed: Collection[str]) -> None:
    """Refuse releases that contain a record with a tombstone."""
    for edition in editions if removed else ():
        if back := sorted(record.id for record in edition.dataset.records if record.id in removed):
            raise LoadError(
                f"release {edition.release.version} holds {', '.join(back)} again, which was removed from every "
                "release for legal reasons: load seeds that have the removal"
            )


def refuse_lost_list(connection: Connection, editions: Collection[Edition]) -> None:
    """Refuse seeds without any release if the database has some."""
    versions = {edition.release.version for edition in editions}
    if versions <= {"dev"} and (lost := sorted(unknown(connection, editions).keys() - {"dev"})):
        raise LoadError(
            f"the seeds lack the loaded releases {', '.join(lost)}: restore releases.yaml and the folder "
            "releases, or use an empty database"
        )


def unknown(connection: Connection, editions: Iterable[Edition]) -> dict[str, int]:
    """Return the loaded releases that the seeds don't have: row ids by version."""
    known = [edition.release.version for edition in editions]
    # An earlier program's table may lack the other columns.
    rows = connection.execute(select(RELEASE.c.version, RELEASE.c.id).where(RELEASE.c.version.not_in(known)))
    return {row.version: row.id for row in rows}


def refuse_unknown(connection: Connection, editions: Iterable[Edition]) -> None:
    """Refuse to rebuild a database with releases that the seeds don't have; `dev` doesn't count."""
    if lost := sorted(unknown(connection, editions).keys() - {"dev"}):
        raise LoadError(
            "an earlier version of this program built the database, so it has to be rebuilt from the seeds, but "
            f"they don't have {', '.join(lost)}: load seeds that have it, or use an empty database"
        )


def refuse_unknown_with(connection: Connection, editions: Iterable[Edition], removed: Collection[str]) -> None:
    """Refuse to leave a removed record in a release that the seeds don't have."""
    holding = union(
        select(RECORD.c.release_id).where(RECORD.c.id.in_(removed)),
        select(CHANGE.c.release_id).where(CHANGE.c.thing == "record", CHANGE.c.id.in_(removed)),
    )
    ids = set(connection.execute(holding).scalars())
    if left := sorted(version for version, id_ in unknown(connection, editions).items() if id_ in ids):
        what_to_do = (
            "run `upheld use latest`, then load again" if left == ["dev"] else "load seeds that have them all"
        )
        raise LoadError(
            f"the seeds don't have release {', '.join(left)}, which is loaded and holds "
            f"{', '.join(sorted(removed))}; {what_to_do}"
        )

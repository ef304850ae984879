"""Look up a record, a release or anything else by its id, or explain why it isn't there."""

from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus

from app.database.current import ReleaseRow
from app.domain.vocabulary import Kind
from app.http.problems import Problem, not_found
from app.http.session import Session
from app.queries.errors import nearest
from app.queries.parameters import ID, Resource
from app.queries.records import near_ids, read_record, read_removal, read_withdrawal
from app.releases.rendering import PATHS


async def find_record(session: Session, resource: Resource, record_id: str) -> str:
    """Return a record's document.

    Raises:
        Problem: 404, with the record's path if it is of another kind, otherwise with the nearest ids; 410 if it was
            withdrawn; 451 if it was removed for legal reasons.

    """
    connection, release = session.connection, session.release
    # PostgreSQL doesn't even accept some texts that aren't ids, such as those with a NUL.
    is_id = ID.fullmatch(record_id) is not None
    found = await read_record(connection, release, record_id) if is_id else None
    if found is None:
        if is_id:
            await _refuse_gone(session, resource, record_id)
        near = await near_ids(connection, release, record_id, resource)
        raise not_found(f"Release {release.version} has no record {record_id[:100]!r}.", near)
    kind = Kind(found.kind)
    if kind not in resource.kinds:
        there = f"{PATHS[kind]}/{record_id}"
        detail = f"{record_id} is not one of the {resource.name}; it is at {there}."
        raise not_found(detail, [record_id], elsewhere=there)
    return found.document


async def _refuse_gone(session: Session, resource: Resource, record_id: str) -> None:
    """Raise the problem of a record that used to exist, with the reason why it no longer does."""
    removal = await read_removal(session.connection, record_id)
    if removal is not None:
        detail = f"{record_id} was removed from every release for legal reasons on {removal.day}."
        extra = {"reason": removal.reason}
        raise Problem(HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS, "removed", detail, extra=extra)
    withdrawal = await read_withdrawal(session.connection, session.release, record_id)
    if withdrawal is not None:
        reason = withdrawal.reason or "not released yet, so no reason is given."
        detail = f"{record_id} was withdrawn in release {withdrawal.version}: {reason}"
        near = await near_ids(session.connection, session.release, record_id, resource)
        gone = {"reason": reason, "release": withdrawal.version, "nearest": near}
        raise Problem(HTTPStatus.GONE, "withdrawn", detail, extra=gone)


def find_release(known: Mapping[str, ReleaseRow], version: str) -> ReleaseRow:
    """Return a release by its version.

    Raises:
        Problem: 404 with the nearest versions.

    """
    if version not in known:
        raise not_found(f"There is no release {version[:50]!r}.", nearest(version, list(known)))
    return known[version]


def not_in_release(session: Session, wanted: str, known: Collection[str], meant: Sequence[str] = ()) -> Problem:
    """Return the problem of an id that a release doesn't have, with what was meant or else the nearest ids."""
    detail = f"Release {session.release.version} has nothing with this id."
    return not_found(detail, meant or nearest(wanted, list(known)))

"""Sessions for routes: the requested release and a read-only connection."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

import asyncpg
from fastapi import Request
from sqlalchemy import Select, select

from app.database.current import CurrentRelease, ReleaseRow, Releases
from app.database.pool import Database, DatabaseUnavailableError
from app.database.reference import Reference, read_reference
from app.database.statements import RELEASE_ID, compiled
from app.database.tables import RELEASE
from app.http.negotiation import Preferences, accepted_types, preferred
from app.http.problems import Problem, not_acceptable, unavailable
from app.queries.cursor import Cursor, read_cursor
from app.queries.errors import ParameterError, nearest
from app.queries.query import Pairs, read_pairs

MAX_REFERENCES = 16
"""Releases whose codes, forces and sources are kept in memory; others are read again."""


@dataclass(frozen=True)
class Session:
    """One request's view of the data. A release never changes, so all statements see the same data."""

    database: Database
    connection: asyncpg.Connection
    reference: Reference
    is_pinned: bool
    """Whether the request names the release, so its answer never changes."""
    removed: tuple[str, ...]
    """Ids of the records that were removed from every release for legal reasons."""
    errors: list[ParameterError]
    """What is wrong with `release` or `cursor`. The current release is then used to find any other errors."""
    after: int | str | None
    """The place in the request's cursor, after which its page starts."""
    path: str
    pairs: Pairs
    """The query parameters."""
    accepted: Preferences
    public_address: str

    @property
    def release(self) -> ReleaseRow:
        """The release to read from."""
        return self.reference.release

    def accepted_form(self, forms: Mapping[str, str]) -> str | None:
        """Return the form that `Accept` prefers among those given with their media types, or None."""
        return preferred(self.accepted, forms)

    def choose_form(self, named: str | None, forms: Mapping[str, str]) -> str:
        """Return the form to answer in: the named one, or the one that `Accept` prefers.

        Raises:
            Problem: 406 if `Accept` allows none of them.

        """
        form = named or self.accepted_form(forms)
        if form is None:
            raise not_acceptable(list(forms.values()))
        return form

    async def release_exists(self) -> bool:
        """Whether the release is still loaded; `dev` may be replaced, and a legal removal replaces any release."""
        return bool(await _release_exists().rows(self.connection, release=self.release.id))


@compiled
def _release_exists() -> Select[*tuple[Any, ...]]:
    return select(RELEASE.c.id).where(RELEASE.c.id == RELEASE_ID)


@asynccontextmanager
async def open_session(
    request: Request, *, walks: bool = False, version: str | None = None
) -> AsyncIterator[Session]:
    """Open a session on the requested release: the cursor's, the named one, or the current one.

    Cursors are read only for endpoints that take them (`walks`). `version` overrides the `release` parameter; an
    empty one is the current release.

    Raises:
        Problem: 410 if the cursor's release no longer exists.
        DatabaseUnavailableError: the database can't be queried, or no release is loaded.

    """
    state = request.app.state
    current: CurrentRelease = state.current
    database: Database = state.database
    pairs = read_pairs(request.scope["query_string"])
    if current.away:
        # The last check has just failed; don't make every request wait for the next one.
        raise DatabaseUnavailableError(current.away)
    async with database.connect() as connection:
        named = _only(pairs, "release") if version is None else version
        wanted = _Wanted(named, _only(pairs, "cursor") if walks else "")
        releases = current.releases
        if releases is None or not wanted.is_in(releases):
            releases = await current.look(connection)
        release, errors = wanted.choose(releases)
        yield Session(
            database=database,
            connection=connection,
            reference=await _reference(connection, release, state.references),
            is_pinned=bool(wanted.version) and not errors and release.version != "dev",
            removed=releases.removed,
            errors=errors,
            after=wanted.cursor.place if wanted.cursor is not None else None,
            path=request.scope["path"],
            pairs=pairs,
            accepted=accepted_types(request.scope),
            public_address=state.public_address,
        )


@dataclass(frozen=True)
class _Wanted:
    """The release that a request asks for."""

    version: str
    cursor_text: str

    @cached_property
    def cursor(self) -> Cursor | None:
        """The request's cursor."""
        return read_cursor(self.cursor_text)

    def is_in(self, releases: Releases) -> bool:
        """Whether the release is among the known ones."""
        if self.cursor is not None:
            release = releases.by_version.get(self.cursor.version)
            return release is not None and self.cursor.is_of(release)
        return self.version in releases.by_version if self.version else releases.current is not None

    def choose(self, releases: Releases) -> tuple[ReleaseRow, list[ParameterError]]:
        """Return the release, and what is wrong with `release` or `cursor`."""
        cursor, errors = self.cursor, []
        if self.cursor_text and cursor is None:
            message = "is not a cursor; take it from links.next unchanged"
            errors.append(ParameterError("cursor", self.cursor_text, "malformed", message))
        if cursor is not None and not self.is_in(releases):
            detail = "The cursor's release no longer exists; start again without the cursor."
            raise Problem(HTTPStatus.GONE, "release-gone", detail)
        if self.version and cursor is None and self.version not in releases.by_version:
            known = releases.versions
            message = "is not a release; /v1/releases lists them"
            near = nearest(self.version, known)
            errors.append(ParameterError("release", self.version, "unknown-code", message, known, near))
        release = releases.by_version.get(cursor.version if cursor else self.version, releases.current)
        if release is None:
            raise unavailable("No release of the dataset is loaded.")
        return release, errors


def _only(pairs: Pairs, name: str) -> str:
    """Return the value of a parameter that is given once, else an empty string; repeats are refused later."""
    values = [value for key, value in pairs if key == name]
    return values[0] if len(values) == 1 else ""


async def _reference(
    connection: asyncpg.Connection, release: ReleaseRow, kept: dict[ReleaseRow, Reference]
) -> Reference:
    """Return the reference data of a release, from memory if it was read recently."""
    if release not in kept:
        found = await read_reference(connection, release)
        while len(kept) >= MAX_REFERENCES:
            del kept[next(iter(kept))]
        kept[release] = found
    return kept[release]

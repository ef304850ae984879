"""Answers over HTTP: which release, which form, and the headers that let others keep a copy."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson
import xxhash
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_etags

from app.database.current import Holding, Watch, read_sight
from app.database.reference import Reference, ReleaseRow, find_release, read_reference
from app.database.tables import Tombstone
from app.http.problems import UNREACHABLE, ParameterError, Problem, nearest, unavailable
from app.queries.cursor import read_cursor
from app.queries.query import Pairs, read_pairs
from app.releases.rendering import PUBLIC_ADDRESS

KEPT_REFERENCES = 16
"""Releases whose codes and forces are kept at hand; older ones are read again when asked for."""

ATTEMPTS = 3
"""Connections that are made, one after the other, to find a server that is as far as the others."""

HEAD_ONLY = "upheld.head_only"
"""In the scope of a request whose answer loses its body on the way out, so that a large one need not be made."""

FRESH = "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
PINNED = "public, max-age=86400, stale-while-revalidate=600, stale-if-error=86400"


@dataclass(frozen=True)
class Asked:
    """The release that a request asks for."""

    reference: Reference
    pinned: bool
    """Whether the request named the release, so that its answer never changes."""
    wrong: list[ParameterError]
    """What was wrong with the naming; the current release then serves to find what else is."""

    @property
    def release(self) -> ReleaseRow:
        """The release that answers."""
        return self.reference.release


@dataclass(frozen=True)
class Reading(Asked):
    """A connection that can only read, and sees one state of the database throughout."""

    connection: AsyncConnection


@asynccontextmanager
async def reading(request: Request, pairs: Pairs = (), *, walks: bool = False) -> AsyncIterator[Reading]:
    """Open a reading of the release that a query asks for: its cursor's, the named one, or the current.

    Cursors are read where an address has them (`walks`).

    Raises:
        Problem: 410 for a cursor whose release is gone, 503 where no release is loaded or the database is away.

    """
    _refuse_while_away(request.app.state.watch)
    async with _level(request, pairs, walks=walks) as (connection, holding):
        release, pinned, wrong = _chosen(holding, pairs, walks=walks)
        reference = await _reference(request, connection, release)
        yield Reading(reference, pinned, wrong, connection)


@asynccontextmanager
async def _level(request: Request, pairs: Pairs, *, walks: bool) -> AsyncIterator[tuple[AsyncConnection, Holding]]:
    """Open a connection, and tell what it sees: nothing older than what any request has seen already.

    Of several servers one may be behind, or ahead of all that is known. What one does not hold is refused only when
    the others have been asked.

    Raises:
        Problem: 503 where the servers change faster than they can be asked.

    """
    watch: Watch = request.app.state.watch
    engine: AsyncEngine = request.app.state.engine
    for _ in range(ATTEMPTS):
        async with engine.connect() as connection:
            sight = await read_sight(connection)
            is_known = sight.holding == watch.holding and _holds(sight.holding, pairs, walks=walks)
            if watch.servers.are_several and not is_known:
                await watch.look(engine)
            if not watch.servers.are_several or sight.changes >= watch.servers.floor:
                yield connection, sight.holding
                return
    raise unavailable("What was served last is on no server that can be reached now; try again in a few seconds.")


async def asked(request: Request, pairs: Pairs, *, walks: bool = False) -> Asked | None:
    """Return the same without a connection, as far as this process knows; None where that is gone already.

    What it knows nothing of it looks for. What is then read may be gone as well: whoever reads has to see that it
    was still there.
    """
    watch: Watch = request.app.state.watch
    engine: AsyncEngine = request.app.state.engine
    kept: dict[int, Reference] = request.app.state.references
    _refuse_while_away(watch)
    holding = watch.holding
    if holding is None or not _holds(holding, pairs, walks=walks):
        holding = await watch.look(engine)
    release, pinned, wrong = _chosen(holding, pairs, walks=walks)
    if release.id in kept:
        return Asked(kept[release.id], pinned, wrong)
    async with engine.connect() as connection:
        if await find_release(connection, release.version) != release:
            return None
        return Asked(await _reference(request, connection, release), pinned, wrong)


def _refuse_while_away(watch: Watch) -> None:
    """Refuse at once what the database was found unable to answer a moment ago; the watch goes on trying."""
    if watch.away:
        raise unavailable(UNREACHABLE)


def _holds(holding: Holding, pairs: Pairs, *, walks: bool) -> bool:
    """Whether the release that is asked for is among those that are held."""
    cursor = read_cursor(_only(pairs, "cursor")) if walks else None
    if cursor is not None:
        return cursor.version in holding.releases and cursor.is_of(holding.releases[cursor.version])
    version = _only(pairs, "release")
    return version in holding.releases if version else holding.current is not None


def _chosen(holding: Holding, pairs: Pairs, *, walks: bool) -> tuple[ReleaseRow, bool, list[ParameterError]]:
    """Return the release that a query asks for, whether it names it, and what is wrong with that."""
    text, version = _only(pairs, "cursor") if walks else "", _only(pairs, "release")
    cursor = read_cursor(text)
    wrong = []
    if text and cursor is None:
        message = "is not a cursor; take it from links.next as it is"
        wrong.append(ParameterError("cursor", text, "malformed", message))
    if cursor is not None and not _holds(holding, pairs, walks=walks):
        detail = "The release in which this walk began is no longer here; start again without the cursor."
        raise Problem(HTTPStatus.GONE, "release-gone", detail)
    if version and cursor is None and version not in holding.releases:
        known = holding.versions
        message = "is not a release; /v1/releases lists them"
        wrong.append(ParameterError("release", version, "unknown-code", message, known, nearest(version, known)))
    wanted = cursor.version if cursor else version
    release = holding.releases.get(wanted, holding.current)
    if release is None:
        raise unavailable("No release of the dataset is loaded.")
    return release, bool(version) and not wrong and release.version != "dev", wrong


def _only(pairs: Pairs, name: str) -> str:
    """Return the value of a parameter that is given once; one that is repeated is refused later."""
    values = [value for key, value in pairs if key == name]
    return values[0] if len(values) == 1 else ""


async def _reference(request: Request, connection: AsyncConnection, release: ReleaseRow) -> Reference:
    kept: dict[int, Reference] = request.app.state.references
    if release.id not in kept:
        found = await read_reference(connection, release)
        while len(kept) >= KEPT_REFERENCES:
            del kept[next(iter(kept))]
        kept[release.id] = found
    return kept[release.id]


async def etag_of(reading: Reading, *parts: str) -> str:
    """Return the tag of an answer that follows from a release and these parts, the same wherever that is loaded.

    What was removed from every release for legal reasons counts as well: it may have left no other trace in this
    one than in what is told of the records beside it.
    """
    release = reading.release
    removed = (await reading.connection.execute(select(Tombstone.id).order_by(Tombstone.id))).scalars().all()
    return hashlib.sha256(dumps([release.digest, release.version, removed, *parts])).hexdigest()[:32]


def headers(asked: Asked, etag: str) -> dict[str, str]:
    """Return the headers by which browsers and shared caches may keep an answer."""
    return {
        "ETag": f'"{etag}"',
        "Last-Modified": _in_http(asked.release.published_at),
        "Cache-Control": PINNED if asked.pinned else FRESH,
        "Vary": "Accept, Accept-Encoding",
    }


@lru_cache(KEPT_REFERENCES)
def _in_http(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def not_modified(request: Request, etag: str) -> bool:
    """Whether the client's copy is this very representation (RFC 9110, If-None-Match)."""
    return parse_etags(request.headers.get("if-none-match")).contains_weak(etag)


def accepted_form(request: Request, forms: Mapping[str, str]) -> str | None:
    """Return the form, of those given with their media types, that `Accept` likes best, or None."""
    best = _best_match(request.headers.get("accept") or "*/*", tuple(forms.values()))
    return next((name for name, media_type in forms.items() if media_type == best), None)


@lru_cache(100)
def _best_match(accept: str, media_types: tuple[str, ...]) -> str | None:
    """Return the media type that is liked best; most clients send what others have sent before."""
    return parse_accept_header(accept, MIMEAccept).best_match(media_types)


def choose_form(request: Request, named: str | None, forms: Mapping[str, str]) -> str:
    """Return the form to answer in, of those given with their media types: the named one, or by `Accept`.

    Raises:
        Problem: 406 where `Accept` takes none of them.

    """
    form = named or accepted_form(request, forms)
    if form is None:
        detail = f"This address answers as {', '.join(forms.values())}; Accept asks for something else."
        extra = {"available": list(forms.values())}
        raise Problem(HTTPStatus.NOT_ACCEPTABLE, "not-acceptable", detail, extra=extra)
    return form


async def streamed(
    request: Request,
    etag: str,
    fields: Mapping[str, str],
    made: Callable[[], Awaitable[AsyncIterator[bytes]]],
    media_type: str,
) -> Response:
    """Answer what is made piece by piece; nothing is made where nobody is to get it."""
    if not_modified(request, etag):
        return Response(None, HTTPStatus.NOT_MODIFIED, fields)
    pieces = nothing() if request.scope.get(HEAD_ONLY) else await made()
    return StreamingResponse(pieces, HTTPStatus.OK, fields, media_type)


async def nothing() -> AsyncIterator[bytes]:
    """Yield what a stream is that has nothing in it, and may still be told from a short answer."""
    yield b""


def json_answer(
    request: Request,
    asked: Asked,
    body: bytes,
    more: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> Response:
    """Answer a body, or 304 where the client has it already; permalinks get the public address here.

    Raises:
        Problem: 406 where `Accept` does not take this form, and no `format` named it.

    """
    if not any(name == "format" for name, _ in read_pairs(request.scope["query_string"])):
        choose_form(request, None, {"": media_type.partition(";")[0]})
    public: str = request.app.state.public_address
    body = addressed(body, public)
    # To tell versions of an answer apart nobody need be kept from making two alike: it has only to be quick.
    etag = xxhash.xxh3_128_hexdigest(body)
    fields = headers(asked, etag) | dict(more or {})
    if not_modified(request, etag):
        return Response(None, HTTPStatus.NOT_MODIFIED, fields)
    return Response(body, HTTPStatus.OK, fields, media_type)


PLACEHOLDER = PUBLIC_ADDRESS.encode()


def addressed(body: bytes, public: str) -> bytes:
    """Put the public address into an answer."""
    return body.replace(PLACEHOLDER, public.encode())


def dumps(value: Any) -> bytes:  # noqa: ANN401 - anything JSON can write
    """Write JSON."""
    return orjson.dumps(value)

"""Turn content into an HTTP response: format, encoding, ETag, 304, ranges, HEAD and cache headers."""

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import Any, TypeVarTuple

import orjson
import xxhash
from fastapi import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from werkzeug.http import parse_etags

from app.database.current import ReleaseRow
from app.http.compression import SMALLEST, compress, compress_pieces, is_compressible
from app.http.negotiation import ENCODINGS, IDENTITY, accepted_encodings, accepted_types, preferred
from app.http.problems import MEDIA_TYPE, Problem, not_acceptable, unavailable
from app.http.session import Session, open_session
from app.queries.query import read_pairs
from app.releases.rendering import PUBLIC_ADDRESS

FRESH = "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
PINNED = "public, max-age=86400, stale-while-revalidate=600, stale-if-error=86400"
FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose URL changes with their content."""

NO_STORE = "no-store"

IS_HEAD = "upheld.head"
"""The scope key that marks a HEAD request, which is routed as GET."""

STORE = "upheld.store"
"""The scope key of the function that stores the answer, if it can be stored."""

NOT_MODIFIED = HTTPStatus.NOT_MODIFIED.value
"""Looked up once, because the lookup takes half a microsecond in Python 3.11."""

OF_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})
"""Headers that describe a body; a 304 has none."""

CONDITIONAL = frozenset({b"if-none-match", b"if-modified-since", b"range", b"if-range"})

RANGE = re.compile(rb"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})\s*", re.IGNORECASE)
"""A single byte range; a request for several gets the whole body, as the standard allows."""

ATTEMPTS = 10
"""How often to build an answer before giving up, if its release keeps being replaced meanwhile."""

PLACEHOLDER = PUBLIC_ADDRESS.encode()
MAX_DATES = 16

Arguments = TypeVarTuple("Arguments")
Fields = Sequence[tuple[bytes, bytes]]
Conditions = Mapping[bytes, bytes]


@dataclass(frozen=True)
class Stream:
    """A body that is generated piece by piece, and only when it is sent."""

    tag: str
    pieces: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True)
class Content:
    """What a route answers, before encoding and cache headers are chosen."""

    body: bytes | Stream
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    status: HTTPStatus = HTTPStatus.OK
    proves_release: bool = False
    """Whether the last statement found rows of the release, which proves that it still exists."""


class Answer(Response):
    """A response with its final headers. It can be sent many times."""

    def __init__(  # doesn't call Response's, which makes headers of its own
        self,
        body: bytes | Callable[[], AsyncIterator[bytes]],
        fields: Fields,
        status: int,
        tag: bytes | None,
        modified: bytes | None = None,
    ) -> None:
        """Keep the body, headers, status, quoted ETag, and the date to compare with `If-Modified-Since`."""
        self.content = body
        self.status_code = status
        self.raw_headers = list(fields)
        self.tag = tag
        self.modified = modified
        self.background = None

    @property
    def body_size(self) -> int | None:
        """The size of the body; None if it is generated piece by piece."""
        return len(self.content) if isinstance(self.content, bytes) else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, or 304 if the client's copy is current; without a body for HEAD."""
        if STORE in scope:
            scope[STORE](self)
        await self.send(scope, receive, send)

    async def send(self, scope: Scope, receive: Receive, send: Send, *more: tuple[bytes, bytes]) -> None:
        """Send the answer with extra headers."""
        status, fields, body = self.status_code, self.raw_headers, self.content
        conditions = _conditions(scope) if self.tag is not None else {}
        if conditions and self._client_has_it(conditions):
            status, fields, body = NOT_MODIFIED, self._without_body, b""
        elif IS_HEAD in scope:
            body = b""
        elif b"range" in conditions and isinstance(body, bytes):
            part = self._range(conditions, len(body))
            if part is not None and not part:
                await _refuse_range(scope, send, len(body))
                return
            if part is not None:
                status, fields = HTTPStatus.PARTIAL_CONTENT.value, self._of_part(part, len(body))
                body = body[part.start : part.stop]
        if more:
            fields = [*fields, *more]
        if isinstance(body, bytes):
            await _send(send, status, fields, body)
        else:
            response = StreamingResponse(body(), status)
            response.raw_headers = fields
            await response(scope, receive, send)

    @cached_property
    def _without_body(self) -> list[tuple[bytes, bytes]]:
        """The headers of a 304."""
        return [(name, value) for name, value in self.raw_headers if name not in OF_BODY]

    def _client_has_it(self, conditions: Conditions) -> bool:
        """Whether the client already has this answer, by `If-None-Match` or, without it, `If-Modified-Since`."""
        named = conditions.get(b"if-none-match")
        if named is not None:
            if named == self.tag:
                return True
            # RFC 9110, 13.1.2
            tag = (self.tag or b"").decode("latin-1").strip('"')
            return parse_etags(named.decode("latin-1")).contains_weak(tag)
        # The date must be equal, not just later: going back to an earlier release brings an earlier date.
        return self.modified is not None and conditions.get(b"if-modified-since") == self.modified

    def _range(self, conditions: Conditions, size: int) -> range | None:
        """Return the requested byte range: empty if no such bytes exist, None for the whole body."""
        found = RANGE.fullmatch(conditions[b"range"])
        if found is None or not (found["first"] or found["last"]):
            return None
        if conditions.get(b"if-range", self.tag) != self.tag:
            return None
        if not found["first"]:
            return range(max(size - int(found["last"]), 0), size)
        first, last = int(found["first"]), int(found["last"] or size)
        is_reversed = bool(found["last"]) and last < first
        return None if is_reversed else range(first, min(last + 1, size))

    def _of_part(self, part: range, size: int) -> list[tuple[bytes, bytes]]:
        """Return the headers of a partial response (RFC 9110, 14)."""
        return [
            *((name, value) for name, value in self.raw_headers if name != b"content-length"),
            (b"content-length", b"%d" % len(part)),
            (b"content-range", b"bytes %d-%d/%d" % (part[0], part[-1], size)),
        ]


def _conditions(scope: Scope) -> Conditions:
    """Return the conditional and range headers; repeated ones are joined into a list."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in CONDITIONAL:
            found[name] = b"%b,%b" % (found[name], value) if name in found else value
    return found


async def _send(send: Send, status: int, fields: Fields, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


async def _refuse_range(scope: Scope, send: Send, size: int) -> None:
    """Refuse a range that starts after the last byte."""
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    detail = f"The range starts after the end; this answer has {size} bytes."
    body = Problem(status, "bad-request", detail).as_json(scope["path"])
    fields = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"content-range", b"bytes */%d" % size),
        (b"cache-control", NO_STORE.encode()),
    ]
    await _send(send, status.value, fields, body)


async def answer(
    request: Request,
    build: Callable[[Session, *Arguments], Awaitable[Content]],
    *args: *Arguments,
    walks: bool = False,
    version: str | None = None,
) -> Answer:
    """Answer with what a function builds from a session on the requested release.

    `walks` and `version` are as in `open_session`.

    Raises:
        Problem: whatever the function refuses; 406 if `Accept` or `Accept-Encoding` excludes the answer.
        DatabaseUnavailableError: the database can't be queried.

    """
    for _ in range(ATTEMPTS):
        async with open_session(request, walks=walks, version=version) as session:
            try:
                content = await build(session, *args)
            except Problem:
                if await session.release_exists():
                    raise
            else:
                if content.proves_release or await session.release_exists():
                    check_acceptable(request, content.media_type)
                    cache_control = PINNED if session.is_pinned else FRESH
                    return await finish(request, content, cache_control, session.release)
            # `dev` was replaced, or a record removed, while this answer was being built: build it again.
            await request.app.state.current.look(session.connection)
    raise unavailable("The data changed while this answer was being made; try again.")


async def uncached(request: Request, content: Content) -> Answer:
    """Answer with content that nobody may cache.

    Raises:
        Problem: 406 if `Accept` or `Accept-Encoding` excludes the answer.

    """
    check_acceptable(request, content.media_type)
    return await finish(request, content, NO_STORE)


async def finish(
    request: Request, content: Content, cache_control: str, release: ReleaseRow | None = None
) -> Answer:
    """Turn content into an answer: choose its encoding, ETag and cache headers."""
    accepted = accepted_encodings(request.scope)
    headers = {"Cache-Control": cache_control, "Vary": "Accept, Accept-Encoding"}
    if release is not None:
        headers["Last-Modified"] = _in_http(release.published_at)
    is_text = is_compressible(content.media_type)
    encoding = accepted.best if is_text else IDENTITY
    public_address = request.app.state.public_address.encode() if is_text else PLACEHOLDER
    body: bytes | Callable[[], AsyncIterator[bytes]]
    if isinstance(content.body, Stream):
        stream = content.body
        tag = stream.tag
        body = lambda: _pieces_of(stream, public_address, encoding)  # noqa: E731 - made again for each client
    else:
        body = content.body.replace(PLACEHOLDER, public_address)
        # ETags only have to differ between versions, so the fastest hash will do.
        tag = xxhash.xxh3_128_hexdigest(body)
        if len(body) < SMALLEST and accepted.accepts_identity:
            encoding = IDENTITY
        if encoding in ENCODINGS:
            body = await compress(body, encoding)
        headers["Content-Length"] = str(len(body))
    if encoding in ENCODINGS:
        headers["Content-Encoding"] = encoding
        tag = f"{tag}-{encoding}"
    has_tag = content.status is HTTPStatus.OK and cache_control != NO_STORE
    if has_tag:
        headers["ETag"] = f'"{tag}"'
        headers["Accept-Ranges"] = "none" if isinstance(content.body, Stream) else "bytes"
    headers |= {"Content-Type": content.media_type, **content.headers}
    fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    # A legal removal changes the contents of a release, but not its date.
    is_dated = has_tag and release is not None and not request.app.state.current.has_removals
    modified = headers["Last-Modified"].encode() if is_dated else None
    return Answer(body, fields, content.status.value, f'"{tag}"'.encode() if has_tag else None, modified)


def check_acceptable(request: Request, media_type: str) -> None:
    """Refuse a request whose headers exclude the answer.

    Raises:
        Problem: 406 if `Accept` excludes the media type and no `format` names it, or if `Accept-Encoding` excludes
            every encoding.

    """
    if not accepted_encodings(request.scope).best:
        raise not_acceptable([*ENCODINGS, IDENTITY], "Accept-Encoding")
    if any(name == "format" for name, _ in read_pairs(request.scope["query_string"])):
        return
    plain = media_type.partition(";")[0]
    if preferred(accepted_types(request.scope), {"": plain}) is None:
        raise not_acceptable([plain])


async def _pieces_of(stream: Stream, public_address: bytes, encoding: str) -> AsyncIterator[bytes]:
    pieces = (piece.replace(PLACEHOLDER, public_address) async for piece in stream.pieces())
    async for piece in compress_pieces(pieces, encoding) if encoding in ENCODINGS else pieces:
        yield piece


@lru_cache(MAX_DATES)
def _in_http(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def stream_tag(session: Session, *parts: str) -> str:
    """Return the ETag of a stream, which can't be hashed before it is sent.

    It is a hash of everything that the bytes depend on. That includes the ids of records removed for legal reasons,
    because a removal may change nothing in a release except the records around it.
    """
    release = session.release
    whole = [release.digest, release.rendering, release.version, session.removed, session.public_address, *parts]
    return hashlib.sha256(dumps(whole)).hexdigest()[:32]


def dumps(value: Any) -> bytes:  # noqa: ANN401 - anything JSON can write
    """Serialise to JSON."""
    return orjson.dumps(value)

"""Answers in fewer bytes for those who take them so. Pure ASGI: a stream stays a stream.

An encoding is a representation of its own and has a tag of its own (RFC 9110, section 8.8.3.3): `"abc"` becomes
`"abc-br"`. The application below knows only `"abc"`; what clients send back in `If-None-Match` is translated, and
the 304 names the tag that the client's copy has.
"""

import asyncio
import zlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Protocol

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.datastructures import Accept, ETags
from werkzeug.http import parse_accept_header, parse_etags

from app.http import problems
from app.http.answer import HEAD_ONLY

LARGE = 50_000
"""Bytes from which compression takes longer than it takes to have another thread do it: others need not wait."""

SMALLEST = 500
"""Bytes below which an answer fits into a packet either way, and compression would only cost time."""

COMPRESSIBLE = ("text/", "application/json", "application/jsonl", "application/javascript", "image/svg+xml")
COMPRESSIBLE_SUFFIXES = ("+json", "+xml")
BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED, HTTPStatus.PARTIAL_CONTENT})
"""Statuses of answers without a body, or with a part of one, which has to stay the part that it is."""

IDENTITY = "identity"
LEAST = 1e-9
"""How much a client likes `identity` that it does not name: less than anything it names."""


class Encoder(Protocol):
    """What makes a body smaller, piece by piece; each piece can be read when it arrives."""

    def add(self, piece: bytes) -> bytes:
        """Return what a further piece becomes."""

    def end(self) -> bytes:
        """Return what closes the body."""


class Brotli:
    """Brotli (RFC 7932) at a quality that costs no more time than gzip and saves more."""

    def __init__(self) -> None:
        """Begin a body."""
        self._compressor = brotli.Compressor(quality=4)

    def add(self, piece: bytes) -> bytes:
        """Return what a further piece becomes."""
        return bytes(self._compressor.process(piece) + self._compressor.flush())

    def end(self) -> bytes:
        """Return what closes the body."""
        return bytes(self._compressor.finish())


class Gzip:
    """Gzip (RFC 1952), which every client reads; without a time in it, so that equal bodies stay equal."""

    def __init__(self) -> None:
        """Begin a body."""
        self._compressor = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def add(self, piece: bytes) -> bytes:
        """Return what a further piece becomes."""
        return self._compressor.compress(piece) + self._compressor.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        """Return what closes the body."""
        return self._compressor.flush()


ENCODERS: Mapping[str, Callable[[], Encoder]] = {"br": Brotli, "gzip": Gzip}
"""The encodings there are, the best first."""

PREFERRED = [*ENCODERS, IDENTITY]
ALIASES = {"x-gzip": "gzip"}


def acceptable(header: str | None) -> dict[str, float]:
    """Return how much a client likes each encoding that it takes, `identity` among them (RFC 9110, 12.5.3).

    Without the header a client takes anything; as that says nothing of what it can read, it gets `identity`.
    """
    if header is None:
        return {IDENTITY: 1}
    likes: dict[str, float] = {}
    for name, quality in parse_accept_header(header, Accept):
        likes.setdefault(ALIASES.get(name.lower(), name.lower()), quality)
    others = likes.get("*", 0)
    found = {name: likes.get(name, others) for name in ENCODERS}
    found[IDENTITY] = likes.get(IDENTITY, likes.get("*", LEAST))
    return {name: quality for name, quality in found.items() if quality > 0}


def best_of(taken: Mapping[str, float]) -> str:
    """Return the encoding that a client likes best of those it takes; of equals, the one that saves most."""
    return max(taken, key=lambda name: (taken[name], -PREFERRED.index(name)))


def own_tag(tag: str) -> tuple[str, str]:
    """Return the tag that the application gave, without quotes, and the encoding that an answer's tag names."""
    own, _, encoding = tag.rpartition("-")
    return (own, encoding) if encoding in ENCODERS else (tag, IDENTITY)


def copies(given: ETags, taken: Mapping[str, float]) -> dict[str, str]:
    """Return the tags of a client's copies in encodings that it takes now, by those that the application gave."""
    found: dict[str, str] = {}
    for tag in sorted(given.as_set(include_weak=True)):
        own, encoding = own_tag(tag)
        if encoding in taken:
            found.setdefault(own, tag)
    return found


class Compress:
    """Compress answers that are worth it, in the encoding that the client likes best of those there are."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its tags translated, and its answer back, compressed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        taken = acceptable(Headers(scope=scope).get("accept-encoding"))
        if not taken:
            detail = "This address answers plain or compressed; Accept-Encoding takes neither."
            extra = {"available": PREFERRED}
            problem = problems.Problem(HTTPStatus.NOT_ACCEPTABLE, "not-acceptable", detail, extra=extra)
            await problems.respond(Request(scope), problem)(scope, receive, send)
            return
        answering = Answering(taken, send)
        await self.app(answering.translated(scope), receive, answering.send)


class Answering:
    """One answer on its way out."""

    def __init__(self, taken: Mapping[str, float], send: Send) -> None:
        """Begin with the encodings that the client takes."""
        self._send = send
        self._taken = taken
        self._encoding = best_of(taken)
        self._copies: dict[str, str] = {}
        """The tags of the client's copies, by those that the application knows."""
        self._any_copy = False
        self._start: Message | None = None
        self._encoder: Encoder | None = None
        self._dropped = False

    def translated(self, scope: Scope) -> Scope:
        """Return the request as the application is to see it: with its own tags in `If-None-Match`.

        A copy counts if the client takes its encoding now. With `*` every copy counts, and the tag of the 304 is
        that of the answer, whose head therefore has to be there first; its body is dropped here.
        """
        named = Headers(scope=scope).get("if-none-match")
        if named is None:
            return scope
        given = parse_etags(named)
        self._any_copy = given.star_tag
        if not given.star_tag:
            self._copies = copies(given, self._taken)
        headers = [(name, value) for name, value in scope["headers"] if name != b"if-none-match"]
        if self._copies:
            value = ", ".join(f'"{own}"' for own in self._copies)
            headers.append((b"if-none-match", value.encode("latin-1")))
        return {**scope, "headers": headers, HEAD_ONLY: scope.get(HEAD_ONLY, False) or self._any_copy}

    async def send(self, message: Message) -> None:
        """Send a message of the application on, in the form that the client gets."""
        if message["type"] == "http.response.start":
            # How it goes out depends on the first piece of the body.
            self._start = message
            return
        if message["type"] != "http.response.body" or self._dropped:
            return
        piece, more = message.get("body", b""), message.get("more_body", False)
        if self._start is not None:
            start, self._start = self._start, None
            piece = await self._begun(start, piece, more=more)
            await self._send(start)
        elif self._encoder is not None:
            piece = await encoded(self._encoder, piece, more=more)
        more = more and not self._dropped
        if piece or not more:
            await self._send({"type": "http.response.body", "body": piece, "more_body": more})

    async def _begun(self, start: Message, piece: bytes, *, more: bool) -> bytes:
        """Put the head of the answer right, and return the first piece of the body as it goes out."""
        headers = MutableHeaders(raw=start.setdefault("headers", []))
        if start["status"] == HTTPStatus.NOT_MODIFIED:
            own = headers.get("etag", "").strip('"')
            if own in self._copies:
                headers["ETag"] = f'"{self._copies[own]}"'
        elif start["status"] not in BODILESS and "content-encoding" not in headers and _compressible(headers):
            if "accept-encoding" not in headers.get("vary", "").lower():
                headers.add_vary_header("Accept-Encoding")
            is_worth_it = more or len(piece) >= SMALLEST or IDENTITY not in self._taken
            if self._encoding != IDENTITY and is_worth_it:
                piece = await self._encoded(headers, piece, more=more)
        if self._any_copy and start["status"] == HTTPStatus.OK and "etag" in headers:
            start["status"] = HTTPStatus.NOT_MODIFIED.value
            for name in ("content-length", "content-type", "content-encoding"):
                del headers[name]
            self._dropped = True
            return b""
        return piece

    async def _encoded(self, headers: MutableHeaders, piece: bytes, *, more: bool) -> bytes:
        self._encoder = ENCODERS[self._encoding]()
        headers["Content-Encoding"] = self._encoding
        if headers.get("etag", "").startswith('"'):
            headers["ETag"] = f'{headers["etag"][:-1]}-{self._encoding}"'
        piece = await encoded(self._encoder, piece, more=more)
        if more:
            del headers["content-length"]
        else:
            headers["Content-Length"] = str(len(piece))
        return piece


async def encoded(encoder: Encoder, piece: bytes, *, more: bool) -> bytes:
    """Return what a piece of a body becomes, the last one with what closes it."""

    def encode() -> bytes:
        return encoder.add(piece) if more else encoder.add(piece) + encoder.end()

    return await asyncio.to_thread(encode) if len(piece) >= LARGE else encode()


def _compressible(headers: Headers) -> bool:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type.startswith(COMPRESSIBLE) or media_type.endswith(COMPRESSIBLE_SUFFIXES)

"""An answer as it is stored: held back until it is whole, and known by its tag.

What may be stored follows from the answer itself: a 200 with a tag that says it is `public`. It is stored with its
headers, in the encoding in which it went out, so that no body ever meets the tag of another.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.types import Message, Send
from werkzeug.http import parse_etags

from app.http.compression import copies, own_tag
from app.http.spelling import REQUEST_ID_FIELD, Fields, taken

LARGEST = 2**20
"""Bytes of an answer that is worth storing. A larger one, such as a whole set, goes out as it is made."""

OVERHEAD = 3_000
"""Bytes that an entry takes beside its body: its headers, and its places in tables."""

KEPT_APART = frozenset({b"", b"accept", b"accept-encoding"})
"""What a stored answer may vary by; or by nothing."""

OF_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})
"""Fields that describe a body, and do not stand where there is none."""


@dataclass(eq=False, slots=True)
class Entry:
    """A stored answer, ready to be sent."""

    fields: Fields
    """Its headers, the id of the request left out."""
    confirmation: Fields
    """Those of a 304, the tag left out as well."""
    tag: bytes
    body: bytes | None
    """The body as it goes out; None where only its tag is known, from having confirmed a client's copy."""
    names: list[Hashable] = field(default_factory=list)
    """What it is known by: as asked, as wanted, and by its tag."""
    size: int = OVERHEAD


class Capture:
    """Holds back an answer until it is whole, so that it can be stored; lets go of one that is not to be."""

    def __init__(self, send: Send, given_up: Callable[[], None]) -> None:
        """Begin with nothing; `given_up` is told as soon as it is known that the answer is not stored."""
        self._send = send
        self._given_up = given_up
        self._held: list[Message] | None = []
        self._size = 0
        self._is_whole = False

    async def take(self, message: Message) -> None:
        """Take a message of the application."""
        if self._held is None:
            await self._send(message)
            return
        self._held.append(message)
        if message["type"] == "http.response.start":
            may_be_stored = is_public(message)
        else:
            self._size += len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
            may_be_stored = self._size <= LARGEST
        if not may_be_stored:
            self._given_up()
            await self.release()

    async def release(self) -> None:
        """Send what was held back."""
        held, self._held = self._held, None
        for message in held or ():
            await self._send(message)

    def entry(self) -> Entry | None:
        """Return the answer as it is stored, or None if it is not to be."""
        if self._held is None or not self._is_whole:
            return None
        start, *pieces = self._held
        fields = [(name, value) for name, value in start["headers"] if name != REQUEST_ID_FIELD]
        is_copy = start["status"] == HTTPStatus.NOT_MODIFIED
        return Entry(
            fields=fields,
            confirmation=[(n, v) for n, v in fields if n not in OF_BODY and n != b"etag"],
            tag=dict(fields)[b"etag"],
            body=None if is_copy else b"".join(piece.get("body", b"") for piece in pieces),
        )


def is_public(start: Message) -> bool:
    """Whether an answer says of itself that others may keep it, and by what to know it again."""
    fields = dict(start["headers"])
    varies = {name.strip() for name in fields.get(b"vary", b"").lower().split(b",")}
    return (
        start["status"] in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}
        and fields.get(b"etag", b"").startswith(b'"')
        and fields.get(b"cache-control", b"").startswith(b"public")
        and b"set-cookie" not in fields
        and varies <= KEPT_APART
    )


def confirmed(entry: Entry, named: bytes, encodings: bytes) -> bytes | None:
    """Return the tag of the client's copy if that is good, of those that it names; else None."""
    if named == entry.tag:
        return named
    given = parse_etags(named.decode("latin-1"))
    if given.star_tag:
        return entry.tag if entry.body is not None else None
    own, _ = own_tag(entry.tag.decode("latin-1").strip('"'))
    good = copies(given, taken(encodings)).get(own)
    return None if good is None else f'"{good}"'.encode("latin-1")

"""Stored answers: what was answered once is sent again as it is, for as long as the database holds the same.

Pure ASGI, before the framework and all else, for a stored answer has to cost next to nothing. What may be stored
follows from the answer itself: a 200 with a tag that says it is `public`. It is stored with its headers, in the
encoding in which it went out, so that no body ever meets the tag of another.

All that is stored belongs to what the database held while it was worked out (`watching.Holding`). When that changes
everything goes, and an answer that was being worked out meanwhile is sent but not stored: whatever is in the store
was worked out after its holding was first seen, and before the next one was.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from operator import itemgetter
from time import monotonic
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.http import parse_etags

from app.compression import IDENTITY, acceptable, best_of, copies, own_tag
from app.errors import Problem
from app.metrics import Stored
from app.queries import read_pairs
from app.transport import REQUEST_ID, request_id_for
from app.watching import LATE, Watch

CAP = 16 * 2**20
"""Bytes that are stored at most; as browsers get it, a page of 100 records takes about 15 kB."""

LARGEST = 2**20
"""Bytes of an answer that is worth storing. A larger one, such as a whole set, goes out as it is made."""

LONGEST = 4_096
"""Bytes of an address with what it is asked with; nobody is likely to ask for a longer one again."""

MAX_NAMES = 12
"""Names under which an answer is known; whoever spells it otherwise again has it worked out again."""

OVERHEAD = 3_000
"""Bytes that an entry takes beside its body: its headers, and its places in tables."""

STALE_IF_ERROR = 86_400
"""Seconds for which an answer is sent while the database is away, as its `Cache-Control` allows others to."""

KEPT_APART = frozenset({b"", b"accept", b"accept-encoding"})
"""What a stored answer may vary by; or by nothing."""

REQUEST_ID_FIELD = REQUEST_ID.lower().encode()
OF_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})
"""Fields that describe a body, and do not stand where there is none."""

Fields = list[tuple[bytes, bytes]]


class Asked(NamedTuple):
    """A request as the client spelt it: all that a stored answer can depend on."""

    path: str
    query: bytes
    accept: bytes
    encodings: bytes


class Wanted(NamedTuple):
    """What a request comes to, however it is spelt."""

    path: str
    pairs: tuple[tuple[str, str], ...]
    """Its parameters by name; the order of the values of one is kept, for answers repeat it."""
    accept: bytes
    encoding: str
    plain: bool
    """Whether a short answer may go out plain."""


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


@dataclass(eq=False, slots=True)
class Flight:
    """An answer that is being worked out, for which others wait."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)
    storable: bool = True
    """Whether it is one that may be found stored when it has ended."""


class Store:
    """Stands before an application, and answers in its place what it has answered before."""

    def __init__(self, app: ASGIApp, watch: Watch, counts: Stored | None = None, cap: int = CAP) -> None:
        """Begin with nothing stored; how often that helps is told to `counts`."""
        self._app = app
        self._watch = watch
        self._counts = counts or Stored()
        self._cap = cap
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Forget everything: the database holds something else now."""
        self._holding = self._watch.holding
        self._known: dict[Hashable, Entry] = {}
        self._by_use: OrderedDict[Entry, None] = OrderedDict()
        self._flights: dict[Hashable, Flight] = {}
        self.size = 0
        """Bytes that are stored."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the store; or have the application answer, and keep what it says."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        watch = self._watch
        if watch.holding is not self._holding:
            self._begin_anew()
        age = monotonic() - watch.seen_at
        if age > STALE_IF_ERROR:
            self._counts.misses += 1
            await self._app(scope, receive, send)
            return
        accept, encodings, named, given = read_fields(scope["headers"])
        # A plain tuple equals an `Asked`, and is made in a fraction of the time.
        entry = self._known.get((scope["path"], scope["query_string"], accept, encodings))
        tag = confirmed(entry, named, encodings) if named and entry is not None else None
        if entry is None or (entry.body is None and tag is None):
            asked = Asked(scope["path"], scope["query_string"], accept, encodings)
            entry = await self._worked_out(asked, named, scope, receive, send)
            if entry is None:
                self._counts.misses += 1
                return
            tag = confirmed(entry, named, encodings) if named else None
        self._counts.hits += 1
        self._by_use.move_to_end(entry)
        fields = [(REQUEST_ID_FIELD, request_id_for(given))]
        if age > LATE:
            fields.append((b"age", b"%d" % age))
        if tag is not None:
            fields += [(b"etag", tag), *entry.confirmation]
            await send({"type": "http.response.start", "status": 304, "headers": fields})
            await send({"type": "http.response.body", "body": b""})
            return
        fields += entry.fields
        body = entry.body if scope["method"] == "GET" else b""
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": body})

    async def _worked_out(
        self, asked: Asked, named: bytes, scope: Scope, receive: Receive, send: Send
    ) -> Entry | None:
        """Return an answer that is known by another name, or soon will be; or have it answered, and return None.

        Of several requests for one answer the first has it worked out, and the others wait for that. Nobody waits
        for another client to read: the first is sent its answer when the others can already have it.
        """
        wanted = what_is_wanted(asked) if self._holding is not None and scope["method"] == "GET" else None
        while wanted is not None:
            entry = self._known.get(wanted)
            if entry is not None and (entry.body is not None or confirmed(entry, named, asked.encodings)):
                self._name(entry, asked, asked)
                return entry
            # Who has a copy may be told that it is good, which is no answer for who has none.
            flight = self._flights.get((wanted, named))
            if flight is None:
                await self._first(asked, wanted, named, scope, receive, send)
                return None
            await flight.ended.wait()
            if not flight.storable:
                break
            if self._watch.holding is not self._holding:
                self._begin_anew()
        await self._app(scope, receive, send)
        return None

    async def _first(  # noqa: PLR0913, PLR0917 - a request, and what it is for
        self, asked: Asked, wanted: Wanted, named: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Have an answer worked out, and store it if it is such and nothing has changed meanwhile."""
        holding, flights, flight = self._holding, self._flights, Flight()
        flights[wanted, named] = flight

        def landed(*, storable: bool) -> None:
            flight.storable = storable
            flights.pop((wanted, named), None)
            flight.ended.set()

        capture = Capture(send, lambda: landed(storable=False))
        try:
            await self._app(scope, receive, capture.take)
            entry = capture.entry()
            if entry is not None and self._watch.holding is holding is self._holding:
                self._keep(entry, asked, wanted)
        finally:
            if not flight.ended.is_set():
                landed(storable=True)
            await capture.release()

    def _keep(self, entry: Entry, asked: Asked, wanted: Wanted) -> None:
        """Store an answer, or know the one that is stored already by a further name."""
        before = self._known.get(wanted)
        same = (wanted._replace(accept=b""), entry.tag, entry.body is None)
        if same in self._known:
            entry = self._known[same]
        else:
            if before is not None and entry.body is None:
                return
            if before is not None:
                self._drop(before)
            entry.size += len(entry.body or b"")
            self.size += entry.size
            self._by_use[entry] = None
            self._name(entry, same, asked)
        self._name(entry, wanted, asked)
        self._name(entry, asked, asked)
        while self.size > self._cap:
            self._drop(next(iter(self._by_use)))

    def _name(self, entry: Entry, name: Hashable, asked: Asked) -> None:
        """Know an answer by a further name; one that has too many is not known by this."""
        if name not in self._known and len(entry.names) < MAX_NAMES:
            size = sum(map(len, asked))
            entry.names.append(name)
            entry.size += size
            self.size += size
            self._known[name] = entry

    def _drop(self, entry: Entry) -> None:
        del self._by_use[entry]
        self.size -= entry.size
        for name in entry.names:
            del self._known[name]


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


def read_fields(fields: Fields) -> tuple[bytes, bytes, bytes, bytes]:
    """Return what a request says of media types, encodings, the client's copies and its id.

    A field that is given twice is spelt otherwise than one that is given once.
    """
    accept = encodings = named = given = b""
    for name, value in fields:
        if name == b"accept":
            accept = b"%b,%b" % (accept, value) if accept else value
        elif name == b"accept-encoding":
            encodings = b"%b,%b" % (encodings, value) if encodings else value
        elif name == b"if-none-match":
            named = b"%b,%b" % (named, value) if named else value
        elif name == REQUEST_ID_FIELD:
            given = given or value
    return accept, encodings, named, given


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


def what_is_wanted(asked: Asked) -> Wanted | None:
    """Return what a request comes to; None where its answer would not be stored anyway."""
    if sum(map(len, asked)) > LONGEST:
        return None
    try:
        pairs = read_pairs(asked.query)
    except Problem:
        return None
    return Wanted(
        asked.path, tuple(sorted(pairs, key=itemgetter(0))), asked.accept or b"*/*", *_choice(asked.encodings)
    )


@lru_cache(1_000)
def _taken(encodings: bytes) -> Mapping[str, float]:
    return acceptable(encodings.decode("latin-1"))


def _choice(encodings: bytes) -> tuple[str, bool]:
    taken = _taken(encodings)
    return (best_of(taken), IDENTITY in taken) if taken else ("", False)


def confirmed(entry: Entry, named: bytes, encodings: bytes) -> bytes | None:
    """Return the tag of the client's copy if that is good, of those that it names; else None."""
    if named == entry.tag:
        return named
    given = parse_etags(named.decode("latin-1"))
    if given.star_tag:
        return entry.tag if entry.body is not None else None
    own, _ = own_tag(entry.tag.decode("latin-1").strip('"'))
    good = copies(given, _taken(encodings)).get(own)
    return None if good is None else f'"{good}"'.encode("latin-1")

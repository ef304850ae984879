"""Stored answers: what was answered once is sent again as it is, for as long as the database holds the same.

Pure ASGI, before the framework and all else, for a stored answer has to cost next to nothing.

All that is stored belongs to what the database held while it was worked out (`watching.Holding`). When that changes
everything goes, and an answer that was being worked out meanwhile is sent but not stored: whatever is in the store
was worked out after its holding was first seen, and before the next one was.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from app.database.current import LATE, Watch
from app.http.capturing import Capture, Entry, confirmed
from app.http.metrics import Stored
from app.http.middleware import request_id_for
from app.http.spelling import REQUEST_ID_FIELD, Asked, Wanted, read_fields, what_is_wanted

CAP = 16 * 2**20
"""Bytes that are stored at most; as browsers get it, a page of 100 records takes about 15 kB."""

MAX_NAMES = 12
"""Names under which an answer is known; whoever spells it otherwise again has it worked out again."""

STALE_IF_ERROR = 86_400
"""Seconds for which an answer is sent while the database is away, as its `Cache-Control` allows others to."""


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

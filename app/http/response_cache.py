"""The response cache: reuse answers until the loaded releases change.

It is ASGI middleware outside the framework, so that a cached answer costs next to nothing. The cache key is the
path, the sorted parameters, and the preferences in `Accept` and `Accept-Encoding`; no other header can change an
answer. All entries are dropped when the loaded releases change.
"""

import asyncio
from collections import OrderedDict
from functools import lru_cache
from operator import itemgetter
from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from app.database.current import CurrentRelease, Releases
from app.http.answer import STORE, Answer
from app.http.metrics import CacheCounts
from app.http.negotiation import accept_headers, encodings, preferences
from app.queries.errors import BadQueryError
from app.queries.query import read_pairs

MAX_SIZE = 8 * 2**20
"""The most bytes stored: room for 450 pages of 100 records, at about 15 kB each when compressed."""

MAX_ANSWER = 2**20
"""Size in bytes of the largest answer that is stored."""

MAX_ADDRESS = 4_096
"""The longest path and query to cache, in bytes; a longer one is unlikely to be requested again."""

OVERHEAD = 3_000
"""Bytes that an entry takes on top of its body and its query."""

LATE = 3.0
"""Seconds without contact with the database after which cached answers get an `Age` header."""

STALE_IF_ERROR = 86_400
"""Seconds to keep sending cached answers while the database is down, as in their `Cache-Control`."""


class ResponseCache:
    """A cache that answers repeated requests from memory."""

    def __init__(
        self, app: ASGIApp, current: CurrentRelease, metrics: CacheCounts, max_size: int = MAX_SIZE
    ) -> None:
        """Cache an application's answers."""
        self._app = app
        self._current = current
        self._metrics = metrics
        self._max_size = max_size
        self._clear(None)

    def _clear(self, releases: Releases | None) -> None:
        self._releases = releases
        self._entries: OrderedDict[str, tuple[Answer, int]] = OrderedDict()
        self._pending: dict[str, asyncio.Future[Answer | None]] = {}
        self.size = 0
        """Bytes stored."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the cache, or let the application answer and store the result."""
        age = monotonic() - self._current.seen_at
        if scope["type"] != "http" or scope["method"] != "GET" or age > STALE_IF_ERROR:
            await self._app(scope, receive, send)
            return
        if self._current.releases is not self._releases:
            self._clear(self._current.releases)
        key = cache_key(scope)
        if key is None or self._releases is None:
            self._metrics.misses += 1
            await self._app(scope, receive, send)
            return
        found = self._entries.get(key)
        answer = found[0] if found is not None else None
        if answer is None and key in self._pending:
            # Another request is already waiting for the same answer. Shielded, because others may wait for it too.
            answer = await asyncio.shield(self._pending[key])
        if answer is None:
            self._metrics.misses += 1
            await self._make(key, scope, receive, send)
            return
        self._metrics.hits += 1
        if found is not None:
            self._entries.move_to_end(key)
        if age > LATE:
            await answer.send(scope, receive, send, (b"age", b"%d" % age))
        else:
            await answer.send(scope, receive, send)

    async def _make(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer. Identical requests wait until the answer is built, not until it is sent."""
        releases, pending = self._releases, self._pending
        made: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        pending[key] = made

        def store(answer: Answer) -> None:
            is_storable = answer.tag is not None and answer.body_size is not None and answer.body_size <= MAX_ANSWER
            if is_storable and self._current.releases is releases is self._releases:
                self._keep(key, answer, OVERHEAD + (answer.body_size or 0) + len(scope["query_string"]))
            if not made.done():
                made.set_result(answer if is_storable else None)

        try:
            await self._app({**scope, STORE: store}, receive, send)
        finally:
            pending.pop(key, None)
            if not made.done():
                made.set_result(None)

    def _keep(self, key: str, answer: Answer, size: int) -> None:
        _, replaced = self._entries.pop(key, (answer, 0))
        self._entries[key] = answer, size
        self.size += size - replaced
        while self.size > self._max_size:
            _, (_, dropped) = self._entries.popitem(last=False)
            self.size -= dropped


def cache_key(scope: Scope) -> str | None:
    """Return the cache key of a request, without the release; None if it isn't cached."""
    return _key(scope["path"], scope["query_string"], *accept_headers(scope))


@lru_cache(1_000)
def _key(path: str, query_string: bytes, accept: str, encoding: str | None) -> str | None:
    """Return the key as a string; most requests repeat earlier ones, so it is memoised."""
    if len(path) + len(query_string) > MAX_ADDRESS:
        return None
    try:
        pairs = read_pairs(query_string)
    except BadQueryError:
        return None
    # Sort by name only: answers repeat a parameter's values in the order given.
    parameters = sorted(pairs, key=itemgetter(0))
    accepted = [tuple(one) for one in preferences(accept).values()]
    return repr((path, parameters, accepted, tuple(encodings(encoding))))

"""Every request that reaches the application, noted when it is answered: one line in the log, and the metrics.

A request for a stored answer does not come here; that is the point of storing it. It is counted where it is stored.
"""

from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.load_shedding import WATCHERS
from app.http.metrics import CUT_OFF, Metrics
from app.http.middleware import REQUEST_ID

log = structlog.get_logger()

METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NO_ROUTE = "none"
LONGEST_PATH = 500
"""Characters of a path that are logged; no address of ours has a quarter of it."""


@dataclass
class Answered:
    """What is known of an answer on its way out."""

    status: int = 0
    request_id: str = ""
    size: int = 0
    is_whole: bool = False

    def see(self, message: Message) -> None:
        """Take note of a message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.request_id = Headers(raw=message.get("headers", [])).get(REQUEST_ID, "")
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)


class Observe:
    """Stands before all else that makes an answer, and notes what comes of each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Stand before the application."""
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; note its answer, whatever becomes of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # What layers below know is told here: they pass copies of the scope on, all with this one in them.
        scope.setdefault("state", {})
        answered = Answered()

        async def seen(message: Message) -> None:
            answered.see(message)
            await send(message)

        begun = perf_counter()
        try:
            with self._metrics.in_progress.track_inprogress():
                await self.app(scope, receive, seen)
        finally:
            self._note(scope, answered, perf_counter() - begun)

    def _note(self, scope: Scope, answered: Answered, seconds: float) -> None:
        route = scope["state"].get("route", NO_ROUTE)
        method = scope["method"] if scope["method"] in METHODS else "other"
        status = f"{answered.status // 100}xx" if answered.is_whole else CUT_OFF
        self._metrics.requests.labels(method, route, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        # Who watches asks all the time: only what goes wrong is worth a line.
        if status == "2xx" and scope["path"].startswith(WATCHERS):
            return
        told = {
            "logger": "upheld.requests",
            "request_id": answered.request_id,
            "method": scope["method"],
            "path": scope["path"][:LONGEST_PATH],
            "route": route,
            "status": int(answered.status),
            "ms": round(seconds * 1000, 1),
            "bytes": answered.size,
        }
        # A log that cannot be written (a full disk, a reader of it that is gone) keeps nobody from an answer.
        with suppress(OSError, ValueError):
            log.info("request" if answered.is_whole else "request cut off", **told)


class TellRoute:
    """Stands next to the routes, and tells which of them a request came to: the address with its gaps open."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and tell its route."""
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] == "http":
                scope["state"]["route"] = _route(scope)


def _route(scope: Scope) -> str:
    """Return the address of the route that a scope came to; what is mounted goes by the place where it is."""
    if "route" in scope:
        path: str = scope["route"].path
        return path
    if place := scope.get("root_path", ""):
        return str(place)
    # The framework's own addresses have no gaps.
    return scope["path"] if "endpoint" in scope else NO_ROUTE

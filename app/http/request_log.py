"""A log line and metrics for every request that reaches the application.

Requests answered from the response cache don't reach it; the cache counts those.
"""

from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from app.http.answer import IS_HEAD
from app.http.load_shedding import MONITORING
from app.http.metrics import CUT_OFF, Metrics

log = structlog.get_logger()

METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NO_ROUTE = "none"
MAX_PATH = 500
"""Characters of a path that are logged; none of our paths is a quarter as long."""


@dataclass
class Progress:
    """What is known about an answer while it is being sent."""

    status: int = 0
    size: int = 0
    is_complete: bool = False

    def note(self, message: Message) -> None:
        """Update from an ASGI message of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)


class LogRequests:
    """ASGI middleware that logs and counts requests, and adds their ids to all log lines written meanwhile."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Log an application's requests."""
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and log it whatever happens."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        progress = Progress()

        async def noting(message: Message) -> None:
            progress.note(message)
            await send(message)

        started = perf_counter()
        with bound_contextvars(request_id=scope["state"]["request_id"]):
            try:
                with self._metrics.in_progress.track_inprogress():
                    await self.app(scope, receive, noting)
            finally:
                self._record(scope, progress, perf_counter() - started)

    def _record(self, scope: Scope, progress: Progress, seconds: float) -> None:
        route = route_template(scope)
        method = "HEAD" if scope.get(IS_HEAD) else scope["method"]
        status = f"{progress.status // 100}xx" if progress.is_complete else CUT_OFF
        self._metrics.requests.labels(method if method in METHODS else "other", route, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        # Monitoring polls all the time: only its failures are worth a line.
        if status == "2xx" and scope["path"].startswith(MONITORING):
            return
        # Don't fail the request if the log can't be written (full disk, broken pipe).
        with suppress(OSError, ValueError):
            log.info(
                "request" if progress.is_complete else "request cut off",
                logger="upheld.requests",
                method=method,
                path=scope["path"][:MAX_PATH],
                route=route,
                status=int(progress.status),
                ms=round(seconds * 1000, 1),
                bytes=progress.size,
            )


def route_template(scope: Scope) -> str:
    """Return the template of the route that answered, such as `/v1/figures/{id}`."""
    if "route" in scope:
        path: str = scope["route"].path
        return path
    # The framework's own paths have no parameters.
    return scope["path"] if "endpoint" in scope else NO_ROUTE

"""Load shedding: a cap on concurrent requests and on the time to the first byte.

Excess requests are refused at once instead of queued. Cached answers don't get this far, so they are still sent.
"""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.problems import MAX_PATH, not_found, unavailable

MAX_CONCURRENT = 40
"""Concurrent requests: four for each database connection, about a second of work."""

MAX_SECONDS = 2.2
"""Seconds to the first byte; PostgreSQL cancels a statement before that."""

MONITORING = ("/health/", "/metrics")
"""Paths that are never refused: operators need them most when the server is overloaded."""


class ShedLoad:
    """ASGI middleware that refuses excess requests and those that take too long."""

    def __init__(self, app: ASGIApp) -> None:
        """Protect an application from overload."""
        self.app = app
        self._working: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on.

        Once an answer has started, it no longer counts and may take as long as its reader does: whole sets don't
        hold a database connection while they're being read.

        Raises:
            Problem: 404 for a path longer than any of ours, before anything else handles it; 503 if the server is
                too busy, or no answer has started in time.

        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if len(scope["path"]) > MAX_PATH:
            raise not_found(f"There is nothing here: no address has more than {MAX_PATH:,} characters.", [])
        if len(self._working) >= MAX_CONCURRENT and not scope["path"].startswith(MONITORING):
            raise unavailable("The server is too busy; try again in a few seconds.")
        started = asyncio.Event()
        timed_out = False

        async def noticing_start(message: Message) -> None:
            if timed_out:
                raise ConnectionAbortedError("the request has been refused in the meantime")
            if not started.is_set():
                started.set()
                self._working.discard(task)
            await send(message)

        # In its own task, so that a database driver that can't even be cancelled doesn't keep the client waiting.
        task = asyncio.create_task(self._run(scope, receive, noticing_start, started))
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(MAX_SECONDS):
                    await started.wait()
            if started.is_set():
                await task
                return
        except asyncio.CancelledError:
            task.cancel()
            raise
        timed_out = True
        task.cancel()
        task.add_done_callback(_retrieve_exception)
        raise unavailable("The answer took too long to make; try again in a few seconds.")

    async def _run(self, scope: Scope, receive: Receive, send: Send, started: asyncio.Event) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            started.set()


def _retrieve_exception(task: asyncio.Task[None]) -> None:
    """Retrieve the exception of an abandoned task, so that asyncio doesn't log it as never retrieved."""
    if not task.cancelled():
        task.exception()

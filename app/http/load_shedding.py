"""How much is worked on at once, and for how long: what is too much is refused quickly and not left to wait.

Pure ASGI. Stored answers do not come this far, so that they go on being sent whatever happens here.
"""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.problems import unavailable

MOST = 40
"""Requests that are worked on at once: four for each connection of a pool, which is a second of work."""

LONGEST = 2.2
"""Seconds after which an answer that has not begun is given up; a statement is given up before that."""

WATCHERS = ("/health/", "/metrics")
"""Who asks here has to be answered above all when everything else is too much."""


class Bound:
    """Stands before the routes, and refuses what is too much or takes too long."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application, with nothing to do yet."""
        self.app = app
        self._working: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on.

        From the moment at which an answer begins it may take as long as its reader does, and counts no more: whole
        sets hold no connection while they are read.

        Raises:
            Problem: 503, where there is too much to do or nothing came of it in time.

        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if len(self._working) >= MOST and not scope["path"].startswith(WATCHERS):
            raise unavailable("There is too much to do just now; try again in a few seconds.")
        begun = asyncio.Event()
        given_up = False

        async def sent(message: Message) -> None:
            if given_up:
                raise ConnectionAbortedError("the request was answered in the meantime")
            if not begun.is_set():
                begun.set()
                self._working.discard(task)
            await send(message)

        # A task of its own: a driver that cannot even cancel what it waits for keeps nobody waiting.
        task = asyncio.create_task(self._worked_out(scope, receive, sent, begun))
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST):
                    await begun.wait()
            if begun.is_set():
                await task
                return
        except asyncio.CancelledError:
            task.cancel()
            raise
        given_up = True
        task.cancel()
        task.add_done_callback(_seen)
        raise unavailable("It took too long to ask the database; try again in a few seconds.")

    async def _worked_out(self, scope: Scope, receive: Receive, send: Send, begun: asyncio.Event) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            begun.set()


def _seen(task: asyncio.Task[None]) -> None:
    """Take note of how a task ended for which nobody waits."""
    if not task.cancelled():
        task.exception()

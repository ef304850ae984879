"""The HTTP server: uvicorn, one process with one event loop, and limits on request heads."""

import asyncio
import gc
import sys
from contextlib import suppress
from http import HTTPStatus
from math import inf
from socket import socket

import uvicorn
from starlette.types import ASGIApp
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.http.middleware import ON_EVERY_ANSWER, REQUEST_ID, request_id_of
from app.http.problems import MEDIA_TYPE, Problem

MAX_HEAD = 65_536
"""Bytes of a request's URL and headers; a URL with two hundred of the longest ids takes a third of that."""

MAX_HEADER = 8_192
"""Bytes of one header's value. Parsing an `Accept` takes up to a millisecond per kilobyte."""

PIECE = 16_384
"""Bytes between two checks of the size, and so the precision of the limit."""

HEAD_SECONDS = 10.0
"""Time a client has to send the head of a request, and to start the next one on the same connection."""

TICK_PAUSE = 0.3
"""Seconds between two ticks of the server, besides uvicorn's 0.1; stopping takes up to that much longer."""

SHUTDOWN_SECONDS = 8
"""Time to answer the requests in progress on shutdown; container engines kill after ten seconds."""


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with limits on the size of a request's head and the time to send it.

    uvicorn has no such limits with this parser. One client that sent 60 MB of short headers made it use 900 MB of
    memory; clients that never finish a head each tie up a file descriptor until none are left.
    """

    _head_size = 0
    _due = inf
    """When the head of a request must be complete, by the loop's clock; never while a request is being answered."""
    _answering: RequestResponseCycle | None = None
    """The request being answered, or the last one answered."""
    _timer: asyncio.TimerHandle
    """A timer that checks for a late head: one per connection, because one per request would cost time."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # like uvicorn's
        """Wait for the first request."""
        super().connection_made(transport)
        self._due = self.loop.time() + HEAD_SECONDS
        self._timer = self.loop.call_at(self._due, self._close_if_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop the timer and waiting requests. uvicorn marks only the last request as disconnected."""
        super().connection_lost(exc)
        self.pipeline.clear()
        if self._answering is not None:
            self._answering.disconnected = True
        self._timer.cancel()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _close_if_late(self) -> None:
        now = self.loop.time()
        if self._due <= now:
            self.transport.close()
            return
        # Any head that starts from now on is due later than this.
        self._timer = self.loop.call_at(min(self._due, now + HEAD_SECONDS), self._close_if_late)

    def data_received(self, data: bytes) -> None:
        """Parse the client's bytes; refuse a head that is too large."""
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            super().data_received(piece)
            if self.transport.is_closing():
                return
            self._head_size += len(piece)
            if self._head_size > MAX_HEAD and self._due != inf:
                self.logger.warning("A request was refused: its head is larger than %s bytes.", MAX_HEAD)
                self.send_400_response(f"Address and headers are larger than {MAX_HEAD} bytes.")
                return

    def on_message_begin(self) -> None:
        """Start a request."""
        super().on_message_begin()
        self._head_size = 0
        self._due = self.loop.time() + HEAD_SECONDS

    def on_headers_complete(self) -> None:
        """Check the headers; an error here is answered with 400."""
        for _, value in self.headers:
            if len(value) > MAX_HEADER:
                raise ValueError(f"a header is larger than {MAX_HEADER} bytes")
        super().on_headers_complete()
        self._due = inf

    def on_response_complete(self) -> None:
        """Wait for the next request, without uvicorn's own timer, which any bytes would stop."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.flow.resume_reading()
        self._head_size = 0
        self._due = self.loop.time() + HEAD_SECONDS

    def send_400_response(self, msg: str) -> None:
        """Answer an unreadable request with problem details, like every other error."""
        if self.transport.is_closing():
            return
        problem = Problem(HTTPStatus.BAD_REQUEST, "bad-request", f"The request can't be read: {msg}")
        body = problem.as_json("/")
        fields = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
            *ON_EVERY_ANSWER,
            (REQUEST_ID.lower().encode(), request_id_of({"headers": []})),
        ]
        head = b"".join(b"%b: %b\r\n" % field for field in fields)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n%b\r\n%b" % (head, body))
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Log one line about the ignored upgrade; uvicorn's warning advises installing a library."""
        self.logger.warning("A client asked for another protocol, such as WebSocket; it gets plain HTTP.")


class Server(uvicorn.Server):
    """uvicorn's server with a quarter of its ticks, which take most of an idle server's processor time."""

    async def on_tick(self, counter: int) -> bool:
        """Update the `Date` header at every tick, not at every tenth, and return whether to stop."""
        should_exit = await super().on_tick(counter * 10)
        if not should_exit:
            await asyncio.sleep(TICK_PAUSE)
        return should_exit


def listen(app: ASGIApp, address: socket) -> None:
    """Serve an application until stopped by a signal."""
    # Everything loaded so far stays in memory, so garbage collection needn't scan it again and again.
    gc.collect()
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(
        app,
        http=LimitedProtocol,
        # Answers don't depend on the client or the host name, so proxy headers aren't needed.
        proxy_headers=False,
        server_header=False,
        # No WebSockets here; without this the server logs every attempt.
        ws="none",
        # On shutdown, requests in progress are answered; clients that read more slowly are cut off.
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        # `request_log` logs requests, and `logs` sets the format of every line.
        access_log=False,
        log_config=None,
    )
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[address])
    if not server.started:
        sys.exit(1)

"""How the program listens: one process, one event loop, and no request whose head has no end."""

import asyncio
import gc
import socket
import sys
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import UpheldError

LARGEST_HEAD = 65_536
"""Bytes of an address with its headers, roughly; two hundred of the longest ids take a third of it.

The parser by itself would hold as much as it is sent.
"""

LARGEST_FIELD = 8_192
"""Bytes of a header; reading an `Accept` takes time for each thing that is accepted."""

PIECE = 16_384

HEAD_TIME = 10.0
"""Seconds from connecting, or from the last answer, in which the head of a request has to be whole."""

DRAINING = 8
"""Seconds to answer what was begun before the end; containers are killed after ten."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, but a client that does not come to the point is shown the door."""

    _head: int | None = None
    """Bytes since the head of a request began, the rest of the piece that it began in included; None between."""

    _due: float | None
    """By when, on the loop's clock, the head of a request has to be whole; None while none is being read."""

    _clock: asyncio.TimerHandle
    """Looks again at the earliest moment at which a head can be late: one for the connection, not one a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin with a client."""
        super().connection_made(transport)
        self._due = self.loop.time() + HEAD_TIME
        self._clock = self.loop.call_at(self._due, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End with a client."""
        super().connection_lost(exc)
        self._clock.cancel()

    def _look(self) -> None:
        """Close the connection where the head of a request is late."""
        now = self.loop.time()
        if self._due is not None and self._due <= now:
            self.transport.close()
            return
        self._clock = self.loop.call_at(self._due or now + HEAD_TIME, self._look)

    def data_received(self, data: bytes) -> None:
        """Take what the client sent, and refuse what is too much."""
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            super().data_received(piece)
            if self.transport.is_closing():
                return
            if self._head is not None:
                self._head += len(piece)
                if self._head > LARGEST_HEAD:
                    self.logger.warning("A request was refused: its head is larger than %s bytes.", LARGEST_HEAD)
                    self.send_400_response(f"Address and headers are larger than {LARGEST_HEAD} bytes.")
                    return

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._head = 0
        if self._due is None:
            self._due = self.loop.time() + HEAD_TIME

    def on_headers_complete(self) -> None:
        """Know the head of the request whole; an error here makes the request one that cannot be read."""
        if any(len(value) > LARGEST_FIELD for _, value in self.headers):
            raise ValueError(f"a header is larger than {LARGEST_FIELD} bytes")
        super().on_headers_complete()
        self._head = self._due = None


class ListenError(UpheldError):
    """The server can't listen on this address."""


def bind(host: str, port: int) -> socket.socket:
    """Reserve an address before the slow part of a start; connections are refused until `listen`.

    Raises:
        ListenError: if the port is taken, or the host is not an address of this machine.

    """
    server = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, port))
    except OSError as error:
        server.close()
        reason = (error.strerror or str(error)).lower()
        raise ListenError(f"can't listen on {host}:{port}: {reason}; try another --port or --host") from error
    return server


def listen(app: ASGIApp, address: socket.socket) -> None:
    """Serve an application until stopped by a signal."""
    # The program itself stays in memory: garbage collection need not look through it again and again.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        # No answer depends on who asks or by which name, so a proxy's headers aren't needed.
        proxy_headers=False,
        server_header=False,
        # No WebSockets here; without this the server logs every attempt.
        ws="none",
        # On shutdown, requests in progress are answered; clients that read slower than this are cut off.
        timeout_graceful_shutdown=DRAINING,
        # `request_log` logs requests, and `logs` decides how every line looks.
        access_log=False,
        log_config=None,
    )
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[address])
    if not server.started:
        sys.exit(1)

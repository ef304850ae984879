"""How the program listens: one process, one event loop, and no request whose head has no end."""

import asyncio
import gc

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

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


def listen(app: ASGIApp, host: str, port: int) -> None:
    """Serve an application until told to stop."""
    # What the program is made of stays, and need not be looked through for garbage again and again.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        # Nothing depends on who asks or by which name, so that nothing need be believed of a proxy.
        proxy_headers=False,
        server_header=False,
        # Nothing here speaks it, and the server would log who tried.
        ws="none",
        # Told to stop, it answers what it has begun; who reads slower than that is cut off.
        timeout_graceful_shutdown=DRAINING,
        # Requests are logged by `observing`, and everything in the form that `logs` gives it.
        access_log=False,
        log_config=None,
    )

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

    _late: asyncio.TimerHandle | None = None
    """Closes the connection, unless the head of a request is whole before."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin with a client."""
        super().connection_made(transport)
        self._late = self.loop.call_later(HEAD_TIME, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """End with a client."""
        super().connection_lost(exc)
        self._in_time()

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

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
        if self._late is None:
            self._late = self.loop.call_later(HEAD_TIME, self.transport.close)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; an error here makes the request one that cannot be read."""
        if len(value) > LARGEST_FIELD:
            raise ValueError(f"a header is larger than {LARGEST_FIELD} bytes")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Know the head of the request whole."""
        super().on_headers_complete()
        self._head = None
        self._in_time()


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

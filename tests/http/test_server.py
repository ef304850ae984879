"""The limits of the HTTP server, over real connections."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from app.http import server
from app.http.server import MAX_HEAD, LimitedProtocol
from tests.programs import wait_until

HEAD = b"GET / HTTP/1.1\r\nHost: upheld.test\r\n"
LIMIT = 0.5
"""Seconds for a head, here."""


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """Yield where a server listens that answers everything with a word."""
    monkeypatch.setattr(server, "HEAD_SECONDS", LIMIT)
    config = uvicorn.Config(PlainTextResponse("yes"), port=0, http=LimitedProtocol, log_level="critical")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    wait_until(lambda: running.started)
    yield running.servers[0].sockets[0].getsockname()
    running.should_exit = True
    thread.join()


def answer(client: socket.socket) -> bytes:
    """Return all that the server sends until it closes the connection."""
    received = b""
    while more := client.recv(65_536):
        received += more
    return received


SLOW = {
    "nothing": (b"", b""),
    "no end of the head": (HEAD, b"X-A: a\r\n"),
    "an empty line after an answer": (HEAD + b"\r\n", b"\r\n"),
    "a body after an answer": (HEAD + b"Content-Length: 999\r\n\r\n", b"a"),
    "a second head": (HEAD + b"\r\n", b"G"),
}
"""What clients send at once, and what they send next."""


@pytest.mark.parametrize("name", SLOW)
def test_slow_heads_are_cut_off(address: tuple[str, int], name: str) -> None:
    """A client that doesn't get on with its request is cut off, whatever it sends to stay."""
    first, then = SLOW[name]
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(first)
        time.sleep(LIMIT / 5)
        client.sendall(then)
        started = time.monotonic()
        received = answer(client)
    assert time.monotonic() - started > LIMIT / 5
    assert received.count(b"HTTP/1.1 200 OK") == first.endswith(b"\r\n\r\n")


def test_lasting_connections_are_kept(address: tuple[str, int]) -> None:
    """Connections that go on asking stay, for longer than a head may take."""
    with socket.create_connection(address, timeout=10) as client:
        end = time.monotonic() + 3 * LIMIT
        while time.monotonic() < end:
            client.sendall(HEAD + b"\r\n")
            assert client.recv(65_536).startswith(b"HTTP/1.1 200 OK")
            time.sleep(LIMIT / 5)


ENDLESS = {"address": (b"GET /", b"a"), "value": (HEAD + b"X-A: ", b"a"), "headers": (HEAD, b"X-A: a\r\n")}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_head_without_end_is_cut_off(address: tuple[str, int], name: str) -> None:
    """It is cut off soon after the limit. What's sent beyond it waits in the buffers of the sockets."""
    start, piece = ENDLESS[name]
    pieces = piece * (MAX_HEAD // len(piece))
    sent = 0
    with socket.create_connection(address, timeout=10) as client, suppress(ConnectionError):
        client.sendall(start)
        while sent < 500 * MAX_HEAD:
            client.sendall(pieces)
            sent += len(pieces)
    assert sent < 200 * MAX_HEAD

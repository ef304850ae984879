"""The limits of the HTTP server, over real connections."""

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.http import server
from app.http.server import MAX_HEAD, LimitedProtocol, Server
from tests.programs import wait_until

HEAD = b"GET / HTTP/1.1\r\nHost: upheld.test\r\n"
LIMIT = 0.5
"""The limit in seconds for a request head, in these tests."""


async def yes(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a word after a moment."""
    await asyncio.sleep(0.001)
    await PlainTextResponse("yes")(scope, receive, send)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """Yield the address of a server that answers everything with a word."""
    monkeypatch.setattr(server, "HEAD_SECONDS", LIMIT)
    config = uvicorn.Config(yes, port=0, http=LimitedProtocol, ws="none", log_config=None)
    running = Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    wait_until(lambda: running.started)
    yield running.servers[0].sockets[0].getsockname()
    running.should_exit = True
    thread.join()


def answer(client: socket.socket) -> bytes:
    """Return everything the server sends until it closes the connection."""
    received = b""
    while more := client.recv(65_536):
        received += more
    return received


def date(address: tuple[str, int]) -> float:
    """Return the `Date` of an answer, as seconds since 1970."""
    with socket.create_connection(address) as client:
        client.sendall(HEAD + b"Connection: close\r\n\r\n")
        head, _, _ = answer(client).partition(b"\r\n\r\n")
    (found,) = [line for line in head.decode().splitlines() if line.startswith("date: ")]
    return parsedate_to_datetime(found.removeprefix("date: ")).timestamp()


def test_the_date_keeps_up_with_the_clock(address: tuple[str, int]) -> None:
    """The `Date` of answers is the current second, or the one before."""
    first = date(address)
    wait_until(lambda: date(address) > first)
    assert abs(time.time() - date(address)) < 2


SLOW = {
    "nothing": (b"", b""),
    "no end of the head": (HEAD, b"X-A: a\r\n"),
    "an empty line after an answer": (HEAD + b"\r\n", b"\r\n"),
    "a body after an answer": (HEAD + b"Content-Length: 999\r\n\r\n", b"a"),
    "a second head": (HEAD + b"\r\n", b"G"),
}
"""What clients send first, and what they send next."""


@pytest.mark.parametrize("name", SLOW)
def test_slow_heads_are_cut_off(address: tuple[str, int], name: str) -> None:
    """A client that doesn't complete its request head is cut off, whatever it sends to stay connected."""
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
    """Connections with continuing requests stay open, for longer than a head may take."""
    with socket.create_connection(address, timeout=10) as client:
        end = time.monotonic() + 3 * LIMIT
        while time.monotonic() < end:
            client.sendall(HEAD + b"\r\n")
            assert client.recv(65_536).startswith(b"HTTP/1.1 200 OK")
            time.sleep(LIMIT / 5)


ENDLESS = {"address": (b"GET /", b"a"), "value": (HEAD + b"X-A: ", b"a"), "headers": (HEAD, b"X-A: a\r\n")}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_head_without_end_is_cut_off(address: tuple[str, int], name: str) -> None:
    """An endless head is cut off soon after the limit. Bytes beyond it wait in the socket buffers."""
    start, piece = ENDLESS[name]
    pieces = piece * (MAX_HEAD // len(piece))
    sent = 0
    with socket.create_connection(address, timeout=10) as client, suppress(ConnectionError):
        client.sendall(start)
        while sent < 500 * MAX_HEAD:
            client.sendall(pieces)
            sent += len(pieces)
    assert sent < 200 * MAX_HEAD


UNREADABLE = {
    "an unknown method": b"FOO / HTTP/1.1\r\nHost: upheld.test\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00",
    "a tunnel": b"CONNECT upheld.test:80 HTTP/1.1\r\nHost: upheld.test\r\n\r\n",
    "a long header": HEAD + b"X-A: " + b"a" * 9_000 + b"\r\n\r\n",
    "a long head": b"GET /" + b"a" * (MAX_HEAD + 20_000),
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_answered_as_a_problem(address: tuple[str, int], name: str) -> None:
    """Unreadable requests get problem details with CORS and a request id, like all other errors."""
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(UNREADABLE[name])
        head, _, body = answer(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    fields = dict(line.split(b": ", 1) for line in head.splitlines()[1:])
    assert fields[b"content-type"] == b"application/problem+json"
    assert fields[b"access-control-allow-origin"] == b"*"
    assert fields[b"x-request-id"]
    assert int(fields[b"content-length"]) == len(body)
    assert json.loads(body)["type"] == "/problems/bad-request"


def test_other_protocols_get_plain_http(address: tuple[str, int], caplog: pytest.LogCaptureFixture) -> None:
    """A WebSocket request gets an HTTP answer. The log has one line, which suggests no installation."""
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(HEAD + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n\r\n")
        assert client.recv(65_536).startswith(b"HTTP/1.1 200 OK")
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert said == [("WARNING", "A client asked for another protocol, such as WebSocket; it gets plain HTTP.")]


@pytest.mark.parametrize("delay", [0, 0.02, 0.1])
def test_a_client_that_leaves_many_requests_behind(
    address: tuple[str, int], caplog: pytest.LogCaptureFixture, delay: float
) -> None:
    """A client that sends thousands of requests and then resets the connection causes no logged error."""
    with socket.create_connection(address, timeout=10) as client:
        client.sendall((HEAD + b"\r\n") * 2_000)
        time.sleep(delay)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    time.sleep(LIMIT)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []

"""Too many requests at once, slow clients, and a shutdown: other clients aren't affected."""

import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from statistics import median
from urllib.parse import urlsplit

import httpx
import pytest

from app.database.owner import write_engine
from app.http.load_shedding import MAX_CONCURRENT
from tests.faults.database import CONNECTIONS, STORED, Database, Server, serving
from tests.faults.processes import PATIENCE, within
from tests.faults.readers import OK, Readers, Request, new_period
from tests.made import figure, loaded
from tests.postgresql import migrate, new_database

CLIENTS = 3 * MAX_CONCURRENT

WAITING = f"{CONNECTIONS} AND wait_event_type = 'Lock'"


def at_once(server: Server, paths: list[str]) -> list[httpx.Response]:
    """Return the answers to requests sent at the same moment."""
    barrier = threading.Barrier(len(paths))

    def ask(path: str) -> httpx.Response:
        barrier.wait()
        return server.get(path)

    with ThreadPoolExecutor(len(paths)) as threads:
        return list(threads.map(ask, paths))


def test_overload(cluster: Database, server: Server, readers: Readers) -> None:
    """If the database is slow, requests over the limit are refused quickly; stored answers are still served."""
    with ThreadPoolExecutor(1) as thread:
        with cluster.locked("record"):
            asking = thread.submit(at_once, server, [f"/v1/figures?{new_period()}" for _ in range(CLIENTS)])
            stored = []
            while not asking.done():
                stored.append(server.get(STORED))
                assert server.is_alive()
            answers = asking.result()
        recovered = server.recovered()
    for answer in answers:
        readers.add(answer, Request("", is_popular=False))
    for answer in stored:
        readers.add(answer, Request(STORED, is_popular=True))
    readers.report(f"{CLIENTS} at once, the table locked", recovered)
    assert set(readers.popular) == {OK}
    refused = [answer for answer in answers if answer.json()["detail"].startswith("The server is")]
    assert {answer.json()["title"] for answer in refused} <= {"The server can't answer now"}
    let_in = [answer for answer in answers if answer not in refused]
    assert len(let_in) >= MAX_CONCURRENT
    # The refusals came while the others were still waiting.
    quick, slow = (median(answer.elapsed.total_seconds() for answer in some) for some in (refused, let_in))
    assert quick < slow


def test_stopping_loses_nothing(cluster: Database) -> None:
    """On SIGTERM, the server answers every request already begun, then exits."""
    number = 8
    with serving(cluster.address) as server, ThreadPoolExecutor(1) as thread:
        within(server.is_ready)
        readers = server.readers()
        before = int(str(cluster.query(WAITING)))
        with cluster.locked("record"):
            asking = thread.submit(at_once, server, [f"/v1/figures?{new_period()}" for _ in range(number)])
            within(lambda: cluster.query(WAITING) == before + number)
            server.process.send_signal(signal.SIGTERM)
            within(lambda: not server.is_alive())
        for answer in asking.result():
            readers.add(answer, Request("", is_popular=False))
        readers.report(f"SIGTERM with {number} requests begun")
        assert readers.fresh == {OK: number}
        assert server.process.wait(PATIENCE) in {0, -signal.SIGTERM}


@contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    """Yield a connection with a small receive buffer."""
    split = urlsplit(address)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.connect((split.hostname, split.port))
        yield client


def head(path: str) -> bytes:
    """Return the start of a request, without the empty line that ends the headers."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n".encode()


@pytest.fixture(scope="module")
def large(cluster: Database) -> Iterator[str]:
    """Yield the address of a database with more figures than socket buffers can hold."""
    with new_database(cluster.address) as address:
        engine = write_engine(address)
        migrate(engine)
        loaded(engine, [figure(f"figure-{n}", notes=["x" * 2_000]) for n in range(3_000)], "1.0.0")
        engine.dispose()
        yield address.replace("+psycopg", "")


def test_slow_clients(cluster: Database, large: str) -> None:
    """Clients that send or read slowly hold no database connections, and don't keep others waiting."""
    with serving(large) as server, ExitStack() as clients:
        within(server.is_ready)
        readers = server.readers()
        assert server.get(STORED).status_code == OK
        senders = [clients.enter_context(connected(server.address)) for _ in range(100)]
        for sender in senders:
            sender.sendall(head("/v1/figures"))
        slow = []
        for _ in range(MAX_CONCURRENT + 10):
            reader = clients.enter_context(connected(server.address))
            slow.append(reader)
            reader.sendall(head(f"/v1/figures?format=jsonl&{new_period()}") + b"\r\n")
            assert reader.recv(15) == b"HTTP/1.1 200 OK"
        busy = f"{CONNECTIONS} AND state <> 'idle'"
        within(lambda: cluster.query(busy) == 0)
        (unfinished,) = re.findall(r"^upheld_requests_in_progress (\d+)", server.get("/metrics").text, re.MULTILINE)
        assert int(unfinished) > len(slow)
        with readers.asking():
            time.sleep(1)
        readers.report(f"{len(senders)} slow senders, {len(slow)} slow readers")
        assert readers.broken == []
        assert set(readers.fresh + readers.popular) == {OK}
        # A slow reader does get everything in the end; here it speeds up.
        slow[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
        whole = bytearray()
        while not whole.endswith(b"\r\n0\r\n\r\n"):
            whole += slow[0].recv(2**16)
        assert whole.count(b'{"id":"figure-') == 3_000

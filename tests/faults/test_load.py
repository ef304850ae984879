"""Too much at once, readers who take their time, and being told to stop: nobody else comes to harm."""

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
from app.database.schema import migrate
from app.http.load_shedding import MAX_CONCURRENT
from tests.faults.conftest import CONNECTIONS, PATIENCE, STORED, Database, Readers, Server, serving, until
from tests.made import figure, loaded
from tests.postgresql import new_database

CLIENTS = 3 * MAX_CONCURRENT


def together(server: Server, paths: list[str]) -> list[httpx.Response]:
    """Return the answers to requests that are sent at the same moment."""
    barrier = threading.Barrier(len(paths))

    def ask(path: str) -> httpx.Response:
        barrier.wait()
        return server.get(path)

    with ThreadPoolExecutor(len(paths)) as threads:
        return list(threads.map(ask, paths))


def test_overload(cluster: Database, server: Server, readers: Readers) -> None:
    """While the database is slow and many ask, what is too much is refused at once; stored answers are served."""
    with ThreadPoolExecutor(1) as thread:
        with cluster.locked("record"):
            asked = thread.submit(together, server, [f"/v1/figures?period=1700/{2100 + n}" for n in range(CLIENTS)])
            stored = []
            while not asked.done():
                stored.append(server.get(STORED))
                assert server.get("/health/live").status_code == 200
            answers = asked.result()
        healed = readers.healed()
    for answer in answers:
        readers.fresh[answer.status_code] += 1
        readers.refusals.append(answer)
    for answer in stored:
        readers.stored[answer.status_code] += 1
    readers.report(f"{CLIENTS} at once, the table locked", healed)
    refused = [answer for answer in answers if "too much" in answer.json()["detail"]]
    let_in = [answer for answer in answers if answer not in refused]
    assert len(let_in) >= MAX_CONCURRENT
    # Refused while those that were let in still waited.
    quick, slow = (median(a.elapsed.total_seconds() for a in some) for some in (refused, let_in))
    assert quick < slow


def test_stopping_loses_nothing(cluster: Database, server: Server, readers: Readers) -> None:
    """Told to stop, the server answers every request that it has begun, and ends."""
    active = f"{CONNECTIONS} AND wait_event_type = 'Lock'"
    number = 8
    with ThreadPoolExecutor(1) as thread:
        with cluster.locked("record"):
            asked = thread.submit(together, server, [f"/v1/figures?period=1600/{2100 + n}" for n in range(number)])
            until(lambda: cluster.ask(active) == number)
            server.process.send_signal(signal.SIGTERM)
            until(lambda: not server.is_alive())
        for answer in asked.result():
            readers.fresh[answer.status_code] += 1
    readers.report(f"SIGTERM with {number} requests begun")
    assert readers.fresh == {200: number}
    assert server.process.wait(PATIENCE) in {0, -signal.SIGTERM}


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    """Yield a connection that takes in little at a time."""
    split = urlsplit(server.address)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((split.hostname, split.port))
        yield client


def request(path: str) -> bytes:
    """Return a request as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n".encode()


@pytest.fixture(scope="module")
def large(cluster: Database) -> Iterator[str]:
    """Yield the address of a database with so many figures that sockets cannot take in a set of them."""
    with new_database(cluster.address) as address:
        engine = write_engine(address)
        migrate(engine)
        loaded(engine, [figure(f"figure-{n}", notes=["x" * 2_000]) for n in range(4_000)], "1.0.0")
        engine.dispose()
        yield address.replace("+psycopg", "")


def test_slow_clients(cluster: Database, large: str) -> None:
    """Who sends or reads slowly keeps no connection to the database, and nobody else from being answered."""
    with serving(large) as server, ExitStack() as clients:
        until(server.is_ready)
        readers = Readers(server)
        assert server.get(STORED).status_code == 200
        senders = [clients.enter_context(connected(server)) for _ in range(100)]
        for sender in senders:
            sender.sendall(request("/v1/figures"))
        slow = []
        for number in range(MAX_CONCURRENT + 10):
            reader = clients.enter_context(connected(server))
            slow.append(reader)
            reader.sendall(request(f"/v1/figures?format=csv&period=1900/{2100 + number}") + b"\r\n")
            assert reader.recv(15) == b"HTTP/1.1 200 OK"
        busy = f"{CONNECTIONS} AND state <> 'idle'"
        until(lambda: cluster.ask(busy) == 0)
        with readers.asking():
            time.sleep(1)
        readers.report(f"{len(senders)} slow senders, {len(slow)} slow readers")
        assert set(readers.fresh) == {200}
        # Who never comes to the point is shown the door; who reads, however slowly, is not.
        for sender in senders:
            sender.settimeout(PATIENCE)
            assert sender.recv(1) == b""
        whole = b""
        while not whole.endswith(b"\r\n0\r\n\r\n"):
            whole += slow[0].recv(2**16)
        assert whole.count(b"\r\nfigure-") == 4_000

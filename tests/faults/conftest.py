"""A database that can be harmed, a server in a process of its own, readers who go on asking, and a table."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx
import psycopg
import pytest

from app.database.loader import load
from app.database.owner import write_engine
from app.database.schema import migrate
from app.embedded.server import as_reader, running
from tests.programs import UPHELD, environment, free_port
from tests.real_seeds import real_release

PATIENCE = 60.0
"""Seconds for what happens at once, on a machine that has much else to do."""

HANGS = 15.0
"""Seconds after which a request without an answer is taken for one that hangs."""

STORED = "/v1/figures?limit=5"
"""What every server here is asked before anything happens to it."""

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'upheld%' AND datname IS NOT NULL"
MOST_CONNECTIONS = 20

TABLE: list[tuple[str, ...]] = []
"""A line for each fault: what was asked, what came of it, how long until all was well."""

HEADING = ("what was done", "asked", "200", "503", "failed", "slowest 503", "healed after")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if not TABLE:
        return
    widths = [max(len(line[n]) for line in (HEADING, *TABLE)) for n in range(len(HEADING))]
    terminalreporter.section("faults")
    for line in (HEADING, *TABLE):
        terminalreporter.write_line("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))


def until(condition: Callable[[], object]) -> float:
    """Return after how many seconds something was so; fail where it takes too long."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.02)
    return time.monotonic() - begun


@dataclass
class Database:
    """A PostgreSQL of our own, with the seeds in it."""

    folder: Path
    address: str = ""
    _server: AbstractContextManager[str] | None = None

    def start(self) -> None:
        """Start it, as it was before."""
        self._server = running(self.folder / "data")
        self.address = self._server.__enter__()

    def stop(self) -> None:
        """Stop it, with everything that is going on."""
        server, self._server = self._server, None
        if server is not None:
            server.__exit__(None, None, None)

    def ask(self, question: str) -> object:
        """Return the one value that a question is answered with."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            answer = connection.execute(question.encode())
            row = answer.fetchone() if answer.description else None
            return row[0] if row else None

    @contextmanager
    def locked(self, *tables: str, mode: str = "ACCESS EXCLUSIVE") -> Iterator[None]:
        """Keep others from tables meanwhile."""
        with psycopg.connect(self.address) as connection:
            connection.execute(f"LOCK TABLE {', '.join(tables)} IN {mode} MODE".encode())
            yield
            connection.rollback()

    def signal(self, what: signal.Signals) -> None:
        """Send a signal to all processes of the server."""
        cluster = self.folder / "data" / "postgres-18" / "data"
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink() == cluster:
                    os.kill(int(process.name), what)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Database]:
    """Yield a running PostgreSQL that holds the seeds."""
    folder = Path(tempfile.mkdtemp(prefix="upheld-faults-"))
    folder.chmod(0o755)
    database = Database(folder)
    database.start()
    engine = write_engine(database.address)
    migrate(engine)
    load(engine, *real_release())
    engine.dispose()
    yield database
    database.stop()
    shutil.rmtree(folder)


@dataclass
class Server:
    """A program that serves, and where."""

    process: subprocess.Popen[bytes]
    address: str

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask it something."""
        return httpx.get(self.address + path, headers=headers, timeout=HANGS, trust_env=False)

    def checks(self) -> dict[str, str]:
        """Return what it says of its readiness."""
        found: dict[str, str] = self.get("/health/ready").json()["checks"]
        return found

    def is_ready(self) -> bool:
        """Whether it says that it can answer."""
        try:
            return self.get("/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    def is_alive(self) -> bool:
        """Whether it answers at all."""
        try:
            return self.get("/health/live").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def serving(address: str) -> Iterator[Server]:
    """Yield `upheld serve` on a database, logged in as the reader; it is stopped in the end."""
    port = free_port()
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(  # noqa: S603 - our own command
            [UPHELD, "serve", "--port", str(port)],
            env=environment(DATABASE_URL=as_reader(address)),
            stdout=subprocess.DEVNULL,
            stderr=log,
        ) as process,
    ):
        server = Server(process, f"http://127.0.0.1:{port}")
        try:
            until(server.is_alive)
            yield server
        finally:
            process.terminate()
            process.wait(PATIENCE)
            log.seek(0)
            errors = [line for line in log if b'"level": "error"' in line]
        assert errors == []


@pytest.fixture
def server(cluster: Database) -> Iterator[Server]:
    """Yield a server that is ready and has an answer stored; when it has ended no connection of it is left."""
    with serving(cluster.address) as found:
        until(found.is_ready)
        assert found.get(STORED).status_code == 200
        yield found
        assert int(str(cluster.ask(CONNECTIONS))) <= MOST_CONNECTIONS
    until(lambda: cluster.ask(CONNECTIONS) == 0)


@dataclass
class Readers:
    """Who goes on asking, and what they were told."""

    server: Server
    fresh: Counter[int] = field(default_factory=Counter)
    """Answers to what nobody had asked before, by status."""
    stored: Counter[int] = field(default_factory=Counter)
    """Answers to what is stored, by status."""
    failed: list[str] = field(default_factory=list)
    """What came of those that were not answered."""
    refusals: list[httpx.Response] = field(default_factory=list)
    ages: list[int] = field(default_factory=list)
    """Of stored answers that said so."""
    _ended: threading.Event = field(default_factory=threading.Event)
    _numbers: Iterator[int] = field(default_factory=count)

    def ask(self, number: int) -> None:
        """Ask for an answer that is stored, for a list (by one driver) or for what is known (by the other)."""
        anew = f"period=1900/{2100 + number}&include_undated=true"
        path = (STORED, f"/v1/figures?{anew}", f"/v1/coverage?{anew}")[number % 3]
        try:
            answer = self.server.get(path)
        except httpx.HTTPError as error:
            self.failed.append(f"{path}: {error!r}")
            return
        (self.stored if path == STORED else self.fresh)[answer.status_code] += 1
        if "age" in answer.headers:
            self.ages.append(int(answer.headers["age"]))
        if answer.status_code == 503:
            self.refusals.append(answer)

    def _keep_asking(self) -> None:
        while not self._ended.is_set():
            self.ask(next(self._numbers))
            self._ended.wait(0.02)

    @contextmanager
    def asking(self, readers: int = 6) -> Iterator[None]:
        """Have them ask meanwhile; then see that each was told something that makes sense."""
        threads = [threading.Thread(target=self._keep_asking) for _ in range(readers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()

    def healed(self) -> float:
        """Return after how many seconds the server says that it is ready, and is."""
        begun = time.monotonic()
        until(self.server.is_ready)
        until(lambda: self.server.get(f"/v1/figures?period=1800/{2100 + next(self._numbers)}").status_code == 200)
        until(lambda: "age" not in self.server.get(STORED).headers)
        return time.monotonic() - begun

    def report(self, what: str, healed: float | None = None) -> None:
        """Add a line to the table; see that nothing failed or hung and that what was stored was served."""
        told = self.fresh + self.stored
        slowest = max((answer.elapsed.total_seconds() for answer in self.refusals), default=0.0)
        counts = (told.total() + len(self.failed), told[200], told[503], len(self.failed))
        seconds = (f"{slowest:.1f} s", "" if healed is None else f"{healed:.1f} s")
        TABLE.append((what, *map(str, counts), *seconds))
        assert self.failed == []
        assert set(self.fresh) <= {200, 503}
        assert set(self.stored) <= {200}
        for answer in self.refusals:
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["type"] == "/problems/database-unavailable"


@pytest.fixture
def readers(server: Server) -> Readers:
    """Return readers of a server."""
    return Readers(server)

"""A PostgreSQL server that tests disrupt, with the seeds in it, and `upheld serve` on it."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from app.database.loader import load_editions
from app.database.owner import write_engine
from app.embedded.server import as_reader, running
from app.releases.editions import editions
from tests.faults.processes import PATIENCE, errors, within
from tests.faults.readers import OK, Readers, Request, new_period, period_of
from tests.postgresql import migrate
from tests.programs import UPHELD, environment, free_port
from tests.real_seeds import real_seeds

STORED = "/v1/figures?limit=5"
"""The request sent to every server here before a fault begins, so its answer is stored."""

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'upheld%' AND datname IS NOT NULL"


@dataclass
class Database:
    """A PostgreSQL server with the seeds loaded."""

    folder: Path
    address: str = ""
    _server: AbstractContextManager[str] | None = None

    def start(self) -> None:
        """Start the server with its existing data."""
        self._server = running(self.folder / "data")
        self.address = self._server.__enter__()

    def stop(self) -> None:
        """Stop the server, along with everything in progress."""
        server, self._server = self._server, None
        if server is not None:
            server.__exit__(None, None, None)

    def query(self, statement: str) -> object:
        """Return the single value of a statement's result."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            answer = connection.execute(statement.encode())
            row = answer.fetchone() if answer.description else None
            return row[0] if row else None

    @contextmanager
    def locked(self, *tables: str, mode: str = "ACCESS EXCLUSIVE") -> Iterator[None]:
        """Lock tables while the block runs."""
        with psycopg.connect(self.address) as connection:
            connection.execute(f"LOCK TABLE {', '.join(tables)} IN {mode} MODE".encode())
            yield
            connection.rollback()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of the server's processes."""
        cluster = self.folder / "data" / "postgres-18" / "data"
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink() == cluster:
                    os.kill(int(process.name), number)


@contextmanager
def seeded() -> Iterator[Database]:
    """Yield a running PostgreSQL server with the seeds loaded."""
    folder = Path(tempfile.mkdtemp(prefix="upheld-faults-"))
    folder.chmod(0o755)
    database = Database(folder)
    database.start()
    engine = write_engine(database.address)
    migrate(engine)
    load_editions(engine, editions(real_seeds()))
    engine.dispose()
    yield database
    database.stop()
    shutil.rmtree(folder)


@dataclass
class Server:
    """A running `upheld serve`."""

    process: subprocess.Popen[bytes]
    address: str

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Return the server's answer."""
        return httpx.get(self.address + path, headers=headers, timeout=PATIENCE, trust_env=False)

    def checks(self) -> dict[str, str]:
        """Return the server's readiness checks."""
        found: dict[str, str] = self.get("/health/ready").json()["checks"]
        return found

    def answers(self, path: str) -> bool:
        """Whether a path gets a 200."""
        try:
            return self.get(path).status_code == OK
        except httpx.TransportError:
            return False

    def is_ready(self) -> bool:
        """Whether the server says it's ready."""
        return self.answers("/health/ready")

    def is_alive(self) -> bool:
        """Whether the server answers at all."""
        return self.answers("/health/live")

    def readers(self) -> Readers:
        """Return readers who request a stored answer, a new list and a new overview, in turn."""

        def request(number: int) -> Request:
            query = f"{period_of(number)}&include_undated=true"
            path = (STORED, f"/v1/figures?{query}", f"/v1/coverage?{query}")[number % 3]
            return Request(path, is_popular=path == STORED)

        return Readers(self.address, request)

    def recovered(self) -> float:
        """Return how many seconds the server takes to report that it's ready and to serve fresh answers."""
        seconds = within(self.is_ready)
        seconds += within(lambda: self.answers(f"/v1/figures?{new_period()}"))
        return seconds + within(lambda: "age" not in self.get(STORED).headers)


@contextmanager
def serving(address: str) -> Iterator[Server]:
    """Yield `upheld serve` on a database, logged in as the reader; check its log for errors when it stops."""
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
            within(server.is_alive)
            yield server
        finally:
            process.terminate()
            process.wait(PATIENCE)
            log.seek(0)
            found = errors(log.read())
        assert not found, b"\n".join(found[:5]).decode()

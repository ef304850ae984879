"""Processes that tests start, kill and restart: PostgreSQL servers, and programs that answer HTTP."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import orjson
import psycopg

from app.embedded.folder import Home, empty_folder
from app.embedded.server import spawn, tie_to_parent
from app.settings import PROJECT
from tests.programs import free_port

PATIENCE = 60.0
"""The time limit, in seconds, for anything here to happen on a busy machine."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "fsync": "off",  # no test cuts the machine's power
    "wal_keep_size": "256MB",
    "wal_retrieve_retry_interval": "200ms",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

LOGINS = "SELECT coalesce(string_agg(usename, ' '), '') FROM pg_stat_activity WHERE application_name = 'upheld'"


def within(condition: Callable[[], object], seconds: float = PATIENCE) -> float:
    """Wait for a condition and return how many seconds it took; fail if it takes too long."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() < started + seconds
        time.sleep(0.02)
    return time.monotonic() - started


def errors(log: bytes) -> list[bytes]:
    """Return the lines in the API's log that report an error of its own."""
    lines = [line for line in log.splitlines() if line.startswith(b"{")]
    return [line for line in lines if orjson.loads(line)["level"] not in {"info", "warning"}]


@dataclass(eq=False)
class Postgres:
    """A PostgreSQL server with its own port and folder."""

    name: str
    programs: Path
    """The folder with PostgreSQL's programs."""
    home: Home
    follows: str = ""
    """The address of the primary that it copies and follows; empty for the primary itself."""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return self.home.folder / "cluster/data"

    @property
    def address(self) -> str:
        """The owner's address of our database, bypassing HAProxy."""
        return self.address_of("upheld")

    def address_of(self, database: str) -> str:
        """Return the owner's address for a database."""
        return f"postgresql://upheld:upheld@127.0.0.1:{self.port}/{database}"

    def run(self, *command: str, **environment: str) -> None:
        """Run a command until it finishes, as the server's user, with PostgreSQL's programs in the path."""
        child = spawn(self.home, self._with_environment(environment, *command))
        assert child.wait(PATIENCE) == 0, (self.home.folder / "server.log").read_text()

    def start(self, **settings: str) -> None:
        """Start the server from a long-lived thread, because it ends with that thread.

        A replica starts as in the composition. On its first start it copies the primary.
        """
        options = [f"--{name}={value}" for name, value in {**SETTINGS, "port": self.port, **settings}.items()]
        command = ["sh", str(self.home.folder / "replica.sh")] if self.follows else ["postgres"]
        self.process = spawn(self.home, self._with_environment({"PRIMARY": self.follows}, *command, *options))

    def _with_environment(self, environment: Mapping[str, str], *command: str) -> list[str]:
        own = {"PATH": f"{self.programs}:{os.defpath}", "PGDATA": str(self.data)}
        return ["env", *(f"{name}={value}" for name, value in {**own, **environment}.items()), *command]

    def accepts_connections(self, database: str = "upheld") -> bool:
        """Whether the server accepts connections to a database."""
        try:
            psycopg.connect(self.address_of(database), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def query(self, statement: str) -> str:
        """Return the single value of a statement's result, as text."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            row = connection.execute(statement.encode()).fetchone()
            return str(row[0]) if row else ""

    def logins(self) -> set[str]:
        """Return the logins of the API's connections to the server."""
        return set(self.query(LOGINS).split())

    def processes(self) -> list[int]:
        """Return the server's process ids, the postmaster's first."""
        assert self.process is not None
        pid = self.process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of the server's processes."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """Kill all processes at once, as if the machine were gone."""
        assert self.process is not None
        _, *children = self.processes()
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.process = None
        within(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Kill the server if it's running."""
        if self.process is not None:
            self.kill()

    def empty(self) -> None:
        """Delete the cluster, like emptying the volume of a replica that needs a new copy."""
        empty_folder(self.home, "cluster")


@dataclass(eq=False)
class Program:
    """HAProxy, nginx or `upheld serve`: a foreground process that answers HTTP."""

    name: str
    command: list[str]
    address: str
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program from a long-lived thread, because it ends with that thread; log its output."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - programs of the composition
                self.command,
                env={"PATH": os.defpath, **self.environment},
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=tie_to_parent(),  # noqa: PLW1509 - it asks for its signal by itself, before it starts
            )

    def kill(self) -> None:
        """Kill the program, as if its machine were gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        """Stop the program if it's running."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None

    def get(self, path: str) -> httpx.Response | None:
        """Return the program's answer, or None if there isn't one."""
        try:
            return httpx.get(self.address + path, trust_env=False, timeout=PATIENCE)
        except httpx.TransportError:
            return None

    def answers(self, path: str) -> bool:
        """Whether a path gets a 200."""
        answer = self.get(path)
        return answer is not None and answer.is_success

    @property
    def memory(self) -> int:
        """The program's resident memory, in bytes."""
        assert self.process is not None
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

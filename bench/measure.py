"""What is measured: each function yields rows of the result."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from threading import Event, Thread

import psycopg

from app.embedded.server import as_reader, running
from bench import peers
from bench.load import load_synthetic, timed_copy
from bench.options import Options
from bench.processes import BenchError, resident_mb
from bench.queries import SAME, SHOWN, deep_page, new_queries
from bench.rows import Row, Turn, compare
from bench.servers import Server, new_database, postmaster_of, serving, serving_uncached
from bench.synth import release_of
from bench.wrk import wrk

UPHELD = Path(sys.executable).with_name("upheld")
FEW = 25
"""Figures in the small dataset."""

REQUESTS = 10_000
"""Different requests before a process's memory is measured."""

IDLE = 20
"""Seconds that an idle server is watched."""

FASTEST = 2_500
"""New queries a second that a turn is prepared for; a faster server would meet some of them twice."""


def measure(options: Options, versions: dict[str, str]) -> Iterator[Row]:
    """Yield every row as soon as it is measured, and note the versions of the peers."""
    wrk()
    with running(options.cache / "postgres") as address:
        postgres = postmaster_of(address)
        real, small, large = (new_database(address, f"bench_{name}") for name in ("real", "small", "large"))
        yield from commands(options)
        yield from starts(options, real)
        yield idle(options, real, postgres)
        load_synthetic(small, FEW)
        yield from load(options, large)
        release = release_id(large, options.figures)
        lines = options.cache / "figures.csv"
        yield export(options, as_reader(large), lines)
        file = options.cache / f"{peers.DATABASE}.db"
        peers.to_sqlite(lines, large, release, file)
        yield many_requests(options, as_reader(large))
        with serving(as_reader(large), options.log("large"), postgres) as upheld:
            yield from cached(options, upheld)
            yield from new(options, upheld, file, large, release, versions)
        with ExitStack() as servers:
            many, few = (
                servers.enter_context(serving_uncached(as_reader(where), options.log(name), postgres))
                for where, name in ((large, "uncached-large"), (small, "uncached-small"))
            )
            yield from size(options, many, few)


def bytecode() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield both ways to run Python, with their environment: many container images forbid it to write bytecode."""
    yield "", {"PYTHONDONTWRITEBYTECODE": ""}
    yield ", PYTHONDONTWRITEBYTECODE=1", {"PYTHONDONTWRITEBYTECODE": "1"}


def commands(options: Options) -> Iterator[Row]:
    """Measure commands that people wait for."""
    for words, limit in (("--help", 0.3), ("check", 1.5)):
        for how, environment in bytecode():
            row = Row(f"upheld {words}{how}", "s", limit)
            for _ in range(options.rounds):
                started = time.perf_counter()
                said = subprocess.check_output([UPHELD, words], env=os.environ | environment, text=True)  # noqa: S603 - our own command
                row.values.append(time.perf_counter() - started)
                if words == "check":
                    row.note = said.partition(":")[0]  # how many records and sources
            yield row


def starts(options: Options, address: str) -> Iterator[Row]:
    """Measure the time from `upheld serve` to the first answer, with PostgreSQL running and the seeds loaded."""
    with serving(address, options.log("first-start")):
        pass
    for how, environment in bytecode():
        row = Row(f"start to the first answer{how}", "s", 1.5)
        for _ in range(options.rounds):
            started = time.perf_counter()
            with serving(address, options.log("start"), environment=environment):
                row.values.append(time.perf_counter() - started)
        yield row


def idle(options: Options, address: str, postgres: int) -> Row:
    """Measure what a server and its PostgreSQL use while nobody asks anything."""
    row = Row("an idle server and its PostgreSQL", "% of a core", 0.5)
    with serving(address, options.log("idle"), postgres) as server:
        time.sleep(3)
        before = server.cpu()
        time.sleep(IDLE)
        own, behind = ((now - then) / IDLE * 100 for now, then in zip(server.cpu(), before, strict=True))
    row.values.append(own + behind)
    row.note = f"{own:.2f} + {behind:.2f}"
    return row


def load(options: Options, address: str) -> Iterator[Row]:
    """Measure a load beside a bare COPY of the same rows, and readers who ask for pages meanwhile."""
    load_synthetic(address, FEW)
    command = [sys.executable, "-m", "bench.load", address, str(options.figures)]
    with serving(as_reader(address), options.log("reader")) as server:
        reader = Reader(server)
        reader.start()
        try:
            cost = json.loads(subprocess.check_output(command))  # noqa: S603 - our own program
        finally:
            slowest = reader.stop()
    release = release_id(address, options.figures)
    copy, rows = timed_copy(address, release, options.cache)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    ratio = Row(
        f"load of {options.figures:,} figures against a bare COPY", "times", 15, values=[cost["seconds"] / copy]
    )
    ratio.note = (
        f"{cost['seconds']:,.1f} s : {copy:,.1f} s for {rows:,} rows; "
        f"{cost['cpu']:,.0f} s of them in Python, {cost['memory']:,.0f} MB"
    )
    yield ratio
    waits = Row("slowest answer to a reader meanwhile", "s", 1, values=[slowest])
    waits.note = f"{reader.answers:,} answers"
    yield waits


class Reader(Thread):
    """Requests new pages from a server, one after the other."""

    def __init__(self, server: Server) -> None:
        """Prepare to ask a server."""
        super().__init__(daemon=True)
        self._server = server
        self._stopped = Event()
        self._slowest = 0.0
        self._failure = ""
        self.answers = 0

    def run(self) -> None:
        """Ask until stopped."""
        for path in new_queries():
            started = time.perf_counter()
            try:
                answer, body = self._server.get(path)
            except OSError as error:
                self._failure = f"{path}: {error}"
                return
            if answer.status != 200:  # noqa: PLR2004 - OK
                self._failure = f"{path}: {answer.status} {body[:200]!r}"
                return
            self._slowest = max(self._slowest, time.perf_counter() - started)
            self.answers += 1
            if self._stopped.wait(0.05):
                return

    def stop(self) -> float:
        """Stop, and return the seconds that the slowest answer took.

        Raises:
            BenchError: if a request failed.

        """
        self._stopped.set()
        self.join()
        if self._failure:
            raise BenchError(f"a reader got no answer during the load: {self._failure}")
        return self._slowest


def export(options: Options, address: str, lines: Path) -> Row:
    """Measure the memory of a server that sends all figures as CSV; keep them for the peers."""
    row = Row(f"memory at most, CSV of {options.figures:,} figures", "MB", 110)
    with serving(address, options.log("export")) as server, lines.open("wb") as file:
        started = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", "/v1/figures?format=csv")
        answer = connection.getresponse()
        while piece := answer.read(1 << 16):
            file.write(piece)
        seconds = time.perf_counter() - started
        connection.close()
        row.values.append(resident_mb(server.pid, "VmHWM"))
        row.note = f"{file.tell() / 1e6:,.0f} MB in {seconds:,.0f} s"
    with lines.open("rb") as file:
        if (found := sum(1 for _ in file) - 1) < options.figures:
            raise BenchError(f"the CSV of {options.figures} figures has {found} rows")
    return row


def many_requests(options: Options, address: str) -> Row:
    """Measure the memory of a server after many different requests."""
    row = Row(f"memory after {REQUESTS:,} different requests", "MB", 120)
    with serving(address, options.log("requests")) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        for path in islice(new_queries(), REQUESTS):
            connection.request("GET", path)
            connection.getresponse().read()
        connection.close()
        row.values.append(resident_mb(server.pid))
    return row


def cached(options: Options, upheld: Server) -> Iterator[Row]:
    """Measure an answer from the response cache, and a 304, beside an application that does nothing but send it."""
    tag = upheld.get(SHOWN)[0].headers["ETag"]
    for name, limit, given in (("cached answer of 50 figures", 1.25, None), ("304", 1.5, tag)):
        sent, body = upheld.get(SHOWN, **({"If-None-Match": given} if given else {}))
        with peers.ceiling(sent, body, options.cache, options.log("ceiling")) as bare:
            yield compare(
                Row(f"{name}, CPU against raw ASGI with the same bytes", "times", limit),
                options.rounds,
                "cpu",
                partial(upheld.turn, [SHOWN], options.seconds, tag=given),
                partial(bare.turn, ["/"], options.seconds),
            )


def new(  # noqa: PLR0913, PLR0917 - the server, the peers' data, and where their versions go
    options: Options, upheld: Server, file: Path, address: str, release: int, versions: dict[str, str]
) -> Iterator[Row]:
    """Measure queries that nobody has asked before."""
    queries = new_queries()

    def compared(name: str, limit: float, peer: Server, address_of: Callable[[str], str]) -> Row:
        paths: list[str] = []

        def ours() -> Turn:
            paths[:] = islice(queries, FASTEST * options.seconds)
            return upheld.turn(paths, options.seconds)

        def theirs() -> Turn:
            return peer.turn([address_of(path) for path in paths], options.seconds)

        hits, misses = upheld.cached()
        row = compare(Row(name, "times", limit, at_least=True), options.rounds, "rate", ours, theirs)
        hits, misses = (now - then for now, then in zip(upheld.cached(), (hits, misses), strict=True))
        if hits:
            row.note += f"; {hits / (hits + misses):.1%} were in the response cache"
        return row

    with peers.datasette(options.cache, file, options.log("datasette")) as (peer, versions["Datasette"]):
        for name, limit, query in (
            ("new query of 50 rows, requests against Datasette's columns", 3.5, "columns"),
            ("the same against Datasette's copy of Upheld's documents", 1, "documents"),
        ):
            yield compared(name, limit, peer, partial(peers.datasette_path, query))
    with peers.fastify(options.cache, address, release, options.log("fastify"), upheld.postgres) as found:
        peer, versions["fastify"] = found
        yield compared("new query, requests against fastify and pg", 2, peer, peers.fastify_path)


def size(options: Options, many: Server, few: Server) -> Iterator[Row]:
    """Measure what a large dataset costs over a small one, and a deep page over the first."""

    def turn(server: Server, path: str) -> Turn:
        return server.turn([path], options.seconds, connections=1)

    for name, path in (
        ("the same 8 figures", f"/v1/figures?{SAME}"),
        ("tree of 6 figures", "/v1/figures/synthetic-0000001-0/tree"),
        ("comparison", "/v1/compare?a=synthetic-0000001-1&b=synthetic-0000001-2"),
        ("coverage of 8 figures", f"/v1/coverage?{SAME}"),
    ):
        yield compare(
            Row(f"{name}, p50 in {options.figures:,} figures against {FEW}", "times", 1.3),
            options.rounds,
            "median",
            partial(turn, many, path),
            partial(turn, few, path),
        )
    depth = options.figures // 2
    yield compare(
        Row(f"page {depth:,} records deep against the first, p50", "times", 1.1),
        options.rounds,
        "median",
        partial(turn, many, deep_page(many, depth)),
        partial(turn, many, "/v1/figures?limit=50"),
    )


def release_id(address: str, figures: int) -> int:
    """Return the row id of the synthetic release of this size."""
    with psycopg.connect(address) as connection:
        found = connection.execute(
            "SELECT id FROM release WHERE version = %s", (release_of(figures).version,)
        ).fetchone()
    if found is None:
        raise BenchError(f"the release of {figures} figures is not in the database")
    return int(found[0])

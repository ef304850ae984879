"""The servers that are measured, and the databases behind them."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from types import MappingProxyType

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine, make_url, text

from bench.processes import cpu_seconds, free_port, running_program
from bench.rows import Turn
from bench.wrk import request


@dataclass(frozen=True)
class Server:
    """A running program, and the PostgreSQL that works for it."""

    port: int
    pid: int
    postgres: int | None = None

    def cpu(self) -> tuple[float, float]:
        """Return the seconds of processor time that it and its PostgreSQL have taken so far."""
        return cpu_seconds(self.pid), cpu_seconds(self.postgres) if self.postgres is not None else 0.0

    def turn(self, paths: Sequence[str], seconds: int, *, connections: int = 8, tag: str | None = None) -> Turn:
        """Request addresses for some seconds."""
        before = self.cpu()
        load = request(self.port, paths, connections=connections, seconds=seconds, tag=tag)
        own, behind = ((now - then) / load.requests * 1e6 for now, then in zip(self.cpu(), before, strict=True))
        return Turn(load.rate, load.median_ms, own, behind)

    def get(self, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        """Request an address once."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def cached(self) -> tuple[float, float]:
        """Return how many requests the response cache has answered so far, and how many it has not."""
        _, metrics = self.get("/metrics")
        samples = [one for family in text_string_to_metric_families(metrics.decode()) for one in family.samples]
        hits, misses = (
            sum(one.value for one in samples if one.labels.get("result") == result) for result in ("hit", "miss")
        )
        return hits, misses


@contextmanager
def serving(
    address: str, log: Path, postgres: int | None = None, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Server]:
    """Yield `upheld serve` over a database."""
    port = free_port()
    command: list[str | Path] = [Path(sys.executable).with_name("upheld"), "serve", "--port", str(port)]
    with running_program(command, port, "/v1", {"DATABASE_URL": address, **environment}, log) as pid:
        yield Server(port, pid, postgres)


@contextmanager
def serving_uncached(address: str, log: Path, postgres: int) -> Iterator[Server]:
    """Yield a server over a database that makes every answer anew."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.uncached:app", "--port", str(port), "--no-access-log"]
    with running_program(command, port, "/v1", {"DATABASE_URL": address}, log) as pid:
        yield Server(port, pid, postgres)


def new_database(address: str, name: str) -> str:
    """Create an empty database on a server, in place of any of this name, and return its address."""
    url = make_url(address).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    engine.dispose()
    return url.set(database=name, drivername="postgresql").render_as_string(hide_password=False)


def postmaster_of(address: str) -> int:
    """Return the process id of a PostgreSQL server; its children do the work."""
    engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        backend: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        parent = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    engine.dispose()
    return parent

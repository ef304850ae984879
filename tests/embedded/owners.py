"""Programs that use a private PostgreSQL, and helpers that query them and their servers."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from app.embedded.folder import EmbeddedError
from tests.postgresql import POSTGRES

PROGRAM = """
import select
import sys
from pathlib import Path
import psycopg
from app.embedded.server import running

with running(Path(sys.argv[1])) as address:
    try:
        print(address, flush=True)
        # Short waits: Python acts on a signal that arrives just before a wait only once the wait ends.
        while not select.select([sys.stdin], [], [], 0.1)[0]:
            pass
    except KeyboardInterrupt:
        with psycopg.connect(address) as connection:
            print(connection.execute("SELECT 'drained'").fetchone()[0], flush=True)
        raise
"""
"""Prints the address and runs until it gets a line or a signal."""


@contextmanager
def program(data_dir: Path, script: str = PROGRAM) -> Iterator[subprocess.Popen[str]]:
    """Run a program on a data folder; kill it at the end if it's still running."""
    with subprocess.Popen(  # noqa: S603 - a program of ours
        [sys.executable, "-c", script, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """Wait for the program's first line, which is the address, and return it."""
    assert process.stdout
    return process.stdout.readline().strip()


def ask(address: str, query: str = "SELECT 1") -> object:
    """Return the single value that a query returns."""
    with psycopg.connect(address) as connection:
        answer = connection.execute(query.encode())
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None


def refused(message: str) -> pytest.RaisesExc[EmbeddedError]:
    """Expect an EmbeddedError whose message matches this pattern."""
    return pytest.raises(EmbeddedError, match=f"(?s){message}")


def postmaster(data_dir: Path) -> int:
    """Return the pid of the server's main process."""
    return int((data_dir / POSTGRES / "data" / "postmaster.pid").read_text().split()[0])

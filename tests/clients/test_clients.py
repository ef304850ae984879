"""Clients: those generated from `docs/openapi.json` pass their checkers and work, and `docs/clients.md` is true."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import pytest

from app.http.openapi import COMMITTED
from app.settings import PROJECT
from tests.api import running_api
from tests.npm import NODE, SCRIPTS, install, run, script

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="module")
def address(seeded: str) -> Iterator[str]:
    """Yield the address of a server that runs over the project's own seeds."""
    with running_api(seeded) as found:
        yield found


# --- Python ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def python_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the generated package and a program that uses it."""
    folder = tmp_path_factory.mktemp("python")
    (folder / "options.yaml").write_text("post_hooks: []\n")
    said = run(
        *(SCRIPTS / "openapi-python-client", "generate", "--path", COMMITTED, "--meta", "none"),
        *("--output-path", folder / "generated", "--config", folder / "options.yaml"),
        folder=folder,
    )
    # What is no JSON and no text the generator leaves out, and says so.
    left_out = [line for line in said.splitlines() if "Cannot parse" in line or "Unable to" in line]
    binary = ("application/zip", "application/atom+xml", "application/x-bibtex", "application/jsonl")
    assert all(any(media_type in line for media_type in binary) for line in left_out), said
    shutil.copy(PROGRAMS / "program.py", folder)
    return folder


def test_generated_python_passes_the_type_checker(python_client: Path) -> None:
    """The package and a program that uses it are well typed, `client.py` apart, which is the generator's own."""
    options = ["--config-file=", "--strict", "--no-error-summary", f"--cache-dir={python_client / 'cache'}"]
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "mypy", *options, "program.py"],
        cwd=python_client,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line for line in lines if not line.startswith(str(Path("generated") / "client.py"))] == [], done.stdout
    assert done.stderr == ""


def test_generated_python_works(python_client: Path, address: str) -> None:
    """The program gets answers and refusals from a running server."""
    assert run(sys.executable, "program.py", address, folder=python_client).splitlines() == [
        "119 complaint met-2012-2018-complaints 0.2003 1",
        "404 ['met-2012-2018-complaints']",
        "422 out-of-range",
        "not-comparable None",
    ]


# --- TypeScript, and the linter --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the tools that come from npm, pinned by its lock; skip where there is no registry."""
    folder = tmp_path_factory.mktemp("node")
    install(PROGRAMS, folder)
    shutil.copy(PROGRAMS / "program.ts", folder)
    shutil.copy(COMMITTED, folder)
    return folder


def test_linter_finds_nothing(node_folder: Path) -> None:
    """Redocly's recommended rules find no error and no warning."""
    redocly = script(node_folder, "redocly")
    found = json.loads(run(redocly, "lint", "openapi.json", "--format=json", folder=node_folder))
    assert found["problems"] == []


def test_generated_typescript_compiles_and_works(node_folder: Path, address: str) -> None:
    """Types come of the document, a program that uses them compiles, and it works with a running server."""
    run(script(node_folder, "openapi-typescript"), "openapi.json", "-o", "schema.d.ts", folder=node_folder)
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--types", "node"]
    (node_folder / "package.json").write_text('{"type": "module"}')
    run(script(node_folder, "tsc"), *options, "program.ts", folder=node_folder)
    assert run("node", "program.ts", address, folder=node_folder).splitlines() == [
        "119 complaint met-2012-2018-complaints 0.2003 1",
        "422 unknown-parameter",
    ]


# --- docs/clients.md ------------------------------------------------------------------------------------------

TEXT = (PROJECT / "docs" / "clients.md").read_text("utf-8")
HERE = "http://localhost:8000"
ADDRESSES = sorted(set(re.findall(rf"{HERE}(/[^\s\"'`]*)", TEXT)))
REFUSED = "/v1/outcomes?force=metropolitian&outcme=upheld"


def blocks(language: str) -> list[str]:
    """Return the examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def test_every_language_has_an_example() -> None:
    """There is something to run."""
    assert [len(blocks(name)) for name in ("sh", "python", "r", "js")] == [3, 3, 1, 1]
    assert len(ADDRESSES) >= 8


@pytest.mark.parametrize("path", ADDRESSES)
def test_addresses_are_answered(address: str, path: str) -> None:
    """Every address of the page is answered, but for the one that shows a refusal; a table is a table."""
    answer = httpx.get(address + path.replace(HERE, address))
    assert answer.status_code == (422 if path == REFUSED else 200)
    if "format=csv" in path:
        assert answer.headers["content-type"].startswith("text/csv")
        assert len(answer.text.splitlines()) > 1, "no empty table"


@pytest.mark.parametrize("call", blocks("sh"))
def test_calls_of_curl(address: str, call: str, tmp_path: Path) -> None:
    """Whoever copies a call into a shell gets an answer."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    run("sh", "-c", call.replace(HERE, address), folder=tmp_path)


@pytest.mark.parametrize("program", blocks("python"))
def test_examples_in_python(address: str, program: str, tmp_path: Path) -> None:
    """Each program runs and prints something."""
    assert "met-2012-2018-complaints" in run(sys.executable, "-c", program.replace(HERE, address), folder=tmp_path)


def test_pandas_reads_the_same_table_from_both_forms(address: str) -> None:
    """CSV and JSON Lines, each read by pandas from its address, hold the same rows, cell by cell."""
    read = {
        "dtype": {"coverage_forces_asked": "Int64", "coverage_forces_included": "Int64", "per": "Int64"},
        "keep_default_na": False,
        "na_values": [""],
    }
    table = pd.read_csv(f"{address}/v1/figures?format=csv", **read)
    lines = pd.read_json(f"{address}/v1/figures?format=jsonl", lines=True, precise_float=True)
    flat = pd.json_normalize(lines.to_dict("records"), sep="_")
    assert len(table) == len(flat) == 15

    def cell(value: object) -> object:
        if isinstance(value, list):
            return "|".join(value) if all(isinstance(item, str) for item in value) else json.dumps(value)
        return None if pd.isna(value) else value

    nowhere_given = {"breakdown", "coverage_forces_asked", "coverage_forces_included"}
    assert set(table.columns) - set(flat.columns) == nowhere_given
    for column in set(table.columns) - nowhere_given:
        of_lines = [None if (found := cell(value)) == "" else found for value in flat[column]]
        of_table = [cell(value) for value in table[column]]
        if column in {"evidence", "related"}:
            of_table = [json.dumps(json.loads(str(value))) for value in of_table]
            of_lines = [value or "[]" for value in of_lines]
        assert of_table == of_lines, column


@pytest.mark.parametrize("program", blocks("js"))
def test_examples_in_javascript(address: str, program: str, tmp_path: Path) -> None:
    """The program runs in Node.js and prints the figure with its citation."""
    (tmp_path / "example.mjs").write_text(program.replace(HERE, address))
    assert run(NODE / "node", "example.mjs", folder=tmp_path).startswith(
        "119 complaint 0.2003 Of the 594 complaints"
    )

"""Clients generated from `docs/openapi.json` pass their type checkers and work."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.http.openapi import COMMITTED
from tests.npm import SCRIPTS, install, run, script

PROGRAMS = Path(__file__).parent / "programs"


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
    binary = (
        "application/zip",
        "application/atom+xml",
        "application/x-bibtex",
        "application/jsonl",
        "spreadsheetml.sheet",
    )
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

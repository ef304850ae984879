"""docs/clients.md: every example runs and every URL works."""

import json
import re
import shutil
import sys
from pathlib import Path

import httpx
import pandas as pd
import pytest

from app.settings import PROJECT
from tests.api import PUBLIC
from tests.docs.markdown import blocks
from tests.npm import NODE, run

PAGE = (PROJECT / "docs" / "clients.md").read_text("utf-8")
HERE = "http://localhost:8000"
ADDRESSES = sorted(set(re.findall(rf"{HERE}(/[^\s\"'`]*)", PAGE)))
REFUSED = "/v1/outcomes?force=metropolitian&outcme=upheld"


def test_every_language_has_an_example() -> None:
    """Each language has examples to run."""
    assert [len(blocks(PAGE, name)) for name in ("sh", "python", "r", "js")] == [5, 4, 1, 1]
    assert len(ADDRESSES) >= 8


@pytest.mark.parametrize("path", ADDRESSES)
def test_addresses_are_answered(latest: str, path: str) -> None:
    """Every URL on the page works, and the deliberate mistake gets a 422; every CSV has rows."""
    answer = httpx.get(latest + path.replace(HERE, PUBLIC))
    assert answer.status_code == (422 if path == REFUSED else 200)
    if "format=csv" in path:
        assert answer.headers["content-type"].startswith("text/csv")
        assert len(answer.text.splitlines()) > 1


@pytest.mark.parametrize("call", blocks(PAGE, "sh"))
def test_curl(address: str, call: str, tmp_path: Path) -> None:
    """Each curl command succeeds."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    run("sh", "-c", call.replace(HERE, address), folder=tmp_path)


@pytest.mark.parametrize("program", blocks(PAGE, "python"))
def test_python(address: str, program: str, tmp_path: Path) -> None:
    """Each program runs and prints a figure."""
    assert "met-2012-2018-complaints" in run(sys.executable, "-c", program.replace(HERE, address), folder=tmp_path)


def test_pandas_reads_the_same_table_from_csv_and_json_lines(address: str) -> None:
    """Pandas reads the same rows, cell by cell, from CSV and JSON Lines, using the page's code."""
    options = {
        "dtype": {"coverage_forces_asked": "Int64", "coverage_forces_included": "Int64", "per": "Int64"},
        "keep_default_na": False,
        "na_values": [""],
    }
    table = pd.read_csv(f"{address}/v1/figures?format=csv", **options)
    lines = pd.read_json(f"{address}/v1/figures?format=jsonl", lines=True, precise_float=True)
    flat = pd.json_normalize(lines.to_dict("records"), sep="_")
    assert len(table) == len(flat) == 15

    def cell(value: object) -> object:
        if isinstance(value, list):
            return "|".join(value) if all(isinstance(item, str) for item in value) else json.dumps(value)
        return None if pd.isna(value) else value

    never_given = {"breakdown", "coverage_forces_asked", "coverage_forces_included"}
    assert set(table.columns) - set(flat.columns) == never_given
    for column in set(table.columns) - never_given:
        of_lines = [None if (found := cell(value)) == "" else found for value in flat[column]]
        of_table = [cell(value) for value in table[column]]
        if column in {"evidence", "related"}:
            of_table = [json.dumps(json.loads(str(value))) for value in of_table]
            of_lines = [value or "[]" for value in of_lines]
        assert of_table == of_lines, column


@pytest.mark.parametrize("program", blocks(PAGE, "js"))
def test_javascript(address: str, program: str, tmp_path: Path) -> None:
    """The program runs in Node.js and prints the figure with its citation."""
    (tmp_path / "example.mjs").write_text(program.replace(HERE, address))
    assert run(NODE / "node", "example.mjs", folder=tmp_path).startswith(
        "119 complaint 0.2003 Of the 594 complaints"
    )

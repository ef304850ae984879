"""Tables read by common programs: numbers, days and texts match the API, and null stays null."""

import csv
import io
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import openpyxl
import pandas as pd
import polars as pl
import pytest

from app.routes import records
from tests import made
from tests.api import running_api
from tests.formats.packages import errors, rows, unpacked
from tests.npm import SCRIPTS, run
from tests.postgresql import database_of

PROGRAMS = Path(__file__).parent / "programs"

Row = dict[str, Any]

TEXTS = ("id", "statement", "value_status")
DAYS = ("period_start", "period_end")
COLUMNS = (*TEXTS, "value", "share", "base_part", *DAYS)
"""Columns of every type: text, integers with a gap, decimals, booleans and days."""

MADE = [
    made.figure("007", statement='It said: "None, or 0,5".', value=0),
    made.figure("1e5", statement="A comma, a semicolon; and a backslash \\.", value=12),
    made.figure("0123-4", statement="=1+1 = 2", value=None, value_status="withheld"),
    made.figure("undated", period=made.UNDATED, value=5),
    made.figure("share", statement="\u00a3 \u2013 \u201cquoted\u201d | piped", value=3, base=made.base("1e5")),
]
"""Ids that look like numbers, and texts that are hard to parse."""


@pytest.fixture(scope="module")
def hard(server: str) -> Iterator[str]:
    """Yield the address of a running server for `MADE`."""
    with database_of(server, MADE) as database, running_api(database) as address:
        yield address


@pytest.fixture(params=["latest", "hard"])
def api(request: pytest.FixtureRequest) -> str:
    """Return a server's address: one with real figures, one with tricky ones."""
    address: str = request.getfixturevalue(request.param)
    return address


def stated(address: str) -> list[Row]:
    """Return all figures from the JSON, page by page."""
    found: list[Row] = []
    following: str | None = "/v1/figures?limit=500"
    while following:
        page = httpx.get(address + following).json()
        found += [_stated(record) for record in page["data"]]
        following = page["links"]["next"]
    return found


def _stated(record: Mapping[str, Any]) -> Row:
    share, base, period = record["share"], record["base"], record["period"]
    row = {name: record[name] for name in (*TEXTS, "value")}
    row |= {"share": None if share is None else float(share), "base_part": base["part"] if base else None}
    return row | {day: day_of(period[day.removeprefix("period_")]) for day in DAYS}


def day_of(text: str | None) -> date | None:
    """Return a day given as text, or None."""
    return None if text is None else date.fromisoformat(text)


def check(found: Sequence[Row], address: str, *, safe: bool = False) -> None:
    """Check that a program read every figure correctly, including the types of the cells.

    If `safe`, texts may start with the apostrophe that stops a spreadsheet from running them.
    """
    expected = stated(address)
    assert [row["id"] for row in found] == [row["id"] for row in expected]
    for one, other in zip(found, expected, strict=True):
        for name in COLUMNS:
            value = one[name]
            if safe and isinstance(value, str):
                value = value.removeprefix("'")
            assert (value, type(value)) == (other[name], type(other[name])), f"{one['id']}: {name}"
    unknown = [row["id"] for row in expected if row["value_status"] != "stated"]
    assert unknown
    assert [row["id"] for row in found if row["value"] is None] == unknown
    assert any(row["value"] == 0 for row in found), (
        "without a zero, nothing shows that it isn't the same as unknown"
    )


def saved(address: str, form: str, folder: Path) -> Path:
    """Save all figures to a file."""
    path = folder / f"figures.{form}"
    path.write_bytes(httpx.get(f"{address}/v1/figures?format={form}").content)
    return path


# --- libraries -------------------------------------------------------------------------------------------------


def of_frame(frame: pl.DataFrame) -> list[Row]:
    """Return the rows of a polars table."""
    return frame.select(COLUMNS).to_dicts()


def with_pandas(address: str, _: Path) -> list[Row]:
    """Read CSV from its URL, using the pandas types that support null."""
    options: dict[str, Any] = {"keep_default_na": False, "na_values": [""], "dtype_backend": "numpy_nullable"}
    table = pd.read_csv(f"{address}/v1/figures?format=csv", parse_dates=list(DAYS), **options)
    assert str(table["value"].dtype) == "Int64"
    cells = table[list(COLUMNS)].astype(object)
    return [
        {
            name: None if pd.isna(cell) else cell.date() if isinstance(cell, datetime) else cell
            for name, cell in row.items()
        }
        for row in cells.where(cells.notna(), None).to_dict("records")
    ]


def with_polars(address: str, _: Path) -> list[Row]:
    """Read CSV downloaded beforehand, as docs/clients.md shows."""
    content = httpx.get(f"{address}/v1/figures?format=csv").content
    return of_frame(pl.read_csv(content, infer_schema_length=None, try_parse_dates=True))


def with_polars_from_json_lines(address: str, _: Path) -> list[Row]:
    """Read JSON Lines, where dates are text and the base is an object."""
    content = httpx.get(f"{address}/v1/figures?format=jsonl").content
    period = [pl.col("period").struct.field(end).str.to_date().alias(f"period_{end}") for end in ("start", "end")]
    part = pl.col("base").struct.field("part").alias("base_part")
    return of_frame(pl.read_ndjson(content, infer_schema_length=None).with_columns(part, *period))


def with_duckdb(address: str, folder: Path) -> list[Row]:
    """Read a CSV file with the types that DuckDB infers."""
    found = duckdb.read_csv(str(saved(address, "csv", folder))).project(", ".join(COLUMNS))
    return [dict(zip(COLUMNS, row, strict=True)) for row in found.fetchall()]


def with_duckdb_from_json_lines(address: str, folder: Path) -> list[Row]:
    """Read a JSON Lines file, in which DuckDB recognises the days."""
    lines = duckdb.read_json(str(saved(address, "jsonl", folder)), format="newline_delimited")
    chosen = "base.part AS base_part, period.start AS period_start, period.end AS period_end"
    found = lines.project(f"{', '.join(TEXTS)}, value, CAST(share AS DOUBLE) AS share, {chosen}")
    assert tuple(found.columns) == COLUMNS
    return [dict(zip(COLUMNS, row, strict=True)) for row in found.fetchall()]


def with_sqlite_utils(address: str, folder: Path) -> list[Row]:
    """Insert CSV into SQLite, which has no type for days or booleans."""
    run(
        *(SCRIPTS / "sqlite-utils", "insert", folder / "upheld.db", "figures", saved(address, "csv", folder)),
        *("--csv", "--empty-null", "--pk", "id"),
        folder=folder,
    )
    return of_sqlite(folder / "upheld.db")


def of_sqlite(path: Path) -> list[Row]:
    """Return the rows of the SQLite table."""
    with sqlite3.connect(path) as connection:
        found = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM figures ORDER BY rowid").fetchall()  # noqa: S608 - ours
    truth = {"true": True, "false": False, None: None}
    cells = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    return [row | {"base_part": truth[row["base_part"]]} | {day: day_of(row[day]) for day in DAYS} for row in cells]


def with_openpyxl(address: str, folder: Path) -> list[Row]:
    """Read the first sheet of a workbook."""
    sheet = openpyxl.load_workbook(saved(address, "xlsx", folder))["Figures"]
    header, *cells = sheet.iter_rows(values_only=True)
    found = [dict(zip(map(str, header), row, strict=True)) for row in cells]
    # A day's cell is a datetime, and a share of 1.0 is read as the integer 1.
    return [
        row
        | {day: None if row[day] is None else row[day].date() for day in DAYS}
        | {"share": None if row["share"] is None else float(row["share"])}
        for row in found
    ]


# --- programs --------------------------------------------------------------------------------------------------


def of_text(found: Iterable[Mapping[str, str | None]], null: str | None = "") -> list[Row]:
    """Return rows of text cells with each cell converted to its column's type."""
    rows: list[Row] = []
    for row in found:
        cells = {name: None if row[name] == null else row[name] for name in COLUMNS}
        value, share, part = cells["value"], cells["share"], cells["base_part"]
        numbers = {"value": value and int(value), "share": share and float(share)}
        rows.append(
            cells
            | numbers
            | {"base_part": None if part is None else {"true": True, "false": False}[part.lower()]}
            | {day: day_of(cells[day]) for day in DAYS}
        )
    return rows


def with_csvkit(address: str, folder: Path) -> list[Row]:
    """Convert a workbook to CSV, which cleans, types and rewrites its rows."""
    return of_text(
        csv.DictReader(run(SCRIPTS / "in2csv", saved(address, "xlsx", folder), folder=folder).splitlines())
    )


def with_libreoffice(address: str, folder: Path) -> list[Row]:
    """Open a workbook and save its sheets as CSV, with every cell as displayed."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed; Debian's package libreoffice-calc-nogui has it")
    run(
        *(program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"),
        *("--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"),
        saved(address, "xlsx", folder),
        folder=folder,
    )
    with (folder / "figures-Figures.csv").open(encoding="utf-8", newline="") as file:
        return of_text(csv.DictReader(file))


def with_readr(address: str, folder: Path) -> list[Row]:
    """Read CSV from its URL in R, which has one type for all numbers."""
    if shutil.which("Rscript") is None or not run(
        "Rscript", "-e", "cat(system.file(package='readr'))", folder=folder
    ):
        pytest.skip("R's readr is not installed; Debian's package r-cran-readr has it")
    types, _, table = run("Rscript", PROGRAMS / "program.R", address, folder=folder).partition("\n")
    assert types.split(",") == [*["character"] * 3, "numeric", "numeric", "logical", "Date", "Date"]
    return of_text(csv.DictReader(io.StringIO(table, newline="")), "NA")


READERS: Mapping[str, Callable[[str, Path], Sequence[Row]]] = {
    "pandas": with_pandas,
    "polars": with_polars,
    "polars, JSON Lines": with_polars_from_json_lines,
    "DuckDB": with_duckdb,
    "DuckDB, JSON Lines": with_duckdb_from_json_lines,
    "sqlite-utils": with_sqlite_utils,
    "openpyxl": with_openpyxl,
    "csvkit": with_csvkit,
    "LibreOffice": with_libreoffice,
    "readr": with_readr,
}

WITH_APOSTROPHE = {"pandas", "polars", "DuckDB", "sqlite-utils", "readr"}
"""The CSV readers: in CSV, an apostrophe stops text from running as a formula."""


@pytest.mark.parametrize("name", READERS)
def test_every_cell_is_read_as_it_is(api: str, name: str, tmp_path: Path) -> None:
    """Integers stay integers, days are days, ids keep their zeros, and unknown values are null, never 0."""
    check(READERS[name](api, tmp_path), api, safe=name in WITH_APOSTROPHE)


def test_csvkit_finds_the_types(latest: str, tmp_path: Path) -> None:
    """The csvstat command finds numbers, days and text, the extremes, and the figure without a number."""
    path = saved(latest, "csv", tmp_path)
    said = run(SCRIPTS / "csvstat", "--csv", "--columns", ",".join(COLUMNS), path, folder=tmp_path)
    found = {row["column_name"]: row for row in csv.DictReader(said.splitlines())}
    assert [found[name]["type"] for name in COLUMNS] == [
        *["Text"] * 3,
        *["Number"] * 2,
        "Boolean",
        *["Date"] * 2,
    ]
    figures = stated(latest)
    values = [row["value"] for row in figures if row["value"] is not None]
    assert [int(found["value"][name]) for name in ("nonnulls", "min", "max", "sum")] == [
        *(len(values), min(values), max(values), sum(values)),
    ]
    assert {name: int(found[name]["nonnulls"]) for name in COLUMNS} == {
        name: sum(row[name] is not None for row in figures) for name in COLUMNS
    }


def test_csvkit_fills_a_database(latest: str, tmp_path: Path) -> None:
    """In a SQLite table made by csvsql, the figure without a number is null."""
    path = saved(latest, "csv", tmp_path)
    run(SCRIPTS / "csvsql", "--db", "sqlite:///upheld.db", "--insert", path, folder=tmp_path)
    with sqlite3.connect(tmp_path / "upheld.db") as connection:
        found = connection.execute("SELECT id, value FROM figures ORDER BY rowid").fetchall()
    assert found == [(row["id"], row["value"]) for row in stated(latest)]


def test_frictionless_reads_everything(latest: str, tmp_path: Path) -> None:
    """The data package is valid, and each table has as many rows as the API counts."""
    content = httpx.get(f"{latest}/v1/export.zip").content
    assert errors(content, tmp_path) == []
    counts = {name: len(rows(unpacked(content), name)) for name in ("figures", "incidents", "sources", "workforce")}
    for name in ("figures", "incidents", "sources"):
        assert counts[name] == httpx.get(f"{latest}/v1/{name}").json()["meta"]["total"]
    assert counts["workforce"] > counts["figures"]


# --- over the network ------------------------------------------------------------------------------------------

SOME = "/v1/figures?force=metropolitan"


def test_polars_reads_in_pieces_what_is_at_hand(latest: str) -> None:
    """An answer of up to a thousand records has a length and supports ranges, which polars relies on."""
    figures = httpx.get(latest + SOME).json()["data"]
    values = [figure["value"] for figure in figures]
    assert None in values
    table, lines = (f"{latest}{SOME}&format={form}" for form in ("csv", "jsonl"))
    assert pl.read_csv(table)["value"].to_list() == values
    assert pl.scan_csv(table).select("value").collect()["value"].to_list() == values
    assert pl.read_ndjson(lines)["value"].to_list() == values
    assert pl.scan_ndjson(lines).select("value").collect()["value"].to_list() == values


@pytest.mark.parametrize("read", [pl.read_csv, pl.read_ndjson])
def test_polars_does_not_read_a_stream(
    latest: str, read: Callable[[str], pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    """More records are streamed without a length, as HTTP allows; polars refuses that, as docs/clients.md says."""
    form = {pl.read_csv: "csv", pl.read_ndjson: "jsonl"}[read]
    monkeypatch.setattr(records, "MAX_WARNED", 500)
    with pytest.raises(OSError, match="Content-Length"):
        read(f"{latest}/v1/figures?format={form}&sort=value")


def test_duckdb_reads_an_address(latest: str, tmp_path: Path) -> None:
    """With its httpfs extension, DuckDB reads a table from its URL, whether or not it's streamed."""
    with duckdb.connect(config={"extension_directory": str(tmp_path)}) as connection:
        try:
            connection.execute("INSTALL httpfs")
        except duckdb.IOException as missing:
            pytest.skip(f"DuckDB can't install httpfs here, so it only reads files: {str(missing).splitlines()[0]}")
        connection.execute("LOAD httpfs")
        for query in ("/v1/figures?", f"{SOME}&"):
            found = connection.read_csv(f"{latest}{query}format=csv")
            assert found.shape[0] == httpx.get(latest + query.rstrip("?&")).json()["meta"]["total"]

"""CSV is lossless: every record can be read back unchanged."""

import csv
import io
import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import orjson
import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from app.formats.columns import FIGURE_COLUMNS, INCIDENT_COLUMNS, Column
from app.formats.csv import csv_rows, header
from app.http.openapi import COMMITTED, operations
from tests import made
from tests.made import alone, answer

Row = dict[str, str]
Document = dict[str, Any]

WITH_CSV = [
    path
    for path, operation in operations(orjson.loads(COMMITTED.read_bytes()))
    if "text/csv" in operation["responses"]["200"].get("content", {})
]
"""The paths of all lists that can be had as CSV."""

JSON = {"evidence", "related"}
LISTS = {"subjects", "per_subjects", "notes", "base_candidates", "cautions"}
NUMBERS = {"value", "value_to", "per", "share", "coverage_forces_asked", "coverage_forces_included"}
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


def text_of(cell: str) -> str:
    """Return a text without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def items_of(cell: str) -> list[str]:
    """Return the items of a list. No item is empty, so an empty cell is an empty list."""
    items = re.findall(r"((?:\\.|[^\\|])+)", text_of(cell), re.DOTALL)
    return [re.sub(r"\\(.)", r"\1", item, flags=re.DOTALL) for item in items]


def value_of(header: str, cell: str) -> object:
    """Return the value of a cell, as the glossary explains cells."""
    if header in JSON or header in NUMBERS or header in {"base_part", "unit_disputed"}:
        return orjson.loads(cell) if cell else None
    if header in LISTS:
        return items_of(cell)
    if header == "breakdown":
        return dict(item.split("=", 1) for item in items_of(cell))
    return text_of(cell) if cell else None


def read_back(row: Row, columns: Sequence[Column]) -> Document:
    """Return the document of a row. An object whose cells are all empty is null."""
    found: Document = {}
    for column in columns:
        value = value_of(column.header, row[column.header])
        if len(column.path) == 1:
            found[column.header] = value
        else:
            outer, inner = column.path
            found.setdefault(outer, {})[inner] = value
    nested = {column.path[0] for column in columns if len(column.path) > 1}
    return found | {name: None for name in nested if not any(found[name].values())}


def rows_of(text: str) -> list[Row]:
    """Read CSV as any library does."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


# --- the project's own data ------------------------------------------------------------------------------------


@pytest.mark.anyio
@pytest.mark.parametrize("query", ["", "force=metropolitan", "sort=id", "allegation=any&sort=-id"])
@pytest.mark.parametrize(("noun", "columns"), [("figures", FIGURE_COLUMNS), ("incidents", INCIDENT_COLUMNS)])
async def test_formats_have_the_same_rows(
    client: AsyncClient, noun: str, columns: Sequence[Column], query: str
) -> None:
    """CSV, JSON Lines and the pages of JSON have the same records in the same order, field by field."""
    address = f"/v1/{noun}?{query}".rstrip("?")
    records: list[Document] = []
    following: str | None = f"{address}{'&' if query else '?'}limit=3"
    while following:
        page = (await client.get(following)).json()
        records += page["data"]
        following = page["links"]["next"]
    table = await client.get(address, headers={"Accept": "text/csv"})
    lines = await client.get(address, headers={"Accept": "application/jsonl"})
    assert records
    assert [orjson.loads(line) for line in lines.text.splitlines()] == records
    assert [read_back(row, columns) for row in rows_of(table.text)] == records


@pytest.mark.anyio
@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("query", ["", "&period=2018", "&force=kent", "&sort=value", "&unit=case"])
async def test_whole_sets_say_how_many_warnings_there_are(client: AsyncClient, form: str, query: str) -> None:
    """The number is that of the linked JSON, even for an empty set."""
    whole = await client.get(f"/v1/figures?format={form}{query}")
    (described,) = re.findall(r'<([^>]+)>; rel="describedby"', whole.headers["link"])
    warnings = (await client.get(described)).json()["warnings"]
    assert warnings
    assert whole.headers["x-upheld-warnings"] == str(len(warnings))


@pytest.mark.anyio
@pytest.mark.parametrize("path", WITH_CSV)
async def test_byte_order_mark(client: AsyncClient, path: str) -> None:
    """`bom=true` adds a byte order mark to any CSV and changes nothing else; other formats refuse it."""
    address = path.format(id="metropolitan")
    plain = (await client.get(f"{address}?format=csv")).content
    marked = await client.get(f"{address}?bom=true", headers={"Accept": "text/csv"})
    assert marked.content == b"\xef\xbb\xbf" + plain
    for query in ("bom=true", "format=jsonl&bom=true", "format=xlsx&bom=false"):
        (error,) = (await client.get(f"{address}?{query}")).json()["errors"]
        assert (error["parameter"], error["code"]) == ("bom", "not-applicable")


# --- any data at all -------------------------------------------------------------------------------------------

ONE = made.figure(
    "one",
    kind="outcome",
    subjects=["officers", "staff"],
    breakdown={"sex": "male"},
    base=made.base("whole", "other"),
    notes=["A note."],
    related=[{"type": "overlaps", "id": "two", "note": "A note."}],
)
WHOLE = made.figure("whole", value=4)
TWO = made.figure("two", value_status="not-disclosed", period=made.UNDATED)
THREE = made.incident("three")
DATASET = made.dataset([ONE, WHOLE, TWO, THREE])
OF = alone(made.release("1.0.0", DATASET), DATASET)
FULL, BARE, EVENT = (answer(record, OF).model_dump(mode="json") for record in (ONE, TWO, THREE))

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
HOSTILE = st.one_of(
    ANY_TEXT,
    st.text("=+-@\t\r\n'\"|\\,;= a", min_size=1, max_size=12),
    st.sampled_from(
        ["=1+1", "'=1", "''=1", "a|b", "a\\|b", "\\", "|", '"', '""', "\r\n", "-1", "null", "[]", "{}"]
    ),
)


def row_of(document: Document, columns: Sequence[Column]) -> Row:
    """Write a document as CSV and return its row as a library reads it."""
    (row,) = rows_of(header(columns) + csv_rows([orjson.dumps(document).decode()], columns))
    return row


@given(statement=HOSTILE, label=HOSTILE, name=HOSTILE, notes=st.lists(HOSTILE), printed=HOSTILE, full=st.booleans())
def test_figures_round_trip(  # noqa: PLR0913 - one argument for each field that holds text
    statement: str, label: str, name: str, notes: list[str], printed: str, *, full: bool
) -> None:
    """No text of a figure is lost or changed, including formulas, separators, quotes and line ends."""
    document = deepcopy(FULL if full else BARE)
    document |= {"statement": statement, "notes": notes}
    document["period"]["label"] = label
    document["force"]["name"] = name
    document["evidence"][0]["as_printed"] = printed
    assert read_back(row_of(document, FIGURE_COLUMNS), FIGURE_COLUMNS) == document


@given(statement=HOSTILE, notes=st.lists(HOSTILE))
def test_incidents_round_trip(statement: str, notes: list[str]) -> None:
    """No text of an incident is lost or changed."""
    document = deepcopy(EVENT) | {"statement": statement, "notes": notes}
    assert read_back(row_of(document, INCIDENT_COLUMNS), INCIDENT_COLUMNS) == document


@given(st.lists(HOSTILE, min_size=1))
def test_no_cell_is_a_formula(texts: list[str]) -> None:
    """No text starts like a formula. Negative numbers do, and stay numbers."""
    document = deepcopy(FULL) | {"statement": texts[0], "notes": texts, "value": -5, "value_type": "change-count"}
    row = row_of(document, FIGURE_COLUMNS)
    assert row.pop("value") == "-5"
    assert not any(cell.startswith(FORMULA) for cell in row.values())

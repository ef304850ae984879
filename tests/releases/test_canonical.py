"""The CSV and JSON Lines forms lose nothing: what was written can be read back as it was, whatever stands in it."""

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
from pydantic import BaseModel

from app.formats.csv import AS_JSON, FIGURE_COLUMNS, INCIDENT_COLUMNS, NESTED, Column, csv_lines, header
from app.releases.rendering import FigureAnswer, IncidentAnswer, OfRelease, answer
from tests import made

Row = dict[str, str]
Document = dict[str, Any]

LISTS = {"subjects", "notes", "base_candidates"}
NUMBERS = {"value", "value_to", "per", "share", "coverage_forces_asked", "coverage_forces_included"}
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


def text_of(cell: str) -> str:
    """Return a text without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def items_of(cell: str) -> list[str]:
    """Return the items of a list; none may be empty, so that an empty cell is an empty list."""
    items = re.findall(r"((?:\\.|[^\\|])+)", text_of(cell), re.DOTALL)
    return [re.sub(r"\\(.)", r"\1", item, flags=re.DOTALL) for item in items]


def value_of(header: str, cell: str) -> object:
    """Return what a cell was written from: the inverse of the CSV form, as its documentation tells it."""
    if header in AS_JSON or header in NUMBERS or header == "base_part":
        return orjson.loads(cell) if cell else None
    if header in LISTS:
        return items_of(cell)
    if header == "breakdown":
        return dict(item.split("=", 1) for item in items_of(cell))
    return text_of(cell) if cell else None


def read_back(row: Row, model: type[BaseModel], layout: Sequence[Column]) -> Document:
    """Return the document that a row was written from."""
    found: Document = {}
    for name in model.model_fields:
        if name not in NESTED:
            found[name] = value_of(name, row[name])
            continue
        cells = {column.path[1]: row[column.header] for column in layout if column.path[0] == name}
        whole = {part: value_of(f"{name}_{part}", cell) for part, cell in cells.items()}
        found[name] = whole if any(cells.values()) else None
    return found


def rows_of(text: str) -> list[Row]:
    """Read CSV as any library does."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


# --- what the project's own data gives -------------------------------------------------------------------------


@pytest.mark.anyio
@pytest.mark.parametrize("query", ["", "force=metropolitan", "sort=id", "allegation=any&sort=-id"])
@pytest.mark.parametrize(
    ("noun", "model", "layout"),
    [("figures", FigureAnswer, FIGURE_COLUMNS), ("incidents", IncidentAnswer, INCIDENT_COLUMNS)],
)
async def test_every_form_has_the_same_rows(
    client: AsyncClient, noun: str, model: type[BaseModel], layout: Sequence[Column], query: str
) -> None:
    """CSV, JSON Lines and the pages of JSON are the same records in the same order, field by field."""
    address = f"/v1/{noun}?{query}".rstrip("?")
    pages: list[Document] = []
    following: str | None = f"{address}{'&' if query else '?'}limit=3"
    while following:
        page = (await client.get(following)).json()
        pages += page["data"]
        following = page["links"]["next"]
    table = await client.get(address, headers={"Accept": "text/csv"})
    lines = await client.get(address, headers={"Accept": "application/jsonl"})
    assert pages
    assert [orjson.loads(line) for line in lines.text.splitlines()] == pages
    assert [read_back(row, model, layout) for row in rows_of(table.text)] == pages


@pytest.mark.anyio
async def test_a_mark_changes_nothing_else(client: AsyncClient) -> None:
    """With `bom=true` the table is the same behind the mark that spreadsheets look for."""
    plain = (await client.get("/v1/figures?format=csv")).content
    assert (await client.get("/v1/figures?format=csv&bom=true")).content == b"\xef\xbb\xbf" + plain


# --- what anything at all would give ---------------------------------------------------------------------------

DATASET = made.dataset([])
OF = OfRelease(
    made.release("1.0.0", DATASET), {f.id: f for f in DATASET.forces}, {s.id: s for s in DATASET.sources}
)
FULL = answer(
    made.figure(
        "one",
        kind="outcome",
        subjects=["officers", "staff"],
        breakdown={"sex": "male"},
        base=made.base("whole", "other"),
        notes=["A note."],
        related=[{"type": "overlaps", "id": "two", "note": "A note."}],
    ),
    made.figure("whole", value=4),
    OF,
).model_dump(mode="json")
BARE = answer(made.figure("two", value_status="not-disclosed", period=made.UNDATED), None, OF).model_dump(
    mode="json"
)
EVENT = answer(made.incident("three"), None, OF).model_dump(mode="json")

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
HOSTILE = st.one_of(
    ANY_TEXT,
    st.text("=+-@\t\r\n'\"|\\,;= a", min_size=1, max_size=12),
    st.sampled_from(
        ["=1+1", "'=1", "''=1", "a|b", "a\\|b", "\\", "|", '"', '""', "\r\n", "-1", "null", "[]", "{}"]
    ),
)


def round_trip(document: Document, model: type[BaseModel], layout: Sequence[Column]) -> Document:
    """Write a document as CSV and read it back."""
    (row,) = rows_of(header(layout) + csv_lines([orjson.dumps(document).decode()], layout))
    return read_back(row, model, layout)


@given(statement=HOSTILE, label=HOSTILE, name=HOSTILE, notes=st.lists(HOSTILE), printed=HOSTILE, full=st.booleans())
def test_figures_come_back(  # noqa: PLR0913 - one for each place where text can stand
    statement: str, label: str, name: str, notes: list[str], printed: str, *, full: bool
) -> None:
    """No text of a figure is lost or altered, formulas, separators, quotes and line ends included."""
    document = deepcopy(FULL if full else BARE)
    document |= {"statement": statement, "notes": notes}
    document["period"]["label"] = label
    document["force"]["name"] = name
    document["evidence"][0]["as_printed"] = printed
    assert round_trip(document, FigureAnswer, FIGURE_COLUMNS) == document


@given(statement=HOSTILE, notes=st.lists(HOSTILE))
def test_incidents_come_back(statement: str, notes: list[str]) -> None:
    """The same for incidents."""
    document = deepcopy(EVENT) | {"statement": statement, "notes": notes}
    assert round_trip(document, IncidentAnswer, INCIDENT_COLUMNS) == document


@given(st.lists(HOSTILE, min_size=1))
def test_no_cell_is_a_formula(texts: list[str]) -> None:
    """No text begins as a spreadsheet's formula does; numbers, which do, are left alone."""
    document = deepcopy(FULL) | {"statement": texts[0], "notes": texts, "value": -5, "value_type": "change-count"}
    (row,) = rows_of(header(FIGURE_COLUMNS) + csv_lines([orjson.dumps(document).decode()], FIGURE_COLUMNS))
    assert row.pop("value") == "-5"
    assert not any(cell.startswith(FORMULA) for cell in row.values())

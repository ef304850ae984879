"""Held tables: the rows and cells of a CSV file with their positions, and the numbers in cells."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from app.domain.fields import Curated, Integer, Text

BLANKS = " \u00a0\u202f"
BLANK = f"[{BLANKS}]"
"""Characters allowed around the text of a cell."""

Decimal = Literal[".", ","]
"""The decimal separator."""


class TableRow(Curated):
    """A row as printed in the held file."""

    paragraph: Integer = Field(ge=1, description="Non-empty line of the file, from 1.")
    starts: list[Annotated[Integer, Field(ge=0)]] = Field(
        description="For each cell, its first code point in that line, from 0; 0 if it is on another line."
    )
    cells: list[Annotated[str, Field(max_length=500)]] = Field(description="Each cell as printed.")
    skip: Text | None = Field(default=None, description="Why no cell of the row is a record, if so.")

    @model_validator(mode="after")
    def _each_cell_has_a_start(self) -> Self:
        if len(self.starts) != len(self.cells):
            raise ValueError(f"has {len(self.cells)} cells and {len(self.starts)} starts")
        return self


@dataclass(frozen=True)
class Table:
    """A held table's rows, as its seed file lists them; the first is the header."""

    delimiter: str
    decimal: Decimal
    force: int
    """The column that names the force."""
    values: Sequence[int]
    """The columns with figures."""
    rows: Sequence[TableRow]

    def name(self, row: TableRow) -> str:
        """Return a row's name: the force as printed."""
        return row.cells[self.force] if self.force < len(row.cells) else ""

    def cell_at(self, paragraph: int, start: int) -> str:
        """Return row, column and text of the cell at an offset; an empty cell is at the delimiter before it."""
        header = self.rows[0].cells
        for row in self.rows:
            if row.paragraph == paragraph:
                for name, text, first in zip(header, row.cells, row.starts, strict=False):
                    if start == (first if text else max(first - 1, 0)):
                        return f"row {self.name(row)}, column {name}: {text or 'empty'}"
        return ""


class CellNumber(NamedTuple):
    """The number in a cell."""

    printed: str
    value: float
    is_percent: bool


def read_rows(text: str, delimiter: str) -> list[TableRow]:
    """Return the rows of a CSV file. An empty cell starts right after the delimiter before it."""
    other = rf"[^{re.escape(delimiter)}\r\n]*"
    after = rf"(?={BLANK}*(?:{re.escape(delimiter)}|[\r\n]|$))"
    cell = re.compile(rf'{BLANK}*"(?P<quoted>(?:[^"]|"")*)"{after}{BLANK}*|{other}')
    lines = [line.start() for line in re.finditer(r"[^\r\n]+", text)]
    rows: list[TableRow] = []
    row: list[tuple[str, int]] = []
    at = 1 if text.startswith("\ufeff") else 0  # a byte order mark, which spreadsheets put at the start of a file
    while at < len(text):
        if not row and text[at] in "\r\n":
            at += 1
            continue
        match = cell.match(text, at)
        assert match is not None  # noqa: S101 - the pattern matches nothing, too
        start, end = match.span("quoted" if match["quoted"] is not None else 0)
        printed = text[start:end].lstrip(BLANKS)
        row.append((printed.rstrip(BLANKS), end - len(printed) if printed else at))
        at = match.end()
        if text[at : at + 1] == delimiter:
            at += 1
            if at < len(text):
                continue
            row.append(("", at))
        rows.append(_row(row, lines))
        row = []
    return rows


def _row(cells: Sequence[tuple[str, int]], lines: Sequence[int]) -> TableRow:
    paragraph = bisect_right(lines, cells[-1][1])
    first = lines[paragraph - 1]
    return TableRow(
        paragraph=paragraph,
        starts=[max(start - first, 0) for _, start in cells],
        cells=[text for text, _ in cells],
    )


def read_number(text: str, decimal: Decimal) -> CellNumber | None:
    """Read a cell that contains only a number, with or without "%"; return None for any other cell."""
    groups, point = (r"[,\u00a0\u202f ]", r"\.") if decimal == "." else (r"[.\u00a0\u202f ']", ",")
    number = rf"[-+\u2212]?(?:\d{{1,3}}(?:{groups}\d{{3}})+|\d+)(?:{point}\d+)?"
    match = re.fullmatch(rf"(?P<number>{number})(?P<percent>[\u00a0\u202f ]?%)?", text, re.ASCII)
    if match is None:
        return None
    whole, _, decimals = match["number"].partition(decimal)
    digits = re.sub(groups, "", whole).replace("\u2212", "-")
    value = float(f"{digits}.{decimals}") if decimals else int(digits)
    return CellNumber(match["number"], value, match["percent"] is not None)

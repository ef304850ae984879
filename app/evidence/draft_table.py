"""A skeleton of a table: a declaration to fill in for each column, and every row as printed with its places."""

import json
import re
from collections.abc import Sequence
from unicodedata import normalize

from app.domain.vocabulary import ValueType
from app.evidence.drafts import TODO, DraftError
from app.evidence.tables import CellNumber, Decimal, TableRow, read_number, read_rows

DELIMITERS = (",", ";", "\t")
DECIMALS: tuple[Decimal, ...] = (".", ",")
MARKS = re.compile(r"\s?(?:[*\u2020\u2021#+]+|\[\w+\]|\(\w+\))$")
"""A sign after a number that a draft takes for a footnote mark."""

PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z_ ]*")
"""A text that YAML reads as it is, `true` and the like apart."""


TABLE = """\
# Fill in every TODO or delete its line. What all columns say is under defaults, and a column may say it otherwise.
# A column without figures goes from columns to ignored, with the reason. A row about no force gets a skip: REASON.
table:
  ids: TODO  # how every record's id starts; the force and the column's id follow
  force: {force}  # the column that names the force
  delimiter: {delimiter}
  decimal: {decimal}
  defaults:
    kind: TODO
    allegation: TODO
    period: {{start: TODO, end: TODO, precision: TODO, year_type: TODO, basis: TODO, event: TODO, label: TODO}}
    unit: TODO
    notes: [TODO]
  columns:
{columns}
  ignored: {{{ignored}}}  # columns without figures, each with the reason
  partitions: []  # such as {{parts: [upheld, rejected], of: complaints, may_fall_short: Some are still open.}}
  exemptions: []  # such as {{force: kent, column: upheld, reason: The source has one more than the whole.}}
  rows:
{rows}
"""

COLUMN = """\
    - name: {name}
      id: {id}
      statement: {statement}  # with {{force}} and {{value}}
      stage: TODO  # only for a proceeding
      outcome: TODO  # only for an outcome
      value_type: {value_type}
      subjects: TODO
      base: {{column: TODO, basis: TODO, part: TODO}}
{cells}"""


def draft_table(text: str) -> str:
    """Return the skeleton of a table: its columns to declare, and its rows as printed.

    Raises:
        DraftError: if there are no rows below a header.

    """
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    rows = [row for row in read_rows(text, delimiter) if any(row.cells)]
    if len(rows) < 2:  # noqa: PLR2004 - a header and a row
        raise DraftError("the table has no rows below a header")
    header, *body = rows
    columns = [[row.cells[at] for row in body if at < len(row.cells)] for at in range(len(header.cells))]
    cells = [cell for row in body for cell in row.cells]
    decimal = max(DECIMALS, key=lambda point: sum(_number(cell, point) is not None for cell in cells))
    named = list(zip(header.cells, columns, strict=True))
    values = {name for name, cells in named if any(_number(cell, decimal) for cell in cells)}
    force = next((name for name in header.cells if name not in values), None)
    return TABLE.format(
        force=TODO if force is None else _quoted(force),
        delimiter=json.dumps(delimiter),
        decimal=json.dumps(decimal),
        columns="".join(_column(name, cells, decimal) for name, cells in named if name in values).rstrip("\n"),
        ignored=", ".join(f"{_quoted(name)}: {TODO}" for name in header.cells if name not in {force, *values}),
        rows="\n".join(f"    - {_row(row)}" for row in rows),
    )


def _number(cell: str, decimal: Decimal) -> CellNumber | None:
    """Return the number in a cell, with or without a footnote mark."""
    return read_number(cell, decimal) or read_number(MARKS.sub("", cell), decimal)


def _column(name: str, cells: Sequence[str], decimal: Decimal) -> str:
    """Return the declaration of a column, with what its cells need said about them."""
    numbers = {cell: _number(cell, decimal) for cell in cells}
    words = [cell for cell, number in numbers.items() if number is None and cell]
    marked = [cell for cell, number in numbers.items() if number is not None and read_number(cell, decimal) is None]
    marks = sorted({match[0].strip() for cell in marked if (match := MARKS.search(cell))})
    lines = ["      empty: TODO  # what an empty cell means: not-disclosed, withheld or not-counted\n"]
    lines = lines if "" in numbers else []
    for key, found, what in (
        ("words", words, "a number, not-disclosed, withheld or not-counted"),
        ("marks", marks, "what the mark says, as a note"),
    ):
        if found:
            said = ", ".join(f"{json.dumps(word, ensure_ascii=False)}: {TODO}" for word in found)
            lines.append(f"      {key}: {{{said}}}  # {what}\n")
    unknown = words or "" in numbers
    is_percent = any(number is not None and number.is_percent for number in numbers.values())
    return COLUMN.format(
        name=_quoted(name),
        id="-".join(re.findall("[a-z0-9]+", _without_accents(name))) or TODO,
        statement=f"{{many: {TODO}, one: {TODO}, unknown: {TODO}}}"
        if unknown
        else f"{{many: {TODO}, one: {TODO}}}",
        value_type=ValueType.PERCENT if is_percent else ValueType.COUNT,
        cells="".join(lines),
    )


def _without_accents(name: str) -> str:
    return normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()


def _row(row: TableRow) -> str:
    cells = ", ".join(map(_quoted, row.cells))
    return f"{{paragraph: {row.paragraph}, starts: {row.starts}, cells: [{cells}]}}"


def _quoted(text: str) -> str:
    """Return a text as YAML, in quotes unless it is plain words."""
    is_plain = PLAIN_WORD.fullmatch(text) and text.lower() not in {"true", "false", "null", "todo"}
    return text if is_plain and text == text.strip() else json.dumps(text, ensure_ascii=False)

"""A skeleton for a table: a declaration to fill in for each column, and every row as printed, with positions."""

import json
import re
from collections.abc import Sequence
from unicodedata import normalize

from app.domain.vocabulary import FIGURE_KINDS, Subject, ValueType
from app.evidence.drafts import CHOICES, TODO, DraftError, one_of
from app.evidence.tables import CellNumber, Decimal, TableRow, read_number, read_rows

DELIMITERS = (",", ";", "\t")
DECIMALS: tuple[Decimal, ...] = (".", ",")
MARKS = re.compile(r"\s?(?:[*\u2020\u2021#+]+|\[\w+\]|\(\w+\))$")
"""A sign after a number that a draft treats as a footnote mark."""

PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z_ ]*")
"""Text that YAML reads literally, unless it's a word like `true`."""


TOTAL = re.compile(
    r"(?:sub-?)?totals?|sums?|all(?: forces)?|overall|ensemble|somme|insgesamt|gesamt|summe", re.IGNORECASE
)
"""What tables call a row of totals."""

TABLE = """\
# Fill in every TODO or delete its line. What all columns say is under defaults, and a column may say it otherwise.
# Lines that start with # may stay out. A column without figures goes from columns to ignored, with the reason. A
# row about no force gets skip: REASON.
{choices}\
table:
  ids: TODO  # how every record's id starts; the force and the column's id follow
  force: {force}  # the column that names the force
  delimiter: {delimiter}
  decimal: {decimal}
  defaults:
    kind: TODO  # {kinds}
    allegation: TODO
    period: {{start: TODO, end: TODO, precision: TODO, year_type: TODO, basis: TODO, event: TODO, label: TODO}}
    unit: TODO
    # subjects: [{subjects}]
    # notes: [what a careful reader needs to know of all columns]
  columns:
{columns}
  ignored: {{{ignored}}}  # columns without figures, each with the reason
  # partitions: [{{parts: [{parts}], of: {whole}, may_fall_short: Some are still open.}}]
  # exemptions: [{{force: kent, column: {whole}, reason: The source has one more than the whole.}}]
  rows:
{rows}
"""

COLUMN = """\
    - name: {name}
      id: {id}
      statement: {statement}  # with {{force}} and {{value}}
      # outcome: what came of it; for a proceeding, stage: instead
      value_type: {value_type}
{more}{cells}"""

MORE = {
    ValueType.COUNT: "# base: {column: what it is a share of, basis: stated or implied, part: true or false}",
    ValueType.PERCENT: (
        "base: {column: TODO, basis: TODO, part: TODO}\n"
        "      # related: [{type: same-fact, column: the one that has the same as a count}]"
    ),
    ValueType.CHANGE_PERCENT: "# related: [{type: change-from, column: the one before}]",
    ValueType.RATE: "per: TODO\n      per_unit: TODO  # of what",
}
"""The other fields that each type of number needs."""

RATE = re.compile(r"\bper [\d, ]*\d{2}\b", re.IGNORECASE)
"""Words in the header of a column of rates."""


def draft_table(text: str) -> str:
    """Return the skeleton of a table: its columns to declare, and its rows as printed.

    Raises:
        DraftError: if there are no rows below a header.

    """
    first_line = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=lambda one: (first_line.count(one), text.count(one)))
    rows = [row for row in read_rows(text, delimiter) if any(row.cells)]
    if len(rows) < 2:  # noqa: PLR2004 - a header and a row
        raise DraftError("the table has no rows below a header")
    header, *body = rows
    named, width = len(list(filter(None, header.cells))), max(len(row.cells) for row in body)
    if named * 2 < width:
        message = f"line {header.paragraph} names {named} of {width} columns"
        raise DraftError(f"{message}: delete the lines above the header")
    columns = _columns(header, body)
    cells = [cell for row in body for cell in row.cells]
    decimal = max(DECIMALS, key=lambda point: sum(_number(cell, point) is not None for cell in cells))
    values = [at for at, cells in enumerate(columns) if any(_number(cell, decimal) for cell in cells)]
    force = next((at for at in range(len(header.cells)) if at not in values), None)
    totals = [row for row in body if force is not None and TOTAL.fullmatch(row.cells[force])]
    names = [_quoted(header.cells[at]) for at in values]
    counted = _columns(header, [row for row in body if row not in totals])
    return TABLE.format(
        choices=CHOICES,
        force=TODO if force is None else _quoted(header.cells[force]),
        delimiter=json.dumps(delimiter),
        decimal=json.dumps(decimal),
        kinds=one_of(FIGURE_KINDS),
        subjects=", ".join(Subject),
        columns="".join(_column(header.cells[at], counted[at], decimal) for at in values).rstrip("\n"),
        ignored=", ".join(
            f"{_quoted(name)}: {TODO}" for at, name in enumerate(header.cells) if at not in {force, *values}
        ),
        parts=", ".join((names * 2)[1:3]),
        whole=names[0] if names else TODO,
        rows="\n".join(f"    - {_row(row, is_total=row in totals)}" for row in rows),
    )


def _columns(header: TableRow, body: Sequence[TableRow]) -> list[list[str]]:
    return [[row.cells[at] for row in body if at < len(row.cells)] for at in range(len(header.cells))]


def _number(cell: str, decimal: Decimal) -> CellNumber | None:
    """Return the number in a cell, with or without a footnote mark."""
    return read_number(cell, decimal) or read_number(MARKS.sub("", cell), decimal)


def _column(name: str, cells: Sequence[str], decimal: Decimal) -> str:
    """Return the declaration of a column, with TODOs for whatever its cells need explained."""
    numbers = {cell: _number(cell, decimal) for cell in cells}
    words = [cell for cell, number in numbers.items() if number is None and cell]
    marked = [cell for cell, number in numbers.items() if number is not None and read_number(cell, decimal) is None]
    marks = sorted({match[0].strip() for cell in marked if (match := MARKS.search(cell))})
    lines = []
    if "" in numbers:
        lines.append("      empty: TODO  # what an empty cell means: not-disclosed, withheld or not-counted\n")
    for key, signs, what in (
        ("words", words, "a number, not-disclosed, withheld or not-counted"),
        ("marks", marks, "what the mark says, as a note, or {note: \u2026, subjects: [\u2026]}"),
    ):
        if signs:
            said = ", ".join(f"{json.dumps(sign, ensure_ascii=False)}: {TODO}" for sign in signs)
            lines.append(f"      {key}: {{{said}}}  # {what}\n")
    found = {number.value for number in numbers.values() if number is not None}
    wordings = {"many": True, "one": 1 in found, "none": 0 in found, "unknown": bool(words) or "" in numbers}
    if any(number is not None and number.is_percent for number in numbers.values()):
        value_type = ValueType.CHANGE_PERCENT if min(found) < 0 else ValueType.PERCENT
    else:
        value_type = ValueType.RATE if RATE.search(name) else ValueType.COUNT
    without_accents = normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return COLUMN.format(
        name=_quoted(name),
        id="-".join(re.findall("[a-z0-9]+", without_accents)) or TODO,
        statement=f"{{{', '.join(f'{wording}: {TODO}' for wording, is_used in wordings.items() if is_used)}}}",
        value_type=value_type,
        more=f"      {MORE[value_type]}\n",
        cells="".join(lines),
    )


def _row(row: TableRow, *, is_total: bool) -> str:
    cells = ", ".join(map(_quoted, row.cells))
    skip = ", skip: A sum of other rows." if is_total else ""
    return f"{{paragraph: {row.paragraph}, starts: {row.starts}, cells: [{cells}]{skip}}}"


def _quoted(text: str) -> str:
    """Return the text as YAML, quoted unless it's plain words."""
    is_plain = PLAIN_WORD.fullmatch(text) and text.lower() not in {"true", "false", "null", "todo"}
    return text if is_plain and text == text.strip() else json.dumps(text, ensure_ascii=False)

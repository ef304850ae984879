"""The rows and cells of a table: which force each row is about, and what each cell says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.dataset import Force, Source, plain_name
from app.domain.vocabulary import ValueStatus
from app.evidence.tables import CellNumber, Decimal, TableRow, read_number
from app.seeds.contents import Contents
from app.seeds.files import Node
from app.seeds.table_columns import Column
from app.seeds.table_declaration import Declaration, OfTable
from app.seeds.validation import did_you_mean


@dataclass(frozen=True)
class Row:
    """A row about a force."""

    printed: TableRow
    force: Force
    name: str
    node: Node


@dataclass(frozen=True)
class Cell:
    """What a cell says."""

    status: ValueStatus
    number: CellNumber | None
    notes: Sequence[str] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Fields that replace the column's."""

    @property
    def value(self) -> float | None:
        """The number, if there is one."""
        return None if self.number is None else self.number.value


@dataclass
class Reading:
    """A table while its cells are being turned into records."""

    contents: Contents
    node: Node
    source: Source
    declared: Declaration
    columns: Mapping[str, Column]
    rows: list[Row] = field(default_factory=list)
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    """By force and column."""
    used: set[tuple[str, str]] = field(default_factory=set)
    """Words and marks found in cells, by column."""

    def report_cell(self, row: Row, column: str, message: str) -> None:
        """Report a problem with a cell, identified by row and column."""
        self.contents.report(row.node, (), f"row {row.name}, column {column}: {message}")

    def record_id(self, force: str, column: str) -> str:
        """Return the id of a cell's record."""
        return f"{self.declared.ids}-{force}-{self.columns[column].table.id}"


def read_cells(reading: Reading) -> None:
    """Read the cells of the value columns, and report cells and rows that can't be read."""
    _read_rows(reading)
    for row in reading.rows:
        for name, column in reading.columns.items():
            cell = _read_cell(reading, row.printed.cells[column.position], column.table, reading.declared.decimal)
            if isinstance(cell, str):
                reading.report_cell(row, name, cell)
            else:
                reading.cells[row.force.id, name] = cell
    if len(reading.rows) == sum(row.skip is None for row in reading.declared.rows[1:]):
        _report_unused(reading)


def _read_rows(reading: Reading) -> None:
    """Find the force of each row; report rows that are out of order, repeated, or fit no force or several."""
    contents, declared = reading.contents, reading.declared
    by_name = _forces_by_name(contents)
    header, *body = declared.rows
    position = header.cells.index(declared.force)
    seen: dict[str, Row] = {}
    last = header.paragraph
    for printed, node in zip(body, [*reading.node.at("rows").entries()][1:], strict=True):
        name = " ".join(printed.cells[position].split()) if position < len(printed.cells) else ""
        if printed.paragraph <= last:
            message = (
                f"row {name}: its paragraph is {printed.paragraph}, after {last}: rows are in the table's order"
            )
            contents.report(node, ("paragraph",), message)
        last = printed.paragraph
        if printed.skip is not None:
            continue
        if len(printed.cells) != len(header.cells):
            contents.report(
                node, (), f"row {name} has {len(printed.cells)} cells; the header has {len(header.cells)}"
            )
            continue
        forces = by_name.get(plain_name(name), [])
        if len(forces) > 1:
            contents.report(node, (), f"row {name}: fits more than one force: {', '.join(f.id for f in forces)}")
        elif not forces:
            # The force may be on a line that couldn't be read.
            if not contents.is_unread("forces.csv"):
                hint = did_you_mean(plain_name(name), list(by_name))
                contents.report(node, (), f"row {name}: no force has this id, name or alias{hint}")
        elif forces[0].id in seen:
            first = seen[forces[0].id]
            contents.report(
                node, (), f"row {name}: {forces[0].id} is already row {first.name} at {first.node.where}"
            )
        else:
            row = Row(printed, forces[0], name, node)
            seen[forces[0].id] = row
            reading.rows.append(row)


def _forces_by_name(contents: Contents) -> Mapping[str, list[Force]]:
    by_name: dict[str, list[Force]] = defaultdict(list)
    for force, _ in contents.forces:
        for one in force.names:
            by_name[one].append(force)
    return by_name


def _read_cell(reading: Reading, text: str, column: OfTable, decimal: Decimal) -> Cell | str:
    """Return what a cell says, or what is wrong with it."""
    word = column.words.get(text) if text else column.empty
    if word is not None:
        reading.used.add((column.name, text))
        notes = [word.note] if word.note else []
        if isinstance(word.means, ValueStatus):
            return Cell(word.means, None, notes)
        return Cell(ValueStatus.STATED, CellNumber(text, word.means, is_percent=False), notes)
    if not text:
        return "is empty; say under empty what an empty cell means"
    number, notes, fields = text, [], {}
    for sign, mark in sorted(column.marks.items(), key=lambda pair: -len(pair[0])):
        if sign and number.endswith(sign):
            reading.used.add((column.name, sign))
            number, notes, fields = number.removesuffix(sign).rstrip(), [mark.note], dict(mark.fields)
            break
    if (found := read_number(number, decimal)) is None:
        return f"{text!r} is neither a number nor one of the words and marks declared for the column"
    return Cell(ValueStatus.STATED, found, notes, fields)


def _report_unused(reading: Reading) -> None:
    """Report words and marks declared for a column that none of its cells contains."""
    for name, column in reading.columns.items():
        for key in ("words", "marks"):
            for sign in getattr(column.table, key) if key in column.node.fields else ():
                if (name, sign) not in reading.used:
                    message = f"no cell of column {name} has {sign!r}: delete it"
                    reading.contents.report(column.node, (key, sign), message)

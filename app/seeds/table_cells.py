"""The cells of a table: what each says, and the record that it becomes."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.dataset import Force, Source, plain_name
from app.domain.records import Figure
from app.domain.vocabulary import EvidenceRole, ValueStatus
from app.evidence.passages import digest
from app.evidence.tables import CellNumber, Decimal, TableRow, read_number
from app.seeds.answers import EXEMPT, read_answers, read_readers
from app.seeds.contents import Answer, CellPlace, Contents, Scope
from app.seeds.files import Node
from app.seeds.plain_yaml import Place
from app.seeds.rules import MUTUAL
from app.seeds.table_columns import Column, is_among
from app.seeds.table_declaration import Declaration, OfTable, Statement
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
    """What it says instead of its column."""

    @property
    def value(self) -> float | None:
        """The number, if there is one."""
        return None if self.number is None else self.number.value


@dataclass
class Reading:
    """A table while its cells become records."""

    contents: Contents
    node: Node
    source: Source
    declared: Declaration
    columns: Mapping[str, Column]
    rows: list[Row] = field(default_factory=list)
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    """By force and column."""
    used: set[tuple[str, str]] = field(default_factory=set)
    """Words and marks that a cell has, by column."""

    def report_cell(self, row: Row, column: str, message: str) -> None:
        """Report a problem with a cell, named by row and column."""
        self.contents.report(row.node, (), f"row {row.name}, column {column}: {message}")

    def record_id(self, force: str, column: str) -> str:
        """Return the id of the record of a cell."""
        return f"{self.declared.ids}-{force}-{self.columns[column].table.id}"


def add_cells(reading: Reading) -> None:
    """Add a record for each cell of the value columns, and report cells and rows that can't be read."""
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
    _add_records(reading)


def _entries(node: Node, key: str) -> list[Node]:
    found = node.at(key)
    return list(found.entries()) if found is not None else []


def _read_rows(reading: Reading) -> None:
    """Find the force of each row; report rows in disorder, twice, or of no or more than one force."""
    contents, declared = reading.contents, reading.declared
    by_name = _forces_by_name(contents)
    header, *body = declared.rows
    position = header.cells.index(declared.force)
    seen: dict[str, Row] = {}
    last = header.paragraph
    for printed, node in zip(body, _entries(reading.node, "rows")[1:], strict=True):
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
            # The force may be in a line that couldn't be read.
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
    """Report words and marks of a column that none of its cells has."""
    for name, column in reading.columns.items():
        for key in ("words", "marks"):
            node = column.node.at(key)
            for sign in getattr(column.table, key) if node is not None else ():
                if (name, sign) not in reading.used:
                    message = f"no cell of column {name} has {sign!r}: delete it"
                    reading.contents.report(column.node, (key, sign), message)


def _add_records(reading: Reading) -> None:
    contents, node, declared = reading.contents, reading.node, reading.declared
    defaults = [found] if (found := node.at("defaults")) is not None else []
    of_table = Scope(
        [*defaults, node], read_answers(contents, node, declared.checked), "the table", "in the table: "
    )
    readers = read_readers(contents, node, declared.read_by)
    exempt = _read_exemptions(reading)
    for name, column in reading.columns.items():
        of_column = Scope(
            [column.node, *defaults],
            read_answers(contents, column.node, column.table.checked),
            f"column {name}",
            "in the column: ",
        )
        readers_of_column = read_readers(contents, column.node, column.table.read_by) or readers
        is_sound = True
        for row in reading.rows:
            said = exempt.get((row.force.id, name), Said())
            record = reading.record_id(row.force.id, name)
            found = _record(reading, row, name, said.notes) if is_sound else None
            if found is None or not contents.add(Figure, found, contents.records):
                contents.invalid_ids.add(record)
                is_sound = found is None and is_sound  # the other rows have the same problem
                continue
            quoted = json.dumps(name, ensure_ascii=False)
            how = f"under exemptions: {{force: {row.force.id}, column: {quoted}, "
            of_cell = Scope([found], said.answers, f"row {row.name}, column {name}", how, "}")
            contents.scopes[record] = (of_cell, of_column, of_table)
            notes = [*column.own_notes, *said.notes]
            contents.cells[record] = CellPlace(reading.source.id, row.force.id, column.table.id, notes)
            if readers_of_column:
                contents.readers[record] = readers_of_column


@dataclass(frozen=True)
class Said:
    """What is said of a single cell under `exemptions`."""

    notes: Sequence[str] = ()
    answers: Sequence[Answer] = ()


def _read_exemptions(reading: Reading) -> Mapping[tuple[str, str], Said]:
    contents = reading.contents
    found: dict[tuple[str, str], Said] = {}
    forces = {row.force.id for row in reading.rows}
    entries = _entries(reading.node, "exemptions")
    for exemption, entry in zip(reading.declared.exemptions, entries, strict=True):
        if not is_among(contents, entry, "column", exemption.column, reading.columns):
            continue
        if exemption.force not in forces and not contents.problems:
            contents.report(entry, ("force",), f"no row is about {exemption.force}")
        answers = list(read_answers(contents, entry, exemption.checked))
        if exemption.reason is not None:
            answers.append(Answer(EXEMPT, exemption.reason, entry, ("reason",)))
        if not answers:
            contents.report(entry, (), "needs the reason of the source, or answers under checked")
        notes = [exemption.reason] if exemption.reason else []
        before = found.get((exemption.force, exemption.column), Said())
        found[exemption.force, exemption.column] = Said([*before.notes, *notes], [*before.answers, *answers])
    return found


def _record(reading: Reading, row: Row, name: str, notes: Sequence[str]) -> Node | None:
    """Return the record of a cell, or None if there is something wrong with the cell."""
    column, cell = reading.columns[name], reading.cells.get((row.force.id, name))
    if cell is None:
        return None
    statement = _statement(cell, column.table.statement, row.force.name)
    if statement is None:
        reading.report_cell(row, name, "has no number, so the column needs statement.unknown")
        return None
    fields = {
        **column.fields,
        **cell.fields,
        "id": reading.record_id(row.force.id, name),
        "statement": statement,
        "force": row.force.id,
        "value": cell.value,
        "value_status": cell.status,
        "base": _base(reading, row, column),
        "related": _related(reading, row, name),
        "notes": [*column.fields["notes"], *cell.notes, *notes],
        "evidence": [_evidence(reading, row, column, cell)],
    }
    # What a column says is at its place, what a cell says at its row.
    lines: dict[Place, int] = {(): column.node.line(), ("value",): row.node.line()}
    return Node(reading.node.file, fields, lines)


def _base(reading: Reading, row: Row, column: Column) -> dict[str, Any] | None:
    base = column.table.base
    if base is None or base.column not in reading.columns:
        return None
    whole = reading.record_id(row.force.id, base.column)
    return {"id": whole, "basis": base.basis, "part": base.part, "candidates": [whole]}


def _related(reading: Reading, row: Row, name: str) -> list[dict[str, Any]]:
    """Return the related cells of the row. What holds both ways is said by one of the two columns."""
    mine = [(one.type, one.column) for one in reading.columns[name].table.related]
    theirs = [
        (one.type, other)
        for other, column in reading.columns.items()
        for one in column.table.related
        if one.column == name and one.type in MUTUAL
    ]
    return [
        {"type": type_, "id": reading.record_id(row.force.id, other)}
        for type_, other in dict.fromkeys([*mine, *theirs])
    ]


def _evidence(reading: Reading, row: Row, column: Column, cell: Cell) -> dict[str, Any]:
    """Return the place of a cell; an empty one is shown by the delimiter beside it."""
    text, start = row.printed.cells[column.position], row.printed.starts[column.position]
    if not text:
        text, start = reading.declared.delimiter, max(start - 1, 0)
    return {
        "source": reading.source.id,
        "role": EvidenceRole.STATES,
        "as_printed": None if cell.number is None else cell.number.printed,
        "paragraph": row.printed.paragraph,
        "start": start,
        "end": start + len(text),
        "sha256": digest(text),
    }


def _statement(cell: Cell, statement: Statement, force: str) -> str | None:
    """Return what a record says in words; None if there are none for a cell without a number."""
    if cell.value is None:
        template = statement.unknown
    else:
        special = {0: statement.none, 1: statement.one}
        template = special.get(int(cell.value)) if cell.value in special else None
        template = template or statement.many
    if template is None:
        return None
    value = "" if cell.value is None else f"{cell.value:,}"
    return template.replace("{force}", force).replace("{value}", value)

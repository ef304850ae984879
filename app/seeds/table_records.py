"""Turn the cells of a table into records, with what is declared for single cells."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from app.domain.records import Figure
from app.domain.vocabulary import EvidenceRole
from app.evidence.passages import digest
from app.seeds.answers import EXEMPT, read_answers, read_readers
from app.seeds.contents import Answer, CellPlace, Scope
from app.seeds.files import Node
from app.seeds.plain_yaml import Place
from app.seeds.rules import MUTUAL
from app.seeds.table_cells import Cell, Reading, Row
from app.seeds.table_columns import Column, is_among
from app.seeds.table_declaration import Statement

T = TypeVar("T")


def add_records(reading: Reading) -> None:
    """Add a record for each cell that could be read."""
    contents, node = reading.contents, reading.node
    defaults = node.at("defaults")
    of_table = Scope([defaults, node], read_answers(contents, node), "the table", "in the table: ")
    readers = read_readers(contents, node)
    notes, answers = _read_exemptions(reading)
    for name, column in reading.columns.items():
        of_column = Scope(
            [column.node, defaults],
            read_answers(contents, column.node),
            f"column {name}",
            "in the column: ",
        )
        readers_of_column = read_readers(contents, column.node) or readers
        is_sound = True
        for row in reading.rows:
            cell = (row.force.id, name)
            record = reading.record_id(*cell)
            found = _record(reading, row, name, notes[cell]) if is_sound else None
            if found is None or not contents.add(Figure, found, contents.records):
                contents.invalid_ids.add(record)
                is_sound = found is None and is_sound  # the other rows have the same problem
                continue
            quoted = json.dumps(name, ensure_ascii=False)
            how = f"under exemptions: {{force: {row.force.id}, column: {quoted}, "
            of_cell = Scope([found], answers[cell], f"row {row.name}, column {name}", how, "}")
            contents.scopes[record] = (of_cell, of_column, of_table)
            own_notes = [*column.own_notes, *notes[cell]]
            contents.cells[record] = CellPlace(reading.source.id, row.force.id, column.table.id, own_notes)
            if readers_of_column:
                contents.readers[record] = readers_of_column


OfCells = Mapping[tuple[str, str], list[T]]
"""What is declared for single cells, by force and column."""


def _read_exemptions(reading: Reading) -> tuple[OfCells[str], OfCells[Answer]]:
    """Return the notes on single cells, and the answers to questions about them."""
    contents = reading.contents
    notes: OfCells[str] = defaultdict(list)
    answers: OfCells[Answer] = defaultdict(list)
    forces = {row.force.id for row in reading.rows}
    entries = reading.node.at("exemptions").entries()
    for exemption, entry in zip(reading.declared.exemptions, entries, strict=True):
        if not is_among(contents, entry, "column", exemption.column, reading.columns):
            continue
        if exemption.force not in forces and not contents.problems:
            contents.report(entry, ("force",), f"no row is about {exemption.force}")
        cell = (exemption.force, exemption.column)
        found = list(read_answers(contents, entry))
        if exemption.reason is not None:
            notes[cell].append(exemption.reason)
            found.append(Answer(EXEMPT, exemption.reason, entry, ("reason",)))
        if not found:
            contents.report(entry, (), "needs the reason of the source, or answers under checked")
        answers[cell] += found
    return notes, answers


def _record(reading: Reading, row: Row, name: str, notes: Sequence[str]) -> Node | None:
    """Return a cell's record, or None if there's something wrong with the cell."""
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
    # A column's fields are on the column's line, a cell's value is on its row's line.
    lines: dict[Place, int] = {(): column.node.line(), ("value",): row.node.line()}
    return Node(reading.node.file, fields, lines)


def _base(reading: Reading, row: Row, column: Column) -> dict[str, Any] | None:
    base = column.table.base
    if base is None or base.column not in reading.columns:
        return None
    whole = reading.record_id(row.force.id, base.column)
    return {"id": whole, "basis": base.basis, "part": base.part, "candidates": [whole]}


def _related(reading: Reading, row: Row, name: str) -> list[dict[str, Any]]:
    """Return the related cells in the row. Only one of two columns needs to state a mutual relation."""
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
    """Return the place of a cell; for an empty cell, that of the delimiter next to it."""
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
    """Return what a record says in words; None if there's no wording for a cell without a number."""
    special: dict[float | None, str | None] = {None: statement.unknown, 0: statement.none, 1: statement.one}
    template = special.get(cell.value) or (None if cell.value is None else statement.many)
    if template is None:
        return None
    value = "" if cell.value is None else f"{cell.value:,}"
    return template.replace("{force}", force).replace("{value}", value)

"""The table of a seed file: each column says once what its cells are, and each cell becomes a record."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import Field

from app.domain.dataset import Force, Source, plain_name
from app.domain.fields import Curated, Id, Number, Text
from app.domain.records import Figure
from app.domain.vocabulary import BaseBasis, EvidenceRole, ValueStatus
from app.evidence.passages import digest
from app.evidence.tables import CellNumber, Decimal, Table, TableRow, read_number
from app.seeds.contents import Contents
from app.seeds.files import Node
from app.seeds.plain_yaml import Place
from app.seeds.validation import did_you_mean, validate

Unknown = Literal[ValueStatus.NOT_DISCLOSED, ValueStatus.WITHHELD, ValueStatus.NOT_COUNTED]
"""What a cell without a number may mean."""

PLACEHOLDERS = frozenset({"{force}", "{value}"})
"""What a statement may leave open; filled in for each record."""


class Statement(Curated):
    """What a record of a column says in our words, with `{force}` and `{value}` in it."""

    many: Text
    one: Text | None = Field(default=None, description="The same for 1, if that takes other words.")
    none: Text | None = Field(default=None, description="The same for 0.")
    unknown: Text | None = Field(default=None, description="For a cell without a number.")


class BaseColumn(Curated):
    """The column whose cell is the denominator of a cell."""

    column: Text
    basis: Literal[BaseBasis.STATED, BaseBasis.IMPLIED]
    part: bool


class OfTable(Curated):
    """What a column says that no record has as a field."""

    name: Text = Field(description="The column's header as printed.")
    id: Id = Field(description="The end of its records' ids.")
    statement: Text | Statement
    base: BaseColumn | None = None
    empty: Unknown | None = Field(default=None, description="What an empty cell means; without it there is none.")
    words: dict[str, Number | Unknown] = Field(default={}, description="What cells that aren't numbers mean.")
    marks: dict[str, Text] = Field(
        default={}, description="Signs after a number, each with what it says as a note."
    )


class Partition(Curated):
    """Columns that together make up another one, row by row."""

    parts: list[Text] = Field(min_length=2)
    of: Text
    may_fall_short: Text | None = Field(default=None, description="Why their sum may be less, if it may.")


class Exemption(Curated):
    """A cell in which the source itself breaks a rule; the reason becomes a note on its record."""

    force: Id
    column: Text = Field(description="The part that is larger than its whole, or the whole that its parts exceed.")
    reason: Text


class Declaration(Curated):
    """How to read a table."""

    force: Text = Field(description="The column that names the force.")
    ids: Id = Field(description="How the records' ids start; the force and the column follow.")
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    decimal: Decimal = Field(default=".", description="What comes before decimals.")
    defaults: dict[str, Any] = Field(default={}, description="What all columns say unless they say otherwise.")
    columns: list[dict[str, Any]] = Field(min_length=1)
    ignored: dict[str, Text] = Field(default={}, description="Columns that hold no figures, each with the reason.")
    partitions: list[Partition] = Field(default=[])
    exemptions: list[Exemption] = Field(default=[])
    rows: list[TableRow] = Field(min_length=2, description="The rows as printed; the first is the header.")


OF_CELL = frozenset(
    {"id", "statement", "force", "value", "value_to", "value_status", "base", "related", "evidence"}
)
"""Fields of a record that its cell decides, or that a table can't say of all cells of a column."""

OF_RECORD = frozenset(Figure.model_fields) - OF_CELL
"""Fields of a record that a column gives for all of its cells."""


@dataclass(frozen=True)
class Column:
    """A value column: its place in the table, and what it says of its records."""

    position: int
    table: OfTable
    fields: Mapping[str, Any]
    node: Node


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
    header: Sequence[str]
    columns: dict[str, Column] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    """By force and column."""
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    """Why a cell may break a rule, by force and column."""
    used: set[tuple[str, str]] = field(default_factory=set)
    """Exemptions that a cell needs."""

    def report_cell(self, row: Row, column: str, message: str) -> None:
        """Report a problem with a cell, named by row and column."""
        self.contents.report(row.node, (), f"row {row.name}, column {column}: {message}")

    def known(self, node: Node, place: str, column: str, among: Iterable[str]) -> bool:
        """Whether a column is one of some; report it if not."""
        names = list(among)
        if column in names:
            return True
        self.contents.report(node, (place,), f"{column!r} is not a column here{did_you_mean(column, names)}")
        return False

    def exempt(self, row: Row, column: str) -> bool:
        """Whether a cell is declared to break a rule."""
        key = (row.force.id, column)
        self.used.add(key)
        return key in self.reasons


def add_table(contents: Contents, node: Node, source: Source) -> None:
    """Add a record for each cell of a table."""
    declared, problems = validate(Declaration, node)
    if declared is None:
        contents.problems += problems
        return
    if source.file is None:
        contents.report(node, (), f"the file of {source.id} must be held: give its file and sha256")
        return
    header = declared.rows[0].cells
    reading = Reading(contents, node, source, declared, header)
    before = len(contents.problems)
    if twice := sorted({name for name in header if header.count(name) > 1}):
        contents.report(_rows(node)[0], (), f"the header names {', '.join(twice)} twice")
    _read_columns(reading)
    if reading.known(node, "force", declared.force, header) and len(contents.problems) == before:
        contents.tables[source.id] = Table(
            declared.delimiter, declared.decimal, header.index(declared.force), declared.rows
        )
        _read_exemptions(reading)
        _read_rows(reading)
        _read_cells(reading)
        _check_wholes(reading)
        _check_partitions(reading)
        _report_unused(reading)
        _add_records(reading)


def _rows(node: Node) -> list[Node]:
    rows = node.at("rows")
    return list(rows.entries()) if rows is not None else []


def _read_columns(reading: Reading) -> None:
    """Read the value columns, and report columns that nothing or more than one thing is said of."""
    contents, declared = reading.contents, reading.declared
    node = reading.node.at("columns")
    ids: dict[str, Node] = {}
    for entry in node.entries() if node is not None else ():
        column = _read_column(reading, entry)
        if column is None:
            continue
        if first := ids.get(column.table.id):
            contents.report(entry, ("id",), f"{column.table.id} is already used at {first.where}")
        ids.setdefault(column.table.id, entry)
        if earlier := reading.columns.get(column.table.name):
            message = f"column {column.table.name} is already declared at {earlier.node.where}"
            contents.report(entry, ("name",), message)
        reading.columns.setdefault(column.table.name, column)
    for name, column in reading.columns.items():
        if column.table.base is not None:
            reading.known(column.node, "base", column.table.base.column, reading.columns.keys() - {name})
    for name in declared.ignored:
        reading.known(reading.node, "ignored", name, reading.header)
    _report_unsaid(reading)


def _read_column(reading: Reading, entry: Node) -> Column | None:
    """Read the declaration of a column, with the defaults of the table; report what is wrong with it."""
    contents, defaults = reading.contents, reading.declared.defaults
    mine = _dict(entry.value)
    stated = {**defaults, **mine, "notes": [*defaults.get("notes", []), *mine.get("notes", [])]}
    names = sorted(OF_RECORD | OfTable.model_fields.keys())
    if unknown := [name for name in stated if name not in names]:
        for name in unknown:
            contents.report(entry, (name,), f"is not a field of a column{did_you_mean(name, names)}")
        return None
    of_table = {name: value for name, value in stated.items() if name in OfTable.model_fields}
    table, problems = validate(OfTable, replace(entry, value=of_table))
    if table is None:
        contents.problems += problems
        return None
    _check_statement(contents, entry, table.statement)
    if not reading.known(entry, "name", table.name, reading.header):
        return None
    fields = {name: value for name, value in stated.items() if name in OF_RECORD}
    return Column(reading.header.index(table.name), table, fields, entry)


def _report_unsaid(reading: Reading) -> None:
    """Report columns that nothing is said of, and columns that are said to be two things."""
    said = {**dict.fromkeys(reading.declared.ignored, "is ignored"), reading.declared.force: "names the force"}
    for name in reading.header:
        if name in reading.columns and name in said:
            node = reading.columns[name].node
            reading.contents.report(node, ("name",), f"column {name} has figures, but {said[name]}")
        elif name not in reading.columns and name not in said:
            message = f"nothing is said of column {name}: declare it, or give the reason under ignored"
            reading.contents.report(_rows(reading.node)[0], (), message)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _check_statement(contents: Contents, entry: Node, statement: str | Statement) -> None:
    texts = [statement] if isinstance(statement, str) else [text for _, text in statement if text is not None]
    for placeholder in sorted(
        {found for text in texts for found in re.findall(r"\{[^}]*\}?|\}", text)} - PLACEHOLDERS
    ):
        message = f"{placeholder} is not a placeholder; those are {' and '.join(sorted(PLACEHOLDERS))}"
        contents.report(entry, ("statement",), message)


def _read_exemptions(reading: Reading) -> None:
    node = reading.node.at("exemptions")
    entries = list(node.entries()) if node is not None else []
    for exemption, entry in zip(reading.declared.exemptions, entries, strict=True):
        if reading.known(entry, "column", exemption.column, reading.columns):
            reading.reasons[exemption.force, exemption.column] = exemption.reason


def _read_rows(reading: Reading) -> None:
    """Find the force of each row; report rows in disorder, twice, or of no or more than one force."""
    contents, declared = reading.contents, reading.declared
    by_name = _forces_by_name(contents)
    position = reading.header.index(declared.force)
    seen: dict[str, Row] = {}
    last = declared.rows[0].paragraph
    for printed, node in zip(declared.rows[1:], _rows(reading.node)[1:], strict=True):
        name = " ".join(printed.cells[position].split()) if position < len(printed.cells) else ""
        if printed.paragraph <= last:
            message = (
                f"row {name}: its paragraph is {printed.paragraph}, after {last}: rows are in the table's order"
            )
            contents.report(node, ("paragraph",), message)
        last = printed.paragraph
        if printed.skip is not None:
            continue
        if len(printed.cells) != len(reading.header):
            contents.report(
                node, (), f"row {name} has {len(printed.cells)} cells; the header has {len(reading.header)}"
            )
            continue
        forces = by_name.get(plain_name(name), [])
        if len(forces) > 1:
            contents.report(node, (), f"row {name}: fits more than one force: {', '.join(f.id for f in forces)}")
        elif not forces and contents.is_unread("forces.csv"):
            continue  # the force may be in a line that couldn't be read
        elif not forces:
            _report_unknown_force(contents, node, name, list(by_name))
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


def _forces_are_sound(contents: Contents) -> bool:
    """Whether every force could be read; otherwise, rows would look wrong for that alone."""
    return not any(problem.file == "forces.csv" for problem in contents.problems)


def _report_unknown_force(contents: Contents, node: Node, name: str, known: list[str]) -> None:
    """Report a row that no force fits, unless a force has a problem of its own: it may be this one."""
    if _forces_are_sound(contents):
        hint = did_you_mean(plain_name(name), known)
        contents.report(node, (), f"row {name}: no force has this id, name or alias{hint}")


def _read_cells(reading: Reading) -> None:
    for row in reading.rows:
        for name, column in reading.columns.items():
            cell = _read_cell(row.printed.cells[column.position], column.table, reading.declared.decimal)
            if isinstance(cell, str):
                reading.report_cell(row, name, cell)
            else:
                reading.cells[row.force.id, name] = cell


def _read_cell(text: str, column: OfTable, decimal: Decimal) -> Cell | str:
    """Return what a cell says, or what is wrong with it."""
    if not text:
        if column.empty is None:
            return "is empty; say under empty what an empty cell means"
        return Cell(column.empty, None)
    if text in column.words:
        meaning = column.words[text]
        if isinstance(meaning, str):
            return Cell(meaning, None)
        return Cell(ValueStatus.STATED, CellNumber(text, meaning, is_percent=False))
    number, notes = text, []
    for mark, note in sorted(column.marks.items(), key=lambda pair: -len(pair[0])):
        if mark and number.endswith(mark):
            number, notes = number.removesuffix(mark).rstrip(), [note]
            break
    if (found := read_number(number, decimal)) is None:
        return f"{text!r} is neither a number nor one of the words and marks declared for the column"
    return Cell(ValueStatus.STATED, found, notes)


def _check_wholes(reading: Reading) -> None:
    """Report every part that is larger than its whole."""
    for row in reading.rows:
        for name, column in reading.columns.items():
            base = column.table.base
            if base is None or not base.part or column.fields.get("value_type", "count") != "count":
                continue
            part, whole = (reading.cells.get((row.force.id, one)) for one in (name, base.column))
            if part is None or whole is None or part.value is None or whole.value is None:
                continue
            if part.value > whole.value and not reading.exempt(row, name):
                message = (
                    f"{part.value} is more than the {whole.value} of column {base.column}, of which it is a part"
                )
                reading.report_cell(row, name, message)


def _check_partitions(reading: Reading) -> None:
    """Report every row in which the parts of a whole don't add up to it."""
    node = reading.node.at("partitions")
    for partition, entry in zip(reading.declared.partitions, node.entries() if node else (), strict=True):
        names = [*partition.parts, partition.of]
        if not all([reading.known(entry, "parts", name, reading.columns) for name in names]):  # noqa: C419 - report all
            continue
        for row in reading.rows:
            *parts, whole = (
                cell.value if (cell := reading.cells.get((row.force.id, name))) else None for name in names
            )
            known = [part for part in parts if part is not None]
            if whole is None or len(known) < len(parts):
                continue
            total = sum(known)
            wrong = total > whole or (total < whole and partition.may_fall_short is None)
            if wrong and not reading.exempt(row, partition.of):
                message = f"its parts {', '.join(partition.parts)} add up to {total}, but it is {whole}"
                reading.report_cell(row, partition.of, message)


def _report_unused(reading: Reading) -> None:
    if not _forces_are_sound(reading.contents):
        return
    for force, column in reading.reasons.keys() - reading.used:
        message = f"{force}, {column}: this cell breaks no rule, so it needs no exemption"
        reading.contents.report(reading.node, ("exemptions",), message)


def _add_records(reading: Reading) -> None:
    broken: set[str] = set()
    for row in reading.rows:
        for name, column in reading.columns.items():
            cell = reading.cells.get((row.force.id, name))
            if cell is None or name in broken:
                reading.contents.invalid_ids.add(_record_id(reading, row, column))
                continue
            statement = _statement(cell, column.table.statement, row.force.name)
            if statement is None:
                reading.report_cell(row, name, "has no number, so the column needs statement.unknown")
                continue
            fields = {**column.fields, **_facts(reading, row, name, cell), "statement": statement}
            # What a column says is at its place, what a cell says at its row.
            lines: dict[Place, int] = {(): column.node.line(), ("value",): row.node.line()}
            node = Node(reading.node.file, fields, lines)
            if not reading.contents.add(Figure, node, reading.contents.records):
                broken.add(name)  # the other rows have the same problem


def _facts(reading: Reading, row: Row, name: str, cell: Cell) -> dict[str, Any]:
    """Return what the cell itself says of its record."""
    column = reading.columns[name]
    base = column.table.base
    whole = None
    if base is not None and (row.force.id, base.column) in reading.cells:
        id_ = _record_id(reading, row, reading.columns[base.column])
        whole = {"id": id_, "basis": base.basis, "part": base.part, "candidates": [id_]}
    notes = [*column.fields["notes"], *cell.notes]
    if (row.force.id, name) in reading.reasons:
        notes.append(reading.reasons[row.force.id, name])
    return {
        "id": _record_id(reading, row, column),
        "force": row.force.id,
        "value": cell.value,
        "value_status": cell.status,
        "base": whole,
        "notes": notes,
        "evidence": [_evidence(reading, row, column, cell)],
    }


def _record_id(reading: Reading, row: Row, column: Column) -> str:
    return f"{reading.declared.ids}-{row.force.id}-{column.table.id}"


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


def _statement(cell: Cell, statement: str | Statement, force: str) -> str | None:
    """Return what a record says in words; None if there are none for a cell without a number."""
    if isinstance(statement, str):
        statement = Statement(many=statement)
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

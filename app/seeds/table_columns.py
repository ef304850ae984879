"""The columns of a table: what each says about its records, with the table's defaults, and any problems."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain.records import Figure
from app.seeds.contents import Contents
from app.seeds.files import Node
from app.seeds.table_declaration import Declaration, OfTable, Statement
from app.seeds.validation import did_you_mean

OF_CELL = frozenset(
    {"id", "statement", "force", "value", "value_to", "value_status", "base", "related", "evidence"}
)
"""Record fields that the cell decides, or that a table can't set for all cells of a column."""

OF_RECORD = frozenset(Figure.model_fields) - OF_CELL
"""Record fields that a column sets for all of its cells."""


OF_TABLE_OR_COLUMN = frozenset({"name", "id", "checked", "read_by"})
"""Keys that a table and its columns each set for themselves."""


@dataclass(frozen=True)
class Column:
    """A value column: its position in the table, and what it says about its records."""

    position: int
    table: OfTable
    fields: Mapping[str, Any]
    own_notes: Sequence[str]
    """Its notes, without those shared by all columns."""
    node: Node


def is_among(contents: Contents, node: Node, place: str, column: str, among: Iterable[str]) -> bool:
    """Whether a column is one of these; report it if not."""
    names = list(among)
    if column in names:
        return True
    contents.report(node, (place,), f"{column!r} is not a column here{did_you_mean(column, names)}")
    return False


def read_columns(
    contents: Contents, node: Node, declared: Declaration, header: Sequence[str]
) -> Mapping[str, Column]:
    """Return the value columns by name; report columns declared more than once or not at all."""
    for name in declared.defaults.keys() & OF_TABLE_OR_COLUMN:
        contents.report(node, ("defaults", name), "can't be a default: it belongs beside defaults, or in a column")
    columns: dict[str, Column] = {}
    ids: dict[str, Node] = {}
    unread: set[str] = set()
    for entry in node.at("columns").entries():
        column = _read_column(contents, entry, declared.defaults, header)
        if column is None:
            unread.add(str(entry.fields.get("name")))
            continue
        if first := ids.get(column.table.id):
            contents.report(entry, ("id",), f"{column.table.id} is already used at {first.where}")
        ids.setdefault(column.table.id, entry)
        if earlier := columns.get(column.table.name):
            message = f"column {column.table.name} is already declared at {earlier.node.where}"
            contents.report(entry, ("name",), message)
        columns.setdefault(column.table.name, column)
    # A column with a problem of its own still counts as a column.
    known = {*columns, *unread.intersection(header)}
    _check_names(contents, columns, known)
    for name in declared.ignored:
        is_among(contents, node, "ignored", name, header)
    _report_undeclared(contents, node, declared, columns, known)
    return columns


def _check_names(contents: Contents, columns: Mapping[str, Column], known: Iterable[str]) -> None:
    """Report columns that refer to a column that isn't there, or to themselves."""
    for column in columns.values():
        base = [column.table.base.column] if column.table.base is not None else []
        named = [("base", one) for one in base] + [("related", one.column) for one in column.table.related]
        for place, other in named:
            if other == column.table.name:
                contents.report(column.node, (place,), f"{other!r} is the column itself")
            else:
                is_among(contents, column.node, place, other, known)


def _read_column(
    contents: Contents, entry: Node, defaults: Mapping[str, Any], header: Sequence[str]
) -> Column | None:
    """Read a column's declaration, with the table's defaults; report what is wrong with it."""
    own_notes = _list(entry.fields.get("notes"))
    stated = {**defaults, **entry.fields, "notes": [*_list(defaults.get("notes")), *own_notes]}
    names = sorted(OF_RECORD | OfTable.model_fields.keys())
    if unknown := [name for name in stated if name not in names]:
        for name in unknown:
            contents.report(entry, (name,), f"is not a field of a column{did_you_mean(name, names)}")
        return None
    of_table = {name: value for name, value in stated.items() if name in OfTable.model_fields}
    if (table := contents.read(OfTable, replace(entry, value=of_table))) is None:
        return None
    _check_statement(contents, entry, table.statement)
    for sign, mark in table.marks.items():
        of_marks = OF_RECORD - {"notes"}
        for name in mark.fields.keys() - of_marks:
            hint = did_you_mean(name, sorted({*of_marks, "note"}))
            contents.report(entry, ("marks", sign, name), f"is not a field that a mark can change{hint}")
    if not is_among(contents, entry, "name", table.name, header):
        return None
    fields = {name: value for name, value in stated.items() if name in OF_RECORD}
    return Column(header.index(table.name), table, fields, own_notes, entry)


def _report_undeclared(
    contents: Contents, node: Node, declared: Declaration, columns: Mapping[str, Column], known: Iterable[str]
) -> None:
    """Report columns that aren't declared, and columns declared as two things."""
    said = {**dict.fromkeys(declared.ignored, "is ignored"), declared.force: "names the force"}
    for name in declared.rows[0].cells:
        if name in columns and name in said:
            contents.report(columns[name].node, ("name",), f"column {name} has figures, but {said[name]}")
        elif name not in {*known, *said}:
            message = f"column {name} isn't declared: declare it, or list it under ignored with the reason"
            contents.report(node.at("rows"), (0,), message)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


PLACEHOLDERS = frozenset({"{force}", "{value}"})
"""The placeholders a statement may contain; filled in for each record."""

REQUIRED = {"many": ("{force}", "{value}"), "one": ("{force}",), "none": ("{force}",), "unknown": ("{force}",)}
"""The placeholders each wording must contain, so that no two records say the same."""


def _check_statement(contents: Contents, entry: Node, statement: Statement) -> None:
    texts = {name: text for name, text in statement if text is not None}
    found = {one for text in texts.values() for one in re.findall(r"\{[^}]*\}?|\}", text)}
    for placeholder in sorted(found - PLACEHOLDERS):
        message = f"{placeholder} is not a placeholder; those are {' and '.join(sorted(PLACEHOLDERS))}"
        contents.report(entry, ("statement",), message)
    if found <= PLACEHOLDERS:
        for name, text in texts.items():
            for placeholder in REQUIRED[name]:
                if placeholder not in text:
                    message = f"has no {placeholder}, so all records would say the same"
                    contents.report(entry, ("statement", name), message)

"""Seed files as curators write them: YAML and CSV, with the line number of every value."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.seeds.plain_yaml import Place, PlainYamlError, parse
from app.seeds.problems import Problem, SeedError

MAX_FILE_BYTES = 5_000_000
"""No seed file needs more; a larger one is a mistake or an attack."""


@dataclass(frozen=True)
class Node:
    """A value in a seed file, with its line number and those of the values inside it."""

    file: str
    value: object
    lines: Mapping[Place, int]
    place: Place = ()

    @property
    def record(self) -> str:
        """The id of the record, source, code and so on that this node represents; empty if it has none."""
        return str(self.fields.get("id") or "")

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields of a mapping; none if the value isn't a mapping."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def where(self) -> str:
        """The file and line."""
        return f"{self.file}:{self.line()}"

    def line(self, place: Place = ()) -> int:
        """Return the line of a place inside this value, or of the nearest enclosing value that has one."""
        path = self.place + place
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 0)

    def at(self, key: str) -> "Node":
        """Return the node at a key; its value is None if there is none."""
        return Node(self.file, self.fields.get(key), self.lines, (*self.place, key))

    def entries(self) -> "Iterator[Node]":
        """Yield the entries of a list; none if the value isn't a list."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Node(self.file, value, self.lines, (*self.place, index))

    def problem(self, place: Place, message: str) -> Problem:
        """Return a problem at a place inside this value."""
        return Problem(self.file, self.line(place), self.record, ".".join(map(str, place)), message)


def read_yaml(path: Path) -> Node:
    """Read a YAML file.

    Raises:
        SeedError: if it can't be read, or isn't plain YAML.

    """
    try:
        value, lines = parse(_read_text(path))
    except PlainYamlError as error:
        raise _file_error(path, str(error), error.line) from error
    return Node(path.name, value, lines)


def read_csv(path: Path, columns: Sequence[str]) -> list[Node]:
    """Read the rows of a CSV file that has these columns; an empty cell is None.

    Raises:
        SeedError: if it can't be read, isn't CSV, or a row doesn't have these columns.

    """
    reader = csv.reader(io.StringIO(_read_text(path)))
    try:
        header, *rows = [(reader.line_num, row) for row in reader] or [(1, [])]
    except csv.Error as error:
        raise _file_error(path, f"is not CSV: {error}", reader.line_num) from error
    if header[1] != columns:
        raise _file_error(path, f"the first line must be {','.join(columns)}", 1)
    if problems := [
        Problem(path.name, line, "", "", f"has {len(row)} cells; the header has {len(columns)}")
        for line, row in rows
        if len(row) != len(columns)
    ]:
        raise SeedError(problems)
    return [
        Node(path.name, {name: cell or None for name, cell in zip(columns, row, strict=True)}, {(): line})
        for line, row in rows
    ]


def _read_text(path: Path) -> str:
    try:
        if (size := path.stat().st_size) > MAX_FILE_BYTES:
            raise _file_error(path, f"has {size} bytes; at most {MAX_FILE_BYTES} are allowed")
        # Spreadsheets and some editors put a byte order mark at the start.
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _file_error(path, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _file_error(path, f"is not UTF-8 at byte {error.start}") from error


def _file_error(path: Path, message: str, line: int = 0) -> SeedError:
    return SeedError([Problem(path.name, line, "", "", message)])

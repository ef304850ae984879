"""Seed files as the curators wrote them: YAML and CSV, with the way back to every line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, nan
from pathlib import Path

import yaml

from app.domain.dataset import Category, Code, Force, Release, RuleChange, Source, Tombstone
from app.domain.records import Record
from app.errors import UpheldError
from app.evidence.ledger import LedgerEntry

MAX_FILE_BYTES = 5_000_000
"""No article needs a larger file; a larger one is a mistake or an attack."""

DEEPEST = 20
"""Lists and mappings inside one another; no seeds need half as many."""

LONGEST_NUMBER = 300
"""Digits of a whole number: longer than any in use, and short enough to print."""

Place = tuple[int | str, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """Something in the seeds that keeps them from being loaded, and where it stands."""

    file: str
    line: int
    record: str
    field: str
    message: str

    def __str__(self) -> str:
        """`file:line: record, field: message`, without the parts that do not apply."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        what = ", ".join(part for part in (self.record, self.field) if part)
        return f"{place}: {what}: {self.message}" if what else f"{place}: {self.message}"


class SeedError(UpheldError):
    """The seeds cannot be loaded; `problems` lists every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems in the order in which a curator meets them in the files."""
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def report(self) -> str:
        """Return every problem, a line each, and how many there are."""
        number = len(self.problems)
        return f"{self}\n{number} problem{'s' if number > 1 else ''}; nothing was done."


@dataclass(frozen=True)
class Node:
    """A piece of a seed file, with the way back to its line."""

    file: str
    value: object
    lines: Mapping[Place, int]
    place: Place = ()

    def line(self, place: Place = ()) -> int:
        """Return the line of a place below this one, or of the nearest thing above it that has one."""
        whole = self.place + place
        while whole not in self.lines and whole:
            whole = whole[:-1]
        return self.lines.get(whole, 0)

    def below(self, step: int | str) -> "Node | None":
        """Return the node at a key or an index, if there is one."""
        value = self.value
        if isinstance(value, dict) and step in value:
            return Node(self.file, value[step], self.lines, (*self.place, step))
        if isinstance(value, list) and isinstance(step, int):
            return Node(self.file, value[step], self.lines, (*self.place, step))
        return None

    def items(self) -> "Iterator[Node]":
        """Yield the entries of a list."""
        if isinstance(self.value, list):
            yield from (Node(self.file, value, self.lines, (*self.place, i)) for i, value in enumerate(self.value))


@dataclass
class Reading:
    """What has been read so far: the things with their nodes, and the problems."""

    problems: list[Problem] = field(default_factory=list)
    forces: list[tuple[Force, Node]] = field(default_factory=list)
    allegation: list[tuple[Code, Node]] = field(default_factory=list)
    stage: list[tuple[Code, Node]] = field(default_factory=list)
    outcome: list[tuple[Code, Node]] = field(default_factory=list)
    breakdown: list[tuple[Category, Node]] = field(default_factory=list)
    sources: list[tuple[Source, Node]] = field(default_factory=list)
    rule_changes: list[tuple[RuleChange, Node]] = field(default_factory=list)
    records: list[tuple[Record, Node]] = field(default_factory=list)
    releases: list[tuple[Release, Node]] = field(default_factory=list)
    tombstones: list[tuple[Tombstone, Node]] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)
    """Ids of things that are there and cannot be read: whoever refers to them is not wrong in that."""
    unread: list[tuple[Mapping[str, object], Node]] = field(default_factory=list)
    """Records as written that cannot be read; what else is wrong with them is looked for all the same."""
    ledgers: dict[str, list[tuple[LedgerEntry, Node]]] = field(default_factory=dict)

    def report(self, node: Node, place: Place, message: str, record: str = "") -> None:
        """Note a problem at a place below a node."""
        self.problems.append(Problem(node.file, node.line(place), record, ".".join(map(str, place)), message))


def read_text(reading: Reading, path: Path) -> str | None:
    """Return a file's text, or None and a problem where it cannot be read, is too large or is not UTF-8."""
    whole = Node(path.name, None, {})
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            reading.report(whole, (), f"is larger than {MAX_FILE_BYTES} bytes")
            return None
        return path.read_text(encoding="utf-8")
    except OSError as error:
        reading.report(whole, (), f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        reading.report(whole, (), f"is not UTF-8 at byte {error.start}")
    return None


def read_yaml(reading: Reading, path: Path) -> Node | None:
    """Return a YAML file's content in plain values, or None and a problem where it is not plain YAML."""
    text = read_text(reading, path)
    if text is None:
        return None
    try:
        document = _Document(text)
    except _NotPlainError as error:
        reading.problems.append(Problem(path.name, error.line, "", "", str(error)))
        return None
    return Node(path.name, document.value, document.lines)


class _NotPlainError(Exception):
    """The file isn't YAML, or does more than state values."""

    def __init__(self, line: int, message: str) -> None:
        """Keep the line beside the message."""
        super().__init__(message)
        self.line = line


class _Document:
    """The one document of a YAML file: its value, and the line of every entry.

    Anchors could make a small file a huge one, tags could ask for Python objects, and endless nesting would exhaust
    the stack, so all of them are refused. Plain scalars follow the core schema of YAML 1.2: `no` is a word, and a
    day stays text, so that one that doesn't exist is reported at its place.
    """

    def __init__(self, text: str) -> None:
        """Parse a text; raise _NotPlainError at the first thing that is wrong."""
        self.value: object = None
        self.lines: dict[Place, int] = {}
        # The C parser: a hundred times as fast as one in Python, and every start reads the seeds.
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
        try:
            documents = (event for event in self._events if isinstance(event, yaml.DocumentStartEvent))
            if next(documents, None):
                self.value = self._read(next(self._events), ())
            for another in documents:
                raise _NotPlainError(_line(another), "is not valid YAML: the file holds more than one document")
        except yaml.reader.ReaderError as error:
            line = text.encode().count(b"\n", 0, error.position) + 1
            raise _NotPlainError(line, f"is not valid YAML: {error.reason}") from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise _NotPlainError(line, f"is not valid YAML: {error.problem}") from error

    def _read(self, event: yaml.Event, place: Place) -> object:
        """Return the value that starts with an event, and note the lines of its entries."""
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _NotPlainError(_line(event), "anchors and aliases are not used here")
        if event.tag:
            raise _NotPlainError(_line(event), f"the tag {event.tag} is not used here")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if len(place) >= DEEPEST:
            raise _NotPlainError(_line(event), f"lists and mappings are nested more than {DEEPEST} deep")
        return self._list(place) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(place)

    def _list(self, place: Place) -> list[object]:
        entries: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            here = (*place, len(entries))
            self.lines[here] = _line(event)
            entries.append(self._read(event, here))
        return entries

    def _mapping(self, place: Place) -> dict[str, object]:
        entries: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._read(event, (*place, "?"))
            if not isinstance(key, str):
                raise _NotPlainError(_line(event), f"is not valid YAML: the key {key!r} is not a word")
            if key in entries:
                raise _NotPlainError(_line(event), f"is not valid YAML: duplicate key {key!r}")
            self.lines[*place, key] = _line(event)
            entries[key] = self._read(next(self._events), (*place, key))
        return entries


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1  # type: ignore[no-any-return] # the library is untyped


WORDS: Mapping[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), nan),
    **{
        f"{sign}{word}": -inf if sign == "-" else inf
        for sign in ("", "+", "-")
        for word in (".inf", ".Inf", ".INF")
    },
}
WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def _scalar(event: yaml.ScalarEvent) -> object:
    """Return what a scalar means in the core schema of YAML 1.2; a quoted one is text."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in WORDS:
        return WORDS[text]
    if WHOLE.fullmatch(text):
        if len(text) > LONGEST_NUMBER:
            raise _NotPlainError(_line(event), f"is not valid YAML: a number of {len(text)} digits")
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return float(text) if DECIMAL.fullmatch(text) else text

"""Seed files as the curators wrote them: YAML and CSV, with the way back to every line."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, NodeEvent

from app.domain.records import Category, Code, Force, LedgerEntry, Record, Release, RuleChange, Source, Tombstone

MAX_FILE_BYTES = 5_000_000
"""No article needs a larger file; a larger one is a mistake or an attack."""

DEEPEST = 20
"""Lists and mappings inside one another; no seeds need half as many."""

MOST_BITS = 1024
"""Of a whole number: more than any that is looked at, and few enough to be shown."""

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


class SeedError(Exception):
    """The seeds cannot be loaded; `problems` lists every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems in the order in which a curator meets them in the files."""
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


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


def _line_at(text: str, position: int | None) -> int:
    return 0 if position is None else text.count("\n", 0, position) + 1


class SeedConstructor(RoundTripConstructor):
    """Days stay as they are written, so that one that does not exist is found in its place."""


SeedConstructor.add_constructor("tag:yaml.org,2002:timestamp", SeedConstructor.construct_yaml_str)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Constructor = SeedConstructor
    return yaml


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
    whole = Node(path.name, None, {})
    try:
        for line, problem in _more_than_plain(_yaml().parse(io.StringIO(text))):
            reading.problems.append(Problem(path.name, line, "", "", problem))
            return None
        lines: dict[Place, int] = {}
        value = _unwrap(_yaml().load(text), (), lines)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        position = getattr(error, "position", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        reading.problems.append(
            Problem(
                path.name,
                mark.line + 1 if mark else _line_at(text, position),
                "",
                "",
                f"is not valid YAML: {problem}",
            )
        )
        return None
    except (ValueError, LookupError, TypeError) as error:
        # The reader stumbles over some texts (`0x_`) instead of refusing them.
        reading.report(whole, (), f"is not valid YAML: {error}")
        return None
    return Node(path.name, value, lines)


def _more_than_plain(events: Iterable[Event]) -> Iterator[tuple[int, str]]:
    """Yield what a file does besides stating values, with its line.

    Anchors could make a small file a huge one, tags could ask for Python objects, and nesting without end would
    exhaust whoever follows it: none of them is needed.
    """
    depth = 0
    for event in events:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            yield line, "anchors and aliases are not used here"
        elif tag := getattr(event, "tag", None):
            yield line, f"the tag {tag} is not used here"
        elif depth > DEEPEST:
            yield line, f"lists and mappings are nested more than {DEEPEST} deep"


def _unwrap(node: object, place: Place, lines: dict[Place, int]) -> object:
    """Turn what the YAML reader made into plain values, keeping the line of each."""
    if isinstance(node, dict):
        for key in node:
            if not isinstance(key, str):
                raise ValueError(f"the key {key!r} is not a word")  # noqa: TRY004 - the file is wrong, not a type
            lines[(*place, key)] = node.lc.key(key)[0] + 1  # type: ignore[attr-defined] # a CommentedMap
        return {key: _unwrap(value, (*place, key), lines) for key, value in node.items()}
    if isinstance(node, list):
        for index in range(len(node)):
            lines[(*place, index)] = node.lc.item(index)[0] + 1  # type: ignore[attr-defined] # a CommentedSeq
        return [_unwrap(value, (*place, index), lines) for index, value in enumerate(node)]
    if isinstance(node, int) and node.bit_length() > MOST_BITS:
        raise ValueError(f"a number of {node.bit_length()} bits")
    return str(node) if isinstance(node, str) else node

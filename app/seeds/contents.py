"""The contents of the files in a folder of seeds, before they're checked as a whole."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from app.domain.dataset import (
    Category,
    Code,
    Codes,
    Dataset,
    Force,
    Release,
    RuleChange,
    Source,
    Tombstone,
    Workforce,
)
from app.domain.records import Record
from app.evidence.ledger import LedgerEntry
from app.evidence.tables import Table
from app.seeds.files import Node
from app.seeds.plain_yaml import Place
from app.seeds.problems import Problem, SeedError
from app.seeds.validation import validate

Model = TypeVar("Model", bound=BaseModel)
T = TypeVar("T")

Found = list[tuple[T, Node]]
"""Objects that could be read, each with its place in the files."""


class Answer(NamedTuple):
    """A curator's answer to a question from the checker: the question's key, the reason, and the answer's place."""

    key: str
    reason: str
    node: Node
    place: Place


class Answered(NamedTuple):
    """A question from the checker about a record, with the answer."""

    record: str
    code: str
    question: str
    reason: str
    of_all: str = ""
    """What the answer covers if it's more than this record: a column, or the table."""


@dataclass(frozen=True, eq=False)
class Scope:
    """What one answer can cover: a record, a whole article, or all cells of a column or a table."""

    nodes: Sequence[Node]
    """Where its fields are written, nearest first."""
    answers: Sequence[Answer]
    name: str = ""
    """What messages call it; empty for a record."""
    where: str = "in the record: "
    """Where its answers go."""
    end: str = ""

    def problem(self, place: Place, message: str) -> Problem:
        """Return a problem at the place where a field is written."""
        nodes = [node for node in self.nodes if place and str(place[0]) in node.fields]
        return (nodes or self.nodes)[0].problem(place, self.named(message))

    def has_from_defaults(self, place: Place) -> bool:
        """Whether a field is set in the surrounding defaults and not here."""
        here, *around = [bool(place) and str(place[0]) in node.fields for node in self.nodes]
        return any(around) and not here

    def named(self, message: str) -> str:
        """Return the message, prefixed with what it's about."""
        return f"{self.name}: {message}" if self.name else message

    def question(self, place: Place, key: str, message: str) -> Problem:
        """Return a problem in the form of a question that needs an answer."""
        hint = f"if that's right, say why {self.where}checked: [{{{key}: \u2026}}]{self.end}"
        return replace(self.problem(place, f"{message}; {hint}"), question=key, may_wait=True)


class CellPlace(NamedTuple):
    """The table cell that a record comes from."""

    source: str
    force: str
    column: str
    """The column's id."""
    notes: Sequence[str]
    """Notes on the column and the cell, without those on the table and on marks."""


class PartsOfWhole(NamedTuple):
    """Records that a table declares to be the parts of another one."""

    whole: str
    parts: Sequence[str]
    may_fall_short: bool


@dataclass
class Contents:
    """What could be read so far, with its place in the files, and the problems."""

    problems: list[Problem] = field(default_factory=list)
    forces: Found[Force] = field(default_factory=list)
    allegation: Found[Code] = field(default_factory=list)
    stage: Found[Code] = field(default_factory=list)
    outcome: Found[Code] = field(default_factory=list)
    breakdown: Found[Category] = field(default_factory=list)
    sources: Found[Source] = field(default_factory=list)
    rule_changes: Found[RuleChange] = field(default_factory=list)
    workforces: Found[Workforce] = field(default_factory=list)
    records: Found[Record] = field(default_factory=list)
    releases: Found[Release] = field(default_factory=list)
    tombstones: Found[Tombstone] = field(default_factory=list)
    ledgers: dict[str, list[LedgerEntry]] = field(default_factory=dict)
    """Each article's ledger, by source."""
    tables: dict[str, Table] = field(default_factory=dict)
    """Each table's rows, by source."""
    all_files_read: bool = True
    """Whether every file could be read; if not, references into it would look wrong."""
    invalid_ids: set[str] = field(default_factory=set)
    """Ids of objects that have problems themselves. A reference to one isn't another problem."""
    invalid_records: list[tuple[Mapping[str, object], Node]] = field(default_factory=list)
    """Records that have problems themselves, kept so that their other problems are found too."""

    scopes: dict[str, Sequence[Scope]] = field(default_factory=dict)
    """Where questions about each record may be answered, narrowest first."""
    cells: dict[str, CellPlace] = field(default_factory=dict)
    """The cells that records come from."""
    partitions: list[PartsOfWhole] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    """The questions that have been answered."""
    readers: dict[str, list[str]] = field(default_factory=dict)
    """Who has read each record against its text."""

    def report(self, node: Node, place: Place, message: str) -> None:
        """Note a problem at a place inside a node."""
        self.problems.append(node.problem(place, message))

    def read(self, model: type[Model], node: Node) -> Model | None:
        """Return the node as a model, or note its problems."""
        made, problems = validate(model, node)
        self.problems += problems
        return made

    def add(self, model: type[Model], node: Node, found: Found[Model]) -> bool:
        """Add the node as a model, or note its problems; return whether it's valid."""
        made = self.read(model, node)
        if made is not None:
            found.append((made, node))
        else:
            self.invalid_ids.add(node.record)
        return made is not None

    def add_list(self, model: type[Model], node: Node, found: Found[Model]) -> None:
        """Add every entry of the list at a node.

        Raises:
            SeedError: if it isn't a list.

        """
        if not isinstance(node.value, list):
            raise SeedError([node.problem((), "must be a list")])
        for entry in node.entries():
            self.add(model, entry, found)

    def is_unread(self, file: str) -> bool:
        """Return whether a file, or something in it, couldn't be read."""
        return any(problem.file == file for problem in self.problems)

    @contextmanager
    def reading_file(self) -> Iterator[None]:
        """Note the problems of a file that can't be read at all."""
        try:
            yield
        except SeedError as error:
            self.problems += error.problems
            self.all_files_read = False

    def dataset(self) -> Dataset:
        """Return the dataset."""
        return Dataset(
            forces=things(self.forces),
            codes=Codes(**{tree: things(getattr(self, tree)) for tree in Codes.model_fields}),
            sources=things(self.sources),
            rule_changes=things(self.rule_changes),
            workforces=things(self.workforces),
            records=things(self.records),
        )


def things(found: Found[T]) -> list[T]:
    """Return the objects without their places."""
    return [thing for thing, _ in found]

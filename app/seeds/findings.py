"""What a checker finds odd in records: refusals of what's impossible, and questions that the record has to answer.

A question has a code, such as `part-exceeds-whole`. The curator answers it in the record, giving the reason:
`checked: [{part-exceeds-whole/other-record: The source says so itself.}]`. So nothing odd goes unnoticed, and the
second reader can see the answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.records import Figure, Record
from app.domain.trees import TREES, Parents, tree_of, with_ancestors
from app.domain.vocabulary import RelationType
from app.seeds.contents import Contents
from app.seeds.files import Node
from app.seeds.plain_yaml import Place


class Finding(NamedTuple):
    """Something odd about a record, and the other record involved, if any."""

    code: str
    record: str
    message: str
    other: str | None = None
    place: Place = ()

    @property
    def key(self) -> str:
        """The key that an answer to the question uses."""
        return f"{self.code}/{self.other}" if self.other else self.code


Findings = Iterator[Finding]


@dataclass(frozen=True)
class Facts:
    """The records that could be read, and what checks need to know about them."""

    contents: Contents
    records: Mapping[str, Record]
    figures: Mapping[str, Figure]
    nodes: Mapping[str, Node]
    trees: Mapping[str, Parents]
    areas: Parents

    def base_of(self, figure: Figure) -> Figure | None:
        """Return a figure's denominator, if it's settled."""
        return self.figures.get(figure.base.id or "") if figure.base is not None else None

    def whole_of(self, figure: Figure) -> Figure | None:
        """Return a figure's settled denominator, if the figure is part of it."""
        return self.base_of(figure) if figure.base is not None and figure.base.part else None

    def related(self, figure: Figure, type_: RelationType) -> list[Figure]:
        """Return the figures that a figure has a relation of this type to."""
        ids = [other.id for other in figure.related if other.type is type_]
        return [self.figures[id_] for id_ in ids if id_ in self.figures]

    def own_notes(self, figure: Figure) -> Sequence[str]:
        """Return a figure's own notes, without those that a table gives to all of its figures."""
        cell = self.contents.cells.get(figure.id)
        return figure.notes if cell is None else cell.notes

    def named(self, record: str) -> str:
        """Return a record's id and location."""
        return f"{record} ({self.nodes[record].where})"

    def is_below(self, tree: str, code: str | None, *above: str) -> bool:
        """Return whether a code is one of the given codes, or below one in the tree."""
        return code is not None and not set(above).isdisjoint(with_ancestors(self.trees[tree], code))

    def holds(self, area: str, force: str) -> bool:
        """Return whether an area is the force or contains it."""
        return area in with_ancestors(self.areas, force)


def facts_of(contents: Contents) -> Facts:
    """Return the facts about what could be read."""
    records = {record.id: record for record, _ in contents.records}
    return Facts(
        contents,
        records,
        {id_: record for id_, record in records.items() if isinstance(record, Figure)},
        {record.id: node for record, node in contents.records},
        {tree: tree_of(code for code, _ in getattr(contents, tree)) for tree in TREES},
        {force.id: force.part_of for force, _ in contents.forces},
    )

"""What a checker finds odd in records: refusals of what can't be, and questions that the record has to answer.

A question has a code, such as `part-exceeds-whole`. The curator answers it in the record, with the reason:
`checked: [{part-exceeds-whole/other-record: The source says so itself.}]`. So nothing odd passes in silence, and
the answers are there for the second reader.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.domain.fields import visible
from app.domain.records import Figure, Record
from app.domain.trees import Parents, tree_of, with_ancestors
from app.seeds.contents import Answer, Answered, Contents
from app.seeds.files import Node
from app.seeds.plain_yaml import Place


class Finding(NamedTuple):
    """Something odd about a record, and the other record that it has to do with, if there is one."""

    code: str
    record: str
    message: str
    other: str | None = None
    place: Place = ()

    @property
    def key(self) -> str:
        """What the answer to the question is filed under."""
        return f"{self.code}/{self.other}" if self.other else self.code


Findings = Iterator[Finding]


@dataclass(frozen=True)
class Facts:
    """The records that could be read, and what is known around them."""

    contents: Contents
    records: Mapping[str, Record]
    figures: Mapping[str, Figure]
    nodes: Mapping[str, Node]
    trees: Mapping[str, Parents]
    areas: Parents

    def base_of(self, figure: Figure) -> Figure | None:
        """Return a figure's settled denominator."""
        return self.figures.get(figure.base.id or "") if figure.base is not None else None

    def named(self, record: str) -> str:
        """Return the id of a record, and where it is."""
        return f"{record} ({self.nodes[record].where})"

    def is_below(self, tree: str, code: str | None, *above: str) -> bool:
        """Return whether a code of a tree is one of some others, or below one."""
        return code is not None and not set(above).isdisjoint(with_ancestors(self.trees[tree], code))

    def holds(self, area: str, force: str) -> bool:
        """Return whether an area is a force or contains it."""
        return area in with_ancestors(self.areas, force)


def facts_of(contents: Contents) -> Facts:
    """Return the facts of what could be read."""
    records = {record.id: record for record, _ in contents.records}
    return Facts(
        contents,
        records,
        {id_: record for id_, record in records.items() if isinstance(record, Figure)},
        {record.id: node for record, node in contents.records},
        {tree: tree_of(code for code, _ in getattr(contents, tree)) for tree in ("allegation", "stage", "outcome")},
        {force.id: force.part_of for force, _ in contents.forces},
    )


def read_answers(contents: Contents, node: Node, written: object) -> list[Answer]:
    """Return a record's answers to questions, and report those that can't be read."""
    form = "must be a list of questions with their answers, such as [{part-exceeds-whole: The source says so.}]"
    if not isinstance(written, list):
        contents.report(node, ("checked",), form)
        return []
    found = []
    for index, entry in enumerate(written):
        place = ("checked", index)
        if not isinstance(entry, dict) or not entry:
            contents.report(node, place, form)
            continue
        for key, reason in entry.items():
            if not isinstance(reason, str) or not reason.strip():
                contents.report(node, place, f"{key} needs a reason, in words of ours; found {reason!r}")
                continue
            try:
                visible(reason)
            except ValueError as error:
                contents.report(node, place, str(error))
                continue
            found.append(Answer(key, reason, place))
    return found


def report(facts: Facts, refusals: Sequence[Finding], questions: Sequence[Finding]) -> None:
    """Report refusals, questions without an answer, and answers without a question."""
    contents = facts.contents
    for finding in refusals:
        contents.report(facts.nodes[finding.record], finding.place, f"{finding.code}: {finding.message}")
    asked: dict[str, list[Finding]] = {}
    for finding in questions:
        asked.setdefault(finding.record, []).append(finding)
    for record, node in facts.nodes.items():
        _match(contents, node, asked.get(record, []), contents.answers.get(record, []))


def _match(contents: Contents, node: Node, asked: Sequence[Finding], answers: Sequence[Answer]) -> None:
    by_key = {answer.key: answer for answer in answers}
    codes = [finding.code for finding in asked]
    used = set()
    for finding in asked:
        # A bare code would also answer a question that only comes up later.
        keys = (finding.key, finding.code) if codes.count(finding.code) == 1 else (finding.key,)
        if answered := next((key for key in keys if key in by_key), None):
            used.add(answered)
            contents.answered.append(
                Answered(finding.record, finding.key, finding.message, by_key[answered].reason)
            )
        else:
            contents.ask(node, finding.place, finding.key, finding.message)
    for key, answer in by_key.items():
        if key not in used:
            message = f"answers {key}, which is no question about this record; delete it"
            contents.problems.append(replace(node.problem(answer.place, message), may_wait=True))

"""Curators' answers to the checker's questions, and who has read what: kept in the seeds, never published."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from app.domain.fields import visible
from app.seeds.contents import Answer, Answered, Contents, Scope
from app.seeds.files import Node
from app.seeds.findings import Facts, Finding
from app.seeds.problems import Problem

EXEMPT = ""
"""The key for a cell's published reason, which answers every question in `EXEMPTED`."""

EXEMPTED = frozenset({"part-exceeds-whole", "partition-off"})

READER = re.compile(r"[^\W_][\w.-]{0,29}")
MAX_READERS = 2


def read_answers(contents: Contents, node: Node) -> Sequence[Answer]:
    """Return the answers given at a node, and report those that can't be read."""
    checked = node.at("checked")
    form = "must be a list of questions with their answers, such as [{part-exceeds-whole: The source says so.}]"
    if "checked" in node.fields and not isinstance(checked.value, list):
        contents.report(node, ("checked",), form)
    found = []
    for index, entry in enumerate(checked.entries()):
        place = ("checked", index)
        if not entry.fields:
            contents.report(node, place, form)
            continue
        for key, reason in entry.fields.items():
            if not isinstance(reason, str) or not reason.strip():
                contents.report(node, place, f"{key} needs a reason, in your own words; found {reason!r}")
                continue
            try:
                found.append(Answer(str(key), visible(reason), node, place))
            except ValueError as error:
                contents.report(node, place, str(error))
    return found


def read_readers(contents: Contents, node: Node) -> list[str]:
    """Return who has read a node, and report entries that aren't names."""
    if "read_by" not in node.fields:
        return []
    written = node.fields["read_by"]
    readers = [name for name in written if isinstance(name, str)] if isinstance(written, list) else []
    if not readers or readers != written or len(set(readers)) != len(readers) or len(readers) > MAX_READERS:
        message = f"must be one or two different names, such as [ab, cd]; found {written!r}"
        contents.report(node, ("read_by",), message)
    for name in readers:
        if not READER.fullmatch(name):
            contents.report(node, ("read_by",), f"must be initials or handles, such as ab; found {name!r}")
    return readers


def report(facts: Facts, refusals: Sequence[Finding], questions: Sequence[Finding]) -> None:
    """Report refusals, questions without an answer, and answers without a question.

    A finding in every cell of a column or table is reported once.
    """
    contents = facts.contents
    for scope, _, finding, more in _widest(contents, refusals):
        contents.problems.append(scope.problem(finding.place, f"{finding.code}: {finding.message}{more}"))
    asked: Mapping[Scope, set[str]] = defaultdict(set)
    for finding in questions:
        for scope in _scopes(contents, finding):
            asked[scope].add(_key(contents, scope, finding))
    used: set[tuple[Scope, str]] = set()
    unanswered = [finding for finding in questions if not _answer(contents, finding, asked, used)]
    for scope, key, finding, more in _widest(contents, unanswered):
        contents.problems.append(scope.question(finding.place, key, f"{finding.message}{more}"))
    for scope in {scope for scopes in contents.scopes.values() for scope in scopes}:
        for answer in scope.answers:
            if (scope, answer.key) not in used:
                contents.problems.append(_unused(scope, answer))


def _scopes(contents: Contents, finding: Finding) -> Sequence[Scope]:
    """Return the scopes that may answer a question, narrowest first: not an article if it's about two records."""
    scopes = contents.scopes[finding.record]
    return scopes if finding.record in contents.cells or finding.other is None else scopes[:1]


def _key(contents: Contents, scope: Scope, finding: Finding) -> str:
    """Return a question's key in a scope; if the scope is all rows of a table, use the column, not the record."""
    mine, other = contents.cells.get(finding.record), contents.cells.get(finding.other or "")
    if mine is None or scope is contents.scopes[finding.record][0]:
        return finding.key
    in_row = other is not None and (mine.source, mine.force) == (other.source, other.force)
    return f"{finding.code}/{other.column}" if in_row and other is not None else finding.key


def _answer(
    contents: Contents, finding: Finding, asked: Mapping[Scope, set[str]], used: set[tuple[Scope, str]]
) -> bool:
    """Record the answer to a question, if there is one; return whether there is."""
    for scope in _scopes(contents, finding):
        key = _key(contents, scope, finding)
        codes = [one.partition("/")[0] for one in asked[scope]]
        # Accept a bare code only for a single question, or it would also answer questions that come up later.
        keys = [key, finding.code] if codes.count(finding.code) == 1 else [key]
        keys += [EXEMPT] if finding.code in EXEMPTED else []
        for answer in scope.answers:
            if answer.key in keys:
                used.add((scope, answer.key))
                of_all = scope.name if scope is not contents.scopes[finding.record][0] else ""
                contents.answered.append(Answered(finding.record, key, finding.message, answer.reason, of_all))
                return True
    return False


def _widest(contents: Contents, findings: Iterable[Finding]) -> Iterator[tuple[Scope, str, Finding, str]]:
    """Yield findings, merging those that every cell of a column or table has, and saying how many there are.

    If a column's finding comes from the table's defaults, it's about the table.
    """
    findings = list(findings)
    sizes = Counter(scope for scopes in contents.scopes.values() for scope in scopes)
    found: Mapping[tuple[Scope, str], set[str]] = defaultdict(set)
    for finding in findings:
        for scope in contents.scopes[finding.record]:
            found[scope, _key(contents, scope, finding)].add(finding.record)
    seen = set()
    for finding in findings:
        scope = contents.scopes[finding.record][0]
        if finding.record in contents.cells:
            _, of_column, of_table = contents.scopes[finding.record]
            if len(found[of_column, _key(contents, of_column, finding)]) == sizes[of_column]:
                scope = of_table if of_column.has_from_defaults(finding.place) else of_column
        key = _key(contents, scope, finding)
        cells = len(found[scope, key])
        if cells == 1 or (scope, key) not in seen:
            yield scope, key, finding, f"; the same in {cells} cells" if cells > 1 else ""
        seen.add((scope, key))


def _unused(scope: Scope, answer: Answer) -> Problem:
    if answer.key == EXEMPT:
        message = "this cell breaks no rule, so it needs no exemption"
    else:
        message = f"answers {answer.key}, but there is no such question about it; delete it"
    return replace(answer.node.problem(answer.place, scope.named(message)), may_wait=True)

"""From `seeds/` to a checked dataset: read everything, report every problem, and only then hand it on.

A problem names the file, the line, the record and the field, and says what to do. Nothing here knows the
database or the web.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.domain.dataset import Category, Code, Codes, Dataset, Force, Release, RuleChange, Source, Tombstone
from app.domain.fields import BrokenRulesError
from app.domain.records import Figure, Incident
from app.domain.rules import broken_rules
from app.domain.vocabulary import Kind
from app.evidence.ledger import LedgerEntry
from app.evidence.passages import numbers
from app.releases.canonical import digest
from app.seeds.files import Node, Place, Reading, SeedError, read_text, read_yaml
from app.seeds.rules import RULES

NOT_ARTICLES = frozenset({"codes.yaml", "sources.yaml", "releases.yaml", "breaks.yaml", "tombstones.yaml"})
TODO = "TODO"
"""What a draft holds where a curator has to decide; no file that still holds it is read."""

FORCE_COLUMNS = ["id", "name", "kind", "ons_code", "part_of"]

Model = TypeVar("Model", bound=BaseModel)
T = TypeVar("T")


def read(seeds: Path) -> tuple[Dataset, Release]:
    """Read and check the seeds of a folder: the dataset, and the release that it is.

    Seeds that are no longer what the latest entry of `releases.yaml` was made from are release `dev`.

    Raises:
        SeedError: with every problem found, if there is any.

    """
    reading = _checked(seeds)
    dataset = _dataset(reading)
    return dataset, release_of(dataset, _things(reading.releases))


def read_with_ledgers(seeds: Path) -> tuple[Dataset, dict[str, list[LedgerEntry]]]:
    """Read and check the seeds of a folder: the dataset, and the number ledgers of its articles by source.

    Raises:
        SeedError: with every problem found, if there is any.

    """
    reading = _checked(seeds)
    return _dataset(reading), {source: _things(entries) for source, entries in reading.ledgers.items()}


def _checked(seeds: Path) -> Reading:
    reading = Reading()
    _read_forces(reading, seeds / "forces.csv")
    _read_codes(reading, seeds / "codes.yaml")
    _read_sources(reading, seeds / "sources.yaml")
    _read_list(reading, RuleChange, read_yaml(reading, seeds / "breaks.yaml"), reading.rule_changes)
    _read_releases(reading, seeds / "releases.yaml")
    _read_tombstones(reading, seeds / "tombstones.yaml")
    for path in sorted(seeds.glob("*.yaml")):
        if path.name not in NOT_ARTICLES:
            _read_article(reading, path)
    for rule in RULES:
        rule(reading)
    if reading.problems:
        raise SeedError(reading.problems)
    return reading


def _dataset(reading: Reading) -> Dataset:
    return Dataset(
        forces=_things(reading.forces),
        codes=Codes(
            allegation=_things(reading.allegation),
            stage=_things(reading.stage),
            outcome=_things(reading.outcome),
            breakdown=_things(reading.breakdown),
        ),
        sources=_things(reading.sources),
        rule_changes=_things(reading.rule_changes),
        records=_things(reading.records),
    )


def read_releases(seeds: Path) -> list[Release]:
    """Read the releases that a folder tells of, oldest first.

    Raises:
        SeedError: with every problem found, if there is any.

    """
    reading = Reading()
    _read_releases(reading, seeds / "releases.yaml")
    if reading.problems:
        raise SeedError(reading.problems)
    return _things(reading.releases)


def read_tombstones(seeds: Path) -> list[Tombstone]:
    """Read which records were removed from every release of a folder for legal reasons.

    Raises:
        SeedError: with every problem found, if there is any.

    """
    reading = Reading()
    _read_tombstones(reading, seeds / "tombstones.yaml")
    if reading.problems:
        raise SeedError(reading.problems)
    return _things(reading.tombstones)


def release_of(dataset: Dataset, releases: Sequence[Release]) -> Release:
    """Return the release that a dataset is: the latest one, or `dev` where it is ahead of it."""
    sha256 = digest(dataset)
    if releases and releases[-1].digest == sha256:
        return releases[-1]
    return Release(version="dev", published_at=datetime.now(UTC), note="Not released.", digest=sha256)


def _things(pairs: Iterable[tuple[T, Node]]) -> list[T]:
    return [thing for thing, _ in pairs]


def _make(reading: Reading, model: type[Model], node: Node, value: object, record: str = "") -> Model | None:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        reading.spoilt.add(record)
        for detail in error.errors():
            rules = detail.get("ctx", {}).get("error")
            if isinstance(rules, BrokenRulesError):
                for name, message in rules.broken:
                    reading.report(node, (*detail["loc"], name), message, record)
            else:
                reading.report(node, detail["loc"], _said(detail, model), record)
        return None


def _said(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """Say in a curator's words what pydantic found."""
    found = repr(detail["input"])
    if detail["type"] == "extra_forbidden":
        name = str(detail["loc"][-1])
        names = [field.alias or known for known, field in model.model_fields.items()]
        near = get_close_matches(name, names, 1)
        return "is not a field here" + (f"; did you mean {near[0]}?" if near else "")
    if detail["type"] == "missing":
        return "is missing"
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    return detail["msg"] + (f"; found {found}" if len(found) < 80 else "")  # noqa: PLR2004 - a readable line


def _read_forces(reading: Reading, path: Path) -> None:
    text = read_text(reading, path)
    if text is None:
        return
    lines = csv.reader(io.StringIO(text))
    try:
        rows = [(lines.line_num, row) for row in lines]
    except csv.Error as error:
        reading.report(Node(path.name, None, {(): lines.line_num}), (), f"is not CSV: {error}")
        return
    if [row for _, row in rows[:1]] != [FORCE_COLUMNS]:
        reading.report(Node(path.name, None, {(): 1}), (), f"the first line must be {','.join(FORCE_COLUMNS)}")
        return
    for line, row in rows[1:]:
        node = Node(path.name, None, {(): line})
        if len(row) != len(FORCE_COLUMNS):
            reading.report(node, (), f"has {len(row)} cells where the header has {len(FORCE_COLUMNS)}")
            continue
        cells = {name: cell or None for name, cell in zip(FORCE_COLUMNS, row, strict=True)}
        if force := _make(reading, Force, node, cells, row[0]):
            reading.forces.append((force, node))


def _read_codes(reading: Reading, path: Path) -> None:
    whole = read_yaml(reading, path)
    if whole is None:
        return
    trees = {"allegation", "stage", "outcome", "breakdown"}
    if not isinstance(whole.value, dict) or not set(whole.value) <= trees:
        reading.report(whole, (), f"holds a list for each of {', '.join(sorted(trees))}, and nothing else")
        return
    for tree in ("allegation", "stage", "outcome"):
        _read_list(reading, Code, whole.below(tree), getattr(reading, tree))
    _read_list(reading, Category, whole.below("breakdown"), reading.breakdown)


def _read_list(reading: Reading, model: type[Model], node: Node | None, into: list[tuple[Model, Node]]) -> None:
    if node is None:
        return
    if not isinstance(node.value, list):
        reading.report(node, (), "is not a list")
    for item in node.items():
        name = str(item.value.get("id", "")) if isinstance(item.value, dict) else ""
        if thing := _make(reading, model, item, item.value, name):
            into.append((thing, item))


def _read_sources(reading: Reading, path: Path) -> None:
    _read_list(reading, Source, read_yaml(reading, path), reading.sources)


def _read_releases(reading: Reading, path: Path) -> None:
    if path.exists():
        _read_list(reading, Release, read_yaml(reading, path), reading.releases)


def _read_tombstones(reading: Reading, path: Path) -> None:
    if path.exists():
        _read_list(reading, Tombstone, read_yaml(reading, path), reading.tombstones)


def _read_article(reading: Reading, path: Path) -> None:
    whole = read_yaml(reading, path)
    if whole is None:
        return
    if unfilled := list(_places(TODO, whole.value)):
        for place in unfilled:
            reading.report(whole, place, f"is still {TODO}: fill it in, or delete the line")
        return
    source, records = whole.below("source"), whole.below("records")
    if source is None or records is None or not isinstance(records.value, list):
        reading.report(whole, (), "an article has a source and a list of records")
        return
    if isinstance(whole.value, dict):
        for name in set(whole.value) - {"source", "records", "ledger"}:
            reading.report(whole, (name,), "is not a part of an article's file")
    named = str(source.value.get("id", "")) if isinstance(source.value, dict) else ""
    made = _make(reading, Source, source, source.value, named)
    for node in records.items():
        _read_record(reading, node, named)
    if made is None:
        return
    reading.sources.append((made, source))
    if ledger := whole.below("ledger"):
        _read_ledger(reading, ledger, made)


def _places(word: str, value: object, place: Place = ()) -> Iterator[Place]:
    """Yield every place of a file's content that holds a word and nothing else."""
    if value == word:
        yield place
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _places(word, below, (*place, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _places(word, below, (*place, index))


def _read_ledger(reading: Reading, ledger: Node, source: Source) -> None:
    """Read which numbers of an article state no figure; a ledger holds numbers, each of them once, and no text."""
    if source.file is None:
        reading.report(ledger, (), f"the text of {source.id} is not held, so no number of it can be accounted for")
    entries: list[tuple[LedgerEntry, Node]] = []
    _read_list(reading, LedgerEntry, ledger, entries)
    taken: dict[tuple[int, int], Node] = {}
    for entry, node in entries:
        if [number.text for number in numbers(entry.token)] != [entry.token]:
            reading.report(node, ("token",), f"{entry.token!r} is not one number, as it is printed")
        if first := taken.get((entry.paragraph, entry.start)):
            reading.report(node, ("start",), f"is accounted for already: {first.file}:{first.line()}")
        taken.setdefault((entry.paragraph, entry.start), node)
    reading.ledgers[source.id] = entries


def _read_record(reading: Reading, node: Node, source: str) -> None:
    """Read a record; evidence that names no source is from the file's own."""
    value = node.value
    if not isinstance(value, dict):
        reading.report(node, (), "a record is a list of fields")
        return
    record = str(value.get("id", ""))
    if value.get("kind") not in [str(kind) for kind in Kind]:
        reading.spoilt.add(record)
        reading.report(node, ("kind",), f"is one of {', '.join(Kind)}; found {value.get('kind')!r}", record)
        return
    if isinstance(value.get("evidence"), list):
        passages = [{"source": source, **e} if isinstance(e, dict) else e for e in value["evidence"]]
        value = {**value, "evidence": passages}
    model: type[Figure | Incident] = Incident if value["kind"] == Kind.INCIDENT else Figure
    told = len(reading.problems)
    if made := _make(reading, model, node, value, record):
        reading.records.append((made, node))
        return
    reading.unread.append((value, node))
    unreadable = {problem.field.split(".")[0] for problem in reading.problems[told:]}
    if unreadable <= set(model.model_fields):
        # If a field has an unknown name, what is missing only follows from that.
        defaults = {name: field.get_default() for name, field in model.model_fields.items()}
        for name, message in broken_rules(model.rules, {**defaults, **value}, unreadable):
            reading.report(node, (name,), message, record)

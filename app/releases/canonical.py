"""The canonical form of a dataset: JSON Lines that never change once released, and what differs between two.

Keys are sorted, things stand in the order of their ids, and what a field is anyway is left out; so the order
of seed files and of records in them is no part of a release, and a field added later changes no old one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from pydantic import BaseModel

from app.domain.dataset import Category, Code, Codes, Dataset, Force, RuleChange, Source
from app.domain.records import Figure, Incident, Record
from app.domain.vocabulary import Kind

WORDING = frozenset({"statement", "notes", "period.label", "evidence", "related", "title", "label", "definition"})
"""Fields whose change leaves every number and what it counts as it was."""

Thing = Literal["force", "allegation", "stage", "outcome", "breakdown", "source", "rule_change", "record"]
Step = Literal["major", "minor", "patch"]


def _groups(dataset: Dataset) -> list[tuple[Thing, list[Any]]]:
    codes = dataset.codes
    return [
        ("force", list(dataset.forces)),
        ("allegation", codes.allegation),
        ("stage", codes.stage),
        ("outcome", codes.outcome),
        ("breakdown", codes.breakdown),
        ("source", dataset.sources),
        ("rule_change", dataset.rule_changes),
        ("record", dataset.records),
    ]


def facts(thing: BaseModel) -> dict[str, Any]:
    """Return what was curated of a thing, in JSON's types."""
    stated = thing.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    # The kind tells figures from incidents when the line is read again.
    return {**stated, "kind": thing.kind.value} if isinstance(thing, Figure | Incident) else stated


def canonical(dataset: Dataset) -> Iterator[bytes]:
    """Yield the lines of a dataset; codes keep their curators' order, which is part of what they say."""
    for name, things in _groups(dataset):
        in_order = name in {"allegation", "stage", "outcome", "breakdown"}
        for thing in things if in_order else sorted(things, key=lambda thing: str(thing.id)):
            yield orjson.dumps({name: facts(thing)}, option=orjson.OPT_SORT_KEYS) + b"\n"


def digest_of(lines: Iterable[bytes]) -> str:
    """Return the SHA-256 of canonical lines."""
    whole = hashlib.sha256()
    for line in lines:
        whole.update(line)
    return whole.hexdigest()


def digest(dataset: Dataset) -> str:
    """Return the SHA-256 of a dataset's canonical form."""
    return digest_of(canonical(dataset))


def from_canonical(lines: Iterable[bytes]) -> Dataset:
    """Read a dataset from its canonical lines."""
    found: dict[str, list[Any]] = {name: [] for name, _ in _groups(EMPTY)}
    for line in lines:
        for name, stated in orjson.loads(line).items():
            found[name].append(_model(name, stated).model_validate(stated))
    return Dataset(
        forces=found["force"],
        codes=Codes.model_validate({tree: found[tree] for tree in Codes.model_fields}),
        sources=found["source"],
        rule_changes=found["rule_change"],
        records=found["record"],
    )


EMPTY = Dataset(forces=[], codes=Codes(allegation=[], stage=[], outcome=[]), sources=[], records=[])

MODELS: dict[str, type[BaseModel]] = {
    "force": Force,
    "allegation": Code,
    "stage": Code,
    "outcome": Code,
    "breakdown": Category,
    "source": Source,
    "rule_change": RuleChange,
    "record": Figure,
}


def _model(name: str, stated: Mapping[str, Any]) -> type[BaseModel]:
    return Incident if name == "record" and stated["kind"] == Kind.INCIDENT else MODELS[name]


def without(dataset: Dataset, gone: AbstractSet[str]) -> Dataset:
    """Return a dataset without some records and without any reference to them.

    A figure whose settled base goes has none: its other candidates were turned down. One whose base is open
    keeps the candidates that are left.
    """
    left = [_freed(record, gone) for record in dataset.records if record.id not in gone]
    return dataset.model_copy(update={"records": left})


def _freed(record: Record, gone: AbstractSet[str]) -> Record:
    changes: dict[str, Any] = {"related": [other for other in record.related if other.id not in gone]}
    if isinstance(record, Figure) and record.base is not None:
        candidates = [candidate for candidate in record.base.candidates if candidate not in gone]
        kept = candidates and record.base.id not in gone
        changes["base"] = record.base.model_copy(update={"candidates": candidates}) if kept else None
    return record.model_copy(update=changes)


@dataclass(frozen=True)
class Change:
    """What became of one field, or of a whole thing, from one release to the next."""

    thing: Thing
    id: str
    type: Literal["added", "changed", "withdrawn"]
    field: str | None
    old: Any
    new: Any

    @property
    def step(self) -> Step:
        """How large a step in the version it asks for: corrections major, additions minor, wording patch."""
        if self.type == "added":
            return "minor"
        return "patch" if self.type == "changed" and self.field in WORDING else "major"


def difference(old: Dataset, new: Dataset) -> list[Change]:
    """Return every change from one dataset to another, field by field, in a stable order."""
    changes: list[Change] = []
    for (name, before), (_, after) in zip(_groups(old), _groups(new), strict=True):
        was = {str(thing.id): facts(thing) for thing in before}
        is_now = {str(thing.id): facts(thing) for thing in after}
        for key in sorted({*was, *is_now}):
            changes += _of_thing(name, key, was.get(key), is_now.get(key))
    return changes


def _of_thing(name: Thing, key: str, was: dict[str, Any] | None, is_now: dict[str, Any] | None) -> Iterator[Change]:
    if was is None or is_now is None:
        yield Change(name, key, "added" if was is None else "withdrawn", None, None, None)
        return
    old, new = dict(_fields(was)), dict(_fields(is_now))
    for field in sorted({*old, *new}):
        if old.get(field) != new.get(field):
            yield Change(name, key, "changed", field, old.get(field), new.get(field))


def _fields(stated: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a thing, those of its period and base each by itself."""
    for field, value in stated.items():
        if isinstance(value, dict) and field != "breakdown":
            yield from ((f"{field}.{part}", item) for part, item in value.items())
        else:
            yield field, value


@dataclass(frozen=True)
class History:
    """How a release came about: in which release each record first stood and last changed, and what is new."""

    first: Mapping[str, str]
    changed: Mapping[str, str]
    changes: Sequence[Change] = ()


def histories(releases: Iterable[tuple[str, Dataset]]) -> Iterator[History]:
    """Yield the history of each release, from the oldest on."""
    first: dict[str, str] = {}
    changed: dict[str, str] = {}
    before: Dataset | None = None
    last: dict[str, Record] = {}
    for version, dataset in releases:
        for record in dataset.records:
            first.setdefault(record.id, version)
            # A record that comes back after a withdrawal has changed.
            if last.get(record.id) != record:
                changed[record.id] = version
        changes = difference(before, dataset) if before is not None else []
        yield History(dict(first), dict(changed), changes)
        before = dataset
        last = {record.id: record for record in dataset.records}

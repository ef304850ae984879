"""What differs between two datasets, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.domain.dataset import Dataset
from app.releases.canonical import Thing, facts, things

WORDING = frozenset(
    {"statement", "notes", "period.label", "evidence", "related", "title", "label", "definition", "aliases"}
)
"""Fields that can change without changing any number or what it counts."""

Step = Literal["major", "minor", "patch"]


@dataclass(frozen=True)
class Change:
    """What happened to one field, or to a whole thing, from one release to the next."""

    thing: Thing
    id: str
    type: Literal["added", "changed", "withdrawn"]
    field: str | None
    old: Any
    new: Any

    @property
    def step(self) -> Step:
        """Which part of the version it raises: a correction the major one, an addition minor, wording patch."""
        if self.type == "added":
            return "minor"
        return "patch" if self.type == "changed" and self.field in WORDING else "major"


def differences(old: Dataset, new: Dataset) -> list[Change]:
    """Return every change from one dataset to another, in a stable order."""
    changes: list[Change] = []
    for (name, before), (_, after) in zip(things(old), things(new), strict=True):
        was = {thing.id: facts(thing) for thing in before}
        becomes = {thing.id: facts(thing) for thing in after}
        for id_ in sorted({*was, *becomes}):
            changes += _changes(name, id_, was.get(id_), becomes.get(id_))
    return changes


def _changes(
    name: Thing, id_: str, was: Mapping[str, Any] | None, becomes: Mapping[str, Any] | None
) -> Iterator[Change]:
    if was is None or becomes is None:
        yield Change(name, id_, "added" if was is None else "withdrawn", None, None, None)
        return
    old, new = dict(_fields(was)), dict(_fields(becomes))
    for field in sorted({*old, *new}):
        if old.get(field) != new.get(field):
            yield Change(name, id_, "changed", field, old.get(field), new.get(field))


def _fields(stated: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a thing; those of its period and base one by one."""
    for field, value in stated.items():
        if isinstance(value, dict) and field != "breakdown":
            yield from ((f"{field}.{part}", item) for part, item in value.items())
        else:
            yield field, value

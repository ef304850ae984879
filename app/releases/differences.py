"""The differences between two datasets, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from app.domain.dataset import Dataset
from app.domain.records import Figure
from app.domain.rule_changes import changes_touching
from app.domain.trees import Parents, tree_of, with_ancestors
from app.releases.canonical import Thing, facts, things

WORDING = frozenset(
    {"statement", "notes", "period.label", "evidence", "related", "title", "label", "definition", "aliases"}
)
"""Fields that can change without affecting any number or what it counts."""

Step = Literal["major", "minor", "patch"]


@dataclass(frozen=True)
class Change:
    """A change to one field, or to a whole object, from one release to the next."""

    thing: Thing
    id: str
    type: Literal["added", "changed", "withdrawn"]
    field: str | None
    old: Any
    new: Any
    keeps_records: bool = False
    """Whether every filter still finds the same records as before, and the same changes of rules affect them."""

    @property
    def step(self) -> Step:
        """The part of the version it raises: major for a correction, minor for an addition, patch for wording."""
        if self.type == "added" or self.keeps_records:
            return "minor"
        return "patch" if self.type == "changed" and self.field in WORDING else "major"


def differences(old: Dataset, new: Dataset) -> list[Change]:
    """Return every change from one dataset to another, in a stable order."""
    changes: list[Change] = []
    for (name, before), (_, after) in zip(things(old), things(new), strict=True):
        was, becomes = _by_key(before), _by_key(after)
        for key in sorted({*was, *becomes}):
            old_thing, new_thing = was.get(key), becomes.get(key)
            # Most objects don't change, and comparing them is much faster than dumping their facts.
            if old_thing != new_thing:
                changes += _changes(name, key[0], *(one and facts(one) for one in (old_thing, new_thing)))
    return [replace(change, keeps_records=_keeps_records(change, old, new)) for change in changes]


def _by_key(found: Sequence[Any]) -> Mapping[tuple[str, str], Any]:
    """Return objects by what identifies them: categories of different dimensions may have the same id."""
    return {(thing.id, getattr(thing, "dimension", "")): thing for thing in found}


def _keeps_records(change: Change, old: Dataset, new: Dataset) -> bool:
    if change.type != "changed":
        return False
    if change.field in {"part_of", "parent", "parents"}:
        return _filters_find_all(change, old, new)
    return change.thing == "rule_change" and change.field in OF_RULES and _touches_the_same(change, old, new)


OF_RULES = frozenset({"stages", "outcomes", "stages_untouched", "outcomes_untouched"})
"""Fields of a change of rules that say what it affects."""


def _filters_find_all(change: Change, old: Dataset, new: Dataset) -> bool:
    """Return whether a filter on a code or an area still finds every record it used to find."""

    def tree(of: Dataset) -> Parents:
        if change.thing == "force":
            return {force.id: force.part_of for force in of.forces}
        return tree_of(getattr(of.codes, change.thing))

    before, after = tree(old), tree(new)
    used = {str(code) for record in old.records if (code := getattr(record, change.thing, None)) is not None}
    return all(
        set(was) <= set(with_ancestors(after, code))
        for code in used
        if change.id in (was := with_ancestors(before, code))
    )


def _touches_the_same(change: Change, old: Dataset, new: Dataset) -> bool:
    """Return whether a change of rules affects the same figures as before."""

    def touched(of: Dataset) -> set[str]:
        touching = changes_touching(of)
        figures = [record for record in old.records if isinstance(record, Figure)]
        return {figure.id for figure in figures if change.id in {one.id for one in touching(figure)}}

    return touched(old) == touched(new)


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
    """Yield an object's fields, with those of its period and base one by one."""
    for field, value in stated.items():
        if isinstance(value, dict) and field != "breakdown":
            yield from ((f"{field}.{part}", item) for part, item in value.items())
        else:
            yield field, value

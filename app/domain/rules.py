"""The rules between the fields of one record.

They work on plain values, so they can also check a seed record that has other mistakes in it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from app.domain.vocabulary import Kind, OutcomeStatus, Qualifier, RateUnit, Term, ValueStatus, ValueType

COUNTS = frozenset({ValueType.COUNT, ValueType.CHANGE_COUNT})
CHANGES = frozenset({ValueType.CHANGE_COUNT, ValueType.CHANGE_PERCENT})
PERCENTAGES = frozenset({ValueType.PERCENT, ValueType.CHANGE_PERCENT})


class Rule(NamedTuple):
    """A rule between fields: which fields, what's correct, and whether their values break it.

    A broken rule is reported at the first field.
    """

    fields: tuple[str, ...]
    requirement: str
    is_broken: Callable[..., bool]


def _given_only_with(field: str, other: str, term: Term) -> Rule:
    return Rule(
        (field, other),
        f"{field} is required if {other} is {term}, and not allowed otherwise",
        lambda value, found: (value is not None) != (found == term),
    )


def _whole_in_a_count(field: str) -> Rule:
    return Rule(
        (field, "value_type"),
        "a count must be a whole number",
        lambda value, value_type: value_type in COUNTS and value is not None and value != int(value),
    )


def _each_once(field: str) -> Rule:
    return Rule((field,), "each subject must be named once", lambda subjects: len(set(subjects)) != len(subjects))


FIGURE_RULES = (
    _given_only_with("value", "value_status", ValueStatus.STATED),
    _given_only_with("value_to", "qualifier", Qualifier.BETWEEN),
    _given_only_with("per", "value_type", ValueType.RATE),
    Rule(
        ("per_unit", "value_type"),
        "only a rate may have per_unit",
        lambda unit, value_type: unit is not None and value_type != ValueType.RATE,
    ),
    Rule(
        ("per_subjects", "per_unit"),
        "only a rate whose per_unit is person may have per_subjects",
        lambda subjects, unit: bool(subjects) and unit != RateUnit.PERSON,
    ),
    _each_once("per_subjects"),
    _given_only_with("stage", "kind", Kind.PROCEEDING),
    _given_only_with("outcome", "kind", Kind.OUTCOME),
    Rule(
        ("value_to", "value"),
        "value_to must be greater than value",
        lambda value_to, value: value is not None and value_to is not None and value_to <= value,
    ),
    Rule(
        ("qualifier", "value_status"),
        "only a stated value may have a qualifier",
        lambda qualifier, status: status != ValueStatus.STATED and qualifier != Qualifier.EXACT,
    ),
    Rule(
        ("value", "value_type"),
        "only a change may be negative",
        lambda value, value_type: (value or 0) < 0 and value_type not in CHANGES,
    ),
    _whole_in_a_count("value"),
    _whole_in_a_count("value_to"),
    _each_once("subjects"),
)
INCIDENT_RULES = (_given_only_with("outcome", "outcome_status", OutcomeStatus.STATED),)


def broken_rules(
    rules: Sequence[Rule], values: Mapping[str, object], unreadable: AbstractSet[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    """Yield the field and message for each rule that a record's values break.

    Rules about an unreadable field are skipped.
    """
    for rule in rules:
        if unreadable.isdisjoint(rule.fields) and rule.is_broken(*(values[name] for name in rule.fields)):
            found = ", ".join(f"{name} {_shown(values[name])}" for name in rule.fields)
            yield rule.fields[0], f"{rule.requirement}; found {found}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "nothing" if value is None else str(value)

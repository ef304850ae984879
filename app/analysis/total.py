"""Totals of figures that don't count the same thing twice.

A wrong sum is refused, with the pairs of figures that make it wrong. Unknown values make a total a lower bound.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice
from typing import Literal

from app.analysis.measures import Knowledge, Measured, as_number, may_share_time, overlap
from app.analysis.pairs import all_suspects
from app.analysis.scope import EVERYTHING, Scope, is_wider_in_force, is_wider_in_time
from app.domain.vocabulary import UNIT_NAMES, Qualifier, Unit, ValueType
from app.domain.wording import counted

MAX_FIGURES = 10_000
"""A total of more figures in one request is refused: nobody could check it."""

MAX_CONFLICTS = 100

NOT_COUNTS = {
    ValueType.PERCENT: "percentage",
    ValueType.RATE: "rate",
    ValueType.CHANGE_COUNT: "change",
    ValueType.CHANGE_PERCENT: "change in per cent",
}
"""What a figure is called that isn't a count."""

Code = Literal[
    "different-unit",
    "overlapping-subjects",
    "different-measure",
    "different-allegation",
    "part-of",
    "overlapping",
    "undated",
    "not-a-count",
    "ambiguous-base",
    "wider-than-period",
    "wider-than-force",
    "conflicting",
]
ADDABLE = frozenset({Qualifier.EXACT, Qualifier.MORE_THAN, Qualifier.AT_LEAST, Qualifier.BETWEEN})
"""Qualifiers of values whose sum is exact or a lower bound. With any other the sum would be neither."""


@dataclass(frozen=True)
class Conflict:
    """Two figures that can't be added; a and b are the same if a figure can't be added to anything.

    `b` is null if `a` alone covers more than the total is asked for.
    """

    a: str
    b: str | None
    code: Code
    message: str


@dataclass(frozen=True)
class Total:
    """A sum of figures; `value` is null if no figure was selected or no value is known."""

    value: int | float | None
    lower_bound: bool
    figures: list[str]


def total(figures: Sequence[Measured], known: Knowledge, scope: Scope = EVERYTHING) -> Total | list[Conflict]:
    """Return the total of figures for what a query asks for, or the conflicts that make it wrong, at most 100."""
    conflicts = list(islice(chain(_wider(figures, scope), _conflicts(figures, known)), MAX_CONFLICTS))
    if conflicts:
        return conflicts
    values = [figure.value for figure in figures if figure.value is not None]
    return Total(
        value=as_number(sum(values, Decimal(0))) if values else None,
        lower_bound=any(not figure.stated or figure.is_floor for figure in figures),
        figures=[figure.id for figure in figures],
    )


def conflict(a: Measured, b: Measured, known: Knowledge) -> Conflict | None:
    """Return the most important conflict between two figures, or None if they can be added."""
    return (
        _nested(a, b, known)
        or _different(a, b, known)
        or _contradictory(a, b, known)
        or _double_count(a, b, known)
        or _stock_and_flow(a, b)
    )


def _wider(figures: Sequence[Measured], scope: Scope) -> Iterator[Conflict]:
    for figure in figures:
        if is_wider_in_time(figure, scope):
            days = f"{figure.period.start} to {figure.period.end or 'no end'}"
            message = f"{figure.id} covers {days}, which is more than the period asked for."
            yield Conflict(figure.id, None, "wider-than-period", message)
        if is_wider_in_force(figure, scope):
            message = f"{figure.id} is about a whole area, not about the force asked for."
            yield Conflict(figure.id, None, "wider-than-force", message)


def _conflicts(figures: Sequence[Measured], known: Knowledge) -> Iterator[Conflict]:
    for figure in figures:
        if not figure.is_count:
            what = NOT_COUNTS[ValueType(figure.value_type)]
            message = f"{figure.id} is a {what}, which can't be added up."
            yield Conflict(figure.id, figure.id, "not-a-count", message)
        elif figure.qualifier not in ADDABLE:
            message = f"The value of {figure.id} is only \u201c{figure.qualifier}\u201d, so it can't be added up."
            yield Conflict(figure.id, figure.id, "not-a-count", message)
    seen: set[tuple[str, str]] = set()
    for a, b in all_suspects(figures, known):
        key = (a.id, b.id) if a.id < b.id else (b.id, a.id)
        if key not in seen:
            seen.add(key)
            if found := conflict(a, b, known):
                yield found


def _nested(a: Measured, b: Measured, known: Knowledge) -> Conflict | None:
    """Return a conflict if one figure is part of the other, or may be."""
    for part, whole in ((a, b), (b, a)):
        settled = known.above(part.id).get(whole.id)
        if settled:
            return Conflict(a.id, b.id, "part-of", f"{whole.id} already includes {part.id}.")
        if settled is not None:
            message = f"{whole.id} may already include {part.id}; the source leaves that open."
            return Conflict(a.id, b.id, "ambiguous-base", message)
    return None


def _different(a: Measured, b: Measured, known: Knowledge) -> Conflict | None:
    """Return a conflict if two figures count different things."""
    if a.unit != b.unit:
        one, other = (UNIT_NAMES[Unit(figure.unit)][1] for figure in (a, b))
        return Conflict(a.id, b.id, "different-unit", f"The first figure counts {one}, the second counts {other}.")
    if (a.kind, a.stage, a.outcome) != (b.kind, b.stage, b.outcome):
        one, other = (counted(figure, known.names) for figure in (a, b))
        message = f"The first figure is about {one}, the second about {other}."
        if one == other:
            message = "The two figures are of different kinds or stages."
        return Conflict(a.id, b.id, "different-measure", message)
    if a.allegation != b.allegation:
        one, other = (known.name("allegation", figure.allegation) for figure in (a, b))
        message = f"The first figure is about {one}, the second about {other}."
        return Conflict(a.id, b.id, "different-allegation", message)
    return None


def _contradictory(a: Measured, b: Measured, known: Knowledge) -> Conflict | None:
    """Return a conflict if the sources of two figures contradict each other on what both count."""
    if known.contradict(a, b) or known.contradict_elsewhere(a, b):
        return Conflict(a.id, b.id, "conflicting", "Their sources contradict each other on what both count.")
    return None


def _double_count(a: Measured, b: Measured, known: Knowledge) -> Conflict | None:
    """Return a conflict if two figures with the same measure may count the same cases."""
    if a.period.start is None or b.period.start is None:
        undated = a.id if a.period.start is None else b.id
        message = f"{undated} has no dates, so it is unclear what a total with it would count."
        return Conflict(a.id, b.id, "undated", message)
    pair = frozenset((a.id, b.id))
    if pair in known.same_fact or pair in known.overlapping:
        message = "Both state the same fact, or are recorded as counting some of the same cases."
        return Conflict(a.id, b.id, "overlapping", message)
    if not known.forces_meet(a.force, b.force) or not may_share_time(a, b) or _are_disjoint(a, b):
        return None
    if a.subjects != b.subjects:
        message = "The two figures overlap in force, period and the people they are about."
        return Conflict(a.id, b.id, "overlapping-subjects", message)
    if overlap(a, b):
        message = "Force and period overlap, so both figures may count the same cases."
        return Conflict(a.id, b.id, "overlapping", message)
    message = (
        "One figure counts a single day, or the two relate to their periods in different ways, "
        "so both may count the same cases."
    )
    return Conflict(a.id, b.id, "overlapping", message)


def _stock_and_flow(a: Measured, b: Measured) -> Conflict | None:
    """Return a conflict if one figure counts what there was on a day, and the other what happened in a period."""
    if a.is_stock == b.is_stock:
        return None
    stock, flow = (a, b) if a.is_stock else (b, a)
    message = f"{stock.id} counts what there was on a day, {flow.id} what happened over a period."
    return Conflict(a.id, b.id, "different-measure", message)


def _are_disjoint(a: Measured, b: Measured) -> bool:
    """Return whether two figures count different people or cases: disjoint subjects, or another category."""
    if a.subjects and b.subjects and not a.subjects & b.subjects:
        return True
    return any(b.breakdown.get(dimension, category) != category for dimension, category in a.breakdown.items())

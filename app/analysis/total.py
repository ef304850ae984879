"""What may be added: a total of figures none of which counts what another counts.

A sum is refused, with the pairs that forbid it, rather than given wrong. Unknown values make it a lower bound.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations, islice, product
from typing import Literal

from app.analysis.compare import number
from app.analysis.measures import Knowledge, Measured, may_share_time, overlap
from app.domain.vocabulary import Qualifier

MAX_FIGURES = 10_000
"""A sum over more in one request is refused: nobody could check it."""

MAX_CONFLICTS = 100

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
]
ADDABLE = frozenset({Qualifier.EXACT, Qualifier.MORE_THAN, Qualifier.AT_LEAST, Qualifier.BETWEEN})
"""Qualifiers of numbers whose sum is exact or a lower bound; about, nearly and upper bounds sum to neither."""


@dataclass(frozen=True)
class Conflict:
    """Two figures that may not be added, or (a and b the same) one that may be added to nothing."""

    a: str
    b: str
    code: Code
    message: str


@dataclass(frozen=True)
class Total:
    """A sum of figures that may be added; `value` is null where nothing, or nothing known, was selected."""

    value: int | float | None
    lower_bound: bool
    figures: list[str]


def total(figures: Sequence[Measured], known: Knowledge) -> Total | list[Conflict]:
    """Add figures, or return the conflicts that forbid it, at most 100. Pure."""
    conflicts = list(islice(_conflicts(figures, known), MAX_CONFLICTS))
    if conflicts:
        return conflicts
    values = [figure.value for figure in figures if figure.value is not None]
    return Total(
        value=number(sum(values, Decimal(0))) if values else None,
        lower_bound=any(not figure.stated or figure.is_floor for figure in figures),
        figures=[figure.id for figure in figures],
    )


def conflict(a: Measured, b: Measured, known: Knowledge) -> Conflict | None:
    """Return what forbids adding two figures, the most telling first, or None where they may be added."""
    return _inside(a, b, known) or _different(a, b) or _double_count(a, b, known)


def _inside(a: Measured, b: Measured, known: Knowledge) -> Conflict | None:
    """Return a conflict where one figure lies in the other, or may."""
    for part, whole in ((a, b), (b, a)):
        settled = known.above(part.id).get(whole.id)
        if settled:
            return _pair(a, b, "part-of", f"{part.id} lies in {whole.id}, which counts it already.")
        if settled is not None:
            return _pair(a, b, "ambiguous-base", f"{part.id} may lie in {whole.id}; its base is open.")
    return None


def _different(a: Measured, b: Measured) -> Conflict | None:
    """Return a conflict where two figures count different things."""
    if a.unit != b.unit:
        return _pair(a, b, "different-unit", f"One counts by {a.unit}, the other by {b.unit}.")
    if (a.kind, a.stage, a.outcome) != (b.kind, b.stage, b.outcome):
        return _pair(a, b, "different-measure", "They count different things.")
    if a.allegation != b.allegation:
        message = f"One is about {a.allegation}, the other about {b.allegation}."
        return _pair(a, b, "different-allegation", message)
    return None


def _double_count(a: Measured, b: Measured, known: Knowledge) -> Conflict | None:
    """Return a conflict where two figures of one measure may count the same thing twice."""
    if a.period.start is None or b.period.start is None:
        undated = a.id if a.period.start is None else b.id
        return _pair(a, b, "undated", f"{undated} has no dates, so that what a sum with it counts is open.")
    pair = frozenset((a.id, b.id))
    if pair in known.same_fact or pair in known.overlapping:
        return _pair(a, b, "overlapping", "They tell the same fact, or are said to count some of the same.")
    if not known.forces_meet(a.force, b.force) or not may_share_time(a, b) or _apart(a, b):
        return None
    if a.subjects != b.subjects:
        message = "Force and period overlap, and so do the people they are about."
        return _pair(a, b, "overlapping-subjects", message)
    if overlap(a, b):
        return _pair(a, b, "overlapping", "Force and period overlap, so that both may count the same.")
    message = "What falls in their periods differs, or was there on one day: both may count the same."
    return _pair(a, b, "overlapping", message)


def _apart(a: Measured, b: Measured) -> bool:
    """Whether two figures count different people or cases: disjoint subjects, or another category."""
    if a.subjects and b.subjects and not a.subjects & b.subjects:
        return True
    return any(b.breakdown.get(dimension, category) != category for dimension, category in a.breakdown.items())


def _pair(a: Measured, b: Measured, code: Code, message: str) -> Conflict:
    return Conflict(a.id, b.id, code, message)


def _conflicts(figures: Sequence[Measured], known: Knowledge) -> Iterator[Conflict]:
    """Yield every conflict once, without looking at every pair of many thousand."""
    for figure in figures:
        if not figure.is_count or figure.qualifier not in ADDABLE:
            what = figure.value_type if not figure.is_count else f"a number that is only {figure.qualifier}"
            yield Conflict(figure.id, figure.id, "not-a-count", f"{figure.id} is {what}, which does not add up.")
    yield from _of_pairs(_suspects(figures, known), known)


def double_counts(figures: Sequence[Measured], known: Knowledge) -> Iterator[Conflict]:
    """Yield the conflicts of figures that count the same thing, and meet in force and time."""
    yield from _of_pairs(_alike(figures, known), known)


def _of_pairs(pairs: Iterable[tuple[Measured, Measured]], known: Knowledge) -> Iterator[Conflict]:
    seen: set[tuple[str, str]] = set()
    for a, b in pairs:
        key = (a.id, b.id) if a.id < b.id else (b.id, a.id)
        if key not in seen:
            seen.add(key)
            if found := conflict(a, b, known):
                yield found


def _suspects(figures: Sequence[Measured], known: Knowledge) -> Iterator[tuple[Measured, Measured]]:
    """Yield the pairs that may be in conflict; all others count apart in force or time."""
    yield from _touching(figures, known)
    groups = _by_measure(figures)
    for one, other in combinations(groups, 2):
        yield from product(one, other)
    for group in groups:
        undated = [figure for figure in group if figure.period.start is None]
        yield from ((a, b) for a in undated for b in group if a is not b)
    by_id = {figure.id: figure for figure in figures}
    for pair in sorted(map(sorted, known.same_fact | known.overlapping)):
        if pair[0] in by_id and pair[-1] in by_id:
            yield by_id[pair[0]], by_id[pair[-1]]


def _touching(figures: Sequence[Measured], known: Knowledge) -> Iterator[tuple[Measured, Measured]]:
    """Yield the pairs that lie in one another, or meet in force and time and count the same thing."""
    by_id = {figure.id: figure for figure in figures}
    for figure in figures:
        for whole in known.above(figure.id):
            if whole in by_id:
                yield by_id[whole], figure
    yield from _alike(figures, known)


def _alike(figures: Sequence[Measured], known: Knowledge) -> Iterator[tuple[Measured, Measured]]:
    """Yield the pairs that count the same thing, and meet in force and time."""
    for group in _by_measure(figures):
        yield from _meeting(group, known)


def _by_measure(figures: Sequence[Measured]) -> list[list[Measured]]:
    groups = defaultdict(list)
    for figure in figures:
        groups[figure.unit, figure.kind, figure.stage, figure.outcome, figure.allegation].append(figure)
    return list(groups.values())


def _meeting(group: Sequence[Measured], known: Knowledge) -> Iterator[tuple[Measured, Measured]]:
    """Yield the pairs of a group that meet in force and may share time."""
    lanes: dict[tuple[str, bool], list[Measured]] = defaultdict(list)
    for figure in group:
        if figure.period.start is not None:
            lanes[figure.period.event, figure.is_stock].append(figure)
    for (_, is_stock), lane in lanes.items():
        yield from _in_one_place(lane, lane, known) if is_stock else _sweep(lane, known)
    for one, other in combinations(lanes.values(), 2):
        yield from _in_one_place(one, other, known)


def _in_one_place(
    one: Sequence[Measured], other: Sequence[Measured], known: Knowledge
) -> Iterator[tuple[Measured, Measured]]:
    """Yield the pairs between two lists that meet in force, whatever their periods."""
    by_force: dict[str, list[Measured]] = defaultdict(list)
    for figure in other:
        by_force[figure.force].append(figure)
    for figure in one:
        for force, others in by_force.items():
            if known.forces_meet(force, figure.force):
                yield from ((figure, beside) for beside in others if beside is not figure)


def _sweep(lane: Sequence[Measured], known: Knowledge) -> Iterator[tuple[Measured, Measured]]:
    """Yield the pairs of a list that meet in force and time, going over their first days."""
    open_by_force: dict[str, list[Measured]] = defaultdict(list)
    open_inside: dict[str, list[str]] = defaultdict(list)
    for figure in sorted(lane, key=lambda f: (f.period.start or date.min, f.id)):
        areas = known.areas_of(figure.force)
        around = [area for area in areas if area in open_by_force]
        for force in dict.fromkeys([*open_inside[figure.force], *around]):
            others = open_by_force[force]
            others[:] = [other for other in others if overlap(other, figure)]
            yield from ((other, figure) for other in others)
        if figure.force not in open_by_force:
            for area in areas:
                open_inside[area].append(figure.force)
        open_by_force[figure.force].append(figure)

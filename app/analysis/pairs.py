"""Pairs of figures that may count the same thing, found without comparing every pair.

A set of 10,000 figures has 50 million pairs. Most differ in force or time, and are left out here.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, product

from app.analysis.measures import Knowledge, Measured, overlap, series_of
from app.domain.series import Series

Pairs = Iterator[tuple[Measured, Measured]]
"""Pairs in either order; a pair may come more than once."""


def all_suspects(figures: Sequence[Measured], known: Knowledge) -> Pairs:
    """Yield every pair that can't be added, and some that can."""
    by_id = {figure.id: figure for figure in figures}
    for figure in figures:
        for whole in known.above(figure.id):
            if whole in by_id:
                yield by_id[whole], figure
    yield from same_measure(figures, known)
    groups = _by_measure(figures)
    for one, other in combinations(groups, 2):
        yield from product(one, other)
    for group in groups:
        undated = [figure for figure in group if figure.period.start is None]
        yield from ((a, b) for a in undated for b in group if a is not b)
        stocks = [figure for figure in group if figure.is_stock]
        yield from ((a, b) for a in stocks for b in group if not b.is_stock)
    for group in groups:
        yield from _contradicting(group, known)
    for pair in sorted(map(sorted, known.same_fact | known.overlapping | known.conflicting)):
        if pair[0] in by_id and pair[-1] in by_id:
            yield by_id[pair[0]], by_id[pair[-1]]


def same_measure(figures: Sequence[Measured], known: Knowledge) -> Pairs:
    """Yield the pairs of dated figures with the same measure that may share cases by force and time."""
    for group in _by_measure(figures):
        if len(group) > 1:
            yield from _sharing_force_and_time(group, known)


def _by_measure(figures: Sequence[Measured]) -> list[list[Measured]]:
    groups = defaultdict(list)
    for figure in figures:
        groups[figure.unit, figure.kind, figure.stage, figure.outcome, figure.allegation].append(figure)
    return list(groups.values())


def _contradicting(group: Sequence[Measured], known: Knowledge) -> Pairs:
    """Yield the pairs of figures whose sources contradict each other on their series."""
    by_series: dict[Series, list[Measured]] = defaultdict(list)
    for figure in group:
        if (series := series_of(figure)) in known.contradicted:
            by_series[series].append(figure)
    for series, figures in by_series.items():
        for sides in known.contradicted[series]:
            one, other = ([f for f in figures if side & known.sources.get(f.id, frozenset())] for side in sides)
            yield from ((a, b) for a, b in product(one, other) if a is not b)


def _sharing_force_and_time(group: Sequence[Measured], known: Knowledge) -> Pairs:
    """Yield the pairs that may share cases, as `measures.may_share_time` decides."""
    by_event: dict[tuple[str, bool], list[Measured]] = defaultdict(list)
    for figure in group:
        if figure.period.start is not None:
            by_event[figure.period.event, figure.is_stock].append(figure)
    for (_, is_stock), figures in by_event.items():
        yield from _sharing_force(figures, figures, known) if is_stock else _overlapping(figures, known)
    for one, other in combinations(by_event.values(), 2):
        yield from _sharing_force(one, other, known)


def _sharing_force(one: Sequence[Measured], other: Sequence[Measured], known: Knowledge) -> Pairs:
    """Yield the pairs from two lists whose forces are the same, or one inside the other."""
    by_force: dict[str, list[Measured]] = defaultdict(list)
    for figure in other:
        by_force[figure.force].append(figure)
    for figure in one:
        for force, candidates in by_force.items():
            if known.forces_meet(force, figure.force):
                yield from ((figure, candidate) for candidate in candidates if candidate is not figure)


def _overlapping(figures: Sequence[Measured], known: Knowledge) -> Pairs:
    """Yield the pairs that share force and time, by a sweep over the first days of the periods."""
    open_by_force: dict[str, list[Measured]] = defaultdict(list)
    """Figures whose periods may still overlap the next one."""
    forces_inside: dict[str, list[str]] = defaultdict(list)
    """Forces of earlier figures, by every area that contains them."""
    for figure in sorted(figures, key=lambda f: (f.period.start or date.min, f.id)):
        areas = known.areas_of(figure.force)
        areas_with_figures = [area for area in areas if area in open_by_force]
        for force in dict.fromkeys([*forces_inside[figure.force], *areas_with_figures]):
            others = open_by_force[force]
            others[:] = [other for other in others if overlap(other, figure)]
            yield from ((other, figure) for other in others)
        if figure.force not in open_by_force:
            for area in areas:
                forces_inside[area].append(figure.force)
        open_by_force[figure.force].append(figure)

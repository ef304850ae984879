"""Figures that count the same thing at different times, as lines on a chart.

Neighbours on a line are joined only if they are comparable without any reason against it. Overlapping periods never
share a line. A figure without a number is a gap.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, pairwise

from app.analysis.compare import Reason, compare
from app.analysis.measures import Knowledge, Measured, length
from app.domain.wording import measure_label


@dataclass(frozen=True)
class Break:
    """Two neighbours on a line that a chart mustn't join, and why."""

    after: str
    before: str
    reasons: list[Reason]


@dataclass(frozen=True)
class Line:
    """Dated figures of one measure and one force, from the earliest, none overlapping another."""

    key: str
    label: str
    figures: list[Measured]
    breaks: list[Break]


def lines(figures: Iterable[Measured], known: Knowledge) -> list[Line]:
    """Return figures as lines, by key; those without a start or an end have no place on a line and are left out."""
    by_measure: dict[str, list[Measured]] = defaultdict(list)
    for figure in figures:
        if figure.period.end is not None:
            by_measure[_key(figure)].append(figure)
    found = []
    for key, alike in sorted(by_measure.items()):
        for number, points in zip(count(1), _without_overlaps(alike), strict=False):
            label = f"{known.name('force', points[0].force)}: {measure_label(points[0], known.names)}"
            own_key = key
            if number > 1:
                own_key, label = f"{key}-{number}", f"{label} (overlapping series {number})"
            found.append(Line(own_key, label, points, list(_breaks(points, known))))
    return found


def _key(figure: Measured) -> str:
    """Return the codes of what a figure counts, joined: the same in every release."""
    parts = [
        figure.force,
        figure.kind,
        figure.allegation,
        figure.stage,
        figure.outcome,
        figure.unit,
        figure.value_type,
    ]
    if figure.per is not None:
        parts.append(f"per-{figure.per}")
        parts += [figure.per_unit, *sorted(figure.per_subjects)]
    parts += sorted(figure.subjects)
    parts += [f"{dimension}-{category}" for dimension, category in sorted(figure.breakdown.items())]
    return "-".join(filter(None, parts))


def _without_overlaps(figures: list[Measured]) -> Iterator[list[Measured]]:
    """Yield the figures in as few lists as keep overlapping periods apart, years with years if possible."""
    found: list[list[Measured]] = []
    for figure in sorted(figures, key=lambda f: (str(f.period.start), str(f.period.end), f.id)):
        free = [points for points in found if str(points[-1].period.end) < str(figure.period.start)]
        alike = [points for points in free if length(points[-1]) == length(figure)]
        if alike or free:
            (alike or free)[0].append(figure)
        else:
            found.append([figure])
    yield from found


def _breaks(figures: list[Measured], known: Knowledge) -> Iterator[Break]:
    for a, b in pairwise(figures):
        found = compare(a, b, known)
        if found.verdict != "comparable":
            yield Break(a.id, b.id, found.reasons)

"""What a sum of figures counts, and what a careful reader must know before quoting it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app.analysis.measures import Knowledge, Measured
from app.analysis.scope import Scope
from app.analysis.warnings import ListWarning, Sample, WarningCode, sample
from app.domain.periods import Span

NAMED = 5
"""Forces that a warning names at most."""


class Summed(NamedTuple):
    """What the figures in a sum have in common, or cover between them."""

    unit: str | None
    """What they count; null without figures."""
    subjects: list[str]
    """Whose conduct they are about, all groups together; empty if no figure says."""
    forces: list[str]
    start: date | None
    """The first day that they cover; null if that isn't known of every figure."""
    end: date | None


def summed(figures: Sequence[Measured]) -> Summed:
    """Return what a sum of figures counts."""
    starts, ends = ({getattr(figure.period, name) for figure in figures} for name in ("start", "end"))
    return Summed(
        unit=figures[0].unit if figures else None,
        subjects=sorted(frozenset().union(*(figure.subjects for figure in figures))),
        forces=sorted({figure.force for figure in figures}),
        start=None if None in starts else min(starts, default=None),
        end=None if None in ends else max(ends, default=None),
    )


def warnings_on_sum(figures: Sequence[Measured], known: Knowledge, scope: Scope) -> Mapping[WarningCode, Sample]:
    """Return which figures in a sum each of its own warnings is about."""
    disputed = {id_ for pair in known.conflicting for id_ in pair} | known.disputes.keys()
    return {
        "period-not-filled": sample(_leaving_gaps(figures, scope)),
        "rules-changed": sample(_across_a_change(figures, known)),
        "disputed": sample(figure.id for figure in figures if figure.unit_disputed or figure.id in disputed),
    }


def _leaving_gaps(figures: Sequence[Measured], scope: Scope) -> Iterator[str]:
    """Yield the figures of each force that has none for some of the days that the sum is about."""
    whole, asked = summed(figures), scope.period or Span(None, None)
    start, end = asked.start or whole.start, asked.end or whole.end
    if start is None or end is None:
        return
    by_force: dict[str, list[Measured]] = defaultdict(list)
    for figure in figures:
        if not figure.is_stock:
            by_force[figure.force].append(figure)
    for of_force in by_force.values():
        day = start.toordinal()
        for figure in sorted(of_force, key=lambda figure: figure.period.start or date.max):
            if figure.period.start is not None and figure.period.start.toordinal() <= day:
                day = max(day, (figure.period.end or date.max).toordinal() + 1)
        if day <= end.toordinal():
            yield from (figure.id for figure in of_force)


def _across_a_change(figures: Sequence[Measured], known: Knowledge) -> Iterator[str]:
    """Yield the figures for which the rules changed between the first and the last day of the sum."""
    whole = summed(figures)
    if whole.start is None or whole.end is None:
        return
    changes = [change for change in known.rule_changes if whole.start < change.day <= whole.end]
    yield from (figure.id for figure in figures if any(known.touches(change, figure) for change in changes))


def forces_missing(asked: Iterable[str], figures: Sequence[Measured], known: Knowledge) -> list[ListWarning]:
    """Return the warning that a sum has no figure about some of the forces asked for."""
    counted = {figure.force for figure in figures}
    missing = [
        known.name("force", force) for force in asked if not any(known.forces_meet(force, one) for one in counted)
    ]
    if not figures or not missing:
        return []
    more = f" or {len(missing) - NAMED} more" if len(missing) > NAMED else ""
    message = f"No figure in the sum is about {', '.join(missing[:NAMED])}{more}, which is not zero."
    return [ListWarning("forces-missing", message, [], 0)]

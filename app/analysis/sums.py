"""What a sum of figures counts, and what a careful reader must know before quoting it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app.analysis.measures import Knowledge, Measured
from app.analysis.scope import Scope
from app.analysis.warnings import ListWarning, Sample, WarningCode, sample
from app.domain.periods import Span
from app.domain.wording import in_a_list

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
    dated = [(figure, days) for figure in figures if (days := _days(figure)) is not None]
    undated = [figure.id for figure in figures if figure.period.start is None and scope.period is not None]
    return {
        "undated-included": sample(undated),
        "period-not-filled": sample(_leaving_gaps(dated, scope)),
        "rules-changed": sample(_across_a_change(dated, known)),
        "disputed": sample(figure.id for figure in figures if figure.unit_disputed or figure.id in disputed),
    }


class Days(NamedTuple):
    """The first and the last day that a figure covers."""

    first: date
    last: date


Dated = Sequence[tuple[Measured, Days]]


def _days(figure: Measured) -> Days | None:
    """Return the days that a figure covers, without end if its period has none; None if it is undated."""
    period = figure.period
    return None if period.start is None else Days(period.start, period.end or date.max)


def _leaving_gaps(dated: Dated, scope: Scope) -> Iterator[str]:
    """Yield the figures of each force and group of people that leave out some of the days that the sum is about.

    Those are the days asked for or, if the query has no period, all that some figure covers. Counts of what existed
    on a day can't fill a period, so only the days on which they were counted matter.
    """
    if not dated:
        return
    asked = scope.period or Span(None, None)
    start, end = min(days.first for _, days in dated), max(days.last for _, days in dated)
    if not dated[0][0].is_stock:
        start, end = asked.start or start, asked.end or end
    groups: dict[tuple[object, ...], list[tuple[Measured, Days]]] = defaultdict(list)
    for figure, days in dated:
        groups[figure.force, figure.subjects, tuple(sorted(figure.breakdown.items()))].append((figure, days))
    for group in groups.values():
        missing = start.toordinal()
        for _, days in sorted(group, key=lambda one: one[1]):
            if days.first.toordinal() <= missing:
                missing = max(missing, days.last.toordinal() + 1)
        if missing <= end.toordinal():
            yield from (figure.id for figure, _ in group)


def _across_a_change(dated: Dated, known: Knowledge) -> Iterator[str]:
    """Yield the figures for which the rules changed between the first and the last day of the sum."""
    if not dated:
        return
    first, last = min(days.first for _, days in dated), max(days.last for _, days in dated)
    changes = [change for change in known.rule_changes if first < change.day <= last]
    yield from (figure.id for figure, _ in dated if any(known.touches(change, figure) for change in changes))


def forces_missing(asked: Iterable[str], figures: Sequence[Measured], known: Knowledge) -> list[ListWarning]:
    """Return the warning that a sum has no figure about some of the forces asked for."""
    counted = {figure.force for figure in figures}
    missing = [
        known.name("force", force) for force in asked if not any(known.contains(one, force) for one in counted)
    ]
    if not figures or not missing:
        return []
    named = [*missing[:NAMED], *([f"{len(missing) - NAMED} more"] if len(missing) > NAMED else [])]
    message = f"The sum has no figure for: {in_a_list(named)}. That doesn't mean zero."
    return [ListWarning("forces-missing", message, [], 0)]

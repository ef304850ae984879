"""Records that cover more than a query asks for.

A filter by period finds every record that overlaps it, so a figure for seven years answers a query for one of them.
The same goes for figures of the areas that contain a force.
"""

from dataclasses import dataclass

from app.analysis.measures import Dated
from app.domain.periods import Span


@dataclass(frozen=True)
class Scope:
    """The period and the forces that a query asks for."""

    period: Span | None = None
    """None if the query has no period."""
    forces: frozenset[str] = frozenset()
    """Empty unless the query includes the areas that contain its forces."""


EVERYTHING = Scope()
"""What a query without a period and without wider areas asks for: nothing reaches outside it."""


def is_wider_in_time(record: Dated, scope: Scope) -> bool:
    """Return whether a record's period goes beyond the one requested; an undated record's isn't known to."""
    start, end, period = record.period.start, record.period.end, scope.period
    if period is None or start is None:
        return False
    return (period.start is not None and start < period.start) or (
        period.end is not None and (end is None or end > period.end)
    )


def is_wider_in_force(record: Dated, scope: Scope) -> bool:
    """Return whether a record is about an area that contains a force asked for, not about that force."""
    return bool(scope.forces) and record.force not in scope.forces

"""Figures per 1,000 of the workforce that their subjects belong to."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import fmean
from typing import Literal, NamedTuple

from app.analysis.measures import Measured, length
from app.analysis.poisson import interval
from app.domain.vocabulary import WORKERS, ForceKind, Qualifier, Subject, Unit, WorkerType

PER = 1_000
LEVEL = 95
METHOD = "exact Poisson (Garwood 1936)"
MONTHS = 12
DAYS = 365.25

Refusal = Literal[
    "undated", "no-workforce", "not-people", "not-a-count", "unknown-value", "subjects-not-stated", "area"
]
"""Why a figure has no rate."""

COUNTED = frozenset({Unit.PERSON, Unit.COMPLAINT, Unit.ALLEGATION})
"""Units that make sense per 1,000 people: people, and complaints or allegations about them."""


class Headcount(NamedTuple):
    """How many people of a worker type a force had on a day."""

    as_at: date
    worker_type: str
    headcount: int
    source: str


@dataclass(frozen=True)
class Denominator:
    """The mean headcount over a figure's period."""

    value: float
    as_at: Sequence[date]
    """The days of the headcounts that it is the mean of."""
    worker_types: Sequence[str]
    source: str


@dataclass(frozen=True)
class Rate:
    """A figure per 1,000 of a workforce; per year if its period is longer."""

    figure: Measured
    numerator: int
    denominator: Denominator
    years: float
    """The length of the period; 1 if it is a year or less, so that the rate is for the period."""
    cases: int | None = None
    """The most cases that the people counted can be from, if the same source counts cases."""

    @property
    def per_year(self) -> bool:
        """Whether it is a rate per year: the period is longer than one."""
        return self.years > 1

    @property
    def person_years(self) -> float:
        """What the numerator is divided by."""
        return self.denominator.value * self.years

    @property
    def rate(self) -> float:
        """The rate."""
        return self.of(self.numerator)

    @property
    def interval(self) -> tuple[float, float]:
        """The exact interval of the rate."""
        low, high = interval(self.numerator, LEVEL / 100)
        return self.of(low), self.of(high)

    def of(self, count: float) -> float:
        """Return the rate that another count would be."""
        return count / self.person_years * PER


@dataclass(frozen=True)
class Refused:
    """A figure without a rate, and why."""

    id: str
    code: Refusal
    message: str


def rate_of(
    figure: Measured, kind: str, headcounts: Sequence[Headcount], base: Measured | None = None
) -> Rate | Refused:
    """Return the rate of a figure, given the kind of its force and the force's headcounts, or why it has none.

    Its base says how many cases the people are from: they aren't independent of each other.
    """
    if kind == ForceKind.AREA:
        return Refused(figure.id, "area", "It is about an area, and headcounts are of single forces.")
    for refusal in REFUSALS:
        if refusal.applies(figure):
            return Refused(figure.id, refusal.code, refusal.message)
    years = _years(figure)
    workers = [one for subject in Subject if subject in figure.subjects for one in WORKERS[subject]]
    denominator = _mean_headcount(figure, workers, headcounts)
    if denominator is None or years is None or figure.value is None:
        message = "There is no headcount of its subjects for this force and all of this period."
        return Refused(figure.id, "no-workforce", message)
    return Rate(figure, int(figure.value), denominator, years, _cases(figure, base))


def _cases(figure: Measured, base: Measured | None) -> int | None:
    """Return the most cases that people can be from: their base, if it counts cases of the same force and period.

    Some of those cases may be about other people only, and there can't be more cases than people.
    """
    if (
        figure.value is None
        or base is None
        or base.value is None
        or (figure.unit, base.unit) != (Unit.PERSON, Unit.CASE)
    ):
        return None
    same = (figure.force, figure.period.start, figure.period.end) == (
        base.force,
        base.period.start,
        base.period.end,
    )
    return int(min(base.value, figure.value)) if same and base.qualifier == Qualifier.EXACT else None


class _Refusal(NamedTuple):
    """A reason why a figure has no rate, whatever the headcounts are."""

    code: Refusal
    message: str
    applies: Callable[[Measured], bool]


REFUSALS = (
    _Refusal("not-a-count", "It is not a count.", lambda figure: not figure.is_count),
    _Refusal(
        "unknown-value",
        "The source gives no single number.",
        lambda figure: figure.value is None or figure.qualifier == Qualifier.BETWEEN,
    ),
    _Refusal(
        "not-people",
        "It counts neither people nor what is said about them.",
        lambda figure: figure.unit not in COUNTED,
    ),
    _Refusal(
        "subjects-not-stated",
        "The source does not say whose conduct it is, so there is nobody to divide by.",
        lambda figure: not figure.subjects,
    ),
    _Refusal(
        "undated",
        "It has no period, or one without an end.",
        lambda figure: figure.period.start is None or figure.period.end is None,
    ),
)


def _years(figure: Measured) -> float | None:
    """Return the length of a period in years, at least one; None if it is undated."""
    found = length(figure)
    if found is None or figure.period.start is None or figure.period.end is None:
        return None
    months, days = found
    years = months / MONTHS if not days else ((figure.period.end - figure.period.start).days + 1) / DAYS
    return max(years, 1.0)


def _mean_headcount(
    figure: Measured, workers: Sequence[WorkerType], headcounts: Iterable[Headcount]
) -> Denominator | None:
    """Return the mean of the headcounts on days in a figure's period; None unless they cover all of it.

    Headcounts are yearly. They cover a period if none of it is a year or more away from one of them, and none is
    missing in between: no headcount stands in for another year.
    """
    start, end = figure.period.start, figure.period.end
    if start is None or end is None:
        return None
    by_day: dict[date, dict[str, Headcount]] = defaultdict(dict)
    for one in headcounts:
        if start <= one.as_at <= end and one.worker_type in workers:
            by_day[one.as_at][one.worker_type] = one
    days = sorted(day for day, found in by_day.items() if len(found) == len(workers))
    edges = [start, *days, end]
    if not days or any(_a_year_apart(one, other) for one, other in pairwise(edges)):
        return None
    value = fmean(sum(one.headcount for one in by_day[day].values()) for day in days)
    source = next(iter(by_day[days[-1]].values())).source
    return Denominator(value, days, [str(one) for one in workers], source) if value else None


def _a_year_apart(one: date, other: date) -> bool:
    """Whether two days are more than a year apart."""
    return (other.year - one.year, other.month, other.day) > (1, one.month, one.day)

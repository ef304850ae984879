"""Figures per 1,000 of the workforce that their subjects belong to, and what chance explains of differences."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from statistics import fmean
from typing import Literal, NamedTuple

from app.analysis.measures import Measured, length
from app.analysis.poisson import control_limit, interval
from app.domain.vocabulary import WORKERS, ForceKind, Qualifier, Subject, Unit, WorkerType
from app.domain.wording import Names, capitalised, measure_label, span_in_words

PER = 1_000
LEVEL = 95
METHOD = "exact Poisson (Garwood 1936)"
LIMITS = "exact Poisson, interpolated (Spiegelhalter 2005)"
MONTHS = 12
DAYS = 365.25

Refusal = Literal[
    "undated", "no-workforce", "not-people", "not-a-count", "unknown-value", "subjects-not-stated", "area"
]
"""Why a figure has no rate."""

COUNTED = frozenset({Unit.PERSON, Unit.COMPLAINT, Unit.ALLEGATION})
"""Units of which a number per 1,000 people says something: people, and what is said about them."""


class Headcount(NamedTuple):
    """How many people of a worker type a force had on a day."""

    force: str
    as_at: date
    worker_type: str
    headcount: int
    source: str


@dataclass(frozen=True)
class Denominator:
    """The mean headcount over a figure's period."""

    value: float
    as_at: Sequence[date]
    """The days of which it is the mean."""
    worker_types: Sequence[str]
    source: str


@dataclass(frozen=True)
class Rate:
    """A figure per 1,000 of a workforce; per year if its period is longer."""

    figure: Measured
    numerator: int
    denominator: Denominator
    years: float
    """How long the period is; 1 if it is no longer than a year, so that the rate is that of the period."""
    cases: int | None = None
    """How many cases the people counted are from at most, if the same source counts cases."""

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
    """Return how many cases people are from at most: their base, if it counts cases of the same force and period.

    The cases can be about other people, too; those of these people are no more than the people.
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
    """Return how many years a period is long, at least one; None where it is undated."""
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
    missing in between: nothing is carried further.
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


class Limits(NamedTuple):
    """The rates between which a force of this size lies by chance alone."""

    low: float
    high: float

    def position(self, rate: float) -> Literal["within", "above", "below"]:
        """Return where a rate lies."""
        if rate > self.high:
            return "above"
        return "below" if rate < self.low else "within"


class Place(NamedTuple):
    """A force in a comparison."""

    rate: Rate
    limits_95: Limits
    limits_998: Limits

    @property
    def force(self) -> str:
        """The id of the force."""
        return self.rate.figure.force

    @property
    def side(self) -> Literal["within", "above", "below"]:
        """Where it lies with regard to the 95% limits, within which chance alone can explain its rate."""
        return self.limits_95.position(self.rate.rate)

    @property
    def position(self) -> Literal["within", "outside", "beyond"]:
        """Whether it is within the 95% limits, outside them, or beyond the 99.8% limits too."""
        if self.limits_998.position(self.rate.rate) != "within":
            return "beyond"
        return "within" if self.side == "within" else "outside"


@dataclass(frozen=True)
class RateComparison:
    """One measure over several forces, and which of them differ by more than chance explains."""

    expected: float
    """The rate of all of them together."""
    places: Sequence[Place]
    """The forces by their ids."""
    by_case: Sequence[Place]
    """The same, had cases been counted instead of people; empty unless all of them are known."""
    label: str
    """What is counted, for people."""
    title: str
    """The same, and when."""

    @property
    def outside(self) -> frozenset[str]:
        """The forces outside the 95% limits."""
        return _outside(self.places)

    @property
    def outside_by_case(self) -> frozenset[str]:
        """The forces that would be outside them if cases were counted."""
        return _outside(self.by_case)

    @property
    def summary(self) -> str:
        """What it shows, in sentences that can be quoted."""
        return _summary(self)


def _outside(places: Iterable[Place]) -> frozenset[str]:
    return frozenset(place.force for place in places if place.side != "within")


def compare_rates(rates: Sequence[Rate], names: Names) -> RateComparison:
    """Return what chance explains of the differences between the rates of one measure, period and subjects."""
    expected, places = _places(rates)
    by_case = [replace(one, numerator=one.cases) for one in rates if one.cases is not None]
    _, places_by_case = _places(by_case) if len(by_case) == len(rates) else (0, [])
    label = capitalised(measure_label(rates[0].figure, names))
    return RateComparison(expected, places, places_by_case, label, f"{label}, {in_words(rates[0].figure)}")


def _places(rates: Sequence[Rate]) -> tuple[float, list[Place]]:
    """Return the rate of all together, and forces by their ids with the limits around it."""
    expected = sum(one.numerator for one in rates) / sum(one.person_years for one in rates) * PER
    return expected, [
        Place(one, limits_of(expected, one.person_years, 0.95), limits_of(expected, one.person_years, 0.998))
        for one in sorted(rates, key=lambda one: one.figure.force)
    ]


def in_words(figure: Measured) -> str:
    """Return the period of a figure with a rate, in words."""
    start, end = figure.period.start, figure.period.end
    return span_in_words(start, end) if start and end else ""


def limits_of(expected: float, person_years: float, level: float) -> Limits:
    """Return the control limits of a rate for so many person-years, if this rate is expected."""
    mean = expected * person_years / PER
    if not mean:
        return Limits(0.0, 0.0)
    tail = (1 - level) / 2
    low, high = (control_limit(mean, probability) for probability in (tail, 1 - tail))
    return Limits(low / person_years * PER, high / person_years * PER)


MEASURE = ("kind", "allegation", "stage", "outcome", "unit")
"""The fields that say what is counted, each with a parameter of its name."""


def differences_between(figures: Sequence[Measured]) -> Mapping[str, Sequence[str]]:
    """Return in which respects figures' rates can't be compared, each with what there is; nothing if they can."""
    found: dict[str, set[str]] = defaultdict(set)
    forces: dict[str, list[str]] = defaultdict(list)
    for figure in figures:
        breakdown = (f"{dimension}={category}" for dimension, category in sorted(figure.breakdown.items()))
        found["measure"].add(" ".join(filter(None, [*(getattr(figure, name) for name in MEASURE), *breakdown])))
        found["period"].add(f"{figure.period.start}/{figure.period.end}")
        found["subjects"].add(" ".join(sorted(figure.subjects)))
        forces[figure.force].append(figure.id)
    several = {name: sorted(values) for name, values in found.items() if len(values) > 1}
    if not several and (twice := [ids for ids in forces.values() if len(ids) > 1]):
        several["force"] = sorted(id_ for ids in twice for id_ in ids)
    return several


def choices_among(figures: Sequence[Measured]) -> Mapping[str, Sequence[str]]:
    """Return the parameters that would leave one measure, period and group, each with values to choose from.

    Parts of a group, and figures of one force, have no parameter but `id`.
    """
    found = {name: {getattr(figure, name) or "" for figure in figures} for name in MEASURE}
    found["period"] = {f"{one.period.start}/{one.period.end}" for one in figures if one.period.end is not None}
    several = {name: sorted(values - {"", "any"}) for name, values in found.items() if len(values) > 1}
    if len({figure.subjects for figure in figures}) > 1:
        several["subjects"] = sorted({subject for figure in figures for subject in figure.subjects})
    return several or {"id": sorted(figure.id for figure in figures)}


NO_REASON = "A rate doesn't say why forces differ."


def _summary(found: RateComparison) -> str:
    number, outside = len(found.places), len(found.outside)
    year = " a year" if found.places[0].rate.per_year else ""
    total = sum(place.rate.numerator for place in found.places)
    forces = "1 force" if number == 1 else f"{number} forces"
    text = [f"{found.title}: {total:,} in {forces}, {found.expected:.3g} per {PER:,}{year}."]
    if number > 1:
        text.append(
            f"{number - outside} of the {number} forces are within the 95% limits: chance alone can explain their "
            "differences."
        )
    if outside:
        by_chance = round(number * 0.05)
        far = sum(place.position == "beyond" for place in found.places)
        text.append(
            f"{outside} of the {number} are outside them, where chance alone would put about {by_chance}; {far} of "
            f"these {'is' if far == 1 else 'are'} outside the 99.8% limits."
        )
    if found.places[0].rate.figure.unit == Unit.PERSON and number > 1:
        text.append("One case can involve several people, so chance explains more than these limits show.")
    if found.by_case and outside:
        cases = sum(place.rate.numerator for place in found.by_case)
        within = len(found.outside - found.outside_by_case)
        ones = f"all {outside}" if within == outside > 1 else f"{within} of the {outside}"
        others = len(found.outside_by_case - found.outside)
        more = f", and {others} other{'s' * (others > 1)} outside" if others else ""
        text.append(
            f"Here they come from at most {cases:,} cases: counted by case, {ones} would be within the "
            f"limits{more}."
        )
    return " ".join([*text, NO_REASON])

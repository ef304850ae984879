"""Compare the rates of several forces: how much of the difference chance explains."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from app.analysis.measures import Measured
from app.analysis.poisson import control_limit
from app.analysis.rates import PER, Rate
from app.domain.vocabulary import Unit
from app.domain.wording import Names, capitalised, measure_label, span_in_words

LIMITS = "exact Poisson, interpolated (Spiegelhalter 2005)"
NO_REASON = "A rate doesn't say why forces differ."
NONE = "The number is 0 in each of these forces, so there are no differences to explain."


class Limits(NamedTuple):
    """The range that a force of this size is in by chance alone."""

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
        """Where it is relative to the 95% limits, within which chance alone can explain its rate."""
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
        number, outside = len(self.places), len(self.outside)
        year = " a year" if self.places[0].rate.per_year else ""
        total = sum(place.rate.numerator for place in self.places)
        forces = "1 force" if number == 1 else f"{number} forces"
        text = [f"{self.title}: {total:,} in {forces}, {self.expected:.3g} per {PER:,}{year}."]
        if number > 1 and not total:
            return " ".join([*text, NONE])
        if number > 1:
            text.append(
                f"{number - outside} of the {number} forces are within the 95% limits: chance alone can explain "
                "their differences."
            )
        if outside:
            by_chance = round(number * 0.05)
            far = sum(place.position == "beyond" for place in self.places)
            text.append(
                f"{outside} of the {number} are outside them, where chance alone would put about {by_chance}; "
                f"{far} of these {'is' if far == 1 else 'are'} outside the 99.8% limits."
            )
        if self.places[0].rate.figure.unit == Unit.PERSON and number > 1:
            text.append("One case can involve several people, so chance explains more than these limits show.")
        if self.by_case and outside:
            cases = sum(place.rate.numerator for place in self.by_case)
            within = len(self.outside - self.outside_by_case)
            ones = f"all {outside}" if within == outside > 1 else f"{within} of the {outside}"
            others = len(self.outside_by_case - self.outside)
            more = f", and {others} other{'s' * (others > 1)} outside" if others else ""
            text.append(
                f"Here they come from at most {cases:,} cases: counted by case, {ones} would be within the "
                f"limits{more}."
            )
        return " ".join([*text, NO_REASON])


def _outside(places: Iterable[Place]) -> frozenset[str]:
    return frozenset(place.force for place in places if place.side != "within")


def compare_rates(rates: Sequence[Rate], names: Names) -> RateComparison:
    """Compare the rates of one measure, period and set of subjects, and say how much chance explains."""
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
    """Return the respects in which these rates can't be compared, with the values of each; empty if they can."""
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

"""What figures count: the few facts that decide whether two of them can be compared."""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct
from msgspec import field as json_field
from msgspec.json import Decoder

from app.domain.dataset import RuleChange
from app.domain.rule_changes import touches
from app.domain.series import Series, Sides
from app.domain.trees import Unions, with_ancestors
from app.domain.vocabulary import Precision, Qualifier, Unit, ValueStatus, ValueType
from app.domain.wording import uncapitalised

# Looking up a member of an enum by name takes Python 3.11 longer than comparing with it.
STATED, COUNT = ValueStatus.STATED, ValueType.COUNT
FLOORS = frozenset({Qualifier.MORE_THAN, Qualifier.AT_LEAST, Qualifier.BETWEEN})
"""Qualifiers of numbers that are a minimum."""


class PeriodFacts(Struct, frozen=True, gc=False):
    """The period of a record, and how precisely it is known."""

    start: date | None
    end: date | None
    as_at: date | None
    year_type: str | None
    basis: str
    event: str
    as_at_precision: str | None = None

    @property
    def is_open_ended(self) -> bool:
        """Whether it has a first day and no last one."""
        return self.start is not None and self.end is None

    @property
    def last(self) -> date | None:
        """The last day that may be counted: if the period has no end, the day of the count."""
        return self.as_at if self.is_open_ended else self.end

    @property
    def first_as_at(self) -> date | None:
        """The first day on which it may have been counted."""
        day = self.as_at
        if day is None or self.as_at_precision in {None, Precision.DAY}:
            return day
        if self.as_at_precision == Precision.MONTH:
            return day.replace(day=1)
        return date.fromordinal(day.replace(year=max(day.year - 1, 1)).toordinal() + 1)


class BaseFacts(Struct, frozen=True, gc=False):
    """What a figure is a share of; no id if that is ambiguous."""

    id: str | None
    basis: str
    part: bool


class ForceFacts(Struct, frozen=True, gc=False):
    """The force or area that a record is about."""

    id: str


class Dated(Struct, frozen=True, gc=False):
    """A record, its period and its force."""

    id: str
    period: PeriodFacts
    about: ForceFacts = json_field(name="force")

    @property
    def force(self) -> str:
        """The id of the force or area that it is about."""
        return self.about.id


class Measured(Dated, frozen=True, gc=False):
    """What a figure counts, without its prose."""

    kind: str
    allegation: str
    stage: str | None
    outcome: str | None
    value: Decimal | None
    value_type: str
    per: int | None
    value_status: str
    qualifier: str
    unit: str
    subjects: frozenset[str]
    breakdown: dict[str, str]
    base: BaseFacts | None
    share: float | None = None
    share_basis: str | None = None
    value_to: Decimal | None = None
    per_unit: str | None = None
    per_subjects: frozenset[str] = frozenset()
    unit_disputed: bool = False

    @property
    def number(self) -> int | float | None:
        """The value as JSON has it: integers without a decimal point."""
        return None if self.value is None else as_number(self.value)

    @property
    def stated(self) -> bool:
        """Whether the source gives the number."""
        return self.value_status == STATED

    @property
    def is_count(self) -> bool:
        """Whether it is a count of units, given or not."""
        return self.value_type == COUNT

    @property
    def is_floor(self) -> bool:
        """Whether the number is a minimum, so that a sum with it is a lower bound."""
        return self.qualifier in FLOORS

    @property
    def measure(self) -> tuple[object, ...]:
        """What it counts, regardless of place and time."""
        what = (self.kind, self.stage, self.outcome, self.allegation, self.unit, self.value_type, self.per)
        return *what, self.per_unit, self.per_subjects, self.subjects, tuple(sorted(self.breakdown.items()))

    def counts_across_units(self, base: "Measured") -> bool:
        """Whether it is part of something counted in another unit: 63 cases of 66 people."""
        units = {self.unit, base.unit}
        return self.base is not None and self.base.part and len(units) > 1 and Unit.NOT_STATED not in units

    @property
    def base_id(self) -> str | None:
        """The id of its denominator; None if it has none, or if that is ambiguous."""
        return self.base.id if self.base is not None else None

    @property
    def is_stock(self) -> bool:
        """Whether it counts what existed on one day, not what happened over a period."""
        period = self.period
        return period.as_at is not None and (period.start, period.end) == (period.first_as_at, period.as_at)


def as_number(value: Decimal) -> int | float:
    """Return a number for JSON, where integers have no decimal point."""
    return int(value) if value == value.to_integral_value() else float(value)


_figures = Decoder(list[Measured]).decode
_dated = Decoder(list[Dated]).decode


def figures_of(documents: Iterable[str]) -> list[Measured]:
    """Read the facts of figures from their documents."""
    return _figures(f"[{','.join(documents)}]")


def dated_of(documents: Iterable[str]) -> list[Dated]:
    """Read the periods and forces of records from their documents."""
    return _dated(f"[{','.join(documents)}]")


def series_of(figure: Measured) -> Series:
    """Return the series that a figure belongs to."""
    return Series(
        *(figure.force, figure.kind, figure.stage, figure.outcome, figure.allegation),
        *(figure.unit, figure.value_type),
    )


class Link(NamedTuple):
    """A figure that is part of another one; if that isn't settled, it may be."""

    part: str
    whole: str
    settled: bool


@dataclass(frozen=True)
class Knowledge:
    """What else is needed to compare or add two figures."""

    force_areas: Mapping[str, str | None]
    parents: Mapping[str, Mapping[str, str | None]]
    unions: Mapping[str, Unions] = field(default_factory=dict)
    """The unions of each code tree."""
    rule_changes: tuple[RuleChange, ...] = ()
    wholes: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    """For each figure, those that it is, or may be, directly part of."""
    same_fact: frozenset[frozenset[str]] = frozenset()
    """Pairs of figures that state the same fact, directly or through others, or where one replaces the other."""
    conflicting: frozenset[frozenset[str]] = frozenset()
    """Pairs of figures that contradict each other."""
    contradicted: Mapping[Series, tuple[Sides, ...]] = field(default_factory=dict)
    """For each series of figures on which sources contradict each other, the sources on either side."""
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each figure, the sources that state it, and those that they go back to."""
    disputes: Mapping[str, frozenset[str | None]] = field(default_factory=dict)
    """For each figure that a source disputes, the points; None means all of it."""
    bases: Mapping[str, Measured] = field(default_factory=dict)
    """The denominators of the figures, by id."""
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Names for people: of forces, sources, codes and breakdowns."""
    overlapping: frozenset[frozenset[str]] = frozenset()
    """Pairs of figures recorded as counting some of the same cases."""
    origins: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each figure, the documents that its evidence goes back to in the end."""
    _above: dict[str, dict[str, bool]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The results of `above` so far."""

    def one_above(self, tree: str, a: str, b: str) -> bool:
        """Whether two codes of a tree are equal or one includes the other."""
        return self.includes(tree, a, b) or self.includes(tree, b, a)

    def includes(self, tree: str, wider: str, code: str) -> bool:
        """Whether a code is another, is above it, or is a union that the other belongs to."""
        above = with_ancestors(self.parents[tree], code)
        return wider in above or not self.unions.get(tree, {}).get(wider, frozenset()).isdisjoint(above)

    def name(self, tree: str, code: str) -> str:
        """Return what people call a code, a force or a source."""
        name = self.names.get(tree, {}).get(code, code)
        return name if tree in {"force", "source"} else uncapitalised(name)

    def base_of(self, figure: Measured) -> Measured | None:
        """Return the facts of a figure's denominator, if that is settled."""
        return self.bases.get(figure.base_id or "")

    def are_one_fact(self, a: Measured, b: Measured) -> bool:
        """Whether two figures state the same fact."""
        return frozenset((a.id, b.id)) in self.same_fact

    def contradict(self, a: Measured, b: Measured) -> bool:
        """Whether two figures are recorded as contradicting each other."""
        return frozenset((a.id, b.id)) in self.conflicting

    def contradict_elsewhere(self, a: Measured, b: Measured) -> bool:
        """Whether the sources of two figures contradict each other on another figure of the same series."""
        if series_of(a) != series_of(b):
            return False
        one, other = (self.sources.get(figure.id, frozenset()) for figure in (a, b))
        return any(
            (one & left and other & right) or (one & right and other & left)
            for left, right in self.contradicted.get(series_of(a), ())
        )

    def may_nest(self, a: Measured, b: Measured) -> bool:
        """Whether one figure is part of the other, or may be."""
        return b.id in self.above(a.id) or a.id in self.above(b.id)

    def hang_together(self, a: Measured, b: Measured) -> bool:
        """Whether two figures count some of the same cases: one fact, a part and its whole, an overlap."""
        pair = frozenset((a.id, b.id))
        return pair in self.same_fact | self.overlapping | self.conflicting or self.may_nest(a, b)

    def contains(self, area: str, force: str) -> bool:
        """Whether an area is or contains a force."""
        return area in with_ancestors(self.force_areas, force)

    def forces_meet(self, a: str, b: str) -> bool:
        """Whether two forces are the same, or one is an area that contains the other."""
        return self.contains(a, b) or self.contains(b, a)

    def areas_of(self, force: str) -> list[str]:
        """Return a force and every area that contains it."""
        return with_ancestors(self.force_areas, force)

    def lies_in(self, part: str, whole: str, *, settled: bool) -> bool:
        """Whether a figure is part of another at any depth; if not `settled`, whether it may be."""
        found = self.above(part).get(whole)
        return found is not None and (found or not settled)

    def above(self, figure: str) -> Mapping[str, bool]:
        """Return every figure that this one is part of at any depth, or may be, and whether that is settled."""
        found = self._above.get(figure)
        if found is None:
            found = self._above[figure] = {}
            queue = [(figure, True)]
            while queue:
                part, settled = queue.pop()
                for link in self.wholes.get(part, ()):
                    # If a figure turns out to be settled after all, so is what lies above it: go up again.
                    is_settled = settled and link.settled
                    if link.whole not in found or (is_settled and not found[link.whole]):
                        found[link.whole] = is_settled
                        queue.append((link.whole, is_settled))
        return found

    def touches(self, change: RuleChange, figure: Measured) -> bool:
        """Whether a change of rules concerns what a figure counts."""
        return touches(change, figure, self.force_areas, self.parents, self.unions)


def overlap(a: Measured, b: Measured) -> bool:
    """Whether the periods of two dated figures share a day; one without an end goes on for ever."""
    one, other = a.period, b.period
    if one.start is None or other.start is None:
        return False
    return (other.end is None or one.start <= other.end) and (one.end is None or other.start <= one.end)


def may_share_time(a: Measured, b: Measured) -> bool:
    """Whether two dated figures may count the same at some time.

    Periods without a common day keep figures apart only if the same event falls in both: a case received in one
    year may end in the next, and what existed on one day may have existed on another.
    """
    return overlap(a, b) or a.period.event != b.period.event or a.is_stock or b.is_stock


def length(figure: Measured) -> tuple[int, int] | None:
    """Return how long a figure's period is, in whole months and days beyond them; None if an end is missing."""
    period = figure.period
    if period.start is None or period.end is None:
        return None
    start, after = period.start, date.fromordinal(min(period.end.toordinal() + 1, date.max.toordinal()))
    months = (after.year - start.year) * 12 + after.month - start.month
    if _months_later(start, months) > after:
        months -= 1
    return (months, (after - _months_later(start, months)).days)


def _months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

"""The rules by which two figures are compared: a table, which the methodology describes.

Each rule looks at two figures and yields a message for every difference it finds. A rule that blocks makes the two
not comparable. One that withholds lets them stand side by side, but without a difference or a ratio. Any other
calls for care.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from app.analysis.measures import Knowledge, Measured, length, overlap
from app.domain.vocabulary import (
    SUBJECT_NAMES,
    UNIT_NAMES,
    BaseBasis,
    Basis,
    EvidencePoint,
    PeriodEvent,
    Precision,
    Qualifier,
    Unit,
    ValueType,
)
from app.domain.wording import in_a_list, rate_unit

Aspect = Literal[
    "conflict",
    "dispute",
    "rules",
    "unit",
    "subjects",
    "breakdown",
    "value-type",
    "value-status",
    "measure",
    "allegation",
    "force",
    "period",
    "period-basis",
    "period-event",
    "base",
    "qualifier",
    "origin",
]
Effect = Literal["blocks", "withholds", "cautions"]
Check = Callable[[Measured, Measured, Knowledge], Iterator[str]]


@dataclass(frozen=True)
class Rule:
    """A rule: what it compares, its effect, the check, and the value of each figure to show with the message."""

    name: str
    aspect: Aspect
    effect: Effect
    check: Check
    value_of: Callable[[Measured], Any]


def _which(a: Measured, b: Measured, is_so: Callable[[Measured], bool]) -> str:
    """Return which of two figures something is true of, as the start of a sentence; empty if of neither."""
    return {
        (True, True): "Both figures",
        (True, False): "The first figure",
        (False, True): "The second figure",
        (False, False): "",
    }[is_so(a), is_so(b)]


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _contradict(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if known.contradict(a, b):
        yield "The sources contradict each other: they give different numbers for the same thing."


def _contradict_elsewhere(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if not known.contradict(a, b) and known.contradict_elsewhere(a, b):
        yield (
            "The sources of the two figures give different numbers for the same thing elsewhere, so they may not "
            "count in the same way."
        )


SHAKEN = {None: "", EvidencePoint.VALUE: "its number", EvidencePoint.UNIT: "what it counts"}
"""Points that a difference or a ratio depends on, and what to call them; None means the whole figure."""

OTHER_POINTS = {
    EvidencePoint.PERIOD: "its period",
    EvidencePoint.SUBJECTS: "whose conduct it is about",
    EvidencePoint.BASE: "its denominator",
    EvidencePoint.OUTCOME: "its outcome",
}


def _number_or_unit_disputed(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    yield from _disputed(a, b, known, SHAKEN)
    if who := _which(a, b, lambda figure: figure.unit_disputed):
        whose = (
            "The sources of both figures count" if who.startswith("Both") else f"The source of {who.lower()} counts"
        )
        yield f"{whose} the same thing in several units, so the unit is uncertain."


def _other_point_disputed(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    yield from _disputed(a, b, known, OTHER_POINTS)


def _disputed(a: Measured, b: Measured, known: Knowledge, points: dict[Any, str]) -> Iterator[str]:
    for point, name in points.items():
        if who := _which(a, b, lambda figure, point=point: point in known.disputes.get(figure.id, ())):  # type: ignore[misc]
            yield f"Another source disputes {who[:1].lower()}{who[1:]}{': ' + name if name else ''}."


def _rules_changed(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    same_period = (a.period.start, a.period.end) == (b.period.start, b.period.end) and a.period.start is not None
    if same_period or known.are_one_fact(a, b):
        return
    for change in known.rule_changes:
        touched = known.touches(change, a) or known.touches(change, b)
        if touched and not _same_side(a, b, change.day):
            day = {Precision.DAY: _day(change.day), Precision.MONTH: f"{change.day:%B %Y}"}
            yield f"{change.title}, from {day.get(change.precision, change.day.year)}: {change.note}"


def _same_side(a: Measured, b: Measured, day: date) -> bool:
    """Return whether both periods end before a day, or both start on or after it.

    An undated figure may be from any time, so any day after the other's start may lie between the two.
    """
    starts = [figure.period.start for figure in (a, b) if figure.period.start is not None]
    if len(starts) < 2:  # noqa: PLR2004 - one of the two is undated
        return any(start >= day for start in starts)
    before = all(figure.period.last is not None and figure.period.last < day for figure in (a, b))
    return before or all(start >= day for start in starts)


def _units_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.unit != b.unit:
        yield f"The first figure counts {_unit(a)}, the second counts {_unit(b)}."


def _units_open(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.unit == b.unit == Unit.NOT_STATED:
        yield "Neither source says what it counts."


def _unit(figure: Measured) -> str:
    if figure.unit == Unit.NOT_STATED:
        return "something that its source doesn't name"
    return UNIT_NAMES[Unit(figure.unit)][1]


VALUE_TYPES = {
    ValueType.COUNT: "a count",
    ValueType.PERCENT: "a percentage",
    ValueType.RATE: "a rate",
    ValueType.CHANGE_COUNT: "a change in number",
    ValueType.CHANGE_PERCENT: "a change in per cent",
}


def _value_types_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.value_type != b.value_type:
        one, other = (VALUE_TYPES[ValueType(figure.value_type)] for figure in (a, b))
        yield f"The first number is {one}, the second is {other}."
    elif (a.per, a.per_unit, a.per_subjects) != (b.per, b.per_unit, b.per_subjects):
        one, other = (rate_unit(figure) for figure in (a, b))
        yield f"The first rate is per {one}, the second per {other}."


def _values_missing(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if who := _which(a, b, lambda figure: not figure.stated):
        plural = who.startswith("Both")
        yield f"{who} {'have' if plural else 'has'} no number, which isn't the same as zero."


KINDS = {"complaint": "complaints", "proceeding": "proceedings", "outcome": "outcomes"}


def _measures_differ(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if a.kind != b.kind:
        yield f"The first figure is about {KINDS[a.kind]}, the second about {KINDS[b.kind]}."
    for tree, one, other in (("stage", a.stage, b.stage), ("outcome", a.outcome, b.outcome)):
        if one and other and not known.one_above(tree, one, other):
            yield f"The first figure is about {known.name(tree, one)}, the second about {known.name(tree, other)}."


def _measures_differ_in_width(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    for tree, one, other in (("stage", a.stage, b.stage), ("outcome", a.outcome, b.outcome)):
        if one and other and one != other and known.one_above(tree, one, other):
            yield _includes(tree, one, other, known)


def _allegations_differ(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if not known.one_above("allegation", a.allegation, b.allegation):
        one, other = (known.name("allegation", figure.allegation) for figure in (a, b))
        yield f"The first figure is about {one}, the second about {other}."


def _allegations_differ_in_width(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if a.allegation != b.allegation and known.one_above("allegation", a.allegation, b.allegation):
        yield _includes("allegation", a.allegation, b.allegation, known)


def _includes(tree: str, a: str, b: str, known: Knowledge) -> str:
    one, other = known.name(tree, a), known.name(tree, b)
    if known.includes(tree, a, b):
        return f"The first figure is about {one}, which includes what the second is about: {other}."
    return f"The first figure is about {one}, which is only part of what the second is about: {other}."


def _subjects_exclude(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.subjects and b.subjects and not a.subjects & b.subjects:
        yield f"The first figure is about {_people(a)}, the second about {_people(b)}."


def _subjects_differ_in_width(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.subjects != b.subjects and (not a.subjects or not b.subjects or a.subjects & b.subjects):
        yield f"The first figure is about {_people(a)}, the second about {_people(b)}."


def _people(figure: Measured) -> str:
    names = [name for subject, name in SUBJECT_NAMES.items() if subject in figure.subjects]
    return in_a_list(names) or "people whose role is not stated"


def _breakdowns_differ(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if a.breakdown != b.breakdown:
        yield f"The first figure covers {_part(a, known)}, the second {_part(b, known)}."


def _part(figure: Measured, known: Knowledge) -> str:
    parts = [known.name("breakdown", f"{key}={word}") for key, word in sorted(figure.breakdown.items())]
    return f"only {in_a_list(parts)}" if parts else "everyone"


def _one_area_holds_the_other(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if a.force == b.force or not known.forces_meet(a.force, b.force):
        return
    one, other = known.name("force", a.force), known.name("force", b.force)
    if known.contains(a.force, b.force):
        yield f"The first figure is about {one}, which includes what the second is about: {other}."
    else:
        yield f"The first figure is about {one}, which is part of what the second is about: {other}."


def _periods_overlap(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    hang_together = known.hang_together(a, b)
    if (a.period.start, a.period.end) != (b.period.start, b.period.end) and overlap(a, b) and not hang_together:
        yield "The periods overlap, so both figures may count some of the same cases."


def _periods_are_unequal(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    one, other = length(a), length(b)
    if who := _which(a, b, lambda figure: figure.period.is_open_ended):
        same_days = a.period.as_at is not None and _dates(a) == _dates(b)
        if a.period.start is None or b.period.start is None or same_days:
            return
        verb = "have" if who.startswith("Both") else "has"
        yield f"{who} {verb} a period without an end, so the lengths of the periods can't be compared."
    elif one and other and one != other:
        yield f"The first period is {_long(one)} long, the second {_long(other)}."


def _long(period: tuple[int, int]) -> str:
    """Return the length of a period in words, its months as years where they fill them."""
    months, days = period
    years, months = divmod(months, 12)
    parts = [(years, "year"), (months, "month"), (days, "day")]
    return in_a_list([f"{number} {unit}{'s' if number > 1 else ''}" for number, unit in parts if number])


def _stock_beside_flow(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    one_open = a.period.is_open_ended or b.period.is_open_ended
    if a.period.as_at != b.period.as_at and length(a) == length(b) and not one_open:
        one, other = (_counted_at(figure) for figure in (a, b))
        yield f"The first figure was counted {one}, the second {other}."


def _counted_at(figure: Measured) -> str:
    day = figure.period.as_at
    if day is None:
        return "over its period"
    match figure.period.as_at_precision:
        case Precision.MONTH:
            return f"in {day:%B %Y}"
        case Precision.YEAR:
            return f"in {day.year}" if day.month == 12 else f"in the year to {_day(day)}"  # noqa: PLR2004 - December
        case _:
            return f"on {_day(day)}"


def _undated(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if who := _which(a, b, lambda figure: figure.period.start is None):
        verb, whose = ("are", "their sources give") if who.startswith("Both") else ("is", "its source gives")
        yield f"{who} {verb} undated: {whose} no clear dates."


def _period_is_inferred(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    basis = Basis.INFERRED
    if who := _which(a, b, lambda figure: figure.period.basis == basis):
        whose = "Both periods are" if who.startswith("Both") else f"The period of {who.lower()} is"
        yield f"{whose} inferred, not stated."


YEARS = {"calendar": "calendar years", "financial": "financial years", "not-stated": "years of a kind not stated"}


def _years_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    one, other = a.period.year_type, b.period.year_type
    if one and other and one != other:
        yield f"The first figure uses {YEARS[one]}, the second {YEARS[other]}."


EVENTS = {
    PeriodEvent.OCCURRED: "counts what happened in its period",
    PeriodEvent.RECEIVED: "is drawn from cases received in its period",
    PeriodEvent.FINALISED: "is drawn from cases finalised in its period",
    PeriodEvent.NOT_STATED: "doesn't say what its dates refer to",
}
"""How a figure relates to its period, as the end of a sentence."""


def _events_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.period.event != b.period.event:
        one, other = (EVENTS[PeriodEvent(figure.period.event)] for figure in (a, b))
        yield f"The first figure {one}, the second {other}."


def _base_is_ambiguous(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    basis = BaseBasis.AMBIGUOUS
    may_nest = known.may_nest(a, b)
    if not may_nest and (
        who := _which(a, b, lambda figure: figure.base is not None and figure.base.basis == basis)
    ):
        whose = "either figure" if who.startswith("Both") else who.lower()
        yield f"It is unclear what {whose} is a share of."


def _shares_across_units(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    for name, figure in (("first", a), ("second", b)):
        base = known.base_of(figure)
        if base is not None and figure.counts_across_units(base):
            units = f"it counts {_unit(figure)}, but its denominator counts {_unit(base)}"
            yield f"The {name} figure is a share across units: {units}."


def _one_is_part_of_the_other(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    for part, whole, names in ((a, b, ("first", "second")), (b, a, ("second", "first"))):
        if known.lies_in(part.id, whole.id, settled=True):
            one, other = names
            yield f"The {one} figure is part of the {other} or results from it, so the two are not independent."
        elif known.lies_in(part.id, whole.id, settled=False):
            yield f"The {names[0]} figure may be part of the {names[1]}."


def _said_to_overlap(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if frozenset((a.id, b.id)) in known.overlapping:
        yield "The two figures are recorded as counting some of the same cases."


def _shares_of_different_wholes(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if (
        a.value_type == b.value_type == ValueType.PERCENT
        and a.base_id != b.base_id
        and not _wholes_alike(a, b, known)
    ):
        yield "The two percentages are shares of different totals."


def _wholes_alike(a: Measured, b: Measured, known: Knowledge) -> bool:
    """Return whether two shares are of the same measure, each of the force and the period of the share itself."""
    one, other = known.base_of(a), known.base_of(b)
    if one is None or other is None:
        return False
    own = all(
        base.force == share.force and (base.period.start, base.period.end) == (share.period.start, share.period.end)
        for share, base in ((a, one), (b, other))
    )
    return own and one.measure == other.measure


def _not_exact(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    for name, figure in (("first", a), ("second", b)):
        if figure.qualifier != Qualifier.EXACT:
            yield f"The {name} number isn't exact: it is given as \u201c{figure.qualifier.replace('-', ' ')}\u201d."


def _one_origin(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    shared = known.origins.get(a.id, frozenset()) & known.origins.get(b.id, frozenset())
    if known.are_one_fact(a, b) and shared:
        names = in_a_list([known.name("source", source) for source in sorted(shared)])
        yield f"Both state the same fact and go back to {names}, so neither confirms the other."


def _counted(figure: Measured) -> dict[str, str | None]:
    return {"kind": figure.kind, "stage": figure.stage, "outcome": figure.outcome}


def _dates(figure: Measured) -> dict[str, str | None]:
    period = figure.period
    days = {"start": period.start, "end": period.end, "as_at": period.as_at}
    return {name: day.isoformat() if day else None for name, day in days.items()}


def _base(figure: Measured) -> dict[str, str | None]:
    return {"id": figure.base_id, "basis": figure.base.basis if figure.base else None}


def _subjects(figure: Measured) -> list[str]:
    return sorted(figure.subjects)


RULES = [
    Rule("contradict", "conflict", "withholds", _contradict, lambda f: f.id),
    Rule("contradict-elsewhere", "conflict", "withholds", _contradict_elsewhere, lambda f: f.id),
    Rule("number-or-unit-disputed", "dispute", "withholds", _number_or_unit_disputed, lambda f: f.id),
    Rule("rules-changed", "rules", "withholds", _rules_changed, _dates),
    Rule("units-differ", "unit", "blocks", _units_differ, lambda f: f.unit),
    Rule("units-open", "unit", "cautions", _units_open, lambda f: f.unit),
    Rule("measures-differ", "measure", "blocks", _measures_differ, _counted),
    Rule("measures-differ-in-width", "measure", "cautions", _measures_differ_in_width, _counted),
    Rule("value-types-differ", "value-type", "blocks", _value_types_differ, lambda f: f.value_type),
    Rule("values-missing", "value-status", "blocks", _values_missing, lambda f: f.value_status),
    Rule("allegations-differ", "allegation", "blocks", _allegations_differ, lambda f: f.allegation),
    Rule(
        "allegations-differ-in-width",
        "allegation",
        "cautions",
        _allegations_differ_in_width,
        lambda f: f.allegation,
    ),
    Rule("subjects-exclude", "subjects", "blocks", _subjects_exclude, _subjects),
    Rule("subjects-differ-in-width", "subjects", "cautions", _subjects_differ_in_width, _subjects),
    Rule("shares-across-units", "base", "withholds", _shares_across_units, _base),
    Rule("part-of-the-other", "base", "cautions", _one_is_part_of_the_other, _base),
    Rule("said-to-overlap", "base", "cautions", _said_to_overlap, _base),
    Rule("base-ambiguous", "base", "cautions", _base_is_ambiguous, _base),
    Rule("shares-of-different-wholes", "base", "cautions", _shares_of_different_wholes, _base),
    Rule("undated", "period-basis", "withholds", _undated, lambda f: f.period.basis),
    Rule("periods-unequal", "period", "withholds", _periods_are_unequal, _dates),
    Rule("periods-overlap", "period", "cautions", _periods_overlap, _dates),
    Rule("stock-beside-flow", "period", "cautions", _stock_beside_flow, _dates),
    Rule("not-exact", "qualifier", "withholds", _not_exact, lambda f: f.qualifier),
    Rule("area-holds-force", "force", "cautions", _one_area_holds_the_other, lambda f: f.force),
    Rule("breakdowns-differ", "breakdown", "cautions", _breakdowns_differ, lambda f: dict(f.breakdown)),
    Rule("other-point-disputed", "dispute", "cautions", _other_point_disputed, lambda f: f.id),
    Rule("events-differ", "period-event", "cautions", _events_differ, lambda f: f.period.event),
    Rule("period-inferred", "period-basis", "cautions", _period_is_inferred, lambda f: f.period.basis),
    Rule("years-differ", "period-basis", "cautions", _years_differ, lambda f: f.period.year_type),
    Rule("one-origin", "origin", "cautions", _one_origin, lambda f: f.id),
]
"""Every rule. Within an effect, the reasons in an answer have this order: what matters most comes first."""

"""When two figures may stand side by side: a table of rules, each a row that the methodology names.

Every rule looks at two figures and says what keeps them apart, in words that do not depend on which of the
two is called a. Rules that block make two figures not comparable; the others caution.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from app.analysis.measures import Knowledge, Measured, length, overlap
from app.domain.vocabulary import BaseBasis, Basis, PeriodEvent, Qualifier, Unit

Aspect = Literal[
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
    "rules",
    "base",
    "qualifier",
    "origin",
]
Effect = Literal["blocks", "cautions"]
Verdict = Literal["comparable", "with-care", "not-comparable"]
Finding = Callable[[Measured, Measured, Knowledge], Iterator[str]]


@dataclass(frozen=True)
class Rule:
    """What may keep two figures apart: the aspect, its effect, when it holds and what it shows of each."""

    name: str
    aspect: Aspect
    effect: Effect
    finds: Finding
    shows: Callable[[Measured], Any]


@dataclass(frozen=True)
class Reason:
    """Why two figures cannot be compared, or only with care."""

    aspect: Aspect
    effect: Effect
    a: Any
    b: Any
    message: str


@dataclass(frozen=True)
class Comparison:
    """A verdict, every reason for it, and the numbers where they mean something."""

    verdict: Verdict
    reasons: list[Reason]
    difference: int | float | None
    ratio: float | None


def compare(a: Measured, b: Measured, known: Knowledge) -> Comparison:
    """Say whether two figures may stand side by side. Pure, and the same either way round."""
    reasons = []
    if a.id != b.id:
        first, second = sorted((a, b), key=lambda figure: figure.id)
        reasons = [
            Reason(rule.aspect, rule.effect, rule.shows(a), rule.shows(b), message)
            for rule in RULES
            for message in rule.finds(first, second, known)
        ]
    verdict: Verdict = "comparable"
    if reasons:
        verdict = "not-comparable" if any(reason.effect == "blocks" for reason in reasons) else "with-care"
    if verdict == "not-comparable" or a.value is None or b.value is None:
        return Comparison(verdict, reasons, None, None)
    ratio = (b.value / a.value).quantize(Decimal("0.0001"), ROUND_HALF_UP) if a.value else None
    return Comparison(verdict, reasons, number(b.value - a.value), None if ratio is None else float(ratio))


def number(value: Decimal) -> int | float:
    """Return a number as JSON writes it: whole ones without a decimal point."""
    return int(value) if value == value.to_integral_value() else float(value)


FALLS = {
    PeriodEvent.OCCURRED: "what is counted",
    PeriodEvent.RECEIVED: "the receipt of the cases",
    PeriodEvent.FINALISED: "the end of the cases",
    PeriodEvent.NOT_STATED: "something that is not stated",
}
"""What falls in a period, in words."""


def _units_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.unit != b.unit:
        yield f"One counts by {a.unit}, the other by {b.unit}."


def _units_open(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.unit == b.unit == Unit.NOT_STATED:
        yield "Neither source says what is counted."


def _value_types_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.value_type != b.value_type:
        yield f"One number is a {a.value_type}, the other a {b.value_type}."
    elif a.per != b.per:
        yield f"One rate is per {a.per}, the other per {b.per}."


def _values_missing(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    for figure in (a, b):
        if not figure.stated:
            yield f"{figure.id} has no number: {figure.value_status}."


def _measures_differ(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if a.kind != b.kind:
        yield f"One is a {a.kind} figure, the other a {b.kind} figure."
    if a.stage and b.stage and not known.one_above("stage", a.stage, b.stage):
        yield f"One is about {a.stage}, the other about {b.stage}."
    if a.outcome and b.outcome and not known.one_above("outcome", a.outcome, b.outcome):
        yield f"One is about {a.outcome}, the other about {b.outcome}."


def _measures_differ_in_width(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    for tree, one, other in (("stage", a.stage, b.stage), ("outcome", a.outcome, b.outcome)):
        if one and other and one != other and known.one_above(tree, one, other):
            yield f"Of {one} and {other}, one takes in the other."


def _allegations_differ(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if not known.one_above("allegation", a.allegation, b.allegation):
        yield f"One is about {a.allegation}, the other about {b.allegation}."


def _allegations_differ_in_width(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if a.allegation != b.allegation and known.one_above("allegation", a.allegation, b.allegation):
        yield f"Of {a.allegation} and {b.allegation}, one takes in the other."


def _subjects_exclude(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.subjects and b.subjects and not a.subjects & b.subjects:
        yield f"One is about {_list(a.subjects)}, the other about {_list(b.subjects)}."


def _subjects_differ_in_width(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.subjects != b.subjects and (not a.subjects or not b.subjects or a.subjects & b.subjects):
        yield f"One is about {_list(a.subjects)}, the other about {_list(b.subjects)}."


def _list(words: frozenset[str]) -> str:
    return " and ".join(sorted(words)) or "people whose role is not stated"


def _breakdowns_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if dict(a.breakdown) != dict(b.breakdown):
        yield f"One is for {_parts(a)}, the other for {_parts(b)}."


def _parts(figure: Measured) -> str:
    return ", ".join(f"{key}: {word}" for key, word in sorted(figure.breakdown.items())) or "all of them"


def _one_area_holds_the_other(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if a.force != b.force and known.forces_meet(a.force, b.force):
        area, force = (f.force for f in ((a, b) if known.contains(a.force, b.force) else (b, a)))
        yield f"{force} lies in {area}, so that the wider figure may count what the narrower one counts."


def _periods_overlap(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if (a.period.start, a.period.end) != (b.period.start, b.period.end) and overlap(a, b):
        yield "The periods overlap, so that both may count some of the same."


def _periods_are_unequal(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    one, other = length(a), length(b)
    if one and other and one != other:
        yield f"One period is {_long(one)} long, the other {_long(other)}."


def _long(period: tuple[int, int]) -> str:
    months, days = period
    parts = [f"{months} months"] * bool(months) + [f"{days} days"] * bool(days)
    return " and ".join(parts)


def _stock_beside_flow(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.period.as_at != b.period.as_at:
        days = [f"on {figure.period.as_at}" if figure.period.as_at else "over its period" for figure in (a, b)]
        yield f"One is counted {days[0]}, the other {days[1]}."


def _period_is_inferred(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    for figure in (a, b):
        if figure.period.start is None:
            yield f"The period of {figure.id} is open: its source gives no dates."
        elif figure.period.basis == Basis.INFERRED:
            yield f"The period of {figure.id} is inferred, not stated."


def _years_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.period.year_type and b.period.year_type and a.period.year_type != b.period.year_type:
        yield f"The years of one are {a.period.year_type}, those of the other {b.period.year_type}."


def _events_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.period.event != b.period.event:
        one, other = (FALLS[PeriodEvent(figure.period.event)] for figure in (a, b))
        yield f"In one period falls {one}, in the other {other}."


def _rules_changed(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if (a.period.start, a.period.end) == (b.period.start, b.period.end) and a.period.start is not None:
        return
    for change in known.rule_changes:
        touched = known.touches(change, a) or known.touches(change, b)
        if touched and not (_same_side(a, b, change.day)):
            yield f"{change.title}, from {change.day}: {change.note}"


def _same_side(a: Measured, b: Measured, day: Any) -> bool:  # noqa: ANN401 - a date
    """Whether both periods are before a day, or both from it on.

    An undated figure may be of any time, so a day after the other's start may lie between the two.
    """
    starts = [figure.period.start for figure in (a, b) if figure.period.start is not None]
    if len(starts) < 2:  # noqa: PLR2004 - one of the two is undated
        return any(start >= day for start in starts)
    before = all(figure.period.end is not None and figure.period.end < day for figure in (a, b))
    return before or all(start >= day for start in starts)


def _base_is_ambiguous(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    for figure in (a, b):
        if figure.base is not None and figure.base.basis == BaseBasis.AMBIGUOUS:
            yield f"Of what {figure.id} is a share is open."


def _one_is_part_of_the_other(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    for part, whole in ((a, b), (b, a)):
        if known.lies_in(part.id, whole.id, settled=True):
            yield f"{part.id} is a part of {whole.id} or springs from it; the two are no independent counts."
        elif known.lies_in(part.id, whole.id, settled=False):
            yield f"{part.id} may be a part of {whole.id}."


def _said_to_overlap(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if frozenset((a.id, b.id)) in known.overlapping:
        yield "The two are said to count some of the same."


def _shares_of_different_wholes(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.value_type == b.value_type == "percent" and a.base_id != b.base_id:
        yield f"One is a share of {a.base_id or 'an open whole'}, the other of {b.base_id or 'an open whole'}."


def _not_exact(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    for figure in (a, b):
        if figure.qualifier != Qualifier.EXACT:
            yield f"The number of {figure.id} is not exact: {figure.qualifier}."


def _one_origin(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    shared = known.origins.get(a.id, frozenset()) & known.origins.get(b.id, frozenset())
    if frozenset((a.id, b.id)) in known.same_fact and shared:
        yield f"Both tell the same fact and go back to {_list(shared)}; neither confirms the other."


def _counted(figure: Measured) -> dict[str, str | None]:
    return {"kind": figure.kind, "stage": figure.stage, "outcome": figure.outcome}


def _dates(figure: Measured) -> dict[str, str | None]:
    period = figure.period
    days = {"start": period.start, "end": period.end, "as_at": period.as_at}
    return {name: day.isoformat() if day else None for name, day in days.items()}


def _base(figure: Measured) -> dict[str, str | None]:
    return {"id": figure.base_id, "basis": figure.base.basis if figure.base else None}


RULES = [
    Rule("units-differ", "unit", "blocks", _units_differ, lambda f: f.unit),
    Rule("units-open", "unit", "cautions", _units_open, lambda f: f.unit),
    Rule("value-types-differ", "value-type", "blocks", _value_types_differ, lambda f: f.value_type),
    Rule("values-missing", "value-status", "blocks", _values_missing, lambda f: f.value_status),
    Rule("measures-differ", "measure", "blocks", _measures_differ, _counted),
    Rule("measures-differ-in-width", "measure", "cautions", _measures_differ_in_width, _counted),
    Rule("allegations-differ", "allegation", "blocks", _allegations_differ, lambda f: f.allegation),
    Rule(
        "allegations-differ-in-width",
        "allegation",
        "cautions",
        _allegations_differ_in_width,
        lambda f: f.allegation,
    ),
    Rule("subjects-exclude", "subjects", "blocks", _subjects_exclude, lambda f: sorted(f.subjects)),
    Rule(
        "subjects-differ-in-width",
        "subjects",
        "cautions",
        _subjects_differ_in_width,
        lambda f: sorted(f.subjects),
    ),
    Rule("breakdowns-differ", "breakdown", "cautions", _breakdowns_differ, lambda f: dict(f.breakdown)),
    Rule("area-holds-force", "force", "cautions", _one_area_holds_the_other, lambda f: f.force),
    Rule("periods-overlap", "period", "cautions", _periods_overlap, _dates),
    Rule("periods-unequal", "period", "cautions", _periods_are_unequal, _dates),
    Rule("stock-beside-flow", "period", "cautions", _stock_beside_flow, _dates),
    Rule("period-inferred", "period-basis", "cautions", _period_is_inferred, lambda f: f.period.basis),
    Rule("years-differ", "period-basis", "cautions", _years_differ, lambda f: f.period.year_type),
    Rule("events-differ", "period-event", "cautions", _events_differ, lambda f: f.period.event),
    Rule("rules-changed", "rules", "cautions", _rules_changed, _dates),
    Rule("base-ambiguous", "base", "cautions", _base_is_ambiguous, _base),
    Rule("part-of-the-other", "base", "cautions", _one_is_part_of_the_other, _base),
    Rule("said-to-overlap", "base", "cautions", _said_to_overlap, _base),
    Rule("shares-of-different-wholes", "base", "cautions", _shares_of_different_wholes, _base),
    Rule("not-exact", "qualifier", "cautions", _not_exact, lambda f: f.qualifier),
    Rule("one-origin", "origin", "cautions", _one_origin, lambda f: f.id),
]
"""Every rule, in the order in which reasons are given."""

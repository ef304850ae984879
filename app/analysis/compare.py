"""Whether two figures may be compared: a table of rules, which the methodology describes.

Each rule looks at two figures and yields a message for every difference it finds. The order of the figures makes no
difference to the messages. A rule that blocks makes the two not comparable; any other calls for care.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from app.analysis.measures import Knowledge, Measured, length, overlap
from app.domain.trees import with_ancestors
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
Check = Callable[[Measured, Measured, Knowledge], Iterator[str]]


@dataclass(frozen=True)
class Rule:
    """A rule: what it compares, its effect, the check, and the value of each figure to show with the message."""

    name: str
    aspect: Aspect
    effect: Effect
    check: Check
    value_of: Callable[[Measured], Any]


@dataclass(frozen=True)
class Reason:
    """Why two figures can't be compared, or only with care."""

    aspect: Aspect
    effect: Effect
    a: Any
    b: Any
    message: str


@dataclass(frozen=True)
class Comparison:
    """A verdict with every reason for it; difference and ratio where the two may be compared."""

    verdict: Verdict
    reasons: list[Reason]
    difference: int | float | None
    ratio: float | None


def compare(a: Measured, b: Measured, known: Knowledge) -> Comparison:
    """Compare two figures. Verdict and reasons are the same either way round; a figure is comparable to itself."""
    reasons = []
    if a.id != b.id:
        first, second = sorted((a, b), key=lambda figure: figure.id)
        reasons = [
            Reason(rule.aspect, rule.effect, rule.value_of(a), rule.value_of(b), message)
            for rule in RULES
            for message in rule.check(first, second, known)
        ]
    verdict: Verdict = "comparable"
    if reasons:
        verdict = "not-comparable" if any(reason.effect == "blocks" for reason in reasons) else "with-care"
    if verdict == "not-comparable" or a.value is None or b.value is None:
        return Comparison(verdict, reasons, None, None)
    ratio = (b.value / a.value).quantize(Decimal("0.0001"), ROUND_HALF_UP) if a.value else None
    return Comparison(verdict, reasons, number(b.value - a.value), None if ratio is None else float(ratio))


def number(value: Decimal) -> int | float:
    """Return a number for JSON, where integers have no decimal point."""
    return int(value) if value == value.to_integral_value() else float(value)


EVENTS = {
    PeriodEvent.OCCURRED: "counts what happened in its period",
    PeriodEvent.RECEIVED: "counts among cases received in its period",
    PeriodEvent.FINALISED: "counts among cases finalised in its period",
    PeriodEvent.NOT_STATED: "doesn't say what happened in its period",
}
"""How a figure relates to its period, as the end of a sentence."""


def _units_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.unit != b.unit:
        yield f"One figure's unit is {a.unit}, the other's is {b.unit}."


def _units_open(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.unit == b.unit == Unit.NOT_STATED:
        yield "Neither source says what it counts."


def _value_types_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.value_type != b.value_type:
        yield f"One value is a {a.value_type}, the other a {b.value_type}."
    elif a.per != b.per:
        yield f"One rate is per {a.per}, the other per {b.per}."


def _values_missing(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    for figure in (a, b):
        if not figure.stated:
            yield f"{figure.id} has no number: {figure.value_status}."


def _measures_differ(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if a.kind != b.kind:
        yield f"One figure's kind is {a.kind}, the other's is {b.kind}."
    if a.stage and b.stage and not known.one_above("stage", a.stage, b.stage):
        yield f"One figure's stage is {a.stage}, the other's is {b.stage}."
    if a.outcome and b.outcome and not known.one_above("outcome", a.outcome, b.outcome):
        yield f"One figure's outcome is {a.outcome}, the other's is {b.outcome}."


def _measures_differ_in_width(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    for tree, one, other in (("stage", a.stage, b.stage), ("outcome", a.outcome, b.outcome)):
        if one and other and one != other and known.one_above(tree, one, other):
            yield _includes(tree, one, other, known)


def _allegations_differ(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if not known.one_above("allegation", a.allegation, b.allegation):
        yield f"One figure's allegation is {a.allegation}, the other's is {b.allegation}."


def _allegations_differ_in_width(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if a.allegation != b.allegation and known.one_above("allegation", a.allegation, b.allegation):
        yield _includes("allegation", a.allegation, b.allegation, known)


def _includes(tree: str, a: str, b: str, known: Knowledge) -> str:
    wider, narrower = (a, b) if a in with_ancestors(known.parents[tree], b) else (b, a)
    return f"\u201c{wider}\u201d includes \u201c{narrower}\u201d."


def _subjects_exclude(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.subjects and b.subjects and not a.subjects & b.subjects:
        yield f"One figure is about {_list(a.subjects)}, the other about {_list(b.subjects)}."


def _subjects_differ_in_width(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.subjects != b.subjects and (not a.subjects or not b.subjects or a.subjects & b.subjects):
        yield f"One figure is about {_list(a.subjects)}, the other about {_list(b.subjects)}."


def _list(words: frozenset[str]) -> str:
    return " and ".join(sorted(words)) or "people whose role is not stated"


def _breakdowns_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if dict(a.breakdown) != dict(b.breakdown):
        yield f"One figure covers {_parts(a)}, the other {_parts(b)}."


def _parts(figure: Measured) -> str:
    return ", ".join(f"{key}: {word}" for key, word in sorted(figure.breakdown.items())) or "all categories"


def _one_area_holds_the_other(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if a.force != b.force and known.forces_meet(a.force, b.force):
        area, force = (f.force for f in ((a, b) if known.contains(a.force, b.force) else (b, a)))
        yield f"{force} is part of {area}, so the wider figure may include what the narrower one counts."


def _periods_overlap(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if (a.period.start, a.period.end) != (b.period.start, b.period.end) and overlap(a, b):
        yield "The periods overlap, so both figures may count some of the same cases."


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
        yield f"One figure was counted {days[0]}, the other {days[1]}."


def _period_is_inferred(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    for figure in (a, b):
        if figure.period.start is None:
            yield f"The period of {figure.id} is unknown: its source gives no dates."
        elif figure.period.basis == Basis.INFERRED:
            yield f"The period of {figure.id} is inferred, not stated."


def _years_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.period.year_type and b.period.year_type and a.period.year_type != b.period.year_type:
        yield f"One figure's years are {a.period.year_type}, the other's are {b.period.year_type}."


def _events_differ(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.period.event != b.period.event:
        one, other = (EVENTS[PeriodEvent(figure.period.event)] for figure in (a, b))
        yield f"One figure {one}, the other {other}."


def _rules_changed(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if (a.period.start, a.period.end) == (b.period.start, b.period.end) and a.period.start is not None:
        return
    for change in known.rule_changes:
        touched = known.touches(change, a) or known.touches(change, b)
        if touched and not (_same_side(a, b, change.day)):
            yield f"{change.title}, from {change.day}: {change.note}"


def _same_side(a: Measured, b: Measured, day: Any) -> bool:  # noqa: ANN401 - a date
    """Return whether both periods end before a day, or both start on or after it.

    An undated figure may be from any time, so any day after the other's start may lie between the two.
    """
    starts = [figure.period.start for figure in (a, b) if figure.period.start is not None]
    if len(starts) < 2:  # noqa: PLR2004 - one of the two is undated
        return any(start >= day for start in starts)
    before = all(figure.period.end is not None and figure.period.end < day for figure in (a, b))
    return before or all(start >= day for start in starts)


def _base_is_ambiguous(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    for figure in (a, b):
        if figure.base is not None and figure.base.basis == BaseBasis.AMBIGUOUS:
            yield f"It is unclear what {figure.id} is a share of."


def _one_is_part_of_the_other(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    for part, whole in ((a, b), (b, a)):
        if known.lies_in(part.id, whole.id, settled=True):
            yield f"{part.id} is part of {whole.id} or results from it, so the two are not independent."
        elif known.lies_in(part.id, whole.id, settled=False):
            yield f"{part.id} may be part of {whole.id}."


def _said_to_overlap(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    if frozenset((a.id, b.id)) in known.overlapping:
        yield "The two figures are recorded as counting some of the same cases."


def _shares_of_different_wholes(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    if a.value_type == b.value_type == "percent" and a.base_id != b.base_id:
        one, other = (figure.base_id or "an unclear base" for figure in (a, b))
        yield f"One figure is a share of {one}, the other of {other}."


def _not_exact(a: Measured, b: Measured, _: Knowledge) -> Iterator[str]:
    for figure in (a, b):
        if figure.qualifier != Qualifier.EXACT:
            yield f"The value of {figure.id} is not exact: {figure.qualifier}."


def _one_origin(a: Measured, b: Measured, known: Knowledge) -> Iterator[str]:
    shared = known.origins.get(a.id, frozenset()) & known.origins.get(b.id, frozenset())
    if frozenset((a.id, b.id)) in known.same_fact and shared:
        yield f"Both state the same fact and go back to {_list(shared)}, so neither confirms the other."


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
"""Every rule, in the order of the reasons in an answer."""

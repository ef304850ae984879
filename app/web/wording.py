"""Plain words for what is in records: numbers, units, subjects, outcomes."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.analysis.coverage import Measure
from app.domain.records import IncidentOf, Period
from app.domain.vocabulary import SUBJECT_NAMES, UNIT_NAMES, EvidencePoint, Kind, Precision, Unit, ValueType
from app.domain.wording import UNKNOWN, Names, amount, in_a_list, number
from app.queries.parameters import PARAMETERS
from app.releases.rendering import FigureAnswer

KINDS = {
    Kind.COMPLAINT: "Complaints",
    Kind.PROCEEDING: "Steps taken",
    Kind.OUTCOME: "Outcomes",
    Kind.INCIDENT: "Incidents",
}
"""Plain names of the kinds of record, in the plural."""

STANDINGS = {
    "alleged": ("Alleged", "This source gives it as an allegation."),
    "found": ("Found by a misconduct process", "This source says that a misconduct process found it."),
    "admitted": ("Admitted", "This source says that those responsible admit it."),
    "convicted": ("Convicted by a court", "This source says that a court convicted someone of it."),
    "reported": ("Reported as fact", "This source does not mention a court or a misconduct finding."),
}
"""How a source presents an incident: a short label, and a sentence about the source, not about what happened."""

SMALL_WHOLE = 1_000
"""For wholes smaller than this, a percentage with decimals would look more precise than it is."""


def percentage(part: float, whole: float) -> str:
    """Return a part of a whole as a percentage, with one decimal if the whole is 1,000 or more.

    It says 0% or 100% only if it is exactly none or all.
    """
    step = Decimal(1) if whole < SMALL_WHOLE else Decimal("0.1")
    rounded = (Decimal(str(part)) * 100 / Decimal(str(whole))).quantize(step, ROUND_HALF_UP)
    if rounded == 0 and part:
        return f"less than {step}%"
    if rounded == 100 and part != whole:  # noqa: PLR2004 - per cent
        return f"more than {100 - step}%"
    return f"{amount(float(rounded))}%"


def label(figure: FigureAnswer, names: Names) -> str:
    """Return what the number counts, beyond its unit: the outcome, the stage or complaints, and the breakdown.

    It's empty if the unit already says so ("119 complaints").
    """
    return ", ".join(filter(None, [_counted(figure, names), *_categories(figure.breakdown, names)]))


def _counted(figure: FigureAnswer, names: Names) -> str:
    match figure.kind:
        case Kind.OUTCOME:
            return names["outcome"][figure.outcome or ""].lower()
        case Kind.PROCEEDING:
            return names["stage"][figure.stage or ""].lower()
        case _:
            if figure.unit not in {Unit.COMPLAINT, Unit.ALLEGATION}:
                return UNIT_NAMES[Unit.COMPLAINT][1]
            shows_unit = figure.value is not None and figure.value_type is ValueType.COUNT
            return "" if shows_unit else UNIT_NAMES[figure.unit][1]


MEASURED_IN = {
    ValueType.COUNT: "{}",
    ValueType.PERCENT: "per cent of {}",
    ValueType.RATE: "rate of {}",
    ValueType.CHANGE_COUNT: "change in {}",
    ValueType.CHANGE_PERCENT: "change in {}, per cent",
}
"""Wording for each type of number, around its unit."""


def measure_in_words(measure: Measure, names: Names) -> str:
    """Return what figures of a measure count: "Upheld, sexual misconduct (complaints)"."""
    what = "Complaints"
    for tree, code in (("outcome", measure.outcome), ("stage", measure.stage)):
        what = names[tree][code] if code else what
    about = "" if measure.allegation == "any" else f", {names['allegation'][measure.allegation].lower()}"
    unit = MEASURED_IN[ValueType(measure.value_type)].format(UNIT_NAMES[Unit(measure.unit)][1].strip("()"))
    parts = [unit, *_categories(dict(measure.breakdown), names)]
    return what + about if parts == [what.lower()] else f"{what}{about} ({', '.join(parts)})"


def unit_name(figure: FigureAnswer) -> str:
    """Return the name of the unit, in the singular if the number is exactly one."""
    one, many = UNIT_NAMES[figure.unit]
    return one if figure.value == 1 and figure.value_to is None else many


def subjects(figure: FigureAnswer, names: Names) -> str:
    """Return whose conduct the figure is about, with its breakdown; empty if neither is stated."""
    listed = in_a_list([SUBJECT_NAMES[subject] for subject in figure.subjects])
    return ", ".join(filter(None, [listed, *_categories(figure.breakdown, names)]))


def _categories(breakdown: Mapping[str, str], names: Names) -> list[str]:
    """Return the part of the subjects or cases that a figure is about, in words."""
    return [names["breakdown"][f"{dimension}={one}"].lower() for dimension, one in breakdown.items()]


def mention(figure: FigureAnswer, names: Names) -> str:
    """Return the number, unit and label for use inside a sentence: "the 119 complaints (upheld)"."""
    what = label(figure, names)
    if figure.value is None:
        return f"an unknown number ({what}, {UNKNOWN[figure.value_status].lower()})"
    printed = number(figure)
    unit = unit_name(figure) if figure.value_type is ValueType.COUNT else ""
    return " ".join(filter(None, ["the", printed[:1].lower() + printed[1:], unit, f"({what})" if what else ""]))


POINTS = {
    "value": "the number",
    "unit": "what is counted",
    "period": "the dates",
    "subjects": "whose conduct it is",
    "base": "what it is a share of",
    "outcome": "what came of it",
}
"""Plain names of the points that evidence may be about, if it isn't about the whole record."""

ASPECTS = {
    "conflict": "Contradiction",
    "dispute": "Dispute",
    "rules": "Change of rules",
    "unit": "What is counted",
    "subjects": "Whose conduct",
    "breakdown": "Part of the group",
    "value-type": "Kind of number",
    "value-status": "Missing number",
    "measure": "Stage or outcome",
    "allegation": "Allegation",
    "force": "Force or area",
    "period": "Period",
    "period-basis": "Dates",
    "period-event": "What falls in the period",
    "base": "What it's a share of",
    "qualifier": "Precision",
    "origin": "Source",
}
"""Plain names of the aspects of a comparison."""

FILTERS = {
    "q": "Search",
    "id": "Record",
    "kind": "Kind",
    "force": "Force or area",
    "force_scope": "With it",
    "period": "Period",
    "period_match": "Period of a figure",
    "include_undated": "Undated figures",
    "allegation": "Allegation",
    "stage": "Stage",
    "outcome": "Outcome",
    "unit": "Unit",
    "subjects": "Group",
    "value_type": "Kind of number",
    "value_status": "Number",
    "source": "Source",
    "source_kind": "Kind of source",
}
"""Plain names of the filters."""

FILTER_VALUES: Mapping[str, Mapping[str, str]] = {
    "force_scope": {
        "self": "nothing else",
        "members": "the forces inside it",
        "areas": "the areas that contain it",
    },
    "period_match": {
        "overlaps": "overlaps it",
        "within": "lies within it",
        "covers": "covers all of it",
    },
    "include_undated": {"false": "left out", "true": "included"},
    "subjects": {str(subject): name for subject, name in SUBJECT_NAMES.items()},
    "value_status": {"stated": "stated", **{status: word.lower() for status, word in UNKNOWN.items()}},
}
"""Plain words for filter values that aren't codes of the dataset."""


def filter_in_words(name: str, value: str, names: Names) -> tuple[str, str]:
    """Return the plain name of a filter and its value in words."""
    known = FILTER_VALUES.get(name) or names.get(name) or {}
    return FILTERS[name], known.get(value, value.replace("-", " ") if PARAMETERS[name].words else value)


def in_words(value: object, names: Names) -> str:
    """Return a figure's field, as given in the reasons of a comparison, in words."""
    match value:
        case None | "" | []:
            return "not stated"
        case {"start": str(start), "end": end, "as_at": as_at}:
            days = f"{day_in_words(start)} to {day_in_words(end)}" if end else f"from {day_in_words(start)}"
            return f"{days}, counted on {day_in_words(as_at)}" if as_at else days
        case {"kind": kind, "stage": stage, "outcome": outcome}:
            return in_words(outcome or stage or kind, names)
        case dict() | list() | tuple():
            items = [item for item in value.values() if item] if isinstance(value, dict) else value
            return ", ".join(in_words(item, names) for item in items) or "not stated"
        case str():
            return next((labels[value] for labels in names.values() if value in labels), value.replace("-", " "))
        case _:
            return str(value)


def day_in_words(day: str) -> str:
    """Return a day, given as 2018-12-31, in words."""
    return f"{date.fromisoformat(day):%-d %B %Y}"


def as_at_in_words(period: Period) -> str:
    """Return when a stock was counted, as precisely as known: "31 March 2022", "March 2022", "2022"."""
    day = period.as_at
    if day is None:
        return ""
    return {Precision.MONTH: f"{day:%B %Y}", Precision.YEAR: f"{day:%Y}"}.get(
        period.as_at_precision or Precision.DAY, f"{day:%-d %B %Y}"
    )


def outcome_of(incident: IncidentOf[Any], names: Names) -> str:
    """Return what an incident's source says came of it, and the curators' notes on what other sources say."""
    if incident.outcome is None:
        own = "This source does not say what came of it."
    else:
        own = f"This source says what came of it: {names['outcome'][incident.outcome].lower()}."
    others = [one.note for one in incident.evidence if one.on is EvidencePoint.OUTCOME and one.note]
    return " ".join([own, *(f"Another source: {note}" for note in others)])


def without_hint(message: str) -> str:
    """Return a warning without its hint for programs about a field, parameter or endpoint."""
    said, separator, hint = message.partition("; ")
    return f"{said}." if separator and ("`" in hint or "/v1/" in hint) else message

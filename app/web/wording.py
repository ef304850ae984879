"""What people call the things in records: numbers, units, subjects, outcomes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.domain.vocabulary import SUBJECT_NAMES, UNIT_NAMES, Kind, Qualifier, Unit, ValueStatus, ValueType
from app.releases.rendering import FigureAnswer, IncidentAnswer

Names = Mapping[str, Mapping[str, str]]
"""The labels of a release's codes, by tree, as `app.database.reference` reads them."""

QUALIFIERS = {qualifier: qualifier.replace("-", " ") + " " for qualifier in Qualifier} | {Qualifier.EXACT: ""}
UNKNOWN = {
    ValueStatus.NOT_DISCLOSED: "Not disclosed",
    ValueStatus.WITHHELD: "Withheld",
    ValueStatus.NOT_COUNTED: "Not counted",
}
STANDINGS = {
    "alleged": "Alleged",
    "found": "Found by a misconduct process",
    "admitted": "Admitted",
    "convicted": "Convicted by a court",
    "reported": "Reported, no finding mentioned",
}


def number(figure: FigureAnswer) -> str:
    """Return the value with its qualifier, sign and unit of scale; the value status if there is no value."""
    if figure.value is None:
        return UNKNOWN[figure.value_status]
    is_change = figure.value_type in {ValueType.CHANGE_COUNT, ValueType.CHANGE_PERCENT}
    values = [figure.value] if figure.value_to is None else [figure.value, figure.value_to]
    printed = " and ".join(f"{'+' if is_change and value > 0 else ''}{amount(value)}" for value in values)
    match figure.value_type:
        case ValueType.PERCENT | ValueType.CHANGE_PERCENT:
            printed += "%"
        case ValueType.RATE:
            printed += f" per {figure.per:,}"
        case _:
            pass
    return _capitalised(QUALIFIERS[figure.qualifier] + printed)


def amount(value: float) -> str:
    """Return a number with thousands separators, a real minus sign and no trailing zeros."""
    printed = f"{int(value):,}" if value == int(value) else f"{Decimal(str(value)):,f}"
    return printed.replace("-", "\u2212")


def percentage(share: float) -> str:
    """Return a share between 0 and 1 as a percentage with at most two decimals."""
    return f"{amount(round(share * 100, 2))}%"


def label(figure: FigureAnswer, names: Names) -> str:
    """Return what the number counts, beyond its unit: the outcome, the stage, or complaints.

    Empty if the unit says it already ("119 complaints").
    """
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


def unit_name(figure: FigureAnswer) -> str:
    """Return the name of the unit, in the singular for exactly one."""
    one, many = UNIT_NAMES[figure.unit]
    return one if figure.value == 1 and figure.value_to is None else many


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def subjects(figure: FigureAnswer, names: Names) -> str:
    """Return whose conduct the figure is about, with its breakdown; empty if neither is stated."""
    categories = [f"{dimension}={category}" for dimension, category in figure.breakdown.items()]
    parts = [names["breakdown"][category].lower() for category in categories]
    return ", ".join(filter(None, [_listed([SUBJECT_NAMES[subject] for subject in figure.subjects]), *parts]))


def _listed(words: Sequence[str]) -> str:
    """Join words as a list: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def mention(figure: FigureAnswer, names: Names) -> str:
    """Return the number, unit and label for use inside a sentence: "the 119 complaints (upheld)"."""
    what = label(figure, names)
    if figure.value is None:
        return f"an unknown number ({what}, {UNKNOWN[figure.value_status].lower()})"
    printed = number(figure)
    unit = unit_name(figure) if figure.value_type is ValueType.COUNT else ""
    return " ".join(filter(None, ["the", printed[:1].lower() + printed[1:], unit, f"({what})" if what else ""]))


def in_words(value: object, names: Names) -> str:
    """Return a field of a figure, as a comparison gives it in its reasons, in words."""
    match value:
        case None | "" | []:
            return "not stated"
        case {"start": start, "end": end}:
            return f"{start} to {end}" if start else "not stated"
        case dict():
            return ", ".join(in_words(item, names) for item in value.values() if item) or "not stated"
        case list() | tuple():
            return ", ".join(in_words(item, names) for item in value)
        case str():
            return next((labels[value] for labels in names.values() if value in labels), value.replace("-", " "))
        case _:
            return str(value)


def outcome_of(incident: IncidentAnswer, names: Names) -> str:
    """Return the outcome of an incident."""
    return "Not stated" if incident.outcome is None else names["outcome"][incident.outcome]

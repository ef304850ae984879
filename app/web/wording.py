"""What people call what records say: numbers, units, outcomes, people. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from app.domain.vocabulary import Kind, Qualifier, Unit, ValueStatus, ValueType
from app.releases.rendering import FigureAnswer, IncidentAnswer

Names = Mapping[str, Mapping[str, str]]
"""What people call the codes of a release, by tree; `app.database.reference` has them."""

NOUNS = {
    Unit.COMPLAINT: ("complaint", "complaints"),
    Unit.ALLEGATION: ("allegation", "allegations"),
    Unit.CASE: ("case", "cases"),
    Unit.PERSON: ("person", "people"),
    Unit.PROCEEDING: ("proceeding", "proceedings"),
    Unit.CONVICTION: ("conviction", "convictions"),
    Unit.NOT_STATED: ("(unit not stated)", "(unit not stated)"),
}
SUBJECTS = {"officers": "officers", "specials": "special constables", "pcsos": "PCSOs", "staff": "police staff"}
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
    "reported": "Reported, no finding told",
}


def number(figure: FigureAnswer) -> str:
    """Return the number with all that qualifies it, or in words that it is not known."""
    if figure.value is None:
        return UNKNOWN[figure.value_status]
    is_change = figure.value_type in {ValueType.CHANGE_COUNT, ValueType.CHANGE_PERCENT}
    bounds = [figure.value] if figure.value_to is None else [figure.value, figure.value_to]
    printed = " and ".join(f"{'+' if is_change and bound > 0 else ''}{amount(bound)}" for bound in bounds)
    match figure.value_type:
        case ValueType.PERCENT | ValueType.CHANGE_PERCENT:
            printed += "%"
        case ValueType.RATE:
            printed += f" per {figure.per:,}"
        case _:
            pass
    return _capitalised(QUALIFIERS[figure.qualifier] + printed)


def amount(value: float) -> str:
    """Return a number as it is printed: thousands apart, a real minus sign, no empty decimals."""
    printed = f"{int(value):,}" if value == int(value) else f"{Decimal(str(value)):,f}"
    return printed.replace("-", "\u2212")


def percentage(share: float) -> str:
    """Return a share of 0 to 1 as per cent, no finer than its four decimals."""
    return f"{amount(round(share * 100, 2))}%"


def label(figure: FigureAnswer, names: Names) -> str:
    """Return what the number is of, beside its noun; nothing for complaints, whose noun says it."""
    match figure.kind:
        case Kind.OUTCOME:
            return names["outcome"][figure.outcome or ""].lower()
        case Kind.PROCEEDING:
            return names["stage"][figure.stage or ""].lower()
        case _:
            if figure.unit not in {Unit.COMPLAINT, Unit.ALLEGATION}:
                return NOUNS[Unit.COMPLAINT][1]
            has_noun = figure.value is not None and figure.value_type is ValueType.COUNT
            return "" if has_noun else NOUNS[figure.unit][1]


def noun(figure: FigureAnswer) -> str:
    """Return what one of the number is, or what several are."""
    one, many = NOUNS[figure.unit]
    return one if figure.value == 1 and figure.value_to is None else many


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def who(figure: FigureAnswer, names: Names) -> str:
    """Return whose conduct it is about, and which part of them; nothing where neither is stated."""
    people = [SUBJECTS[subject] for subject in figure.subjects]
    parts = [names["breakdown"][f"{dimension}={part}"].lower() for dimension, part in figure.breakdown.items()]
    return ", ".join(filter(None, [" and ".join(people), *parts]))


def named(figure: FigureAnswer, names: Names) -> str:
    """Name a figure inside a sentence: its number, its unit and what it is of."""
    counted = noun(figure) if figure.value_type is ValueType.COUNT else ""
    what = label(figure, names)
    if figure.value is None:
        return f"those whose number is {UNKNOWN[figure.value_status].lower()} ({what})"
    said = number(figure)
    return " ".join(filter(None, [f"the {said[:1].lower()}{said[1:]}", counted, f"({what})" if what else ""]))


def plainly(shown: object, names: Names) -> str:
    """Return what a reason shows of a figure as people write it."""
    match shown:
        case None | "" | []:
            return "not stated"
        case {"start": start, "end": end}:
            return f"{start} to {end}" if start else "not stated"
        case dict():
            return ", ".join(plainly(value, names) for value in shown.values() if value) or "not stated"
        case list() | tuple():
            return ", ".join(plainly(value, names) for value in shown)
        case str():
            return next((called[shown] for called in names.values() if shown in called), shown.replace("-", " "))
        case _:
            return str(shown)


def outcome_of(incident: IncidentAnswer, names: Names) -> str:
    """Return what is said to have come of an incident."""
    if incident.outcome is None:
        return "What came of it is not stated."
    return f"What came of it: {names['outcome'][incident.outcome].lower()}."

"""How to name a figure: its number, and what it counts."""

# ruff: noqa: D102 - the properties of `Counted` are the fields of a figure

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from app.domain.rules import CHANGES, PERCENTAGES
from app.domain.vocabulary import SUBJECT_NAMES, UNIT_NAMES, Qualifier, RateUnit, Unit, ValueStatus, ValueType

Names = Mapping[str, Mapping[str, str]]
"""The labels of a release's codes, by tree; breakdown labels are keyed by `dimension=category`."""

QUALIFIERS = {qualifier: qualifier.replace("-", " ") + " " for qualifier in Qualifier} | {Qualifier.EXACT: ""}
UNKNOWN = {
    ValueStatus.NOT_DISCLOSED: "Not disclosed",
    ValueStatus.WITHHELD: "Withheld",
    ValueStatus.NOT_COUNTED: "Not counted",
}


class Counted(Protocol):
    """The fields of a figure needed to name it."""

    @property
    def kind(self) -> str: ...
    @property
    def allegation(self) -> str: ...
    @property
    def stage(self) -> str | None: ...
    @property
    def outcome(self) -> str | None: ...
    @property
    def value(self) -> float | Decimal | None: ...
    @property
    def value_to(self) -> float | Decimal | None: ...
    @property
    def value_type(self) -> str: ...
    @property
    def value_status(self) -> str: ...
    @property
    def qualifier(self) -> str: ...
    @property
    def per(self) -> int | None: ...
    @property
    def per_unit(self) -> str | None: ...
    @property
    def per_subjects(self) -> Iterable[str]: ...
    @property
    def unit(self) -> str: ...
    @property
    def subjects(self) -> Iterable[str]: ...
    @property
    def breakdown(self) -> Mapping[str, str]: ...


def number(figure: Counted) -> str:
    """Return the value with its qualifier, sign and scale; the value status if there's no value."""
    if figure.value is None:
        return UNKNOWN[ValueStatus(figure.value_status)]
    is_change = figure.value_type in CHANGES
    values = [figure.value] if figure.value_to is None else [figure.value, figure.value_to]
    printed = " and ".join(f"{'+' if is_change and value > 0 else ''}{amount(value)}" for value in values)
    if figure.value_type in PERCENTAGES:
        printed += "%"
    elif figure.value_type == ValueType.RATE:
        printed += f" per {rate_unit(figure)}"
    return capitalised(QUALIFIERS[Qualifier(figure.qualifier)] + printed)


def amount(value: float | Decimal) -> str:
    """Return a number with thousands separators, a real minus sign and no trailing zeros."""
    printed = f"{int(value):,}" if value == int(value) else f"{Decimal(str(value)):,f}"
    return printed.replace("-", "\u2212")


def short_label(figure: Counted, names: Names) -> str:
    """Return a chart label for what a figure counts: the outcome, the stage or complaints, and the breakdown.

    If the figure isn't a plain count, the label says so: "Upheld, per cent of complaints".
    """
    scale = [] if figure.value_type == ValueType.COUNT else [counted_in(figure)]
    return capitalised(", ".join([counted(figure, names), *_categories(figure, names), *scale]))


def measure_label(figure: Counted, names: Names) -> str:
    """Return a full label for what a figure counts, without its force: "upheld, rape (complaints, officers)"."""
    about = "" if figure.allegation == "any" else f", {_name(names, 'allegation', figure.allegation)}"
    subjects = [name for subject, name in SUBJECT_NAMES.items() if subject in figure.subjects]
    parts = [counted_in(figure), *subjects, *_categories(figure, names)]
    return f"{counted(figure, names)}{about} ({', '.join(parts)})"


def span_in_words(start: date, end: date) -> str:
    """Return a period in words: "2018 to 2021" if it's whole years, otherwise its first and last day."""
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
        return f"{start:%Y}" if start.year == end.year else f"{start:%Y} to {end:%Y}"
    return f"{start:%-d %B %Y} to {end:%-d %B %Y}"


def counted_in(figure: Counted) -> str:
    """Return what a figure is counted in: its unit in the plural, and how the number relates to it."""
    unit = UNIT_NAMES[Unit(figure.unit)][1].strip("()")  # the name of an unstated unit is already in brackets
    match figure.value_type:
        case ValueType.PERCENT:
            return f"per cent of {unit}"
        case ValueType.RATE:
            return f"{unit} per {rate_unit(figure)}"
        case ValueType.CHANGE_COUNT:
            return f"change in {unit}"
        case ValueType.CHANGE_PERCENT:
            return f"change in {unit}, per cent"
        case _:
            return unit


def rate_unit(figure: Counted) -> str:
    """Return what a rate is per: "1,000", "year", "1,000 people", "1,000 officers and police staff"."""
    unit = figure.per_unit
    roles = " and ".join(name for subject, name in SUBJECT_NAMES.items() if subject in figure.per_subjects)
    many = {RateUnit.PERSON: "people"}.get(RateUnit(unit), f"{unit}s") if unit else ""
    single = figure.per == 1 and unit is not None
    return " ".join(filter(None, ["" if single else f"{figure.per:,}", unit if single else roles or many]))


def counted(figure: Counted, names: Names) -> str:
    """Return what a figure counts, in a word or two: its outcome, its stage, or complaints."""
    for tree, code in (("outcome", figure.outcome), ("stage", figure.stage)):
        if code is not None:
            return _name(names, tree, code)
    return "complaints"


def _categories(figure: Counted, names: Names) -> list[str]:
    return [_name(names, "breakdown", f"{key}={word}") for key, word in sorted(figure.breakdown.items())]


def _name(names: Names, tree: str, code: str) -> str:
    """Return a code's name for use in mid-sentence."""
    return uncapitalised(names.get(tree, {}).get(code, code))


def uncapitalised(text: str) -> str:
    """Return the text with its first letter in lower case."""
    return text[:1].lower() + text[1:]


def capitalised(text: str) -> str:
    """Return the text with its first letter capitalised."""
    return text[:1].upper() + text[1:]


def in_a_list(words: Sequence[str]) -> str:
    """Join words as a list: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))

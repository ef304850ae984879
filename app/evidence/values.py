"""Whether a passage prints a figure's value, type and qualifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.domain.records import Evidence, Figure
from app.domain.rules import CHANGES, PERCENTAGES
from app.domain.vocabulary import EvidenceRole, Qualifier, ValueType
from app.evidence.amounts import Amount, AmountType, read_amounts
from app.evidence.context import (
    PREPOSITIONS,
    TIMES,
    filler_words,
    is_between,
    is_per_cent,
    mentions_rate,
    qualifying_words,
    range_partners,
    rate_base,
    rate_denominator,
    sentence_around,
    signs_of_change,
)
from app.evidence.numbers import Number
from app.evidence.texts import HeldText


@dataclass(frozen=True)
class PrintedFigure:
    """A figure, and where in a paragraph its number is printed."""

    text: HeldText
    paragraph: str
    figure: Figure
    evidence: Evidence
    start: int
    whole: Fraction | None
    """The value of the figure's base, if it's exact: "all" and "half" are shares of it."""

    @property
    def printed(self) -> str:
        """The number as printed."""
        return self.evidence.as_printed or ""

    @property
    def end(self) -> int:
        """The first character after the number."""
        return self.start + len(self.printed)

    @property
    def passage(self) -> str:
        """The passage of the evidence."""
        return self.paragraph[self.evidence.start : self.evidence.end]

    @property
    def is_table_cell(self) -> bool:
        """Whether the passage is the number and nothing else."""
        return self.passage == self.printed

    @property
    def at(self) -> tuple[int, str]:
        """The paragraph and the record."""
        return self.evidence.paragraph or 0, self.figure.id

    def mismatch(self, what: str, expected: object, found: object) -> None:
        """Note that the passage doesn't print what the figure says."""
        self.text.mismatch(what, expected, found, self.at)

    def records(self, number: Number) -> None:
        """Note that another number in the passage is evidence for the figure too."""
        self.text.recorded[self.at[0]].append((number.start, number.end, self.figure.id))


def exact(value: float) -> Fraction:
    """Return a value as the exact fraction of its decimal form."""
    return Fraction(str(value))


def check_figure(printed: PrintedFigure) -> None:
    """Compare a figure with its printed number, and note what differs."""
    if not read_amounts(printed.printed):
        printed.mismatch("as_printed", "a number and nothing more", repr(printed.printed))
        return
    _check_value(printed)
    _check_qualifier(printed)


def _check_value(printed: PrintedFigure) -> None:
    figure = printed.figure
    expected = [exact(value) for value in (figure.value, figure.value_to) if value is not None]
    amounts, end = _amounts(printed, expected)
    marked = is_per_cent(printed.paragraph, end)
    per_cent = marked or (figure.value_type in PERCENTAGES and printed.is_table_cell)
    found = [_as_value(figure, amount, printed.whole, per_cent=per_cent) for amount in amounts]
    if (
        (rounded := printed.evidence.qualifier_printed)
        and printed.evidence.role is not EvidenceRole.STATES
        and len(found) == len(expected) == 1
        and found[0] is not None
    ):
        if not is_rounded(found[0], expected[0], rounded, figure.qualifier):
            said = f"{float(expected[0]):.15g}, rounded as \u201c{rounded}\u201d"
            printed.mismatch("the value", said, repr(printed.printed))
        return
    if figure.value_type in CHANGES:
        _check_direction(printed)
        found, expected = [None if one is None else abs(one) for one in found], [abs(one) for one in expected]
    if found != expected:
        value = " to ".join(f"{float(one):.15g}" for one in expected)
        suffix = " followed by per cent" if marked else ""
        printed.mismatch("the value", f"{value} ({figure.value_type})", repr(printed.printed) + suffix)
    if figure.value_type is ValueType.RATE:
        _check_rate(printed)


def _amounts(printed: PrintedFigure, expected: Sequence[Fraction]) -> tuple[tuple[Amount, ...], int]:
    """Return the printed amounts and where they end. If only one number of a range is given, look for the other."""
    amounts = read_amounts(printed.printed)
    if printed.figure.qualifier is Qualifier.BETWEEN and len(amounts) == 1:
        for other in range_partners(printed.paragraph, printed.start, printed.end):
            start, end = min(printed.start, other.start), max(printed.end, other.end)
            pair = read_amounts(printed.paragraph[start:end])
            inside = (printed.evidence.start or 0) <= start and end <= (printed.evidence.end or 0)
            if inside and [amount.value for amount in pair] == expected:
                printed.records(other)
                return pair, end
    return amounts, printed.end


def _as_value(figure: Figure, amount: Amount, whole: Fraction | None, *, per_cent: bool) -> Fraction | None:
    """Return the value of a figure of this type if the source prints this amount; None if the types don't match."""
    is_percentage = figure.value_type in PERCENTAGES
    if amount.type is AmountType.SHARE and is_percentage:
        return round(amount.value * 100, 2)
    if amount.type is AmountType.SHARE:
        return amount.value * whole if figure.value_type is ValueType.COUNT and whole is not None else None
    if amount.type is AmountType.CHANGE:
        return amount.value if figure.value_type is ValueType.CHANGE_PERCENT else None
    is_none = amount.value == 0 and amount.type is AmountType.NUMBER and not per_cent
    is_marked = amount.type is AmountType.PER_CENT or per_cent
    return amount.value if is_none or is_percentage == is_marked else None


WITHIN = Fraction(1, 10)
"""How far a rounded number may be from the value it represents, as a share of that value."""


def is_rounded(printed: Fraction, value: Fraction, rounded: Qualifier, qualifier: Qualifier) -> bool:
    """Return whether a passage may print this number for a value: close to it, and on the side that its words say.

    If the value itself is printed, there's nothing to round.
    """
    if printed == value and rounded is not qualifier:
        return True
    on_its_side = {
        Qualifier.NEARLY: value < printed,
        Qualifier.FEWER_THAN: value < printed,
        Qualifier.AT_MOST: value <= printed,
        Qualifier.MORE_THAN: value > printed,
        Qualifier.AT_LEAST: value >= printed,
    }.get(rounded, printed != value)
    return on_its_side and abs(value - printed) <= abs(value) * WITHIN


def _check_rate(printed: PrintedFigure) -> None:
    per, unit = printed.figure.per, printed.figure.per_unit
    sentence = sentence_around(printed.paragraph, printed.start, printed.end)
    if per == 1 and unit in TIMES:
        if not printed.is_table_cell and not mentions_rate(sentence, unit):
            printed.mismatch("per_unit", unit, f"no words such as \u201ca {unit}\u201d beside the passage")
        return
    denominator = rate_denominator(printed.paragraph, printed.end)
    if denominator is not None:
        printed.records(denominator)
        if rate_base(denominator) != per:
            printed.mismatch("per", per, repr(denominator.text))
    elif not printed.is_table_cell and not mentions_rate(sentence):
        printed.mismatch("per", per, "no word such as per or every")


def _check_direction(printed: PrintedFigure) -> None:
    value = printed.figure.value or 0
    signs = signs_of_change(printed.passage, printed.printed)
    if value and not (value > 0 and printed.is_table_cell) and (-1 if value < 0 else 1) not in signs:
        found = "a fall" if -1 in signs else "a rise" if 1 in signs else "no word of either"
        printed.mismatch("the direction of the change", "a fall" if value < 0 else "a rise", found)


def _check_qualifier(printed: PrintedFigure) -> None:
    qualifier = printed.evidence.qualifier_printed or printed.figure.qualifier
    if qualifier is Qualifier.BETWEEN:
        return  # the two numbers themselves are checked
    if is_between(printed.paragraph, printed.start, printed.end):
        printed.mismatch("the qualifier", qualifier, Qualifier.BETWEEN)
        return
    words, qualifiers = qualifying_words(printed.paragraph, printed.start, printed.end)
    is_preposition = words in PREPOSITIONS and qualifier is Qualifier.EXACT
    filler = filler_words(printed.paragraph, printed.start)
    is_filler = bool(filler) and words in {"", filler} and qualifier in {Qualifier.EXACT, Qualifier.ABOUT}
    hint = ""
    if is_preposition:
        hint = f", and no note on the evidence to say that {words!r} is a preposition here"
    elif is_filler:
        hint = f", and no note on the evidence to say how {filler!r} is meant here"
    if qualifier in qualifiers or (hint and printed.evidence.note):
        return
    found = " or ".join(sorted(qualifiers)) + (f" ({words!r})" if words else "")
    printed.mismatch("the qualifier", qualifier, found + hint)

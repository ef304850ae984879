"""A figure as a card: its number, what it counts, what it is a share of, and its warnings.

Everything on a card is derived from the record's fields.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

from app.analysis.measures import Dated
from app.analysis.scope import Scope, is_wider_in_force, is_wider_in_time
from app.domain.vocabulary import UNIT_NAMES, BaseBasis, Qualifier, Unit, ValueStatus, ValueType
from app.domain.wording import Names, number
from app.releases.rendering import FigureAnswer, IncidentAnswer
from app.web.warnings import FigureWarning, figure_warnings
from app.web.wording import label, mention, percentage, subjects, unit_name


@dataclass(frozen=True)
class Card:
    """A figure with the texts that pages show for it."""

    figure: FigureAnswer
    number: str
    unit: str
    """Empty unless the figure is a known count."""
    label: str
    """The outcome or stage; empty for complaints if the unit already says so."""
    topic: str
    subjects: str
    """Whose conduct it is about, with the breakdown; empty if neither is stated."""
    share: str
    """What it is a share of, or comes from, in words; empty if it has no base."""
    extent: "Extent | None"
    """The part of its base that it takes up; None if that can't be drawn."""
    is_across_units: bool
    """Whether its unit differs from its base's, so its share is only a rough guide."""
    warnings: list[FigureWarning]
    depth: int = 0
    """The number of figures it is nested under."""
    beyond: tuple[str, ...] = ()
    """What it covers beyond what was requested, in words."""

    @property
    def title(self) -> str:
        """The number and what it counts, on one line."""
        counted = " ".join(filter(None, [self.number, self.unit]))
        return f"{counted}: {self.label}" if self.label else counted

    @property
    def is_exact(self) -> bool:
        """Whether it is a known number without a qualifier."""
        return self.figure.value is not None and self.figure.qualifier is Qualifier.EXACT

    @property
    def is_ambiguous(self) -> bool:
        """Whether it's unclear what the figure is a share of."""
        return self.figure.base is not None and self.figure.base.basis is BaseBasis.AMBIGUOUS


@dataclass(frozen=True)
class Extent:
    """The part of its base that a figure takes up, as fractions from 0 to 1; they differ unless it's exact."""

    least: float
    most: float

    @property
    def is_exact(self) -> bool:
        """Whether the part is known exactly."""
        return self.least == self.most


WHOLE = Extent(1, 1)


def card(
    figure: FigureAnswer, base: FigureAnswer | None, names: Names, depth: int = 0, beyond: Sequence[str] = ()
) -> Card:
    """Return the card of a figure, given its base or its first possible base."""
    is_known_count = figure.value_type is ValueType.COUNT and figure.value_status is ValueStatus.STATED
    return Card(
        figure=figure,
        number=number(figure),
        unit=unit_name(figure) if is_known_count else "",
        label=label(figure, names),
        topic=names["allegation"][figure.allegation],
        subjects=subjects(figure, names),
        share=_share(figure, base, names),
        extent=extent(figure, base),
        is_across_units=is_across_units(figure, base),
        warnings=list(dict.fromkeys(figure_warnings(figure, base))),
        depth=depth,
        beyond=tuple(beyond),
    )


def beyond(record: FigureAnswer | IncidentAnswer, facts: Dated, scope: Scope) -> Iterator[str]:
    """Yield what a record covers, or may cover, beyond what was requested, in words."""
    if is_wider_in_time(facts, scope):
        yield f"covers {record.period.label}, more than you asked for"
    if scope.period is not None and facts.period.start is None:
        yield "has no dates, so it may be from outside the period you asked for"
    if is_wider_in_force(facts, scope):
        yield f"is about all of {record.force.name}, more than you asked for"


def _share(figure: FigureAnswer, base: FigureAnswer | None, names: Names) -> str:
    if figure.base is None or base is None:
        return ""
    denominator = mention(base, names)
    if figure.base.basis is BaseBasis.AMBIGUOUS:
        return f"possibly of {denominator}"
    if not figure.base.part:
        return f"from {denominator}, but not a share of that number"
    if figure.value is not None and is_across_units(figure, base):
        return f"of {denominator}{_if_the_units_were_one(figure, base)}"
    return f"{_amount(figure, base)}of {denominator}"


def _if_the_units_were_one(figure: FigureAnswer, base: FigureAnswer) -> str:
    """Return a share across units, and when it would be right: "95% only if each case is one person"."""
    if figure.share is None or figure.value is None or not base.value:
        return ""
    if Unit.NOT_STATED in {figure.unit, base.unit}:
        condition = "if both count the same thing"
    else:
        condition = f"if each {UNIT_NAMES[figure.unit][0]} is one {UNIT_NAMES[base.unit][0]}"
    return f"; {percentage(figure.value, base.value)} only {condition}"


def _amount(figure: FigureAnswer, base: FigureAnswer) -> str:
    """Return how much of its base a figure is, if known, with a trailing space."""
    if figure.value is None:
        return "an unknown share "
    if figure.share is None or not base.value:
        return ""
    return f"{percentage(figure.value, base.value)} "


def is_across_units(figure: FigureAnswer, base: FigureAnswer | None) -> bool:
    """Whether a figure and its base are counts of different units, such as cases of people."""
    return (
        base is not None
        and figure.unit is not base.unit
        and figure.value_type is base.value_type is ValueType.COUNT
    )


def extent(figure: FigureAnswer, base: FigureAnswer | None) -> Extent | None:
    """Return the part of its base that a figure takes up, or None if that can't be drawn.

    An unknown number may be anything from none to all of it. There is nothing to draw if the figure isn't part of
    its base, if the base is ambiguous, or if the figure is larger than its base can be.
    """
    if figure.base is None or base is None or not figure.base.part or figure.base.id != base.id:
        return None
    if figure.value is None:
        return Extent(0, 1)
    low, high = _range(figure, figure.value)
    if figure.value_type is ValueType.PERCENT:
        smallest, largest = 100.0, 100.0
    elif figure.value_type is ValueType.COUNT and base.value_type is ValueType.COUNT and base.value:
        smallest, largest = _range(base, base.value)
    else:
        return None
    if low > largest:
        return None
    # If the base may be as small as the figure, the figure may be all of it.
    return Extent(low / largest, high / smallest if high < smallest else 1)


def _range(figure: FigureAnswer, value: float) -> tuple[float, float]:
    """Return the smallest and largest number that a figure may mean; treat "about" and "nearly" as exact."""
    match figure.qualifier:
        case Qualifier.MORE_THAN | Qualifier.AT_LEAST:
            return value, inf
        case Qualifier.FEWER_THAN | Qualifier.AT_MOST:
            return 0, value
        case _:
            return value, value if figure.value_to is None else figure.value_to

"""Figures as people read them: the number, what it counts, what it is a share of, and what to mind. Pure.

Nothing here is known of a figure but what its record says: each sentence follows from a field.
"""

from dataclasses import dataclass
from math import inf

from app.domain.vocabulary import BaseBasis, Qualifier, ValueStatus, ValueType
from app.releases.rendering import FigureAnswer
from app.web.cautions import Caution, cautions
from app.web.wording import Names, label, named, noun, number, percentage, who

FINEST = 0.0001
"""The least share that four decimals tell from none."""


@dataclass(frozen=True)
class Card:
    """A figure as it is shown."""

    figure: FigureAnswer
    number: str
    noun: str
    label: str
    """What the number is of: the outcome, the stage, or nothing more for complaints."""
    topic: str
    who: str
    """Whose conduct, and which part of them; empty where neither is stated."""
    of_what: str
    """Of what it is a share, or what it springs from, in words; empty for a whole."""
    extent: "Extent | None"
    """What it takes of its base, where that can be drawn."""
    cautions: list[Caution]
    depth: int = 0
    """How far below the first figure of its family."""

    @property
    def title(self) -> str:
        """Return the number and what it is of, on one line."""
        counted = " ".join(filter(None, [self.number, self.noun]))
        return f"{counted}: {self.label}" if self.label else counted

    @property
    def is_open(self) -> bool:
        """Whether it is open what it belongs to."""
        return self.figure.base is not None and self.figure.base.basis is BaseBasis.AMBIGUOUS


@dataclass(frozen=True)
class Extent:
    """The part of a base that a figure takes, between two bounds of 0 to 1; they differ where it is not exact."""

    least: float
    most: float

    @property
    def is_exact(self) -> bool:
        """Whether both bounds are the same."""
        return self.least == self.most


WHOLE = Extent(1, 1)


def card(figure: FigureAnswer, base: FigureAnswer | None, names: Names, depth: int = 0) -> Card:
    """Return a figure as it is shown, given the one it is, or may be, a share of."""
    counts_units = figure.value_type is ValueType.COUNT and figure.value_status is ValueStatus.STATED
    return Card(
        figure=figure,
        number=number(figure),
        noun=noun(figure) if counts_units else "",
        label=label(figure, names),
        topic=names["allegation"][figure.allegation],
        who=who(figure, names),
        of_what=_of_what(figure, base, names),
        extent=extent(figure, base),
        cautions=list(cautions(figure, base)),
        depth=depth,
    )


def _of_what(figure: FigureAnswer, base: FigureAnswer | None, names: Names) -> str:
    if figure.base is None or base is None:
        return ""
    whole = named(base, names)
    if figure.base.basis is BaseBasis.AMBIGUOUS:
        return f"perhaps of {whole}"
    if not figure.base.part:
        return f"out of {whole}, and not a share of them"
    if figure.share is not None:
        return f"{_share(figure.share, figure, base)} of {whole}"
    if figure.value is None:
        return f"an unknown part of {whole}"
    return f"of {whole}"


def _share(share: float, figure: FigureAnswer, base: FigureAnswer) -> str:
    """Return a share in words that tell one next to none, or next to all, from none and all."""
    if share == 0 and figure.value:
        return f"less than {percentage(FINEST)}"
    if share == 1 and figure.value != base.value:
        return f"more than {percentage(1 - FINEST)}"
    return percentage(share)


def extent(figure: FigureAnswer, base: FigureAnswer | None) -> Extent | None:
    """Return what a figure takes of its base, or None where that cannot be drawn.

    An unknown number may be anything from none to all. A figure that only springs from its base, whose base is
    open, or that is larger than its base can be, takes no part of it that could be drawn.
    """
    if figure.base is None or base is None or not figure.base.part or figure.base.id != base.id:
        return None
    if figure.value is None:
        return Extent(0, 1)
    low, high = _bounds(figure, figure.value)
    if figure.value_type is ValueType.PERCENT:
        smallest, largest = 100.0, 100.0
    elif figure.value_type is ValueType.COUNT and base.value_type is ValueType.COUNT and base.value:
        smallest, largest = _bounds(base, base.value)
    else:
        return None
    if low > largest:
        return None
    # Of a whole that may be as small as its part, the part may be all.
    return Extent(low / largest, high / smallest if high < smallest else 1)


def _bounds(figure: FigureAnswer, value: float) -> tuple[float, float]:
    """Return the least and the most that a figure's number may be; what is about or nearly a number is that one."""
    match figure.qualifier:
        case Qualifier.MORE_THAN | Qualifier.AT_LEAST:
            return value, inf
        case Qualifier.FEWER_THAN | Qualifier.AT_MOST:
            return 0, value
        case _:
            return value, value if figure.value_to is None else figure.value_to

"""Line chart layout: a series over time, with its gaps and breaks. Templates draw them.

Horizontal lengths are percentages of the chart's width, so charts fit any screen; heights are in pixels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, log10

from app.analysis.series import Break, Line
from app.domain.wording import amount
from app.web.cards import Card
from app.web.charts import MIN_WIDTH, Tick, year_position, year_ticks

TOP, HEIGHT = 34, 200
"""Where the scale ends, and where it starts: at zero, unless a number is negative."""

LABEL_ROOM = 13.0
"""Percentage of the width that a number's label needs on a phone."""

NEAR_EDGE = 6.0
STEPS = (1, 2, 2.5, 5, 10)
"""Possible tops of a scale, times a power of ten."""


@dataclass(frozen=True)
class Point:
    """A number on a line."""

    x: float
    y: float
    start: float
    width: float
    """The length of its period, from `start`."""
    label: str
    """The number; empty if there's no room for it."""
    anchor: str


@dataclass(frozen=True)
class Gap:
    """A period whose number isn't known."""

    start: float
    width: float


@dataclass(frozen=True)
class Segment:
    """The line between two comparable neighbours."""

    a: Point
    b: Point
    is_sparse: bool
    """Whether nothing is recorded for some time between the two."""


@dataclass(frozen=True)
class Mark:
    """A break in a line, with its reasons."""

    x: float
    number: int
    """Breaks with the same reasons have the same number."""
    between: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class GridLine:
    """A value on the scale."""

    y: float
    text: str


@dataclass(frozen=True)
class LineChart:
    """Figures that count the same thing, over time."""

    label: str
    cards: Sequence[Card]
    points: Sequence[Point]
    gaps: Sequence[Gap]
    segments: Sequence[Segment]
    marks: Sequence[Mark]
    grid: Sequence[GridLine]
    ticks: Sequence[Tick]
    warnings: Sequence[tuple[str, Sequence[str]]]
    """Cautions, each with the periods it applies to; an empty list means all."""

    @property
    def reasons(self) -> list[tuple[str, Sequence[str]]]:
        """Why the line is broken, in order of the marks' numbers: between which periods, and the reasons."""
        between: dict[int, list[str]] = {}
        for mark in self.marks:
            between.setdefault(mark.number, []).append(mark.between)
        reasons = {mark.number: mark.reasons for mark in self.marks}
        return [("; between ".join(periods), reasons[number]) for number, periods in between.items()]

    @property
    def notes(self) -> list[str]:
        """Explanations of anything hatched or dotted."""
        gaps = ["Hatched, with a question mark: the number isn't known. It isn't zero."] if self.gaps else []
        is_sparse = any(one.is_sparse for one in self.segments)
        return gaps + (["Dotted: nothing is recorded for the time in between."] if is_sparse else [])

    @property
    def reading(self) -> list[str]:
        """How to read the chart, with the reasons for its breaks."""
        reasons = enumerate(self.reasons, 1)
        broken = [f"{number}. Not joined between {between}: {' '.join(why)}" for number, (between, why) in reasons]
        return [*self.notes, *broken]

    @property
    def description(self) -> str:
        """The chart in words."""
        said = [f"{card.figure.period.label}: {card.number}" for card in self.cards]
        broken = [f"not joined between {mark.between}" for mark in self.marks]
        return f"{self.label}. {'; '.join([*said, *broken])}."


def line_chart(line: Line, cards: Mapping[str, Card]) -> LineChart:
    """Lay out a line, given its figures' cards by id. The scale always includes zero."""
    shown = [cards[figure.id] for figure in line.figures]
    first, last = min(_days(card)[0] for card in shown).year, max(_days(card)[1] for card in shown).year
    values = [card.figure.value for card in shown if card.figure.value is not None]
    low, high = _scale(values)
    spans = {card.figure.id: _span(card, first, last) for card in shown}
    points: dict[str, Point] = {}
    gaps: list[Gap] = []
    labelled = _labelled(shown, spans)
    for card in shown:
        start, width = spans[card.figure.id]
        if card.figure.value is None:
            gaps.append(Gap(start, width))
            continue
        x = round(start + width / 2, 3)
        anchor = "start" if x < NEAR_EDGE else "end" if x > 100 - NEAR_EDGE else "middle"
        label = card.number if card.figure.id in labelled else ""
        y = round(HEIGHT - (card.figure.value - low) / (high - low) * (HEIGHT - TOP), 1)
        points[card.figure.id] = Point(x, y, start, width, label, anchor)
    broken = {one.after for one in line.breaks}
    return LineChart(
        label=line.label,
        cards=shown,
        points=list(points.values()),
        gaps=gaps,
        segments=[
            Segment(points[a.id], points[b.id], _is_apart(cards[a.id], cards[b.id]))
            for a, b in pairwise(line.figures)
            if a.id in points and b.id in points and a.id not in broken
        ],
        marks=_marks(line.breaks, cards, spans),
        grid=[
            GridLine(round(HEIGHT - part * (HEIGHT - TOP), 1), amount(low + (high - low) * part))
            for part in (0.0, 0.5, 1.0)
        ],
        ticks=year_ticks(first, last),
        warnings=_warnings(shown),
    )


def _days(card: Card) -> tuple[date, date]:
    """Return the first and last day of a dated figure.

    Raises:
        ValueError: it has no dates, so it can't be placed on a line.

    """
    period = card.figure.period
    if period.start is None or period.end is None:
        raise ValueError(f"{card.figure.id} has no dates")
    return period.start, period.end


def _span(card: Card, first: int, last: int) -> tuple[float, float]:
    """Return where a figure's period starts, and how wide it is."""
    start, end = _days(card)
    x = year_position(start.toordinal(), first, last)
    return x, round(max(year_position(end.toordinal() + 1, first, last) - x, MIN_WIDTH), 3)


def _is_apart(a: Card, b: Card) -> bool:
    return _days(b)[0] - _days(a)[1] > timedelta(days=1)


def _scale(values: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest values of the scale: round numbers, with zero between them or one of them."""
    highest, lowest = max([0, *values]), min([0, *values])
    top = _round_up(highest) if highest else 0
    bottom = -_round_up(-lowest) if lowest else 0
    return (bottom, top) if top > bottom else (0, 1)


def _round_up(value: float) -> float:
    power = 10.0 ** (ceil(log10(value)) - 1)
    return next(step * power for step in STEPS if step * power >= value)


def _labelled(cards: Sequence[Card], spans: Mapping[str, tuple[float, float]]) -> set[str]:
    """Return the figures to label, as room allows: the last and first, the extremes, then the others."""
    known = [card for card in cards if card.figure.value is not None]
    if not known:
        return set()
    by_value = sorted(known, key=lambda card: card.figure.value or 0)
    found: dict[str, float] = {}
    for card in (known[-1], known[0], by_value[-1], by_value[0], *known):
        start, width = spans[card.figure.id]
        x = start + width / 2
        if all(abs(x - other) >= LABEL_ROOM for other in found.values()):
            found[card.figure.id] = x
    return set(found)


def _marks(
    breaks: Sequence[Break], cards: Mapping[str, Card], spans: Mapping[str, tuple[float, float]]
) -> list[Mark]:
    """Return the breaks to draw; missing numbers are drawn as gaps instead."""
    numbers: dict[tuple[str, ...], int] = {}
    found: list[Mark] = []
    for one in breaks:
        reasons = tuple(dict.fromkeys(reason.message for reason in one.reasons if reason.aspect != "value-status"))
        if reasons:
            x = round((sum(spans[one.after]) + spans[one.before][0]) / 2, 3)
            before, after = (cards[id_].figure.period.label for id_ in (one.after, one.before))
            number = numbers.setdefault(reasons, len(numbers) + 1)
            found.append(Mark(x, number, f"{before} and {after}", reasons))
    return found


def _warnings(cards: Sequence[Card]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for card in cards:
        for sentence in dict.fromkeys(
            [*(f"It {text}." for text in card.beyond), *(w.sentence for w in card.warnings)]
        ):
            found.setdefault(sentence, []).append(card.figure.period.label)
    return [(sentence, [] if len(periods) == len(cards) else periods) for sentence, periods in found.items()]

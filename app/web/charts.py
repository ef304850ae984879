"""Charts of figures, as places on a page: the tree of shares and the strip of periods. Pure.

Lengths along a chart are per cent of its width, so that a chart fits a phone and a desk; heights are pixels.
Templates draw what is worked out here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from typing import Literal

from app.domain.vocabulary import RelationType
from app.web.cards import WHOLE, Card, Extent

LINE = 19
"""Height of a line of text."""

BAR = 16
GAP = 16
LETTERS = {True: 37, False: 42}
"""Letters on a line, strong or not, so that it fits a phone of 360 pixels."""

INDENT = 12
DEEPEST = 5
"""Steps of indentation that are shown; what lies deeper stands at the same one."""

AXIS = 26
LEAST = 0.4
"""The least width of a bar in time: a day of a century has to be seen too."""

MOST_TICKS = 7
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
"""Years between ticks; by the last, all years that there are take no more than may be shown."""

Style = Literal["whole", "part", "open", "unknown", "beside"]


@dataclass(frozen=True)
class Text:
    """A line of a label."""

    y: int
    words: str
    strong: bool


@dataclass(frozen=True)
class Bar:
    """A part of a row's bar, in per cent of the chart's width."""

    x: float
    width: float
    style: Style


@dataclass(frozen=True)
class Row:
    """A figure in a chart: its label, and its bars on their track."""

    page: str
    words: str
    indent: int
    lines: list[Text]
    bar_y: int
    track: float | None
    """Width of what the bar is a part of; None where there is nothing to draw it against."""
    bars: list[Bar]
    marked: bool
    """Whether it is the figure that the chart is about."""


@dataclass(frozen=True)
class TreeChart:
    """A figure among those it is a share of and those that are shares of it."""

    rows: list[Row]
    height: int
    title: str
    description: str
    has_unknown: bool


def tree_chart(cards: Sequence[Card], about: str = "") -> TreeChart:
    """Lay out a family, its whole first and each figure after the one it belongs to, as nested bars.

    Every bar begins at the left: parts of one whole may overlap, so that they are not set side by side.
    """
    y = 0
    titles = {card.figure.id: card.title for card in cards}
    rows: list[Row] = []
    chain: list[Card] = []
    within: list[float | None] = []
    for card in cards:
        depth = card.depth
        above = within[depth - 1] if depth else 100.0
        bars, width = _bars(card, above)
        within[depth:] = [width]
        indent = min(depth, DEEPEST) * INDENT
        of_what = card.of_what if depth else ""
        # A part may be of a part of the time as well.
        period = card.figure.period.label
        other_period = period if depth and period != chain[depth - 1].figure.period.label else ""
        chain[depth:] = [card]
        told = [(card.title, True), *((words, False) for words in (of_what, other_period, _same(card, titles)))]
        lines, y = _lines(y, told, indent)
        rows.append(
            Row(
                page=card.figure.links.html,
                words=_told(card),
                indent=indent,
                lines=lines,
                bar_y=y,
                track=above,
                bars=bars,
                marked=card.figure.id == about,
            )
        )
        y += BAR + GAP
    root = cards[0]
    return TreeChart(
        rows=rows,
        height=y - GAP + 4,
        title=f"{root.title}, {root.figure.force.name}, and its parts",
        description=". ".join(_told(card) for card in cards) + ".",
        has_unknown=any(bar.style in {"unknown", "open"} for row in rows for bar in row.bars),
    )


def _same(card: Card, titles: Mapping[str, str]) -> str:
    """Say which other row tells the same fact, where one does."""
    same = [one.id for one in card.figure.related if one.type is RelationType.SAME_FACT and one.id in titles]
    return f"the same fact as: {titles[same[0]]}" if same else ""


def _told(card: Card) -> str:
    return f"{card.title}, {card.of_what}" if card.depth and card.of_what else card.title


def _bars(card: Card, above: float | None) -> tuple[list[Bar], float | None]:
    """Return the bars of a figure inside the one above it, and the width in which its own parts lie."""
    whole = WHOLE if card.figure.value is not None else Extent(0, 1)
    taken = card.extent if card.depth else whole
    if above is None or taken is None:
        return ([Bar(0, 0, "beside")] if above is not None else []), None
    least, most = taken.least * above, taken.most * above
    if taken.is_exact:
        return [Bar(0, least, "whole" if card.depth == 0 else "part")], least
    known = [Bar(0, least, "part")] if least else []
    unknown: Style = "unknown" if not least else "open"
    return [*known, Bar(least, most - least, unknown)], None


def _lines(y: int, texts: Iterable[tuple[str, bool]], indent: int = 0) -> tuple[list[Text], int]:
    """Break texts into lines below a height; return them and the height at which they end."""
    lines = []
    for text, strong in texts:
        for words in wrap(text, LETTERS[strong] - indent // 7):
            y += LINE
            lines.append(Text(y - 5, words, strong))
    return lines, y + 2


@dataclass(frozen=True)
class Tick:
    """A year on the time axis."""

    x: float
    year: str


@dataclass(frozen=True)
class Span:
    """A figure's period on the time axis."""

    lines: list[Text]
    bar_y: int
    x: float
    width: float
    inferred: bool
    as_at: float | None
    """Where the day on which a stock was counted stands."""


@dataclass(frozen=True)
class Timeline:
    """The periods of figures under one another, and the figures that have none."""

    ticks: list[Tick]
    spans: list[Span]
    undated: list[Text]
    undated_y: int
    height: int
    title: str
    description: str
    has_inferred: bool


def timeline(cards: Sequence[Card]) -> Timeline:
    """Lay out figures by their periods, one row for each, in the order given; undated ones stand apart."""
    dated, undated = _by_date(cards)
    days = [day for card, *span in dated for day in (*span, card.figure.period.as_at) if day is not None]
    first = min((day.year for day in days), default=0)
    last = max((day.year for day in days), default=0)
    y = AXIS if dated else 0
    spans: list[Span] = []
    for card, start, end in dated:
        x, right = _place(start.toordinal(), first, last), _place(end.toordinal() + 1, first, last)
        lines, y = _lines(y + 4, [(_row(card), False)])
        as_at = card.figure.period.as_at
        inferred = card.figure.period.basis == "inferred"
        at = _place(as_at.toordinal(), first, last) if as_at is not None else None
        width = max(right - x, LEAST)
        spans.append(Span(lines, y, min(x, 100 - width), width, inferred, at))
        y += BAR + 6
    undated_y = y + LINE
    apart: list[Text] = []
    if undated:
        y = undated_y + 6
    for card in undated:
        lines, y = _lines(y, [(_row(card), False)])
        apart += lines
    return Timeline(
        ticks=_ticks(first, last) if dated else [],
        spans=spans,
        undated=apart,
        undated_y=undated_y,
        height=y + 6,
        title="Periods of the figures",
        description=". ".join(f"{_row(card)}: {_period(card)}" for card in cards) + ".",
        has_inferred=any(span.inferred for span in spans),
    )


def _row(card: Card) -> str:
    return f"{card.title} \u00b7 {card.figure.force.name}"


def _period(card: Card) -> str:
    period = card.figure.period
    return f"{period.label}, inferred" if period.basis == "inferred" else period.label


def _by_date(cards: Sequence[Card]) -> tuple[list[tuple[Card, date, date]], list[Card]]:
    """Return the figures with a period, each with its first and last day, and those without."""
    dated, undated = [], []
    for card in cards:
        start, end = card.figure.period.start, card.figure.period.end
        if start is None or end is None:
            undated.append(card)
        else:
            dated.append((card, start, end))
    return dated, undated


def _place(day: int, first: int, last: int) -> float:
    """Return where a day, as an ordinal, stands from the start of one year to the end of another, in per cent."""
    begin = date(first, 1, 1).toordinal()
    end = date(last, 12, 31).toordinal() + 1
    return round((day - begin) / (end - begin) * 100, 3)


def _ticks(first: int, last: int) -> list[Tick]:
    years = last - first + 1
    step = next((step for step in STEPS if years / step <= MOST_TICKS), STEPS[-1])
    shown = range(first, last + 1, step)
    return [Tick(_place(date(year, 1, 1).toordinal(), first, last), str(year)) for year in shown]

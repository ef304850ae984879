"""Layout of the charts: the tree of shares and the timeline of periods. Templates draw them.

Horizontal lengths are percentages of the chart's width, so a chart fits any screen; vertical lengths are pixels.
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
LINE_LENGTHS = {True: 37, False: 42}
"""Characters that fit on a line on a phone 360 pixels wide, in bold (True) and in regular type."""

INDENT = 12
MAX_INDENTS = 5
"""Levels that are indented; deeper rows keep the last indent."""

AXIS = 26
MIN_WIDTH = 0.4
"""Narrowest bar in a timeline, so that one day in a century is still visible."""

MAX_TICKS = 7
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
"""Years between ticks; with the last step even the years 1 to 9999 need no more than MAX_TICKS."""

Style = Literal["whole", "part", "open", "unknown", "beside"]
"""How a bar is drawn: `open` may end anywhere in it, `beside` is not a part of the bar above."""


@dataclass(frozen=True)
class Text:
    """A line of text."""

    y: int
    text: str
    is_bold: bool


@dataclass(frozen=True)
class Bar:
    """A bar, or a part of one."""

    x: float
    width: float
    style: Style


@dataclass(frozen=True)
class Row:
    """A figure in a tree: its lines of text, and its bars on a track."""

    page: str
    label: str
    indent: int
    lines: list[Text]
    bar_y: int
    track: float | None
    """Width of the base's bar; None if there is no scale to draw this figure to."""
    bars: list[Bar]
    is_highlighted: bool


@dataclass(frozen=True)
class TreeChart:
    """A figure, the figures it is a share of, and those that are shares of it."""

    rows: list[Row]
    height: int
    title: str
    description: str
    has_unknown: bool


def tree_chart(cards: Sequence[Card], highlighted: str = "") -> TreeChart:
    """Lay out a tree of figures as nested bars, given its cards depth first and the id of the figure to highlight.

    Every bar starts at the left edge: parts of the same figure may overlap, so they can't be placed side by side.
    """
    y = 0
    titles = {card.figure.id: card.title for card in cards}
    rows: list[Row] = []
    ancestors: list[Card] = []
    scales: list[float | None] = []
    for card in cards:
        depth = card.depth
        track = scales[depth - 1] if depth else 100.0
        bars, scale = _bars(card, track)
        scales[depth:] = [scale]
        indent = min(depth, MAX_INDENTS) * INDENT
        share = card.share if depth else ""
        # A part may cover only some of the time as well.
        period = card.figure.period.label
        other_period = period if depth and period != ancestors[depth - 1].figure.period.label else ""
        ancestors[depth:] = [card]
        texts = [(card.title, True), *((text, False) for text in (share, other_period, _same_fact(card, titles)))]
        lines, y = _lines(y, texts, indent)
        rows.append(
            Row(
                page=card.figure.links.html,
                label=_row_label(card),
                indent=indent,
                lines=lines,
                bar_y=y,
                track=track,
                bars=bars,
                is_highlighted=card.figure.id == highlighted,
            )
        )
        y += BAR + GAP
    root = cards[0]
    return TreeChart(
        rows=rows,
        height=y - GAP + 4,
        title=f"{root.title}, {root.figure.force.name}, and the figures based on it",
        description=". ".join(row.label for row in rows) + ".",
        has_unknown=any(bar.style in {"unknown", "open"} for row in rows for bar in row.bars),
    )


def _same_fact(card: Card, titles: Mapping[str, str]) -> str:
    """Name another row that states the same fact; empty if there is none."""
    same = [one.id for one in card.figure.related if one.type is RelationType.SAME_FACT and one.id in titles]
    return f'same fact as "{titles[same[0]]}"' if same else ""


def _row_label(card: Card) -> str:
    return f"{card.title}, {card.share}" if card.depth and card.share else card.title


def _bars(card: Card, track: float | None) -> tuple[list[Bar], float | None]:
    """Return the bars of a figure on its track, and the width that its own parts are drawn to."""
    root_extent = WHOLE if card.figure.value is not None else Extent(0, 1)
    extent = card.extent if card.depth else root_extent
    if track is None or extent is None:
        return ([Bar(0, 0, "beside")] if track is not None else []), None
    least, most = extent.least * track, extent.most * track
    if extent.is_exact:
        return [Bar(0, least, "whole" if card.depth == 0 else "part")], least
    known = [Bar(0, least, "part")] if least else []
    unknown: Style = "unknown" if not least else "open"
    return [*known, Bar(least, most - least, unknown)], None


def _lines(y: int, texts: Iterable[tuple[str, bool]], indent: int = 0) -> tuple[list[Text], int]:
    """Wrap texts (each with whether it is bold) into lines from y down; return them and the y below them."""
    lines = []
    for text, is_bold in texts:
        for line in wrap(text, LINE_LENGTHS[is_bold] - indent // 7):
            y += LINE
            lines.append(Text(y - 5, line, is_bold))
    return lines, y + 2


@dataclass(frozen=True)
class Tick:
    """A year on the time axis."""

    x: float
    year: str


@dataclass(frozen=True)
class Span:
    """The period of a figure on the time axis."""

    lines: list[Text]
    bar_y: int
    x: float
    width: float
    is_inferred: bool
    as_at: float | None
    """Position of the day on which the number was counted, if the source gives one."""


@dataclass(frozen=True)
class Timeline:
    """The periods of figures, one row each, with undated figures listed below."""

    ticks: list[Tick]
    spans: list[Span]
    undated: list[Text]
    undated_y: int
    height: int
    title: str
    description: str
    has_inferred: bool
    has_as_at: bool


def timeline(cards: Sequence[Card]) -> Timeline:
    """Lay out the periods of figures, one row each in the order given; undated figures come last, off the axis."""
    dated, undated = _by_date(cards)
    days = [day for card, *span in dated for day in (*span, card.figure.period.as_at) if day is not None]
    first = min((day.year for day in days), default=0)
    last = max((day.year for day in days), default=0)
    y = AXIS if dated else 0
    spans: list[Span] = []
    for card, start, end in dated:
        x, right = _position(start.toordinal(), first, last), _position(end.toordinal() + 1, first, last)
        lines, y = _lines(y + 4, [(_span_label(card), False)])
        as_at = card.figure.period.as_at
        is_inferred = card.figure.period.basis == "inferred"
        as_at_x = _position(as_at.toordinal(), first, last) if as_at is not None else None
        width = max(right - x, MIN_WIDTH)
        spans.append(Span(lines, y, min(x, 100 - width), width, is_inferred, as_at_x))
        y += BAR + 6
    undated_y = y + LINE
    undated_lines: list[Text] = []
    if undated:
        y = undated_y + 6
    for card in undated:
        lines, y = _lines(y, [(_span_label(card), False)])
        undated_lines += lines
    return Timeline(
        ticks=_ticks(first, last) if dated else [],
        spans=spans,
        undated=undated_lines,
        undated_y=undated_y,
        height=y + 6,
        title="Periods that the figures cover",
        description=". ".join(f"{_span_label(card)}: {_period(card)}" for card in cards) + ".",
        has_inferred=any(span.is_inferred for span in spans),
        has_as_at=any(span.as_at is not None for span in spans),
    )


def _span_label(card: Card) -> str:
    return f"{card.title} \u00b7 {card.figure.force.name}"


def _period(card: Card) -> str:
    period = card.figure.period
    return f"{period.label}, inferred" if period.basis == "inferred" else period.label


def _by_date(cards: Sequence[Card]) -> tuple[list[tuple[Card, date, date]], list[Card]]:
    """Return dated figures, each with the first and last day of its period, and undated ones."""
    dated, undated = [], []
    for card in cards:
        start, end = card.figure.period.start, card.figure.period.end
        if start is None or end is None:
            undated.append(card)
        else:
            dated.append((card, start, end))
    return dated, undated


def _position(day: int, first: int, last: int) -> float:
    """Return where a day, as an ordinal, falls between the start of the first year and the end of the last."""
    begin = date(first, 1, 1).toordinal()
    end = date(last, 12, 31).toordinal() + 1
    return round((day - begin) / (end - begin) * 100, 3)


def _ticks(first: int, last: int) -> list[Tick]:
    years = last - first + 1
    step = next((step for step in STEPS if years / step <= MAX_TICKS), STEPS[-1])
    shown = range(first, last + 1, step)
    return [Tick(_position(date(year, 1, 1).toordinal(), first, last), str(year)) for year in shown]

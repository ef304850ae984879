"""Chart layout: the tree of shares and the timeline of periods. Templates draw them on pages and as files.

Horizontal lengths are percentages of the chart's width, so charts fit any screen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from app.domain.trees import reachable
from app.domain.vocabulary import RelationBasis, RelationType
from app.web.cards import WHOLE, Card, Extent

MAX_INDENTS = 5
"""The deepest indent; rows below it aren't indented further."""

MIN_WIDTH = 0.4
"""The narrowest period in a chart, so that one day in a century is still visible."""

MAX_TICKS = 7
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
"""Years between ticks; with the largest step, even the years 1 to 9999 need no more than MAX_TICKS."""

Style = Literal["whole", "part", "unsure", "open", "unknown", "beside", "stated", "inferred", "as-at"]
"""How something is drawn: an `open` bar may end anywhere, `beside` isn't part of the bar above.

The last three are for timelines.
"""

LEGEND: Mapping[Style, str] = {
    "part": "Solid: a share of its whole. The figure says nothing about the pale rest.",
    "unsure": "Dashed: counted in another unit than its whole, so its length is only a rough guide.",
    "open": "Hatched: unknown. The true number could end anywhere in it.",
    "beside": "Dotted: not a share of the figure above it, or not known to be one.",
    "stated": "Solid: the period that the source states.",
    "inferred": "Dashed: a period that the source doesn't state for this figure, taken from the context.",
    "as-at": "Dot: the day on which the number was counted.",
}
"""What each style means."""


@dataclass(frozen=True)
class Bar:
    """A bar, or a part of one."""

    x: float
    width: float
    style: Style


@dataclass(frozen=True)
class Row:
    """A fact in a tree: its texts, and its bars on a track."""

    card: Card
    also: list[Card]
    """Other figures that state the same fact."""
    level: int
    """Its indent level."""
    texts: list[str]
    """The lines below its title."""
    track: float | None
    """Width of the base's bar; None if there's no scale to draw this figure to."""
    bars: list[Bar]
    is_highlighted: bool

    @property
    def label(self) -> str:
        """All its text on one line."""
        return ", ".join([self.card.title, *self.texts])


@dataclass(frozen=True)
class TreeChart:
    """A figure, the figures it is a share of, and those that are shares of it."""

    rows: list[Row]
    title: str
    subject: str
    """The force, period and topic."""
    scale: str
    """What the full width represents."""
    legend: list[tuple[Style, str]]

    @property
    def description(self) -> str:
        """The chart in words."""
        return ". ".join(row.label for row in self.rows) + "."


def tree_chart(cards: Sequence[Card], highlighted: str = "") -> TreeChart:
    """Lay out a tree of figures as nested bars, given its cards depth first and the id of the figure to highlight.

    Every bar starts at the left edge, because parts of the same figure may overlap and can't be put side by side.
    Figures that state the same fact share a bar.
    """
    facts = _facts(cards)
    joined = _joined(cards, facts)
    titles = {card.figure.id: card.title for card in cards}
    rows: list[Row] = []
    ancestors: list[Card] = []
    scales: list[_Scale | None] = []
    for card in cards:
        depth = card.depth
        above = scales[depth - 1] if depth else _Scale(100, is_sure=True)
        bars, scale = _bars(card, above)
        scales[depth:] = [scale]
        base = ancestors[depth - 1] if depth else None
        ancestors[depth:] = [card]
        if id(card) in joined:
            continue
        also = [one for one in facts[card.figure.id] if id(one) in joined]
        first = facts[card.figure.id][0]
        is_drawn_above = first.figure.id != card.figure.id
        rows.append(
            Row(
                card=card,
                also=also,
                level=min(depth, MAX_INDENTS),
                texts=[
                    *_texts(card, base),
                    *_second_wholes(card, titles),
                    *([f"same fact as \u201c{first.title}\u201d"] if is_drawn_above else []),
                ],
                track=None if above is None or is_drawn_above else above.width,
                bars=[] if is_drawn_above else bars,
                is_highlighted=highlighted in {card.figure.id, *(one.figure.id for one in also)},
            )
        )
    root = cards[0]
    return TreeChart(
        rows=rows,
        title=f"{root.title}, {root.figure.force.name}, and the figures based on it",
        subject=f"{root.figure.force.name}, {_period(root)}: {root.topic.lower()}",
        scale=f"The full width stands for {root.title[:1].lower()}{root.title[1:]}.",
        legend=_legend({bar.style for row in rows for bar in row.bars}),
    )


def _legend(styles: set[Style]) -> list[tuple[Style, str]]:
    if "unknown" in styles:
        styles.add("open")
    return [(style, text) for style, text in LEGEND.items() if style in styles]


def _facts(cards: Sequence[Card]) -> dict[str, list[Card]]:
    """Return, for each figure, all figures that state the same fact, exact ones first and each only once."""
    by_id = {card.figure.id: card for card in cards}
    links: dict[str, set[str]] = {id_: set() for id_ in by_id}
    for card in by_id.values():
        for related in card.figure.related:
            if related.type is RelationType.SAME_FACT and related.id in by_id:
                links[card.figure.id].add(related.id)
                links[related.id].add(card.figure.id)
    same = {id_: {id_, *reachable(links, id_)} for id_ in by_id}
    return {
        id_: sorted((by_id[one] for one in by_id if one in same[id_]), key=lambda card: not card.is_exact)
        for id_ in by_id
    }


def _joined(cards: Sequence[Card], facts: Mapping[str, Sequence[Card]]) -> set[int]:
    """Return the ids of card objects without their own row: the same fact already has one below the same figure.

    A card with figures below it keeps its row, because they need it.
    """
    parents: list[Card] = []
    parent_of: dict[int, Card | None] = {}
    with_parts = set()
    for card in cards:
        parents[card.depth :] = [card]
        above = parents[card.depth - 1] if card.depth else None
        parent_of[id(card)] = above
        with_parts.add(id(above))
    return {
        id(card)
        for card in cards
        if (first := facts[card.figure.id][0]).figure.id != card.figure.id
        and parent_of.get(id(first)) is parent_of[id(card)]
        and id(card) not in with_parts
    }


def _second_wholes(card: Card, titles: Mapping[str, str]) -> list[str]:
    """Name the figures in the tree, other than its base, that a figure is part of."""
    wholes = [one for one in card.figure.related if one.type is RelationType.PART_OF and one.id in titles]
    words = {RelationBasis.SETTLED: "also part of", RelationBasis.POSSIBLE: "may also be part of"}
    return [f"{words[whole.basis]} \u201c{titles[whole.id]}\u201d" for whole in wholes]


def _texts(card: Card, base: Card | None) -> list[str]:
    """Return the lines below a row's title: its share, and whatever differs from its base's row."""
    found = [card.share] if base is not None else []
    if base is not None:
        found += [_period(card)] if card.figure.period.label != base.figure.period.label else []
        found += [card.figure.force.name] if card.figure.force.id != base.figure.force.id else []
        found += [card.topic.lower()] if card.topic != base.topic else []
    return [text for text in (*found, *card.beyond) if text]


@dataclass(frozen=True)
class _Scale:
    """The width of a bar that sets the scale for others."""

    width: float
    is_sure: bool


def _bars(card: Card, above: _Scale | None) -> tuple[list[Bar], _Scale | None]:
    """Return the bars of a figure on its base's bar, and the scale for its own parts."""
    root_extent = WHOLE if card.figure.value is not None else Extent(0, 1)
    extent = card.extent if card.depth else root_extent
    if above is None:
        return [], None
    if extent is None:
        return [Bar(0, 0, "beside")], None
    least, most = extent.least * above.width, extent.most * above.width
    is_sure = above.is_sure and not (card.depth and card.is_across_units)
    solid: Style = "part" if is_sure else "unsure"
    if extent.is_exact:
        return [Bar(0, least, solid if card.depth else "whole")], _Scale(least, is_sure)
    known = [Bar(0, least, solid)] if least else []
    unknown: Style = "unknown" if not least else "open"
    return [*known, *([Bar(least, most - least, unknown)] if most > least else [])], None


def share_bars(card: Card) -> list[Bar]:
    """Return the bars of a single figure on its base's bar."""
    return _bars(replace(card, depth=1), _Scale(100, is_sure=True))[0]


@dataclass(frozen=True)
class Tick:
    """A year on the time axis."""

    x: float
    year: str


@dataclass(frozen=True)
class Span:
    """The period of a fact on the time axis."""

    label: str
    x: float
    width: float
    style: Style
    as_at: float | None
    """Position of the day that the number was counted on, if the source gives one."""


@dataclass(frozen=True)
class Timeline:
    """The periods of figures, one row each, with undated figures listed below."""

    ticks: list[Tick]
    spans: list[Span]
    undated: list[str]
    title: str
    description: str
    legend: list[tuple[Style, str]]


def timeline(cards: Sequence[Card]) -> Timeline:
    """Lay out the periods of facts, one row each in the given order; undated figures go last, off the axis."""
    facts = _facts(cards)
    shown = [card for card in cards if _with_same_period(card, facts)[0] is card]
    dated = [(card, *span) for card in shown if (span := _days(card))]
    days = [day for card, start, end in dated for day in (start, end, card.figure.period.as_at) if day is not None]
    first = min((day.year for day in days), default=0)
    last = max((day.year for day in days), default=0)
    labels = {card.figure.id: _span_label(_with_same_period(card, facts)) for card in shown}
    spans: list[Span] = []
    for card, start, end in dated:
        x, right = year_position(start.toordinal(), first, last), year_position(end.toordinal() + 1, first, last)
        as_at = card.figure.period.as_at
        as_at_x = year_position(as_at.toordinal(), first, last) if as_at is not None else None
        width = max(right - x, MIN_WIDTH)
        style: Style = "inferred" if card.figure.period.basis == "inferred" else "stated"
        spans.append(Span(labels[card.figure.id], min(x, 100 - width), width, style, as_at_x))
    styles = {span.style for span in spans}
    if any(span.as_at is not None for span in spans):
        styles.add("as-at")
    return Timeline(
        ticks=year_ticks(first, last) if dated else [],
        spans=spans,
        undated=[labels[card.figure.id] for card in shown if _days(card) is None],
        title="Periods that the figures cover",
        description=". ".join(f"{labels[card.figure.id]}: {_period(card)}" for card in shown) + ".",
        legend=_legend(styles),
    )


def _with_same_period(card: Card, facts: Mapping[str, Sequence[Card]]) -> list[Card]:
    """Return all cards that state the same fact with the same period, exact ones first."""

    def days(one: Card) -> tuple[date | None, date | None]:
        return one.figure.period.start, one.figure.period.end

    return [one for one in facts[card.figure.id] if days(one) == days(card)]


def _span_label(cards: Sequence[Card]) -> str:
    """Return the text of a timeline row, given the cards of its fact."""
    card, *others = cards
    also = "".join(f", also stated as \u201c{one.title}\u201d" for one in others)
    return " \u00b7 ".join([card.title + also, card.figure.force.name, *card.beyond])


def _period(card: Card) -> str:
    period = card.figure.period
    return f"{period.label} (inferred)" if period.basis == "inferred" else period.label


def _days(card: Card) -> tuple[date, date] | None:
    """Return the first and last day of a period; without an end, use the day that the number was counted on."""
    period = card.figure.period
    if period.start is None:
        return None
    return period.start, period.end or max(period.start, period.as_at or period.start)


def year_position(day: int, first: int, last: int) -> float:
    """Return the position of a day (an ordinal) between the start of the first year and the end of the last."""
    begin = date(first, 1, 1).toordinal()
    end = date(last, 12, 31).toordinal() + 1
    return round((day - begin) / (end - begin) * 100, 3)


def year_ticks(first: int, last: int) -> list[Tick]:
    """Return evenly spaced ticks from one year to another."""
    years = last - first + 1
    step = next((step for step in STEPS if years / step <= MAX_TICKS), STEPS[-1])
    shown = range(first, last + 1, step)
    return [Tick(year_position(date(year, 1, 1).toordinal(), first, last), str(year)) for year in shown]

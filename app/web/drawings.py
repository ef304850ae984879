"""Charts as files: pictures that can be read on their own.

A chart that is taken out of its page still says what it shows, how to read it, who counted, what to beware of, and
which release it is from. Lengths are pixels, but for those along a bar, which are percentages.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

from app.web.cards import Card
from app.web.charts import Bar, Span, Style, Tick, Timeline, TreeChart

WIDTH = 720
MARGIN = 16
LINE = 19
"""Height of a line of text."""

INDENT = 14
CHARACTERS = {True: 84, False: 90}
"""Characters that fit on a line, in bold (True) and in regular type."""

CHARACTER = 7
"""Width of a character, on average."""

BAR = 16
AFTER_BAR = 16
AFTER_SPAN = 6
SWATCH = 26
MAX_TITLES = 3
"""Figures that a caution names."""


@dataclass(frozen=True)
class Credit:
    """What a picture says besides its chart."""

    sources: list[str]
    """Who counted, and who reported it."""
    release: str
    address: str
    """Where the chart is from."""


@dataclass(frozen=True)
class Text:
    """A line of text."""

    x: int
    y: int
    text: str
    is_bold: bool


@dataclass(frozen=True)
class Track:
    """A row of a tree: bars on a track."""

    y: int
    width: float
    bars: list[Bar]
    is_highlighted: bool


@dataclass
class Drawing:
    """A picture, written from top to bottom."""

    title: str
    description: str
    width: int = WIDTH
    y: int = MARGIN
    """Where the next thing is drawn."""
    texts: list[Text] = field(default_factory=list)
    swatches: list[tuple[int, Style]] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    axis: int = 0
    """Where the years are."""
    spans: list[tuple[int, Span]] = field(default_factory=list)

    @property
    def height(self) -> int:
        """The height of what has been drawn."""
        return self.y + MARGIN

    def write(self, text: str, *, is_bold: bool = False, x: int = 0) -> None:
        """Write a text, on as many lines as it needs."""
        for line in wrap(text, CHARACTERS[is_bold] - x // CHARACTER):
            self.y += LINE
            self.texts.append(Text(x, self.y - 5, line, is_bold))

    def write_end(self, legend: Sequence[tuple[Style, str]], cautions: Iterable[str], credit: Credit) -> None:
        """Write how to read the chart, what to beware of and who counted."""
        self.y += 4
        for style, text in legend:
            self.swatches.append((self.y + 4, style))
            self.write(text, x=SWATCH)
        for heading, lines in (
            ("Before you quote this", list(cautions)),
            ("Source", [*credit.sources, credit.release]),
        ):
            if lines:
                self.y += 10
                self.write(heading, is_bold=True)
            for line in lines:
                self.write(line)
        # Never broken, so that it can be copied.
        self.y += LINE
        self.texts.append(Text(0, self.y - 5, credit.address, is_bold=False))


def drawn_tree(chart: TreeChart, cards: Sequence[Card], credit: Credit) -> Drawing:
    """Draw a tree of shares."""
    drawing = Drawing(chart.title, chart.description)
    drawing.write(chart.subject, is_bold=True)
    drawing.write(chart.scale)
    drawing.y += 8
    for row in chart.rows:
        x = row.level * INDENT
        drawing.write(row.card.title, is_bold=True, x=x)
        for text in (*row.texts, *(f"also stated as \u201c{one.title}\u201d" for one in row.also)):
            drawing.write(text, x=x)
        drawing.y += 2
        if row.track is not None:
            drawing.tracks.append(Track(drawing.y, row.track, row.bars, row.is_highlighted))
            drawing.y += BAR
        drawing.y += AFTER_BAR
    drawing.write_end(chart.legend, cautions(cards), credit)
    return drawing


def drawn_timeline(chart: Timeline, cards: Sequence[Card], selection: str, credit: Credit) -> Drawing:
    """Draw the periods of figures; `selection` says which figures they are."""
    drawing = Drawing(chart.title, chart.description, ticks=chart.ticks)
    drawing.write(chart.title, is_bold=True)
    drawing.write(selection)
    drawing.axis = drawing.y = drawing.y + 6
    drawing.y += LINE if chart.ticks else 0
    for span in chart.spans:
        drawing.y += 2
        drawing.write(span.label)
        drawing.spans.append((drawing.y, span))
        drawing.y += BAR + AFTER_SPAN
    if chart.undated:
        drawing.write("Undated", is_bold=True)
    for label in chart.undated:
        drawing.write(label)
    drawing.write_end(chart.legend, cautions(cards), credit)
    return drawing


def cautions(cards: Sequence[Card]) -> list[str]:
    """Return the warnings on figures, each with the figures that it concerns unless it concerns all."""
    found: dict[str, list[str]] = {}
    for card in {card.figure.id: card for card in cards}.values():
        for warning in card.warnings:
            found.setdefault(warning.sentence, []).append(card.title)
    number = len({card.figure.id for card in cards})
    return [
        sentence if len(titles) == number else f"{sentence} ({_some(titles)})" for sentence, titles in found.items()
    ]


def _some(titles: Sequence[str]) -> str:
    more = len(titles) - MAX_TITLES
    return "; ".join([*titles[:MAX_TITLES], *([f"{more} more"] if more > 0 else [])])

"""Charts as files: pictures that can be read on their own.

Outside its page, a chart still says what it shows, how to read it, who counted, what to watch out for, and which
release it is from. Lengths are in pixels, except along a bar, where they are percentages.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from textwrap import wrap

from app.web.cards import Card
from app.web.charts import Bar, Span, Style, Tick, Timeline, TreeChart, share_bars
from app.web.line_charts import LineChart

WIDTH = 720
MARGIN = 16
SIZE = 14
"""The font size."""

LINE = 1.36
"""Line height, as a multiple of the font size."""

INDENT = 14
CHARACTER = {True: 0.585, False: 0.545}
"""Average character width, as a multiple of the font size, in bold (True) and regular type."""

BAR = 16
AFTER_BAR = 16
AFTER_SPAN = 6
LINE_CHART = 236
SWATCH = 26
MAX_TITLES = 3
"""The most figures to name for a caution."""

CARD = (800, 420)
"""The size of a link preview: 1200 by 630 pixels as PNG."""

ACCENT, SOFT, WARNING = "#0b5566", "#55616a", "#5c4708"


@dataclass(frozen=True)
class Credit:
    """The credits below a chart."""

    sources: list[str]
    """Who counted, and who reported it."""
    release: str
    address: str
    """The page that the chart is from."""


@dataclass(frozen=True)
class Text:
    """A line of text."""

    x: int
    y: int
    text: str
    is_bold: bool
    size: int = SIZE
    colour: str = "currentColor"


PLAIN = Text(0, 0, "", is_bold=False)
BOLD = Text(0, 0, "", is_bold=True)


@dataclass
class Drawing:
    """A picture, built from top to bottom."""

    title: str
    description: str
    width: int = WIDTH
    y: int = MARGIN
    """The position of the next item."""
    texts: list[Text] = field(default_factory=list)
    swatches: list[tuple[int, Style]] = field(default_factory=list)
    tracks: list[tuple[int, float, list[Bar], bool]] = field(default_factory=list)
    """Bars of a tree: position, width of the track, the bars, and whether they are highlighted."""
    ticks: list[Tick] = field(default_factory=list)
    axis: int = 0
    """The position of the years."""
    spans: list[tuple[int, Span]] = field(default_factory=list)
    plots: list[tuple[int, str, object]] = field(default_factory=list)
    """Charts drawn as on a page: position, template macro and data."""
    fixed_height: int = 0

    @property
    def height(self) -> int:
        """The height of the drawing so far, or its fixed height."""
        return self.fixed_height or self.y + MARGIN

    def write(self, text: str, style: Text = PLAIN, lines: int | None = None) -> None:
        """Write text in a style, on as many lines as it needs, or cut to at most `lines`."""
        characters = int((self.width - 2 * MARGIN - style.x) / style.size / CHARACTER[style.is_bold])
        for line in wrap(text, characters, max_lines=lines, placeholder=" \u2026"):
            self.y += round(style.size * LINE)
            self.texts.append(replace(style, y=self.y - round(style.size / 3), text=line))

    def draw(self, macro: str, plot: object, height: int) -> None:
        """Draw a chart of the given height."""
        self.plots.append((self.y, macro, plot))
        self.y += height

    def write_end(self, legend: Sequence[tuple[Style, str]], cautions: Iterable[str], credit: Credit) -> None:
        """Write the legend, the cautions and the credits."""
        self.y += 4
        for style, text in legend:
            self.swatches.append((self.y + 4, style))
            self.write(text, replace(PLAIN, x=SWATCH))
        for heading, lines in (
            ("Before you quote this", list(cautions)),
            ("Source", [*credit.sources, credit.release]),
        ):
            if lines:
                self.y += 10
                self.write(heading, BOLD)
            for line in lines:
                self.write(line)
        # Not wrapped, so that it can be copied.
        self.y += round(SIZE * LINE)
        self.texts.append(replace(PLAIN, y=self.y - round(SIZE / 3), text=credit.address))


def drawn_tree(chart: TreeChart, cards: Sequence[Card], credit: Credit) -> Drawing:
    """Draw a tree of shares."""
    drawing = Drawing(chart.title, chart.description)
    drawing.write(chart.subject, BOLD)
    drawing.write(chart.scale)
    drawing.y += 8
    for row in chart.rows:
        x = row.level * INDENT
        drawing.write(row.card.title, replace(BOLD, x=x))
        for text in (*row.texts, *(f"also stated as \u201c{one.title}\u201d" for one in row.also)):
            drawing.write(text, replace(PLAIN, x=x))
        drawing.y += 2
        if row.track is not None:
            drawing.tracks.append((drawing.y, row.track, row.bars, row.is_highlighted))
            drawing.y += BAR
        drawing.y += AFTER_BAR
    drawing.write_end(chart.legend, cautions(cards), credit)
    return drawing


def drawn_timeline(chart: Timeline, cards: Sequence[Card], selection: str, credit: Credit) -> Drawing:
    """Draw the periods of figures; `selection` describes which figures they are."""
    drawing = Drawing(chart.title, chart.description, ticks=chart.ticks)
    drawing.write(chart.title, BOLD)
    drawing.write(selection)
    drawing.axis = drawing.y = drawing.y + 6
    drawing.y += 19 if chart.ticks else 0
    for span in chart.spans:
        drawing.y += 2
        drawing.write(span.label)
        drawing.spans.append((drawing.y, span))
        drawing.y += BAR + AFTER_SPAN
    if chart.undated:
        drawing.write("Undated", BOLD)
    for label in chart.undated:
        drawing.write(label)
    drawing.write_end(chart.legend, cautions(cards), credit)
    return drawing


def drawn_lines(charts: Sequence[LineChart], credit: Credit) -> Drawing:
    """Draw figures over time, with the reasons for each chart's breaks."""
    drawing = Drawing("Figures over time", " ".join(chart.description for chart in charts))
    for chart in charts:
        drawing.write(chart.label, BOLD)
        drawing.y += 8
        drawing.draw("lines", chart, LINE_CHART)
        for text in chart.reading:
            drawing.write(text)
        drawing.y += AFTER_BAR
    drawing.write_end((), cautions([card for chart in charts for card in chart.cards]), credit)
    return drawing


def drawn_card(card: Card, credit: str, name: str) -> Drawing:
    """Draw a figure for a link preview: its number, its share, its first warning, who counted."""
    width, height = CARD
    drawing = Drawing(card.title, card.figure.statement, width, fixed_height=height)
    drawing.write(card.number, replace(BOLD, size=58 if card.figure.value is None else 68, colour=ACCENT), 1)
    drawing.write(", ".join(filter(None, [card.unit, card.label])), replace(PLAIN, size=28), 1)
    drawing.write(card.share, replace(PLAIN, size=21, colour=SOFT), 2)
    drawing.y += 6
    if card.extent is not None:
        drawing.tracks.append((drawing.y, 100, share_bars(card), True))
        drawing.y += BAR + 6
    drawing.write(card.figure.statement, replace(PLAIN, size=20), 2)
    for warning in card.warnings[:1]:
        drawing.write(warning.sentence, replace(PLAIN, size=17, colour=WARNING), 2)
    drawing.y = height - MARGIN - 48
    for text in (f"{card.figure.force.name}, {card.figure.period.label}", f"{credit} \u00b7 {name}"):
        drawing.write(text, replace(PLAIN, size=17, colour=SOFT), 1)
    return drawing


def cautions(cards: Sequence[Card]) -> list[str]:
    """Return the warnings on figures, each with the figures it applies to unless it applies to all."""
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

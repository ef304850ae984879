"""Pictures of figures, for the previews that social networks and chat programs show of a link."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from app.web.cards import Card, Extent

SIZE = WIDTH, HEIGHT = 1200, 630
"""The size that previews are shown in."""

MARGIN = 56
PAPER, INK, SOFT, ACCENT = "#fdfdfb", "#1c2326", "#55616a", "#0b5566"
WARNING = "#5c4708"
BAR, TRACK, UNKNOWN = "#2a8a9d", "#dde5e7", "#9a7b2f"
TOP = 40
BAR_HEIGHT = 26
HATCH = 14
"""Pixels between the lines that stand for the unknown."""

MAX_LINES = 2
"""Lines of a statement, and of a warning; the page has all of it."""


@dataclass
class _Sheet:
    """A picture that is written from top to bottom."""

    image: Image.Image
    draw: ImageDraw.ImageDraw
    y: int = TOP

    def write(self, text: str, size: int, colour: str, lines: int = 1) -> None:
        """Write a text on so many lines at most."""
        font = _font(size)
        for line in _wrapped(text, font, lines):
            self.draw.text((MARGIN, self.y), line, fill=colour, font=font)
            self.y += round(size * 1.3)

    def draw_share(self, extent: Extent, *, is_rough: bool) -> None:
        """Draw what a figure takes of its base: the known part solid, what may be part of it hatched."""
        whole = WIDTH - 2 * MARGIN
        top, bottom = self.y, self.y + BAR_HEIGHT
        least, most = (MARGIN + round(part * whole) for part in (extent.least, extent.most))
        self.draw.rectangle((MARGIN, top, MARGIN + whole, bottom), fill=TRACK)
        if least > MARGIN:
            outline = {"outline": BAR, "width": 3} if is_rough else {"fill": BAR}
            self.draw.rectangle((MARGIN, top, least, bottom), **outline)
        for x in range(least, most - BAR_HEIGHT, HATCH):
            self.draw.line((x, bottom, x + BAR_HEIGHT, top), fill=UNKNOWN, width=4)
        self.y += BAR_HEIGHT + 24


def picture(card: Card, credit: str, name: str) -> bytes:
    """Return the picture of a figure as PNG: its number, its share, its first warning, who counted."""
    image = Image.new("RGB", SIZE, PAPER)
    sheet = _Sheet(image, ImageDraw.Draw(image))
    sheet.draw.rectangle((0, 0, 16, HEIGHT), fill=ACCENT)
    sheet.write(card.number, 88 if card.figure.value is None else 112, ACCENT)
    sheet.write(", ".join(filter(None, [card.unit, card.label])), 42, INK)
    if card.share:
        sheet.write(card.share, 32, SOFT)
    if card.extent is not None:
        sheet.draw_share(card.extent, is_rough=card.is_across_units)
    sheet.write(card.figure.statement, 30, INK, MAX_LINES)
    if card.warnings:
        sheet.write(card.warnings[0].sentence, 26, WARNING, MAX_LINES)
    sheet.y = HEIGHT - MARGIN - 68
    sheet.write(f"{card.figure.force.name}, {card.figure.period.label}", 26, SOFT)
    sheet.write(f"{credit} \u00b7 {name}", 26, SOFT)
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font, so that no font has to be installed."""
    return ImageFont.load_default(size)


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, lines: int) -> Iterator[str]:
    """Yield a text line by line; what doesn't fit ends in dots."""
    words = text.split()
    for number in range(1, lines + 1):
        line = ""
        while words and font.getlength(f"{line} {words[0]}".strip()) <= WIDTH - 2 * MARGIN - 16:
            line = f"{line} {words.pop(0)}".strip()
        if number == lines and words:
            line = f"{line or words[0][:40]} \u2026"
        if line:
            yield line
        if not words:
            return

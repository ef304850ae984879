"""The HTML that embeds a page of this server in another page, and the height of its frame."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil

from markupsafe import escape

from app.formats.dcat import pinned
from app.releases.rendering import PUBLIC_ADDRESS

NARROWEST = 320
"""Pixels; a frame whose width isn't known is tall enough for this one."""

BACK = "Source and context at some collection or other, release 10.10.10"
"""The last line of a frame, or a text as long."""

PADDING = 32
CHARACTER = 0.56
"""Width of a character, on average, as a part of its font size; wide enough for the fonts of all systems."""

LINE_HEIGHT = 1.55

FITTING = (
    "<script>addEventListener('message',e=>{if(e.data&&e.data.type==='upheld:height')"
    "document.querySelectorAll('iframe').forEach(f=>{if(f.contentWindow===e.source)f.height=e.data.height})})"
    "</script>"
)
"""Sets a frame's height to what the page in it asks for; without it, the frame scrolls."""


@dataclass(frozen=True)
class Frame:
    """A page for a frame: its address here without the release, its title, and its height at a width."""

    path: str
    title: str
    height: Callable[[int], int]

    def code(self, version: str) -> str:
        """Return the HTML that shows it in another page, whose width isn't known."""
        return embed_code(pinned(self.path, version), self.title, self.height(NARROWEST))


def embed_code(path: str, title: str, height: int, width: str = "100%", *, fits_itself: bool = True) -> str:
    """Return the HTML that shows a page inside another one."""
    frame = (
        f'<iframe src="{escape(PUBLIC_ADDRESS + path)}" title="{escape(title)}" width="{width}" height="{height}" '
        'loading="lazy" style="border:0"></iframe>'
    )
    return f"{frame}\n{FITTING}" if fits_itself else frame


def height_of(texts: Iterable[tuple[str, int]], width: int) -> int:
    """Return the height in pixels that paragraphs need at a width, each given with its font size."""
    room = max(width - PADDING, 100)
    lines = [(ceil(len(text) * size * CHARACTER / room), size) for text, size in texts if text]
    return PADDING + sum(ceil(number * size * LINE_HEIGHT) + size // 2 for number, size in lines)

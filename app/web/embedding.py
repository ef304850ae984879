"""HTML that embeds a page of this server in another page, and the height that the frame needs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil

from markupsafe import escape

from app.formats.dcat import pinned
from app.releases.rendering import PUBLIC_ADDRESS

NARROWEST = 320
"""The narrowest width in pixels; a frame of unknown width is tall enough for this one."""

BACK = "Source and context at some collection or other, release 10.10.10"
"""A text as long as the link at the end of a frame."""

PADDING = 32
CHARACTER = 0.56
"""Average character width, as a fraction of the font size; wide enough for the fonts of all systems."""

LINE_HEIGHT = 1.55

FITTING = (
    "<script>addEventListener('message',e=>{if(e.data&&e.data.type==='upheld:height')"
    "document.querySelectorAll('iframe').forEach(f=>{if(f.contentWindow===e.source)f.height=e.data.height})})"
    "</script>"
)
"""A script that fits frames to the height of their pages. Without it, they scroll and still show the source."""


@dataclass(frozen=True)
class Frame:
    """An embeddable page: its path without the release, its title, and its height at a given width."""

    path: str
    title: str
    height: Callable[[int], int]

    def code(self, version: str) -> str:
        """Return the HTML that embeds it in another page of unknown width."""
        return embed_code(pinned(self.path, version), self.title, self.height(NARROWEST))


def embed_code(path: str, title: str, height: int, width: str = "100%", *, fits_itself: bool = True) -> str:
    """Return the HTML that embeds a page in another one."""
    frame = (
        f'<iframe src="{escape(PUBLIC_ADDRESS + path)}" title="{escape(title)}" width="{width}" height="{height}" '
        'loading="lazy" style="border:0"></iframe>'
    )
    return f"{frame}\n{FITTING}" if fits_itself else frame


def height_of(texts: Iterable[tuple[str, int]], width: int) -> int:
    """Return a height in pixels that fits paragraphs, given with their font sizes, at a given width."""
    room = max(width - PADDING, 100)
    lines = [(ceil(len(text) * size * CHARACTER / room), size) for text, size in texts if text]
    return PADDING + sum(ceil(number * size * LINE_HEIGHT) + size // 2 for number, size in lines)

"""PNG drawn from SVG, for programs that can't use SVG."""

import resvg_py
from anyio import to_process
from ttf_opensans import OPENSANS_REGULAR, OPENSANS_SEMIBOLD

MEDIA_TYPE = "image/png"
ZOOM = 1.5
"""Pixels of a PNG for each of the SVG: sharp on most screens, and drawn in half the time that 2 would take."""

FONTS = [str(font.path) for font in (OPENSANS_REGULAR, OPENSANS_SEMIBOLD)]
"""Fonts of a package, so that a picture is the same on every machine and needs none that is installed."""


async def png_of(svg: str) -> bytes:
    """Draw an SVG in light colours, in a process of its own: the library blocks all threads of its process."""
    return await to_process.run_sync(_draw, svg)


def _draw(svg: str) -> bytes:
    return resvg_py.svg_to_bytes(
        svg_string=svg, zoom=ZOOM, skip_system_fonts=True, font_files=FONTS, sans_serif_family="Open Sans"
    )

"""PNG rendered from SVG, for programs that can't show SVG."""

import resvg_py
from anyio import to_process
from ttf_opensans import OPENSANS_REGULAR, OPENSANS_SEMIBOLD

MEDIA_TYPE = "image/png"
ZOOM = 1.5
"""PNG pixels per SVG pixel: sharp on most screens, and drawn in half the time that 2 would take."""

FONTS = [str(font.path) for font in (OPENSANS_REGULAR, OPENSANS_SEMIBOLD)]
"""Fonts from a package, so pictures look the same on every machine, whatever fonts are installed."""


async def png_of(svg: str) -> bytes:
    """Draw an SVG in light colours, in a separate process because the library blocks all threads."""
    return await to_process.run_sync(_draw, svg)


def _draw(svg: str) -> bytes:
    return resvg_py.svg_to_bytes(
        svg_string=svg, zoom=ZOOM, skip_system_fonts=True, font_files=FONTS, sans_serif_family="Open Sans"
    )

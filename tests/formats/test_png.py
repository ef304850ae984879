import asyncio

import pytest

from app.formats.png import png_of

pytestmark = pytest.mark.anyio

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" font-family="sans-serif">{inside}</svg>'
)


async def test_texts_need_no_installed_font() -> None:
    """Words are drawn, and bold ones differ, with the package's own fonts."""
    text = '<text x="5" y="30" font-weight="{}">Heddlu D\u0175r</text>'
    empty, plain, bold = [
        await png_of(SVG.format(size=100, inside=inside)) for inside in ("", text.format(400), text.format(600))
    ]
    assert len({empty, plain, bold}) == 3


async def test_nobody_waits_for_a_picture() -> None:
    """Other requests are answered while a picture is drawn."""
    await png_of(SVG.format(size=10, inside=""))
    drawing = asyncio.create_task(png_of(SVG.format(size=3_000, inside='<circle r="2000" fill="red"/>')))
    ticks = 0
    while not drawing.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert (await drawing).startswith(b"\x89PNG")
    assert ticks > 10

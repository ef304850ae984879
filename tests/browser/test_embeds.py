"""Frames on other pages: however small the frame, the source stays visible."""

from urllib.parse import quote

import httpx
import pytest

from tests.browser.pages import FIGURE, INCIDENT, OTHER
from tests.browser.windows import OpenWindow

PATHS = {
    "figure": f"/figures/{FIGURE}",
    "undisclosed": "/figures/met-2012-2018-upheld-criminal-investigation",
    "undated": "/figures/ew-past-year-investigated",
    "incident": f"/incidents/{INCIDENT}",
    "comparison": f"/compare?a={FIGURE}&b={OTHER}",
}
NARROW = 320
LOW = 150


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("width", [NARROW, 600])
def test_source_is_never_cut_off(open_window: OpenWindow, address: str, name: str, width: int) -> None:
    """At oEmbed's height nothing scrolls; in a lower frame the source is still visible."""
    found = httpx.get(f"{address}/oembed?maxwidth={width}&url={quote(address + PATHS[name])}").json()
    frame = found["html"].partition('src="')[2].partition('"')[0].replace("&amp;", "&")
    size = {"width": width, "height": found["height"]}
    with open_window(viewport=size, color_scheme="dark") as window:
        page = window.page
        page.goto(frame)
        assert page.evaluate("document.documentElement.scrollHeight") <= found["height"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for height in (found["height"], LOW):
            page.set_viewport_size({"width": width, "height": height})
            box = page.locator(".back a").bounding_box()
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= height

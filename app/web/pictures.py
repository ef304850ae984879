"""Charts as files: SVG, and PNG rendered from it."""

from collections.abc import Iterable

from app.formats import png
from app.http.answer import Content
from app.http.session import Session
from app.releases.rendering import PUBLIC_ADDRESS
from app.seeds.collection import collection
from app.web.drawings import MARGIN, Credit, Drawing
from app.web.templating import render

SVG = "image/svg+xml"
FORMS = ("svg", "png")
"""The file extensions of charts."""

POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""Charts run and load nothing, wherever they are opened."""


async def picture(session: Session, drawing: Drawing) -> Content:
    """Return a drawing in the format that the path ends in."""
    svg = render("drawing.svg", drawing=drawing, margin=MARGIN).strip()
    if not session.path.endswith(".png"):
        return Content(svg.encode(), SVG, POLICY)
    drawn = await png.png_of(svg.replace(PUBLIC_ADDRESS, session.public_address))
    return Content(drawn, png.MEDIA_TYPE)


def credit_of(session: Session, sources: Iterable[str], address: str) -> Credit:
    """Return the credits of a picture, with its release and address."""
    day = f"{session.release.published_at:%-d %B %Y}"
    release = f"{collection().name}, release {session.release.version}, published on {day}."
    return Credit(list(sources), release, f"{PUBLIC_ADDRESS}{address}")

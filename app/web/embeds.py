"""Figures in other people's pages: the page for a frame, oEmbed, and charts as files."""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Request, Response

from app.database.reference import Reference
from app.http.answer import Content, answer, answer_in_release, dumps
from app.http.lookup import find_record
from app.http.problems import not_found
from app.http.session import Session
from app.queries.errors import ParameterError
from app.queries.page import find_page
from app.queries.parameters import FIGURES, BadValueError, Parameter
from app.queries.query import read_few, read_pairs, read_query
from app.releases.rendering import PUBLIC_ADDRESS, FigureAnswer
from app.seeds.collection import collection
from app.web.cards import Card
from app.web.charts import timeline, tree_chart
from app.web.credits import counted_by, sources_of
from app.web.drawings import MARGIN, Credit, Drawing, drawn_timeline, drawn_tree
from app.web.explore import EXPLORE, filters_in_words
from app.web.page import html, rendered
from app.web.reading import read_cards, read_page, read_tree_cards
from app.web.records import EMBED_HEIGHT, PINNED, embed_code
from app.web.templating import render

router = APIRouter(include_in_schema=False)

SVG = "image/svg+xml"
CHART_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""A chart runs and loads nothing, wherever it is opened."""

TIMELINE = replace(EXPLORE, others=("limit", "release"))
EMBED_WIDTH = 600
OEMBED_FORMS = {"json": "application/json", "xml": "text/xml"}
A_DAY = 86_400
PAGE_OF_A_FIGURE = re.compile(r"/figures/([^/?#]+)(?:\?([^#]*))?(?:#.*)?")


def _pixels(value: str, _: Reference) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", value):
        raise BadValueError("malformed", "is not a whole number of pixels", ["0 to 999999"])
    return int(value)


def _form(value: str, _: Reference) -> str:
    if value not in OEMBED_FORMS:
        raise BadValueError("unknown-code", "is not a format of oEmbed", list(OEMBED_FORMS))
    return value


OEMBED = (
    Parameter("url", lambda value, _: value, "Address of a figure's page.", "", required=True),
    Parameter("maxwidth", _pixels, "Maximum width of the frame in pixels.", 600),
    Parameter("maxheight", _pixels, "Maximum height of the frame in pixels.", 400),
    Parameter("format", _form, "Format of the answer.", "json", words=list(OEMBED_FORMS)),
)
"""The arguments of oEmbed (oembed.com, section 2.2)."""


@router.get("/embed/figures/{id}")
async def get_embed(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """One figure, small, for a frame in another page; it credits its source and links back."""
    return await answer(request, embed, id)


@router.get("/oembed")
async def get_oembed(request: Request) -> Response:
    """How to embed the page of a figure (oembed.com), for newsroom systems that are given its address."""
    url = dict(read_pairs(request.scope["query_string"])).get("url", "")
    _, version = _figure_of(url, request.app.state.public_address)
    return await answer_in_release(request, version, oembed)


@router.get("/figures/{id}/tree.svg")
async def get_tree(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """Draw the tree of a figure."""
    return await answer(request, tree_file, id)


@router.get("/timeline.svg")
async def get_timeline(request: Request) -> Response:
    """Draw the periods of figures; the same filters as on the front page."""
    return await answer(request, timeline_file)


async def embed(session: Session, figure_id: str) -> Content:
    """Build the page for a frame."""
    read_few(session.pairs, PINNED, session.reference, session.errors)
    figure = FigureAnswer.model_validate_json(await find_record(session, FIGURES, figure_id))
    (shown,) = await read_cards(session, [figure])
    counted = counted_by(figure, session.reference)
    return html(
        rendered(session, "embed.html", canonical=figure.links.html, card=shown, figure=figure, counted=counted),
        may_be_framed=True,
    )


async def oembed(session: Session) -> Content:
    """Build the oEmbed answer for the page that `url` names.

    The page is matched against the configured public address only. The request's own host is up to the client, and
    answers are shared.

    Raises:
        Problem: 404 if `url` is not the address of a figure's page here.

    """
    # Consumers send arguments of other providers along; the standard has them ignored.
    pairs = [(name, value) for name, value in session.pairs if name in {parameter.name for parameter in OEMBED}]
    missing = (
        []
        if "url" in dict(pairs)
        else [ParameterError("url", "", "empty", "is missing; give the address of a page")]
    )
    arguments = read_few(pairs, OEMBED, session.reference, missing)
    figure_id, _ = _figure_of(arguments["url"], session.public_address)
    if not figure_id or session.errors:
        raise not_found("This is not the address of a figure's page here.", [])
    figure = FigureAnswer.model_validate_json(await find_record(session, FIGURES, figure_id))
    (shown,) = await read_cards(session, [figure])
    width = min(EMBED_WIDTH, arguments.get("maxwidth", EMBED_WIDTH))
    height = min(EMBED_HEIGHT, arguments.get("maxheight", EMBED_HEIGHT))
    title = f"{shown.title}, {figure.force.name}"
    body: dict[str, str | int] = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": collection().name,
        "provider_url": f"{PUBLIC_ADDRESS}/",
        "cache_age": A_DAY,
        "html": embed_code(title, figure.id, session.release.version, str(width), height),
        "width": width,
        "height": height,
    }
    if arguments.get("format") == "xml":
        return Content(_xml(body), f"{OEMBED_FORMS['xml']}; charset=utf-8")
    return Content(dumps(body))


def _figure_of(address: str, public_address: str) -> tuple[str, str]:
    """Return the figure and the release that the address of a page names; empty if it is no page of ours."""
    page = PAGE_OF_A_FIGURE.fullmatch(address.removeprefix(public_address))
    if not address.startswith(f"{public_address}/") or page is None:
        return "", ""
    return page[1], dict(parse_qsl(page[2])).get("release", "")


def _xml(answer: dict[str, str | int]) -> bytes:
    root = ET.Element("oembed")
    for name, value in answer.items():
        ET.SubElement(root, name).text = str(value)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


async def tree_file(session: Session, figure_id: str) -> Content:
    """Draw the tree of a figure."""
    read_few(session.pairs, PINNED, session.reference, session.errors)
    await find_record(session, FIGURES, figure_id)
    cards, _ = await read_tree_cards(session, figure_id)
    credit = _credit(session, cards, f"/figures/{figure_id}?release={session.release.version}")
    return _file(drawn_tree(tree_chart(cards, figure_id), cards, credit))


async def timeline_file(session: Session) -> Content:
    """Draw the periods of the selected figures.

    Raises:
        Problem: 404 if no figure matches.

    """
    query = read_query(session.pairs, TIMELINE, session.reference, session.errors)
    page = await find_page(session.connection, query, TIMELINE, session.reference)
    if not page.documents:
        raise not_found("No figure matches these filters, so there is nothing to draw.", [])
    cards = await read_page(session, page)
    selection = "; ".join(f"{name}: {value}" for name, value in filters_in_words(query, session.reference.names))
    credit = _credit(session, cards, query.address("/", release=session.release.version))
    return _file(drawn_timeline(timeline(cards), cards, selection or "All figures", credit))


def _credit(session: Session, cards: Sequence[Card], address: str) -> Credit:
    """Return who counted figures, and where their chart is from."""
    day = f"{session.release.published_at:%-d %B %Y}"
    release = f"{collection().name}, release {session.release.version}, published on {day}."
    return Credit(sources_of(cards, session.reference), release, f"{PUBLIC_ADDRESS}{address}")


def _file(drawing: Drawing) -> Content:
    return Content(render("drawing.svg", drawing=drawing, margin=MARGIN).strip().encode(), SVG, CHART_POLICY)

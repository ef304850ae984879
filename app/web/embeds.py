"""Embeds of records, comparisons and series: pages for frames, oEmbed, and charts as files."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Request, Response

from app.database.reference import Reference
from app.formats.dcat import pinned
from app.http.answer import Content, answer, dumps
from app.http.lookup import find_record
from app.http.problems import not_found
from app.http.session import Session
from app.queries.errors import BadQueryError, ParameterError
from app.queries.page import find_page
from app.queries.parameters import FIGURES, BadValueError, Parameter
from app.queries.query import Pairs, read_few, read_pairs, read_query
from app.releases.rendering import PUBLIC_ADDRESS
from app.seeds.collection import collection
from app.web.charts import timeline, tree_chart
from app.web.compare import COMPARED, SIDES, compared, comparison_frame
from app.web.credits import counted_by, credit, sources_of
from app.web.drawings import drawn_card, drawn_timeline, drawn_tree
from app.web.embedding import Frame, embed_code
from app.web.explore import EXPLORE, filters_in_words
from app.web.page import address, html, refuse_all_but_release, rendered, shows
from app.web.pictures import credit_of, picture
from app.web.reading import find_card, find_incident, read_page, read_tree_cards
from app.web.records import figure_frame, incident_frame, shown_incident
from app.web.series import DRAWN, NOTHING, charts_of, series_frame

router = APIRouter(include_in_schema=False)

TIMELINE = replace(EXPLORE, others=("limit", "release"))
EMBED_WIDTH = 600
OEMBED_FORMS = {"json": "application/json", "xml": "text/xml"}
A_DAY = 86_400
PAGE_OF_A_RECORD = re.compile(r"/(figures|incidents)/([^/?#]+)")


def _pixels(value: str, _: Reference) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", value):
        raise BadValueError("malformed", "is not a whole number of pixels", ["0 to 999999"])
    return int(value)


def _form(value: str, _: Reference) -> str:
    if value not in OEMBED_FORMS:
        raise BadValueError("unknown-code", "is not a format of oEmbed", list(OEMBED_FORMS))
    return value


OEMBED = (
    Parameter("url", lambda value, _: value, "Address of the page to embed.", "", required="the address of a page"),
    Parameter("maxwidth", _pixels, "Maximum width of the frame in pixels.", 600),
    Parameter("maxheight", _pixels, "Maximum height of the frame in pixels.", 400),
    Parameter("format", _form, "Format of the answer.", "json", words=list(OEMBED_FORMS)),
)
"""The arguments of oEmbed (oembed.com, section 2.2)."""


@router.get("/oembed")
async def get_oembed(request: Request) -> Response:
    """Answer with how to embed a page (oembed.com), for newsroom systems that know its URL."""
    url = dict(read_pairs(request.scope["query_string"])).get("url", "")
    _, pairs = _page_of(url, request.app.state.public_address)
    return await answer(request, oembed, version=dict(pairs).get("release", ""))


@shows(router, "/embed/figures/{id}")
async def embed(session: Session, figure_id: str) -> Content:
    """Show one figure, small, for a frame in another page; it credits its source and links back."""
    refuse_all_but_release(session)
    shown = await find_card(session, figure_id)
    figure = shown.figure
    counted = counted_by(figure, session.reference)
    return framed(session, "embed.html", canonical=figure.links.html, card=shown, figure=figure, counted=counted)


@shows(router, "/embed/incidents/{id}")
async def framed_incident(session: Session, incident_id: str) -> Content:
    """Show one incident, small, for a frame in another page."""
    refuse_all_but_release(session)
    incident = await find_incident(session, incident_id)
    shown = shown_incident(incident, session.reference.names)
    counted = counted_by(incident, session.reference)
    return framed(session, "embed_incident.html", canonical=incident.links.html, counted=counted, **shown)


@shows(router, "/embed/compare")
async def framed_comparison(session: Session) -> Content:
    """Show two figures side by side, small, and whether they can be compared."""
    chosen, documents = await _compared(session, session.pairs, session.errors)
    there = address("/compare", [(side, chosen[side]) for side in SIDES])
    shown = await compared(session, documents)
    return framed(session, "embed_compare.html", canonical=there, **shown)


@shows(router, "/embed/series")
async def framed_series(session: Session) -> Content:
    """Draw the first series of a selection, small, for a frame in another page.

    Raises:
        Problem: 404 if the selection has no figures at different times, or too many.

    """
    query = read_query(session.pairs, DRAWN, session.reference, session.errors)
    charts = await charts_of(session, query)
    if not charts:
        raise not_found(NOTHING, [])
    there = query.address("/series", release=None)
    sources = sources_of(charts[0].cards, session.reference)
    return framed(session, "embed_series.html", canonical=there, chart=charts[0], sources=sources)


def framed(session: Session, template: str, **values: object) -> Content:
    """Return a page that other sites may show in a frame."""
    return html(rendered(session, template, **values), may_be_framed=True)


async def _compared(
    session: Session, pairs: Pairs, errors: Sequence[ParameterError]
) -> tuple[dict[str, Any], list[str]]:
    """Return the parameters and the documents of two figures to compare."""
    chosen = read_few(pairs, COMPARED, session.reference, errors)
    return chosen, [await find_record(session, FIGURES, chosen[side]) for side in SIDES]


async def oembed(session: Session) -> Content:
    """Build the oEmbed answer for the page that `url` names.

    The URL is matched only against the configured public address: clients choose the request's host, and answers
    are cached for everyone.

    Raises:
        Problem: 404 if `url` isn't a page of ours that can be embedded.

    """
    # Consumers also send arguments for other providers; the standard says to ignore them.
    pairs = [(name, value) for name, value in session.pairs if name in {parameter.name for parameter in OEMBED}]
    arguments = read_few(pairs, OEMBED, session.reference)
    path, query = _page_of(arguments["url"], session.public_address)
    if not path:
        raise not_found(f"`url` has to start with {session.public_address}/, by which this server is known.", [])
    frame = None if session.errors else await _frame(session, path, query)
    if frame is None:
        raise not_found("This is not the address of a page here that can be framed.", [])
    width = min(EMBED_WIDTH, arguments.get("maxwidth", EMBED_WIDTH))
    needed = frame.height(width)
    height = min(needed, arguments.get("maxheight", needed))
    address = pinned(frame.path, session.release.version)
    body: dict[str, str | int] = {
        "version": "1.0",
        "type": "rich",
        "title": frame.title,
        "provider_name": collection().name,
        "provider_url": f"{PUBLIC_ADDRESS}/",
        "cache_age": A_DAY,
        "html": embed_code(address, frame.title, height, str(width), fits_itself=False),
        "width": width,
        "height": height,
    }
    if arguments.get("format") == "xml":
        return Content(_xml(body), f"{OEMBED_FORMS['xml']}; charset=utf-8")
    return Content(dumps(body))


def _page_of(url: str, public_address: str) -> tuple[str, Pairs]:
    """Return the path and parameters of a URL of ours; empty for any other URL."""
    if not url.startswith(f"{public_address}/"):
        return "", ()
    path, _, query = url.removeprefix(public_address).partition("#")[0].partition("?")
    return path, parse_qsl(query, keep_blank_values=True)


async def _frame(session: Session, path: str, pairs: Pairs) -> Frame | None:
    """Return the frame for the page at a path; None if it can't be embedded."""
    pairs = [(name, value) for name, value in pairs if name != "release"]
    record = PAGE_OF_A_RECORD.fullmatch(path)
    if record is not None:
        return await _frame_of_record(session, record[1], record[2])
    try:
        if path == "/compare":
            _, documents = await _compared(session, pairs, [])
            shown = await compared(session, documents)
            title = " compared with ".join(side[0].title for side in shown["sides"])
            return comparison_frame(pairs, title, shown)
        if path == "/series":
            query = read_query(pairs, DRAWN, session.reference)
            charts = await charts_of(session, query)
            if charts:
                return series_frame(query, charts[0])
    except BadQueryError:
        return None
    return None


async def _frame_of_record(session: Session, collection: str, record_id: str) -> Frame:
    """Return the frame for a record's page."""
    if collection == "incidents":
        incident = await find_incident(session, record_id)
        return incident_frame(incident, shown_incident(incident, session.reference.names))
    shown = await find_card(session, record_id)
    return figure_frame(shown, counted_by(shown.figure, session.reference))


def _xml(answer: dict[str, str | int]) -> bytes:
    root = ET.Element("oembed")
    for name, value in answer.items():
        ET.SubElement(root, name).text = str(value)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


@shows(router, "/figures/{id}/tree.svg", "/figures/{id}/tree.png")
async def tree_file(session: Session, figure_id: str) -> Content:
    """Draw the tree of a figure."""
    refuse_all_but_release(session)
    await find_record(session, FIGURES, figure_id)
    cards, _ = await read_tree_cards(session, figure_id)
    address = f"/figures/{figure_id}?release={session.release.version}"
    credited = credit_of(session, sources_of(cards, session.reference), address)
    return await picture(session, drawn_tree(tree_chart(cards, figure_id), cards, credited))


@shows(router, "/figures/{id}/card.png")
async def card_file(session: Session, figure_id: str) -> Content:
    """Draw a figure for previews of links to it."""
    refuse_all_but_release(session)
    shown = await find_card(session, figure_id)
    return await picture(session, drawn_card(shown, credit(shown.figure, session.reference), collection().name))


@shows(router, "/timeline.svg", "/timeline.png")
async def timeline_file(session: Session) -> Content:
    """Draw the periods of figures, with the same filters as the front page.

    Raises:
        Problem: 404 if no figure matches.

    """
    query = read_query(session.pairs, TIMELINE, session.reference, session.errors)
    page = await find_page(session.connection, query, session.reference)
    if not page.documents:
        raise not_found("No figure matches these filters, so there is nothing to draw.", [])
    cards = await read_page(session, page)
    selection = "; ".join(f"{name}: {value}" for name, value in filters_in_words(query, session.reference.names))
    address = query.address("/", release=session.release.version)
    credited = credit_of(session, sources_of(cards, session.reference), address)
    return await picture(session, drawn_timeline(timeline(cards), cards, selection or "All figures", credited))

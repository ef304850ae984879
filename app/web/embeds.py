"""Figures in other people's pages: the page for a frame, oEmbed, and charts as files."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Request, Response

from app.database.reference import Reference
from app.formats.citations import NAME
from app.http.answer import Reading, dumps, json_answer, reading
from app.http.problems import ParameterError, not_found
from app.queries.page import find
from app.queries.parameters import FIGURES, Parameter, Refused
from app.queries.query import read_few, read_pairs, read_query
from app.releases.rendering import PUBLIC_ADDRESS, FigureAnswer
from app.routes.records import find_record
from app.web.charts import timeline, tree_chart
from app.web.pages import (
    EMBED_HEIGHT,
    EXPLORE,
    PINNED,
    embed_code,
    page_answer,
    read_cards,
    read_family,
    read_sources,
)
from app.web.templating import render

router = APIRouter(include_in_schema=False)

SVG = "image/svg+xml"
STYLE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""A chart runs and loads nothing, whoever opens it."""

TIMELINE = replace(EXPLORE, others=("limit", "release"))
EMBED_WIDTH = 600
OEMBED_FORMS = {"json": "application/json", "xml": "text/xml"}
A_DAY = 86_400
PAGE_OF_A_FIGURE = re.compile(r"/figures/([^/?#]+)(?:\?([^#]*))?(?:#.*)?")


def _pixels(value: str, _: Reference) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", value):
        raise Refused("malformed", "is not a number of pixels", ["0 to 999999"])
    return int(value)


def _form(value: str, _: Reference) -> str:
    if value not in OEMBED_FORMS:
        raise Refused("unknown-code", "is not a form in which oEmbed is answered", list(OEMBED_FORMS))
    return value


OEMBED = (
    Parameter("url", lambda value, _: value, "Address of the page of a figure.", "", required=True),
    Parameter("maxwidth", _pixels, "Widest that the frame may be.", 600),
    Parameter("maxheight", _pixels, "Highest that the frame may be.", 400),
    Parameter("format", _form, "Form of the answer.", "json", words=list(OEMBED_FORMS)),
)
"""What oEmbed asks with (oembed.com, section 2.2)."""


@router.get("/embed/figures/{id}")
async def embed(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """One figure, small, for a frame in another page; it credits its source and leads back."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, PINNED, found.reference, found.wrong)
        figure = FigureAnswer.model_validate_json(await find_record(found, FIGURES, id))
        (shown,) = await read_cards(found, [figure])
        source = figure.evidence[0].source
        return page_answer(
            request,
            found,
            "embed.html",
            card=shown,
            figure=figure,
            source=(await read_sources(found, {source}))[source],
        )


@router.get("/oembed")
async def oembed(request: Request) -> Response:
    """Answer how to embed the page of a figure (oembed.com), for newsroom systems that are given its address."""
    pairs = read_pairs(request.scope["query_string"])
    named = dict(pairs).get("url", "")
    figure_id, version = _figure_of(named, request)
    async with reading(request, [("release", version)] if version else ()) as found:
        missing = [] if "url" in dict(pairs) else [ParameterError("url", "", "empty", "is missing; name a page")]
        given = read_few(pairs, OEMBED, found.reference, missing)
        if not figure_id or found.wrong:
            raise not_found("This is not the address of a figure's page here.", [])
        figure = FigureAnswer.model_validate_json(await find_record(found, FIGURES, figure_id))
        (shown,) = await read_cards(found, [figure])
        width = min(EMBED_WIDTH, given.get("maxwidth", EMBED_WIDTH))
        height = min(EMBED_HEIGHT, given.get("maxheight", EMBED_HEIGHT))
        title = f"{shown.title}, {figure.force.name}"
        answer: dict[str, str | int] = {
            "version": "1.0",
            "type": "rich",
            "title": title,
            "provider_name": NAME,
            "provider_url": f"{PUBLIC_ADDRESS}/",
            "cache_age": A_DAY,
            "html": embed_code(
                f"{shown.title}, {figure.force.name}", figure.id, found.release.version, str(width), height
            ),
            "width": width,
            "height": height,
        }
        if given.get("format") == "xml":
            return json_answer(request, found, _xml(answer), media_type=f"{OEMBED_FORMS['xml']}; charset=utf-8")
        return json_answer(request, found, dumps(answer))


def _figure_of(address: str, request: Request) -> tuple[str, str]:
    """Return the figure and the release that the address of a page names; empty where it names none of ours."""
    ours = (request.app.state.public_address, str(request.base_url).rstrip("/"))
    base = next((base for base in ours if address.startswith(f"{base}/")), None)
    if base is None:
        return "", ""
    page = PAGE_OF_A_FIGURE.fullmatch(address.removeprefix(base))
    return (page[1], dict(parse_qsl(page[2])).get("release", "")) if page else ("", "")


def _xml(answer: dict[str, str | int]) -> bytes:
    root = ET.Element("oembed")
    for name, value in answer.items():
        ET.SubElement(root, name).text = str(value)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


@router.get("/figures/{id}/tree.svg")
async def tree_file(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """Draw the tree of a figure."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, PINNED, found.reference, found.wrong)
        await find_record(found, FIGURES, id)
        family, _ = await read_family(found, id)
        return _drawing(request, found, render("tree.svg", chart=tree_chart(family, id)))


@router.get("/timeline.svg")
async def timeline_file(request: Request) -> Response:
    """Draw the periods of figures; the same filters as the front page."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        query = read_query(pairs, TIMELINE, found.reference, found.wrong)
        page = await find(found.connection, query, TIMELINE, found.reference, None)
        if not page.documents:
            raise not_found("No figure fits these filters, so there is nothing to draw.", [])
        figures = [FigureAnswer.model_validate_json(document) for document in page.documents]
        return _drawing(request, found, render("timeline.svg", chart=timeline(await read_cards(found, figures))))


def _drawing(request: Request, found: Reading, drawn: str) -> Response:
    return json_answer(request, found, drawn.strip().encode(), STYLE, media_type=SVG)

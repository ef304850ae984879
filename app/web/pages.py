"""Pages for people: the figures to explore, each figure and incident, and two figures side by side.

They show what the API answers, from the same queries; nothing is known here that is not known there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from itertools import pairwise
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import escape
from sqlalchemy import func, select

from app.analysis.compare import compare
from app.analysis.warnings import caveats
from app.database import tables
from app.database.tables import Record
from app.domain.trees import with_ancestors
from app.domain.vocabulary import Kind
from app.formats.citations import CITATION_FORMATS
from app.formats.dcat import Description, linked_data
from app.http.answer import Reading, choose_form, json_answer, reading
from app.http.problems import Problem
from app.queries.conditions import read_documents, read_used
from app.queries.cursor import Cursor, read_cursor
from app.queries.figures import read_knowledge, read_measured, read_tree
from app.queries.page import find
from app.queries.parameters import FIGURES, INCIDENTS, PARAMETERS
from app.queries.query import Pairs, RecordQuery, read_few, read_pairs, read_query
from app.releases.rendering import PUBLIC_ADDRESS, FigureAnswer, IncidentAnswer
from app.routes.dataset import read_days, read_places
from app.routes.records import cited, find_record
from app.web.cards import Card, card
from app.web.charts import TreeChart, timeline, tree_chart
from app.web.families import arranged, lookalikes, whole_of
from app.web.page_answers import wants_page
from app.web.templating import render
from app.web.wording import STANDINGS, Names, amount, outcome_of, plainly

HTML = "text/html"
ON_A_PAGE = 30
"""Figures on a page: what a person looks through."""

INCIDENTS_ON_A_PAGE = 20

EMBED_HEIGHT = 420
"""Pixels; enough for a figure at the width of a phone."""

OFFERED = 100
"""Figures that are offered for comparison; any other can be named by its id."""

EXPLORE = replace(FIGURES, others=("sort", "limit", "cursor", "release"))
"""What the front page can be asked: all filters of figures."""

IN_FORM = ("force", "allegation", "outcome", "period", "include_undated")
"""The filters that the form offers; others are kept as they are."""

CHOICES = ("force", "allegation", "outcome")
"""The filters of the form whose values are chosen from a list."""

NOT_OF_INCIDENTS = tuple(name for name in FIGURES.filters if name not in INCIDENTS.filters)
PINNED = [PARAMETERS["release"]]
"""What the page of one record can be asked: the release to show it from."""

SIDES = ("a", "b")
COMPARED = [PARAMETERS[name] for name in (*SIDES, "release")]


router = APIRouter(include_in_schema=False)


def page_answer(request: Request, found: Reading, template: str, **values: object) -> Response:
    """Answer a page under the release that it shows."""
    shown = render(template, release=found.release, pinned=found.pinned, public=PUBLIC_ADDRESS, **values)
    return json_answer(request, found, shown.encode(), media_type=f"{HTML}; charset=utf-8")


# --- the front page ----------------------------------------------------------------------------------------


@router.get("/")
async def explore(request: Request) -> Response:
    """Figures as cards, with what they are shares of, their periods, and the incidents beside them."""
    pairs = read_pairs(request.scope["query_string"])
    if (clean := _without_blanks("/", pairs, IN_FORM)) is not None:
        return clean
    async with reading(request, pairs, walks=True) as found:
        try:
            query = read_query(pairs, EXPLORE, found.reference, found.wrong)
        except Problem as problem:
            if not wants_page(request):
                raise
            return await _refused(request, found, pairs, problem)
        shown = await _explored(found, query)
        return page_answer(request, found, "explore.html", unpinned=_unpinned("/", pairs), **shown)


def _address(path: str, pairs: Pairs) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _without_blanks(path: str, pairs: Pairs, fields: Sequence[str]) -> Response | None:
    """Lead to the address to share, without the fields of its form that were left blank; None if this is it."""
    filled = [(name, value) for name, value in pairs if value or name not in fields]
    return None if len(filled) == len(pairs) else RedirectResponse(_address(path, filled), HTTPStatus.FOUND)


def _unpinned(path: str, pairs: Pairs) -> str:
    """Return the address of the same in the current release."""
    return _address(path, [(name, value) for name, value in pairs if name not in {"release", "cursor"}])


async def _refused(request: Request, found: Reading, pairs: Pairs, problem: Problem) -> Response:
    """Answer the form as it was filled in, with what is wrong beside it."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    errors: Sequence[Mapping[str, Any]] = problem.extra.get("errors", [])
    corrections = [
        (error, [(near, _corrected(pairs, error, near)) for near in error["nearest"]]) for error in errors
    ]
    shown = render(
        "explore.html",
        release=found.release,
        pinned=found.pinned,
        unpinned=_unpinned("/", pairs),
        public=request.app.state.public_address,
        form=await _form(found, given),
        corrections=corrections,
        wrong={error["parameter"] for error in errors},
        refused=True,
        is_front=False,
    )
    return HTMLResponse(shown, problem.status, {"Vary": "Accept"})


def _corrected(pairs: Pairs, error: Mapping[str, Any], near: str) -> str:
    """Return the address with what may have been meant."""
    if error["code"] == "unknown-parameter":
        changed = [(near if name == error["parameter"] else name, value) for name, value in pairs]
    else:
        wrong = (error["parameter"], error["value"])
        changed = [(name, near if (name, value) == wrong else value) for name, value in pairs]
    return _address("/", changed)


async def _explored(found: Reading, query: RecordQuery) -> dict[str, object]:
    """Return what the front page shows for a query."""
    connection, reference = found.connection, found.reference
    names = reference.names
    limited = query if "limit" in query.given else replace(query, limit=ON_A_PAGE)
    cursor = read_cursor(query.cursor or "")
    page = await find(connection, limited, EXPLORE, reference, cursor.place if cursor else None)
    cards = await read_cards(found, [FigureAnswer.model_validate_json(text) for text in page.documents])
    known = await read_knowledge(connection, reference, [figure.id for figure in page.figures])
    by_id = {shown.figure.id: shown for shown in cards}
    incidents, incidents_total = await _incidents(found, query)
    families = _families(cards)
    is_front = not query.given
    start, end = await read_days(connection, found.release.id) if is_front else (None, None)
    place = page.next_place
    release = found.release
    more = str(Cursor(release.version, release.digest[:16], query.fingerprint, place)) if place else None
    return {
        "form": await _form(found, query.given),
        "chips": _chips(query, names),
        "refused": False,
        "is_front": is_front,
        "texts": await _count_texts(found),
        "cards": cards,
        "families": families,
        "unknown_parts": any(chart.has_unknown for _, chart in families),
        "sources": await read_sources(found, {shown.figure.evidence[0].source for shown in cards}),
        "total": page.total,
        "next": query.address("/", cursor=more) if more else None,
        "warnings": caveats(page, reference),
        "lookalikes": [(by_id[a], by_id[b]) for a, b in lookalikes(page.figures, known)],
        "timeline": timeline(cards) if cards else None,
        "timeline_file": query.address("/timeline.svg", cursor=None, limit=None, sort=None),
        "json": query.address("/v1/figures"),
        "csv": query.address("/v1/figures", format="csv", limit=None, cursor=None),
        "incidents": incidents,
        "incidents_total": incidents_total,
        "incidents_csv": query.address("/v1/incidents", format="csv", limit=None, cursor=None, sort=None),
        "incidents_left_out": [name for name in NOT_OF_INCIDENTS if name in query.given],
        "linked_data": linked_data(
            Description(release, start, end, await read_places(connection, reference), PUBLIC_ADDRESS)
        ).decode()
        if is_front
        else None,
    }


async def read_cards(found: Reading, figures: Sequence[FigureAnswer]) -> list[Card]:
    """Return figures as they are shown, each below the one it belongs to."""
    by_id = {figure.id: figure for figure in figures}
    missing = {whole for figure in figures if (whole := whole_of(figure)) is not None and whole not in by_id}
    wholes = by_id | await _figures(found, missing)
    names = found.reference.names
    return [card(figure, wholes.get(whole_of(figure) or ""), names, depth) for figure, depth in arranged(figures)]


def _families(cards: Sequence[Card]) -> list[tuple[Card, TreeChart]]:
    """Return each whole that stands above its parts, with the chart of them."""
    starts = [place for place, shown in enumerate(cards) if shown.depth == 0]
    families = [cards[start:end] for start, end in pairwise([*starts, len(cards)])]
    drawn = [(family[0], tree_chart(family)) for family in families if len(family) > 1]
    # What began with complaints comes first: that is what most come for.
    return sorted(drawn, key=lambda family: family[0].figure.kind is not Kind.COMPLAINT)


async def _figures(found: Reading, ids: set[str]) -> dict[str, FigureAnswer]:
    documents = await read_documents(found.connection, found.release.id, sorted(ids)) if ids else []
    figures = [FigureAnswer.model_validate_json(document) for document in documents]
    return {figure.id: figure for figure in figures}


async def _incidents(found: Reading, query: RecordQuery) -> tuple[list[dict[str, object]], int]:
    """Return the incidents that fit the same filters, as shown, and how many there are in all."""
    if any(name in query.given for name in NOT_OF_INCIDENTS):
        return [], 0
    asked = replace(query, noun=INCIDENTS.name, limit=INCIDENTS_ON_A_PAGE, cursor=None, sort="-period")
    page = await find(found.connection, asked, INCIDENTS, found.reference, None)
    incidents = [IncidentAnswer.model_validate_json(document) for document in page.documents]
    return [_incident(incident, found.reference.names) for incident in incidents], page.total


def _incident(incident: IncidentAnswer, names: Names) -> dict[str, object]:
    return {
        "record": incident,
        "standing": STANDINGS[incident.standing],
        "outcome": outcome_of(incident, names),
        "topic": names["allegation"][incident.allegation],
    }


async def read_sources(found: Reading, ids: set[str]) -> dict[str, Any]:
    """Return sources by their ids."""
    source = tables.Source
    statement = select(source).where(source.release_id == found.release.id, source.id.in_(sorted(ids)))
    rows = await found.connection.execute(statement)
    return {row.id: row for row in rows}


async def _form(found: Reading, given: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """Return what the form offers and what is chosen in it; a choice without any record says so."""
    names, parents = found.reference.names, found.reference.parents
    used = {name: await read_used(found.connection, found.release.id, name) for name in CHOICES}

    def in_tree(tree: str) -> list[tuple[str, str]]:
        offered = []
        for code, name in names[tree].items():
            depth = len(with_ancestors(parents[tree], code)) - 1
            offered.append((code, "\u2003" * depth + name))
        return offered

    def with_use(name: str, offered: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        with_record = used[name] if name == "force" else found.reference.with_ancestors(name, used[name])
        known = {code for code, _ in offered}
        unknown = [(value, f"{value} (not known)") for value in given.get(name, ()) if value and value not in known]
        return [*unknown, *((c, shown if c in with_record else f"{shown} (no record)") for c, shown in offered)]

    forces = sorted(names["force"].items(), key=lambda force: force[1])
    return {
        "force": with_use("force", forces),
        "allegation": with_use("allegation", in_tree("allegation")),
        "outcome": with_use("outcome", in_tree("outcome")),
        "given": given,
        "kept": [
            (name, value) for name, values in given.items() if name not in (*IN_FORM, "cursor") for value in values
        ],
    }


async def _count_texts(found: Reading) -> int:
    """Return how many texts the curators held and read."""
    source = tables.Source
    held = select(func.count()).where(source.release_id == found.release.id, source.file.is_not(None))
    return (await found.connection.execute(held)).scalar_one()


def _chips(query: RecordQuery, names: Names) -> list[tuple[str, str, str]]:
    """Return each filter in words with the address of the page without it."""
    chips = []
    for name, values in query.given.items():
        if name in EXPLORE.others:
            continue
        for value in values:
            rest = [v for v in values if v != value]
            needed = {other: None for other, one in PARAMETERS.items() if one.needs == name and not rest}
            without = replace(query, given={**query.given, name: rest})
            shown = names.get(name, {}).get(value, value)
            chips.append((name.replace("_", " "), shown, without.address("/", cursor=None, **needed)))
    return chips


# --- one record --------------------------------------------------------------------------------------------


async def _leads_to_json(request: Request, path: str) -> Response | None:
    """Send programs on to the record's own address in the API; a permalink serves them as well as people."""
    if choose_form(request, None, {"html": HTML, "json": "application/json"}) == "html":
        return None
    query = request.url.query
    to = f"{path}?{query}" if query else path
    return RedirectResponse(to, HTTPStatus.TEMPORARY_REDIRECT, {"Vary": "Accept"})


@router.get("/figures/{id}")
async def figure_page(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """One figure: its tree, its evidence, what to mind, its history, how to cite and to embed it."""
    if (elsewhere := await _leads_to_json(request, f"/v1/figures/{id}")) is not None:
        return elsewhere
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, PINNED, found.reference, found.wrong)
        figure = FigureAnswer.model_validate_json(await find_record(found, FIGURES, id))
        family, truncated = await read_family(found, id)
        shown = next(one for one in family if one.figure.id == id)
        candidates = await _figures(found, set(figure.base.candidates if figure.base else []))
        return page_answer(
            request,
            found,
            "figure.html",
            card=shown,
            figure=figure,
            family=family,
            chart=tree_chart(family, id) if len(family) > 1 else None,
            truncated=truncated,
            embed=embed_code(f"{shown.title}, {figure.force.name}", id, found.release.version),
            readings=[card(one, None, found.reference.names) for one in candidates.values()],
            **await _of_record(found, figure),
        )


@router.get("/incidents/{id}")
async def incident_page(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """One incident: what is said to have happened, by whom, and what is said to have come of it."""
    if (elsewhere := await _leads_to_json(request, f"/v1/incidents/{id}")) is not None:
        return elsewhere
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, PINNED, found.reference, found.wrong)
        incident = IncidentAnswer.model_validate_json(await find_record(found, INCIDENTS, id))
        shown = _incident(incident, found.reference.names)
        return page_answer(request, found, "incident.html", **shown, **await _of_record(found, incident))


async def _of_record(found: Reading, record: FigureAnswer | IncidentAnswer) -> dict[str, object]:
    """Return what the pages of all records show: evidence with its sources, history, citations."""
    document = record.model_dump(mode="json")
    citation = await cited(found, document)
    return {
        "sources": await read_sources(found, {evidence.source for evidence in record.evidence}),
        "related": await _related(found, record),
        "history": await _history(found, record.id),
        "permalink": citation.permalink,
        "bibtex": CITATION_FORMATS["bibtex"].write(citation).decode(),
        "csl": orjson.dumps(
            [orjson.loads(CITATION_FORMATS["csl"].write(citation))], option=orjson.OPT_INDENT_2
        ).decode(),
        "linked_data": _linked(record, found),
    }


async def _related(found: Reading, record: FigureAnswer | IncidentAnswer) -> list[tuple[str, str, str, str | None]]:
    """Return how a record stands to others: in words, the other's page, its title, and what it rests on."""
    names = found.reference.names
    ids = sorted({related.id for related in record.related})
    there = {}
    for document in await read_documents(found.connection, found.release.id, ids) if ids else []:
        if orjson.loads(document)["kind"] == Kind.INCIDENT:
            incident = IncidentAnswer.model_validate_json(document)
            there[incident.id] = incident.links.html, incident.statement
        else:
            figure = FigureAnswer.model_validate_json(document)
            there[figure.id] = figure.links.html, card(figure, None, names).title
    return [(one.type.replace("-", " "), *there[one.id], one.note) for one in record.related]


def _linked(record: FigureAnswer | IncidentAnswer, found: Reading) -> str:
    """Describe a record in the terms of schema.org."""
    page = f"{PUBLIC_ADDRESS}{record.links.html}?release={found.release.version}"
    period = record.period
    described: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Observation" if isinstance(record, FigureAnswer) else "Claim",
        "@id": page,
        "url": page,
        "name": record.statement,
        "isPartOf": {"@type": "Dataset", "@id": f"{PUBLIC_ADDRESS}/v1/dataset?release={found.release.version}"},
        "isBasedOn": sorted({f"{PUBLIC_ADDRESS}/v1/sources/{evidence.source}" for evidence in record.evidence}),
    }
    if isinstance(record, FigureAnswer):
        described["observationAbout"] = {"@type": "Organization", "name": record.force.name}
        described["unitText"] = record.unit
        if record.value is not None:
            described["value"] = record.value
        if period.start is not None:
            described["observationPeriod"] = f"{period.start}/{period.end}"
        if record.base is not None and record.base.id is not None:
            described["measurementDenominator"] = {"@id": f"{PUBLIC_ADDRESS}/figures/{record.base.id}"}
    return orjson.dumps(described).decode()


async def _history(found: Reading, record_id: str) -> list[dict[str, Any]]:
    """Return what became of a record from release to release, newest first, up to the one shown."""
    change, release = tables.Change, tables.Release
    statement = (
        select(
            *(release.version, release.published_at, change.type, change.field),
            *(change.old, change.new, change.reason),
        )
        .join(release, release.id == change.release_id)
        .where(change.thing == "record", change.id == record_id)
        .where(release.published_at <= found.release.published_at)
        .order_by(release.published_at.desc(), change.position)
    )
    return [row._asdict() for row in await found.connection.execute(statement)]


async def read_family(found: Reading, figure_id: str) -> tuple[list[Card], bool]:
    """Return a figure among those it belongs to and those that belong to it, root first, each below its own.

    The second value says whether some had to be left out.
    """
    tree = await read_tree(found.connection, found.release.id, figure_id)
    names = found.reference.names
    family: list[Card] = []
    above: FigureAnswer | None = None
    for row in tree.ancestors:
        figure = FigureAnswer.model_validate_json(row.document)
        family.append(card(figure, above, names, len(family)))
        above = figure
    depth = len(family)
    root = FigureAnswer.model_validate_json(tree.nodes[0].document)
    if above is None and (whole := whole_of(root)) is not None:
        # It is open whether it belongs there, so that it stands at the head of its own tree.
        above = (await _figures(found, {whole})).get(whole)
    by_path: dict[tuple[str, ...], FigureAnswer | None] = {(): above}
    for row in sorted(tree.nodes, key=attrgetter("path")):
        figure = FigureAnswer.model_validate_json(row.document)
        by_path[row.path] = figure
        family.append(card(figure, by_path[row.path[:-1]], names, depth + row.depth))
    return family, tree.truncated


def embed_code(title: str, figure_id: str, version: str, width: str = "100%", height: int = EMBED_HEIGHT) -> str:
    """Return the HTML that shows a figure, as it was in a release, inside another page."""
    address = f"{PUBLIC_ADDRESS}/embed/figures/{figure_id}?release={version}"
    return (
        f'<iframe src="{address}" title="{escape(title)}" width="{width}" height="{height}" '
        'loading="lazy" style="border:0"></iframe>'
    )


# --- two figures -------------------------------------------------------------------------------------------


@router.get("/compare")
async def compare_page(request: Request) -> Response:
    """Two figures side by side, whether they may be compared, and every reason against it."""
    pairs = read_pairs(request.scope["query_string"])
    if (clean := _without_blanks("/compare", pairs, SIDES)) is not None:
        return clean
    async with reading(request, pairs) as found:
        given = read_few(pairs, COMPARED, found.reference, found.wrong)
        asked = [given[side] for side in SIDES if side in given]
        figures = [FigureAnswer.model_validate_json(await find_record(found, FIGURES, one)) for one in asked]
        page = {"offered": await _offered(found), "given": given, "unpinned": _unpinned("/compare", pairs)}
        if len(asked) < len(SIDES):
            return page_answer(request, found, "compare.html", comparison=None, **page)
        a, b = asked
        of_both = [Record.release_id == found.release.id, Record.id.in_([a, b])]
        measured = {one.id: one for one in await read_measured(found.connection, of_both, 2)}
        known = await read_knowledge(found.connection, found.reference, [a, b])
        wholes = await _figures(found, {whole for figure in figures if (whole := whole_of(figure)) is not None})
        names = found.reference.names
        comparison = compare(measured[a], measured[b], known)
        return page_answer(
            request,
            found,
            "compare.html",
            **page,
            comparison=comparison,
            difference=None if comparison.difference is None else amount(comparison.difference),
            ratio=None if comparison.ratio is None else amount(comparison.ratio),
            reasons=[(one, plainly(one.a, names), plainly(one.b, names)) for one in comparison.reasons],
            cards=[card(figure, wholes.get(whole_of(figure) or ""), names) for figure in figures],
            json=_address("/v1/compare", pairs),
        )


async def _offered(found: Reading) -> list[tuple[str, str]]:
    """Return figures to choose from, by id, as they are shown."""
    asked = RecordQuery(noun=FIGURES.name, limit=OFFERED)
    page = await find(found.connection, asked, FIGURES, found.reference, None)
    figures = [FigureAnswer.model_validate_json(document) for document in page.documents]
    names = found.reference.names
    return [(f.id, f"{card(f, None, names).title}, {f.force.name}, {f.period.label}") for f in figures]

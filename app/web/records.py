"""Pages for single records: figures and incidents, with evidence, history and citations."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.database.reference import Reference
from app.domain.dataset import Source
from app.domain.records import Evidence
from app.domain.vocabulary import Kind
from app.domain.wording import Names
from app.formats.citations import CITATION_FORMATS, cite
from app.http.answer import Content, answer
from app.http.negotiation import accepted_types, preferred
from app.http.session import Session
from app.queries.records import read_documents, read_history
from app.releases.rendering import PUBLIC_ADDRESS, FigureAnswer, IncidentAnswer
from app.web.cards import Card, card
from app.web.charts import tree_chart
from app.web.credits import at_number, counted_by, publication
from app.web.embedding import BACK, Frame, height_of
from app.web.page import page_of, refuse_all_but_release
from app.web.reading import find_figure, find_incident, read_figures, read_tree_cards
from app.web.wording import STANDINGS, outcome_of

router = APIRouter(include_in_schema=False)

BAR = 28
"""Height of a share's bar, in pixels."""


@router.get("/figures/{id}")
async def get_figure(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """Show one figure: its tree, evidence, warnings and history, and how to cite and embed it."""
    return _to_api(request, f"/v1/figures/{id}") or await answer(request, figure_page, id)


@router.get("/incidents/{id}")
async def get_incident(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """Show one incident: what is said to have happened, who says so, and what is said to have come of it."""
    return _to_api(request, f"/v1/incidents/{id}") or await answer(request, incident_page, id)


def _to_api(request: Request, path: str) -> Response | None:
    """Redirect programs to the record in the API, so that permalinks work for both people and programs."""
    forms = {"html": "text/html", "json": "application/json"}
    if preferred(accepted_types(request.scope), forms) != "json":
        return None
    query = request.url.query
    return RedirectResponse(f"{path}?{query}" if query else path, headers={"Vary": "Accept"})


async def figure_page(session: Session, figure_id: str) -> Content:
    """Build the page of a figure."""
    refuse_all_but_release(session)
    figure = await find_figure(session, figure_id)
    tree, truncated = await read_tree_cards(session, figure_id)
    shown = next(one for one in tree if one.figure.id == figure_id)
    candidates = await read_figures(session, figure.base.candidates if figure.base else [])
    return page_of(
        session,
        "figure.html",
        card=shown,
        figure=figure,
        tree=tree,
        chart=tree_chart(tree, figure_id) if len(tree) > 1 else None,
        truncated=truncated,
        embed=figure_frame(shown, counted_by(figure, session.reference)).code(session.release.version),
        readings=[card(one, None, session.reference.names) for one in candidates.values()],
        **await _of_record(session, figure),
    )


async def incident_page(session: Session, incident_id: str) -> Content:
    """Build the page of an incident."""
    refuse_all_but_release(session)
    incident = await find_incident(session, incident_id)
    shown = shown_incident(incident, session.reference.names)
    return page_of(
        session,
        "incident.html",
        **shown,
        **await _of_record(session, incident),
        embed=incident_frame(incident, shown).code(session.release.version),
    )


def figure_frame(shown: Card, counted: str) -> Frame:
    """Return the frame that shows a figure."""
    figure = shown.figure
    warning = f"{shown.warnings[0].sentence} 9 more warnings" if shown.warnings else ""
    texts = [(shown.number, 34), (f"{shown.unit} {shown.label}", 20), (figure.statement, 16)]
    small = (counted, shown.share, f"{figure.force.name}, {figure.period.label} (inferred)", warning, BACK)
    texts += [(text, 16) for text in small]
    bar = BAR if shown.extent else 0
    title = f"{shown.title}, {figure.force.name}"
    return Frame(f"/embed/figures/{figure.id}", title, lambda width: height_of(texts, width) + bar)


def incident_frame(incident: IncidentAnswer, shown: Mapping[str, Any]) -> Frame:
    """Return the frame that shows an incident."""
    credit = f"{incident.force.name}, {incident.period.label} (inferred)"
    said = (incident.statement, f"{shown['standing_sentence']} {shown['outcome']}", credit, BACK)
    texts = [(f"{shown['topic']}: {shown['standing']}", 20), *((text, 16) for text in said)]
    title = f"{shown['topic']}, {incident.force.name}"
    return Frame(f"/embed/incidents/{incident.id}", title, lambda width: height_of(texts, width))


def shown_incident(incident: IncidentAnswer, names: Names) -> dict[str, Any]:
    """Return the template values of an incident."""
    return {
        "record": incident,
        "standing": STANDINGS[incident.standing][0],
        "standing_sentence": STANDINGS[incident.standing][1],
        "outcome": outcome_of(incident, names),
        "topic": names["allegation"][incident.allegation],
    }


async def _of_record(session: Session, record: FigureAnswer | IncidentAnswer) -> dict[str, object]:
    """Return the template values that all records share: evidence with its sources, history, citations."""
    citation = cite(record.model_dump(mode="json"), session.reference)
    csl = orjson.loads(CITATION_FORMATS["csl"].write(citation))
    return {
        "evidence": [(one, *_shown(one, session.reference)) for one in record.evidence],
        "counted": counted_by(record, session.reference),
        "related": await _related(session, record),
        "history": await read_history(session.connection, session.release, record.id),
        "permalink": citation.permalink,
        "bibtex": CITATION_FORMATS["bibtex"].write(citation).decode(),
        "csl": orjson.dumps([csl], option=orjson.OPT_INDENT_2).decode(),
        "linked_data": _linked(record, session),
    }


def _shown(evidence: Evidence, reference: Reference) -> tuple[Source, str, str | None]:
    """Return the source of evidence, who published it and when, and a link to the number in it."""
    source = reference.sources[evidence.source]
    return source, publication(source), at_number(source, evidence.as_printed)


async def _related(
    session: Session, record: FigureAnswer | IncidentAnswer
) -> list[tuple[str, str, str, str | None]]:
    """Return a record's relations: each in words, the other record's page and title, and the curators' note."""
    there = {}
    ids = sorted({related.id for related in record.related})
    for document in await read_documents(session.connection, session.release, ids):
        if orjson.loads(document)["kind"] == Kind.INCIDENT:
            incident = IncidentAnswer.model_validate_json(document)
            there[incident.id] = incident.links.html, incident.statement
        else:
            figure = FigureAnswer.model_validate_json(document)
            there[figure.id] = figure.links.html, card(figure, None, session.reference.names).title
    return [(one.type.replace("-", " "), *there[one.id], one.note) for one in record.related]


def _linked(record: FigureAnswer | IncidentAnswer, session: Session) -> str:
    """Describe a record in schema.org terms."""
    page = f"{PUBLIC_ADDRESS}{record.links.html}?release={session.release.version}"
    described: dict[str, object] = {
        "@context": "https://schema.org",
        "@id": page,
        "url": page,
        "name": record.statement,
    }
    dataset = {"@type": "Dataset", "@id": f"{PUBLIC_ADDRESS}/v1/dataset?release={session.release.version}"}
    sources = sorted({f"{PUBLIC_ADDRESS}/v1/sources/{evidence.source}" for evidence in record.evidence})
    if isinstance(record, IncidentAnswer):
        return orjson.dumps(described | {"@type": "Claim", "isPartOf": dataset, "isBasedOn": sources}).decode()
    described |= {
        "@type": "Observation",
        # An observation isn't a creative work, so `isPartOf` and `isBasedOn` don't apply.
        "subjectOf": [dataset, *({"@type": "CreativeWork", "@id": source} for source in sources)],
        "observationAbout": {"@type": "Organization", "name": record.force.name},
        "unitText": record.unit,
    }
    if record.value is not None:
        described["value"] = record.value
    first, last = record.period.start, record.period.end
    if first is not None:
        described["observationDate"] = first
    if first is not None and last is not None:
        described["observationPeriod"] = f"P{(last - first).days + 1}D"
    if record.base is not None and record.base.id is not None:
        described["measurementDenominator"] = {"@id": f"{PUBLIC_ADDRESS}/figures/{record.base.id}"}
    return orjson.dumps(described).decode()

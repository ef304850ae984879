"""The pages for sources: a list, and for each one what it states, who counted, and how it is held."""

from collections.abc import Mapping

from fastapi import APIRouter

from app.domain.vocabulary import SourceKind
from app.http.answer import Content
from app.http.session import Session
from app.queries.dataset import count_by_source
from app.releases.origins import date_of, origin_chain
from app.web.credits import publication
from app.web.finding import matching, missing, wanted_of
from app.web.page import page_of, refuse_all_but_release, shows
from app.web.tables import MAX_OTHERS, read_incidents, read_table, selection

router = APIRouter(include_in_schema=False)

KINDS: Mapping[SourceKind, str] = {kind: kind.replace("-", " ").capitalize() for kind in SourceKind} | {
    SourceKind.FOI_DOCUMENT: "Freedom of Information document",
}
"""The kinds of source, in words."""


@shows(router, "/sources", form=["q"])
async def sources(session: Session) -> Content:
    """List every source, newest first; those without a known date come last."""
    wanted = wanted_of(session)
    known = session.reference.sources
    names = {
        one.id: f"{one.title} {one.publisher} {KINDS[one.kind]} {date_of(one.published) or ''}"
        for one in known.values()
    }
    found = sorted((known[one] for one in matching(names, wanted)), key=lambda one: one.title)
    found.sort(key=lambda one: one.published.date or "", reverse=True)
    return page_of(
        session,
        "sources.html",
        wanted=wanted,
        total=len(known),
        matching=len(found),
        sources=[(one, date_of(one.published)) for one in found[:MAX_OTHERS]],
        kinds=KINDS,
        counts=await count_by_source(session.connection, session.release),
    )


@shows(router, "/sources/{id}")
async def source_page(session: Session, source_id: str) -> Content:
    """Show one source: who counted and who published, what it states, and how it is held.

    Raises:
        Problem: 404 if the release has no such source.

    """
    refuse_all_but_release(session)
    known = session.reference.sources
    if source_id not in known:
        raise missing("source", source_id, {one.id: f"{one.title} {one.publisher}" for one in known.values()})
    source = known[source_id]
    query = selection(source=source_id)
    based = sorted((one for one in known.values() if one.origin == source_id), key=lambda one: one.title)
    return page_of(
        session,
        "source.html",
        source=source,
        kind=KINDS[source.kind],
        published=date_of(source.published),
        chain=[(one, publication(one), KINDS[one.kind]) for one in origin_chain(known, source_id)],
        based=[(one, publication(one)) for one in based[:MAX_OTHERS]],
        table=await read_table(session, query),
        incidents=await read_incidents(session, query),
    )

"""The pages for topics: what was alleged, and the figures about it by force."""

from collections import Counter

from fastapi import APIRouter

from app.domain.trees import with_ancestors
from app.http.answer import Content
from app.http.session import Session
from app.queries.coverage import read_cells
from app.queries.dataset import count_by
from app.web.finding import missing
from app.web.page import page_of, refuse_all_but_release, shows
from app.web.tables import read_incidents, read_table, selection

router = APIRouter(include_in_schema=False)


@shows(router, "/topics")
async def topics(session: Session) -> Content:
    """List every allegation as a tree, with the number of records about each."""
    refuse_all_but_release(session)
    counts = await _counts(session)
    parents = session.reference.parents["allegation"]
    return page_of(
        session,
        "topics.html",
        topics=[
            (code, len(with_ancestors(parents, code.id)) - 1, counts[code.id])
            for code in session.reference.trees["allegation"].values()
        ],
    )


@shows(router, "/topics/{allegation}")
async def topic(session: Session, allegation: str) -> Content:
    """Show one allegation: what is above and below it, and the figures about it by force.

    Raises:
        Problem: 404 if the release has no such allegation.

    """
    refuse_all_but_release(session)
    codes = session.reference.trees["allegation"]
    if allegation not in codes:
        names = {code.id: " ".join([code.label, *code.aliases]) for code in codes.values()}
        raise missing("allegation", allegation, names)
    query = selection(allegation=allegation)
    cells = await read_cells(session.connection, query, session.reference)
    by_force: Counter[str] = Counter()
    for cell in cells:
        by_force[cell.force] += len(cell.ids)
    forces = session.reference.forces
    counts = await _counts(session)
    return page_of(
        session,
        "topic.html",
        topic=codes[allegation],
        above=[
            codes[one] for one in reversed(with_ancestors(session.reference.parents["allegation"], allegation)[1:])
        ],
        below=[(code, counts[code.id]) for code in codes.values() if code.parent == allegation],
        forces=sorted(((forces[id_], number) for id_, number in by_force.items()), key=lambda one: one[0].name),
        table=await read_table(session, query),
        incidents=await read_incidents(session, query),
    )


async def _counts(session: Session) -> Counter[str]:
    """Return the number of records about each allegation, including those below it."""
    own = await count_by(session.connection, session.release, "allegation")
    parents = session.reference.parents["allegation"]
    found: Counter[str] = Counter()
    for code, number in own.items():
        for above in with_ancestors(parents, code):
            found[above] += number
    return found

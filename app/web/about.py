"""The page about the data: what it is, its licence, how to cite it and how to report an error."""

from fastapi import APIRouter

from app.formats.citations import dataset_citation
from app.formats.dcat import DOWNLOADS, Description, linked_data, pinned, report_errors
from app.http.answer import Content
from app.http.session import Session
from app.queries.dataset import count_by, read_days, read_places
from app.releases.rendering import PUBLIC_ADDRESS
from app.web.page import page_of, refuse_all_but_release, shows
from app.web.wording import KINDS

router = APIRouter(include_in_schema=False)


@shows(router, "/about")
async def about(session: Session) -> Content:
    """Describe the data: its licence, its citation, its downloads, and how to report errors."""
    refuse_all_but_release(session)
    connection, release, reference = session.connection, session.release, session.reference
    start, end = await read_days(connection, release)
    places = await read_places(connection, reference)
    counts = await count_by(connection, release, "kind")
    pin = release.version if session.is_pinned else None
    return page_of(
        session,
        "about.html",
        counts=[(name, counts[kind]) for kind, name in KINDS.items() if kind in counts],
        start=start,
        end=end,
        sources=len(reference.sources),
        texts=sum(source.file is not None for source in reference.sources.values()),
        citation=dataset_citation(release.version, release.published_at, PUBLIC_ADDRESS),
        report=report_errors(PUBLIC_ADDRESS).replace("/v1/releases", "/releases"),
        downloads=[(pinned(one.address, pin), one.title) for one in DOWNLOADS.values()],
        linked_data=linked_data(Description(release, start, end, places, PUBLIC_ADDRESS)).decode(),
    )

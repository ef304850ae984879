"""Records: filtered lists of each kind, in a stable order, and single records by id."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import orjson
from fastapi import APIRouter, Request, Response

from app.analysis.warnings import ListWarning, partly_checked
from app.database.pool import Database
from app.database.reference import Reference
from app.formats.citations import CITATION_FORMATS, RECORD_MEDIA_TYPES, cite
from app.formats.lists import LIST_FORMATS, one_batch, written
from app.http.answer import Content, Stream, answer, stream_tag
from app.http.lookup import find_record
from app.http.session import Session
from app.queries.cursor import next_cursor
from app.queries.fields import flat_columns, list_columns
from app.queries.page import Page, find_page, read_batch
from app.queries.parameters import (
    COMPLAINTS,
    FIGURES,
    INCIDENTS,
    MAX_LIMIT,
    MAX_WARNED,
    OUTCOMES,
    PARAMETERS,
    PROCEEDINGS,
    RECORD_FORMAT,
    Resource,
)
from app.queries.query import RecordQuery, read_few
from app.routes.descriptions import (
    ComplaintId,
    FigureId,
    IncidentId,
    OutcomeId,
    ProceedingId,
    of_list,
    of_record,
)
from app.routes.files import about_records, in_one_piece, listed, read_list, too_many

router = APIRouter(prefix="/v1", tags=["records"])

MAX_IN_WORKBOOK = 50_000
"""The most records in an Excel file, which is written to disk before it is sent, at about 3 kB a record."""

BATCH = MAX_LIMIT
"""Records of a whole set that are read at once."""


@router.get("/complaints", **of_list(COMPLAINTS))
async def list_complaints(request: Request) -> Response:
    """Figures about complaints; with `outcome`, about those that led to such an outcome."""
    return await answer(request, records, COMPLAINTS, walks=True)


@router.get("/proceedings", **of_list(PROCEEDINGS))
async def list_proceedings(request: Request) -> Response:
    """Figures about investigations, referrals, hearings and prosecutions, open ones included."""
    return await answer(request, records, PROCEEDINGS, walks=True)


@router.get("/outcomes", **of_list(OUTCOMES))
async def list_outcomes(request: Request) -> Response:
    """Figures about what came of complaints and proceedings."""
    return await answer(request, records, OUTCOMES, walks=True)


@router.get("/figures", **of_list(FIGURES))
async def list_figures(request: Request) -> Response:
    """Figures about complaints, proceedings and outcomes together."""
    return await answer(request, records, FIGURES, walks=True)


@router.get("/incidents", **of_list(INCIDENTS))
async def list_incidents(request: Request) -> Response:
    """Single events that sources report, with what they say came of them."""
    return await answer(request, records, INCIDENTS, walks=True)


@router.get("/complaints/{id}", **of_record(COMPLAINTS))
async def get_complaint(request: Request, id: ComplaintId) -> Response:  # noqa: A002 - the name in the address
    """One figure about complaints."""
    return await answer(request, record, COMPLAINTS, id)


@router.get("/proceedings/{id}", **of_record(PROCEEDINGS))
async def get_proceeding(request: Request, id: ProceedingId) -> Response:  # noqa: A002 - the name in the address
    """One figure about proceedings."""
    return await answer(request, record, PROCEEDINGS, id)


@router.get("/outcomes/{id}", **of_record(OUTCOMES))
async def get_outcome(request: Request, id: OutcomeId) -> Response:  # noqa: A002 - the name in the address
    """One figure about outcomes."""
    return await answer(request, record, OUTCOMES, id)


@router.get("/figures/{id}", **of_record(FIGURES))
async def get_figure(request: Request, id: FigureId) -> Response:  # noqa: A002 - the name in the address
    """One figure, whatever its kind."""
    return await answer(request, record, FIGURES, id)


@router.get("/incidents/{id}", **of_record(INCIDENTS))
async def get_incident(request: Request, id: IncidentId) -> Response:  # noqa: A002 - the name in the address
    """One incident."""
    return await answer(request, record, INCIDENTS, id)


async def records(session: Session, resource: Resource) -> Content:
    """Build a list: a page as JSON, or the whole filtered set in another format."""
    query, form = read_list(session, resource)
    if form == "json":
        return await page(session, query)
    return await whole_set(session, query, form)


async def page(session: Session, query: RecordQuery) -> Content:
    """Build a page of a list."""
    found = await find_page(session.connection, query, session.reference, session.after)
    content = listed(
        session,
        [orjson.Fragment(document) for document in found.documents],
        query=query.echo(),
        links=page_links(session, query, found),
        total=found.total,
        undated=found.undated.number,
        warnings=await warnings_of_page(session, query, found),
    )
    return replace(content, proves_release=found.proves_release and query.warnings == "page")


async def warnings_of_page(session: Session, query: RecordQuery, found: Page) -> list[ListWarning]:
    """Return the warnings on a page or, if the query asks for them, on its whole set."""
    if query.warnings == "page":
        return found.warnings(session.reference)
    whole = await find_page(session.connection, replace(query, limit=MAX_WARNED), session.reference)
    return warnings_of_set(session, whole)


def warnings_of_set(session: Session, start: Page) -> list[ListWarning]:
    """Return the warnings on a whole set, given its first `MAX_WARNED` records."""
    warnings = start.warnings(session.reference)
    return warnings if start.next_place is None else [*warnings, partly_checked(MAX_WARNED)]


def page_links(session: Session, query: RecordQuery, found: Page) -> Mapping[str, str | None]:
    """Return the links to a page, the next one and the whole set as CSV."""
    release, path = session.release, session.path
    cursor = next_cursor(release, query.fingerprint, found.next_place)
    whole: dict[str, str | None] = {"format": "csv", "limit": None, "cursor": None, "warnings": None}
    if query.cursor:
        # Later pages are from the release that paging started in, and so is the whole set.
        whole["release"] = release.version
    return {
        "self": query.address(path),
        "next": query.address(path, cursor=cursor) if cursor else None,
        "csv": query.address(path, **whole),
    }


async def whole_set(session: Session, query: RecordQuery, form: str) -> Content:
    """Build everything that a query selects: in one piece, or as a stream if it's large."""
    kinds = query.resource.kinds
    columns = flat_columns(query.fields, kinds) if query.fields else list_columns(kinds)
    headers = [column.header for column in columns]
    described = query.address(session.path, format=None, bom=None, limit=MAX_LIMIT, warnings="set")
    if query.fields and form == "xlsx":
        # A workbook lists cautions and sources, even if these columns weren't requested.
        query = replace(query, fields=tuple(dict.fromkeys((*query.fields, "id", "cautions", "evidence"))))
    # Use the session's own connection: requests that wait for a second one could starve the pool.
    start = await find_page(session.connection, replace(query, limit=MAX_WARNED), session.reference)
    if form == "xlsx" and start.total > MAX_IN_WORKBOOK:
        raise too_many(MAX_IN_WORKBOOK, "A workbook holds at most {} records; narrow the filters, or take CSV.")
    warnings = warnings_of_set(session, start)
    about = about_records(session, query.resource.name.capitalize(), query.address(session.path), warnings)

    def pieces() -> AsyncIterator[bytes]:
        documents = batches(session.database, query, session.reference, start.total)
        return written(form, documents, columns, about, bom=query.bom)

    words = (query.address(session.path), form, LIST_FORMATS[form].version, *headers)
    body: bytes | Stream = Stream(stream_tag(session, *words), pieces)
    if start.next_place is None:
        body = await in_one_piece(form, one_batch(start.documents), columns, about, bom=query.bom)
    return Content(
        body,
        media_type=LIST_FORMATS[form].content_type,
        headers={
            "Link": f'<{described}>; rel="describedby"',
            "X-Upheld-Warnings": str(len(warnings)),
            "Content-Disposition": f'attachment; filename="{_file_name(session, query, form)}"',
        },
        proves_release=isinstance(body, bytes) and start.proves_release,
    )


async def batches(
    database: Database, query: RecordQuery, reference: Reference, total: int
) -> AsyncIterator[list[str]]:
    """Yield the documents of a whole set in batches. No connection is held while the client is reading.

    Raises:
        ConnectionAbortedError: the release was replaced meanwhile; a broken answer is better than one that only
            looks complete.

    """
    sent = 0
    after: int | str | None = None
    while sent < total:
        async with database.connect() as connection:
            batch = await read_batch(connection, query, reference, after, BATCH)
        if not batch.documents:
            raise ConnectionAbortedError(f"the release was replaced after {sent} of {total} records")
        yield batch.documents
        sent += len(batch.documents)
        after = batch.last


def _file_name(session: Session, query: RecordQuery, form: str) -> str:
    """Return a file name that shows the release and filters, in characters that every file system allows."""
    filters = [
        f"{name}-{'-'.join(values)}" for name, values in query.given.items() if name not in {"format", "bom"}
    ]
    name = "_".join([f"upheld-{query.resource.name}", session.release.version, *filters])
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)[:150] + f".{form}"


async def record(session: Session, resource: Resource, record_id: str) -> Content:
    """Build a record or its citation."""
    given = read_few(session.pairs, [PARAMETERS["release"], RECORD_FORMAT], session.reference, session.errors)
    form = session.choose_form(given.get("format"), RECORD_MEDIA_TYPES)
    document = await find_record(session, resource, record_id)
    if form not in CITATION_FORMATS:
        return Content(document.encode(), proves_release=True)
    citation = cite(orjson.loads(document), session.reference)
    return Content(CITATION_FORMATS[form].write(citation), media_type=RECORD_MEDIA_TYPES[form])

"""Records: lists of each kind, filtered and in a stable order, and each record by its id."""

from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.analysis.warnings import caveats
from app.database.tables import Record, Source
from app.domain.vocabulary import Kind
from app.formats.citations import CITATION_FORMATS, RECORD_MEDIA_TYPES, Citation
from app.formats.columns import FIGURE_COLUMNS, INCIDENT_COLUMNS
from app.formats.lists import LIST_FORMATS, MEDIA_TYPES, written
from app.http.answer import (
    Asked,
    Reading,
    accepted_form,
    addressed,
    asked,
    choose_form,
    dumps,
    etag_of,
    headers,
    json_answer,
    reading,
    streamed,
)
from app.http.direct import Direct
from app.http.problems import Problem, not_found
from app.queries.conditions import (
    PLACES,
    count,
    in_order,
    near_ids,
    read_document,
    read_tombstone,
    read_withdrawal,
    selected,
)
from app.queries.cursor import Cursor, read_cursor
from app.queries.page import Page, find, find_document, find_quickly
from app.queries.parameters import (
    COMPLAINTS,
    FIGURES,
    ID,
    INCIDENTS,
    MAX_LIMIT,
    OUTCOMES,
    PARAMETERS,
    PROCEEDINGS,
    RECORD_FORMAT,
    Noun,
)
from app.queries.query import Pairs, RecordQuery, read_few, read_pairs, read_query
from app.releases.rendering import PATHS, PUBLIC_ADDRESS
from app.routes.descriptions import (
    ComplaintId,
    FigureId,
    IncidentId,
    OutcomeId,
    ProceedingId,
    of_list,
    of_record,
)

router = APIRouter(prefix="/v1", tags=["records"], route_class=Direct)

BATCH = 500
"""Records read at once while a whole set goes out: enough to be quick, little enough to hold in memory."""


@router.get("/complaints", **of_list(COMPLAINTS))
async def list_complaints(request: Request) -> Response:
    """Complaints that sources count; with `outcome`, those below which such an outcome stands."""
    return await answer_list(request, COMPLAINTS)


@router.get("/proceedings", **of_list(PROCEEDINGS))
async def list_proceedings(request: Request) -> Response:
    """Investigations, referrals, hearings and prosecutions that sources count, open ones too."""
    return await answer_list(request, PROCEEDINGS)


@router.get("/outcomes", **of_list(OUTCOMES))
async def list_outcomes(request: Request) -> Response:
    """Outcomes that sources count: what came of complaints and proceedings."""
    return await answer_list(request, OUTCOMES)


@router.get("/figures", **of_list(FIGURES))
async def list_figures(request: Request) -> Response:
    """Complaints, proceedings and outcomes together."""
    return await answer_list(request, FIGURES)


@router.get("/incidents", **of_list(INCIDENTS))
async def list_incidents(request: Request) -> Response:
    """Single events that sources tell, with what is said to have come of them."""
    return await answer_list(request, INCIDENTS)


@router.get("/complaints/{id}", **of_record(COMPLAINTS))
async def get_complaint(request: Request, id: ComplaintId) -> Response:  # noqa: A002 - the name in the address
    """One figure of complaints."""
    return await answer_record(request, COMPLAINTS, id)


@router.get("/proceedings/{id}", **of_record(PROCEEDINGS))
async def get_proceeding(request: Request, id: ProceedingId) -> Response:  # noqa: A002 - the name in the address
    """One figure of proceedings."""
    return await answer_record(request, PROCEEDINGS, id)


@router.get("/outcomes/{id}", **of_record(OUTCOMES))
async def get_outcome(request: Request, id: OutcomeId) -> Response:  # noqa: A002 - the name in the address
    """One figure of outcomes."""
    return await answer_record(request, OUTCOMES, id)


@router.get("/figures/{id}", **of_record(FIGURES))
async def get_figure(request: Request, id: FigureId) -> Response:  # noqa: A002 - the name in the address
    """One figure, whatever its kind."""
    return await answer_record(request, FIGURES, id)


@router.get("/incidents/{id}", **of_record(INCIDENTS))
async def get_incident(request: Request, id: IncidentId) -> Response:  # noqa: A002 - the name in the address
    """One incident."""
    return await answer_record(request, INCIDENTS, id)


async def answer_list(request: Request, noun: Noun) -> Response:
    """Answer a list: a page as JSON, or the whole filtered set in another format."""
    pairs = read_pairs(request.scope["query_string"])
    state = request.app.state
    known = await asked(request, pairs, walks=True)
    if known is not None:
        query, form, place = _read_list(request, known, pairs, noun)
        if form != "json":
            return await _whole_set(request, pairs, noun, form)
        page = await find_quickly(state.pages, query, noun, known.reference, place)
        if page is not None:
            return _list_answer(request, known, query, page)
    # What this process knew of is gone: now everything is read in one state of the database.
    async with reading(request, pairs, walks=True) as found:
        query, form, place = _read_list(request, found, pairs, noun)
        if form != "json":
            return await _whole_set(request, pairs, noun, form)
        page = await find(found.connection, query, noun, found.reference, place)
        # Nobody who has got this is given anything older afterwards.
        await state.watch.look(state.engine)
        return _list_answer(request, found, query, page)


def _read_list(
    request: Request, found: Asked, pairs: Pairs, noun: Noun
) -> tuple[RecordQuery, str, int | str | None]:
    """Return a list's query, the form of its answer, and the place after which it begins."""
    query = read_query(pairs, noun, found.reference, found.wrong, accepted_form(request, MEDIA_TYPES))
    cursor = read_cursor(query.cursor or "")
    return query, choose_form(request, query.format, MEDIA_TYPES), cursor.place if cursor else None


def _list_answer(request: Request, found: Asked, query: RecordQuery, page: Page) -> Response:
    body, links = _list_body(found, query, page, request.scope["path"])
    more = {"Link": f'<{links["next"]}>; rel="next"'} if links["next"] else {}
    return json_answer(request, found, body, more)


def _list_body(found: Asked, query: RecordQuery, page: Page, path: str) -> tuple[bytes, Mapping[str, str | None]]:
    """Write a page: ready documents, joined, between what they are a page of."""
    place = page.next_place
    cursor = (
        str(Cursor(found.release.version, found.release.digest[:16], query.fingerprint, place)) if place else None
    )
    whole: dict[str, str | None] = {"format": "csv", "limit": None, "cursor": None}
    if query.cursor:
        # The page is of the release in which the walk began, and so is the whole that it is a page of.
        whole["release"] = found.release.version
    links = {
        "self": query.address(path),
        "next": query.address(path, cursor=cursor) if cursor else None,
        "csv": query.address(path, **whole),
    }
    meta = {
        "total": page.total,
        "count": len(page.documents),
        "release": found.release.version,
        "undated_excluded": page.undated.number,
        "query": query.echo(),
    }
    rest = dumps({"meta": meta, "warnings": caveats(page, found.reference), "links": links})
    return b"".join((b'{"data":[', b",".join(page.documents), b"],", rest[1:])), links


async def _whole_set(request: Request, pairs: Pairs, noun: Noun, form: str) -> Response:
    """Answer everything that the query selects, in batches, so that neither side holds it all at once."""
    async with reading(request, pairs) as found:
        query = read_query(pairs, noun, found.reference, found.wrong, form)
        public: str = request.app.state.public_address
        etag = await etag_of(found, public, query.address(request.url.path), form)
        described = query.address(request.url.path, format=None, bom=None, limit=MAX_LIMIT)
        fields = headers(found, etag) | {
            "Link": f'<{described}>; rel="describedby"',
            "Content-Disposition": f'attachment; filename="{_file_name(found, query, noun, form)}"',
        }

        async def made() -> AsyncIterator[bytes]:
            total = await count(found.connection, query, noun, found.reference)
            documents = await batches(request.app.state.engine, found, query, noun, total)
            layout = INCIDENT_COLUMNS if noun is INCIDENTS else FIGURE_COLUMNS
            lines = written(form, documents, layout, bom=query.bom)
            return (addressed(piece, public) async for piece in lines)

        return await streamed(request, etag, fields, made, LIST_FORMATS[form].content_type)


async def batches(
    engine: AsyncEngine, found: Reading, query: RecordQuery, noun: Noun, total: int
) -> AsyncIterator[list[str]]:
    """Return the documents of a whole set in batches; no connection is held while the client reads.

    The first batch is read before any of it goes out: a set that is no larger is whole, whatever happens meanwhile.
    """
    statement = select(Record.document, PLACES[query.sort]).where(*selected(query, noun, found.reference))

    async def read(connection: AsyncConnection, after: int | str | None) -> Sequence[Row[str, Any]]:
        page = in_order(query, noun, found.reference, statement, after).limit(BATCH)
        return list(await connection.execute(page))

    async def rest(rows: Sequence[Row[str, Any]]) -> AsyncIterator[list[str]]:
        sent = 0
        while rows:
            yield [row[0] for row in rows]
            sent += len(rows)
            if sent == total:
                return
            async with engine.connect() as connection:
                rows = await read(connection, rows[-1][1])
        if sent < total:
            # Only `dev` can go while it is read; a broken answer is better than one that looks complete.
            raise ConnectionAbortedError(f"the release went away after {sent} of {total} records")

    return rest(await read(found.connection, None))


def _file_name(found: Asked, query: RecordQuery, noun: Noun, form: str) -> str:
    """Return a name that tells release and filters, in characters that every file system takes."""
    filters = [
        f"{name}-{'-'.join(values)}" for name, values in query.given.items() if name not in {"format", "bom"}
    ]
    name = "_".join([f"upheld-{noun.name}", found.release.version, *filters])
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)[:150] + f".{form}"


async def answer_record(request: Request, noun: Noun, record_id: str) -> Response:
    """Answer one record, or how to cite it."""
    pairs = read_pairs(request.scope["query_string"])
    taken = [PARAMETERS["release"], RECORD_FORMAT]
    known = await asked(request, pairs)
    if known is not None and ID.fullmatch(record_id):
        given = read_few(pairs, taken, known.reference, known.wrong)
        row = await find_document(request.app.state.pages, known.release.id, record_id)
        if choose_form(request, given.get("format"), RECORD_MEDIA_TYPES) == "json" and row and row[0] in noun.kinds:
            return json_answer(request, known, row[1].encode())
    async with reading(request, pairs) as found:
        given = read_few(pairs, taken, found.reference, found.wrong)
        form = choose_form(request, given.get("format"), RECORD_MEDIA_TYPES)
        document = await find_record(found, noun, record_id)
        if form not in CITATION_FORMATS:
            return json_answer(request, found, document.encode())
        body = CITATION_FORMATS[form].write(await cited(found, orjson.loads(document)))
        return json_answer(request, found, body, media_type=RECORD_MEDIA_TYPES[form])


async def cited(found: Reading, record: Mapping[str, Any]) -> Citation:
    """Return what a citation of a record says; the record's own link leads to the source that states it."""
    source = record["links"]["source"].rpartition("/")[2]
    statement = select(Source.title, Source.publisher, Source.published_date, Source.url).where(
        Source.release_id == found.release.id, Source.id == source
    )
    row = (await found.connection.execute(statement)).one()
    version = found.release.version
    return Citation(
        id=record["id"],
        statement=record["statement"],
        source_title=row.title,
        source_publisher=row.publisher,
        source_date=row.published_date,
        source_url=row.url,
        version=version,
        released_at=found.release.published_at,
        permalink=f"{PUBLIC_ADDRESS}{record['links']['html']}?release={version}",
    )


async def find_record(found: Reading, noun: Noun, record_id: str) -> str:
    """Return a record as it is answered.

    Raises:
        Problem: 404 with where it is, if it is of another kind, or else what may have been meant; 410 where it
            was withdrawn, 451 where it had to be removed.

    """
    record = await read_document(found.connection, found.release.id, record_id)
    if record is None:
        await _refuse_gone(found, record_id)
        near = await near_ids(found.connection, found.release.id, record_id, noun)
        shown = record_id[:100]
        raise not_found(f"Release {found.release.version} has no record {shown!r}.", near)
    kind = Kind(record.kind)
    if kind not in noun.kinds:
        there = f"{PATHS[kind]}/{record_id}"
        detail = f"{record_id} is no {noun.name.removesuffix('s')}; it is at {there}."
        raise not_found(detail, [record_id], elsewhere=there)
    document: str = record.document
    return document


async def _refuse_gone(found: Reading, record_id: str) -> None:
    """Refuse a record that once stood here, with the reason why it no longer does."""
    removed = await read_tombstone(found.connection, record_id)
    if removed is not None:
        detail = f"{record_id} was removed from every release for legal reasons on {removed.day}."
        raise Problem(HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS, "removed", detail, extra={"reason": removed.reason})
    withdrawn = await read_withdrawal(found.connection, found.release, record_id)
    if withdrawn is not None:
        reason = withdrawn.reason or "not released yet, so no reason is given."
        detail = f"{record_id} was withdrawn in release {withdrawn.version}: {reason}"
        extra = {"reason": reason, "release": withdrawn.version}
        raise Problem(HTTPStatus.GONE, "withdrawn", detail, extra=extra)

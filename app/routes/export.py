"""A whole release as one file."""

from collections.abc import AsyncIterator
from zlib import ZLIB_RUNTIME_VERSION

from fastapi import APIRouter, Request, Response

from app.database.current import ReleaseRow
from app.database.pool import Database
from app.formats.archive import zipped
from app.formats.datapackage import Contents, code_rows, descriptor, readme
from app.formats.lists import one_batch
from app.formats.resources import codes_of
from app.http.answer import Content, Stream, answer, dumps, stream_tag
from app.http.session import Session
from app.queries.dataset import evidence_after, read_warning_counts
from app.queries.parameters import FIGURES, INCIDENTS, PARAMETERS
from app.queries.query import RecordQuery, read_few
from app.queries.workforce import read_headcounts
from app.routes.descriptions import of_file
from app.routes.records import BATCH, batches
from app.routes.reference import read_forces, read_sources

router = APIRouter(prefix="/v1", tags=["dataset"])


@router.get("/export.zip", **of_file("export", "application/zip", "The release as a data package."))
async def get_export(request: Request) -> Response:
    """Everything as a data package: CSV files with their keys, a description and a README."""
    return await answer(request, export)


async def export(session: Session) -> Content:
    """Build the data package."""
    read_few(session.pairs, [PARAMETERS["release"]], session.reference, session.errors)
    database, release, reference = session.database, session.release, session.reference
    forces = await read_forces(session)
    headcounts = await read_headcounts(session.connection, release)
    contents = Contents(
        release=release,
        public=session.public_address,
        counts=await read_warning_counts(session.connection, release),
        codes=codes_of(reference),
        sources=await read_sources(session),
    )

    def pieces() -> AsyncIterator[bytes]:
        counts = contents.counts
        tables = {
            "figures": batches(database, RecordQuery(FIGURES, sort="id"), reference, counts.figures),
            "incidents": batches(database, RecordQuery(INCIDENTS, sort="id"), reference, counts.incidents),
            "evidence": evidence_batches(database, release, counts.passages),
            "forces": one_batch(force.model_dump_json() for force in forces),
            "workforce": one_batch(dumps(vars(row)).decode() for row in headcounts),
            "sources": one_batch(source.model_dump_json() for source in contents.sources),
            "codes": one_batch(dumps(row).decode() for row in code_rows(contents.codes)),
        }
        return zipped(contents, tables)

    # The same rows make the same bytes unless our texts or the compression library change.
    words = [readme(contents), dumps(descriptor(contents, {})).decode(), ZLIB_RUNTIME_VERSION]
    file_name = f"upheld-{release.version}.zip"
    return Content(
        Stream(stream_tag(session, *words), pieces),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


async def evidence_batches(database: Database, release: ReleaseRow, total: int) -> AsyncIterator[list[str]]:
    """Yield the evidence of all records in batches. No connection is held while the client is reading.

    Raises:
        ConnectionAbortedError: the release was replaced meanwhile.

    """
    sent, record, position = 0, "", 0
    while sent < total:
        statement = evidence_after(first=not sent)
        async with database.connect() as connection:
            rows = await statement.rows(
                connection, release=release.id, record=record, position=position, limit=BATCH
            )
        if not rows:
            raise ConnectionAbortedError(f"the release was replaced after {sent} of {total} passages")
        sent += len(rows)
        record, position = rows[-1]["record_id"], rows[-1]["position"]
        yield [_evidence(dict(row)) for row in rows]


def _evidence(row: dict[str, object]) -> str:
    """Serialise a passage, with the id of its record as `figure_id` or `incident_id`."""
    is_figure = row.pop("is_figure")
    record_id = row["record_id"]
    ids = {"figure_id": record_id if is_figure else None, "incident_id": None if is_figure else record_id}
    return dumps(row | ids).decode()

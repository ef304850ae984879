"""The whole of a release as one file."""

from collections.abc import AsyncIterator
from zlib import ZLIB_RUNTIME_VERSION

from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.database import tables
from app.domain.vocabulary import BaseBasis, Basis, EvidenceRole, Qualifier, ValueStatus
from app.formats.archive import zipped
from app.formats.datapackage import Contents, WarningCounts, code_rows, descriptor, readme
from app.formats.lists import one_batch
from app.http.answer import choose_form, dumps, etag_of, headers, reading, streamed
from app.queries.parameters import FIGURES, INCIDENTS, PARAMETERS
from app.queries.query import RecordQuery, read_few, read_pairs
from app.routes.descriptions import of_file
from app.routes.records import BATCH, batches
from app.routes.reference import read_codes, read_forces, read_sources

router = APIRouter(prefix="/v1", tags=["dataset"])


@router.get("/export.zip", **of_file("export", "application/zip", "The release as a data package."))
async def get_export(request: Request) -> Response:
    """Answer everything as a data package: CSV files that know their keys, with a description and a README."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, [PARAMETERS["release"]], found.reference, found.wrong)
        choose_form(request, None, {"zip": "application/zip"})
        public: str = request.app.state.public_address
        release = found.release
        forces = await read_forces(found.connection, release.id)
        contents = Contents(
            release=release,
            public=public,
            counts=await read_warning_counts(found.connection, release.id),
            codes=await read_codes(found.connection, release.id),
            sources=await read_sources(found.connection, release.id),
        )
        # The same rows make the same bytes as long as neither our words nor the compression change.
        words = [readme(contents), dumps(descriptor(contents, {})).decode(), ZLIB_RUNTIME_VERSION]
        etag = await etag_of(found, public, *words)
        fields = headers(found, etag) | {
            "Content-Disposition": f'attachment; filename="upheld-{release.version}.zip"',
        }

        async def made() -> AsyncIterator[bytes]:
            engine: AsyncEngine = request.app.state.engine
            counts = contents.counts
            figures, incidents = RecordQuery("figures", sort="id"), RecordQuery("incidents", sort="id")
            tables = {
                "figures": await batches(engine, found, figures, FIGURES, counts.figures),
                "incidents": await batches(engine, found, incidents, INCIDENTS, counts.incidents),
                "evidence": evidence_batches(engine, release.id, counts.passages),
                "forces": one_batch(force.model_dump_json() for force in forces),
                "sources": one_batch(source.model_dump_json() for source in contents.sources),
                "codes": one_batch(dumps(row).decode() for row in code_rows(contents.codes)),
            }
            return zipped(contents, tables)

        return await streamed(request, etag, fields, made, "application/zip")


async def evidence_batches(engine: AsyncEngine, release: int, total: int) -> AsyncIterator[list[str]]:
    """Yield the evidence of all records in batches; no connection is held while the client reads."""
    evidence, record = tables.Evidence, tables.Record
    key = tuple_(evidence.record_id, evidence.position)
    statement = (
        select(
            *(evidence.record_id, evidence.position, evidence.source, evidence.role, evidence.as_printed),
            evidence.paragraph,
            evidence.start_at.label("start"),
            evidence.end_at.label("end"),
            *(evidence.sha256, evidence.note),
            case((record.is_figure, evidence.record_id)).label("figure_id"),
            case((~record.is_figure, evidence.record_id)).label("incident_id"),
        )
        .join(record, (record.release_id == evidence.release_id) & (record.id == evidence.record_id))
        .where(evidence.release_id == release)
        .order_by(evidence.record_id, evidence.position)
        .limit(BATCH)
    )
    after: tuple[str, int] | None = None
    sent = 0
    while sent < total:
        async with engine.connect() as connection:
            rows = (await connection.execute(statement.where(key > after) if after else statement)).all()
        if not rows:
            raise ConnectionAbortedError(f"the release went away after {sent} of {total} passages")
        sent += len(rows)
        after = (rows[-1].record_id, rows[-1].position)
        yield [dumps(row._asdict()).decode() for row in rows]


async def read_warning_counts(connection: AsyncConnection, release: int) -> WarningCounts:
    """Return how many records of a release need each warning."""
    record, evidence = tables.Record, tables.Evidence

    def counted(name: str, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(*conditions).label(name) if conditions else func.count().label(name)

    of_records = select(
        counted("figures", record.is_figure.is_(True)),
        counted("incidents", record.is_figure.is_(False)),
        counted("undated", record.period_start.is_(None)),
        counted("inferred", record.period_basis == Basis.INFERRED),
        counted("without_number", record.value_status != ValueStatus.STATED),
        counted("not_exact", record.qualifier != Qualifier.EXACT),
        counted("open_base", record.base_basis == BaseBasis.AMBIGUOUS),
    ).where(record.release_id == release)
    disputed = evidence.record_id.distinct()
    of_evidence = select(
        func.count().label("passages"),
        func.count(disputed).filter(evidence.role == EvidenceRole.DISPUTES).label("disputed"),
    ).where(evidence.release_id == release)
    rows = [(await connection.execute(statement)).one() for statement in (of_records, of_evidence)]
    return WarningCounts(**rows[0]._asdict(), **rows[1]._asdict())

"""The dataset as a whole: the index of the API, and what the dataset is."""

from datetime import date

from fastapi import APIRouter, Request, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.database import tables
from app.database.reference import Reference
from app.domain.vocabulary import ForceKind
from app.formats.citations import NAME, dataset_citation
from app.formats.dcat import (
    DESCRIPTION,
    LICENCE,
    MEDIA_TYPE,
    Description,
    Place,
    linked_data,
    links,
    report_errors,
)
from app.http.answer import choose_form, dumps, json_answer, reading
from app.queries.parameters import DATASET_FORMAT, PARAMETERS
from app.queries.query import read_few, read_pairs
from app.routes.descriptions import describing_dataset, of_one
from app.routes.schemas import DatasetAnswer, Days, IndexAnswer

router = APIRouter(prefix="/v1", tags=["dataset"])

FORMS = {"json": "application/json", "jsonld": MEDIA_TYPE}

INDEX = {
    "/v1/complaints": "Complaints that sources count.",
    "/v1/proceedings": "Investigations, hearings and prosecutions that sources count.",
    "/v1/outcomes": "What came of complaints and proceedings.",
    "/v1/figures": "Complaints, proceedings and outcomes together.",
    "/v1/incidents": "Single events that sources tell.",
    "/v1/figures/{id}/tree": "One figure between the wholes above it and the shares beneath it.",
    "/v1/compare": "Whether two figures may stand side by side, and why not.",
    "/v1/total": "A sum of figures, where they may be added.",
    "/v1/coverage": "What is known and what is not, for each force and measure.",
    "/v1/forces": "Police forces and areas.",
    "/v1/sources": "The texts that records are read from.",
    "/v1/codes": "Every word that a record may use, with its definition.",
    "/v1/dataset": "What the dataset is, and how to cite it.",
    "/v1/export.zip": "Everything as a data package: CSV files with their keys, a description and a README.",
    "/v1/releases": "Every version of the dataset.",
    "/v1/releases/{version}/changes": "What a release changed, and why.",
    "/v1/releases.atom": "The releases as a feed.",
    "/problems": "Every error, what it means and what to do.",
    "/health/live": "Whether the program runs.",
    "/health/ready": "Whether it can answer.",
    "/metrics": "How it fares, for Prometheus.",
    "/docs": "This API, described for people.",
    "/openapi.json": "This API, described for programs.",
}
"""Every address, with one line each."""


@router.get("", **of_one("index", IndexAnswer))
async def get_index(request: Request) -> Response:
    """Every address of this API, with one line each."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, [PARAMETERS["release"]], found.reference, found.wrong)
        data = [{"path": path, "description": text} for path, text in INDEX.items()]
        body = {"name": NAME, "description": DESCRIPTION, "release": found.release.version, "data": data}
        return json_answer(request, found, dumps(body))


@router.get("/dataset", **describing_dataset(DatasetAnswer))
async def get_dataset(request: Request) -> Response:
    """Say what the dataset is: its release, how much it holds, the period it covers, how to cite it."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        given = read_few(pairs, [PARAMETERS["release"], DATASET_FORMAT], found.reference, found.wrong)
        form = choose_form(request, given.get("format"), FORMS)
        public: str = request.app.state.public_address
        start, end = await read_days(found.connection, found.release.id)
        if form == "jsonld":
            places = await read_places(found.connection, found.reference)
            body = linked_data(Description(found.release, start, end, places, public))
            return json_answer(request, found, body, media_type=FORMS[form])
        release = found.release
        answer = DatasetAnswer(
            name=NAME,
            description=DESCRIPTION,
            release=release.version,
            published_at=release.published_at,
            digest=release.digest,
            note=release.note,
            counts=await read_counts(found.connection, release.id),
            period=Days(start=start, end=end),
            licence=LICENCE,
            citation=dataset_citation(release.version, release.published_at, public),
            report_errors=report_errors(public),
            links=links(release.version, given.get("release")),
        )
        return json_answer(request, found, answer.model_dump_json().encode())


async def read_counts(connection: AsyncConnection, release: int) -> dict[str, int]:
    """Return how many records of each kind a release holds."""
    kind = tables.Record.kind
    statement = select(kind, func.count()).where(tables.Record.release_id == release).group_by(kind).order_by(kind)
    return {row[0]: row[1] for row in await connection.execute(statement)}


async def read_days(connection: AsyncConnection, release: int) -> tuple[date | None, date | None]:
    """Return the first and the last day that any record of a release is about."""
    record = tables.Record
    statement = select(func.min(record.period_start), func.max(record.period_end)).where(
        record.release_id == release
    )
    first, last = (await connection.execute(statement)).one()
    return first, last


async def read_places(connection: AsyncConnection, reference: Reference) -> list[Place]:
    """Return the widest areas that hold everything the records of a release are about."""
    record, force, release = tables.Record, tables.Force, reference.release.id
    about = await connection.execute(select(record.force).where(record.release_id == release).distinct())
    widest = [area for area in reference.areas_of(about.scalars()) if reference.force_areas[area] is None]
    statement = (
        select(force.id, force.name, (force.kind == ForceKind.AREA).label("is_area"), force.ons_code)
        .where(force.release_id == release, force.id.in_(widest))
        .order_by(force.id)
    )
    return [Place(**row._asdict()) for row in await connection.execute(statement)]

"""The dataset as a whole: the index of the API, and what the dataset is."""

from fastapi import APIRouter, Request, Response
from sqlalchemy import func, select

from app import models
from app.answers import dumps, json_answer, reading
from app.queries import PARAMETERS, read_few, read_pairs
from app.routes.description import of_reference_one
from app.schemas import DatasetAnswer, IndexAnswer

router = APIRouter(prefix="/v1", tags=["dataset"])

NAME = "Upheld"
LICENCE = "https://opensource.org/license/mit"
DESCRIPTION = (
    "Police-misconduct figures and incidents read out of news articles by hand: each pinned to the passage it "
    "came from, each with what it is a share of and what it leaves open."
)

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
    "/v1/releases": "Every version of the dataset.",
    "/v1/releases/{version}/changes": "What a release changed, and why.",
    "/v1/releases.atom": "The releases as a feed.",
    "/health/live": "Whether the program runs.",
    "/health/ready": "Whether it can answer.",
    "/docs": "This API, described for people.",
    "/openapi.json": "This API, described for programs.",
}
"""Every address, with one line each."""


@router.get("", **of_reference_one("index", IndexAnswer))
async def get_index(request: Request) -> Response:
    """Every address of this API, with one line each."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, [PARAMETERS["release"]], found.reference, found.wrong)
        data = [{"path": path, "description": text} for path, text in INDEX.items()]
        body = {"name": NAME, "description": DESCRIPTION, "release": found.release.version, "data": data}
        return json_answer(request, found, dumps(body))


@router.get("/dataset", **of_reference_one("dataset", DatasetAnswer))
async def get_dataset(request: Request) -> Response:
    """Say what the dataset is: its release, how much it holds, the period it covers, how to cite it."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, [PARAMETERS["release"]], found.reference, found.wrong)
        record, release = models.Record, found.release
        of_release = record.release_id == release.id
        kinds = await found.connection.execute(
            select(record.kind, func.count()).where(of_release).group_by(record.kind).order_by(record.kind)
        )
        period = (
            await found.connection.execute(
                select(func.min(record.period_start), func.max(record.period_end)).where(of_release)
            )
        ).one()
        public: str = request.app.state.public_address
        answer = DatasetAnswer(
            name=NAME,
            description=DESCRIPTION,
            release=release.version,
            published_at=release.published_at,
            digest=release.digest,
            note=release.note,
            counts={row[0]: row[1] for row in kinds},
            period={"start": period[0], "end": period[1]},
            licence=LICENCE,
            citation=f"{NAME}: police-misconduct figures, release {release.version}, {public}/v1/dataset",
            report_errors=f"{public}/docs",
            links={"self": "/v1/dataset", "figures": "/v1/figures", "csv": "/v1/figures?format=csv"},
        )
        return json_answer(request, found, answer.model_dump_json().encode())

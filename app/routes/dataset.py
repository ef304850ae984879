"""The dataset as a whole: the index of the API, and what the dataset is."""

from fastapi import APIRouter, FastAPI, Request, Response

from app.formats.citations import dataset_citation
from app.formats.dcat import MEDIA_TYPE, Description, linked_data, links, report_errors
from app.http.answer import FRESH, Content, answer, dumps, finish
from app.http.openapi import SUMMARIES
from app.http.session import Session
from app.queries.dataset import count_by, read_days, read_places
from app.queries.parameters import DATASET_FORMAT, PARAMETERS
from app.queries.query import read_few, read_pairs, refuse_all
from app.routes.descriptions import of_answer, of_one
from app.routes.schemas import DatasetAnswer, Days, IndexAnswer
from app.seeds.collection import collection

router = APIRouter(prefix="/v1", tags=["dataset"])

FORMS = {"json": "application/json", "jsonld": MEDIA_TYPE}
TAKEN = [PARAMETERS["release"], DATASET_FORMAT]

DESCRIBED = "The dataset as JSON, or as JSON-LD."
LINKED_DATA = {
    MEDIA_TYPE: {"schema": {"type": "object", "description": "A schema.org and DCAT Dataset as JSON-LD."}}
}

description = APIRouter(include_in_schema=False)


@description.get("/openapi.json")
async def get_description(request: Request) -> Response:
    """Describe this API for programs."""
    refuse_all(read_pairs(request.scope["query_string"]))
    application: FastAPI = request.app
    return await finish(request, Content(dumps(application.openapi())), FRESH)


@router.get("", **of_one("index", IndexAnswer))
async def get_index(request: Request) -> Response:
    """Every endpoint, with one line on each."""
    return await answer(request, index)


@router.get("/dataset", **of_answer("dataset", DatasetAnswer, TAKEN, described=DESCRIBED, content=LINKED_DATA))
async def get_dataset(request: Request) -> Response:
    """Describe the dataset: its release, its size, the period it covers and how to cite it."""
    return await answer(request, dataset)


async def index(session: Session) -> Content:
    """Build the list of endpoints."""
    read_few(session.pairs, [PARAMETERS["release"]], session.reference, session.errors)
    about = collection()
    data = [{"path": path, "description": text} for path, text in SUMMARIES.items()]
    body = {"name": about.name, "description": about.description, "release": session.release.version, "data": data}
    return Content(dumps(body))


async def dataset(session: Session) -> Content:
    """Build the description of the dataset."""
    given = read_few(session.pairs, TAKEN, session.reference, session.errors)
    form = session.choose_form(given.get("format"), FORMS)
    connection, release, public = session.connection, session.release, session.public_address
    start, end = await read_days(connection, release)
    if form == "jsonld":
        places = await read_places(connection, session.reference)
        return Content(linked_data(Description(release, start, end, places, public)), media_type=FORMS[form])
    about = collection()
    found = DatasetAnswer(
        name=about.name,
        description=about.description,
        release=release.version,
        published_at=release.published_at,
        digest=release.digest,
        note=release.note,
        counts=await count_by(connection, release, "kind"),
        period=Days(start=start, end=end),
        licence=about.licence.url,
        citation=dataset_citation(release.version, release.published_at, public),
        report_errors=report_errors(public),
        links=links(release.version, given.get("release")),
    )
    return Content(found.model_dump_json().encode())

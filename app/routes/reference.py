"""What the records refer to: forces, sources and codes."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from app.formats.columns import columns
from app.formats.lists import LIST_FORMATS
from app.formats.resources import CodeAnswer, ForceAnswer, SourceAnswer, codes_of, source_answer
from app.http.answer import Content, answer
from app.http.lookup import not_in_release
from app.http.session import Session
from app.queries.dataset import count_by, count_by_source
from app.queries.parameters import LIST_SORT, PARAMETERS, SEARCH
from app.queries.query import read_few
from app.queries.search import Searched, search
from app.routes.descriptions import ForceId, SourceId, of_answer, of_one
from app.routes.files import address_of, file_of, links_of, listed, read_short_list
from app.routes.schemas import CodesAnswer, ListOfForces, ListOfSources

router = APIRouter(prefix="/v1", tags=["reference"])

SEARCHABLE = [SEARCH, LIST_SORT, *(PARAMETERS[name] for name in ("release", "format", "bom"))]
"""The parameters of a list of forces or sources."""

IN_EVERY_FORM = "All of them, in every form."

CODES = [SEARCH, PARAMETERS["release"]]

Read = Callable[[Session], Awaitable[Sequence[ForceAnswer] | Sequence[SourceAnswer]]]


@router.get("/forces", **of_answer("forces", ListOfForces, SEARCHABLE, described=IN_EVERY_FORM))
async def list_forces(request: Request) -> Response:
    """Police forces and the areas that contain them, with the number of records about each."""
    return await answer(request, whole_list, read_forces, ForceAnswer)


@router.get("/forces/{id}", **of_one("force", ForceAnswer, HTTPStatus.NOT_FOUND))
async def get_force(request: Request, id: ForceId) -> Response:  # noqa: A002 - the name in the address
    """One force or area."""
    return await answer(request, one, read_forces, id)


@router.get("/sources", **of_answer("sources", ListOfSources, SEARCHABLE, described=IN_EVERY_FORM))
async def list_sources(request: Request) -> Response:
    """Texts that records are read from, and the ones that those go back to."""
    return await answer(request, whole_list, read_sources, SourceAnswer)


@router.get("/sources/{id}", **of_one("source", SourceAnswer, HTTPStatus.NOT_FOUND))
async def get_source(request: Request, id: SourceId) -> Response:  # noqa: A002 - the name in the address
    """One source."""
    return await answer(request, one, read_sources, id)


@router.get("/codes", **of_answer("codes", CodesAnswer, CODES))
async def get_codes(request: Request) -> Response:
    """Every code that a record may use: the code trees, the breakdowns and the closed lists."""
    return await answer(request, codes)


async def whole_list(session: Session, read: Read, model: type[BaseModel]) -> Content:
    """Build the whole list of forces or sources in the requested format."""
    given, form = read_short_list(session, SEARCHABLE)
    items: Sequence[ForceAnswer | SourceAnswer] = await read(session)
    if "q" in given:
        found = await search(session.connection, [searched(item) for item in items], given["q"])
        items = [items[position] for position in (found if given.get("sort") != "id" else sorted(found))]
    data = [orjson.Fragment(item.model_dump_json()) for item in items]
    address = address_of(session)
    if form in LIST_FORMATS:
        title = session.path.rpartition("/")[2].capitalize()
        return await file_of(
            session, form, title, data, columns(model), address=address, bom=given.get("bom", False)
        )
    return listed(session, data, query=given, links=links_of(address))


def searched(item: ForceAnswer | SourceAnswer | CodeAnswer) -> Searched:
    """Return the texts of an item that a search looks in."""
    match item:
        case ForceAnswer():
            return Searched(" ".join([item.name, *item.aliases]), "")
        case SourceAnswer():
            return Searched(f"{item.title} {item.publisher}", " ".join(item.notes))
        case _:
            return Searched(" ".join([item.label, *item.aliases]), item.definition)


async def one(session: Session, read: Read, item_id: str) -> Content:
    """Build one force or source.

    Raises:
        Problem: 404 if the release has none with this id.

    """
    read_few(session.pairs, [PARAMETERS["release"]], session.reference, session.errors)
    items = {item.id: item for item in await read(session)}
    if item_id not in items:
        meant = session.reference.meant("force", item_id) if read is read_forces else []
        raise not_in_release(session, item_id, items, meant)
    return Content(items[item_id].model_dump_json().encode())


async def codes(session: Session) -> Content:
    """Build all trees and closed lists, or what a search finds in each."""
    given = read_few(session.pairs, CODES, session.reference, session.errors)
    lists = codes_of(session.reference)
    if "q" in given:
        words = [(name, code) for name, listed in lists.items() for code in listed]
        found = await search(session.connection, [searched(code) for _, code in words], given["q"])
        lists = {name: [words[position][1] for position in found if words[position][0] == name] for name in lists}
    body = CodesAnswer(release=session.release.version, **lists)
    return Content(body.model_dump_json().encode())


async def read_forces(session: Session) -> list[ForceAnswer]:
    """Return the forces of a release in order of id, with the number of records about each."""
    counts = await count_by(session.connection, session.release, "force")
    forces = session.reference.forces.values()
    return [ForceAnswer(**dict(force), records=counts.get(force.id, 0)) for force in forces]


async def read_sources(session: Session) -> list[SourceAnswer]:
    """Return the sources of a release in order of id, with the number of records based on each."""
    counts = await count_by_source(session.connection, session.release)
    sources = session.reference.sources
    return [source_answer(source, sources, counts.get(source.id, 0)) for source in sources.values()]

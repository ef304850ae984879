"""What the records refer to: forces, sources and codes."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.database import tables
from app.database.reference import TREES
from app.domain.vocabulary import CLOSED_LISTS
from app.formats.columns import columns
from app.formats.lists import LIST_FORMATS, MEDIA_TYPES, one_batch, written
from app.formats.resources import CodeAnswer, ForceAnswer, SourceAnswer
from app.http.answer import choose_form, dumps, json_answer, reading
from app.http.problems import nearest, not_found
from app.queries.parameters import PARAMETERS
from app.queries.query import read_few, read_pairs
from app.routes.descriptions import ForceId, SourceId, of_one, of_reference_list
from app.routes.schemas import CodesAnswer, ListOfForces, ListOfSources

router = APIRouter(prefix="/v1", tags=["reference"])

Things = Sequence[ForceAnswer] | Sequence[SourceAnswer]


@router.get("/forces", **of_reference_list("forces", ListOfForces))
async def list_forces(request: Request) -> Response:
    """Police forces and the areas that hold them, with the number of records about each."""
    return await _list(request, read_forces, ForceAnswer)


@router.get("/forces/{id}", **of_one("force", ForceAnswer, HTTPStatus.NOT_FOUND))
async def get_force(request: Request, id: ForceId) -> Response:  # noqa: A002 - the name in the address
    """One force or area."""
    return await _one(request, read_forces, id)


@router.get("/sources", **of_reference_list("sources", ListOfSources))
async def list_sources(request: Request) -> Response:
    """Texts that records are read from, and those that others go back to."""
    return await _list(request, read_sources, SourceAnswer)


@router.get("/sources/{id}", **of_one("source", SourceAnswer, HTTPStatus.NOT_FOUND))
async def get_source(request: Request, id: SourceId) -> Response:  # noqa: A002 - the name in the address
    """One source."""
    return await _one(request, read_sources, id)


@router.get("/codes", **of_one("codes", CodesAnswer))
async def get_codes(request: Request) -> Response:
    """Every word that a record may use: the code trees, the breakdowns and the closed lists."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, [PARAMETERS["release"]], found.reference, found.wrong)
        data = await read_codes(found.connection, found.release.id)
        body = CodesAnswer(release=found.release.version, **data).model_dump_json().encode()
        return json_answer(request, found, body)


async def _list(
    request: Request, read: Callable[[AsyncConnection, int], Awaitable[Things]], model: type[BaseModel]
) -> Response:
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        taken = [PARAMETERS[name] for name in ("release", "format")]
        given = read_few(pairs, taken, found.reference, found.wrong)
        form = choose_form(request, given.get("format"), MEDIA_TYPES)
        things = await read(found.connection, found.release.id)
        documents = [thing.model_dump_json() for thing in things]
        if form in LIST_FORMATS:
            pieces = written(form, one_batch(documents), columns(model))
            body = b"".join([piece async for piece in pieces])
            return json_answer(request, found, body, media_type=LIST_FORMATS[form].content_type)
        path = request.url.path
        version = f"release={given['release']}" if "release" in given else ""
        links = {
            "self": f"{path}?{version}" if version else path,
            "next": None,
            "csv": f"{path}?{'&'.join(filter(None, [version, 'format=csv']))}",
        }
        meta = {
            "total": len(things),
            "count": len(things),
            "release": found.release.version,
            "undated_excluded": 0,
            "query": given,
        }
        rest = dumps({"meta": meta, "warnings": [], "links": links})
        return json_answer(request, found, b'{"data":[' + ",".join(documents).encode() + b"]," + rest[1:])


async def _one(
    request: Request, read: Callable[[AsyncConnection, int], Awaitable[Things]], wanted: str
) -> Response:
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, [PARAMETERS["release"]], found.reference, found.wrong)
        things = {thing.id: thing for thing in await read(found.connection, found.release.id)}
        if wanted not in things:
            detail = f"Release {found.release.version} knows nothing of this id."
            raise not_found(detail, nearest(wanted, list(things)))
        return json_answer(request, found, things[wanted].model_dump_json().encode())


async def read_forces(connection: AsyncConnection, release: int) -> list[ForceAnswer]:
    """Return the forces of a release in the order of their ids."""
    force, record = tables.Force, tables.Record
    counts = (
        select(record.force, func.count().label("records"))
        .where(record.release_id == release)
        .group_by(record.force)
        .subquery()
    )
    statement = (
        select(
            *(force.id, force.name, force.kind, force.ons_code, force.part_of),
            func.coalesce(counts.c.records, 0).label("records"),
        )
        .outerjoin(counts, counts.c.force == force.id)
        .where(force.release_id == release)
        .order_by(force.id)
    )
    rows = await connection.execute(statement)
    return [ForceAnswer.model_validate(row._asdict()) for row in rows]


async def read_sources(connection: AsyncConnection, release: int) -> list[SourceAnswer]:
    """Return the sources of a release in the order of their ids."""
    source, evidence = tables.Source, tables.Evidence
    counts = (
        select(evidence.source, func.count(evidence.record_id.distinct()).label("records"))
        .where(evidence.release_id == release)
        .group_by(evidence.source)
        .subquery()
    )
    statement = (
        select(source, func.coalesce(counts.c.records, 0).label("records"))
        .outerjoin(counts, counts.c.source == source.id)
        .where(source.release_id == release)
        .order_by(source.id)
    )
    rows = [row._asdict() for row in await connection.execute(statement)]
    return [
        SourceAnswer.model_validate(
            {name: row[name] for name in SourceAnswer.model_fields if name != "published"}
            | {
                "published": {
                    "date": row["published_date"],
                    "precision": row["published_precision"],
                    "basis": row["published_basis"],
                }
            }
        )
        for row in rows
    ]


async def read_codes(connection: AsyncConnection, release: int) -> dict[str, list[CodeAnswer]]:
    """Return every tree and every closed list, each in its curators' order."""
    found: dict[str, list[CodeAnswer]] = {}
    for tree, model in TREES.items():
        statement = (
            select(model.id, model.label, model.definition, model.parent)
            .where(model.release_id == release)
            .order_by(model.position)
        )
        rows = await connection.execute(statement)
        found[tree] = [CodeAnswer.model_validate(row._asdict()) for row in rows]
    category = tables.Category
    statement = (
        select(category.id, category.label, category.definition, category.dimension.label("parent"))
        .where(category.release_id == release)
        .order_by(category.position)
    )
    rows = await connection.execute(statement)
    found["breakdown"] = [CodeAnswer.model_validate(row._asdict()) for row in rows]
    for name, terms in CLOSED_LISTS.items():
        found[name] = [
            CodeAnswer(id=term, label=term.replace("-", " "), definition=term.definition) for term in terms
        ]
    return found

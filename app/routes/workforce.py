"""The headcounts of a force, which rates use as denominators."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from app.analysis.warnings import ListWarning
from app.formats.columns import columns
from app.formats.lists import LIST_FORMATS
from app.formats.resources import HeadcountAnswer
from app.http.answer import Content, answer
from app.http.lookup import not_in_release
from app.http.session import Session
from app.queries.parameters import WORKFORCE
from app.queries.workforce import read_headcounts
from app.routes.descriptions import ForceId, of_rows
from app.routes.files import address_of, file_of, links_of, listed, read_short_list
from app.routes.schemas import ListOfHeadcounts

router = APIRouter(prefix="/v1", tags=["reference"])

COLUMNS = columns(HeadcountAnswer)

NONE = ListWarning(
    "no-records",
    "No headcount matches. That is not zero: the sources have none of this force, day or worker type.",
    ids=[],
    more=0,
)


@router.get("/forces/{id}/workforce", **of_rows("workforce", ListOfHeadcounts, WORKFORCE, HTTPStatus.NOT_FOUND))
async def list_workforce(request: Request, id: ForceId) -> Response:  # noqa: A002 - the name in the address
    """How many people worked for a force, by day and worker type, latest first."""
    return await answer(request, workforce, id)


async def workforce(session: Session, force: str) -> Content:
    """Build a force's headcounts.

    Raises:
        Problem: 404 if the release has no such force.

    """
    given, form = read_short_list(session, WORKFORCE)
    forces = session.reference.forces
    if force not in forces:
        raise not_in_release(session, force, forces, session.reference.meant("force", force))
    data = [
        {column.header: getattr(row, column.header) for column in COLUMNS}
        for row in await read_headcounts(session.connection, session.release, [force])
        if row.as_at in given.get("as_at", [row.as_at])
        and row.worker_type in given.get("worker_type", [row.worker_type])
    ]
    data.sort(key=lambda one: one["as_at"], reverse=True)
    warnings = [] if data else [NONE]
    address = address_of(session)
    if form in LIST_FORMATS:
        bom = given.get("bom", False)
        return await file_of(
            session, form, "Workforce", data, COLUMNS, address=address, warnings=len(warnings), bom=bom
        )
    return listed(session, data, query=given, links=links_of(address), warnings=warnings)

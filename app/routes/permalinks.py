"""Permalinks: the addresses that citations carry, which lead to the record they name."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

router = APIRouter(include_in_schema=False)


@router.get("/figures/{id}")
async def figure(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """Lead to a figure."""
    return _to(request, f"/v1/figures/{id}")


@router.get("/incidents/{id}")
async def incident(request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
    """Lead to an incident."""
    return _to(request, f"/v1/incidents/{id}")


def _to(request: Request, path: str) -> Response:
    """Send on for now: the address stays, and what stands there may become a page."""
    query = request.url.query
    return RedirectResponse(f"{path}?{query}" if query else path, HTTPStatus.TEMPORARY_REDIRECT)

"""`/docs`: the API with forms to try it, its problems and the guide, on one page."""

from fastapi import APIRouter, FastAPI, Request, Response

from app.http.problems import PROBLEM_GROUPS
from app.queries.query import read_pairs, refuse_all
from app.web import documents
from app.web.page import page

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def get_docs(request: Request) -> Response:
    """Describe the API: a list of its endpoints, which scripts replace with forms to try them."""
    refuse_all(read_pairs(request.scope["query_string"]))
    application: FastAPI = request.app
    described = application.openapi()
    return await page(
        request,
        "docs.html",
        description=documents.from_markdown(described["info"]["description"]),
        operations={path: methods["get"]["summary"] for path, methods in described["paths"].items()},
        problems=PROBLEM_GROUPS,
        groups=documents.groups(),
    )

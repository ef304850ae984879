"""The pages of the guide, made from `docs/`."""

from fastapi import APIRouter, Request, Response

from app.http.problems import not_found
from app.queries.errors import nearest
from app.queries.query import read_pairs, refuse_all
from app.web import documents
from app.web.page import page

router = APIRouter(prefix="/guide", include_in_schema=False)


@router.get("")
async def list_documents(request: Request) -> Response:
    """List the guide's pages, each with a summary."""
    refuse_all(read_pairs(request.scope["query_string"]))
    return await page(request, "guide.html", groups=documents.groups())


@router.get("/{name:path}")
async def get_document(request: Request, name: str) -> Response:
    """Show one page of the guide."""
    refuse_all(read_pairs(request.scope["query_string"]))
    pages = documents.documents()
    if name not in pages:
        raise not_found("The guide has no such page; /guide lists them.", nearest(name, list(pages)))
    return await page(request, "document.html", document=pages[name])

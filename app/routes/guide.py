"""The guide: what `docs/` says, for people who read it here."""

from fastapi import APIRouter, Request, Response

from app import guide
from app.errors import nearest, not_found
from app.page_answers import page
from app.queries import read_pairs, refuse_all

router = APIRouter(prefix="/guide", include_in_schema=False)


@router.get("")
def list_documents(request: Request) -> Response:
    """Every page of the guide with what it is about."""
    refuse_all(read_pairs(request.scope["query_string"]))
    return page(request, "guide.html", groups=guide.groups())


@router.get("/{name:path}")
def get_document(request: Request, name: str) -> Response:
    """One page of the guide."""
    refuse_all(read_pairs(request.scope["query_string"]))
    documents = guide.documents()
    if name not in documents:
        raise not_found("The guide has no such page; /guide lists them.", nearest(name, list(documents)))
    return page(request, "document.html", document=documents[name])

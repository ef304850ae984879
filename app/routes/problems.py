"""Pages that say what each problem means and what to do; the `type` of a problem leads there."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from app.errors import EXPLANATIONS, PARAMETER_PROBLEMS, PROBLEMS, nearest, not_found
from app.queries import read_pairs, refuse_all
from app.templating import render

router = APIRouter(prefix="/problems", include_in_schema=False)

KEPT = {"Cache-Control": "public, max-age=3600"}
GROUPS = [("Problems", PROBLEMS), ("Problems with a parameter, in `errors`", PARAMETER_PROBLEMS)]


@router.get("")
async def list_problems(request: Request) -> Response:
    """Every problem with its meaning."""
    refuse_all(read_pairs(request.scope["query_string"]))
    page = render("problems.html", title="Every problem", code="", groups=GROUPS)
    return HTMLResponse(page, headers=KEPT)


@router.get("/{code}")
async def get_problem(request: Request, code: str) -> Response:
    """One problem: what it means and what to do."""
    refuse_all(read_pairs(request.scope["query_string"]))
    if code not in EXPLANATIONS:
        raise not_found("No problem has this code; /problems lists them.", nearest(code, list(EXPLANATIONS)))
    explanation = EXPLANATIONS[code]
    page = render("problems.html", title=explanation.title, code=code, explanation=explanation)
    return HTMLResponse(page, headers=KEPT)

"""Pages that say what each problem means and what to do; a problem's `type` links to its page."""

from fastapi import APIRouter, Request, Response

from app.http.problems import EXPLANATIONS, PROBLEM_GROUPS, not_found
from app.queries.errors import nearest
from app.queries.query import read_pairs, refuse_all
from app.web.page import page

router = APIRouter(prefix="/problems", include_in_schema=False)


@router.get("")
async def list_problems(request: Request) -> Response:
    """List every problem with its meaning."""
    refuse_all(read_pairs(request.scope["query_string"]))
    return await page(request, "problems.html", groups=PROBLEM_GROUPS)


@router.get("/{code}")
async def get_problem(request: Request, code: str) -> Response:
    """Show one problem: what it means and what to do."""
    refuse_all(read_pairs(request.scope["query_string"]))
    if code not in EXPLANATIONS:
        raise not_found("No problem has this code; /problems lists them.", nearest(code, list(EXPLANATIONS)))
    return await page(request, "problem.html", code=code, explanation=EXPLANATIONS[code])

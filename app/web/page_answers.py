"""How pages for people are answered, and the files that they load; answers with data are in `answers`."""

import hashlib
import os
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from app.http import problems
from app.http.answer import FRESH, not_modified
from app.web.templating import render

KEPT = "public, max-age=31536000, immutable"
"""Of the files that pages load: their address changes with them."""

SAID: dict[str, object] = {"errors": [], "nearest": [], "elsewhere": "", "reason": ""}
"""What a problem may say besides, and its page shows."""


class Files(StaticFiles):
    """The files of a folder, good for as long as a browser cares to keep them."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = HTTPStatus.OK,
    ) -> Response:
        """Answer a file."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Cache-Control"] = KEPT
        return answer


def page(request: Request, template: str, **values: object) -> Response:
    """Answer a page that no release has part in, or 304 where the client has it already."""
    body = render(template, **values)
    etag = hashlib.sha256(body.encode()).hexdigest()[:32]
    headers = {"ETag": f'"{etag}"', "Cache-Control": FRESH}
    if not_modified(request, etag):
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)
    return HTMLResponse(body, headers=headers)


def wants_page(request: Request) -> bool:
    """Whether a problem had better be told as a page: only where pages are asked for by name."""
    accept = parse_accept_header(request.headers.get("accept") or "*/*", MIMEAccept)
    return accept.best_match([problems.MEDIA_TYPE, "application/json", "text/html"]) == "text/html"


def problem_answer(request: Request, problem: problems.Problem) -> Response:
    """Answer a problem: as a page to who asks for pages, in a form for programs to anyone else and under /v1."""
    answer = problems.respond(request, problem)
    if request.url.path.startswith("/v1"):
        return answer
    if wants_page(request):
        said = {**SAID, **problem.extra, "folder": _folder(request)}
        body = render("refused.html", problem=problem, explanation=problems.PROBLEMS[problem.code], **said)
        answer = HTMLResponse(body, problem.status.value, dict(problem.headers))
    answer.headers.add_vary_header("Accept")
    return answer


def _folder(request: Request) -> str:
    """Return the address to which a name is added, where the name that was asked for is the end of one."""
    names = list(request.path_params.values())
    return str(request.scope["path"]).removesuffix(names[0]) if len(names) == 1 else ""

"""Build and answer pages, and serve the files that they load."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.http import problems
from app.http.answer import FOR_EVER, FRESH, NO_STORE, Answer, Content, answer, check_acceptable, finish
from app.http.negotiation import accepted_types, preferred
from app.http.problems import Problem, not_found
from app.http.session import Session
from app.queries.parameters import PARAMETERS
from app.queries.query import Pairs, read_few, read_pairs
from app.releases.rendering import PUBLIC_ADDRESS
from app.web.templating import STATIC, SWAGGER, render

router = APIRouter(include_in_schema=False)

HTML = "text/html; charset=utf-8"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
"""The Content-Security-Policy: pages load only from this server, with no inline scripts or styles."""

FILE_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""The media types of files that pages load."""

PROBLEM_MEMBERS: dict[str, object] = {"errors": [], "nearest": [], "elsewhere": "", "reason": "", "release": ""}
"""The extra members of a problem that its page shows, with their defaults."""


PAGES = (
    *("forces", "topics", "coverage", "series", "rates", "sources", "compare", "releases", "about", "guide"),
    *("docs", "problems"),
)
"""The pages besides the front page that exist whatever the data: in the sitemap, and suggested on 404 pages."""

WITH_NAMES = frozenset({"figures", "incidents", "forces", "sources", "topics", "releases", "guide"})
"""First path segments with a page for each name."""

OTHER_NAMES = {
    "allegation": "topics",
    "allegations": "topics",
    "articles": "sources",
    "api": "docs",
    "changelog": "guide/changelog",
    "codes": "topics",
    "data": "about",
    "dataset": "about",
    "glossary": "guide/glossary",
    "licence": "about",
    "methodology": "guide/methodology",
    "police-forces": "forces",
    "trends": "series",
}
"""Other names that people may use for our pages."""

WITHOUT_INDEX = {"figures": "/", "incidents": "/#incidents"}
"""Pages with a subpage for each name that aren't pages themselves, each with the page that lists the names."""

MAX_NAME = 50

Build = TypeVar("Build", bound=Callable[..., Awaitable[Content]])


def shows(router: APIRouter, *paths: str, form: Sequence[str] = ()) -> Callable[[Build], Build]:
    """Answer requests for a page with what a function builds from a session and the path parameters.

    `form` lists the fields of a form on the page, because browsers send blank ones too.
    """

    def register(build: Build) -> Build:
        async def show(request: Request) -> Response:
            return without_blanks(request, form) or await answer(request, build, *request.path_params.values())

        for path in paths:
            router.add_api_route(path, show)
        return build

    return register


def html(body: str, *, may_be_framed: bool = False, status: HTTPStatus = HTTPStatus.OK) -> Content:
    """Return a page; only embeds may be framed by other sites."""
    policy = POLICY.format(ancestors="*" if may_be_framed else "'none'")
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "strict-origin-when-cross-origin"}
    return Content(body.encode(), HTML, headers, status)


def page_of(session: Session, template: str, **values: object) -> Content:
    """Return a page that shows a release."""
    return html(rendered(session, template, **values))


def rendered(session: Session, template: str, **values: object) -> str:
    """Render a template that shows a release.

    `pin` and `also` keep links in the release: `pin` as the only parameter, `also` as an additional one.
    """
    shown = {
        "canonical": _without(session, {"release", "view"}),
        "public": PUBLIC_ADDRESS,
        "release": session.release,
        "pinned": session.is_pinned,
        "unpinned": _without(session, {"release", "cursor"}),
        "pin": address("", pin_of(session)),
        "also": f"&{urlencode(pin_of(session))}" if session.is_pinned else "",
    }
    return render(template, **{**shown, **values})


async def page(request: Request, template: str, **values: object) -> Answer:
    """Answer with a page that doesn't show a release."""
    content = html(render(template, canonical=request.scope["path"], public=PUBLIC_ADDRESS, **values))
    check_acceptable(request, content.media_type)
    return await finish(request, content, FRESH)


def prefers_page(request: Request) -> bool:
    """Whether to show a client problems as pages: only if its `Accept` prefers HTML."""
    forms = {"problem": problems.MEDIA_TYPE, "json": "application/json", "page": "text/html"}
    return preferred(accepted_types(request.scope), forms) == "page"


async def render_problem(request: Request, problem: Problem) -> Answer:
    """Answer with a problem: as a page for people, as problem details for programs and everywhere under /v1."""
    path = request.scope["path"]
    if path.startswith("/v1") or not prefers_page(request):
        content = Content(problem.as_json(path), problems.MEDIA_TYPE, problem.headers, problem.status)
        return await finish(request, content, NO_STORE)
    said = {**PROBLEM_MEMBERS, **problem.extra, "folder": _folder(request)}
    is_lost = problem.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
    said |= {"is_lost": is_lost, "pages": near_pages(path) if is_lost and not request.path_params else []}
    body = render(
        "refused.html", canonical="", problem=problem, explanation=problems.PROBLEMS[problem.code], **said
    )
    content = html(body, status=problem.status)
    return await finish(request, replace(content, headers={**content.headers, **problem.headers}), NO_STORE)


def near_pages(path: str) -> list[str]:
    """Return suggestions for a path that doesn't exist."""
    first, _, rest = path.lower().strip("/").partition("/")
    if not first:
        return []
    there = OTHER_NAMES.get(first) or next(
        iter(get_close_matches(first[:MAX_NAME], {*PAGES, *WITH_NAMES}, 1)), None
    )
    if there is None:
        return []
    if rest and there in WITH_NAMES:
        return [f"/{there}/{quote(rest)}"]
    return [WITHOUT_INDEX.get(there, f"/{there}")]


def _folder(request: Request) -> str:
    """Return the request's path without the name at its end, or an empty string if it doesn't end in one."""
    names = list(request.path_params.values())
    return str(request.scope["path"]).removesuffix(names[0]) if len(names) == 1 else ""


@router.get("/static/{path:path}")
async def get_file(request: Request, path: str) -> Response:
    """Send a file that pages load. Its URL changes with its content, so browsers may cache it forever."""
    files = _files()
    if path not in files:
        raise not_found("There is no such file.", [])
    body = files[path].read_bytes()
    return await finish(request, Content(body, FILE_TYPES[files[path].suffix]), FOR_EVER)


@cache
def _files() -> dict[str, Path]:
    """Return the files that pages may load, by their names in URLs."""
    own = {file.name: file for file in STATIC.iterdir()}
    swagger = {f"swagger/{file.name}": file for file in SWAGGER.iterdir()}
    return {name: file for name, file in (own | swagger).items() if file.suffix in FILE_TYPES}


def address(path: str, pairs: Pairs) -> str:
    """Return the address of a path with parameters."""
    return f"{path}?{urlencode(pairs)}" if pairs else path


def without_blanks(request: Request, fields: Sequence[str]) -> Response | None:
    """Redirect to the address without blank form fields; None if there are none."""
    path, pairs = request.scope["path"], read_pairs(request.scope["query_string"])
    filled = [(name, value) for name, value in pairs if value or name not in fields]
    return None if len(filled) == len(pairs) else RedirectResponse(address(path, filled), HTTPStatus.FOUND)


def refuse_all_but_release(session: Session) -> None:
    """Refuse every parameter except `release`."""
    read_few(session.pairs, [PARAMETERS["release"]], session.reference, session.errors)


def pin_of(session: Session) -> Pairs:
    """Return the parameter that keeps links in the page's pinned release, if it's pinned."""
    return [("release", session.release.version)] if session.is_pinned else []


def _without(session: Session, left_out: Collection[str]) -> str:
    """Return the address of the current page without some of its parameters."""
    return address(session.path, [(name, value) for name, value in session.pairs if name not in left_out])

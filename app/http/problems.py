"""Errors as clients see them: problem details (RFC 9457) that say what is wrong and what would be right."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database.pool import DatabaseUnavailableError
from app.queries.errors import BadQueryError, ParameterError

log = logging.getLogger("upheld")

MEDIA_TYPE = "application/problem+json"
MAX_ALLOWED = 50
"""The most errors, and the most accepted values of each, that an answer lists."""

MAX_PATH = 2_000
"""Characters of the longest path that is routed; none of our paths is a tenth as long."""

MAX_SHOWN = 200
"""The most characters of a parameter's name or value that an answer repeats."""


@dataclass(frozen=True)
class Explanation:
    """What a problem's code means, for the page that its `type` links to."""

    title: str
    meaning: str
    remedy: str
    example: str = ""
    """A path that causes this problem; empty if a reader can't cause it."""


PROBLEMS = {
    "invalid-query": Explanation(
        "The query was refused",
        "At least one parameter can't be used as given. Upheld never ignores one, because a filter that is "
        "silently ignored gives a wrong number that looks right.",
        "`errors` lists everything that is wrong: the parameter, its value, a code, what would be accepted "
        "(`allowed`) and what you may have meant (`nearest`). Fix them all at once.",
        "/v1/outcomes?force=metropolitian&outcme=upheld",
    ),
    "not-found": Explanation(
        "There is nothing here",
        "Nothing has this name in the release that you asked for, or the record is of another kind.",
        "`nearest` suggests what you may have meant. `elsewhere`, if given, is the address of a record of another "
        "kind. `/v1` lists every endpoint.",
        "/v1/complaints/met-2012-2018-complaint",
    ),
    "method-not-allowed": Explanation(
        "This API is read-only",
        "It answers GET, HEAD and browsers' preflight requests. Nothing can be changed here.",
        "Use GET.",
    ),
    "not-acceptable": Explanation(
        "This format is not available",
        "`Accept` or `Accept-Encoding` rules out everything that this endpoint can answer with.",
        "`available` lists the formats. If an endpoint takes `format`, it overrides `Accept`.",
    ),
    "not-addable": Explanation(
        "These figures can't be added",
        "At least two of the selected figures overlap, count different things, or have no dates. Their sum would "
        "be wrong.",
        "`conflicts` lists the pairs that can't be added, and why. Narrow the filters until none is left.",
        "/v1/total?id=met-2012-2018-complaints&id=met-2012-2018-complaints-upheld",
    ),
    "too-many-figures": Explanation(
        "There are too many figures",
        "The filters select more figures than can be added, drawn as series, or put into one Excel file.",
        "Narrow the filters; `limit` is the maximum. Among the list formats, only Excel has one.",
    ),
    "not-one-measure": Explanation(
        "These rates can't be compared",
        "A comparison of forces needs one measure, one period and one group of subjects, with one figure per "
        "force. The selected figures differ in more than that.",
        "`differ` lists what they differ in, with the values. Add filters until one of each is left.",
    ),
    "withdrawn": Explanation(
        "The record was withdrawn",
        "`release` is the release that withdrew it, `reason` says why.",
        "Earlier releases still have it, since releases never change: use `release=`. Don't quote it as current.",
    ),
    "release-gone": Explanation(
        "The cursor's release no longer exists",
        "Paging continues in the release in which it started, and that release is gone.",
        "Start again without the cursor.",
        "/v1/figures?cursor=WyIwLjkuMCIsIjAwMDAwMDAwMDAwMDAwMDAiLCIwMDAwMDAwMDAwMDAwMDAwIiwxMDAsIjQzYTRjODYxIl0",
    ),
    "removed": Explanation(
        "The record was removed for legal reasons",
        "It was removed from every release, which only happens for legal reasons. `reason` says as much as we can.",
        "There is nothing you can do: it isn't available anywhere else here.",
    ),
    "bad-request": Explanation(
        "The request can't be read",
        "It breaks the rules of HTTP, or asks for something that this server doesn't support.",
        "Send a plain GET.",
    ),
    "internal-error": Explanation(
        "Something went wrong on our side",
        "The fault is ours, not in your request.",
        "Try again later. If the error persists, report it with the `X-Request-ID` of the response.",
    ),
    "database-unavailable": Explanation(
        "The server can't answer now",
        "The server is too busy, the database can't be reached, or no release is loaded yet. `detail` says which.",
        "Try again after the number of seconds in `Retry-After`.",
    ),
}
"""Every kind of problem: the only place that says what each code means."""

PARAMETER_PROBLEMS: Mapping[str, Explanation] = {
    "unknown-parameter": Explanation(
        "There is no such parameter",
        "This endpoint has no parameter of this name. Names are case-sensitive.",
        "`allowed` lists its parameters.",
        "/v1/figures?forse=metropolitan",
    ),
    "repeated": Explanation(
        "The parameter takes one value",
        "It was given more than once, but only one value makes sense.",
        "Give it once.",
        "/v1/figures?limit=10&limit=20",
    ),
    "empty": Explanation(
        "The value is missing",
        "The parameter has no value, or is required and missing.",
        "Leave a filter out to get everything; give a required parameter a value.",
        "/v1/figures?force=",
    ),
    "malformed": Explanation(
        "The value can't be read",
        "It isn't in the form that this parameter needs.",
        "See `message` and `allowed`. `2020-21` could be a year or a month: write `FY2020-21` or `2021-01`.",
        "/v1/figures?period=2020-21",
    ),
    "out-of-range": Explanation(
        "The value is too small or too large",
        "It is in the right form, but outside the allowed range.",
        "`allowed` gives the range.",
        "/v1/figures?limit=1000",
    ),
    "reversed": Explanation(
        "The end is before the start",
        "The two days of a period are in the wrong order.",
        "Put the earlier day first.",
        "/v1/figures?period=2020/2018",
    ),
    "unknown-code": Explanation(
        "There is no such code",
        "The value isn't one of the codes, ids or words that this parameter accepts.",
        "`nearest` suggests what you may have meant, and `allowed` lists the accepted values. `/v1/codes` defines "
        "every code.",
        "/v1/figures?outcome=upheeld",
    ),
    "not-applicable": Explanation(
        "The parameter doesn't apply here",
        "These records have no such field, the parameter only works together with another one, or it "
        "doesn't fit the format.",
        "Leave it out, or add what `allowed` names.",
        "/v1/complaints?standing=alleged",
    ),
    "foreign-cursor": Explanation(
        "The cursor belongs to another query",
        "A cursor works only with the filters, the sort and the release that it was made for.",
        "Follow `links.next` unchanged, or start again without the cursor.",
    ),
}
"""Every kind of problem with a parameter, by its `code` in `errors`."""

PROBLEM_GROUPS = {"Problems": PROBLEMS, "Problems with a parameter, in `errors`": PARAMETER_PROBLEMS}
"""All explanations, grouped as pages list them."""

EXPLANATIONS: Mapping[str, Explanation] = {**PROBLEMS, **PARAMETER_PROBLEMS}


class Problem(Exception):  # noqa: N818 - the standard's word for it
    """An error to show the client. Raised anywhere below a route, answered as problem details."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the status, the problem's code, its detail, extra members and headers."""
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.extra = extra or {}
        self.headers = headers or {}

    def as_json(self, path: str) -> bytes:
        """Return the problem details for a request to a path, as JSON."""
        body = {
            "type": f"/problems/{self.code}",
            "title": PROBLEMS[self.code].title,
            "status": self.status.value,
            "detail": self.detail,
            "instance": uri_reference(path),
            **self.extra,
        }
        return orjson.dumps(_printable(body))


def uri_reference(path: str) -> str:
    """Return a path as a URI reference (RFC 3986), cut if very long."""
    written = quote(path[:MAX_PATH], safe="/:@!$&'()*+,;=~", errors="replace")
    # Two slashes would start a host name.
    return f"/.{written}" if written.startswith("//") else written


def _printable(value: object) -> object:
    """Replace lone surrogates, which UTF-8 can't encode, with question marks."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return value


def bad_query(errors: Sequence[ParameterError]) -> Problem:
    """Return the problem of a query with wrong parameters, with all of them listed."""
    named = ", ".join(dict.fromkeys(error.parameter[:MAX_SHOWN] for error in errors[:10]))
    detail = f"The query was refused: {named}."
    extra = {"errors": listed_errors(errors)}
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-query", detail, extra=extra)


def listed_errors(errors: Sequence[ParameterError]) -> list[dict[str, Any]]:
    """Return errors as an answer lists them, with long texts and lists cut."""
    return [
        asdict(
            replace(
                error,
                parameter=error.parameter[:MAX_SHOWN],
                value=error.value[:MAX_SHOWN],
                allowed=error.allowed[:MAX_ALLOWED],
            )
        )
        for error in errors[:MAX_ALLOWED]
    ]


def not_found(detail: str, near: Sequence[str], elsewhere: str | None = None) -> Problem:
    """Return the problem of an unknown id; `elsewhere` is the path of a record of another kind."""
    extra: dict[str, Any] = {"nearest": list(near)}
    if elsewhere is None:
        return Problem(HTTPStatus.NOT_FOUND, "not-found", detail, extra=extra)
    link = {"Link": f'<{elsewhere}>; rel="alternate"'}
    return Problem(HTTPStatus.NOT_FOUND, "not-found", detail, extra=extra | {"elsewhere": elsewhere}, headers=link)


def not_acceptable(available: Sequence[str], header: str = "Accept") -> Problem:
    """Return the problem of a request whose `Accept` or `Accept-Encoding` excludes every answer."""
    detail = f"This endpoint answers as {', '.join(available)}; {header} excludes all of them."
    return Problem(HTTPStatus.NOT_ACCEPTABLE, "not-acceptable", detail, extra={"available": list(available)})


def unavailable(detail: str) -> Problem:
    """Return the problem of a server that can't answer at the moment."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "database-unavailable", detail, headers={"Retry-After": "5"})


def problem_of(error: Exception) -> Problem:  # noqa: PLR0911 - one for each kind of error
    """Return the problem to answer an error with; an internal error if it was unexpected."""
    match error:
        case Problem():
            return error
        case BadQueryError():
            return bad_query(error.errors)
        case DatabaseUnavailableError():
            return unavailable("The database can't be reached or is too busy; try again in a few seconds.")
        case HTTPException(status_code=HTTPStatus.METHOD_NOT_ALLOWED):
            detail = "This API is read-only: it answers GET and HEAD."
            headers = {"Allow": "GET, HEAD"}
            return Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", detail, headers=headers)
        case HTTPException(status_code=HTTPStatus.NOT_FOUND):
            return not_found("There is nothing at this address; /v1 lists every endpoint.", [])
        case HTTPException(status_code=status_code):
            status = HTTPStatus(status_code)
            return Problem(status, "bad-request", f"The request can't be answered: {status.phrase}.")
        case _:
            detail = "Something went wrong on our side, not in your request."
            return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail)


Renderer = Callable[[Request, Problem], Awaitable[Response]]
"""A function that renders a problem: as JSON for programs, as a page for people."""


class AnswerProblems:
    """ASGI middleware: the only place that turns an error into an answer."""

    def __init__(self, app: ASGIApp, render: Renderer) -> None:
        """Answer the errors of an application."""
        self.app = app
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and answer its error, unless an answer has already started and can only be cut off."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noticing_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noticing_start)
        except Exception as error:
            if started:
                raise
            request = Request(scope)
            problem = problem_of(error)
            _log(request, error, problem)
            response = await self._render(request, problem)
            await response(scope, receive, send)


def _log(request: Request, error: Exception, problem: Problem) -> None:
    """Log the cause of a server error, which readers don't see."""
    # Don't fail the request if the log can't be written (full disk, broken pipe).
    with suppress(OSError, ValueError):
        if problem.status is HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        elif problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
            log.warning("%s %s: %s", request.method, request.url.path, error)


async def raise_unchanged(_: Request, error: Exception) -> Response:
    """Re-raise an error of the framework (no route, wrong method) for `AnswerProblems`."""
    raise error

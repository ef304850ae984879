"""Errors as clients meet them: problem details (RFC 9457) naming what was wrong and what would be right."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any, Literal

import orjson
from asyncpg.exceptions import (
    InsufficientResourcesError,
    InvalidAuthorizationSpecificationError,
    InvalidCatalogNameError,
    OperatorInterventionError,
    PostgresConnectionError,
)
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

log = logging.getLogger("upheld")

MEDIA_TYPE = "application/problem+json"
MAX_ALLOWED = 50
MAX_SHOWN = 200

ParameterCode = Literal[
    "unknown-parameter",
    "repeated",
    "empty",
    "malformed",
    "out-of-range",
    "reversed",
    "unknown-code",
    "not-applicable",
    "foreign-cursor",
]


@dataclass(frozen=True)
class Explanation:
    """What a code means, for the page that problems of its type lead to."""

    title: str
    meaning: str
    remedy: str
    example: str = ""
    """An address that is answered with it; none where it takes a state that readers cannot bring about."""


PROBLEMS = {
    "invalid-query": Explanation(
        "The query was refused",
        "At least one parameter cannot be honoured. Nothing is ignored here, because a filter that is silently "
        "ignored gives a wrong number that looks right.",
        "`errors` lists everything that is wrong, each with its parameter, value and code, what would be accepted "
        "(`allowed`) and what may have been meant (`nearest`). Put all of it right at once.",
        "/v1/outcomes?force=metropolitian&outcme=upheld",
    ),
    "not-found": Explanation(
        "There is nothing here",
        "No record, force, source, release or address has this name: or not in the release that you asked for, or "
        "not of this kind.",
        "`nearest` says what may have been meant. If `elsewhere` is given, the record is of another kind and lives "
        "there. `/v1` lists every address.",
        "/v1/complaints/met-2012-2018-complaint",
    ),
    "method-not-allowed": Explanation(
        "This API is read-only",
        "GET and HEAD are answered, and the question that browsers ask before them. Nothing can be changed here.",
        "Use GET.",
    ),
    "not-acceptable": Explanation(
        "There is no such form",
        "`Accept` or `Accept-Encoding` takes nothing that this address can answer with.",
        "`available` lists what there is. Where an address takes `format`, it beats `Accept`.",
    ),
    "not-addable": Explanation(
        "These figures may not be added",
        "At least two of the selected figures count the same in part, count different things, or cannot be placed "
        "in time, so that their sum would be wrong.",
        "`conflicts` names pairs that may not be added, and why. Narrow the filters until none is left.",
        "/v1/total?id=met-2012-2018-complaints&id=met-2012-2018-complaints-upheld",
    ),
    "too-many-figures": Explanation(
        "There are too many figures to add",
        "The filters select more figures than anybody could check the sum of.",
        "Narrow the filters; `limit` says how many may be added at most.",
    ),
    "withdrawn": Explanation(
        "The record was withdrawn",
        "A release withdrew it; `reason` says why, `release` says which one.",
        "Earlier releases still have it, since a release never changes: ask with `release=`. Do not quote it as if "
        "it stood.",
    ),
    "release-gone": Explanation(
        "The release of this walk is gone",
        "A walk from page to page goes on in the release in which it began, and that one is no longer here.",
        "Start again without the cursor.",
        "/v1/figures?cursor=WyIwLjkuMCIsIjAwMDAwMDAwMDAwMDAwMDAiLCIwMDAwMDAwMDAwMDAwMDAwIiwxMDAsIjQzYTRjODYxIl0",
    ),
    "removed": Explanation(
        "The record was removed for legal reasons",
        "It was removed from every release, which happens for no other reason; `reason` says what may be said.",
        "There is nothing to do, and no other address has it.",
    ),
    "bad-request": Explanation(
        "The request cannot be read",
        "It breaks the rules of HTTP, or asks for something that no address here does.",
        "Send a plain GET.",
    ),
    "internal-error": Explanation(
        "Something went wrong here",
        "The fault is ours and not in your request.",
        "Try again later. If it stays, report it with the `X-Request-ID` of the answer.",
    ),
    "database-unavailable": Explanation(
        "The database is away",
        "It cannot be reached, is too busy, or holds no release yet.",
        "Come again after as many seconds as `Retry-After` says.",
    ),
}
"""Every kind of problem: the one place that says what each code means."""

PARAMETER_PROBLEMS = {
    "unknown-parameter": Explanation(
        "There is no such parameter",
        "This address takes no parameter of this name; names are case-sensitive.",
        "`allowed` lists the parameters that it takes.",
        "/v1/figures?forse=metropolitan",
    ),
    "repeated": Explanation(
        "The parameter takes one value",
        "It was given more than once, and alternatives make no sense there.",
        "Give it once.",
        "/v1/figures?limit=10&limit=20",
    ),
    "empty": Explanation(
        "The value is missing",
        "The parameter stands there without a value, or is not there and has to be.",
        "Leave a filter out to have all; give a value to a parameter that is needed.",
        "/v1/figures?force=",
    ),
    "malformed": Explanation(
        "The value cannot be read",
        "It is not written as this parameter wants it.",
        "See `message` and `allowed`. `2020-21` could be a year or a month: write `FY2020-21` or `2021-01`.",
        "/v1/figures?period=2020-21",
    ),
    "out-of-range": Explanation(
        "The value is too small or too large",
        "It is well written and outside of what is possible.",
        "`allowed` says how far it may go.",
        "/v1/figures?limit=1000",
    ),
    "reversed": Explanation(
        "The end is before the start",
        "The days of a period are given the wrong way round.",
        "Put the earlier day first.",
        "/v1/figures?period=2020/2018",
    ),
    "unknown-code": Explanation(
        "There is no such word",
        "The value is none of the codes, ids or words that this parameter knows.",
        "`nearest` says what may have been meant, `allowed` what there is; `/v1/codes` defines every word.",
        "/v1/figures?outcome=upheeld",
    ),
    "not-applicable": Explanation(
        "The parameter says nothing here",
        "The records have no such field, it needs another parameter beside it, or it does not go with the form.",
        "Leave it out, or add what `allowed` names.",
        "/v1/complaints?standing=alleged",
    ),
    "foreign-cursor": Explanation(
        "The cursor belongs to another query",
        "A cursor goes with the filters, the sort and the release of the walk that it was made in.",
        "Follow `links.next` as it is, or start again without the cursor.",
    ),
}
"""Every kind of problem with a parameter, under its `code` in `errors`."""

PROBLEM_GROUPS = {"Problems": PROBLEMS, "Problems with a parameter, in `errors`": PARAMETER_PROBLEMS}
"""Everything that is explained, as pages list it."""

EXPLANATIONS: Mapping[str, Explanation] = {**PROBLEMS, **PARAMETER_PROBLEMS}


@dataclass(frozen=True)
class ParameterError:
    """One thing that is wrong with one parameter, and what would be accepted."""

    parameter: str
    value: str
    code: ParameterCode
    message: str
    allowed: list[str] = field(default_factory=list)
    nearest: list[str] = field(default_factory=list)


def nearest(value: str, allowed: Sequence[str]) -> list[str]:
    """Return what may have been meant, best first, at most three."""
    return get_close_matches(value[:100], allowed, 3, 0.6)


class Problem(Exception):  # noqa: N818 - the standard's word for it
    """An answer that is an error; raised anywhere below a route, answered as problem details."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the status, the problem's code, its explanation, further members and headers."""
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.extra = extra or {}
        self.headers = headers or {}


def bad_query(errors: Sequence[ParameterError]) -> Problem:
    """Return the problem of a query with wrong parameters, all of them at once."""
    named = ", ".join(dict.fromkeys(error.parameter[:MAX_SHOWN] for error in errors[:10]))
    found = [
        asdict(error) | {"parameter": error.parameter[:MAX_SHOWN], "value": error.value[:MAX_SHOWN]}
        for error in errors[:MAX_ALLOWED]
    ]
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-query",
        f"The query was refused: {named}.",
        extra={"errors": found},
    )


def not_found(detail: str, near: Sequence[str], elsewhere: str | None = None) -> Problem:
    """Return the problem of an id that names nothing here, with where else it is, if it is somewhere."""
    extra: dict[str, Any] = {"nearest": list(near)}
    if elsewhere is None:
        return Problem(HTTPStatus.NOT_FOUND, "not-found", detail, extra=extra)
    link = {"Link": f'<{elsewhere}>; rel="alternate"'}
    return Problem(HTTPStatus.NOT_FOUND, "not-found", detail, extra=extra | {"elsewhere": elsewhere}, headers=link)


def respond(request: Request, problem: Problem) -> Response:
    """Write a problem as its answer."""
    body = {
        "type": f"/problems/{problem.code}",
        "title": PROBLEMS[problem.code].title,
        "status": problem.status.value,
        "detail": problem.detail,
        "instance": request.url.path,
        **problem.extra,
    }
    # A lone surrogate cannot be written as UTF-8: what cannot be shown is shown as a question mark.
    text = orjson.dumps(_showable(body))
    return Response(text, problem.status.value, media_type=MEDIA_TYPE, headers=dict(problem.headers))


def _showable(value: object) -> object:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {key: _showable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_showable(item) for item in value]
    return value


def _of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        return Problem(
            status,
            "method-not-allowed",
            "This API is read-only: GET and HEAD are answered, nothing else.",
            headers={"Allow": "GET, HEAD"},
        )
    if status is HTTPStatus.NOT_FOUND:
        return not_found("There is nothing at this address; /v1 lists what there is.", [])
    return Problem(status, "bad-request", f"The request cannot be answered: {status.phrase}.")


UNREACHABLE = "The database cannot be reached or is too busy; try again in a few seconds."
"""What is said of it, whether a request has just found it so or another one a moment ago."""


def unavailable(detail: str) -> Problem:
    """Return the problem of a database that cannot be asked now."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "database-unavailable", detail, headers={"Retry-After": "5"})


AWAY = (
    *(OperationalError, PoolTimeoutError, OSError),
    *(PostgresConnectionError, OperatorInterventionError, InsufficientResourcesError),
    *(InvalidAuthorizationSpecificationError, InvalidCatalogNameError),
)
"""What is raised where the database is away, too busy or going down."""


OTHER_SCHEMA = frozenset({"3F000", "42501", "42703", "42883", "42P01"})
"""What PostgreSQL says where a table, a column or a right is missing: our statements do not change, schemas do."""


def _of_database(error: Exception) -> Problem | None:
    """Return the problem of a database that is away, busy or of another program, or None if the fault is ours."""
    if str(getattr(getattr(error, "orig", error), "sqlstate", "")) in OTHER_SCHEMA:
        return unavailable("The database has the schema of another version of this program.")
    if isinstance(error, AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return unavailable(UNREACHABLE)
    return None


def _internal() -> Problem:
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "Something went wrong here, not in the request."
    )


def fault(request: Request, error: Exception) -> Response:
    """Answer an error that no route expected: a database that is away, too much to do, or a fault of ours."""
    known = error if isinstance(error, Problem) else _of_database(error)
    # Told to whoever runs the server, and not to whoever asked.
    if known is None:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    else:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        log.warning("%s %s: the database cannot be asked: %s", request.method, request.url.path, reason)
    return respond(request, known or _internal())


def install(app: FastAPI, answer: Callable[[Request, Problem], Response] = respond) -> None:
    """Have the errors that routes raise answered, problems in a way of the caller's choice."""

    async def problem(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            error = _of_http(error)
        return answer(request, error) if isinstance(error, Problem) else fault(request, error)

    for kind in (Problem, HTTPException):
        app.add_exception_handler(kind, problem)

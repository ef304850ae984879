"""Errors as clients meet them: problem details (RFC 9457) naming what was wrong and what would be right."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any, Literal

import orjson
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
        "title": problem.status.phrase,
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
    return Problem(status, status.phrase.lower().replace(" ", "-"), status.phrase)


def unavailable(detail: str) -> Problem:
    """Return the problem of a database that cannot be asked now."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "database-unavailable", detail, headers={"Retry-After": "5"})


def _of_database(error: Exception) -> Problem | None:
    """Return the problem of a database that is away or too busy, or None where the fault is ours."""
    if isinstance(error, OperationalError | PoolTimeoutError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return unavailable("The database cannot be reached or is too busy; try again in a few seconds.")
    return None


def _internal() -> Problem:
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "Something went wrong here, not in the request."
    )


def fault(request: Request, error: Exception) -> Response:
    """Answer an error that no route expected: a database that is away, or a fault of ours."""
    known = _of_database(error)
    if known is None:
        # Told to whoever runs the server, and not to whoever asked.
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return respond(request, known or _internal())


def install(app: FastAPI) -> None:
    """Have the errors that routes raise answered as problem details."""

    async def problem(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            error = _of_http(error)
        return respond(request, error) if isinstance(error, Problem) else fault(request, error)

    for kind in (Problem, HTTPException):
        app.add_exception_handler(kind, problem)

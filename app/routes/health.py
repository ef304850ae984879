"""Health checks and metrics: whether the program is running, and whether it can answer."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Literal

import asyncpg
from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.database.current import CurrentRelease, ReleaseRow, Releases, lost_records, read_releases, read_schema
from app.database.pool import UNLOCKED, Database, DatabaseUnavailableError
from app.database.schema import schema_head
from app.http.answer import Content, dumps, uncached
from app.http.metrics import MEDIA_TYPE, Metrics
from app.queries.query import read_pairs, refuse_all
from app.releases.rendering import Answer
from app.routes.descriptions import ProblemAnswer

router = APIRouter(tags=["health"])

PATIENCE = 2.0
"""Seconds to wait for the database; monitoring gives up soon afterwards."""


class Alive(Answer):
    """The program runs."""

    status: Literal["live"] = Field(description="Always `live`.")


class Ready(Answer):
    """Whether the program can answer and, if not, why not."""

    status: Literal["ready", "not ready"] = Field(description="Whether all checks are `ok`.")
    checks: dict[str, str] = Field(description="The database, its schema and the release: `ok`, or what is wrong.")
    warnings: list[str] = Field(
        description="Problems that need attention but don't stop the server from answering."
    )


@router.get(
    "/health/live",
    operation_id="is-live",
    response_model=None,
    responses={200: {"model": Alive, "description": "It runs."}, 422: {"model": ProblemAnswer}},
)
async def live(request: Request) -> Response:
    """Answer 200 as long as the program runs, whatever the state of the database."""
    refuse_all(read_pairs(request.scope["query_string"]))
    return await uncached(request, Content(dumps({"status": "live"})))


@router.get(
    "/health/ready",
    operation_id="is-ready",
    response_model=None,
    responses={
        200: {"model": Ready, "description": "It can."},
        422: {"model": ProblemAnswer},
        503: {"model": Ready, "description": "It cannot; `checks` says why."},
    },
)
async def ready(request: Request) -> Response:
    """Answer 200 when the database is reachable, its schema is current and a release is loaded; else 503."""
    refuse_all(read_pairs(request.scope["query_string"]))
    database: Database = request.app.state.database
    checks = await _checks(database, request.app.state.current)
    good = set(checks.values()) == {"ok"}
    status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
    warnings = [f"{UNLOCKED}: {database.advice}"] if database.advice else []
    body = dumps({"status": "ready" if good else "not ready", "checks": checks, "warnings": warnings})
    return await uncached(request, Content(body, headers={} if good else {"Retry-After": "5"}, status=status))


async def _checks(database: Database, current: CurrentRelease) -> dict[str, str]:
    """Check what every request needs from the database; the first check that fails says what is wrong.

    The result also updates the current release, so a client that waits for "ready" is served right away.
    """
    checks = {"database": "not reachable", "schema": "not known", "release": "not known"}

    async def check() -> None:
        with suppress(DatabaseUnavailableError):
            async with database.connect() as connection:
                checks["database"] = "ok"
                found, needed = await read_schema(connection), schema_head()
                if found is None:
                    checks.update(schema="there is none", release="none is loaded")
                    return
                if found != needed:
                    checks["schema"] = f"is {found}, this program needs {needed}"
                    return
                checks["schema"] = "ok"
                try:
                    releases = await current.look(connection)
                except DatabaseUnavailableError as error:
                    checks["release"] = str(error)
                else:
                    checks["release"] = await _check_release(connection, releases.current)

    await _with_patience(check())
    return dict(checks)


async def _check_release(connection: asyncpg.Connection, current: ReleaseRow | None) -> str:
    if current is None:
        return "none is loaded"
    lost = await lost_records(connection, current)
    return f"{current.version} has only {lost}; `upheld load` loads it again" if lost else "ok"


@router.get(
    "/metrics",
    operation_id="get-metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Counters, gauges and histograms in the text form of Prometheus.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        422: {"model": ProblemAnswer},
    },
)
async def measure(request: Request) -> Response:
    """Answer 200 with counts and times since the start, whatever the state of the database."""
    refuse_all(read_pairs(request.scope["query_string"]))
    metrics: Metrics = request.app.state.metrics
    database: Database = request.app.state.database
    idle = database.pool.get_idle_size()
    metrics.connections.labels("in-use").set(database.pool.get_size() - idle)
    metrics.connections.labels("idle").set(idle)
    metrics.most_connections.set(database.pool.get_max_size())
    metrics.reachable.set(0)
    releases: Releases | None = request.app.state.current.releases

    async def look() -> None:
        nonlocal releases
        with suppress(DatabaseUnavailableError):
            async with database.connect() as connection:
                releases = await read_releases(connection)
            metrics.reachable.set(1)

    await _with_patience(look())
    metrics.release.clear()
    if releases is not None and releases.current is not None:
        metrics.release.labels(releases.current.version).set(1)
        metrics.release_age.set((datetime.now(UTC) - releases.current.published_at).total_seconds())
    return await uncached(request, Content(metrics.written(), MEDIA_TYPE))


async def _with_patience(work: Coroutine[None, None, None]) -> None:
    """Wait briefly for database work: on a dead network, even a cancelled driver takes a while to return."""
    task = asyncio.create_task(work)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if done:
        task.result()
    else:
        task.cancel()

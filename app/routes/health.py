"""Whether the program lives, whether it can answer, and how it fares."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.database.owner import schema_head
from app.database.pool import pool_of
from app.database.reference import find_release
from app.http.metrics import MEDIA_TYPE, Metrics
from app.queries.page import Pages
from app.queries.query import read_pairs, refuse_all
from app.releases.rendering import Answer
from app.routes.descriptions import ProblemAnswer

router = APIRouter(tags=["health"])

GENERAL, OF_PAGES = "general", "pages"
"""The pool of the engine, and the one by which pages of lists are read, by their names among the metrics."""

SOON = 2.0
"""Seconds for which the database is looked at: who asks gives up before long."""

NEVER_KEPT = {"Cache-Control": "no-store"}


class Alive(Answer):
    """The program runs."""

    status: Literal["live"] = Field(description="Always `live`.")


class Ready(Answer):
    """Whether the program can answer, and what keeps it from it."""

    status: Literal["ready", "not ready"] = Field(description="Whether all checks are `ok`.")
    checks: dict[str, str] = Field(description="The database, its schema and the release: `ok`, or what is wrong.")


@router.get(
    "/health/live",
    operation_id="is-live",
    summary="Is the program running?",
    response_model=None,
    responses={200: {"model": Alive, "description": "It runs."}, 422: {"model": ProblemAnswer}},
)
async def live(request: Request) -> Response:
    """Answer 200 as long as the program runs, whatever becomes of the database."""
    refuse_all(read_pairs(request.scope["query_string"]))
    return JSONResponse({"status": "live"}, headers=NEVER_KEPT)


@router.get(
    "/health/ready",
    operation_id="is-ready",
    summary="Can it answer?",
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
    checks = await _checks(request.app.state.engine)
    good = set(checks.values()) == {"ok"}
    status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
    body = {"status": "ready" if good else "not ready", "checks": checks}
    return JSONResponse(body, status, headers=NEVER_KEPT if good else {**NEVER_KEPT, "Retry-After": "5"})


async def _checks(engine: AsyncEngine) -> dict[str, str]:
    """Return what is known soon; what was found so far says which check failed first."""
    checks = {"database": "not reachable", "schema": "not known", "release": "not known"}
    await _soon(_look(engine, checks))
    return dict(checks)


async def _look(engine: AsyncEngine, checks: dict[str, str]) -> None:
    with suppress(SQLAlchemyError):
        async with engine.connect() as connection:
            checks["database"] = "ok"
            found = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
            wanted = schema_head()
            checks["schema"] = "ok" if found == wanted else f"is {found}, this program needs {wanted}"
            release = await find_release(connection, None)
            checks["release"] = "ok" if release else "none is loaded"


@router.get(
    "/metrics",
    operation_id="get-metrics",
    summary="How does it fare?",
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
    """Answer 200 with what was counted and timed since the start, whatever becomes of the database."""
    refuse_all(read_pairs(request.scope["query_string"]))
    metrics: Metrics = request.app.state.metrics
    engine: AsyncEngine = request.app.state.engine
    pool = pool_of(engine)
    metrics.connections.labels(GENERAL, "in-use").set(pool.checkedout())
    metrics.connections.labels(GENERAL, "idle").set(pool.checkedin())
    metrics.most_connections.labels(GENERAL).set(pool.size())
    pages: Pages = request.app.state.pages
    idle = pages.pool.get_idle_size()
    metrics.connections.labels(OF_PAGES, "in-use").set(pages.pool.get_size() - idle)
    metrics.connections.labels(OF_PAGES, "idle").set(idle)
    metrics.most_connections.labels(OF_PAGES).set(pages.pool.get_max_size())
    await _soon(_see_release(engine, metrics))
    return Response(metrics.written(), headers={**NEVER_KEPT, "Content-Type": MEDIA_TYPE})


async def _see_release(engine: AsyncEngine, metrics: Metrics) -> None:
    """Look at which release is served; where the database cannot be asked, what was seen last stays."""
    metrics.reachable.set(0)
    with suppress(SQLAlchemyError):
        async with engine.connect() as connection:
            release = await find_release(connection, None)
        metrics.reachable.set(1)
        metrics.release.clear()
        if release is not None:
            metrics.release.labels(release.version).set(1)
            metrics.release_age.set((datetime.now(UTC) - release.published_at).total_seconds())


async def _soon(looking: Coroutine[None, None, None]) -> None:
    """Have something looked at, and go on without it where that takes long.

    Where the network is gone a driver takes its time to give up, so that it is not even waited for.
    """
    task = asyncio.create_task(looking)
    done, _ = await asyncio.wait({task}, timeout=SOON)
    if done:
        task.result()
    else:
        task.cancel()

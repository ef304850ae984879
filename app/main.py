"""The application: its routes and middleware, in order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from app.database.current import CurrentRelease
from app.database.pool import open_database
from app.http.load_shedding import ShedLoad
from app.http.metrics import Metrics
from app.http.middleware import AddHeaders
from app.http.openapi import INTRODUCTION, describe
from app.http.problems import AnswerProblems, raise_unchanged
from app.http.request_log import LogRequests
from app.http.response_cache import ResponseCache
from app.routes import analysis, dataset, export, health, rates, reference, releases, series, workforce
from app.routes import records as records_api
from app.seeds.collection import collection
from app.web import (
    about,
    compare,
    coverage,
    docs,
    embeds,
    explore,
    forces,
    guide,
    page,
    problems,
    records,
    site,
    sources,
    topics,
)
from app.web import rates as rate_pages
from app.web import releases as release_pages
from app.web import series as series_pages
from app.web.addresses import TidyAddresses

API = (records_api, analysis, series, rates, reference, workforce, releases, dataset, export, health)
PAGES = (
    *(explore, records, compare, coverage, forces, sources, topics),
    *(rate_pages, series_pages, release_pages, about, guide, docs, embeds, problems, site, page),
)


def create_app(address: str, public_address: str) -> FastAPI:
    """Return the API for the database at an address; permalinks use the public address."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            open_database(address, app.state.metrics.waits.observe) as database,
            app.state.current.kept_up_to_date(database),
        ):
            app.state.database = database
            yield

    about = collection()
    app = FastAPI(
        title=about.name,
        summary="Police-misconduct figures that know what they count.",
        description=about.description + INTRODUCTION,
        version="1",
        license_info={"name": about.licence.name, "identifier": about.licence.id},
        servers=[{"url": "/", "description": "The server that this description comes from."}],
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
        # Logs and metrics are our own, in `request_log` and `metrics`.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.public_address = public_address.rstrip("/")
    app.state.references = {}
    app.state.current = CurrentRelease()
    app.state.metrics = Metrics()
    for module in (*API, *PAGES):
        app.include_router(module.router)
    app.include_router(dataset.description)
    describe(app)
    app.add_exception_handler(HTTPException, raise_unchanged)
    # Each one wraps those before it: a request passes through them from last to first.
    app.add_middleware(ShedLoad)
    app.add_middleware(AnswerProblems, render=page.render_problem)
    app.add_middleware(LogRequests, metrics=app.state.metrics)
    return app


def served(app: FastAPI) -> ASGIApp:
    """Return an application as it is served: behind its response cache, with tidy URLs and all headers."""
    return AddHeaders(TidyAddresses(ResponseCache(app, app.state.current, app.state.metrics.stored)))

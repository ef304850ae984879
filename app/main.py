"""The application: its nouns, its error answers, its middleware. Nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from app import errors
from app.bounds import Bound
from app.caching import Store
from app.catalogue import DESCRIPTION
from app.citations import NAME
from app.compression import Compress
from app.database import read_engine, read_pool
from app.finding import Pages
from app.metrics import Metrics
from app.observing import Observe, TellRoute
from app.openapi import INTRODUCTION, describe
from app.page_answers import Files, problem_answer
from app.routes import (
    analysis,
    dataset,
    docs,
    embedding,
    export,
    guide,
    health,
    pages,
    problems,
    records,
    reference,
    releases,
)
from app.routes.direct import Shortcut
from app.servers import Servers
from app.templating import STATIC, SWAGGER
from app.transport import AnswerFaults, AnswerHead, TellBrowsers
from app.watching import Watch


def create_app(address: str, public_address: str) -> FastAPI:
    """Return the API over the database at an address; readers know it by the public one."""
    servers = Servers(address)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.engine = read_engine(address, app.state.metrics.waits.observe)
        servers.spread(app.state.engine)
        async with read_pool(address, servers) as pool, app.state.watch.looking(app.state.engine):
            app.state.watch.renew = [pool.expire_connections]
            app.state.pages = Pages(pool)
            yield
        await app.state.engine.dispose()

    app = FastAPI(
        title=NAME,
        summary="Police-misconduct figures that know what they count.",
        description=DESCRIPTION + INTRODUCTION,
        version="1",
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[{"url": "/", "description": "The server that this description comes from."}],
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
        # What is told of the program while it runs is told by `observing` and `metrics`.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.public_address = public_address.rstrip("/")
    app.state.references = {}
    app.state.watch = Watch(servers)
    app.state.metrics = Metrics()
    data = (records, analysis, reference, releases, dataset, export, health)
    for_people = (pages, embedding, problems, guide, docs)
    for part in (*data, *for_people):
        app.include_router(part.router)
    app.mount("/static/swagger", Files(directory=SWAGGER))
    app.mount("/static", Files(directory=STATIC))
    describe(app)
    errors.install(app, problem_answer)
    # The last one added is the first that a request meets.
    app.add_middleware(Shortcut, routes=records.router.routes, answer=problem_answer)
    for layer in (TellRoute, Bound, AnswerFaults, Compress, TellBrowsers, AnswerHead):
        app.add_middleware(layer)
    app.add_middleware(Observe, metrics=app.state.metrics)
    return app


def create_server(address: str, public_address: str) -> ASGIApp:
    """Return the API as it is served: what it has answered before is answered before it is asked."""
    app = create_app(address, public_address)
    return Store(app, app.state.watch, app.state.metrics.stored)

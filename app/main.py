"""The application: its nouns, its error answers, its middleware. Nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from app.database.current import Watch
from app.database.pool import read_engine, read_pool
from app.database.servers import Servers
from app.formats.citations import NAME
from app.formats.dcat import DESCRIPTION
from app.http.compression import Compress
from app.http.direct import Shortcut
from app.http.load_shedding import Bound
from app.http.metrics import Metrics
from app.http.middleware import AnswerFaults, AnswerHead, TellBrowsers
from app.http.openapi import INTRODUCTION, describe
from app.http.problems import install
from app.http.request_log import Observe, TellRoute
from app.http.response_cache import Store
from app.queries.page import Pages
from app.routes import analysis, dataset, export, health, records, reference, releases
from app.web import docs, embeds, guide, pages, problems
from app.web.page_answers import Files, problem_answer
from app.web.templating import STATIC, SWAGGER


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
    for_people = (pages, embeds, problems, guide, docs)
    for part in (*data, *for_people):
        app.include_router(part.router)
    app.mount("/static/swagger", Files(directory=SWAGGER))
    app.mount("/static", Files(directory=STATIC))
    describe(app)
    install(app, problem_answer)
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

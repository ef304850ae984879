"""The application: its nouns, its error answers, its middleware. Nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_swagger import patch_fastapi

from app import errors
from app.database import read_engine
from app.routes import analysis, dataset, health, records, reference, releases
from app.transport import AnswerFaults, AnswerHead, OpenToAll


def create_app(address: str, public_address: str) -> FastAPI:
    """Return the API over the database at an address; readers know it by the public one."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.engine = read_engine(address)
        yield
        await app.state.engine.dispose()

    app = FastAPI(
        title=dataset.NAME,
        summary="Police-misconduct figures that know what they count.",
        description=dataset.DESCRIPTION,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    app.state.public_address = public_address.rstrip("/")
    app.state.references = {}
    for part in (records, analysis, reference, releases, dataset, health):
        app.include_router(part.router)
    patch_fastapi(app)
    errors.install(app)
    # The last one added is the first that a request meets.
    for layer in (AnswerFaults, OpenToAll, AnswerHead):
        app.add_middleware(layer)
    return app

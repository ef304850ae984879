"""Servers that the programs in this folder ask."""

from collections.abc import Iterator

import pytest

from app.database.loader import load
from app.database.owner import write_engine
from tests.api import running_api
from tests.postgresql import new_database
from tests.real_seeds import real_release


@pytest.fixture(scope="module")
def latest(server: str, schema: str) -> Iterator[str]:
    """Yield the address of a running server over everything in the project's own data."""
    with new_database(server, schema) as database:
        engine = write_engine(database)
        load(engine, *real_release())
        engine.dispose()
        with running_api(database) as address:
            yield address

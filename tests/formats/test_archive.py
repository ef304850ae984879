"""The zip file of a data package: always the same bytes, in bounded memory, and never half a file."""

import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from httpx import Response
from sqlalchemy import Engine

from app.database.current import ReleaseRow
from app.database.owner import write_engine
from app.formats import archive
from app.formats.archive import zipped
from app.formats.datapackage import TABLES, Contents, WarningCounts
from app.formats.lists import one_batch
from tests.api import PUBLIC, client_of
from tests.formats.packages import EXPORT, errors, records_of_every_shape, unpacked
from tests.made import dataset, figure, loaded, release
from tests.postgresql import migrate, new_database

pytestmark = pytest.mark.anyio

RELEASE = release("1.0.0", dataset([]))
CONTENTS = Contents(
    release=ReleaseRow(1, RELEASE.version, RELEASE.published_at, RELEASE.note, RELEASE.digest, "0" * 64),
    public=PUBLIC,
    counts=WarningCounts(*[0] * 9),
    codes={"allegation": [], "stage": [], "outcome": []},
    sources=[],
)


async def answers(database: str, *addresses: str) -> list[Response]:
    """Return the API's answers over a database."""
    return [await client.get(address) async for client in client_of(database) for address in addresses]


async def test_a_release_is_always_the_same_bytes(database: Engine, server: str) -> None:
    """The database, the time and the order of the seeds make no difference."""
    loaded(database, records_of_every_shape())
    here = database.url.render_as_string(hide_password=False)
    found = await answers(here, EXPORT, EXPORT, f"{EXPORT}?release=1.0.0")
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        loaded(engine, [figure("before")], "0.9.0")
        loaded(engine, [*reversed(records_of_every_shape())])
        engine.dispose()
        found += await answers(address, EXPORT)
    first = found[0]
    for other in found:
        assert (other.content, other.headers["etag"]) == (first.content, first.headers["etag"])
    with zipfile.ZipFile(io.BytesIO(first.content)) as file:
        assert {entry.date_time for entry in file.infolist()} == {RELEASE.published_at.timetuple()[:6]}


def forces(count: int) -> list[str]:
    """Return a batch of distinct forces."""
    facts: dict[str, object] = {
        "name": "Made up",
        "kind": "territorial",
        "ons_code": None,
        "part_of": None,
        "aliases": [],
        "records": 0,
    }
    return [
        orjson.dumps({**facts, "id": sha256(str(number).encode()).hexdigest()}).decode() for number in range(count)
    ]


async def test_memory_is_bounded() -> None:
    """Each batch is sent before the next one is read, so memory doesn't grow with the release."""
    batch = forces(1_000)
    read = 0

    async def batches() -> AsyncIterator[list[str]]:
        nonlocal read
        for _ in range(40):
            read += 1
            yield batch

    tables = {name: one_batch([]) for name in TABLES} | {"forces": batches()}
    sent, read_at_first = 0, None
    tracemalloc.start()
    try:
        async for chunk in zipped(CONTENTS, tables):
            assert chunk, "an empty chunk would end the answer"
            sent += len(chunk)
            if sent > 10_000 and read_at_first is None:
                read_at_first = read
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read == 40
    assert read_at_first is not None
    assert read_at_first < 3
    assert sent > 1_000_000
    assert peak < 3_000_000


async def test_interrupted_file_is_invalid() -> None:
    """A truncated file is invalid: a zip file's directory is at its end."""

    async def broken() -> AsyncIterator[list[str]]:
        yield forces(1_000)
        raise ConnectionAbortedError("gone")

    sent = bytearray()

    async def send() -> None:
        async for chunk in zipped(CONTENTS, {name: one_batch([]) for name in TABLES} | {"forces": broken()}):
            sent.extend(chunk)

    with pytest.raises(ConnectionAbortedError):
        await send()
    assert len(sent) > 1_000
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(bytes(sent)))


async def test_zip64(database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file too large for the old zip format uses zip64 and has the same content."""
    loaded(database, records_of_every_shape())
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        small = unpacked((await client.get(EXPORT)).content)
        monkeypatch.setattr(archive, "MANY_RECORDS", 0)
        content = (await client.get(EXPORT)).content
        assert unpacked(content) == small
        assert errors(content, tmp_path) == []

"""A shared cache in front of the server, like a CDN: a third-party implementation of RFC 9111."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest
from hishel import AsyncSqliteStorage, CacheOptions
from hishel.httpx import AsyncCacheTransport
from httpx import AsyncBaseTransport, AsyncClient, AsyncHTTPTransport, Request, Response
from sqlalchemy import Engine

from tests import made
from tests.api import running_api

pytestmark = pytest.mark.anyio

NOW = {"Cache-Control": "no-cache"}
"""Makes a cache revalidate its copy, as it does by itself once the copy has expired."""

PATIENCE = 30.0
"""Seconds for a release to be noticed on a busy machine."""

READERS = (
    {"User-Agent": "one", "Accept": "application/json", "Accept-Encoding": "br"},
    {"User-Agent": "two", "Accept": "application/json", "Accept-Encoding": "gzip", "Cookie": "known=yes"},
    {"User-Agent": "three", "Accept": "text/csv", "Accept-Encoding": "br", "Origin": "https://paper.test"},
    {"User-Agent": "four", "Accept": "text/csv", "Accept-Encoding": "identity", "Referer": "https://paper.test/a"},
)


class Counted(AsyncBaseTransport):
    """A transport from the cache to the server that records the statuses."""

    def __init__(self) -> None:
        """Start with no statuses."""
        self._way = AsyncHTTPTransport()
        self.statuses: list[int] = []

    async def handle_async_request(self, request: Request) -> Response:
        """Pass a request on."""
        answer = await self._way.handle_async_request(request)
        self.statuses.append(answer.status_code)
        return answer

    async def aclose(self) -> None:
        """Close the transport."""
        await self._way.aclose()


@asynccontextmanager
async def cached(database: Engine, folder: Path) -> AsyncIterator[tuple[AsyncClient, Counted]]:
    """Yield a client that reaches the API through a cache, and the transport behind the cache."""
    with running_api(database.url.render_as_string(hide_password=False)) as address:
        way = Counted()
        storage = AsyncSqliteStorage(database_path=folder / "cache.db")
        cache = AsyncCacheTransport(way, storage, CacheOptions(shared=True))
        async with AsyncClient(transport=cache, base_url=address) as client:
            yield client, way
        await storage.close()


async def test_a_chart_on_a_front_page_is_asked_for_once(database: Engine, tmp_path: Path) -> None:
    """However many readers there are, the server is asked once for each format and encoding."""
    made.loaded(database, [made.figure(f"figure-{n}") for n in range(20)])
    async with cached(database, tmp_path) as (client, way):
        for address in ("/v1/figures", "/v1/figures?release=1.0.0"):
            way.statuses.clear()
            for reader in READERS:
                first = await client.get(address, headers=reader)
                again = await asyncio.gather(*(client.get(address, headers=reader) for _ in range(10)))
                assert {answer.text for answer in again} == {first.text}
                assert {answer.headers["etag"] for answer in again} == {first.headers["etag"]}
                assert first.headers["content-type"].startswith(reader["Accept"])
                assert first.headers.get("content-encoding", "identity") == reader["Accept-Encoding"]
            assert way.statuses == [200] * len(READERS)


@pytest.mark.parametrize("reader", READERS)
async def test_a_copy_is_confirmed_and_not_sent_again(
    database: Engine, tmp_path: Path, reader: dict[str, str]
) -> None:
    """After a copy has expired, the server confirms it with a short 304."""
    made.loaded(database, [made.figure("one")])
    async with cached(database, tmp_path) as (client, way):
        first = await client.get("/v1/figures", headers=reader)
        again = await client.get("/v1/figures", headers=reader | NOW)
        assert (again.status_code, again.text) == (200, first.text)
        assert way.statuses == [200, 304]


async def test_no_reader_gets_the_copy_of_another(database: Engine, tmp_path: Path) -> None:
    """If a cache revalidates a copy that the reader couldn't read, it gets no 304."""
    made.loaded(database, [made.figure("one")])
    async with cached(database, tmp_path) as (client, _):
        for reader in (*READERS, *READERS):
            answer = await client.get("/v1/figures", headers=reader | NOW)
            assert answer.headers["content-type"].startswith(reader["Accept"])
            assert answer.headers.get("content-encoding", "identity") == reader["Accept-Encoding"]
            assert "one" in answer.text


async def test_a_new_release_reaches_every_reader(database: Engine, tmp_path: Path) -> None:
    """A copy of an older release isn't confirmed; a copy whose address names its release stays valid."""
    made.loaded(database, [made.figure("one", value=1)])
    async with cached(database, tmp_path) as (client, way):

        async def value(address: str) -> object:
            answer = await client.get(address, headers=READERS[0] | NOW)
            return answer.json()["data"][0]["value"]

        for address in ("/v1/figures", "/v1/figures?release=1.0.0"):
            assert await value(address) == 1
        assert way.statuses == [200, 200]
        await asyncio.to_thread(made.loaded, database, [made.figure("one", value=2)], "2.0.0")
        way.statuses.clear()
        end = monotonic() + PATIENCE
        while await value("/v1/figures") != 2:
            assert monotonic() < end
            await asyncio.sleep(0.05)
        *before, last = way.statuses
        assert (set(before) <= {304}, last) == (True, 200)
        way.statuses.clear()
        assert await value("/v1/figures?release=1.0.0") == 1
        assert way.statuses == [304]


async def test_nothing_is_kept_of_what_went_wrong(database: Engine, tmp_path: Path) -> None:
    """An error isn't cached, since it may be over."""
    made.loaded(database, [made.figure("one")])
    async with cached(database, tmp_path) as (client, way):
        for address, status in (("/v1/figures?limit=0", 422), ("/v1/figures/nothing", 404)):
            for _ in range(2):
                assert (await client.get(address)).status_code == status
        assert way.statuses == [422, 422, 404, 404]

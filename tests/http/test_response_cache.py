"""The response cache: same as fresh answers, never from an older release than the tag, and bounded in size."""

import asyncio
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database.choice import use
from app.database.current import CurrentRelease, Releases
from app.database.owner import write_engine
from app.domain.records import Record
from app.embedded.server import running
from app.http.answer import Answer
from app.http.metrics import CacheCounts
from app.http.middleware import AddHeaders
from app.http.response_cache import MAX_ADDRESS, MAX_ANSWER, MAX_SIZE, OVERHEAD, ResponseCache
from app.main import served
from app.queries.parameters import FIGURES
from app.queries.query import RecordQuery
from app.routes import records
from tests.addresses import KNOWN_ADDRESSES, V1
from tests.api import PUBLIC, app_over, look
from tests.made import UNDATED, figure, incident, loaded
from tests.made_releases import load_releases
from tests.postgresql import migrate
from tests.programs import free_port
from tests.statements import record_statements

pytestmark = pytest.mark.anyio

PATIENCE = 120
"""Seconds for what normally happens at once, on a machine that is very busy."""

HEAD = [(b"content-type", b"text/plain"), (b"etag", b'"tag"')]


class Counted:
    """An application that counts its requests."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app
        self.paths: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request and pass it on."""
        if scope["type"] == "http":
            self.paths.append(scope["path"])
        await self.app(scope, receive, send)


def releases(number: int = 0) -> Releases:
    """Return the releases in a database, different for each number."""
    return Releases(None, {}, (str(number),))


def current_of(seen: Releases | None) -> CurrentRelease:
    """Return a current release that has just seen these, and won't check again."""
    current = CurrentRelease()
    current.releases, current.seen_at = seen, time.monotonic()
    return current


def cached(app: ASGIApp, current: CurrentRelease | None = None, max_size: int = MAX_SIZE) -> ResponseCache:
    """Return an application behind a response cache."""
    return ResponseCache(app, current or current_of(releases()), CacheCounts(), max_size)


def answering(body: bytes | Callable[[Scope], bytes], status: int = 200, tag: bytes | None = b'"tag"') -> Counted:
    """Return an application that always gives the same answer, or one made from the request."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        content = body if isinstance(body, bytes) else body(scope)
        await Answer(content, HEAD, status, tag)(scope, receive, send)

    return Counted(app)


def client_of(app: ASGIApp) -> AsyncClient:
    """Return a client that sends no headers of its own."""
    client = AsyncClient(transport=ASGITransport(AddHeaders(app)), base_url=PUBLIC)
    client.headers.clear()
    return client


@asynccontextmanager
async def serving(address: str) -> AsyncIterator[tuple[FastAPI, AsyncClient]]:
    """Yield the API, with its response cache, and a client of it; it has checked the database once."""
    app = app_over(address)
    client = AsyncClient(transport=ASGITransport(served(app)), base_url=PUBLIC)
    client.headers.clear()
    async with app.router.lifespan_context(app), client:
        await look(app)
        yield app, client


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as the condition is true; fail if that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def address_of(engine: Engine) -> str:
    """Return the address of an engine's database."""
    return engine.url.render_as_string(hide_password=False)


def shown(answer: Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return all of an answer that a client sees, except request id and age, with the headers sorted."""
    own = {"x-request-id", "age"}
    fields = sorted((name, value) for name, value in answer.headers.multi_items() if name not in own)
    return answer.status_code, fields, answer.content


# --- cached answers are the same ----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["identity", "br", "gzip"])
@pytest.mark.parametrize(
    "address",
    [
        *(KNOWN_ADDRESSES.get(path, path).replace("RELEASE", "1.0.0") for path in V1 if path != "/v1/export.zip"),
        *("/v1/figures?format=csv", "/v1/figures?format=jsonl", "/v1/figures?limit=3&sort=id&release=1.0.0"),
    ],
)
async def test_a_stored_answer_is_the_answer(seeded: str, address: str, encoding: str) -> None:
    """A second request, by GET, by HEAD or with a tag, gets every byte and header of the first."""
    app = app_over(seeded)
    counted = Counted(app)
    headers = {"Accept-Encoding": encoding}
    async with (
        app.router.lifespan_context(app),
        client_of(app) as fresh,
        client_of(cached(counted, app.state.current)) as stored,
    ):
        await look(app)
        wanted = await fresh.get(address, headers=headers)
        assert wanted.status_code == 200
        first, second = [await stored.get(address, headers=headers) for _ in range(2)]
        assert shown(first) == shown(second) == shown(wanted)
        assert len(first.headers["x-request-id"]) == 28
        assert len({a.headers["x-request-id"] for a in (first, second, wanted)}) == 3
        assert shown(await stored.head(address, headers=headers)) == shown(
            await fresh.head(address, headers=headers)
        )
        tag = wanted.headers["etag"]
        for named in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            for method in ("GET", "HEAD"):
                answers = [
                    await client.request(method, address, headers={**headers, "If-None-Match": named})
                    for client in (stored, fresh)
                ]
                assert answers[0].status_code == 304, named
                assert shown(answers[0]) == shown(answers[1]), named
        other = await stored.get(address, headers={**headers, "If-None-Match": '"other"'})
        assert shown(other) == shown(wanted)
        assert len(counted.paths) == 1


@pytest.mark.parametrize("accepted", ["br", "gzip, br", "gzip", "identity", "br;q=0.5, identity;q=0"])
@pytest.mark.parametrize("copy", ["br", "gzip", "identity"])
async def test_a_copy_in_another_encoding(seeded: str, copy: str, accepted: str) -> None:
    """A tag gives 304 only if the client would get the same encoding now, cached or not."""
    app = app_over(seeded)
    async with (
        app.router.lifespan_context(app),
        client_of(app) as fresh,
        client_of(cached(app, app.state.current)) as stored,
    ):
        await look(app)
        tag = (await fresh.get("/v1/codes", headers={"Accept-Encoding": copy})).headers["etag"]
        plain = await fresh.get("/v1/codes", headers={"Accept-Encoding": accepted})
        for client in (fresh, stored, stored):
            found = await client.get("/v1/codes", headers={"Accept-Encoding": accepted, "If-None-Match": tag})
            assert found.status_code == (304 if plain.headers["etag"] == tag else 200)
            assert shown(await client.get("/v1/codes", headers={"Accept-Encoding": accepted})) == shown(plain)


async def test_equal_requests_share_an_entry(seeded: str) -> None:
    """The order of parameters and the wording of `Accept` and `Accept-Encoding` create no further entries."""
    app = app_over(seeded)
    counted = Counted(app)
    cache = cached(counted, app.state.current)
    async with app.router.lifespan_context(app), client_of(cache) as client:
        await look(app)
        first = await client.get("/v1/figures?force=metropolitan&limit=5", headers={"Accept-Encoding": "br"})
        for address, accept, encodings in (
            ("/v1/figures?limit=5&force=metropolitan", "*/*", "gzip, br"),
            ("/v1/figures?limit=%35&&force=metro%70olitan", "", "br;q=1"),
            ("/v1/figures?limit=5&force=metropolitan", "*/*", "gzip, deflate, br, zstd"),
        ):
            again = await client.get(address, headers={"Accept": accept, "Accept-Encoding": encodings})
            assert shown(again) == shown(first)
        assert len(counted.paths) == 1


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/figures?limit=0", 422),
        ("/v1/figures?limit=5&limit=5", 422),
        ("/v1/figures/nothing", 404),
        ("/v1/nothing", 404),
        ("/v1/total", 409),
        ("/health/live", 200),
        ("/health/ready", 200),
        (f"/v1/figures?{'&'.join(['unit=case'] * 400)}", 422),
    ],
)
async def test_what_is_never_stored(seeded: str, address: str, status: int) -> None:
    """Errors and answers with `no-store` are made each time."""
    app = app_over(seeded)
    counted = Counted(app)
    cache = cached(counted, app.state.current)
    async with app.router.lifespan_context(app), client_of(cache) as client:
        await look(app)
        assert [(await client.get(address)).status_code for _ in range(2)] == [status] * 2
        assert (len(counted.paths), cache.size) == (2, 0)


@given(
    st.lists(
        st.sampled_from(["a=1", "a=2", "b=1", "b=", "c=%C3%A9", "c=é", "", "a", "%61=1", "b=1;a=1"]), max_size=4
    )
)
@settings(max_examples=200)
def test_different_queries_share_no_entry(parameters: list[str]) -> None:
    """Two queries share an answer only if each parameter has the same values in the same order."""
    query = "&".join(parameters)
    app = answering(lambda scope: scope["query_string"])

    async def ask() -> None:
        async with client_of(cached(app)) as client:
            for given_query in (query, "&".join(sorted(parameters, key=lambda one: one[:1]))):
                answer = await client.get("/", params=given_query)
                pairs = httpx.QueryParams(answer.text).multi_items()
                wanted = httpx.QueryParams(given_query).multi_items()
                for name in {name for name, _ in [*pairs, *wanted]}:
                    assert [v for n, v in pairs if n == name] == [v for n, v in wanted if n == name]

    asyncio.run(ask())


@pytest.mark.parametrize("address", ["/v1/figures?format=csv", "/v1/figures?format=jsonl", "/v1/export.zip"])
@pytest.mark.parametrize("encoding", ["identity", "br"])
async def test_a_body_that_nobody_gets_is_not_made(
    seeded: str, address: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HEAD and 304 read at most the page whose warnings a header counts; their headers are those of GET."""
    monkeypatch.setattr(records, "BATCH", 5)
    monkeypatch.setattr(records, "MAX_WARNED", 5)
    async with serving(seeded) as (_, client):
        whole = await client.get(address, headers={"Accept-Encoding": encoding})
        sent = record_statements(monkeypatch)
        for method, named in (("HEAD", ""), ("GET", "*"), ("HEAD", "*"), ("GET", whole.headers["etag"])):
            headers = {"Accept-Encoding": encoding, **({"If-None-Match": named} if named else {})}
            answer = await client.request(method, address, headers=headers)
            assert answer.headers["etag"] == whole.headers["etag"]
            assert answer.status_code == (304 if named else 200)
            if not named:
                assert shown(answer)[1] == shown(whole)[1]
    pages = [sql for sql, _ in sent if "document" in sql and "rule_change" not in sql]
    assert len(pages) == (0 if address.endswith(".zip") else 4)


@pytest.mark.parametrize("address", ["/v1/figures?format=csv", "/v1/export.zip"])
async def test_a_removal_changes_the_tags_of_streams(
    database: Engine, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A removal may change other records under the same digest, so the tags of streams change too."""
    monkeypatch.setattr(records, "BATCH", 1)
    monkeypatch.setattr(records, "MAX_WARNED", 1)
    loaded(database, [figure("one"), figure("two")])
    async with serving(address_of(database)) as (app, client):
        before = await client.get(address)
        with database.begin() as connection:
            connection.execute(text("INSERT INTO tombstone VALUES ('gone', '2024-01-01', 'A reason.')"))
        await look(app)
        after = await client.get(address)
        assert (before.status_code, after.status_code) == (200, 200)
        assert before.headers["etag"] != after.headers["etag"]


# --- limits ------------------------------------------------------------------------------------------------------


async def test_the_cache_is_bounded_and_keeps_what_is_used() -> None:
    """However much is requested, the cache stays below its size; the least recently used entry goes first."""
    app = answering(b"x" * 10_000)
    cache = cached(app, max_size=200_000)
    async with client_of(cache) as client:
        await client.get("/kept")
        for number in range(200):
            await client.get(f"/{number}")
            await client.get("/kept")
            assert cache.size <= 200_000
        assert app.paths.count("/kept") == 1
        await client.get("/199")
        assert app.paths.count("/199") == 1
        await client.get("/0")
        assert app.paths.count("/0") == 2


async def test_an_entry_counts_once() -> None:
    """If several requests make the same answer because the first one failed, the entry counts once."""
    arrived, calls = 0, 0
    all_waiting, all_working = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            await all_waiting.wait()
            await Answer(b"too busy", HEAD, 503, None)(scope, receive, send)
            return
        if calls == 5:
            all_working.set()
        await all_working.wait()
        await Answer(b"text", HEAD, 200, b'"tag"')(scope, receive, send)

    cache = cached(app)

    async def arriving(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 5:
            asyncio.get_running_loop().call_soon(all_waiting.set)
        await cache(scope, receive, send)

    async with client_of(arriving) as client, asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(*(client.get("/") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 503]
    assert OVERHEAD <= cache.size < 2 * OVERHEAD


async def test_repeated_headers_are_one_list(seeded: str) -> None:
    """Two `Accept` headers get the same answer as one that lists both."""
    types = ("application/json;q=0.5", "text/csv")
    for headers in ([("Accept", one) for one in types], [("Accept", ", ".join(types))]):
        async with serving(seeded) as (_, client):
            answer = await client.get("/v1/outcomes", headers=headers)
            assert answer.headers["content-type"].startswith("text/csv")


async def test_wordings_are_bounded() -> None:
    """`Accept` headers that mean the same share one entry, however many there are."""
    cache = cached(answering(b"text"))
    async with client_of(cache) as client:
        for number in range(50):
            assert (await client.get("/", headers={"Accept": f"text/plain;n={number}"})).text == "text"
    assert cache.size < 2 * OVERHEAD


@pytest.mark.parametrize(("size", "is_stored"), [(MAX_ANSWER, True), (MAX_ANSWER + 1, False)])
async def test_large_answers_are_not_stored(size: int, is_stored: bool) -> None:  # noqa: FBT001 - a parameter
    """An answer of the largest size is cached, a larger one is made each time."""
    app = answering(b"x" * size)
    async with client_of(cached(app)) as client:
        assert [len((await client.get("/")).content) for _ in range(2)] == [size] * 2
    assert len(app.paths) == (1 if is_stored else 2)


async def test_long_addresses_are_not_stored() -> None:
    """A long address that nobody else will request doesn't displace others."""
    cache = cached(answering(b"text"))
    async with client_of(cache) as client:
        assert (await client.get(f"/?q={'x' * MAX_ADDRESS}")).text == "text"
        assert cache.size == 0
        assert (await client.get(f"/?q={'x' * (MAX_ADDRESS // 2)}")).text == "text"
        assert 0 < cache.size < MAX_SIZE


# --- concurrent requests -----------------------------------------------------------------------------------------


class Gate(Counted):
    """An application that waits until it's opened, and answers each request with the next number."""

    def __init__(self, status: int = 200, tag: bytes | None = b'"tag"') -> None:
        """Start closed."""
        self.open = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            number = len(self.paths)
            await self.open.wait()
            await Answer(str(number).encode(), HEAD, status, tag)(scope, receive, send)

        super().__init__(app)


async def together(gate: Gate, *asked: Awaitable[Response]) -> list[Response]:
    """Open a gate once all requests are waiting, and return their answers."""
    waiting = [asyncio.ensure_future(one) for one in asked]
    for _ in range(20):
        await asyncio.sleep(0)
    gate.open.set()
    return await asyncio.gather(*waiting)


async def test_the_first_works_for_all() -> None:
    """Concurrent requests for the same answer share the one made for the first."""
    gate = Gate()
    async with client_of(cached(gate)) as client:
        answers = await together(gate, *(client.get("/?a=1&b=2" if n % 2 else "/?b=2&a=1") for n in range(10)))
    assert {answer.text for answer in answers} == {"1"}
    assert len(gate.paths) == 1


async def test_what_is_not_stored_is_worked_out_for_each() -> None:
    """If the first request is refused, each of the others gets its own answer."""
    gate = Gate(404, tag=None)
    async with client_of(cached(gate)) as client:
        answers = await together(gate, *(client.get("/") for _ in range(5)))
    assert sorted(answer.text for answer in answers) == ["1", "2", "3", "4", "5"]


async def test_who_breaks_down_takes_nobody_along() -> None:
    """If the first request fails, those that waited for it make their own answers; nobody waits forever."""
    tries: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        tries.append(1)
        await asyncio.sleep(0)
        if len(tries) == 1:
            raise RuntimeError
        await Answer(b"text", HEAD, 200, b'"tag"')(scope, receive, send)

    async with client_of(cached(app)) as client:
        first, *others = await asyncio.gather(*(client.get("/") for _ in range(4)), return_exceptions=True)
    assert isinstance(first, RuntimeError)
    assert [other.text for other in others if isinstance(other, Response)] == ["text"] * 3
    assert len(tries) == 4


async def test_nobody_waits_for_a_client_to_read() -> None:
    """A first client that doesn't read its answer delays nobody else."""
    store = cached(answering(b"text"))
    reads = asyncio.Event()

    async def unread(message: Message) -> None:  # noqa: ARG001 - a client that takes its time
        await reads.wait()

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    slow = asyncio.ensure_future(store(scope, receive, unread))
    async with client_of(store) as client:
        assert (await asyncio.wait_for(client.get("/"), PATIENCE)).text == "text"
    assert not slow.done()
    reads.set()
    await slow


# --- another release ---------------------------------------------------------------------------------------------


async def test_what_was_begun_before_a_change_is_not_stored() -> None:
    """If the release changes meanwhile, an answer is sent but not cached, and no later request gets it."""
    gate = Gate()
    current = current_of(releases(1))
    store = cached(gate, current)
    async with client_of(store) as client:
        before = asyncio.ensure_future(client.get("/"))
        for _ in range(20):
            await asyncio.sleep(0)
        current.releases = releases(2)
        after = await together(gate, client.get("/"), client.get("/"))
        assert [answer.text for answer in after] == ["2", "2"]
        assert (await before).text == "1"
        assert (await client.get("/")).text == "2"
    assert len(gate.paths) == 2


async def test_nothing_is_stored_before_the_database_was_seen() -> None:
    """Before the first check of the database, nothing is cached."""
    app = answering(b"text")
    store = cached(app, current_of(None))
    async with client_of(store) as client:
        assert [(await client.get("/")).text for _ in range(2)] == ["text"] * 2
    assert (len(app.paths), store.size) == (2, 0)


@pytest.mark.parametrize("how", ["load", "use", "dev"])
async def test_a_change_is_seen(database: Engine, how: str) -> None:
    """After a new release, another choice of release or a reload of `dev`, cached answers are replaced."""
    first, second = ("dev", "dev") if how == "dev" else ("1.0.0", "2.0.0")
    loaded(database, [figure("one", value=1)], first)
    if how == "use":
        loaded(database, [figure("one", value=2)], second)
        use(database, first)
    async with serving(address_of(database)) as (_, client):
        old = await client.get("/v1/figures")
        assert old.json()["data"][0]["value"] == 1
        if how == "use":
            await asyncio.to_thread(use, database, second)
        else:
            await asyncio.to_thread(loaded, database, [figure("one", value=2)], second)

        async def changed() -> bool:
            answer = await client.get("/v1/figures", headers={"If-None-Match": old.headers["etag"]})
            return answer.status_code == 200 and answer.json()["data"][0]["value"] == 2

        await until(changed)


async def test_no_old_body_under_a_new_tag(database: Engine) -> None:
    """While releases are loaded and `dev` is replaced rapidly, a tag always means the same bytes, old or new.

    Values count the loads, so each answer shows which load it is from: none goes back to an earlier one.
    """
    loaded(database, [figure("one", value=0)], "dev")
    ended = threading.Event()

    def keep_loading() -> None:
        released: list[tuple[str, Sequence[Record]]] = []
        try:
            for number in range(1, 25):
                this = "dev" if number % 3 else f"1.0.{number}", [figure("one", value=number)]
                load_releases(database, *released, this)
                released += [this] if number % 3 == 0 else []
        finally:
            ended.set()

    bodies: dict[tuple[str, str], set[bytes]] = defaultdict(set)
    seen: dict[str, list[int]] = defaultdict(list)
    addresses = ["/v1/figures", "/v1/complaints", "/v1/figures/one", "/v1/figures?format=csv", "/v1/releases"]
    async with serving(address_of(database)) as (_, client):
        loading = asyncio.get_running_loop().run_in_executor(None, keep_loading)

        async def read(address: str, encoding: str) -> None:
            tag = '"none"'
            while not ended.is_set():
                # As between two requests over a network, others get their turn.
                await asyncio.sleep(0.002)
                answer = await client.get(address, headers={"Accept-Encoding": encoding, "If-None-Match": tag})
                if answer.status_code == 304:
                    assert answer.headers["etag"] == tag
                    continue
                assert answer.status_code == 200, answer.text
                tag = answer.headers["etag"]
                bodies[address, tag].add(answer.content)
                if address == "/v1/figures":
                    seen[encoding].append(answer.json()["data"][0]["value"])

        await asyncio.gather(*(read(address, encoding) for address in addresses for encoding in ("br", "identity")))
        await loading

        async def is_last() -> bool:
            return bool((await client.get("/v1/figures/one")).json()["value"] == 24)

        await until(is_last)
    assert {len(found) for found in bodies.values()} == {1}
    assert len(bodies) > len(addresses) * 2
    for values in seen.values():
        assert values == sorted(values)


@pytest.mark.parametrize("query", ["", "?limit=1", "?unit=person", "?period=2020", "?period=1990", "?id=two"])
async def test_a_release_that_goes_unnoticed(database: Engine, query: str) -> None:
    """If `dev` was replaced and nobody has checked yet, no answer comes from the old data."""
    addresses = [f"/v1/figures{query}", "/v1/figures/one"]
    loaded(database, [figure("one", value=1)], "dev")
    async with serving(address_of(database)) as (app, client):
        stale = app.state.current.releases
        before = {address: await client.get(address) for address in addresses}
        loaded(
            database, [figure("one", value=2), figure("two", period=UNDATED), figure("three", unit="person")], "dev"
        )
        async with serving(address_of(database)) as (_, other):
            wanted = {address: shown(await other.get(address)) for address in addresses}
        for address in addresses:
            app.state.current.releases = stale
            app.state.references = {stale.current: app.state.references[stale.current]}
            fresh = await AsyncClient(transport=ASGITransport(served(app)), base_url=PUBLIC).get(
                address, headers={"Accept-Encoding": "identity"}
            )
            assert fresh.status_code == 200
            assert fresh.content == wanted[address][2] != before[address].content


async def test_a_set_that_is_replaced_before_it_is_sent(database: Engine) -> None:
    """A whole set whose release goes away before it is sent breaks off; it doesn't look complete without a row."""
    loaded(database, [figure("one")], "dev")
    async with serving(address_of(database)) as (app, client):
        await client.get("/v1/figures")
        (reference,) = app.state.references.values()
        loaded(database, [figure("two")], "dev")
        with pytest.raises(ConnectionAbortedError):
            await anext(records.batches(app.state.database, RecordQuery(FIGURES), reference, 1))


async def test_a_release_that_others_know_already(database: Engine) -> None:
    """A version or a cursor of a release that this process hasn't seen yet is looked up, not refused."""
    loaded(database, [figure(f"old-{n}") for n in range(3)], "1.0.0")
    async with serving(address_of(database)) as (app, client):
        stale = app.state.current.releases
        loaded(database, [figure(f"new-{n}") for n in range(3)], "2.0.0")
        async with serving(address_of(database)) as (_, other):
            following = (await other.get("/v1/figures?limit=1&sort=id")).json()["links"]["next"]
        for address in ("/v1/figures?release=2.0.0&limit=1&sort=id", following):
            app.state.current.releases = stale
            assert (await client.get(address)).json()["meta"]["release"] == "2.0.0"


SERVER = """
import sys, uvicorn
from app.main import served
from app.queries.parameters import FIGURES
from app.queries.query import RecordQuery
from app.routes import records
from tests.api import app_over
uvicorn.run(served(app_over(sys.argv[1])), port=int(sys.argv[2]), log_level="warning")
"""


@pytest.fixture
def workers(database: Engine) -> Iterator[list[str]]:
    """Yield the addresses of two processes that serve one database with one record."""
    loaded(database, [figure("one", value=1)], "1.0.0")
    ports = [free_port() for _ in range(2)]
    programs = [
        subprocess.Popen([sys.executable, "-c", SERVER, address_of(database), str(port)])  # noqa: S603 - our own
        for port in ports
    ]
    try:
        yield [f"http://127.0.0.1:{port}" for port in ports]
    finally:
        for program in programs:
            program.terminate()
            program.wait(PATIENCE)


async def test_every_worker_sees_a_new_release(database: Engine, workers: list[str]) -> None:
    """Each of two processes with a cached old answer starts to serve a new release without a restart."""
    async with AsyncClient() as client:

        async def value(worker: str) -> int | None:
            try:
                return int((await client.get(f"{worker}/v1/figures/one")).json()["value"])
            except httpx.TransportError:
                return None

        async def all_say(wanted: int) -> bool:
            return {await value(worker) for worker in workers} == {wanted}

        await until(lambda: all_say(1))
        assert await all_say(1)
        loaded(database, [figure("one", value=2)], "2.0.0")
        await until(lambda: all_say(2))


# --- without the database ----------------------------------------------------------------------------------------


async def test_stored_answers_outlive_the_database() -> None:
    """Without PostgreSQL, cached answers are served with their age and others are 503; then all is as before."""
    with tempfile.TemporaryDirectory(prefix="upheld-tests-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # noqa: ASYNC240 - nothing else runs yet

        def started() -> Any:  # noqa: ANN401 - a context manager
            return running(folder / "data")

        server = started()
        address = await asyncio.to_thread(server.__enter__)
        engine = write_engine(address)
        migrate(engine)
        loaded(engine, [figure("one", value=1), incident("two")], "1.0.0")
        engine.dispose()
        async with serving(address) as (_, client):
            before = await client.get("/v1/figures")
            assert "age" not in before.headers
            await asyncio.to_thread(server.__exit__, None, None, None)

            async def is_old() -> bool:
                return "age" in (await client.get("/v1/figures")).headers

            await until(is_old)
            old = await client.get("/v1/figures")
            assert int(old.headers["age"]) >= 1
            assert shown(old) == shown(before)
            copy = await client.get("/v1/figures", headers={"If-None-Match": before.headers["etag"]})
            assert (copy.status_code, "age" in copy.headers) == (304, True)
            unknown = await client.get("/v1/incidents")
            assert (unknown.status_code, unknown.headers["retry-after"].isdigit()) == (503, True)
            server = started()
            again = await asyncio.to_thread(server.__enter__)
            assert again == address

            async def is_back() -> bool:
                return "age" not in (await client.get("/v1/figures")).headers

            try:
                await until(is_back)
                assert (await client.get("/v1/incidents")).status_code == 200
                assert shown(await client.get("/v1/figures")) == shown(before)
            finally:
                await asyncio.to_thread(server.__exit__, None, None, None)


async def test_what_is_a_day_old_is_not_served() -> None:
    """Beyond the promised time (`stale-if-error`), no cached answer is served."""
    app = answering(b"text")
    current = current_of(releases())
    async with client_of(cached(app, current)) as client:
        await client.get("/")
        current.seen_at = time.monotonic() - 86_000
        assert 86_000 <= int((await client.get("/")).headers["age"]) <= 86_000 + PATIENCE
        assert len(app.paths) == 1
        current.seen_at = time.monotonic() - 86_401
        assert "age" not in (await client.get("/")).headers
        assert len(app.paths) == 2

"""Stored answers: the same as fresh ones, never of an older release than their tag, and within bounds."""

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
from sqlalchemy import Engine, event, text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database.current import Holding, Watch
from app.database.loader import use
from app.database.owner import migrate, write_engine
from app.database.servers import Servers
from app.embedded.server import running
from app.http.capturing import LARGEST
from app.http.response_cache import CAP, MAX_NAMES, Store
from app.http.spelling import LONGEST
from app.main import create_app
from tests.addresses import KNOWN_ADDRESSES, V1
from tests.api import PUBLIC
from tests.made import UNDATED, figure, incident, loaded
from tests.programs import free_port

pytestmark = pytest.mark.anyio

PATIENCE = 120
"""Seconds for what happens at once, on a machine that has much else to do."""

PUBLIC_HEAD = [(b"content-type", b"text/plain"), (b"etag", b'"tag"'), (b"cache-control", b"public, max-age=300")]


class Counted:
    """An application that counts what it is asked."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self.app = app
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request and pass it on."""
        if scope["type"] == "http":
            self.asked.append(scope["path"])
        await self.app(scope, receive, send)


def holding(number: int = 0) -> Holding:
    """Return what a database may hold, another for each number."""
    return Holding(None, {}, number)


def watch_of(seen: Holding | None) -> Watch:
    """Return a watch that has just seen this, and looks no more."""
    watch = Watch(Servers("postgresql://nowhere"))
    watch.holding, watch.seen_at = seen, time.monotonic()
    return watch


Fields = Sequence[tuple[bytes, bytes]]


def saying(body: bytes | Callable[[Scope], bytes], head: Fields = PUBLIC_HEAD, status: int = 200) -> Counted:
    """Return an application that always says the same, or what follows from the request."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - an application
        said = body if isinstance(body, bytes) else body(scope)
        await send({"type": "http.response.start", "status": status, "headers": [*head]})
        await send({"type": "http.response.body", "body": said})

    return Counted(app)


def asking(app: ASGIApp) -> AsyncClient:
    """Return a client of an application that asks for nothing in particular."""
    client = AsyncClient(transport=ASGITransport(app), base_url=PUBLIC)
    client.headers.clear()
    return client


@asynccontextmanager
async def served(address: str) -> AsyncIterator[tuple[FastAPI, AsyncClient]]:
    """Yield the API and a client of its stored answers, which nobody makes look at the database out of turn."""
    app = create_app(address, PUBLIC)
    async with app.router.lifespan_context(app), asking(Store(app, app.state.watch)) as client:
        await app.state.watch.look(app.state.engine)
        yield app, client


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as something is so; fail where it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def address_of(engine: Engine) -> str:
    """Return the address of an engine's database."""
    return engine.url.render_as_string(hide_password=False)


def shown(answer: Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return all that a client sees of an answer, but for the request's id and its age; fields in any order."""
    own = {"x-request-id", "age"}
    fields = sorted((name, value) for name, value in answer.headers.multi_items() if name not in own)
    return answer.status_code, fields, answer.content


# --- stored answers are the answers ------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["identity", "br", "gzip"])
@pytest.mark.parametrize(
    "address",
    [
        *(KNOWN_ADDRESSES.get(path, path).replace("RELEASE", "1.0.0") for path in V1),
        *("/v1/figures?format=csv", "/v1/figures?format=jsonl", "/v1/figures?limit=3&sort=id&release=1.0.0"),
    ],
)
async def test_a_stored_answer_is_the_answer(seeded: str, address: str, encoding: str) -> None:
    """Whatever is asked a second time, by GET, by HEAD or with a copy: every byte and field is as if asked anew."""
    app = create_app(seeded, PUBLIC)
    counted = Counted(app)
    headers = {"Accept-Encoding": encoding}
    async with (
        app.router.lifespan_context(app),
        asking(app) as fresh,
        asking(Store(counted, app.state.watch)) as stored,
    ):
        await app.state.watch.look(app.state.engine)
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
        assert len(counted.asked) == 1


@pytest.mark.parametrize("accepted", ["br", "gzip, br", "gzip", "identity", "br;q=0.5, identity;q=0"])
@pytest.mark.parametrize("copy", ["br", "gzip", "identity"])
async def test_a_copy_in_another_encoding(seeded: str, copy: str, accepted: str) -> None:
    """A copy is good if its encoding is still taken, whether the answer is stored or not."""
    app = create_app(seeded, PUBLIC)
    address = "/v1/codes"
    async with (
        app.router.lifespan_context(app),
        asking(app) as fresh,
        asking(Store(app, app.state.watch)) as stored,
    ):
        await app.state.watch.look(app.state.engine)
        tag = (await fresh.get(address, headers={"Accept-Encoding": copy})).headers["etag"]
        headers = {"Accept-Encoding": accepted, "If-None-Match": tag}
        wanted = shown(await fresh.get(address, headers=headers))
        assert [shown(await stored.get(address, headers=headers)) for _ in range(2)] == [wanted] * 2
        plain = {"Accept-Encoding": accepted}
        assert shown(await stored.get(address, headers=plain)) == shown(await fresh.get(address, headers=plain))
        assert shown(await stored.get(address, headers=headers)) == wanted


async def test_one_answer_has_many_spellings(seeded: str) -> None:
    """Parameters in another order, and media types and encodings that come to the same, are the same answer."""
    app = create_app(seeded, PUBLIC)
    counted = Counted(app)
    store = Store(counted, app.state.watch)
    async with app.router.lifespan_context(app), asking(store) as client:
        await app.state.watch.look(app.state.engine)
        first = await client.get("/v1/figures?force=metropolitan&limit=5", headers={"Accept-Encoding": "br"})
        for address, accept, encodings in (
            ("/v1/figures?limit=5&force=metropolitan", "*/*", "gzip, br"),
            ("/v1/figures?limit=%35&&force=metro%70olitan", "", "br;q=1"),
            ("/v1/figures?limit=5&force=metropolitan", "*/*", "gzip, deflate, br, zstd"),
        ):
            again = await client.get(address, headers={"Accept": accept, "Accept-Encoding": encodings})
            assert shown(again) == shown(first)
        assert len(counted.asked) == 1
        size = store.size
        accepting = {"Accept": "application/json", "Accept-Encoding": "br"}
        assert shown(await client.get("/v1/figures?limit=5&force=metropolitan", headers=accepting)) == shown(first)
        assert store.size < size + LONGEST, "it is not stored twice"


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
    """Refusals, what is not there, and what says that it is not to be kept are worked out each time."""
    app = create_app(seeded, PUBLIC)
    counted = Counted(app)
    store = Store(counted, app.state.watch)
    async with app.router.lifespan_context(app), asking(store) as client:
        await app.state.watch.look(app.state.engine)
        assert [(await client.get(address)).status_code for _ in range(2)] == [status] * 2
        assert (len(counted.asked), store.size) == (2, 0)


@pytest.mark.parametrize(
    ("status", "head"),
    [
        (200, PUBLIC_HEAD[:2]),
        (200, [PUBLIC_HEAD[0], PUBLIC_HEAD[2]]),
        (200, [*PUBLIC_HEAD[:2], (b"cache-control", b"private, max-age=300")]),
        (200, [PUBLIC_HEAD[2], (b"etag", b'W/"tag"')]),
        (200, [*PUBLIC_HEAD, (b"vary", b"Accept, Cookie")]),
        (200, [*PUBLIC_HEAD, (b"set-cookie", b"a=b")]),
        (206, PUBLIC_HEAD),
        (301, PUBLIC_HEAD),
        (404, PUBLIC_HEAD),
    ],
)
async def test_an_answer_says_whether_it_may_be_stored(status: int, head: Fields) -> None:
    """Only a 200 with a strong tag that is public and varies by nothing but form and encoding is stored."""
    app = saying(b"text", head, status)
    store = Store(app, watch_of(holding()))
    async with asking(store) as client:
        for _ in range(2):
            assert (await client.get("/")).status_code == status
    assert (len(app.asked), store.size) == (2, 0)


@given(
    st.lists(
        st.sampled_from(["a=1", "a=2", "b=1", "b=", "c=%C3%A9", "c=é", "", "a", "%61=1", "b=1;a=1"]), max_size=4
    )
)
@settings(max_examples=200)
def test_what_is_asked_differently_may_be_answered_differently(parameters: list[str]) -> None:
    """Two queries share an answer only if each parameter has the same values in the same order."""
    query = "&".join(parameters)
    app = saying(lambda scope: scope["query_string"])
    store = Store(app, watch_of(holding()))

    async def ask() -> None:
        async with asking(store) as client:
            for given_query in (query, "&".join(sorted(parameters, key=lambda one: one[:1]))):
                answer = await client.get("/", params=given_query)
                pairs = httpx.QueryParams(answer.text).multi_items()
                wanted = httpx.QueryParams(given_query).multi_items()
                for name in {name for name, _ in [*pairs, *wanted]}:
                    assert [v for n, v in pairs if n == name] == [v for n, v in wanted if n == name]

    asyncio.run(ask())


@pytest.mark.parametrize("address", ["/v1/figures?format=csv", "/v1/figures?format=jsonl", "/v1/export.zip"])
@pytest.mark.parametrize("encoding", ["identity", "br"])
async def test_a_body_that_nobody_gets_is_not_made(seeded: str, address: str, encoding: str) -> None:
    """HEAD, and copies that are good, do not read the records of a whole set; the head is that of GET."""
    app = create_app(seeded, PUBLIC)
    read: list[str] = []
    async with app.router.lifespan_context(app), asking(app) as client:
        whole = await client.get(address, headers={"Accept-Encoding": encoding})
        engine = app.state.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *told: read.append(str(told[2])))
        for method, named in (("HEAD", ""), ("GET", "*"), ("HEAD", "*"), ("GET", whole.headers["etag"])):
            headers = {"Accept-Encoding": encoding, **({"If-None-Match": named} if named else {})}
            answer = await client.request(method, address, headers=headers)
            assert answer.headers["etag"] == whole.headers["etag"]
            assert answer.status_code == (304 if named else 200)
            if not named:
                assert shown(answer)[1] == shown(whole)[1]
    assert not [statement for statement in read if "document" in statement]


@pytest.mark.parametrize("address", ["/v1/figures?format=csv", "/v1/export.zip"])
async def test_a_removal_changes_the_tags_of_whole_sets(database: Engine, address: str) -> None:
    """What is told of the records beside a removed one may change under the same digest: the tag changes too."""
    loaded(database, [figure("one")])
    async with served(address_of(database)) as (app, client):
        before = await client.get(address)
        with database.begin() as connection:
            connection.execute(text("INSERT INTO tombstone VALUES ('gone', '2024-01-01', 'A reason.')"))
        await app.state.watch.look(app.state.engine)
        after = await client.get(address)
        assert (before.status_code, after.status_code) == (200, 200)
        assert before.headers["etag"] != after.headers["etag"]


# --- bounds ------------------------------------------------------------------------------------------------------


async def test_the_store_has_a_bound_and_keeps_what_is_used() -> None:
    """However much is asked, the store stays below its cap; what was not used for longest goes first."""
    app = saying(b"x" * 10_000, [*PUBLIC_HEAD, (b"content-length", b"10000")])
    store = Store(app, watch_of(holding()), cap=200_000)
    async with asking(store) as client:
        await client.get("/kept")
        for number in range(200):
            await client.get(f"/{number}")
            await client.get("/kept")
            assert store.size <= 200_000
        assert app.asked.count("/kept") == 1
        await client.get("/199")
        assert app.asked.count("/199") == 1
        await client.get("/0")
        assert app.asked.count("/0") == 2


async def test_spellings_are_bounded() -> None:
    """One answer asked for in ever other words takes no more room, and is still answered."""
    app = saying(b"text")
    store = Store(app, watch_of(holding()))
    async with asking(store) as client:
        for number in range(50):
            assert (await client.get("/", headers={"Accept": f"text/plain;n={number}"})).text == "text"
    assert store.size < 5_000 + MAX_NAMES * 100


@pytest.mark.parametrize("number", [LARGEST // 1000, LARGEST // 1000 + 1])
async def test_what_is_too_large_goes_out_as_it_is_made(number: int) -> None:
    """A stream within the limit is stored; a longer one is held back no further than that, and reaches its end."""
    held: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - an application
        await send({"type": "http.response.start", "status": 200, "headers": [*PUBLIC_HEAD]})
        for made in range(1, number + 1):
            await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})
            held.append(made - len(sent))
        await send({"type": "http.response.body", "body": b""})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    store = Store(app, watch_of(holding()))
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    await store(scope, receive, send)
    assert b"".join(message.get("body", b"") for message in sent) == b"x" * 1000 * number
    assert max(held) * 1000 <= LARGEST
    assert (store.size > 0) is (number * 1000 <= LARGEST)


async def test_long_addresses_are_not_stored() -> None:
    """An address that nobody else will ask for does not push out others."""
    store = Store(saying(b"text"), watch_of(holding()))
    async with asking(store) as client:
        assert (await client.get(f"/?q={'x' * LONGEST}")).text == "text"
        assert store.size == 0
        assert (await client.get(f"/?q={'x' * (LONGEST // 2)}")).text == "text"
        assert 0 < store.size < CAP


# --- at the same time --------------------------------------------------------------------------------------------


class Gate(Counted):
    """An application that answers with a number when it is let, each time with the next."""

    def __init__(self, status: int = 200) -> None:
        """Begin closed."""
        self.open = asyncio.Event()
        self.status = status

        async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - an application
            number = len(self.asked)
            await self.open.wait()
            await send({"type": "http.response.start", "status": self.status, "headers": [*PUBLIC_HEAD]})
            await send({"type": "http.response.body", "body": str(number).encode()})

        super().__init__(app)


async def together(gate: Gate, *asked: Awaitable[Response]) -> list[Response]:
    """Open a gate when all who ask wait before it, and return their answers."""
    waiting = [asyncio.ensure_future(one) for one in asked]
    for _ in range(20):
        await asyncio.sleep(0)
    gate.open.set()
    return await asyncio.gather(*waiting)


async def test_the_first_works_for_all() -> None:
    """Of many who ask the same at once, one has it worked out, and all get that."""
    gate = Gate()
    async with asking(Store(gate, watch_of(holding()))) as client:
        answers = await together(gate, *(client.get("/?a=1&b=2" if n % 2 else "/?b=2&a=1") for n in range(10)))
    assert {answer.text for answer in answers} == {"1"}
    assert len(gate.asked) == 1


async def test_what_is_not_stored_is_worked_out_for_each() -> None:
    """Where the first is refused, the others are asked for themselves."""
    gate = Gate(404)
    async with asking(Store(gate, watch_of(holding()))) as client:
        answers = await together(gate, *(client.get("/") for _ in range(5)))
    assert sorted(answer.text for answer in answers) == ["1", "2", "3", "4", "5"]


async def test_who_breaks_down_takes_nobody_along() -> None:
    """Where the first comes to nothing, the next one tries; nobody waits for ever."""
    tries: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - an application
        tries.append(1)
        await asyncio.sleep(0)
        if len(tries) == 1:
            raise RuntimeError
        await send({"type": "http.response.start", "status": 200, "headers": [*PUBLIC_HEAD]})
        await send({"type": "http.response.body", "body": b"text"})

    async with asking(Store(app, watch_of(holding()))) as client:
        first, *others = await asyncio.gather(*(client.get("/") for _ in range(4)), return_exceptions=True)
    assert isinstance(first, RuntimeError)
    assert [other.text for other in others if isinstance(other, Response)] == ["text"] * 3
    assert len(tries) == 2


async def test_nobody_waits_for_a_client_to_read() -> None:
    """A first client that does not read its answer keeps it from nobody else."""
    store = Store(saying(b"text"), watch_of(holding()))
    reads = asyncio.Event()

    async def unread(message: Message) -> None:  # noqa: ARG001 - a client that takes its time
        await reads.wait()

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    slow = asyncio.ensure_future(store(scope, receive, unread))
    async with asking(store) as client:
        assert (await asyncio.wait_for(client.get("/"), PATIENCE)).text == "text"
    assert not slow.done()
    reads.set()
    await slow


# --- another release ---------------------------------------------------------------------------------------------


async def test_what_was_begun_before_a_change_is_not_stored() -> None:
    """An answer during which the release changed is sent, stored nowhere, and given to nobody who came later."""
    gate = Gate()
    watch = watch_of(holding(1))
    store = Store(gate, watch)
    async with asking(store) as client:
        before = asyncio.ensure_future(client.get("/"))
        for _ in range(20):
            await asyncio.sleep(0)
        watch.holding = holding(2)
        after = await together(gate, client.get("/"), client.get("/"))
        assert [answer.text for answer in after] == ["2", "2"]
        assert (await before).text == "1"
        assert (await client.get("/")).text == "2"
    assert len(gate.asked) == 2


async def test_nothing_is_stored_before_the_database_was_seen() -> None:
    """As long as nobody knows what the database holds, nothing is known to be of it."""
    app = saying(b"text")
    store = Store(app, watch_of(None))
    async with asking(store) as client:
        assert [(await client.get("/")).text for _ in range(2)] == ["text"] * 2
    assert (len(app.asked), store.size) == (2, 0)


@pytest.mark.parametrize("how", ["load", "use", "dev"])
async def test_a_change_is_seen(database: Engine, how: str) -> None:
    """A new release, another one chosen, `dev` loaded again: stored answers change by themselves."""
    first, second = ("dev", "dev") if how == "dev" else ("1.0.0", "2.0.0")
    loaded(database, [figure("one", value=1)], first)
    if how == "use":
        loaded(database, [figure("one", value=2)], second)
        use(database, first)
    async with served(address_of(database)) as (_, client):
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
    """While releases are loaded and `dev` is replaced in a storm, a tag always means the same bytes, old or new.

    Values count the loads, so that an answer tells which it is from: none goes back to an earlier one.
    """
    loaded(database, [figure("one", value=0)], "dev")
    ended = threading.Event()

    def keep_loading() -> None:
        try:
            for number in range(1, 25):
                version = "dev" if number % 3 else f"1.0.{number}"
                loaded(database, [figure("one", value=number)], version)
        finally:
            ended.set()

    bodies: dict[tuple[str, str], set[bytes]] = defaultdict(set)
    seen: dict[str, list[int]] = defaultdict(list)
    addresses = ["/v1/figures", "/v1/complaints", "/v1/figures/one", "/v1/figures?format=csv", "/v1/releases"]
    async with served(address_of(database)) as (_, client):
        loading = asyncio.get_running_loop().run_in_executor(None, keep_loading)

        async def read(address: str, encoding: str) -> None:
            tag = '"none"'
            while not ended.is_set():
                # As between two requests over a wire: others have their turn.
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
    """Where `dev` was replaced and nobody has looked yet, nothing is answered from what is gone."""
    addresses = [f"/v1/figures{query}", "/v1/figures/one"]
    loaded(database, [figure("one", value=1)], "dev")
    async with served(address_of(database)) as (app, client):
        watch = app.state.watch
        stale = watch.holding
        before = {address: await client.get(address) for address in addresses}
        loaded(
            database, [figure("one", value=2), figure("two", period=UNDATED), figure("three", unit="person")], "dev"
        )
        async with served(address_of(database)) as (_, other):
            wanted = {address: shown(await other.get(address)) for address in addresses}
        for address in addresses:
            watch.holding = stale
            app.state.references = {stale.current.id: app.state.references[stale.current.id]}
            fresh = await AsyncClient(transport=ASGITransport(app), base_url=PUBLIC).get(
                address, headers={"Accept-Encoding": "identity"}
            )
            assert fresh.status_code == 200
            assert fresh.content == wanted[address][2] != before[address].content


async def test_a_release_that_others_know_already(database: Engine) -> None:
    """A version or a cursor of a release that this program has not seen yet is looked for, not refused."""
    loaded(database, [figure(f"old-{n}") for n in range(3)], "1.0.0")
    async with served(address_of(database)) as (app, client):
        stale = app.state.watch.holding
        loaded(database, [figure(f"new-{n}") for n in range(3)], "2.0.0")
        async with served(address_of(database)) as (_, other):
            following = (await other.get("/v1/figures?limit=1&sort=id")).json()["links"]["next"]
        for address in ("/v1/figures?release=2.0.0&limit=1&sort=id", following):
            app.state.watch.holding = stale
            assert (await client.get(address)).json()["meta"]["release"] == "2.0.0"


SERVER = """
import sys, uvicorn
from app.main import create_server
uvicorn.run(create_server(sys.argv[1], "https://upheld.test"), port=int(sys.argv[2]), log_level="warning")
"""


@pytest.fixture
def workers(database: Engine) -> Iterator[list[str]]:
    """Yield the addresses of two programs that serve one database with one record in it."""
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
    """Each of two programs, with the old answer stored, serves a new release by itself."""
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


# --- the database away -------------------------------------------------------------------------------------------


async def test_stored_answers_outlive_the_database() -> None:
    """While PostgreSQL is away what is stored is served with its age, all else is 503; then all is as before."""
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
        async with served(address) as (_, client):
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
    """Longer than promised (`stale-if-error`) nothing is served that may no longer be so."""
    app = saying(b"text")
    watch = watch_of(holding())
    async with asking(Store(app, watch)) as client:
        await client.get("/")
        watch.seen_at = time.monotonic() - 86_000
        assert 86_000 <= int((await client.get("/")).headers["age"]) <= 86_000 + PATIENCE
        assert len(app.asked) == 1
        watch.seen_at = time.monotonic() - 86_401
        assert "age" not in (await client.get("/")).headers
        assert len(app.asked) == 2

"""The request log, and metrics whose number doesn't depend on what readers request."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from io import StringIO
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from httpx import ASGITransport, AsyncClient, Response
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from app.main import served
from app.settings import PROJECT
from tests import made
from tests.api import PUBLIC, app_over, look

pytestmark = pytest.mark.anyio

NOWHERE = "postgresql://nobody:swordfish@127.0.0.1:1/nothing"
REQUESTS = "upheld_requests_total"


@pytest.fixture
async def app(seeded: str, anyio_backend: str) -> AsyncIterator[FastAPI]:  # noqa: ARG001 - pytest's way
    """Yield the API over the project's own seeds, after startup."""
    found = app_over(seeded)
    async with found.router.lifespan_context(found):
        yield found


def asking(app: FastAPI) -> AsyncClient:
    """Return a client that gets an application's server errors as answers."""
    return AsyncClient(transport=ASGITransport(served(app), raise_app_exceptions=False), base_url=PUBLIC)


async def measured(app: FastAPI) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return every metric, by name and labels."""
    async with asking(app) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["cache-control"] == "no-store"
    families = text_string_to_metric_families(answer.text)
    return {(one.name, frozenset(one.labels.items())): one.value for found in families for one in found.samples}


async def number(app: FastAPI, name: str, **labels: str) -> float | None:
    """Return one metric, or None if it's missing."""
    return (await measured(app)).get((name, frozenset(labels.items())))


async def ask(app: FastAPI, *addresses: str, method: str = "GET") -> list[Response]:
    """Return an application's answers."""
    async with asking(app) as client:
        return [await client.request(method, address) for address in addresses]


# --- the log ---------------------------------------------------------------------------------------------------


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """Yield the request log as it grows."""
    with capture_logs([merge_contextvars]) as found:
        yield found


async def test_each_request_is_a_line(app: FastAPI, logged: list[Any]) -> None:
    """A line has the request, its status, its duration and its size."""
    asked = [
        "/v1/codes",
        "/v1/figures/met-2012-2018-complaints",
        "/v1/figures?limit=0",
        "/nowhere",
        "/openapi.json",
    ]
    answers = await ask(app, *asked, "/static/upheld.css")
    answers += await ask(app, "/v1/codes", method="HEAD") + await ask(app, "/v1/codes", method="PROPFIND")
    assert [line["route"] for line in logged] == [
        *(
            "/v1/codes",
            "/v1/figures/{id}",
            "/v1/figures",
            "none",
            "/openapi.json",
            "/static/{path:path}",
            "/v1/codes",
            "/v1/codes",
        )
    ]
    for line, answer in zip(logged, answers, strict=True):
        assert line["event"] == "request"
        assert line["request_id"] == answer.headers["x-request-id"]
        assert (line["method"], line["path"]) == (answer.request.method, answer.request.url.path)
        assert line["status"] == answer.status_code
        assert line["bytes"] == answer.num_bytes_downloaded
        assert line["ms"] > 0


async def test_who_watches_is_no_line(app: FastAPI, logged: list[Any]) -> None:
    """Successful health checks and scrapes are counted, but not logged."""
    await ask(app, "/health/live", "/health/ready", "/metrics", "/metrics?x=1")
    assert [(line["path"], line["status"]) for line in logged] == [("/metrics", 422)]
    assert await number(app, REQUESTS, method="GET", route="/health/ready", status="2xx") == 1


async def test_lines_stay_short(app: FastAPI, logged: list[Any]) -> None:
    """A path of any length is cut to 500 characters."""
    await ask(app, "/v1/" + "a" * 20_000)
    assert [len(line["path"]) for line in logged] == [500]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), ValueError("closed file")])
async def test_a_log_that_cannot_be_written_keeps_nobody_from_an_answer(app: FastAPI, failure: Exception) -> None:
    """If the log can't be written, because the disk is full or the stream closed, requests don't fail."""

    class Broken(StringIO):
        def write(self, _: str) -> int:
            raise failure

    structlog.configure(logger_factory=structlog.WriteLoggerFactory(Broken()))
    try:
        # This client raises any exception that would reach the server.
        async with AsyncClient(transport=ASGITransport(served(app)), base_url=PUBLIC) as client:
            for address in ("/v1/codes", "/v1/figures"):
                assert (await client.get(address)).status_code == HTTPStatus.OK
    finally:
        structlog.reset_defaults()
    assert await number(app, REQUESTS, method="GET", route="/v1/codes", status="2xx") == 1


# --- the metrics -----------------------------------------------------------------------------------------------


async def test_requests_are_counted_by_route_and_class(app: FastAPI) -> None:
    """A request is counted by route and status class, and timed."""
    await ask(app, "/v1/figures", "/v1/figures?limit=5", "/v1/figures?limit=0", "/v1/figures/nothing")
    told = await measured(app)

    def value(name: str, **labels: str) -> float | None:
        return told.get((name, frozenset(labels.items())))

    assert value(REQUESTS, method="GET", route="/v1/figures", status="2xx") == 2
    assert value(REQUESTS, method="GET", route="/v1/figures", status="4xx") == 1
    assert value(REQUESTS, method="GET", route="/v1/figures/{id}", status="4xx") == 1
    assert value("upheld_request_seconds_count", route="/v1/figures") == 3
    assert value("upheld_request_seconds_bucket", route="/v1/figures", le="+Inf") == 3
    assert value("upheld_requests_in_progress") == 1, "the one that asks"


async def test_nothing_that_readers_choose_is_a_label(app: FastAPI) -> None:
    """However many addresses, ids and methods are tried, they add no series."""
    await ask(app, "/v1/nowhere", "/v1/figures/x", "/static/x")
    await ask(app, "/v1", "/v1/nowhere", method="PUT")
    await measured(app)
    before = await measured(app)
    tried = [f"/v1/{place}{n}" for n in range(20) for place in ("nowhere-", "figures/no-")]
    await ask(app, *tried, *(f"/static/{n}" for n in range(20)))
    for n in range(20):
        await ask(app, "/v1", "/v1/nowhere", method=f"METHOD{n}")
    assert set(await measured(app)) - set(before) == set()


async def test_an_answer_that_is_cut_off_is_told(app: FastAPI, logged: list[Any]) -> None:
    """An answer that started well and broke off isn't counted as a success."""

    async def half() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"half"
            raise ConnectionAbortedError

        return StreamingResponse(pieces())

    app.add_api_route("/half", half)
    await ask(app, "/half")
    assert await number(app, REQUESTS, method="GET", route="/half", status="cut-off") == 1
    assert await number(app, REQUESTS, method="GET", route="/half", status="2xx") is None
    assert [(line["event"], line["bytes"]) for line in logged] == [("request cut off", 4)]


async def test_connections_are_told(app: FastAPI) -> None:
    """The metrics have the connections in use, idle and allowed, and how long requests waited for one."""
    await ask(app, "/v1/figures", "/v1/codes")
    assert await number(app, "upheld_database_connections_max") == 10
    assert await number(app, "upheld_database_connections", state="idle") == 1
    in_use = await number(app, "upheld_database_connections", state="in-use")
    waits = await number(app, "upheld_database_wait_seconds_count")
    assert in_use is not None
    assert waits is not None
    async with app.state.database.connect(), app.state.database.connect():
        busier = await number(app, "upheld_database_connections", state="in-use")
        more = await number(app, "upheld_database_wait_seconds_count")
    assert busier is not None
    assert busier == in_use + 2
    # by the test, and by the scrapes themselves
    assert more is not None
    assert more >= waits + 3


async def test_the_release_is_told(database: Engine) -> None:
    """The metrics have the current release and its age; another release replaces it."""
    app = app_over(database.url.render_as_string(hide_password=False))
    async with app.router.lifespan_context(app):
        assert await number(app, "upheld_database_reachable") == 1
        assert await number(app, "upheld_release", version="1.0.0") is None
        for version in ("1.0.0", "1.1.0"):
            release = made.loaded(database, [made.figure("one")], version)
            assert await number(app, "upheld_release", version=version) == 1
            age = await number(app, "upheld_release_age_seconds")
            passed = (datetime.now(UTC) - release.published_at).total_seconds()
            assert age == pytest.approx(passed, abs=60)
        assert await number(app, "upheld_release", version="1.0.0") is None


async def test_the_release_is_told_while_the_database_is_away(app: FastAPI) -> None:
    """It's the last known release, even if nobody has scraped before."""
    await look(app)
    known = app.state.current.releases
    away = app_over(NOWHERE)
    away.state.current.releases = known
    async with away.router.lifespan_context(away):
        assert await number(away, "upheld_database_reachable") == 0
        assert await number(away, "upheld_release", version=known.current.version) == 1


async def test_metrics_without_a_database(caplog: pytest.LogCaptureFixture) -> None:
    """Without a database there are still metrics, and the log says what failed, without the password."""
    app = app_over(NOWHERE)
    async with app.router.lifespan_context(app):
        (answer,) = await ask(app, "/v1/codes")
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        warnings = [record.getMessage() for record in caplog.records if record.name == "upheld"]
        assert warnings
        assert all("failed" in warning for warning in warnings), warnings
        assert "swordfish" not in caplog.text
        assert await number(app, "upheld_database_reachable") == 0
        assert await number(app, REQUESTS, method="GET", route="/v1/codes", status="5xx") == 1


async def test_stored_answers_are_told(app: FastAPI, logged: list[Any]) -> None:
    """Answers from the cache are counted and not logged; all others are counted as requests and logged."""
    await look(app)
    async with AsyncClient(transport=ASGITransport(served(app)), base_url=PUBLIC) as client:
        for _ in range(4):
            assert (await client.get("/v1/codes")).status_code == HTTPStatus.OK
        assert (await client.get("/v1/nowhere")).status_code == HTTPStatus.NOT_FOUND
    assert await number(app, "upheld_stored_answers_total", result="hit") == 3
    assert (
        await number(app, "upheld_stored_answers_total", result="miss") == 4
    )  # two of them from requests for the metrics
    assert await number(app, REQUESTS, method="GET", route="/v1/codes", status="2xx") == 1
    assert [line["path"] for line in logged] == ["/v1/codes", "/v1/nowhere"]


async def test_applications_do_not_count_for_each_other(app: FastAPI, seeded: str) -> None:
    """Two applications in one process have separate metrics."""
    other = app_over(seeded)
    async with other.router.lifespan_context(other):
        await ask(app, "/v1/codes")
        assert await number(other, REQUESTS, method="GET", route="/v1/codes", status="2xx") is None


async def test_operations_tell_every_number(app: FastAPI) -> None:
    """The run-book has a line for each of our metrics, and for no other."""
    found = CollectorRegistry.collect(app.state.metrics.registry)
    told = {family.name for family in found if family.name.startswith("upheld_")}
    text = (PROJECT / "docs" / "operations.md").read_text()
    assert {re.sub("_total$", "", name) for name in re.findall(r"^\| `(upheld_\w+)", text, re.MULTILINE)} == told

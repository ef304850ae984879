"""Answers depend neither on the client nor on the host name it uses."""

import asyncio

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import make_url

from app.database import pool
from app.main import served
from tests.addresses import KNOWN_ADDRESSES, V1
from tests.api import PUBLIC, app_over, look
from tests.postgresql import new_login

pytestmark = pytest.mark.anyio

FIGURE = "met-2012-2018-complaints-upheld"

ADDRESSES = [
    *(KNOWN_ADDRESSES.get(path, path).replace("RELEASE", "1.0.0") for path in V1),
    *("/", "/?force=metropolitan", f"/figures/{FIGURE}", "/compare", f"/embed/figures/{FIGURE}", "/docs", "/guide"),
    *(f"/oembed?url={PUBLIC}/figures/{FIGURE}", "/openapi.json", "/v1/figures?format=csv", "/timeline.svg"),
    *("/problems", "/v1/nothing", "/v1/figures?limit=0", "/nothing"),
]

FOREIGN = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example;proto=http",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
}


@pytest.mark.parametrize("address", ADDRESSES)
async def test_no_answer_depends_on_the_name_it_was_asked_by(client: AsyncClient, address: str) -> None:
    """`Host`, `Forwarded` and `X-Forwarded-*` change nothing: everybody shares the same answers."""
    own = {"x-request-id"}
    asked_first = await client.get(address, headers=FOREIGN)
    asked_next = await client.get(address)
    for answer in (asked_first, asked_next):
        assert "evil" not in answer.text
        assert not [value for value in answer.headers.values() if "evil" in value]
    assert asked_first.status_code == asked_next.status_code
    assert asked_first.content == asked_next.content
    first, then = ({k: v for k, v in a.headers.items() if k not in own} for a in (asked_first, asked_next))
    assert first == then


async def test_oembed_knows_its_public_address_only(client: AsyncClient) -> None:
    """The oEmbed endpoint refuses a page's address under another name, even if the request uses that name."""
    address = f"/oembed?url=https://evil.example/figures/{FIGURE}"
    for headers in (FOREIGN, {}):
        assert (await client.get(address, headers=headers)).status_code == 404


@pytest.mark.parametrize("limit", [2, 5])
async def test_few_connections_are_enough(
    seeded: str,
    server: str,
    anyio_backend: str,  # noqa: ARG001 - pytest's way
    limit: int,
) -> None:
    """If the login may have few connections, too many concurrent requests are refused, and later ones succeed."""
    with new_login(server, f"CONNECTION LIMIT {limit} IN ROLE upheld_reader") as login:
        address = make_url(login).set(database=make_url(seeded).database).render_as_string(hide_password=False)
        app = app_over(address)
        transport = ASGITransport(served(app))
        async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url=PUBLIC) as client:
            at_once = [client.get(f"/v1/coverage?period={year}") for year in range(1990, 2014)]
            statuses = {answer.status_code for answer in await asyncio.gather(*at_once)}
            assert statuses <= {200, 503}
            for path in ("/health/ready", "/v1/figures?period=2014", "/v1/coverage?period=2014", "/v1/codes"):
                assert (await client.get(path)).status_code == 200, path


async def test_no_request_needs_two_connections(
    seeded: str,
    anyio_backend: str,  # noqa: ARG001 - pytest's way
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every endpoint answers with one connection left, so concurrent requests can't starve each other."""
    monkeypatch.setattr(pool, "MAX_CONNECTIONS", 2)  # one of them checks the releases
    app = app_over(seeded)
    transport = ASGITransport(served(app))
    async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url=PUBLIC) as client:
        await look(app)
        for address in ADDRESSES:
            assert (await client.get(address)).status_code < 500, address

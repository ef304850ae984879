"""What every endpoint promises, checked for each endpoint in the OpenAPI document."""

from typing import Any
from urllib.parse import urlencode

import pytest
from httpx import AsyncClient, Response

from app.http.openapi import operations
from app.main import create_app
from tests.api import PUBLIC

pytestmark = pytest.mark.anyio

Body = dict[str, Any]

OPERATIONS: dict[str, Body] = dict(
    operations(create_app("postgresql://nobody@localhost/nothing", PUBLIC).openapi())
)
V1 = [path for path in OPERATIONS if path.startswith("/v1")]

VARY = "Accept, Accept-Encoding"
EXPOSED = "Accept-Ranges, Content-Range, ETag, Link, X-Request-ID, X-Upheld-Warnings"
ORIGIN = {"Origin": "https://newsroom.test"}

NEEDED = {
    "force_scope": {"force": "england-and-wales"},
    "period_match": {"period": "2012/2018"},
    "bom": {"format": "csv"},
}
"""Other parameters that a parameter needs to be accepted."""


def parameters_of(path: str, place: str) -> list[Body]:
    """Return an endpoint's path parameters or query parameters."""
    return [one for one in OPERATIONS[path].get("parameters", []) if one["in"] == place]


QUERY_PARAMETERS = [
    pytest.param(path, one, id=f"{path} {one['name']}")
    for path in OPERATIONS
    for one in parameters_of(path, "query")
]
"""Every query parameter of every endpoint."""


async def address_of(client: AsyncClient, path: str) -> tuple[str, dict[str, str]]:
    """Return a path with its example parameters, and its required query."""
    filled = {one["name"]: one["example"] for one in parameters_of(path, "path")}
    if "version" in filled:
        filled["version"] = (await client.get("/v1/dataset")).json()["release"]
    needed = {one["name"]: one["example"] for one in parameters_of(path, "query") if one["required"]}
    if path in {"/v1/total", "/v1/rates/comparison"}:
        # All figures together can't be added, and aren't one measure.
        needed["id"] = "met-2012-2018-complaints"
    return path.format_map(filled), needed


async def ask(client: AsyncClient, path: str, more: str = "", **headers: str) -> Response:
    """Request a path with its examples and more query parameters, as a page on another origin would."""
    address, needed = await address_of(client, path)
    query = "&".join(filter(None, [urlencode(needed), more]))
    return await client.get(f"{address}?{query}" if query else address, headers={**ORIGIN, **headers})


def codes_of(answer: Response, status: int = 422) -> set[tuple[str, str]]:
    """Return each parameter and error code of a refusal, after checking that it's a proper problem."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    body = answer.json()
    assert {"type", "title", "status", "detail", "instance"} <= set(body)
    assert body["type"].startswith("/problems/")
    return {(error["parameter"], error["code"]) for error in body.get("errors", [])}


@pytest.mark.parametrize("path", OPERATIONS)
async def test_unknown_parameter(client: AsyncClient, path: str) -> None:
    """An unknown parameter is refused, not ignored."""
    assert codes_of(await ask(client, path, "no_such_thing=1")) == {("no_such_thing", "unknown-parameter")}


@pytest.mark.parametrize(("path", "parameter"), QUERY_PARAMETERS)
async def test_repeated_parameter(client: AsyncClient, path: str, parameter: Body) -> None:
    """Repeated values are alternatives if the document has an array, and refused otherwise."""
    name, example = parameter["name"], parameter["example"]
    # The release in the example's cursor doesn't exist, which is a different error.
    value = "x" if name == "cursor" else example[0] if isinstance(example, list) else example
    twice = urlencode([(name, value)] * 2)
    answer = await ask(client, path, "&".join(filter(None, [twice, urlencode(NEEDED.get(name, {}))])))
    if parameter["schema"].get("type") == "array":
        accepted = not parameter["schema"].get("uniqueItems")
        assert answer.status_code in {200, 409} if accepted else (name, "repeated") in codes_of(answer)
    else:
        assert (name, "repeated") in codes_of(answer)


@pytest.mark.parametrize(("path", "parameter"), QUERY_PARAMETERS)
async def test_empty_parameter(client: AsyncClient, path: str, parameter: Body) -> None:
    """An empty value is refused; it doesn't mean "all"."""
    name = parameter["name"]
    address, needed = await address_of(client, path)
    query = {**needed, **NEEDED.get(name, {}), name: ""}
    assert (name, "empty") in codes_of(await client.get(address, params=query, headers=ORIGIN))


@pytest.mark.parametrize("path", OPERATIONS)
async def test_methods(client: AsyncClient, path: str) -> None:
    """HEAD has the headers of GET and no body. Other methods are refused with the ones allowed."""
    got = await ask(client, path)
    address, needed = await address_of(client, path)
    head = await client.head(address, params=needed, headers=ORIGIN)
    assert (head.status_code, head.content) == (got.status_code, b"") == (200, b"")
    # Metrics change from one answer to the next.
    varying = {"x-request-id", "date"} | ({"content-length"} if path == "/metrics" else set())
    assert {k: v for k, v in head.headers.items() if k not in varying} == {
        k: v for k, v in got.headers.items() if k not in varying
    }
    posted = await client.post(address, params=needed, headers=ORIGIN)
    assert codes_of(posted, 405) == set()
    assert posted.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", V1)
async def test_not_modified(client: AsyncClient, path: str) -> None:
    """The strong ETag gives 304 with the same headers; another ETag gives the answer."""
    got = await ask(client, path)
    tag = got.headers["etag"]
    assert tag[0] == tag[-1] == '"'
    assert got.headers["vary"] == VARY
    assert got.headers["last-modified"].endswith(" GMT")
    assert got.headers["cache-control"] == "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
    again = await ask(client, path, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert {name: again.headers[name] for name in ("etag", "vary", "cache-control", "last-modified")} == {
        name: got.headers[name] for name in ("etag", "vary", "cache-control", "last-modified")
    }
    assert (await ask(client, path, **{"If-None-Match": '"another"'})).content == got.content


@pytest.mark.parametrize("path", V1)
async def test_not_modified_since(client: AsyncClient, path: str) -> None:
    """`If-Modified-Since` with the date sent gives 304, unless a tag disagrees. Another date gives the answer."""
    got = await ask(client, path)
    date = got.headers["last-modified"]
    again = await ask(client, path, **{"If-Modified-Since": date})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["last-modified"] == date
    for other in (
        {"If-Modified-Since": date, "If-None-Match": '"another"'},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": ""},
    ):
        whole = await ask(client, path, **other)
        assert (whole.status_code, whole.content) == (200, got.content), other


@pytest.mark.parametrize("path", OPERATIONS)
async def test_cors(client: AsyncClient, path: str) -> None:
    """Pages on any origin may read every answer and its headers, and every answer has a request id."""
    answer = await ask(client, path)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == EXPOSED
    assert answer.headers["x-request-id"]
    address, _ = await address_of(client, path)
    preflight = {**ORIGIN, "Access-Control-Request-Method": "GET"}
    assert (await client.options(address, headers=preflight)).status_code == 204


@pytest.mark.parametrize("path", V1)
async def test_formats(client: AsyncClient, path: str) -> None:
    """`Accept` gets each format in the document and no other, and each format has its own ETag."""
    media_types = list(OPERATIONS[path]["responses"]["200"]["content"])
    tags = set()
    for media_type in media_types:
        answer = await ask(client, path, Accept=f"{media_type}, image/png;q=0.9")
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == media_type
        tags.add(answer.headers["etag"])
    assert len(tags) == len(media_types)
    refused = await ask(client, path, Accept="image/png")
    assert codes_of(refused, 406) == set()
    assert set(refused.json()["available"]) == set(media_types)

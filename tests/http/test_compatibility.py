"""The contract, held against every address that the OpenAPI document has, whichever they are."""

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
EXPOSED = "ETag, Link, X-Request-ID"
ORIGIN = {"Origin": "https://newsroom.test"}

GOES_WITH = {
    "force_scope": {"force": "england-and-wales"},
    "period_match": {"period": "2012/2018"},
    "bom": {"format": "csv"},
}
"""What else has to be given for a parameter to say anything."""


def parameters_of(path: str, place: str) -> list[Body]:
    """Return the parameters that an address takes in its path or in its query."""
    return [one for one in OPERATIONS[path].get("parameters", []) if one["in"] == place]


QUERY_PARAMETERS = [
    pytest.param(path, one, id=f"{path} {one['name']}")
    for path in OPERATIONS
    for one in parameters_of(path, "query")
]
"""Every parameter of every address."""


async def address_of(client: AsyncClient, path: str) -> tuple[str, dict[str, str]]:
    """Return an address that the examples make of a path, and the query that it needs."""
    filled = {one["name"]: one["example"] for one in parameters_of(path, "path")}
    if "version" in filled:
        filled["version"] = (await client.get("/v1/dataset")).json()["release"]
    needed = {one["name"]: one["example"] for one in parameters_of(path, "query") if one["required"]}
    if path == "/v1/total":
        # Not everything together may be added.
        needed["id"] = "met-2012-2018-complaints"
    return path.format_map(filled), needed


async def ask(client: AsyncClient, path: str, more: str = "", **headers: str) -> Response:
    """Ask a path with its examples, and more behind its query, as a page of another origin would."""
    address, needed = await address_of(client, path)
    query = "&".join(filter(None, [urlencode(needed), more]))
    return await client.get(f"{address}?{query}" if query else address, headers={**ORIGIN, **headers})


def codes_of(answer: Response, status: int = 422) -> set[tuple[str, str]]:
    """Return what is wrong with which parameter, of an answer that is a problem in every respect."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    body = answer.json()
    assert {"type", "title", "status", "detail", "instance"} <= set(body)
    assert body["type"].startswith("/problems/")
    return {(error["parameter"], error["code"]) for error in body.get("errors", [])}


@pytest.mark.parametrize("path", OPERATIONS)
async def test_an_unknown_parameter_is_refused(client: AsyncClient, path: str) -> None:
    """Nothing is ignored."""
    assert codes_of(await ask(client, path, "no_such_thing=1")) == {("no_such_thing", "unknown-parameter")}


@pytest.mark.parametrize(("path", "parameter"), QUERY_PARAMETERS)
async def test_a_repeated_parameter_is_refused_where_it_is_single(
    client: AsyncClient, path: str, parameter: Body
) -> None:
    """What is given twice is an alternative where the document says so, and refused where it does not."""
    name, example = parameter["name"], parameter["example"]
    # The release of the example's cursor is not here, which is another matter.
    value = "x" if name == "cursor" else example[0] if isinstance(example, list) else example
    twice = urlencode([(name, value)] * 2)
    answer = await ask(client, path, "&".join(filter(None, [twice, urlencode(GOES_WITH.get(name, {}))])))
    if parameter["schema"].get("type") == "array":
        assert answer.status_code in {200, 409}
    else:
        assert (name, "repeated") in codes_of(answer)


@pytest.mark.parametrize(("path", "parameter"), QUERY_PARAMETERS)
async def test_an_empty_parameter_is_refused(client: AsyncClient, path: str, parameter: Body) -> None:
    """What has no value is a mistake and not a wish for all."""
    name = parameter["name"]
    address, needed = await address_of(client, path)
    query = {**needed, **GOES_WITH.get(name, {}), name: ""}
    assert (name, "empty") in codes_of(await client.get(address, params=query, headers=ORIGIN))


@pytest.mark.parametrize("path", OPERATIONS)
async def test_only_reading(client: AsyncClient, path: str) -> None:
    """HEAD has the headers of GET and no body; anything else is refused with what is allowed."""
    got = await ask(client, path)
    address, needed = await address_of(client, path)
    head = await client.head(address, params=needed, headers=ORIGIN)
    assert (head.status_code, head.content) == (got.status_code, b"") == (200, b"")
    # What is measured grows from one answer to the next.
    own = {"x-request-id", "date"} | ({"content-length"} if path == "/metrics" else set())
    assert {k: v for k, v in head.headers.items() if k not in own} == {
        k: v for k, v in got.headers.items() if k not in own
    }
    posted = await client.post(address, params=needed, headers=ORIGIN)
    assert codes_of(posted, 405) == set()
    assert posted.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", V1)
async def test_a_copy_is_confirmed(client: AsyncClient, path: str) -> None:
    """A strong tag, sent back, is answered with 304 and the same headers; another with the answer."""
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


@pytest.mark.parametrize("path", OPERATIONS)
async def test_pages_of_any_origin_may_read(client: AsyncClient, path: str) -> None:
    """Every answer may be read by a page from anywhere, with the headers that it needs, and says its own id."""
    answer = await ask(client, path)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == EXPOSED
    assert answer.headers["x-request-id"]
    address, _ = await address_of(client, path)
    asked = {**ORIGIN, "Access-Control-Request-Method": "GET"}
    assert (await client.options(address, headers=asked)).status_code == 204


@pytest.mark.parametrize("path", V1)
async def test_every_form_that_is_described_can_be_had(client: AsyncClient, path: str) -> None:
    """`Accept` gets each form of the document and no other, and each has a tag of its own."""
    forms = list(OPERATIONS[path]["responses"]["200"]["content"])
    tags = set()
    for media_type in forms:
        answer = await ask(client, path, Accept=f"{media_type}, image/png;q=0.9")
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == media_type
        tags.add(answer.headers["etag"])
    assert len(tags) == len(forms)
    refused = await ask(client, path, Accept="image/png")
    assert codes_of(refused, 406) == set()
    assert set(refused.json()["available"]) == set(forms)

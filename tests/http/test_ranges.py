"""Range requests: `Range`, `If-Range` and the headers of a part."""

import pytest
from httpx import AsyncClient

from tests.api import PUBLIC

pytestmark = pytest.mark.anyio

WHOLE = [
    "/v1/figures",
    "/v1/codes",
    "/v1/figures/met-2012-2018-complaints-upheld",
    "/",
    "/guide",
    "/static/upheld.css",
]
"""Answers that aren't streamed."""

STREAMED = ["/v1/export.zip"]

PARTS = {
    "bytes=0-9": slice(0, 10),
    "bytes=0-0": slice(0, 1),
    "bytes=10-": slice(10, None),
    "bytes=-7": slice(-7, None),
    "bytes=5-99999999": slice(5, None),
    "bytes=-99999999": slice(0, None),
    "BYTES=1-2": slice(1, 3),
}
UNREADABLE = ["bytes=9-1", "bytes=-", "bytes=", "lines=0-9", "bytes=0-1,4-5", "0-9", "bytes=a-b", "bytes=--1"]
BEHIND = ["bytes=99999999-", "bytes=99999999-100000000", "bytes=-0"]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@pytest.mark.parametrize("address", WHOLE)
async def test_one_range(client: AsyncClient, address: str, encoding: str) -> None:
    """A part has exactly the bytes of the whole, cached or not, and gives its position."""
    asked = {"Accept-Encoding": encoding}
    async with client.stream("GET", address, headers=asked) as answer:
        whole = b"".join([piece async for piece in answer.aiter_raw()])
    size = len(whole)
    assert (answer.headers["accept-ranges"], answer.headers["content-length"]) == ("bytes", str(size))
    for named, part in PARTS.items():
        async with client.stream("GET", address, headers={**asked, "Range": named}) as found:
            body = b"".join([piece async for piece in found.aiter_raw()])
        assert (found.status_code, body) == (206, whole[part]), named
        start, stop, _ = part.indices(size)
        assert found.headers["content-range"] == f"bytes {start}-{stop - 1}/{size}"
        assert found.headers["content-length"] == str(len(body))
        for name in ("etag", "cache-control", "vary", "content-type"):
            assert found.headers.get(name) == answer.headers.get(name), (named, name)


@pytest.mark.parametrize("address", WHOLE)
async def test_other_ranges(client: AsyncClient, address: str) -> None:
    """An invalid range, or several, gets the whole answer; a range that starts beyond the end is refused."""
    whole = await client.get(address)
    for named in UNREADABLE:
        found = await client.get(address, headers={"Range": named})
        assert (found.status_code, found.content) == (200, whole.content), named
    for named in BEHIND:
        refused = await client.get(address, headers={"Range": named})
        assert refused.status_code == 416, named
        assert refused.headers["content-range"] == f"bytes */{whole.headers['content-length']}"
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["status"] == 416


@pytest.mark.parametrize("address", WHOLE)
async def test_conditions_of_ranges(client: AsyncClient, address: str) -> None:
    """`If-Range` with the tag gives the part; anything else gives the whole. A current copy still gives 304."""
    whole = await client.get(address)
    tag = whole.headers["etag"]
    part = {"Range": "bytes=0-9"}
    assert (await client.get(address, headers={**part, "If-Range": tag})).content == whole.content[:10] or (
        "content-encoding" in whole.headers
    )
    for condition in ('"another"', f"W/{tag}", whole.headers.get("last-modified", "Thu, 01 Jan 1970 00:00:00 GMT")):
        found = await client.get(address, headers={**part, "If-Range": condition})
        assert (found.status_code, found.content) == (200, whole.content), condition
    assert (await client.get(address, headers={**part, "If-None-Match": tag})).status_code == 304
    head = await client.head(address, headers=part)
    assert (head.status_code, head.headers["content-length"]) == (200, whole.headers["content-length"])


@pytest.mark.parametrize("address", STREAMED)
async def test_streamed_answers_have_no_parts(client: AsyncClient, address: str) -> None:
    """Their length isn't known in advance, so they announce that they have no ranges, and are sent whole."""
    whole = await client.get(address)
    assert whole.headers["accept-ranges"] == "none"
    found = await client.get(address, headers={"Range": "bytes=0-9"})
    assert (found.status_code, found.content) == (200, whole.content)


async def test_problems_have_no_parts(client: AsyncClient) -> None:
    """Errors are sent whole."""
    found = await client.get(f"{PUBLIC}/v1/nothing", headers={"Range": "bytes=0-9"})
    assert found.status_code == 404
    assert found.json()["status"] == 404

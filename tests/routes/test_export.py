"""The download of a release as a data package, over HTTP."""

import pytest
from httpx import AsyncClient
from sqlalchemy import Engine

from tests.api import PUBLIC, client_of
from tests.formats.packages import EXPORT, rows, unpacked
from tests.made import figure, loaded

pytestmark = pytest.mark.anyio


async def test_headers(database: Engine) -> None:
    """The answer has an ETag that gives 304, the release's date, and a file name; it isn't compressed again."""
    loaded(database, [figure("one")], "1.0.0")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        answer = await client.get(EXPORT, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-type"] == "application/zip"
        assert "content-encoding" not in answer.headers
        assert answer.headers["content-disposition"] == 'attachment; filename="upheld-1.0.0.zip"'
        assert "max-age=300" in answer.headers["cache-control"]
        assert "max-age=86400" in (await client.head(f"{EXPORT}?release=1.0.0")).headers["cache-control"]
        assert answer.headers["last-modified"] == (await client.head("/v1/figures")).headers["last-modified"]
        tag = answer.headers["etag"]
        unchanged = await client.get(EXPORT, headers={"If-None-Match": tag})
        assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
        head = await client.head(EXPORT)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)


async def test_each_release_has_its_file(database: Engine) -> None:
    """A new release has its own ETag and names itself; the old release's file stays the same."""
    loaded(database, [figure("one")], "1.0.0")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        before = await client.get(EXPORT)
        loaded(database, [figure("one", value=2)], "2.0.0")
        after, pinned = await client.get(EXPORT), await client.get(f"{EXPORT}?release=1.0.0")
        assert before.headers["etag"] != after.headers["etag"]
        assert (pinned.content, pinned.headers["etag"]) == (before.content, before.headers["etag"])
        assert b"Release 2.0.0 of" in unpacked(after.content)["README.md"]
        (row,) = rows(unpacked(after.content), "figures")
        assert (row["value"], row["citation"].rpartition(" ")[2]) == ("2", f"{PUBLIC}/figures/one?release=2.0.0")


async def test_refusals(client: AsyncClient) -> None:
    """Unknown parameters, releases, media types and methods are refused."""
    for query, code in (
        ("format=csv", "unknown-parameter"),
        ("release=9.9.9", "unknown-code"),
        ("release=", "empty"),
    ):
        refused = await client.get(f"{EXPORT}?{query}")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    assert (await client.get(EXPORT, headers={"Accept": "text/csv"})).status_code == 406
    assert (await client.post(EXPORT)).status_code == 405

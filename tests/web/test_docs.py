from html import unescape

import pytest
from httpx import AsyncClient

from app.http.problems import EXPLANATIONS
from app.web import documents

pytestmark = pytest.mark.anyio


async def test_docs_are_complete_without_scripts(client: AsyncClient) -> None:
    """The page itself lists every endpoint with its summary, every problem and every page of the guide."""
    page = await client.get("/docs")
    paths = (await client.get("/openapi.json")).json()["paths"]
    for path, methods in paths.items():
        assert f"<code>{path}</code>" in page.text
        assert methods["get"]["summary"] in unescape(page.text)
    assert all(f'href="/problems/{code}"' in page.text for code in EXPLANATIONS)
    assert all(f'href="/guide/{name}"' in page.text for name in documents.documents())


async def test_the_description_takes_no_parameters(client: AsyncClient) -> None:
    """It refuses parameters like every other endpoint, and has an ETag that gives 304."""
    refused = await client.get("/openapi.json?x=1")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    answer = await client.get("/openapi.json")
    kept = await client.get("/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
    assert kept.status_code == 304

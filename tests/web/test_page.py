import re
from html import unescape

import pytest
from httpx import AsyncClient, Response

from tests.api import PUBLIC
from tests.web.html import BROWSER, INCIDENTS, PROVEN, REMOVED

pytestmark = pytest.mark.anyio

PAGES = ["/docs", "/guide", "/guide/methodology", "/problems", "/problems/not-found"]
"""Pages that don't depend on a release."""

RECORD_PAGES = [
    "/",
    f"/figures/{REMOVED}",
    f"/incidents/{INCIDENTS[0]}",
    "/compare",
    "/forces",
    "/forces/metropolitan",
    "/sources",
    "/sources/wrp-2021-10",
    "/topics",
    "/topics/sexual-misconduct",
    "/coverage",
    "/series",
    "/rates",
    "/about",
    f"/compare?a={REMOVED}&b={PROVEN}",
    f"/embed/figures/{REMOVED}",
    f"/embed/incidents/{INCIDENTS[0]}",
    f"/embed/compare?a={REMOVED}&b={PROVEN}",
    f"/figures/{REMOVED}/tree.svg",
    f"/figures/{REMOVED}/card.png",
    "/timeline.svg",
    f"/oembed?url={PUBLIC}/figures/{REMOVED}",
]
"""Pages and files that show a release."""


def text_of(page: Response) -> str:
    """Return the text of a page on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.mark.parametrize("page", PAGES)
async def test_caching(client: AsyncClient, page: str) -> None:
    """A page says how long it may be cached, is 304 for a matching tag, and answers HEAD."""
    first = await client.get(page)
    assert first.headers["cache-control"].startswith("public, max-age=")
    again = await client.get(page, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await client.head(page)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("address", RECORD_PAGES)
async def test_caching_of_releases(client: AsyncClient, address: str) -> None:
    """A page of a release has a date too, and may be cached for longer if it is pinned."""
    page = await client.get(address, headers={"Accept": "*/*"})
    assert page.status_code == 200
    assert page.headers["cache-control"].startswith("public, max-age=300")
    assert page.headers["vary"] == "Accept, Accept-Encoding"
    assert page.headers["last-modified"]
    head = await client.head(address, headers={"Accept": "*/*"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == page.headers["etag"]
    again = await client.get(address, headers={"Accept": "*/*", "If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    pin = "%3Frelease=1.0.0" if "oembed" in address else f"{'&' if '?' in address else '?'}release=1.0.0"
    pinned = await client.get(f"{address}{pin}", headers={"Accept": "*/*"})
    assert pinned.headers["cache-control"].startswith("public, max-age=86400")


@pytest.mark.parametrize("page", PAGES)
async def test_pages_without_parameters(client: AsyncClient, page: str) -> None:
    """A page without parameters refuses any, with an HTML page for browsers."""
    refused = await client.get(f"{page}?x=1", headers=BROWSER)
    assert refused.status_code == 422
    assert "x=1" in text_of(refused)
    assert (await client.get(f"{page}?x=1")).json()["errors"][0]["code"] == "unknown-parameter"


@pytest.mark.parametrize("address", [address for address in RECORD_PAGES if not address.startswith("/oembed")])
async def test_unknown_parameters(client: AsyncClient, address: str) -> None:
    """No page ignores parameters, except oEmbed, whose clients also send those of other providers."""
    for parameter in ("nonsense=1", "releese=1.0.0", "format=html"):
        answer = await client.get(f"{address}{'&' if '?' in address else '?'}{parameter}", headers=BROWSER)
        assert answer.status_code == 422, parameter
        assert parameter.partition("=")[0] in answer.text


@pytest.mark.parametrize("address", [*PAGES, *RECORD_PAGES])
async def test_pages_are_read_only(client: AsyncClient, address: str) -> None:
    """Other methods are refused, with the allowed ones."""
    answer = await client.post(address)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path", [*PAGES, "/", "/figures/met-2012-2018-complaints-upheld", "/guide/nothing", "/nothing", "/docs?x=1"]
)
async def test_content_security_policy(client: AsyncClient, path: str) -> None:
    """Every page, errors included, loads only from this server, runs no inline script, and can't be framed."""
    answer = await client.get(path, headers=BROWSER)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.split(maxsplit=1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy.pop("frame-ancestors") == "'none'"
    assert policy.pop("img-src") == "'self' data:"
    assert {policy.pop("default-src"), policy.pop("base-uri")} == {"'none'"}
    assert set(policy.values()) == {"'self'"}
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/static/docs.js", "/docs", "/nothing", "/openapi.json"])
async def test_content_types_are_binding(client: AsyncClient, path: str) -> None:
    """Browsers mustn't guess the type of an answer, and only pages have a content security policy."""
    answer = await client.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    is_page = answer.headers["content-type"].startswith("text/html")
    assert ("content-security-policy" in answer.headers) is is_page


@pytest.mark.parametrize(
    "path", ["/static/x.css", "/static/../main.py", "/static/swagger/../main.py", "/static/swagger"]
)
async def test_only_static_files_are_served(client: AsyncClient, path: str) -> None:
    """No file outside the two folders can be reached, and the folders aren't listed."""
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("text/html", "text/html; charset=utf-8"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("image/png", "application/problem+json"),
    ],
)
async def test_problems_as_pages(client: AsyncClient, accept: str, media_type: str) -> None:
    """A problem is a page if the client prefers HTML, except under `/v1`."""
    answer = await client.get("/nothing", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (404, media_type)
    assert "accept" in answer.headers["vary"].lower()
    data = await client.get("/v1/nothing", headers={"Accept": accept})
    assert (data.status_code, data.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("/guide/methodolgy", "/guide/methodology"),
        ("/figures/met-2012-2018-complaint", "/figures/met-2012-2018-complaints"),
        ("/problems/not-fond", "/problems/not-found"),
    ],
)
async def test_suggestions(client: AsyncClient, wrong: str, right: str) -> None:
    """The 404 page for an address that is almost right links to the right one."""
    page = await client.get(wrong, headers=BROWSER)
    assert page.status_code == 404
    assert f'<a href="{right}">' in page.text
    assert (await client.get(right, headers=BROWSER)).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("/force/metropolitan", "/forces/metropolitan"),
        ("/figure/met-2012-2018-complaints", "/figures/met-2012-2018-complaints"),
        ("/allegations/sexual-misconduct", "/topics/sexual-misconduct"),
        ("/coverge", "/coverage"),
        ("/figures", "/"),
        ("/incident", "/#incidents"),
        ("/methodology", "/guide/methodology"),
    ],
)
async def test_other_addresses(client: AsyncClient, wrong: str, right: str) -> None:
    """The 404 page links to the address that was probably meant, and offers to search."""
    page = await client.get(wrong, headers=BROWSER)
    assert page.status_code == 404
    assert f'Did you mean <a href="{right}">' in page.text
    assert '<form class="search"' in page.text
    assert (await client.get(right, headers=BROWSER)).status_code == 200


async def test_nothing_is_suggested_for_nonsense(client: AsyncClient) -> None:
    """An address unlike any other gets no suggestion."""
    for path in ("/qqqqq", "/%ff", "/<script>"):
        page = await client.get(path, headers=BROWSER)
        assert page.status_code == 404
        assert "Did you mean" not in page.text

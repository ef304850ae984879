from urllib.parse import quote

import httpx
import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from app.web.addresses import MAX_PATH, TRACKING, without_tracking
from tests.api import PUBLIC
from tests.web.html import BROWSER, REMOVED, get_page

pytestmark = pytest.mark.anyio

TRACKED = "fbclid=IwAR0&utm_source=x&UTM_Campaign=&gclid=1&mc_cid=2&mc%5Feid=3&igshid=4&_ga=5.6&_gl=7*8&epik=9"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/", "force=metropolitan&period=2018"),
        (f"/figures/{REMOVED}", ""),
        ("/incidents/met-everard-vigil", ""),
        ("/compare", f"a={REMOVED}&b=ew-2018-2021-misconduct-proven"),
        ("/docs", ""),
        ("/guide/methodology", ""),
        ("/problems/not-found", ""),
    ],
)
async def test_pages_drop_tracking(client: AsyncClient, path: str, query: str) -> None:
    """A page with tracking parameters is the same page, and its canonical address doesn't have them."""
    plain = await client.get(f"{path}?{query}", headers=BROWSER)
    tracked = await client.get(f"{path}?{TRACKED}&{query}", headers=BROWSER)
    assert (tracked.status_code, tracked.text) == (200, plain.text)
    page = await get_page(client, f"{path}?{query}&{TRACKED}")
    ((canonical, _),) = page.all("link", rel="canonical")
    assert canonical["href"] == PUBLIC + path + (f"?{query}" if query else "")


async def test_files_and_redirects_drop_tracking(client: AsyncClient) -> None:
    """Chart files drop tracking parameters too, and so does the API's address that programs are redirected to."""
    assert (await client.get(f"/figures/{REMOVED}/tree.svg?{TRACKED}")).status_code == 200
    answer = await client.get(f"/figures/{REMOVED}?{TRACKED}", headers={"Accept": "application/json"})
    assert answer.headers["location"] == f"/v1/figures/{REMOVED}"


@pytest.mark.parametrize(
    "path",
    [
        f"/embed/figures/{REMOVED}",
        "/embed/incidents/met-everard-vigil",
        f"/embed/compare?a={REMOVED}&b=ew-2018-2021-misconduct-proven",
        f"/oembed?url={PUBLIC}/figures/{REMOVED}",
        f"/oembed?url={quote(f'{PUBLIC}/figures/{REMOVED}?{TRACKED}', safe='')}",
        f"/figures/{REMOVED}/card.png",
    ],
)
async def test_frames_drop_tracking(client: AsyncClient, path: str) -> None:
    """Embeds, oEmbed and pictures are the same with tracking parameters."""
    plain = await client.get(path)
    tracked = await client.get(f"{path}{'&' if '?' in path else '?'}{TRACKED}")
    assert (tracked.status_code, tracked.content) == (200, plain.content)


@pytest.mark.parametrize("name", ["fbclid", "utm_source", "gclid", "igshid", "_ga"])
async def test_the_api_stays_strict(client: AsyncClient, name: str) -> None:
    """The API refuses tracking parameters like any other unknown parameter."""
    for path in ("/v1/figures", f"/v1/figures/{REMOVED}", "/v1/total"):
        answer = await client.get(f"{path}?{name}=1")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown-parameter")


QUERY_PARTS = st.lists(
    st.sampled_from([b"a=%ff", b"utm=1", b"=", b"fbclid2=1", b"x%00", b"force=gwent"]), max_size=5
)


@given(QUERY_PARTS, st.sampled_from([*sorted(TRACKING), "utm_anything", "FBCLID", "utm%5Fid"]))
def test_other_parameters_stay_as_they_are(parts: list[bytes], name: str) -> None:
    """The rest of a query is passed on byte for byte, so that it can be refused."""
    query = b"&".join(parts)
    assert without_tracking(query) == query
    assert without_tracking(b"&".join([f"{name}=x".encode(), *parts])) == query


@pytest.mark.parametrize(
    "path",
    [
        f"/figures/{REMOVED}",
        "/incidents/met-everard-vigil",
        f"/v1/figures/{REMOVED}",
        f"/v1/outcomes/{REMOVED}",
        "/v1/incidents/met-everard-vigil",
        "/v1/figures",
        "/compare",
        "/guide/methodology",
    ],
)
async def test_a_slash_at_the_end(client: AsyncClient, path: str) -> None:
    """An address with a trailing slash redirects to the one without, and keeps its parameters."""
    for method in ("GET", "HEAD"):
        answer = await client.request(method, f"{path}/?release=1.0.0", headers=BROWSER)
        assert (answer.status_code, answer.headers["location"]) == (308, f"{path}?release=1.0.0")
    tracked = await client.get(f"{path}/?{TRACKED}", headers=BROWSER)
    assert tracked.headers["location"] == path + (f"?{TRACKED}" if path.startswith("/v1") else "")


@pytest.mark.parametrize("path", ["/", "//example.org/", "//", "/a//", f"/{'a/' * MAX_PATH}"])
async def test_other_slashes_stay(client: AsyncClient, path: str) -> None:
    """The front page keeps its slash, and no redirect leads to another site or a very long address."""
    answer = await client.get(httpx.URL(PUBLIC).copy_with(raw_path=path.encode()))
    assert answer.status_code in {200, 404}
    assert "location" not in answer.headers


async def test_redirects_stay_here(client: AsyncClient) -> None:
    """A path that browsers would read as another host is encoded, and only GET and HEAD are redirected."""
    backslash = await client.get("/%5Cexample.org/")
    assert backslash.headers["location"] == "/%5Cexample.org"
    assert (await client.post(f"/figures/{REMOVED}/")).status_code in {404, 405}

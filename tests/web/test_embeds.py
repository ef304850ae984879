import re
from collections.abc import AsyncIterator
from html import unescape
from math import ceil
from struct import unpack
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from httpx import AsyncClient

from tests import made
from tests.api import PUBLIC, client_of
from tests.postgresql import database_of
from tests.web.html import BROWSER, FIGURES, INCIDENTS, PROVEN, REMOVED, Html, get_json, get_page

pytestmark = pytest.mark.anyio

SVG = "{http://www.w3.org/2000/svg}"


async def test_embedding(client: AsyncClient) -> None:
    """A figure's page links through oEmbed to a frame, which names the source and links back."""
    page = await get_page(client, f"/figures/{REMOVED}")
    (found,) = [one for one, _ in page.all("link", type="application/json+oembed")]
    answer = await get_json(client, found["href"])
    (code,) = [text for _, text in page.all("textarea")]
    frame = re.search(r'src="([^"]+)"', code)
    assert answer["html"].startswith(code.partition(" width=")[0])
    assert frame is not None
    assert frame[1] == f"{PUBLIC}/embed/figures/{REMOVED}?release=1.0.0"
    framed = await client.get(frame[1])
    assert framed.headers["content-security-policy"].endswith("frame-ancestors *")
    embed = Html(framed)
    assert embed.addresses == {f"{PUBLIC}/figures/{REMOVED}?release=1.0.0"}
    figure = await get_json(client, f"/v1/figures/{REMOVED}")
    assert figure["statement"] in embed.text
    assert (await get_json(client, figure["links"]["source"]))["publisher"] in embed.text


@pytest.mark.parametrize(
    "address", [f"/incidents/{INCIDENTS[0]}", f"/compare?a={REMOVED}&b={PROVEN}", "/series?force=kent"]
)
async def test_embedding_other_pages(client: AsyncClient, in_kent: AsyncClient, address: str) -> None:
    """Incidents, comparisons and series link through oEmbed to frames too, which link back to a release."""
    asked = in_kent if "kent" in address else client
    page = await get_page(asked, address)
    (found,) = [one for one, _ in page.all("link", type="application/json+oembed")]
    answer = await get_json(asked, found["href"])
    frame = re.search(r'src="([^"]+)"', answer["html"])
    assert frame is not None
    framed = await asked.get(unescape(frame[1]))
    assert framed.status_code == 200, frame[1]
    assert framed.headers["content-security-policy"].endswith("frame-ancestors *")
    embed = Html(framed)
    (back,) = embed.all("p", class_="back")
    assert "release 1.0.0" in back[1]
    for there in embed.addresses:
        assert there.startswith(f"{PUBLIC}{address}")
        assert "release=1.0.0" in there
        assert (await asked.get(there, headers=BROWSER)).status_code == 200


@pytest.fixture(scope="module")
async def in_kent(server: str, anyio_backend: str) -> AsyncIterator[AsyncClient]:  # noqa: ARG001 - pytest's way
    """Yield a client over two years of complaints in Kent."""
    years = [made.days(f"{number}-01-01", f"{number}-12-31") for number in (2011, 2012)]
    records = [made.figure(f"kent-{n}", force="kent", period=period) for n, period in enumerate(years)]
    with database_of(server, records) as address:
        async for found in client_of(address):
            yield found


@pytest.mark.parametrize("query", ["a=x", f"a={REMOVED}", f"a={REMOVED}&b={PROVEN}&c=1"])
async def test_incomplete_frames(client: AsyncClient, query: str) -> None:
    """A comparison's frame needs exactly two figures; a series' frame needs a figure to draw."""
    assert (await client.get(f"/embed/compare?{query}")).status_code == 422
    assert (await client.get("/embed/series?force=gwent")).status_code == 404


async def test_only_embeds_may_be_framed(client: AsyncClient) -> None:
    """No other page may be shown in a frame."""
    for path in ("/", f"/figures/{REMOVED}", f"/incidents/{INCIDENTS[0]}", "/compare", "/embed", "/figures/embed"):
        page = await client.get(path, headers=BROWSER)
        assert page.headers["content-security-policy"].endswith("frame-ancestors 'none'"), path


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [
        ("", 600, 600),
        ("&maxwidth=300", 300, 800),
        ("&maxheight=100", 600, 100),
        ("&maxwidth=9999&maxheight=9999", 600, 600),
    ],
)
async def test_oembed_sizes(client: AsyncClient, size: str, width: int, height: int) -> None:
    """The frame never exceeds the requested size or its own; XML and JSON say the same."""
    address = f"/oembed?url={PUBLIC}/figures/{REMOVED}{size}"
    answer = await get_json(client, address)
    assert (answer["type"], answer["version"]) == ("rich", "1.0")
    assert answer["width"] == width
    assert 100 <= answer["height"] <= height
    height = answer["height"]
    assert f'width="{width}" height="{height}"' in answer["html"]
    xml = await client.get(f"{address}&format=xml")
    assert xml.headers["content-type"] == "text/xml; charset=utf-8"
    children = {child.tag: child.text for child in ET.fromstring(xml.content)}  # noqa: S314 - our own
    assert children == {name: str(value) for name, value in answer.items()}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("url=", 422),
        (f"url={PUBLIC}/figures/{REMOVED}&url={PUBLIC}", 422),
        (f"url={PUBLIC}/figures/{REMOVED}&maxwidth=wide", 422),
        (f"url={PUBLIC}/figures/{REMOVED}&maxwidth=-1", 422),
        (f"url={PUBLIC}/figures/{REMOVED}&format=yaml", 422),
        (f"url={PUBLIC}/figures/{REMOVED}&dnt=1&discover=1", 200),
        (f"format=json&maxwidth=500&maxheight=750&dnt=1&url={PUBLIC}/figures/{REMOVED}", 200),
        (f"url={PUBLIC}/figures/{REMOVED}&for={PUBLIC}&lang=en&omit_script=1&callback=show&callback=", 200),
        (f"url={PUBLIC}/incidents/{INCIDENTS[0]}&omit_script=true&lang=en-GB", 200),
        (f"url={PUBLIC}/figures/nothing&dnt=1", 404),
        (f"url={PUBLIC}/figures/{REMOVED}&dnt=1&maxwidth=wide", 422),
        (f"url=https://example.org/figures/{REMOVED}", 404),
        (f"url={PUBLIC}.example.org/figures/{REMOVED}", 404),
        (f"url={PUBLIC}/incidents/{INCIDENTS[0]}", 200),
        (f"url={PUBLIC}/incidents/nothing", 404),
        (f"url={PUBLIC}/incidents/{REMOVED}", 404),
        (f"url={PUBLIC}/compare%3Fa={REMOVED}%26b={PROVEN}", 200),
        (f"url={PUBLIC}/compare%3Fa={REMOVED}", 404),
        (f"url={PUBLIC}/compare%3Fa={REMOVED}%26b={PROVEN}%26c=1", 404),
        (f"url={PUBLIC}/series%3Fforce=nowhere", 404),
        (f"url={PUBLIC}/series%3Fforce=gwent", 404),
        (f"url={PUBLIC}/forces/metropolitan", 404),
        (f"url={PUBLIC}/figures/nothing", 404),
        (f"url={PUBLIC}/figures/{REMOVED}/tree.svg", 404),
        (f"url={PUBLIC}/figures/{REMOVED}%3Frelease=9.9.9", 404),
        (f"url={PUBLIC}//%5B", 404),
        ("url=%ff", 404),
        (f"url={PUBLIC}/figures/{REMOVED}%23cite", 200),
        (f"url={PUBLIC}/figures/{REMOVED}%3Futm_source=x%23cite", 200),
        (quote(f"url={PUBLIC}/figures/{REMOVED}", safe="=&"), 200),
    ],
)
async def test_oembed_knows_only_its_own_figures(client: AsyncClient, query: str, status: int) -> None:
    """Other addresses aren't found, and invalid parameters are refused."""
    assert (await client.get(f"/oembed?{query}")).status_code == status


async def test_oembed_names_the_address_that_it_knows(client: AsyncClient) -> None:
    """A page under another name of this server is refused, with the configured name in the message."""
    answer = await client.get(f"/oembed?url=http://localhost:8000/figures/{REMOVED}")
    assert (answer.status_code, f"{PUBLIC}/" in answer.json()["detail"]) == (404, True)


@pytest.mark.parametrize("record", FIGURES)
async def test_pictures(client: AsyncClient, record: str) -> None:
    """A link preview is a picture of the usual size, pinned to the release that the page shows."""
    page = await get_page(client, f"/figures/{record}")
    metas = {one["property"]: one["content"] for one, _ in page.all("meta") if "property" in one}
    assert metas["og:image"] == f"{PUBLIC}/figures/{record}/card.png?release=1.0.0"
    answer = await client.get(metas["og:image"])
    assert answer.headers["content-type"] == "image/png"
    assert size_of(answer.content) == (int(metas["og:image:width"]), int(metas["og:image:height"]))


def size_of(png: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG from its first chunk."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    width, height = unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("path", [f"/figures/{REMOVED}/tree", "/timeline"])
async def test_every_chart_is_also_a_png(client: AsyncClient, path: str) -> None:
    """With `.png` in the address, a chart has 1.5 times the size, a tag, HEAD and strict parameters."""
    svg = ET.fromstring((await client.get(f"{path}.svg")).content)  # noqa: S314 - our own
    png = await client.get(f"{path}.png")
    assert png.headers["content-type"] == "image/png"
    assert size_of(png.content) == tuple(ceil(1.5 * int(svg.attrib[name])) for name in ("width", "height"))
    head = await client.head(f"{path}.png")
    assert (head.status_code, head.headers["etag"], head.content) == (200, png.headers["etag"], b"")
    kept = await client.get(f"{path}.png", headers={"If-None-Match": png.headers["etag"]})
    assert kept.status_code == 304
    refused = await client.get(f"{path}.png?colour=red")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


async def test_pictures_of_nothing(client: AsyncClient) -> None:
    """There is no picture of a figure that doesn't exist."""
    assert (await client.get("/figures/nothing/card.png")).status_code == 404
    assert (await client.get(f"/figures/{REMOVED}/card.png?size=1")).status_code == 422


@pytest.mark.parametrize("record", FIGURES)
async def test_tree_files(client: AsyncClient, record: str) -> None:
    """The file has a row for each figure of the API's tree."""
    tree = await get_json(client, f"/v1/figures/{record}/tree")

    def size(node: dict[str, Any]) -> int:
        return 1 + sum(map(size, node["children"]))

    file = await client.get(f"/figures/{record}/tree.svg")
    assert file.headers["content-type"] == "image/svg+xml"
    assert "default-src 'none'" in file.headers["content-security-policy"]
    svg = ET.fromstring(file.content)  # noqa: S314 - our own
    texts = [text.text or "" for text in svg.iter(f"{SVG}text")]
    rows = (svg.findtext(f"{SVG}desc") or "").split(". ")
    joined = sum(text.startswith("also stated as") for text in texts)
    assert len(rows) + joined == len(tree["ancestors"]) + size(tree)


@pytest.mark.parametrize("path", [*(f"/figures/{record}/tree.svg" for record in FIGURES), "/timeline.svg"])
async def test_files_can_be_read_on_their_own(client: AsyncClient, path: str) -> None:
    """A picture says who counted, who reported it and when, what to beware of, and its release."""
    file = await client.get(path)
    svg = ET.fromstring(file.content)  # noqa: S314 - our own
    text = " ".join(text.text or "" for text in svg.iter(f"{SVG}text"))
    met = "Counted by Metropolitan Police Service (Freedom of Information document), as reported by Euro Weekly"
    iopc = "Counted by Independent Office for Police Conduct (press release, 25 October 2021), as reported by"
    assert (met in text) == ("/met-" in path or path == "/timeline.svg")
    assert (iopc in text) == ("/ew-" in path or path == "/timeline.svg")
    assert "2021 (date inferred)" in text
    assert "Before you quote this" in text or path.startswith("/figures/ew-2018-2021-misconduct-proceedings")
    assert "Upheld, release 1.0.0" in text
    address = path.removesuffix("/tree.svg").replace("timeline.svg", "")
    assert f"{PUBLIC}{address}?release=1.0.0" in text


async def test_timeline_file(client: AsyncClient) -> None:
    """The file has every figure that matches the filters; without any, there is no file."""
    file = await client.get("/timeline.svg?force=metropolitan")
    figures = (await get_json(client, "/v1/figures?force=metropolitan"))["data"]
    assert file.headers["content-type"] == "image/svg+xml"
    description = ET.fromstring(file.content).findtext(f"{SVG}desc") or ""  # noqa: S314 - our own
    assert description.count("Metropolitan Police Service:") == len(figures)
    assert (await client.get("/timeline.svg?force=gwent&period=1999")).status_code == 404

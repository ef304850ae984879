"""Pages for people: the same truth as the API's, told so that it cannot be misread, whatever a record holds."""

import csv
import json
import re
from collections import defaultdict
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
from httpx import AsyncClient, Response
from pydantic import ValidationError
from sqlalchemy import Engine

from app.domain.records import Record, Source
from app.releases.rendering import PUBLIC_ADDRESS
from app.seeds.reading import read
from app.settings import PROJECT
from app.web.pages import ON_A_PAGE
from tests import made
from tests.api import PUBLIC, client_of
from tests.made_releases import HISTORY, load_releases
from tests.postgresql import address_of, database_of

pytestmark = pytest.mark.anyio

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
RECORDS = read(PROJECT / "seeds")[0].records
FIGURES = [record.id for record in RECORDS if record.kind != "incident"]
INCIDENTS = [record.id for record in RECORDS if record.kind == "incident"]
REMOVED, PROVEN = "met-2012-2018-upheld-removed", "ew-2018-2021-misconduct-proven"
"""The two figures of 63 that mean different things."""

VOID = {"meta", "link", "input", "rect", "line", "circle", "br"}


class Seen(HTMLParser):
    """A page as it was written: its elements in order, each with its attributes and the text in it."""

    def __init__(self, page: Response) -> None:
        """Read a page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self.open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(page.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        element: tuple[str, dict[str, str], list[str]] = (tag, {name: value or "" for name, value in attrs}, [])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that holds nothing."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open: pages leave none unclosed but those of a list."""
        while self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Give a text to every element that is open."""
        for _, _, texts in self.open:
            texts.append(data)

    def all(self, tag: str, **attributes: str) -> list[tuple[dict[str, str], str]]:
        """Return elements with these attributes (of a class list, one), each with its text in one line."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            (found, " ".join("".join(texts).split()))
            for name, found, texts in self.elements
            if name == tag and all(value in found.get(key, "").split(" ") for key, value in wanted.items())
        ]

    def ids(self, tag: str, class_: str) -> list[str]:
        """Return the ids of elements of a class."""
        return [found["id"] for found, _ in self.all(tag, class_=class_)]

    @property
    def text(self) -> str:
        """All that the page says, in one line."""
        return self.all("main")[0][1]

    @property
    def links(self) -> dict[str, list[str]]:
        """Addresses by what their links say."""
        found = defaultdict(list)
        for attributes, text in self.all("a"):
            found[text].append(attributes["href"])
        return found


async def see(client: AsyncClient, address: str, status: int = 200) -> Seen:
    """Open a page as a browser does."""
    page = await client.get(address, headers=BROWSER)
    assert page.status_code == status, page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    return Seen(page)


async def data(client: AsyncClient, address: str) -> Any:  # noqa: ANN401 - JSON
    """Ask the API for what it has to answer."""
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


# --- the front page ----------------------------------------------------------------------------------------


QUERIES = [
    "",
    "release=1.0.0",
    "force=metropolitan",
    "force=metropolitan&force=gwent",
    "force=metropolitan&force_scope=areas",
    "force=england-and-wales&force_scope=members&sort=value",
    "allegation=sexual-misconduct&outcome=upheld",
    "outcome=left-police-service",
    "period=2016",
    "period=2012/2018&period_match=within",
    "period=2019&include_undated=true",
    "kind=proceeding",
    "kind=outcome&unit=person",
    "value_status=not-disclosed",
    "stage=criminal-investigation",
    "subjects=officers&sort=-value",
    "source=wrp-2021-10",
    f"id={REMOVED}&id={PROVEN}",
    f"id={INCIDENTS[0]}",
    "limit=3",
    "force=gwent&period=1999",
]


@pytest.mark.parametrize("query", QUERIES)
async def test_same_figures_as_the_api(client: AsyncClient, query: str) -> None:
    """The cards are the figures that the API answers, no more and no less, and their number is its total."""
    page = await see(client, f"/?{query}")
    answer = await data(client, f"/v1/figures?{query}" + ("" if "limit=" in query else f"&limit={ON_A_PAGE}"))
    total = answer["meta"]["total"]
    cards = page.ids("article", "figure")
    assert sorted(cards) == sorted(figure["id"] for figure in answer["data"])
    (heading,) = page.all("h2", id="figures")
    assert heading[1].startswith(f"{total} figure{'' if total == 1 else 's'}")
    assert (f"{len(cards)} on this page" in heading[1]) == (len(cards) < total)
    for warning in answer["warnings"]:
        assert " ".join(warning["message"].replace("`", "").split()) in page.text
    if total:
        (as_json,), (as_csv,) = page.links["Figures as JSON"], page.links["Figures as CSV"]
        assert (await data(client, as_json))["meta"]["total"] == total
        rows = list(csv.DictReader((await client.get(as_csv)).text.splitlines()))
        assert len(rows) == total
        assert {row["id"] for row in rows} >= set(cards)
    else:
        assert "No figure matches these filters. That doesn't mean that nothing happened" in page.text
        assert "Figures as JSON" not in page.links


@pytest.mark.parametrize("query", QUERIES)
async def test_same_incidents_as_the_api(client: AsyncClient, query: str) -> None:
    """The incidents are those that the same filters find; a filter that they do not have is named instead."""
    page = await see(client, f"/?{query}")
    filters = [(name, value) for name, value in parse_qsl(query) if name not in {"sort", "limit"}]
    answer = await client.get(f"/v1/incidents?{urlencode(filters)}&limit=20")
    if answer.status_code == 200:
        (heading,) = page.all("h2", id="incidents")
        total = answer.json()["meta"]["total"]
        assert heading[1] == f"{total} incident{'' if total == 1 else 's'}"
        assert page.ids("article", "incident") == [incident["id"] for incident in answer.json()["data"]]
    else:
        assert page.ids("article", "incident") == []
        for error in answer.json()["errors"]:
            assert f"{error['parameter'].replace('_', ' ')}" in page.text.partition("Incidents have no ")[2]


@pytest.mark.parametrize("query", QUERIES)
async def test_addresses_within_the_front_page(client: AsyncClient, query: str) -> None:
    """Every link is answered, every place on the page is there, and no id stands twice."""
    page = await see(client, f"/?{query}")
    ids = [found["id"] for _, found, _ in page.elements if "id" in found]
    assert len(ids) == len(set(ids))
    for address in {address for addresses in page.links.values() for address in addresses}:
        if address.startswith("https://"):
            continue  # a text that figures were read from, which is not ours to ask
        path, _, place = address.partition("#")
        assert place in ids or path, address
        assert (await client.head(path or "/", headers=BROWSER)).status_code == 200, address
    for attributes, _ in page.all("link", rel="alternate"):
        assert (await client.head(attributes["href"])).status_code == 200


async def test_numbers_alike_are_told_apart(client: AsyncClient) -> None:
    """The two 63s are named as different at once, and the page behind it says everything that keeps them apart."""
    page = await see(client, "/")
    (section,) = page.all("section", class_="lookalikes")
    names = ["63 cases: misconduct proven (England and Wales", "63 cases: removed (Metropolitan Police Service"]
    assert all(name in section[1] for name in names)
    (why,) = [address for text, addresses in page.links.items() if text.startswith("Why") for address in addresses]
    assert set(dict(parse_qsl(urlsplit(why).query)).values()) == {REMOVED, PROVEN}
    compared = await see(client, why)
    (verdict,) = compared.all("p", class_="verdict")
    assert verdict[1] == "Don't compare these figures."
    reasons = (await data(client, f"/v1{why}"))["reasons"]
    rows = compared.all("tr", class_="blocks") + compared.all("tr", class_="cautions")
    assert len(rows) == len(reasons) > 1
    for reason in reasons:
        assert any(reason["message"] in text for _, text in rows)


@pytest.mark.parametrize(
    ("asked", "clean"),
    [
        ("force=&allegation=&outcome=&period=", "/"),
        ("force=&outcome=upheld&period=", "/?outcome=upheld"),
        ("force=&force=gwent&sort=value", "/?force=gwent&sort=value"),
    ],
)
async def test_fields_left_blank(client: AsyncClient, asked: str, clean: str) -> None:
    """A form that is sent with blank fields leads to the address without them."""
    answer = await client.get(f"/?{asked}", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (302, clean)


async def test_other_blanks_are_refused(client: AsyncClient) -> None:
    """What the form does not send blank is no slip of a browser."""
    page = await see(client, "/?stage=", 422)
    assert "stage" in page.text


async def test_mistakes_are_told_on_the_form(client: AsyncClient) -> None:
    """A browser gets all that is wrong beside what was filled in, each with a link to what was meant."""
    query = "force=metropolitian&outcme=upheld&period=2020-21&limit=9999&release=9.9.9"
    page = await see(client, f"/?{query}", 422)
    problem = await client.get(f"/?{query}")
    assert problem.headers["content-type"] == "application/problem+json"
    assert "Accept" in problem.headers["vary"]
    errors = problem.json()["errors"]
    assert {error["parameter"] for error in errors} == {"force", "outcme", "period", "limit", "release"}
    for error in errors:
        assert f"{error['parameter']}={error['value']} {error['message']}" in page.text
        for near in error["nearest"]:
            assert any(near in address for address in page.links[near])
    corrected = query.replace("metropolitian", "metropolitan")
    assert sorted(parse_qsl(urlsplit(page.links["metropolitan"][0]).query)) == sorted(parse_qsl(corrected))
    (name,) = {address for address in page.links["outcome"] if address.startswith("/?")}
    assert ("outcome", "upheld") in parse_qsl(urlsplit(name).query)
    assert page.all("input", id="period")[0][0]["value"] == "2020-21"
    assert page.all("meta", name="robots")
    assert "Accept" in (await client.get(f"/?{query}", headers=BROWSER)).headers["vary"]


UNREADABLE = ["/?force=%ff%fe", "/?%ED%A0%80=1", "/?release=%ee%80%80", "/?period=%00", "/?cursor=x&force=nowhere"]


@pytest.mark.parametrize("address", UNREADABLE)
async def test_unreadable_queries(client: AsyncClient, address: str) -> None:
    """Whatever bytes are sent, the answer names what is wrong."""
    assert "Check these filters" in (await see(client, address, 422)).text


async def test_a_walk_through_the_figures(client: AsyncClient) -> None:
    """Following the link to more figures shows every figure once."""
    address, seen = "/?limit=4&sort=id", list[str]()
    while address:
        page = await see(client, address)
        cards = page.ids("article", "figure")
        assert len(cards) <= 4
        seen += cards
        address = next(iter(page.links["More figures"]), "")
    assert sorted(seen) == sorted(FIGURES)


async def test_more_incidents_than_fit(server: str) -> None:
    """Where not all incidents are shown, the link to the others has the filters."""
    records = [made.incident(f"i{n}", force="gwent" if n % 2 else "metropolitan") for n in range(50)]
    with database_of(server, [*records, made.figure("f")]) as address:
        async for client in client_of(address):
            page = await see(client, "/?force=gwent&release=1.0.0&sort=value&limit=2")
            assert len(page.ids("article", "incident")) == 20
            (rest,) = page.links["All incidents as CSV"]
            rows = list(csv.DictReader((await client.get(rest)).text.splitlines()))
            assert [row["force_id"] for row in rows] == ["gwent"] * 25


async def test_chips_drop_their_filter(client: AsyncClient) -> None:
    """Each filter is named in words and can be dropped, with what has no sense without it."""
    page = await see(client, "/?force=metropolitan&force_scope=areas&outcome=upheld")
    dropped = {found["aria-label"]: found["href"] for found, _ in page.all("a") if "aria-label" in found}
    assert dropped["Remove force: Metropolitan Police Service"] == "/?outcome=upheld"
    assert dropped["Remove outcome: Upheld"] == "/?force=metropolitan&force_scope=areas"


async def test_pages_stay_small(server: str) -> None:
    """A full page is read on a phone: below 100 KB before compression."""
    half = ON_A_PAGE // 2
    records = [made.figure(f"whole-{n}", value=500 + n) for n in range(half)]
    records += [made.figure(f"part-{n}", value=n, base=made.base(f"whole-{n}")) for n in range(half)]
    with database_of(server, records) as address:
        async for client in client_of(address):
            page = await client.get("/", headers=BROWSER)
            assert len(Seen(page).ids("article", "figure")) == ON_A_PAGE
            assert len(page.content) < 100_000


# --- one record --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", FIGURES)
async def test_page_of_a_figure(client: AsyncClient, record: str) -> None:
    """A figure's page tells what the API tells: statement, evidence, readings, notes, relations and citations."""
    figure = await data(client, f"/v1/figures/{record}")
    page = await see(client, figure["links"]["html"])
    assert figure["statement"] in page.text
    for evidence in figure["evidence"]:
        assert (evidence["sha256"] or "the curators didn't have this text") in page.text
    for note in figure["notes"]:
        assert note in page.text
    linked = {urlsplit(address).path for addresses in page.links.values() for address in addresses}
    base = figure["base"] or {"candidates": [], "id": None}
    if len(base["candidates"]) > 1 or (base["candidates"] and base["id"] is None):
        assert {f"/figures/{one}" for one in base["candidates"]} <= linked
    assert {f"/figures/{one['id']}" for one in figure["related"] if one["id"] in FIGURES} <= linked
    assert len(page.all("h1")) == 1
    ids = [found["id"] for _, found, _ in page.elements if "id" in found]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("record", [*FIGURES, *INCIDENTS])
async def test_citations_are_those_of_the_api(client: AsyncClient, record: str) -> None:
    """What is copied off a page is what the API gives as a file, and its links are the public ones."""
    noun = "figures" if record in FIGURES else "incidents"
    answer = await data(client, f"/v1/{noun}/{record}")
    page = await client.get(f"/{noun}/{record}", headers=BROWSER)
    assert PUBLIC_ADDRESS not in page.text

    def copied(name: str) -> str:
        found = re.search(rf'<(pre|p)\b[^>]* id="{name}"[^>]*>(.*?)</\1>', page.text, re.DOTALL)
        assert found is not None
        return unescape(found[2])

    assert re.sub(r"\s+", " ", copied("plain")) == answer["citation"]
    assert copied("bibtex").strip() == (await client.get(f"/v1/{noun}/{record}?format=bibtex")).text.strip()
    (item,) = json.loads(copied("csl"))
    assert item == (await data(client, f"/v1/{noun}/{record}?format=csl"))
    (described,) = [text for found, text in Seen(page).all("script", type="application/ld+json")]
    linked = json.loads(described)
    assert linked["@id"] == item["URL"]
    assert linked["@id"].startswith(f"{PUBLIC}/{noun}/{record}?release=")
    assert linked.get("value") == answer.get("value")


@pytest.mark.parametrize("record", FIGURES)
async def test_tree_of_a_figure(client: AsyncClient, record: str) -> None:
    """The tree on the page, and the one in the file, are the API's: the same figures, in the same nesting."""
    tree = await data(client, f"/v1/figures/{record}/tree")

    def below(node: dict[str, Any], depth: int) -> list[tuple[str, int]]:
        found = [(node["figure"]["id"], depth)]
        return found + [place for child in node["children"] for place in below(child, depth + 1)]

    expected = [(figure["id"], depth) for depth, figure in enumerate(tree["ancestors"])]
    expected += below(tree, len(tree["ancestors"]))
    page = await see(client, f"/figures/{record}")
    nodes = [found["class"] for found, _ in page.all("li") if found.get("class", "").startswith("depth-")]
    drawn = expected if len(expected) > 1 else []
    assert sorted(nodes) == sorted(f"depth-{min(depth, 4)}" for _, depth in drawn)
    linked = {urlsplit(address).path for addresses in page.links.values() for address in addresses}
    assert {f"/figures/{one}" for one, _ in expected if one != record} <= linked
    file = await client.get(f"/figures/{record}/tree.svg")
    assert file.headers["content-type"] == "image/svg+xml"
    assert "default-src 'none'" in file.headers["content-security-policy"]
    svg = ET.fromstring(file.content)  # noqa: S314 - ours
    rows = svg.findall("{http://www.w3.org/2000/svg}g")
    assert len(rows) == len(expected)


@pytest.mark.parametrize("record", INCIDENTS)
async def test_page_of_an_incident(client: AsyncClient, record: str) -> None:
    """An incident's page tells how it stands, what came of it, and where it is told."""
    incident = await data(client, f"/v1/incidents/{record}")
    page = await see(client, incident["links"]["html"])
    assert incident["statement"] in page.text
    assert all(evidence["sha256"] in page.text for evidence in incident["evidence"])
    assert ("Not stated" in [text for _, text in page.all("dd")]) == (incident["outcome"] is None)


@pytest.mark.parametrize("path", [f"/figures/{REMOVED}", f"/incidents/{INCIDENTS[0]}"])
async def test_links_of_a_record(client: AsyncClient, path: str) -> None:
    """Every link of a record's page is answered; those to its sources go abroad."""
    for pin in ("", "?release=1.0.0"):
        page = await see(client, f"{path}{pin}")
        alternates = [found["href"] for found, _ in page.all("link", rel="alternate")]
        for address in {*alternates, *(one for addresses in page.links.values() for one in addresses)}:
            if address.startswith(("/", PUBLIC)):
                shown = (await client.head(address.partition("#")[0], headers={"Accept": "*/*"})).status_code
                assert shown in {200, 307}, address


async def test_permalinks_show_what_was_cited(database: Engine) -> None:
    """A pinned page is the release's, says so, leads to the current one, and its links stay in its release."""
    load_releases(database, *HISTORY)
    async for client in client_of(address_of(database)):
        current, pinned = await see(client, "/figures/one"), await see(client, "/figures/one?release=1.0.0")
        assert "You're reading release" not in current.text
        assert current.all("h1")[0][1] == "3 complaints"
        assert pinned.all("h1")[0][1] == "1 complaint"
        assert "You're reading release 1.0.0" in pinned.text
        assert pinned.links["See the current release"] == ["/figures/one"]
        history = current.text.partition("History")[2]
        assert "value from 1 to 3" in history
        assert "value from 1 to 3" not in pinned.text
        front = await see(client, "/?release=1.0.0&sort=id")
        assert front.ids("article", "figure") == ["one", "two"]
        assert front.links["See the current release"] == ["/?sort=id"]
        for text, addresses in front.links.items():
            if any(address.startswith("/figures/") for address in addresses):
                assert all("release=1.0.0" in address for address in addresses), text
        compared = await see(client, "/compare?a=one&b=two&release=1.0.0")
        assert compared.links["See the current release"] == ["/compare?a=one&b=two"]
        offered = await see(client, "/compare?a=one&release=1.0.0")
        assert "/compare?a=one&release=1.0.0&b=two" in [one for found in offered.links.values() for one in found]


async def test_records_that_are_not_here(database: Engine) -> None:
    """Unknown, withdrawn, not yet there and removed are told apart, each as a page to who asks for pages."""
    load_releases(database, *HISTORY)
    kept = [(version, [one for one in held if one.id != "three"]) for version, held in HISTORY]
    load_releases(database, *kept, gone=["three"])
    asked = [
        ("/figures/two", 410, "It was wrong."),
        ("/embed/figures/two", 410, "It was wrong."),
        ("/compare?a=one&b=two", 410, "It was wrong."),
        ("/compare?a=two", 410, "It was wrong."),
        ("/figures/three", 451, "By law."),
        ("/embed/figures/three", 451, "By law."),
        ("/figures/onw", 404, "one"),
        ("/incidents/one", 404, "another address"),
        ("/figures/two?release=9.9.9", 422, "/v1/releases lists them"),
    ]
    async for client in client_of(address_of(database)):
        for address, status, told in asked:
            page = await see(client, address, status)
            assert told in page.text, address
            problem = await client.get(address)
            assert problem.status_code == status
            assert "Accept" in problem.headers["vary"]
        for address, status in (("/figures/two/tree.svg", 410), ("/figures/three/tree.svg", 451)):
            file = await client.get(address)
            assert (file.status_code, file.headers["content-type"]) == (status, "application/problem+json")
        assert (await client.get(f"/oembed?url={PUBLIC}/figures/two")).status_code == 410
        assert (await client.get(f"/oembed?url={PUBLIC}/figures/two?release=1.0.0")).status_code == 200


@pytest.mark.parametrize("path", [f"/figures/{REMOVED}", f"/incidents/{INCIDENTS[0]}"])
async def test_permalinks_serve_programs(client: AsyncClient, path: str) -> None:
    """Who asks a page for JSON is led to the record in the API, pinned to the same release."""
    answer = await client.get(f"{path}?release=1.0.0", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["vary"]) == (307, "Accept")
    assert answer.headers["location"] == f"/v1{path}?release=1.0.0"
    assert (await data(client, answer.headers["location"]))["id"] in path
    assert (await client.get(path, headers={"Accept": "image/png"})).status_code == 406


# --- two figures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "missing"), [("", "a"), (f"a={REMOVED}", "b"), (f"b={REMOVED}", "a")])
async def test_a_side_is_missing(client: AsyncClient, given: str, missing: str) -> None:
    """What is missing is offered, and the side that is given stays where it is."""
    page = await see(client, f"/compare?{given}")
    offered = [dict(parse_qsl(urlsplit(one).query)) for found in page.links.values() for one in found if "?" in one]
    assert {one[missing] for one in offered} == {figure for figure in FIGURES if figure not in given}
    assert all(set(parse_qsl(given)) <= set(one.items()) for one in offered)
    assert {found["value"] for found, _ in page.all("option")} == {"", *FIGURES}


async def test_blank_and_unknown_sides(client: AsyncClient) -> None:
    """A field left blank leads to the address without it; an unknown figure is told, with what was meant."""
    blank = await client.get(f"/compare?a={REMOVED}&b=", headers=BROWSER)
    assert (blank.status_code, blank.headers["location"]) == (302, f"/compare?a={REMOVED}")
    assert REMOVED in (await see(client, f"/compare?a={REMOVED[:-1]}", 404)).text


@pytest.mark.parametrize("a", FIGURES[::3])
async def test_same_verdicts_as_the_api(client: AsyncClient, a: str) -> None:
    """The page gives the API's verdict, its reasons, and its numbers where there are any."""
    verdicts = {
        "comparable": "You can compare these figures.",
        "with-care": "Compare these figures with care.",
        "not-comparable": "Don't compare these figures.",
    }
    for b in FIGURES:
        answer = await data(client, f"/v1/compare?a={a}&b={b}")
        page = await see(client, f"/compare?a={a}&b={b}")
        expected = "These are the same figure." if a == b else verdicts[answer["verdict"]]
        assert page.all("p", class_="verdict")[0][1] == expected
        assert len(page.all("tr")) == (len(answer["reasons"]) + 1 if answer["reasons"] else 0)
        assert ("Second minus first:" in page.text) == (answer["difference"] is not None)


# --- in other people's pages -------------------------------------------------------------------------------


async def test_embedding(client: AsyncClient) -> None:
    """From the page of a figure through oEmbed to the frame: each address is answered, and the frame credits."""
    page = await see(client, f"/figures/{REMOVED}")
    (found,) = [one for one, _ in page.all("link", type="application/json+oembed")]
    answer = await data(client, found["href"])
    (code,) = [text for _, text in page.all("textarea")]
    frame = re.search(r'src="([^"]+)"', code)
    assert answer["html"].startswith(code.partition(" width=")[0])
    assert frame is not None
    assert frame[1] == f"{PUBLIC}/embed/figures/{REMOVED}?release=1.0.0"
    framed = await client.get(frame[1])
    assert framed.headers["content-security-policy"].endswith("frame-ancestors *")
    shown = Seen(framed)
    assert {one for addresses in shown.links.values() for one in addresses} == {
        f"{PUBLIC}/figures/{REMOVED}?release=1.0.0"
    }
    figure = await data(client, f"/v1/figures/{REMOVED}")
    assert figure["statement"] in shown.text
    assert (await data(client, figure["links"]["source"]))["publisher"] in shown.text
    for path in ("/", f"/figures/{REMOVED}", f"/incidents/{INCIDENTS[0]}", "/compare", "/embed", "/figures/embed/"):
        other = await client.get(path, headers=BROWSER)
        assert other.headers["content-security-policy"].endswith("frame-ancestors 'none'"), path


@pytest.mark.parametrize(
    ("more", "width", "height"),
    [
        ("", 600, 420),
        ("&maxwidth=300", 300, 420),
        ("&maxheight=100", 600, 100),
        ("&maxwidth=9999&maxheight=9999", 600, 420),
    ],
)
async def test_oembed_fits(client: AsyncClient, more: str, width: int, height: int) -> None:
    """The frame is never larger than what is asked for, nor than it need be; XML tells the same as JSON."""
    address = f"/oembed?url={PUBLIC}/figures/{REMOVED}{more}"
    answer = await data(client, address)
    assert (answer["type"], answer["version"]) == ("rich", "1.0")
    assert (answer["width"], answer["height"]) == (width, height)
    assert f'width="{width}" height="{height}"' in answer["html"]
    xml = await client.get(f"{address}&format=xml")
    assert xml.headers["content-type"] == "text/xml; charset=utf-8"
    told = {child.tag: child.text for child in ET.fromstring(xml.content)}  # noqa: S314 - ours
    assert told == {name: str(value) for name, value in answer.items()}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("url=", 422),
        (f"url={PUBLIC}/figures/{REMOVED}&url={PUBLIC}", 422),
        (f"url={PUBLIC}/figures/{REMOVED}&maxwidth=wide", 422),
        (f"url={PUBLIC}/figures/{REMOVED}&maxwidth=-1", 422),
        (f"url={PUBLIC}/figures/{REMOVED}&format=yaml", 422),
        (f"url={PUBLIC}/figures/{REMOVED}&autoplay=1", 422),
        (f"url=https://example.org/figures/{REMOVED}", 404),
        (f"url={PUBLIC}.example.org/figures/{REMOVED}", 404),
        (f"url={PUBLIC}/incidents/{INCIDENTS[0]}", 404),
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
async def test_oembed_answers_for_its_own_pages_only(client: AsyncClient, query: str, status: int) -> None:
    """A foreign or unknown address is not found, a mistaken query is refused, and neither is a fault."""
    assert (await client.get(f"/oembed?{query}")).status_code == status


# --- over HTTP ---------------------------------------------------------------------------------------------


ADDRESSES = [
    "/",
    f"/figures/{REMOVED}",
    f"/incidents/{INCIDENTS[0]}",
    "/compare",
    f"/compare?a={REMOVED}&b={PROVEN}",
    f"/embed/figures/{REMOVED}",
    f"/figures/{REMOVED}/tree.svg",
    "/timeline.svg",
    f"/oembed?url={PUBLIC}/figures/{REMOVED}",
]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_copies_may_be_kept(client: AsyncClient, address: str) -> None:
    """A page has a tag and a date, is not sent again to who has it, and is kept longer where it is pinned."""
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


@pytest.mark.parametrize("address", ADDRESSES)
async def test_unknown_parameters_are_refused(client: AsyncClient, address: str) -> None:
    """Nothing that is asked is ignored, on any page."""
    for more in ("nonsense=1", "releese=1.0.0", "format=html"):
        answer = await client.get(f"{address}{'&' if '?' in address else '?'}{more}", headers=BROWSER)
        assert answer.status_code == 422, more
        assert more.partition("=")[0] in answer.text


@pytest.mark.parametrize("address", ADDRESSES)
async def test_pages_only_read(client: AsyncClient, address: str) -> None:
    """Nothing is changed by a page: other methods are refused, with those that are not."""
    answer = await client.post(address)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_timeline_as_a_file(client: AsyncClient) -> None:
    """The file draws every figure that fits, and there is none where nothing fits."""
    file = await client.get("/timeline.svg?force=metropolitan")
    figures = (await data(client, "/v1/figures?force=metropolitan"))["data"]
    assert file.headers["content-type"] == "image/svg+xml"
    desc = ET.fromstring(file.content).findtext("{http://www.w3.org/2000/svg}desc") or ""  # noqa: S314 - ours
    assert desc.count("Metropolitan Police Service:") == len(figures)
    assert (await client.get("/timeline.svg?force=gwent&period=1999")).status_code == 404


# --- hostile records ---------------------------------------------------------------------------------------


HOSTILE = (
    """<script>alert(1)</script></script><!-- "><img src=x onerror='alert(2)'> {{ 7*7 }} {% raw %} """
    """${7*7} `code` </textarea></title></svg>]]> &lt;b&gt; \u05d0\u05d1 63 javascript:alert(3)"""
)
PERIOD = {"label": HOSTILE}


def hostile() -> tuple[list[Record], dict[str, Any]]:
    """Return records whose every text is hostile, and the sources, forces and codes that they stand among."""
    of = made.dataset([])
    evidence = [{**made.STATES, "as_printed": HOSTILE, "note": HOSTILE}]
    texts: dict[str, Any] = {"statement": HOSTILE, "notes": [HOSTILE], "evidence": evidence}
    period = made.days("2020-01-01", **PERIOD)
    records: list[Record] = [
        made.figure("whole", **texts, value=10, period=period),
        made.figure(
            "part",
            **texts,
            kind="outcome",
            period=made.days("2021-01-01", **PERIOD),
            base=made.base("whole"),
            related=[{"type": "overlaps", "id": "whole", "note": HOSTILE}],
        ),
        made.figure("undated", **texts, period=made.UNDATED.model_copy(update=PERIOD)),
        made.incident("event", **texts, period=period),
    ]
    renamed = {"label": HOSTILE, "definition": HOSTILE}
    codes = of.codes.model_copy(
        update={
            tree: [code.model_copy(update=renamed) for code in getattr(of.codes, tree)]
            for tree in ("allegation", "stage", "outcome", "breakdown")
        }
    )
    source = made.SOURCE.model_copy(
        update={
            "title": HOSTILE,
            "publisher": HOSTILE,
            "url": """https://example.org/?"><script>alert(4)</script>""",
        }
    )
    forces = [force.model_copy(update={"name": HOSTILE}) for force in of.forces]
    return records, {"codes": codes, "sources": [source], "forces": forces}


async def test_hostile_records_are_only_text(database: Engine) -> None:
    """Whatever a text holds, it is shown as that text: no element, attribute, template or end of a script."""
    records, among = hostile()
    made.loaded(database, records, **among)
    paths = [
        *("/", "/figures/whole", "/figures/part", "/figures/undated", "/incidents/event", "/embed/figures/part"),
        *("/compare", "/compare?a=whole&b=part", "/compare?a=whole"),
    ]
    shown = " ".join(HOSTILE.split())
    async for client in client_of(address_of(database)):
        for path in paths:
            page = await client.get(path, headers=BROWSER)
            assert page.status_code == 200
            seen = Seen(page)
            assert "img" not in {tag for tag, _, _ in seen.elements}
            assert not [name for _, found, _ in seen.elements for name in found if name.startswith("on")]
            for found, text in seen.all("script"):
                if "src" in found:
                    assert text == ""
                    assert found["src"].startswith("/static/")
                else:
                    assert found["type"] == "application/ld+json"
                    json.loads(text)
            addresses = [found[name] for _, found, _ in seen.elements for name in ("href", "src") if name in found]
            assert all(address.startswith(("/", "#", "https://")) for address in addresses)
            assert seen.open == []
            assert "{{ 7*7 }}" in seen.text
            assert "49" not in re.sub(r"[0-9a-f]{8,}", "", seen.text)
            assert shown in " ".join(seen.text.split()) or path.startswith("/compare")
        for path in ("/figures/part/tree.svg", "/timeline.svg"):
            svg = ET.fromstring((await client.get(path)).content)  # noqa: S314 - it must be well-formed
            tags = {element.tag.rpartition("}")[2] for element in svg.iter()}
            assert not tags & {"script", "img", "foreignObject", "a", "b"}
            assert "<script>alert(1)</script>" in (svg.findtext("{http://www.w3.org/2000/svg}desc") or "")
        answer = await data(client, f"/oembed?url={PUBLIC}/figures/part")
        assert "<script" not in answer["html"]
        xml = (await client.get(f"/oembed?url={PUBLIC}/figures/part&format=xml")).content
        assert ET.fromstring(xml).findtext("title") == answer["title"]  # noqa: S314 - ours


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//example.org", "ftp://example.org", "https://x y", "https://x\n"],
)
def test_sources_link_to_the_web_only(url: str) -> None:
    """An address that a browser would run is no address of a source."""
    with pytest.raises(ValidationError, match="url"):
        Source.model_validate({**made.SOURCE.model_dump(), "url": url})


@pytest.mark.parametrize("turn", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_no_text_turns_its_numbers_round(turn: str) -> None:
    """A character that has 63 read as 36 is refused when a record is read."""
    with pytest.raises(ValidationError, match="holds the character"):
        made.figure("one", statement=f"{turn}63 complaints")


@pytest.mark.parametrize("query", ["force", "period", "sort", "outcome", "x"])
async def test_hostile_queries_are_only_text(client: AsyncClient, query: str) -> None:
    """What is asked comes back as text as well, in the form and in what is wrong with it."""
    for path in ("/", "/compare"):
        page = await client.get(f"{path}?{urlencode({query: HOSTILE})}", headers=BROWSER)
        assert page.status_code == 422
        seen = Seen(page)
        assert "img" not in {tag for tag, _, _ in seen.elements}
        assert all(found["src"].startswith("/static/") for found, _ in seen.all("script"))
        assert "<script>alert(1)</script>" in seen.text

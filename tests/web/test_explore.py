import csv
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from httpx import AsyncClient

from app.analysis.compare import EFFECTS
from app.domain.periods import read_period
from app.web.explore import INCIDENTS_ON_A_PAGE, ON_A_PAGE
from app.web.wording import FILTERS
from tests import made
from tests.api import client_of
from tests.postgresql import database_of
from tests.web.html import BROWSER, FIGURES, INCIDENTS, PROVEN, REMOVED, Html, get_json, get_page

pytestmark = pytest.mark.anyio


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
    "q=upheld",
    "q=nothing-like-it",
]


@pytest.mark.parametrize("query", QUERIES)
async def test_same_figures_as_the_api(client: AsyncClient, query: str) -> None:
    """The page has the cards and the total of the API's list."""
    page = await get_page(client, f"/?{query}")
    answer = await get_json(client, f"/v1/figures?{query}" + ("" if "limit=" in query else f"&limit={ON_A_PAGE}"))
    total = answer["meta"]["total"]
    cards = page.ids("article", "figure")
    assert sorted(cards) == sorted(figure["id"] for figure in answer["data"])
    (heading,) = page.all("h2", id="figures")
    assert heading[1].startswith(f"{total} figure{'' if total == 1 else 's'}")
    assert (f"{len(cards)} on this page" in heading[1]) == (len(cards) < total)
    # On the page, ids that no figure has may be those of incidents.
    warnings = [warning for warning in answer["warnings"] if warning["code"] != "unknown-ids"]
    for warning in warnings:
        said = warning["message"].replace("`", "").partition("; ")[0]  # the rest is a hint for programs
        assert " ".join(said.split()) in page.text
    if total:
        (as_json,), (as_csv,) = page.links["JSON of these figures"], page.links["CSV of these figures"]
        assert (await get_json(client, as_json))["meta"]["total"] == total
        rows = list(csv.DictReader((await client.get(as_csv)).text.splitlines()))
        assert len(rows) == total
        assert {row["id"] for row in rows} >= set(cards)
    else:
        assert "its source may not have been read yet" in page.text
        assert "JSON of these figures" not in page.links


@pytest.mark.parametrize("query", QUERIES)
async def test_same_incidents_as_the_api(client: AsyncClient, query: str) -> None:
    """The incidents are those of the API for the same filters; filters that incidents don't have are named."""
    page = await get_page(client, f"/?{query}")
    filters = [(name, value) for name, value in parse_qsl(query) if name not in {"sort", "limit"}]
    answer = await client.get(f"/v1/incidents?{urlencode(filters)}&limit={INCIDENTS_ON_A_PAGE}")
    if answer.status_code == 200:
        (heading,) = page.all("h2", id="incidents")
        total = answer.json()["meta"]["total"]
        assert heading[1] == f"{total} incident{'' if total == 1 else 's'}"
        assert page.ids("article", "incident") == [incident["id"] for incident in answer.json()["data"]]
    else:
        assert page.ids("article", "incident") == []
        for error in answer.json()["errors"]:
            assert FILTERS[error["parameter"]].lower() in page.text.partition("Incidents have no ")[2]


@pytest.fixture(scope="module")
def working() -> set[str]:
    """Return the addresses known to work, as many pages link to the same ones."""
    return set()


@pytest.mark.parametrize("query", QUERIES)
async def test_links(client: AsyncClient, query: str, working: set[str]) -> None:
    """Every link works, every anchor exists, and ids are unique."""
    page = await get_page(client, f"/?{query}")
    ids = page.all_ids
    assert len(ids) == len(set(ids))
    for address in page.addresses:
        if address.startswith("https://"):
            continue  # the source of a figure
        path, _, anchor = address.partition("#")
        assert anchor in ids or path, address
        if path and path not in working:
            assert (await client.head(path, headers=BROWSER)).status_code == 200, address
            working.add(path)
    for attributes, _ in page.all("link", rel="alternate"):
        assert (await client.head(attributes["href"])).status_code == 200


async def test_equal_numbers_with_different_meanings(client: AsyncClient) -> None:
    """The front page says that the two 63s can't be compared, and links to every reason."""
    page = await get_page(client, "/")
    (section,) = page.all("section", class_="lookalikes")
    names = ["63 cases: misconduct proven (England and Wales", "63 cases: removed (Metropolitan Police Service"]
    assert all(name in section[1] for name in names)
    (why,) = [address for text, addresses in page.links.items() if text.startswith("Why") for address in addresses]
    assert set(dict(parse_qsl(urlsplit(why).query)).values()) == {REMOVED, PROVEN}
    compared = await get_page(client, why)
    (verdict,) = compared.all("p", class_="verdict")
    assert verdict[1] == "Don't compare these figures."
    reasons = (await get_json(client, f"/v1{why}"))["reasons"]
    rows = [row for effect in EFFECTS for row in compared.all("tr", class_=effect)]
    assert len(rows) == len(reasons) > 1
    for reason in reasons:
        assert any(reason["message"] in text for _, text in rows)


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("force=&allegation=&outcome=&period=", "/"),
        ("force=&outcome=upheld&period=", "/?outcome=upheld"),
        ("force=&force=gwent&sort=value", "/?force=gwent&sort=value"),
    ],
)
async def test_blank_fields(client: AsyncClient, query: str, location: str) -> None:
    """A form sent with blank fields redirects to the address without them."""
    answer = await client.get(f"/?{query}", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (302, location)


async def test_other_blank_parameters_are_refused(client: AsyncClient) -> None:
    """A blank parameter that isn't a field of the form is an error."""
    page = await get_page(client, "/?stage=", 422)
    assert "stage" in page.text


async def test_errors_are_shown_with_the_form(client: AsyncClient) -> None:
    """A browser gets the form as filled in, and every error, with links to corrected queries."""
    query = "force=metropolitian&outcme=upheld&period=2020-21&limit=9999&release=9.9.9"
    page = await get_page(client, f"/?{query}", 422)
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


UNREADABLE_QUERIES = [
    "/?force=%ff%fe",
    "/?%ED%A0%80=1",
    "/?release=%ee%80%80",
    "/?period=%00",
    "/?cursor=x&force=nowhere",
]


@pytest.mark.parametrize("address", UNREADABLE_QUERIES)
async def test_unreadable_queries(client: AsyncClient, address: str) -> None:
    """Whatever bytes are sent, the page says what is wrong."""
    assert "Check these filters" in (await get_page(client, address, 422)).text


async def test_paging(client: AsyncClient) -> None:
    """Following the link to more figures shows every figure once."""
    address, ids = "/?limit=4&sort=id", list[str]()
    while address:
        page = await get_page(client, address)
        cards = page.ids("article", "figure")
        assert len(cards) <= 4
        ids += cards
        address = next(iter(page.links["More figures"]), "")
    assert sorted(ids) == sorted(FIGURES)


@pytest.mark.parametrize("query", ["view=table", "view=cards", "sort=value", "q=officers", "release=1.0.0"])
async def test_links_of_a_later_page(client: AsyncClient, query: str) -> None:
    """Every link of a second page to figures works; in the other view, and as JSON, it is the same page."""
    address = (await get_page(client, f"/?{query}&limit=4")).links["More figures"][0]
    page = await get_page(client, address)
    for other in page.addresses:
        if other.startswith(("/?", "/v1/figures?", "/v1/incidents?", "/timeline")):
            assert (await client.get(other, headers=BROWSER)).status_code == 200, other
    (switch,) = page.links["cards" if "table" in query else "table"]
    there = await get_page(client, switch)
    shown, switched = (
        sorted(one.ids("article", "figure") or [found["id"] for found, _ in one.all("tr") if "id" in found])
        for one in (page, there)
    )
    as_json = await get_json(client, page.links["JSON of these figures"][0])
    assert shown == switched == sorted(figure["id"] for figure in as_json["data"])


async def test_a_refused_query_links_nothing_that_is_refused(client: AsyncClient) -> None:
    """Another parameter isn't a correction, and the same mistake in another release is no way out."""
    for query in ("sort=relevance", "period=2016-2018&release=1.0.0"):
        page = await get_page(client, f"/?{query}", 422)
        for address in page.addresses:
            if address.startswith("/?"):
                await get_page(client, address)


async def test_a_correction_starts_on_the_first_page(client: AsyncClient) -> None:
    """The link that corrects a filter works although the address has a cursor of another query."""
    (address,) = (await get_page(client, "/?limit=4")).links["More figures"]
    page = await get_page(client, f"{address}&force=metropolitian", 422)
    assert "cursor" not in page.links["metropolitan"][0]
    await get_page(client, page.links["metropolitan"][0])


async def test_more_incidents_than_fit(server: str) -> None:
    """If not all incidents are shown, the link to the CSV file keeps the filters."""
    records = [made.incident(f"i{n}", force="gwent" if n % 2 else "metropolitan") for n in range(50)]
    with database_of(server, [*records, made.figure("f")]) as address:
        async for client in client_of(address):
            page = await get_page(client, "/?force=gwent&release=1.0.0&sort=value&limit=2")
            assert len(page.ids("article", "incident")) == INCIDENTS_ON_A_PAGE
            (rest,) = page.links["All incidents as CSV"]
            rows = list(csv.DictReader((await client.get(rest)).text.splitlines()))
            assert [row["force_id"] for row in rows] == ["gwent"] * 25


async def test_removing_filters(client: AsyncClient) -> None:
    """Each filter is named in words and can be removed, along with parameters that need it."""
    page = await get_page(client, "/?force=metropolitan&force_scope=areas&outcome=upheld")
    removal = {found["aria-label"]: found["href"] for found, _ in page.all("a") if "aria-label" in found}
    assert removal["Remove Force or area: Metropolitan Police Service"] == "/?outcome=upheld"
    assert removal["Remove Outcome: Upheld"] == "/?force=metropolitan&force_scope=areas"


async def test_pages_stay_small(server: str) -> None:
    """A full page is below 100 KB before compression."""
    half = ON_A_PAGE // 2
    records = [made.figure(f"whole-{n}", value=500 + n) for n in range(half)]
    parts = range(ON_A_PAGE - half)
    records += [made.figure(f"part-{n}", value=n, base=made.base(f"whole-{n % half}")) for n in parts]
    with database_of(server, records) as address:
        async for client in client_of(address):
            page = await client.get("/", headers=BROWSER)
            assert len(Html(page).ids("article", "figure")) == ON_A_PAGE
            assert len(page.content) < 100_000


@pytest.mark.parametrize(
    "query", ["period=2018", "period=2016&include_undated=true", "period=2012/2018", "period=../2017"]
)
@pytest.mark.parametrize("scope", ["self", "areas"])
async def test_figures_beyond_what_was_asked_for(client: AsyncClient, query: str, scope: str) -> None:
    """A figure outside the requested period or force is marked in its card, its row and its bar."""
    filters = f"force=metropolitan&force_scope={scope}&{query}"
    page = await get_page(client, f"/?{filters}")
    figures = (await get_json(client, f"/v1/figures?{filters}"))["data"]
    span = read_period(parse_qsl(query)[0][1])
    drawing = (await client.get(f"/timeline.svg?{filters}")).text
    wider = []
    for figure in figures:
        (text,) = [text for found, text in page.all("article", class_="figure") if found["id"] == figure["id"]]
        start, end = (
            figure["period"][name] and date.fromisoformat(figure["period"][name]) for name in ("start", "end")
        )
        is_wider = bool(start) and (
            (span.start is not None and start < span.start) or (span.end is not None and end > span.end)
        )
        said = f"{figure['period']['label']}, more than you asked for"
        assert (f"Covers {said}" in text) == is_wider
        assert (said in drawing) or not is_wider
        assert ("no dates, so it may be from outside" in text) == (start is None)
        is_area = figure["force"]["id"] != "metropolitan"
        assert ("About all of England and Wales" in text or "about all of England and Wales" in text) == is_area
        wider.append(is_wider)
    rows = [text for found, text in page.all("li") if found.get("class", "").startswith("level-")]
    assert all("more than you asked for" in row for row in rows) or not all(wider)


@pytest.mark.parametrize("query", ["period=2018", "force=metropolitan&force_scope=areas&period=2018", "sort=value"])
async def test_table(client: AsyncClient, query: str) -> None:
    """The table has the same figures as the cards, in the API's order, and marks those that extend further."""
    page = await get_page(client, f"/?{query}&view=table")
    rows = {found["id"]: text for found, text in page.all("tr") if "id" in found}
    figures = (await get_json(client, f"/v1/figures?{query}&limit={ON_A_PAGE}"))["data"]
    assert list(rows) == [figure["id"] for figure in figures]
    cards = await get_page(client, f"/?{query}&view=cards")
    for found, text in cards.all("article", class_="figure"):
        assert ("more than you asked for" in text) == ("more than you asked for" in rows[found["id"]])
    assert page.ids("article", "figure") == []


async def test_sorting_the_table(client: AsyncClient) -> None:
    """Each heading sorts by its column, and reverses the order the next time."""
    page = await get_page(client, "/?view=table&force=england-and-wales")
    assert [found["aria-sort"] for found, _ in page.all("th") if "aria-sort" in found] == ["none", "descending"]
    address = page.links["Figure ↕"][0]
    for order in ("descending", "ascending"):
        page = await get_page(client, address)
        sort = dict(parse_qsl(urlsplit(address).query))["sort"]
        figures = (await get_json(client, f"/v1/figures?force=england-and-wales&sort={sort}"))["data"]
        rows = [found["id"] for found, _ in page.all("tr") if "id" in found]
        assert rows == [figure["id"] for figure in figures]
        (text,) = [text for found, text in page.all("th") if found.get("aria-sort") == order]
        address = page.links[text][0]


async def test_links_for_charts(client: AsyncClient) -> None:
    """The address for charting tools has all matching counts in a few columns, and no percentages."""
    page = await get_page(client, "/?force=england-and-wales&limit=2")
    (address,) = [text for _, text in page.all("code") if "/v1/figures" in text]
    rows = list(csv.DictReader((await client.get(address)).text.splitlines()))
    counts = await get_json(client, "/v1/figures?force=england-and-wales&value_type=count")
    assert len(rows) == counts["meta"]["total"] > 2
    assert list(rows[0]) == ["label", "force_name", "period_label", "value", "base_value"]


async def test_search(client: AsyncClient) -> None:
    """The search finds what the API finds, most relevant first, and keeps the other filters."""
    page = await get_page(client, "/?q=removed&force=metropolitan&view=table")
    answer = await get_json(client, "/v1/figures?q=removed&force=metropolitan")
    rows = [found["id"] for found, _ in page.all("tr") if "id" in found]
    assert rows == [figure["id"] for figure in answer["data"]] != []
    (form,) = page.all("form", class_="search")
    assert form[0]["action"] == "/"
    kept = {(one["name"], one["value"]) for one, _ in page.all("input", type="hidden")}
    assert {("q", "removed"), ("force", "metropolitan"), ("view", "table")} <= kept
    assert [one["value"] for one, _ in page.all("input", id="q")] == ["removed"]
    answer = await client.get("/?q=", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (302, "/")


async def test_findings(client: AsyncClient) -> None:
    """The front page starts with three figures, each with its source, and one of them undisclosed."""
    page = await get_page(client, "/")
    found = page.all("article", class_="finding")
    assert len(found) == 3
    assert any("Not disclosed" in text and "That doesn't mean zero" in text for _, text in found)
    assert all("by " in text for _, text in found)
    assert (await get_page(client, "/?force=metropolitan")).all("article", class_="finding") == []


@pytest.mark.parametrize("query", ["outcome=upheld", "kind=outcome&force=metropolitan"])
async def test_what_is_not_disclosed_elsewhere(client: AsyncClient, query: str) -> None:
    """A page of outcomes says that its source leaves out a number about the same cases."""
    page = await get_page(client, f"/?{query}")
    assert "The sources don't disclose some numbers" in page.text
    assert "/figures/met-2012-2018-upheld-criminal-investigation" in page.addresses


async def test_warnings_link_to_what_they_concern(client: AsyncClient) -> None:
    """A warning names some of its figures, and gives the number of the others."""
    page = await get_page(client, "/?force=metropolitan&period=2018")
    (warnings,) = page.all("details", class_="warnings")
    assert (
        "This applies to 594 complaints, 119 complaints: upheld, Not disclosed: criminal investigation and 1 more."
        in (warnings[1])
    )
    assert f"#{REMOVED}" in page.addresses

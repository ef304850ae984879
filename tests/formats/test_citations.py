"""Citations of records and of the dataset, and the dataset's description for catalogues."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import rdflib
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string  # type: ignore[import-untyped]  # no type hints
from pybtex.richtext import Text  # type: ignore[import-untyped]  # no type hints
from rdflib.namespace import DCTERMS, RDF, XSD
from ruamel.yaml import YAML
from sqlalchemy import Engine

from app.formats.citations import TEX, Citation, to_bibtex
from app.formats.lists import LIST_FORMATS
from app.settings import PROJECT
from tests.api import PUBLIC, client_of
from tests.made import days, figure, loaded
from tests.real_seeds import real_seeds

pytestmark = [
    pytest.mark.anyio,
    # rdflib's own JSON-LD parser still uses a class that rdflib deprecates.
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]

UPHELD = "met-2012-2018-complaints-upheld"
CSL = "application/vnd.citationstyles.csl+json"
BIBTEX = "application/x-bibtex"

CITED = Citation(
    id="one",
    statement="One complaint was upheld.",
    attribution="Nobody, “A made-up article”, May 2024, https://nobody.test/a_b%20c?d=1&e=2#f",
    version="1.2.3",
    released_at=datetime(2026, 3, 4, tzinfo=UTC),
    permalink="https://upheld.test/figures/one?release=1.2.3",
)


async def records(client: AsyncClient) -> list[dict[str, Any]]:
    """Return every record of the current release."""
    return [
        one
        for noun in ("figures", "incidents")
        for one in (await client.get(f"/v1/{noun}?limit=500")).json()["data"]
    ]


def entry(bibtex: str) -> tuple[str, dict[str, str]]:
    """Return the key and fields of a bibliography's only entry, as another program reads them."""
    parsed = parse_string(bibtex, "bibtex")
    ((key, found),) = parsed.entries.items()
    assert found.type == "misc"
    (author,) = found.persons["author"]
    return key, {**found.fields, "author": str(author)}


# --- records ---------------------------------------------------------------------------------------------------


async def test_every_record_can_be_cited(client: AsyncClient) -> None:
    """For every record, both formats give what is stated, by whom, in which release and where."""
    sources = {one["id"]: one for one in (await client.get("/v1/sources")).json()["data"]}
    release = (await client.get("/v1/dataset")).json()
    for record in await records(client):
        here = record["links"]["self"]
        source = sources[record["evidence"][0]["source"]]
        permalink = f"{PUBLIC}{record['links']['html']}?release={release['release']}"
        csl = (await client.get(f"{here}?format=csl")).json()
        assert csl["id"] == f"upheld-{record['id']}"
        assert f"{csl['title']}." == record["statement"]
        assert (csl["URL"], csl["version"]) == (permalink, release["release"])
        published = datetime.fromisoformat(release["published_at"])
        assert csl["issued"] == {"date-parts": [[published.year, published.month, published.day]]}
        for name in ("publisher", "title", "url"):
            assert source[name] in csl["note"]
        assert source["published"]["date"][:4] in csl["note"]
        assert record["origin_publisher"] in csl["note"]
        key, fields = entry((await client.get(f"{here}?format=bibtex")).text)
        assert key == csl["id"]
        assert Text.from_latex(fields["title"]).render_as("text") == csl["title"]
        assert Text.from_latex(fields["note"]).render_as("text") == csl["note"]
        assert (fields["url"], fields["year"], fields["version"]) == (
            permalink,
            str(published.year),
            csl["version"],
        )
        assert fields["author"] == "{Upheld contributors}"
        assert record["citation"].endswith(permalink)


async def test_a_citation_leads_to_what_was_cited(client: AsyncClient) -> None:
    """The permalink of a citation shows the record."""
    csl = (await client.get(f"/v1/outcomes/{UPHELD}?format=csl")).json()
    there = await client.get(csl["URL"], follow_redirects=True)
    assert there.status_code == 200
    assert UPHELD in there.text


@pytest.mark.parametrize(
    ("accept", "query", "media_type"),
    [
        ("", "", "application/json"),
        ("*/*", "", "application/json"),
        ("application/*", "", "application/json"),
        ("text/html, */*;q=0.1", "", "application/json"),
        (CSL, "", CSL),
        (BIBTEX, "", BIBTEX),
        (f"{BIBTEX};q=0.5, {CSL};q=0.4", "", BIBTEX),
        (f"{CSL};q=0.1, application/json", "", "application/json"),
        ("image/png", "?format=csl", CSL),
        (CSL, "?format=bibtex", BIBTEX),
        (CSL, "?format=json", "application/json"),
    ],
)
@pytest.mark.parametrize("path", [f"figures/{UPHELD}", f"outcomes/{UPHELD}", "incidents/met-everard-vigil"])
async def test_format_of_a_record(client: AsyncClient, path: str, accept: str, query: str, media_type: str) -> None:
    """`format` decides the format of a record; without it, `Accept` does."""
    answer = await client.get(f"/v1/{path}{query}", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == media_type
    assert "Accept" in answer.headers["vary"]


async def test_unknown_formats(client: AsyncClient) -> None:
    """An unknown `format` is refused with the known formats, and an `Accept` that matches none with 406."""
    refused = await client.get(f"/v1/figures/{UPHELD}?format=bibtext")
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["code"], error["nearest"]) == (422, "unknown-code", ["bibtex"])
    assert error["allowed"] == ["json", "csl", "bibtex"]
    for form in ("csv", "jsonl"):
        assert (await client.get(f"/v1/figures/{UPHELD}?format={form}")).status_code == 422
    refused = await client.get(f"/v1/figures/{UPHELD}", headers={"Accept": "text/csv"})
    assert refused.status_code == 406
    assert refused.json()["available"] == ["application/json", CSL, BIBTEX]
    for form in ("csl", "bibtex"):
        assert (await client.get(f"/v1/figures?format={form}")).status_code == 422
        assert (await client.get(f"/v1/figures/nothing?format={form}")).status_code == 404


async def test_each_format_has_its_own_tag(client: AsyncClient) -> None:
    """Each format has its own ETag, which gives 304."""
    tags = set()
    for form in ("json", "csl", "bibtex"):
        address = f"/v1/figures/{UPHELD}?format={form}"
        tag = (await client.get(address)).headers["etag"]
        assert (await client.get(address, headers={"If-None-Match": tag})).status_code == 304
        assert (await client.head(address)).headers["etag"] == tag
        tags.add(tag)
    assert len(tags) == 3


async def test_a_citation_pins_its_release(database: Engine) -> None:
    """The key is the same in every release; the permalink pins the release that was read."""
    loaded(database, [figure("one")], "1.0.0")
    loaded(database, [figure("one", value=2)], "2.0.0")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        cited = [(await client.get(f"/v1/figures/one?format=csl{pin}")).json() for pin in ("&release=1.0.0", "")]
        assert [one["id"] for one in cited] == ["upheld-one"] * 2
        assert [one["URL"] for one in cited] == [f"{PUBLIC}/figures/one?release={v}" for v in ("1.0.0", "2.0.0")]
        assert [one["issued"]["date-parts"][0][0] for one in cited] == [2025, 2026]


PRINTED = {ord(printed): char for char, printed in zip("{}\\^~<>|", "①②③④⑤⑥⑦⑧", strict=True)}
"""Placeholders for the characters that TeX prints by name."""


def as_printed(tex: str) -> str:
    """Return an escaped text as TeX prints it."""
    for char, placeholder in zip("{}\\^~<>|", "①②③④⑤⑥⑦⑧", strict=True):
        tex = tex.replace(str(TEX[ord(char)]), placeholder)
    assert not set("{}^~<>|") & set(tex)
    return re.sub(r"\\([#$%&_])", r"\1", tex).translate(PRINTED)


plain = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters="①②③④⑤⑥⑦⑧"), min_size=1)


@given(st.one_of(plain, st.text("{}\\^~<>|#$%&_@\"',=a ", min_size=1)))
def test_bibtex_takes_any_text(text: str) -> None:
    """Whatever a title contains, the entry stays one entry and TeX prints the title."""
    cited = Citation(**{**vars(CITED), "statement": text, "attribution": text})
    bibtex = to_bibtex(cited).decode()
    key, fields = entry(bibtex)
    assert key == "upheld-one"
    assert set(fields) == {"author", "title", "howpublished", "version", "year", "month", "url", "note"}
    assert (fields["month"], fields["url"]) == ("March", CITED.permalink)
    (title,) = re.findall(r"^  title = \{\{(.*)\}\},$", bibtex, re.MULTILINE)
    assert as_printed(title) == text.removesuffix(".")


async def test_a_citation_names_who_counted_before_who_reported_it(client: AsyncClient) -> None:
    """A copy of a report is never credited with the count; an inferred date is marked as inferred."""
    counted = "Metropolitan Police Service (Freedom of Information document), as reported by Euro Weekly News, "
    record = (await client.get(f"/v1/figures/{UPHELD}")).json()
    url = "https://www.euroweeklynews.com/2021/03/22/met-officers-disciplined-over-119-sexual-abuse-claims/"
    permalink = f"{PUBLIC}/figures/{UPHELD}?release=1.0.0"
    assert record["citation"] == (
        f"{record['statement']} {counted}22 March 2021 (date inferred), {url}. Upheld, release 1.0.0, {permalink}"
    )
    title = "“MET OFFICERS disciplined over 119 sexual abuse claims”"
    csl = (await client.get(f"/v1/figures/{UPHELD}?format=csl")).json()
    assert csl["note"] == f"Source: {counted}{title}, 22 March 2021 (date inferred), {url}"
    assert record["origin_publisher"] == "Metropolitan Police Service"
    assert record["links"]["origin"] == "/v1/sources/met-foi-2021"


async def test_an_event_is_not_credited_to_who_counted_something_else(client: AsyncClient) -> None:
    """An article about the watchdog's numbers also reports an apology, which isn't credited to the watchdog."""
    record = (await client.get("/v1/incidents/met-missing-sisters-response")).json()
    assert record["origin_publisher"] == "Workers Revolutionary Party"
    assert record["links"]["origin"] == record["links"]["source"]
    assert "Independent Office" not in record["citation"]
    inside = (await client.get("/v1/incidents/met-officer-refuge")).json()
    assert inside["origin_publisher"] == "Metropolitan Police Service"


# --- the dataset -----------------------------------------------------------------------------------------------

SCHEMA = rdflib.Namespace("https://schema.org/")
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")


async def described(client: AsyncClient, query: str = "", **headers: str) -> rdflib.Graph:
    """Return the dataset's description as another program reads it, without access to any other server."""
    answer = await client.get(f"/v1/dataset{query}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/ld+json"
    return rdflib.Graph().parse(data=answer.text, format="json-ld")


async def test_dataset_as_linked_data(client: AsyncClient) -> None:
    """The description is both a schema.org and a DCAT Dataset, is complete, and agrees with the JSON."""
    facts = (await client.get("/v1/dataset")).json()
    graph = await described(client, Accept="application/ld+json")
    (this,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert str(this) == f"{PUBLIC}/v1/dataset?release={facts['release']}"
    assert set(graph.objects(this, RDF.type)) == {SCHEMA.Dataset, DCAT.Dataset}

    def one(*path: rdflib.URIRef) -> Any:  # noqa: ANN401 - any value
        node: Any = this
        for step in path:
            (node,) = graph.objects(node, step)
        return node.toPython() if isinstance(node, rdflib.Literal) else str(node)

    for terms, expected in {
        (SCHEMA.description, DCTERMS.description): facts["description"],
        (SCHEMA.license, DCTERMS.license): facts["licence"],
        (SCHEMA.version, DCAT.version): facts["release"],
        (SCHEMA.datePublished, DCTERMS.issued): datetime.fromisoformat(facts["published_at"]),
        (SCHEMA.citation, DCTERMS.bibliographicCitation): facts["citation"],
        (SCHEMA.name, DCTERMS.title): "Upheld: police-misconduct figures",
    }.items():
        assert [one(term) for term in terms] == [expected, expected]
    assert one(SCHEMA.creator, SCHEMA.name) == "Upheld contributors"
    period = facts["period"]
    assert one(SCHEMA.temporalCoverage) == f"{period['start']}/{period['end']}"
    assert one(DCTERMS.temporal, DCAT.startDate) == date.fromisoformat(period["start"])
    assert one(DCTERMS.temporal, DCAT.endDate) == date.fromisoformat(period["end"])
    assert one(SCHEMA.spatialCoverage, SCHEMA.name) == "England and Wales"
    assert one(SCHEMA.spatialCoverage, SCHEMA.identifier) == "K04000001"
    assert one(SCHEMA.identifier, SCHEMA.value) == facts["digest"]
    issued = rdflib.Literal(facts["published_at"].replace("Z", "+00:00"), datatype=XSD.dateTime)
    assert (this, DCTERMS.issued, issued) in graph


def downloads(graph: rdflib.Graph) -> Iterator[tuple[str, str]]:
    """Yield the address and media type of every download."""
    (this,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert set(graph.objects(this, DCAT.distribution)) == set(graph.objects(this, SCHEMA.distribution))
    for download in graph.objects(this, DCAT.distribution):
        assert {SCHEMA.DataDownload, DCAT.Distribution} == set(graph.objects(download, RDF.type))
        (address,) = graph.objects(download, DCAT.downloadURL)
        assert list(graph.objects(download, SCHEMA.contentUrl)) == [address]
        (media_type,) = graph.objects(download, SCHEMA.encodingFormat)
        yield str(address), str(media_type)


async def test_downloads(client: AsyncClient) -> None:
    """Every download exists, has the media type it claims, and pins the described release."""
    found = list(downloads(await described(client, "?format=jsonld")))
    media_types = sorted(media_type for _, media_type in found)
    of_lists = [one.media_type for one in LIST_FORMATS.values()]
    assert media_types == sorted([*of_lists * 2, "application/zip"])
    for address, media_type in found:
        assert "release=" in address
        answer = await client.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == media_type


async def test_dataset_in_json(client: AsyncClient) -> None:
    """The dataset says how to cite it and how to report an error, and links to every format."""
    facts = (await client.get("/v1/dataset")).json()
    assert sum(facts["counts"].values()) == len(await records(client))
    assert f"{PUBLIC}/v1/dataset?release={facts['release']}" in facts["citation"]
    assert "which record it is, in which release" in facts["report_errors"]
    assert {"csv", "jsonl", "incidents_csv", "incidents_jsonl", "export", "jsonld"} <= set(facts["links"])
    for address in facts["links"].values():
        assert (await client.get(address)).status_code == 200, address
    pinned = (await client.get(f"/v1/dataset?release={facts['release']}")).json()["links"]
    assert pinned["csv"].endswith(f"?format=csv&release={facts['release']}")
    assert pinned["self"] == f"/v1/dataset?release={facts['release']}"
    for address in pinned.values():
        assert (await client.get(address)).status_code == 200, address


async def test_formats_of_the_dataset(client: AsyncClient) -> None:
    """`format` overrides `Accept`; an unknown format is refused."""
    linked = "application/ld+json"
    for accept, query, media_type in (
        ("*/*", "", "application/json"),
        (linked, "?format=json", "application/json"),
        ("text/csv", "?format=jsonld", linked),
        (f"application/json;q=0.5, {linked}", "", linked),
    ):
        answer = await client.get(f"/v1/dataset{query}", headers={"Accept": accept})
        assert answer.headers["content-type"] == media_type
    assert (await client.get("/v1/dataset?format=csv")).json()["errors"][0]["allowed"] == ["json", "jsonld"]
    assert (await client.get("/v1/dataset", headers={"Accept": "text/turtle"})).status_code == 406


async def test_a_dataset_without_dates_and_of_many_places(database: Engine) -> None:
    """Unknown periods are omitted; for a force outside every area, the place is the area that it polices."""
    undated = figure("undated", period={"basis": "not-stated", "event": "not-stated", "label": "undated"})
    loaded(database, [undated.model_copy(update={"force": "police-scotland"})], "1.0.0")
    met, kent = figure("met"), figure("kent", force="kent", period=days("2019-02-01", "2021-03-01"))
    loaded(database, [undated.model_copy(update={"force": "british-transport-police"}), met, kent], "2.0.0")
    async for client in client_of(database.url.render_as_string(hide_password=False)):
        first, second = [await described(client, f"?format=jsonld&release={v}") for v in ("1.0.0", "2.0.0")]
        assert not list(first.triples((None, SCHEMA.temporalCoverage, None)))
        assert not list(first.triples((None, DCTERMS.temporal, None)))
        assert [str(d) for d in second.objects(None, SCHEMA.temporalCoverage)] == ["2019-02-01/2021-03-01"]
        places = [
            set(map(str, graph.objects(None, SCHEMA.spatialCoverage / SCHEMA.name))) for graph in (first, second)
        ]
        assert places[0] == {"The area policed by Police Service of Scotland"}
        assert places[1] == {"England and Wales", "The area policed by British Transport Police"}


def test_citation_file() -> None:
    """`CITATION.cff` has the fields that the Citation File Format requires, and names the latest release."""
    found = YAML(typ="safe").load(PROJECT / "CITATION.cff")
    assert {"cff-version", "message", "title", "type", "authors", "license"} <= set(found)
    assert (found["cff-version"], found["type"], found["license"]) == ("1.2.0", "dataset", "MIT")
    assert all(author["name"] for author in found["authors"])
    releases = real_seeds().releases
    latest = (releases[-1].version, f"{releases[-1].published_at:%Y-%m-%d}") if releases else (None, None)
    assert (found.get("version"), found.get("date-released")) == latest

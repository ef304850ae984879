"""Linked data and the feed, read the way harvesters and feed readers do, from a server with all records."""

import json
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import feedparser  # type: ignore[import-untyped]  # it ships no types
import httpx
import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD, DefinedNamespace

from app.formats.dcat import DOWNLOADS
from tests.api import PUBLIC
from tests.web.html import Html

# rdflib's own JSON-LD parser still uses a class that rdflib has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

VOCABULARIES: list[type[DefinedNamespace]] = [DCAT, DCTERMS, FOAF, RDF, XSD]
"""Each vocabulary's closed list of terms, as defined in rdflib."""

VERSION = URIRef(f"{DCAT}version")
"""A DCAT 3 term that rdflib doesn't know yet."""

SCHEMA_ORG = Namespace("https://schema.org/")
"""An open namespace, because rdflib's own list is older than some of the terms."""

CONTEXT = {"@vocab": SCHEMA_ORG}
"""A stand-in for schema.org's own context, which is on the internet."""

UPHELD = f"{PUBLIC}/figures/met-2012-2018-complaints-upheld"


def graph_of(described: dict[str, object]) -> Graph:
    """Return linked data as a graph."""
    return Graph().parse(data=json.dumps(described), format="json-ld")


def linked(address: str, page: str) -> Graph:
    """Return the linked data of a page as a graph."""
    ((_, text),) = Html(httpx.get(f"{address}/{page}")).all("script", type="application/ld+json")
    return graph_of(json.loads(text) | {"@context": CONTEXT})


@pytest.fixture(scope="module")
def catalogue(latest: str) -> Graph:
    """Return the dataset's description."""
    return graph_of(httpx.get(f"{latest}/v1/dataset", headers={"Accept": "application/ld+json"}).json())


def terms(graph: Graph) -> Iterator[URIRef]:
    """Yield every property, class and literal type."""
    for _, name, value in graph.triples((None, None, None)):
        assert isinstance(name, URIRef)
        yield name
        if name == RDF.type:
            assert isinstance(value, URIRef)
            yield value
        elif isinstance(value, Literal) and value.datatype is not None:
            yield value.datatype


def test_every_term_exists(catalogue: Graph) -> None:
    """Every property, class and type is in its vocabulary; schema.org's have their own test."""
    found = {term for term in terms(catalogue) if term not in SCHEMA_ORG}
    assert found
    assert {term for term in found if not any(term in vocabulary for vocabulary in VOCABULARIES)} == {VERSION}


def test_every_download_is_what_it_says(latest: str, catalogue: Graph) -> None:
    """Each distribution links to a file of its media type, in the release described."""
    downloads = list(catalogue.objects(None, DCAT.distribution))
    assert len(downloads) == len(DOWNLOADS)
    for download in downloads:
        address, media_type = (str(catalogue.value(download, name)) for name in (DCAT.downloadURL, DCAT.mediaType))
        assert address.startswith(f"{PUBLIC}/")
        answer = httpx.head(address.replace(PUBLIC, latest))
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media_type.removeprefix(
            "https://www.iana.org/assignments/media-types/"
        )
    (version,) = catalogue.objects(None, VERSION)
    assert str(version) == httpx.get(f"{latest}/v1/dataset").json()["release"]


def test_a_figure_is_an_observation(latest: str) -> None:
    """A figure has its number, the start and length of its period, its whole, and the dataset it belongs to."""
    graph = linked(latest, "figures/met-2012-2018-complaints-upheld")
    (figure,) = graph.subjects(RDF.type, SCHEMA_ORG.Observation)
    assert graph.value(figure, SCHEMA_ORG.value) == Literal(119)
    assert str(graph.value(figure, SCHEMA_ORG.unitText)) == "complaint"
    assert str(graph.value(figure, SCHEMA_ORG.observationDate)) == "2012-01-01"
    days = datetime(2019, 1, 1) - datetime(2012, 1, 1)  # noqa: DTZ001 - whole days
    assert str(graph.value(figure, SCHEMA_ORG.observationPeriod)) == f"P{days.days}D"
    assert str(graph.value(figure, SCHEMA_ORG.measurementDenominator)) == UPHELD.removesuffix("-upheld")
    (dataset,) = graph.subjects(RDF.type, SCHEMA_ORG.Dataset)
    assert dataset in set(graph.objects(figure, SCHEMA_ORG.subjectOf))


def test_a_number_that_is_not_known_is_left_out(latest: str) -> None:
    """A figure whose source doesn't disclose a number has no value, not even 0."""
    graph = linked(latest, "figures/met-2012-2018-upheld-criminal-investigation")
    (figure,) = graph.subjects(RDF.type, SCHEMA_ORG.Observation)
    assert graph.value(figure, SCHEMA_ORG.value) is None


# --- the feed --------------------------------------------------------------------------------------------------

ATOM = "{http://www.w3.org/2005/Atom}"
ONCE = ("id", "title", "updated")


@pytest.fixture(scope="module")
def feed(latest: str) -> bytes:
    """Return the feed of releases."""
    return httpx.get(f"{latest}/v1/releases.atom").content


def test_feed_reader(latest: str, feed: bytes) -> None:
    """A feed reader finds an entry for each release, newest first, with a working link."""
    found = feedparser.parse(feed)
    assert (found.version, bool(found.bozo)) == ("atom10", False)
    releases = httpx.get(f"{latest}/v1/releases").json()["data"]
    assert [entry.title for entry in found.entries] == [f"Release {one['version']}" for one in releases]
    assert [entry.summary for entry in found.entries] == [one["note"] for one in releases]
    for entry in found.entries:
        assert httpx.head(entry.link.replace(PUBLIC, latest)).status_code == 200


def test_feed_is_as_rfc_4287_says(feed: bytes) -> None:
    """The feed and its entries have each required element exactly once (4.1), and URIs as ids."""
    root = ET.fromstring(feed)  # noqa: S314 - our own
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    ids = []
    for element in (root, *entries):
        for name in ONCE:
            assert len(element.findall(ATOM + name)) == 1, name
            assert element.findtext(ATOM + name)
        ids.append(element.findtext(f"{ATOM}id") or "")
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo is not None
        # No two alternates share a type and language (4.1.1, 4.1.2).
        links = [
            (link.get("rel", "alternate"), link.get("type"), link.get("hreflang"))
            for link in element.findall(f"{ATOM}link")
        ]
        assert len(links) == len(set(links)) > 0
    assert len(set(ids)) == len(ids)
    assert all(urlsplit(one).scheme for one in ids)
    # There's an author for the feed or each entry, a self link (4.1.1), and an alternate or content (4.1.2).
    assert root.find(f"{ATOM}author/{ATOM}name") is not None or all(
        entry.find(f"{ATOM}author/{ATOM}name") is not None for entry in entries
    )
    (itself,) = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert itself == f"{PUBLIC}/v1/releases.atom"
    assert all(
        entry.find(f"{ATOM}content") is not None
        or any(link.get("rel", "alternate") == "alternate" for link in entry.findall(f"{ATOM}link"))
        for entry in entries
    )

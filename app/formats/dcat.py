"""The dataset's description for catalogues: JSON-LD with schema.org and DCAT terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from app.database.current import ReleaseRow
from app.formats.citations import dataset_citation
from app.formats.lists import LIST_FORMATS
from app.seeds.collection import collection

MEDIA_TYPE = "application/ld+json"

CONTEXT = {
    "@vocab": "https://schema.org/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{name: {"@type": "@id"} for name in ("url", "license", "contentUrl", "isPartOf")},
    "datePublished": {"@type": "xsd:dateTime"},
}
"""The JSON-LD context, embedded in the document so that readers don't need another server."""


@dataclass(frozen=True)
class Download:
    """A file with a whole release, or with all its figures or incidents."""

    address: str
    title: str
    media_type: str


DOWNLOADS = {
    prefix + name: Download(f"/v1/{noun}?format={name}", f"All {noun} as {found.label}", found.media_type)
    for prefix, noun in (("", "figures"), ("incidents_", "incidents"))
    for name, found in LIST_FORMATS.items()
} | {"export": Download("/v1/export.zip", "Everything as a data package of CSV files", "application/zip")}
"""The downloads of the dataset, by their names in its links."""

ADDRESSES = {
    "self": "/v1/dataset",
    "jsonld": "/v1/dataset?format=jsonld",
    "figures": "/v1/figures",
    "incidents": "/v1/incidents",
    **{name: download.address for name, download in DOWNLOADS.items()},
    "forces": "/v1/forces",
    "sources": "/v1/sources",
    "codes": "/v1/codes",
}
"""Where to find the dataset in every format, and its reference data."""


def pinned(address: str, version: str | None) -> str:
    """Return an address with the release pinned; unchanged if there is no version."""
    return f"{address}{'&' if '?' in address else '?'}release={version}" if version else address


def links(version: str, pin: str | None) -> dict[str, str]:
    """Return the dataset's links for a release; `pin` is the release that the request pinned, if any."""
    return {name: pinned(address, pin) for name, address in ADDRESSES.items()} | {
        "changes": f"/v1/releases/{version}/changes",
        "releases": "/v1/releases",
        "feed": "/v1/releases.atom",
    }


@dataclass(frozen=True)
class Place:
    """An area that records are about, or a force standing in for the area it polices."""

    id: str
    name: str
    is_area: bool
    ons_code: str | None


@dataclass(frozen=True)
class Description:
    """The facts about a release that catalogues need."""

    release: ReleaseRow
    start: date | None
    end: date | None
    places: Sequence[Place]
    public: str

    @property
    def address(self) -> str:
        """The URL of the dataset in this release."""
        return f"{self.public}/v1/dataset?release={self.release.version}"


def report_errors(public: str) -> str:
    """Return how to report an error in the dataset."""
    whom = collection().contact or "the people who run this server, or open an issue in the dataset's repository"
    return (
        f"Contact {whom}. Say which record it is, in which release, and which passage of the source says something "
        f"else. Corrections are published with their reasons at {public}/v1/releases."
    )


def linked_data(of: Description) -> bytes:
    """Return the description of a release as JSON-LD."""
    about = collection()
    downloads = [_distribution(of, download) for download in DOWNLOADS.values()]
    places = [_place(of, place) for place in of.places]
    creator = {"@id": f"{of.public}/#contributors"}
    citation = dataset_citation(of.release.version, of.release.published_at, of.public)
    document = {
        "@context": CONTEXT,
        "@id": of.address,
        "@type": ["Dataset", "dcat:Dataset"],
        "name": about.title,
        "alternateName": about.name,
        "description": about.description,
        "url": of.address,
        "license": about.licence.url,
        "version": of.release.version,
        "datePublished": of.release.published_at.isoformat(),
        "keywords": about.keywords,
        "inLanguage": "en-GB",
        "isAccessibleForFree": True,
        "identifier": {
            "@type": "PropertyValue",
            "propertyID": "SHA-256 of the canonical form",
            "value": of.release.digest,
        },
        "creator": {
            **creator,
            "@type": ["Organization", "foaf:Agent"],
            "name": about.creator,
            "foaf:name": about.creator,
        },
        "publisher": creator,
        "citation": citation,
        "spatialCoverage": places,
        "distribution": downloads,
        "dcterms:title": about.title,
        "dcterms:description": about.description,
        "dcterms:identifier": of.address,
        "dcterms:isVersionOf": {"@id": f"{of.public}/v1/dataset"},
        "dcterms:license": {"@id": about.licence.url},
        "dcterms:creator": creator,
        "dcterms:publisher": creator,
        "dcterms:issued": {"@value": of.release.published_at.isoformat(), "@type": "xsd:dateTime"},
        "dcterms:spatial": [{"@id": place["@id"]} for place in places],
        "dcterms:bibliographicCitation": citation,
        "dcat:version": of.release.version,
        "dcat:keyword": about.keywords,
        "dcat:landingPage": {"@id": f"{of.public}/"},
        "dcat:distribution": [{"@id": download["@id"]} for download in downloads],
        **_period(of),
    }
    return orjson.dumps(document)


def _period(of: Description) -> dict[str, Any]:
    """Describe the period covered by the records; empty if no record has a date."""
    if of.start is None or of.end is None:
        return {}
    days = {"dcat:startDate": of.start, "dcat:endDate": of.end}
    period = {name: {"@value": day.isoformat(), "@type": "xsd:date"} for name, day in days.items()}
    return {
        "temporalCoverage": f"{of.start}/{of.end}",
        "dcterms:temporal": {"@type": "dcterms:PeriodOfTime", **period},
    }


def _place(of: Description, place: Place) -> dict[str, Any]:
    name = place.name if place.is_area else f"The area policed by {place.name}"
    described = {"@id": f"{of.public}/v1/forces/{place.id}#area", "@type": "AdministrativeArea", "name": name}
    return described | ({"identifier": place.ons_code} if place.ons_code else {})


def _distribution(of: Description, download: Download) -> dict[str, Any]:
    address = of.public + pinned(download.address, of.release.version)
    return {
        "@id": f"{address}#download",
        "@type": ["DataDownload", "dcat:Distribution"],
        "name": download.title,
        "contentUrl": address,
        "encodingFormat": download.media_type,
        "license": collection().licence.url,
        "dcterms:title": download.title,
        "dcterms:license": {"@id": collection().licence.url},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{download.media_type}"},
    }

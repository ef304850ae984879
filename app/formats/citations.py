"""Citations of records and of the dataset: a sentence, CSL-JSON for reference managers, BibTeX.

A citation is of a record in one release. Its permalink pins that release, so readers find what was cited even if
the record has been corrected since.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from app.database.reference import Reference
from app.releases.origins import attribution
from app.releases.rendering import PUBLIC_ADDRESS
from app.seeds.collection import collection


@dataclass(frozen=True)
class Citation:
    """The parts of a record's citation."""

    id: str
    statement: str
    attribution: str
    """Who counted, then who reported it, with title, date and URL."""
    version: str
    released_at: datetime
    permalink: str

    @property
    def key(self) -> str:
        """The citation key, the same in every release and format."""
        return f"upheld-{self.id}"

    @property
    def title(self) -> str:
        """The statement without its full stop, which citation styles add themselves."""
        return self.statement.removesuffix(".")

    @property
    def note(self) -> str:
        """The source, as a note."""
        return f"Source: {self.attribution}"


def to_csl(citation: Citation) -> bytes:
    """Return a citation as a CSL-JSON item."""
    day = citation.released_at
    item = {
        "id": citation.key,
        "type": "dataset",
        "title": citation.title,
        "author": [{"literal": collection().creator}],
        "container-title": collection().title,
        "publisher": collection().name,
        "version": citation.version,
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "URL": citation.permalink,
        "language": "en-GB",
        "note": citation.note,
    }
    return orjson.dumps(item)


TEX = str.maketrans(
    {
        **{char: f"\\{char}" for char in "#$%&_"},
        # BibTeX counts braces and can't escape them, so the text must not contain any.
        "{": r"{\textbraceleft}",
        "}": r"{\textbraceright}",
        "\\": r"{\textbackslash}",
        "^": r"{\textasciicircum}",
        "~": r"{\textasciitilde}",
        "<": r"{\textless}",
        ">": r"{\textgreater}",
        "|": r"{\textbar}",
    }
)
"""Replacements for TeX's special characters."""


def to_bibtex(citation: Citation) -> bytes:
    """Return a citation as an entry for BibTeX or biblatex.

    Titles and authors get a second pair of braces, so that styles don't change their case or split names.
    """

    def braced(text: str) -> str:
        return f"{{{text.translate(TEX)}}}"

    fields = {
        "author": f"{{{braced(collection().creator)}}}",
        "title": f"{{{braced(citation.title)}}}",
        "howpublished": braced(f"{collection().title}, release {citation.version}"),
        "version": braced(citation.version),
        "year": braced(str(citation.released_at.year)),
        # Not in braces: every bibliography style defines the names `jan` to `dec`.
        "month": f"{citation.released_at:%b}".lower(),
        # Not escaped: styles print it with a command that takes every character literally.
        "url": f"{{{citation.permalink}}}",
        "note": braced(citation.note),
    }
    lines = "".join(f"  {name} = {value},\n" for name, value in fields.items())
    return f"@misc{{{citation.key},\n{lines}}}\n".encode()


@dataclass(frozen=True)
class CitationFormat:
    """A format in which a record can be cited."""

    media_type: str
    description: str
    json_type: str
    """The JSON Schema type of the body."""
    write: Callable[[Citation], bytes]


CITATION_FORMATS = {
    "csl": CitationFormat(
        "application/vnd.citationstyles.csl+json", "An item of CSL-JSON, for reference managers.", "object", to_csl
    ),
    "bibtex": CitationFormat("application/x-bibtex", "An entry for BibTeX or biblatex.", "string", to_bibtex),
}
"""Every citation format, for the `format` parameter of records and its OpenAPI description."""

RECORD_MEDIA_TYPES = {"json": "application/json"} | {
    name: found.media_type for name, found in CITATION_FORMATS.items()
}
"""The media type of each value of `format` on a record."""


def dataset_citation(version: str, released_at: datetime, public: str) -> str:
    """Return a sentence that cites a release of the whole dataset."""
    by, title = collection().creator, collection().title
    return f"{by} ({released_at.year}). {title}, release {version}. {public}/v1/dataset?release={version}"


def cite(record: Mapping[str, Any], reference: Reference) -> Citation:
    """Return the citation of a record as the API returns it, crediting the sources that its links point to."""
    counter, report = (reference.sources[record["links"][link].rpartition("/")[2]] for link in ("origin", "source"))
    version = reference.release.version
    return Citation(
        id=record["id"],
        statement=record["statement"],
        attribution=attribution(counter, report, titled=True),
        version=version,
        released_at=reference.release.published_at,
        permalink=f"{PUBLIC_ADDRESS}{record['links']['html']}?release={version}",
    )

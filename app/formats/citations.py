"""Records and the dataset as others cite them: a sentence, CSL-JSON for reference managers, BibTeX. Pure.

A citation is of a record as it stood in one release: its permalink pins that release, so that whoever follows
it finds what was cited, whatever has been corrected since.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import orjson

NAME = "Upheld"
TITLE = "Upheld: police-misconduct figures"
CREATOR = "Upheld contributors"


@dataclass(frozen=True)
class Cited:
    """What a citation of a record says."""

    id: str
    statement: str
    source_title: str
    source_publisher: str
    source_date: str | None
    """As finely as it is known: 2021-03-22, 2021-10 or 2021."""
    source_url: str | None
    version: str
    released_at: datetime
    permalink: str

    @property
    def key(self) -> str:
        """What the record goes by in other people's files: the same in every release and every form."""
        return f"upheld-{self.id}"

    @property
    def title(self) -> str:
        """Return the statement as a title, to which each style adds its own full stop."""
        return self.statement.removesuffix(".")

    @property
    def stated_by(self) -> str:
        """Who states it and where, in a sentence."""
        parts = [f"\u201c{self.source_title}\u201d", self.source_date or "undated", self.source_url]
        return f"As stated by {self.source_publisher}: {', '.join(part for part in parts if part)}"


def to_csl(cited: Cited) -> bytes:
    """Write a citation as an item of CSL-JSON, the form that reference managers exchange."""
    day = cited.released_at
    item = {
        "id": cited.key,
        "type": "dataset",
        "title": cited.title,
        "author": [{"literal": CREATOR}],
        "container-title": TITLE,
        "publisher": NAME,
        "version": cited.version,
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "URL": cited.permalink,
        "language": "en-GB",
        "note": cited.stated_by,
    }
    return orjson.dumps(item)


TEX = str.maketrans(
    {
        **{char: f"\\{char}" for char in "#$%&_"},
        # BibTeX counts braces and knows no escape for them, so the text must not hold any.
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
"""The characters that mean something to TeX, as it prints them."""

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""The months by the names that every bibliography style defines."""


def to_bibtex(cited: Cited) -> bytes:
    """Write a citation as an entry for BibTeX or biblatex.

    A second pair of braces keeps styles from changing the case of names and from taking an author apart.
    """

    def braced(text: str) -> str:
        return f"{{{text.translate(TEX)}}}"

    fields = {
        "author": f"{{{braced(CREATOR)}}}",
        "title": f"{{{braced(cited.title)}}}",
        "howpublished": braced(f"{TITLE}, release {cited.version}"),
        "version": braced(cited.version),
        "year": braced(str(cited.released_at.year)),
        "month": MONTHS[cited.released_at.month - 1],
        # An address stands as it is: it is set by a command that takes every character literally.
        "url": f"{{{cited.permalink}}}",
        "note": braced(cited.stated_by),
    }
    lines = "".join(f"  {name} = {value},\n" for name, value in fields.items())
    return f"@misc{{{cited.key},\n{lines}}}\n".encode()


@dataclass(frozen=True)
class CitationForm:
    """A form in which a record is cited."""

    media_type: str
    write: Callable[[Cited], bytes]


CITATION_FORMS = {
    "csl": CitationForm("application/vnd.citationstyles.csl+json", to_csl),
    "bibtex": CitationForm("application/x-bibtex", to_bibtex),
}


def of_dataset(version: str, released_at: datetime, public: str) -> str:
    """Return the sentence by which a release of the whole dataset is cited."""
    return f"{CREATOR} ({released_at.year}). {TITLE}, release {version}. {public}/v1/dataset?release={version}"

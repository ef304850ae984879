"""A release as a data package: CSV files that know their keys, in one zip file. Nothing is held whole. Pure.

https://specs.frictionlessdata.io/data-package/ says what a data package is; the CSV is that of the lists. One
release makes the same bytes every time: rows stand in the order of their keys, and the files bear the date of the
release.
"""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
from pydantic import BaseModel, Field

from app.database.reference import ReleaseRow
from app.domain.records import Evidence, Id
from app.formats.citations import CREATOR, TITLE, of_dataset
from app.formats.columns import FIGURE_COLUMNS, INCIDENT_COLUMNS, Column, columns
from app.formats.csv import csv_rows, header
from app.formats.dcat import DESCRIPTION, KEYWORDS, LICENCE, report_errors
from app.formats.resources import CodeAnswer, ForceAnswer, SourceAnswer
from app.releases.rendering import PUBLIC_ADDRESS, FigureAnswer, IncidentAnswer

Node = Mapping[str, Any]

MANY_RECORDS = 200_000
"""Records from which a file might outgrow the two gigabytes that every tool can unpack."""

STATED = ("allegation", "stage", "outcome")
"""Columns whose words are those of a tree that belongs to the release."""


class EvidenceRow(Evidence):
    """Where in which source a record stands; one row for each passage."""

    record_id: Id = Field(description="The record that stands there.")
    position: int = Field(description="Its place among the passages of the record, from 0.")
    figure_id: Id | None = Field(description="The record's id again, if it is a figure.")
    incident_id: Id | None = Field(description="The record's id again, if it is an incident.")


class CodeRow(CodeAnswer):
    """A word that records use."""

    list: str = Field(
        description="The tree or list that it belongs to; `breakdown.` and the dimension for a category."
    )


@dataclass(frozen=True)
class Table:
    """A file of the package: what its rows are, their columns and their keys."""

    name: str
    title: str
    model: type[BaseModel]
    columns: Sequence[Column]
    primary_key: Sequence[str]
    foreign_keys: Mapping[str, str]
    """Columns that name rows of a table by their ids; a table of its own goes by no name."""


def _leading(model: type[BaseModel], *first: str) -> list[Column]:
    """Return the columns of a model with some of them first."""
    return sorted(
        columns(model), key=lambda column: first.index(column.header) if column.header in first else len(first)
    )


TABLES = {
    table.name: table
    for table in (
        Table(
            "figures",
            "Figures: complaints, proceedings and outcomes",
            FigureAnswer,
            FIGURE_COLUMNS,
            ["id"],
            {"force_id": "forces", "base_id": ""},
        ),
        Table("incidents", "Incidents", IncidentAnswer, INCIDENT_COLUMNS, ["id"], {"force_id": "forces"}),
        Table(
            "evidence",
            "Evidence: where each record stands",
            EvidenceRow,
            _leading(EvidenceRow, "record_id", "position", "figure_id", "incident_id"),
            ["record_id", "position"],
            {"figure_id": "figures", "incident_id": "incidents", "source": "sources"},
        ),
        Table("forces", "Police forces and areas", ForceAnswer, columns(ForceAnswer), ["id"], {"part_of": ""}),
        Table("sources", "Sources", SourceAnswer, columns(SourceAnswer), ["id"], {"origin": ""}),
        Table("codes", "Codes and closed lists", CodeRow, _leading(CodeRow, "list"), ["list", "id"], {}),
    )
}
"""The files of the package, in its order."""


@dataclass(frozen=True)
class Cautions:
    """How much there is of what a careful reader has to look out for."""

    figures: int
    incidents: int
    undated: int
    inferred: int
    without_number: int
    not_exact: int
    open_base: int
    passages: int
    disputed: int


@dataclass(frozen=True)
class Contents:
    """What a package says of the release that it holds."""

    release: ReleaseRow
    public: str
    cautions: Cautions
    codes: Mapping[str, Sequence[CodeAnswer]]
    sources: Sequence[SourceAnswer]

    @property
    def citation(self) -> str:
        """The sentence by which the package is cited."""
        return of_dataset(self.release.version, self.release.published_at, self.public)


def code_rows(codes: Mapping[str, Sequence[CodeAnswer]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the codes; each dimension of the breakdowns is a list of its own."""
    for name, words in codes.items():
        for word in words:
            row = word.model_dump(mode="json")
            yield row | (
                {"list": f"{name}.{word.parent}", "parent": None} if name == "breakdown" else {"list": name}
            )


def descriptor(contents: Contents, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Describe the package; `files` says how large each table's file is, and its digest, where that is known."""
    return {
        "profile": "tabular-data-package",
        "name": "upheld",
        "title": TITLE,
        "description": DESCRIPTION,
        "version": contents.release.version,
        "id": f"{contents.public}/v1/export.zip?release={contents.release.version}",
        "homepage": f"{contents.public}/",
        "created": contents.release.published_at.isoformat(),
        "keywords": list(KEYWORDS),
        "citation": contents.citation,
        "digest": contents.release.digest,
        "licenses": [{"name": "MIT", "title": "MIT License", "path": LICENCE}],
        "contributors": [{"title": CREATOR, "role": "author"}],
        "sources": [
            {"title": f"{source.publisher}: {source.title}"} | ({"path": source.url} if source.url else {})
            for source in contents.sources
        ],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": table.name,
                "title": table.title,
                "path": f"{table.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                **files.get(table.name, {}),
                "schema": _schema(table, contents.codes),
            }
            for table in TABLES.values()
        ],
    }


def _schema(table: Table, codes: Mapping[str, Sequence[CodeAnswer]]) -> dict[str, Any]:
    document = table.model.model_json_schema(mode="serialization")
    of_records = table.name in {"figures", "incidents"}
    trees = {name: [code.id for code in codes[name]] for name in STATED} if of_records else {}
    return {
        "fields": [_field(column, document, table, trees) for column in table.columns],
        "missingValues": [""],
        "primaryKey": list(table.primary_key),
        "foreignKeys": [
            {"fields": [column], "reference": {"resource": target, "fields": ["id"]}}
            for column, target in table.foreign_keys.items()
        ],
    }


def _field(column: Column, document: Node, table: Table, trees: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Describe a column by what its model says of it."""
    node, nullable = document, False
    for step in column.path:
        (whole,) = _alternatives(node, document)
        node = whole["properties"][step]
        nullable = nullable or any(one == {"type": "null"} for one in _alternatives(node, document, nulls=True))
    found = _alternatives(node, document)
    description = node.get("description") or found[0]["description"]
    kinds = {one.get("type", "string") for one in found}
    words = trees.get(column.header) or next((one["enum"] for one in found if "enum" in one), None)
    plain = kinds <= {"string", "number", "integer", "boolean"}
    limits: dict[str, Any] = {"enum": list(words)} if words and plain else {}
    if column.header in table.primary_key or (plain and not nullable):
        limits["required"] = True
    described = {"name": column.header, "type": _type(column, found, kinds), "description": description}
    return described | ({"constraints": limits} if limits else {})


def _type(column: Column, found: Sequence[Node], kinds: set[str]) -> str:
    """Return the type of a column in Table Schema: lists are text, joined with `|`, unless they are JSON."""
    if column.is_json:
        return "array"
    if not kinds <= {"string", "number", "integer", "boolean"}:
        return "string"
    if kinds == {"string"}:
        return {"date": "date", "date-time": "datetime"}.get(found[0].get("format", ""), "string")
    return kinds.pop() if len(kinds) == 1 else "number"


def _alternatives(node: Node, document: Node, *, nulls: bool = False) -> list[Node]:
    """Return what a node of a JSON Schema may be, references followed, null left out unless it is asked for."""
    if "$ref" in node:
        return _alternatives(document["$defs"][node["$ref"].rpartition("/")[2]], document, nulls=nulls)
    if "anyOf" in node:
        return [one for below in node["anyOf"] for one in _alternatives(below, document, nulls=nulls)]
    return [node] if nulls or node.get("type") != "null" else []


def readme(contents: Contents) -> str:
    """Write what whoever opens the package should read first."""
    files = "\n".join(f"- `{table.name}.csv`: {table.title}." for table in TABLES.values())
    cautions = "\n".join(f"- {line}" for line in [*_counted(contents.cautions), *ALWAYS])
    return f"""# {TITLE}

Release {contents.release.version} of {contents.release.published_at:%Y-%m-%d}. {contents.release.note}

{DESCRIPTION}

## Cite it

{contents.citation}

Cite a single figure by its `citation`, a ready sentence that names the release. The facts are those of the
publishers in `sources.csv`: name them too. The dataset, in our words, is under the MIT licence ({LICENCE});
the articles belong to their publishers and are not part of it.

SHA-256 of the release in its canonical form: {contents.release.digest}

## Before you quote a number

{cautions}

## Files

{files}
- `datapackage.json`: what each column means, its type, and how the tables hang together.

The CSV is that of the API: a header row, RFC 4180, UTF-8. Nested fields are flattened with `_`; lists of strings
are joined with `|` (a `|` inside is written `\\|`, a `\\` is written `\\\\`); `evidence` and `related` are JSON. An
apostrophe stands before a text that a spreadsheet would run as a formula. An empty cell is null or an empty list;
`value_status` says why a number is not there.

## Found an error?

{report_errors(contents.public)}
"""


def _counted(of: Cautions) -> Iterator[str]:
    """Yield what this very release gives reason to look out for."""
    records = of.figures + of.incidents
    for number, whole, text in (
        (of.without_number, of.figures, "figures have no number, which is not zero; `value_status` says why."),
        (of.not_exact, of.figures, "figures are not exact; see `qualifier`."),
        (of.open_base, of.figures, "figures leave open of what they are a share; see `base_candidates`."),
        (of.inferred, records, "records have a period that is inferred, not stated; see `period_basis`."),
        (of.undated, records, "records have no date; they are not outside of whatever period you look at."),
        (
            of.disputed,
            records,
            "records are disputed by another source; see the role `disputes` in `evidence.csv`.",
        ),
    ):
        if number:
            yield f"{number} of {whole} {text}"


ALWAYS = (
    "Figures may lie inside one another: do not add them up. `base_id` and `related` say how they hang together.",
    "A share is a share of its base and of nothing else; `share` is empty wherever it would need a guess.",
    "A complaint is not an officer: look at `unit` and `subjects` before you add, divide or compare.",
    "Upheld is not dismissed, and alleged is not found: see `outcome` and `standing`.",
    "No record is not zero: what no source states is not here.",
)
"""What to look out for in every release."""


class _Outlet(io.RawIOBase):
    """A file that only hands on what is written to it."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:  # noqa: ANN401 - whatever holds bytes
        self.waiting += piece
        return len(piece)

    def take(self) -> bytes:
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken


class _Member:
    """A CSV file of the package while it is written: how large it is, and its digest."""

    def __init__(self, file: IO[bytes], table: Table, public: str) -> None:
        self.file, self.table, self.public = file, table, public
        self.size, self.sha256 = 0, hashlib.sha256()
        self.put(header(table.columns))

    def add(self, documents: Iterable[str]) -> None:
        self.put(csv_rows(documents, self.table.columns))

    def put(self, text: str) -> None:
        piece = text.replace(PUBLIC_ADDRESS, self.public).encode()
        self.size += self.file.write(piece)
        self.sha256.update(piece)

    @property
    def described(self) -> dict[str, Any]:
        return {"bytes": self.size, "hash": f"sha256:{self.sha256.hexdigest()}"}


async def zipped(contents: Contents, tables: Mapping[str, AsyncIterator[Sequence[str]]]) -> AsyncIterator[bytes]:
    """Write the package piece by piece, from the rows of each table as documents in JSON, in batches."""
    outlet = _Outlet()
    cautions = contents.cautions
    large = cautions.figures + cautions.incidents > MANY_RECORDS
    files = {}
    with ZipFile(outlet, "w") as archive:
        archive.writestr(_entry("README.md", contents), readme(contents))
        for name, table in TABLES.items():
            with archive.open(_entry(f"{name}.csv", contents), "w", force_zip64=large) as file:
                member = _Member(file, table, contents.public)
                async for documents in tables[name]:
                    await asyncio.to_thread(member.add, documents)
                    # An empty piece would end the answer.
                    if outlet.waiting:
                        yield outlet.take()
            files[name] = member.described
        # Last, because it says how large the others are.
        described = orjson.dumps(descriptor(contents, files), option=orjson.OPT_INDENT_2)
        archive.writestr(_entry("datapackage.json", contents), described)
    yield outlet.take()


def _entry(name: str, contents: Contents) -> ZipInfo:
    """Return how a file is entered: nothing of the machine or of the moment that writes it."""
    at = contents.release.published_at.astimezone(UTC)
    entry = ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
    entry.compress_type = ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry

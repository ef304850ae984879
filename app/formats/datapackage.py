"""A release as a data package: its tables, descriptions of their columns, and a README.

See https://specs.frictionlessdata.io/data-package/. `app.formats.archive` writes the files.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from app.database.current import ReleaseRow
from app.domain.fields import Id
from app.domain.records import Evidence
from app.domain.trees import TREES
from app.formats.citations import dataset_citation
from app.formats.columns import FIGURE_COLUMNS, INCIDENT_COLUMNS, Column, columns
from app.formats.dcat import report_errors
from app.formats.resources import CodeAnswer, ForceAnswer, HeadcountRow, SourceAnswer
from app.releases.rendering import FigureAnswer, IncidentAnswer
from app.seeds.collection import collection

Node = Mapping[str, Any]

SIMPLE_TYPES = frozenset({"string", "number", "integer", "boolean"})
"""JSON Schema types that go into a cell unchanged."""


class EvidenceRow(Evidence):
    """Where a source states a record: one row for each passage."""

    record_id: Id = Field(description="The record that the passage is evidence for.")
    position: int = Field(description="Its position among the passages of the record, counted from 0.")
    figure_id: Id | None = Field(description="The record's id, if it is a figure.")
    incident_id: Id | None = Field(description="The record's id, if it is an incident.")


class CodeRow(CodeAnswer):
    """A code or a word of a closed list."""

    list: str = Field(description="Its tree or closed list; for a category, `breakdown.` and the dimension.")


@dataclass(frozen=True)
class Table:
    """A CSV file in the package."""

    name: str
    title: str
    model: type[BaseModel]
    columns: Sequence[Column]
    primary_key: Sequence[str]
    foreign_keys: Mapping[str, str]
    """The table that each foreign-key column refers to; an empty name means this table."""


def _leading(model: type[BaseModel], *first: str) -> list[Column]:
    """Return the columns of a model, with the named ones first."""
    order = {header: position for position, header in enumerate(first)}
    return sorted(columns(model), key=lambda column: order.get(column.header, len(first)))


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
            "Evidence: where sources state each record",
            EvidenceRow,
            _leading(EvidenceRow, "record_id", "position", "figure_id", "incident_id"),
            ["record_id", "position"],
            {"figure_id": "figures", "incident_id": "incidents", "source": "sources", "origin": "sources"},
        ),
        Table("forces", "Police forces and areas", ForceAnswer, columns(ForceAnswer), ["id"], {"part_of": ""}),
        Table(
            "workforce",
            "Workforce: how many people worked for each force",
            HeadcountRow,
            _leading(HeadcountRow, "force", "as_at", "worker_type"),
            ["force", "as_at", "worker_type"],
            {"force": "forces", "source": "sources"},
        ),
        Table("sources", "Sources", SourceAnswer, columns(SourceAnswer), ["id"], {"origin": ""}),
        Table("codes", "Codes and closed lists", CodeRow, _leading(CodeRow, "list"), ["list", "id"], {}),
    )
}
"""The tables of the package, in order."""


@dataclass(frozen=True)
class WarningCounts:
    """The number of records and passages, and how many need a warning."""

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
    """What a package contains and says about its release."""

    release: ReleaseRow
    public: str
    counts: WarningCounts
    codes: Mapping[str, Sequence[CodeAnswer]]
    sources: Sequence[SourceAnswer]

    @property
    def citation(self) -> str:
        """A sentence that cites the release."""
        return dataset_citation(self.release.version, self.release.published_at, self.public)


def code_rows(codes: Mapping[str, Sequence[CodeAnswer]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the codes table. Each dimension of the breakdowns becomes a separate list."""
    for name, entries in codes.items():
        for entry in entries:
            row = entry.model_dump(mode="json")
            if name == "breakdown":
                yield row | {"list": f"{name}.{entry.parent}", "parent": None}
            else:
                yield row | {"list": name}


def descriptor(contents: Contents, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the contents of `datapackage.json`; `files` has the size and digest of each table's file, if known."""
    about = collection()
    return {
        "profile": "tabular-data-package",
        "name": "upheld",
        "title": about.title,
        "description": about.description,
        "version": contents.release.version,
        "id": f"{contents.public}/v1/export.zip?release={contents.release.version}",
        "homepage": f"{contents.public}/",
        "created": contents.release.published_at.isoformat(),
        "keywords": about.keywords,
        "citation": contents.citation,
        "digest": contents.release.digest,
        "licenses": [{"name": about.licence.id, "title": about.licence.name, "path": about.licence.url}],
        "contributors": [{"title": about.creator, "role": "author"}],
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
    """Return the Table Schema of a table."""
    document = table.model.model_json_schema(mode="serialization")
    holds_records = table.name in {"figures", "incidents"}
    trees = {name: [code.id for code in codes[name]] for name in TREES} if holds_records else {}
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
    """Describe a column from the JSON Schema of its table's model."""
    node, nullable = document, False
    for name in column.path:
        (parent,) = _alternatives(node, document)
        node = parent["properties"][name]
        nullable = nullable or {"type": "null"} in _alternatives(node, document, nulls=True)
    alternatives = _alternatives(node, document)
    types = {alternative.get("type", "string") for alternative in alternatives}
    allowed = trees.get(column.header) or next((one["enum"] for one in alternatives if "enum" in one), None)
    is_simple = types <= SIMPLE_TYPES
    constraints: dict[str, Any] = {"enum": list(allowed)} if allowed and is_simple else {}
    if column.header in table.primary_key or (is_simple and not nullable):
        constraints["required"] = True
    return {
        "name": column.header,
        "type": "array" if column.is_json else _type(alternatives, types),
        "description": node.get("description") or alternatives[0]["description"],
        **({"constraints": constraints} if constraints else {}),
    }


def _type(alternatives: Sequence[Node], types: set[str]) -> str:
    """Return a column's Table Schema type. Lists and mappings are strings, joined with `|`."""
    if not types <= SIMPLE_TYPES:
        return "string"
    if types == {"string"}:
        return {"date": "date", "date-time": "datetime"}.get(alternatives[0].get("format", ""), "string")
    return next(iter(types)) if len(types) == 1 else "number"


def _alternatives(node: Node, document: Node, *, nulls: bool = False) -> list[Node]:
    """Return the alternatives of a JSON Schema, with references resolved; leave out null unless `nulls`."""
    if "$ref" in node:
        return _alternatives(document["$defs"][node["$ref"].rpartition("/")[2]], document, nulls=nulls)
    if "anyOf" in node:
        return [found for option in node["anyOf"] for found in _alternatives(option, document, nulls=nulls)]
    return [node] if nulls or node.get("type") != "null" else []


def readme(contents: Contents) -> str:
    """Return the README of the package."""
    files = "\n".join(f"- `{table.name}.csv`: {table.title}." for table in TABLES.values())
    warnings = "\n".join(f"- {line}" for line in [*_warnings(contents.counts), *GENERAL_WARNINGS])
    about = collection()
    return f"""# {about.title}

Release {contents.release.version} of {contents.release.published_at:%Y-%m-%d}. {contents.release.note}

{about.description}

## How to cite it

{contents.citation}

To cite a single figure, use its `citation`: a complete sentence that names the release. The facts come from the
publishers in `sources.csv`, so name them too. The dataset is written in our own words and published under the
{about.licence.name} ({about.licence.url}). The articles belong to their publishers and are not included.

SHA-256 of the release in its canonical form: {contents.release.digest}

## Before you quote a number

{warnings}

## Files

{files}
- `datapackage.json`: the meaning and type of every column, and how the tables refer to each other.

The CSV files are the same as the API's: RFC 4180, UTF-8, with a header row. Nested fields are flattened with `_`.
Lists are joined with `|` (inside an item, `|` is written `\\|` and `\\` is written `\\\\`). `evidence` and
`related` are JSON. Text that a spreadsheet would run as a formula has an apostrophe before it. An empty cell is
null or an empty list; where a number is missing, `value_status` says why.

## Found an error?

{report_errors(contents.public)}
"""


def _warnings(counts: WarningCounts) -> Iterator[str]:
    """Yield the warnings that apply to this release, with counts."""
    records = counts.figures + counts.incidents
    for number, total, text in (
        (
            counts.without_number,
            counts.figures,
            "figures have no number, which is not zero. `value_status` says why.",
        ),
        (counts.not_exact, counts.figures, "figures are not exact. See `qualifier`."),
        (
            counts.open_base,
            counts.figures,
            "figures don't say clearly what they are a share of. See `base_candidates`.",
        ),
        (counts.inferred, records, "records have a period that we inferred. See `period_basis`."),
        (counts.undated, records, "records have no date. They may fall in any period, including yours."),
        (
            counts.disputed,
            records,
            "records are disputed by another source: role `disputes` in `evidence.csv`.",
        ),
    ):
        if number:
            yield f"{number} of {total} {text}"


GENERAL_WARNINGS = (
    "Some figures include others, so do not add them up. `base_id` and `related` say which ones overlap.",
    "A share is a share of its base only. `share` is empty where working it out would take a guess.",
    "A complaint is not an officer. Check `unit` and `subjects` before you add, divide or compare.",
    "Upheld does not mean dismissed, and alleged does not mean found. See `outcome` and `standing`.",
    "No record does not mean zero: the dataset holds only what a source states.",
)
"""Warnings that apply to every release."""

"""The data dictionary: every table, every column, every rule that PostgreSQL itself enforces.

A release owns its rows, reference data and code trees included. They never change: a load writes a new release
beside the others and moves `current_release` in the same transaction.

Tables have the columns that queries filter, order or join by; everything else about a record is in its `document`.
Closed lists are checked when the seeds are read, so the rules here only check a row's shape and its references.
"""

from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from app.database.search import VECTOR
from app.domain.trees import TREES

OPEN_END = date.max
"""The stored last day of a period without an end; it sorts after all others."""

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

WORD = Text(collation="C")
"""Text that sorts by code point, so that ids have the same order on every server."""

WORDS = ARRAY(WORD)

required = partial(Column, nullable=False)
key = partial(Column, primary_key=True, autoincrement=False)


def rule(condition: str, name: str) -> CheckConstraint:
    """Return a check constraint; as always in SQL, a condition that is null passes."""
    return CheckConstraint(condition, name=name)


def same_release(target: str, column: str) -> ForeignKeyConstraint:
    """Tie a column to a row of the same release."""
    return ForeignKeyConstraint(["release_id", column], [f"{target}.release_id", f"{target}.id"])


def of_release() -> ForeignKeyConstraint:
    """Tie a row to its release; removing the release removes the row."""
    return ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE")


RELEASE = Table(
    "release",
    METADATA,
    Column("id", Integer, Identity(always=True), primary_key=True),
    required("version", WORD, unique=True),
    required("published_at", DateTime(timezone=True)),
    required("note", WORD),
    required("digest", WORD, comment="SHA-256 of the canonical JSON Lines"),
    required("rendering", WORD, comment="Revision of the code that wrote its rows, documents included"),
    required("row_counts", JSONB, comment="How many rows it has in each table, by table name"),
)
"""A version of the whole dataset; `dev` is what has not been released."""

CURRENT_RELEASE = Table(
    "current_release",
    METADATA,
    Column("is_only", Boolean, primary_key=True, server_default=text("true")),
    required("release_id", Integer),
    required(
        "chosen",
        Boolean,
        server_default=text("false"),
        comment="Chosen by hand; a newer release does not take its place",
    ),
    ForeignKeyConstraint(["release_id"], ["release.id"]),
    rule("is_only", "there_is_one"),
)
"""The one row that says which release answers requests that don't name one."""

CHANGE = Table(
    "change",
    METADATA,
    key("release_id", Integer),
    key("position", Integer),
    required("thing", WORD),
    required("id", WORD),
    required("type", WORD),
    Column("field", WORD),
    Column("old", WORD, comment="In JSON"),
    Column("new", WORD, comment="In JSON"),
    Column("reason", WORD),
    of_release(),
    Index("ix_change_thing", "id", "release_id"),
)
"""A change of one field, or of a whole thing, from the previous release to this one."""

TOMBSTONE = Table(
    "tombstone",
    METADATA,
    key("id", WORD),
    required("day", Date, comment="When it was removed"),
    required("reason", WORD),
)
"""A record that was removed from every release for legal reasons; none of its content is left."""

FORCE = Table(
    "force",
    METADATA,
    key("release_id", Integer),
    key("id", WORD),
    required("name", WORD),
    required("kind", WORD),
    Column("ons_code", WORD),
    Column("part_of", WORD),
    required("aliases", WORDS),
    of_release(),
    same_release("force", "part_of"),
)
"""A police force, or an area that contains several."""


def code_tree(name: str) -> Table:
    """Return the table of the codes of a tree; `position` keeps the curators' order."""
    return Table(
        name,
        METADATA,
        key("release_id", Integer),
        key("id", WORD),
        required("position", Integer),
        required("label", WORD),
        required("definition", WORD),
        Column("parent", WORD),
        required("parents", WORDS, comment="For a union, the codes that it unites"),
        required("aliases", WORDS),
        of_release(),
        same_release(name, "parent"),
    )


CODES = {tree: code_tree(tree) for tree in TREES}

CATEGORY = Table(
    "category",
    METADATA,
    key("release_id", Integer),
    key("dimension", WORD),
    key("id", WORD),
    required("position", Integer),
    required("label", WORD),
    required("definition", WORD),
    of_release(),
)
"""A category by which figures may be broken down."""

SOURCE = Table(
    "source",
    METADATA,
    key("release_id", Integer),
    key("id", WORD),
    required("title", WORD),
    required("publisher", WORD),
    Column("published_date", WORD, comment="As fine as its precision, e.g. 2021-10"),
    Column("published_precision", WORD),
    required("published_basis", WORD),
    Column("url", WORD),
    required("kind", WORD),
    Column("origin", WORD, comment="The source it goes back to"),
    Column("file", WORD, comment="Name of the held text; the text itself is not here"),
    Column("sha256", WORD),
    required("notes", WORDS),
    of_release(),
    same_release("source", "origin"),
)
"""A text that records are read from, or that other texts go back to."""

RULE_CHANGE = Table(
    "rule_change",
    METADATA,
    key("release_id", Integer),
    key("id", WORD),
    required("document", WORD, comment="The change as curated, in JSON"),
    of_release(),
)
"""A day on which the meaning of some measures changed."""

WORKFORCE = Table(
    "workforce",
    METADATA,
    key("release_id", Integer),
    key("force", WORD),
    key("as_at", Date),
    key("worker_type", WORD),
    required("headcount", Integer),
    Column("fte", Float, comment="Full-time equivalent; null if it is not known"),
    required("source", WORD),
    of_release(),
    same_release("force", "force"),
    same_release("source", "source"),
)
"""A force's headcount of a worker type on a day."""

FILTERED = ("kind", "period_start", "period_end", "force")
"""The columns that most queries filter on, at the end of the indexes on records."""

RECORD = Table(
    "record",
    METADATA,
    key("release_id", Integer),
    key("id", WORD),
    required("kind", WORD),
    required("force", WORD),
    Column("period_start", Date),
    Column("period_end", Date, comment="9999-12-31 if the period has no end"),
    required("period_basis", WORD),
    required("allegation", WORD),
    Column("stage", WORD),
    Column("outcome", WORD),
    Column("value_type", WORD),
    Column("value_status", WORD),
    Column("qualifier", WORD),
    Column("unit", WORD),
    Column("subject_set", WORD, comment="The subjects as one word, sorted, for indexes"),
    required("source_kind_set", WORD, comment="The kinds of the sources of its evidence, likewise"),
    Column("breakdown", JSONB),
    Column("base_id", WORD),
    Column("base_basis", WORD),
    Column("standing", WORD),
    required("place_by_period", Integer, comment="Place by start, end, id; undated last"),
    required("place_by_period_desc", Integer, comment="The same, latest first; ids still ascending"),
    required("place_by_value", Integer, comment="Place by value, id; without a value last"),
    required("place_by_value_desc", Integer, comment="The same, largest first; ids still ascending"),
    required("words", WORDS, comment="What it is found by: a text for each weight in a search"),
    required("search", TSVECTOR, Computed(VECTOR, persisted=True)),
    required("document", WORD, comment="The record as answered, in JSON"),
    of_release(),
    same_release("force", "force"),
    same_release("allegation", "allegation"),
    same_release("stage", "stage"),
    same_release("outcome", "outcome"),
    rule("num_nonnulls(period_start, period_end) IN (0, 2)", "period_is_whole"),
    rule("period_end >= period_start", "period_runs_forward"),
    rule("(period_start IS NULL) = (period_basis = 'not-stated')", "period_has_a_basis"),
    rule(
        "num_nonnulls(value_type, value_status, qualifier, unit, subject_set, breakdown)"
        " = CASE kind WHEN 'incident' THEN 0 ELSE 6 END",
        "figure_counts_something",
    ),
    rule("(kind = 'incident') = (standing IS NOT NULL)", "incident_has_a_standing"),
    rule("(kind = 'proceeding') = (stage IS NOT NULL)", "proceeding_has_a_stage"),
    rule(
        "CASE kind WHEN 'outcome' THEN outcome IS NOT NULL WHEN 'incident' THEN true ELSE outcome IS NULL END",
        "outcome_has_a_code",
    ),
    rule(
        "(base_id IS NOT NULL) = (base_basis IS NOT NULL AND base_basis <> 'ambiguous')",
        "base_is_settled_or_ambiguous",
    ),
    # Each index starts with the order of a list, followed by the columns that filters use. PostgreSQL starts where
    # the page begins, skips what the filters exclude without reading the records, and stops when the page is full.
    # Indexes for narrow filters start with the filtered column, so that there is little to skip.
    Index(
        "ix_record_latest",
        *("release_id", "place_by_period_desc", *FILTERED, "allegation", "outcome"),
        *("stage", "unit", "value_status", "value_type", "subject_set", "source_kind_set", "standing"),
    ),
    Index("ix_record_earliest", "release_id", "place_by_period", *FILTERED),
    Index("ix_record_largest", "release_id", "place_by_value_desc", *FILTERED),
    Index("ix_record_smallest", "release_id", "place_by_value", *FILTERED),
    Index(
        "ix_record_force",
        *("release_id", "force", "place_by_period_desc"),
        *("kind", "period_start", "period_end", "allegation", "outcome"),
    ),
    Index(
        "ix_record_allegation",
        *("release_id", "allegation", "place_by_period_desc", "kind", "period_start", "period_end"),
    ),
    Index(
        "ix_record_outcome",
        *("release_id", "outcome", "place_by_period_desc", "kind", "period_start", "period_end", "force"),
        postgresql_where=text("outcome IS NOT NULL"),
    ),
    Index(
        "ix_record_stage",
        *("release_id", "stage", "place_by_period_desc", "kind", "period_start", "period_end"),
        postgresql_where=text("stage IS NOT NULL"),
    ),
    Index(
        "ix_record_standing",
        *("release_id", "standing", "place_by_period_desc", "kind", "period_start", "period_end"),
        postgresql_where=text("standing IS NOT NULL"),
    ),
    Index("ix_record_kind", "release_id", "kind", "id"),
    Index("ix_record_period", "release_id", "period_start", "place_by_period_desc"),
    Index("ix_record_search", "search", postgresql_using="gin"),
    # Documents of up to 8 KB stay as they are: compressed, reading a page took PostgreSQL twice as long.
    postgresql_with={"toast_tuple_target": 8160},
)
"""A figure or an incident. One table, so that an id is used once and evidence has one owner.

`document` is the whole record as the API answers it, rendered when the release is loaded.
"""


def in_order() -> list[Column[Any]]:
    """Return the columns that order and filter records, for tables that repeat them."""
    return [
        required("kind", WORD, comment="The record's, like the force, the period and the place"),
        required("force", WORD),
        Column("period_start", Date),
        Column("period_end", Date),
        required("place_by_period_desc", Integer),
    ]


EVIDENCE = Table(
    "evidence",
    METADATA,
    key("release_id", Integer),
    key("record_id", WORD),
    key("position", Integer),
    *in_order(),
    required("source", WORD),
    Column("origin", WORD, comment="Who counted, if not what its source goes back to"),
    required("names_source", Boolean, comment="Whether it is the record's first from this source"),
    required("role", WORD),
    Column("on_point", WORD, comment="The one point that it is about; null for all of it"),
    Column("as_printed", WORD),
    Column("qualifier_printed", WORD),
    Column("paragraph", Integer, comment="Non-empty line of the source's file, from 1"),
    Column("start_at", Integer, comment="First code point in the paragraph, from 0"),
    Column("end_at", Integer, comment="The code point after the last one"),
    Column("sha256", WORD, comment="Of the slice's UTF-8 bytes"),
    Column("note", WORD),
    of_release(),
    same_release("record", "record_id"),
    same_release("source", "source"),
    same_release("source", "origin"),
    Index(
        "ix_evidence_source",
        *("release_id", "source", "names_source", "place_by_period_desc"),
        *("kind", "period_start", "period_end", "force", "record_id"),
    ),
)
"""A passage of a source that a record is read from."""

BASE_CANDIDATE = Table(
    "base_candidate",
    METADATA,
    key("release_id", Integer),
    key("record_id", WORD),
    key("position", Integer),
    required("candidate_id", WORD),
    of_release(),
    same_release("record", "record_id"),
    same_release("record", "candidate_id"),
    Index("ix_base_candidate_candidate", "release_id", "candidate_id"),
)
"""A figure that another may be a share of. Every candidate is here, even if one is settled."""

RELATION = Table(
    "relation",
    METADATA,
    key("release_id", Integer),
    key("record_id", WORD),
    key("position", Integer),
    required("type", WORD),
    required("related_id", WORD),
    required("settled", Boolean, comment="Whether it holds; otherwise it may hold"),
    of_release(),
    same_release("record", "record_id"),
    Index("ix_relation_related", "release_id", "related_id"),
)
"""How a record relates to another."""

OUTCOME_BELOW = Table(
    "outcome_below",
    METADATA,
    key("release_id", Integer),
    key("record_id", WORD),
    key("outcome", WORD, comment="With every wider code"),
    *in_order(),
    of_release(),
    same_release("record", "record_id"),
    same_release("outcome", "outcome"),
    Index(
        "ix_outcome_below",
        *("release_id", "outcome", "kind", "place_by_period_desc"),
        *("period_start", "period_end", "force", "record_id"),
    ),
)
"""An outcome of a figure below a complaint or proceeding, at any depth, under every candidate base.

Computed from the bases when a release is loaded, so that "complaints that were upheld" is a lookup.
"""

"""The data dictionary: every table, every column, every rule that PostgreSQL itself keeps.

A release owns its rows, reference data and code trees included, and the rows of a release never change: a load
writes a new release beside the others and moves `current_release` in the same transaction.

Tables hold what queries filter, order or join by; everything else about a record is in its `document`. Words of
closed lists are checked when the seeds are read, so the rules here guard the shape of a row and its references.
"""

from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.database.search import VECTOR

OPEN_END = date.max
"""Stands for the last day of a period that has none, so that it is after every other."""


class Base(DeclarativeBase):
    """The base of all tables: how types map to columns and how constraints are named."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    # Text sorts by code point, so that the order of ids is the same on every server.
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute
        str: Text(collation="C"),
        list[str]: ARRAY(Text(collation="C")),
        dict[str, str]: JSONB(),
        dict[str, int]: JSONB(),
        datetime: DateTime(timezone=True),
    }


def rule(condition: str, name: str) -> CheckConstraint:
    """Keep a row to a condition; as in SQL, a condition that is null passes."""
    return CheckConstraint(condition, name=name)


def same_release(target: str, column: str) -> ForeignKeyConstraint:
    """Tie a column to a row of the same release."""
    return ForeignKeyConstraint(["release_id", column], [f"{target}.release_id", f"{target}.id"])


def of_release() -> ForeignKeyConstraint:
    """Tie a row to its release; removing the release removes the row."""
    return ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE")


class Release(Base):
    """A version of the whole dataset; `dev` is what has not been released."""

    __tablename__ = "release"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    version: Mapped[str] = mapped_column(unique=True)
    published_at: Mapped[datetime]
    note: Mapped[str]
    digest: Mapped[str] = mapped_column(comment="SHA-256 of the canonical JSON Lines")
    rendering: Mapped[str] = mapped_column(comment="Revision of the code that wrote its rows, documents included")
    row_counts: Mapped[dict[str, int]] = mapped_column(comment="How many rows it has in each table, by table name")


class CurrentRelease(Base):
    """The one row that says which release is served to requests that name none."""

    __tablename__ = "current_release"
    __table_args__ = (
        ForeignKeyConstraint(["release_id"], ["release.id"]),
        rule("is_only", "there_is_one"),
    )

    is_only: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    release_id: Mapped[int]
    chosen: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="Chosen by hand; a newer release does not take its place"
    )


class OwnedByRelease(Base):
    """A row that a release owns, known inside it by its id."""

    __abstract__ = True

    release_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-2)
    id: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)


class Change(Base):
    """A change of one field, or of a whole thing, from the previous release to this one."""

    __tablename__ = "change"
    __table_args__ = (of_release(), Index("ix_change_thing", "id", "release_id"))

    release_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    thing: Mapped[str]
    id: Mapped[str]
    type: Mapped[str]
    field: Mapped[str | None]
    old: Mapped[str | None] = mapped_column(comment="In JSON")
    new: Mapped[str | None] = mapped_column(comment="In JSON")
    reason: Mapped[str | None]


class Tombstone(Base):
    """A record that was removed from every release for legal reasons; nothing of its content is left."""

    __tablename__ = "tombstone"

    id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(comment="When it was removed")
    reason: Mapped[str]


class Force(OwnedByRelease):
    """A police force, or an area that holds several."""

    __tablename__ = "force"
    __table_args__ = (of_release(), same_release("force", "part_of"))

    name: Mapped[str]
    kind: Mapped[str]
    ons_code: Mapped[str | None]
    part_of: Mapped[str | None]
    aliases: Mapped[list[str]]


class CodeOfTree(OwnedByRelease):
    """A code of a tree; `position` keeps the curators' order."""

    __abstract__ = True

    position: Mapped[int]
    label: Mapped[str]
    definition: Mapped[str]
    parent: Mapped[str | None]
    parents: Mapped[list[str]] = mapped_column(comment="For a union, the codes that it unites")
    aliases: Mapped[list[str]]


class Allegation(CodeOfTree):
    """A code of the allegation tree."""

    __tablename__ = "allegation"
    __table_args__ = (of_release(), same_release("allegation", "parent"))


class Stage(CodeOfTree):
    """A code of the stage tree."""

    __tablename__ = "stage"
    __table_args__ = (of_release(), same_release("stage", "parent"))


class Outcome(CodeOfTree):
    """A code of the outcome tree."""

    __tablename__ = "outcome"
    __table_args__ = (of_release(), same_release("outcome", "parent"))


class Category(Base):
    """A part of the subjects or cases by which a figure may be broken down."""

    __tablename__ = "category"
    __table_args__ = (of_release(),)

    release_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    label: Mapped[str]
    definition: Mapped[str]


class Source(OwnedByRelease):
    """A text that records are read from, or that other texts go back to."""

    __tablename__ = "source"
    __table_args__ = (of_release(), same_release("source", "origin"))

    title: Mapped[str]
    publisher: Mapped[str]
    published_date: Mapped[str | None] = mapped_column(comment="As fine as its precision, e.g. 2021-10")
    published_precision: Mapped[str | None]
    published_basis: Mapped[str]
    url: Mapped[str | None]
    kind: Mapped[str]
    origin: Mapped[str | None] = mapped_column(comment="The source it goes back to")
    file: Mapped[str | None] = mapped_column(comment="Name of the held text; the text itself is not here")
    sha256: Mapped[str | None]
    notes: Mapped[list[str]]


class RuleChange(OwnedByRelease):
    """A day from which figures of some measures no longer mean what they meant before."""

    __tablename__ = "rule_change"
    __table_args__ = (of_release(),)

    document: Mapped[str] = mapped_column(comment="The change as curated, in JSON")


class Workforce(Base):
    """How many people of a type worked for a force on a day."""

    __tablename__ = "workforce"
    __table_args__ = (of_release(), same_release("force", "force"), same_release("source", "source"))

    release_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    force: Mapped[str] = mapped_column(primary_key=True)
    as_at: Mapped[date] = mapped_column(primary_key=True)
    worker_type: Mapped[str] = mapped_column(primary_key=True)
    headcount: Mapped[int]
    fte: Mapped[float | None] = mapped_column(comment="Full-time equivalent; null if it is not known")
    source: Mapped[str]


FILTERED = ("kind", "period_start", "period_end", "force")
"""The columns that most queries filter on, at the end of the indexes on records."""


class Record(OwnedByRelease):
    """A figure or an incident. One table, so that an id is used once and evidence has one owner.

    `document` is the whole record as the API answers it, rendered when the release is loaded.
    """

    __tablename__ = "record"
    __table_args__ = (
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
        # Each index starts with the order of an answer and goes on with the columns that may be filtered on.
        # PostgreSQL starts where the page begins, skips what a filter leaves out without reading the record, and
        # stops when the page is full. A narrow filter comes first, so that there is little to skip.
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
        {"postgresql_with": {"toast_tuple_target": 8160}},
    )

    kind: Mapped[str]
    force: Mapped[str]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None] = mapped_column(comment="9999-12-31 if the period has no end")
    period_basis: Mapped[str]
    allegation: Mapped[str]
    stage: Mapped[str | None]
    outcome: Mapped[str | None]
    value_type: Mapped[str | None]
    value_status: Mapped[str | None]
    qualifier: Mapped[str | None]
    unit: Mapped[str | None]
    subject_set: Mapped[str | None] = mapped_column(comment="The subjects as one word, sorted, for indexes")
    source_kind_set: Mapped[str] = mapped_column(comment="The kinds of the sources of its evidence, likewise")
    breakdown: Mapped[dict[str, str] | None]
    base_id: Mapped[str | None]
    base_basis: Mapped[str | None]
    standing: Mapped[str | None]
    place_by_period: Mapped[int] = mapped_column(comment="Place by start, end, id; undated last")
    place_by_period_desc: Mapped[int] = mapped_column(comment="The same, latest first; ids still ascending")
    place_by_value: Mapped[int] = mapped_column(comment="Place by value, id; without a value last")
    place_by_value_desc: Mapped[int] = mapped_column(comment="The same, largest first; ids still ascending")
    words: Mapped[list[str]] = mapped_column(comment="What it is found by: a text for each weight in a search")
    search: Mapped[str] = mapped_column(TSVECTOR, Computed(VECTOR, persisted=True))
    document: Mapped[str] = mapped_column(comment="The record as answered, in JSON")


class OwnedByRecord(Base):
    """A row that a record owns, in the curators' order."""

    __abstract__ = True

    release_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-3)
    record_id: Mapped[str] = mapped_column(primary_key=True, sort_order=-2)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)


class InOrder(Base):
    """A row by which a record is found; it repeats the columns that records are ordered by and filtered on."""

    __abstract__ = True

    kind: Mapped[str] = mapped_column(comment="The record's, like the force, the period and the place")
    force: Mapped[str]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    place_by_period_desc: Mapped[int]


class Evidence(OwnedByRecord, InOrder):
    """A passage of a source that a record is read from."""

    __tablename__ = "evidence"
    __table_args__ = (
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

    source: Mapped[str]
    origin: Mapped[str | None] = mapped_column(comment="Who counted, if not what its source goes back to")
    names_source: Mapped[bool] = mapped_column(comment="Whether it is the record's first from this source")
    role: Mapped[str]
    on_point: Mapped[str | None] = mapped_column(comment="The one point that it is about; null for all of it")
    as_printed: Mapped[str | None]
    qualifier_printed: Mapped[str | None]
    paragraph: Mapped[int | None] = mapped_column(comment="Non-empty line of the source's file, from 1")
    start_at: Mapped[int | None] = mapped_column(comment="First code point in the paragraph, from 0")
    end_at: Mapped[int | None] = mapped_column(comment="The code point after the last one")
    sha256: Mapped[str | None] = mapped_column(comment="Of the slice's UTF-8 bytes")
    note: Mapped[str | None]


class BaseCandidate(OwnedByRecord):
    """A figure that another may be a share of; all readings are here, also where one is settled."""

    __tablename__ = "base_candidate"
    __table_args__ = (
        of_release(),
        same_release("record", "record_id"),
        same_release("record", "candidate_id"),
        Index("ix_base_candidate_candidate", "release_id", "candidate_id"),
    )

    candidate_id: Mapped[str]


class Relation(OwnedByRecord):
    """How a record relates to another."""

    __tablename__ = "relation"
    __table_args__ = (
        of_release(),
        same_release("record", "record_id"),
        Index("ix_relation_related", "release_id", "related_id"),
    )

    type: Mapped[str]
    related_id: Mapped[str]
    settled: Mapped[bool] = mapped_column(comment="Whether it holds; otherwise it may hold")


class OutcomeBelow(InOrder):
    """An outcome that a figure below a complaint or proceeding has, at any depth and under every reading.

    Derived from the bases when a release is loaded, so that "complaints that were upheld" is a look-up.
    """

    __tablename__ = "outcome_below"
    __table_args__ = (
        of_release(),
        same_release("record", "record_id"),
        same_release("outcome", "outcome"),
        Index(
            "ix_outcome_below",
            *("release_id", "outcome", "kind", "place_by_period_desc"),
            *("period_start", "period_end", "force", "record_id"),
        ),
    )

    release_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True, comment="With every wider code")

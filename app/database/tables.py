"""The data dictionary: every table, every column, every rule that PostgreSQL itself keeps.

A release owns its rows, reference data and code trees included, and rows of a release never change: a load
writes a new release beside the others and moves `current_release` in the same transaction. The large tables have a
partition for each release, which is filled before it is given its indexes and what it refers to.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.domain.vocabulary import (
    BaseBasis,
    Basis,
    EvidenceRole,
    ForceKind,
    Kind,
    OutcomeStatus,
    PeriodEvent,
    Precision,
    Qualifier,
    RelationType,
    SourceKind,
    Standing,
    Subject,
    Unit,
    ValueStatus,
    ValueType,
    YearType,
)


class Base(DeclarativeBase):
    """What all tables share: how types map to columns and how constraints are named."""

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
        Decimal: Numeric(),
        datetime: DateTime(timezone=True),
    }


def one_of(name: str, terms: type[StrEnum]) -> CheckConstraint:
    """Keep a column to the words of a closed list; null passes."""
    return rule(f"{name} IN ({_words(terms)})", f"{name}_is_known")


def rule(condition: str, name: str) -> CheckConstraint:
    """Keep a row to a condition; as in SQL, one that is neither true nor false passes."""
    return CheckConstraint(condition, name=name)


def _words(terms: type[StrEnum]) -> str:
    return ", ".join(f"'{term}'" for term in terms)


def same_release(target: str, column: str) -> ForeignKeyConstraint:
    """Tie a column to a row of the same release."""
    return ForeignKeyConstraint(["release_id", column], [f"{target}.release_id", f"{target}.id"])


def of_release() -> ForeignKeyConstraint:
    """Tie a row to its release, which takes its rows along when it is removed."""
    return ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE")


class Release(Base):
    """A version of the whole dataset; `dev` is what has not been released."""

    __tablename__ = "release"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    version: Mapped[str] = mapped_column(unique=True)
    published_at: Mapped[datetime]
    note: Mapped[str]
    digest: Mapped[str] = mapped_column(comment="SHA-256 of the canonical JSON Lines")


class CurrentRelease(Base):
    """The one row that says which release is served where none is asked for."""

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
    changes: Mapped[int] = mapped_column(
        server_default=text("0"),
        comment="How often what is loaded has changed: of two servers, that which counts more is ahead",
    )


class OwnedByRelease(Base):
    """A row that a release owns, known inside it by its id."""

    __abstract__ = True

    release_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-2)
    id: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)


class Change(Base):
    """What became of one field, or of a whole thing, from the release before to this one."""

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
    __table_args__ = (of_release(), same_release("force", "part_of"), one_of("kind", ForceKind))

    name: Mapped[str]
    kind: Mapped[str]
    ons_code: Mapped[str | None]
    part_of: Mapped[str | None]


class CodeOfTree(OwnedByRelease):
    """A code of a tree; `position` keeps the curators' order."""

    __abstract__ = True

    position: Mapped[int]
    label: Mapped[str]
    definition: Mapped[str]
    parent: Mapped[str | None]


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
    __table_args__ = (
        of_release(),
        same_release("source", "origin"),
        one_of("kind", SourceKind),
        one_of("published_precision", Precision),
        one_of("published_basis", Basis),
        rule("num_nonnulls(published_date, published_precision) IN (0, 2)", "date_has_a_precision"),
        rule("num_nonnulls(file, sha256) IN (0, 2)", "file_has_a_digest"),
    )

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


class RuleChange(OwnedByRelease):
    """A day from which figures of some measures no longer mean what they meant before."""

    __tablename__ = "rule_change"
    __table_args__ = (of_release(),)

    document: Mapped[str] = mapped_column(comment="The change as curated, in JSON")


class Tie(NamedTuple):
    """What columns of a partition refer to in another partition of the same release."""

    columns: tuple[str, ...]
    target: str
    keys: tuple[str, ...]


def by_release(*within: Tie) -> dict[str, Any]:
    """Give a table a partition for each release, and tell what that refers to within the release.

    These references are of the partitions, not of the table: to keep them PostgreSQL looks at one release alone.
    """
    return {"postgresql_partition_by": "LIST (release_id)", "info": {"within": within}}


def to_record(column: str) -> Tie:
    """Tie a column to a record of the same release."""
    return Tie(("release_id", column), "record", ("release_id", "id"))


def to_figure(column: str, is_figure: str) -> Tie:
    """Tie a column to a figure of the same release, with another one that is always true."""
    return Tie(("release_id", column, is_figure), "record", ("release_id", "id", "is_figure"))


FILTERED = ("kind", "period_start", "period_end", "force")
"""What most questions ask about, at the end of the indexes on records."""


class Record(OwnedByRelease):
    """A figure or an incident. One table, so that an id is taken once and evidence has one owner.

    The columns are those that are filtered on, ordered by or kept straight by a rule; `document` is the
    whole record as the API answers it, rendered once, when the release is loaded.
    """

    __tablename__ = "record"
    __table_args__ = (
        of_release(),
        same_release("force", "force"),
        same_release("allegation", "allegation"),
        same_release("stage", "stage"),
        same_release("outcome", "outcome"),
        UniqueConstraint("release_id", "id", "is_figure"),
        one_of("kind", Kind),
        one_of("period_precision", Precision),
        one_of("period_year_type", YearType),
        one_of("period_basis", Basis),
        one_of("period_event", PeriodEvent),
        one_of("value_type", ValueType),
        one_of("value_status", ValueStatus),
        one_of("qualifier", Qualifier),
        one_of("unit", Unit),
        one_of("base_basis", BaseBasis),
        one_of("standing", Standing),
        one_of("outcome_status", OutcomeStatus),
        rule(f"subjects <@ ARRAY[{_words(Subject)}]", "subjects_are_known"),
        rule(
            "num_nonnulls(period_start, period_end, period_precision) IN (0, 3)",
            "period_is_whole",
        ),
        rule("period_end >= period_start", "period_runs_forward"),
        rule(
            "(period_start IS NULL) = (period_basis = 'not-stated')",
            "period_has_a_basis",
        ),
        rule(
            "(period_precision IS NOT DISTINCT FROM 'year') = (period_year_type IS NOT NULL)",
            "year_has_a_type",
        ),
        rule(
            "num_nonnulls(value_type, value_status, qualifier, unit, subjects, subject_set, breakdown)"
            " = CASE WHEN is_figure THEN 7 ELSE 0 END",
            "figure_counts_something",
        ),
        rule(
            "num_nonnulls(standing, outcome_status) = CASE WHEN is_figure THEN 0 ELSE 2 END",
            "incident_has_a_standing",
        ),
        rule("(kind = 'proceeding') = (stage IS NOT NULL)", "proceeding_has_a_stage"),
        rule(
            "CASE kind WHEN 'outcome' THEN outcome IS NOT NULL"
            " WHEN 'incident' THEN (outcome IS NOT NULL) = (outcome_status = 'stated')"
            " ELSE outcome IS NULL END",
            "outcome_has_a_code",
        ),
        rule(
            "(value_status IS NOT DISTINCT FROM 'stated') = (value IS NOT NULL)",
            "stated_is_a_number",
        ),
        rule(
            "(qualifier IS NOT DISTINCT FROM 'between') = (value_to IS NOT NULL)"
            " AND (value_to IS NULL OR value_to > value)",
            "between_is_a_range",
        ),
        rule("value >= 0 OR value_type IN ('change-count', 'change-percent')", "only_changes_are_signed"),
        rule("(value_type IS NOT DISTINCT FROM 'rate') = (per IS NOT NULL)", "rate_is_per_so_many"),
        rule(
            "num_nonnulls(base_basis, base_part) IN (0, 2)"
            " AND (base_id IS NOT NULL) = (base_basis IS NOT NULL AND base_basis <> 'ambiguous')"
            " AND (base_basis IS NULL OR is_figure)",
            "base_is_settled_or_ambiguous",
        ),
        rule("base_id <> id", "base_is_another"),
        # Each index has the order of an answer, and then what an answer may be filtered on: PostgreSQL reads it
        # from where the page begins, passes over what a filter leaves out without looking at the record, and stops
        # when the page is full. A narrow filter comes first, so that there is little to pass over.
        Index(
            "ix_record_latest",
            *("release_id", "place_by_period_desc", *FILTERED, "allegation", "outcome"),
            *("stage", "unit", "value_status", "value_type", "subject_set", "standing"),
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
        Index("ix_record_base", "release_id", "base_id"),
        # The base is a figure: an incident is the whole of nothing.
        by_release(to_figure("base_id", "base_is_figure")),
    )

    kind: Mapped[str]
    is_figure: Mapped[bool] = mapped_column(Computed("kind <> 'incident'", persisted=True))
    force: Mapped[str]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    period_precision: Mapped[str | None]
    period_year_type: Mapped[str | None]
    period_basis: Mapped[str]
    period_event: Mapped[str]
    period_as_at: Mapped[date | None]
    allegation: Mapped[str]
    stage: Mapped[str | None]
    outcome: Mapped[str | None]
    value: Mapped[Decimal | None]
    value_to: Mapped[Decimal | None]
    value_type: Mapped[str | None]
    per: Mapped[int | None]
    value_status: Mapped[str | None]
    qualifier: Mapped[str | None]
    unit: Mapped[str | None]
    subjects: Mapped[list[str] | None]
    subject_set: Mapped[str | None] = mapped_column(comment="The subjects as one word, sorted, for indexes")
    breakdown: Mapped[dict[str, str] | None]
    base_id: Mapped[str | None]
    base_is_figure: Mapped[bool] = mapped_column(Computed("true", persisted=True))
    base_basis: Mapped[str | None]
    base_part: Mapped[bool | None]
    standing: Mapped[str | None]
    outcome_status: Mapped[str | None]
    place_by_period: Mapped[int] = mapped_column(comment="Place by start, end, id; undated last")
    place_by_period_desc: Mapped[int] = mapped_column(comment="The same, latest first; ids still ascending")
    place_by_value: Mapped[int] = mapped_column(comment="Place by value, id; without a value last")
    place_by_value_desc: Mapped[int] = mapped_column(comment="The same, largest first; ids still ascending")
    document: Mapped[str] = mapped_column(comment="The record as answered, in JSON")
    measured: Mapped[str] = mapped_column(comment="What decides whether it may stand beside others, in JSON")


class OwnedByRecord(Base):
    """A row that a record owns, in the curators' order."""

    __abstract__ = True

    release_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-3)
    record_id: Mapped[str] = mapped_column(primary_key=True, sort_order=-2)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)


class InOrder(Base):
    """A row that a record is looked up by; it repeats what records are ordered by and filtered on."""

    __abstract__ = True

    kind: Mapped[str] = mapped_column(comment="The record's, like the force, the period and the place")
    force: Mapped[str]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    place_by_period_desc: Mapped[int]


class Evidence(OwnedByRecord, InOrder):
    """Where in which source a record stands."""

    __tablename__ = "evidence"
    __table_args__ = (
        of_release(),
        same_release("source", "source"),
        one_of("role", EvidenceRole),
        rule("num_nonnulls(paragraph, start_at, end_at, sha256) IN (0, 4)", "locator_is_whole"),
        rule("paragraph >= 1 AND start_at >= 0 AND end_at > start_at", "slice_runs_forward"),
        Index(
            "ix_evidence_source",
            *("release_id", "source", "place_by_period_desc"),
            *("kind", "period_start", "period_end", "force", "record_id"),
            postgresql_where=text("names_source"),
        ),
        by_release(to_record("record_id")),
    )

    source: Mapped[str]
    names_source: Mapped[bool] = mapped_column(comment="Whether it is the record's first from this source")
    role: Mapped[str]
    as_printed: Mapped[str | None]
    paragraph: Mapped[int | None] = mapped_column(comment="Non-empty line of the source's file, from 1")
    start_at: Mapped[int | None] = mapped_column(comment="First code point in the paragraph, from 0")
    end_at: Mapped[int | None] = mapped_column(comment="The code point after the last one")
    sha256: Mapped[str | None] = mapped_column(comment="Of the slice's UTF-8 bytes")
    note: Mapped[str | None]


class BaseCandidate(OwnedByRecord):
    """A reading of which figure a figure is a share of; every reading, also where one is settled."""

    __tablename__ = "base_candidate"
    __table_args__ = (
        of_release(),
        rule("candidate_id <> record_id", "candidate_is_another"),
        Index("ix_base_candidate_candidate", "release_id", "candidate_id"),
        by_release(to_record("record_id"), to_figure("candidate_id", "candidate_is_figure")),
    )

    candidate_id: Mapped[str]
    candidate_is_figure: Mapped[bool] = mapped_column(Computed("true", persisted=True))


class Relation(OwnedByRecord):
    """How a record stands to another."""

    __tablename__ = "relation"
    __table_args__ = (
        of_release(),
        one_of("type", RelationType),
        rule("related_id <> record_id", "related_is_another"),
        Index("ix_relation_related", "release_id", "related_id"),
        by_release(to_record("record_id"), to_record("related_id")),
    )

    type: Mapped[str]
    related_id: Mapped[str]
    note: Mapped[str | None]


class OutcomeBelow(InOrder):
    """An outcome that stands, at any depth and under every reading, below a complaint or proceeding.

    Derived from the bases when a release is loaded, so that "complaints that were upheld" is a look-up.
    """

    __tablename__ = "outcome_below"
    __table_args__ = (
        of_release(),
        same_release("outcome", "outcome"),
        Index(
            "ix_outcome_below",
            *("release_id", "outcome", "kind", "place_by_period_desc"),
            *("period_start", "period_end", "force", "record_id"),
        ),
        by_release(to_record("record_id")),
    )

    release_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True, comment="With every wider code")


PARTITIONED: tuple[type[Base], ...] = (Record, Evidence, BaseCandidate, Relation, OutcomeBelow)
"""The tables that have a partition for each release, each after those that it refers to."""

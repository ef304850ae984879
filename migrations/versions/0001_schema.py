"""Every table, every rule and every index of a release."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001_schema"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Text(collation="C"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(collation="C"), nullable=False),
        sa.Column("digest", sa.Text(collation="C"), nullable=False, comment="SHA-256 of the canonical JSON Lines"),
        sa.Column(
            "rendering",
            sa.Text(collation="C"),
            nullable=False,
            comment="Revision of the code that wrote its rows, documents included",
        ),
        sa.Column(
            "row_counts",
            postgresql.JSONB(),
            nullable=False,
            comment="How many rows it has in each table, by table name",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("version", name=op.f("uq_release_version")),
    )
    op.create_table(
        "tombstone",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="When it was removed"),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstone")),
    )
    op.create_table(
        "allegation",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(collation="C"), nullable=False),
        sa.Column("definition", sa.Text(collation="C"), nullable=False),
        sa.Column("parent", sa.Text(collation="C"), nullable=True),
        sa.Column(
            "parents",
            postgresql.ARRAY(sa.Text(collation="C")),
            nullable=False,
            comment="For a union, the codes that it unites",
        ),
        sa.Column("aliases", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "parent"],
            ["allegation.release_id", "allegation.id"],
            name=op.f("fk_allegation_release_id_parent"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_allegation_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "id", name=op.f("pk_allegation")),
    )
    op.create_table(
        "category",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dimension", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(collation="C"), nullable=False),
        sa.Column("definition", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_category_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "dimension", "id", name=op.f("pk_category")),
    )
    op.create_table(
        "change",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("thing", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("type", sa.Text(collation="C"), nullable=False),
        sa.Column("field", sa.Text(collation="C"), nullable=True),
        sa.Column("old", sa.Text(collation="C"), nullable=True, comment="In JSON"),
        sa.Column("new", sa.Text(collation="C"), nullable=True, comment="In JSON"),
        sa.Column("reason", sa.Text(collation="C"), nullable=True),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_change_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "position", name=op.f("pk_change")),
    )
    op.create_index("ix_change_thing", "change", ["id", "release_id"], unique=False)
    op.create_table(
        "current_release",
        sa.Column("is_only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column(
            "chosen",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Chosen by hand; a newer release does not take its place",
        ),
        sa.CheckConstraint("is_only", name=op.f("ck_current_release_there_is_one")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_current_release_release_id")),
        sa.PrimaryKeyConstraint("is_only", name=op.f("pk_current_release")),
    )
    op.create_table(
        "force",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("ons_code", sa.Text(collation="C"), nullable=True),
        sa.Column("part_of", sa.Text(collation="C"), nullable=True),
        sa.Column("aliases", sa.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "part_of"], ["force.release_id", "force.id"], name=op.f("fk_force_release_id_part_of")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_force_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "id", name=op.f("pk_force")),
    )
    op.create_table(
        "outcome",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(collation="C"), nullable=False),
        sa.Column("definition", sa.Text(collation="C"), nullable=False),
        sa.Column("parent", sa.Text(collation="C"), nullable=True),
        sa.Column(
            "parents",
            postgresql.ARRAY(sa.Text(collation="C")),
            nullable=False,
            comment="For a union, the codes that it unites",
        ),
        sa.Column("aliases", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "parent"],
            ["outcome.release_id", "outcome.id"],
            name=op.f("fk_outcome_release_id_parent"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_outcome_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "id", name=op.f("pk_outcome")),
    )
    op.create_table(
        "rule_change",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("document", sa.Text(collation="C"), nullable=False, comment="The change as curated, in JSON"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_rule_change_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "id", name=op.f("pk_rule_change")),
    )
    op.create_table(
        "source",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("title", sa.Text(collation="C"), nullable=False),
        sa.Column("publisher", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "published_date",
            sa.Text(collation="C"),
            nullable=True,
            comment="As fine as its precision, e.g. 2021-10",
        ),
        sa.Column("published_precision", sa.Text(collation="C"), nullable=True),
        sa.Column("published_basis", sa.Text(collation="C"), nullable=False),
        sa.Column("url", sa.Text(collation="C"), nullable=True),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("origin", sa.Text(collation="C"), nullable=True, comment="The source it goes back to"),
        sa.Column(
            "file",
            sa.Text(collation="C"),
            nullable=True,
            comment="Name of the held text; the text itself is not here",
        ),
        sa.Column("sha256", sa.Text(collation="C"), nullable=True),
        sa.Column("notes", sa.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "origin"], ["source.release_id", "source.id"], name=op.f("fk_source_release_id_origin")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_source_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "id", name=op.f("pk_source")),
    )
    op.create_table(
        "stage",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(collation="C"), nullable=False),
        sa.Column("definition", sa.Text(collation="C"), nullable=False),
        sa.Column("parent", sa.Text(collation="C"), nullable=True),
        sa.Column(
            "parents",
            postgresql.ARRAY(sa.Text(collation="C")),
            nullable=False,
            comment="For a union, the codes that it unites",
        ),
        sa.Column("aliases", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "parent"], ["stage.release_id", "stage.id"], name=op.f("fk_stage_release_id_parent")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_stage_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "id", name=op.f("pk_stage")),
    )
    op.create_table(
        "workforce",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("force", sa.Text(collation="C"), nullable=False),
        sa.Column("as_at", sa.Date(), nullable=False),
        sa.Column("worker_type", sa.Text(collation="C"), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("fte", sa.Float(), nullable=True, comment="Full-time equivalent; null if it is not known"),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "force"], ["force.release_id", "force.id"], name=op.f("fk_workforce_release_id_force")
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "source"],
            ["source.release_id", "source.id"],
            name=op.f("fk_workforce_release_id_source"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_workforce_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "force", "as_at", "worker_type", name=op.f("pk_workforce")),
    )
    op.create_table(
        "record",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("force", sa.Text(collation="C"), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True, comment="9999-12-31 if the period has no end"),
        sa.Column("period_basis", sa.Text(collation="C"), nullable=False),
        sa.Column("allegation", sa.Text(collation="C"), nullable=False),
        sa.Column("stage", sa.Text(collation="C"), nullable=True),
        sa.Column("outcome", sa.Text(collation="C"), nullable=True),
        sa.Column("value_type", sa.Text(collation="C"), nullable=True),
        sa.Column("value_status", sa.Text(collation="C"), nullable=True),
        sa.Column("qualifier", sa.Text(collation="C"), nullable=True),
        sa.Column("unit", sa.Text(collation="C"), nullable=True),
        sa.Column(
            "subject_set",
            sa.Text(collation="C"),
            nullable=True,
            comment="The subjects as one word, sorted, for indexes",
        ),
        sa.Column(
            "source_kind_set",
            sa.Text(collation="C"),
            nullable=False,
            comment="The kinds of the sources of its evidence, likewise",
        ),
        sa.Column("breakdown", postgresql.JSONB(), nullable=True),
        sa.Column("base_id", sa.Text(collation="C"), nullable=True),
        sa.Column("base_basis", sa.Text(collation="C"), nullable=True),
        sa.Column("standing", sa.Text(collation="C"), nullable=True),
        sa.Column("place_by_period", sa.Integer(), nullable=False, comment="Place by start, end, id; undated last"),
        sa.Column(
            "place_by_period_desc",
            sa.Integer(),
            nullable=False,
            comment="The same, latest first; ids still ascending",
        ),
        sa.Column(
            "place_by_value", sa.Integer(), nullable=False, comment="Place by value, id; without a value last"
        ),
        sa.Column(
            "place_by_value_desc",
            sa.Integer(),
            nullable=False,
            comment="The same, largest first; ids still ascending",
        ),
        sa.Column(
            "words",
            postgresql.ARRAY(sa.Text(collation="C")),
            nullable=False,
            comment="What it is found by: a text for each weight in a search",
        ),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector('english'::regconfig, words[1]), 'A'::\"char\")"
                " || setweight(to_tsvector('english'::regconfig, words[2]), 'B'::\"char\")"
                " || setweight(to_tsvector('english'::regconfig, words[3]), 'C'::\"char\")"
                " || setweight(to_tsvector('english'::regconfig, words[4]), 'D'::\"char\")",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("document", sa.Text(collation="C"), nullable=False, comment="The record as answered, in JSON"),
        sa.CheckConstraint(
            "(base_id IS NOT NULL) = (base_basis IS NOT NULL AND base_basis <> 'ambiguous')",
            name=op.f("ck_record_base_is_settled_or_ambiguous"),
        ),
        sa.CheckConstraint(
            "(kind = 'incident') = (standing IS NOT NULL)", name=op.f("ck_record_incident_has_a_standing")
        ),
        sa.CheckConstraint(
            "(kind = 'proceeding') = (stage IS NOT NULL)", name=op.f("ck_record_proceeding_has_a_stage")
        ),
        sa.CheckConstraint(
            "(period_start IS NULL) = (period_basis = 'not-stated')", name=op.f("ck_record_period_has_a_basis")
        ),
        sa.CheckConstraint(
            "CASE kind WHEN 'outcome' THEN outcome IS NOT NULL WHEN 'incident' THEN true ELSE outcome IS NULL END",
            name=op.f("ck_record_outcome_has_a_code"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(value_type, value_status, qualifier, unit, subject_set, breakdown)"
            " = CASE kind WHEN 'incident' THEN 0 ELSE 6 END",
            name=op.f("ck_record_figure_counts_something"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(period_start, period_end) IN (0, 2)", name=op.f("ck_record_period_is_whole")
        ),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_record_period_runs_forward")),
        sa.ForeignKeyConstraint(
            ["release_id", "allegation"],
            ["allegation.release_id", "allegation.id"],
            name=op.f("fk_record_release_id_allegation"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "force"], ["force.release_id", "force.id"], name=op.f("fk_record_release_id_force")
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "outcome"],
            ["outcome.release_id", "outcome.id"],
            name=op.f("fk_record_release_id_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "stage"], ["stage.release_id", "stage.id"], name=op.f("fk_record_release_id_stage")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_record_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "id", name=op.f("pk_record")),
        postgresql_with={"toast_tuple_target": 8160},
    )
    op.create_index(
        "ix_record_allegation",
        "record",
        ["release_id", "allegation", "place_by_period_desc", "kind", "period_start", "period_end"],
        unique=False,
    )
    op.create_index(
        "ix_record_earliest",
        "record",
        ["release_id", "place_by_period", "kind", "period_start", "period_end", "force"],
        unique=False,
    )
    op.create_index(
        "ix_record_force",
        "record",
        [
            "release_id",
            "force",
            "place_by_period_desc",
            "kind",
            "period_start",
            "period_end",
            "allegation",
            "outcome",
        ],
        unique=False,
    )
    op.create_index("ix_record_kind", "record", ["release_id", "kind", "id"], unique=False)
    op.create_index(
        "ix_record_largest",
        "record",
        ["release_id", "place_by_value_desc", "kind", "period_start", "period_end", "force"],
        unique=False,
    )
    op.create_index("ix_record_search", "record", ["search"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_record_latest",
        "record",
        [
            "release_id",
            "place_by_period_desc",
            "kind",
            "period_start",
            "period_end",
            "force",
            "allegation",
            "outcome",
            "stage",
            "unit",
            "value_status",
            "value_type",
            "subject_set",
            "source_kind_set",
            "standing",
        ],
        unique=False,
    )
    op.create_index(
        "ix_record_outcome",
        "record",
        ["release_id", "outcome", "place_by_period_desc", "kind", "period_start", "period_end", "force"],
        unique=False,
        postgresql_where=sa.text("outcome IS NOT NULL"),
    )
    op.create_index(
        "ix_record_period", "record", ["release_id", "period_start", "place_by_period_desc"], unique=False
    )
    op.create_index(
        "ix_record_smallest",
        "record",
        ["release_id", "place_by_value", "kind", "period_start", "period_end", "force"],
        unique=False,
    )
    op.create_index(
        "ix_record_stage",
        "record",
        ["release_id", "stage", "place_by_period_desc", "kind", "period_start", "period_end"],
        unique=False,
        postgresql_where=sa.text("stage IS NOT NULL"),
    )
    op.create_index(
        "ix_record_standing",
        "record",
        ["release_id", "standing", "place_by_period_desc", "kind", "period_start", "period_end"],
        unique=False,
        postgresql_where=sa.text("standing IS NOT NULL"),
    )
    op.create_table(
        "base_candidate",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("candidate_id", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "candidate_id"],
            ["record.release_id", "record.id"],
            name=op.f("fk_base_candidate_release_id_candidate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "record_id"],
            ["record.release_id", "record.id"],
            name=op.f("fk_base_candidate_release_id_record_id"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_base_candidate_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "record_id", "position", name=op.f("pk_base_candidate")),
    )
    op.create_index("ix_base_candidate_candidate", "base_candidate", ["release_id", "candidate_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "origin",
            sa.Text(collation="C"),
            nullable=True,
            comment="Who counted, if not what its source goes back to",
        ),
        sa.Column(
            "names_source",
            sa.Boolean(),
            nullable=False,
            comment="Whether it is the record's first from this source",
        ),
        sa.Column("role", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "on_point",
            sa.Text(collation="C"),
            nullable=True,
            comment="The one point that it is about; null for all of it",
        ),
        sa.Column("as_printed", sa.Text(collation="C"), nullable=True),
        sa.Column("qualifier_printed", sa.Text(collation="C"), nullable=True),
        sa.Column("paragraph", sa.Integer(), nullable=True, comment="Non-empty line of the source's file, from 1"),
        sa.Column("start_at", sa.Integer(), nullable=True, comment="First code point in the paragraph, from 0"),
        sa.Column("end_at", sa.Integer(), nullable=True, comment="The code point after the last one"),
        sa.Column("sha256", sa.Text(collation="C"), nullable=True, comment="Of the slice's UTF-8 bytes"),
        sa.Column("note", sa.Text(collation="C"), nullable=True),
        sa.Column(
            "kind",
            sa.Text(collation="C"),
            nullable=False,
            comment="The record's, like the force, the period and the place",
        ),
        sa.Column("force", sa.Text(collation="C"), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("place_by_period_desc", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "record_id"],
            ["record.release_id", "record.id"],
            name=op.f("fk_evidence_release_id_record_id"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "source"], ["source.release_id", "source.id"], name=op.f("fk_evidence_release_id_source")
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "origin"], ["source.release_id", "source.id"], name=op.f("fk_evidence_release_id_origin")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_evidence_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "record_id", "position", name=op.f("pk_evidence")),
    )
    op.create_index(
        "ix_evidence_source",
        "evidence",
        [
            "release_id",
            "source",
            "names_source",
            "place_by_period_desc",
            "kind",
            "period_start",
            "period_end",
            "force",
            "record_id",
        ],
        unique=False,
    )
    op.create_table(
        "outcome_below",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Text(collation="C"), nullable=False),
        sa.Column("outcome", sa.Text(collation="C"), nullable=False, comment="With every wider code"),
        sa.Column(
            "kind",
            sa.Text(collation="C"),
            nullable=False,
            comment="The record's, like the force, the period and the place",
        ),
        sa.Column("force", sa.Text(collation="C"), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("place_by_period_desc", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "outcome"],
            ["outcome.release_id", "outcome.id"],
            name=op.f("fk_outcome_below_release_id_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "record_id"],
            ["record.release_id", "record.id"],
            name=op.f("fk_outcome_below_release_id_record_id"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_outcome_below_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "record_id", "outcome", name=op.f("pk_outcome_below")),
    )
    op.create_index(
        "ix_outcome_below",
        "outcome_below",
        [
            "release_id",
            "outcome",
            "kind",
            "place_by_period_desc",
            "period_start",
            "period_end",
            "force",
            "record_id",
        ],
        unique=False,
    )
    op.create_table(
        "relation",
        sa.Column("release_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(collation="C"), nullable=False),
        sa.Column("related_id", sa.Text(collation="C"), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False, comment="Whether it holds; otherwise it may hold"),
        sa.ForeignKeyConstraint(
            ["release_id", "record_id"],
            ["record.release_id", "record.id"],
            name=op.f("fk_relation_release_id_record_id"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_relation_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "record_id", "position", name=op.f("pk_relation")),
    )
    op.create_index("ix_relation_related", "relation", ["release_id", "related_id"], unique=False)

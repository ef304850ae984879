"""Let every filter be read in the order of the answers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOT_NULL = {
    "evidence": ("names_source", "kind", "force", "place_by_period_desc"),
    "outcome_below": ("kind", "force", "place_by_period_desc"),
}
REPEAT = (
    (
        "UPDATE evidence SET kind = record.kind, force = record.force, period_start = record.period_start,"
        " period_end = record.period_end, place_by_period_desc = record.place_by_period_desc"
        " FROM record WHERE record.release_id = evidence.release_id AND record.id = evidence.record_id"
    ),
    (
        "UPDATE outcome_below SET kind = record.kind, force = record.force, period_start = record.period_start,"
        " period_end = record.period_end, place_by_period_desc = record.place_by_period_desc"
        " FROM record WHERE record.release_id = outcome_below.release_id AND record.id = outcome_below.record_id"
    ),
)


def upgrade() -> None:
    op.add_column(
        "evidence",
        sa.Column(
            "names_source", sa.Boolean(), nullable=True, comment="Whether it is the record's first from this source"
        ),
    )
    for table in ("evidence", "outcome_below"):
        kind = "The record's, like the force, the period and the place"
        op.add_column(table, sa.Column("kind", sa.Text(collation="C"), nullable=True, comment=kind))
        op.add_column(table, sa.Column("force", sa.Text(collation="C"), nullable=True))
        op.add_column(table, sa.Column("period_start", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("period_end", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("place_by_period_desc", sa.Integer(), nullable=True))
    op.add_column(
        "record",
        sa.Column(
            "subject_set",
            sa.Text(collation="C"),
            nullable=True,
            comment="The subjects as one word, sorted, for indexes",
        ),
    )
    # What is loaded already is given what a load would have given it.
    op.execute(
        "UPDATE record SET subject_set = coalesce("
        """(SELECT string_agg(one, '+' ORDER BY one COLLATE "C") FROM unnest(subjects) AS one), '') WHERE is_figure"""
    )
    op.execute(
        "UPDATE evidence SET names_source = NOT EXISTS ("
        " SELECT FROM evidence AS earlier WHERE earlier.release_id = evidence.release_id"
        " AND earlier.record_id = evidence.record_id AND earlier.source = evidence.source"
        " AND earlier.position < evidence.position)"
    )
    op.execute(
        "INSERT INTO outcome_below (release_id, record_id, outcome)"
        " WITH RECURSIVE wider (release_id, record_id, outcome) AS ("
        "  SELECT release_id, record_id, outcome FROM outcome_below"
        "  UNION"
        "  SELECT wider.release_id, wider.record_id, outcome.parent"
        "  FROM wider JOIN outcome ON outcome.release_id = wider.release_id AND outcome.id = wider.outcome"
        "  WHERE outcome.parent IS NOT NULL)"
        " SELECT release_id, record_id, outcome FROM wider ON CONFLICT DO NOTHING"
    )
    for repeat in REPEAT:
        op.execute(repeat)
    for table, columns in NOT_NULL.items():
        for column in columns:
            op.alter_column(table, column, nullable=False)
    op.drop_constraint("ck_record_figure_counts_something", "record")
    op.create_check_constraint(
        op.f("ck_record_figure_counts_something"),
        "record",
        "num_nonnulls(value_type, value_status, qualifier, unit, subjects, subject_set, breakdown) = CASE WHEN is_figure THEN 7 ELSE 0 END",
    )
    op.drop_constraint("pk_outcome_below", "outcome_below")
    op.create_primary_key(op.f("pk_outcome_below"), "outcome_below", ["release_id", "record_id", "outcome"])
    op.drop_index(op.f("ix_evidence_source"), table_name="evidence")
    op.create_index(
        "ix_evidence_source",
        "evidence",
        [
            *("release_id", "source", "place_by_period_desc"),
            *("kind", "period_start", "period_end", "force", "record_id"),
        ],
        unique=False,
        postgresql_where=sa.text("names_source"),
    )
    op.alter_column(
        "outcome_below",
        "outcome",
        existing_type=sa.TEXT(collation="C"),
        comment="With every wider code",
        existing_nullable=False,
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
    op.drop_index(op.f("ix_record_by_period"), table_name="record")
    op.drop_index(op.f("ix_record_by_period_desc"), table_name="record")
    op.drop_index(op.f("ix_record_by_value"), table_name="record")
    op.drop_index(op.f("ix_record_by_value_desc"), table_name="record")
    op.drop_index(op.f("ix_record_allegation"), table_name="record")
    op.create_index(
        "ix_record_allegation",
        "record",
        ["release_id", "allegation", "place_by_period_desc", "kind", "period_start", "period_end"],
        unique=False,
    )
    op.drop_index(op.f("ix_record_force"), table_name="record")
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
    op.drop_index(op.f("ix_record_kind"), table_name="record")
    op.create_index("ix_record_kind", "record", ["release_id", "kind", "id"], unique=False)
    op.drop_index(op.f("ix_record_outcome"), table_name="record")
    op.create_index(
        "ix_record_outcome",
        "record",
        ["release_id", "outcome", "place_by_period_desc", "kind", "period_start", "period_end", "force"],
        unique=False,
        postgresql_where=sa.text("outcome IS NOT NULL"),
    )
    op.drop_index(op.f("ix_record_period"), table_name="record")
    op.create_index(
        "ix_record_period", "record", ["release_id", "period_start", "place_by_period_desc"], unique=False
    )
    op.drop_index(op.f("ix_record_stage"), table_name="record")
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
    op.create_index(
        "ix_record_earliest",
        "record",
        ["release_id", "place_by_period", "kind", "period_start", "period_end", "force"],
        unique=False,
    )
    op.create_index(
        "ix_record_largest",
        "record",
        ["release_id", "place_by_value_desc", "kind", "period_start", "period_end", "force"],
        unique=False,
    )
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
            "standing",
        ],
        unique=False,
    )
    op.create_index(
        "ix_record_smallest",
        "record",
        ["release_id", "place_by_value", "kind", "period_start", "period_end", "force"],
        unique=False,
    )
    # ### end Alembic commands ###


def downgrade() -> None:
    op.drop_constraint("pk_outcome_below", "outcome_below")
    # Of the wider codes, those of outcomes that stand there themselves are left.
    op.execute(
        "DELETE FROM outcome_below WHERE NOT EXISTS ("
        " WITH RECURSIVE beneath (id) AS ("
        "  SELECT record_id FROM base_candidate"
        "  WHERE release_id = outcome_below.release_id AND candidate_id = outcome_below.record_id"
        "  UNION"
        "  SELECT part.record_id FROM beneath JOIN base_candidate AS part"
        "  ON part.release_id = outcome_below.release_id AND part.candidate_id = beneath.id)"
        " SELECT FROM beneath JOIN record ON record.id = beneath.id"
        " WHERE record.release_id = outcome_below.release_id AND record.outcome = outcome_below.outcome)"
    )
    op.create_primary_key(op.f("pk_outcome_below"), "outcome_below", ["release_id", "outcome", "record_id"])
    op.drop_constraint("ck_record_figure_counts_something", "record")
    op.create_check_constraint(
        op.f("ck_record_figure_counts_something"),
        "record",
        "num_nonnulls(value_type, value_status, qualifier, unit, subjects, breakdown) = CASE WHEN is_figure THEN 6 ELSE 0 END",
    )
    op.drop_index("ix_record_smallest", table_name="record")
    op.drop_index("ix_record_standing", table_name="record", postgresql_where=sa.text("standing IS NOT NULL"))
    op.drop_index("ix_record_latest", table_name="record")
    op.drop_index("ix_record_largest", table_name="record")
    op.drop_index("ix_record_earliest", table_name="record")
    op.drop_index("ix_record_stage", table_name="record", postgresql_where=sa.text("stage IS NOT NULL"))
    op.create_index(
        op.f("ix_record_stage"), "record", ["release_id", "stage", "place_by_period_desc"], unique=False
    )
    op.drop_index("ix_record_period", table_name="record")
    op.create_index(op.f("ix_record_period"), "record", ["release_id", "period_start", "period_end"], unique=False)
    op.drop_index("ix_record_outcome", table_name="record", postgresql_where=sa.text("outcome IS NOT NULL"))
    op.create_index(
        op.f("ix_record_outcome"), "record", ["release_id", "outcome", "place_by_period_desc"], unique=False
    )
    op.drop_index("ix_record_kind", table_name="record")
    op.create_index(op.f("ix_record_kind"), "record", ["release_id", "kind", "place_by_period_desc"], unique=False)
    op.drop_index("ix_record_force", table_name="record")
    op.create_index(
        op.f("ix_record_force"), "record", ["release_id", "force", "place_by_period_desc"], unique=False
    )
    op.drop_index("ix_record_allegation", table_name="record")
    op.create_index(
        op.f("ix_record_allegation"), "record", ["release_id", "allegation", "place_by_period_desc"], unique=False
    )
    op.create_index(op.f("ix_record_by_value_desc"), "record", ["release_id", "place_by_value_desc"], unique=False)
    op.create_index(op.f("ix_record_by_value"), "record", ["release_id", "place_by_value"], unique=False)
    op.create_index(
        op.f("ix_record_by_period_desc"), "record", ["release_id", "place_by_period_desc"], unique=False
    )
    op.create_index(op.f("ix_record_by_period"), "record", ["release_id", "place_by_period"], unique=False)
    op.drop_column("record", "subject_set")
    op.drop_index("ix_outcome_below", table_name="outcome_below")
    op.alter_column(
        "outcome_below",
        "outcome",
        existing_type=sa.TEXT(collation="C"),
        comment=None,
        existing_comment="With every wider code",
        existing_nullable=False,
    )
    for column in ("place_by_period_desc", "period_end", "period_start", "force", "kind"):
        op.drop_column("outcome_below", column)
    op.drop_index("ix_evidence_source", table_name="evidence", postgresql_where=sa.text("names_source"))
    op.create_index(op.f("ix_evidence_source"), "evidence", ["release_id", "source", "record_id"], unique=False)
    for column in ("place_by_period_desc", "period_end", "period_start", "force", "kind", "names_source"):
        op.drop_column("evidence", column)

"""What is read of a page's records is made when they are loaded.

What decides whether they may stand side by side has a column, and in documents one byte stands for the public address.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COMMENT = "What decides whether it may stand beside others, in JSON"

PERIOD = "period_start, period_end, period_as_at, period_year_type, period_basis, period_event"
BASE = "CASE WHEN base_basis IS NOT NULL THEN json_build_array(base_id, base_basis) END"
MEASURED = f"""
    CASE WHEN is_figure THEN json_build_array(
        id, json_build_array({PERIOD}), kind, force, allegation, stage, outcome,
        value, value_type, per, value_status, qualifier, unit, to_json(subjects), document::json -> 'breakdown', {BASE}
    ) ELSE json_build_array(id, json_build_array({PERIOD})) END
"""

BEFORE, AFTER = "chr(57344)", "chr(127)"
"""What stands for the public address."""


def upgrade() -> None:
    op.add_column("record", sa.Column("measured", sa.Text(collation="C"), nullable=True, comment=COMMENT))
    # A code holds no comma: whatever is followed by a space stands between two values.
    op.execute(
        f"UPDATE record SET document = replace(document, {BEFORE}, {AFTER}),"  # noqa: S608 - of ours
        f" measured = replace(CAST({MEASURED} AS text), ', ', ',')"
    )
    op.alter_column("record", "measured", nullable=False)


def downgrade() -> None:
    op.drop_column("record", "measured")
    op.execute(f"UPDATE record SET document = replace(document, {AFTER}, {BEFORE})")  # noqa: S608 - of ours

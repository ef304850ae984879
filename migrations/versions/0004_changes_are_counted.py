"""Changes of what is loaded are counted."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "current_release",
        sa.Column(
            "changes",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="How often what is loaded has changed: of two servers, that which counts more is ahead",
        ),
    )


def downgrade() -> None:
    op.drop_column("current_release", "changes")

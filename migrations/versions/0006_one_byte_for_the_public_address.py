"""In documents one byte stands for the public address, which is put in the faster."""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BEFORE, AFTER = "chr(57344)", "chr(127)"


def upgrade() -> None:
    op.execute(f"UPDATE record SET document = replace(document, {BEFORE}, {AFTER})")  # noqa: S608 - of ours


def downgrade() -> None:
    op.execute(f"UPDATE record SET document = replace(document, {AFTER}, {BEFORE})")  # noqa: S608 - of ours

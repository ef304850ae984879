"""The large tables have a partition for each release."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("record", "evidence", "base_candidate", "relation", "outcome_below")

WITHIN = (
    ("record", "release_id, base_id, base_is_figure", "release_id, id, is_figure"),
    ("evidence", "release_id, record_id", "release_id, id"),
    ("base_candidate", "release_id, record_id", "release_id, id"),
    ("base_candidate", "release_id, candidate_id, candidate_is_figure", "release_id, id, is_figure"),
    ("relation", "release_id, record_id", "release_id, id"),
    ("relation", "release_id, related_id", "release_id, id"),
    ("outcome_below", "release_id, record_id", "release_id, id"),
)
"""What refers to a record, by which columns, and to which of the record's."""

LIKE = "INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS INCLUDING COMMENTS"


class Definition(NamedTuple):
    """What a table is known by, as PostgreSQL would write it down."""

    columns: str
    """That are not computed."""
    constraints: list[str]
    """Keys, and references to other tables than these."""
    indexes: list[str]


def upgrade() -> None:
    releases = op.get_bind().execute(sa.text("SELECT id FROM release ORDER BY id")).scalars().all()
    definitions = {table: definition(table) for table in TABLES}
    for table, found in definitions.items():
        op.execute(f"CREATE TABLE new_{table} (LIKE {table} {LIKE}) PARTITION BY LIST (release_id)")
        for release in releases:
            op.execute(f"CREATE TABLE {table}_{release} PARTITION OF new_{table} FOR VALUES IN ({release})")
        fill(table, found)
    replace(definitions)
    for release in releases:
        refer_to_records(f"_{release}")


def downgrade() -> None:
    definitions = {table: definition(table) for table in TABLES}
    for table, found in definitions.items():
        op.execute(f"CREATE TABLE new_{table} (LIKE {table} {LIKE})")
        fill(table, found)
    replace(definitions)
    refer_to_records("")


def fill(table: str, found: Definition) -> None:
    """Fill the new table: records in the order in which they are read."""
    order = " ORDER BY release_id, place_by_period_desc" if table == "record" else ""
    rows = f"SELECT {found.columns} FROM {table}{order}"  # noqa: S608 - names from the catalogue
    op.execute(f"INSERT INTO new_{table} ({found.columns}) {rows}")


def replace(definitions: dict[str, Definition]) -> None:
    """Put the new tables in the place of those from which they were filled, and define them as those were."""
    op.execute(f"DROP TABLE {', '.join(TABLES)}")
    for table, found in definitions.items():
        op.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
        for statement in (*found.constraints, *found.indexes):
            op.execute(statement)
        op.execute(f"GRANT SELECT ON {table} TO upheld_reader")


def refer_to_records(suffix: str) -> None:
    """Tie the rows of tables, or of partitions, to their records."""
    for table, columns, keys in WITHIN:
        name = f"fk_{table}_{columns.replace(', ', '_')}"
        op.execute(
            f"ALTER TABLE {table}{suffix} ADD CONSTRAINT {name} FOREIGN KEY ({columns})"
            f" REFERENCES record{suffix} ({keys})"
        )


def definition(table: str) -> Definition:
    """Read what a table is known by."""

    def found(question: str) -> list[str]:
        return list(op.get_bind().execute(sa.text(question), {"name": table}).scalars())

    return Definition(
        columns=", ".join(
            found(
                "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = CAST(:name AS regclass)"
                " AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"
            )
        ),
        constraints=found(
            "SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', CAST(:name AS text), conname, pg_get_constraintdef(oid))"
            " FROM pg_constraint WHERE conrelid = CAST(:name AS regclass) AND (contype IN ('p', 'u')"
            " OR contype = 'f' AND confrelid <> CAST('record' AS regclass)) ORDER BY contype DESC, conname"
        ),
        indexes=found(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = CAST(:name AS regclass)"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))"
        ),
    )

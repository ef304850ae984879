"""A role that may only read: the API takes it, whoever logs in."""

from collections.abc import Sequence

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TAKE_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'upheld_reader') THEN
        BEGIN
            CREATE ROLE upheld_reader ROLE CURRENT_USER;
        EXCEPTION
            -- Roles belong to all databases of a server: another one may have made it at this moment.
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE insufficient_privilege USING MESSAGE = format(
                    'an administrator has to run once: CREATE ROLE upheld_reader ROLE %I', current_user);
        END;
    END IF;
    BEGIN
        SET LOCAL ROLE upheld_reader;
        RESET ROLE;
    EXCEPTION
        WHEN insufficient_privilege THEN
            RAISE insufficient_privilege USING MESSAGE = format(
                'an administrator has to run once: GRANT upheld_reader TO %I', current_user);
    END;
END
$$
"""
"""Roles outlive a database, so that this makes one only where there is none."""

GRANT = """
DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO upheld_reader', current_schema());
    -- Of a schema that is not its own a role cannot take this away; from PostgreSQL 15 on nobody has it to begin with.
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema());
    -- Tables to come hold what is published too: whoever adds one that does not takes this away from it.
    EXECUTE format(
        'ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO upheld_reader', current_schema());
END
$$
"""

REVOKE = """
DO $$
BEGIN
    EXECUTE format(
        'ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE SELECT ON TABLES FROM upheld_reader', current_schema());
    EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM upheld_reader', current_schema());
END
$$
"""

SERVED = """
    alembic_version, release, current_release, change, tombstone,
    force, allegation, stage, outcome, category, rule_change, source,
    record, evidence, base_candidate, relation, outcome_below
"""


def upgrade() -> None:
    op.execute(TAKE_ROLE)
    op.execute(GRANT)
    op.execute(f"GRANT SELECT ON {SERVED} TO upheld_reader")


def downgrade() -> None:
    # The role stays: other databases of the server may need it.
    op.execute(f"REVOKE SELECT ON {SERVED} FROM upheld_reader")  # noqa: S608 - names that stand here
    op.execute(REVOKE)

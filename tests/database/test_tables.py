"""The rules that PostgreSQL itself enforces, each broken by hand."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, GeneratedAlways, NotNullViolation, UniqueViolation
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Insert,
    Table,
    delete,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from app.database import tables
from app.database.integrity import owned_tables
from app.database.owner import write_engine
from app.database.tables import CURRENT_RELEASE, METADATA
from app.domain.dataset import Category
from app.releases.history import histories
from tests.database.support import records
from tests.made import WORKFORCE, dataset, load, release
from tests.postgresql import migrate, new_database


@pytest.fixture(scope="module")
def stocked(server: str) -> Iterator[Engine]:
    """Yield a database with two releases and a row in every table; each test here rolls back its changes."""
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        category = Category.model_validate({"dimension": "sex", "id": "male", "label": "M", "definition": "M."})
        codes = dataset([]).codes.model_copy(update={"breakdown": [category]})
        made = [dataset(records(value=n), codes=codes, workforces=[WORKFORCE]) for n in (1, 2)]
        names = ["1.0.0", "2.0.0"]
        for name, one, history in zip(names, made, histories(zip(names, made, strict=True)), strict=True):
            load(engine, one, release(name, one), history)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO tombstone VALUES ('gone', '2024-01-01', 'A reason.')"))
        yield engine
        engine.dispose()


@contextmanager
def trying(engine: Engine) -> Iterator[Connection]:
    """Yield a connection whose changes are rolled back."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


def refused(connection: Connection, statement: Executable) -> psycopg.Error:
    """Return the error with which PostgreSQL refuses a statement, and undo the statement."""
    savepoint = connection.begin_nested()
    with pytest.raises(DBAPIError) as caught:
        connection.execute(statement)
    savepoint.rollback()
    assert isinstance(caught.value.orig, psycopg.Error)
    return caught.value.orig


CHECKS = {
    # constraint: a statement that breaks it and nothing else
    "ck_current_release_there_is_one": "INSERT INTO current_release (is_only, release_id) VALUES (false, 1)",
    "ck_record_period_is_whole": "UPDATE record SET period_end = NULL",
    "ck_record_period_runs_forward": "UPDATE record SET period_end = '2019-12-31'",
    "ck_record_period_has_a_basis": "UPDATE record SET period_basis = 'not-stated'",
    "ck_record_figure_counts_something": "UPDATE record SET unit = NULL WHERE id = 'whole'",
    "ck_record_incident_has_a_standing": "UPDATE record SET standing = NULL WHERE id = 'event'",
    "ck_record_proceeding_has_a_stage": "UPDATE record SET stage = NULL WHERE id = 'step'",
    "ck_record_outcome_has_a_code": "UPDATE record SET outcome = NULL WHERE id = 'part'",
    "ck_record_base_is_settled_or_ambiguous": "UPDATE record SET base_basis = 'ambiguous' WHERE id = 'part'",
    # further ways to break the same ones
    "ck_record_proceeding_has_a_stage 2": "UPDATE record SET stage = 'investigation' WHERE id = 'whole'",
    "ck_record_outcome_has_a_code 2": "UPDATE record SET outcome = 'upheld' WHERE id = 'whole'",
    "ck_record_period_is_whole 2": "UPDATE record SET period_start = NULL, period_basis = 'not-stated'",
    "ck_record_incident_has_a_standing 2": "UPDATE record SET standing = 'alleged' WHERE id = 'whole'",
    "ck_record_figure_counts_something 2": "UPDATE record SET unit = 'case' WHERE id = 'event'",
}

REFERENCES = {
    "fk_current_release_release_id": "UPDATE current_release SET release_id = 999",
    "fk_force_release_id_part_of": "UPDATE force SET part_of = 'nowhere'",
    "fk_allegation_release_id_parent": "UPDATE allegation SET parent = 'nothing'",
    "fk_stage_release_id_parent": "UPDATE stage SET parent = 'nothing'",
    "fk_outcome_release_id_parent": "UPDATE outcome SET parent = 'nothing'",
    "fk_source_release_id_origin": "UPDATE source SET origin = 'nothing'",
    "fk_workforce_release_id_force": "UPDATE workforce SET force = 'nowhere'",
    "fk_workforce_release_id_source": "UPDATE workforce SET source = 'nothing'",
    "fk_record_release_id_force": "UPDATE record SET force = 'nowhere'",
    "fk_record_release_id_allegation": "UPDATE record SET allegation = 'upheld'",
    "fk_record_release_id_stage": "UPDATE record SET stage = 'nothing' WHERE id = 'step'",
    "fk_record_release_id_outcome": "UPDATE record SET outcome = 'rape' WHERE id = 'part'",
    "fk_evidence_release_id_record_id": "UPDATE evidence SET record_id = 'nothing' WHERE record_id = 'part'",
    "fk_evidence_release_id_source": "UPDATE evidence SET source = 'nothing'",
    "fk_evidence_release_id_origin": "UPDATE evidence SET origin = 'nothing'",
    "fk_base_candidate_release_id_record_id": "UPDATE base_candidate SET record_id = 'nothing'",
    "fk_base_candidate_release_id_candidate_id": "UPDATE base_candidate SET candidate_id = 'nothing'",
    "fk_relation_release_id_record_id": "UPDATE relation SET record_id = 'nothing' WHERE record_id = 'part'",
    "fk_outcome_below_release_id_record_id": "UPDATE outcome_below SET record_id = 'nothing'",
    "fk_outcome_below_release_id_outcome": "UPDATE outcome_below SET outcome = 'nothing'",
}

UNIQUE = {
    "uq_release_version": "UPDATE release SET version = '1.0.0'",
    "pk_current_release": "INSERT INTO current_release (release_id) VALUES (1)",
    "pk_tombstone": "INSERT INTO tombstone VALUES ('gone', '2024-01-02', 'Another.')",
}


@pytest.mark.parametrize("name", CHECKS)
def test_postgres_refuses_what_breaks_a_rule(stocked: Engine, name: str) -> None:
    """PostgreSQL refuses, by name, a breach of each CHECK, even if it bypasses the checks in Python."""
    with trying(stocked) as connection:
        error = refused(connection, text(CHECKS[name]))
    assert isinstance(error, CheckViolation)
    assert error.diag.constraint_name == name.partition(" ")[0]


@pytest.mark.parametrize("name", REFERENCES)
def test_postgres_refuses_what_points_nowhere(stocked: Engine, name: str) -> None:
    """PostgreSQL refuses a breach of each foreign key: no unknown codes, incident bases or lost evidence."""
    with trying(stocked) as connection:
        error = refused(connection, text(REFERENCES[name]))
    assert isinstance(error, ForeignKeyViolation)
    assert error.diag.constraint_name == name.partition(" ")[0]


@pytest.mark.parametrize("name", UNIQUE)
def test_postgres_refuses_a_second_one(stocked: Engine, name: str) -> None:
    """A version is unique, only one release is current, and a record has one tombstone."""
    with trying(stocked) as connection:
        error = refused(connection, text(UNIQUE[name]))
    assert isinstance(error, UniqueViolation)
    assert error.diag.constraint_name == name


@pytest.mark.parametrize("table", owned_tables(), ids=str)
def test_every_row_belongs_to_a_release_and_is_there_once(stocked: Engine, table: Table) -> None:
    """A row without a release is refused, and so is a second row with the same key."""
    others = [c for c in table.columns if c.name != "release_id" and c.computed is None]

    def copied_to(release_id: ColumnElement[int]) -> Insert:
        rows = select(release_id, *others).where(
            table.c.release_id == select(func.max(table.c.release_id)).scalar_subquery()
        )
        return insert(table).from_select(["release_id", *(c.name for c in others)], rows)

    with trying(stocked) as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() > 0
        assert isinstance(refused(connection, copied_to(literal(999))), ForeignKeyViolation)
        assert isinstance(refused(connection, copied_to(table.c.release_id)), UniqueViolation)


def test_every_constraint_is_tried(stocked: Engine) -> None:
    """Every rule in the schema is tested here, so a new one has to be added."""
    query = (
        "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f')"
    )
    with stocked.connect() as connection:
        there = set(connection.execute(text(query)).scalars())
    tried = {name.partition(" ")[0] for name in [*CHECKS, *REFERENCES]}
    assert there - tried == {f"fk_{table.name}_release_id" for table in owned_tables()}
    assert tried <= there


def test_no_column_takes_null_where_something_has_to_be(stocked: Engine) -> None:
    """Each required column refuses null, and only PostgreSQL can set a row id."""
    with trying(stocked) as connection:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                if not column.nullable:
                    statement = text(f"UPDATE {table.name} SET {column.name} = NULL")  # noqa: S608 - our own names
                    kind: type[psycopg.Error] = NotNullViolation
                    if column.identity or column.computed is not None:
                        kind = GeneratedAlways
                    assert isinstance(refused(connection, statement), kind), column


def test_a_release_takes_its_rows_along(stocked: Engine) -> None:
    """Removing a release removes all its rows and no others; the current one can't be removed."""

    def count(connection: Connection, release_id: int) -> list[int]:
        found = [select(func.count()).select_from(t).where(t.c.release_id == release_id) for t in owned_tables()]
        return [connection.execute(one).scalar_one() for one in found]

    with trying(stocked) as connection:
        current = connection.execute(select(CURRENT_RELEASE.c.release_id)).scalar_one()
        old = connection.execute(select(tables.RELEASE.c.id).where(tables.RELEASE.c.id != current)).scalar_one()
        before = count(connection, current)
        remove = delete(tables.RELEASE)
        assert isinstance(refused(connection, remove.where(tables.RELEASE.c.id == current)), ForeignKeyViolation)
        connection.execute(remove.where(tables.RELEASE.c.id == old))
        assert count(connection, old) == [0] * len(owned_tables())
        assert count(connection, current) == before

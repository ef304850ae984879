"""Loading and migrating: all or nothing, one after the other, and by the rules of PostgreSQL itself."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from psycopg.errors import (
    CheckViolation,
    ForeignKeyViolation,
    GeneratedAlways,
    NotNullViolation,
    UniqueViolation,
)
from pydantic import ValidationError
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Insert,
    Table,
    create_engine,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError

from app.database import tables
from app.database.loader import LoadError, load
from app.database.owner import MIGRATION_LOCK, migrate, schema_head, write_engine
from app.database.tables import Base, CurrentRelease
from app.domain.dataset import Category
from app.domain.records import Figure, Record, Related
from app.releases import rendering
from app.releases.history import histories
from app.settings import PROJECT
from bench.synth import content_of, release_of
from tests.api import client_of
from tests.made import base, dataset, figure, incident, loaded, release
from tests.postgresql import new_database
from tests.real_seeds import real_release

PATIENCE = 20.0
"""Seconds within which another connection has to get where it is awaited."""


def address_of(engine: Engine) -> str:
    """Return the address of an engine's database."""
    return engine.url.render_as_string(hide_password=False)


def records(value: int = 10) -> list[Record]:
    """Return a few records that hang together: a whole, a part of it, a step and an incident in it."""
    part: dict[str, Any] = {"kind": "outcome", "value": 4, "base": base("whole")}
    return [
        figure("whole", value=value),
        figure("part", **part, related=[Related.model_validate({"type": "part-of", "id": "whole"})]),
        figure("step", kind="proceeding", value_status="withheld"),
        incident("event", outcome="dismissed", related=[{"type": "part-of", "id": "whole"}]),
    ]


def everything(engine: Engine) -> dict[str, list[str]]:
    """Return every row of every table, with the transaction that wrote it."""
    found = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(select(literal_column("xmin::text"), table))
            found[table.name] = sorted(repr(tuple(row)) for row in rows)
    return found


def versions(engine: Engine) -> tuple[list[str], str | None]:
    """Return the loaded versions, and the current one."""
    with engine.connect() as connection:
        all_of_them = connection.execute(text("SELECT version FROM release ORDER BY version")).scalars().all()
        current = connection.execute(
            text("SELECT version FROM release JOIN current_release ON release_id = id")
        ).scalar_one_or_none()
    return list(all_of_them), current


def values(engine: Engine, version: str) -> dict[str, int | None]:
    """Return the values of a release's records by their ids."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT record.id, value FROM record JOIN release ON release_id = release.id"
                " WHERE version = :version"
            ),
            {"version": version},
        )
        return {row.id: None if row.value is None else int(row.value) for row in rows}


def owned() -> list[Table]:
    """Return the tables whose rows a release owns."""
    return [t for t in Base.metadata.sorted_tables if "release_id" in t.columns and t.name != "current_release"]


def waiting(engine: Engine) -> list[int]:
    """Return the backends that wait for a lock in an engine's database."""
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        )
        return list(found.scalars())


def until(condition: Callable[[], bool]) -> None:
    """Return as soon as something is so; fail where it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def blocked(engine: Engine) -> Iterator[Engine]:
    """Stop every load at its last table, with nearly everything written; readers pass. Yields another engine."""
    other = create_engine(engine.url)
    try:
        with other.begin() as connection:
            connection.execute(text("LOCK TABLE relation IN SHARE MODE"))
            yield other
    finally:
        other.dispose()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Yield threads, for what happens at the same time."""
    with ThreadPoolExecutor() as threads:
        yield threads


def test_loading_twice_changes_nothing(database: Engine) -> None:
    """A second load of the same release finds it there: it writes no row, not even the same one again."""
    made = dataset(records())
    this = release("1.0.0", made)
    assert load(database, made, this) is True
    before = everything(database)
    assert load(database, made, this) is False
    assert everything(database) == before


def test_the_real_seeds_load_twice(database: Engine) -> None:
    """Starting the program again on the same seeds leaves everything as it is, unreleased as they may be."""
    found, this = real_release()
    assert load(database, found, this) is True
    before = everything(database)
    assert load(database, *real_release()) is False
    assert everything(database) == before
    assert len(before["record"]) == len(found.records)


def partitions(connection: Connection) -> list[str]:
    """Return the partitions of the records."""
    query = (
        "SELECT CAST(inhrelid AS regclass) FROM pg_inherits WHERE inhparent = CAST('record' AS regclass) ORDER BY 1"
    )
    return list(connection.execute(text(query)).scalars())


def test_what_a_removed_release_leaves_goes_with_the_next_load(database: Engine) -> None:
    """Its partitions are empty and stay for who reads them; the next load drops them, or the one after it."""
    loaded(database, records(value=1), "dev")
    loaded(database, records(value=2), "dev")
    with database.connect() as reading:
        (was, now) = partitions(reading)
        assert reading.execute(text(f"SELECT count(*) FROM {was}")).scalar() == 0  # noqa: S608 - a name of ours
        loaded(database, records(value=3), "dev")
        assert partitions(reading)[:2] == [was, now]
    loaded(database, records(value=4), "dev")
    with database.connect() as connection:
        assert len(partitions(connection)) == 2
        left = text("SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_1' AND relkind = 'r'")
        assert connection.execute(left).scalar() == 0


def test_what_is_not_released_is_replaced(database: Engine) -> None:
    """Changed seeds take the place of `dev`, of which no row is left; numbered releases stay as they were."""
    loaded(database, records(value=1), "1.0.0")
    released = {table: set(rows) for table, rows in everything(database).items() if table != "current_release"}
    loaded(database, records(value=2), "dev")
    assert values(database, "dev")["whole"] == 2
    loaded(database, records(value=3)[:1], "dev")
    assert versions(database) == (["1.0.0", "dev"], "dev")
    assert values(database, "dev") == {"whole": 3}
    assert values(database, "1.0.0")["whole"] == 1
    after = everything(database)
    assert all(rows <= set(after[table]) for table, rows in released.items())
    with database.connect() as connection:
        left = {
            table.name: connection.execute(select(func.count(table.c.release_id.distinct()))).scalar()
            for table in owned()
        }
    # The last `dev` holds nothing but a figure that stands alone.
    assert left == dict.fromkeys(left, 2) | {"change": 0} | dict.fromkeys(
        ["base_candidate", "relation", "outcome_below"], 1
    )


def test_a_new_version_becomes_the_current_one(database: Engine) -> None:
    """Each release stands beside the others, and the last one loaded is served."""
    for number in (1, 2, 3):
        loaded(database, records(value=number), f"{number}.0.0")
    assert versions(database) == (["1.0.0", "2.0.0", "3.0.0"], "3.0.0")
    assert [values(database, f"{number}.0.0")["whole"] for number in (1, 2, 3)] == [1, 2, 3]


def test_a_release_never_changes(database: Engine) -> None:
    """The same version with other content is refused, says why, and leaves everything as it was."""
    loaded(database, records(value=1), "1.0.0")
    before = everything(database)
    with pytest.raises(LoadError, match=r"release 1\.0\.0 is loaded with other content.*never changes"):
        loaded(database, records(value=2), "1.0.0")
    assert everything(database) == before


def spoilt(record: str, **changes: object) -> list[Record]:
    """Return the records, one of them changed behind the back of every check in Python."""
    return [r.model_copy(update=changes) if r.id == record else r for r in records(value=2)]


EVIDENCE = figure("any").evidence[0]

SPOILT = {
    "code": spoilt("part", allegation="no-such-code"),
    "force": spoilt("step", force="no-such-force"),
    "twice": [*records(value=2), figure("whole", value=7)],
    "source": spoilt("whole", evidence=[EVIDENCE, EVIDENCE.model_copy(update={"source": "no-such-source"})]),
    "base": spoilt("part", base=base("event")),
    "candidate": spoilt("part", base=base("whole", "no-such-record")),
    "relation": spoilt("part", related=[Related.model_validate({"type": "part-of", "id": "no-such-record"})]),
    "paragraph": spoilt("whole", evidence=[EVIDENCE.model_copy(update={"paragraph": 2**40})]),
    "text": spoilt("event", evidence=[EVIDENCE.model_copy(update={"note": "PostgreSQL does not store: \0."})]),
}
"""Datasets that fail at different points of a load."""


@pytest.mark.parametrize("version", ["dev", "2.0.0"])
def test_a_load_that_fails_leaves_everything_as_it_was(database: Engine, version: str) -> None:
    """Wherever a load breaks off, the old release is current and complete, nothing is left, and the next works."""
    loaded(database, records(value=1), version.replace("2", "1"))
    before = everything(database)
    for name, broken in SPOILT.items():
        with pytest.raises((psycopg.Error, DBAPIError, KeyError, ValidationError)):
            loaded(database, broken, version)
        assert everything(database) == before, name
    loaded(database, records(value=3), version)
    assert values(database, version)["whole"] == 3


def test_a_load_whose_connection_is_killed_leaves_everything_as_it_was(
    database: Engine, pool: ThreadPoolExecutor
) -> None:
    """A server that goes away in the middle of a load takes the half of it along."""
    loaded(database, records(value=1), "dev")
    before = everything(database)
    with blocked(database) as other:
        loading = pool.submit(loaded, database, records(value=2), "dev")
        until(lambda: len(waiting(other)) == 1)
        (victim,) = waiting(other)
        with other.connect() as connection:
            assert connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": victim}).scalar()
        with pytest.raises((psycopg.OperationalError, OperationalError)):
            loading.result(PATIENCE)
    assert everything(database) == before
    database.dispose()
    loaded(database, records(value=3), "dev")
    assert (versions(database), values(database, "dev")["whole"]) == ((["dev"], "dev"), 3)


@pytest.mark.anyio
@pytest.mark.parametrize("version", ["dev", "2.0.0"])
async def test_readers_see_the_old_release_until_the_commit(
    database: Engine, pool: ThreadPoolExecutor, version: str
) -> None:
    """While a load has written nearly everything, clients are answered from the old release; then from the new."""
    loaded(database, records(value=1), version.replace("2", "1"))
    async for client in client_of(address_of(database)):

        async def seen(client: Any = client) -> tuple[str, int, int]:  # noqa: ANN401 - the client of this test
            whole = (await client.get("/v1/figures/whole")).json()
            page = (await client.get("/v1/figures")).json()
            return page["meta"]["release"], page["meta"]["total"], whole["value"]

        old = (version.replace("2", "1"), 3, 1)
        assert await seen() == old
        with blocked(database) as other:
            loading = pool.submit(loaded, database, records(value=2)[:1], version)
            until(lambda: len(waiting(other)) == 1)
            assert await seen() == old
        loading.result(PATIENCE)
        assert await seen() == (version, 1, 2)


@pytest.mark.anyio
async def test_no_answer_is_torn_between_two_loads(database: Engine, pool: ThreadPoolExecutor) -> None:
    """However often `dev` is replaced while clients read, each answer is that of one dataset, and never empty."""
    loaded(database, records(value=1), "dev")
    ended = threading.Event()

    def keep_loading() -> None:
        for number in range(12):
            loaded(database, [figure(f"of-{number}-{n}", value=n) for n in range(5)], "dev")
        ended.set()

    async for client in client_of(address_of(database)):
        loading: Future[None] = pool.submit(keep_loading)
        answers = 0
        while not ended.is_set() and not loading.done():
            page = (await client.get("/v1/figures")).json()
            kinds = {one["id"].rpartition("-")[0] for one in page["data"]}
            assert page["meta"]["total"] == len(page["data"])
            assert (len(page["data"]), len(kinds)) in {(3, 1), (5, 1)}, page["meta"]
            answers += 1
        loading.result(PATIENCE)
        assert answers > 5


def test_two_loads_of_the_same_release_at_the_same_time(database: Engine, pool: ThreadPoolExecutor) -> None:
    """Two programs that start together on one database: one loads, the other waits and finds it loaded."""
    made = dataset(records())
    this = release("1.0.0", made)
    with blocked(database) as other:
        loadings = [pool.submit(load, database, made, this) for _ in range(2)]
        until(lambda: len(waiting(other)) == 2)
    assert sorted(loading.result(PATIENCE) for loading in loadings) == [False, True]
    assert versions(database) == (["1.0.0"], "1.0.0")
    assert len(values(database, "1.0.0")) == 4


@pytest.mark.parametrize(("one", "other"), [("dev", "dev"), ("1.0.0", "2.0.0"), ("dev", "1.0.0")])
def test_two_loads_of_different_content_at_the_same_time(
    database: Engine, pool: ThreadPoolExecutor, one: str, other: str
) -> None:
    """Two loads of different content run one after the other; what is left is whole."""
    with blocked(database) as watcher:
        loadings = [pool.submit(loaded, database, records(value=n), v) for n, v in enumerate([one, other], 1)]
        until(lambda: len(waiting(watcher)) == 2)
    for loading in loadings:
        loading.result(PATIENCE)
    found, current = versions(database)
    assert found == sorted({one, other})
    assert current in found
    for version in found:
        assert len(values(database, version)) == 4


def test_the_stored_documents_are_the_answers(database: Engine) -> None:
    """What a record is answered with is what its model says, and its columns say the same."""
    found, this = real_release()
    load(database, found, this)
    of = rendering.OfRelease(this, {f.id: f for f in found.forces}, {s.id: s for s in found.sources})
    figures = {record.id: record for record in found.records if isinstance(record, Figure)}
    with database.connect() as connection:
        rows = {row.id: row for row in connection.execute(text("SELECT * FROM record"))}
    assert set(rows) == {record.id for record in found.records}
    for record in found.records:
        row = rows[record.id]
        whole = record.base.id if isinstance(record, Figure) and record.base else None
        expected = rendering.answer(record, figures[whole] if whole else None, of)
        assert row.document == expected.model_dump_json()
        assert type(expected).model_validate_json(row.document) == expected
        assert (row.kind, row.force, row.allegation) == (record.kind, record.force, record.allegation)
        assert (row.period_start, row.period_end) == (record.period.start, record.period.end)
        assert row.value == getattr(record, "value", None)
        assert row.subjects == (list(map(str, record.subjects)) if isinstance(record, Figure) else None)
        assert row.base_id == whole


# What PostgreSQL itself refuses.


@pytest.fixture(scope="module")
def stocked(server: str) -> Iterator[Engine]:
    """Yield a database with two releases and a row in every table; each test here rolls back what it tries."""
    with new_database(server) as address:
        engine = write_engine(address)
        migrate(engine)
        category = Category.model_validate({"dimension": "sex", "id": "male", "label": "M", "definition": "M."})
        codes = dataset([]).codes.model_copy(update={"breakdown": [category]})
        made = [dataset(records(value=n), codes=codes) for n in (1, 2)]
        names = ["1.0.0", "2.0.0"]
        for name, one, history in zip(names, made, histories(zip(names, made, strict=True)), strict=True):
            load(engine, one, release(name, one), history)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO tombstone VALUES ('gone', '2024-01-01', 'A reason.')"))
        yield engine
        engine.dispose()


@contextmanager
def trying(engine: Engine) -> Iterator[Connection]:
    """Yield a connection whose work is rolled back."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


def refused(connection: Connection, statement: Executable) -> psycopg.Error:
    """Return the error with which PostgreSQL refuses a statement; go on from before it."""
    savepoint = connection.begin_nested()
    with pytest.raises(DBAPIError) as caught:
        connection.execute(statement)
    savepoint.rollback()
    assert isinstance(caught.value.orig, psycopg.Error)
    return caught.value.orig


CHECKS = {
    # constraint: what breaks it and nothing else
    "ck_current_release_there_is_one": "INSERT INTO current_release (is_only, release_id) VALUES (false, 1)",
    "ck_force_kind_is_known": "UPDATE force SET kind = 'local'",
    "ck_source_kind_is_known": "UPDATE source SET kind = 'rumour'",
    "ck_source_published_precision_is_known": "UPDATE source SET published_precision = 'week'",
    "ck_source_published_basis_is_known": "UPDATE source SET published_basis = 'guessed'",
    "ck_source_date_has_a_precision": "UPDATE source SET published_date = NULL",
    "ck_source_file_has_a_digest": "UPDATE source SET sha256 = NULL",
    "ck_record_kind_is_known": "UPDATE record SET kind = 'rumour', outcome = NULL WHERE id = 'whole'",
    "ck_record_period_precision_is_known": "UPDATE record SET period_precision = 'week'",
    "ck_record_period_year_type_is_known": (
        "UPDATE record SET period_precision = 'year', period_year_type = 'lunar'"
    ),
    "ck_record_period_basis_is_known": "UPDATE record SET period_basis = 'guessed'",
    "ck_record_period_event_is_known": "UPDATE record SET period_event = 'heard'",
    "ck_record_value_type_is_known": "UPDATE record SET value_type = 'guess' WHERE id = 'whole'",
    "ck_record_value_status_is_known": "UPDATE record SET value_status = 'secret' WHERE id = 'step'",
    "ck_record_qualifier_is_known": "UPDATE record SET qualifier = 'roughly' WHERE id = 'whole'",
    "ck_record_unit_is_known": "UPDATE record SET unit = 'rumour' WHERE id = 'whole'",
    "ck_record_base_basis_is_known": "UPDATE record SET base_basis = 'guessed' WHERE id = 'part'",
    "ck_record_standing_is_known": "UPDATE record SET standing = 'rumoured' WHERE id = 'event'",
    "ck_record_outcome_status_is_known": (
        "UPDATE record SET outcome = NULL, outcome_status = 'secret' WHERE id = 'event'"
    ),
    "ck_record_subjects_are_known": "UPDATE record SET subjects = '{officers,men}' WHERE id = 'whole'",
    "ck_record_period_is_whole": "UPDATE record SET period_end = NULL",
    "ck_record_period_runs_forward": "UPDATE record SET period_end = '2019-12-31'",
    "ck_record_period_has_a_basis": "UPDATE record SET period_basis = 'not-stated'",
    "ck_record_year_has_a_type": "UPDATE record SET period_precision = 'year'",
    "ck_record_figure_counts_something": "UPDATE record SET unit = NULL WHERE id = 'whole'",
    "ck_record_incident_has_a_standing": "UPDATE record SET standing = NULL WHERE id = 'event'",
    "ck_record_proceeding_has_a_stage": "UPDATE record SET stage = NULL WHERE id = 'step'",
    "ck_record_outcome_has_a_code": "UPDATE record SET outcome = NULL WHERE id = 'part'",
    "ck_record_stated_is_a_number": "UPDATE record SET value = NULL WHERE id = 'whole'",
    "ck_record_between_is_a_range": "UPDATE record SET value_to = 99 WHERE id = 'whole'",
    "ck_record_only_changes_are_signed": "UPDATE record SET value = -1 WHERE id = 'whole'",
    "ck_record_rate_is_per_so_many": "UPDATE record SET value_type = 'rate' WHERE id = 'whole'",
    "ck_record_base_is_settled_or_ambiguous": "UPDATE record SET base_basis = 'ambiguous' WHERE id = 'part'",
    "ck_record_base_is_another": "UPDATE record SET base_id = 'part' WHERE id = 'part'",
    "ck_evidence_role_is_known": "UPDATE evidence SET role = 'hints'",
    "ck_evidence_locator_is_whole": "UPDATE evidence SET paragraph = NULL",
    "ck_evidence_slice_runs_forward": "UPDATE evidence SET end_at = start_at",
    "ck_base_candidate_candidate_is_another": "UPDATE base_candidate SET candidate_id = record_id",
    "ck_relation_type_is_known": "UPDATE relation SET type = 'near'",
    "ck_relation_related_is_another": "UPDATE relation SET related_id = record_id",
    # further ways to break the same ones
    "ck_record_between_is_a_range 2": (
        "UPDATE record SET qualifier = 'between', value_to = value WHERE id = 'whole'"
    ),
    "ck_record_between_is_a_range 3": "UPDATE record SET qualifier = 'between' WHERE id = 'whole'",
    "ck_record_stated_is_a_number 2": "UPDATE record SET value_status = 'withheld' WHERE id = 'whole'",
    "ck_record_stated_is_a_number 3": "UPDATE record SET value = 3 WHERE id = 'event'",
    "ck_record_rate_is_per_so_many 2": "UPDATE record SET per = 1000 WHERE id = 'whole'",
    "ck_record_proceeding_has_a_stage 2": "UPDATE record SET stage = 'investigation' WHERE id = 'whole'",
    "ck_record_outcome_has_a_code 2": "UPDATE record SET outcome = 'upheld' WHERE id = 'whole'",
    "ck_record_outcome_has_a_code 3": "UPDATE record SET outcome = NULL WHERE id = 'event'",
    "ck_record_base_is_settled_or_ambiguous 2": "UPDATE record SET base_part = NULL WHERE id = 'part'",
    "ck_record_base_is_settled_or_ambiguous 3": "UPDATE record SET base_id = 'part' WHERE id = 'whole'",
    "ck_record_base_is_settled_or_ambiguous 4": (
        "UPDATE record SET base_basis = 'ambiguous', base_part = true WHERE id = 'event'"
    ),
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
    "fk_record_release_id_force": "UPDATE record SET force = 'nowhere'",
    "fk_record_release_id_allegation": "UPDATE record SET allegation = 'upheld'",
    "fk_record_release_id_stage": "UPDATE record SET stage = 'nothing' WHERE id = 'step'",
    "fk_record_release_id_outcome": "UPDATE record SET outcome = 'rape' WHERE id = 'part'",
    "fk_record_release_id_base_id_base_is_figure": "UPDATE record SET base_id = 'event' WHERE id = 'part'",
    "fk_record_release_id_base_id_base_is_figure 2": "UPDATE record SET base_id = 'nothing' WHERE id = 'part'",
    "fk_evidence_release_id_record_id": "UPDATE evidence SET record_id = 'nothing' WHERE record_id = 'part'",
    "fk_evidence_release_id_source": "UPDATE evidence SET source = 'nothing'",
    "fk_base_candidate_release_id_record_id": "UPDATE base_candidate SET record_id = 'nothing'",
    "fk_base_candidate_release_id_candidate_id_candidate_is_figure": (
        "UPDATE base_candidate SET candidate_id = 'event'"
    ),
    "fk_relation_release_id_record_id": "UPDATE relation SET record_id = 'nothing' WHERE record_id = 'part'",
    "fk_relation_release_id_related_id": "UPDATE relation SET related_id = 'nothing'",
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
    """Each CHECK is broken by hand, past every check in Python, and PostgreSQL refuses it by name."""
    with trying(stocked) as connection:
        error = refused(connection, text(CHECKS[name]))
    assert isinstance(error, CheckViolation)
    assert error.diag.constraint_name == name.partition(" ")[0]


@pytest.mark.parametrize("name", REFERENCES)
def test_postgres_refuses_what_points_nowhere(stocked: Engine, name: str) -> None:
    """Each foreign key is broken by hand: no unknown code, no base that is an incident, no lost evidence."""
    with trying(stocked) as connection:
        error = refused(connection, text(REFERENCES[name]))
    assert isinstance(error, ForeignKeyViolation)
    assert error.diag.constraint_name == name.partition(" ")[0]


@pytest.mark.parametrize("name", UNIQUE)
def test_postgres_refuses_a_second_one(stocked: Engine, name: str) -> None:
    """A version is given once, one release is current, a record is buried once."""
    with trying(stocked) as connection:
        error = refused(connection, text(UNIQUE[name]))
    assert isinstance(error, UniqueViolation)
    assert error.diag.constraint_name == name


@pytest.mark.parametrize("table", owned(), ids=str)
def test_every_row_belongs_to_a_release_and_is_there_once(stocked: Engine, table: Table) -> None:
    """A row of no release is refused, and so is a second one with the same key."""
    others = [c for c in table.columns if c.computed is None and c.name != "release_id"]

    def copied_to(release_id: ColumnElement[int]) -> Insert:
        rows = select(release_id, *others).where(
            table.c.release_id == select(func.max(table.c.release_id)).scalar_subquery()
        )
        return insert(table).from_select(["release_id", *(c.name for c in others)], rows)

    with trying(stocked) as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() > 0
        # A release that there is not has no partition either.
        partitioned = {model.__tablename__ for model in tables.PARTITIONED}
        missing = CheckViolation if table.name in partitioned else ForeignKeyViolation
        assert isinstance(refused(connection, copied_to(literal(999))), missing)
        assert isinstance(refused(connection, copied_to(table.c.release_id)), UniqueViolation)


def test_every_constraint_is_tried(stocked: Engine) -> None:
    """A rule that is added to the schema has to be added here, or nobody knows whether it holds."""
    query = (
        "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f')"
    )
    with stocked.connect() as connection:
        there = set(connection.execute(text(query)).scalars())
    tried = {name.partition(" ")[0] for name in [*CHECKS, *REFERENCES]}
    assert there - tried == {f"fk_{table.name}_release_id" for table in owned()}
    assert tried <= there


def test_no_column_takes_null_where_something_has_to_be(stocked: Engine) -> None:
    """Each column that is not optional refuses null, and what PostgreSQL computes cannot be written."""
    partitioned = {model.__tablename__ for model in tables.PARTITIONED}
    with trying(stocked) as connection:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if not column.nullable:
                    statement = text(f"UPDATE {table.name} SET {column.name} = NULL")  # noqa: S608 - our own names
                    kind: type[psycopg.Error] = NotNullViolation
                    if column.computed or column.identity:
                        kind = GeneratedAlways
                    elif table.name in partitioned and column.name == "release_id":
                        kind = CheckViolation  # there is no partition for it
                    assert isinstance(refused(connection, statement), kind), column


def test_a_release_takes_its_rows_along(stocked: Engine) -> None:
    """Removing a release removes every row of it and none of another; the current one cannot be removed."""

    def count(connection: Connection, release_id: int) -> list[int]:
        found = [select(func.count()).select_from(t).where(t.c.release_id == release_id) for t in owned()]
        return [connection.execute(one).scalar_one() for one in found]

    with trying(stocked) as connection:
        current = connection.execute(select(CurrentRelease.release_id)).scalar_one()
        old = connection.execute(select(tables.Release.id).where(tables.Release.id != current)).scalar_one()
        before = count(connection, current)
        remove = delete(tables.Release)
        assert isinstance(refused(connection, remove.where(tables.Release.id == current)), ForeignKeyViolation)
        connection.execute(remove.where(tables.Release.id == old))
        assert count(connection, old) == [0] * len(owned())
        assert count(connection, current) == before


# The schema.


def alembic(connection: Connection) -> Config:
    """Return what Alembic's commands need on a connection."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.attributes["connection"] = connection
    return config


def tables_of(connection: Connection) -> set[str]:
    """Return the tables of a database."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return set(connection.execute(text(query)).scalars())


def test_the_schema_goes_up_and_down_and_up(empty_database: str) -> None:
    """From nothing to the head, back to nothing, and up again to a schema that takes the seeds."""
    engine = write_engine(empty_database)
    migrate(engine)
    with engine.connect() as connection:
        assert tables_of(connection) == {*Base.metadata.tables, "alembic_version"}
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == schema_head()
    with engine.begin() as connection:
        command.downgrade(alembic(connection), "base")
    with engine.connect() as connection:
        assert tables_of(connection) == {"alembic_version"}
    migrate(engine)
    migrate(engine)
    assert load(engine, *real_release()) is True
    engine.dispose()


def test_a_schema_with_data_goes_down(stocked: Engine) -> None:
    """Going back works on a database that is full, too."""
    with trying(stocked) as connection:
        command.downgrade(alembic(connection), "base")
        assert tables_of(connection) == {"alembic_version"}


def test_a_migration_that_fails_leaves_nothing(empty_database: str) -> None:
    """The whole way up is one transaction: where a step fails, no table of an earlier one is left."""
    engine = write_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE relation (id integer)"))
    with pytest.raises(DBAPIError, match="already exists"):
        migrate(engine)
    with engine.connect() as connection:
        assert tables_of(connection) == {"relation"}
    engine.dispose()


def test_the_migrations_build_what_the_models_say(database: Engine) -> None:
    """Alembic finds nothing that a migration would still have to change."""
    with database.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


CATALOGUE = {
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name, is_identity,
            generation_expression, col_description(format('%I', table_name)::regclass, ordinal_position)
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
        AND NOT (SELECT relispartition FROM pg_class WHERE oid = format('%I', table_name)::regclass)
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(pg_constraint.oid) FROM pg_constraint
        JOIN pg_class ON pg_class.oid = conrelid
        WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic_version%' AND NOT relispartition
    """,
    "indexes": """
        SELECT indexdef FROM pg_indexes JOIN pg_class ON relname = indexname
        WHERE schemaname = 'public' AND tablename <> 'alembic_version' AND NOT relispartition
    """,
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_migrations_build_it_to_the_last_rule(stocked: Engine, empty_database: str, name: str) -> None:
    """Columns, rules and indexes as the migrations build them are those of the models: Alembic skips some."""
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        wanted = {tuple(row) for row in connection.execute(text(CATALOGUE[name]))}
    engine.dispose()
    with stocked.connect() as connection:
        built = {tuple(row) for row in connection.execute(text(CATALOGUE[name]))}
    assert built == wanted


OF_PARTITIONS = """
    SELECT CAST(oid AS regclass)::text, pg_get_expr(relpartbound, oid),
        ARRAY(
            SELECT conname || ' ' || pg_get_constraintdef(oid)
            FROM pg_constraint WHERE conrelid = pg_class.oid ORDER BY 1
        ),
        ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = pg_class.oid ORDER BY 1)
    FROM pg_class WHERE relispartition AND relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


def catalogue(connection: Connection, *questions: str) -> list[set[str]]:
    """Return what PostgreSQL answers about the schema."""
    return [set(map(repr, connection.execute(text(question)))) for question in questions]


def rows_of(connection: Connection) -> dict[str, set[str]]:
    """Return every row of every table, whole: as SQLAlchemy shows a row, a long one is cut."""
    every = {
        table.name: connection.execute(text(f"SELECT * FROM {table.name}"))  # noqa: S608 - names of ours
        for table in Base.metadata.tables.values()
    }
    return {name: {repr(tuple(row)) for row in rows} for name, rows in every.items()}


def test_partitions_are_made_of_loaded_releases(stocked: Engine, empty_database: str) -> None:
    """Where releases are loaded, a migration makes of them what a load makes, and can undo it; no row is lost."""
    engine = write_engine(empty_database)
    with trying(stocked) as connection:
        command.downgrade(alembic(connection), "0005")
        rows, schema = rows_of(connection), catalogue(connection, *CATALOGUE.values(), OF_PARTITIONS)
        command.downgrade(alembic(connection), "0004")
        assert rows_of(connection) == rows
        with engine.begin() as fresh:
            command.upgrade(alembic(fresh), "0004")
            assert catalogue(connection, *CATALOGUE.values()) == catalogue(fresh, *CATALOGUE.values())
        command.upgrade(alembic(connection), "0005")
        assert rows_of(connection) == rows
        assert catalogue(connection, *CATALOGUE.values(), OF_PARTITIONS) == schema
    engine.dispose()


def test_what_pages_are_read_from_is_made_of_loaded_releases(empty_database: str) -> None:
    """Of records of all sorts, and of the seeds, a migration makes to the last byte what a load makes."""
    engine = write_engine(empty_database)
    migrate(engine)
    load(engine, content_of(500), release_of(500))
    load(engine, *real_release())
    with trying(engine) as connection:
        rows, schema = rows_of(connection), catalogue(connection, *CATALOGUE.values(), OF_PARTITIONS)
        command.downgrade(alembic(connection), "0005")
        (before,) = connection.execute(
            text("SELECT min(document) FROM record WHERE id = 'synthetic-0000001-1'")
        ).one()
        assert "\ue000/figures/synthetic-0000001-1" in before
        assert rendering.PUBLIC_ADDRESS not in before
        command.upgrade(alembic(connection), "head")
        assert rows_of(connection) == rows
        assert catalogue(connection, *CATALOGUE.values(), OF_PARTITIONS) == schema
    engine.dispose()


MIGRATE = "import sys; from app.database.owner import migrate, write_engine; migrate(write_engine(sys.argv[1]))"


def test_two_programs_migrate_at_the_same_time(empty_database: str) -> None:
    """Two programs that start on an empty database: one builds the schema, the other waits and finds it built."""
    engine = create_engine(empty_database)
    command_line = [sys.executable, "-c", MIGRATE, empty_database]
    with ExitStack() as programs:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            started = [
                programs.enter_context(
                    subprocess.Popen(command_line, cwd=PROJECT, stderr=subprocess.PIPE, text=True)  # noqa: S603
                )
                for _ in range(2)
            ]
            until(lambda: len(waiting(engine)) == 2)
        for program in started:
            assert (program.wait(PATIENCE), program.communicate()[1]) == (0, "")
    with engine.connect() as connection:
        assert tables_of(connection) == {*Base.metadata.tables, "alembic_version"}
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    engine.dispose()

"""Loading: all or nothing, one load at a time, with damage repaired."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, create_engine, func, literal_column, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.database import write
from app.database.choice import use
from app.database.errors import LoadError
from app.database.integrity import owned_tables
from app.database.loader import load_editions
from app.database.owner import write_engine
from app.database.tables import METADATA
from app.domain.records import Figure, Record
from app.releases import rendering
from app.releases.editions import editions
from app.seeds.reading import read
from tests.api import client_of
from tests.database.support import PATIENCE, records, until, waiting
from tests.made import alone, answer, base, dataset, figure, load, loaded, release
from tests.made_releases import HISTORY, editions_of, load_releases
from tests.programs import Run
from tests.real_seeds import real_release
from tests.seed_files import unrelease


def address_of(engine: Engine) -> str:
    """Return the address of an engine's database."""
    return engine.url.render_as_string(hide_password=False)


def everything(engine: Engine) -> dict[str, list[str]]:
    """Return every row of every table, with the transaction that wrote it."""
    found = {}
    with engine.connect() as connection:
        for table in METADATA.sorted_tables:
            rows = connection.execute(select(literal_column("xmin::text"), table))
            found[table.name] = sorted(repr(tuple(row)) for row in rows)
    return found


def versions(engine: Engine) -> tuple[list[str], str | None]:
    """Return the loaded versions and the current one."""
    with engine.connect() as connection:
        all_of_them = connection.execute(text("SELECT version FROM release ORDER BY version")).scalars().all()
        current = connection.execute(
            text("SELECT version FROM release JOIN current_release ON release_id = id")
        ).scalar_one_or_none()
    return list(all_of_them), current


def values(engine: Engine, version: str) -> dict[str, int | None]:
    """Return the values of a release's records by id."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT record.id, document::json ->> 'value' AS value FROM record"
                " JOIN release ON release_id = release.id WHERE version = :version"
            ),
            {"version": version},
        )
        return {row.id: None if row.value is None else int(row.value) for row in rows}


@contextmanager
def blocked(engine: Engine) -> Iterator[Engine]:
    """Block every load at its last table, with nearly everything written, but not readers; yield another engine."""
    other = create_engine(engine.url)
    try:
        with other.begin() as connection:
            connection.execute(text("LOCK TABLE relation IN SHARE MODE"))
            yield other
    finally:
        other.dispose()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Yield a thread pool for concurrent steps."""
    with ThreadPoolExecutor() as threads:
        yield threads


def test_loading_twice_changes_nothing(database: Engine) -> None:
    """A second load of the same release writes no rows, not even the same ones again."""
    made = dataset(records())
    this = release("1.0.0", made)
    assert load(database, made, this) is True
    before = everything(database)
    assert load(database, made, this) is False
    assert everything(database) == before


def test_the_real_seeds_load_twice(database: Engine) -> None:
    """Starting the program again on the same seeds changes nothing, even if they're unreleased."""
    found, this = real_release()
    assert load(database, found, this) is True
    before = everything(database)
    assert load(database, *real_release()) is False
    assert everything(database) == before
    assert len(before["record"]) == len(found.records)


def test_what_is_not_released_is_replaced(database: Engine) -> None:
    """Changed seeds replace `dev` completely; numbered releases stay as they were."""
    loaded(database, records(value=1), "1.0.0")
    released = {table: set(rows) for table, rows in everything(database).items() if table != "current_release"}
    load_releases(database, ("1.0.0", records(value=1)), ("dev", records(value=2)))
    assert values(database, "dev")["whole"] == 2
    load_releases(database, ("1.0.0", records(value=1)), ("dev", records(value=3)[:1]))
    assert versions(database) == (["1.0.0", "dev"], "dev")
    assert values(database, "dev") == {"whole": 3}
    assert values(database, "1.0.0")["whole"] == 1
    after = everything(database)
    assert all(rows <= set(after[table]) for table, rows in released.items())
    with database.connect() as connection:
        left = {
            table.name: connection.execute(select(func.count(table.c.release_id.distinct()))).scalar()
            for table in owned_tables()
        }
    # The last `dev` has only one figure, with no links.
    assert left == dict.fromkeys(left, 2) | {"workforce": 0} | dict.fromkeys(
        ["change", "base_candidate", "relation", "outcome_below"], 1
    )


def test_a_new_version_becomes_the_current_one(database: Engine) -> None:
    """Loading a release keeps the others, and the last one loaded is served."""
    for number in (1, 2, 3):
        loaded(database, records(value=number), f"{number}.0.0")
    assert versions(database) == (["1.0.0", "2.0.0", "3.0.0"], "3.0.0")
    assert [values(database, f"{number}.0.0")["whole"] for number in (1, 2, 3)] == [1, 2, 3]


def test_a_release_never_changes(database: Engine) -> None:
    """The same version with different content is refused with the reason, and nothing changes."""
    loaded(database, records(value=1), "1.0.0")
    before = everything(database)
    with pytest.raises(LoadError, match=r"release 1\.0\.0 is loaded with other content.*never changes"):
        loaded(database, records(value=2), "1.0.0")
    assert everything(database) == before


def spoilt(record: str, **changes: object) -> list[Record]:
    """Return the records with one changed, bypassing every check in Python."""
    return [r.model_copy(update=changes) if r.id == record else r for r in records(value=2)]


EVIDENCE = figure("any").evidence[0]

SPOILT = {
    "code": spoilt("part", allegation="no-such-code"),
    "force": spoilt("step", force="no-such-force"),
    "twice": [*records(value=2), figure("whole", value=7)],
    "source": spoilt("whole", evidence=[EVIDENCE, EVIDENCE.model_copy(update={"source": "no-such-source"})]),
    "base": spoilt("part", base=base("event")),
    "candidate": spoilt("part", base=base("whole", "no-such-record")),
    "paragraph": spoilt("whole", evidence=[EVIDENCE.model_copy(update={"paragraph": 2**40})]),
    "text": spoilt("event", evidence=[EVIDENCE.model_copy(update={"note": "PostgreSQL does not store: \0."})]),
}
"""Datasets that fail at different points of a load."""


@pytest.mark.parametrize("version", ["dev", "2.0.0"])
def test_a_load_that_fails_leaves_everything_as_it_was(database: Engine, version: str) -> None:
    """Wherever a load fails, the old release stays current and complete, and the next load works."""
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
    """If the connection is killed in mid-load, nothing of the load is left."""
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
    """Clients get the old release while a load is nearly finished, and the new one afterwards."""
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
    """However often `dev` is replaced, each answer comes from a single dataset and is never empty."""
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
    """If two programs start on one database, one loads while the other waits and finds it loaded."""
    made = dataset(records())
    this = release("1.0.0", made)
    with blocked(database) as other:
        loadings = [pool.submit(load, database, made, this) for _ in range(2)]
        until(lambda: len(waiting(other)) == 2)
    assert sorted(loading.result(PATIENCE) for loading in loadings) == [False, True]
    assert versions(database) == (["1.0.0"], "1.0.0")
    assert len(values(database, "1.0.0")) == 4


@pytest.mark.parametrize(("one", "other"), [("dev", "dev"), ("1.0.0", "2.0.0")])
def test_two_loads_of_different_content_at_the_same_time(
    database: Engine, pool: ThreadPoolExecutor, one: str, other: str
) -> None:
    """Two loads of different content run one after the other, and both results are complete."""
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
    """Each stored document is what the record's model gives, and the columns match."""
    found, this = real_release()
    load(database, found, this)
    of = alone(this, found)
    with database.connect() as connection:
        rows = {row.id: row for row in connection.execute(text("SELECT * FROM record"))}
    assert set(rows) == {record.id for record in found.records}
    for record in found.records:
        row = rows[record.id]
        whole = record.base.id if isinstance(record, Figure) and record.base else None
        assert row.document == rendering.document(record, of)
        assert row.document == answer(record, of).model_dump_json()
        assert (row.kind, row.force, row.allegation) == (record.kind, record.force, record.allegation)
        assert (row.period_start, row.period_end) == (record.period.start, record.period.end)
        assert row.base_id == whole


# Damage, and other revisions of the program.


WHOSE = ["DATABASE", "ROLE CURRENT_USER IN DATABASE"]
"""The scopes of a setting."""


@pytest.mark.parametrize("whose", WHOSE)
def test_quoted_identifiers_cost_no_records(database: Engine, whose: str) -> None:
    """If the server quotes every identifier, loading again leaves every record where it is."""
    with database.begin() as connection:
        connection.execute(text(f'ALTER {whose} "{database.url.database}" SET quote_all_identifiers = on'))
    database.dispose()
    load_releases(database, *HISTORY)
    before = everything(database)
    assert not load_releases(database, *HISTORY)
    assert everything(database) == before
    assert len(before["record"]) == sum(len(held) for _, held in HISTORY)


@pytest.mark.anyio
@pytest.mark.parametrize("default", ["own", "Own one", "select"])
async def test_another_default_schema_costs_no_records(empty_database: str, default: str) -> None:
    """If tables go into another schema, whatever its name, nothing is lost and readers find them."""
    engine = write_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text(f'CREATE SCHEMA "{default}"'))
        connection.execute(
            text(f"ALTER DATABASE \"{engine.url.database}\" SET search_path = '{default}', 'public'")
        )
    engine.dispose()
    load_releases(engine, *HISTORY)
    before = everything(engine)
    assert not load_releases(engine, *HISTORY)
    assert everything(engine) == before
    with engine.connect() as connection:
        used = "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename IN ('record', 'alembic_version')"
        assert list(connection.execute(text(used)).scalars()) == [default]
    async for client in client_of(address_of(engine)):
        assert (await client.get("/v1/figures")).json()["meta"]["total"] == len(HISTORY[-1][1])
    engine.dispose()


@pytest.mark.parametrize("table", ["record", "evidence", "base_candidate", "relation", "outcome_below", "change"])
def test_a_release_that_lost_rows_is_loaded_again(database: Engine, table: str) -> None:
    """A load counts a release's rows, reports the missing ones, and loads it again."""
    held = ("1.0.0", records()), ("2.0.0", records(11))
    editions = editions_of(*held)
    load_editions(database, editions)
    whole = rows_by_version(database)
    with database.begin() as connection:
        connection.execute(text(f"TRUNCATE {table} CASCADE"))
    report = load_editions(database, editions)
    lost = {"1.0.0", "2.0.0"} if table != "change" else {"2.0.0"}
    assert {note.split()[1] for note in report.notes} == lost
    assert all(f"in {table}" in note and note.endswith("loaded again.") for note in report.notes)
    assert rows_by_version(database) == whole
    assert load_editions(database, editions) == (False, [])


def rows_by_version(engine: Engine) -> dict[str, set[str]]:
    """Return every row that releases own, keyed by version instead of row id."""
    with engine.connect() as connection:
        found = {}
        for table in owned_tables():
            columns = [column for column in table.columns if column.name != "release_id"]
            release = METADATA.tables["release"]
            rows = connection.execute(select(release.c.version, *columns).join_from(release, table))
            found[table.name] = {repr(tuple(row)) for row in rows}
    return found


def test_what_another_revision_rendered_is_rendered_again(database: Engine) -> None:
    """Every release, with or without seeds, gets new documents before it's served; a chosen one stays chosen."""
    load_releases(database, *HISTORY)
    use(database, "2.0.0")
    whole = rows_by_version(database)
    with database.begin() as connection:
        connection.execute(text("UPDATE release SET rendering = 'another'"))
        connection.execute(text("UPDATE record SET document = document::jsonb - '{citation,notes}'::text[]"))
    report = load_editions(database, editions_of(*HISTORY)[:1])
    *renewed, serving = report.notes
    assert len(renewed) == len(HISTORY)
    assert serving == "Serving 2.0.0, as `upheld use` chose."
    assert sum("which the seeds don't have" in note for note in report.notes) == len(HISTORY) - 1
    assert rows_by_version(database) == whole
    assert versions(database)[1] == "2.0.0"
    assert load_editions(database, editions_of(*HISTORY)[:1]) == (False, [serving])


def test_what_is_lost_of_a_release_that_the_seeds_do_not_have(database: Engine) -> None:
    """The load can't restore the rows, so it says so and changes nothing."""
    load_releases(database, *HISTORY)
    with database.begin() as connection:
        connection.execute(text("DELETE FROM evidence WHERE record_id = 'three'"))
    before = everything(database)
    with pytest.raises(
        LoadError, match=r"release .* has lost rows \(\d of \d in evidence\).*the seeds don't have it"
    ):
        load_editions(database, editions_of(*HISTORY)[:1])
    assert everything(database) == before


def test_a_removed_record_does_not_come_back(database: Engine) -> None:
    """Seeds from before a removal are refused by name, even if they lack the tombstone."""
    load_releases(database, *HISTORY)
    left = [(version, [one for one in held if one.id != "two"]) for version, held in HISTORY]
    load_releases(database, *left, gone=["two"])
    before = everything(database)
    with pytest.raises(LoadError, match=r"release 1\.0\.0 holds two again, which was removed"):
        load_releases(database, *HISTORY)
    assert everything(database) == before


@pytest.mark.parametrize("whose", WHOSE)
def test_nothing_is_written_where_nothing_is_to_do(database: Engine, whose: str) -> None:
    """If the provider has made a database read-only, its owner can still start on what's loaded."""
    load_releases(database, *HISTORY)
    with database.begin() as connection:
        connection.execute(text(f'ALTER {whose} "{database.url.database}" SET default_transaction_read_only = on'))
    database.dispose()
    assert not load_releases(database, *HISTORY)
    with pytest.raises(DBAPIError, match="read-only transaction"):
        load_releases(database, *HISTORY, ("4.0.0", []))


@pytest.mark.parametrize("name", ["note", "published_at"])
def test_what_a_release_says_of_itself_never_changes(empty_database: str, seeds: Path, name: str) -> None:
    """An edited entry of `releases.yaml` is refused by name, and nothing is loaded."""
    engine = write_engine(empty_database)
    load_editions(engine, editions(read(seeds)))
    path = seeds / "releases.yaml"
    lines = path.read_text("utf-8").splitlines()
    new = {"note": "    note: Another note.", "published_at": "    published_at: '2026-11-22T05:04:44Z'"}
    path.write_text("\n".join(new[name] if f"{name}:" in line else line for line in lines) + "\n", "utf-8")
    with pytest.raises(LoadError, match=rf"release 1\.0\.0 is loaded with {name} .* restore its entry"):
        load_editions(engine, editions(read(seeds)))
    engine.dispose()


def test_the_reasons_of_a_release_never_change(empty_database: str, seeds: Path) -> None:
    """An edited reason is refused, naming its record; so is one that was deleted."""
    engine = write_engine(empty_database)
    load_editions(engine, editions(read(seeds)))
    path = seeds / "releases.yaml"
    was = path.read_text("utf-8")
    named = "      met-officer-murder: The sentence is known from another source.\n"
    for new in (named.replace("known", "found"), ""):
        path.write_text(was.replace(named, new), "utf-8")
        with pytest.raises(LoadError, match=r"2\.0\.0 is loaded with other reasons for met-officer-murder than"):
            load_editions(engine, editions(read(seeds)))
    path.write_text(was, "utf-8")
    assert not load_editions(engine, editions(read(seeds))).changed
    engine.dispose()


def test_seeds_that_lost_their_releases_are_refused(empty_database: str, seeds: Path) -> None:
    """Seeds without releases don't replace a database's releases."""
    engine = write_engine(empty_database)
    load_editions(engine, editions(read(seeds)))
    unrelease(seeds)
    with pytest.raises(LoadError, match=r"the seeds lack the loaded releases 1\.0\.0, 2\.0\.0"):
        load_editions(engine, editions(read(seeds)))
    engine.dispose()


@pytest.mark.parametrize("error", [psycopg.errors.DiskFull, psycopg.errors.AdminShutdown, psycopg.OperationalError])
def test_a_load_that_breaks_off_is_reported_in_one_line(
    empty_database: str, error: type[psycopg.Error], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a disk fills up or a server goes away, the load reports PostgreSQL's reason in one sentence."""

    def copy(*_: object) -> None:
        raise error('could not extend file "base/1/2": No space left on device')

    monkeypatch.setenv("DATABASE_URL", empty_database)
    monkeypatch.setattr(write, "_copy", copy)
    code, said = run("load")
    assert code == 1
    assert "upheld: the database can't be used: could not extend file" in said
    assert len(said.splitlines()) == 1

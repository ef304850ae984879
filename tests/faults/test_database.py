"""The database fails in many ways: readers get stored answers or a 503, and then it recovers by itself."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from app.database.owner import write_engine
from app.embedded.server import as_reader
from tests.faults.database import CONNECTIONS, STORED, Database, Server, serving
from tests.faults.processes import PATIENCE, within
from tests.faults.readers import OK, UNAVAILABLE, Readers
from tests.postgresql import migrate, new_database
from tests.programs import UPHELD, environment
from tests.seed_files import replace

A_WHILE = 1.0
"""How long a fault lasts once it shows, in seconds, so that readers notice it."""

OURS = "FROM pg_stat_activity WHERE application_name LIKE 'upheld%'"
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND pid <> ALL(%s)
"""


@contextmanager
def stopped(cluster: Database) -> Iterator[None]:
    """Stop PostgreSQL while the block runs."""
    cluster.stop()
    try:
        yield
    finally:
        cluster.start()


@contextmanager
def stopped_in_a_query(cluster: Database) -> Iterator[None]:
    """Make queries wait, and stop PostgreSQL while they're running."""
    # The connection that holds the lock ends too.
    with suppress(psycopg.OperationalError), psycopg.connect(cluster.address) as blocking:
        blocking.execute("LOCK TABLE record IN ACCESS EXCLUSIVE MODE")
        waiting = f"{CONNECTIONS} AND state = 'active'"
        within(lambda: cluster.query(waiting) != 0)
        cluster.stop()
    try:
        yield
    finally:
        cluster.start()


@contextmanager
def hanging(cluster: Database) -> Iterator[None]:
    """Make PostgreSQL neither answer nor hang up, as if the network were gone."""
    cluster.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        cluster.signal(signal.SIGCONT)


@contextmanager
def of_another_schema(cluster: Database, revision: str) -> Iterator[None]:
    """Make the schema claim to belong to another version of the program."""
    own = cluster.query("SELECT version_num FROM alembic_version")
    cluster.query(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608 - a word of ours
    try:
        yield
    finally:
        cluster.query(f"UPDATE alembic_version SET version_num = '{own}'")  # noqa: S608 - what it said


@contextmanager
def without_a_table(cluster: Database) -> Iterator[None]:
    """Rename a table, as if the schema were older."""
    cluster.query("ALTER TABLE record RENAME TO record_of_old")
    cluster.query("UPDATE alembic_version SET version_num = '0000' || version_num")
    try:
        yield
    finally:
        cluster.query("ALTER TABLE record_of_old RENAME TO record")
        cluster.query("UPDATE alembic_version SET version_num = substr(version_num, 5)")


@contextmanager
def out_of_connections(cluster: Database) -> Iterator[None]:
    """Take every available connection, including the API's."""
    with ExitStack() as taken:
        administrator = taken.enter_context(psycopg.connect(cluster.address, autocommit=True))
        own: list[int] = []
        while True:
            administrator.execute(f"SELECT pg_terminate_backend(pid) {OURS}".encode())
            try:
                while True:
                    connection = taken.enter_context(psycopg.connect(as_reader(cluster.address)))
                    own.append(connection.info.backend_pid)
            except psycopg.OperationalError:
                # Not by its name: a connection of the API that is still being made has none.
                if administrator.execute(OTHERS, [own]).fetchone() == (0,):
                    break
        yield


FAULTS: dict[str, tuple[Callable[[Database], object], str]] = {
    "PostgreSQL stopped": (stopped, "database"),
    "PostgreSQL stopped under queries": (stopped_in_a_query, "database"),
    "PostgreSQL hangs": (hanging, "database"),
    "tables locked": (lambda cluster: cluster.locked("release", "record"), "release"),
    "no connections left": (out_of_connections, "database"),
    "schema older, a table missing": (without_a_table, "schema"),
    "schema newer": (lambda cluster: of_another_schema(cluster, "later"), "schema"),
}
"""How to cause each fault, and the readiness check that reports it."""


@pytest.mark.parametrize("fault", FAULTS)
def test_fault(cluster: Database, server: Server, readers: Readers, fault: str) -> None:
    """Stored answers are served with their age and everything else is a 503; then the server recovers by itself."""
    make, check = FAULTS[fault]
    with readers.asking():
        with make(cluster):  # type: ignore[attr-defined] # context managers, all of them
            within(lambda: "age" in server.get(STORED).headers)
            within(lambda: readers.fresh[UNAVAILABLE])
            assert server.get("/health/ready").status_code == UNAVAILABLE
            assert server.checks()[check] != "ok"
            assert server.is_alive()
            assert server.answers("/metrics")
            time.sleep(A_WHILE)
        recovered = server.recovered()
    assert set(server.checks().values()) == {"ok"}
    readers.report(fault, recovered)
    assert readers.fresh[OK] > 0
    assert readers.ages
    expect_stored_or_refused(readers)


def expect_stored_or_refused(readers: Readers) -> None:
    """Expect that every request got a stored answer or a 503."""
    assert readers.broken == []
    assert set(readers.popular) <= {OK}
    assert set(readers.fresh) <= {OK, UNAVAILABLE}


@pytest.mark.parametrize("fault", ["PostgreSQL restarted", "a connection's process killed"])
def test_moment(cluster: Database, server: Server, readers: Readers, fault: str) -> None:
    """The server recovers from a brief fault by itself."""
    with readers.asking():
        within(lambda: readers.fresh[OK])
        if fault == "PostgreSQL restarted":
            cluster.stop()
            cluster.start()
        else:
            # PostgreSQL treats this as a crash, ends every connection and recovers.
            os.kill(int(str(cluster.query(f"SELECT pid {OURS} LIMIT 1"))), signal.SIGKILL)
        recovered = server.recovered()
    assert set(server.checks().values()) == {"ok"}
    readers.report(fault, recovered)
    expect_stored_or_refused(readers)


def test_no_release(cluster: Database) -> None:
    """With a schema but no release, everything is a 503 until a release is loaded."""
    with new_database(cluster.address) as address:
        plain = address.replace("+psycopg", "")
        engine = write_engine(address)
        migrate(engine)
        engine.dispose()
        with serving(plain) as server:
            assert server.checks() == {"database": "ok", "schema": "ok", "release": "none is loaded"}
            refused = [server.get(path) for path in (STORED, "/v1/coverage", "/v1/dataset", "/v1/export.zip")]
            assert [answer.status_code for answer in refused] == [UNAVAILABLE] * 4
            assert all("retry-after" in answer.headers for answer in refused)
            done = subprocess.run(  # noqa: S603 - our own command
                [UPHELD, "load"], env=environment(DATABASE_URL=plain), check=False, capture_output=True
            )
            assert done.returncode == 0
            readers = server.readers()
            with readers.asking():
                recovered = server.recovered()
            readers.report("no release loaded", recovered)
            assert readers.broken == []
            assert set(readers.fresh + readers.popular) <= {OK, UNAVAILABLE}


TABLES = ("release", "source", "record", "current_release")
"""Tables that a load writes: the first, two in the middle and the last."""


def test_load_killed(cluster: Database, server: Server, readers: Readers, seeds: Path) -> None:
    """A load killed at any table leaves nothing: readers see only the old release, and the next load succeeds."""
    contents = "SELECT string_agg(version, ' ' ORDER BY id) || (SELECT count(*) FROM record) FROM release"
    before = cluster.query(contents)
    replace(seeds / "sources.yaml", "publisher: LBC", "publisher: LBC News")
    command = [UPHELD, "load", "--seeds", str(seeds)]
    variables = environment(DATABASE_URL=cluster.address)
    loads = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'upheld-load'"
    waiting = f"{loads} AND wait_event_type = 'Lock'"
    with readers.asking():
        for table in TABLES:
            with (
                cluster.locked(table, mode="EXCLUSIVE"),
                subprocess.Popen(command, env=variables) as loading,  # noqa: S603 - our own command
            ):
                within(lambda: cluster.query(waiting) != 0)
                loading.kill()
            within(lambda: cluster.query(loads) == 0)
            assert cluster.query(contents) == before
    readers.report(f"load killed at {len(TABLES)} tables")
    assert readers.broken == []
    assert set(readers.fresh + readers.popular) == {OK}
    assert subprocess.run(command, env=variables, timeout=PATIENCE, check=False).returncode == 0  # noqa: S603
    within(lambda: server.get("/v1/dataset").json()["release"] == "dev")
    cluster.query("UPDATE current_release SET release_id = (SELECT max(id) FROM release WHERE version <> 'dev')")
    cluster.query("DELETE FROM release WHERE version = 'dev'")

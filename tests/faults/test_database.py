"""The database fails in each way that it can: readers get what is stored or are told to come again; it heals."""

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
from app.database.schema import migrate
from app.embedded.server import as_reader
from tests.faults.conftest import CONNECTIONS, PATIENCE, STORED, Database, Readers, Server, serving, until
from tests.postgresql import new_database
from tests.programs import UPHELD, environment
from tests.seed_files import replace

A_WHILE = 2.5
"""Seconds for which a fault lasts once it shows, so that readers meet it."""


@contextmanager
def stopped(cluster: Database) -> Iterator[None]:
    """Stop PostgreSQL meanwhile."""
    cluster.stop()
    try:
        yield
    finally:
        cluster.start()


@contextmanager
def stopped_in_a_query(cluster: Database) -> Iterator[None]:
    """Have queries wait, and stop PostgreSQL under them."""
    # The connection that holds the lock is ended too.
    with suppress(psycopg.OperationalError), psycopg.connect(cluster.address) as blocking:
        blocking.execute("LOCK TABLE record IN ACCESS EXCLUSIVE MODE")
        waiting = f"{CONNECTIONS} AND state = 'active'"
        until(lambda: cluster.ask(waiting) != 0)
        cluster.stop()
    try:
        yield
    finally:
        cluster.start()


@contextmanager
def hanging(cluster: Database) -> Iterator[None]:
    """Have PostgreSQL neither answer nor hang up, as where the network is gone."""
    cluster.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        cluster.signal(signal.SIGCONT)


@contextmanager
def of_other_schema(cluster: Database, revision: str) -> Iterator[None]:
    """Have the schema say that it is of another program."""
    own = cluster.ask("SELECT version_num FROM alembic_version")
    cluster.ask(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608 - a word of ours
    try:
        yield
    finally:
        cluster.ask(f"UPDATE alembic_version SET version_num = '{own}'")  # noqa: S608 - what it said


@contextmanager
def without_a_table(cluster: Database) -> Iterator[None]:
    """Have a table go under another name, as an older schema has it."""
    cluster.ask("ALTER TABLE record RENAME TO record_of_old")
    cluster.ask("UPDATE alembic_version SET version_num = '0000' || version_num")
    try:
        yield
    finally:
        cluster.ask("ALTER TABLE record_of_old RENAME TO record")
        cluster.ask("UPDATE alembic_version SET version_num = substr(version_num, 5)")


@contextmanager
def out_of_connections(cluster: Database) -> Iterator[None]:
    """Take all connections that there are, the API's too."""
    with ExitStack() as taken:
        administrator = taken.enter_context(psycopg.connect(cluster.address, autocommit=True))
        while True:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'upheld%'"
            )
            try:
                while True:
                    taken.enter_context(psycopg.connect(as_reader(cluster.address)))
            except psycopg.OperationalError:
                ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'upheld%'"
                if administrator.execute(ours).fetchone() == (0,):
                    break
        yield


FAULTS: dict[str, tuple[Callable[[Database], object], str]] = {
    "PostgreSQL stopped": (stopped, "database"),
    "PostgreSQL stopped under queries": (stopped_in_a_query, "database"),
    "PostgreSQL hangs": (hanging, "database"),
    "tables locked": (lambda cluster: cluster.locked("release", "record"), "release"),
    "no connections left": (out_of_connections, "database"),
    "schema older, a table missing": (without_a_table, "schema"),
    "schema newer": (lambda cluster: of_other_schema(cluster, "later"), "schema"),
}
"""What is done, and which check says so."""


@pytest.mark.parametrize("what", FAULTS)
def test_fault(cluster: Database, server: Server, readers: Readers, what: str) -> None:
    """Meanwhile stored answers are served with their age and all else is 503; then everything heals by itself."""
    harm, check = FAULTS[what]
    with readers.asking():
        with harm(cluster):  # type: ignore[attr-defined] # context managers, all of them
            until(lambda: "age" in server.get(STORED).headers)
            until(lambda: readers.fresh[503])
            assert server.get("/health/ready").status_code == 503
            assert server.checks()[check] != "ok"
            assert server.get("/health/live").status_code == 200
            assert server.get("/metrics").status_code == 200
            time.sleep(A_WHILE)
        healed = readers.healed()
    assert set(server.checks().values()) == {"ok"}
    readers.report(what, healed)
    assert readers.fresh[200] > 0
    assert readers.ages


@pytest.mark.parametrize("what", ["PostgreSQL restarted", "a connection's process killed"])
def test_moment(cluster: Database, server: Server, readers: Readers, what: str) -> None:
    """What is over in a moment is got over in a moment."""
    with readers.asking():
        until(lambda: readers.fresh[200])
        if what == "PostgreSQL restarted":
            cluster.stop()
            cluster.start()
        else:
            # PostgreSQL takes that for a crash, throws everybody out and recovers.
            ours = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'upheld%' LIMIT 1"
            os.kill(int(str(cluster.ask(ours))), signal.SIGKILL)
        healed = readers.healed()
    assert set(server.checks().values()) == {"ok"}
    readers.report(what, healed)


def test_no_release(cluster: Database) -> None:
    """On a database with the schema and no release nothing is answered but 503, until there is one."""
    with new_database(cluster.address) as address:
        plain = address.replace("+psycopg", "")
        engine = write_engine(address)
        migrate(engine)
        engine.dispose()
        with serving(plain) as server:
            readers = Readers(server)
            assert server.checks() == {"database": "ok", "schema": "ok", "release": "none is loaded"}
            refused = [server.get(path) for path in (STORED, "/v1/coverage", "/v1/dataset", "/v1/export.zip")]
            assert [answer.status_code for answer in refused] == [503] * 4
            assert all("retry-after" in answer.headers for answer in refused)
            done = subprocess.run(  # noqa: S603 - our own command
                [UPHELD, "load"], env=environment(DATABASE_URL=plain), check=False, capture_output=True
            )
            assert done.returncode == 0
            with readers.asking():
                healed = readers.healed()
            readers.stored.pop(503, None)
            readers.report("no release loaded", healed)


STATEMENTS = ("release", "force", "source", "record", "evidence", "outcome_below", "current_release")
"""Tables that a load comes to, one after the other."""


def test_load_killed(cluster: Database, server: Server, readers: Readers, seeds: Path) -> None:
    """Killed at any table, a load leaves nothing: readers see the old release only, and the next load succeeds."""
    holds = "SELECT string_agg(version, ' ' ORDER BY id) || (SELECT count(*) FROM record) FROM release"
    before = cluster.ask(holds)
    replace(seeds / "forces.csv", "Dorset Police,territorial", "Dorset Constabulary,territorial")
    command = [UPHELD, "load", "--seeds", str(seeds)]
    variables = environment(DATABASE_URL=cluster.address)
    loads = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'upheld-load'"
    waits = f"{loads} AND wait_event_type = 'Lock'"
    with readers.asking():
        for table in STATEMENTS:
            with (
                cluster.locked(table, mode="EXCLUSIVE"),
                subprocess.Popen(command, env=variables) as loading,  # noqa: S603 - our own command
            ):
                until(lambda: cluster.ask(waits) != 0)
                loading.kill()
            until(lambda: cluster.ask(loads) == 0)
            assert cluster.ask(holds) == before
    readers.report(f"load killed at {len(STATEMENTS)} tables")
    assert set(readers.fresh) == {200}
    assert subprocess.run(command, env=variables, timeout=PATIENCE, check=False).returncode == 0  # noqa: S603
    until(lambda: server.get("/v1/dataset").json()["release"] == "dev")
    cluster.ask("UPDATE current_release SET release_id = (SELECT min(id) FROM release WHERE version <> 'dev')")
    cluster.ask("DELETE FROM release WHERE version = 'dev'")

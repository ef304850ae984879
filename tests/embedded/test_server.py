"""The life of the private PostgreSQL, with real servers and programs that get killed."""

import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import psycopg
import pytest
import sqlalchemy

from app.embedded import server
from app.embedded.server import running
from tests.embedded.owners import PROGRAM, ask, first_line, postmaster, program, refused
from tests.postgresql import LINUX, POSTGRES, ROOT, processes
from tests.programs import PATIENCE, UPHELD, environment, free_port, wait_until


def test_cluster_is_created_and_kept(place: Path) -> None:
    """A new folder gets a cluster and a database; the next start finds the stored data."""
    data_dir = place / "not" / "yet" / "there"
    with running(data_dir) as address:
        ask(address, "CREATE TABLE kept AS SELECT 7 AS number")
        assert ask(address, "SELECT current_database()") == "upheld"
    with running(data_dir) as address:
        assert ask(address, "SELECT number FROM kept") == 7
    assert not processes(data_dir)


def test_settings(used: Path) -> None:
    """Text is UTF-8 sorted by code point, time is UTC, commits are durable, and no TCP port is open."""
    with running(used) as address:
        assert ask(address, "SELECT string_agg(t, '' ORDER BY t) FROM unnest('{b,é,Z,a,z}'::text[]) t") == "Zabzé"
        assert ask(address, "SELECT upper('é')") == "É"
        assert [
            ask(address, f"SHOW {setting}")
            for setting in ("server_encoding", "timezone", "listen_addresses", "fsync", "synchronous_commit")
        ] == ["UTF8", "UTC", "", "on", "on"]


def test_sqlalchemy_accepts_the_address(used: Path) -> None:
    """SQLAlchemy accepts the address unchanged."""
    with running(used) as address:
        engine = sqlalchemy.create_engine(address)
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("SELECT current_database()")) == "upheld"
        engine.dispose()


def test_warm_start_is_fast(used: Path) -> None:
    """Starting on an existing cluster takes less than a second."""
    begin = time.monotonic()
    with running(used):
        assert time.monotonic() - begin < 1


VARIABLES = {
    "PGDATABASE": "other",
    "PGDATA": "/nowhere",
    "PGHOST": "127.0.0.1",
    "PGHOSTADDR": "127.0.0.1",
    "PGOPTIONS": "-c no_such_setting=1",
    "PGPORT": "6543",
    "PGSERVICE": "no-such-service",
    "PGSSLMODE": "verify-full",
    "PGTARGETSESSIONATTRS": "standby",
    "PGUSER": "somebody",
}
"""Variables that would lead libpq and asyncpg to another server, or to none."""


def test_libpq_variables_are_ignored(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables for another PostgreSQL have no effect, and are restored at the end."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with running(used) as address:
        assert ask(address, "SELECT current_database()") == "upheld"
    assert {name: os.environ[name] for name in VARIABLES} == VARIABLES


def status_of(address: str) -> int | None:
    """Return the status of an HTTP answer, or None if nothing listens."""
    try:
        return httpx.get(address, trust_env=False).status_code
    except httpx.ConnectError:
        return None


@LINUX
def test_serving(used: Path) -> None:
    """`upheld serve` ignores these variables in both of its drivers, and exits with 1 when its server is killed."""
    settings = environment(UPHELD_DATA_DIR=str(used)) | VARIABLES
    port = free_port()
    command = [UPHELD, "serve", "--port", str(port)]
    with subprocess.Popen(command, env=settings, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            wait_until(lambda: status_of(f"http://127.0.0.1:{port}/v1/figures") == 200, 2 * PATIENCE)
            os.kill(postmaster(used), signal.SIGKILL)
            _, complaint = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 1
    assert complaint.splitlines()[-1].startswith("upheld: PostgreSQL ended by itself with status -9")


@LINUX
def test_failing_block_leaves_nothing_behind(used: Path) -> None:
    """An exception leaves the block unchanged, and no process is left behind."""
    with pytest.raises(psycopg.errors.DivisionByZero), running(used) as address:
        ask(address, "SELECT 1 / 0")
    assert not processes(used)


@LINUX
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_server_dies_with_the_program(used: Path, how: signal.Signals) -> None:
    """A killed program leaves no server behind, and the next start finds its committed data."""
    with program(used) as owner:
        address = first_line(owner)
        ask(address, f"CREATE TABLE IF NOT EXISTS by_{how.name} ()")
        owner.send_signal(how)
        assert owner.wait() == -how
        wait_until(lambda: not processes(used))
    with running(used) as address:
        assert ask(address, f"SELECT to_regclass('by_{how.name}') IS NOT NULL")


@LINUX
def test_start_waits_for_a_dying_server(used: Path) -> None:
    """A program started right after a kill takes over once the old server has shut down."""
    with program(used) as owner:
        first_line(owner)
        dying = postmaster(used)
        owner.kill()
        owner.wait()
        with running(used) as address:
            assert ask(address) == 1
            assert postmaster(used) != dying


@LINUX
def test_orphaned_server_is_stopped(used: Path) -> None:
    """If a server doesn't notice that its program was killed, the next start stops it."""
    without_signal = "import app.embedded.server\napp.embedded.server.tie_to_parent = lambda: None\n"
    with program(used, without_signal + PROGRAM) as owner:
        address = first_line(owner)
        orphan = postmaster(used)
        owner.kill()
        owner.wait()
        assert ask(address) == 1
        with running(used) as address:
            assert ask(address) == 1
            assert postmaster(used) != orphan
    assert not processes(used)


@LINUX
def test_killed_server_ends_the_program(used: Path) -> None:
    """If the server is killed, the program exits with an error, so that it can be restarted."""
    with program(used) as owner:
        first_line(owner)
        os.kill(postmaster(used), signal.SIGKILL)
        assert owner.wait(10) == 1
        _, complaint = owner.communicate()
        assert "PostgreSQL ended by itself with status -9: start Upheld again." in complaint
    with running(used) as address:
        assert ask(address) == 1


@LINUX
def test_interrupted_program_drains_first(used: Path) -> None:
    """Ctrl-C reaches the program's process group but not the server, which stops when the block ends."""
    with program(used) as owner:
        first_line(owner)
        os.killpg(owner.pid, signal.SIGINT)
        printed, complaint = owner.communicate(timeout=10)
        assert printed.strip() == "drained"
        assert complaint.strip().endswith("KeyboardInterrupt")
        assert not processes(used)


@LINUX
def test_stale_pid_file(used: Path) -> None:
    """After a crash, a pid file that names another process doesn't stop the next start."""
    with program(used) as owner:
        first_line(owner)
        for pid in (owner.pid, postmaster(used)):
            os.kill(pid, signal.SIGKILL)
        owner.wait()
        wait_until(lambda: not processes(used))
    pid_file = used / POSTGRES / "data" / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"], user=pid_file.stat().st_uid if ROOT else None) as other:  # noqa: S607
        pid_file.write_text(pid_file.read_text().replace(str(postmaster(used)), str(other.pid), 1))
        with running(used) as address:
            assert ask(address) == 1
        other.kill()


@LINUX
def test_frozen_server_is_killed(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that doesn't stop in time is killed, and recovers at the next start."""
    monkeypatch.setattr(server, "STOPPING", ((signal.SIGINT, 0.1), (signal.SIGKILL, 5)))
    with running(used):
        os.kill(postmaster(used), signal.SIGSTOP)
    wait_until(lambda: not processes(used))
    with running(used) as address:
        assert ask(address) == 1


@LINUX
def test_interrupted_initdb_is_repeated(place: Path) -> None:
    """If a program is killed while creating the cluster, the next one can still create it."""
    data_dir = place / "data"
    with program(data_dir) as owner:
        wait_until((data_dir / POSTGRES / "data.new" / "global").exists)
        owner.kill()
    assert not (data_dir / POSTGRES / "data").exists()
    with running(data_dir) as address:
        assert ask(address) == 1
    assert not (data_dir / POSTGRES / "data.new").exists()


@LINUX
def test_failed_start_quotes_the_log(used: Path) -> None:
    """When a start fails, the error ends with the last lines of the server's log, and the folder stays usable."""
    settings = used / POSTGRES / "data" / "postgresql.conf"
    original = settings.read_text()
    settings.write_text(original + "no_such_setting = 1\n")
    try:
        with refused('ended with status 1: .*parameter "no_such_setting"'), running(used):
            pass
    finally:
        settings.write_text(original)
    with running(used) as address:
        assert ask(address) == 1

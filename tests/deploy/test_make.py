"""`make run` with something missing or after an interruption, using stand-ins for Python and its packages."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import PROJECT
from tests.programs import wait_until

PYTHON = f"""#!/bin/sh
# Stands in for the machine's Python: knows the three calls that the Makefile makes before there is a .venv.
case "$1 $2" in
"-c "*) exec {sys.executable} "$@" ;;
"-m venv") mkdir -p .venv/bin && for name in python uv upheld; do cp stand-in .venv/bin/$name || exit; done ;;
esac
"""

STAND_IN = """#!/bin/sh
# Stands in for everything in .venv/bin: writes down what it is asked, and waits where the test wants to interrupt.
echo "$(basename "$0") $*" >>calls
case "$(basename "$0") $*" in *"$(cat stop-at 2>/dev/null || echo nowhere)"*) exec sleep 60 ;; esac
"""

STEPS = ["-m pip install", "uv pip install --quiet --compile-bytecode", "--editable", "-m compileall"]
"""The steps of an installation, in order."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the Makefile and the files it needs."""
    shutil.copy(PROJECT / "Makefile", tmp_path)
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    shutil.copytree(PROJECT / "locks", tmp_path / "locks")
    for name, text in {"python": PYTHON, "stand-in": STAND_IN}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make until it finishes."""
    return subprocess.run(  # noqa: S603 - our own Makefile
        ["make", "PYTHON=./python", *arguments],  # noqa: S607 - the machine's make
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def calls(checkout: Path) -> list[str]:
    """Return the commands that were run in .venv."""
    path = checkout / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_it_installs_once(checkout: Path) -> None:
    """The first call installs and serves; the next only serves."""
    assert make(checkout, "run", "PORT=1234").returncode == 0
    first = calls(checkout)
    assert [step for step, line in zip(STEPS, first, strict=False) if step not in line] == []
    assert first[-1] == "upheld serve --host 127.0.0.1 --port 1234"
    assert make(checkout, "run").returncode == 0
    assert calls(checkout)[len(first) :] == ["upheld serve --host 127.0.0.1 --port 8000"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_installation_heals(checkout: Path, step: str, number: signal.Signals) -> None:
    """Wherever an installation is interrupted, the next call installs everything and serves."""
    (checkout / "stop-at").write_text(step)
    command = ["make", "PYTHON=./python", "run"]
    with subprocess.Popen(command, cwd=checkout, start_new_session=True, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        wait_until(lambda: any(step in line for line in calls(checkout)))
        os.killpg(process.pid, number)
    assert process.returncode != 0
    (checkout / "stop-at").unlink()
    (checkout / "calls").unlink()
    assert make(checkout, "run").returncode == 0
    assert [step for step in STEPS if not any(step in line for line in calls(checkout))] == []
    assert calls(checkout)[-1].startswith("upheld serve")


NO_VENV = "*ensurepip*) exit 1 ;; *) exit 0 ;;"
OLD = f"""*version_info*) exec {sys.executable} -c '
import sys
sys.version_info, sys.version = (3, 9), "3.9"
exec(sys.argv[1])' "$2" ;;"""


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (NO_VENV, "install the package python3-venv"),
        (OLD, "Upheld needs Python 3.11 or later, found 3.9; name another with PYTHON="),
    ],
    ids=["no venv", "too old"],
)
def test_a_python_that_will_not_do(checkout: Path, program: str, words: str) -> None:
    """One sentence says what's missing and what to do; nothing is left behind."""
    (checkout / "python").write_text(f'#!/bin/sh\ncase "$*" in\n{program}\nesac\n')
    done = make(checkout, "run")
    assert done.returncode != 0
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout / ".venv").exists()

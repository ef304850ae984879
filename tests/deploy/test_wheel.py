import subprocess
import sys
import zipfile
from pathlib import Path

from app.settings import PROJECT
from app.web.documents import ROOT_FILES


def test_wheels_are_complete(tmp_path: Path) -> None:
    """A wheel has every file of `app/`, plus the docs, seeds and migrations that the program reads."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True, timeout=120)  # noqa: S603 - a fixed command
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "app", "docs", "migrations", "seeds"],  # noqa: S607 - the git of this checkout
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert len(tracked) > 60
    assert {*tracked, *ROOT_FILES} <= names

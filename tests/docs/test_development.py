"""docs/development.md: each change applies to the current code, and passes lint, format and its tests."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import PROJECT
from tests.docs.markdown import blocks

PAGE = PROJECT / "docs" / "development.md"
DIFFS = dict(
    zip(["filter", "format", "field", "page", "article"], blocks(PAGE.read_text("utf-8"), "diff"), strict=True)
)
"""The diffs of the page, by what they add."""

AGAIN = (
    "edit the diff on the page so that it fits, or replace it if you made that very change; then run "
    'UPHELD_RECORD=1 make test ARGS="tests/docs/test_development.py"'
)

ALWAYS = ("tests/docs/test_glossary.py", "tests/docs/test_methodology.py", "tests/web/test_wording.py")
BESIDES = {
    "format": ("tests/clients/test_linked_data.py",),
    "page": ("tests/web/test_site.py::test_navigation_is_in_the_sitemap",),
}
"""Tests that a diff doesn't change, but that fail if it leaves something out."""

PARTS = {
    "tests/queries/test_conditions.py": ("test_every_filter_is_here", "test_each_value_of_each_filter"),
    "tests/queries/test_plans.py": ("test_every_filter_is_here",),
    "tests/web/test_page.py": ("test_caching_of_releases[/codes]", "test_unknown_parameters[/codes]"),
}
"""The tests that stand for a whole file, if that takes too long here."""


def test_names_exist() -> None:
    """Every name from the code that the page mentions exists, and so does every test that it says to run."""
    prose = re.sub(r"^```diff\n.*?^```", "", PAGE.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    code = "\n".join(
        path.read_text("utf-8")
        for folder in ("app", "bench", "migrations", "tests")
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in {".py", ".html"} and path != Path(__file__)
    )
    names = set(re.findall(r"`(\w*_\w+|[A-Z]\w+)`", prose))
    assert names
    assert sorted(name for name in names if re.search(rf"\b{name}\b", code) is None) == []
    paths = set(re.findall(r"(?:app|bench|migrations|tests)/[\w/]+(?:\.py)?", prose))
    assert sorted(path for path in paths if not (PROJECT / path).exists()) == []


def git(*arguments: str, folder: Path, given: str = "") -> str:
    """Run git in a folder, and return what it prints."""
    command = ["git", "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false", *arguments]
    done = subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert done.returncode == 0, f"{done.stderr}{AGAIN}"
    return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """Yield a copy of the repository as it is now, with every file staged."""
    for name in git("ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=PROJECT).split("\0"):
        if name and (PROJECT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, tmp_path / name)
    git("init", "--quiet", folder=tmp_path)
    git("add", "--all", folder=tmp_path)
    yield tmp_path
    shutil.rmtree(tmp_path)


def run(folder: Path, server: str, *arguments: str) -> None:
    """Run Python in a folder with a PostgreSQL server, and check that it succeeds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, *arguments],
        cwd=folder,
        env={**kept, "DATABASE_URL": server},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def with_headers(diff: str) -> str:
    """Return a diff with a header for each file; without them, git can't count the lines of a hunk itself."""
    changed = re.sub(r"^(?=--- a/(.*)$)", r"diff --git a/\1 b/\1\n", diff, flags=re.MULTILINE)
    return re.sub(
        r"^(?=--- /dev/null\n\+\+\+ b/(.*)$)",
        r"diff --git a/\1 b/\1\nnew file mode 100644\n",
        changed,
        flags=re.MULTILINE,
    )


def printed_in(folder: Path) -> str:
    """Return what git prints for the changes in a folder, without headers."""
    git("add", "--all", "--intent-to-add", folder=folder)
    printed = git("diff", "--no-color", "--no-ext-diff", "-U1", folder=folder)
    hunks = re.sub(r"^(diff|index|new file mode) .*\n", "", printed, flags=re.MULTILINE)
    return re.sub(r"^(@@ .*? @@).*", r"\1", hunks, flags=re.MULTILINE)


def without_places(diff: str) -> str:
    """Return a diff without the line numbers of its hunks, which later changes may shift."""
    return re.sub(r"^@@ -\d+(,\d+)? \+\d+(,\d+)? @@", r"@@ \1 \2 @@", diff, flags=re.MULTILINE)


@pytest.mark.parametrize("name", DIFFS)
def test_changes(copy: Path, server: str, name: str) -> None:
    """Git applies all of a diff, and then lint, format and tests pass, or `upheld check` for an article.

    `UPHELD_RECORD=1` writes the diff again as git prints it, with new line numbers.
    """
    if os.environ.get("UPHELD_RECORD"):
        git("apply", "--recount", "-", folder=copy, given=with_headers(DIFFS[name]))
        PAGE.write_text(PAGE.read_text("utf-8").replace(DIFFS[name], printed_in(copy)), "utf-8")
    else:
        git("apply", "-", folder=copy, given=DIFFS[name])
        assert without_places(printed_in(copy)) == without_places(DIFFS[name]), AGAIN
    code = re.findall(r"^\+\+\+ b/(.*\.py)$", DIFFS[name], re.MULTILINE)
    if not code:
        run(copy, server, "-c", "from app.cli import main; main()", "check")
        return
    run(copy, server, "-m", "ruff", "check", "--no-cache", *code)
    run(copy, server, "-m", "ruff", "format", "--check", "--no-cache", *code)
    tests = [file for file in code if Path(file).name.startswith("test_")]
    picked = [f"{file}::{part}" for file in tests for part in PARTS.get(file, ())]
    whole = [file for file in tests if file not in PARTS]
    options = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    run(copy, server, *options, *whole, *picked, *ALWAYS, *BESIDES.get(name, ()))

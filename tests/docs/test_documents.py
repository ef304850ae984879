"""All Markdown documents: their links, make targets and commands work."""

import re
import tomllib
from pathlib import Path

import pytest

from app.cli import COMMANDS
from app.settings import PROJECT
from tests.docs.markdown import rows

DOCUMENTS = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").rglob("*.md"))]
ALL_TEXT = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_links_to_files_work(document: Path) -> None:
    """Every relative link points to an existing file."""
    links = re.findall(r"\]\(([^)#:]+)[)#]", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_make_targets_exist() -> None:
    """Every make target that a document names is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", ALL_TEXT, re.MULTILINE))
    assert named
    assert named <= targets


def test_commands_exist() -> None:
    """Every `upheld` command that a document names exists."""
    named = set(re.findall(r"(?:`|^|\$ )(?:\.venv/bin/)?upheld ([a-z]+)", ALL_TEXT, re.MULTILINE))
    assert named
    assert named <= set(COMMANDS)


def test_every_dependency_has_its_reason() -> None:
    """docs/dependencies.md has a row for each direct dependency and for no others."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    groups = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    direct = {re.split(r"[><=]", requirement)[0] for group in groups for requirement in group}
    table = rows((PROJECT / "docs" / "dependencies.md").read_text("utf-8"))
    assert {re.findall(r"`([^`]+)`", row[0])[0] for row in table} == direct

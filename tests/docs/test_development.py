"""docs/development.md: its diffs apply to the current code."""

import subprocess

import pytest

from app.settings import PROJECT
from tests.docs.markdown import blocks

DIFFS = blocks((PROJECT / "docs" / "development.md").read_text("utf-8"), "diff")


def test_every_change_has_its_diff() -> None:
    """There are diffs for a filter, a format, a field, a page and an article."""
    assert len(DIFFS) == 5


@pytest.mark.parametrize("diff", DIFFS, ids=["filter", "format", "field", "page", "article"])
def test_diffs_apply(diff: str) -> None:
    """Git can apply each diff to this tree; if one fails, the page says how to renew it."""
    command = ["git", "apply", "--check", "-"]
    done = subprocess.run(command, cwd=PROJECT, input=diff, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, f"renew this diff in docs/development.md: {done.stderr}"

"""The supply chain: the locks, their audit, and where the checks run."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.settings import PROJECT

WORKFLOW = PROJECT / ".github" / "workflows" / "check.yml"
LOCKS = sorted((PROJECT / "locks").glob("*.txt"))


def workflow() -> dict[str, Any]:
    """Read the workflow."""
    found: dict[str, Any] = YAML(typ="safe").load(WORKFLOW)
    return found


def steps() -> list[dict[str, Any]]:
    """Return the steps of every job."""
    return [step for job in workflow()["jobs"].values() for step in job["steps"]]


def test_workflow_cannot_write() -> None:
    """No job can write to the repository, and no credentials stay in the checkout."""
    assert workflow()["permissions"] == {"contents": "read"}
    assert all(
        step["with"]["persist-credentials"] is False for step in steps() if "checkout" in step.get("uses", "")
    )


def test_workflow_does_what_is_done_here() -> None:
    """The workflow runs the same script and targets as people do, on every supported Python."""
    ran = [step["run"] for step in steps() if "run" in step and not step["run"].startswith("sudo apt-get ")]
    assert ran == [".ci/run", "make audit", "make sbom"]
    assert (PROJECT / ".ci" / "run").stat().st_mode & 0o111
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    versions = workflow()["jobs"]["check"]["strategy"]["matrix"]["python"]
    assert project["requires-python"] == f">={versions[0]}"
    assert versions == [f"3.{minor}" for minor in range(11, 11 + len(versions))]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_locks_are_whole(lock: Path) -> None:
    """Every package in a lock is pinned to a version with hashes, and no host is named."""
    text = lock.read_text()
    pinned = re.findall(
        r"^([a-z0-9.-]+)==(\S+)(.*)\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE
    )
    assert len(pinned) == len(re.findall(r"^\S", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), re.MULTILINE))
    assert pinned
    assert "://" not in text


def test_locks_agree() -> None:
    """A package in several locks has one version, so we test what we install."""
    found: dict[str, set[frozenset[str]]] = {}
    for lock in LOCKS:
        pinned: dict[str, set[str]] = {}
        for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", lock.read_text(), re.MULTILINE):
            pinned.setdefault(name, set()).add(version)
        for name, versions in pinned.items():
            # There's more than one if an older Python needs an older version.
            found.setdefault(name, set()).add(frozenset(versions))
    assert {name: versions for name, versions in found.items() if len(versions) > 1} == {}


def test_target_is_ignored_by_git() -> None:
    """Git ignores the output of `make sbom`."""
    (name,) = re.findall(r"--output-file (\S+\.json)", (PROJECT / "Makefile").read_text())
    assert name in (PROJECT / ".gitignore").read_text().splitlines()

"""CONTRIBUTING.md: the files it lists for a request and for a seed file do run."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

import pytest
from httpx import AsyncClient

from app.database.prepare import load_into
from app.settings import PROJECT
from tests.docs.markdown import section

CONTRIBUTING = (PROJECT / "CONTRIBUTING.md").read_text("utf-8")


def listed(heading: str) -> list[str]:
    """Return the files in the numbered list below a heading, one per line."""
    text = section(CONTRIBUTING, heading)
    found = re.findall(r"^(\d+)\. `(app/[\w/]+\.py)`", text, re.MULTILINE)
    assert [int(number) for number, _ in found] == list(
        range(1, len(re.findall(r"^\d+\.", text, re.MULTILINE)) + 1)
    )
    return [file for _, file in found]


@contextmanager
def files_that_run() -> Iterator[set[str]]:
    """Collect the program's files whose functions are called during the block."""
    found: set[str] = set()
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event != "call" or frame.f_code in seen:
            return
        seen.add(frame.f_code)
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PROJECT / "app"):
            found.add(path.relative_to(PROJECT).as_posix())

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(before)


@pytest.mark.anyio
async def test_files_of_a_request(client: AsyncClient) -> None:
    """At most twelve files are listed, and all of them run; `main.py` has already run at startup."""
    files = listed("## Follow a request")
    assert len(files) <= 12
    with files_that_run() as ran:
        answer = await client.get("/v1/outcomes?force=metropolitan&outcome=upheld")
    assert answer.status_code == 200
    assert set(files) - ran == {"app/main.py"}


def test_files_of_a_seed_file(empty_database: str) -> None:
    """At most twelve files are listed, and all of them run."""
    files = listed("## Follow a seed file")
    assert len(files) <= 12
    with files_that_run() as ran:
        load_into(empty_database, PROJECT / "seeds")
    assert set(files) <= ran


def test_packages() -> None:
    """The table has every package in `app/` except `embedded`, which is described separately."""
    named = set(re.findall(r"^\| `app/(\w+)", section(CONTRIBUTING, "## Where things are"), re.MULTILINE))
    packages = {path.parent.name for path in (PROJECT / "app").glob("*/__init__.py")}
    assert packages - named == {"embedded"}
    assert "`app/embedded/`" in CONTRIBUTING

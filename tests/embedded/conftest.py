"""A data folder with a cluster, made only once because it takes longer than most tests."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded.server import running
from tests.postgresql import processes


@pytest.fixture(scope="session")
def parent_of_used() -> Iterator[Path]:
    """Yield a folder that has a data folder with a cluster."""
    folder = Path(tempfile.mkdtemp(prefix="upheld-test-")).resolve()
    folder.chmod(0o755)
    with running(folder / "data"):
        pass
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def used(parent_of_used: Path) -> Path:
    """Return a data folder with a cluster and no running server."""
    assert not processes(parent_of_used / "data")
    return parent_of_used / "data"

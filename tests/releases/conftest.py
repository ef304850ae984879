"""Seeds with one release."""

import shutil
from pathlib import Path

import pytest

from tests.released_seeds import write_released_seeds


@pytest.fixture(scope="session")
def first_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return seeds with one release, for tests to copy."""
    return write_released_seeds(tmp_path_factory.mktemp("released"))


@pytest.fixture
def seeds(first_release: Path, tmp_path: Path) -> Path:
    """Return seeds with one release, for a test to edit."""
    return Path(shutil.copytree(first_release, tmp_path / "seeds"))

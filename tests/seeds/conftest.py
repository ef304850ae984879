"""Folders of seeds with the made-up article, which a test may change."""

from pathlib import Path

import pytest

from tests.seeds.made_up_article import ARTICLE, REFERENCE_DATA, TEXT


@pytest.fixture
def article(tmp_path: Path) -> Path:
    """Return the made-up article in a folder of seeds that a test may change."""
    for name, text in REFERENCE_DATA.items():
        (tmp_path / name).write_text(text)
    path = tmp_path / ARTICLE
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def real(seeds: Path) -> Path:
    """Return a copy of the real seeds, with the made-up article instead of the real ones."""
    (seeds / "workforce.csv").unlink()
    for path in seeds.glob("*-20*.yaml"):
        path.unlink()
    (seeds / ARTICLE).write_text(TEXT, encoding="utf-8")
    return seeds


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of an article that isn't written yet, in a folder of seeds that many examples share."""
    folder = tmp_path_factory.mktemp("bare")
    for name, text in REFERENCE_DATA.items():
        (folder / name).write_text(text)
    return folder / ARTICLE

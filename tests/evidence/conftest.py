"""The made-up article and the real ones, each with records and a ledger."""

import shutil
from pathlib import Path

import pytest

from app.seeds.reading import read
from tests.evidence.corpus import Corpus
from tests.real_seeds import articles_of, real_seeds
from tests.texts import ARTICLES, FORCE, MADE_UP, NAME


@pytest.fixture
def made_up(seeds: Path, tmp_path: Path) -> Corpus:
    """Return the made-up article and its records; the real records are included, but not their texts."""
    shutil.copy(MADE_UP / f"{NAME}.yaml", seeds)
    with (seeds / "forces.csv").open("a", encoding="utf-8") as forces:
        forces.write(FORCE)
    curated = read(seeds)
    return Corpus(articles_of(curated.dataset), curated.ledgers, Path(shutil.copytree(MADE_UP, tmp_path / "texts")))


@pytest.fixture
def real(tmp_path: Path) -> Corpus:
    """Return the real records and a copy of the articles; skip if they aren't on this machine."""
    if not ARTICLES.is_dir():
        pytest.skip("the articles are not on this machine, so the seeds can't be verified")
    texts = Path(shutil.copytree(ARTICLES, tmp_path / "texts", dirs_exist_ok=True))
    return Corpus(articles_of(real_seeds().dataset), real_seeds().ledgers, texts)


@pytest.fixture(params=["made_up", "real"])
def corpus(request: pytest.FixtureRequest) -> Corpus:
    """Return the made-up corpus, then the real one."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Corpus)
    return found

"""The project's own seeds, and their first release."""

from functools import cache

from app.domain.dataset import Dataset, Release
from app.releases.editions import release_of
from app.releases.files import read_snapshot
from app.seeds.reading import Seeds, read
from app.settings import PROJECT


@cache
def real_seeds() -> Seeds:
    """Return the project's own seeds as they are now."""
    return read(PROJECT / "seeds")


def real_release() -> tuple[Dataset, Release]:
    """Return the dataset of the project's own seeds, and the release that it is."""
    return real_seeds().dataset, release_of(real_seeds())


@cache
def first_release() -> tuple[Dataset, Release]:
    """Return the dataset of release 1.0.0. It never changes, so new articles break no test that counts records."""
    release = real_seeds().releases[0]
    assert release.version == "1.0.0"
    return read_snapshot(PROJECT / "seeds", release), release

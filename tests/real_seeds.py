"""The project's own seeds."""

from functools import cache

from app.domain.dataset import Dataset, Release
from app.releases.editions import release_of
from app.seeds.reading import Seeds, read
from app.settings import PROJECT


@cache
def real_seeds() -> Seeds:
    """Return the project's own seeds."""
    return read(PROJECT / "seeds")


def real_release() -> tuple[Dataset, Release]:
    """Return the dataset of the project's own seeds, and the release that it is."""
    return real_seeds().dataset, release_of(real_seeds())

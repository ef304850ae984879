"""The project's own seeds, and their first release."""

from functools import cache

from app.domain.dataset import Dataset, Release
from app.domain.vocabulary import SourceKind
from app.releases.canonical import from_canonical
from app.releases.editions import release_of
from app.releases.files import read_lines
from app.seeds.reading import Seeds, read
from app.settings import PROJECT


@cache
def real_seeds() -> Seeds:
    """Return the project's own seeds as they are now."""
    return read(PROJECT / "seeds")


def real_release() -> tuple[Dataset, Release]:
    """Return the dataset and the release of the project's own seeds."""
    return real_seeds().dataset, release_of(real_seeds())


@cache
def first_release() -> tuple[Dataset, Release]:
    """Return the dataset of release 1.0.0. It never changes, so new articles break no test that counts records."""
    release = real_seeds().releases[0]
    assert release.version == "1.0.0"
    return from_canonical(read_lines(PROJECT / "seeds", release)), release


def articles_of(dataset: Dataset) -> Dataset:
    """Return a dataset without its tables, whose cells have their own tests."""
    tables = {source.id for source in dataset.sources if source.kind is SourceKind.DATA_TABLE}
    return dataset.model_copy(
        update={
            "sources": [source for source in dataset.sources if source.id not in tables],
            "records": [record for record in dataset.records if record.evidence[0].source not in tables],
        }
    )

"""Every release in the seeds, with its content and history; unreleased changes come last, as `dev`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Self

from app.domain.dataset import Dataset, Release
from app.releases.canonical import digest, from_canonical
from app.releases.files import read_lines
from app.releases.history import History, histories
from app.seeds.reading import Seeds


@dataclass(frozen=True)
class Edition:
    """A release, its content, and its history.

    Content is read lazily: most starts find every release already loaded and need none of it.
    """

    release: Release
    read: Callable[[], tuple[Dataset, History]]

    @classmethod
    def of(cls, release: Release, dataset: Dataset, history: History) -> Self:
        """Return an edition whose content has already been read."""
        return cls(release, lambda: (dataset, history))

    @cached_property
    def dataset(self) -> Dataset:
        """The released content."""
        return self.read()[0]

    @cached_property
    def history(self) -> History:
        """The releases in which each record was added and last changed."""
        return self.read()[1]


def release_of(seeds: Seeds) -> Release:
    """Return the release that the seeds match: the latest one, or `dev` if they differ from it."""
    sha256 = digest(seeds.dataset)
    if seeds.releases and seeds.releases[-1].digest == sha256:
        return seeds.releases[-1]
    return Release(version="dev", published_at=datetime.now(UTC), note="Not released.", digest=sha256)


def editions(seeds: Seeds) -> list[Edition]:
    """Return every release, oldest first, and `dev` if the seeds differ from the latest.

    Raises:
        ReleaseError: if a release's content is missing or has changed.

    """
    held = {release.version: read_lines(seeds.folder, release) for release in seeds.releases}
    latest = release_of(seeds)
    dev = [latest] if latest.version == "dev" else []

    @cache
    def contents() -> dict[str, tuple[Dataset, History]]:
        """Return the content of all of them, because each history depends on earlier releases."""
        datasets = {version: from_canonical(lines) for version, lines in held.items()}
        datasets |= {release.version: seeds.dataset for release in dev}
        past = histories(datasets.items())
        return {version: (dataset, next(past)) for version, dataset in datasets.items()}

    def edition(release: Release) -> Edition:
        return Edition(release, lambda: contents()[release.version])

    return [edition(release) for release in (*seeds.releases, *dev)]

"""Every release of the seeds, with its content and history; last, unreleased changes as `dev`."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.dataset import Dataset, Release
from app.releases.canonical import digest
from app.releases.files import read_snapshot
from app.releases.history import History, histories
from app.seeds.reading import Seeds


@dataclass(frozen=True)
class Edition:
    """A release, its content, and how it came about."""

    release: Release
    dataset: Dataset
    history: History


def release_of(seeds: Seeds) -> Release:
    """Return the release that the seeds are: the latest one, or `dev` if they differ from it."""
    sha256 = digest(seeds.dataset)
    if seeds.releases and seeds.releases[-1].digest == sha256:
        return seeds.releases[-1]
    return Release(version="dev", published_at=datetime.now(UTC), note="Not released.", digest=sha256)


def editions(seeds: Seeds) -> list[Edition]:
    """Return every release, oldest first, and `dev` if the seeds differ from the latest.

    Raises:
        ReleaseError: if a release's content is missing or has changed.

    """
    contents = [(release, read_snapshot(seeds.folder, release)) for release in seeds.releases]
    latest = release_of(seeds)
    if latest.version == "dev":
        contents.append((latest, seeds.dataset))
    past = histories((release.version, dataset) for release, dataset in contents)
    return [Edition(release, dataset, history) for (release, dataset), history in zip(contents, past, strict=True)]

"""The history of records: the release in which each was added, and the one in which it last changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.dataset import Dataset
from app.domain.records import Record
from app.releases.differences import Change, differences


@dataclass(frozen=True)
class History:
    """How a release came about."""

    first: Mapping[str, str]
    """The release that added each record."""
    changed: Mapping[str, str]
    """The release that last changed each record."""
    changes: Sequence[Change] = ()
    """What the release changed; empty for the first one."""


def histories(releases: Iterable[tuple[str, Dataset]]) -> Iterator[History]:
    """Yield the history of each release, oldest first."""
    first: dict[str, str] = {}
    changed: dict[str, str] = {}
    before: Dataset | None = None
    last: dict[str, Record] = {}
    for version, dataset in releases:
        for record in dataset.records:
            first.setdefault(record.id, version)
            # A record that comes back after a withdrawal counts as changed.
            if last.get(record.id) != record:
                changed[record.id] = version
        changes = differences(before, dataset) if before is not None else []
        yield History(dict(first), dict(changed), changes)
        before = dataset
        last = {record.id: record for record in dataset.records}

"""Remove a record from every release for legal reasons: the only way a release ever changes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.domain.dataset import Dataset, Tombstone
from app.domain.records import Figure, Record
from app.releases.canonical import canonical, digest, from_canonical
from app.releases.files import (
    ReleaseError,
    listing_path,
    read_lines,
    read_list,
    replace_files,
    snapshot_path,
)
from app.seeds.reading import Seeds, read
from app.seeds.validation import did_you_mean


@dataclass(frozen=True)
class Removal:
    """A removed record, and where people should look for any traces of it."""

    tombstone: Tombstone
    versions: Sequence[str]
    """The releases that contained it."""
    named: Sequence[str]
    """Lines that still name it: notes and reasons of releases, texts of other records."""
    referring: Sequence[str]
    """Records that referred to it and may repeat what it said."""


def withdraw(folder: Path, record_id: str, reason: str) -> Removal:
    """Remove a record from every release. Only its id, the day and the reason remain.

    The curators' own files aren't changed. The record must be deleted from them first, because only a person can
    tell where else they mention it.

    Raises:
        SeedError: if the seeds have problems.
        ReleaseError: if no release has the record, or the curators' files still name it.

    """
    tombstone = _tombstone(record_id, reason)
    listing, tombstones = listing_path(folder), folder / "tombstones.yaml"
    if places := list(_places(record_id, sorted({*folder.glob("*.yaml")} - {listing, tombstones}))):
        lines = "".join(f"\n  {place}" for place in places)
        raise ReleaseError(
            f"first remove {record_id} and everything about it from the seeds; it is still named in{lines}"
        )
    seeds = read(folder)
    for earlier in seeds.tombstones:
        if earlier.id == record_id:
            raise ReleaseError(f"{record_id} was already removed on {earlier.day}")
    before = _releases_with(seeds, record_id)
    after = {version: without(dataset, {record_id}) for version, dataset in before.items()}
    entries = read_list(listing)
    for entry in entries:
        if entry["version"] in after:
            entry["digest"] = digest(after[entry["version"]])
        # A reason for an earlier correction or withdrawal says something about the record, too.
        entry.get("reasons", {}).pop(record_id, None)
    removals = read_list(tombstones)
    removals.append(tombstone.model_dump(mode="json"))
    replace_files(
        {
            **{snapshot_path(folder, version): b"".join(canonical(dataset)) for version, dataset in after.items()},
            listing: entries,
            tombstones: removals,
        }
    )
    return Removal(
        tombstone=tombstone,
        versions=list(before),
        named=list(_places(record_id, [listing, *(snapshot_path(folder, version) for version in after)])),
        referring=sorted({id_ for version in before for id_ in _referring(before[version], after[version])}),
    )


def without(dataset: Dataset, removed: AbstractSet[str]) -> Dataset:
    """Return a dataset without the given records and without any reference to them.

    A figure loses its base if the settled one is removed, because its other candidates were ruled out. An ambiguous
    base keeps the remaining candidates.
    """
    records = [_detached(record, removed) for record in dataset.records if record.id not in removed]
    return dataset.model_copy(update={"records": records})


def _detached(record: Record, removed: AbstractSet[str]) -> Record:
    changes: dict[str, Any] = {"related": [other for other in record.related if other.id not in removed]}
    if isinstance(record, Figure) and record.base is not None:
        candidates = [candidate for candidate in record.base.candidates if candidate not in removed]
        keeps_base = candidates and record.base.id not in removed
        changes["base"] = record.base.model_copy(update={"candidates": candidates}) if keeps_base else None
    return record.model_copy(update=changes)


def _tombstone(record_id: str, reason: str) -> Tombstone:
    try:
        return Tombstone(id=record_id, day=datetime.now(UTC).date(), reason=reason)
    except ValidationError as error:
        wrong = "; ".join(f"{detail['loc'][-1]} {detail['input']!r}: {detail['msg']}" for detail in error.errors())
        raise ReleaseError(f"nothing was removed: {wrong}") from error


def _releases_with(seeds: Seeds, record_id: str) -> dict[str, Dataset]:
    """Return the content of every release that contains a record, by version."""
    contents = {release.version: from_canonical(read_lines(seeds.folder, release)) for release in seeds.releases}
    ids = {version: {record.id for record in dataset.records} for version, dataset in contents.items()}
    found = {version: dataset for version, dataset in contents.items() if record_id in ids[version]}
    if not found:
        known = sorted(set().union(*ids.values()))
        raise ReleaseError(f"no release has {record_id}{did_you_mean(record_id, known)}")
    return found


def _places(record_id: str, paths: Iterable[Path]) -> Iterator[str]:
    """Yield where files name a record, as `file:line`."""
    id_ = re.compile(rf"(?<![a-z0-9-]){re.escape(record_id)}(?![a-z0-9-])")
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if id_.search(line):
                yield f"{path.name}:{number}"


def _referring(before: Dataset, after: Dataset) -> Iterator[str]:
    """Yield the records that referred to the removed one."""
    remaining = {record.id: record for record in after.records}
    return (record.id for record in before.records if remaining.get(record.id, record) != record)

"""Releases on disk: `releases.yaml` says what each is, `releases/VERSION.jsonl` what it holds, for ever.

The YAML files compile to the canonical form, and that is what is loaded: there is one form of truth. What is
in the YAML and not yet released is served as `dev`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML

from app.domain.dataset import Dataset, Release, Tombstone
from app.errors import UpheldError
from app.releases.canonical import (
    Change,
    History,
    Step,
    canonical,
    digest,
    digest_of,
    from_canonical,
    histories,
    without,
)
from app.seeds.reading import read, read_releases, read_tombstones

FIRST_VERSION = "1.0.0"
STEPS: Sequence[Step] = ("patch", "minor", "major")

Content = bytes | list[Any]
"""What a file is to hold: bytes as they are, or a list in YAML."""


class ReleaseError(UpheldError):
    """A release cannot be made or read; the message says what to do."""


@dataclass(frozen=True)
class Edition:
    """A release with what it holds and how it came about."""

    release: Release
    dataset: Dataset
    history: History


def editions(seeds: Path) -> list[Edition]:
    """Read every release of a folder, oldest first, and last, where the seeds are ahead of them, `dev`.

    Raises:
        SeedError: where the seeds have problems.
        ReleaseError: where a snapshot is missing or is not what `releases.yaml` says it is.

    """
    dataset, release = read(seeds)
    found = [(known, read_snapshot(seeds, known)) for known in read_releases(seeds)]
    if release.version == "dev":
        found.append((release, dataset))
    past = histories((known.version, held) for known, held in found)
    return [Edition(known, held, history) for (known, held), history in zip(found, past, strict=True)]


def snapshot_path(seeds: Path, version: str) -> Path:
    """Return where the snapshot of a release lies."""
    return seeds / "releases" / f"{version}.jsonl"


def read_snapshot(seeds: Path, release: Release) -> Dataset:
    """Read what a release holds, and make sure that it is what it was when it was released."""
    path = snapshot_path(seeds, release.version)
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise ReleaseError(f"{path}: the snapshot of release {release.version} cannot be read: {error}") from error
    if (found := digest_of(lines)) != release.digest:
        raise ReleaseError(
            f"{path}: release {release.version} never changes, but its digest is {found} and releases.yaml has "
            f"{release.digest}; restore the file"
        )
    return from_canonical(lines)


def step_of(changes: Sequence[Change]) -> Step:
    """Return how large a step in the version changes ask for."""
    return max((change.step for change in changes), key=STEPS.index, default="patch")


def next_version(version: str, step: Step) -> str:
    """Return the version after another by a step (Semantic Versioning)."""
    parts = [int(part) for part in version.split(".")]
    place = {"major": 0, "minor": 1, "patch": 2}[step]
    return ".".join(str(p) for p in [*parts[:place], parts[place] + 1, *[0] * (2 - place)])


def unexplained(changes: Sequence[Change], reasons: Mapping[str, str]) -> list[str]:
    """Return the records that changes correct or withdraw without a reason."""
    corrected = {change.id for change in changes if change.thing == "record" and change.type != "added"}
    return sorted(corrected - set(reasons))


def make(seeds: Path, version: str, note: str, reasons: Mapping[str, str]) -> Edition:
    """Write a new release of the seeds: its snapshot, and its entry in `releases.yaml`.

    Raises:
        SeedError: where the seeds have problems.
        ReleaseError: where nothing is new, the version does not fit the changes, or a reason is missing.

    """
    known = editions(seeds)
    edition = known[-1]
    changes = edition.history.changes
    if edition.release.version != "dev":
        raise ReleaseError(f"nothing has changed since release {edition.release.version}")
    before = known[-2].release.version if len(known) > 1 else None
    wanted = next_version(before, step_of(changes)) if before else FIRST_VERSION
    if version != wanted:
        why = f"the changes since {before} are {step_of(changes)}" if before else "it is the first one"
        raise ReleaseError(f"the next release is {wanted}, not {version}: {why}")
    if missing := unexplained(changes, reasons):
        named = "".join(f"\n  --reason '{record}=…'" for record in missing)
        raise ReleaseError(f"each corrected or withdrawn record needs a reason; give it with{named}")
    changed = {change.id for change in changes if change.thing == "record"}
    if unknown := sorted(set(reasons) - changed):
        raise ReleaseError(f"a reason is given for what did not change: {', '.join(unknown)}")
    published_at = datetime.now(UTC).replace(microsecond=0)
    if before:
        # Releases are put in order by their times, so no two have the same.
        published_at = max(published_at, known[-2].release.published_at + timedelta(seconds=1))
    release = Release(
        version=version,
        published_at=published_at,
        note=note,
        digest=digest(edition.dataset),
        reasons=dict(reasons),
    )
    _write(seeds, release, edition.dataset)
    return Edition(release, edition.dataset, edition.history)


def _write(seeds: Path, release: Release, dataset: Dataset) -> None:
    listing = seeds / "releases.yaml"
    entries = [*_entries(listing), release.model_dump(mode="json", exclude_defaults=True)]
    # The listing comes last, so that an interrupted release leaves at most a snapshot that nothing names.
    written: dict[Path, Content] = {
        snapshot_path(seeds, release.version): b"".join(canonical(dataset)),
        listing: entries,
    }
    citation = seeds.parent / "CITATION.cff"
    if citation.exists():
        written[citation] = _cited(citation.read_text(encoding="utf-8"), release).encode()
    _replace(written)


def _cited(citation: str, release: Release) -> str:
    """Return a citation file that names a release as the latest."""
    for name, value in (("version", release.version), ("date-released", f"{release.published_at:%Y-%m-%d}")):
        line = f'{name}: "{value}"\n'
        citation, found = re.subn(rf"^{name}:.*\n", line, citation, flags=re.MULTILINE)
        if not found:
            citation += line
    return citation


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _entries(path: Path) -> list[Any]:
    """Return the entries of a listing, with their comments."""
    return (_yaml().load(path) if path.exists() else None) or []


def _replace(written: Mapping[Path, Content]) -> None:
    """Write files, lists as YAML, and put them in the place of the old ones when all of them are whole."""
    for path, content in written.items():
        path.parent.mkdir(exist_ok=True)
        with _draft(path).open("wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                _yaml().dump(content, file)
    for path in written:
        _draft(path).replace(path)


def _draft(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


@dataclass(frozen=True)
class Removal:
    """A record that was removed for legal reasons, and where a reader should look for what is left of it."""

    tombstone: Tombstone
    versions: Sequence[str]
    """The releases that held it."""
    named: Sequence[str]
    """Lines that still name it: notes and reasons of releases, words of other records."""
    referring: Sequence[str]
    """Records that referred to it, whose own words may tell it again."""


def remove(seeds: Path, record_id: str, reason: str) -> Removal:
    """Remove a record from every release for legal reasons; its id, the day and the reason are all that is left.

    It is the one thing by which a release changes. The curators' own files are not touched: they have to be rid
    of the record before, because only a reader can tell where else in them it is told.

    Raises:
        SeedError: where the seeds have problems.
        ReleaseError: where no release has the record, or the curators' files still name it.

    """
    stone = _tombstone(record_id, reason)
    for earlier in read_tombstones(seeds):
        if earlier.id == record_id:
            raise ReleaseError(f"{record_id} was removed on {earlier.day} already")
    listing, stones = seeds / "releases.yaml", seeds / "tombstones.yaml"
    if places := list(_naming(record_id, sorted({*seeds.glob("*.yaml")} - {listing, stones}))):
        named = "".join(f"\n  {place}" for place in places)
        raise ReleaseError(
            f"first take {record_id} and all that tells of it out of the seeds; they name it in{named}"
        )
    read(seeds)
    holding = _holding(seeds, record_id)
    after = {version: without(dataset, {record_id}) for version, dataset in holding.items()}
    entries = _entries(listing)
    for entry in entries:
        if entry["version"] in after:
            entry["digest"] = digest(after[entry["version"]])
        # Why it was once corrected or withdrawn tells of it as well.
        entry.get("reasons", {}).pop(record_id, None)
    _replace(
        {
            **{snapshot_path(seeds, version): b"".join(canonical(dataset)) for version, dataset in after.items()},
            listing: entries,
            stones: [*_entries(stones), stone.model_dump(mode="json")],
        }
    )
    return Removal(
        tombstone=stone,
        versions=list(holding),
        named=list(_naming(record_id, [listing, *(snapshot_path(seeds, version) for version in after)])),
        referring=sorted({name for dataset in holding.values() for name in _referring(record_id, dataset)}),
    )


def _tombstone(record_id: str, reason: str) -> Tombstone:
    try:
        return Tombstone(id=record_id, day=datetime.now(UTC).date(), reason=reason)
    except ValidationError as error:
        wrong = "; ".join(f"{detail['loc'][-1]} {detail['input']!r}: {detail['msg']}" for detail in error.errors())
        raise ReleaseError(f"nothing is removed: {wrong}") from error


def _holding(seeds: Path, record_id: str) -> dict[str, Dataset]:
    """Return what the releases that have a record hold, by version."""
    held = {release.version: read_snapshot(seeds, release) for release in read_releases(seeds)}
    ids = {version: {record.id for record in dataset.records} for version, dataset in held.items()}
    holding = {version: dataset for version, dataset in held.items() if record_id in ids[version]}
    if not holding:
        near = get_close_matches(record_id, set().union(*ids.values()), 1)
        raise ReleaseError(f"no release has {record_id}" + (f"; did you mean {near[0]}?" if near else ""))
    return holding


def _naming(record_id: str, paths: Iterable[Path]) -> Iterator[str]:
    """Yield where files name a record."""
    whole = re.compile(rf"(?<![a-z0-9-]){re.escape(record_id)}(?![a-z0-9-])")
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if whole.search(line):
                yield f"{path.name}:{number}"


def _referring(record_id: str, dataset: Dataset) -> Iterator[str]:
    """Yield the records that refer to another."""
    freed = {record.id: record for record in without(dataset, {record_id}).records}
    return (record.id for record in dataset.records if record.id in freed and freed[record.id] != record)

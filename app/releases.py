"""Releases on disk: `releases.yaml` says what each is, `releases/VERSION.jsonl` what it holds, for ever.

The YAML files compile to the canonical form, and that is what is loaded: there is one form of truth. What is
in the YAML and not yet released is served as `dev`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ruamel.yaml import YAML

from app.records import Dataset, Release
from app.seeding import read, read_releases
from app.snapshots import Change, History, Step, canonical, digest, digest_of, from_canonical, histories

FIRST_VERSION = "1.0.0"
STEPS: Sequence[Step] = ("patch", "minor", "major")


class ReleaseError(Exception):
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
    release = Release(
        version=version,
        published_at=datetime.now(UTC).replace(microsecond=0),
        note=note,
        digest=digest(edition.dataset),
        reasons=dict(reasons),
    )
    _write(seeds, release, edition.dataset)
    return Edition(release, edition.dataset, edition.history)


def _write(seeds: Path, release: Release, dataset: Dataset) -> None:
    path = snapshot_path(seeds, release.version)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(canonical(dataset)))
    entry = release.model_dump(mode="json", exclude_defaults=True)
    listing = seeds / "releases.yaml"
    yaml = YAML(typ="rt")
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    entries = (yaml.load(listing) if listing.exists() else None) or []
    entries.append(entry)
    draft = listing.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as file:
        yaml.dump(entries, file)
    # Last, so that an interrupted release leaves at most a snapshot that nothing names.
    draft.replace(listing)

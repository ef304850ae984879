"""Make a release of the seeds."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.domain.dataset import Dataset, Release
from app.releases.canonical import canonical, digest
from app.releases.differences import Change, Step
from app.releases.editions import Edition, editions
from app.releases.files import ReleaseError, listing_path, read_list, replace_files, snapshot_path
from app.seeds.reading import read

FIRST_VERSION = "1.0.0"
STEPS: Sequence[Step] = ("major", "minor", "patch")
"""The steps by their places in a version."""


def publish(folder: Path, version: str, note: str, reasons: Mapping[str, str]) -> Edition:
    """Make a release of a folder of seeds: write its content and its entry in `releases.yaml`.

    Raises:
        SeedError: if the seeds have problems.
        ReleaseError: if nothing has changed, the version doesn't fit the changes, or a reason is missing.

    """
    *earlier, edition = editions(read(folder))
    changes = edition.history.changes
    if edition.release.version != "dev":
        raise ReleaseError(f"nothing has changed since release {edition.release.version}")
    before = earlier[-1].release if earlier else None
    _check_version(version, before, changes)
    _check_reasons(reasons, changes)
    published_at = datetime.now(UTC).replace(microsecond=0)
    if before:
        # Releases are sorted by time, so no two may have the same time.
        published_at = max(published_at, before.published_at + timedelta(seconds=1))
    release = Release(
        version=version,
        published_at=published_at,
        note=note,
        digest=digest(edition.dataset),
        reasons=dict(reasons),
    )
    _write(folder, release, edition.dataset)
    return Edition.of(release, edition.dataset, edition.history)


def next_version(version: str, step: Step) -> str:
    """Return the next version according to Semantic Versioning."""
    parts = [int(part) for part in version.split(".")]
    place = STEPS.index(step)
    return ".".join(str(part) for part in [*parts[:place], parts[place] + 1, *[0] * (2 - place)])


def _check_version(version: str, before: Release | None, changes: Sequence[Change]) -> None:
    expected, why = FIRST_VERSION, "it is the first one"
    if before:
        step: Step = min((change.step for change in changes), key=STEPS.index, default="patch")
        expected = next_version(before.version, step)
        why = f"the changes since {before.version} are {step}: {_named(changes, step)}"
    if version != expected:
        raise ReleaseError(f"the next release must be {expected}, not {version}: {why}")


MAX_NAMED = 5
"""The most changes that a message names."""


def _named(changes: Sequence[Change], step: Step) -> str:
    """Return the changes that make this step necessary."""
    found = [change for change in changes if change.step == step]
    named = [f"{change.thing} {change.id}, {change.field or change.type}" for change in found[:MAX_NAMED]]
    more = [f"{len(found) - MAX_NAMED} more"] if len(found) > MAX_NAMED else []
    return "; ".join([*named, *more])


def _check_reasons(reasons: Mapping[str, str], changes: Sequence[Change]) -> None:
    """Require a reason for every record that was corrected or withdrawn, and reject reasons for other records."""
    records = [change for change in changes if change.thing == "record"]
    if missing := sorted({change.id for change in records if change.type != "added"} - reasons.keys()):
        options = "".join(f"\n  --reason '{id_}=…'" for id_ in missing)
        raise ReleaseError(f"each corrected or withdrawn record needs a reason; add{options}")
    if unchanged := sorted(reasons.keys() - {change.id for change in records}):
        raise ReleaseError(f"there is a reason for records that did not change: {', '.join(unchanged)}")


def _write(folder: Path, release: Release, dataset: Dataset) -> None:
    listing, citation = listing_path(folder), folder.parent / "CITATION.cff"
    entries = read_list(listing)
    entries.append(release.model_dump(mode="json", exclude_defaults=True))
    # Write the list after the content, so that an interrupted release isn't listed.
    contents: dict[Path, bytes | list[Any]] = {
        snapshot_path(folder, release.version): b"".join(canonical(dataset)),
        listing: entries,
    }
    if citation.exists():
        contents[citation] = _citing(citation.read_text(encoding="utf-8"), release).encode()
    replace_files(contents)


def _citing(citation: str, release: Release) -> str:
    """Return a citation file updated with a release's version and date."""
    for name, value in (("version", release.version), ("date-released", f"{release.published_at:%Y-%m-%d}")):
        line = f'{name}: "{value}"\n'
        citation, found = re.subn(rf"^{name}:.*\n", line, citation, flags=re.MULTILINE)
        if not found:
            citation += line
    return citation

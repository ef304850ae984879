"""The release that the seeds are, and the content of each release."""

import json
from pathlib import Path

from app.releases.canonical import digest
from app.releases.editions import release_of
from app.seeds.reading import read
from tests.seed_files import replace, unrelease


def test_seeds_are_the_release_that_was_made_from_them(seeds: Path) -> None:
    """Seeds with the digest of the latest entry in `releases.yaml` are that release; changed seeds are `dev`."""
    unrelease(seeds)
    unreleased = read(seeds)
    sha256 = digest(unreleased.dataset)
    assert (release_of(unreleased).version, release_of(unreleased).digest) == ("dev", sha256)
    entry = {"version": "1.2.3", "published_at": "2026-01-02T03:04:05Z", "note": "First.", "digest": sha256}
    (seeds / "releases.yaml").write_text(json.dumps([entry]))
    assert release_of(read(seeds)).version == "1.2.3"
    replace(seeds / "forces.csv", "Dorset Police", "Dorset Constabulary")
    assert release_of(read(seeds)).version == "dev"

"""Making a release: version, reasons and files."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from app.releases.editions import editions
from app.releases.files import ReleaseError, snapshot_path
from app.releases.publish import next_version, publish
from app.seeds.reading import read
from tests.released_seeds import MET, REASON, REMOVED, UPHELD, add, correct, drop, replace_first, rewrite
from tests.seed_files import unrelease


def add_area(seeds: Path) -> None:
    """Insert an area between a force and the area that contains it."""
    replace_first(seeds / "forces.csv", "E23000001,england-and-wales", "E23000001,london")
    replace_first(
        seeds / "forces.csv",
        "england-and-wales,England and Wales",
        "london,London,area,,england-and-wales,\nengland-and-wales,England and Wales",
    )


def leave_upheld(seeds: Path) -> None:
    """Make a change of rules leave an outcome unaffected."""
    replace_first(seeds / "breaks.yaml", "outcomes: [upheld, ", "outcomes: [")
    replace_first(seeds / "breaks.yaml", "[case-to-answer, ", "[upheld, case-to-answer, ")


EDITS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a value": (correct, "2.0.0", "major"),
    "a unit": (lambda seeds: replace_first(seeds / MET, "unit: complaint", "unit: case"), "2.0.0", "major"),
    "a withdrawal": (lambda seeds: drop(seeds, REMOVED), "2.0.0", "major"),
    "a code's parent": (
        lambda seeds: replace_first(seeds / "codes.yaml", "parent: sexual-assault", "parent: sexual-misconduct"),
        "2.0.0",
        "major",
    ),
    "a parent that finds more": (
        lambda seeds: replace_first(
            seeds / "codes.yaml",
            "  - id: homicide\n    parent: any",
            "  - id: homicide\n    parent: discreditable-conduct",
        ),
        "1.1.0",
        "minor",
    ),
    "an area between": (add_area, "1.1.0", "minor"),
    "an outcome said to be untouched": (
        lambda seeds: replace_first(seeds / "breaks.yaml", "[case-to-answer, ", "[imprisoned, case-to-answer, "),
        "1.1.0",
        "minor",
    ),
    "an outcome no longer touched": (leave_upheld, "2.0.0", "major"),
    "an addition": (add, "1.1.0", "minor"),
    "wording": (
        lambda seeds: replace_first(seeds / MET, "119 were upheld.", "119 were found justified."),
        "1.0.1",
        "patch",
    ),
    "a label": (
        lambda seeds: replace_first(seeds / "codes.yaml", "label: Homicide", "label: A killing"),
        "1.0.1",
        "patch",
    ),
}
REASONS = {
    "a value": [UPHELD],
    "a unit": ["met-2012-2018-complaints"],
    "a withdrawal": [REMOVED],
    "wording": [UPHELD],
}
"""The records that each edit corrects or withdraws."""


@pytest.mark.parametrize("edit", EDITS)
def test_the_size_of_the_changes_decides_the_version(seeds: Path, edit: str) -> None:
    """Corrections are major, additions minor, wording patch; a wrong version is refused, with the right one."""
    change, version, step = EDITS[edit]
    change(seeds)
    reasons = dict.fromkeys(REASONS.get(edit, []), "So.")
    with pytest.raises(ReleaseError, match=rf"the next release must be {version}, not 3\.0\.0: .* are {step}: "):
        publish(seeds, "3.0.0", "New.", reasons)
    made = publish(seeds, version, "New.", reasons)
    assert made.release.version == version
    assert editions(read(seeds))[-1].release == made.release
    assert {
        change.id for change in made.history.changes if change.thing == "record" and change.type != "added"
    } == {*reasons}


def test_the_changes_that_decide_are_named(seeds: Path) -> None:
    """A refusal names the changes that require the version."""
    correct(seeds)
    add(seeds)
    with pytest.raises(ReleaseError, match=rf"are major: record {UPHELD}, value$"):
        publish(seeds, "1.1.0", "New.", {UPHELD: REASON})


@pytest.mark.parametrize("edit", ["a value", "a withdrawal", "wording"])
def test_a_correction_needs_a_reason(seeds: Path, edit: str) -> None:
    """Corrected and withdrawn records need a reason, and others can't have one."""
    change, version, _ = EDITS[edit]
    change(seeds)
    (record,) = REASONS[edit]
    before = (seeds / "releases.yaml").read_bytes()
    with pytest.raises(ReleaseError, match=f"--reason '{record}=…'"):
        publish(seeds, version, "New.", {})
    with pytest.raises(ReleaseError, match=r"did not change: met-officer-refuge, nothing-of-the-kind$"):
        publish(seeds, version, "New.", dict.fromkeys([record, "nothing-of-the-kind", "met-officer-refuge"], "So."))
    assert (seeds / "releases.yaml").read_bytes() == before
    assert not snapshot_path(seeds, version).exists()


def test_without_changes_there_is_no_release(seeds: Path) -> None:
    """The same seeds in another order are the same release."""
    rewrite(seeds / MET, lambda records: [*reversed(records)])
    assert [edition.release.version for edition in editions(read(seeds))] == ["1.0.0"]
    with pytest.raises(ReleaseError, match=r"nothing has changed since release 1\.0\.0"):
        publish(seeds, "1.0.1", "New.", {})


def test_the_first_release_is_1_0_0(seeds: Path) -> None:
    """Any other version is refused."""
    unrelease(seeds)
    with pytest.raises(ReleaseError, match=r"the next release must be 1\.0\.0, not 0\.1\.0: it is the first one"):
        publish(seeds, "0.1.0", "New.", {})


def test_each_release_is_later_than_the_one_before(seeds: Path) -> None:
    """Releases made in quick succession still have increasing times."""
    for value in (120, 121, 122):
        replace_first(seeds / MET, f"value: {value - 1}", f"value: {value}")
        publish(seeds, f"{value - 118}.0.0", "A correction.", {UPHELD: REASON})
    times = [release.published_at for release in read(seeds).releases]
    assert len(times) == 4
    assert all(earlier < later for earlier, later in pairwise(times))


def test_versions_follow_semantic_versioning() -> None:
    """A step resets the parts after it to 0."""
    assert [next_version("1.2.3", step) for step in ("patch", "minor", "major")] == ["1.2.4", "1.3.0", "2.0.0"]


def test_the_citation_file_names_the_latest_release(seeds: Path) -> None:
    """`CITATION.cff` next to the seeds gets the version and the date; the rest stays the same."""
    citation = seeds.parent / "CITATION.cff"
    citation.write_text("# ours\ntitle: Upheld\nversion: 0.9\nlicense: MIT\n")
    correct(seeds)
    made = publish(seeds, "2.0.0", "A correction.", {UPHELD: REASON})
    day = f"{made.release.published_at:%Y-%m-%d}"
    expected = f'# ours\ntitle: Upheld\nversion: "2.0.0"\nlicense: MIT\ndate-released: "{day}"\n'
    assert citation.read_text() == expected

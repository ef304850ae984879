"""Removing a record from every release for legal reasons."""

from pathlib import Path

import pytest

from app.domain.records import Figure, Related
from app.releases.files import ReleaseError
from app.releases.publish import publish
from app.releases.withdraw import withdraw, without
from app.seeds.problems import SeedError
from app.seeds.reading import read
from tests.made import ambiguous, base, dataset, figure, incident
from tests.released_seeds import MET, REASON, REMOVED, UPHELD, correct, drop


def content_of(seeds: Path) -> dict[Path, bytes]:
    """Return every file of the seeds."""
    return {path: path.read_bytes() for path in seeds.rglob("*") if path.is_file()}


def test_what_cannot_be_removed(seeds: Path) -> None:
    """An unknown record, a record that the seeds still name, and a removed record are refused; no file changes."""
    before = content_of(seeds)
    with pytest.raises(ReleaseError, match=r"no release has nothing-of-the-kind$"):
        withdraw(seeds, "nothing-of-the-kind", "By law.")
    with pytest.raises(ReleaseError, match=rf"no release has {UPHELD}x; did you mean {UPHELD}\?"):
        withdraw(seeds, f"{UPHELD}x", "By law.")
    with pytest.raises(ReleaseError, match=rf"from the seeds; it is still named in\n  {MET}:\d+\n  {MET}:\d+"):
        withdraw(seeds, UPHELD, "By law.")
    for record, reason, wrong in ((UPHELD, "", "reason ''"), ("Not An Id", "By law.", "id 'Not An Id'")):
        with pytest.raises(ReleaseError, match=f"nothing was removed: {wrong}"):
            withdraw(seeds, record, reason)
    assert content_of(seeds) == before
    drop(seeds, REMOVED)
    withdraw(seeds, REMOVED, "By law.")
    with pytest.raises(ReleaseError, match=f"{REMOVED} was already removed on"):
        withdraw(seeds, REMOVED, "By law.")


def test_what_still_names_the_record_is_reported(seeds: Path) -> None:
    """People have to edit their own notes on releases; the program says where."""
    correct(seeds)
    publish(seeds, "2.0.0", f"Corrects {UPHELD}.", {UPHELD: REASON})
    drop(seeds, UPHELD)
    removal = withdraw(seeds, UPHELD, "By law.")
    assert [place.partition(":")[0] for place in removal.named] == ["releases.yaml"]
    assert removal.versions == ["1.0.0", "2.0.0"]
    assert set(removal.referring) == {REMOVED, "met-2012-2018-upheld-criminal-investigation"}


def test_the_id_of_a_removed_record_is_never_reused(seeds: Path) -> None:
    """A record with a removed record's id is refused."""
    article = (seeds / MET).read_bytes()
    drop(seeds, REMOVED)
    withdraw(seeds, REMOVED, "By law.")
    read(seeds)
    (seeds / MET).write_bytes(article)
    with pytest.raises(SeedError, match=f"{REMOVED} was removed for legal reasons on .*, and ids are never reused"):
        read(seeds)


def related(kind: str, other: str) -> list[Related]:
    """Return a relation to another record."""
    return [Related.model_validate({"type": kind, "id": other})]


def test_references_go_with_the_record() -> None:
    """No record refers to a removed one, and a settled base isn't replaced by a candidate that was ruled out."""
    whole = figure("whole", value=9, related=related("same-fact", "other"))
    other = figure("other", value=8, related=related("same-fact", "whole"))
    settled = figure("settled", kind="outcome", base=base("whole", "other"))
    kept = figure("kept", kind="outcome", value=2, base=base("other", "whole"))
    opened = figure("open", kind="outcome", value=3, base=ambiguous("whole", "other"))
    alone = figure("alone", kind="outcome", value=4, base=ambiguous("whole"))
    inside = incident("inside", related=[*related("part-of", "whole"), *related("part-of", "other")])
    before = dataset([whole, other, settled, kept, opened, alone, inside])
    after = {record.id: record for record in without(before, {"whole"}).records}
    assert set(after) == {"other", "settled", "kept", "open", "alone", "inside"}
    assert [record.related for record in (after["other"], after["inside"])] == [[], related("part-of", "other")]
    bases = {name: record.base for name, record in after.items() if isinstance(record, Figure)}
    assert bases["settled"] is bases["alone"] is None
    assert bases["kept"] == base("other")
    assert bases["open"] == ambiguous("other")
    assert without(before, set()) == before

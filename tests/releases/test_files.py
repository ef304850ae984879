"""Releases on disk: their content never changes, and files are replaced together."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.releases.editions import editions
from app.releases.files import ReleaseError, read_list, replace_files, snapshot_path
from app.seeds.reading import read


@pytest.mark.parametrize("place", [0.0, 0.37, 0.99, 1.0])
def test_one_altered_byte_is_found(seeds: Path, place: float) -> None:
    """A release whose content has changed is refused."""
    path = snapshot_path(seeds, "1.0.0")
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    path.write_bytes(content)
    with pytest.raises(ReleaseError, match=r"1\.0\.0\.jsonl: release 1\.0\.0 must never change.*Restore the file"):
        editions(read(seeds))


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"")])
def test_missing_content_is_found(seeds: Path, spoil: Callable[[Path], None]) -> None:
    """A release without its file, or with an empty one, is refused."""
    spoil(snapshot_path(seeds, "1.0.0"))
    with pytest.raises(ReleaseError, match=r"1\.0\.0\.jsonl: "):
        editions(read(seeds))


def test_lists_keep_their_comments(tmp_path: Path) -> None:
    """A list that is read and written again keeps its comments."""
    path = tmp_path / "list.yaml"
    path.write_text("# ours\n- id: a  # first\n")
    entries = read_list(path)
    entries.append({"id": "b"})
    replace_files({path: entries})
    assert path.read_text() == "# ours\n  - id: a # first\n  - id: b\n"
    assert read_list(tmp_path / "missing.yaml") == []


def test_files_are_replaced_together_or_not_at_all(tmp_path: Path) -> None:
    """If one file can't be written, the others are left as they were."""
    (tmp_path / "a").write_bytes(b"before")
    (tmp_path / "b").mkdir()
    (tmp_path / "b.new").mkdir()
    with pytest.raises(IsADirectoryError):
        replace_files({tmp_path / "a": b"after", tmp_path / "b": b"after"})
    assert (tmp_path / "a").read_bytes() == b"before"

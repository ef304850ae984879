"""Held texts: files in the curator's folder."""

import os
from pathlib import Path

import pytest

from app.evidence.passages import digest
from app.evidence.report import Report, State
from app.evidence.verify import verify
from tests import made


def file_report(folder: Path, name: str) -> Report:
    """Verify a source without records whose text is empty."""
    source = made.SOURCE.model_copy(update={"file": name, "sha256": digest("")})
    return verify(made.dataset([], sources=[source]), {}, folder, {})


def test_a_text_that_is_not_in_the_folder_is_not_verified(tmp_path: Path) -> None:
    """Without any texts, verification fails and the report says so."""
    report = file_report(tmp_path, "made-up.txt")
    assert [source.state for source in report.sources] == [State.UNVERIFIED]
    assert not report.passed
    assert report.summary == "Nothing could be verified: none of the texts is in the folder."
    assert not verify(made.dataset([], sources=[]), {}, tmp_path, {}).passed


def test_a_file_is_found_by_its_name(tmp_path: Path) -> None:
    """The text is the file with the recorded name."""
    (tmp_path / "made-up.txt").touch()
    assert file_report(tmp_path, "made-up.txt").passed


@pytest.mark.parametrize("name", ["..", ".", "sub", "out.txt", "gone.txt", "up"])
def test_no_file_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """Dots, folders, and links that lead elsewhere fail."""
    (tmp_path / "secret.txt").touch()
    folder = tmp_path / "texts"
    (folder / "sub").mkdir(parents=True)
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (folder / "up").symlink_to("..")
    report = file_report(folder, name)
    assert [source.state for source in report.sources] == [State.FAILED]
    assert "a file in the folder" in str(report.problems[0])


def test_a_file_that_cannot_be_read_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unreadable file isn't treated as a missing one."""

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "made-up.txt").touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    report = file_report(tmp_path, "made-up.txt")
    assert [source.state for source in report.sources] == [State.FAILED]
    assert "Permission denied" in str(report.problems[0])


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    """Links to another file in the folder work, and so do links to the folder itself."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "real.txt").touch()
    (folder / "link.txt").symlink_to("real.txt")
    (tmp_path / "linked").symlink_to(folder)
    assert file_report(folder, "link.txt").passed
    assert file_report(tmp_path / "linked", "real.txt").passed


def test_a_file_that_is_not_text_fails(tmp_path: Path) -> None:
    """A pipe, bytes that aren't UTF-8 and a huge file fail with a reason."""
    os.mkfifo(tmp_path / "pipe")
    assert not file_report(tmp_path, "pipe").passed
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    assert "something else at byte 3" in str(file_report(tmp_path, "latin.txt"))
    with (tmp_path / "huge.txt").open("wb") as huge:
        huge.truncate(5_000_001)
    assert "at most 5000000" in str(file_report(tmp_path, "huge.txt"))

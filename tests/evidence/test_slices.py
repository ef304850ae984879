"""`upheld slice`: the position and digest of words in a text."""

from pathlib import Path

import pytest

from app.evidence.passages import digest
from app.evidence.slices import SliceError, slice_of

TEXT = "A headline\n\nOf these, 48\u00a0were upheld. Eleven left. Of these, none returned.\n"


@pytest.fixture
def article(tmp_path: Path) -> Path:
    """Return the path of an article."""
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "passage", "printed"),
    [
        ("48 were upheld", "48\u00a0were upheld", 'as_printed: "48"'),
        ("of these, 48 \u2026 upheld", "Of these, 48\u00a0were upheld", 'as_printed: "48"'),
        (
            "Of these, 48 ... left.",
            "Of these, 48\u00a0were upheld. Eleven left.",
            '# as_printed is one of "48", "Eleven"',
        ),
        ("Eleven", "Eleven", 'as_printed: "Eleven"'),
        ("returned", "returned", None),
    ],
)
def test_a_slice_is_ready_to_paste(article: Path, words: str, passage: str, printed: str | None) -> None:
    """A slice gives the words' position and digest, and their number or the numbers to choose from."""
    line = TEXT.splitlines()[2]
    start = line.index(passage)
    expected = [f"paragraph: 2\n        start: {start}\n        end: {start + len(passage)}"]
    expected.append(f"sha256: {digest(passage)}\n")
    if printed:
        expected.insert(0, printed)
    assert slice_of(article, words) == "".join(["        ", "\n        ".join(expected)])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("Of these", "2 times: paragraph 2 at 0, paragraph 2 at "),
        ("nobody", "'nobody' is in no paragraph of a.txt"),
        ("\u2026", "is in no paragraph"),
        ("", "is in no paragraph"),
    ],
)
def test_words_that_are_not_there_once(article: Path, words: str, message: str) -> None:
    """Words that don't occur exactly once are refused, with any positions found."""
    with pytest.raises(SliceError, match=message):
        slice_of(article, words)


def test_a_text_that_cannot_be_read(tmp_path: Path) -> None:
    """The error says why the text can't be read."""
    with pytest.raises(SliceError, match="cannot be read"):
        slice_of(tmp_path / "none.txt", "words")
    (tmp_path / "latin.txt").write_bytes(b"\xe9")
    with pytest.raises(SliceError, match="not UTF-8 at byte 0"):
        slice_of(tmp_path / "latin.txt", "words")

"""Curators' notes on several records at once."""

import orjson
import pytest

from app.analysis.notes import shared_notes


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ([], []),
        (["ab"], ["a", "b"]),
        (["abc", "cxa"], ["a", "c"]),
        (["ab", "", "ab"], []),
        (["ab", "bc", "ca"], []),
    ],
)
def test_notes_that_all_have(notes: list[str], expected: list[str]) -> None:
    """Only notes of every record count, in the order of the first one; each letter stands for a note."""
    documents = [orjson.dumps({"id": "x", "notes": list(one)}).decode() for one in notes]
    assert shared_notes(documents) == expected

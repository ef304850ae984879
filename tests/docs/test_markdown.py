"""The comparisons used by the other documentation tests accept omissions and nothing else."""

import pytest

from tests.docs.markdown import differences, is_shortened


@pytest.mark.parametrize(
    ("shown", "answer", "same"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1}, {"a": 1.0}, False),
        ({"a": 0}, {"a": False}, False),
        ({"a": None}, {}, False),
        ([1], [1, 2], False),
        ([1, "…"], [1, 2], True),
        (["…", 2], [1, 2], True),
        ([2, "…", 1], [1, 2, 3], False),
        ([1, "…"], [1], False),
        ([{"a": 1}], [{"a": 1, "b": 2}], True),
        ({"a": [1]}, {"a": 1}, False),
    ],
)
def test_differences(shown: object, answer: object, *, same: bool) -> None:
    """A JSON value may be shortened but not altered."""
    assert (differences(shown, answer) == []) is same


@pytest.mark.parametrize(
    ("shown", "whole", "shortened"),
    [
        ("a\n…\nd", "a\nb\nc\nd\n", True),
        ("a …", "a b c\n", True),
        ("a\nd", "a\nb\nd\n", False),
        ("a\n…\nx", "a\nb\nd\n", False),
        ("a", "a\nb\n", False),
    ],
)
def test_is_shortened(shown: str, whole: str, *, shortened: bool) -> None:
    """A text may be shortened but not altered."""
    assert is_shortened(shown, whole) is shortened

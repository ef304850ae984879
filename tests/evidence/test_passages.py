"""Paragraphs, clauses and digests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.numbers import find_numbers, occurrences
from app.evidence.passages import clause_around, digest, paragraphs


def test_paragraphs_are_the_non_empty_lines() -> None:
    """Any of the three line ends ends a line, and nothing else; nothing is stripped."""
    assert paragraphs("One\n\n two \r\nthree\rfour\n \n\u2028five\x0c\n") == [
        "One",
        " two ",
        "three",
        "four",
        " ",
        "\u2028five\x0c",
    ]
    assert paragraphs("") == []


def test_digests_are_of_utf8_bytes() -> None:
    """A digest is that of the UTF-8 bytes."""
    assert digest("\u00e9") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


@pytest.mark.parametrize(
    ("text", "printed", "shown"),
    [
        ("Of 1,300 complaints, 12.5 per cent were upheld.", "12.5", "12.5 per cent were upheld"),
        ("It rose \u2013 to 40 cases \u2013 in May.", "40", "to 40 cases"),
        ("Six of them: two, in the end; left.", "two", "two"),
        ("(Of the 12, six left.)", "12", "Of the 12"),
        ("“All were upheld.”", "All", "All were upheld"),
        ("12 cases and 12 people, they say", "12", "12 cases and"),
        ("no comma here 7", "7", "no comma here 7"),
        ("At 9:30 a.m. on 6.5.2020 it had 7", "7", "on 6.5.2020 it had 7"),
    ],
)
def test_a_clause_is_the_smallest_with_its_number_once(text: str, printed: str, shown: str) -> None:
    """A clause ends at punctuation, not inside numbers, and before the same number again."""
    start, end = clause_around(text, text.index(printed), text.index(printed) + len(printed))
    assert text[start:end] == shown


@given(
    st.lists(st.sampled_from(["six", "6", "66", "1,300", " ", " ", ",", ".", "\u2013", "x", "per cent"])).map(
        "".join
    )
)
def test_every_number_has_a_clause_around(text: str) -> None:
    """In any paragraph, the clause around a number has it once and no spaces at its ends."""
    for number in find_numbers(text):
        start, end = clause_around(text, number.start, number.end)
        assert occurrences(text, start, end, number.text) == [number.start]
        assert text[start:end] == text[start:end].strip()

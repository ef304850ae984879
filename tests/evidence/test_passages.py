"""Paragraphs, clauses and digests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.numbers import find_numbers, occurrences
from app.evidence.passages import clause_around, digest, paragraphs, statement_around


def test_paragraphs_are_the_non_empty_lines() -> None:
    """Any of the three line endings ends a line, and nothing else does; nothing is stripped."""
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
    """A digest is of the UTF-8 bytes."""
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
    """A clause ends at punctuation outside numbers, and before a repeat of the same number."""
    start, end = clause_around(text, text.index(printed), text.index(printed) + len(printed))
    assert text[start:end] == shown


@pytest.mark.parametrize(
    ("text", "printed", "shown"),
    [
        ("It had 90. Of these, 30 were upheld, they say.", "30", "Of these, 30 were upheld"),
        (
            "It upheld 30, and in eight of those a man left.",
            "eight",
            "It upheld 30, and in eight of those a man left",
        ),
        ("Of 90 made in May, 16 (a few) were upheld.", "16", "Of 90 made in May, 16 (a few) were upheld"),
        ("Over half of the cases, 16, were made by men.", "half", "Over half of the cases, 16, were made by men"),
        ("Over half of the cases, 16, were made by men.", "16", "Over half of the cases, 16, were made by men"),
        ("Of the 16, four were about theft; six fell.", "four", "Of the 16, four were about theft"),
        ("Of the 16, four were about theft; six fell.", "16", "Of the 16, four were about theft"),
        ("Cases rose to 52, an increase of 8, it said.", "8", "Cases rose to 52, an increase of 8"),
        ("Nine were jailed, including three for theft.", "three", "Nine were jailed, including three for theft"),
        ("Ten are ill, according to the force, it is said.", "Ten", "Ten are ill, according to the force"),
        ("Ten are ill, though a union puts it at 12.", "12", "Ten are ill, though a union puts it at 12"),
        ("It has 60 cars, which means 3 a head.", "3", "It has 60 cars, which means 3 a head"),
        ("It had 6 cars, 6 of them old, it said.", "6", "It had 6 cars"),
        ("Year | Cases | Upheld", "Cases", "Cases"),
        ("48 cases in three years", "48", "48 cases in three years"),
        ("They say two left, three came, and four stayed.", "three", "three came"),
    ],
)
def test_a_passage_carries_the_statement(text: str, printed: str, shown: str) -> None:
    """A clause without a verb, or about another clause, is widened within its sentence."""
    start, end = statement_around(text, text.index(printed), text.index(printed) + len(printed))
    assert text[start:end] == shown


@given(
    st.lists(st.sampled_from(["six", "6", "66", "1,300", " ", " ", ",", ".", "\u2013", "x", "per cent"])).map(
        "".join
    )
)
def test_every_number_has_a_clause_around(text: str) -> None:
    """In any paragraph, a number's passage contains it once and has no spaces at either end."""
    for number in find_numbers(text):
        for around in (clause_around, statement_around):
            start, end = around(text, number.start, number.end)
            assert occurrences(text, start, end, number.text) == [number.start]
            assert text[start:end] == text[start:end].strip()

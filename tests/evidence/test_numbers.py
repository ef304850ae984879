"""The numbers in a text, and their positions."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.numbers import CARDINALS, find_numbers, occurrences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("six of 66 and 1,300.5 in 12,3456", "six|66|1,300.5|12|3456"),
        ("on 6th June 2020, in 2020-21 and the 1980s", "6th|2020|2020|21|1980"),
        ("one officer and someone alone, none, no one, no-one else", "one|none|no one|no-one"),
        ("no longer, no more than 12, no fewer than six, No. 10 and no officer", "12|six|10|no"),
        ("not one of them, not a single one", "Not one|Not a single|one".lower()),
        ("a hundred, several hundred, hundreds, a hundred and one", "hundred|hundred|hundreds|hundred and one"),
        ("a dozen, two dozen, dozens, half a dozen, scores", "dozen|two dozen|dozens|half a dozen|scores"),
        ("twenty-one-year-old, a two-year ban, COVID-19", "twenty-one|two|19"),
        ("half, two thirds, three-quarters, one fifth, a third", "half|two thirds|three-quarters|one fifth|third"),
        ("the first, the second officer, a twenty-first, the 21st", "first|second|twenty-first|21st"),
        (
            "two thousand, one hundred of them; two thousand, six of whom",
            "two thousand, one hundred|two thousand|six",
        ),
        ("3\u00bd, \u00bd, \u00a31.2m and 1.2 million", "3\u00bd|\u00bd|1.2m|1.2 million"),
        (
            "all, both, neither, zero, nil, twice, doubled, threefold",
            "all|both|neither|zero|nil|twice|doubled|threefold",
        ),
        ("between six and 19 per cent, 40%", "six|19|40"),
        ("sixty\u2011six and sixty\u00a0six", "sixty\u2011six|sixty\u00a0six"),
        ("bone, tense, stone, sixties, allegation, note, nonetheless, noble, ball, thirdly", ""),
        ("several, most, many, few, once, an officer", ""),
    ],
)
def test_numbers_are_found(text: str, found: str) -> None:
    """Anything that counts, dates or orders is found whole; parts of other words aren't."""
    assert [number.text for number in find_numbers(text)] == (found.split("|") if found else [])


PIECES = st.lists(
    st.one_of(
        st.sampled_from(list(CARDINALS)),
        st.sampled_from(
            ("hundred", "thousand", "and", "a", "half", "third", "no", "not", "dozen", "1,300", "66", "6th", "2.5")
        ),
        st.sampled_from([" ", "-", ",", ".", "x", "\u2019", "\u2013", "%", "\u00bd", "\U0001f600"]),
        st.just(" "),
    )
).map("".join)


@given(st.one_of(PIECES, st.text(max_size=40)))
def test_every_digit_is_found_and_no_number_overlaps(text: str) -> None:
    """In any text, numbers come in order, don't overlap, and cover every digit."""
    found = find_numbers(text)
    assert [text[number.start : number.end] for number in found] == [number.text for number in found]
    assert all(one.end <= other.start for one, other in pairwise(found))
    covered = {place for number in found for place in range(number.start, number.end)}
    assert {match.start() for match in re.finditer(r"\d", text)} <= covered
    for number in found:
        assert occurrences(text, 0, len(text), number.text)


def test_a_printed_number_is_not_found_inside_another() -> None:
    """The 6 in 66 isn't a 6, and a passage has only the numbers that are entirely inside it."""
    text = "Of 66 cases, six and 1,666 in 6 of sixty; no one."
    assert occurrences(text, 0, len(text), "6") == [text.index("6 of")]
    assert occurrences(text, 0, len(text), "66") == [3]
    assert occurrences(text, 0, len(text), "666") == []
    assert occurrences(text, 0, len(text), "six") == [13]
    assert occurrences(text, 0, len(text), "one") == []
    assert occurrences(text, 0, 15, "six") == []
    assert occurrences(text, 4, len(text), "66") == []
    assert occurrences("6 and 6", 0, 7, "6") == [0, 6]

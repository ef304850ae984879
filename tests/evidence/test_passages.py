"""Numbers in texts: which there are, what they say, and what the words about them say."""

import re
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.vocabulary import Qualifier
from app.evidence.passages import (
    CARDINALS,
    Amount,
    Sort,
    amount,
    amounts,
    digest,
    is_between,
    is_per_cent,
    numbers,
    paragraphs,
    partners,
    per,
    signs,
    standing,
    wording,
)

NAMES = {value: word for word, value in CARDINALS.items()}


def words(number: int, join: str = "-", link: str = " and ", comma: str = "") -> str:
    """Return a number from 1 to 9,999 in words: sixty-six, nine thousand nine hundred and one."""
    if number in NAMES:
        return NAMES[number]
    if number < 100:
        return NAMES[number - number % 10] + join + NAMES[number % 10]
    unit, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    head, rest = f"{words(number // unit, join, link)} {name}", number % unit
    if not rest:
        return head
    return head + (f"{comma} " if rest >= 100 else link) + words(rest, join, link)


FORMS = st.tuples(
    st.integers(1, 9_999),
    st.sampled_from(["-", " ", "\u2011"]),
    st.sampled_from([" and ", " "]),
    st.sampled_from(["", ","]),
)


@given(form=FORMS, cased=st.sampled_from([str.lower, str.capitalize, str.upper]))
@example(form=(119, "-", " and ", ""), cased=str.lower)
@example(form=(9_999, "-", " and ", ","), cased=str.capitalize)
def test_number_words_say_their_number(form: tuple[int, str, str, str], cased: type[str]) -> None:
    """Number words are read back, with or without hyphens, "and" and a comma, in any case."""
    printed = cased(words(*form))
    assert amount(printed) == Amount(Fraction(form[0]))
    sentence = f"Of these {printed} were upheld."
    assert [(n.text, n.start) for n in numbers(sentence)] == [(printed, 9)]


def test_every_number_to_9999_is_read_from_its_words() -> None:
    """All of them, in the form that British newspapers print."""
    assert [n for n in range(1, 10_000) if amount(words(n)) != Amount(Fraction(n))] == []


@given(st.integers(0, 10**12), st.booleans())
def test_numerals_say_their_number(number: int, separated: bool) -> None:  # noqa: FBT001 - drawn
    """Digits are read with and without commas, and found whole."""
    printed = f"{number:,}" if separated else str(number)
    assert amount(printed) == Amount(Fraction(number))
    assert [n.text for n in numbers(f"({printed}).")] == [printed]


@given(st.decimals(0, 10_000, places=2))
def test_decimals_say_their_number(number: object) -> None:
    """A point between digits belongs to the number."""
    assert amount(str(number)) == Amount(Fraction(str(number)))


@pytest.mark.parametrize(
    ("printed", "value", "sort"),
    [
        ("1,300", 1300, Sort.NUMBER),
        ("sixty six", 66, Sort.NUMBER),
        ("a hundred", 100, Sort.NUMBER),
        ("a hundred and one", 101, Sort.NUMBER),
        ("fifteen hundred", 1500, Sort.NUMBER),
        ("two thousand", 2000, Sort.NUMBER),
        ("a thousand", 1000, Sort.NUMBER),
        ("nineteen thousand, two hundred and six", 19_206, Sort.NUMBER),
        ("1.2 million", 1_200_000, Sort.NUMBER),
        ("one million three hundred thousand", 1_300_000, Sort.NUMBER),
        ("1.2m", 1_200_000, Sort.NUMBER),
        ("two and a half", Fraction(5, 2), Sort.NUMBER),
        ("2\u00bd", Fraction(5, 2), Sort.NUMBER),
        ("a dozen", 12, Sort.NUMBER),
        ("two dozen", 24, Sort.NUMBER),
        ("half a dozen", 6, Sort.NUMBER),
        ("both", 2, Sort.NUMBER),
        ("None", 0, Sort.NUMBER),
        ("no", 0, Sort.NUMBER),
        ("Not one", 0, Sort.NUMBER),
        ("no-one", 0, Sort.NUMBER),
        ("not a single", 0, Sort.NUMBER),
        ("-12", -12, Sort.NUMBER),
        ("40 per cent", 40, Sort.PER_CENT),
        ("40%", 40, Sort.PER_CENT),
        ("forty percent", 40, Sort.PER_CENT),
        ("\u221212.5%", Fraction(-25, 2), Sort.PER_CENT),
        ("half", Fraction(1, 2), Sort.SHARE),
        ("a half", Fraction(1, 2), Sort.SHARE),
        ("two thirds", Fraction(2, 3), Sort.SHARE),
        ("Two-thirds", Fraction(2, 3), Sort.SHARE),
        ("a quarter", Fraction(1, 4), Sort.SHARE),
        ("quarter", Fraction(1, 4), Sort.SHARE),
        ("three-quarters", Fraction(3, 4), Sort.SHARE),
        ("a fifth", Fraction(1, 5), Sort.SHARE),
        ("nine tenths", Fraction(9, 10), Sort.SHARE),
        ("\u00be", Fraction(3, 4), Sort.SHARE),
        ("one in five", Fraction(1, 5), Sort.SHARE),
        ("9 out of ten", Fraction(9, 10), Sort.SHARE),
        ("all", 1, Sort.SHARE),
        ("doubled", 100, Sort.CHANGE),
        ("halved", -50, Sort.CHANGE),
    ],
)
def test_numbers_are_read(printed: str, value: Fraction, sort: Sort) -> None:
    """What a source prints says what a reader understands."""
    assert amount(printed) == Amount(Fraction(value), sort)


@pytest.mark.parametrize(
    "printed",
    [
        *(
            "",
            " ",
            "officers",
            "several",
            "hundred",
            "dozen",
            "dozens",
            "scores",
            "hundreds",
            "6th",
            "first",
            "twice",
        ),
        *(
            "119 cases",
            "more than half",
            "sixty-six-six",
            "seven seven",
            "six-teen",
            "12,34",
            "1.2.3",
            "1,3000",
            "--1",
        ),
        *("nearly 40", "one in zero", "40 per cent of", "9" * 5_000, "someone", "119\n", "a", "and"),
    ],
)
def test_what_is_no_number_is_not_read(printed: str) -> None:
    """Words of size, ordinals, two numbers, a number with more than itself: no value comes of them."""
    assert amount(printed) is None


@pytest.mark.parametrize(
    ("printed", "low", "high"),
    [
        ("between six and 19", 6, 19),
        ("six and 19", 6, 19),
        ("six to 19", 6, 19),
        ("6-19", 6, 19),
        ("6\u201319", 6, 19),
        ("one hundred and six and 119", 106, 119),
        ("from a hundred and six to one hundred and nineteen", 106, 119),
    ],
)
def test_ranges_are_read(printed: str, low: int, high: int) -> None:
    """Both numbers of a range are read; the "and" inside a number is not the one between two."""
    assert amounts(printed) == (Amount(Fraction(low)), Amount(Fraction(high)))


def test_range_of_percentages() -> None:
    """Per cent is said once and holds for both."""
    assert amounts("40 to 50 per cent") == (
        Amount(Fraction(40), Sort.PER_CENT),
        Amount(Fraction(50), Sort.PER_CENT),
    )
    assert amounts("a quarter to a half") == (
        Amount(Fraction(1, 4), Sort.SHARE),
        Amount(Fraction(1, 2), Sort.SHARE),
    )
    assert amounts("more than half") == ()


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
    """What counts, dates or orders is found whole, and nothing inside another word is."""
    assert [number.text for number in numbers(text)] == (found.split("|") if found else [])


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
    """In any text numbers stand in order and apart, say where they stand, and leave no digit outside."""
    found = numbers(text)
    assert [text[number.start : number.end] for number in found] == [number.text for number in found]
    assert all(one.end <= other.start for one, other in pairwise(found))
    covered = {place for number in found for place in range(number.start, number.end)}
    assert {match.start() for match in re.finditer(r"\d", text)} <= covered
    for number in found:
        amounts(number.text)
        wording(text, number.start, number.end)
        assert standing(text, 0, len(text), number.text)


def test_a_number_stands_for_itself() -> None:
    """A number inside another number or a word is another number; a slice holds what lies in it whole."""
    text = "Of 66 cases, six and 1,666 in 6 of sixty; no one."
    assert standing(text, 0, len(text), "6") == [text.index("6 of")]
    assert standing(text, 0, len(text), "66") == [3]
    assert standing(text, 0, len(text), "666") == []
    assert standing(text, 0, len(text), "six") == [13]
    assert standing(text, 0, len(text), "one") == []
    assert standing(text, 0, 15, "six") == []
    assert standing(text, 4, len(text), "66") == []
    assert standing("6 and 6", 0, 7, "6") == [0, 6]


def test_paragraphs_are_the_lines_that_hold_something() -> None:
    """Lines end with any of the three line ends; nothing is stripped, and nothing else ends a line."""
    assert paragraphs("One\n\n two \r\nthree\rfour\n \n\u2028five\x0c\n") == [
        "One",
        " two ",
        "three",
        "four",
        " ",
        "\u2028five\x0c",
    ]
    assert paragraphs("") == []


def test_digest_is_of_the_bytes() -> None:
    """The digest is that of the UTF-8 bytes."""
    assert digest("\u00e9") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("more than *half*", "more-than"),
        ("More than a *quarter*", "more-than"),
        ("over *40* officers", "more-than"),
        ("just over *40*", "more-than"),
        ("nearly *40*", "nearly"),
        ("almost *all*", "nearly"),
        ("just under *40*", "nearly fewer-than"),
        ("fewer than *2* per cent", "fewer-than"),
        ("less than *half*", "fewer-than"),
        ("at least *40*", "at-least"),
        ("no fewer than *40*", "at-least"),
        ("*40* or more", "at-least"),
        ("*40* per cent or more", "at-least"),
        ("*40*+ officers", "at-least"),
        ("up to *40*", "at-most"),
        ("no more than *40*", "at-most"),
        ("not more than *40*", "at-most"),
        ("as many as *40*", "at-most"),
        ("*40* or fewer", "at-most"),
        ("about *40*", "about"),
        ("around *40*", "about"),
        ("some *40* officers", "about"),
        ("*40* or so", "about"),
        ("an estimated *40*", "about"),
        ("close to *40*", "nearly about"),
        ("just *40*", "exact"),
        ("only *40*", "exact"),
        ("a total of *40*", "exact"),
        ("*40*", "exact"),
        ("the handsome *40*", "exact"),
        ("more than once, *40*", "exact"),
        ("over the *40*", "exact"),
        ("*40* officers or more", "exact"),
    ],
)
def test_words_about_a_number(text: str, qualifier: str) -> None:
    """The words next to a number say how it is to be read; words that say nothing of it leave it exact."""
    start, end = text.index("*"), text.rindex("*") - 1
    assert wording(text.replace("*", ""), start, end)[1] == frozenset(map(Qualifier, qualifier.split()))


def test_between_and_its_partners() -> None:
    """Both numbers of a range know each other; only "between" makes a range of two numbers joined by "and"."""
    text = "between six and 19 officers"
    assert is_between(text, 8, 11)
    assert is_between(text, 16, 18)
    assert [number.text for number in partners(text, 8, 11)] == ["19"]
    assert [number.text for number in partners("six to 19", 5, 9)] == []
    assert not is_between("six and 19", 0, 3)
    assert not is_between("between six officers and 19", 8, 11)


def test_per_cent_and_per() -> None:
    """Per cent and the whole of a rate are read next to the number."""
    assert is_per_cent("40 per cent", 2)
    assert is_per_cent("40%", 2)
    assert not is_per_cent("40 personnel", 2)
    assert is_per_cent("40pc", 2)
    assert not is_per_cent("40 pcsos", 2)
    assert not is_per_cent("40 PC", 2)
    assert not is_per_cent("one PC", 3)
    assert (found := per("1.2 per 1,000 staff", 3)) is not None
    assert found.text == "1,000"
    assert (found := per("1.2 complaints for every thousand staff", 3)) is not None
    assert found.text == "thousand"
    assert per("1.2 complaints", 3) is None


@pytest.mark.parametrize(
    ("clause", "printed", "found"),
    [
        ("fell by 12", "12", {-1}),
        ("a drop of 12 per cent", "12", {-1}),
        ("12 fewer complaints", "12", {-1}),
        ("rose by 12", "12", {1}),
        ("an increase of 12", "12", {1}),
        ("12 more complaints", "12", {1}),
        ("rose by less than 12", "12", {1}),
        ("fell by more than 12, up to 13", "12", {-1}),
        ("a change of -12", "12", {-1}),
        ("+12", "12", {1}),
        ("\u221212", "\u221212", {-1}),
        ("2018-12", "12", set()),
        ("a change of 12", "12", set()),
        ("12 were upheld, moreover", "12", set()),
        ("rose, then fell by 12", "12", {1, -1}),
    ],
)
def test_signs_of_changes(clause: str, printed: str, found: set[int]) -> None:
    """A change goes up or down by its words, or by the sign that is printed."""
    assert signs(clause, printed) == found

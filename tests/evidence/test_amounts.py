"""The values of printed numbers."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.evidence.amounts import Amount, AmountType, read_amount, read_amounts
from app.evidence.numbers import CARDINALS, find_numbers

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
def test_number_words_are_read_back(form: tuple[int, str, str, str], cased: type[str]) -> None:
    """Number words are read with or without hyphens, "and" and a comma, and in any case."""
    printed = cased(words(*form))
    assert read_amount(printed) == Amount(Fraction(form[0]))
    sentence = f"Of these {printed} were upheld."
    assert [(number.text, number.start) for number in find_numbers(sentence)] == [(printed, 9)]


def test_all_number_words_up_to_9999() -> None:
    """Each number is read as British newspapers print it."""
    assert [n for n in range(1, 10_000) if read_amount(words(n)) != Amount(Fraction(n))] == []


@given(st.integers(0, 10**12), st.booleans())
def test_numerals_are_read(number: int, separated: bool) -> None:  # noqa: FBT001 - drawn
    """Digits are read with or without commas, and found whole."""
    printed = f"{number:,}" if separated else str(number)
    assert read_amount(printed) == Amount(Fraction(number))
    assert [n.text for n in find_numbers(f"({printed}).")] == [printed]


@given(st.decimals(0, 10_000, places=2))
def test_decimals_are_read(number: object) -> None:
    """A point between digits is part of the number."""
    assert read_amount(str(number)) == Amount(Fraction(str(number)))


@pytest.mark.parametrize(
    ("printed", "value", "type_"),
    [
        ("1,300", 1300, AmountType.NUMBER),
        ("sixty six", 66, AmountType.NUMBER),
        ("a hundred", 100, AmountType.NUMBER),
        ("a hundred and one", 101, AmountType.NUMBER),
        ("fifteen hundred", 1500, AmountType.NUMBER),
        ("two thousand", 2000, AmountType.NUMBER),
        ("a thousand", 1000, AmountType.NUMBER),
        ("nineteen thousand, two hundred and six", 19_206, AmountType.NUMBER),
        ("1.2 million", 1_200_000, AmountType.NUMBER),
        ("one million three hundred thousand", 1_300_000, AmountType.NUMBER),
        ("1.2m", 1_200_000, AmountType.NUMBER),
        ("two and a half", Fraction(5, 2), AmountType.NUMBER),
        ("2\u00bd", Fraction(5, 2), AmountType.NUMBER),
        ("a dozen", 12, AmountType.NUMBER),
        ("two dozen", 24, AmountType.NUMBER),
        ("half a dozen", 6, AmountType.NUMBER),
        ("both", 2, AmountType.NUMBER),
        ("None", 0, AmountType.NUMBER),
        ("no", 0, AmountType.NUMBER),
        ("Not one", 0, AmountType.NUMBER),
        ("no-one", 0, AmountType.NUMBER),
        ("not a single", 0, AmountType.NUMBER),
        ("-12", -12, AmountType.NUMBER),
        ("40 per cent", 40, AmountType.PER_CENT),
        ("40%", 40, AmountType.PER_CENT),
        ("forty percent", 40, AmountType.PER_CENT),
        ("\u221212.5%", Fraction(-25, 2), AmountType.PER_CENT),
        ("half", Fraction(1, 2), AmountType.SHARE),
        ("a half", Fraction(1, 2), AmountType.SHARE),
        ("two thirds", Fraction(2, 3), AmountType.SHARE),
        ("Two-thirds", Fraction(2, 3), AmountType.SHARE),
        ("a quarter", Fraction(1, 4), AmountType.SHARE),
        ("quarter", Fraction(1, 4), AmountType.SHARE),
        ("three-quarters", Fraction(3, 4), AmountType.SHARE),
        ("a fifth", Fraction(1, 5), AmountType.SHARE),
        ("nine tenths", Fraction(9, 10), AmountType.SHARE),
        ("\u00be", Fraction(3, 4), AmountType.SHARE),
        ("one in five", Fraction(1, 5), AmountType.SHARE),
        ("one in every 20", Fraction(1, 20), AmountType.SHARE),
        ("9 out of ten", Fraction(9, 10), AmountType.SHARE),
        ("all", 1, AmountType.SHARE),
        ("doubled", 100, AmountType.CHANGE),
        ("halved", -50, AmountType.CHANGE),
    ],
)
def test_numbers_are_read(printed: str, value: Fraction, type_: AmountType) -> None:
    """Digits, words, fractions and changes have the value that a reader understands."""
    assert read_amount(printed) == Amount(Fraction(value), type_)


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
def test_what_has_no_value(printed: str) -> None:
    """Vague words, ordinals, two numbers, or a number with extra words have no value."""
    assert read_amount(printed) is None


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
    """Both numbers in a range are read; an "and" inside a number doesn't separate two."""
    assert read_amounts(printed) == (Amount(Fraction(low)), Amount(Fraction(high)))


def test_range_of_percentages() -> None:
    """One "per cent" applies to both numbers in a range; two fractions are read as they are."""
    assert read_amounts("40 to 50 per cent") == (
        Amount(Fraction(40), AmountType.PER_CENT),
        Amount(Fraction(50), AmountType.PER_CENT),
    )
    assert read_amounts("a quarter to a half") == (
        Amount(Fraction(1, 4), AmountType.SHARE),
        Amount(Fraction(1, 2), AmountType.SHARE),
    )
    assert read_amounts("more than half") == ()

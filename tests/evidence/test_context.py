"""The words around a number."""

import pytest

from app.domain.vocabulary import Qualifier
from app.evidence.context import (
    is_between,
    is_per_cent,
    qualifying_words,
    range_partners,
    rate_denominator,
    signs_of_change,
)


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
    """The words next to a number qualify it; without any, it's exact."""
    start, end = text.index("*"), text.rindex("*") - 1
    assert qualifying_words(text.replace("*", ""), start, end)[1] == frozenset(map(Qualifier, qualifier.split()))


def test_ranges() -> None:
    """Each number in a range finds the other; two numbers joined by "and" are a range only after "between"."""
    text = "between six and 19 officers"
    assert is_between(text, 8, 11)
    assert is_between(text, 16, 18)
    assert [number.text for number in range_partners(text, 8, 11)] == ["19"]
    assert [number.text for number in range_partners("six to 19", 5, 9)] == []
    assert not is_between("six and 19", 0, 3)
    assert not is_between("between six officers and 19", 8, 11)


def test_per_cent_and_rate_denominator() -> None:
    """Per cent and a rate's denominator must directly follow the number."""
    assert is_per_cent("40 per cent", 2)
    assert is_per_cent("40%", 2)
    assert not is_per_cent("40 personnel", 2)
    assert is_per_cent("40pc", 2)
    assert not is_per_cent("40 pcsos", 2)
    assert not is_per_cent("40 PC", 2)
    assert not is_per_cent("one PC", 3)
    assert (found := rate_denominator("1.2 per 1,000 staff", 3)) is not None
    assert found.text == "1,000"
    assert (found := rate_denominator("1.2 complaints for every thousand staff", 3)) is not None
    assert found.text == "thousand"
    assert rate_denominator("1.2 complaints", 3) is None


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
    """A change's direction comes from its printed sign, or otherwise from its words."""
    assert signs_of_change(clause, printed) == found

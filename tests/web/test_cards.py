from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.measures import figures_of
from app.analysis.scope import Scope
from app.domain.periods import Span
from app.domain.vocabulary import Qualifier, ValueStatus, ValueType
from app.web.cards import Extent, beyond, card, extent
from tests import made
from tests.web.answered_figures import answered_figure, answered_pair


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "1 complaint"),
        ({"value": 2}, "2 complaints"),
        ({"value": 0}, "0 complaints"),
        ({"value": 1, "value_to": 2, "qualifier": "between"}, "Between 1 and 2 complaints"),
        ({"unit": "person"}, "1 person: complaints"),
        ({"unit": "allegation", "value": 3}, "3 allegations"),
        ({"value": 4, "value_type": "percent"}, "4%: complaints"),
        ({"value": 4, "value_type": "change-percent", "unit": "allegation"}, "+4%: allegations"),
        ({"value_status": "withheld", "unit": "allegation"}, "Withheld: allegations"),
        ({"kind": "outcome", "unit": "person", "value": 63}, "63 people: upheld"),
        ({"kind": "proceeding", "unit": "proceeding", "value": 2}, "2 proceedings: investigation"),
        (
            {"kind": "proceeding", "unit": "proceeding", "value": 7, "breakdown": {"sex": "female"}},
            "7 proceedings: investigation, women",
        ),
        ({"value": 7, "breakdown": {"rank": "constable"}}, "7 complaints: constable"),
        ({"unit": "not-stated", "value": 2}, "2 (unit not stated): complaints"),
    ],
)
def test_titles(changes: Mapping[str, object], title: str) -> None:
    """A number always has what it counts, in the singular or plural as needed."""
    assert card(answered_figure(**changes), None, made.names()).title == title


@pytest.mark.parametrize("status", [status for status in ValueStatus if status is not ValueStatus.STATED])
@pytest.mark.parametrize("value_type", [ValueType.COUNT, ValueType.PERCENT])
def test_unknown_numbers(status: ValueStatus, value_type: ValueType) -> None:
    """An unknown number has no unit, which would read as a count, and warns that it isn't zero."""
    shown = card(answered_figure(value_status=status, value_type=value_type), None, made.names())
    assert shown.unit == ""
    assert shown.title == f"{shown.number}: complaints"
    assert shown.warnings[0].short == "unknown, not zero"


@pytest.mark.parametrize(
    ("part", "base", "share"),
    [
        ({"value": 119}, {"value": 594}, "20% of the 594 complaints"),
        ({"value": 594}, {"value": 594}, "100% of the 594 complaints"),
        ({"value": 0}, {"value": 594}, "0% of the 594 complaints"),
        ({"value": 1}, {"value": 1_000_000}, "less than 0.1% of the 1,000,000 complaints"),
        ({"value": 119}, {"value": 1_594}, "7.5% of the 1,594 complaints"),
        ({"value": 999_999}, {"value": 1_000_000}, "more than 99.9% of the 1,000,000 complaints"),
        ({"value": 5, "qualifier": "about"}, {"value": 594}, "of the 594 complaints"),
        ({"value": 5}, {"value": 594, "qualifier": "more-than"}, "of the more than 594 complaints"),
        ({"value": 20, "value_type": "percent"}, {"value": 594}, "of the 594 complaints"),
        ({"value_status": "withheld"}, {"value": 594}, "an unknown share of the 594 complaints"),
        ({}, {"value_status": "not-disclosed"}, "of an unknown number (complaints, not disclosed)"),
        (
            {"base": made.base("whole", part=False)},
            {"value": 2},
            "from the 2 complaints, but not a share of that number",
        ),
        ({"base": made.ambiguous("whole")}, {"value": 2}, "possibly of the 2 complaints"),
        (
            {"unit": "person", "kind": "outcome", "outcome": "removed"},
            {"kind": "outcome", "unit": "person", "value": 2},
            "50% of the 2 people (upheld)",
        ),
        (
            {"unit": "case", "value": 63},
            {"unit": "person", "value": 66},
            "of the 66 people (complaints); 95% only if each case is one person",
        ),
        (
            {"unit": "not-stated", "value": 63},
            {"unit": "person", "value": 66},
            "of the 66 people (complaints); 95% only if both count the same thing",
        ),
        (
            {"unit": "case", "value_status": "not-disclosed"},
            {"unit": "person", "value": 66},
            "an unknown share of the 66 people (complaints)",
        ),
        (
            {"unit": "case", "value": 63},
            {"unit": "person", "value_status": "withheld"},
            "of an unknown number (complaints, withheld)",
        ),
    ],
)
def test_shares(part: Mapping[str, object], base: Mapping[str, object], share: str) -> None:
    """A card gives a percentage only if the API gives a share."""
    assert card(*answered_pair(part, base), made.names()).share == share


def test_figures_without_a_base_have_no_share() -> None:
    """A figure without a base can't be a share of anything."""
    assert card(answered_figure(), None, made.names()).share == ""


COUNT = {"value": 100}


@pytest.mark.parametrize(
    ("part", "base", "expected"),
    [
        ({"value": 25}, COUNT, Extent(0.25, 0.25)),
        ({"value": 0}, COUNT, Extent(0, 0)),
        ({"value": 100}, COUNT, Extent(1, 1)),
        ({"value": 25, "qualifier": "about"}, COUNT, Extent(0.25, 0.25)),
        ({"value": 25, "qualifier": "nearly"}, COUNT, Extent(0.25, 0.25)),
        ({"value": 25, "qualifier": "more-than"}, COUNT, Extent(0.25, 1)),
        ({"value": 25, "qualifier": "at-least"}, COUNT, Extent(0.25, 1)),
        ({"value": 25, "qualifier": "fewer-than"}, COUNT, Extent(0, 0.25)),
        ({"value": 25, "qualifier": "at-most"}, COUNT, Extent(0, 0.25)),
        ({"value": 25, "value_to": 50, "qualifier": "between"}, COUNT, Extent(0.25, 0.5)),
        ({"value": 25, "value_to": 150, "qualifier": "between"}, COUNT, Extent(0.25, 1)),
        ({"value_status": "withheld"}, COUNT, Extent(0, 1)),
        ({"value_status": "withheld"}, {"value_status": "withheld"}, Extent(0, 1)),
        ({"value": 25, "value_type": "percent"}, COUNT, Extent(0.25, 0.25)),
        ({"value": 25, "value_type": "percent", "qualifier": "more-than"}, COUNT, Extent(0.25, 1)),
        ({"value": 25, "value_type": "percent"}, {"value_status": "withheld"}, Extent(0.25, 0.25)),
        ({"value": 25, "value_type": "percent"}, {**COUNT, "qualifier": "more-than"}, Extent(0.25, 0.25)),
        # If the base is not exact, neither is the part.
        ({"value": 25}, {**COUNT, "qualifier": "more-than"}, Extent(0, 0.25)),
        ({"value": 25}, {**COUNT, "qualifier": "at-most"}, Extent(0.25, 1)),
        ({"value": 25}, {**COUNT, "value_to": 200, "qualifier": "between"}, Extent(0.125, 0.25)),
        ({"value": 150}, {**COUNT, "value_to": 200, "qualifier": "between"}, Extent(0.75, 1)),
        ({"value": 150}, {**COUNT, "qualifier": "more-than"}, Extent(0, 1)),
        ({"value": 25, "qualifier": "more-than"}, {**COUNT, "qualifier": "more-than"}, Extent(0, 1)),
        # Nothing can be drawn.
        ({"value": 150}, COUNT, None),
        ({"value": 150, "value_type": "percent"}, COUNT, None),
        ({"value": 1}, {"value": 0}, None),
        ({"value": 1}, {"value_status": "withheld"}, None),
        ({"value": 1}, {"value": 20, "value_type": "percent"}, None),
        ({"value": 1, "value_type": "change-count"}, COUNT, None),
        ({"value": 1, "value_type": "rate", "per": 100}, COUNT, None),
        ({"value": 25, "base": made.base("whole", part=False)}, COUNT, None),
        ({"value": 25, "base": made.ambiguous("whole")}, COUNT, None),
        ({"value_status": "withheld", "base": made.ambiguous("whole")}, COUNT, None),
        ({"value": 25, "base": made.base("other", candidates=["other", "whole"])}, COUNT, None),
    ],
)
def test_extents(part: Mapping[str, object], base: Mapping[str, object], expected: Extent | None) -> None:
    """The extent covers every number that the figure may have."""
    assert extent(*answered_pair(part, base)) == expected


QUALIFIERS = st.sampled_from([qualifier for qualifier in Qualifier if qualifier is not Qualifier.BETWEEN])


@given(st.integers(0, 300), QUALIFIERS, st.integers(0, 300), QUALIFIERS)
def test_extents_match_shares(value: int, qualifier: Qualifier, base_value: int, base_qualifier: Qualifier) -> None:
    """An extent never exceeds its base, and equals the share if the API gives one."""
    figure, base = answered_pair(
        {"value": value, "qualifier": qualifier}, {"value": base_value, "qualifier": base_qualifier}
    )
    found = extent(figure, base)
    if found is not None:
        assert 0 <= found.least <= found.most <= 1
    if figure.share is not None:
        assert found is not None
        assert found.is_exact
        assert found.least == pytest.approx(figure.share, abs=0.0001)


DAYS = st.dates(date(2015, 1, 1), date(2020, 12, 31))


@given(DAYS, DAYS, st.none() | DAYS, st.none() | DAYS, st.sampled_from(["metropolitan", "england-and-wales"]))
def test_what_reaches_beyond_a_question_says_so(
    one: date, other: date, start: date | None, end: date | None, force: str
) -> None:
    """A figure is marked only if some of its days or its area are outside the dates and force requested."""
    first, last = min(one, other), max(one, other)
    made_up = made.figure("f", force=force, period=made.days(first.isoformat(), last.isoformat(), label="its days"))
    figure = made.answered(made_up)
    (facts,) = figures_of([figure.model_dump_json()])
    said = list(beyond(figure, facts, Scope(Span(start, end), frozenset({"metropolitan"}))))
    is_wider = first < (start or date.min) or last > (end or date.max)
    assert ("covers its days, more than you asked for" in said) == is_wider
    assert any("about all of" in text for text in said) == (force == "england-and-wales")
    assert list(beyond(figure, facts, Scope())) == []


def test_undated_figures_may_reach_beyond_a_question() -> None:
    """An undated figure that was requested along with a period may be from outside it."""
    figure = answered_figure(period=made.UNDATED)
    (facts,) = figures_of([figure.model_dump_json()])
    (said,) = beyond(figure, facts, Scope(Span(date(2018, 1, 1), None)))
    assert "no dates" in said

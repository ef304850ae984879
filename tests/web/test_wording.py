from collections.abc import Mapping
from typing import get_args

import pytest

from app.analysis.comparison_rules import Aspect
from app.domain.vocabulary import (
    SUBJECT_NAMES,
    UNIT_NAMES,
    EvidencePoint,
    Qualifier,
    Standing,
    Subject,
    Unit,
    ValueStatus,
    ValueType,
)
from app.domain.wording import QUALIFIERS, UNKNOWN, amount, number
from app.queries.parameters import FIGURES
from app.web.wording import (
    ASPECTS,
    FILTERS,
    POINTS,
    STANDINGS,
    filter_in_words,
    in_words,
    label,
    mention,
    outcome_of,
    percentage,
    subjects,
    unit_name,
)
from tests import made
from tests.web.answered_figures import answered_figure

MINUS = "\N{MINUS SIGN}"
WORDS = {
    Qualifier.EXACT: "{}",
    Qualifier.ABOUT: "About {}",
    Qualifier.NEARLY: "Nearly {}",
    Qualifier.MORE_THAN: "More than {}",
    Qualifier.AT_LEAST: "At least {}",
    Qualifier.FEWER_THAN: "Fewer than {}",
    Qualifier.AT_MOST: "At most {}",
    Qualifier.BETWEEN: "Between {}",
}
PRINTED = {
    ValueType.COUNT: (1234, "1,234", "1,234 and 1,300"),
    ValueType.PERCENT: (12.5, "12.5%", "12.5 and 1,300%"),
    ValueType.RATE: (0.5, "0.5 per 1,000", "0.5 and 1,300 per 1,000"),
    ValueType.CHANGE_COUNT: (-1234, f"{MINUS}1,234", f"{MINUS}1,234 and +1,300"),
    ValueType.CHANGE_PERCENT: (7.25, "+7.25%", "+7.25 and +1,300%"),
}


@pytest.mark.parametrize("value_type", ValueType)
@pytest.mark.parametrize("qualifier", Qualifier)
def test_numbers_show_qualifier_sign_and_type(qualifier: Qualifier, value_type: ValueType) -> None:
    """Every combination of qualifier and value type has its wording."""
    value, alone, between = PRINTED[value_type]
    figure = answered_figure(
        value=value,
        value_to=1300 if qualifier is Qualifier.BETWEEN else None,
        value_type=value_type,
        per=1000 if value_type is ValueType.RATE else None,
        qualifier=qualifier,
    )
    assert number(figure) == WORDS[qualifier].format(between if qualifier is Qualifier.BETWEEN else alone)


@pytest.mark.parametrize("status", [status for status in ValueStatus if status is not ValueStatus.STATED])
def test_unknown_numbers_are_words(status: ValueStatus) -> None:
    """An unknown number has no digits."""
    assert number(answered_figure(value_status=status)) == str(status).replace("-", " ").capitalize()


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0, "0"),
        (2_147_483_647, "2,147,483,647"),
        (-5, f"{MINUS}5"),
        (-1234.5, f"{MINUS}1,234.5"),
        (63.0, "63"),
        (33.33, "33.33"),
        (0.00001, "0.00001"),
        (1234567.891, "1,234,567.891"),
    ],
)
def test_amounts(value: float, printed: str) -> None:
    """Amounts have thousands separators and all decimals, and never an exponent."""
    assert amount(value) == printed


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (119, 594, "20%"),
        (63, 66, "95%"),
        (1, 8, "13%"),
        (0, 594, "0%"),
        (1, 594, "less than 1%"),
        (593, 594, "more than 99%"),
        (594, 594, "100%"),
        (333, 999, "33%"),
        (334, 1_000, "33.4%"),
        (200, 1_000, "20%"),
        (1, 2_001, "less than 0.1%"),
        (2_000, 2_001, "more than 99.9%"),
    ],
)
def test_percentages(part: float, whole: float, printed: str) -> None:
    """A percentage is no more precise than its whole, and is 0% or 100% only if it's exactly that."""
    assert percentage(part, whole) == printed


@pytest.mark.parametrize("unit", Unit)
def test_units_have_a_singular_and_a_plural(unit: Unit) -> None:
    """Singular and plural differ, except for the unit that isn't stated."""
    one, many = (unit_name(answered_figure(unit=unit, value=value)) for value in (1, 2))
    assert (one == many) == (unit is Unit.NOT_STATED)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"unit": "person"}, "complaints"),
        ({"unit": "allegation"}, ""),
        ({"unit": "allegation", "value_type": "change-percent"}, "allegations"),
        ({"value_status": "withheld"}, "complaints"),
        ({"kind": "outcome"}, "upheld"),
        ({"kind": "proceeding"}, "investigation"),
        ({"kind": "proceeding", "breakdown": {"sex": "male", "rank": "sergeant"}}, "investigation, men, sergeant"),
        ({"breakdown": {"sex": "male"}}, "men"),
    ],
)
def test_labels_add_what_the_unit_leaves_out(changes: Mapping[str, object], expected: str) -> None:
    """A label is empty only if the shown unit already says it, and includes the breakdown."""
    assert label(answered_figure(**changes), made.names()) == expected


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("force", "metropolitan", ("Force or area", "Metropolitan Police Service")),
        ("outcome", "misconduct-proven", ("Outcome", "Misconduct proven")),
        ("value_status", "not-disclosed", ("Number", "not disclosed")),
        ("value_type", "change-percent", ("Kind of number", "change percent")),
        ("subjects", "staff", ("Group", "police staff")),
        ("force_scope", "areas", ("With it", "the areas that contain it")),
        ("period", "2018-04/..", ("Period", "2018-04/..")),
        ("id", "met-2012-2018-complaints", ("Record", "met-2012-2018-complaints")),
    ],
)
def test_filters_in_words(name: str, value: str, words: tuple[str, str]) -> None:
    """Filters are named in words, not by their codes, except ids and periods."""
    assert filter_in_words(name, value, made.names()) == words


def test_subjects() -> None:
    """Subjects are a list in words, followed by the breakdown; if neither is stated, there is no text."""
    names = made.names()
    assert subjects(answered_figure(), names) == ""
    assert subjects(answered_figure(subjects=["officers"]), names) == "officers"
    assert subjects(answered_figure(subjects=["officers", "staff"]), names) == "officers and police staff"
    everybody = subjects(answered_figure(subjects=list(Subject), breakdown={"sex": "male"}), names)
    male = names["breakdown"]["sex=male"].lower()
    assert everybody == f"officers, special constables, PCSOs and police staff, {male}"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"value": 594}, "the 594 complaints"),
        ({"value": 594, "qualifier": "more-than"}, "the more than 594 complaints"),
        ({"value": 2, "kind": "outcome", "unit": "person"}, "the 2 people (upheld)"),
        ({"value": 2, "value_type": "percent"}, "the 2% (complaints)"),
        ({"value_status": "not-disclosed"}, "an unknown number (complaints, not disclosed)"),
    ],
)
def test_mentions(changes: Mapping[str, object], expected: str) -> None:
    """A mention names a figure inside a sentence."""
    assert mention(answered_figure(**changes), made.names()) == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not stated"),
        ([], "not stated"),
        ("", "not stated"),
        ("not-disclosed", "not disclosed"),
        (["officers", "pcsos"], "officers, pcsos"),
        ({"kind": "outcome", "stage": None, "outcome": "upheld"}, "Upheld"),
        (
            {"start": "2020-01-01", "end": "2020-12-31", "as_at": "2021-02-03"},
            "1 January 2020 to 31 December 2020, counted on 3 February 2021",
        ),
        ({"start": "2020-01-01", "end": "2020-12-31", "as_at": None}, "1 January 2020 to 31 December 2020"),
        ({"start": None, "end": None}, "not stated"),
        ({"sex": None}, "not stated"),
        (3, "3"),
    ],
)
def test_fields_in_words(value: object, words: str) -> None:
    """Codes become labels, and empty values become "not stated"."""
    assert in_words(value, {"outcome": {"upheld": "Upheld"}}) == words


def test_every_term_has_words() -> None:
    """Every term of a closed list has a wording."""
    assert set(STANDINGS) == set(Standing)
    assert set(SUBJECT_NAMES) == set(Subject)
    assert all("source" in sentence for _, sentence in STANDINGS.values())
    assert {*FIGURES.filters} == set(FILTERS), "give each filter a plain name in FILTERS in app/web/wording.py"
    assert set(POINTS) == set(EvidencePoint)
    assert set(ASPECTS) == set(get_args(Aspect))
    assert set(QUALIFIERS) == set(Qualifier)
    assert set(UNIT_NAMES) == set(Unit)
    assert set(UNKNOWN) == set(ValueStatus) - {ValueStatus.STATED}


def test_what_came_of_an_incident_by_other_sources() -> None:
    """If another source gives the outcome, it follows the note that the incident's own source doesn't."""
    other = {**made.STATES, "role": "corroborates", "on": "outcome", "note": "Reports a prison sentence."}
    incident = made.incident("event", evidence=[made.STATES, other])
    assert outcome_of(incident, {}) == (
        "This source does not say what came of it. Another source: Reports a prison sentence."
    )

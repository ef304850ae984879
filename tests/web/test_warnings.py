from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.domain.records import Period, Related
from app.domain.vocabulary import (
    BaseBasis,
    Basis,
    EvidenceRole,
    PeriodEvent,
    RelationType,
    Unit,
    ValueStatus,
    YearType,
)
from app.releases.rendering import FigureAnswer
from app.web.warnings import figure_warnings
from tests import made
from tests.web.answered_figures import answered_figure, answered_pair


def labels(figure: FigureAnswer, base: FigureAnswer | None = None) -> list[str]:
    """Return the short forms of a figure's warnings."""
    return [warning.short for warning in figure_warnings(figure, base)]


def test_plain_figures_have_no_warnings() -> None:
    """A stated number with stated dates has no warnings, and neither has a share of a stated figure."""
    assert labels(answered_figure()) == []
    assert labels(*answered_pair({"value": 1}, {"value": 2})) == []


EXPECTED: Mapping[str, Mapping[Any, str | None]] = {
    "value_status": dict.fromkeys(ValueStatus, "unknown, not zero") | {ValueStatus.STATED: None},
    "base_basis": {
        BaseBasis.STATED: None,
        BaseBasis.IMPLIED: "denominator implied",
        BaseBasis.CORROBORATED: "denominator from another source",
        BaseBasis.AMBIGUOUS: "denominator unclear",
    },
    "unit": dict.fromkeys(Unit) | {Unit.NOT_STATED: "unit not stated"},
    "basis": {Basis.STATED: None, Basis.INFERRED: "period inferred", Basis.NOT_STATED: "undated"},
    "year_type": dict.fromkeys(YearType) | {YearType.NOT_STATED: "calendar or financial years?"},
    "event": {
        PeriodEvent.OCCURRED: None,
        PeriodEvent.RECEIVED: None,  # this is what a figure of complaints counts
        PeriodEvent.FINALISED: "by date closed",
        PeriodEvent.NOT_STATED: None,
    },
    "related_type": {
        RelationType.SAME_FACT: "same fact as another figure",
        RelationType.CONFLICTS_WITH: "contradicted",
        RelationType.CHANGE_FROM: "a change",
        RelationType.SUPERSEDES: "replaces another figure",
        RelationType.PART_OF: "part of another figure",
        RelationType.OVERLAPS: "overlaps another figure",
    },
    "evidence_role": dict.fromkeys(EvidenceRole) | {EvidenceRole.DISPUTES: "disputed"},
}
"""For each closed list, the warning that each term causes."""

PERIODS: Mapping[str, Callable[[str], Period]] = {
    "basis": lambda term: made.UNDATED if term == Basis.NOT_STATED else made.days("2020-01-01", basis=term),
    "year_type": lambda term: made.days(
        *(("2020-04-01", "2021-03-31") if term == YearType.FINANCIAL else ("2020-01-01", "2020-12-31")),
        precision="year",
        year_type=term,
    ),
    "event": lambda term: made.days("2020-01-01", event=term),
}


def with_term(closed_list: str, term: str) -> tuple[FigureAnswer, FigureAnswer | None]:
    """Return a figure that is plain except for a term of a closed list, and its base."""
    if closed_list == "base_basis":
        is_ambiguous = term == BaseBasis.AMBIGUOUS
        base = made.ambiguous("whole") if is_ambiguous else made.base("whole", basis=term)
        return answered_pair({"base": base}, {"value": 2})
    changes: dict[str, object] = {closed_list: term}
    if closed_list in PERIODS:
        changes = {"period": PERIODS[closed_list](term)}
    elif closed_list == "related_type":
        changes = {"related": [Related(type=RelationType(term), id="two")]}
    elif closed_list == "evidence_role":
        changes = {"evidence": [made.STATES, {**made.STATES, "role": term}]}
    return answered_figure(**changes), None


@pytest.mark.parametrize(
    ("closed_list", "term", "expected"),
    [(name, term, warning) for name, terms in EXPECTED.items() for term, warning in terms.items()],
)
def test_terms(closed_list: str, term: str, expected: str | None) -> None:
    """Each term causes exactly one warning, or none."""
    warnings = list(figure_warnings(*with_term(closed_list, term)))
    assert [warning.short for warning in warnings] == ([] if expected is None else [expected])
    assert all(warning.sentence.endswith(".") for warning in warnings)


def test_warnings_give_their_facts() -> None:
    """Warnings give the coverage, the day of a count, and a unit that differs from the base's."""
    (coverage,) = figure_warnings(answered_figure(coverage={"forces_asked": 43, "forces_included": 31}), None)
    assert coverage.short == "31 of 43 forces"
    assert coverage.sentence == "This covers 31 of the 43 forces that were asked."
    period = made.days("2020-01-01", as_at="2021-02-03")
    (as_at,) = figure_warnings(answered_figure(period=period), None)
    assert (as_at.short, as_at.sentence) == ("as of 3 February 2021", "This is the number on 3 February 2021.")
    assert labels(*answered_pair({"unit": "person"}, {"value": 2})) == ["people, not complaints"]
    assert labels(*answered_pair({"unit": "person", "value_status": "withheld"}, {"value": 2})) == [
        "unknown, not zero",
        "people, not complaints",
    ]


def test_cautions_have_their_warning() -> None:
    """The page has a warning for each of the API's cautions about dates of receipt and changed rules."""
    received = made.days("2020-01-01", event="received")
    assert labels(answered_figure(kind="outcome", period=received)) == ["by date received"]
    assert labels(answered_figure(force="metropolitan")) == ["rules changed"]


def test_the_worst_comes_first() -> None:
    """A frame shows only the first warning: a dispute or another unit comes before an inferred period."""
    evidence = [made.STATES, {**made.STATES, "role": "disputes"}]
    period = made.days("2020-01-01", basis="inferred")
    part = {"unit": "case", "base": made.base("whole", basis="implied"), "period": period}
    assert labels(*answered_pair(part, {"value": 2}))[0] == "cases, not complaints"
    assert labels(*answered_pair({**part, "evidence": evidence}, {"value": 2}))[0] == "disputed"


def test_unstated_units_do_not_differ() -> None:
    """An unstated unit doesn't count as different, and a percentage has no unit to compare."""
    assert labels(*answered_pair({"unit": "not-stated"}, {"value": 2})) == ["unit not stated"]
    assert labels(*answered_pair({"unit": "person"}, {"value": 2, "unit": "not-stated"})) == []
    assert labels(*answered_pair({"unit": "person", "value_type": "percent"}, {"value": 2})) == []


def test_one_warning_for_each_type_of_relation() -> None:
    """A figure with two relations of one type has one warning."""
    related = [Related(type=RelationType.OVERLAPS, id=other) for other in ("two", "three")]
    assert labels(answered_figure(related=related)) == ["overlaps another figure"]


def test_disputed_bases() -> None:
    """A figure with a disputed base has a warning too."""
    evidence = [made.STATES, {**made.STATES, "role": "disputes"}]
    assert labels(*answered_pair({"value": 1}, {"value": 2, "evidence": evidence})) == [
        "based on a disputed figure"
    ]


def test_disputes_name_their_point() -> None:
    """The label says what is disputed, which may not be the number, and the sentence has the curators' note."""
    dispute = {**made.STATES, "role": "disputes", "on": "unit", "note": "Counts people."}
    (found,) = figure_warnings(answered_figure(evidence=[made.STATES, dispute]), None)
    assert (found.short, found.sentence) == ("unit disputed", "A source disputes what is counted: Counts people.")

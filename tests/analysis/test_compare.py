"""Comparing two figures: each rule by itself, and what holds for any two figures."""

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.compare import RULES, Comparison, Reason, compare
from app.analysis.measures import Knowledge, Link, Measured
from app.domain.dataset import RuleChange
from app.domain.vocabulary import (
    BaseBasis,
    Basis,
    PeriodEvent,
    Qualifier,
    Subject,
    Unit,
    ValueStatus,
    ValueType,
    YearType,
)
from tests.figures_in_memory import FORCES, KNOWN, TREES, UNDATED, Changes, counted, knowing, year

RULE = {rule.name: rule for rule in RULES}

CHANGE = RuleChange.model_validate(
    {
        "id": "made-up-change",
        "date": "2020-02-01",
        "precision": "day",
        "title": "Everything is counted anew",
        "note": "Made up.",
        "source": {"title": "A made-up law", "publisher": "Nobody", "url": "https://example.org/law"},
        "forces": ["england-and-wales"],
        "kinds": ["outcome"],
        "allegations": ["sexual-misconduct"],
        "stages": [],
        "outcomes": ["left"],
    }
)
"""A change of rules that affects outcomes where people left, for sexual misconduct."""


class Case(NamedTuple):
    """Two figures that differ in one respect, the rule that finds the difference, and part of its message."""

    rule: str
    a: Changes
    b: Changes
    message: str
    known: Changes = MappingProxyType({})


AFFECTED = {"allegation": "rape", "outcome": "dismissed"}
AB = frozenset({"a", "b"})

CASES = [
    Case("units-differ", {}, {"unit": "person"}, "One figure's unit is complaint, the other's is person."),
    Case("units-open", {"unit": "not-stated"}, {"unit": "not-stated"}, "Neither source says what it counts."),
    Case(
        "value-types-differ", {}, {"value_type": "change-count"}, "One value is a count, the other a change-count."
    ),
    Case(
        "value-types-differ",
        {"value_type": "rate", "per": 1000},
        {"value_type": "rate", "per": 100},
        "One rate is per 1000, the other per 100.",
    ),
    Case("values-missing", {}, {"value": None, "value_status": "withheld"}, "b has no number: withheld."),
    Case(
        "measures-differ",
        {},
        {"kind": "complaint", "outcome": None},
        "One figure's kind is outcome, the other's is complaint.",
    ),
    Case("measures-differ", {}, {"outcome": "dismissed"}, "outcome is upheld, the other's is dismissed."),
    Case(
        "measures-differ",
        {"kind": "proceeding", "outcome": None, "stage": "gross"},
        {"kind": "proceeding", "outcome": None, "stage": "investigation"},
        "One figure's stage is gross, the other's is investigation.",
    ),
    Case(
        "measures-differ-in-width",
        {"outcome": "left"},
        {"outcome": "dismissed"},
        "“left” includes “dismissed”.",
    ),
    Case(
        "measures-differ-in-width",
        {"kind": "proceeding", "outcome": None, "stage": "gross"},
        {"kind": "proceeding", "outcome": None, "stage": "proceedings"},
        "“proceedings” includes “gross”.",
    ),
    Case(
        "allegations-differ", {"allegation": "rape"}, {"allegation": "neglect"}, "is rape, the other's is neglect."
    ),
    Case(
        "allegations-differ-in-width",
        {"allegation": "rape"},
        {"allegation": "sexual-misconduct"},
        "“sexual-misconduct” includes “rape”.",
    ),
    Case(
        "subjects-exclude", {}, {"subjects": frozenset({"staff", "pcsos"})}, "officers, the other about pcsos and"
    ),
    Case(
        "subjects-differ-in-width", {}, {"subjects": frozenset({"officers", "staff"})}, "about officers and staff."
    ),
    Case("subjects-differ-in-width", {}, {"subjects": frozenset()}, "people whose role is not stated"),
    Case(
        "breakdowns-differ",
        {},
        {"breakdown": {"sex": "male"}},
        "One figure covers all categories, the other sex: male.",
    ),
    Case("area-holds-force", {}, {"force": "england-and-wales"}, "metropolitan is part of england-and-wales"),
    Case(
        "periods-overlap",
        {},
        {"start": date(2019, 7, 1), "end": date(2020, 6, 30)},
        "The periods overlap, so both figures may count some of the same cases.",
    ),
    Case(
        "periods-unequal",
        {},
        {**year(2020), "end": date(2021, 1, 12)},
        "12 months long, the other 12 months and 12 days.",
    ),
    Case("stock-beside-flow", {}, {"as_at": date(2020, 3, 31)}, "over its period, the other on 2020-03-31."),
    Case("period-inferred", {}, {"period_basis": "inferred"}, "The period of b is inferred, not stated."),
    Case("period-inferred", {}, UNDATED, "The period of b is unknown: its source gives no dates."),
    Case(
        "years-differ",
        {"year_type": "calendar"},
        {"year_type": "not-stated"},
        "years are calendar, the other's are not-stated.",
    ),
    Case(
        "events-differ",
        {},
        {"period_event": "received"},
        "what happened in its period, the other counts among cases received in its period.",
    ),
    Case(
        "rules-changed",
        AFFECTED,
        {**AFFECTED, **year(2021)},
        "Everything is counted anew, from 2020-02-01: Made up.",
        {"rule_changes": (CHANGE,)},
    ),
    Case("base-ambiguous", {}, {"base_basis": "ambiguous"}, "It is unclear what b is a share of."),
    Case(
        "part-of-the-other",
        {},
        {},
        "b is part of a or results from it, so the two are not independent.",
        {"wholes": {"b": (Link("b", "c", settled=True),), "c": (Link("c", "a", settled=True),)}},
    ),
    Case(
        "part-of-the-other",
        {},
        {},
        "a may be part of b.",
        {"wholes": {"a": (Link("a", "c", settled=True),), "c": (Link("c", "b", settled=False),)}},
    ),
    Case(
        "said-to-overlap", {}, {}, "recorded as counting some of the same cases.", {"overlapping": frozenset({AB})}
    ),
    Case(
        "shares-of-different-wholes",
        {"value_type": "percent", "base_id": "c", "base_basis": "stated"},
        {"value_type": "percent"},
        "One figure is a share of c, the other of an unclear base.",
    ),
    Case("not-exact", {}, {"qualifier": "nearly"}, "The value of b is not exact: nearly."),
    Case(
        "one-origin",
        {},
        {},
        "go back to report, so neither confirms the other.",
        {"same_fact": frozenset({AB}), "origins": {"a": {"report", "x"}, "b": {"report", "y"}}},
    ),
]


def compared(case: Case) -> Comparison:
    """Compare the two figures of a case."""
    return compare(counted("a", **case.a), counted("b", **case.b), knowing(**case.known))


def test_every_rule_has_a_case() -> None:
    """Every rule is shown by at least one pair of figures."""
    assert {case.rule for case in CASES} == set(RULE)


def test_names_of_rules_are_unique() -> None:
    """The methodology refers to rules by name, so no two have the same name."""
    assert len(RULE) == len(RULES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_rule(case: Case) -> None:
    """Figures that differ in one respect give the reason for it and no other, with its effect on the verdict."""
    rule = RULE[case.rule]
    comparison = compared(case)
    (reason,) = comparison.reasons
    assert case.message in reason.message
    assert (reason.aspect, reason.effect) == (rule.aspect, rule.effect)
    assert comparison.verdict == {"blocks": "not-comparable", "cautions": "with-care"}[rule.effect]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_numbers_only_if_comparable(case: Case) -> None:
    """A pair that is not comparable has neither difference nor ratio; any other has both."""
    comparison = compared(case)
    if comparison.verdict == "not-comparable":
        assert (comparison.difference, comparison.ratio) == (None, None)
    else:
        assert (comparison.difference, comparison.ratio) == (0, 1)


COMPARABLE: dict[str, tuple[Changes, Changes]] = {
    "another year": ({}, year(2020)),
    "another force": ({}, {"force": "gwent"}),
    "months of other lengths": (
        {"start": date(2019, 1, 1), "end": date(2019, 1, 31)},
        {"start": date(2019, 2, 1), "end": date(2019, 2, 28)},
    ),
    "years that begin in other months": (
        {"start": date(2018, 4, 1), "end": date(2019, 3, 31)},
        {"start": date(2020, 1, 1), "end": date(2020, 12, 31)},
    ),
    "months that begin on other days": (
        {"start": date(2019, 1, 15), "end": date(2019, 2, 14)},
        {"start": date(2019, 3, 1), "end": date(2019, 3, 31)},
    ),
    "shares of one whole": (
        {"value_type": "percent", "base_id": "c", "base_basis": "stated"},
        {"value_type": "percent", "base_id": "c", "base_basis": "implied"},
    ),
    "other parts of one whole": (
        {"base_id": "c", "base_basis": "stated"},
        {"base_id": "c", "base_basis": "stated", **year(2020)},
    ),
    "rates per as many": ({"value_type": "rate", "per": 1000}, {"value_type": "rate", "per": 1000}),
}


@pytest.mark.parametrize("name", COMPARABLE)
def test_comparable(name: str) -> None:
    """Figures that differ only in force, or in when things happened, are comparable without a reason."""
    a, b = COMPARABLE[name]
    assert compare(counted("a", **a), counted("b", **b), KNOWN) == Comparison("comparable", [], 0, 1)


BETWEEN: dict[str, tuple[Changes, Changes, bool]] = {
    "a before, b after": (year(2019), year(2021), True),
    "b before, a after": (year(2021), year(2019), True),
    "both before": (year(2018), year(2019), False),
    "both after": (year(2021), year(2022), False),
    "the new rules begin with b": (year(2019), {"start": date(2020, 2, 1), "end": date(2021, 1, 31)}, True),
    "the old rules end with a": ({"start": date(2019, 2, 1), "end": date(2020, 1, 31)}, year(2021), True),
    "the old rules end the day before a does": (
        {"start": date(2019, 2, 2), "end": date(2020, 2, 1)},
        year(2018),
        True,
    ),
    "one lies on both sides": (year(2020), year(2021), True),
    "both are one period on both sides": (year(2020), year(2020), False),
    "undated, the other before": (UNDATED, year(2019), True),
    "undated, the other on both sides": (UNDATED, year(2020), True),
    "undated, the other begins with the new rules": (
        UNDATED,
        {"start": date(2020, 2, 1), "end": date(2021, 1, 31)},
        False,
    ),
    "undated, the other after": (UNDATED, year(2021), False),
    "both undated": (UNDATED, UNDATED, True),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_change_of_rules_between_periods(name: str) -> None:
    """A change is named if it lies between the periods, or may: if one is undated, after the start of the other."""
    a, b, lies_between = BETWEEN[name]
    known = knowing(rule_changes=(CHANGE,))
    comparison = compare(counted("a", **AFFECTED, **a), counted("b", **AFFECTED, **b), known)
    aspects = [reason.aspect for reason in comparison.reasons]
    assert aspects.count("rules") == lies_between
    undated = (a, b).count(UNDATED)
    assert aspects.count("period-basis") == undated


@pytest.mark.parametrize(
    ("facts", "is_affected"),
    [
        ({}, True),
        ({"force": "england-and-wales"}, True),
        ({"allegation": "any"}, True),
        ({"outcome": "left"}, True),
        ({"allegation": "neglect"}, False),
        ({"outcome": "upheld"}, False),
        ({"kind": "complaint", "outcome": None}, False),
        ({"kind": "proceeding", "outcome": None, "stage": "gross"}, False),
    ],
)
def test_what_a_change_of_rules_affects(facts: Changes, is_affected: bool) -> None:  # noqa: FBT001 - a table
    """A change affects the kinds, forces, allegations and outcomes that it names, and those above and below."""
    both = {**AFFECTED, **facts}
    known = knowing(rule_changes=(CHANGE,))
    comparison = compare(counted("a", **both), counted("b", **both, **year(2021)), known)
    assert ["rules"] * is_affected == [reason.aspect for reason in comparison.reasons]


@pytest.mark.parametrize(
    "known",
    [
        {"origins": {"a": {"report"}, "b": {"report"}}},
        {"origins": {"a": {"report"}, "b": {"letter"}}, "same_fact": frozenset({AB})},
        {"same_fact": frozenset({AB})},
    ],
)
def test_independent_accounts(known: Changes) -> None:
    """Different facts from one document give no reason, and neither does one fact from two documents."""
    assert compare(counted("a"), counted("b"), knowing(**known)).reasons == []


def test_every_change_of_rules_is_named() -> None:
    """An undated figure may be older than any change after the other's start, so all of those are named."""
    days = [date(2018, 1, 1), date(2019, 6, 1), date(2020, 2, 1), date(2023, 5, 1)]
    changes = tuple(CHANGE.model_copy(update={"id": f"change-{day}", "day": day}) for day in days)
    known = knowing(rule_changes=changes)
    comparison = compare(counted("a", **AFFECTED, **UNDATED), counted("b", **AFFECTED), known)
    messages = [reason.message for reason in comparison.reasons if reason.aspect == "rules"]
    assert [str(day) in message for day, message in zip(days[1:], messages, strict=True)] == [True] * 3


@pytest.mark.parametrize(
    ("a", "b", "difference", "ratio"),
    [
        ("10", "70", 60, 7.0),
        ("594", "119", -475, 0.2003),
        ("0", "5", 5, None),
        ("0", "0", 0, None),
        ("5", "0", -5, 0.0),
        ("1.2", "1.5", 0.3, 1.25),
        ("3", "2", -1, 0.6667),
        ("8", "0.5", -7.5, 0.0625),
        ("20000", "1", -19999, 0.0001),
    ],
)
def test_difference_and_ratio(a: str, b: str, difference: float, ratio: float | None) -> None:
    """The difference is b - a; the ratio is b / a with four decimals, rounded half up, and null if a is 0."""
    comparison = compare(counted("a", value=Decimal(a)), counted("b", value=Decimal(b)), KNOWN)
    assert (comparison.difference, comparison.ratio) == (difference, ratio)
    assert isinstance(comparison.difference, int) == float(difference).is_integer()


# --- any two figures ---------------------------------------------------------------------------------------

DAYS = [date(y, m, d) for y in (2018, 2019, 2020) for m, d in ((1, 1), (4, 1), (6, 15), (12, 31))]


@st.composite
def figures(draw: st.DrawFn, id: str) -> Measured:  # noqa: A002 - the name of the field
    """Draw a figure with any measure and period, with or without a number."""

    def pick(*words: Any) -> Any:  # noqa: ANN401 - of any field
        return draw(st.sampled_from(words))

    kind = pick("complaint", "proceeding", "outcome")
    status = pick(*["stated"] * 4, *ValueStatus)
    start, end = sorted((pick(*DAYS), pick(*DAYS)))
    dated = draw(st.booleans())
    value_type = pick(*["count"] * 3, *ValueType)
    base = pick(None, None, *BaseBasis)
    return counted(
        id,
        kind=kind,
        stage=pick(*TREES["stage"]) if kind == "proceeding" else None,
        outcome=pick(*TREES["outcome"]) if kind == "outcome" else None,
        force=pick(*FORCES),
        allegation=pick(*TREES["allegation"]),
        value=Decimal(draw(st.integers(0, 99_999))) / pick(1, 1, 100) if status == "stated" else None,
        value_type=value_type,
        per=pick(100, 1000) if value_type == "rate" else None,
        value_status=status,
        qualifier=pick(*["exact"] * 4, *Qualifier) if status == "stated" else "exact",
        unit=pick(*["complaint"] * 4, *Unit),
        subjects=draw(st.frozensets(st.sampled_from(list(Subject)))),
        breakdown=draw(st.dictionaries(st.sampled_from(["sex", "rank"]), st.sampled_from(["x", "y"]))),
        start=start if dated else None,
        end=end if dated else None,
        as_at=pick(None, None, *DAYS),
        year_type=pick(None, *YearType),
        period_basis=pick(Basis.STATED, Basis.INFERRED) if dated else Basis.NOT_STATED,
        period_event=pick(*PeriodEvent),
        base_id=pick("a", "b", "c") if base and base != "ambiguous" else None,
        base_basis=base,
    )


@st.composite
def knowledge(draw: st.DrawFn) -> Knowledge:
    """Draw other facts about the figures a, b and c."""
    parts = st.sampled_from(["a", "b", "c"])
    links = draw(st.lists(st.builds(Link, parts, parts, st.booleans()), max_size=4))
    origins = st.frozensets(st.sampled_from(["report", "leak", "letter"]))
    return knowing(
        rule_changes=draw(st.sampled_from([(), (CHANGE,)])),
        wholes={part: tuple(link for link in links if link.part == part) for part in "abc"},
        same_fact=draw(st.sampled_from([frozenset(), frozenset({AB})])),
        overlapping=draw(st.sampled_from([frozenset(), frozenset({AB})])),
        origins={"a": draw(origins), "b": draw(origins)},
    )


@given(figures("a"), figures("b"), knowledge())
def test_either_way_round(a: Measured, b: Measured, known: Knowledge) -> None:
    """Verdict and reasons are the same either way round, with the values swapped."""
    forward, backward = compare(a, b, known), compare(b, a, known)
    assert backward.verdict == forward.verdict
    assert backward.reasons == [Reason(r.aspect, r.effect, r.b, r.a, r.message) for r in forward.reasons]
    if forward.difference is None:
        assert backward.difference is None
    else:
        assert backward.difference == -forward.difference


@given(figures("a"), knowledge())
def test_a_figure_and_itself(a: Measured, known: Knowledge) -> None:
    """Any figure is comparable to itself, without a reason."""
    comparison = compare(a, a, known)
    assert (comparison.verdict, comparison.reasons) == ("comparable", [])
    assert comparison.difference == (None if a.value is None else 0)
    assert comparison.ratio == (1 if a.value else None)


@given(figures("a"), figures("b"), knowledge())
def test_verdict_follows_from_reasons(a: Measured, b: Measured, known: Knowledge) -> None:
    """One reason that blocks is enough; without reasons the figures are comparable; the numbers agree with it."""
    comparison = compare(a, b, known)
    effects = {reason.effect for reason in comparison.reasons}
    expected = "not-comparable" if "blocks" in effects else "with-care" if effects else "comparable"
    assert comparison.verdict == expected
    assert (comparison.difference is None) == (comparison.verdict == "not-comparable")
    assert (comparison.ratio is None) == (comparison.difference is None or not a.value)

"""Compare two figures: each rule alone, and what is true of any two figures."""

from collections import Counter
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.compare import EFFECTS, Comparison, compare
from app.analysis.comparison_rules import RULES
from app.analysis.measures import Knowledge, Link, Measured, length, series_of
from app.domain.vocabulary import (
    BaseBasis,
    Basis,
    EvidencePoint,
    PeriodEvent,
    Qualifier,
    Subject,
    Unit,
    ValueStatus,
    ValueType,
    YearType,
)
from tests.figures_in_memory import CHANGE, FORCES, KNOWN, TREES, UNDATED, Changes, counted, knowing, year

RULE = {rule.name: rule for rule in RULES}


class Case(NamedTuple):
    """Two figures that differ in one respect, the rule that spots it, and part of its message."""

    rule: str
    a: Changes
    b: Changes
    message: str
    known: Changes = MappingProxyType({})


AFFECTED = {"allegation": "rape", "outcome": "dismissed"}
AB = frozenset({"a", "b"})

SHARE: Changes = {"value_type": "percent", "base_basis": "stated"}
CONTRADICTED: Changes = {
    "sources": {"a": frozenset({"audit"}), "b": frozenset({"survey"})},
    "contradicted": {series_of(counted("c")): ((frozenset({"survey"}), frozenset({"audit"})),)},
}
"""Two sources that contradict each other on the series that `counted` makes."""

CASES = [
    Case("contradict", {}, {}, "different numbers for the same thing.", {"conflicting": frozenset({AB})}),
    Case("contradict-elsewhere", {}, year(2020), "so they may not count in the same way.", CONTRADICTED),
    Case(
        "number-or-unit-disputed",
        {},
        {},
        "disputes the second figure: what it counts.",
        {"disputes": {"b": {"unit"}}},
    ),
    Case("number-or-unit-disputed", {}, {}, "disputes the first figure.", {"disputes": {"a": {None}}}),
    Case(
        "number-or-unit-disputed",
        {},
        {},
        "both figures: its number.",
        {"disputes": {"a": {"value"}, "b": {"value"}}},
    ),
    Case("other-point-disputed", {}, {}, "the second figure: its period.", {"disputes": {"b": {"period"}}}),
    Case("units-differ", {}, {"unit": "person"}, "The first figure counts complaints, the second counts people."),
    Case("units-open", {"unit": "not-stated"}, {"unit": "not-stated"}, "Neither source says what it counts."),
    Case(
        "value-types-differ",
        {},
        {"value_type": "change-count"},
        "number is a count, the second is a change in number.",
    ),
    Case(
        "value-types-differ",
        {"value_type": "rate", "per": 1000},
        {"value_type": "rate", "per": 100},
        "The first rate is per 1,000, the second per 100.",
    ),
    Case("values-missing", {}, {"value": None, "value_status": "withheld"}, "The second figure has no number"),
    Case(
        "measures-differ",
        {},
        {"kind": "complaint", "outcome": None},
        "The first figure is about outcomes, the second about complaints.",
    ),
    Case("measures-differ", {}, {"outcome": "dismissed"}, "about upheld, the second about dismissed."),
    Case(
        "measures-differ",
        {"kind": "proceeding", "outcome": None, "stage": "gross"},
        {"kind": "proceeding", "outcome": None, "stage": "investigation"},
        "about gross, the second about investigation.",
    ),
    Case(
        "measures-differ-in-width",
        {"outcome": "left"},
        {"outcome": "dismissed"},
        "includes what the second is about: dismissed.",
    ),
    Case(
        "measures-differ-in-width",
        {"kind": "proceeding", "outcome": None, "stage": "gross"},
        {"kind": "proceeding", "outcome": None, "stage": "proceedings"},
        "about gross, which is only part of what the second is about: proceedings.",
    ),
    Case(
        "allegations-differ",
        {"allegation": "rape"},
        {"allegation": "neglect"},
        "about rape, the second about neglect.",
    ),
    Case(
        "allegations-differ-in-width",
        {"allegation": "rape"},
        {"allegation": "sexual-misconduct"},
        "about rape, which is only part of what the second is about: sexual-misconduct.",
    ),
    Case(
        "subjects-exclude", {}, {"subjects": frozenset({"staff", "pcsos"})}, "officers, the second about PCSOs and"
    ),
    Case(
        "subjects-differ-in-width", {}, {"subjects": frozenset({"officers", "staff"})}, "officers and police staff."
    ),
    Case("subjects-differ-in-width", {}, {"subjects": frozenset()}, "people whose role is not stated"),
    Case("breakdowns-differ", {}, {"breakdown": {"sex": "male"}}, "covers everyone, the second only sex=male."),
    Case(
        "area-holds-force",
        {},
        {"force": "england-and-wales"},
        "Police, which is part of what the second is about: England and Wales",
    ),
    Case(
        "area-holds-force",
        {"force": "england-and-wales"},
        {},
        "Wales, which includes what the second is about: Metropolitan Police",
    ),
    Case(
        "periods-overlap",
        {},
        {"start": date(2019, 7, 1), "end": date(2020, 6, 30)},
        "The periods overlap, so both figures may count some of the same cases.",
    ),
    Case(
        "periods-unequal",
        {},
        {**year(2020), "end": date(2022, 4, 12)},
        "The first period is 1 year long, the second 2 years, 3 months and 12 days.",
    ),
    Case("stock-beside-flow", {}, {"as_at": date(2020, 3, 31)}, "over its period, the second on 31 March 2020."),
    Case("period-inferred", {}, {"period_basis": "inferred"}, "The period of the second figure is inferred"),
    Case(
        "period-inferred",
        {"period_basis": "inferred"},
        {"period_basis": "inferred"},
        "Both periods are inferred, not stated.",
    ),
    Case("undated", {}, UNDATED, "The second figure is undated: its source gives no clear dates."),
    Case("undated", UNDATED, UNDATED, "Both figures are undated: their sources give no clear dates."),
    Case(
        "years-differ",
        {"year_type": "calendar"},
        {"year_type": "not-stated"},
        "uses calendar years, the second years of a kind not stated.",
    ),
    Case(
        "events-differ",
        {},
        {"period_event": "received"},
        "what happened in its period, the second is drawn from cases received in its period.",
    ),
    Case(
        "rules-changed",
        AFFECTED,
        {**AFFECTED, **year(2021)},
        "Everything is counted anew, from 1 February 2020: Made up.",
        {"rule_changes": (CHANGE,)},
    ),
    Case("base-ambiguous", {}, {"base_basis": "ambiguous"}, "It is unclear what the second figure is a share of."),
    Case(
        "shares-across-units",
        {"unit": "case", "base_id": "c", "base_basis": "stated"},
        {"unit": "case", **year(2020)},
        "The first figure is a share across units: it counts cases, but its denominator counts people.",
        {"bases": {"c": counted("c", unit="person")}},
    ),
    Case(
        "part-of-the-other",
        {},
        {},
        "The second figure is part of the first or results from it, so the two are not independent.",
        {"wholes": {"b": (Link("b", "c", settled=True),), "c": (Link("c", "a", settled=True),)}},
    ),
    Case(
        "part-of-the-other",
        {"base_basis": "ambiguous"},
        {},
        "The first figure may be part of the second.",
        {"wholes": {"a": (Link("a", "c", settled=True),), "c": (Link("c", "b", settled=False),)}},
    ),
    Case(
        "said-to-overlap", {}, {}, "recorded as counting some of the same cases.", {"overlapping": frozenset({AB})}
    ),
    Case(
        "shares-of-different-wholes",
        {**SHARE, "base_id": "c"},
        SHARE,
        "The two percentages are shares of different totals.",
    ),
    Case(
        "not-exact", {}, {"qualifier": "fewer-than"}, "The second number isn't exact: it is given as “fewer than”."
    ),
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
    """Every rule has at least one pair of figures that triggers it."""
    assert {case.rule for case in CASES} == set(RULE)


def test_names_of_rules_are_unique() -> None:
    """Rule names are unique, because the methodology refers to rules by name."""
    assert len(RULE) == len(RULES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_rule(case: Case) -> None:
    """Figures that differ in one respect get exactly one reason, which has the rule's effect on the verdict."""
    rule = RULE[case.rule]
    comparison = compared(case)
    (reason,) = comparison.reasons
    assert case.message in reason.message
    assert (reason.aspect, reason.effect) == (rule.aspect, rule.effect)
    assert comparison.verdict == ("not-comparable" if rule.effect == "blocks" else "with-care")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_numbers_only_where_no_rule_forbids_them(case: Case) -> None:
    """A rule that blocks or withholds removes both the difference and the ratio; any other keeps both."""
    comparison = compared(case)
    if RULE[case.rule].effect != "cautions":
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
    "shares of alike wholes, a year apart": (
        {"value_type": "percent", "base_id": "c", "base_basis": "stated"},
        {"value_type": "percent", "base_id": "d", "base_basis": "stated", **year(2020)},
    ),
    "rates per as many": ({"value_type": "rate", "per": 1000}, {"value_type": "rate", "per": 1000}),
}


@pytest.mark.parametrize("name", COMPARABLE)
def test_comparable(name: str) -> None:
    """Figures that count the same thing for another force, period or base are comparable, with no reasons."""
    a, b = COMPARABLE[name]
    known = knowing(bases={"c": counted("c"), "d": counted("d", **year(2020))})
    assert compare(counted("a", **a), counted("b", **b), known) == Comparison("comparable", [], 0, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"allegation": "rape"},
        {"force": "gwent"},
        {"start": date(2019, 1, 1)},
        {"unit": "person"},
        {"subjects": frozenset()},
    ],
)
def test_wholes_that_are_not_alike(other: Changes) -> None:
    """Percentages are comparable if their wholes count the same thing, each for its part's own force and period."""
    a, b = COMPARABLE["shares of alike wholes, a year apart"]
    known = knowing(bases={"c": counted("c"), "d": counted("d", **{**year(2020), **other})})
    aspects = [reason.aspect for reason in compare(counted("a", **a), counted("b", **b), known).reasons]
    assert "base" in aspects


def test_one_fact_undated() -> None:
    """A rule change doesn't matter to two accounts of one fact, even if one is undated."""
    known = knowing(rule_changes=(CHANGE,), same_fact=frozenset({AB}))
    found = compare(counted("a", **AFFECTED), counted("b", **AFFECTED, **UNDATED), known)
    assert [reason.aspect for reason in found.reasons] == ["period-basis"]


@pytest.mark.parametrize(
    ("a", "b", "is_found"),
    [
        ({}, year(2021), True),
        ({}, year(2021, outcome="left"), False),
        ({}, year(2021, force="gwent"), False),
        ({"force": "gwent"}, year(2021, force="gwent"), False),
    ],
)
def test_contradictions_are_of_a_series(a: Changes, b: Changes, is_found: bool) -> None:  # noqa: FBT001 - a table
    """Two sources that contradict each other do so only on the series they both count."""
    found = compare(counted("a", **a), counted("b", **b), knowing(**CONTRADICTED))
    assert is_found == ("conflict" in {reason.aspect for reason in found.reasons})


def test_one_side_of_a_contradiction() -> None:
    """Two figures of one source don't contradict each other, whatever another source says."""
    known = knowing(**{**CONTRADICTED, "sources": {"a": frozenset({"audit"}), "b": frozenset({"audit"})}})
    assert compare(counted("a"), counted("b", **year(2020)), known).verdict == "comparable"


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
    """A rule change is named if it falls between the periods or, with one undated, after the other's start."""
    a, b, lies_between = BETWEEN[name]
    known = knowing(rule_changes=(CHANGE,))
    comparison = compare(counted("a", **AFFECTED, **a), counted("b", **AFFECTED, **b), known)
    aspects = [reason.aspect for reason in comparison.reasons]
    assert aspects.count("rules") == lies_between
    assert aspects.count("period-basis") == (UNDATED in (a, b))


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
    """A rule change affects the kinds, forces, allegations and outcomes it names, and those above and below."""
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
    """Neither different facts from one document nor one fact from two documents gives a reason."""
    assert compare(counted("a"), counted("b"), knowing(**known)).reasons == []


def test_every_change_of_rules_is_named() -> None:
    """An undated figure may be older than any rule change after the other's start, so all of them are named."""
    days = [date(2018, 1, 1), date(2019, 6, 1), date(2020, 2, 1), date(2023, 5, 1)]
    changes = tuple(CHANGE.model_copy(update={"id": f"change-{day}", "day": day}) for day in days)
    known = knowing(rule_changes=changes)
    comparison = compare(counted("a", **AFFECTED, **UNDATED), counted("b", **AFFECTED), known)
    messages = [reason.message for reason in comparison.reasons if reason.aspect == "rules"]
    dates = [f"{day.day} {day:%B %Y}" for day in days[1:]]
    assert [day in message for day, message in zip(dates, messages, strict=True)] == [True] * 3


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
    """The difference is b - a. The ratio is b / a, rounded half up to four decimals, or null if a is 0."""
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
    """Draw other facts needed to compare figures a, b and c."""
    parts = st.sampled_from(["a", "b", "c"])
    links = draw(st.lists(st.builds(Link, parts, parts, st.booleans()), max_size=4))
    origins = st.frozensets(st.sampled_from(["report", "leak", "letter"]))
    points = st.frozensets(st.sampled_from([None, *EvidencePoint]), max_size=1)
    return knowing(
        rule_changes=draw(st.sampled_from([(), (CHANGE,)])),
        wholes={part: tuple(link for link in links if link.part == part) for part in "abc"},
        same_fact=draw(st.sampled_from([frozenset(), frozenset({AB})])),
        conflicting=draw(st.sampled_from([frozenset(), frozenset({AB})])),
        disputes={"a": draw(points), "b": draw(points)},
        overlapping=draw(st.sampled_from([frozenset(), frozenset({AB})])),
        origins={"a": draw(origins), "b": draw(origins)},
    )


@given(figures("a"), figures("b"), knowledge())
def test_either_way_round(a: Measured, b: Measured, known: Knowledge) -> None:
    """Swapping the figures swaps the values but keeps the verdict, aspects and effects."""
    forward, backward = compare(a, b, known), compare(b, a, known)
    assert backward.verdict == forward.verdict
    one, other = (Counter((r.aspect, r.effect) for r in found.reasons) for found in (forward, backward))
    assert one == other
    assert all(any((r.aspect, r.a, r.b) == (s.aspect, s.b, s.a) for s in backward.reasons) for r in forward.reasons)
    if forward.difference is None:
        assert backward.difference is None
    else:
        assert backward.difference == -forward.difference


@given(figures("a"), knowledge())
def test_a_figure_and_itself(a: Measured, known: Knowledge) -> None:
    """Any figure is comparable to itself, with no reasons."""
    comparison = compare(a, a, known)
    assert (comparison.verdict, comparison.reasons) == ("comparable", [])
    assert comparison.difference == (None if a.value is None else 0)
    assert comparison.ratio == (1 if a.value else None)


@given(figures("a"), figures("b"), knowledge())
def test_verdict_follows_from_reasons(a: Measured, b: Measured, known: Knowledge) -> None:
    """One blocking reason is enough; with no reasons the figures are comparable; the numbers match the verdict."""
    comparison = compare(a, b, known)
    effects = {reason.effect for reason in comparison.reasons}
    expected = "not-comparable" if "blocks" in effects else "with-care" if effects else "comparable"
    assert comparison.verdict == expected
    assert (comparison.difference is None) == bool(effects & {"blocks", "withholds"})
    assert [EFFECTS.index(reason.effect) for reason in comparison.reasons] == sorted(
        EFFECTS.index(reason.effect) for reason in comparison.reasons
    )


@given(figures("a"), figures("b"), knowledge())
def test_no_arithmetic_where_none_is_due(a: Measured, b: Measured, known: Knowledge) -> None:
    """There's no ratio if a side is undated, inexact or disputed, period lengths differ, or sources contradict."""
    comparison = compare(a, b, known)
    undue = (
        None in (a.period.start, b.period.start)
        or {a.qualifier, b.qualifier} != {"exact"}
        or length(a) != length(b)
        or frozenset({"a", "b"}) in known.conflicting
        or any(point in {None, "value", "unit"} for side in "ab" for point in known.disputes.get(side, ()))
    )
    if undue and a.id != b.id:
        assert (comparison.difference, comparison.ratio) == (None, None)
    assert (comparison.ratio is None) == (comparison.difference is None or not a.value)

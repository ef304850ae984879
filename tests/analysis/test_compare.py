"""Two figures side by side: every rule alone, what no rule may change, and what the real figures come to."""

from datetime import date
from decimal import Decimal
from itertools import combinations
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.compare import RULES, Comparison, Reason, compare
from app.analysis.measures import Knowledge, Link, Measured, length
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
"""A change of rules that touches outcomes by which people left, over sexual misconduct."""


class Case(NamedTuple):
    """Two figures that differ in one respect, the rule that finds it, and what it says."""

    rule: str
    a: Changes
    b: Changes
    says: str
    known: Changes = MappingProxyType({})


TOUCHED = {"allegation": "rape", "outcome": "dismissed"}
AB = frozenset({"a", "b"})

CASES = [
    Case("units-differ", {}, {"unit": "person"}, "One counts by complaint, the other by person."),
    Case("units-open", {"unit": "not-stated"}, {"unit": "not-stated"}, "Neither source says what is counted."),
    Case("value-types-differ", {}, {"value_type": "change-count"}, "is a count, the other a change-count."),
    Case(
        "value-types-differ",
        {"value_type": "rate", "per": 1000},
        {"value_type": "rate", "per": 100},
        "One rate is per 1000, the other per 100.",
    ),
    Case("values-missing", {}, {"value": None, "value_status": "withheld"}, "b has no number: withheld."),
    Case("measures-differ", {}, {"kind": "complaint", "outcome": None}, "a outcome figure, the other a complaint"),
    Case("measures-differ", {}, {"outcome": "dismissed"}, "One is about upheld, the other about dismissed."),
    Case(
        "measures-differ",
        {"kind": "proceeding", "outcome": None, "stage": "gross"},
        {"kind": "proceeding", "outcome": None, "stage": "investigation"},
        "One is about gross, the other about investigation.",
    ),
    Case(
        "measures-differ-in-width",
        {"outcome": "left"},
        {"outcome": "dismissed"},
        "Of left and dismissed, one takes in the other.",
    ),
    Case(
        "measures-differ-in-width",
        {"kind": "proceeding", "outcome": None, "stage": "gross"},
        {"kind": "proceeding", "outcome": None, "stage": "proceedings"},
        "Of gross and proceedings, one takes in the other.",
    ),
    Case("allegations-differ", {"allegation": "rape"}, {"allegation": "neglect"}, "rape, the other about neglect."),
    Case(
        "allegations-differ-in-width",
        {"allegation": "rape"},
        {"allegation": "sexual-misconduct"},
        "Of rape and sexual-misconduct, one takes in the other.",
    ),
    Case(
        "subjects-exclude", {}, {"subjects": frozenset({"staff", "pcsos"})}, "officers, the other about pcsos and"
    ),
    Case(
        "subjects-differ-in-width", {}, {"subjects": frozenset({"officers", "staff"})}, "about officers and staff."
    ),
    Case("subjects-differ-in-width", {}, {"subjects": frozenset()}, "people whose role is not stated"),
    Case(
        "breakdowns-differ", {}, {"breakdown": {"sex": "male"}}, "One is for all of them, the other for sex: male."
    ),
    Case("area-holds-force", {}, {"force": "england-and-wales"}, "metropolitan lies in england-and-wales"),
    Case(
        "periods-overlap",
        {},
        {"start": date(2019, 7, 1), "end": date(2020, 6, 30)},
        "The periods overlap, so that both may count some of the same.",
    ),
    Case(
        "periods-unequal",
        {},
        {**year(2020), "end": date(2021, 1, 12)},
        "12 months long, the other 12 months and 12",
    ),
    Case("stock-beside-flow", {}, {"as_at": date(2020, 3, 31)}, "over its period, the other on 2020-03-31."),
    Case("period-inferred", {}, {"period_basis": "inferred"}, "The period of b is inferred, not stated."),
    Case("period-inferred", {}, UNDATED, "The period of b is open: its source gives no dates."),
    Case(
        "years-differ", {"year_type": "calendar"}, {"year_type": "not-stated"}, "are calendar, those of the other"
    ),
    Case(
        "events-differ", {}, {"period_event": "received"}, "what is counted, in the other the receipt of the cases."
    ),
    Case(
        "rules-changed",
        TOUCHED,
        {**TOUCHED, **year(2021)},
        "Everything is counted anew, from 2020-02-01: Made up.",
        {"rule_changes": (CHANGE,)},
    ),
    Case("base-ambiguous", {}, {"base_basis": "ambiguous"}, "Of what b is a share is open."),
    Case(
        "part-of-the-other",
        {},
        {},
        "b is a part of a or springs from it",
        {"wholes": {"b": (Link("b", "c", settled=True),), "c": (Link("c", "a", settled=True),)}},
    ),
    Case(
        "part-of-the-other",
        {},
        {},
        "a may be a part of b.",
        {"wholes": {"a": (Link("a", "c", settled=True),), "c": (Link("c", "b", settled=False),)}},
    ),
    Case("said-to-overlap", {}, {}, "are said to count some of the same.", {"overlapping": frozenset({AB})}),
    Case(
        "shares-of-different-wholes",
        {"value_type": "percent", "base_id": "c", "base_basis": "stated"},
        {"value_type": "percent"},
        "One is a share of c, the other of an open whole.",
    ),
    Case("not-exact", {}, {"qualifier": "nearly"}, "The number of b is not exact: nearly."),
    Case(
        "one-origin",
        {},
        {},
        "go back to report; neither confirms the other.",
        {"same_fact": frozenset({AB}), "origins": {"a": {"report", "x"}, "b": {"report", "y"}}},
    ),
]


def compared(case: Case) -> Comparison:
    """Compare the two figures of a case."""
    return compare(counted("a", **case.a), counted("b", **case.b), knowing(**case.known))


def test_every_rule_has_a_case() -> None:
    """A rule that no pair of figures shows is a rule that nobody has thought through."""
    assert {case.rule for case in CASES} == set(RULE)


def test_rules_have_names_of_their_own() -> None:
    """The methodology names each rule, so a name stands for one rule only."""
    assert len(RULE) == len(RULES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_rule(case: Case) -> None:
    """Two figures that differ in one respect give its reason and no other, with its effect on the verdict."""
    rule = RULE[case.rule]
    comparison = compared(case)
    (reason,) = comparison.reasons
    assert case.says in reason.message
    assert (reason.aspect, reason.effect) == (rule.aspect, rule.effect)
    assert comparison.verdict == {"blocks": "not-comparable", "cautions": "with-care"}[rule.effect]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_numbers_stand_where_they_mean_something(case: Case) -> None:
    """A pair that is not comparable has no difference and no ratio; any other has both."""
    comparison = compared(case)
    if comparison.verdict == "not-comparable":
        assert (comparison.difference, comparison.ratio) == (None, None)
    else:
        assert (comparison.difference, comparison.ratio) == (0, 1)


ALIKE: dict[str, tuple[Changes, Changes]] = {
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


@pytest.mark.parametrize("name", ALIKE)
def test_alike(name: str) -> None:
    """What differs only in force, or in when it was, may stand side by side without a word."""
    a, b = ALIKE[name]
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
def test_a_change_of_rules_lies_between(name: str) -> None:
    """A change is named where it lies between the periods, or may: after the start of an undated one's other."""
    a, b, lies_between = BETWEEN[name]
    known = knowing(rule_changes=(CHANGE,))
    comparison = compare(counted("a", **TOUCHED, **a), counted("b", **TOUCHED, **b), known)
    aspects = [reason.aspect for reason in comparison.reasons]
    assert aspects.count("rules") == lies_between
    undated = (a, b).count(UNDATED)
    assert aspects.count("period-basis") == undated


@pytest.mark.parametrize(
    ("facts", "is_touched"),
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
def test_a_change_of_rules_touches(facts: Changes, is_touched: bool) -> None:  # noqa: FBT001 - of a table
    """A change concerns the kinds, forces, allegations and outcomes that it names, with those above and below."""
    both = {**TOUCHED, **facts}
    known = knowing(rule_changes=(CHANGE,))
    comparison = compare(counted("a", **both), counted("b", **both, **year(2021)), known)
    assert ["rules"] * is_touched == [reason.aspect for reason in comparison.reasons]


@pytest.mark.parametrize(
    "known",
    [
        {"origins": {"a": {"report"}, "b": {"report"}}},
        {"origins": {"a": {"report"}, "b": {"letter"}}, "same_fact": frozenset({AB})},
        {"same_fact": frozenset({AB})},
    ],
)
def test_independent_accounts(known: Changes) -> None:
    """Other facts of one document may be compared, and so may accounts of one fact that go back to two."""
    assert compare(counted("a"), counted("b"), knowing(**known)).reasons == []


def test_changes_of_rules_are_all_named() -> None:
    """An undated figure may lie before any change that came after the other's start, so all of them are said."""
    days = [date(2018, 1, 1), date(2019, 6, 1), date(2020, 2, 1), date(2023, 5, 1)]
    changes = tuple(CHANGE.model_copy(update={"id": f"change-{day}", "day": day}) for day in days)
    known = knowing(rule_changes=changes)
    comparison = compare(counted("a", **TOUCHED, **UNDATED), counted("b", **TOUCHED), known)
    said = [reason.message for reason in comparison.reasons if reason.aspect == "rules"]
    assert [str(day) in message for day, message in zip(days[1:], said, strict=True)] == [True] * 3


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
    """The difference is b - a and the ratio b / a to four decimals, halves away from zero; nothing is over 0."""
    comparison = compare(counted("a", value=Decimal(a)), counted("b", value=Decimal(b)), KNOWN)
    assert (comparison.difference, comparison.ratio) == (difference, ratio)
    assert isinstance(comparison.difference, int) == float(difference).is_integer()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2019-01-01", "2019-12-31", (12, 0)),
        ("2012-01-01", "2018-12-31", (84, 0)),
        ("2018-04-01", "2021-03-31", (36, 0)),
        ("2020-02-01", "2020-02-29", (1, 0)),
        ("2019-02-01", "2019-02-28", (1, 0)),
        ("2020-02-01", "2020-02-28", (0, 28)),
        ("2021-03-15", "2021-03-15", (0, 1)),
        ("2021-03-15", "2021-03-21", (0, 7)),
        ("2019-01-15", "2019-02-14", (1, 0)),
        ("2019-01-15", "2019-02-10", (0, 27)),
        ("2019-01-31", "2019-02-27", (1, 0)),
        ("2019-01-31", "2019-02-28", (1, 1)),
        ("2019-12-31", "2020-01-30", (1, 0)),
        ("2020-01-01", "2021-01-12", (12, 12)),
        ("9999-01-01", "9999-11-30", (11, 0)),
    ],
)
def test_lengths_are_in_months(start: str, end: str, expected: tuple[int, int]) -> None:
    """A month is a month whatever its days; what is left beyond whole months is counted in days."""
    assert length(counted("a", start=date.fromisoformat(start), end=date.fromisoformat(end))) == expected


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 4000))
def test_lengths_lose_no_day(start: date, more: int) -> None:
    """Months and days of a length lead from the first day to the day after the last, and days make no month."""
    end = date.fromordinal(start.toordinal() + more)
    found = length(counted("a", start=start, end=end))
    assert found is not None
    months, days = found
    assert 0 <= days <= 31
    assert months >= 0
    longer = length(counted("a", start=start, end=date.fromordinal(end.toordinal() + 1)))
    assert longer in {(months, days + 1), (months + 1, 0)}


# --- whatever the figures are ------------------------------------------------------------------------------

DAYS = [date(y, m, d) for y in (2018, 2019, 2020) for m, d in ((1, 1), (4, 1), (6, 15), (12, 31))]


@st.composite
def figures(draw: st.DrawFn, id: str) -> Measured:  # noqa: A002 - the name of the field
    """Draw a figure of any measure and any period, with a number or without."""

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
    """Draw what may be known of the figures a, b and c beside themselves."""
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
    """The verdict and the reasons are the same either way round, each side's words with its side."""
    there, back = compare(a, b, known), compare(b, a, known)
    assert back.verdict == there.verdict
    assert back.reasons == [Reason(r.aspect, r.effect, r.b, r.a, r.message) for r in there.reasons]
    if there.difference is None:
        assert back.difference is None
    else:
        assert back.difference == -there.difference


@given(figures("a"), knowledge())
def test_a_figure_beside_itself(a: Measured, known: Knowledge) -> None:
    """A figure against itself is comparable without a reason, whatever it is."""
    comparison = compare(a, a, known)
    assert (comparison.verdict, comparison.reasons) == ("comparable", [])
    assert comparison.difference == (None if a.value is None else 0)
    assert comparison.ratio == (1 if a.value else None)


@given(figures("a"), figures("b"), knowledge())
def test_verdict_follows_from_reasons(a: Measured, b: Measured, known: Knowledge) -> None:
    """One reason that blocks is enough; without any, two figures are comparable; numbers are there to match."""
    comparison = compare(a, b, known)
    effects = {reason.effect for reason in comparison.reasons}
    expected = "not-comparable" if "blocks" in effects else "with-care" if effects else "comparable"
    assert comparison.verdict == expected
    assert (comparison.difference is None) == (comparison.verdict == "not-comparable")
    assert (comparison.ratio is None) == (comparison.difference is None or not a.value)


# --- through the API ---------------------------------------------------------------------------------------

REMOVED = "met-2012-2018-upheld-removed"
PROVEN = "ew-2018-2021-misconduct-proven"


async def ask(client: AsyncClient, a: str, b: str) -> dict[str, Any]:
    """Ask the API to compare two figures."""
    answer = await client.get("/v1/compare", params={"a": a, "b": b})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(answer: dict[str, Any], aspect: str) -> list[str]:
    """Return the messages of an aspect."""
    return [reason["message"] for reason in answer["reasons"] if reason["aspect"] == aspect]


@pytest.mark.anyio
async def test_the_two_63s(client: AsyncClient) -> None:
    """63 upheld cases that led to a removal from the Met are not the 63 proven cases in England and Wales."""
    answer = await ask(client, REMOVED, PROVEN)
    assert answer["a"]["value"] == answer["b"]["value"] == 63
    assert (answer["verdict"], answer["difference"], answer["ratio"]) == ("not-comparable", None, None)
    blocking = {reason["aspect"] for reason in answer["reasons"] if reason["effect"] == "blocks"}
    assert blocking
    assert blocking <= {"unit", "measure"}
    (measure,) = [reason for reason in answer["reasons"] if reason["aspect"] == "measure"]
    assert (measure["a"]["outcome"], measure["b"]["outcome"]) == ("removed", "misconduct-proven")
    (force,) = [reason for reason in answer["reasons"] if reason["aspect"] == "force"]
    assert (force["a"], force["b"]) == ("metropolitan", "england-and-wales")


@pytest.mark.anyio
async def test_the_70_and_the_10(client: AsyncClient) -> None:
    """The rise from 10 to 70 is open in time, and the rules of referral changed in between."""
    answer = await ask(client, "ew-2016-investigated", "ew-past-year-investigated")
    assert answer["verdict"] in {"with-care", "not-comparable"}
    assert any("2017-04-01" in message for message in told(answer, "rules"))
    assert any("ew-past-year-investigated is open" in message for message in told(answer, "period-basis"))


@pytest.mark.anyio
async def test_the_66_and_the_42(client: AsyncClient) -> None:
    """The 42 of the last year are among the 66 of three years, and the answer says which lies in which."""
    whole, part = "ew-2018-2021-misconduct-proceedings", "ew-2020-2021-misconduct-proceedings"
    answer = await ask(client, whole, part)
    assert any(message.startswith(f"{part} is a part of {whole}") for message in told(answer, "base"))
    assert told(answer, "period")


@pytest.mark.anyio
async def test_the_38_and_more_than_half(client: AsyncClient) -> None:
    """A count and a share of the same people are no two accounts: both go back to one release."""
    answer = await ask(client, "ew-2018-2021-left-and-barred", "ew-2018-2021-left-and-barred-share")
    assert answer["verdict"] == "not-comparable"
    assert told(answer, "value-type")
    assert any("iopc-2021-10-25" in message for message in told(answer, "origin"))


@pytest.mark.anyio
async def test_what_is_not_disclosed_is_not_compared(client: AsyncClient) -> None:
    """A figure without a number is compared with nothing: it is not zero."""
    answer = await ask(client, "met-2012-2018-upheld-criminal-investigation", "ew-2016-investigated")
    assert (answer["verdict"], answer["difference"], answer["ratio"]) == ("not-comparable", None, None)
    assert told(answer, "value-status") == [
        "met-2012-2018-upheld-criminal-investigation has no number: not-disclosed."
    ]


@pytest.mark.anyio
async def test_all_pairs_either_way_round(client: AsyncClient) -> None:
    """Of all the project's own figures, each pair has one verdict, and each figure is comparable with itself."""
    ids = [figure["id"] for figure in (await client.get("/v1/figures?limit=500")).json()["data"]]
    for a, b in combinations(ids, 2):
        there, back = await ask(client, a, b), await ask(client, b, a)
        assert (there["a"], there["b"], there["verdict"]) == (back["b"], back["a"], back["verdict"])
        assert there["reasons"] == [reason | {"a": reason["b"], "b": reason["a"]} for reason in back["reasons"]]
    for figure in ids:
        itself = await ask(client, figure, figure)
        assert (itself["verdict"], itself["reasons"]) == ("comparable", [])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", [("a", "empty"), ("b", "empty")]),
        (f"a={REMOVED}", [("b", "empty")]),
        (f"a={REMOVED}&b=", [("b", "empty")]),
        (f"a={REMOVED}&a={PROVEN}&b={PROVEN}", [("a", "repeated")]),
        (f"a={REMOVED}&b={PROVEN}&c={PROVEN}", [("c", "unknown-parameter")]),
        (f"a=Not An Id&b={PROVEN}", [("a", "malformed")]),
        (f"a={REMOVED}&b={PROVEN}&release=9.9.9", [("release", "unknown-code")]),
        ("a=Not An Id&c=1&release=9.9.9", [("a", "malformed"), ("b", "empty"), ("c", "unknown-parameter"),
                                           ("release", "unknown-code")]),
    ],
)  # fmt: skip
async def test_bad_query(client: AsyncClient, query: str, wrong: list[tuple[str, str]]) -> None:
    """A comparison takes two ids, each once, and everything that is wrong with the query is said at once."""
    answer = await client.get(f"/v1/compare?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert sorted((error["parameter"], error["code"]) for error in answer.json()["errors"]) == wrong


@pytest.mark.anyio
async def test_an_unknown_figure(client: AsyncClient) -> None:
    """An id that names nothing is 404, with what may have been meant."""
    answer = await client.get(f"/v1/compare?a={REMOVED}&b={PROVEN}x")
    assert answer.status_code == 404
    assert PROVEN in answer.json()["nearest"]


@pytest.mark.anyio
async def test_an_incident_is_no_figure(client: AsyncClient) -> None:
    """An incident counts nothing, so it cannot be compared; the answer says where it is."""
    answer = await client.get(f"/v1/compare?a={REMOVED}&b=met-officer-murder")
    assert answer.status_code == 404
    assert "/v1/incidents/met-officer-murder" in answer.headers["link"]

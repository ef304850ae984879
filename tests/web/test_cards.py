"""Figures as people read them: each sentence follows from a field, and none says more than the record does."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.measures import Knowledge
from app.domain.records import Figure, Period, Related
from app.domain.vocabulary import (
    BaseBasis,
    Basis,
    EvidenceRole,
    PeriodEvent,
    Qualifier,
    RelationType,
    Standing,
    Subject,
    Unit,
    ValueStatus,
    ValueType,
    YearType,
)
from app.releases.rendering import FigureAnswer
from app.web.cards import Card, Extent, card, extent
from app.web.cautions import cautions
from app.web.families import LOOKALIKES, arranged, lookalikes
from app.web.wording import STANDINGS, amount, number, plainly
from tests import made
from tests.figures_in_memory import TREES, counted

MINUS = "\N{MINUS SIGN}"


def figure_of(**changes: object) -> FigureAnswer:
    """Return a figure as answered, without a whole."""
    return made.answered(made.figure("one", **changes))


def pair(part: Mapping[str, object], whole: Mapping[str, object]) -> tuple[FigureAnswer, FigureAnswer]:
    """Return a part and its whole; the base of the part is settled unless it says otherwise."""
    above = made.figure("whole", **whole)
    below = made.figure("part", **{"base": made.base("whole"), **part})
    settled = below.base is not None and below.base.id is not None
    return made.answered(below, above if settled else None), made.answered(above)


def shown(part: Mapping[str, object], whole: Mapping[str, object]) -> Card:
    """Return a part as it is shown below its whole."""
    return card(*pair(part, whole), made.names())


# --- the number --------------------------------------------------------------------------------------------


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
def test_number(qualifier: Qualifier, value_type: ValueType) -> None:
    """The number is printed with its sign, unit, and the word that says how exact it is."""
    value, alone, between = PRINTED[value_type]
    of = figure_of(
        value=value,
        value_to=1300 if qualifier is Qualifier.BETWEEN else None,
        value_type=value_type,
        per=1000 if value_type is ValueType.RATE else None,
        qualifier=qualifier,
    )
    assert number(of) == WORDS[qualifier].format(between if qualifier is Qualifier.BETWEEN else alone)


@pytest.mark.parametrize("status", [status for status in ValueStatus if status is not ValueStatus.STATED])
@pytest.mark.parametrize("value_type", [ValueType.COUNT, ValueType.PERCENT])
def test_number_that_is_not_known(status: ValueStatus, value_type: ValueType) -> None:
    """What is not known is said in words: no digit, no zero, and no unit that would be counted."""
    of = card(figure_of(value_status=status, value_type=value_type), None, made.names())
    assert of.number == str(status).replace("-", " ").capitalize()
    assert of.noun == ""
    assert of.title == f"{of.number}: complaints"
    assert of.cautions[0].short == "unknown, not zero"


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
def test_amount(value: float, printed: str) -> None:
    """Thousands are set apart, decimals are those that there are, and no number is written with an exponent."""
    assert amount(value) == printed


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
        ({"unit": "not-stated", "value": 2}, "2 (unit not stated): complaints"),
    ],
)
def test_title(changes: Mapping[str, object], title: str) -> None:
    """A number never stands without what it is of, and its noun agrees with it."""
    assert card(figure_of(**changes), None, made.names()).title == title


@pytest.mark.parametrize("unit", Unit)
def test_every_unit_has_a_noun(unit: Unit) -> None:
    """One and many are told apart in each unit, but for the one that is not stated."""
    one, many = (card(figure_of(unit=unit, value=value), None, made.names()).noun for value in (1, 2))
    assert (one == many) == (unit is Unit.NOT_STATED)


def test_who() -> None:
    """Whose conduct it is, and which part of them; nothing where neither is stated."""
    assert card(figure_of(), None, made.names()).who == ""
    every = card(figure_of(subjects=list(Subject), breakdown={"sex": "male"}), None, made.names()).who
    assert every.startswith("officers and special constables and PCSOs and police staff, ")
    assert made.names()["breakdown"]["sex=male"].lower() in every


# --- of what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "of_what"),
    [
        ({"value": 119}, {"value": 594}, "20.03% of the 594 complaints"),
        ({"value": 594}, {"value": 594}, "100% of the 594 complaints"),
        ({"value": 0}, {"value": 594}, "0% of the 594 complaints"),
        ({"value": 1}, {"value": 1_000_000}, "less than 0.01% of the 1,000,000 complaints"),
        ({"value": 999_999}, {"value": 1_000_000}, "more than 99.99% of the 1,000,000 complaints"),
        ({"value": 5, "qualifier": "about"}, {"value": 594}, "of the 594 complaints"),
        ({"value": 5}, {"value": 594, "qualifier": "more-than"}, "of the more than 594 complaints"),
        ({"value": 20, "value_type": "percent"}, {"value": 594}, "of the 594 complaints"),
        ({"value_status": "withheld"}, {"value": 594}, "an unknown part of the 594 complaints"),
        ({}, {"value_status": "not-disclosed"}, "of those whose number is not disclosed (complaints)"),
        (
            {"base": made.base("whole", part=False)},
            {"value": 2},
            "out of the 2 complaints, and not a share of them",
        ),
        ({"base": made.ambiguous("whole")}, {"value": 2}, "perhaps of the 2 complaints"),
        ({}, {"kind": "outcome", "unit": "person", "value": 2}, "50% of the 2 people (upheld)"),
    ],
)
def test_of_what(part: Mapping[str, object], whole: Mapping[str, object], of_what: str) -> None:
    """A share is told as one only where the API states it; the rest is said as it is."""
    assert shown(part, whole).of_what == of_what


def test_of_what_of_a_whole() -> None:
    """A whole is of nothing."""
    assert card(figure_of(), None, made.names()).of_what == ""


COUNT = {"value": 100}


@pytest.mark.parametrize(
    ("part", "whole", "taken"),
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
        # Of a whole that is known by a bound, the part is known by one as well.
        ({"value": 25}, {**COUNT, "qualifier": "more-than"}, Extent(0, 0.25)),
        ({"value": 25}, {**COUNT, "qualifier": "at-most"}, Extent(0.25, 1)),
        ({"value": 25}, {**COUNT, "value_to": 200, "qualifier": "between"}, Extent(0.125, 0.25)),
        ({"value": 150}, {**COUNT, "value_to": 200, "qualifier": "between"}, Extent(0.75, 1)),
        ({"value": 150}, {**COUNT, "qualifier": "more-than"}, Extent(0, 1)),
        ({"value": 25, "qualifier": "more-than"}, {**COUNT, "qualifier": "more-than"}, Extent(0, 1)),
        # What cannot be drawn.
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
def test_extent(part: Mapping[str, object], whole: Mapping[str, object], taken: Extent | None) -> None:
    """What is drawn of a base is between bounds that must hold, and what need not be so is not drawn."""
    assert extent(*pair(part, whole)) == taken


QUALIFIED = st.sampled_from([qualifier for qualifier in Qualifier if qualifier is not Qualifier.BETWEEN])


@given(st.integers(0, 300), QUALIFIED, st.integers(0, 300), QUALIFIED)
def test_extent_lies_in_its_base(value: int, of: Qualifier, whole: int, of_whole: Qualifier) -> None:
    """No bar leaves its track, and only what the API gives a share of is drawn as that share."""
    below, above = pair({"value": value, "qualifier": of}, {"value": whole, "qualifier": of_whole})
    taken = extent(below, above)
    if taken is not None:
        assert 0 <= taken.least <= taken.most <= 1
    if below.share is not None:
        assert taken is not None
        assert taken.is_exact
        assert taken.least == pytest.approx(below.share, abs=0.0001)


# --- what to mind ------------------------------------------------------------------------------------------


def shorts(of: FigureAnswer, whole: FigureAnswer | None = None) -> list[str]:
    """Return what is to be minded of a figure, in a few words."""
    return [caution.short for caution in cautions(of, whole)]


def test_plain_figure_has_nothing_to_mind() -> None:
    """A stated number with stated days, and a share of a stated whole, yield no caution."""
    assert shorts(figure_of()) == []
    assert shorts(*pair({"value": 1}, {"value": 2})) == []


YIELD: Mapping[str, Mapping[Any, str | None]] = {
    "value_status": dict.fromkeys(ValueStatus, "unknown, not zero") | {ValueStatus.STATED: None},
    "base_basis": {
        BaseBasis.STATED: None,
        BaseBasis.IMPLIED: "share of what? implied",
        BaseBasis.CORROBORATED: "share of what? another source says",
        BaseBasis.AMBIGUOUS: "share of what? unclear",
    },
    "unit": dict.fromkeys(Unit) | {Unit.NOT_STATED: "unit not stated"},
    "basis": {Basis.STATED: None, Basis.INFERRED: "period inferred", Basis.NOT_STATED: "undated"},
    "year_type": dict.fromkeys(YearType) | {YearType.NOT_STATED: "kind of year not stated"},
    "event": {
        PeriodEvent.OCCURRED: None,
        PeriodEvent.RECEIVED: "by date of receipt",
        PeriodEvent.FINALISED: "by date of the end",
        PeriodEvent.NOT_STATED: None,
    },
    "related_type": {
        RelationType.SAME_FACT: "the same fact as another figure",
        RelationType.CONFLICTS_WITH: "contradicted",
        RelationType.CHANGE_FROM: "a change",
        RelationType.SUPERSEDES: "replaces another",
        RelationType.PART_OF: "inside another",
        RelationType.OVERLAPS: "overlaps another",
    },
    "evidence_role": dict.fromkeys(EvidenceRole) | {EvidenceRole.DISPUTES: "disputed"},
}
"""For each closed list, what each of its terms has a reader mind."""

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
    """Return a figure that uses a term of a closed list and is plain otherwise, with its whole."""
    if closed_list == "base_basis":
        ambiguous = term == BaseBasis.AMBIGUOUS
        base = made.ambiguous("whole") if ambiguous else made.base("whole", basis=term)
        return pair({"base": base}, {"value": 2})
    changes: dict[str, object] = {closed_list: term}
    if closed_list in PERIODS:
        changes = {"period": PERIODS[closed_list](term)}
    elif closed_list == "related_type":
        changes = {"related": [Related(type=RelationType(term), id="two")]}
    elif closed_list == "evidence_role":
        changes = {"evidence": [made.STATES, {**made.STATES, "role": term}]}
    return figure_of(**changes), None


@pytest.mark.parametrize(
    ("closed_list", "term", "caution"),
    [(name, term, caution) for name, terms in YIELD.items() for term, caution in terms.items()],
)
def test_what_a_term_has_a_reader_mind(closed_list: str, term: str, caution: str | None) -> None:
    """Each term yields its one caution or none."""
    assert shorts(*with_term(closed_list, term)) == ([] if caution is None else [caution])


def test_cautions_name_what_they_are_about() -> None:
    """Coverage, the day of a count, and another unit than the whole's are told with their facts."""
    covered = figure_of(coverage={"forces_asked": 43, "forces_included": 31})
    assert shorts(covered) == ["31 of 43 forces"]
    assert shorts(figure_of(period=made.days("2020-01-01", as_at="2021-02-03"))) == [
        "as counted on 3 February 2021"
    ]
    assert shorts(*pair({"unit": "person"}, {"value": 2})) == ["people, not complaints"]
    assert shorts(*pair({"unit": "person", "value_status": "withheld"}, {"value": 2})) == [
        "unknown, not zero",
        "people, not complaints",
    ]


def test_unknown_units_are_not_set_against_others() -> None:
    """Where a unit is not stated, nothing is said of it differing; and a percentage counts nothing."""
    assert shorts(*pair({"unit": "not-stated"}, {"value": 2})) == ["unit not stated"]
    assert shorts(*pair({"unit": "person"}, {"value": 2, "unit": "not-stated"})) == []
    assert shorts(*pair({"unit": "person", "value_type": "percent"}, {"value": 2})) == []


def test_each_relation_is_told_once() -> None:
    """A figure with several relations of one type has one thing to mind."""
    related = [Related(type=RelationType.OVERLAPS, id=one) for one in ("two", "three")]
    assert shorts(figure_of(related=related)) == ["overlaps another"]


# --- one below another -------------------------------------------------------------------------------------


def places(figures: Sequence[Figure]) -> list[tuple[str, int]]:
    """Return where figures are set, by id."""
    return [(one.id, depth) for one, depth in arranged([made.answered(figure) for figure in figures])]


def test_families_are_kept_together() -> None:
    """A figure stands below its whole, whichever came first; wholes keep their order, and so do parts."""
    figures = [
        made.figure("late", base=made.base("b")),
        made.figure("a"),
        made.figure("b"),
        made.figure("later", base=made.base("b")),
        made.figure("deep", base=made.base("late")),
        made.figure("of-a", base=made.base("a")),
        made.figure("lone", base=made.base("not-here")),
    ]
    expected = [("a", 0), ("of-a", 1), ("b", 0), ("late", 1), ("deep", 2), ("later", 1), ("lone", 0)]
    assert places(figures) == expected


def test_ambiguous_figures_stand_below_their_first_candidate() -> None:
    """An open figure stands once, and at the top where its first candidate is not shown."""
    a, b = made.figure("a"), made.figure("b")
    open_one = made.figure("open", base=made.ambiguous("a", "b"))
    assert places([open_one, b, a]) == [("b", 0), ("a", 0), ("open", 1)]
    assert places([open_one, b]) == [("open", 0), ("b", 0)]


def test_a_chain_as_long_as_a_page() -> None:
    """Depth costs no call in a call."""
    chain = [made.figure("f0"), *(made.figure(f"f{n}", base=made.base(f"f{n - 1}")) for n in range(1, 2000))]
    assert places(chain) == [(f"f{n}", n) for n in range(2000)]


@given(st.lists(st.none() | st.integers(0, 30), max_size=12), st.randoms(use_true_random=False))
def test_no_figure_is_lost_or_repeated(wholes: list[int | None], random: object) -> None:
    """Each figure stands once, right below its whole or another part of it, at one step more."""
    figures = [
        made.figure(f"f{n}", base=None if whole is None else made.base(f"f{whole % n}" if n else "gone"))
        for n, whole in enumerate(wholes)
    ]
    random.shuffle(figures)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    found = places(figures)
    assert sorted(one for one, _ in found) == sorted(figure.id for figure in figures)
    by_id = {figure.id: figure for figure in figures}
    chain: list[str] = []
    for one, depth in found:
        base = by_id[one].base
        above = base.id if base is not None and base.id in by_id else None
        assert depth <= len(chain)
        assert (chain[depth - 1] if depth else None) == above
        chain[depth:] = [one]


# --- equal numbers -----------------------------------------------------------------------------------------


NOTHING = Knowledge(force_areas={"metropolitan": None}, parents=TREES)


def test_lookalikes_are_equal_and_not_comparable() -> None:
    """Only equal numbers of one kind that must not be compared are told apart; unknown ones are not equal."""
    alike = [
        counted("a", unit="complaint"),
        counted("b", unit="person"),
        counted("c", unit="complaint"),
    ]
    for order in permutations(alike):
        found = {frozenset(one) for one in lookalikes(order, NOTHING)}
        assert found == {frozenset("ab"), frozenset("bc")}
    other_value = counted("d", unit="proceeding", kind="complaint", value=Decimal(64))
    other_type = counted("e", unit="proceeding", kind="complaint", value_type="percent")
    unknown = counted("f", unit="case", kind="complaint", value=None, value_status="withheld")
    assert lookalikes([alike[0], alike[2], other_value, other_type, unknown], NOTHING) == []
    many = [counted(f"x{n}", unit=unit) for n, unit in enumerate(Unit)]
    assert len(lookalikes(many, NOTHING)) == LOOKALIKES
    page = [*(counted(f"x{n}") for n in range(29)), counted("odd", unit="case")]
    assert {b for _, b in lookalikes(page, NOTHING)} == {"odd"}


# --- words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not stated"),
        ([], "not stated"),
        ("", "not stated"),
        ("not-disclosed", "not disclosed"),
        (["officers", "pcsos"], "officers, pcsos"),
        ({"kind": "outcome", "stage": None, "outcome": "upheld"}, "outcome, Upheld"),
        ({"start": "2020-01-01", "end": "2020-12-31", "label": "2020"}, "2020-01-01 to 2020-12-31"),
        ({"start": None, "end": None}, "not stated"),
        ({"sex": None}, "not stated"),
        (3, "3"),
    ],
)
def test_plainly(value: object, words: str) -> None:
    """What a reason shows is told in words."""
    assert plainly(value, {"outcome": {"upheld": "Upheld"}}) == words


def test_every_standing_has_words() -> None:
    """Each way in which an incident's misconduct may stand is told in words."""
    assert set(STANDINGS) == set(Standing)

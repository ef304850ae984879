"""Totals: never add a part to its whole or count cases twice; a sum is right or refused."""

import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import combinations
from types import FrameType
from typing import Any, NamedTuple, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.measures import Knowledge, Link, Measured, series_of
from app.analysis.scope import EVERYTHING, Scope
from app.analysis.total import MAX_CONFLICTS, MAX_FIGURES, Code, Conflict, Total, total
from app.domain.periods import Span
from tests.figures_in_memory import FORCES, TREES, UNDATED, Changes, counted, knowing, year

AB = frozenset({"a", "b"})


def days(start: str, end: str, **changes: object) -> Changes:
    """Return the changes that move a figure to another period."""
    return {"start": date.fromisoformat(start), "end": date.fromisoformat(end), **changes}


def on(day: str) -> Changes:
    """Return the changes that make a figure a count on a single day."""
    return days(day, day, as_at=date.fromisoformat(day))


def inside(part: str, whole: str, *, settled: bool = True) -> dict[str, tuple[Link, ...]]:
    """Return the link of a part to its whole."""
    return {part: (Link(part, whole, settled=settled),)}


def codes(answer: Total | Sequence[Conflict]) -> list[str]:
    """Return the codes of the conflicts, or an empty list for a total."""
    return [] if isinstance(answer, Total) else [conflict.code for conflict in answer]


class Case(NamedTuple):
    """Two figures, other facts needed to add them, and the code of their conflict, or None."""

    a: Changes
    b: Changes
    code: str | None
    known: Knowledge = knowing()


HALF = days("2019-01-01", "2019-06-30")
QUARTER = days("2019-10-01", "2019-12-31")
DAY = days("2019-06-30", "2019-06-30")
ONE_WHOLE = {"a": (Link("a", "c", settled=True),), "b": (Link("b", "c", settled=True),)}

CONTRADICTED = knowing(
    sources={"a": frozenset({"audit"}), "b": frozenset({"survey"})},
    contradicted={series_of(counted("c")): ((frozenset({"survey"}), frozenset({"audit"})),)},
)
"""Two sources that contradict each other on the series that `counted` makes."""

CASES = {
    # the same cases
    "one force, one period": Case({}, {}, "overlapping"),
    "nested periods": Case({}, QUARTER, "overlapping"),
    "periods that share a day": Case(HALF, days("2019-06-30", "2019-12-31"), "overlapping"),
    "one and the same day": Case(DAY, DAY, "overlapping"),
    "periods that touch": Case(HALF, days("2019-07-01", "2019-12-31"), None),
    "another year": Case({}, year(2020), None),
    "another force": Case({}, {"force": "gwent"}, None),
    "a force and its area": Case({}, {"force": "england-and-wales"}, "overlapping"),
    "a force and its area, another year": Case({}, {"force": "england-and-wales", **year(2020)}, None),
    "cases received, cases finalised a year later": Case(
        {"period_event": "received"}, {"period_event": "finalised", **year(2020)}, "overlapping"
    ),
    "counts on two days": Case(on("2019-03-31"), on("2020-03-31"), "overlapping"),
    "a count on a day, cases of the next year": Case(on("2019-03-31"), year(2020), "overlapping"),
    "cases of two years, each as of one later day": Case(
        {"as_at": date(2021, 3, 31)}, year(2020, as_at=date(2021, 3, 31)), None
    ),
    "counts on two days, in two forces": Case(on("2019-03-31"), {"force": "gwent", **on("2020-03-31")}, None),
    "what there was and what happened, in two forces": Case(
        on("2019-03-31"), {"force": "gwent"}, "different-measure"
    ),
    "two accounts of one fact": Case({}, year(2020), "overlapping", knowing(same_fact=frozenset({AB}))),
    "recorded as contradicting": Case({}, year(2020), "conflicting", knowing(conflicting=frozenset({AB}))),
    "sources that contradict each other elsewhere": Case({}, year(2020), "conflicting", CONTRADICTED),
    "sources that contradict each other, in another force": Case({}, {"force": "gwent"}, None, CONTRADICTED),
    "recorded as overlapping": Case({}, {"force": "gwent"}, "overlapping", knowing(overlapping=frozenset({AB}))),
    # parts of one whole
    "parts of one whole, one period": Case({}, {}, "overlapping", knowing(wholes=ONE_WHOLE)),
    "parts of one whole, other categories": Case(
        {"breakdown": {"sex": "male"}}, {"breakdown": {"sex": "female"}}, None, knowing(wholes=ONE_WHOLE)
    ),
    "parts of one whole, other people": Case(
        {"subjects": frozenset({"officers", "specials"})},
        {"subjects": frozenset({"staff"})},
        None,
        knowing(wholes=ONE_WHOLE),
    ),
    "parts of one whole, other periods": Case(
        HALF, days("2019-07-01", "2019-12-31"), None, knowing(wholes=ONE_WHOLE)
    ),
    "categories of two dimensions": Case(
        {"breakdown": {"sex": "male"}}, {"breakdown": {"rank": "sergeant"}}, "overlapping"
    ),
    "one category of two the same": Case(
        {"breakdown": {"sex": "male", "rank": "sergeant"}},
        {"breakdown": {"sex": "male", "rank": "inspector"}},
        None,
    ),
    "a category beside all": Case({"breakdown": {"sex": "male"}}, {}, "overlapping"),
    "some of the people in both": Case({}, {"subjects": frozenset({"officers", "staff"})}, "overlapping-subjects"),
    "people whose role is not stated": Case({}, {"subjects": frozenset()}, "overlapping-subjects"),
    "some of the people in both, another year": Case({}, year(2020, subjects=frozenset()), None),
    # a part and its whole
    "a part and its whole": Case(QUARTER, {}, "part-of", knowing(wholes=inside("a", "b"))),
    "a whole and its part": Case({}, QUARTER, "part-of", knowing(wholes=inside("b", "a"))),
    "a part from another period": Case({}, year(2020), "part-of", knowing(wholes=inside("b", "a"))),
    "a part two steps down": Case({}, year(2020), "part-of", knowing(wholes=inside("b", "c") | inside("c", "a"))),
    "a part with another unit": Case({}, {"unit": "person"}, "part-of", knowing(wholes=inside("b", "a"))),
    "a part for one sex": Case({}, {"breakdown": {"sex": "male"}}, "part-of", knowing(wholes=inside("b", "a"))),
    "perhaps a part": Case({}, year(2020), "ambiguous-base", knowing(wholes=inside("b", "a", settled=False))),
    "perhaps a part, two steps down": Case(
        {}, year(2020), "ambiguous-base", knowing(wholes=inside("b", "c") | inside("c", "a", settled=False))
    ),
    "perhaps a part of something else": Case({}, year(2020), None, knowing(wholes=inside("b", "c", settled=False))),
    # different measures
    "persons and complaints": Case({}, {"unit": "person", **year(2020)}, "different-unit"),
    "complaints and what came of them": Case(
        {}, {"kind": "complaint", "outcome": None, **year(2020)}, "different-measure"
    ),
    "two outcomes": Case({}, {"outcome": "dismissed", **year(2020)}, "different-measure"),
    "a wider and a narrower outcome": Case({"outcome": "left"}, {"outcome": "dismissed"}, "different-measure"),
    "two allegations": Case({}, {"allegation": "rape", **year(2020)}, "different-allegation"),
    # without dates
    "undated beside dated": Case({}, UNDATED, "undated"),
    "undated beside undated": Case(UNDATED, UNDATED, "undated"),
    "undated, another force": Case({}, {"force": "gwent", **UNDATED}, "undated"),
}


@pytest.mark.parametrize("name", CASES)
def test_two_figures(name: str) -> None:
    """Two figures are added or refused with a code, whatever their order."""
    case = CASES[name]
    pair = [counted("a", **case.a), counted("b", **case.b)]
    for figures in (pair, pair[::-1]):
        answer = total(figures, case.known)
        if case.code is None:
            assert answer == Total(20, lower_bound=False, figures=[figure.id for figure in figures])
        else:
            assert [(AB, case.code)] == [(frozenset({c.a, c.b}), str(c.code)) for c in refused(answer)]


def refused(answer: Total | list[Conflict]) -> list[Conflict]:
    """Return the conflicts of an answer that must be a refusal."""
    assert not isinstance(answer, Total), answer
    return answer


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"value_type": "percent"}, "a is a percentage, which can't be added up."),
        ({"value_type": "rate", "per": 1000}, "a is a rate, which can't be added up."),
        ({"value_type": "change-count"}, "a is a change, which can't be added up."),
        ({"value_type": "change-percent"}, "a is a change in per cent, which can't be added up."),
        ({"qualifier": "about"}, "The value of a is only “about”, so it can't be added up."),
        ({"qualifier": "nearly"}, "The value of a is only “nearly”, so it can't be added up."),
        ({"qualifier": "fewer-than"}, "The value of a is only “fewer-than”, so it can't be added up."),
        ({"qualifier": "at-most"}, "The value of a is only “at-most”, so it can't be added up."),
    ],
)
def test_not_a_count(facts: Changes, message: str) -> None:
    """Percentages, rates, changes and approximate or maximum values can't be added, even alone."""
    figures = [counted("a", **facts), counted("b", **year(2020))]
    assert total(figures, knowing()) == [Conflict("a", "a", "not-a-count", message)]
    assert codes(total(figures[:1], knowing())) == ["not-a-count"]


UNKNOWN: Changes = {"value": None, "value_status": "not-disclosed"}


@pytest.mark.parametrize(
    ("figures", "value", "lower_bound"),
    [
        ([], None, False),
        ([{}], 10, False),
        ([UNDATED], 10, False),
        ([UNKNOWN], None, True),
        ([{}, UNKNOWN], 10, True),
        ([UNKNOWN, {"value": None, "value_status": "withheld"}], None, True),
        ([{}, {"value": None, "value_status": "not-counted"}], 10, True),
        ([{}, {"value": Decimal(0)}], 10, False),
        ([{"value": Decimal(0)}], 0, False),
        ([{}, {"qualifier": "more-than"}], 20, True),
        ([{}, {"qualifier": "at-least"}], 20, True),
        ([{}, {"qualifier": "between", "value": Decimal(6)}], 16, True),
    ],
)
def test_value_and_lower_bound(figures: list[Changes], value: int | None, lower_bound: bool) -> None:  # noqa: FBT001
    """An unknown value isn't zero: it makes the total a lower bound. Unknown values alone have no total."""
    found = [
        counted(f"f{index}", **{**(year(2000 + index) if "start" not in facts else {}), **facts})
        for index, facts in enumerate(figures)
    ]
    assert total(found, knowing()) == Total(value, lower_bound, [figure.id for figure in found])


def test_a_wider_outcome() -> None:
    """A figure for everyone who left can be added to others of its kind, but not to those who were dismissed."""
    left, dismissed = counted("left", outcome="left"), counted("dismissed", outcome="dismissed")
    assert total([left, counted("next", outcome="left", **year(2020))], knowing()) == Total(
        20, lower_bound=False, figures=["left", "next"]
    )
    found = total([left, dismissed], knowing())
    assert codes(found) == ["different-measure"]
    assert isinstance(found, list)
    assert found[0].message == "The first figure is about left, the second about dismissed."


def test_at_most_a_hundred_conflicts() -> None:
    """Fifty figures of the same cases have 1,225 conflicts; the first hundred are reported."""
    figures = [counted(f"f{number:02}") for number in range(50)]
    answer = refused(total(figures, knowing()))
    assert len(answer) == MAX_CONFLICTS == 100
    assert len({frozenset((conflict.a, conflict.b)) for conflict in answer}) == MAX_CONFLICTS


# --- compared with a naive implementation -------------------------------------------------------------------


@dataclass
class Figures:
    """A set of figures, with the wholes that each is, or may be, part of."""

    figures: list[Measured]
    whole: dict[str, str] = field(default_factory=dict)
    second_whole: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, list[str]] = field(default_factory=dict)
    same_fact: set[frozenset[str]] = field(default_factory=set)
    overlapping: set[frozenset[str]] = field(default_factory=set)
    conflicting: set[frozenset[str]] = field(default_factory=set)
    scope: Scope = EVERYTHING

    def known(self) -> Knowledge:
        """Return the facts that the program has about them."""
        wholes: dict[str, tuple[Link, ...]] = {}
        for links, settled in ((self.whole, True), (self.second_whole, True)):
            for part, whole in links.items():
                wholes[part] = (*wholes.get(part, ()), Link(part, whole, settled=settled))
        for part, readings in self.candidates.items():
            maybe = (Link(part, reading, settled=False) for reading in readings)
            wholes[part] = (*wholes.get(part, ()), *maybe)
        same, overlapping = frozenset(self.same_fact), frozenset(self.overlapping)
        conflicting = frozenset(self.conflicting)
        return knowing(wholes=wholes, same_fact=same, overlapping=overlapping, conflicting=conflicting)

    def above(self, figure: str, *, settled: bool) -> set[str]:
        """Return every figure that this one is part of or, unless `settled`, may be part of."""
        direct = {links[figure] for links in (self.whole, self.second_whole) if figure in links}
        if not settled:
            direct |= set(self.candidates.get(figure, ()))
        return direct.union(*(self.above(whole, settled=settled) for whole in direct))

    def wider(self) -> set[tuple[frozenset[str | None], str]]:
        """Return every figure with a day or a force outside the requested scope."""
        period, forces = self.scope.period, self.scope.forces
        found: set[tuple[frozenset[str | None], str]] = set()
        for figure in self.figures:
            days = [day for day in (figure.period.start, figure.period.end) if day is not None]
            if period and any(day < (period.start or day) or day > (period.end or day) for day in days):
                found.add((frozenset({figure.id, None}), "wider-than-period"))
            if forces and figure.force not in forces:
                found.add((frozenset({figure.id, None}), "wider-than-force"))
        return found

    def forbidden(self) -> set[tuple[frozenset[str | None], str]]:
        """Return every conflict, with every code that fits, by a plain reading of the rules."""
        found: set[tuple[frozenset[str | None], str]] = self.wider()
        found |= {
            (frozenset({figure.id}), "not-a-count")
            for figure in self.figures
            if figure.value_type != "count" or figure.qualifier in {"about", "nearly", "fewer-than", "at-most"}
        }
        for a, b in combinations(self.figures, 2):
            found |= {(frozenset({a.id, b.id}), code) for code in self.reasons(a, b)}
        return found

    def reasons(self, a: Measured, b: Measured) -> Iterator[str]:  # noqa: C901 - one branch for each rule
        """Yield every code that fits a pair of figures."""
        pair = frozenset({a.id, b.id})
        ids = [(a.id, b.id), (b.id, a.id)]
        if any(whole in self.above(part, settled=True) for part, whole in ids):
            yield "part-of"
        elif any(whole in self.above(part, settled=False) for part, whole in ids):
            yield "ambiguous-base"
        if a.unit != b.unit:
            yield "different-unit"
        if (a.kind, a.stage, a.outcome) != (b.kind, b.stage, b.outcome):
            yield "different-measure"
        if a.allegation != b.allegation:
            yield "different-allegation"
        if pair in self.conflicting:
            yield "conflicting"
        elif None in (a.period.start, b.period.start):
            yield "undated"
        elif pair in self.same_fact | self.overlapping:
            yield "overlapping"
        elif self.may_share_cases(a, b):
            yield "overlapping" if a.subjects == b.subjects else "overlapping-subjects"
        elif stock(a) != stock(b):
            yield "different-measure"

    def may_share_cases(self, a: Measured, b: Measured) -> bool:
        """Return whether two dated figures overlap in force, time and people, as far as is known."""
        force = a.force == b.force or "england-and-wales" in {a.force, b.force}
        one, other = a.period, b.period
        days_a, days_b = ((str(period.start), str(period.end)) for period in (one, other))
        on_a_day = stock(a) or stock(b)
        time = max(days_a[0], days_b[0]) <= min(days_a[1], days_b[1]) or on_a_day or one.event != other.event
        people = not (a.subjects and b.subjects) or bool(a.subjects & b.subjects)
        both = set(a.breakdown) & set(b.breakdown)
        return force and time and people and all(a.breakdown[key] == b.breakdown[key] for key in both)


def stock(figure: Measured) -> bool:
    """Return whether a figure counts what there was on one day."""
    period = figure.period
    return period.as_at is not None and period.as_at == period.start == period.end


Pick = Callable[..., Any]
"""Picks one of several values; the first causes no conflict."""

YEARS = [year(number) for number in range(2001, 2021)]
PERIODS = [*YEARS, HALF, QUARTER, days("2018-07-01", "2019-06-30"), on("2019-06-30"), on("2020-06-30")]
PARTS: list[Mapping[str, str]] = [{}, {"sex": "male"}, {"sex": "female"}, {"sex": "male", "rank": "sergeant"}]
PEOPLE = [frozenset(people) for people in ({"officers"}, {"staff"}, {"officers", "staff"}, ())]


def some_figures(size: int, often: Pick, any_of: Pick) -> Figures:
    """Return figures in trees: `often` mostly picks conflict-free values, `any_of` picks any."""
    period = often(None, Span(date(2005, 1, 1), None), Span(None, date(2015, 12, 31)))
    made_up = Figures([], scope=Scope(period, often(frozenset(), frozenset({"metropolitan"}))))
    for index in range(size):
        name = f"f{index}"
        status = often("stated", "not-disclosed", "withheld")
        period = any_of(*YEARS) if often(True, False) else any_of(*PERIODS, UNDATED)  # noqa: FBT003 - of its picks
        made_up.figures.append(
            counted(
                name,
                **period,
                force=any_of("metropolitan", "gwent") if often(True, False) else any_of(*FORCES),  # noqa: FBT003
                allegation=often("any", *TREES["allegation"]),
                outcome=often("upheld", *TREES["outcome"]),
                unit=often("complaint", "person", "case"),
                value=Decimal(any_of(*range(40))) if status == "stated" else None,
                value_status=status,
                value_type=often("count", "percent", "rate"),
                qualifier=often("exact", "at-least", "nearly", "between") if status == "stated" else "exact",
                period_event=often("occurred", "received"),
                subjects=often(*PEOPLE),
                breakdown=often(*PARTS),
            )
        )
        before = [f"f{other}" for other in range(index)]
        if len(before) > 1:
            match often("alone", "part", "open", "both", "same", "overlaps", "conflicts"):
                case "part":
                    made_up.whole[name] = any_of(*before)
                case "open":
                    made_up.candidates[name] = sorted({any_of(*before), any_of(*before)})
                case "both":
                    made_up.whole[name], made_up.second_whole[name] = any_of(*before), any_of(*before)
                case "same":
                    made_up.same_fact.add(frozenset({name, any_of(*before)}))
                case "conflicts":
                    made_up.conflicting.add(frozenset({name, any_of(*before)}))
                case "overlaps":
                    made_up.overlapping.add(frozenset({name, any_of(*before)}))
    return made_up


def random_figures(seed: int) -> Figures:
    """Return random figures, always the same ones for a given seed."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    conflict_rate = rng.choice([0.0, 0.02, 0.1, 0.4])

    def often(first: object, *others: object) -> object:
        return rng.choice(others) if rng.random() < conflict_rate else first

    return some_figures(rng.randint(0, 12), often, lambda *choices: rng.choice(choices))


@st.composite
def sets_of_figures(draw: st.DrawFn) -> Figures:
    """Draw figures in trees."""

    def any_of(*choices: object) -> object:
        return draw(st.sampled_from(choices))

    return some_figures(draw(st.integers(0, 8)), any_of, any_of)


def check(made_up: Figures) -> Total | list[Conflict]:
    """Compare the answer with a plain reading of the rules: the same verdict, and no extra conflicts."""
    answer = total(made_up.figures, made_up.known(), made_up.scope)
    forbidden = made_up.forbidden()
    if isinstance(answer, Total):
        assert not forbidden
        return answer
    found = [(frozenset({conflict.a, conflict.b}), conflict.code) for conflict in answer]
    assert set(found) <= forbidden
    wider = made_up.wider()
    assert set(found) >= wider
    pairs = [pair for pair, code in found if (pair, code) not in wider]
    assert len(set(pairs)) == len(pairs) == min(len({pair for pair, _ in forbidden - wider}), MAX_CONFLICTS)
    return answer


@given(sets_of_figures())
def test_agrees_with_the_rules(made_up: Figures) -> None:
    """A total is refused only if the rules forbid a pair, and every such pair is reported."""
    check(made_up)


@given(sets_of_figures())
def test_what_is_added(made_up: Figures) -> None:
    """A total has each figure once, none with its whole, and its value is the sum of the known values."""
    answer = total(made_up.figures, made_up.known(), made_up.scope)
    if isinstance(answer, list):
        return
    assert answer.figures == [figure.id for figure in made_up.figures]
    for figure in answer.figures:
        assert not made_up.above(figure, settled=False) & set(answer.figures)
    known = [figure.value for figure in made_up.figures if figure.value is not None]
    assert answer.value == (sum(known) if known else None)
    assert answer.lower_bound == any(
        figure.value is None or figure.qualifier in {"at-least", "between"} for figure in made_up.figures
    )


def test_random_figures() -> None:
    """Random sets with few conflicts agree with the rules too, and cover every code and many totals."""
    answers = [check(random_figures(seed)) for seed in range(600)]
    assert {code for answer in answers for code in codes(answer)} == set(get_args(Code))
    added = [answer for answer in answers if isinstance(answer, Total) and len(answer.figures) > 1]
    assert len(added) > 100
    assert any(len(answer.figures) > 4 for answer in added)


# --- many figures -------------------------------------------------------------------------------------------


@contextmanager
def counting_calls() -> Iterator[list[int]]:
    """Count the Python calls in a block, which are the same on every machine."""
    calls = [0]

    def note(_: FrameType, event: str, __: object) -> None:
        calls[0] += event == "call"

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def disjoint(size: int) -> list[Measured]:
    """Return figures for two forces with no day in common."""
    first = date(1990, 1, 1)
    day = partial(timedelta, days=1)
    return [
        counted(
            f"f{index:05}",
            force=("metropolitan", "gwent")[index % 2],
            start=first + index // 2 * day(),
            end=first + index // 2 * day(),
            base_id="whole",
            base_basis="stated",
        )
        for index in range(size)
    ]


def test_work_is_linear() -> None:
    """Ten times as many disjoint figures take about ten times the work, not a hundred times."""
    work = []
    for size in (MAX_FIGURES // 10, MAX_FIGURES):
        figures = disjoint(size)
        known = knowing(wholes={figure.id: (Link(figure.id, "whole", settled=True),) for figure in figures})
        with counting_calls() as calls:
            answer = total(figures, known)
        assert isinstance(answer, Total)
        assert (answer.value, len(answer.figures)) == (10 * size, size)
        work.append(calls[0])
    assert work[1] < 15 * work[0]

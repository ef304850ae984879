"""What may be added: never a part and its whole, never the same twice, and a sum that is right or refused."""

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
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.analysis.measures import Knowledge, Link, Measured
from app.analysis.total import MAX_CONFLICTS, MAX_FIGURES, Code, Conflict, Total, total
from tests import made
from tests.api import client_of
from tests.figures_in_memory import FORCES, TREES, UNDATED, Changes, counted, knowing, year

AB = frozenset({"a", "b"})


def days(start: str, end: str, **changes: object) -> Changes:
    """Return the changes that put a figure into another period."""
    return {"start": date.fromisoformat(start), "end": date.fromisoformat(end), **changes}


def on(day: str) -> Changes:
    """Return the changes that make a figure a count of what there was on one day."""
    return days(day, day, as_at=date.fromisoformat(day))


def inside(part: str, whole: str, *, settled: bool = True) -> dict[str, tuple[Link, ...]]:
    """Return that one figure lies in another."""
    return {part: (Link(part, whole, settled=settled),)}


def codes(answer: Total | Sequence[Conflict]) -> list[str]:
    """Return the codes of the conflicts in an answer; none where there is a total."""
    return [] if isinstance(answer, Total) else [conflict.code for conflict in answer]


class Case(NamedTuple):
    """Two figures, what is known of them, and the code that keeps them from being added, if one does."""

    a: Changes
    b: Changes
    code: str | None
    known: Knowledge = knowing()


HALF = days("2019-01-01", "2019-06-30")
QUARTER = days("2019-10-01", "2019-12-31")
DAY = days("2019-06-30", "2019-06-30")
ONE_WHOLE = {"a": (Link("a", "c", settled=True),), "b": (Link("b", "c", settled=True),)}

CASES = {
    # what counts the same
    "one force, one period": Case({}, {}, "overlapping"),
    "nested periods": Case({}, QUARTER, "overlapping"),
    "periods that share a day": Case(HALF, days("2019-06-30", "2019-12-31"), "overlapping"),
    "one and the same day": Case(DAY, DAY, "overlapping"),
    "periods that touch": Case(HALF, days("2019-07-01", "2019-12-31"), None),
    "another year": Case({}, year(2020), None),
    "another force": Case({}, {"force": "gwent"}, None),
    "a force and its area": Case({}, {"force": "england-and-wales"}, "overlapping"),
    "a force and its area, another year": Case({}, {"force": "england-and-wales", **year(2020)}, None),
    "cases that came in, cases that ended a year later": Case(
        {"period_event": "received"}, {"period_event": "finalised", **year(2020)}, "overlapping"
    ),
    "what was there on two days": Case(on("2019-03-31"), on("2020-03-31"), "overlapping"),
    "what was there on a day, what came in a year later": Case(on("2019-03-31"), year(2020), "overlapping"),
    "cases of two years, each as they stood on one later day": Case(
        {"as_at": date(2021, 3, 31)}, year(2020, as_at=date(2021, 3, 31)), None
    ),
    "what was there on two days, in two forces": Case(
        on("2019-03-31"), {"force": "gwent", **on("2020-03-31")}, None
    ),
    "two accounts of one fact": Case({}, year(2020), "overlapping", knowing(same_fact=frozenset({AB}))),
    "said to overlap": Case({}, {"force": "gwent"}, "overlapping", knowing(overlapping=frozenset({AB}))),
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
    "a part that falls into another period": Case({}, year(2020), "part-of", knowing(wholes=inside("b", "a"))),
    "a part two steps down": Case({}, year(2020), "part-of", knowing(wholes=inside("b", "c") | inside("c", "a"))),
    "a part with another unit": Case({}, {"unit": "person"}, "part-of", knowing(wholes=inside("b", "a"))),
    "a part for one sex": Case({}, {"breakdown": {"sex": "male"}}, "part-of", knowing(wholes=inside("b", "a"))),
    "perhaps a part": Case({}, year(2020), "ambiguous-base", knowing(wholes=inside("b", "a", settled=False))),
    "perhaps a part, two steps down": Case(
        {}, year(2020), "ambiguous-base", knowing(wholes=inside("b", "c") | inside("c", "a", settled=False))
    ),
    "perhaps a part of something else": Case({}, year(2020), None, knowing(wholes=inside("b", "c", settled=False))),
    # other things
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
    """Two figures are added, or refused with the code that says why, whichever comes first."""
    case = CASES[name]
    pair = [counted("a", **case.a), counted("b", **case.b)]
    for figures in (pair, pair[::-1]):
        answer = total(figures, case.known)
        if case.code is None:
            assert answer == Total(20, lower_bound=False, figures=[figure.id for figure in figures])
        else:
            assert [(AB, case.code)] == [(frozenset({c.a, c.b}), str(c.code)) for c in refused(answer)]


def refused(answer: Total | list[Conflict]) -> list[Conflict]:
    """Return the conflicts of an answer that has to be a refusal."""
    assert not isinstance(answer, Total), answer
    return answer


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"value_type": "percent"}, "a is percent, which does not add up."),
        ({"value_type": "rate", "per": 1000}, "a is rate, which does not add up."),
        ({"value_type": "change-count"}, "a is change-count, which does not add up."),
        ({"value_type": "change-percent"}, "a is change-percent, which does not add up."),
        ({"qualifier": "about"}, "a is a number that is only about, which does not add up."),
        ({"qualifier": "nearly"}, "a is a number that is only nearly, which does not add up."),
        ({"qualifier": "fewer-than"}, "a is a number that is only fewer-than, which does not add up."),
        ({"qualifier": "at-most"}, "a is a number that is only at-most, which does not add up."),
    ],
)
def test_not_a_count(facts: Changes, says: str) -> None:
    """Shares, rates, changes and numbers that are only near or at most add up to nothing, not even alone."""
    figures = [counted("a", **facts), counted("b", **year(2020))]
    assert total(figures, knowing()) == [Conflict("a", "a", "not-a-count", says)]
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
    """What is unknown is no zero: it makes the sum a lower bound, and of unknowns alone there is no sum."""
    found = [
        counted(f"f{index}", **{**(year(2000 + index) if "start" not in facts else {}), **facts})
        for index, facts in enumerate(figures)
    ]
    assert total(found, knowing()) == Total(value, lower_bound, [figure.id for figure in found])


def test_a_union_is_added_whole() -> None:
    """Those who left in whatever way are one figure; it goes into a sum whole, and not beside one of its ways."""
    left, dismissed = counted("left", outcome="left"), counted("dismissed", outcome="dismissed")
    assert total([left, counted("next", outcome="left", **year(2020))], knowing()) == Total(
        20, lower_bound=False, figures=["left", "next"]
    )
    assert codes(total([left, dismissed], knowing())) == ["different-measure"]


def test_not_more_than_a_hundred_conflicts() -> None:
    """Fifty figures that all count the same are 1,225 pairs; the first hundred are enough to see it."""
    figures = [counted(f"f{number:02}") for number in range(50)]
    answer = refused(total(figures, knowing()))
    assert len(answer) == MAX_CONFLICTS == 100
    assert len({frozenset((conflict.a, conflict.b)) for conflict in answer}) == MAX_CONFLICTS


# --- against a plain reading of the rules -------------------------------------------------------------------


@dataclass
class Figures:
    """A set of figures, and what lies in what: for each its whole, and those that it may lie in."""

    figures: list[Measured]
    whole: dict[str, str] = field(default_factory=dict)
    second_whole: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, list[str]] = field(default_factory=dict)
    same_fact: set[frozenset[str]] = field(default_factory=set)
    overlapping: set[frozenset[str]] = field(default_factory=set)

    def known(self) -> Knowledge:
        """Return the same as the program knows it."""
        wholes: dict[str, tuple[Link, ...]] = {}
        for links, settled in ((self.whole, True), (self.second_whole, True)):
            for part, whole in links.items():
                wholes[part] = (*wholes.get(part, ()), Link(part, whole, settled=settled))
        for part, readings in self.candidates.items():
            maybe = (Link(part, reading, settled=False) for reading in readings)
            wholes[part] = (*wholes.get(part, ()), *maybe)
        same, overlapping = frozenset(self.same_fact), frozenset(self.overlapping)
        return knowing(wholes=wholes, same_fact=same, overlapping=overlapping)

    def above(self, figure: str, *, settled: bool) -> set[str]:
        """Return everything that a figure lies in, or on some reading may lie in."""
        direct = {links[figure] for links in (self.whole, self.second_whole) if figure in links}
        if not settled:
            direct |= set(self.candidates.get(figure, ()))
        return direct.union(*(self.above(whole, settled=settled) for whole in direct))

    def forbidden(self) -> set[tuple[frozenset[str], str]]:
        """Return every pair that the rules forbid to add, with every code that it could be forbidden with."""
        found = {
            (frozenset({figure.id}), "not-a-count")
            for figure in self.figures
            if figure.value_type != "count" or figure.qualifier in {"about", "nearly", "fewer-than", "at-most"}
        }
        for a, b in combinations(self.figures, 2):
            found |= {(frozenset({a.id, b.id}), code) for code in self.reasons(a, b)}
        return found

    def reasons(self, a: Measured, b: Measured) -> Iterator[str]:
        """Yield every code that forbids a pair."""
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
        if None in (a.period.start, b.period.start):
            yield "undated"
        elif pair in self.same_fact | self.overlapping:
            yield "overlapping"
        elif self.count_some_of_the_same(a, b):
            yield "overlapping" if a.subjects == b.subjects else "overlapping-subjects"

    def count_some_of_the_same(self, a: Measured, b: Measured) -> bool:
        """Whether two dated figures share force, time and people, as far as is known."""
        force = a.force == b.force or "england-and-wales" in {a.force, b.force}
        one, other = a.period, b.period
        days_a, days_b = ((str(period.start), str(period.end)) for period in (one, other))
        stock = any(period.as_at == period.start == period.end for period in (one, other))
        time = max(days_a[0], days_b[0]) <= min(days_a[1], days_b[1]) or stock or one.event != other.event
        people = not (a.subjects and b.subjects) or bool(a.subjects & b.subjects)
        both = set(a.breakdown) & set(b.breakdown)
        return force and time and people and all(a.breakdown[key] == b.breakdown[key] for key in both)


Pick = Callable[..., Any]
"""Picks one of several things; the first is the one that makes no trouble."""

YEARS = [year(number) for number in range(2001, 2021)]
PERIODS = [*YEARS, HALF, QUARTER, days("2018-07-01", "2019-06-30"), on("2019-06-30"), on("2020-06-30")]
PARTS: list[Mapping[str, str]] = [{}, {"sex": "male"}, {"sex": "female"}, {"sex": "male", "rank": "sergeant"}]
PEOPLE = [frozenset(people) for people in ({"officers"}, {"staff"}, {"officers", "staff"}, ())]


def some_figures(size: int, often: Pick, any_of: Pick) -> Figures:
    """Make up figures in trees: `often` mostly picks what makes no trouble, `any_of` anything."""
    made_up = Figures([])
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
            match often("alone", "part", "open", "both", "same", "overlaps"):
                case "part":
                    made_up.whole[name] = any_of(*before)
                case "open":
                    made_up.candidates[name] = sorted({any_of(*before), any_of(*before)})
                case "both":
                    made_up.whole[name], made_up.second_whole[name] = any_of(*before), any_of(*before)
                case "same":
                    made_up.same_fact.add(frozenset({name, any_of(*before)}))
                case "overlaps":
                    made_up.overlapping.add(frozenset({name, any_of(*before)}))
    return made_up


def by_chance(seed: int) -> Figures:
    """Make up figures with a random generator: the same ones for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    trouble = rng.choice([0.0, 0.02, 0.1, 0.4])

    def often(first: object, *others: object) -> object:
        return rng.choice(others) if rng.random() < trouble else first

    return some_figures(rng.randint(0, 12), often, lambda *choices: rng.choice(choices))


@st.composite
def sets_of_figures(draw: st.DrawFn) -> Figures:
    """Draw figures in trees."""

    def any_of(*choices: object) -> object:
        return draw(st.sampled_from(choices))

    return some_figures(draw(st.integers(0, 8)), any_of, any_of)


def check(made_up: Figures) -> Total | list[Conflict]:
    """Hold the answer against the plain reading: the same verdict, and no conflict that is none."""
    answer = total(made_up.figures, made_up.known())
    forbidden = made_up.forbidden()
    if isinstance(answer, Total):
        assert not forbidden
        return answer
    told = [(frozenset({conflict.a, conflict.b}), conflict.code) for conflict in answer]
    assert set(told) <= forbidden
    pairs = [pair for pair, _ in told]
    assert len(set(pairs)) == len(pairs) == min(len({pair for pair, _ in forbidden}), MAX_CONFLICTS)
    return answer


@given(sets_of_figures())
def test_as_the_rules_read(made_up: Figures) -> None:
    """A sum is refused exactly where the rules, looked up pair by pair, forbid it, with every pair they forbid."""
    check(made_up)


@given(sets_of_figures())
def test_what_is_added(made_up: Figures) -> None:
    """A total holds each figure once, none with its whole, and its sum is the sum of what is known."""
    answer = total(made_up.figures, made_up.known())
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


def test_sets_by_chance() -> None:
    """Sets mostly without trouble agree with the plain reading too; among them every code and many sums occur."""
    answers = [check(by_chance(seed)) for seed in range(500)]
    assert {code for answer in answers for code in codes(answer)} == set(get_args(Code))
    added = [answer for answer in answers if isinstance(answer, Total) and len(answer.figures) > 1]
    assert len(added) > 100
    assert any(len(answer.figures) > 4 for answer in added)


# --- many figures -------------------------------------------------------------------------------------------


@contextmanager
def counting_calls() -> Iterator[list[int]]:
    """Count the calls of Python functions in a block: work that is the same on every machine."""
    calls = [0]

    def note(_: FrameType, event: str, __: object) -> None:
        calls[0] += event == "call"

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def disjoint(size: int) -> list[Measured]:
    """Return figures of two forces that share no day."""
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


def test_work_grows_with_the_figures() -> None:
    """Ten times as many disjoint figures are ten times the work, not a hundred times."""
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


@pytest.mark.anyio
async def test_as_many_as_may_be_added(database: Engine, empty_database: str) -> None:
    """Ten thousand figures are added; one more is refused, and the answer names the limit."""
    first = date(1990, 1, 1)
    records = [
        made.figure(f"f-{index:05}", period=made.days(str(first + timedelta(days=index))), value=index % 7)
        for index in range(MAX_FIGURES + 1)
    ]
    made.loaded(database, records)
    async for client in client_of(empty_database):
        answer = await client.get(f"/v1/total?period=../{first + timedelta(days=MAX_FIGURES - 1)}")
        assert answer.status_code == 200
        assert answer.json()["value"] == sum(index % 7 for index in range(MAX_FIGURES))
        answer = await client.get("/v1/total")
        assert answer.status_code == 422
        assert (answer.json()["type"], answer.json()["limit"]) == ("/problems/too-many-figures", MAX_FIGURES)
        assert str(MAX_FIGURES) in answer.json()["detail"]


# --- through the API ----------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_what_lies_inside_the_66(client: AsyncClient) -> None:
    """The 66, the 52 and the 42 are not 160 people: the answer names the pairs."""
    answer = await client.get("/v1/total?force=england-and-wales&stage=misconduct-proceedings")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    conflicts = {frozenset((c["a"], c["b"])): c["code"] for c in answer.json()["conflicts"]}
    whole, gross, last_year = (
        "ew-2018-2021-misconduct-proceedings",
        "ew-2018-2021-gross-misconduct-proceedings",
        "ew-2020-2021-misconduct-proceedings",
    )
    assert conflicts[frozenset((whole, gross))] == "part-of"
    assert conflicts[frozenset((whole, last_year))] == "part-of"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "value", "lower_bound", "figures"),
    [
        ("force=metropolitan&kind=complaint", 594, False, ["met-2012-2018-complaints"]),
        ("force=gwent", None, False, []),
        (
            "force=metropolitan&kind=proceeding",
            None,
            True,
            ["met-2012-2018-upheld-criminal-investigation"],
        ),
    ],
)
async def test_total(
    client: AsyncClient,
    query: str,
    value: int | None,
    lower_bound: bool,  # noqa: FBT001 - of a table
    figures: list[str],
) -> None:
    """One figure is its own total; nothing selected and nothing known are no zero."""
    answer = await client.get(f"/v1/total?{query}")
    assert answer.status_code == 200
    assert answer.json() == {"value": value, "lower_bound": lower_bound, "figures": figures}


@pytest.mark.anyio
async def test_what_is_known_of_real_figures(database: Engine, empty_database: str) -> None:
    """Relations and bases reach the sum from the records: a second whole, a sum's part, and both ways of a fact."""

    def related(kind: str, other: str) -> list[dict[str, str]]:
        return [{"type": kind, "id": other}]

    def at(number: int) -> Any:  # noqa: ANN401 - a period
        return made.days(f"{number}-01-01", f"{number}-12-31")

    records = [
        made.figure("whole", value=30),
        made.figure("part", value=10, period=at(2021), base=made.base("whole")),
        made.figure("sum-part", value=20, period=at(2022), related=related("part-of", "whole")),
        made.figure("perhaps", value=5, period=at(2023), base=made.ambiguous("whole", "part")),
        made.figure("one", value=7, period=at(2024), related=related("same-fact", "other")),
        made.figure("other", value=7, period=at(2025), related=related("same-fact", "one")),
        made.figure("new", value=8, period=at(2026), related=related("supersedes", "old")),
        made.figure("old", value=9, period=at(2027)),
        made.figure("left", value=4, period=at(2028), related=related("conflicts-with", "right")),
        made.figure("right", value=6, period=at(2029), related=related("conflicts-with", "left")),
        made.figure("crossing", value=4, period=at(2030), related=related("overlaps", "crossed")),
        made.figure("crossed", value=6, period=at(2031), related=related("overlaps", "crossing")),
    ]
    made.loaded(database, records)
    expected = {
        ("part", "whole"): "part-of",
        ("sum-part", "whole"): "part-of",
        ("perhaps", "whole"): "ambiguous-base",
        ("part", "perhaps"): "ambiguous-base",
        ("one", "other"): "overlapping",
        ("new", "old"): "overlapping",
        ("left", "right"): "overlapping",
        ("crossed", "crossing"): "overlapping",
        ("part", "sum-part"): None,
        ("perhaps", "sum-part"): None,
        ("one", "new"): None,
    }
    async for client in client_of(empty_database):
        for (a, b), code in expected.items():
            answer = (await client.get(f"/v1/total?id={a}&id={b}")).json()
            assert [c["code"] for c in answer.get("conflicts", [])] == [code] * (code is not None)

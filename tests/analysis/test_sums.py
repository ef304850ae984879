"""What a sum counts, and its warnings."""

from datetime import date
from typing import Any

import pytest

from app.analysis.measures import Measured
from app.analysis.scope import EVERYTHING, Scope
from app.analysis.sums import forces_missing, summed, warnings_on_sum
from app.domain.periods import Span
from tests.figures_in_memory import CHANGE, UNDATED, counted, knowing, year

KENT = {"force": "kent"}


def about(first: str, last: str) -> Scope:
    """Return a scope of these days."""
    return Scope(Span(date.fromisoformat(first), date.fromisoformat(last)))


def on(day: str) -> dict[str, Any]:
    """Return the changes that make a figure a count on a day."""
    found = date.fromisoformat(day)
    return {"start": found, "end": found, "as_at": found}


def test_what_a_sum_counts() -> None:
    """A sum has the unit, subjects, forces and days of its figures together; nothing has none of them."""
    figures = [
        counted("a", subjects=frozenset({"officers"}), **year(2019)),
        counted("b", subjects=frozenset({"staff"}), **KENT, **year(2021)),
    ]
    of_two = summed(figures)
    assert (of_two.unit, of_two.subjects) == (figures[0].unit, ["officers", "staff"])
    assert of_two.forces == sorted({figures[0].force, "kent"})
    assert (of_two.start, of_two.end) == (date(2019, 1, 1), date(2021, 12, 31))
    assert summed([]) == (None, [], [], None, None)
    undated = summed([*figures, counted("c", **UNDATED)])
    assert (undated.start, undated.end) == (None, None)


GAPS: dict[str, tuple[list[Measured], Scope, list[str]]] = {
    "the whole period": (
        [counted("a", **year(2019)), counted("b", **year(2020))],
        about("2019-01-01", "2020-12-31"),
        [],
    ),
    "a year of several": ([counted("a", **year(2016))], about("2016-01-01", "2021-12-31"), ["a"]),
    "nothing at the start": ([counted("a", **year(2016))], about("2015-12-31", "2016-12-31"), ["a"]),
    "no period asked for": ([counted("a", **year(2016))], EVERYTHING, []),
    "nothing between": ([counted("a", **year(2016)), counted("b", **year(2018))], EVERYTHING, ["a", "b"]),
    "other years of another force": (
        [counted("a", **year(2016)), counted("b", **year(2017)), counted("c", **KENT, **year(2017))],
        EVERYTHING,
        ["c"],
    ),
    "an open end": ([counted("a", **year(2016))], Scope(Span(date(2016, 1, 1), None)), []),
    "until the end of time": (
        [counted("a", start=date(2016, 1, 1), end=None)],
        about("2016-01-01", "9999-12-31"),
        [],
    ),
    "days of two forces": (
        [counted("a", **on("2015-03-31")), counted("b", **KENT, **on("2020-03-31"))],
        EVERYTHING,
        ["a", "b"],
    ),
    "groups in different years": (
        [
            counted("a", subjects=frozenset({"officers"}), **year(2018)),
            counted("b", subjects=frozenset({"staff"}), **year(2019)),
        ],
        EVERYTHING,
        ["a", "b"],
    ),
    "a force beside an open end": (
        [counted("a", start=date(2018, 1, 1), end=None), counted("b", **KENT, **year(2020))],
        EVERYTHING,
        ["b"],
    ),
    "undated, included": ([counted("a", **UNDATED)], about("2020-01-01", "2020-12-31"), []),
    "a day": ([counted("a", **on("2016-03-31"))], about("2016-01-01", "2016-12-31"), []),
}


@pytest.mark.parametrize("name", GAPS)
def test_period_not_filled(name: str) -> None:
    """A sum warns of forces without a figure for some of its days."""
    figures, scope, expected = GAPS[name]
    assert list(warnings_on_sum(figures, knowing(), scope)["period-not-filled"].ids) == expected


def test_changes_of_rules() -> None:
    """A sum warns of figures for which the rules changed between its first and its last day."""
    known = knowing(rule_changes=(CHANGE,))
    touched = {"allegation": "rape", "outcome": "left"}
    earlier, later = counted("a", **touched, **year(2019)), counted("b", **touched, **year(2021))
    untouched = counted("c", **year(2019))
    assert list(warnings_on_sum([earlier, later, untouched], known, EVERYTHING)["rules-changed"].ids) == ["a", "b"]
    assert not warnings_on_sum([earlier], known, EVERYTHING)["rules-changed"].number
    open_ended = counted("d", **touched, start=date(2018, 1, 1), end=None)
    assert list(warnings_on_sum([open_ended], known, EVERYTHING)["rules-changed"].ids) == ["d"]


def test_disputes() -> None:
    """A sum warns of figures that another source disputes or contradicts, in it or not, and of disputed units."""
    figures = [counted("a"), counted("b"), counted("c"), counted("d", unit_disputed=True)]
    known = knowing(conflicting=frozenset({frozenset({"a", "x"})}), disputes={"b": frozenset({None})})
    assert list(warnings_on_sum(figures, known, EVERYTHING)["disputed"].ids) == ["a", "b", "d"]


def test_forces_without_a_figure() -> None:
    """A sum warns of forces asked for that none of its figures is about, unless one is about their area."""
    known = knowing()
    figures = [counted("a")]
    (warning,) = forces_missing(["metropolitan", "kent"], figures, known)
    assert (warning.code, "kent" in warning.message, "metropolitan" in warning.message) == (
        "forces-missing",
        True,
        False,
    )
    many = [f"force-{number}" for number in range(9)]
    assert "and 4 more" in forces_missing(many, figures, known)[0].message
    assert forces_missing(["metropolitan"], figures, known) == []
    assert forces_missing(["gwent"], [counted("a", force="england-and-wales")], known) == []
    assert forces_missing(["kent"], [], known) == []
    assert len(forces_missing(["england-and-wales"], figures, known)) == 1

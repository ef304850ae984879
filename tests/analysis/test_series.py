"""Series: which figures share a line, in what order, and where a line breaks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.compare import compare
from app.analysis.measures import Measured
from app.analysis.series import Line, lines
from tests.figures_in_memory import KNOWN, UNDATED, Changes, counted, knowing, year


def ids(found: list[Line]) -> list[list[str]]:
    """Return the ids of the figures on each line."""
    return [[figure.id for figure in line.figures] for line in found]


def test_years_share_a_line() -> None:
    """Comparable years share one line, earliest first, without a break."""
    figures = [counted("c", **year(2021)), counted("a", **year(2019)), counted("b", **year(2020))]
    (line,) = lines(figures, KNOWN)
    assert [figure.id for figure in line.figures] == ["a", "b", "c"]
    assert line.breaks == []
    assert line.label == "Metropolitan Police: upheld (complaints, officers)"


OTHERS: dict[str, Changes] = {
    "unit": {"unit": "person"},
    "force": {"force": "gwent"},
    "outcome": {"outcome": "dismissed"},
    "allegation": {"allegation": "rape"},
    "people": {"subjects": frozenset()},
    "part": {"breakdown": {"sex": "male"}},
    "type": {"value_type": "percent"},
    "scale": {"value_type": "rate", "per": 1000},
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_differs_has_a_line_of_its_own(name: str) -> None:
    """Figures that count different things never share a line, and each line has its own key."""
    found = lines([counted("a"), counted("b", **year(2020, **OTHERS[name]))], KNOWN)
    assert sorted(ids(found)) == [["a"], ["b"]]
    assert len({line.key for line in found}) == len({line.label for line in found}) == 2


def test_overlapping_periods_are_apart() -> None:
    """A two-year figure isn't on the line of single years, and neither is a second account of one year."""
    figures = [
        counted("both", start=date(2019, 1, 1), end=date(2020, 12, 31)),
        counted("one", **year(2019)),
        counted("other", **year(2019)),
        counted("two", **year(2020)),
    ]
    assert ids(lines(figures, KNOWN)) == [["one", "two"], ["other"], ["both"]]


def test_years_stay_with_years() -> None:
    """If several lines are free, a figure joins the one whose last period is as long as its own."""
    figures = [
        counted("year", **year(2018)),
        counted("half", start=date(2018, 1, 1), end=date(2018, 6, 30)),
        counted("next-half", start=date(2019, 1, 1), end=date(2019, 6, 30)),
        counted("next-year", **year(2019)),
    ]
    assert ids(lines(figures, KNOWN)) == [["half", "next-half"], ["year", "next-year"]]


def test_breaks_have_reasons() -> None:
    """A line breaks at an unknown value, and wherever neighbours aren't comparable."""
    figures = [
        counted("a", **year(2019)),
        counted("gap", **year(2020), value=None, value_status="not-disclosed"),
        counted("c", **year(2021), qualifier="about"),
    ]
    (line,) = lines(figures, KNOWN)
    assert [(one.after, one.before) for one in line.breaks] == [("a", "gap"), ("gap", "c")]
    assert [reason.aspect for reason in line.breaks[0].reasons] == ["value-status"]
    assert "qualifier" in [reason.aspect for reason in line.breaks[1].reasons]


def test_undated_figures_have_no_place() -> None:
    """A figure without dates is on no line."""
    assert lines([counted("a", **UNDATED)], KNOWN) == []


@st.composite
def some_figures(draw: st.DrawFn) -> list[Measured]:
    """Draw figures of a few measures in a few periods."""
    days = st.dates(date(2015, 1, 1), date(2021, 12, 31))
    return [
        counted(
            f"f{index}",
            unit=draw(st.sampled_from(["complaint", "person"])),
            start=min(period),
            end=max(period),
            qualifier=draw(st.sampled_from(["exact", "exact", "about"])),
        )
        for index, period in enumerate(draw(st.lists(st.tuples(days, days), max_size=9)))
    ]


@given(some_figures())
def test_any_figures(figures: list[Measured]) -> None:
    """Each figure is on one line; figures on a line don't overlap, and only comparable neighbours are joined."""
    found = lines(figures, knowing())
    assert sorted(name for line in ids(found) for name in line) == sorted(figure.id for figure in figures)
    for line in found:
        broken = {(one.after, one.before) for one in line.breaks}
        for a, b in zip(line.figures, line.figures[1:], strict=False):
            assert a.unit == b.unit
            assert str(a.period.end) < str(b.period.start)
            assert ((a.id, b.id) in broken) == (compare(a, b, KNOWN).verdict != "comparable")

"""What a period in a query means: each form and day, compared with two other date parsers."""

import warnings
from datetime import date, timedelta

import aniso8601  # type: ignore[import-untyped] # it ships no types
import pytest
from aniso8601.exceptions import RangeCheckError  # type: ignore[import-untyped] # the same
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.periods import FORMS, OPEN, PeriodError, Span, read_period

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its grammar is written for an older pyparsing
    import edtf


def day(text: str) -> date | None:
    """Read a day from a table; `..` means open-ended."""
    return None if text == OPEN else date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        # years
        ("2016", "2016-01-01", "2016-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999", "9999-01-01", "9999-12-31"),
        # months, always: also where the month could be the next year
        ("2018-04", "2018-04-01", "2018-04-30"),
        ("2018-12", "2018-12-01", "2018-12-31"),
        ("2019-02", "2019-02-01", "2019-02-28"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2000-02", "2000-02-01", "2000-02-29"),
        ("2011-12", "2011-12-01", "2011-12-31"),
        ("2009-10", "2009-10-01", "2009-10-31"),
        ("2000-01", "2000-01-01", "2000-01-31"),
        # days
        ("2021-03-15", "2021-03-15", "2021-03-15"),
        ("2020-02-29", "2020-02-29", "2020-02-29"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
        # intervals, bounds included
        ("2018-04/2021-03", "2018-04-01", "2021-03-31"),
        ("2012/2018", "2012-01-01", "2018-12-31"),
        ("2018/2018", "2018-01-01", "2018-12-31"),
        ("2018/2018-02", "2018-01-01", "2018-02-28"),
        ("2018-06/2018", "2018-06-01", "2018-12-31"),
        ("2021-03-15/2021-03-15", "2021-03-15", "2021-03-15"),
        ("2021-03-31/2021-04", "2021-03-31", "2021-04-30"),
        ("0001/9999", "0001-01-01", "9999-12-31"),
        # open sides
        ("2018/..", "2018-01-01", ".."),
        ("2018-04/..", "2018-04-01", ".."),
        ("2021-03-15/..", "2021-03-15", ".."),
        ("../2020", "..", "2020-12-31"),
        ("../2020-02", "..", "2020-02-29"),
        ("../2021-03-15", "..", "2021-03-15"),
        # financial years
        ("FY2020-21", "2020-04-01", "2021-03-31"),
        ("FY2019-20", "2019-04-01", "2020-03-31"),
        ("FY1999-00", "1999-04-01", "2000-03-31"),
        ("FY2011-12", "2011-04-01", "2012-03-31"),
    ],
)
def test_every_form_means_these_days(text: str, start: str, end: str) -> None:
    """Each form in the contract has this first and last day."""
    assert read_period(text) == Span(day(start), day(end))


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_shown_are_read(form: str) -> None:
    """The forms that an error message suggests are accepted."""
    assert read_period(form) != Span(None, None)


@pytest.mark.parametrize(
    ("text", "code", "nearest"),
    [
        # what could be a financial year or a month
        ("2020-21", "malformed", ["FY2020-21"]),
        ("2023-24", "malformed", ["FY2023-24"]),
        ("1999-00", "malformed", ["FY1999-00"]),
        ("2018/19", "malformed", ["FY2018-19"]),
        ("2011/12", "malformed", ["FY2011-12"]),
        ("FY2020-22", "malformed", ["FY2020-21"]),
        ("FY2020-20", "malformed", ["FY2020-21"]),
        # forms used elsewhere
        ("2020-2021", "malformed", ["2020/2021", "FY2020-21"]),
        ("2016-2018", "malformed", ["2016/2018"]),
        ("2016 - 2018", "malformed", ["2016/2018"]),
        ("2018\u20132021", "malformed", ["2018/2021"]),  # an en dash
        ("2018-2016", "reversed", ["2016/2018"]),
        ("0000-2016", "out-of-range", []),
        ("FY2020-2021", "malformed", ["FY2020-21"]),
        ("FY1999-2000", "malformed", ["FY1999-00"]),
        ("FY2020/21", "malformed", ["FY2020-21"]),
        ("FY2020/2021", "malformed", ["FY2020-21"]),
        ("FY 2020-21", "malformed", ["FY2020-21"]),
        ("fy2020-21", "malformed", ["FY2020-21"]),
        ("fy2020/22", "malformed", ["FY2020-21"]),
        ("2016Q1", "malformed", ["2016-01/2016-03"]),
        ("2016-Q1", "malformed", ["2016-01/2016-03"]),
        ("2016 q4", "malformed", ["2016-10/2016-12"]),
        ("2016Q5", "malformed", []),
        ("0000Q1", "out-of-range", []),
        # backward
        ("2021/2018", "reversed", ["2018/2021"]),
        ("2021-03-15/2021-03-14", "reversed", ["2021-03-14/2021-03-15"]),
        ("2021-04/2021-03", "reversed", ["2021-03/2021-04"]),
        ("2021/2020-12", "reversed", ["2020-12/2021"]),
        # no such day
        ("2021-13", "out-of-range", []),
        ("2021-00", "out-of-range", []),
        ("2021-13-01", "out-of-range", []),
        ("2021-02-30", "out-of-range", []),
        ("2021-02-29", "out-of-range", []),
        ("1900-02-29", "out-of-range", []),
        ("2021-04-31", "out-of-range", []),
        ("2021-04-00", "out-of-range", []),
        ("2021-04-32", "out-of-range", []),
        ("0000", "out-of-range", []),
        ("0000-01", "out-of-range", []),
        ("0000-02-29", "out-of-range", []),
        ("FY0000-01", "out-of-range", []),
        ("FY9999-00", "out-of-range", []),
        ("2018/2021-02-30", "out-of-range", []),
        ("2021-13/..", "out-of-range", []),
        # no period at all
        ("", "malformed", []),
        (" ", "malformed", []),
        ("..", "malformed", []),
        ("/", "malformed", []),
        ("../..", "malformed", []),
        ("2018/", "malformed", []),
        ("/2018", "malformed", []),
        ("2018/2019/2020", "malformed", []),
        ("2018/../2020", "malformed", []),
        ("2018//2020", "malformed", []),
        ("2018--2020", "malformed", []),
        ("2018-04--2021-03", "malformed", []),
        ("last year", "malformed", []),
        (" 2016", "malformed", []),
        ("2016 ", "malformed", []),
        ("2016\n", "malformed", []),
        ("2016\x00", "malformed", []),
        ("16", "malformed", []),
        ("201", "malformed", []),
        ("20166", "malformed", []),
        ("+2016", "malformed", []),
        ("-2016", "malformed", []),
        ("2018-4", "malformed", []),
        ("201804", "malformed", []),
        ("20180401", "malformed", []),
        ("2018-04-1", "malformed", []),
        ("2018-04-01T00:00", "malformed", []),
        ("2018-W14", "malformed", []),
        ("2018~", "malformed", []),
        ("201X", "malformed", []),
        ("2018/P1Y", "malformed", []),
        ("FY2020", "malformed", []),
        ("٢٠١٦", "malformed", []),  # Arabic digits
        ("２０１６", "malformed", []),  # noqa: RUF001 - full-width digits
        ("2018-0４", "malformed", []),  # noqa: RUF001 - one full-width digit
        ("FY２０２０-21", "malformed", []),  # noqa: RUF001 - full-width digits
    ],
)
def test_everything_else_is_refused(text: str, code: str, nearest: list[str]) -> None:
    """Anything else is refused with its code and, if it can be guessed, what was meant."""
    with pytest.raises(PeriodError) as refused:
        read_period(text)
    assert (refused.value.code, refused.value.nearest) == (code, nearest)
    assert str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["2020-21", "2018/19", "FY2020-22", "2021/2018", "2021-04/2021-03", "2016-2018", "FY2020/21", "2016-Q3"],
)
def test_what_was_meant_can_be_sent(text: str) -> None:
    """The suggestions in a refusal are themselves accepted."""
    with pytest.raises(PeriodError) as refused:
        read_period(text)
    assert [read_period(meant) for meant in refused.value.nearest] != []


YEARS = st.integers(1, 9999)
DAYS = st.dates()
PLAIN = st.one_of(
    YEARS.map("{:04}".format),
    DAYS.map(lambda d: d.isoformat()[:7]),
    DAYS.map(date.isoformat),
)
"""Existing years, months and days, in ISO 8601 form."""

PIECES = st.sampled_from(["2016", "2018-04", "2020-21", "2021-02-30", "FY", "..", "/", "-", "0", "٣", "\x00", " "])
NEAR_MISSES = st.lists(PIECES, max_size=5).map("".join)


@given(
    st.text()
    | NEAR_MISSES
    | st.from_regex(r"(FY)?\d{4}([-/]\d\d){0,2}(/(\.\.|\d{4}(-\d\d){0,2}))?", fullmatch=True)
)
@example("\ud800")
@example("9" * 5000)
def test_any_text_is_a_span_or_refused(text: str) -> None:
    """Any text gives either a span that runs forward or a refusal with a known code."""
    try:
        span = read_period(text)
    except PeriodError as error:
        assert error.code in {"malformed", "out-of-range", "reversed"}  # noqa: PT017 - both ways out are tested
    else:
        assert span != Span(None, None)
        assert span.start is None or span.end is None or span.start <= span.end


@given(st.integers(1, 9998))
def test_a_financial_year_is_twelve_months(year: int) -> None:
    """A financial year runs from 1 April to the day before the next one starts, so no day is left out."""
    this = read_period(f"FY{year:04}-{(year + 1) % 100:02}")
    assert this.start == date(year, 4, 1)
    assert this.end is not None
    assert this.end + timedelta(days=1) == date(year + 1, 4, 1)


def by_edtf(text: str) -> Span:
    """Read a plain ISO form with the `edtf` library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = edtf.parse_edtf(text)
        first, last = found.lower_strict(), found.upper_strict()
    # An open end is returned as an infinite number.
    start, end = (None if isinstance(side, float) else date(*side[:3]) for side in (first, last))
    return Span(start, end)


@given(PLAIN)
@example("2016")
@example("2020-02")
def test_edtf_agrees_on_years_months_and_days(text: str) -> None:
    """An independent ISO 8601-2 parser gives the same days."""
    assert read_period(text) == by_edtf(text)


@given(PLAIN, PLAIN)
@example("2018-04", "2021-03")
@example("2018", "..")
@example("..", "2020")
def test_edtf_agrees_on_intervals(first: str, last: str) -> None:
    """The same parser agrees on intervals, open ones too; one that runs backward is refused."""
    try:
        found = read_period(f"{first}/{last}")
    except PeriodError as error:
        assert error.code == "reversed"  # noqa: PT017 - both ways out are tested
        start, end = by_edtf(first).start, by_edtf(last).end
        assert start is not None
        assert end is not None
        assert end < start
    else:
        assert found == by_edtf(f"{first}/{last}")


@given(
    st.tuples(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32)).map(
        lambda parts: "{:04}-{:02}-{:02}".format(*parts)
    )
)
@example("2020-02-29")
@example("2021-02-29")
@example("0000-01-01")
def test_aniso8601_agrees_on_which_days_exist(text: str) -> None:
    """An independent ISO 8601 parser accepts and rejects the same days."""
    try:
        expected = aniso8601.parse_date(text)
    except RangeCheckError:
        with pytest.raises(PeriodError) as refused:
            read_period(text)
        assert refused.value.code == "out-of-range"
    else:
        assert read_period(text) == Span(expected, expected)


@given(DAYS, DAYS)
def test_aniso8601_agrees_on_intervals_of_days(first: date, last: date) -> None:
    """The same parser agrees on an interval between two days."""
    early, late = sorted([first, last])
    text = f"{early}/{late}"
    assert read_period(text) == Span(*aniso8601.parse_interval(text))

"""The period in a query: `2016`, `2018-04`, `2018-04/2021-03`, `FY2020-21`, `2018/..`.

The forms are those of ISO 8601-2 (years, months, days and intervals, with `..` for an open end), plus `FY` for a
financial year from April to March. `2020-21` is rejected because it's ambiguous: a financial year to some, a month
that doesn't exist to others, and a season to date libraries.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
FINANCIAL_YEAR = re.compile(r"FY(\d{4})-(\d\d)", re.ASCII)
DATE_OF_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
YEAR_PAIR = re.compile(r"(\d{4})[-/](\d\d)", re.ASCII)
OTHER_FORMS = [
    (re.compile(pattern, re.ASCII | re.IGNORECASE), form)
    for pattern, form in (
        (r"(\d{4}) ?[-\u2013] ?(\d{4})", r"\1/\2"),
        (r"FY ?(\d{4})[-/\u2013](?:\d\d)?(\d\d)", r"FY\1-\2"),
        *((rf"(\d{{4}})[- ]?Q{one}", rf"\1-{3 * one - 2:02}/\1-{3 * one:02}") for one in range(1, 5)),
    )
]
"""Forms that people use elsewhere, such as `2016-2018` or `2016Q1`, each with the one that means the same here."""

PeriodCode = Literal["malformed", "out-of-range", "reversed"]
OPEN = ".."
FORMS = ["2016", "2018-04", "2021-03-15", "2018-04/2021-03", "2018/..", "../2020", "FY2020-21"]
"""One example of each form."""


@dataclass(frozen=True)
class Span:
    """The days from `start` to `end`, inclusive; None means open-ended."""

    start: date | None
    end: date | None


class PeriodError(ValueError):
    """A period that can't be read, with suggestions."""

    def __init__(self, code: PeriodCode, message: str, nearest: list[str] | None = None) -> None:
        """Keep the error's code (`malformed`, `out-of-range`, `reversed`) and the suggestions."""
        super().__init__(message)
        self.code = code
        self.nearest = nearest or []


def read_period(text: str) -> Span:
    """Read a period.

    Raises:
        PeriodError: if it is malformed, has a day that doesn't exist, or ends before it starts.

    """
    try:
        return _read(text)
    except PeriodError as error:
        if not error.nearest:
            _refuse_other_forms(text)
        raise


def _read(text: str) -> Span:
    _refuse_year_pair(text)
    first, slash, last = text.partition("/")
    if not slash:
        return _read_side(text)
    if first == last == OPEN:
        raise PeriodError("malformed", "a period has at least one end; leave it out to have all of time")
    start = None if first == OPEN else _read_side(first).start
    end = None if last == OPEN else _read_side(last).end
    if start is not None and end is not None and end < start:
        raise PeriodError("reversed", f"the period ends before it starts: {text}", [f"{last}/{first}"])
    return Span(start, end)


def _read_side(text: str) -> Span:
    if found := FINANCIAL_YEAR.fullmatch(text):
        year = int(found[1])
        if (year + 1) % 100 != int(found[2]):
            meant = _financial_year(year)
            raise PeriodError("malformed", f"a financial year ends in the next year: {meant}", [meant])
        return Span(_day(year, 4, 1), _day(year + 1, 3, 31))
    found = DATE.fullmatch(text)
    if not found:
        raise PeriodError("malformed", "is not a period; write it as one of the forms allowed")
    year = int(found[1])
    month, day = (int(part) if part else None for part in found.group(2, 3))
    if month is None:
        return Span(_day(year, 1, 1), _day(year, 12, 31))
    if not 1 <= month <= 12:  # noqa: PLR2004 - months
        raise PeriodError("out-of-range", f"there is no month {month:02}")
    if day is None:
        return Span(_day(year, month, 1), _day(year, month, calendar.monthrange(max(year, 1), month)[1]))
    return Span(_day(year, month, day), _day(year, month, day))


def _refuse_other_forms(text: str) -> None:
    for pattern, form in OTHER_FORMS:
        if found := pattern.fullmatch(text):
            meant = [found.expand(form)]
            if (years := re.fullmatch(r"(\d{4})/(\d{4})", meant[0])) and int(years[1]) + 1 == int(years[2]):
                meant.append(_financial_year(int(years[1])))
            spans = [(one, _read(one)) for one in meant]
            forms = " or ".join(f"{one} for {span.start} to {span.end}" for one, span in spans)
            raise PeriodError("malformed", f"is not a period; write {forms}", meant)


def _refuse_year_pair(text: str) -> None:
    found = YEAR_PAIR.fullmatch(text)
    if found and (int(found[1]) + 1) % 100 == int(found[2]) and not DATE_OF_MONTH.fullmatch(text):
        meant = _financial_year(int(found[1]))
        message = f"could be a financial year or a month; write {meant} for April to March"
        raise PeriodError("malformed", message, [meant])


def _financial_year(year: int) -> str:
    return f"FY{year:04}-{(year + 1) % 100:02}"


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise PeriodError("out-of-range", f"there is no day {year:04}-{month:02}-{day:02}") from error

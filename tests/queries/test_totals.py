"""Totals of any period from days that were counted once: always what counting the records gives."""

from collections import Counter
from datetime import date
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.periods import Span
from app.queries.totals import counted_of


class Dated(NamedTuple):
    """The first and the last day of a record, or neither."""

    start: date | None
    end: date | None


DAYS = st.dates(date(2018, 12, 25), date(2019, 1, 10)) | st.sampled_from([date.min, date.max])
PERIODS = st.tuples(DAYS, DAYS).map(lambda days: Dated(min(days), max(days)))
RECORDS = st.lists(PERIODS | st.just(Dated(None, None)), max_size=30)
SPANS = PERIODS.flatmap(lambda days: st.sampled_from([Span(*days), Span(days.start, None), Span(None, days.end)]))


def rows(records: list[Dated]) -> list[tuple[int, date | None, int]]:
    """Return what PostgreSQL counts of records: first days, and then last days."""
    ends = (Counter(record.start for record in records), Counter(record.end for record in records))
    return [(is_last, day, number) for is_last, counted in enumerate(ends) for day, number in counted.items()]


@given(RECORDS, SPANS)
@example([], Span(None, date(2019, 1, 1)))
@example([Dated(date(2019, 1, 1), date(2019, 1, 1))] * 2, Span(date(2019, 1, 1), date(2019, 1, 1)))
def test_a_total_is_what_counting_gives(records: list[Dated], span: Span) -> None:
    """Open periods and periods of a day included; what has no date is counted apart."""
    counted = counted_of(rows(records))
    overlapping = [
        record
        for record in records
        if record.start is not None
        and record.end is not None
        and record.start <= (span.end or date.max)
        and record.end >= (span.start or date.min)
    ]
    assert counted.overlapping(span) == len(overlapping)
    assert counted.undated == records.count(Dated(None, None))

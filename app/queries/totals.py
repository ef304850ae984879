"""How many records meet a period: the days on which they begin and end, counted once, tell it of every period."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from app.domain.periods import Span


class Days(NamedTuple):
    """How many records there are up to each day, of the days on which there is one."""

    days: Sequence[int]
    """By their ordinals, in order."""
    numbers: Sequence[int]

    def up_to(self, day: date) -> int:
        """Return how many there are on a day or before."""
        return self._first(bisect_right(self.days, day.toordinal()))

    def before(self, day: date) -> int:
        """Return how many there are before a day."""
        return self._first(bisect_left(self.days, day.toordinal()))

    def _first(self, places: int) -> int:
        return self.numbers[places - 1] if places else 0


class Counted(NamedTuple):
    """The records that filters select, whatever their periods: how many begin, and how many end, by each day."""

    first: Days
    last: Days
    undated: int

    def overlapping(self, period: Span) -> int:
        """Return how many of them share a day with a period.

        All that begin before it is over, but for those that end before it begins: these are among the former, for
        no record ends before it begins, and no period does.
        """
        begun = self.first.up_to(period.end or date.max)
        return begun - self.last.before(period.start) if period.start is not None else begun


def counted_of(rows: Iterable[tuple[int, date | None, int]]) -> Counted:
    """Return what was counted, from rows that say whether a day is a last one, the day, and how many there are."""
    on_first: dict[date | None, int] = {}
    on_last: dict[date | None, int] = {}
    for is_last, day, number in rows:
        (on_last if is_last else on_first)[day] = number
    return Counted(_days(on_first), _days(on_last), on_first.get(None, 0))


def _days(numbers: Mapping[date | None, int]) -> Days:
    ordered = sorted((day, number) for day, number in numbers.items() if day is not None)
    return Days(
        array("i", [day.toordinal() for day, _ in ordered]), array("i", accumulate(number for _, number in ordered))
    )

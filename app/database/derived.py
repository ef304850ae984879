"""Columns computed from all records of a release: places in every order, and the outcomes below a record."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from app.domain.records import Figure, Incident, Record
from app.domain.trees import reachable, with_ancestors
from app.domain.vocabulary import Kind

LAST = float("inf")
"""Sorts after every day and every value."""

Places = Mapping[str, int]
"""The place of each record, counted from 1, by its id."""


def _period(record: Record) -> list[float | None]:
    return [None if day is None else day.toordinal() for day in (record.period.start, record.period.end)]


def _value(record: Record) -> list[float | None]:
    return [None if isinstance(record, Incident) else record.value]


def _key(values: Iterable[float | None], sign: int) -> tuple[float, ...]:
    return tuple(LAST if value is None else sign * value for value in values)


ORDERS: Mapping[str, Callable[[Record], tuple[float, ...]]] = {
    "place_by_period": lambda record: _key(_period(record), 1),
    "place_by_period_desc": lambda record: _key(_period(record), -1),
    "place_by_value": lambda record: _key(_value(record), 1),
    "place_by_value_desc": lambda record: _key(_value(record), -1),
}
"""The sort key of each order, by the name of its column. Ties are sorted by id, ascending."""


def places_of(records: Iterable[Record]) -> Mapping[str, Places]:
    """Return the place of each record in each order.

    The order of a release never changes, so it's computed once. Any page, however deep, is then the rows after a
    number, with ties and nulls already in order.
    """
    by_id = sorted(records, key=lambda record: record.id)
    return {
        name: {record.id: place for place, record in enumerate(sorted(by_id, key=key), 1)}
        for name, key in ORDERS.items()
    }


def outcomes_below(records: Sequence[Record], parents: Mapping[str, str | None]) -> Mapping[str, set[str]]:
    """Return the outcomes below each complaint and proceeding, with every wider code.

    An outcome is below a record if a chain of bases, counting every candidate, leads from its figure to the record.
    """
    candidates = {
        record.id: record.base.candidates for record in records if isinstance(record, Figure) and record.base
    }
    counted = {record.id for record in records if record.kind in {Kind.COMPLAINT, Kind.PROCEEDING}}
    found: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.outcome is None or record.id not in candidates:
            continue
        wider = with_ancestors(parents, record.outcome)
        for above in reachable(candidates, record.id) & counted:
            found[above].update(wider)
    return found

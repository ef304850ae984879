"""What follows from all records of a release together: places in every order, and outcomes below a record."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from app.domain.records import Figure, Incident, Record
from app.domain.trees import reachable, with_ancestors
from app.domain.vocabulary import Kind

LAST = float("inf")
"""Sorts after every day and every value."""

Places = Mapping[str, int]
"""A place, counted from 1, by the id of the record."""


def _day(day: date | None) -> float:
    return LAST if day is None else day.toordinal()


def _day_desc(day: date | None) -> float:
    return LAST if day is None else -day.toordinal()


def _value(record: Record) -> float | None:
    return None if isinstance(record, Incident) else record.value


ORDERS: Mapping[str, Callable[[Record], tuple[float, ...]]] = {
    "place_by_period": lambda record: (_day(record.period.start), _day(record.period.end)),
    "place_by_period_desc": lambda record: (_day_desc(record.period.start), _day_desc(record.period.end)),
    "place_by_value": lambda record: (LAST if (value := _value(record)) is None else value,),
    "place_by_value_desc": lambda record: (LAST if (value := _value(record)) is None else -value,),
}
"""The sort key of each order, under the name of its column; ties go by id, ascending."""


def places_of(records: Iterable[Record]) -> Mapping[str, Places]:
    """Return the place of each record in each order.

    The order of a release never changes, so it is worked out once. A page is then the rows after a number, however
    deep it lies, with ties and nulls already settled.
    """
    by_id = sorted(records, key=lambda record: record.id)
    return {
        name: {record.id: place for place, record in enumerate(sorted(by_id, key=key), 1)}
        for name, key in ORDERS.items()
    }


def outcomes_below(records: Sequence[Record], parents: Mapping[str, str | None]) -> Mapping[str, set[str]]:
    """Return the outcomes that complaints and proceedings have below them, with every wider code.

    An outcome is below a record if a chain of bases leads from its figure to the record, under any reading of each.
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

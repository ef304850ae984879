"""Equal numbers on a page that can't be compared with each other."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations, islice

from app.analysis.compare import compare
from app.analysis.measures import Knowledge, Measured

MAX_SHOWN = 3
LEAST_VALUE = 10
"""Smaller numbers are often equal, and nobody confuses them."""

MAX_COMPARED = 2_000
"""The most pairs compared: enough for a page with 60 equal numbers, and quick on a longer one."""


def lookalikes(figures: Iterable[Measured], known: Knowledge) -> list[tuple[str, str]]:
    """Return the ids of pairs with equal values that can't be compared, most alike first, at most MAX_SHOWN."""
    by_value: dict[tuple[object, str], list[Measured]] = defaultdict(list)
    for figure in figures:
        if figure.value is not None and figure.value >= LEAST_VALUE:
            by_value[figure.value, figure.value_type].append(figure)
    pairs = (pair for equal in by_value.values() for pair in combinations(equal, 2))
    misleading = [
        (a, b) for a, b in islice(pairs, MAX_COMPARED) if compare(a, b, known).verdict == "not-comparable"
    ]
    misleading.sort(key=lambda pair: -_likeness(*pair))
    return [(a.id, b.id) for a, b in misleading[:MAX_SHOWN]]


def _likeness(a: Measured, b: Measured) -> int:
    """Return how many facts two figures share, which makes them easy to confuse."""
    alike = (a.unit == b.unit, a.kind == b.kind, a.allegation == b.allegation, a.force == b.force)
    return sum((*alike, a.subjects == b.subjects))

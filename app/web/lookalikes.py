"""Find equal numbers on a page that can't be compared."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations, islice

from app.analysis.compare import compare
from app.analysis.measures import Knowledge, Measured

MAX_SHOWN = 3
LEAST_VALUE = 10
"""Smaller numbers are often equal, and nobody confuses them."""

MAX_COMPARED = 2_000
"""The most pairs to compare: enough for a page of 60 equal numbers, and fast on a longer one."""


def lookalikes(figures: Iterable[Measured], known: Knowledge) -> list[tuple[str, str]]:
    """Return the ids of up to MAX_SHOWN pairs with equal values that can't be compared, the most alike first."""
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
    """Return in how many ways two figures are alike, and so easily confused."""
    alike = (a.unit == b.unit, a.kind == b.kind, a.allegation == b.allegation, a.force == b.force)
    return sum((*alike, a.subjects == b.subjects))

"""Figures as they stand to one another on a page: families, and numbers that only look alike. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, islice

from app.analysis.compare import compare
from app.analysis.measures import Knowledge, Measured
from app.releases.rendering import FigureAnswer

LOOKALIKES = 5
"""Pairs of equal numbers that one page tells apart at most."""

PAIRS = 2_000
"""Pairs that are looked at for them: all of a page of thirty, and no more of a longer one than takes no time."""


def arranged(figures: Sequence[FigureAnswer]) -> list[tuple[FigureAnswer, int]]:
    """Return figures with each below the one it belongs to, where that is among them, and how far below.

    Families stand in the order of their first figures. An ambiguous figure stands below its first candidate.
    """
    ids = {figure.id for figure in figures}
    below: dict[str | None, list[FigureAnswer]] = defaultdict(list)
    for figure in reversed(figures):
        above = whole_of(figure)
        below[above if above in ids else None].append(figure)
    found: list[tuple[FigureAnswer, int]] = []
    # The next one is the last; a list rather than calls in calls, for a chain may be as long as a page.
    waiting = [(figure, 0) for figure in below[None]]
    while waiting:
        figure, depth = waiting.pop()
        found.append((figure, depth))
        waiting += [(part, depth + 1) for part in below[figure.id]]
    return found


def whole_of(figure: FigureAnswer) -> str | None:
    """Return the id of the figure that this one belongs to, or may first of all; None for a whole."""
    return (figure.base.id or figure.base.candidates[0]) if figure.base is not None else None


def lookalikes(figures: Iterable[Measured], known: Knowledge) -> list[tuple[str, str]]:
    """Return pairs of equal numbers that must not be compared, at most `LOOKALIKES`."""
    by_value: dict[tuple[object, str], list[Measured]] = {}
    for figure in figures:
        if figure.value is not None:
            by_value.setdefault((figure.value, figure.value_type), []).append(figure)
    pairs = (pair for alike in by_value.values() for pair in combinations(alike, 2))
    looked_at = islice(pairs, PAIRS)
    misleading = ((a.id, b.id) for a, b in looked_at if compare(a, b, known).verdict == "not-comparable")
    return list(islice(misleading, LOOKALIKES))

"""The rows of the result, and how two programs are compared."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from statistics import median


@dataclass
class Row:
    """A measurement and its limit."""

    name: str
    unit: str
    limit: float
    at_least: bool = False
    values: list[float] = field(default_factory=list)
    """One for each round."""
    note: str = ""
    """What a ratio compares, or what else was seen."""
    sides: list[dict[str, float]] = field(default_factory=list)
    """The medians of the two sides of a comparison."""

    @property
    def result(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def bound(self) -> str:
        """The limit as people write it."""
        return f"{'≥' if self.at_least else '≤'} {self.limit:g} {self.unit}"

    @property
    def is_met(self) -> bool:
        """Whether the result keeps to the limit."""
        return self.result >= self.limit if self.at_least else self.result <= self.limit


@dataclass(frozen=True)
class Turn:
    """What requests cost during one turn of a few seconds."""

    rate: float
    """Requests per second."""
    median: float
    """Milliseconds to the answer, the median."""
    cpu: float
    """Microseconds of processor time per request, in the program alone."""
    behind: float
    """The same, in PostgreSQL."""


def compare(row: Row, rounds: int, by: str, ours: Callable[[], Turn], theirs: Callable[[], Turn]) -> Row:
    """Measure two sides in turns, and fill a row with the ratio of one of the facts of a turn.

    A round compares two turns that follow each other, so a machine that is busy for a while is busy for both.
    """
    ours(), theirs()  # warm up
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    row.values += [getattr(a, by) / getattr(b, by) for a, b in pairs]
    row.sides = [
        {fact.name: median(getattr(turn, fact.name) for turn in side) for fact in fields(Turn)}
        for side in zip(*pairs, strict=True)
    ]
    unit = {"rate": "/s", "median": " ms", "cpu": " µs"}[by]
    row.note = " : ".join(f"{side[by]:,.{1 if by == 'median' else 0}f}{unit}" for side in row.sides)
    if by == "rate":
        costs = (f"{side['cpu'] / 1000:.2f} + {side['behind'] / 1000:.2f} ms" for side in row.sides)
        row.note += f"; CPU {' : '.join(costs)}"
    return row

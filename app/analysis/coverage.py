"""What is known about each measure and force, and what isn't. A gap is never a zero."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from app.domain.vocabulary import ValueStatus

NO_RECORD = "no-record"
STATES = (*(str(status) for status in ValueStatus), NO_RECORD)
"""Every state of a cell."""


class Measure(NamedTuple):
    """What a figure counts."""

    kind: str
    allegation: str
    stage: str | None
    outcome: str | None
    unit: str
    value_type: str
    breakdown: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cell:
    """The figures about a force that have one measure and one state, or the fact that there is no record."""

    force: str
    measure: Measure
    state: str
    ids: list[str]


def gaps_in(
    forces: Iterable[str], measures: Iterable[Measure], recorded: Container[tuple[str, Measure]]
) -> list[Cell]:
    """Return a `no-record` cell for each force and measure that isn't recorded."""
    return [
        Cell(force, measure, NO_RECORD, [])
        for force, measure in product(forces, measures)
        if (force, measure) not in recorded
    ]


def in_order(cells: Iterable[Cell]) -> list[Cell]:
    """Return cells by force, measure and state."""
    cells = list(cells)
    # Ranked once, because many cells share a measure.
    ranks = {measure: rank for rank, measure in enumerate(sorted({cell.measure for cell in cells}, key=str))}
    return sorted(cells, key=lambda cell: (cell.force, ranks[cell.measure], cell.state))

"""What is known about each measure and force, and what isn't. A gap is never a zero."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

NO_RECORD = "no-record"


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


def with_gaps(cells: Iterable[Cell], forces: Iterable[str]) -> list[Cell]:
    """Return the cells, and a `no-record` cell for every force and measure without a figure, in a stable order."""
    known: dict[tuple[str, Measure], list[Cell]] = defaultdict(list)
    for cell in cells:
        known[cell.force, cell.measure].append(cell)
    measures = sorted({measure for _, measure in known}, key=str)
    return [
        cell
        for force in sorted({*forces, *(force for force, _ in known)})
        for measure in measures
        for cell in sorted(
            known.get((force, measure), [Cell(force, measure, NO_RECORD, [])]), key=lambda cell: cell.state
        )
    ]

"""What is known about each measure and force, and what isn't. A gap is never a zero."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
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


def with_gaps(cells: Iterable[Cell], forces: Iterable[str]) -> list[Cell]:
    """Return the cells of these forces in a stable order, with a `no-record` cell for each measure they lack.

    The measures are those of all cells, whichever force they are about.
    """
    known: dict[tuple[str, Measure], list[Cell]] = defaultdict(list)
    for cell in cells:
        known[cell.force, cell.measure].append(cell)
    measures = sorted({measure for _, measure in known}, key=str)
    return [
        cell
        for force in sorted(forces)
        for measure in measures
        for cell in sorted(
            known.get((force, measure), [Cell(force, measure, NO_RECORD, [])]), key=lambda cell: cell.state
        )
    ]

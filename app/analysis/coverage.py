"""What is known and what is not, for each force and measure. No zero is ever invented."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

NO_RECORD = "no-record"


class Measure(NamedTuple):
    """What was counted."""

    kind: str
    allegation: str
    stage: str | None
    outcome: str | None
    unit: str
    value_type: str
    breakdown: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cell:
    """What is known of a measure about a force: the figures of one state, or that there is no record."""

    force: str
    measure: Measure
    state: str
    ids: list[str]


def with_gaps(cells: Iterable[Cell], forces: Iterable[str]) -> list[Cell]:
    """Return the cells with one for each force and measure that no figure is about, in a stable order. Pure."""
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

"""What the figures in a series have in common, and the sources that contradict each other about a figure."""

from typing import NamedTuple


class Series(NamedTuple):
    """Figures for one force that count the same thing at different times."""

    force: str
    kind: str
    stage: str | None
    outcome: str | None
    allegation: str
    unit: str
    value_type: str


Sides = tuple[frozenset[str], frozenset[str]]
"""The sources on each side of a contradiction; sources that both sides go back to are on neither."""

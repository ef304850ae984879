"""Series: figures that count the same thing over time, and sources that contradict each other about one."""

from typing import NamedTuple


class Series(NamedTuple):
    """Figures of one force that count the same thing at different times."""

    force: str
    kind: str
    stage: str | None
    outcome: str | None
    allegation: str
    unit: str
    value_type: str


Sides = tuple[frozenset[str], frozenset[str]]
"""The sources on either side of a contradiction; those that both go back to are on neither."""

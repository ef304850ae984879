"""Releases of made-up records, with what happens to each record between them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Engine

from app.database.loader import load_editions
from app.domain.dataset import Tombstone
from app.domain.records import Record
from app.releases.editions import Edition
from app.releases.history import histories
from tests.made import dataset, figure, release

ONE, TWO = figure("one"), figure("two", value=2)
CORRECTED = figure("one", value=3)
HISTORY: list[tuple[str, Sequence[Record]]] = [
    ("1.0.0", [ONE, TWO]),
    ("2.0.0", [CORRECTED]),
    ("2.1.0", [CORRECTED, TWO]),
    ("2.2.0", [CORRECTED, TWO, figure("three", value=4)]),
    ("3.0.0", [CORRECTED, figure("three", value=4)]),
]
"""One is corrected once; two is withdrawn, comes back and is withdrawn for good; three is added late."""


def editions_of(*held: tuple[str, Sequence[Record]]) -> list[Edition]:
    """Return releases of made-up records, oldest first."""
    made = [(version, dataset(records)) for version, records in held]
    found = zip(made, histories(made), strict=True)
    reasons = {"two": "It was wrong."}
    return [Edition.of(release(version, of, reasons=reasons), of, past) for (version, of), past in found]


def load_releases(engine: Engine, *held: tuple[str, Sequence[Record]], gone: Iterable[str] = ()) -> bool:
    """Load releases of made-up records, oldest first, from which some records were removed."""
    stones = [Tombstone.model_validate({"id": one, "day": "2026-01-31", "reason": "By law."}) for one in gone]
    return load_editions(engine, editions_of(*held), stones).changed

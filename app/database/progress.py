"""How far a load is, as a bar at a terminal."""

from collections.abc import Iterable

from tqdm import tqdm

from app.database.rows import Row


def shown(rows: Iterable[Row], version: str, records: int) -> Iterable[Row]:
    """Pass the rows of a release's records on, and show how many of them have been written."""
    label = f"Loading release {version}"
    return tqdm(rows, label, records, leave=False, unit=" records", disable=None)  # not where nobody watches

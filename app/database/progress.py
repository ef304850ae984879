"""A progress bar for loads at a terminal."""

from collections.abc import Iterable

from tqdm import tqdm

from app.database.rows import Row


def shown(rows: Iterable[Row], version: str, records: int) -> Iterable[Row]:
    """Yield the rows of a release's records, and show how many have been written."""
    label = f"Loading release {version}"
    return tqdm(rows, label, records, leave=False, unit=" records", disable=None)  # only at a terminal

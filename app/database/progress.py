"""How far a load is, as a bar at a terminal."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.database.rows import Row
from app.database.write import Track


@contextmanager
def shown() -> Iterator[Track]:
    """Yield what shows, release by release, how many records have been written."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )

    def track(rows: Iterable[Row], version: str, records: int) -> Iterable[Row]:
        return bar.track(rows, total=records, description=f"Loading release {version}")

    with bar:
        yield track

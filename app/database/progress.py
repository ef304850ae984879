"""How far a load is, as a bar at a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def shown(records: int) -> Iterator[Callable[[int], None]]:
    """Yield a function that is called with the number of records that have been written since its last call."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("Loading records"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=records)
        yield lambda written: bar.advance(task, written)

"""How far a load has come, for whoever watches it at a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def shown(records: int) -> Iterator[Callable[[int], None]]:
    """Yield what is to be told of every few records; of a terminal it makes a bar, of anything else nothing."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("Loading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("Loading", total=records)
        yield lambda done: bar.advance(task, done)

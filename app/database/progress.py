"""How far a load has come, for whoever watches it at a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def shown(records: int) -> Iterator[Callable[[str, int], None]]:
    """Yield what is to be told of records that are made and written; at a terminal it shows two bars."""
    console = Console(stderr=True)
    bars = Progress(
        TextColumn("Records {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bars:
        tasks = {step: bars.add_task(step, total=records) for step in ("made", "written")}
        yield lambda step, done: bars.advance(tasks[step], done)

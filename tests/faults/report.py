"""The table of faults that a test run prints: what clients got during each, and how long it lasted."""

HEADING = ("fault", "requests", "200", "503", "failed", "slowest 503", "recovered after")

ROWS: list[tuple[str, ...]] = []


def add_row(  # noqa: PLR0913 - one for each column
    fault: str, *, ok: int, refused: int, failed: int, slowest: float = 0.0, recovered: float | None = None
) -> None:
    """Add a fault. Times are in seconds; `recovered` is None if nothing had to recover."""
    counts = (ok + refused + failed, ok, refused, failed)
    times = (f"{slowest:.1f} s", "" if recovered is None else f"{recovered:.1f} s")
    ROWS.append((fault, *map(str, counts), *times))


def lines() -> list[str]:
    """Return the table as lines of text, or no lines if it's empty."""
    if not ROWS:
        return []
    table = [HEADING, *ROWS]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADING))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table]

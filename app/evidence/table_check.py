"""Compare a held table with its rows in the seed file, and figures with their cells."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from app.domain.records import Evidence, Figure
from app.evidence.amounts import read_amount
from app.evidence.tables import Table, TableRow, read_number, read_rows
from app.evidence.texts import HeldText

TABLE = "the table"
BYTE_ORDER_MARK = "\ufeff"

Pair = tuple[TableRow, TableRow | None]
"""A row in the seed file, and the same row in the held table."""


def check_cell(text: HeldText, table: Table, figure: Figure, evidence: Evidence, cell: str) -> None:
    """Compare a figure with its cell, and note what differs. Words have a declared meaning, so they aren't read."""
    at = (evidence.paragraph or 0, figure.id)
    printed = evidence.as_printed
    if printed is None:
        if figure.value is not None:
            text.mismatch("as_printed", f"{figure.value}, as the cell prints it", "nothing", at)
        return
    if cell.count(printed) != 1:
        text.mismatch(f"{printed!r} in the cell {cell!r}", "once", f"{cell.count(printed)} times", at)
    number = read_number(printed, table.decimal)
    amount = read_amount(printed)
    found = number.value if number is not None else float(amount.value) if amount is not None else figure.value
    if found != figure.value:
        text.mismatch("the value", f"{figure.value} ({figure.value_type})", repr(printed), at)


def check_table(
    text: HeldText, paragraphs: Sequence[str], table: Table, passages: Iterable[Evidence]
) -> Collection[int]:
    """Note what differs between the seed file and the held table; return the lines where they agree."""
    lines = list(paragraphs)
    if lines and lines[0].startswith(BYTE_ORDER_MARK) and table.rows[0].starts[0] == 0:
        text.mismatch("the first line", "no byte order mark", "one, as spreadsheets write it", (1, TABLE))
        lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
    held = [row for row in read_rows("\n".join(lines), table.delimiter) if any(row.cells)]
    first, last = table.rows[0].cells[0], table.rows[0].cells[-1]
    if (
        held
        and first != last
        and len(held[0].cells) == 1
        and re.fullmatch(f"{re.escape(first)}.*{re.escape(last)}", held[0].cells[0], re.DOTALL)
    ):
        text.mismatch(
            "the delimiter", repr(table.delimiter), "another one: the header is a single cell", (1, TABLE)
        )
        return ()
    pairs = _pair(table, held)
    _check_order(text, table, pairs)
    agree = set()
    for row, its in pairs:
        at = (row.paragraph, TABLE)
        if its is None:
            text.mismatch(f"row {table.name(row)}", "a row for it", "none", at)
        elif _row_agrees(text, table, row, its) and row.paragraph == its.paragraph:
            agree.add(row.paragraph)
    paired = {its.paragraph for _, its in pairs if its is not None}
    for its in held:
        if its.paragraph not in paired:
            at = (its.paragraph, TABLE)
            text.mismatch(f"row {table.name(its)}", "a row of the seed file for it", "none", at)
    _check_skipped(text, table, passages)
    return agree


def _pair(table: Table, held: Sequence[TableRow]) -> list[Pair]:
    """Return each row in the seed file with its row in the held table, matched by name, otherwise by line."""
    names = Counter(table.name(row) for row in table.rows)
    its_names = Counter(table.name(row) for row in held)
    by_name = {table.name(row): row for row in held if names[table.name(row)] == its_names[table.name(row)] == 1}
    left = {row.paragraph: row for row in held if table.name(row) not in by_name}
    return [(row, by_name.get(table.name(row)) or left.get(row.paragraph)) for row in table.rows]


def _check_order(text: HeldText, table: Table, pairs: Sequence[Pair]) -> None:
    """Note rows that have moved, ignoring rows added or left out between them."""
    mine = [(row, its) for row, its in pairs if its is not None]
    its_order = sorted(mine, key=lambda pair: pair[1].paragraph)
    moved = [(row, other) for (row, _), (other, _) in zip(mine, its_order, strict=True) if row != other]
    if moved:
        at = (moved[0][0].paragraph, TABLE)
        names, found = (", ".join(table.name(pair[side]) for pair in moved) for side in (0, 1))
        text.mismatch("rows that have changed places", names, found, at)


def _row_agrees(text: HeldText, table: Table, row: TableRow, its: TableRow) -> bool:
    """Note every cell that differs in a row; return whether none does."""
    at = (row.paragraph, TABLE)
    before = len(text.mismatches)
    if len(its.cells) != len(row.cells):
        text.mismatch(f"row {table.name(row)}", f"{len(row.cells)} cells", len(its.cells), at)
    cells = zip(table.rows[0].cells, row.cells, its.cells, row.starts, its.starts, strict=False)
    for column, mine, its_cell, start, its_start in cells:
        place = f"row {table.name(row)}, column {column}"
        if mine != its_cell:
            text.mismatch(place, repr(mine), repr(its_cell), at)
        elif start != its_start and len(text.mismatches) == before:  # otherwise this may only be a consequence
            text.mismatch(f"{place}: where the cell starts", start, its_start, at)
    return len(text.mismatches) == before


def _check_skipped(text: HeldText, table: Table, passages: Iterable[Evidence]) -> None:
    """Note figures in skipped rows that have no record, if other figures in the row were recorded by hand."""
    recorded = {(one.paragraph, one.start) for one in passages}
    for row in table.rows:
        cells = [(at, (row.paragraph, row.starts[at])) for at in table.values if at < len(row.cells)]
        if row.skip is None or recorded.isdisjoint(place for _, place in cells):
            continue
        for at, place in cells:
            if place not in recorded and any(char.isdigit() for char in row.cells[at]):
                what = f"row {table.name(row)}, column {table.rows[0].cells[at]}: {row.cells[at]!r}"
                text.mismatch(what, "a record, as the skipped row has others", "none", (row.paragraph, TABLE))

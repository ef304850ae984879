"""Lists as Excel workbooks: typed cells, cautions, and sources.

Rows are written straight to temporary files, so a workbook takes little memory, whatever its size. The same rows
make the same bytes.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson

from app.domain.vocabulary import Caution
from app.formats.columns import Column, text_of
from app.releases.rendering import PUBLIC_ADDRESS

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

PIECE = 2**16
"""Bytes of a workbook to send at a time."""

MAX_TEXT = 32_767
"""The most characters in an Excel cell."""

CUT = " \u2026 (cut: the cell is full; JSON has the whole)"

DAY = re.compile(r"(19|[2-9]\d)\d\d-\d\d-\d\d", re.ASCII)
"""A day that Excel can represent; it has none before 1900."""

DAYS = frozenset({"period_start", "period_end", "period_as_at", "start", "end", "as_at"})
"""Columns whose cells are dates."""

LINKS = frozenset({"links_self", "links_html", "links_source", "links_origin"})
"""Columns whose cells are relative addresses, which a file has to complete with the server's own."""

MOST_IDS = 20
"""The most ids listed for a caution, as for warnings."""

WIDTHS = {"statement": 60, "notes": 40, "citation": 40, "label": 30, "measure_label": 50, "id": 36}
"""Widths of columns that differ from the default, in characters."""

SOURCE_COLUMNS = ("id", "title", "publisher", "published", "url", "kind", "who_counted")

WarningRow = tuple[str, str, Sequence[str], int]
"""A warning: a code, a sentence, the ids of some of the records, and how many there are."""


@dataclass(frozen=True)
class About:
    """What a workbook says about its list."""

    title: str
    """The name of the first sheet."""
    released_at: datetime
    public_address: str
    facts: Mapping[str, str]
    """How to cite it, and its release and address."""
    warnings: Sequence[WarningRow] = ()
    """Warnings about the list as a whole."""
    sources: Mapping[str, Sequence[str | None]] | None = None
    """Rows of `SOURCE_COLUMNS` for the sources that records may name, by id; None if the list isn't of records."""


async def write_xlsx(
    batches: AsyncIterator[Sequence[str]], columns: Sequence[Column], about: About
) -> AsyncIterator[bytes]:
    """Yield a workbook, piece by piece, once it is complete.

    Records must include their id, cautions and evidence, whatever the columns.
    """
    with TemporaryDirectory(prefix="upheld-") as folder:
        book = await asyncio.to_thread(_Book, Path(folder), columns, about)
        try:
            async for documents in batches:
                await asyncio.to_thread(book.add, documents)
            path = await asyncio.to_thread(book.finish)
        finally:
            book.drop()
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, PIECE):
                yield piece


class _Book:
    """A workbook that is being written."""

    def __init__(self, folder: Path, columns: Sequence[Column], about: About) -> None:
        from xlsxwriter import Workbook  # noqa: PLC0415 - takes a tenth of a second, which only workbooks need

        self._path = folder / "list.xlsx"
        self._columns, self._about = columns, about
        self._book = Workbook(
            str(self._path), {"constant_memory": True, "tmpdir": str(folder), "default_date_format": "yyyy-mm-dd"}
        )
        self._book.set_properties({"title": about.title, "created": about.released_at.astimezone(UTC)})
        self._bold = self._book.add_format({"bold": True})
        widths = [WIDTHS.get(column.header, 16) for column in columns]
        self._main = self._sheet(about.title, [column.header for column in columns], widths)
        self._named: dict[str, None] = {}
        """The sources of the records so far."""
        self._cautions: dict[str, list[str]] = {}
        """The ids of the first records with each caution."""
        self._cautious: Counter[str] = Counter()
        """How many records have each caution."""
        self._rows = 0
        if about.sources is not None:
            self._caution_sheet = self._sheet("Cautions", ["code", "meaning", "records", "ids"], [24, 100, 10, 100])

    def add(self, documents: Iterable[str]) -> None:
        """Write rows, and collect their cautions and sources."""
        for document in documents:
            row = orjson.loads(document)
            self._rows += 1
            for place, column in enumerate(self._columns):
                self._cell(self._main, self._rows, place, column, row)
            if self._about.sources is not None:
                for code in row["cautions"]:
                    self._cautious[code] += 1
                    if self._cautious[code] <= MOST_IDS:
                        self._cautions.setdefault(code, []).append(row["id"])
                self._named.update(dict.fromkeys(evidence["source"] for evidence in row["evidence"]))

    def finish(self) -> Path:
        """Write the cautions, the citation and the sources, and return the file's path."""
        sources = self._about.sources
        if sources is not None:
            self._write_cautions()
        last = self._book.add_worksheet("Citation" if sources is None else "Sources")
        last.set_column(0, 0, 36)
        last.set_column(1, len(SOURCE_COLUMNS), 50)
        rows: list[Sequence[str | None]] = [*self._about.facts.items()]
        for number, row in enumerate(rows):
            self._texts(last, number, row)
        if sources is not None:
            rows += [(), SOURCE_COLUMNS]
            self._texts(last, len(rows) - 1, SOURCE_COLUMNS, self._bold)
            for number, source in enumerate(sorted(self._named), len(rows)):
                self._texts(last, number, sources[source])
        self._book.close()
        return self._path

    def drop(self) -> None:
        """Close the temporary files of a workbook that wasn't finished."""
        for sheet in self._book.worksheets():
            with suppress(AttributeError):
                sheet.row_data_fh.close()

    def _sheet(self, name: str, header: Sequence[str], widths: Sequence[int]) -> "Worksheet":
        sheet = self._book.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(1, 0)
        self._texts(sheet, 0, header, self._bold)
        return sheet

    def _write_cautions(self) -> None:
        """Write the warnings of the list, then each caution once with the ids of some records that have it."""
        found = [one for one in Caution if self._cautious[one]]
        rows = [*self._about.warnings]
        rows += [(one, one.definition, self._cautions[one], self._cautious[one]) for one in found]
        for place, (code, meaning, ids, number) in enumerate(rows, 1):
            more = [f"and {number - len(ids)} more"] if number > len(ids) else []
            self._texts(self._caution_sheet, place, (code, meaning, None, " ".join([*ids, *more])))
            if number:
                self._caution_sheet.write_number(place, 2, number)

    def _texts(self, sheet: "Worksheet", number: int, row: Sequence[str | None], style: Any = None) -> None:  # noqa: ANN401 - XlsxWriter has no types
        for place, text in enumerate(row):
            if text is not None:
                sheet.write_string(number, place, self._fitting(text), style)

    def _cell(self, sheet: "Worksheet", number: int, place: int, column: Column, row: Mapping[str, Any]) -> None:
        match column.value(row):
            case None:
                pass
            case bool(value):
                sheet.write_boolean(number, place, value)
            case int(value) | float(value):
                sheet.write_number(number, place, value)
            case str(value) if column.header in LINKS:
                # As text: XlsxWriter would keep clickable links in memory, 0.6 kB each.
                sheet.write_string(number, place, self._about.public_address + value)
            case str(value) if column.header in DAYS and DAY.fullmatch(value):
                sheet.write_datetime(number, place, date.fromisoformat(value))
            case value:
                # As text, even if it looks like a formula or a URL.
                sheet.write_string(number, place, self._fitting(text_of(column, value)))

    def _fitting(self, text: str) -> str:
        whole = text.replace(PUBLIC_ADDRESS, self._about.public_address)
        return whole if len(whole) <= MAX_TEXT else whole[: MAX_TEXT - len(CUT)] + CUT

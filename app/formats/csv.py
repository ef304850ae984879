"""The forms in which a list of records goes out whole: CSV and JSON Lines. Choices are a table."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import BaseModel

from app.domain.records import Base, Coverage, Period, Published
from app.releases.rendering import FigureAnswer, ForceName, IncidentAnswer, RecordLinks

FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would run, also in characters of full width (OWASP, CSV injection)."""

BYTE_ORDER_MARK = "\ufeff"

NESTED: dict[str, type[BaseModel]] = {
    "force": ForceName,
    "period": Period,
    "published": Published,
    "base": Base,
    "coverage": Coverage,
    "links": RecordLinks,
}
"""Fields that are flattened into a column for each of their own."""

AS_JSON = frozenset({"evidence", "related"})


@dataclass(frozen=True)
class Column:
    """A column of the CSV form: its header and where its cells come from."""

    header: str
    path: tuple[str, ...]


def columns(model: type[BaseModel]) -> list[Column]:
    """Return the columns of a record's CSV form, in the order of its fields."""
    found = []
    for name in model.model_fields:
        if name in NESTED:
            found += [Column(f"{name}_{part}", (name, part)) for part in NESTED[name].model_fields]
        else:
            found.append(Column(name, (name,)))
    return found


FIGURE_COLUMNS = columns(FigureAnswer)
INCIDENT_COLUMNS = columns(IncidentAnswer)


def cell(column: Column, record: dict[str, Any]) -> str:
    """Write one cell: null as nothing, lists joined with `|`, what a spreadsheet would run made safe."""
    value: Any = record
    for step in column.path:
        value = None if value is None else value[step]
    if value is None:
        return ""
    if isinstance(value, bool | int | float) or column.header in AS_JSON:
        return orjson.dumps(value).decode()
    if isinstance(value, dict):
        value = [f"{dimension}={category}" for dimension, category in value.items()]
    return harmless(value if isinstance(value, str) else "|".join(map(escaped, value)))


def escaped(item: str) -> str:
    """Write an item of a list so that the list can be taken apart again."""
    return item.replace("\\", "\\\\").replace("|", "\\|")


def harmless(text: str) -> str:
    """Keep a spreadsheet from running a text: an apostrophe goes before what would begin a formula.

    One goes as well before a text that already looks so treated, so that taking it off again is safe.
    """
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def csv_lines(documents: Iterable[str], layout: Sequence[Column]) -> str:
    """Write records as CSV lines (RFC 4180), without the header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for document in documents:
        record = orjson.loads(document)
        writer.writerow([cell(column, record) for column in layout])
    return out.getvalue()


def header(layout: Sequence[Column]) -> str:
    """Write the header row."""
    return ",".join(column.header for column in layout) + "\r\n"


async def to_csv(batches: AsyncIterator[list[str]], layout: Sequence[Column], *, bom: bool) -> AsyncIterator[bytes]:
    """Write batches of records as CSV with a header row, whole, in bounded memory."""
    yield ((BYTE_ORDER_MARK if bom else "") + header(layout)).encode()
    async for documents in batches:
        yield csv_lines(documents, layout).encode()


async def to_jsonl(
    batches: AsyncIterator[list[str]],
    layout: Sequence[Column],  # noqa: ARG001 - a form that has no columns
    *,
    bom: bool,  # noqa: ARG001 - nor a mark
) -> AsyncIterator[bytes]:
    """Write batches of records as JSON Lines."""
    async for documents in batches:
        yield "".join(f"{document}\n" for document in documents).encode()


@dataclass(frozen=True)
class Form:
    """A form in which the whole of a filtered set goes out."""

    media_type: str
    write: Callable[..., AsyncIterator[bytes]]


WHOLE_SET = {
    "csv": Form("text/csv; charset=utf-8; header=present", to_csv),
    "jsonl": Form("application/jsonl", to_jsonl),
}

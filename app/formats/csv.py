"""Records as CSV (RFC 4180), with a header row."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

import orjson

from app.formats.columns import Column, cell


def header(columns: Sequence[Column]) -> str:
    """Return the header row."""
    return ",".join(column.header for column in columns) + "\r\n"


def csv_rows(documents: Iterable[str], columns: Sequence[Column]) -> str:
    """Return JSON documents as CSV rows, without the header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for document in documents:
        record = orjson.loads(document)
        writer.writerow([cell(column, record) for column in columns])
    return out.getvalue()


async def write_csv(
    batches: AsyncIterator[Sequence[str]], columns: Sequence[Column], _: object = None
) -> AsyncIterator[bytes]:
    """Yield batches of records as CSV, with one batch in memory at a time."""
    yield header(columns).encode()
    async for documents in batches:
        yield csv_rows(documents, columns).encode()

"""Write a data package as one zip file, piece by piece and in bounded memory.

The same release always gives the same bytes: rows are sorted by key, and every file has the release's date.
"""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson

from app.formats.csv import csv_rows, header
from app.formats.datapackage import TABLES, Contents, Table, descriptor, readme
from app.formats.lists import Batches
from app.releases.rendering import PUBLIC_ADDRESS

MANY_RECORDS = 200_000
"""With more records than this, a file may exceed 2 GiB and need zip64, which some old tools can't read."""


async def zipped(contents: Contents, tables: Mapping[str, Batches]) -> AsyncIterator[bytes]:
    """Yield a data package; `tables` has each table's rows as JSON documents."""
    buffer = _Buffer()
    files = {}
    with ZipFile(buffer, "w") as archive:
        archive.writestr(_entry("README.md", contents), readme(contents))
        zip64 = contents.counts.figures + contents.counts.incidents > MANY_RECORDS
        for name, table in TABLES.items():
            with archive.open(_entry(f"{name}.csv", contents), "w", force_zip64=zip64) as file:
                csv_file = _CsvFile(file, table, contents.public)
                async for documents in tables[name]:
                    await asyncio.to_thread(csv_file.add, documents)
                    # An empty chunk would end the HTTP response.
                    if buffer.content:
                        yield buffer.take()
            files[name] = csv_file.facts
        # The descriptor goes last, because it lists the sizes and digests of the other files.
        described = orjson.dumps(descriptor(contents, files), option=orjson.OPT_INDENT_2)
        archive.writestr(_entry("datapackage.json", contents), described)
    yield buffer.take()


def _entry(name: str, contents: Contents) -> ZipInfo:
    """Return a file's zip entry, which doesn't depend on the machine or the current time."""
    at = contents.release.published_at.astimezone(UTC)
    entry = ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
    entry.compress_type = ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


class _Buffer(io.RawIOBase):
    """A file object that buffers what is written until it is taken."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any object that holds bytes
        self.content += data
        return len(data)

    def take(self) -> bytes:
        """Return the content and clear the buffer."""
        content = bytes(self.content)
        self.content.clear()
        return content


class _CsvFile:
    """A CSV file in the package, with its size and digest."""

    def __init__(self, file: IO[bytes], table: Table, public: str) -> None:
        self._file, self._table, self._public = file, table, public
        self._size, self._sha256 = 0, hashlib.sha256()
        self._write(header(table.columns))

    def add(self, documents: Iterable[str]) -> None:
        """Write rows."""
        self._write(csv_rows(documents, self._table.columns))

    def _write(self, text: str) -> None:
        data = text.replace(PUBLIC_ADDRESS, self._public).encode()
        self._size += self._file.write(data)
        self._sha256.update(data)

    @property
    def facts(self) -> dict[str, Any]:
        """The size and digest, under the names used in the descriptor."""
        return {"bytes": self._size, "hash": f"sha256:{self._sha256.hexdigest()}"}

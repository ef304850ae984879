"""The formats for whole lists. Add a format here and every list offers it.

`LIST_FORMATS` drives the `format` parameter, content negotiation, `Content-Type`, the OpenAPI document and the
downloads of the dataset.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from app.formats.columns import Column
from app.formats.csv import write_csv
from app.formats.xlsx import About, write_xlsx

BYTE_ORDER_MARK = "\ufeff".encode()

Batches = AsyncIterator[Sequence[str]]
"""Records as JSON documents, in batches."""


@dataclass(frozen=True)
class ListFormat:
    """A format for a whole list, never a page."""

    label: str
    content_type: str
    """The media type with its parameters."""
    description: str
    write: Callable[[Batches, Sequence[Column], About], AsyncIterator[bytes]]
    allows_bom: bool = False
    """Whether it may start with a byte order mark, which some spreadsheets need to recognise UTF-8."""
    is_binary: bool = False
    """Whether it is binary, not text."""
    version: str = ""
    """The version of the library that writes it, which can change its bytes."""

    @property
    def media_type(self) -> str:
        """The media type without parameters, for content negotiation."""
        return self.content_type.partition(";")[0]

    @property
    def schema(self) -> dict[str, str]:
        """Its JSON Schema. In OpenAPI 3.1, binary content has a media type but no type."""
        described = {"contentMediaType": self.media_type} if self.is_binary else {"type": "string"}
        return {**described, "description": self.description}


async def write_jsonl(batches: Batches, _columns: Sequence[Column], _about: object = None) -> AsyncIterator[bytes]:
    """Yield batches of records as JSON Lines: one object on each line."""
    async for documents in batches:
        yield "".join(f"{document}\n" for document in documents).encode()


LIST_FORMATS = {
    "csv": ListFormat(
        "CSV",
        "text/csv; charset=utf-8; header=present",
        "A header row, then one row for each item.",
        write_csv,
        allows_bom=True,
    ),
    "jsonl": ListFormat(
        "JSON Lines", "application/jsonl", "One JSON object for each item, each on its own line.", write_jsonl
    ),
    "xlsx": ListFormat(
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "A workbook: the items with typed cells, what to be careful about, and the sources.",
        write_xlsx,
        is_binary=True,
        version=version("xlsxwriter"),
    ),
}
"""Every list format except JSON, which comes in pages."""

MEDIA_TYPES = {"json": "application/json"} | {name: found.media_type for name, found in LIST_FORMATS.items()}
"""The media type of each value of `format` on lists."""

*_others, _last = (found.label for found in LIST_FORMATS.values())
LABELS = f"{', '.join(_others)} or {_last}"
"""The formats as a phrase, such as "CSV, JSON Lines or Excel"."""

LABELS_WITH_BOM = " or ".join(found.label for found in LIST_FORMATS.values() if found.allows_bom)
"""The formats that may start with a byte order mark, as a phrase."""


async def written(
    name: str, batches: Batches, columns: Sequence[Column], about: About, *, bom: bool = False
) -> AsyncIterator[bytes]:
    """Yield a list in the named format, piece by piece."""
    if bom:
        yield BYTE_ORDER_MARK
    async for piece in LIST_FORMATS[name].write(batches, columns, about):
        yield piece


async def one_batch(documents: Iterable[str]) -> Batches:
    """Yield documents as a single batch."""
    yield list(documents)

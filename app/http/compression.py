"""Compression of answers, whole or piece by piece."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

import brotli

from app.formats.lists import LIST_FORMATS

LARGE = 50_000
"""Bytes from which compression runs in a thread, so that it doesn't hold up other requests."""

SMALLEST = 500
"""Bytes below which an answer fits into one packet uncompressed."""

COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/xml",
    "application/javascript",
    "application/x-bibtex",
    "image/svg+xml",
    *(found.media_type for found in LIST_FORMATS.values() if not found.is_binary),
)
COMPRESSIBLE_SUFFIXES = ("+json", "+xml")


class Encoder(Protocol):
    """An encoder that compresses a body piece by piece; clients can decode each piece as it arrives."""

    def add(self, piece: bytes) -> bytes:
        """Return a piece, compressed."""

    def end(self) -> bytes:
        """Return the end of the body."""


class Brotli:
    """Brotli (RFC 7932), at a quality as fast as gzip but smaller."""

    def __init__(self) -> None:
        """Start a body."""
        self._compressor = brotli.Compressor(quality=4)

    def add(self, piece: bytes) -> bytes:
        """Return a piece, compressed."""
        return bytes(self._compressor.process(piece) + self._compressor.flush())

    def end(self) -> bytes:
        """Return the end of the body."""
        return bytes(self._compressor.finish())


class Gzip:
    """Gzip (RFC 1952), which every client reads; without a timestamp, so equal bodies stay equal."""

    def __init__(self) -> None:
        """Start a body."""
        self._compressor = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def add(self, piece: bytes) -> bytes:
        """Return a piece, compressed."""
        return self._compressor.compress(piece) + self._compressor.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        """Return the end of the body."""
        return self._compressor.flush()


ENCODERS: Mapping[str, Callable[[], Encoder]] = {"br": Brotli, "gzip": Gzip}


def is_compressible(media_type: str) -> bool:
    """Whether compression makes a body of this media type smaller."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain.startswith(COMPRESSIBLE) or plain.endswith(COMPRESSIBLE_SUFFIXES)


async def compress(body: bytes, encoding: str) -> bytes:
    """Return a whole body, compressed."""
    encoder = ENCODERS[encoding]()
    return await _run(lambda: encoder.add(body) + encoder.end(), len(body))


async def compress_pieces(pieces: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """Yield the pieces of a body, compressed."""
    encoder = ENCODERS[encoding]()
    async for piece in pieces:
        yield await _run(lambda piece=piece: encoder.add(piece), len(piece))  # type: ignore[misc] # bound now
    yield encoder.end()


async def _run(encode: Callable[[], bytes], size: int) -> bytes:
    return await asyncio.to_thread(encode) if size >= LARGE else encode()

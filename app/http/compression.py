"""Compression of answers, whole or piece by piece."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import NamedTuple

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


class Encoder(NamedTuple):
    """Functions that compress a body piece by piece; clients can decode each piece as it arrives."""

    add: Callable[[bytes], bytes]
    end: Callable[[], bytes]


def _brotli() -> Encoder:
    """Return an encoder for Brotli (RFC 7932), at a quality as fast as gzip but smaller."""
    compressor = brotli.Compressor(quality=4)
    return Encoder(lambda piece: compressor.process(piece) + compressor.flush(), compressor.finish)


def _gzip() -> Encoder:
    """Return an encoder for gzip (RFC 1952), without a timestamp, so equal bodies stay equal."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return Encoder(lambda piece: compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH), compressor.flush)


ENCODERS: Mapping[str, Callable[[], Encoder]] = {"br": _brotli, "gzip": _gzip}


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
        yield await _run(partial(encoder.add, piece), len(piece))
    yield encoder.end()


async def _run(encode: Callable[[], bytes], size: int) -> bytes:
    return await asyncio.to_thread(encode) if size >= LARGE else encode()

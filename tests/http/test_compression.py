"""Compression: the client's preferred encoding, a tag for each encoding, and streams that stay streams."""

import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import brotli
import pytest
from httpx import AsyncClient, Response

from app.http.compression import compress_pieces, is_compressible

pytestmark = pytest.mark.anyio

LONG = "/v1/codes"
SHORT = "/v1/forces/kent"
STREAM = "/v1/figures?format=csv"

DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": lambda data: zlib.decompress(data, 16 + zlib.MAX_WBITS),
    "identity": bytes,
}


async def raw(client: AsyncClient, address: str, encoding: str | None, **more: Any) -> tuple[Response, bytes]:  # noqa: ANN401
    """Request an address, and return the answer with its bytes as sent."""
    headers = {"Accept-Encoding": encoding, **more} if encoding is not None else more
    request = client.build_request("GET", address, headers=headers)
    if encoding is None:
        del request.headers["Accept-Encoding"]
    answer = await client.send(request, stream=True)
    return answer, b"".join([piece async for piece in answer.aiter_raw()])


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("identity", "identity"),
        ("zstd", "identity"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br", "br"),
        ("*", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.9", "gzip"),
        ("gzip;q=0.5, br;q=0", "gzip"),
        ("br;q=0, gzip;q=0", "identity"),
        ("identity;q=0.5, gzip;q=0.1", "identity"),
        ("identity, br", "br"),
        ("identity;q=0, gzip", "gzip"),
        ("*;q=0, gzip", "gzip"),
        ("*;q=0.1, br;q=0", "gzip"),
    ],
)
@pytest.mark.parametrize("address", [LONG, STREAM])
async def test_the_encoding_that_is_liked_best(
    client: AsyncClient, address: str, header: str | None, encoding: str
) -> None:
    """An answer uses the client's preferred encoding, br before gzip, with the same content in each."""
    _, plain = await raw(client, address, "identity")
    answer, body = await raw(client, address, header)
    assert answer.headers.get("content-encoding", "identity") == encoding
    assert DECODERS[encoding](body) == plain
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    if "content-length" in answer.headers:
        assert int(answer.headers["content-length"]) == len(body)
    if address == LONG and encoding != "identity":
        assert len(body) < len(plain) / 3


@pytest.mark.parametrize("header", ["identity;q=0", "*;q=0", "zstd, identity;q=0"])
@pytest.mark.parametrize("address", [LONG, SHORT, STREAM, "/health/live", "/metrics"])
async def test_a_client_that_accepts_nothing(client: AsyncClient, address: str, header: str) -> None:
    """A client that excludes plain answers and all our encodings gets 406, uncompressed."""
    answer, _ = await raw(client, address, header)
    assert answer.status_code == 406
    assert "content-encoding" not in answer.headers


async def test_short_answers_stay_plain(client: AsyncClient) -> None:
    """Short answers aren't compressed, unless plain answers are refused."""
    answer, body = await raw(client, SHORT, "gzip, br")
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    refused, encoded = await raw(client, SHORT, "gzip, identity;q=0")
    assert refused.headers["content-encoding"] == "gzip"
    assert DECODERS["gzip"](encoded) == body
    assert refused.headers["etag"] != answer.headers["etag"]


@pytest.mark.parametrize("address", [LONG, STREAM, "/v1/figures?format=jsonl", "/v1/releases.atom"])
async def test_tags_differ_by_encoding_and_are_strong(client: AsyncClient, address: str) -> None:
    """Each encoding is its own representation, with a tag that gives 304."""
    tags = {}
    for encoding in DECODERS:
        answer, _ = await raw(client, address, encoding)
        tag = tags[encoding] = answer.headers["etag"]
        assert tag[0] == tag[-1] == '"'
        for named in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again, body = await raw(client, address, encoding, **{"If-None-Match": named})
            assert (again.status_code, body, again.headers["etag"]) == (304, b"", tag), named
            assert "content-encoding" not in again.headers
            assert again.headers["vary"] == "Accept, Accept-Encoding"
    assert len(set(tags.values())) == len(DECODERS)
    assert tags["br"] == f'{tags["identity"][:-1]}-br"'


@pytest.mark.parametrize(
    ("copy", "accepted", "status"),
    [("gzip", "br", 200), ("gzip", "gzip, br", 200), ("br", "gzip, br", 304), ("identity", "br", 200)],
)
@pytest.mark.parametrize("address", [LONG, STREAM])
async def test_a_copy_counts_if_the_answer_would_be_the_same(
    client: AsyncClient, address: str, copy: str, accepted: str, status: int
) -> None:
    """A tag is compared only with the tag of the representation that the client would get now."""
    tag = (await raw(client, address, copy))[0].headers["etag"]
    answer, _ = await raw(client, address, accepted, **{"If-None-Match": tag})
    assert answer.status_code == status
    assert (answer.headers["etag"] == tag) is (status == 304)


@pytest.mark.parametrize("encoding", DECODERS)
@pytest.mark.parametrize("address", [LONG, SHORT, STREAM, "/v1/nothing", "/v1/figures?limit=0", "/docs"])
async def test_head_is_get_without_a_body(client: AsyncClient, address: str, encoding: str) -> None:
    """HEAD has the headers of GET in every encoding."""
    own = {"x-request-id", "date"}
    got, _ = await raw(client, address, encoding)
    head = await client.head(address, headers={"Accept-Encoding": encoding})
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert {k: v for k, v in head.headers.items() if k not in own} == {
        k: v for k, v in got.headers.items() if k not in own
    }


async def test_errors_are_compressed_too(client: AsyncClient) -> None:
    """Long errors are compressed too, and have no tag."""
    answer, body = await raw(client, "/v1/figures?forse=x&unit=y&sort=z", "br")
    assert (answer.status_code, answer.headers["content-encoding"]) == (422, "br")
    assert b"unknown-parameter" in brotli.decompress(body)
    assert "etag" not in answer.headers


# --- streams ---------------------------------------------------------------------------------------------------


async def pieces_of(*pieces: bytes, breaks: bool = False) -> AsyncIterator[bytes]:
    """Yield the pieces of a stream, which may break."""
    for piece in pieces:
        yield piece
    if breaks:
        raise RuntimeError


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_pieces_can_be_read_as_they_arrive(encoding: str) -> None:
    """A client can read each piece of a stream before the next one is sent."""
    pieces = [b"id,value\r\n", b"a,1\r\n" * 100, b"b,2\r\n"]
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress
    unbrotli = brotli.Decompressor().process
    read = {"gzip": unzip, "br": unbrotli}[encoding]
    sent = [piece async for piece in compress_pieces(pieces_of(*pieces), encoding)]
    assert [read(piece) for piece in sent[: len(pieces)]] == pieces


async def test_a_stream_that_breaks_looks_broken() -> None:
    """A stream that breaks off isn't closed as if it were complete."""
    decompressor = brotli.Decompressor()

    async def read() -> None:
        async for piece in compress_pieces(pieces_of(b"id,value\r\n", breaks=True), "br"):
            decompressor.process(piece)

    with pytest.raises(RuntimeError):
        await read()
    assert not decompressor.is_finished()


@pytest.mark.parametrize(
    ("media_type", "is_worth_it"),
    [
        ("application/json", True),
        ("text/csv; charset=utf-8; header=present", True),
        ("application/problem+json", True),
        ("image/svg+xml", True),
        ("image/png", False),
        ("application/zip", False),
    ],
)
def test_what_is_compressed(media_type: str, is_worth_it: bool) -> None:  # noqa: FBT001 - a parameter
    """Text is compressed; content that is already compressed isn't."""
    assert is_compressible(media_type) is is_worth_it


async def test_a_zip_file_travels_as_it_is(client: AsyncClient) -> None:
    """The data package is already compressed, so it's sent as it is."""
    answer, _ = await raw(client, "/v1/export.zip", "gzip, br")
    assert "content-encoding" not in answer.headers

"""Compression: chosen as the client likes, each encoding with a tag of its own, a stream still a stream."""

import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import brotli
import pytest
from httpx import AsyncClient, Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.http.compression import ENCODERS, Compress, acceptable

pytestmark = pytest.mark.anyio

LONG = "/v1/codes"
SHORT = "/v1/total?id=met-2012-2018-complaints"
STREAM = "/v1/figures?format=csv"

DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": lambda data: zlib.decompress(data, 16 + zlib.MAX_WBITS),
    "identity": bytes,
}


async def raw(client: AsyncClient, address: str, encoding: str | None, **more: Any) -> tuple[Response, bytes]:  # noqa: ANN401
    """Ask for an address, and return the answer with its bytes as they came."""
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
    """An answer comes in the encoding that the client likes best, br before gzip, and says the same in each."""
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
@pytest.mark.parametrize("address", [LONG, SHORT, STREAM, "/v1/nothing", "/health/live"])
async def test_who_takes_nothing_is_told(client: AsyncClient, address: str, header: str) -> None:
    """Whoever refuses plain answers and takes no encoding that there is gets a problem, in plain."""
    answer, _ = await raw(client, address, header)
    assert answer.status_code == 406
    assert "content-encoding" not in answer.headers


async def test_short_answers_stay_plain(client: AsyncClient) -> None:
    """What is short is not compressed, unless plain answers are refused."""
    answer, body = await raw(client, SHORT, "gzip, br")
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    refused, encoded = await raw(client, SHORT, "gzip, identity;q=0")
    assert refused.headers["content-encoding"] == "gzip"
    assert DECODERS["gzip"](encoded) == body
    assert refused.headers["etag"] != answer.headers["etag"]


@pytest.mark.parametrize("address", [LONG, STREAM, "/v1/figures?format=jsonl", "/v1/releases.atom"])
async def test_tags_differ_by_encoding_and_are_strong(client: AsyncClient, address: str) -> None:
    """Each encoding is a representation of its own, whose tag is confirmed as it is."""
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
    [
        ("gzip", "br", 200),
        ("gzip", "br, gzip;q=0", 200),
        ("gzip", "identity", 200),
        ("br", "gzip, br", 304),
        ("gzip", "gzip, br", 304),
        ("identity", "gzip, br", 304),
        ("identity", "gzip, identity;q=0", 200),
    ],
)
@pytest.mark.parametrize("address", [LONG, STREAM])
async def test_a_copy_counts_if_its_encoding_is_still_taken(
    client: AsyncClient, address: str, copy: str, accepted: str, status: int
) -> None:
    """A copy in an encoding that the client takes is good; the answer names that copy's tag, not another."""
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
    """A long refusal is as well worth it as an answer, and has no tag."""
    answer, body = await raw(client, "/v1/figures?forse=x&unit=y&sort=z", "br")
    assert (answer.status_code, answer.headers["content-encoding"]) == (422, "br")
    assert b"unknown-parameter" in brotli.decompress(body)
    assert "etag" not in answer.headers


@given(st.text(alphabet=st.characters(max_codepoint=255)))
def test_no_header_does_harm(header: str) -> None:
    """Whatever `Accept-Encoding` says, what it is read as are encodings that there are."""
    assert set(acceptable(header)) <= {*ENCODERS, "identity"}


# --- streams ---------------------------------------------------------------------------------------------------


async def sent_by(app: Callable[[Scope, Receive, Send], Any], encoding: str) -> list[Message]:
    """Return the messages of a compressed application."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"accept-encoding", encoding.encode())]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "asgi": {"spec_version": "2.4"}}
    await Compress(app)(scope, receive, send)
    return sent


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_pieces_can_be_read_as_they_arrive(encoding: str) -> None:
    """A client reads each piece of a stream when it is sent, and need not wait for the next."""
    pieces = [b"id,value\r\n", b"a,1\r\n" * 100, b"b,2\r\n"]

    async def lines() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    start, *bodies = await sent_by(StreamingResponse(lines(), media_type="text/csv"), encoding)
    assert b"content-length" not in dict(start["headers"])
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress
    unbrotli = brotli.Decompressor().process
    read = {"gzip": unzip, "br": unbrotli}[encoding]
    assert [read(message["body"]) for message in bodies[: len(pieces)]] == pieces
    assert [message["more_body"] for message in bodies] == [True] * len(pieces) + [False]


async def test_a_stream_that_breaks_looks_broken() -> None:
    """What ends in the middle is not closed as if it were whole."""
    sent: list[Message] = []

    async def lines() -> AsyncIterator[bytes]:
        yield b"id,value\r\n"
        raise RuntimeError

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [(b"accept-encoding", b"br")],
        "asgi": {"spec_version": "2.4"},
    }
    with pytest.raises(RuntimeError):
        await Compress(StreamingResponse(lines(), media_type="text/csv"))(scope, receive, send)
    assert all(message["more_body"] for message in sent[1:])
    decompressor = brotli.Decompressor()
    decompressor.process(b"".join(message["body"] for message in sent[1:]))
    assert not decompressor.is_finished()


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (204, []),
        (206, [(b"content-type", b"text/plain"), (b"content-range", b"bytes 0-999/2000")]),
        (200, [(b"content-type", b"image/png")]),
        (200, [(b"content-type", b"application/zip")]),
        (200, [(b"content-type", b"text/plain"), (b"content-encoding", b"zstd")]),
        (200, []),
    ],
)
async def test_what_is_not_touched(status: int, headers: list[tuple[bytes, bytes]]) -> None:
    """No body, a part of one, what is compressed already and what is no text stay as they are."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - an application
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": b"a" * 1000})

    start, body = await sent_by(answer, "gzip")
    assert (start["status"], start["headers"], body["body"]) == (status, headers, b"a" * 1000)

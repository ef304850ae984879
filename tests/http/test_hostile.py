"""Hostile requests, some over a real connection: they are refused as documented, at little cost."""

import re
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
from httpx import AsyncClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.dataset import Source
from app.domain.periods import PeriodError, Span, read_period
from app.http.negotiation import ENCODINGS, IDENTITY, encodings, preferences, preferred
from app.http.openapi import operations
from app.http.server import MAX_HEAD, MAX_HEADER
from app.main import create_app
from app.queries.cursor import read_cursor
from app.queries.errors import BadQueryError
from app.queries.query import MAX_PAIRS, read_pairs
from app.settings import PROJECT
from tests import made
from tests.api import PUBLIC
from tests.postgresql import new_database

pytestmark = pytest.mark.anyio

Body = dict[str, Any]

PROGRAMS = Path(sys.executable).parent
PATIENCE = 60.0

OPERATIONS = dict(operations(create_app("postgresql://nobody@localhost/nothing", PUBLIC).openapi()))
FORMS = {"json": "application/json", "csv": "text/csv", "jsonl": "application/jsonl"}


# --- a real server ---------------------------------------------------------------------------------------------


class Live:
    """A running server and its log."""

    def __init__(self, port: int, log: Path) -> None:
        """Store the server's port and log."""
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self._log = log

    def faults(self) -> list[Body]:
        """Return the errors that the server logged."""
        lines = [orjson.loads(line) for line in self._log.read_bytes().splitlines() if line.startswith(b"{")]
        return [line for line in lines if line["level"] not in {"info", "warning"} or "exception" in line]


@pytest.fixture(scope="module")
def live(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Yield a real server process over the project's own seeds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("live") / "log"
    with new_database(server) as address, log.open("wb") as into:
        command = [str(PROGRAMS / "upheld"), "serve", "--port", str(port)]
        environment = {"DATABASE_URL": address, "UPHELD_PUBLIC_URL": PUBLIC}
        with subprocess.Popen(command, env=environment, stdout=into, stderr=into) as program:  # noqa: S603 - our own
            try:
                found = Live(port, log)
                deadline = time.monotonic() + PATIENCE
                while not is_ready(found):
                    assert program.poll() is None, log.read_text()
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
                yield found
            finally:
                program.terminate()


def is_ready(server: Live) -> bool:
    """Return whether a server is ready, with its description, which can take seconds on a busy machine."""
    paths = "/health/ready", "/openapi.json"
    try:
        return all(httpx.get(server.address + path, trust_env=False).is_success for path in paths)
    except httpx.TransportError:
        return False


def test_every_address_keeps_to_its_description(live: Live, tmp_path: Path) -> None:
    """Every endpoint answers as described, to requests that the description allows and to others.

    All checks of Schemathesis run on examples, the edges of every schema, generated requests and walks along links;
    the requests are always the same.
    """
    report = tmp_path / "report.json"
    command = [str(PROGRAMS / "schemathesis"), "--config-file", str(PROJECT / "tests" / "schemathesis.toml")]
    command += ["--no-color", "run", f"{live.address}/openapi.json", "--checks", "all"]
    command += ["--continue-on-failure", "--report-json-path", str(report)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 - a tool
    assert ran.returncode == 0, ran.stdout[-5_000:] + ran.stderr[-1_000:]
    assert f"Tested: {len(OPERATIONS)}" in ran.stdout
    assert re.search(r"(\d{4}) generated, \1 passed", ran.stdout)
    assert report.exists()
    assert live.faults() == []


LIVE = b"GET /health/live HTTP/1.1\r\nHost: upheld.test\r\n"
HIDDEN = b"GET /v1/hidden HTTP/1.1\r\nHost: upheld.test\r\n\r\n"
"""A smuggled request, which a server would answer too if it read lengths differently from its proxy."""

REFUSED: Mapping[str, bytes] = {
    "length and chunks": LIVE + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and length": LIVE + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": LIVE + b"Content-Length: 0\r\nContent-Length: 52\r\n\r\n" + HIDDEN,
    "negative length": LIVE + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "length with a sign": LIVE + b"Content-Length: +5\r\n\r\nhello" + HIDDEN,
    "length beyond all": LIVE + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "unknown coding": LIVE + b"Transfer-Encoding: xchunked\r\n\r\n" + HIDDEN,
    "chunks not last": LIVE + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "space before the colon": LIVE + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "no size of a chunk": LIVE + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n" + HIDDEN,
    "folded header": LIVE + b"X-A: a\r\n b\r\n\r\n",
    "lines without CR": b"GET /health/live HTTP/1.1\nHost: upheld.test\n\n",
    "CR in a header": LIVE + b"X-A: a\rX-B: b\r\n\r\n",
    "NUL in a header": LIVE + b"X-A: a\0b\r\n\r\n",
    "NUL in the address": b"GET /health/live\0 HTTP/1.1\r\nHost: upheld.test\r\n\r\n",
    "bytes in the address": b"GET /v1/figures?force=\xff\xfe HTTP/1.1\r\nHost: upheld.test\r\n\r\n",
    "a proxy's method": b"CONNECT upheld.test:443 HTTP/1.1\r\nHost: upheld.test\r\n\r\n",
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no version": b"GET /health/live HTTP/9.9\r\nHost: upheld.test\r\n\r\n",
    "an address without end": b"GET /v1/" + b"a" * MAX_HEAD,
    "a header without end": LIVE + b"X-A: " + b"a" * MAX_HEAD,
    "a large header": LIVE + b"Accept: " + b"a" * (MAX_HEADER + 1) + b"\r\n\r\n" + HIDDEN,
    "headers without end": LIVE + b"X-A: a\r\n" * (MAX_HEAD // 8),
}
"""Requests that can be read in more than one way, or not at all."""


def sent(server: Live, request: bytes, piece: int = 8_192) -> bytes:
    """Return everything a server sends in response to these bytes, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        try:
            for start in range(0, len(request), piece):
                connection.sendall(request[start : start + piece])
        except ConnectionError:
            pass  # refused before all of it was sent
        answer = b""
        try:
            while received := connection.recv(65_536):
                answer += received
        except ConnectionResetError:
            pass  # the same, seen from the client
        return answer


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused(live: Live, name: str) -> None:
    """A request that two servers might read differently gets one answer, 400, and the connection is closed."""
    answer = sent(live, REFUSED[name])
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"400"]
    assert b"connection: close" in answer
    assert live.faults() == []
    assert is_ready(live)


@pytest.mark.parametrize(
    ("asked", "statuses"),
    [
        (LIVE + b"Content-Length: 5\r\n\r\nhello" + HIDDEN, [b"200", b"404"]),
        (LIVE + b"Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n\r\n", []),
        (b"GET http://elsewhere.test/health/live HTTP/1.1\r\nHost: upheld.test\r\n\r\n", [b"200"]),
        (b"OPTIONS * HTTP/1.1\r\nHost: upheld.test\r\n\r\n", [b"404"]),
        ((LIVE + b"X-A: " + b"a" * MAX_HEADER + b"\r\n\r\n") * 9, [b"200"] * 9),
    ],
    ids=["body", "websocket", "whole-address", "star", "large-heads"],
)
def test_what_is_odd_is_answered(live: Live, asked: bytes, statuses: list[bytes]) -> None:
    """An unusual but unambiguous request is answered, and so is the next one on its connection."""
    last = LIVE + b"Connection: close\r\n\r\n"
    assert re.findall(rb"HTTP/1\.1 (\d+)", sent(live, asked + last)) == [*statuses, b"200"]
    assert live.faults() == []


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"OPTIONS * HTTP/1.1", 404),
        (b"GET * HTTP/1.1", 404),
        (b"FOO / HTTP/1.1", 400),
        (b"get / HTTP/1.1", 400),
        (b"DELETE /v1/figures HTTP/1.1", 405),
        (b"TRACE /v1/figures HTTP/1.1", 405),
        (b"GET /v1/a%20b%zz HTTP/1.1", 404),
        (b"GET  /v1/nothing HTTP/1.1", 404),
        (b"GET /v1/a b HTTP/1.1", 400),
    ],
)
def test_odd_requests_get_problems(live: Live, line: bytes, status: int) -> None:
    """Whichever part of the server refuses a request, the answer is a problem with CORS and a request id."""
    answer = sent(live, line + b"\r\nHost: upheld.test\r\nAccept: application/json\r\nConnection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    fields = dict(one.lower().split(b": ", 1) for one in head.split(b"\r\n")[1:])
    assert int(head.split()[1]) == status
    assert fields[b"content-type"] == b"application/problem+json"
    assert fields[b"access-control-allow-origin"] == b"*"
    assert fields[b"x-request-id"]
    problem = orjson.loads(body)
    assert problem["status"] == status
    assert re.fullmatch(r"[!-~]+", problem["instance"])
    assert live.faults() == []


# --- every parameter of every endpoint -------------------------------------------------------------------------

WORST = {
    "NUL": "a%00b",
    "four kilobytes": "a" * 4096,
    "a lone surrogate": "%ED%A0%80",
    "no UTF-8": "%FF%C0%AF",
    "half an escape": "%E2%8",
    "beyond 64 bits": "18446744073709551616",
    "minus 32 bits": "-2147483649",
}
"""Values, encoded for a URL."""


@pytest.mark.parametrize("value", WORST.values(), ids=WORST)
@pytest.mark.parametrize("path", OPERATIONS)
async def test_every_parameter_withstands(client: AsyncClient, path: str, value: str) -> None:
    """Any value of any parameter is accepted, or refused with a documented status."""
    parameters = OPERATIONS[path].get("parameters", [])
    documented = set(OPERATIONS[path]["responses"])
    good = {one["name"]: quote(str(one["example"])) for one in parameters if one["in"] == "path" or one["required"]}
    for parameter in parameters or [{"name": "x", "in": "query"}]:
        given = {**good, parameter["name"]: value}
        query = {name: text for name, text in given.items() if f"{{{name}}}" not in path}
        address = path.format_map(given) + "?" + "&".join(f"{name}={text}" for name, text in query.items())
        answer = await client.get(address)
        refused = parameter["in"] == "query" and parameter["name"] not in {"a", "b", "id", "q"}
        assert str(answer.status_code) in ({"422"} if refused else documented), address[:200]
        assert answer.status_code < 400 or answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("pair", ["", "a", "=", "=a", "force=metropolitan", "%00", "%ED%A0%80=%FF"])
@pytest.mark.parametrize("path", [path for path in OPERATIONS if "{" not in path])
async def test_no_address_reads_on_without_end(client: AsyncClient, path: str, pair: str) -> None:
    """Every endpoint refuses thousands of parameters, whatever they are, with a short answer."""
    times = min(10_000, MAX_HEAD // (len(pair) + 2))
    answer = await client.get(path + "?" + "&".join([pair] * times))
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["code"], f"at most {MAX_PAIRS}" in error["message"]) == ("out-of-range", True)
    assert len(answer.content) < 2_000


# --- every parser ----------------------------------------------------------------------------------------------

MARKS = st.text("0123456789-/.FY W") | st.text()
by_chance = settings(deadline=None, max_examples=300, derandomize=True)


@by_chance
@given(text=MARKS)
@example("FY9999-00")
@example("9999-12/0001")
@example("\u0662\u0660\u0662\u0660")
@example("../" * 2_000)
def test_any_text_is_a_period_or_none(text: str) -> None:
    """Any text is read as days in order, or refused with a message."""
    try:
        found = read_period(text)
    except PeriodError as error:
        assert str(error)  # noqa: PT017 - read or refused, both will do
    else:
        assert isinstance(found, Span)
        assert found.start is None or found.end is None or found.start <= found.end


@by_chance
@given(text=st.text() | st.binary().map(lambda content: content.decode("latin-1")))
@example("WyIxLjAuMCIsIjI1ZTQ0MGFiOTAxMjRjZGUiLCJkYTM5YTNlZTVlNmI0YjBkIiwxMDAsImQxZjBkZGZhIl0=")
@example("WyIxLjAuMCIsIjI1ZTQ0MGFiOTAxMjRjZGUiLCJkYTM5YTNlZTVlNmI0YjBkIiwxMDAsImQxZjBkZGZhIl0\n")
@example("[" * 40_000)
@example("Wzl" * 20_000)
@example("\ud800")
def test_any_text_is_a_cursor_as_it_was_written_or_none(text: str) -> None:
    """Each place in a walk has exactly one cursor: a text that is read as a cursor is also how it's written."""
    cursor = read_cursor(text)
    assert cursor is None or str(cursor) == text


@by_chance
@given(content=st.binary() | st.text("&=%+;ab").map(str.encode))
@example(b"&" * (MAX_PAIRS + 1))
@example(b"%" * 60_000)
def test_any_bytes_are_pairs_or_none(content: bytes) -> None:
    """A query string is read as names and values that UTF-8 can encode, or refused."""
    try:
        pairs = read_pairs(content)
    except BadQueryError as error:
        assert error.errors  # noqa: PT017 - read or refused, both will do
    else:
        assert len(pairs) <= MAX_PAIRS
        assert all((name + value).encode() is not None for name, value in pairs)


@by_chance
@given(content=st.binary() | st.text('ab*/;=q0.1,"\\ ').map(str.encode))
@example(b"a/b;q=0.1," * 5_000)
@example(b'a/b;x="' + b"\\" * 60_000)
@example(b"*/*;q=nan, text/csv;q=1e400")
def test_any_bytes_are_an_accept_or_none(content: bytes) -> None:
    """Any headers lead to a known format and encoding, or to none."""
    header = content.decode("latin-1")
    assert preferred(preferences(header), FORMS) in {*FORMS, None}
    assert encodings(header).best in {*ENCODINGS, IDENTITY, ""}


# --- files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["..", ".", ".hidden", "../a.txt", "/etc/passwd", "a/b", "a\\b", "C:a", "a\0", "", "é.txt", "a" * 256, "-a"],
)
def test_no_source_names_a_file_elsewhere(name: str) -> None:
    """The file name of a source is just a name: not another path, not a hidden file, not a command's option."""
    with pytest.raises(ValueError, match="file"):
        Source.model_validate({**made.SOURCE.model_dump(mode="json"), "file": name})


async def test_the_package_unpacks_where_it_is(client: AsyncClient) -> None:
    """Every entry is a plain file with a plain name, so unpacking writes nothing elsewhere and runs nothing."""
    content = (await client.get("/v1/export.zip")).content
    entries = zipfile.ZipFile(BytesIO(content)).infolist()
    assert entries
    assert len({entry.filename.lower() for entry in entries}) == len(entries)
    for entry in entries:
        assert re.fullmatch(r"[A-Za-z]+\.(csv|json|md)", entry.filename)
        assert entry.external_attr >> 16 == 0o644

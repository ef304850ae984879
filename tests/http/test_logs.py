"""The format of log lines: JSON in files, text at a terminal, and nothing harmful in either."""

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime

import pytest

SERVING = """
import asyncio, httpx, logging
from app.http import logs
from app.main import create_app, served

async def fail() -> None:
    raise RuntimeError("swordfish\\nin two lines\\x1b[2J")

async def main() -> None:
    app = create_app("postgresql://nobody@127.0.0.1:1/nothing", "https://upheld.test")
    app.add_api_route("/v1/broken", fail)
    transport = httpx.ASGITransport(served(app))
    async with httpx.AsyncClient(transport=transport, base_url="https://upheld.test") as client:
        await client.get("/v1/broken", headers={"X-Request-ID": "mine"})
        await client.get("/%0A%1B%5B2J%22%7B%C2%9B%E2%80%AE%F0%9F%92%A9")
    logging.getLogger("uvicorn.error").warning("Said by %s.", "the server")

logs.configure()
logging.getLogger("httpx").setLevel("WARNING")
asyncio.run(main())
"""


LOGGING = """
import logging, structlog
from app.http import logs

logs.configure()
structlog.get_logger().info("request", path="/\\n\\x1b[2J")
try:
    raise RuntimeError("swordfish\\n\\x1b[2J")
except RuntimeError:
    logging.getLogger("upheld").exception("failed\\x9b\\u202e")
logging.getLogger("asyncio").warning("long " * 1000)
"""


def test_json_in_files() -> None:
    """Every line is one JSON object. An error has its traceback and the id of its request."""
    ran = subprocess.run([sys.executable, "-c", SERVING], capture_output=True, check=True)  # noqa: S603 - our own
    assert ran.stdout == b""
    error, broken, odd, server = map(json.loads, ran.stderr.splitlines())
    assert (error["level"], error["logger"], error["request_id"]) == ("error", "upheld", "mine")
    assert "/v1/broken" in error["event"]
    assert error["exception"].startswith("Traceback")
    assert error["exception"].endswith("RuntimeError: swordfish\nin two lines\x1b[2J")
    assert (broken["event"], broken["status"], broken["request_id"]) == ("request", 500, "mine")
    assert odd["path"] == '/\n\x1b[2J"{\x9b\u202e\U0001f4a9'
    assert (server["event"], server["level"]) == ("Said by the server.", "warning")
    for line in (error, broken, odd, server):
        assert datetime.fromisoformat(line["timestamp"]).tzinfo == UTC


def test_json_is_printable() -> None:
    """Invisible characters are escaped, and long values are cut."""
    ran = subprocess.run([sys.executable, "-c", LOGGING], capture_output=True, check=True)  # noqa: S603 - our own
    lines = ran.stderr.decode().splitlines()
    assert all(line.isprintable() for line in lines)
    request, error, long = map(json.loads, lines)
    assert request["path"] == "/\n\x1b[2J"
    assert error["event"] == "failed\x9b\u202e"
    assert len(long["event"]) == 1001


INVISIBLE = {
    "C0": "\r\b\t\x00\x07\x7f",
    "C1": "\x85\x90\x9d\x9f",
    "direction": "\u200e\u200f\u202a\u202d\u2066\u2069\u061c",
    "lines": "\u2028\u2029\v\f",
    "no width": "\u200b\u2060\ufeff\u00ad",
    "tags": "\U000e0041\U000e007f",
}
PLACES = {
    "path": "structlog.get_logger().info('request', path=found)",
    "event": "structlog.get_logger().warning(found)",
    "argument": "logging.getLogger('uvicorn.error').warning('%s', found)",
    "request id": """
structlog.contextvars.bind_contextvars(request_id=found)
structlog.get_logger().info('request')
""",
    "exception": """
try:
    raise RuntimeError(found)
except RuntimeError:
    logging.getLogger('upheld').exception('failed')
""",
    "extra": "logging.getLogger('upheld').warning('one', extra={'found': found})",
}
"""The ways a text can get into a log line."""


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "file"])
@pytest.mark.parametrize("place", PLACES)
def test_nothing_invisible_is_written(place: str, *, terminal: bool) -> None:
    """No control characters, direction marks or other invisible characters are written, from any source."""
    found = "".join(INVISIBLE.values())
    start = f"import logging, structlog\nfrom app.http import logs\nfound = {found!r}\nlogs.configure()\n"
    text = (at_a_terminal if terminal else in_a_file)(start + PLACES[place])
    assert "RuntimeError" in text or place != "exception"
    assert not set(found) & set(text)
    assert all(line.isprintable() for line in text.replace("\r\n", "\n").splitlines() if not terminal)


def in_a_file(program: str) -> str:
    """Return what a program logs to a file."""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stderr.decode()  # noqa: S603 - our own


def at_a_terminal(program: str) -> str:
    """Return what a program logs at a terminal, which turns each line end into two characters."""
    reading, terminal = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", program], stderr=terminal) as process:  # noqa: S603 - our own
        os.close(terminal)
        output = b""
        try:
            while chunk := os.read(reading, 65_536):
                output += chunk
        except OSError:  # how Linux reports that the other end is closed
            pass
        os.close(reading)
    assert process.returncode == 0
    return output.decode().replace("\r\n", "\n")


def test_text_at_a_terminal() -> None:
    """Lines are readable text. No logged value reaches the terminal as a control sequence."""
    text = at_a_terminal(LOGGING)
    assert r"/\n\x1b[2J" in text
    assert "RuntimeError: swordfish" in text
    assert r"failed\x9b\u202e" in text
    for sequence in ("\x1b[2J", "\x9b", "\u202e"):
        assert sequence not in text
    assert max(map(len, text.splitlines())) < 2_000

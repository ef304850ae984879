"""The cache of deploy/nginx.conf in front of stand-in processes, and its slow clients."""

import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.faults.composition import start_nginx
from tests.faults.processes import Program, within

CACHE_CONTROL = "public, max-age=1, stale-while-revalidate={revalidate}, stale-if-error=60"
FRESH = 2.1
"""How long until a copy is stale here, in seconds: nginx counts whole seconds, including the last one."""


IMPATIENT = {"client_header_timeout 10s": "client_header_timeout 2s"}


@dataclass
class Upstream:
    """What the processes behind nginx answer, and the requests they got."""

    status: int = 200
    text: str = "first"
    revalidate: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    """The method and `If-None-Match` of each request."""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return a handler class that gives these answers."""
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                tag = f'"{upstream.text}"'
                asked = self.headers.get("If-None-Match", "")
                upstream.asked.append((self.command, asked))
                body = f"{upstream.text} as {self.headers.get('Accept')}".encode()
                status = 304 if upstream.status == 200 and asked == tag else upstream.status
                self.send_response(status)
                if upstream.status == 200:
                    self.send_header("Cache-Control", CACHE_CONTROL.format(revalidate=upstream.revalidate))
                    self.send_header("ETag", tag)
                    self.send_header("Vary", "Accept, Accept-Encoding")
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if status != 304:
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        return Handler


@pytest.fixture
def upstream() -> Upstream:
    """Return the processes' shared answer, for a test to change."""
    return Upstream()


@pytest.fixture
def servers(upstream: Upstream) -> Iterator[list[ThreadingHTTPServer]]:
    """Yield two processes that give the answer."""
    found = [ThreadingHTTPServer(("127.0.0.1", 0), upstream.handler()) for _ in range(2)]
    for server in found:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    yield found
    for server in found:
        server.shutdown()
        server.server_close()


@pytest.fixture
def nginx(servers: list[ThreadingHTTPServer]) -> Iterator[Program]:
    """Yield nginx in front of the processes."""
    folder = Path(tempfile.mkdtemp(prefix="upheld-nginx-"))
    folder.chmod(0o755)
    program = start_nginx(folder, [f"127.0.0.1:{server.server_address[1]}" for server in servers], IMPATIENT)
    yield program
    program.stop()
    shutil.rmtree(folder)


def ask(nginx: Program, path: str = "/v1/figures", **headers: str) -> httpx.Response:
    """Return nginx's answer."""
    return httpx.get(nginx.address + path, headers=headers, trust_env=False)


def test_an_answer_is_asked_for_once(nginx: Program, upstream: Upstream) -> None:
    """A fresh copy is served with its own ETag, and a reader who already has it gets a 304."""
    first, second = ask(nginx), ask(nginx)
    assert (first.text, first.headers["x-cache-status"]) == (second.text, "MISS")
    assert (second.headers["etag"], second.headers["x-cache-status"]) == ('"first"', "HIT")
    assert ask(nginx, **{"If-None-Match": '"first"'}).status_code == 304
    assert len(upstream.asked) == 1


def test_every_form_has_a_copy_of_its_own(nginx: Program) -> None:
    """Each format is cached separately, so no reader gets another reader's."""
    forms = ("application/json", "text/csv")
    for _ in range(2):
        assert [ask(nginx, Accept=form).text for form in forms] == [f"first as {form}" for form in forms]


def test_an_old_copy_is_confirmed(nginx: Program, upstream: Upstream) -> None:
    """A stale copy is revalidated by its ETag, and replaced if there's a new answer."""
    ask(nginx)
    time.sleep(FRESH)
    assert ask(nginx).headers["x-cache-status"] == "REVALIDATED"
    assert upstream.asked[-1] == ("GET", '"first"')
    upstream.text = "second"
    time.sleep(FRESH)
    assert ask(nginx).text.startswith("second")


def test_readers_do_not_wait_for_a_new_answer(nginx: Program, upstream: Upstream) -> None:
    """A stale copy is served while nginx fetches; a later reader gets the new answer."""
    upstream.revalidate = 60
    ask(nginx)
    upstream.text = "second"
    time.sleep(FRESH)
    stale = ask(nginx)
    assert (stale.text.split()[0], stale.headers["x-cache-status"]) == ("first", "STALE")
    within(lambda: ask(nginx).text.startswith("second"))


def test_old_copies_stand_in_for_errors_of_ours(
    nginx: Program, upstream: Upstream, servers: list[ThreadingHTTPServer]
) -> None:
    """A stale copy is served instead of a 503, and if no process answers."""
    ask(nginx)
    time.sleep(FRESH)
    upstream.status = 503
    assert ask(nginx).text.startswith("first")
    assert ask(nginx, "/v1/other").status_code == 503
    for server in servers:
        server.shutdown()
        server.server_close()
    assert ask(nginx).text.startswith("first")
    assert ask(nginx, "/v1/other").status_code == 502


@pytest.mark.parametrize("status", [404, 410, 451])
def test_old_copies_do_not_hide_what_is_gone(nginx: Program, upstream: Upstream, status: int) -> None:
    """A record that the API says is gone is gone, even if there's a stale copy."""
    ask(nginx)
    time.sleep(FRESH)
    upstream.status = status
    assert ask(nginx).status_code == status


def test_the_cache_can_be_emptied(nginx: Program, upstream: Upstream) -> None:
    """The cache is emptied as docs/operations.md says: delete the files, and nginx fetches again."""
    ask(nginx)
    upstream.text = "second"
    assert ask(nginx).text.startswith("first")
    copies = [path for path in (nginx.log.parent / "cache").rglob("*") if path.is_file()]
    assert copies
    for copy in copies:
        copy.unlink()
    assert ask(nginx).text.startswith("second")


def test_metrics_are_not_passed_on(nginx: Program, upstream: Upstream) -> None:
    """Metrics aren't served through nginx, because each process has its own."""
    assert ask(nginx, "/metrics").status_code == 404
    assert upstream.asked == []


def test_slow_clients_reach_no_process(nginx: Program, upstream: Upstream) -> None:
    """Clients that don't finish a request are cut off by nginx, and others are served meanwhile."""
    host, port = nginx.address.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port)), timeout=20) for _ in range(50)]
    for client in slow:
        client.sendall(b"GET /v1/figures HTTP/1.1\r\nHost: upheld.test\r\n")
    assert ask(nginx).status_code == 200
    assert len(upstream.asked) == 1
    started = time.monotonic()
    for client in slow:
        assert client.recv(1) == b""
        client.close()
    assert time.monotonic() - started > 1
    assert len(upstream.asked) == 1

"""Varnish with deploy/varnish.vcl in front of an API process, started as docs/operations.md says."""

import re
import shlex
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.database.owner import write_engine
from app.embedded.server import as_reader
from app.settings import PROJECT
from tests.faults.composition import installed, on_loopback
from tests.faults.database import Database
from tests.faults.processes import Program, within
from tests.faults.readers import OK, UNAVAILABLE, Readers
from tests.faults.releases import POPULAR, Check, load_release, request
from tests.postgresql import migrate, new_database
from tests.programs import UPHELD, environment, free_port

FRESH = """
sub vcl_backend_response {
    if (beresp.ttl > 2s) {
        set beresp.ttl = 2s;
    }
}
"""
"""Added for the tests: a lifetime of five minutes becomes two seconds."""


@dataclass
class Site:
    """Varnish, the API process behind it, and the database address for loads."""

    varnish: Program
    api: Program
    owner: str
    number: int = 0
    """The number of the last release loaded."""

    def load(self) -> None:
        """Load the next release."""
        engine = write_engine(self.owner)
        migrate(engine)
        load_release(engine, self.number + 1)
        engine.dispose()
        self.number += 1

    def ask(self, path: str, **headers: str) -> httpx.Response:
        """Return Varnish's answer with its body undecoded."""
        with (
            httpx.Client(base_url=self.varnish.address, trust_env=False) as client,
            client.stream("GET", path, headers=headers) as answer,
        ):
            answer._content = b"".join(answer.iter_raw())  # noqa: SLF001 - not decoded
            return answer

    def release_of(self, path: str) -> str:
        """Return the release that an answer comes from."""
        answer = httpx.get(self.varnish.address + path, trust_env=False)
        return str(answer.json()["meta"]["release"])


def start_varnish(folder: Path, api: str) -> Program:
    """Start Varnish using the page's command and our file."""
    page = (PROJECT / "docs/operations.md").read_text()
    (command,) = re.findall(r"^varnishd .*$", page, re.MULTILINE)
    host, port = api.removeprefix("http://").split(":")
    text = (PROJECT / "deploy/varnish.vcl").read_text()
    text = on_loopback(text, {'"api"': f'"{host}"', '"8000"': f'"{port}"'})
    (folder / "varnish.vcl").write_text(text + FRESH)
    listen = free_port()
    words = shlex.split(
        on_loopback(
            command, {"$PWD/deploy/varnish.vcl": str(folder / "varnish.vcl"), ":8080": f"127.0.0.1:{listen}"}
        )
    )
    words = [installed("varnishd"), *words[1:], "-n", str(folder / "work")]
    varnish = Program("varnish", words, f"http://127.0.0.1:{listen}", folder / "varnish.log")
    varnish.start()
    return varnish


@pytest.fixture(scope="module")
def site(cluster: Database) -> Iterator[Site]:
    """Yield Varnish in front of an API serving release 1."""
    installed("varnishd")
    with ExitStack() as undo:
        folder = Path(tempfile.mkdtemp(prefix="upheld-varnish-"))
        undo.callback(shutil.rmtree, folder)
        folder.chmod(0o755)
        address = undo.enter_context(new_database(cluster.address)).replace("+psycopg", "")
        port = free_port()
        api = Program("api", [UPHELD, "serve", "--port", str(port)], f"http://127.0.0.1:{port}", folder / "api.log")
        api.environment = environment(DATABASE_URL=as_reader(address))
        site = Site(start_varnish(folder, api.address), api, address)
        undo.callback(site.varnish.stop)
        site.load()
        api.start()
        undo.callback(api.stop)
        within(lambda: site.varnish.answers("/health/ready"))
        yield site


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/jsonl"])
def test_copies_are_the_answers(site: Site, accept: str, encoding: str) -> None:
    """Each format and encoding is cached separately, with the API's bytes, ETag and type, and can get a 304."""
    asked = {"Accept": accept, "Accept-Encoding": encoding}
    direct = Site(site.api, site.api, "").ask("/v1/figures", **asked)
    copies = [site.ask("/v1/figures", **asked) for _ in range(2)]
    assert [copy.headers["x-cache-status"] for copy in copies] == ["MISS", "HIT"]
    for copy in copies:
        assert (copy.status_code, copy.content) == (200, direct.content)
        for name in ("etag", "content-type", "content-encoding", "vary", "cache-control", "last-modified"):
            assert copy.headers.get(name) == direct.headers.get(name), name
    tag, date = direct.headers["etag"], direct.headers["last-modified"]
    for condition in ({"If-None-Match": tag}, {"If-Modified-Since": date}):
        again = site.ask("/v1/figures", **asked, **condition)
        assert (again.status_code, again.content) == (304, b"")
    assert site.ask("/v1/figures", **asked, **{"If-None-Match": '"another"'}).status_code == 200


def test_parts_and_cookies(site: Site) -> None:
    """Ranges are served from the copy, and a reader with a cookie gets the same copy."""
    whole = site.ask("/v1/codes", **{"Accept-Encoding": "identity"})
    part = site.ask("/v1/codes", **{"Accept-Encoding": "identity", "Range": "bytes=5-9", "Cookie": "a=b"})
    assert (part.status_code, part.content) == (206, whole.content[5:10])
    assert part.headers["x-cache-status"] == "HIT"


@pytest.mark.parametrize("path", ["/metrics", "/metrics?x=1"])
def test_metrics_are_not_passed_on(site: Site, path: str) -> None:
    """Metrics aren't served through Varnish, because each process has its own."""
    assert site.ask(path).status_code == 404


def test_long_addresses_are_passed_on(site: Site) -> None:
    """The longest URL that the API accepts gets the API's answer."""
    assert site.ask("/v1/figures?id=" + "a" * 60_000).headers["content-type"] == "application/problem+json"


def test_errors_are_not_kept(site: Site) -> None:
    """The API answers an invalid request every time."""
    for _ in range(2):
        answer = site.ask("/v1/figures?limit=0")
        assert (answer.status_code, answer.headers["x-cache-status"]) == (422, "MISS")


def test_a_new_release_is_seen(site: Site) -> None:
    """A stale copy is served while Varnish fetches; a later reader gets the new release."""
    check = Check()
    readers = Readers(site.varnish.address, request, check)
    for number in range(POPULAR):
        site.ask(request(number).path)
    with readers.asking():
        site.load()
        within(lambda: site.release_of("/v1/figures?limit=1") == f"{site.number}.0.0", 10)
        time.sleep(1)
    readers.report("a release is loaded behind Varnish")
    assert (readers.broken, set(readers.fresh + readers.popular)) == ([], {OK})
    assert check.wrong == []


def test_the_api_is_away(site: Site) -> None:
    """Copies are still served, however old, and everything else is refused, until the API is back."""
    site.ask("/v1/figures?limit=3")
    site.api.kill()
    time.sleep(3)
    stale = site.ask("/v1/figures?limit=3")
    assert (stale.status_code, stale.headers["x-cache-status"]) == (200, "STALE")
    assert site.ask("/v1/figures?limit=4").status_code == 503
    site.api.start()
    within(lambda: site.varnish.answers("/v1/figures?limit=4"))


def test_the_database_is_away(site: Site, cluster: Database) -> None:
    """The API's 503 doesn't replace a copy and isn't cached."""
    copied, other = "/v1/export.zip", "/v1/figures?limit=6"
    site.ask(copied)
    cluster.signal(signal.SIGSTOP)
    try:
        within(lambda: site.ask(other).status_code == UNAVAILABLE)
        assert int(site.ask(other).headers["retry-after"]) > 0
        for _ in range(2):
            stale = site.ask(copied)
            assert (stale.status_code, stale.headers["x-cache-status"]) == (200, "STALE")
    finally:
        cluster.signal(signal.SIGCONT)
    within(lambda: site.varnish.answers(other))
    within(lambda: site.ask(copied).headers["x-cache-status"] != "STALE")

"""The installed command as people run it: its output, its exit status and what it leaves behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, create_engine, text

from app.database.schema import LOCK
from app.seeds.reading import read
from app.settings import PROJECT
from tests.database.support import until, waiting
from tests.programs import PATIENCE, UPHELD, environment, free_port
from tests.released_seeds import write_released_seeds
from tests.seed_files import replace
from tests.texts import FORCE, MADE_UP, NAME


def upheld(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command until it exits."""
    return subprocess.run(  # noqa: S603 - our own command
        [UPHELD, *arguments],
        env=environment(**settings),
        cwd=tempfile.gettempdir(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def rows(address: str) -> dict[str, list[str]]:
    """Return the releases and records in a database, with the transactions that wrote them."""
    engine = create_engine(address)
    queries = ("release", "current_release", "record", "evidence")
    try:
        with engine.connect() as connection:
            return {
                table: sorted(map(repr, connection.execute(text(f"SELECT xmin::text, * FROM {table}"))))  # noqa: S608
                for table in queries
            }
    finally:
        engine.dispose()


def spoil(seeds: Path) -> None:
    """Break each of three files."""
    replace(seeds / "forces.csv", "Dorset Police,territorial", "Dorset Police,local")
    replace(seeds / "codes.yaml", "parent: convicted", "parent: convictd")
    replace(seeds / "euro-weekly-news-2021-03-22.yaml", "outcome: removed", "outcome: removd")


MISTAKES = [
    r"forces\.csv:11: dorset, kind: ",
    r"codes\.yaml:\d+: imprisoned, parent: 'convictd' is not known; did you mean convicted\?",
    r"euro-weekly-news-2021-03-22\.yaml:\d+: \S+, outcome: 'removd' is not known; did you mean removed\?",
]
"""The lines that report these mistakes."""


def test_check_counts_the_seeds(tmp_path: Path) -> None:
    """Good seeds: exit 0, one line with the counts, nothing on standard error."""
    seeds = write_released_seeds(tmp_path)
    dataset, release = read(seeds).dataset, read(seeds).releases[-1]
    done = upheld("check", "--seeds", str(seeds))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{len(dataset.records)} records, {len(dataset.sources)} sources: no problems; "
        f"this is release {release.version}.\n"
    )


def test_check_says_what_is_not_released(tmp_path: Path) -> None:
    """Good seeds that aren't a release pass with a remark; `--released`, for CI, makes that a failure."""
    seeds = write_released_seeds(tmp_path)
    path = seeds / "codes.yaml"
    path.write_text(path.read_text().replace("label: Homicide", "label: A killing"))
    done = upheld("check", "--seeds", str(seeds))
    assert done.returncode == 0
    assert "no problems, but they differ from release" in done.stdout
    strict = upheld("check", "--released", "--seeds", str(seeds))
    assert (strict.returncode, strict.stdout) == (1, "")
    assert "publish a new release" in strict.stderr


def test_check_reports_every_problem(seeds: Path) -> None:
    """Bad seeds: exit 1, one line for each problem on standard error, and the number of problems."""
    spoil(seeds)
    done = upheld("check", "--seeds", str(seeds))
    assert (done.returncode, done.stdout) == (1, "")
    *problems, last = done.stderr.splitlines()
    assert len(problems) == len(MISTAKES)
    assert all(any(re.match(mistake, line) for line in problems) for mistake in MISTAKES)
    assert last.startswith("3 problems")


def test_load_fills_an_empty_database_once(empty_database: str, tmp_path: Path) -> None:
    """The first load fills the database; the second, with the other URL scheme, changes nothing."""
    seeds = write_released_seeds(tmp_path)
    dataset, release = read(seeds).dataset, read(seeds).releases[-1]
    plain = empty_database.replace("postgresql+psycopg://", "postgresql://")
    first = upheld("load", "--seeds", str(seeds), DATABASE_URL=plain)
    said = f"Release {release.version} with {len(dataset.records)} records: "
    assert (first.returncode, first.stdout, first.stderr) == (0, f"{said}loaded.\n", "")
    before = rows(empty_database)
    assert len(before["current_release"]) == 1
    assert len(before["record"]) >= len(dataset.records)
    second = upheld("load", "--seeds", str(seeds), DATABASE_URL=plain.replace("postgresql://", "postgres://"))
    assert (second.returncode, second.stdout, second.stderr) == (0, f"{said}already loaded.\n", "")
    assert rows(empty_database) == before


def test_use_and_load_say_what_is_served(empty_database: str) -> None:
    """`use` names the release, even if it's the latest; a load says if another release is still in use."""
    first, *_, latest = [one.version for one in read(PROJECT / "seeds").releases]
    assert upheld("load", DATABASE_URL=empty_database).returncode == 0
    assert upheld("use", first, DATABASE_URL=empty_database).stdout == f"Now serving {first}.\n"
    assert upheld("load", DATABASE_URL=empty_database).stdout.startswith(
        f"Serving {first}, as `upheld use` chose.\nRelease {latest} with "
    )
    assert upheld("use", "latest", DATABASE_URL=empty_database).stdout == f"Now serving {latest}, the latest.\n"


def test_load_of_bad_seeds_leaves_the_database_alone(empty_database: str, seeds: Path) -> None:
    """Bad seeds are refused before the database is touched."""
    spoil(seeds)
    done = upheld("load", "--seeds", str(seeds), DATABASE_URL=empty_database)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == len(MISTAKES) + 1
    engine = create_engine(empty_database)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0
    engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["serve", "--port", "99999"], "argument --port: must be a number from 0 to 65535; found '99999'"),
        (["serve", "--port", "http"], "argument --port: must be a number from 0 to 65535; found 'http'"),
        (["load", "--port", "8000"], "unrecognized arguments: --port 8000"),
    ],
)
def test_bad_arguments_are_explained(arguments: list[str], reason: str) -> None:
    """Unknown or wrong arguments: exit 2, usage and the reason on standard error."""
    # Nothing listens there: arguments are checked before the database is contacted.
    done = upheld(*arguments, DATABASE_URL="postgresql://127.0.0.1:1/upheld")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: upheld")
    assert re.search(rf"^upheld.*: error: .*{re.escape(reason)}", done.stderr, re.MULTILINE)


def test_help_names_every_command() -> None:
    """`--help` lists the commands, each with its purpose."""
    done = upheld("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("check", "load", "serve"):
        assert re.search(rf"^\s+{command}\s+\S+", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "unused"),
    [
        (["--help"], {"alembic", "fastapi", "pydantic", "sqlalchemy", "yaml"}),
        (
            ["check"],
            {"alembic", "asyncpg", "fastapi", "psycopg", "ruamel", "sqlalchemy", "uvicorn"},
        ),
    ],
)
def test_a_command_imports_only_what_it_needs(arguments: list[str], unused: set[str], tmp_path: Path) -> None:
    """Imports take most of a command's time: help needs no library, a check no web framework and no database."""
    if arguments == ["check"]:
        arguments = ["check", "--seeds", str(write_released_seeds(tmp_path))]
    program = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from app.cli import main; main()"
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", program, *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "app.cli" in done.stdout.split()
    assert not unused & set(done.stdout.split())


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mysql://user:hush@127.0.0.1/upheld", "PostgreSQL"),
        ("postgresql://user:hush@127.0.0.1:port/upheld", "DATABASE_URL"),
        ("postgresql://user:hush@127.0.0.1:1/upheld", "127.0.0.1"),
        ("postgresql://user:hush@127.0.0.1:1/upheld?nonsense=1", "invalid URI query parameter"),
        ("postgresql://user:p%40ss:hush%&#1@127.0.0.1:1/upheld", "percent-encode"),
        ("postgresql://user:p@hush@127.0.0.1:1/upheld", "percent-encode"),
        ("postgresql://user:p?@hush@127.0.0.1:1/upheld", "percent-encode"),
        ("postgresql://user:p/hush@127.0.0.1:1/upheld", "percent-encode"),
        ("postgresql://user:12/hush@127.0.0.1:1/upheld", "percent-encode"),
        ("postgresql://user:12?hush@127.0.0.1:1/upheld", "127.0.0.1"),
        ("host=127.0.0.1 port=1 password=p hush dbname=upheld", "percent-encode"),
        ("host=127.0.0.1 port=1 password=hush://x", "127.0.0.1"),
    ],
)
def test_an_unusable_database_is_reported_in_one_line(address: str, words: str) -> None:
    """A wrong or unreachable DATABASE_URL: exit 1 and one line that names the cause, without the password."""
    done = upheld("load", DATABASE_URL=address)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("upheld: ")
    assert words in line
    assert "hush" not in line


def test_a_missing_database_is_reported_in_one_line(empty_database: str) -> None:
    """The line names the database that the server doesn't have."""
    done = upheld("load", DATABASE_URL=re.sub(r"upheld_test_\w+", "upheld_test_missing", empty_database))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("upheld: ")
    assert "upheld_test_missing" in line


def test_a_newer_schema_is_reported_in_one_line(database: Engine) -> None:
    """An older program leaves a newer schema alone and says why."""
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    address = database.url.render_as_string(hide_password=False)
    for command in ("load", "serve"):
        refused = upheld(command, DATABASE_URL=address)
        assert refused.returncode == 1
        assert refused.stderr == (
            "upheld: a newer version of this program built this database; its schema is later. Use that version, "
            "or an empty database: `upheld load` loads every release into it\n"
        )


@pytest.mark.parametrize(
    "public",
    [
        "nonsense",
        "data.example.org",
        "https://host/upheld",
        "https://host/?a=b",
        "https://host/#a",
        "https://user:hush@host",
        "ftp://host",
    ],
)
def test_wrong_settings_are_reported(empty_database: str, public: str) -> None:
    """An invalid public address, or one that links would lose part of: exit 1 and one line naming the setting."""
    done = upheld("serve", DATABASE_URL=empty_database, UPHELD_PUBLIC_URL=public)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "UPHELD_PUBLIC_URL" in line
    assert "it must be a scheme and a host, such as https://upheld.example" in line
    assert "hush" not in line


@contextmanager
def serving(port: int, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a running server that is ready to answer, and stop it afterwards."""
    command = [UPHELD, "serve", "--port", str(port)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command,
        env=environment(**settings),
        cwd=tempfile.gettempdir(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that leftover processes can be found
    ) as server:
        try:
            deadline = time.monotonic() + PATIENCE
            while not answers(port):
                assert server.poll() is None, server.communicate()[0]
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield server
        finally:
            server.kill()


def answers(port: int) -> bool:
    """Return whether a server on this port is ready."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def stop(server: subprocess.Popen[str], number: signal.Signals) -> str:
    """Send a signal, wait for the exit, check that no process is left, and return the output."""
    server.send_signal(number)
    printed = server.communicate(timeout=PATIENCE)[0]
    # A server killed by the signal has its number as status; one that handles it has 0.
    assert server.returncode in {0, -number, 128 + number}
    assert "Traceback" not in printed
    with pytest.raises(ProcessLookupError):
        os.killpg(server.pid, 0)
    return printed


def client_backends(engine: Engine) -> int:
    """Return how many other clients are connected to a database; PostgreSQL's own workers don't count."""
    query = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


@pytest.mark.parametrize(
    ("number", "public"), [(signal.SIGTERM, "https://figures.example"), (signal.SIGINT, None)], ids=["TERM", "INT"]
)
def test_serve_answers_and_stops(empty_database: str, number: signal.Signals, public: str | None) -> None:
    """On an empty database it loads, prints the address to open, answers, and stops without a trace.

    A client that keeps its connection open doesn't delay the stop. Permalinks carry the public address.
    """
    port = free_port()
    here = f"http://127.0.0.1:{port}"
    settings = {"DATABASE_URL": empty_database} | ({"UPHELD_PUBLIC_URL": public} if public else {})
    with serving(port, **settings) as server, httpx.Client() as client:
        found = client.get(f"{here}/v1/outcomes?outcome=upheld").json()
        assert [figure["value"] for figure in found["data"]] == [119]
        assert f"{public or here}/figures/{found['data'][0]['id']}?release=" in found["data"][0]["citation"]
        printed = stop(server, number)
    assert re.match(rf"Release \S+ with \d+ records: loaded\.\nOpen {here} in a browser\.", printed)
    assert not answers(port)
    engine = create_engine(empty_database)
    assert client_backends(engine) == 0
    engine.dispose()


@pytest.mark.parametrize("whom", [os.killpg, os.kill], ids=["a terminal", "a program"])
def test_an_interrupted_start_leaves_nothing(
    empty_database: str, tmp_path: Path, whom: Callable[[int, int], None]
) -> None:
    """Interrupted during a load, it ends at once and silently, and the load ends with it."""
    engine = create_engine(empty_database)
    said = tmp_path / "said"
    with engine.begin() as connection, said.open("w") as out:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        with subprocess.Popen(  # noqa: S603 - our own command
            [UPHELD, "serve", "--port", str(free_port())],
            env=environment(DATABASE_URL=empty_database),
            stdout=out,
            stderr=out,
            start_new_session=True,
        ) as program:
            until(lambda: len(waiting(engine)) == 1)
            whom(program.pid, signal.SIGINT)
            assert program.wait(PATIENCE) == 130
        with pytest.raises(ProcessLookupError):
            os.killpg(program.pid, 0)
    assert said.read_text() == ""
    engine.dispose()
    # PostgreSQL notices that the client is gone once it has the lock.
    until(lambda: client_backends(engine) == 0)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT to_regclass('release')")).scalar() is None
    engine.dispose()


def test_a_taken_port_is_reported_in_one_line(empty_database: str) -> None:
    """A second server on the port exits with the reason before it needs a database; the first keeps answering."""
    port = free_port()
    with serving(port, DATABASE_URL=empty_database):
        refused = upheld("serve", "--port", str(port), DATABASE_URL="postgresql://127.0.0.1:1/upheld")
        assert (refused.returncode, refused.stdout) == (1, "")
        (line,) = refused.stderr.splitlines()
        assert line.startswith(f"upheld: can't listen on 127.0.0.1:{port}: address already in use")
        assert answers(port)


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a folder that the private server's user can enter, unlike pytest's folders."""
    with tempfile.TemporaryDirectory(prefix="upheld-cli-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


def test_serve_without_a_database_starts_and_stops_its_own(home: Path) -> None:
    """Without DATABASE_URL it uses a private PostgreSQL, which stops with it."""
    port = free_port()
    with serving(port, UPHELD_DATA_DIR=str(home)) as server:
        assert httpx.get(f"http://127.0.0.1:{port}/v1/figures").json()["meta"]["total"] > 0
        assert list(home.rglob("postmaster.pid"))
        stop(server, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while list(home.rglob("postmaster.pid")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_collection_of_ones_own(empty_database: str, tmp_path: Path) -> None:
    """It's started, released and served under its own name: on pages, in citations and in descriptions."""
    own = tmp_path / "own"
    started = upheld("init", str(own), "--name", "Our figures").stdout
    assert "collection.yaml puts it under CC BY 4.0 and names 'Our figures' as its creator" in started
    shutil.copy(MADE_UP / f"{NAME}.yaml", own)
    with (own / "forces.csv").open("a", encoding="utf-8") as forces:
        forces.write(FORCE)
    settings = {"UPHELD_SEEDS": str(own), "DATABASE_URL": empty_database}
    assert upheld("check", **settings).stdout.startswith("6 records, 1 source: no problems")
    released = upheld("release", "1.0.0", "--note", "First.", **settings)
    assert released.returncode == 0
    assert "6 of 6 records don't say who read them (read_by)." in released.stdout
    port = free_port()
    server = f"http://127.0.0.1:{port}"
    with serving(port, **settings):
        record = httpx.get(f"{server}/v1/outcomes/northmoor-2020-2023-upheld", trust_env=False).json()
        assert "Our figures, release 1.0.0" in record["citation"]
        texts = {
            path: httpx.get(server + path, trust_env=False).text
            for path in ("/", "/about", "/v1", "/v1/dataset?format=jsonld", "/v1/releases.atom")
        }
        described = httpx.get(f"{server}/openapi.json", trust_env=False).json()["info"]
        assert described["title"] == "Our figures"
        assert {path for path, text in texts.items() if "Our figures" not in text} == set()
        assert not {path for path, text in texts.items() if re.search(r"Upheld contributors|· Upheld<", text)}

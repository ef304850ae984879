"""Unusual machines: `upheld serve` with its own PostgreSQL works there, or says in one sentence what to do."""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.postgresql import AS_ROOT, LINUX, processes
from tests.programs import PATIENCE, UPHELD, environment, free_port, wait_until
from tests.released_seeds import UPHELD as FIGURE
from tests.released_seeds import write_released_seeds

pytestmark = LINUX

ASK = "import sys, urllib.request as r; print(r.build_opener(r.ProxyHandler({})).open(sys.argv[1]).read().decode())"

LO_UP = """
import fcntl, os, socket, struct, sys
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
fcntl.ioctl(socket.socket(), SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
os.execvp(sys.argv[1], sys.argv[1:])
"""

AWAY = ("unshare", "--net", sys.executable, "-c", LO_UP)
"""Starts a command with no network except loopback."""

NOBODY = (
    *("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)
"""Starts a command as an ordinary user who can read everything, since Python may be in root's home."""

LONG = f"Ermittlungen über Ämter, {'sehr ' * 20}lang 警察"


def shell(line: str) -> tuple[str, ...]:
    """Return a command prefix that runs a line of shell."""
    return ("sh", "-c", f'{line} "$@"', "sh")


@dataclass(frozen=True)
class Machine:
    """What's different about a machine."""

    before: Sequence[str] = ()
    """A prefix for the command."""
    environment: Mapping[str, str | None] = field(default_factory=dict)
    """Variables to set, or None to unset."""
    folder: str = "data"
    """The name of the data folder."""
    cwd: str = "/"


TURKISH = {
    "LC_ALL": "tr_TR.UTF-8",
    "TZ": "Pacific/Kiritimati",
    "PGTZ": "Asia/Tokyo",
    "PYTHONDONTWRITEBYTECODE": "1",
}
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "HOME": None, "USER": None, "LOGNAME": None}
LATIN = {"LC_ALL": "de_DE.ISO-8859-1", "PYTHONIOENCODING": "latin-1", "http_proxy": "http://127.0.0.1:1"}

WORKING = {
    "a long name in another country": Machine(environment=TURKISH, folder=LONG),
    "no home, no language": Machine(environment=ASCII),
    "no variables at all": Machine(("env", "-i")),
    "umask 077, few file descriptors": Machine(shell("umask 077; ulimit -n 64; exec")),
    "an old encoding, another folder": Machine(environment=LATIN, cwd="/proc"),
    "no standard input, a folder that is gone": Machine(shell("cd $(mktemp -d); rmdir $PWD; exec <&-; exec")),
}

ROOTS = {
    "no network": Machine(AWAY),
    "an ordinary user": Machine(NOBODY, {"HOME": "/nonexistent"}, folder="of nobody"),
}
"""Machines that only root can set up."""

REFUSED = {
    "no home and no folder": (
        Machine(NOBODY, {"HOME": None, "UPHELD_DATA_DIR": None}),
        "Permission denied.* set UPHELD_DATA_DIR to another folder",
    ),
    "a home that can't be written": (
        Machine(NOBODY, {"HOME": "/usr", "UPHELD_DATA_DIR": None}),
        r"cannot run in /usr/\.local.* \(.*Permission denied.* set UPHELD_DATA_DIR to another folder",
    ),
    "a folder below closed ones": (
        Machine(shell("umask 077; exec"), folder="new/and/below"),
        "who runs PostgreSQL for root, cannot enter .*/new: set UPHELD_DATA_DIR",
    ),
    "no address of the next protocol": (
        Machine(AWAY + shell('exec "$@" --host 2001:db8::1; exec')),
        r"can't listen on 2001:db8::1:\d+: .*; try another --port or --host",
    ),
    **{
        f"a disk of {size} MB": (
            Machine(
                ("unshare", "--mount", *shell(f'mount -t tmpfs -o size={size}m tmpfs "$UPHELD_DATA_DIR"; exec')),
                folder="disk",
            ),
            "No space left on device.* set UPHELD_DATA_DIR|initdb ended with status 1: set UPHELD_DATA_DIR",
        )
        for size in (8, 64)
    },
}
"""Machines on which it can't work, with the message it gives; root only."""


@dataclass
class Place:
    """A folder that the server's user can enter, with seeds and a data folder loaded from them."""

    folder: Path
    seeds: Path

    def start(self, machine: Machine, port: int) -> subprocess.Popen[str]:
        """Start `upheld serve` on a machine."""
        data = self.folder / machine.folder
        variables: dict[str, str | None] = {**environment(UPHELD_DATA_DIR=str(data)), **machine.environment}
        command = [UPHELD, "serve", "--seeds", str(self.seeds), "--port", str(port)]
        if machine.before[:2] == ("env", "-i"):
            command = [f"UPHELD_DATA_DIR={data}", *command]
        return subprocess.Popen(  # noqa: S603 - our own command
            [*machine.before, *command],
            env={name: value for name, value in variables.items() if value is not None},
            cwd=machine.cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """Yield a place with release 1.0.0 loaded."""
    folder = Path(tempfile.mkdtemp(prefix="upheld-machines-", dir="/tmp")).resolve()
    folder.chmod(0o755)
    place = Place(folder, write_released_seeds(folder))
    with running(place, Machine()):
        pass
    for name in ("of nobody", "disk"):
        (folder / name).mkdir()
        (folder / name).chmod(0o777)
    yield place
    # PostgreSQL ends a moment after its program.
    wait_until(lambda: not any(map(processes, folder.iterdir())), PATIENCE)
    shutil.rmtree(folder)


@contextmanager
def running(place: Place, machine: Machine) -> Iterator[int]:
    """Yield the port of `upheld serve` once it answers; check that it exits cleanly."""
    port = free_port()
    with place.start(machine, port) as process:
        try:
            deadline = time.monotonic() + 2 * PATIENCE
            while asked(machine, process.pid, port, "/health/ready") is None:
                assert process.poll() is None, process.communicate()[0]
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert '"value":119' in (asked(machine, process.pid, port, f"/v1/figures/{FIGURE}") or "")
            yield port
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=PATIENCE)[0]
        finally:
            process.kill()
    assert process.returncode in {0, -signal.SIGTERM}, said
    assert "Traceback" not in said
    assert "1.0.0 with 25 records" in said


def asked(machine: Machine, pid: int, port: int, path: str) -> str | None:
    """Return the answer from a server on a machine, or None."""
    address = f"http://127.0.0.1:{port}{path}"
    if machine.before[:2] == AWAY[:2]:
        command = ["nsenter", f"--target={pid}", "--net", sys.executable, "-c", ASK, address]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        return done.stdout if done.returncode == 0 else None
    try:
        answer = httpx.get(address, trust_env=False, timeout=PATIENCE)
    except httpx.TransportError:
        return None
    return answer.text if answer.is_success else None


def need(machine: Machine) -> None:
    """Skip a test if the machine can't be set up because a program or a right is missing."""
    if not machine.before or machine.before[0] in {"sh", "env"}:
        return
    if shutil.which(machine.before[0]) is None:
        pytest.skip(f"there is no {machine.before[0]} here")
    if machine.before[0] == "unshare":
        program = ["unshare", machine.before[1], "true"]
        if subprocess.run(program, check=False, capture_output=True).returncode:  # noqa: S603 - our own words
            pytest.skip(f"root may not use {' '.join(program[:2])} here")


@pytest.mark.parametrize("name", WORKING)
def test_it_works(place: Place, name: str) -> None:
    """The program starts with its database, answers, and stops without odd output."""
    machine = WORKING[name]
    folder = place.folder / machine.folder
    if machine.folder == LONG:
        (place.folder / "data").rename(folder)
    try:
        with running(place, machine):
            pass
    finally:
        if machine.folder == LONG:
            folder.rename(place.folder / "data")


@AS_ROOT
@pytest.mark.parametrize("name", ROOTS)
def test_it_works_there_too(place: Place, name: str) -> None:
    """The program also works on machines that only root can set up."""
    need(ROOTS[name])
    with running(place, ROOTS[name]):
        pass


@AS_ROOT
@pytest.mark.parametrize("name", REFUSED)
def test_it_says_what_to_do(place: Place, name: str) -> None:
    """The program exits with status 1 and one sentence."""
    machine, words = REFUSED[name]
    need(machine)
    with place.start(machine, free_port()) as process:
        try:
            said = process.communicate(timeout=2 * PATIENCE)[0]
        finally:
            process.kill()
    assert process.returncode == 1, said
    assert "Traceback" not in said
    last = next(line for line in reversed(said.splitlines()) if line.startswith("upheld: "))
    assert re.search(words, last), said


def test_two_starts_at_once(place: Place) -> None:
    """On a new folder, one program creates the database and the other shares it; both answer."""
    machine = Machine(folder="twice")
    ports = [free_port(), free_port()]
    processes = [place.start(machine, port) for port in ports]
    try:
        deadline = time.monotonic() + 2 * PATIENCE
        while not all(asked(machine, 0, port, f"/v1/figures/{FIGURE}") for port in ports):
            assert {process.poll() for process in processes} == {None}, [one.poll() for one in processes]
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        for process in processes:
            process.terminate()
    said = [process.communicate(timeout=PATIENCE)[0] for process in processes]
    assert all("Traceback" not in text for text in said)
    assert sorted("already loaded" in text for text in said) == [False, True]

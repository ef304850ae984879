"""Programs that are measured: started, watched through /proc, and ended whatever happens."""

import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import socket

from app.embedded.server import tie_to_parent

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 60.0
"""Seconds within which a program has to answer."""


class BenchError(Exception):
    """A measurement cannot be made; the message says what to do."""


def free_port() -> int:
    """Return a port that nothing listens on."""
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_program(
    command: Iterable[str | Path], port: int, path: str, environment: Mapping[str, str], log: Path
) -> Iterator[int]:
    """Yield the pid of a program that answers at a port; it ends with this block, and with this process."""
    with log.open("wb") as out:
        program = subprocess.Popen(  # noqa: S603 - programs of ours
            list(map(str, command)),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=tie_to_parent(),  # noqa: PLW1509 - a child can ask for its parent's signal only by itself
        )
    try:
        _await(program, port, path, log)
        yield program.pid
    finally:
        program.terminate()
        try:
            program.wait(10)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def _await(program: "subprocess.Popen[bytes]", port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while program.poll() is None and time.monotonic() < deadline:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
                connection.request("GET", path)
                status = connection.getresponse().status
        except OSError:
            time.sleep(0.01)
            continue
        if status == 200:  # noqa: PLR2004 - the status that is waited for
            return
        break
    raise BenchError(f"{program.args!r} does not answer {path}:\n{log.read_text(errors='replace')[-2000:]}")


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and its children have taken so far."""
    total = 0
    for process in [pid, *_children(pid)]:
        # After the name, which may hold anything: utime, stime, and those of children that have ended.
        fields = _stat(process)
        total += sum(map(int, fields[11:15])) if fields else 0
    return total / TICKS


def resident_mb(pid: int, field: str = "VmRSS") -> float:
    """Return the memory that a process holds, in MB; `VmHWM` is the most that it ever held."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{field}:")) / 1024


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile; its parent counts it
        return []


def _children(pid: int) -> list[int]:
    processes = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    found = [process for process in processes if (fields := _stat(process)) and int(fields[1]) == pid]
    return [*found, *(below for child in found for below in _children(child))]

"""The programs that are measured: start and stop them, and read their processor time and memory from /proc."""

import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from socket import socket

from app.embedded.server import tie_to_parent

TICKS = os.sysconf("SC_CLK_TCK")
STARTUP_LIMIT = 60.0
"""Seconds until a program must answer."""


class BenchError(Exception):
    """A measurement can't be made; the message says why."""


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
    """Yield the process id of a program that answers on a port; it ends with this block, and with this process."""
    with log.open("wb") as out:
        program = subprocess.Popen(  # noqa: S603 - programs of ours
            list(map(str, command)),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=tie_to_parent(),  # noqa: PLW1509 - only the child itself can ask for its parent's signal
        )
    try:
        _wait_for(program, port, path, log)
        yield program.pid
    finally:
        program.terminate()
        try:
            program.wait(10)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def _wait_for(program: "subprocess.Popen[bytes]", port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + STARTUP_LIMIT
    while program.poll() is None and time.monotonic() < deadline:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=STARTUP_LIMIT)) as connection:
                connection.request("GET", path)
                status = connection.getresponse().status
        except OSError:
            time.sleep(0.01)
            continue
        if status in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
            return
        break
    raise BenchError(f"{program.args!r} does not answer {path}:\n{log.read_text(errors='replace')[-2000:]}")


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and its children have taken so far."""
    total = 0
    for process in [pid, *_children(pid)]:
        # utime, stime and those of children that have ended; the name before them may contain anything.
        fields = _stat(process)
        total += sum(map(int, fields[11:15])) if fields else 0
    return total / TICKS


def resident_mb(pid: int, field: str = "VmRSS") -> float:
    """Return the resident memory of a process in MB; `VmHWM` is its highest so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{field}:")) / 1024


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended; its parent's times include it
        return []


def _children(pid: int) -> list[int]:
    processes = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    found = [process for process in processes if (fields := _stat(process)) and int(fields[1]) == pid]
    return [*found, *(below for child in found for below in _children(child))]

"""The load: wrk requests a list of addresses for some seconds."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from bench.processes import BenchError

SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True)
class Load:
    """The result of a run of wrk."""

    requests: int
    seconds: float
    median_ms: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def wrk() -> str:
    """Return the path of wrk.

    Raises:
        BenchError: if it isn't installed.

    """
    found = shutil.which("wrk")
    if found is None:
        raise BenchError("wrk is not installed; on Debian: apt-get install wrk")
    return found


def request(
    port: int, paths: Sequence[str], *, connections: int = 8, seconds: int = 2, tag: str | None = None
) -> Load:
    """Request addresses in order, over several connections at once.

    Raises:
        BenchError: if an answer is an error, or there is none.

    """
    with NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(paths) + "\n")
        file.flush()
        output = subprocess.run(  # noqa: S603 - a program of the system
            [
                *(wrk(), "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"),
                *("--timeout", "10s", "--script", str(SCRIPT), f"http://127.0.0.1:{port}", "--", file.name),
                *([tag] if tag else []),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    result = next((line.split() for line in output.splitlines() if line.startswith("RESULT")), None)
    if result is None or int(result[4]) or not int(result[1]):
        raise BenchError(f"port {port} gave errors to {paths[0]} and other addresses:\n{output}")
    return Load(int(result[1]), int(result[2]) / 1e6, float(result[3]) / 1000)

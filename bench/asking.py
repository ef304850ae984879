"""The load: wrk asks for a list of addresses for a while."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from bench.processes import BenchError

SCRIPT = Path(__file__).with_name("ask.lua")


@dataclass(frozen=True)
class Asked:
    """What became of requests that were asked for a while."""

    requests: int
    seconds: float
    median_ms: float

    @property
    def rate(self) -> float:
        """Requests in a second."""
        return self.requests / self.seconds


def wrk() -> str:
    """Return where wrk is.

    Raises:
        BenchError: where it is not installed.

    """
    found = shutil.which("wrk")
    if found is None:
        raise BenchError("wrk is not installed; Debian has it: apt install wrk")
    return found


def ask(  # noqa: PLR0913 - who asks for what, and how
    port: int,
    paths: Sequence[str],
    *,
    connections: int = 8,
    seconds: int = 2,
    anew: bool = False,
    tag: str | None = None,
) -> Asked:
    """Ask for addresses, in turn, over several connections at once.

    Raises:
        BenchError: where an answer is an error, or none comes.

    """
    with NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(paths) + "\n")
        file.flush()
        more = [file.name, "anew" if anew else "again", *([tag] if tag else [])]
        told = subprocess.run(  # noqa: S603 - a program of the system
            [
                *(wrk(), "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"),
                *("--timeout", "10s", "--script", str(SCRIPT), f"http://127.0.0.1:{port}", "--", *more),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    result = next((line.split() for line in told.splitlines() if line.startswith("RESULT")), None)
    if result is None or int(result[4]) or not int(result[1]):
        raise BenchError(
            f"the answers of port {port} to {paths[0]} and others are not what they should be:\n{told}"
        )
    return Asked(int(result[1]), int(result[2]) / 1e6, float(result[3]) / 1000)

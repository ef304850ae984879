"""How much is measured, how often, and where files are kept."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True)
class Options:
    """The options of a run."""

    figures: int
    rounds: int
    seconds: int
    cache: Path

    def log(self, name: str) -> Path:
        """Return the log file of a program."""
        return self.cache / "logs" / f"{name}.log"


def read_options(program: str, description: str | None) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--figures", type=int, default=100_000, help="figures in the large dataset (100000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each comparison (5)")
    parser.add_argument("--seconds", type=int, default=2, help="seconds of each turn (2)")
    given = parser.parse_args()
    # PostgreSQL runs as another user for root, and that user can't enter root's home.
    cache_dir = platformdirs.site_cache_dir if os.geteuid() == 0 else platformdirs.user_cache_dir
    cache = Path(cache_dir("upheld-bench"))
    (cache / "logs").mkdir(parents=True, exist_ok=True)
    return Options(given.figures, given.rounds, given.seconds, cache)

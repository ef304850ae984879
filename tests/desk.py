"""A curator's working folder: a copy of the seeds, the made-up article's text, and the command line."""

import shutil
from pathlib import Path
from typing import NamedTuple

from tests.programs import Run
from tests.texts import FORCE, MADE_UP, NAME


class Desk(NamedTuple):
    """A curator's seeds and texts, with `upheld` to run on them."""

    seeds: Path
    texts: Path
    upheld: Run

    def run(self, command: str, *arguments: str) -> tuple[object, str]:
        """Run a command on the seeds; return its exit code and what it printed."""
        return self.upheld(command, "--seeds", self.seeds, *arguments)

    @property
    def article(self) -> Path:
        """The seed file of the made-up article."""
        return self.seeds / f"{NAME}.yaml"

    def fill_in(self) -> None:
        """Put the finished seed file in place of the skeleton, and add the force it needs."""
        shutil.copy(MADE_UP / f"{NAME}.yaml", self.article)
        with (self.seeds / "forces.csv").open("a", encoding="utf-8") as forces:
            forces.write(FORCE)

"""The Dockerfile, instruction by instruction."""

import re
import shlex
from typing import NamedTuple

import orjson

from app.settings import PROJECT


class Step(NamedTuple):
    """An instruction of the Dockerfile."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """What it says, taken apart: the exec form as the list that it is, anything else as a shell does."""
        return orjson.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


def dockerfile() -> list[Step]:
    """Read the Dockerfile: comments gone, continued lines joined."""
    lines = [line for line in (PROJECT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Step(*line.split(maxsplit=1)) for line in joined.splitlines() if line]


def last(name: str) -> Step:
    """Return the instruction of a name that holds for the image."""
    return next(step for step in reversed(dockerfile()) if step.name == name)

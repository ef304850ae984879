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
        """The text as words: the exec form as its list, anything else split as a shell does."""
        return orjson.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


def dockerfile() -> list[Step]:
    """Read the Dockerfile, without comments and with continued lines joined."""
    lines = [line for line in (PROJECT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Step(*line.split(maxsplit=1)) for line in joined.splitlines() if line]


def last(name: str) -> Step:
    """Return the last instruction with a name, which is the one in effect."""
    return next(step for step in reversed(dockerfile()) if step.name == name)

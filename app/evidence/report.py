"""What verification found: each source's result, and every mismatch."""

from dataclasses import asdict, dataclass
from enum import StrEnum

import orjson


class State(StrEnum):
    """The result for a source."""

    VERIFIED = "verified"
    FAILED = "failed"
    UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Mismatch:
    """Something the seeds say about a text that the text doesn't support.

    `record` is None if the mismatch is about the whole file, and "the ledger" for ledger entries.
    """

    file: str
    paragraph: int | None
    record: str | None
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        """Return `file: paragraph: record: what: expected …, found …`, without the parts that don't apply."""
        paragraph = f"paragraph {self.paragraph}" if self.paragraph else None
        places = [place for place in (self.file, paragraph, self.record) if place]
        return f"{': '.join(places)}: {self.what}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True)
class SourceResult:
    """The result for a source, and how many passages and numbers were compared."""

    source: str
    file: str | None
    state: State
    reason: str | None = None
    passages: int = 0
    numbers: int = 0

    def __str__(self) -> str:
        """Return one line of the report."""
        counts = f"{self.passages} passages, {self.numbers} numbers"
        return f"{self.source}: {self.state}, {self.reason or f'{self.file}, {counts}'}"


@dataclass(frozen=True)
class Report:
    """The result for every source, and every mismatch."""

    sources: list[SourceResult]
    problems: list[Mismatch]

    @property
    def passed(self) -> bool:
        """Whether at least one source was verified and none failed."""
        states = {source.state for source in self.sources}
        return State.VERIFIED in states and State.FAILED not in states

    @property
    def summary(self) -> str:
        """How many sources had each result."""
        count = {state: sum(source.state is state for source in self.sources) for state in State}
        if count[State.UNVERIFIED] == len(self.sources):
            return "Nothing could be verified: none of the texts is in the folder."
        return ", ".join(f"{number} {state}" for state, number in count.items()) + "."

    def __str__(self) -> str:
        """Return the report for people to read."""
        # Put what needs action last, next to the summary.
        order = (State.UNVERIFIED, State.VERIFIED, State.FAILED)
        sources = sorted(self.sources, key=lambda source: order.index(source.state))
        return "\n".join([*map(str, sources), *map(str, self.problems), self.summary])

    def to_json(self) -> str:
        """Return the report for programs to read."""
        body = {"passed": self.passed, "summary": self.summary, **asdict(self)}
        return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()

"""What is wrong with the seeds, and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import UpheldError


@dataclass(frozen=True, order=True)
class Problem:
    """A reason why the seeds can't be loaded, and its place; line 0 means the whole file."""

    file: str
    line: int
    record: str
    field: str
    message: str
    question: str = ""
    """The key for the answer, if this is a question that the record can answer."""
    may_wait: bool = False
    """Whether the records can be read, verified and reviewed despite it; they can't be loaded or released."""

    def __str__(self) -> str:
        """Return `file:line: record, field: message`, without the parts that don't apply."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        what = ", ".join(part for part in (self.record, self.field) if part)
        message = f"question {self.question}: {self.message}" if self.question else self.message
        return f"{place}: {what}: {message}" if what else f"{place}: {message}"


class SeedError(UpheldError):
    """The seeds can't be loaded. `problems` lists every reason, by file and line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Sort the problems by file and line."""
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def report(self) -> str:
        """Return every problem, one per line, and a count."""
        questions = sum(bool(problem.question) for problem in self.problems)
        counts = [
            f"{number} {noun}{'s' if number > 1 else ''}"
            for number, noun in ((len(self.problems) - questions, "problem"), (questions, "question"))
            if number
        ]
        return f"{self}\n{' and '.join(counts)}; nothing was done."

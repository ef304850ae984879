"""What is wrong with a query, in terms that a client can act on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

ParameterCode = Literal[
    "unknown-parameter",
    "repeated",
    "empty",
    "malformed",
    "out-of-range",
    "reversed",
    "unknown-code",
    "not-applicable",
    "foreign-cursor",
]

MAX_COMPARED = 100
"""Characters of a value that are compared with what would be accepted."""


@dataclass(frozen=True)
class ParameterError:
    """One thing that is wrong with a parameter, and what would be accepted."""

    parameter: str
    value: str
    code: ParameterCode
    message: str
    allowed: list[str] = field(default_factory=list)
    nearest: list[str] = field(default_factory=list)


class BadQueryError(Exception):
    """A query with everything that is wrong with it."""

    def __init__(self, errors: Sequence[ParameterError]) -> None:
        """Keep the errors."""
        super().__init__(", ".join(error.parameter for error in errors))
        self.errors = list(errors)


def nearest(value: str, allowed: Sequence[str]) -> list[str]:
    """Return the accepted values most like this one, best first, at most three."""
    return get_close_matches(value[:MAX_COMPARED], allowed, 3, 0.6)

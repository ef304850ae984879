"""What a form offers to choose from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """An option of a form."""

    value: str
    text: str
    is_chosen: bool


def choices(offered: Mapping[str, str], chosen: Collection[str]) -> list[Choice]:
    """Return values with their names as options."""
    return [Choice(value, text, value in chosen) for value, text in offered.items()]

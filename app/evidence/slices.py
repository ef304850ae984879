"""Find words in a text: the locator and digest to paste into a record's evidence."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from app.errors import UpheldError
from app.evidence.numbers import LOOKALIKES, find_numbers
from app.evidence.passages import digest, paragraphs
from app.evidence.texts import read_text

GAP = re.compile(r"\s*(?:\.\.\.|\u2026)\s*")
"""Matches an ellipsis that stands for any words between the first words and the last."""

MAX_SHOWN = 5


class SliceError(UpheldError):
    """The text doesn't contain the words, or contains them more than once."""


def slice_of(path: Path, words: str) -> str:
    """Return the lines of evidence for the passage that starts and ends with the given words.

    "Of these … were upheld" is everything from the first words to the last.

    Raises:
        SliceError: if the text can't be read, or doesn't contain the words exactly once.

    """
    lines = paragraphs(read_text(path, SliceError))
    found = [(place, start, end) for place, line in enumerate(lines, 1) for start, end in _places(line, words)]
    if not found:
        raise SliceError(f"{words!r} is in no paragraph of {path.name}; copy the words as they are printed")
    if len(found) > 1:
        places = ", ".join(f"paragraph {place} at {start}" for place, start, _ in found[:MAX_SHOWN])
        raise SliceError(f"{words!r} is in {path.name} {len(found)} times: {places}; give more of the words around")
    place, start, end = found[0]
    inside = [one for one in find_numbers(lines[place - 1]) if start <= one.start < one.end <= end]
    quoted = [json.dumps(number.text, ensure_ascii=False) for number in inside]
    printed = [f"{'as_printed: ' if len(quoted) == 1 else '# as_printed is one of '}{', '.join(quoted)}"]
    locator = [
        f"paragraph: {place}",
        f"start: {start}",
        f"end: {end}",
        f"sha256: {digest(lines[place - 1][start:end])}",
    ]
    return "".join(f"        {line}\n" for line in [*(printed if quoted else []), *locator])


def _places(line: str, words: str) -> Iterator[tuple[int, int]]:
    """Yield where the words are in a paragraph, treating spaces and hyphens that look alike as the same."""
    parts = [re.escape(part) for part in GAP.split(words.translate(LOOKALIKES).strip()) if part]
    if not parts:
        return
    pattern = re.compile(".*?".join(part.replace(r"\ ", r"\s+") for part in parts), re.IGNORECASE)
    for match in pattern.finditer(line.translate(LOOKALIKES)):
        yield match.span()

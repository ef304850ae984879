"""The passages of a text: paragraphs, the clause around a number, digests."""

import hashlib
import re

from app.evidence.numbers import occurrences

CLAUSE_END = re.compile(r"""[;!?()\[\]"\u201c\u201d\u2018\u2026\u2013\u2014|]|[.,:](?!\d)|(?<!\d)[.,:]|\s-\s""")
"""Where a clause ends; not at the comma in 1,300 or the point in 1.5."""


def paragraphs(text: str) -> list[str]:
    """Return the non-empty lines of a text as they are; the first is paragraph 1."""
    return [line for line in re.split(r"\r\n|\r|\n", text) if line]


def digest(passage: str) -> str:
    """Return the SHA-256 of a passage's UTF-8 bytes."""
    return hashlib.sha256(passage.encode()).hexdigest()


def clause_around(paragraph: str, start: int, end: int) -> tuple[int, int]:
    """Return start and end of the smallest clause around a number that has this number only once."""
    printed = paragraph[start:end]
    breaks = [(match.start(), match.end()) for match in CLAUSE_END.finditer(paragraph)]
    first = max((after for _, after in breaks if after <= start), default=0)
    last = min((before for before, _ in breaks if before >= end), default=len(paragraph))
    for other in occurrences(paragraph, first, last, printed):
        first = max(first, other + len(printed)) if other < start else first
        last = min(last, other) if other > start else last
    clause = paragraph[first:last]
    return first + len(clause) - len(clause.lstrip()), last - len(clause) + len(clause.rstrip())

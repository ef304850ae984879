"""Passages of a text: paragraphs, the clause that makes a statement about a number, digests."""

import hashlib
import re
from collections.abc import Sequence

from app.evidence.numbers import occurrences

CLAUSE_END = re.compile(r"""[;!?()\[\]"\u201c\u201d\u2018\u2026\u2013\u2014|\t]|[.,:](?!\d)|(?<!\d)[.,:]|\s-\s""")
"""Where a clause ends; not at the comma in 1,300 or the point in 1.5."""

SENTENCE_END = re.compile(r"[.!?;|\t\u2026]")
"""The clause ends that also end a sentence, or text that reads as one."""

LEANS = re.compile(
    r"(?:though|although|while|whereas|including|with|which|who|whose|where|according to|compared|up from|"
    r"down from)(?!\w)|.*(?<!\w)of (?:these|those|them|which|whom)(?!\w)",
    re.IGNORECASE,
)
"""A clause about what the clause before it says."""

PARTS = re.compile(r"(?:of|among)(?!\w)", re.IGNORECASE)
"""A clause that says what something is part of."""

FOLLOWS = re.compile(r"according to(?!\w)", re.IGNORECASE)
"""A clause that attributes what the clause before it says."""

VERB = re.compile(
    r"(?<!\w)(?:is|are|was|were|isn\u2019t|aren\u2019t|wasn\u2019t|weren\u2019t|ha[sd]|have|d(?:oes|o|id)|will|would|"
    r"can|could|may|might|must|should|became|began|came|fac(?:es|ing)|fell|found|gave|got|grew|held|kept|le[ds]|left|"
    r"lost|made|mean[st]?|met|paid|ran|rose|said|sat|saw|say|says|sent|sh(?:ow|ows)|stood|stands|took|told|went|won|"
    r"(?<!the )(?<!an )(?<!a )(?<!of )(?!(?:alleged|based|combined|compared|estimated|hundred|indeed|need|related|"
    r"speed|suspected|united)(?!\w))[a-z]{2,}ed)(?!\w)",
    re.IGNORECASE,
)
"""What makes words a clause. A verb missing here only makes a passage longer than necessary."""


def paragraphs(text: str) -> list[str]:
    """Return the non-empty lines of a text unchanged; the first is paragraph 1."""
    return [line for line in re.split(r"\r\n|\r|\n", text) if line]


def digest(passage: str) -> str:
    """Return the SHA-256 of a passage's UTF-8 bytes."""
    return hashlib.sha256(passage.encode()).hexdigest()


def clause_around(paragraph: str, start: int, end: int) -> tuple[int, int]:
    """Return the start and end of the smallest clause around a number that has this number only once."""
    printed = paragraph[start:end]
    breaks = [(match.start(), match.end()) for match in CLAUSE_END.finditer(paragraph)]
    first = max((after for _, after in breaks if after <= start), default=0)
    last = min((before for before, _ in breaks if before >= end), default=len(paragraph))
    for other in occurrences(paragraph, first, last, printed):
        first = max(first, other + len(printed)) if other < start else first
        last = min(last, other) if other > start else last
    clause = paragraph[first:last]
    return first + len(clause) - len(clause.lstrip()), last - len(clause) + len(clause.rstrip())


def cell_names(lines: Sequence[str], place: int, start: int) -> tuple[str, str] | None:
    """Return the row and column names for an offset in an article's table, or None if it isn't in a table.

    A table is consecutive lines with the same number of tabs or vertical bars; the first line is the header.
    """
    line = lines[place - 1]
    separator = "\t" if "\t" in line else "|"
    columns, top = line.count(separator), place
    while columns and top > 1 and lines[top - 2].count(separator) == columns:
        top -= 1
    if top == place:
        return None
    row, header = (lines[at - 1].split(separator) for at in (place, top))
    return row[0].strip(), header[line[:start].count(separator)].strip()


def statement_around(paragraph: str, start: int, end: int) -> tuple[int, int]:
    """Return the start and end of the clauses that make the statement about a number, with this number only once.

    A clause that has no verb, or is about what another one says, is widened within its sentence: "including three
    for rape" to say what the three are part of, "169" to say what there are 169 of.
    """
    ends = [match for match in CLAUSE_END.finditer(paragraph) if match.end() <= start or match.start() >= end]
    hard = [
        match
        for match in ends
        if SENTENCE_END.search(match[0]) and not paragraph[match.end() : match.end() + 1].isalnum()
    ]
    low = max((match.end() for match in hard if match.end() <= start), default=0)
    high = min((match.start() for match in hard if match.start() >= end), default=len(paragraph))
    inside = [match for match in ends if low <= match.start() and match.end() <= high]
    spans = zip([low, *(m.end() for m in inside)], [*(m.start() for m in inside), high], strict=True)
    clauses = [span for span in spans if any(map(str.isalnum, paragraph[slice(*span)]))]
    first = last = next(at for at, span in enumerate(clauses) if span[0] <= start < span[1])

    def text(first: int, last: int) -> str:
        return paragraph[clauses[first][0] : clauses[last][1]].strip()

    def has_it_once(first: int, last: int) -> bool:
        return len(occurrences(paragraph, clauses[first][0], clauses[last][1], paragraph[start:end])) == 1

    if not has_it_once(first, last):
        return clause_around(paragraph, start, end)
    while True:
        said = [text(at, at) for at in range(first, last + 1)]
        # "Of the 90 complaints made in May" isn't a statement yet.
        is_fragment = not any(VERB.search(one) for one in said if len(said) == 1 or not PARTS.match(one))
        leans = is_fragment or LEANS.match(text(first, first)) or (first == 1 and not VERB.search(text(0, 0)))
        if leans and first > 0 and has_it_once(first - 1, last):
            first -= 1
        elif (
            last + 1 < len(clauses)
            and has_it_once(first, last + 1)
            and (is_fragment or FOLLOWS.match(text(last + 1, last + 1)))
        ):
            last += 1
        else:
            break
    passage = paragraph[clauses[first][0] : clauses[last][1]]
    begin = clauses[first][0] + len(passage) - len(passage.lstrip())
    return begin, begin + len(passage.strip())

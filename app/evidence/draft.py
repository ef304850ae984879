"""A skeleton of an article's seed file: what can be counted out of the text, and TODO where people decide.

Every number gets a place in the ledger and a record to fill in; a curator keeps one of the two. No text of the
article goes into the skeleton, only its numbers and where they stand.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from app.domain.fields import FileName, Id, json_number
from app.domain.vocabulary import Qualifier, ValueType
from app.errors import UpheldError
from app.evidence.passages import (
    PREPOSITIONS,
    Number,
    Sort,
    amount,
    digest,
    is_between,
    is_per_cent,
    numbers,
    paragraphs,
    partners,
    standing,
    wording,
)
from app.seeds.reading import TODO

BREAK = re.compile(r"""[;!?()\[\]"\u201c\u201d\u2018\u2026\u2013\u2014|]|[.,:](?!\d)|(?<!\d)[.,:]|\s-\s""")
"""Where a clause ends; not the comma of 1,300, nor the point of 1.5."""

ARTICLES = ("a ", "an ")


class DraftError(UpheldError):
    """There is nothing to draft from; the message says why."""


def draft(path: Path, source: str | None = None) -> str:
    """Return a skeleton seed file for the text of an article.

    Raises:
        DraftError: where the text cannot be read, or its name or the source's id cannot be recorded.

    """
    for kind, name in ((FileName, path.name), (Id, source or "none")):
        try:
            TypeAdapter(kind).validate_python(name)
        except ValidationError as error:
            raise DraftError(f"{name!r} cannot be recorded: {error.errors()[0]['msg']}") from error
    try:
        content = path.read_bytes()
        text = paragraphs(content.decode("utf-8"))
    except OSError as error:
        raise DraftError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DraftError(f"{path} is not UTF-8 at byte {error.start}") from error
    found = [(place, line, number) for place, line in enumerate(text, 1) for number in numbers(line)]
    head = HEAD.format(id=source or TODO, file=json.dumps(path.name), sha256=hashlib.sha256(content).hexdigest())
    records = [record for place, line, number in found for record in _record(place, line, number)]
    ledger = [_entry(place, number) for place, _, number in found]
    return "\n".join([head, "records:", "\n".join(records) or "  []", "ledger:", *(ledger or ["  []"]), ""])


HEAD = """\
# Fill in every TODO or delete its line. A number has a record and an entry in the ledger: keep one of the two.
source:
  id: {id}
  title: TODO
  publisher: TODO
  published: {{date: TODO, precision: TODO, basis: TODO}}
  url: TODO
  kind: TODO
  origin: TODO
  file: {file}
  sha256: {sha256}
"""

RECORD = """\
  - id: TODO
    kind: TODO
    statement: TODO
    force: TODO
    period: {{start: TODO, end: TODO, precision: TODO, year_type: TODO, basis: TODO, event: TODO, label: TODO}}
    allegation: TODO
    stage: TODO  # of a proceeding
    outcome: TODO  # of an outcome
{facts}
    unit: TODO
    subjects: TODO
    base: TODO
    evidence:
      - role: states
        as_printed: {printed}
        paragraph: {paragraph}
        start: {start}
        end: {end}
        sha256: {sha256}
"""


def clause(paragraph: str, start: int, end: int) -> tuple[int, int]:
    """Return from where to where the smallest clause goes that holds what stands at a place, and holds it once."""
    printed = paragraph[start:end]
    breaks = [(found.start(), found.end()) for found in BREAK.finditer(paragraph)]
    first = max((after for _, after in breaks if after <= start), default=0)
    last = min((before for before, _ in breaks if before >= end), default=len(paragraph))
    for other in standing(paragraph, first, last, printed):
        first = max(first, other + len(printed)) if other < start else first
        last = min(last, other) if other > start else last
    inside = paragraph[first:last]
    return first + len(inside) - len(inside.lstrip()), last - len(inside) + len(inside.rstrip())


def _record(place: int, line: str, number: Number) -> Iterator[str]:
    """Yield the record that a number may be the figure of; none for the second of "between six and 19"."""
    start, end = _with_article(line, number)
    facts: dict[str, object] = {"value": TODO}
    upper = None
    if is_between(line, start, end):
        upper = next((other for other in partners(line, start, end) if other.start > end), None)
        if upper is None:
            return
    if said := amount(line[start:end]):
        share = said.sort is Sort.SHARE
        facts["value"] = json_number(float(round(said.value * 100, 2) if share else said.value))
        if upper and (most := amount(upper.text)):
            facts["value_to"] = json_number(float(most.value))
        if share or is_per_cent(line, upper.end if upper else end):
            facts["value_type"] = ValueType.PERCENT
        if said.sort is Sort.CHANGE:
            facts["value_type"] = ValueType.CHANGE_PERCENT
    facts["value_status"] = "stated"
    words, means = wording(line, start, end)
    if upper:
        facts["qualifier"] = Qualifier.BETWEEN
    elif words:
        facts["qualifier"] = TODO if len(means) > 1 or words in PREPOSITIONS else next(iter(means))
    first, last = clause(line, start, upper.end if upper else end)
    yield RECORD.format(
        facts="\n".join(f"    {name}: {value}" for name, value in facts.items()),
        printed=json.dumps(line[start:end], ensure_ascii=False),
        paragraph=place,
        start=first,
        end=last,
        sha256=digest(line[first:last]),
    )


def _with_article(line: str, number: Number) -> tuple[int, int]:
    """Return where a number stands, with "a" before it where it cannot be read without."""
    if amount(number.text) is None:
        for article in ARTICLES:
            start = number.start - len(article)
            if line[max(start, 0) : number.start].lower() == article and amount(line[start : number.end]):
                return start, number.end
    return number.start, number.end


def _entry(place: int, number: Number) -> str:
    token = json.dumps(number.text, ensure_ascii=False)
    return f"  - {{paragraph: {place}, start: {number.start}, end: {number.end}, token: {token}, reason: {TODO}}}"

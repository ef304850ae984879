"""A skeleton seed file for an article or a table: what a program can work out, and TODO for what people decide.

A number that says when, how long or how old is an entry in the ledger. Any other is a record to fill in, with the
entry that the ledger would have in a comment. The skeleton has no text of the article, only its numbers and where
they are.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from app.domain.fields import PATTERNS, FileName, Id, json_number
from app.domain.vocabulary import Qualifier, SourceKind, ValueType
from app.evidence.amounts import AmountType, read_amount
from app.evidence.context import (
    PREPOSITIONS,
    is_between,
    is_per_cent,
    qualifying_words,
    range_partners,
    signs_of_change,
)
from app.evidence.draft_table import draft_table
from app.evidence.drafts import TODO, DraftError
from app.evidence.numbers import Number, find_numbers
from app.evidence.passages import clause_around, digest, paragraphs
from app.evidence.times import said_of_time

ARTICLES = ("a ", "an ")


def draft(path: Path, source: str | None = None) -> str:
    """Return a skeleton seed file for the text of an article, or for a table if the file's name ends in `.csv`.

    Raises:
        DraftError: if the file can't be read or has no rows, or its name or the source's id isn't valid.

    """
    _check_name(TypeAdapter(FileName), path.name, "file name")
    _check_name(TypeAdapter(Id), source or "none", "source id")
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except OSError as error:
        raise DraftError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DraftError(f"{path} is not UTF-8 at byte {error.start}") from error
    is_table = path.suffix.lower() == ".csv"
    head = HEAD.format(
        id=source or TODO,
        kind=SourceKind.DATA_TABLE if is_table else TODO,
        file=json.dumps(path.name),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    if is_table:
        return f"{head}\n{draft_table(text)}"
    lines = paragraphs(text)
    found = [(place, line, number) for place, line in enumerate(lines, 1) for number in find_numbers(line)]
    times = [(place, number, reason) for place, line, number in found if (reason := said_of_time(line, number))]
    of_time = {(place, number.start) for place, number, _ in times}
    records = [
        record
        for place, line, number in found
        if (place, number.start) not in of_time
        for record in _record(place, line, number)
    ]
    ledger = [f"  - {_entry(place, number, reason)}" for place, number, reason in times]
    parts = [f"{CHOICE}\n{head}", DEFAULTS, "records:", "\n".join(records) or "  []"]
    return "\n".join([*parts, "ledger:", *(ledger or ["  []"]), ""])


def _check_name(type_: TypeAdapter[str], name: str, what: str) -> None:
    try:
        type_.validate_python(name)
    except ValidationError as error:
        detail = error.errors()[0]
        pattern = detail.get("ctx", {}).get("pattern")
        expected = f"must be {PATTERNS[pattern]}" if pattern else detail["msg"]
        raise DraftError(f"the {what} {name!r} {expected}") from error


CHOICE = """\
# Fill in every TODO or delete its line. If a number is no figure, move the line above its record to the ledger,
# with the reason, and delete the record."""

HEAD = """\
source:
  id: {id}
  title: TODO
  publisher: TODO
  published: {{date: TODO, precision: TODO, basis: TODO}}
  url: TODO
  kind: {kind}
  origin: TODO
  file: {file}
  sha256: {sha256}
"""

DEFAULTS = """\
# What most records say; a record that says otherwise has the field itself.
defaults:
  force: TODO
  period: {start: TODO, end: TODO, precision: TODO, year_type: TODO, basis: TODO, event: TODO, label: TODO}
  allegation: TODO
  unit: TODO
  subjects: TODO
"""

RECORD = """\
  # no figure? - {entry}
  - id: TODO
    kind: TODO  # then stage, for a proceeding, or outcome
    statement: TODO
{facts}
    evidence:
      - role: states
        as_printed: {printed}
        paragraph: {paragraph}
        start: {start}
        end: {end}
        sha256: {sha256}
"""

FIXED_TODO = 3
MAX_TODO = 4
"""Lines to fill in for a record: three in each, and at most so many in all."""


def _record(place: int, line: str, number: Number) -> Iterator[str]:
    """Yield the record that a number may be the value of; none for the second number of "between six and 19"."""
    start, end = _with_article(line, number)
    upper = None
    if is_between(line, start, end):
        upper = next((other for other in range_partners(line, start, end) if other.start > end), None)
        if upper is None:
            return
    facts = _value(line, start, end, upper)
    facts["value_status"] = "stated"
    words, qualifiers = qualifying_words(line, start, end)
    if upper:
        facts["qualifier"] = Qualifier.BETWEEN
    elif words:
        facts["qualifier"] = TODO if len(qualifiers) > 1 or words in PREPOSITIONS else next(iter(qualifiers))
    if list(facts.values()).count(TODO) + FIXED_TODO < MAX_TODO:
        facts["base"] = TODO
    first, last = clause_around(line, start, upper.end if upper else end)
    yield RECORD.format(
        entry=_entry(place, number, ""),
        facts="\n".join(f"    {name}: {value}" for name, value in facts.items()),
        printed=json.dumps(line[start:end], ensure_ascii=False),
        paragraph=place,
        start=first,
        end=last,
        sha256=digest(line[first:last]),
    )


def _value(line: str, start: int, end: int, upper: Number | None) -> dict[str, object]:
    """Return the value and the type of the number at a place, as far as a program can tell."""
    facts: dict[str, object] = {"value": TODO}
    amount = read_amount(line[start:end])
    if amount is None:
        return facts
    is_share = amount.type is AmountType.SHARE
    value = json_number(float(round(amount.value * 100, 2) if is_share else amount.value))
    facts["value"] = value
    if upper and (upper_amount := read_amount(upper.text)):
        facts["value_to"] = json_number(float(upper_amount.value))
    if is_share or is_per_cent(line, upper.end if upper else end):
        facts["value_type"] = ValueType.PERCENT
    if amount.type is AmountType.CHANGE:
        facts["value_type"] = ValueType.CHANGE_PERCENT
    elif sign := _change(line, start, end):
        changed = {ValueType.PERCENT: ValueType.CHANGE_PERCENT}.get(facts.get("value_type"))  # type: ignore[call-overload] # a missing type, too
        facts |= {"value": sign * abs(value), "value_type": changed or ValueType.CHANGE_COUNT}
    return facts


def _with_article(line: str, number: Number) -> tuple[int, int]:
    """Return start and end of a number, including "a" or "an" if it has no value without."""
    if read_amount(number.text) is None:
        for article in ARTICLES:
            start = number.start - len(article)
            if line[max(start, 0) : number.start].lower() == article and read_amount(line[start : number.end]):
                return start, number.end
    return number.start, number.end


BY = re.compile(
    r"(?<!\w)(?:by|(?:rise|increase|jump|fall|drop|decrease|reduction|decline) of) $",
    re.IGNORECASE,
)


def _change(line: str, start: int, end: int) -> int:
    """Return the sign of "rose by 14" and "a fall of 12 per cent"; 0 if it isn't said that something changed."""
    if not BY.search(line[:start]):
        return 0
    first, last = clause_around(line, start, end)
    signs = signs_of_change(line[first:last], line[start:end])
    return signs.pop() if len(signs) == 1 else 0


def _entry(place: int, number: Number, reason: str) -> str:
    token = json.dumps(number.text, ensure_ascii=False)
    return f"{{paragraph: {place}, start: {number.start}, end: {number.end}, token: {token}, reason: {reason}}}"

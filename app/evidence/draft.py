"""A skeleton seed file for an article or a table: what a program can work out, and TODO for what people decide.

Every number gets an entry in the ledger and a record to fill in; the curator keeps one of the two. The skeleton has
no text of the article, only its numbers and their places.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from app.domain.fields import PATTERNS, FileName, Id, json_number
from app.domain.vocabulary import Qualifier, SourceKind, ValueType
from app.evidence.amounts import AmountType, read_amount
from app.evidence.context import PREPOSITIONS, is_between, is_per_cent, qualifying_words, range_partners
from app.evidence.draft_table import draft_table
from app.evidence.drafts import TODO, DraftError
from app.evidence.numbers import Number, find_numbers
from app.evidence.passages import clause_around, digest, paragraphs

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
    records = [record for place, line, number in found for record in _record(place, line, number)]
    ledger = [_entry(place, number) for place, _, number in found]
    return "\n".join(
        [f"{CHOICE}\n{head}", "records:", "\n".join(records) or "  []", "ledger:", *(ledger or ["  []"]), ""]
    )


def _check_name(type_: TypeAdapter[str], name: str, what: str) -> None:
    try:
        type_.validate_python(name)
    except ValidationError as error:
        detail = error.errors()[0]
        pattern = detail.get("ctx", {}).get("pattern")
        expected = f"must be {PATTERNS[pattern]}" if pattern else detail["msg"]
        raise DraftError(f"the {what} {name!r} {expected}") from error


CHOICE = """\
# Fill in every TODO or delete its line. A number has a record and an entry in the ledger: keep one of the two."""

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

RECORD = """\
  - id: TODO
    kind: TODO
    statement: TODO
    force: TODO
    period: {{start: TODO, end: TODO, precision: TODO, year_type: TODO, basis: TODO, event: TODO, label: TODO}}
    allegation: TODO
    stage: TODO  # only for a proceeding
    outcome: TODO  # only for an outcome
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


def _record(place: int, line: str, number: Number) -> Iterator[str]:
    """Yield the record that a number may be the value of; none for the second number of "between six and 19"."""
    start, end = _with_article(line, number)
    facts: dict[str, object] = {"value": TODO}
    upper = None
    if is_between(line, start, end):
        upper = next((other for other in range_partners(line, start, end) if other.start > end), None)
        if upper is None:
            return
    if amount := read_amount(line[start:end]):
        is_share = amount.type is AmountType.SHARE
        facts["value"] = json_number(float(round(amount.value * 100, 2) if is_share else amount.value))
        if upper and (upper_amount := read_amount(upper.text)):
            facts["value_to"] = json_number(float(upper_amount.value))
        if is_share or is_per_cent(line, upper.end if upper else end):
            facts["value_type"] = ValueType.PERCENT
        if amount.type is AmountType.CHANGE:
            facts["value_type"] = ValueType.CHANGE_PERCENT
    facts["value_status"] = "stated"
    words, qualifiers = qualifying_words(line, start, end)
    if upper:
        facts["qualifier"] = Qualifier.BETWEEN
    elif words:
        facts["qualifier"] = TODO if len(qualifiers) > 1 or words in PREPOSITIONS else next(iter(qualifiers))
    first, last = clause_around(line, start, upper.end if upper else end)
    yield RECORD.format(
        facts="\n".join(f"    {name}: {value}" for name, value in facts.items()),
        printed=json.dumps(line[start:end], ensure_ascii=False),
        paragraph=place,
        start=first,
        end=last,
        sha256=digest(line[first:last]),
    )


def _with_article(line: str, number: Number) -> tuple[int, int]:
    """Return start and end of a number, including "a" or "an" if it has no value without."""
    if read_amount(number.text) is None:
        for article in ARTICLES:
            start = number.start - len(article)
            if line[max(start, 0) : number.start].lower() == article and read_amount(line[start : number.end]):
                return start, number.end
    return number.start, number.end


def _entry(place: int, number: Number) -> str:
    token = json.dumps(number.text, ensure_ascii=False)
    return f"  - {{paragraph: {place}, start: {number.start}, end: {number.end}, token: {token}, reason: {TODO}}}"

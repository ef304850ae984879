"""A skeleton seed file for an article or a table: what a program can work out, and TODO for what people decide.

Numbers that say when, how long or how old become ledger entries. Every other number becomes a record to fill in,
with the ledger entry it might be instead in a comment. The skeleton doesn't quote the article's sentences: only its
numbers, their positions, and the row and column names of a number in a table.
"""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from app.domain.fields import PATTERNS, FileName, Id
from app.domain.vocabulary import SourceKind
from app.evidence.draft_figure import draft_figures, ledger_entry
from app.evidence.draft_table import draft_table
from app.evidence.drafts import CHOICES, TODO, DraftError, one_of
from app.evidence.numbers import find_numbers
from app.evidence.passages import digest, paragraphs
from app.evidence.texts import read_text
from app.evidence.times import said_of_time


def draft(path: Path, source: str | None = None) -> str:
    """Return a skeleton seed file for an article's text, or for a table if the file name ends in `.csv`.

    Raises:
        DraftError: if the file can't be read or has no rows, or if its name or the source's id isn't valid.

    """
    _check_name(TypeAdapter(FileName), path.name, "file name")
    _check_name(TypeAdapter(Id), source or "none", "source id")
    text = read_text(path, DraftError, ": save it again as UTF-8; spreadsheets call it CSV UTF-8")
    is_table = path.suffix.lower() == ".csv"
    head = HEAD.format(
        id=source or TODO,
        kind=SourceKind.DATA_TABLE if is_table else TODO,
        file=json.dumps(path.name),
        sha256=digest(text),
    )
    if is_table:
        return f"{head}\n{draft_table(text)}"
    lines = paragraphs(text)
    records = [record for place in range(1, len(lines) + 1) for record in draft_figures(lines, place)]
    ledger = [
        f"  - {ledger_entry(place, number, reason)}"
        for place, line in enumerate(lines, 1)
        for number in find_numbers(line)
        if (reason := said_of_time(line, number))
    ]
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
# Fill in every TODO or delete its line. If a number is no figure, move the entry above its record to the
# ledger, with the reason, and delete the record."""

HEAD = f"""\
source:
  id: {{id}}
  title: TODO
  publisher: TODO
  published: {{{{date: TODO, precision: TODO, basis: TODO}}}}
  url: TODO
  kind: {{kind}}  # {one_of(SourceKind)}
  # origin: the id of the source that this one goes back to, unless it counted itself
  file: {{file}}
  sha256: {{sha256}}
"""

DEFAULTS = f"""\
# What most records say; a record that says otherwise has the field itself.
{CHOICES}\
defaults:
  force: TODO
  period: {{start: TODO, end: TODO, precision: TODO, year_type: TODO, basis: TODO, event: TODO, label: TODO}}
  allegation: TODO
  unit: TODO
  subjects: TODO
"""

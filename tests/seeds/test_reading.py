"""The checker of the seeds: what is wrong is found, at its place, all of it, and nothing else is said."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.releases.canonical import digest
from app.seeds.files import MAX_FILE_BYTES, Problem, Reading, SeedError, read_yaml
from app.seeds.reading import FORCE_COLUMNS, read
from tests.seed_files import replace, spoil

ARTICLE = "article.yaml"

TEXT = """\
source:
  id: made-up
  title: A made-up article
  publisher: Nobody
  published: {date: "2024-05-06", precision: day, basis: stated}
  url: https://example.org/made-up
  kind: news-article
  origin: met-foi-2021
  file: made-up.txt
  sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

records:
  - id: whole
    kind: complaint
    statement: In 2019, 40 complaints were made.
    force: metropolitan
    period:
      start: 2019-01-01
      end: 2019-12-31
      precision: year
      year_type: calendar
      basis: stated
      event: received
      label: in 2019
    allegation: rape
    value: 40
    value_status: stated
    unit: complaint
    evidence:
      - role: states
        as_printed: "40"
        paragraph: 1
        start: 0
        end: 20
        sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

  - id: second
    kind: complaint
    statement: In 2020, there were 50.
    force: metropolitan
    period: {start: 2020-01-01, end: 2020-12-31, precision: day, basis: stated, event: received, label: in 2020}
    allegation: rape
    value: 50
    value_status: stated
    unit: complaint
    evidence:
      - role: states
        as_printed: "50"
        paragraph: 1
        start: 22
        end: 30
        sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

  - id: part
    kind: outcome
    statement: Of the 40, 12 were upheld.
    force: metropolitan
    period:
      start: 2019-01-01
      end: 2019-12-31
      precision: year
      year_type: calendar
      basis: inferred
      event: received
      label: in 2019
    allegation: rape
    outcome: upheld
    value: 12
    value_status: stated
    unit: complaint
    subjects: [officers]
    base:
      id: whole
      basis: stated
      part: true
      candidates: [whole]
    evidence:
      - role: states
        as_printed: "12"
        paragraph: 2
        start: 3
        end: 30
        sha256: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      - source: iopc-2021-10-25
        role: corroborates
        note: Gives the same number.

  - id: hearings
    kind: proceeding
    statement: How many hearings were held was not said.
    force: metropolitan
    period:
      basis: not-stated
      event: not-stated
      label: no date stated
    allegation: rape
    stage: misconduct-proceedings
    value_status: withheld
    unit: proceeding
    base:
      basis: ambiguous
      part: false
      candidates: [second, whole]
    evidence:
      - role: states
        paragraph: 3
        start: 0
        end: 30
        sha256: cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc

  - id: event
    kind: incident
    statement: An officer was dismissed.
    force: metropolitan
    period: {basis: not-stated, event: not-stated, label: no date stated}
    allegation: rape
    standing: alleged
    outcome: dismissed
    outcome_status: stated
    related:
      - type: part-of
        id: whole
    evidence:
      - role: states
        paragraph: 4
        start: 0
        end: 30
        sha256: dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
"""
"""An article with a record of every kind; others refer to `whole` and `second`, and nothing to the rest."""


REFERENCE_DATA = {
    "forces.csv": """\
id,name,kind,ons_code,part_of
metropolitan,Metropolitan Police Service,territorial,E23000001,england-and-wales
dorset,Dorset Police,territorial,E23000039,england-and-wales
england-and-wales,England and Wales,area,K04000001,
""",
    "codes.yaml": """\
allegation:
  - {id: any, label: Any, definition: Any.}
  - {id: rape, parent: any, label: Rape, definition: Rape.}
stage:
  - {id: investigation, label: Investigation, definition: An investigation.}
  - {id: misconduct-proceedings, label: Proceedings, definition: A hearing.}
outcome:
  - {id: upheld, label: Upheld, definition: Upheld.}
  - {id: misconduct-proven, label: Proven, definition: Proven.}
  - {id: dismissed, label: Dismissed, definition: Dismissed.}
""",
    "sources.yaml": """\
- {id: met-foi-2021, title: A document, publisher: The Met, published: {basis: not-stated}, kind: foi-document}
- {id: iopc-2021-10-25, title: A release, publisher: IOPC, published: {basis: not-stated}, kind: press-release}
- {id: lbc-2021-10-26, title: News, publisher: LBC, published: {basis: not-stated}, kind: news-article}
""",
    "breaks.yaml": "[]\n",
}
"""As much of the real reference data as the article needs: it is read for every mistake."""


class Spoilt(NamedTuple):
    """One mistake, and the one problem that it is.

    `at` is what the reported line holds; the first line of the record is that of what is missing in it.
    """

    record: str
    old: str
    new: str
    field: str
    message: str
    at: str = ""


def problems(seeds: Path) -> list[Problem]:
    """Return what the checker finds wrong; the seeds have to be wrong."""
    with pytest.raises(SeedError) as caught:
        read(seeds)
    return caught.value.problems


def line_of(path: Path, problem: Problem) -> str:
    """Return the text of the line that a problem names."""
    assert problem.file == path.name
    return path.read_text(encoding="utf-8").split("\n")[problem.line - 1]


def only(found: list[Problem]) -> Problem:
    """Return the one problem; more or fewer are shown."""
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


@pytest.fixture
def article(tmp_path: Path) -> Path:
    """Return the made-up article in a folder of seeds that a test may spoil."""
    for name, text in REFERENCE_DATA.items():
        (tmp_path / name).write_text(text)
    path = tmp_path / ARTICLE
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def real(seeds: Path) -> Path:
    """Return a copy of the real seeds in which the made-up article stands for the real ones."""
    for path in seeds.glob("*-20*.yaml"):
        path.unlink()
    (seeds / ARTICLE).write_text(TEXT, encoding="utf-8")
    return seeds


def test_what_is_right_passes(article: Path) -> None:
    """The article that the other tests spoil is accepted, so that each finds its own mistake and no other."""
    dataset, release = read(article.parent)
    assert [record.id for record in dataset.records] == ["whole", "second", "part", "hearings", "event"]
    assert release.version == "dev"


FIELDS = [
    # names and presence
    Spoilt("part", "    value: 12", "    valeu: 12", "valeu", "did you mean value?"),
    Spoilt("part", "    outcome: upheld", "    outcmoe: upheld", "outcmoe", "did you mean outcome?"),
    Spoilt("part", "      precision: year", "      percision: year", "period.percision", "is not a field here"),
    Spoilt("part", "        end: 30", "        ends: 30", "evidence.0.ends", "is not a field here"),
    Spoilt("part", "      part: true", "      part: true\n      of: whole", "base.of", "is not a field", "of:"),
    Spoilt("event", "    standing: al", "    value: 1\n    standing: al", "value", "is not a field here"),
    Spoilt("part", "    force: metropolitan\n", "", "force", "is missing", "- id: part"),
    Spoilt("part", "    unit: complaint\n", "", "unit", "is missing", "- id: part"),
    Spoilt("part", "      label: in 2019\n", "", "period.label", "is missing", "period:"),
    Spoilt("part", "      part: true\n", "", "base.part", "is missing", "base:"),
    Spoilt("event", "    standing: alleged\n", "", "standing", "is missing", "- id: event"),
    Spoilt("event", "    outcome_status: stated\n", "", "outcome_status", "is missing", "- id: event"),
    # types
    Spoilt("part", "statement: Of the 40, 12 were upheld.", "statement: 12", "statement", "string; found 12"),
    Spoilt("part", "subjects: [officers]", "subjects: officers", "subjects", "list; found 'officers'"),
    Spoilt("part", "part: true", "part: maybe", "base.part", "boolean"),
    Spoilt("part", "start: 2019-01-01", "start: soon", "period.start", "date"),
    Spoilt("part", "paragraph: 2", "paragraph: two", "evidence.0.paragraph", "integer"),
    Spoilt("part", 'as_printed: "12"', "as_printed: 12", "evidence.0.as_printed", "string; found 12"),
    Spoilt("part", "evidence:\n      - role", "evidence:\n      - 5\n      - role", "evidence.0", "found 5", "- 5"),
    # closed lists: the message names what would be right
    Spoilt("part", "kind: outcome", "kind: outcomes", "kind", "complaint, proceeding, outcome, incident"),
    Spoilt("part", "unit: complaint", "unit: complaints", "unit", "'complaint', 'allegation', 'case'"),
    Spoilt("part", "[officers]", "[officers, men]", "subjects.1", "'officers', 'specials', 'pcsos' or 'staff'"),
    Spoilt("part", "status: stated", "status: secret", "value_status", "'not-disclosed', 'withheld'"),
    Spoilt("part", "basis: inferred", "basis: guessed", "period.basis", "'stated', 'inferred' or 'not-stated'"),
    Spoilt("part", "event: received", "event: got", "period.event", "'occurred', 'received', 'finalised'"),
    Spoilt("part", "precision: year", "precision: week", "period.precision", "'day', 'month' or 'year'"),
    Spoilt("part", "basis: stated", "basis: sure", "base.basis", "'implied', 'corroborated' or 'ambiguous'"),
    Spoilt("part", "role: states", "role: tells", "evidence.0.role", "'states', 'repeats', 'corroborates'"),
    Spoilt("event", "type: part-of", "type: inside", "related.0.type", "'part-of' or 'overlaps'"),
    Spoilt("event", "standing: alleged", "standing: true", "standing", "'alleged', 'found', 'admitted'"),
    # bounds
    Spoilt("part", "paragraph: 2", "paragraph: 0", "evidence.0.paragraph", "greater than or equal to 1"),
    Spoilt("part", "start: 3", "start: -1", "evidence.0.start", "greater than or equal to 0"),
    Spoilt("part", "sha256: bbbb", "sha256: Bbbb", "evidence.0.sha256", "pattern"),
    Spoilt("part", "unit: complaint", "unit: complaint\n    per: 0", "per", "equal to 1", "per: 0"),
    Spoilt("part", 'as_printed: "12"', 'as_printed: ""', "evidence.0.as_printed", "at least 1 character"),
    Spoilt("part", "[whole]", "[]", "base.candidates", "at least 1 item"),
]

PERIODS = [
    Spoilt("part", "      start: 2019-01-01\n", "", "period", "given together", "period:"),
    Spoilt("part", "      end: 2019-12-31\n", "", "period", "given together", "period:"),
    Spoilt("part", "end: 2019-12-31", "end: 2018-12-31", "period", "before the start", "period:"),
    Spoilt("part", "start: 2019-01-01", "start: 2019-01-02", "period", "first day of a month", "period:"),
    Spoilt("part", "end: 2019-12-31", "end: 2019-12-30", "period", "last day of one", "period:"),
    Spoilt("part", "start: 2019-01-01", "start: 2019-02-01", "period", "must start in month 1", "period:"),
    Spoilt("part", "end: 2019-12-31", "end: 2019-11-30", "period", "year", "period:"),
    Spoilt("part", "calendar", "financial", "period", "must start in month 4", "period:"),
    Spoilt("part", "calendar", "not-stated\n      as_at: 2019", "period.as_at", "found 2019", "as_at: 2019"),
    Spoilt("part", "      year_type: calendar\n", "", "period", "year_type is required if", "period:"),
    Spoilt("part", "precision: year", "precision: month", "period", "year_type is required if", "period:"),
    Spoilt("part", "      precision: year\n", "", "period", "precision given", "period:"),
    Spoilt("part", "basis: inferred", "basis: not-stated", "period", "stated or inferred", "period:"),
    Spoilt("hearings", "basis: not-stated", "basis: stated", "period", "basis must be not-stated", "period:"),
    Spoilt("hearings", "basis: not-stated", "basis: inferred", "period", "basis must be not-stated", "period:"),
    Spoilt("hearings", "event: not", "precision: day\n      event: not", "period", "precision left out", "period:"),
]

FIGURES = [
    Spoilt("part", "    value: 12\n", "", "value", "value is required if", "- id: part"),
    Spoilt("part", "value: 12", "value: null", "value", "value is required if"),
    Spoilt(
        "part",
        "value_status: stated",
        "value_status: withheld",
        "value",
        "and not allowed otherwise; found value",
        "value",
    ),
    Spoilt(
        "part",
        "value_status: stated",
        "value_status: not-disclosed",
        "value",
        "found value 12, value_status not-disclosed",
        "value",
    ),
    Spoilt(
        "hearings",
        "value_status: withheld",
        "value_status: stated",
        "value",
        "found value nothing",
        "- id: hearings",
    ),
    Spoilt(
        "hearings",
        "withheld",
        "withheld\n    value: 0",
        "value",
        "and not allowed otherwise; found value",
        "value: 0",
    ),
    Spoilt(
        "hearings",
        "withheld",
        "withheld\n    qualifier: about",
        "qualifier",
        "only a stated value may have a qualifier",
        "qualifier",
    ),
    Spoilt("hearings", "withheld", "withheld\n    value_to: 3", "value_to", "if qualifier is between", "value_to"),
    Spoilt("part", "unit", "qualifier: between\n    unit", "value_to", "value_to is required if", "- id: part"),
    Spoilt("part", "unit", "value_to: 13\n    unit", "value_to", "if qualifier is between", "value_to"),
    Spoilt("part", "unit", "qualifier: about\n    value_to: 13\n    unit", "value_to", "between", "value_to"),
    Spoilt(
        "part",
        "unit",
        "qualifier: between\n    value_to: 12\n    unit",
        "value_to",
        "must be greater than value",
        "value_to",
    ),
    Spoilt(
        "part",
        "unit",
        "qualifier: between\n    value_to: 11\n    unit",
        "value_to",
        "must be greater than value",
        "value_to",
    ),
    Spoilt("part", "value: 12", "value: 12.5", "value", "a count must be a whole number"),
    Spoilt("part", "value: 12", "value: 1.5\n    value_type: change-count", "value", "must be a whole number"),
    Spoilt("part", "value: 12", "value: -12", "value", "only a change may be negative"),
    Spoilt("part", "value: 12", "value: -0.5\n    value_type: percent", "value", "only a change may be negative"),
    Spoilt(
        "part",
        "value: 12",
        "value: -1\n    value_type: rate\n    per: 10",
        "value",
        "only a change may be negative",
    ),
    Spoilt(
        "part",
        "value: 12",
        "value: 12\n    value_type: rate",
        "per",
        "per is required if value_type is rate",
        "- id: part",
    ),
    Spoilt("part", "value: 12", "value: 12\n    per: 1000", "per", "per is required if value_type is rate", "per"),
    Spoilt(
        "hearings",
        "    stage: misconduct-proceedings\n",
        "",
        "stage",
        "stage is required if kind is proceeding",
        "- id",
    ),
    Spoilt(
        "part",
        "unit",
        "stage: investigation\n    unit",
        "stage",
        "stage is required if kind is proceeding",
        "stage",
    ),
    Spoilt("part", "    outcome: upheld\n", "", "outcome", "outcome is required if kind is outcome", "- id: part"),
    Spoilt(
        "hearings",
        "unit",
        "outcome: upheld\n    unit",
        "outcome",
        "outcome is required if kind is outcome",
        "outcome",
    ),
    Spoilt("part", "[officers]", "[officers, officers]", "subjects", "each subject must be named once"),
    Spoilt("part", "[whole]", "[whole, part]", "base", "share of itself", "base:"),
    Spoilt(
        "event", "    outcome: dismissed\n", "", "outcome", "required if outcome_status is stated", "- id: event"
    ),
    Spoilt(
        "event",
        "outcome_status: stated",
        "outcome_status: not-stated",
        "outcome",
        "if outcome_status is stated",
        "outcome",
    ),
]

BASES = [
    Spoilt("part", "      id: whole\n", "", "base", "is required otherwise", "base:"),
    Spoilt("part", "basis: stated", "basis: ambiguous", "base", "id must be left out", "base:"),
    Spoilt("hearings", "basis: ambiguous", "basis: implied", "base", "is required otherwise", "base:"),
    Spoilt("hearings", "part: false", "part: false\n      id: whole", "base", "id must be left out", "base:"),
    Spoilt("part", "[whole]", "[hearings]", "base", "must be one of its candidates", "base:"),
    Spoilt("part", "[whole]", "[whole, whole]", "base", "each candidate must be named once", "base:"),
    Spoilt("hearings", "[second, whole]", "[second, whol]", "base.candidates.1", "did you mean whole?"),
    Spoilt("hearings", "[second, whole]", "[second, xyz]", "base.candidates.1", "'xyz' is not known"),
    Spoilt("hearings", "[second, whole]", "[second, event]", "base.candidates.1", "event is an incident"),
    Spoilt("event", "id: whole", "id: whol", "related.0.id", "did you mean whole?"),
    Spoilt("event", "id: whole", "id: event", "related.0.id", "is not related to itself"),
    Spoilt(
        "part",
        "unit",
        "coverage: {forces_asked: 2, forces_included: 3}\n    unit",
        "coverage",
        "forces_included must not exceed",
        "coverage",
    ),
]

CODES = [
    Spoilt("part", "force: metropolitan", "force: metropolitn", "force", "did you mean metropolitan?"),
    Spoilt("part", "allegation: rape", "allegation: rpae", "allegation", "did you mean rape?"),
    Spoilt("part", "outcome: upheld", "outcome: uphold", "outcome", "did you mean upheld?"),
    Spoilt("event", "outcome: dismissed", "outcome: dismised", "outcome", "did you mean dismissed?"),
    Spoilt(
        "hearings", "stage: misconduct-", "stage: misconducts-", "stage", "did you mean misconduct-proceedings?"
    ),
    Spoilt("part", "allegation: rape", "allegation: upheld", "allegation", "'upheld' is not known"),
    Spoilt("part", "unit", "breakdown: {sex: male}\n    unit", "breakdown.sex", "sex=male is not", "breakdown"),
]

EVIDENCE = [
    Spoilt("part", "        paragraph: 2\n", "", "evidence.0", "given together", "role: states"),
    Spoilt("part", "        end: 30\n", "", "evidence.0", "given together", "role: states"),
    Spoilt(
        "part", "note: Gives", "paragraph: 1\n        note: Gives", "evidence.1", "given together", "source: iopc"
    ),
    Spoilt("part", "end: 30", "end: 3", "evidence.0", "found end 3, start 3", "role: states"),
    Spoilt(
        "part",
        "role: corroborates",
        f"role: disputes\n        paragraph: 1\n        start: 0\n        end: 1\n        sha256: {'a' * 64}",
        "evidence.1",
        "the text of iopc-2021-10-25 is not held",
        "source: iopc",
    ),
    Spoilt("part", "role: corroborates", "role: repeats", "evidence.1", "corroborate or dispute", "source: iopc"),
    Spoilt(
        "part",
        "- source: iopc-2021-10-25",
        "- source: made-up",
        "evidence.1",
        "is held, so paragraph, start, end and sha256 are needed",
    ),
    Spoilt("part", "source: iopc-2021-10-25", "source: iopc-2021-10-26", "evidence.1.source", "iopc-2021-10-25?"),
    Spoilt(
        "part", "role: states", "role: repeats", "evidence", "exactly one passage has the role states", "evidence"
    ),
    Spoilt(
        "part",
        "      - source: iopc",
        f"      - role: states\n        paragraph: 9\n        start: 0\n        end: 1\n"
        f"        sha256: {'a' * 64}\n      - source: iopc",
        "evidence",
        "exactly one passage has the role states",
        "evidence:",
    ),
    Spoilt(
        "part",
        "      - source: iopc",
        "      - {source: iopc-2021-10-25, role: corroborates, note: Again.}\n      - source: iopc",
        "evidence.2",
        "is given twice",
        "source: iopc-2021-10-25",
    ),
    Spoilt("event", TEXT[TEXT.rindex("evidence:") :], "evidence: []\n", "evidence", "at least 1 item"),
]

CONTROLS = [
    Spoilt(
        "part", '"12"', rf'"1{escape}2"', "evidence.0.as_printed", "contains the invisible character", "as_printed"
    )
    for escape in (
        *(r"\0", r"\a", r"\e", r"\t", r"\n", r"\r", r"\x7f", r"\x85", r"\x9f", r"\ue000", r"\uf8ff"),
        # without width, turning the direction, ending a line, or printing nothing
        *(r"\xad", r"\u200b", r"\u200d", r"\u2060", r"\ufeff", r"\U000e0041", r"\U000f0000", r"\u2028", r"\u2029"),
        *(r"\u200e", r"\u202a", r"\u202e", r"\u2066", r"\u2069", r"\u061c", r"\u115f", r"\u2800", r"\u3164"),
    )
] + [
    Spoilt("part", "Of the 40, 12 were upheld.", r'"Of \e[31m 40"', "statement", r"character '\x1b'"),
    Spoilt("event", "label: no date stated", r'label: "no\ndate"', "period.label", r"character '\n'"),
    Spoilt("part", "Gives the same number.", r'"Gives\0it."', "evidence.1.note", r"character '\x00'"),
    Spoilt(
        "part",
        "unit",
        'notes: [fine, "not \\x01 fine"]\n    unit',
        "notes.1",
        "contains the invisible character",
        "notes",
    ),
    Spoilt("part", "unit", 'notes: [fine, "  "]\n    unit', "notes.1", "only spaces", "notes"),
    Spoilt("part", "Of the 40, 12 were upheld.", r'"\xa0\u2003\u3000"', "statement", "only spaces"),
]


@pytest.mark.parametrize(
    "spoilt",
    [*FIELDS, *PERIODS, *FIGURES, *BASES, *CODES, *EVIDENCE, *CONTROLS],
    ids=lambda spoilt: f"{spoilt.record}-{spoilt.field}-{spoilt.message}",
)
def test_one_mistake_is_one_problem(article: Path, spoilt: Spoilt) -> None:
    """One mistake gives one problem with its file, line, record and field, and what is wrong or would be right."""
    spoil(article, spoilt.record, spoilt.old, spoilt.new)
    found = only(problems(article.parent))
    assert (found.record, found.field) == (spoilt.record, spoilt.field)
    assert spoilt.message in found.message
    assert (spoilt.at or spoilt.new.strip().split("\n")[0]) in line_of(article, found)


@pytest.mark.parametrize(
    ("record", "old", "new"),
    [
        ("part", "value: 12", 'value: "12"'),
        ("part", "value: 12", "value: twelve"),
        ("part", "value: 12", "value: true"),
        ("part", "value: 12", "value: [12]"),
        ("part", "value: 12", "value: .inf"),
        ("part", "value: 12", "value: 12\n    qualifier: between\n    value_to: .nan"),
    ],
)
def test_a_value_that_is_no_number_is_one_problem(article: Path, record: str, old: str, new: str) -> None:
    """A value is a number of YAML; where it is not, that is one problem at the field as curators know it."""
    spoil(article, record, old, new)
    found = only(problems(article.parent))
    wrong = new.rpartition("\n")[2].strip()
    assert (found.record, found.field) == (record, wrong.partition(":")[0])
    assert wrong in line_of(article, found)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("paragraph: 2", "paragraph: true", "evidence.0.paragraph"),
        ("paragraph: 2", 'paragraph: "2"', "evidence.0.paragraph"),
        ("part: true", "part: 1", "base.part"),
        ("start: 2019-01-01", "start: 1546300800", "period.start"),
        ("value: 12", "value: 12\n    value_type: rate\n    per: true", "per"),
    ],
)
def test_nothing_is_bent_until_it_fits(article: Path, old: str, new: str, field: str) -> None:
    """What is written in another type than the field's is a mistake; it is not quietly turned into something."""
    spoil(article, "part", old, new)
    assert only(problems(article.parent)).field == field


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("value: 12", "value: 99999999999999999999999", "value"),
        ("value: 12", "value: -99999999999999999999999\n    value_type: change-count", "value"),
        ("paragraph: 2", "paragraph: 3000000000", "evidence.0.paragraph"),
        ("value: 12", "value: 12\n    value_type: rate\n    per: 3000000000", "per"),
    ],
)
def test_a_number_that_no_answer_or_column_can_hold_is_a_problem(
    article: Path, old: str, new: str, field: str
) -> None:
    """A number beyond 64 bits breaks JSON, one beyond 32 a column: the checker says so before they do."""
    spoil(article, "part", old, new)
    assert only(problems(article.parent)).field == field


@pytest.mark.parametrize("kind", ["[outcome]", "{outcome: upheld}", "12", "null", ""])
def test_a_kind_of_any_type_is_checked(article: Path, kind: str) -> None:
    """Whatever stands where the kind belongs, the message lists the kinds."""
    spoil(article, "part", "kind: outcome", f"kind: {kind}")
    found = only(problems(article.parent))
    assert (found.record, found.field) == ("part", "kind")
    assert "complaint, proceeding, outcome, incident" in found.message


@pytest.mark.parametrize("day", ["2019-02-30", "2019-13-01", "2019-00-10"])
def test_a_day_that_does_not_exist_is_found_in_its_place(article: Path, day: str) -> None:
    """A slip in a date is a problem of that field, and does not hide the rest of the file."""
    spoil(article, "part", "start: 2019-01-01", f"start: {day}")
    spoil(article, "event", "standing: alleged", "standing: said")
    first, second = problems(article.parent)
    assert (first.record, first.field) == ("part", "period.start")
    assert day in line_of(article, first)
    assert second.field == "standing"


def test_the_upper_number_of_a_count_is_whole_too(article: Path) -> None:
    """Between 12 and 13.5 complaints there is no count."""
    spoil(article, "part", "unit", "qualifier: between\n    value_to: 13.5\n    unit")
    assert "a count must be a whole number" in only(problems(article.parent)).message


def test_a_spoilt_record_is_still_known_to_the_others(article: Path) -> None:
    """Records that refer to a spoilt one are not wrong: one mistake is one problem, not one for each of them."""
    spoil(article, "whole", "unit: complaint", "unit: complaints")
    found = only(problems(article.parent))
    assert (found.record, found.field) == ("whole", "unit")


def test_a_spoilt_source_is_still_known_to_the_records(article: Path) -> None:
    """Evidence from a source that is spoilt itself is not wrong."""
    replace(article.parent / "sources.yaml", "kind: press-release", "kind: press-realease")
    assert "'press-release'" in only(problems(article.parent)).message


@pytest.mark.parametrize(
    ("record", "old", "new"),
    [
        ("part", "value: 12", "value: 33.33\n    value_type: percent"),
        ("part", "value: 12", "value: 0"),
        ("part", "value: 12", "value: 12.0"),
        ("part", "value: 12", "value: -12\n    value_type: change-count"),
        ("part", "value: 12", "value: -12.5\n    value_type: change-percent"),
        ("part", "value: 12", "value: 1.2\n    value_type: rate\n    per: 1000"),
        ("part", "value: 12", "value: 12\n    qualifier: between\n    value_to: 13"),
        ("part", "value: 12", "value: 0.5\n    value_type: percent\n    qualifier: between\n    value_to: 0.75"),
        ("part", "2019-01-01\n      end: 2019-12-31", "2019-02-01\n      end: 2020-02-29\n      as_at: 2020-02-29"),
        ("part", "start: 2019-01-01", "start: 2018-01-01"),
        ("part", "basis: stated", "basis: corroborated"),
        ("part", "[whole]", "[second, whole]"),
        ("hearings", "[second, whole]", "[second]"),
        ("part", "role: corroborates", "role: disputes"),
        ("part", "- source: iopc-2021-10-25", "- source: lbc-2021-10-26"),
        ("part", "unit", "coverage: {forces_asked: 43, forces_included: 43}\n    unit"),
        ("part", "Of the 40, 12 were upheld.", "Café, “naïve”, ½ 😀."),
        ("event", "    outcome: dismissed\n    outcome_status: stated", "    outcome_status: not-stated"),
    ],
)
def test_what_may_be_said_is_accepted(article: Path, record: str, old: str, new: str) -> None:
    """The rules refuse mistakes, not what a source may well say."""
    spoil(article, record, old, new)
    if "2020-02-29" in new:
        spoil(article, record, "precision: year\n      year_type: calendar", "precision: month")
    assert len(read(article.parent)[0].records) == 5


def test_a_whole_number_is_kept_as_one(article: Path) -> None:
    """12.0 is 12: integers go out without a decimal point, and 12.5 per cent keeps its half."""
    spoil(article, "part", "value: 12", "value: 12.0")
    spoil(article, "second", "value: 50", "value: 12.5\n    value_type: percent")
    values = [json.dumps(getattr(record, "value", None)) for record in read(article.parent)[0].records]
    assert values == ["40", "12.5", "12", "null", "null"]


def test_categories_are_known_once_they_are_defined(article: Path) -> None:
    """A breakdown that `codes.yaml` defines may be used."""
    spoil(article, "part", "unit", "breakdown: {sex: male}\n    unit")
    with (article.parent / "codes.yaml").open("a", encoding="utf-8") as codes:
        codes.write("\nbreakdown:\n  - {dimension: sex, id: male, label: Men, definition: Men.}\n")
    assert len(read(article.parent)[0].codes.breakdown) == 1


def test_a_category_is_defined_once(article: Path) -> None:
    """A category that is defined twice is a problem here, and not an error of the database at loading."""
    with (article.parent / "codes.yaml").open("a", encoding="utf-8") as codes:
        codes.write("\nbreakdown:\n" + 2 * "  - {dimension: sex, id: male, label: Men, definition: Men.}\n")
    found = only(problems(article.parent))
    assert (found.file, found.record) == ("codes.yaml", "male")


def test_no_figure_is_a_share_of_itself_through_others(article: Path) -> None:
    """A circle of bases is told of every figure in it, and of none that only hangs on it."""
    spoil(article, "whole", "unit", "base: {id: part, basis: stated, part: true, candidates: [part]}\n    unit")
    found = problems(article.parent)
    assert [(p.record, p.field) for p in found] == [("whole", "base"), ("part", "base")]
    assert all("share of itself" in p.message and "base:" in line_of(article, p) for p in found)


@pytest.mark.parametrize(
    ("record", "relations", "in_circle"),
    [
        ("whole", "[{type: part-of, id: event}]", [("whole", "related.0.id"), ("event", "related.0.id")]),
        # `part` is a share of `whole`, which cannot lie inside it then
        ("whole", "[{type: part-of, id: part}]", [("whole", "related.0.id")]),
        (
            "second",
            "[{type: supersedes, id: whole}, {type: change-from, id: whole}]",
            [("whole", "related.0.id"), ("second", "related.0.id")],
        ),
    ],
)
def test_no_record_leads_back_to_itself(
    article: Path, record: str, relations: str, in_circle: list[tuple[str, str]]
) -> None:
    """A circle of wholes, or of records that come after each other, is told where each step of it stands."""
    spoil(article, record, "unit", f"related: {relations}\n    unit")
    if record == "second":
        spoil(article, "whole", "unit", "related: [{type: supersedes, id: second}]\n    unit")
    found = problems(article.parent)
    assert [(p.record, p.field) for p in found] == in_circle
    assert all(re.search("part of itself|back to itself", p.message) for p in found)


def again(record: str, copy: str) -> str:
    """Return a record of the article once more, under another id."""
    text = TEXT[TEXT.index(f"  - id: {record}\n") :].partition("\n\n")[0]
    return "\n" + text.strip("\n").replace(f"- id: {record}", f"- id: {copy}") + "\n"


@pytest.mark.parametrize("record", ["whole", "second", "part"])
def test_a_figure_is_told_once(article: Path, record: str) -> None:
    """The same value of the same thing is one figure with more evidence, whatever its words and its notes."""
    article.write_text(TEXT + again(record, "copy"), encoding="utf-8")
    spoil(article, "copy", "statement: ", "notes: [Said elsewhere.]\n    statement: So ")
    found = only(problems(article.parent))
    assert (found.record, found.field) == ("copy", "value")
    assert f"says the same as {record}; make it one record with more evidence" in found.message
    assert "value: " in line_of(article, found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("unit: complaint", "unit: case"),
        ("value: 12", "value: 13"),
        ("value: 12", "value: 12\n    qualifier: about"),
        ("subjects: [officers]", "subjects: [officers, staff]"),
        ("force: metropolitan", "force: dorset"),
        ("end: 2019-12-31", "end: 2020-12-31"),
        ("allegation: rape", "allegation: any"),
        ("outcome: upheld", "outcome: misconduct-proven"),
    ],
)
def test_figures_that_differ_in_what_they_count_are_two(article: Path, old: str, new: str) -> None:
    """Another value, qualifier, unit, subject, force, period or measure is another figure."""
    article.write_text(TEXT + again("part", "copy"), encoding="utf-8")
    spoil(article, "copy", old, new)
    assert len(read(article.parent)[0].records) == 6


@pytest.mark.parametrize("relation", ["same-fact", "conflicts-with", "overlaps"])
def test_a_mutual_relation_is_named_by_both(article: Path, relation: str) -> None:
    """What holds either way round has to stand in both records, under the same name."""
    spoil(article, "part", "unit", f"related: [{{type: {relation}, id: second}}]\n    unit")
    found = only(problems(article.parent))
    assert (found.record, found.field) == ("part", "related.0.id")
    assert f"second does not name part as {relation} in turn" in found.message
    assert "related" in line_of(article, found)
    spoil(article, "second", "unit", f"related: [{{type: {relation}, id: part}}]\n    unit")
    assert len(read(article.parent)[0].records) == 5


@pytest.mark.parametrize("relation", ["change-from", "supersedes", "part-of"])
def test_a_relation_with_a_direction_is_named_by_one(article: Path, relation: str) -> None:
    """What one record is to another need not be said by the other."""
    spoil(article, "part", "unit", f"related: [{{type: {relation}, id: second}}]\n    unit")
    assert len(read(article.parent)[0].records) == 5


def test_an_id_is_taken_once_in_all_files(article: Path) -> None:
    """An id that another article, or the same one, has used already is refused, and the first place is named."""
    other = article.parent / "another.yaml"
    other.write_text(TEXT.replace("id: made-up", "id: made-up-too").replace("[officers]", "[staff]"))
    article.write_text(TEXT + again("event", "event").replace("alleged", "found"))
    found = problems(article.parent)
    taken = [(p.file, p.record) for p in found if "the id is taken: another.yaml:" in p.message]
    assert taken == [(ARTICLE, record) for record in ("whole", "second", "part", "hearings", "event", "event")]
    first = next(p for p in found if p.record == "event")
    assert first.message == f"the id is taken: another.yaml:{line(other, '- id: event')}"
    assert line_of(article, first) == "  - id: event"


def line(path: Path, text: str) -> int:
    """Return the number of the first line that holds a text."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(number for number, found in enumerate(lines, 1) if text in found)


class SpoiltFile(NamedTuple):
    """One mistake in a file of reference data, and the one problem that it is; `at` is what its line holds."""

    file: str
    old: str
    new: str
    record: str
    field: str
    message: str
    at: str


REFERRAL, REGIME = "referral-of-sexual-abuse-of-position-2017", "conduct-regime-2020"
OBSERVER, ITV, LBC = "observer-2021-03-21", "itv-news-2021-10-25", "lbc-2021-10-26"

REFERENCE = [
    SpoiltFile(*row)
    for row in (
        # forces
        ("forces.csv", "dorset,Dorset Police,", "dorset,,", "dorset", "name", "string", "dorset"),
        ("forces.csv", "dorset,Dorset Police,", ",Dorset Police,", "", "id", "string", "Dorset"),
        ("forces.csv", "dorset,Dorset Police,", "Dorset,Dorset Police,", "Dorset", "id", "pattern", "Dorset"),
        (
            "forces.csv",
            "dorset,Dorset Police,",
            "dorset,,,",
            "",
            "",
            "has 6 cells where the header has 5",
            "dorset",
        ),
        ("forces.csv", "dorset,Dorset Police,", "dorset,", "", "", "has 4 cells where the header has 5", "dorset"),
        ("forces.csv", "dorset,Dorset Police,", "\ndorset,Dorset Police,", "", "", "has 0 cells", ""),
        ("forces.csv", "dorset,Dorset", "essex,Dorset", "essex", "id", "is taken: forces.csv:11", "Essex Police"),
        (
            "forces.csv",
            "Dorset Police,territorial",
            "Dorset,local",
            "dorset",
            "kind",
            "'special' or 'area'",
            "dorset",
        ),
        ("forces.csv", "E23000039", "E2300003", "dorset", "ons_code", "pattern", "dorset"),
        ("forces.csv", "39,england-and-wales", "39,essex", "dorset", "part_of", "essex is not an area", "dorset"),
        (
            "forces.csv",
            "Dorset Police",
            "Dorset\x1bPolice",
            "dorset",
            "name",
            "contains the invisible character",
            "dorset",
        ),
        (
            "forces.csv",
            "Dorset Police",
            "Dorset\0Police",
            "dorset",
            "name",
            "contains the invisible character",
            "dorset",
        ),
        # codes
        (
            "codes.yaml",
            "parent: sexual-assault",
            "parent: sexual-assalt",
            "rape",
            "parent",
            "sexual-assault?",
            "parent",
        ),
        (
            "codes.yaml",
            "- id: any\n",
            "- id: any\n    parent: any\n",
            "any",
            "parent",
            "back to itself",
            "parent: any",
        ),
        ("codes.yaml", "- id: homicide", "- id: protest-policing", "protest-policing", "id", "is taken", "- id"),
        ("codes.yaml", "- id: homicide", "- id: Homicide", "Homicide", "id", "pattern", "- id: Homicide"),
        ("codes.yaml", "label: Homicide", "label: [Homicide]", "homicide", "label", "string", "label: [Homicide]"),
        (
            "codes.yaml",
            "label: Homicide",
            "label: Homicide\n    note: No.",
            "homicide",
            "note",
            "not a field",
            "note",
        ),
        (
            "codes.yaml",
            "parent: convicted",
            "parent: rape",
            "imprisoned",
            "parent",
            "'rape' is not known",
            "parent",
        ),
        ("codes.yaml", "stage:\n", "stage:\n  - words\n", "", "", "found 'words'", "- words"),
        # sources that are not held
        ("sources.yaml", "- id: lbc-2021-10-26", "- id: LBC", "LBC", "id", "pattern", "- id: LBC"),
        (
            "sources.yaml",
            "- id: lbc-2021-10-26",
            f"- id: {ITV}",
            ITV,
            "id",
            "is taken: sources.yaml:",
            f"- id: {ITV}",
        ),
        (
            "sources.yaml",
            "publisher: LBC",
            "publisher: LBC\n  kinds: x",
            LBC,
            "kinds",
            "did you mean kind?",
            "kinds: x",
        ),
        (
            "sources.yaml",
            "publisher: LBC",
            "publisher: LBC\n  file: a",
            LBC,
            "",
            "sha256 must be given together",
            "- id",
        ),
        ("sources.yaml", "publisher: LBC", "publisher: LBC\n  file: ../a", LBC, "file", "pattern", "file: ../a"),
        ("sources.yaml", "url: https://itv.com", "url: itv.com", ITV, "url", "pattern", "url"),
        ("sources.yaml", '"2021-03-21"', '"2021-02-30"', OBSERVER, "published", "day", "2021-02-30"),
        ("sources.yaml", '"2021-03-21"', '"2021-03"', OBSERVER, "published", "2021-03", "2021-03"),
        ("sources.yaml", '"2021-03-21"', '"March"', OBSERVER, "published.date", "pattern", "March"),
        (
            "sources.yaml",
            'date: "2021-03-21", ',
            "",
            OBSERVER,
            "published",
            "with a date, precision is required",
            "published",
        ),
        # changes of rules
        ("breaks.yaml", "[investigation]", "[investigtion]", REFERRAL, "stages.0", "mean investigation?", "stages"),
        ("breaks.yaml", "[any]", "[all]", REGIME, "allegations.0", "'all' is not known", "allegations"),
        ("breaks.yaml", "[upheld, ", "[uphold, ", REGIME, "outcomes.0", "did you mean upheld?", "outcomes"),
        ("breaks.yaml", "kinds: [proceeding]", "kinds: [incident]", REFERRAL, "kinds.0", "'complaint'", "kinds"),
        ("breaks.yaml", "kinds: [proceeding]", "kinds: []", REFERRAL, "kinds", "at least 1", "kinds"),
        (
            "breaks.yaml",
            "2017-04-01",
            "2017-04-02",
            REFERRAL,
            "date",
            "must be the first day, 2017-04-01",
            "date",
        ),
        (
            "breaks.yaml",
            "precision: month",
            "precision: year",
            REFERRAL,
            "date",
            "must be the first day, 2017-01-01",
            "date",
        ),
        ("breaks.yaml", f"- id: {REGIME}", f"- id: {REFERRAL}", REFERRAL, "id", "is taken: breaks.yaml:4", "- id"),
        # the article itself
        (ARTICLE, "origin: met-foi-2021", "origin: met-foi-2020", "made-up", "origin", "met-foi-2021?", "origin"),
        (ARTICLE, "origin: met-foi-2021", "origin: made-up", "made-up", "origin", "back to itself", "origin"),
        (ARTICLE, "source:\n  id: made-up", f"source:\n  id: {LBC}", LBC, "id", "is taken: sources.yaml:", "id"),
        (ARTICLE, "records:\n", "extra: 1\nrecords:\n", "", "extra", "not a part of an article", "extra"),
        (ARTICLE, "records:\n", "records:\n  - words\n", "", "", "a record is a list of fields", "- words"),
        (ARTICLE, "records:\n", "records:\n  - []\n", "", "", "a record is a list of fields", "- []"),
    )
]


@pytest.mark.parametrize("spoilt", REFERENCE, ids=lambda spoilt: f"{spoilt.file}-{spoilt.field}-{spoilt.message}")
def test_one_mistake_in_reference_data_is_one_problem(real: Path, spoilt: SpoiltFile) -> None:
    """Forces, codes, sources and changes of rules are checked like records, each in its own file and line."""
    path = real / spoilt.file
    replace(path, spoilt.old, spoilt.new)
    found = only(problems(real))
    assert (found.record, found.field) == (spoilt.record, spoilt.field)
    assert spoilt.message in found.message
    assert spoilt.at in line_of(path, found)


@pytest.mark.parametrize(
    ("file", "old", "new", "circle"),
    [
        (
            "codes.yaml",
            "assault\n    parent: sexual-misconduct",
            "assault\n    parent: rape",
            ["sexual-assault", "rape"],
        ),
        (
            "sources.yaml",
            "- id: met-foi-2021",
            f"- id: met-foi-2021\n  origin: {OBSERVER}",
            ["met-foi-2021", OBSERVER],
        ),
    ],
)
def test_nothing_leads_back_to_itself(real: Path, file: str, old: str, new: str, circle: list[str]) -> None:
    """A circle of codes or of origins is told of everything in it."""
    replace(real / file, old, new)
    found = problems(real)
    assert [(p.file, p.record) for p in found] == [(file, step) for step in circle]
    assert all("leads back to itself" in p.message for p in found)


def test_an_unknown_area_is_one_problem(real: Path) -> None:
    """That an area is not known is said once: it need not be said as well that it is none."""
    replace(real / "forces.csv", "E23000039,england-and-wales", "E23000039,england")
    found = only(problems(real))
    assert (found.record, found.field) == ("dorset", "part_of")
    assert "'england' is not known" in found.message


def test_a_field_that_curators_know_by_another_name(real: Path) -> None:
    """What is proposed for a misspelt field is a name that the file may hold."""
    replace(real / "breaks.yaml", "date: 2020-02-01", "dates: 2020-02-01")
    (found,) = [p for p in problems(real) if p.field == "dates"]
    assert "did you mean date?" in found.message


def test_the_header_of_the_forces_is_checked(real: Path) -> None:
    """A column with another name makes the whole file unreadable, which is said first."""
    replace(real / "forces.csv", "ons_code", "ons")
    (found,) = [p for p in problems(real) if p.file == "forces.csv"]
    assert (found.line, found.message) == (1, "the first line must be id,name,kind,ons_code,part_of")


@pytest.mark.parametrize("name", ["forces.csv", "codes.yaml", "sources.yaml", "breaks.yaml"])
def test_a_file_that_is_missing_is_a_problem(article: Path, name: str) -> None:
    """Seeds without one of their files are no smaller dataset but a mistake."""
    (article.parent / name).unlink()
    assert [(p.line, p.message) for p in problems(article.parent) if p.file == name] == [
        (0, "cannot be read: No such file or directory")
    ]


def test_an_empty_folder_is_a_problem(tmp_path: Path) -> None:
    """A folder that holds no seeds is told apart from a dataset without records."""
    files = {p.file for p in problems(tmp_path)}
    assert files == {"forces.csv", "codes.yaml", "sources.yaml", "breaks.yaml"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("codes.yaml", "- id: any\n"),
        ("codes.yaml", "allegations: []\n"),
        ("codes.yaml", "allegation: []\nstage: []\noutcome: []\nbreakdown: words\n"),
        ("codes.yaml", ""),
        ("sources.yaml", "id: one\n"),
        ("sources.yaml", "text"),
        ("breaks.yaml", "id: one\n"),
    ],
)
def test_reference_data_of_another_shape_is_a_problem(article: Path, name: str, text: str) -> None:
    """A list where a mapping belongs, or the other way round, is said of the file; nothing breaks over it."""
    (article.parent / name).write_text(text)
    assert any("list" in p.message for p in problems(article.parent) if p.file == name)


@pytest.mark.parametrize(
    ("text", "number", "message"),
    [
        # YAML that cannot be read
        ("source: {id: a\nrecords: []\n", 2, "is not valid YAML"),
        ("source:\n  id: a\n bad\nrecords: []\n", 3, "is not valid YAML"),
        ("source:\n\tid: a\n", 2, "is not valid YAML"),
        ('source:\n  id: "a\n', 3, "is not valid YAML"),
        ("source: {id: a}\nrecords: []\nsource: {id: b}\n", 3, "duplicate key"),
        ("source:\n  id: a\n  id: b\nrecords: []\n", 3, "duplicate key"),
        ("source: {id: a}\n---\nrecords: []\n", 2, "is not valid YAML"),
        ("words\n---\nsource: {id: a}\nrecords: []\n", 2, "is not valid YAML"),
        ("source: {id: a\x07}\n", 1, "is not valid YAML"),
        # YAML that could do more than say something
        ("source: &it {id: a}\nrecords: []\n", 1, "anchors and aliases are not used here"),
        ("source: {id: a}\nrecords:\n  - id: &x a\n", 3, "anchors and aliases are not used here"),
        ("records: []\nsource: *it\n", 2, "anchors and aliases are not used here"),
        ("a: &a [x]\nb: &b [*a, *a]\n", 1, "anchors and aliases are not used here"),
        ("source: !!python/object/apply:os.abort []\n", 1, "python/object/apply:os.abort is not used here"),
        ("records: []\nsource: !!python/name:os.system\n", 2, "python/name:os.system is not used here"),
        ("records: []\nsource: !thing {id: a}\n", 2, "the tag !thing is not used here"),
        ("records: []\nsource: !!binary aGVsbG8=\n", 2, "binary is not used here"),
        ("source: {id: a}\n? [records]\n: []\n", 2, "is not valid YAML: the key ['records'] is not a word"),
        # YAML that is no article
        ("", 0, "an article has a source and a list of records"),
        ("# nothing but a comment\n", 0, "an article has a source and a list of records"),
        ("--- \n...\n", 0, "an article has a source and a list of records"),
        ("- id: a\n", 0, "an article has a source and a list of records"),
        ("words\n", 0, "an article has a source and a list of records"),
        ("12\n", 0, "an article has a source and a list of records"),
        ("source: {id: a}\n", 0, "an article has a source and a list of records"),
        ("records: []\n", 0, "an article has a source and a list of records"),
        ("source: {id: a}\nrecords: {id: a}\n", 0, "an article has a source and a list of records"),
    ],
)
def test_a_file_that_is_no_article_is_one_problem(article: Path, text: str, number: int, message: str) -> None:
    """What cannot be read, asks for more than reading or is no article, is one problem with its line."""
    article.write_text(text, encoding="utf-8")
    found = only(problems(article.parent))
    assert (found.file, found.line, found.record, found.field) == (ARTICLE, number, "", "")
    assert message in found.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (TEXT.replace("Nobody", "Müller").encode("latin-1"), "is not UTF-8 at byte 63"),
        (TEXT.encode("utf-16"), "is not UTF-8 at byte 0"),
        (b"\xff", "is not UTF-8 at byte 0"),
        (b"# " + b"x" * MAX_FILE_BYTES, "is larger than 5000000 bytes"),
    ],
    ids=["latin-1", "utf-16", "bytes", "too-large"],
)
def test_a_file_that_is_no_text_is_one_problem(article: Path, content: bytes, message: str) -> None:
    """A file in another encoding, or far too large, is refused before anyone tries to read it as YAML."""
    article.write_bytes(content)
    found = only(problems(article.parent))
    assert (found.file, found.line, found.message) == (ARTICLE, 0, message)


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "[a: "])
def test_nesting_without_end_is_refused(article: Path, opening: str) -> None:
    """However deep a file is nested, nobody follows it further than seeds ever go."""
    article.write_text(opening * (MAX_FILE_BYTES // len(opening) - 1), encoding="utf-8")
    found = only(problems(article.parent))
    assert (found.file, found.line) == (ARTICLE, 1)
    assert "nested more than 20 deep" in found.message


@pytest.mark.parametrize("number", ["0x" + "f" * 9_000, "0o" + "7" * 9_000, "9" * 9_000])
@pytest.mark.parametrize("field", ["value", "kind", "id"])
def test_a_number_too_long_to_be_shown_is_a_problem(article: Path, field: str, number: str) -> None:
    """A number that Python itself would not print is refused before anyone tries to."""
    article.write_text(f"source: {{id: a}}\nrecords:\n  - {field}: {number}\n")
    assert "is not valid YAML" in only(problems(article.parent)).message


@pytest.fixture
def usual_limit() -> Iterator[None]:
    """Have the reader of CSV take cells as long as it usually does; a library of other tests takes any."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("usual_limit")
@pytest.mark.parametrize(
    ("text", "line"), [(",".join(FORCE_COLUMNS) + "\n" + "x" * 200_000, 2), ("x" * 200_000, 1)]
)
def test_forces_that_are_no_csv_are_a_problem(article: Path, text: str, line: int) -> None:
    """A cell longer than the reader takes is a problem of its line."""
    (article.parent / "forces.csv").write_text(text)
    found = [p for p in problems(article.parent) if p.file == "forces.csv"]
    assert [(p.line, p.message) for p in found] == [(line, "is not CSV: field larger than field limit (131072)")]


def test_all_mistakes_of_all_files_are_reported_at_once(seeds: Path) -> None:
    """The real seeds, spoilt in nine places: all nine are told, in the order of files and lines."""
    met, ew = seeds / "euro-weekly-news-2021-03-22.yaml", seeds / "wrp-2021-10.yaml"
    replace(seeds / "forces.csv", "Dorset Police,territorial", "Dorset Police,local")
    replace(seeds / "codes.yaml", "parent: convicted", "parent: convictd")
    replace(seeds / "sources.yaml", "- id: lbc-2021-10-26\n", "- id: lbc-2021-10-26\n  licence: none\n")
    replace(seeds / "breaks.yaml", "allegations: [any]", "allegations: [all]")
    spoil(met, "met-2012-2018-upheld-removed", "outcome: removed", "outcome: removd")
    spoil(met, "met-officer-home-visit", "id: met-2012-2018-complaints", "id: met-2012-2018-complaint")
    spoil(ew, "ew-2016-investigated", "unit: person", "unit: persons")
    spoil(ew, "ew-2016-investigated", "precision: year", "precision: week")
    spoil(ew, "met-officer-murder", "role: states", "role: repeats")
    with pytest.raises(SeedError) as caught:
        read(seeds)
    found = caught.value.problems
    # Evidence from the spoilt source is another test's.
    expected = [
        ("breaks.yaml", "conduct-regime-2020", "allegations.0"),
        ("codes.yaml", "imprisoned", "parent"),
        (met.name, "met-2012-2018-upheld-removed", "outcome"),
        (met.name, "met-officer-home-visit", "related.0.id"),
        ("forces.csv", "dorset", "kind"),
        ("sources.yaml", "lbc-2021-10-26", "licence"),
        (ew.name, "ew-2016-investigated", "period.precision"),
        (ew.name, "ew-2016-investigated", "unit"),
        (ew.name, "met-officer-murder", "evidence"),
    ]
    told = [(p.file, p.record, p.field) for p in found if "lbc-2021-10-26' is not known" not in p.message]
    assert told == expected
    assert found == sorted(found)
    assert str(caught.value).split("\n") == [str(p) for p in found]
    assert re.match(r"breaks\.yaml:\d+: conduct-regime-2020, allegations\.0: 'all' is not known", str(caught.value))


def test_mistakes_of_every_sort_in_one_record_are_reported_at_once(article: Path) -> None:
    """A curator mends a record once: a wrong word, an unknown code and a number out of place are told together."""
    spoil(article, "part", "unit: complaint", "unit: complaints")
    spoil(article, "part", "force: metropolitan", "force: metropolitn")
    spoil(article, "part", "value: 12", "value: 12.5")
    assert {p.record for p in problems(article.parent)} == {"part"}
    assert len(problems(article.parent)) == 3


def test_the_release_is_the_one_that_was_made_from_these_seeds(seeds: Path) -> None:
    """Seeds whose digest an entry of `releases.yaml` gives are that release; changed ones are `dev` again."""
    (seeds / "releases.yaml").unlink(missing_ok=True)
    dataset, release = read(seeds)
    entry = {
        "version": "1.2.3",
        "published_at": "2026-01-02T03:04:05Z",
        "note": "First.",
        "digest": digest(dataset),
    }
    assert (release.version, release.digest) == ("dev", digest(dataset))
    (seeds / "releases.yaml").write_text(json.dumps([entry]))
    assert read(seeds)[1].version == "1.2.3"
    replace(seeds / "forces.csv", "Dorset Police", "Dorset Constabulary")
    assert read(seeds)[1].version == "dev"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("version", "1.2", "pattern"),
        ("version", "v1.2.3", "pattern"),
        ("published_at", "2026-01-02T03:04:05", "timezone"),
        ("published_at", "soon", "datetime"),
        ("note", "", "at least 1 character"),
        ("digest", "0" * 63, "pattern"),
        ("title", "First", "is not a field here"),
    ],
)
def test_the_list_of_releases_is_checked(article: Path, field: str, value: str, message: str) -> None:
    """An entry of `releases.yaml` is a version, an instant, a note and a digest."""
    entry = {"version": "1.2.3", "published_at": "2026-01-02T03:04:05Z", "note": "First.", "digest": "0" * 64}
    (article.parent / "releases.yaml").write_text(json.dumps([entry | {field: value}]))
    found = only(problems(article.parent))
    assert (found.file, found.field) == ("releases.yaml", field)
    assert message in found.message


def test_a_version_is_given_once(article: Path) -> None:
    """Two entries with one version would be two releases with one name."""
    entry = {"version": "1.2.3", "published_at": "2026-01-02T03:04:05Z", "note": "First.", "digest": "0" * 64}
    (article.parent / "releases.yaml").write_text(json.dumps([entry, entry | {"digest": "1" * 64}]))
    assert only(problems(article.parent)).field == "version"


def digest_of(seeds: Path) -> str:
    """Return the digest of what a folder holds."""
    return digest(read(seeds)[0])


def plain(path: Path) -> dict[str, list[dict[str, object]]]:
    """Return what a YAML file of the seeds holds, days as text."""
    node = read_yaml(Reading(), path)
    assert node is not None
    found = json.loads(json.dumps(node.value, default=str))
    assert isinstance(found, dict)
    return found


def test_the_digest_does_not_depend_on_the_formatting(seeds: Path) -> None:
    """One long line of flow style with sorted keys and every default written out is the same dataset."""
    before = digest_of(seeds)
    for path in seeds.glob("*-20*.yaml"):
        found = plain(path)
        for record in found["records"]:
            record.setdefault("notes", [])
            record.setdefault("related", [])
        path.write_text(json.dumps(found, sort_keys=True))
    assert digest_of(seeds) == before


def test_the_digest_does_not_depend_on_the_order_of_records_and_files(seeds: Path) -> None:
    """Records in another order, articles and sources in other files, forces in other lines: the same dataset."""
    before = digest_of(seeds)
    met = seeds / "euro-weekly-news-2021-03-22.yaml"
    found = plain(met)
    found["records"].reverse()
    met.unlink()
    (seeds / "zzz.yaml").write_text(json.dumps(found))
    header, *rows = (seeds / "forces.csv").read_text().splitlines()
    (seeds / "forces.csv").write_text("\n".join([header, *sorted(rows, reverse=True)]) + "\n")
    node = read_yaml(Reading(), seeds / "sources.yaml")
    assert node is not None
    assert isinstance(node.value, list)
    (seeds / "sources.yaml").write_text(json.dumps(node.value[::-1], default=str))
    assert digest_of(seeds) == before


def test_the_digest_does_not_depend_on_the_file_that_holds_a_record(seeds: Path) -> None:
    """A record that names its source may stand in another article's file."""
    before = digest_of(seeds)
    met, ew = seeds / "euro-weekly-news-2021-03-22.yaml", seeds / "wrp-2021-10.yaml"
    first, second = plain(met), plain(ew)
    moved = first["records"].pop()
    evidence = moved["evidence"]
    assert isinstance(evidence, list)
    moved["evidence"] = [{"source": "euro-weekly-news-2021-03-22", **passage} for passage in evidence]
    second["records"].insert(0, moved)
    met.write_text(json.dumps(first))
    ew.write_text(json.dumps(second))
    assert digest_of(seeds) == before


CHANGES: list[Callable[[Path], None]] = [
    lambda article: spoil(article, "part", "value: 12", "value: 13"),
    lambda article: spoil(article, "part", "unit: complaint", "unit: case"),
    lambda article: spoil(article, "part", "Of the 40, 12", "Of the 40, twelve"),
    lambda article: spoil(article, "part", "basis: inferred", "basis: stated"),
    lambda article: spoil(article, "part", "Gives the same", "Gives that"),
    lambda article: spoil(article, "part", "sha256: bbbb", "sha256: cccc"),
    lambda article: spoil(article, "part", "unit", "notes: [One may be two.]\n    unit"),
    lambda article: spoil(article, "hearings", "[second, whole]", "[whole, second]"),
    lambda article: spoil(article, "event", "standing: alleged", "standing: found"),
    lambda article: spoil(article, "event", "- id: event", "- id: happening"),
    lambda article: replace(article, "publisher: Nobody", "publisher: Somebody"),
    lambda article: replace(article, "end: 2020-12-31", "end: 2020-12-30"),
    lambda article: replace(article.parent / "forces.csv", "Dorset Police", "Dorset Constabulary"),
    lambda article: replace(article.parent / "codes.yaml", "label: Homicide", "label: Killing"),
    lambda article: replace(article.parent / "codes.yaml", "parent: neglect-of-duty", "parent: any"),
    lambda article: replace(article.parent / "sources.yaml", "publisher: LBC", "publisher: LBC News"),
    lambda article: replace(article.parent / "breaks.yaml", "date: 2020-02-01", "date: 2020-02-02"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_digest_changes_with_the_data(real: Path, change: Callable[[Path], None]) -> None:
    """Any change of what the dataset says, however small, is another digest."""
    before = digest_of(real)
    change(real / ARTICLE)
    assert digest_of(real) != before


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the place of an article in a folder of seeds that many examples share."""
    folder = tmp_path_factory.mktemp("bare")
    for name, text in REFERENCE_DATA.items():
        (folder / name).write_text(text)
    return folder / ARTICLE


def read_or_refuse(article: Path, content: bytes) -> None:
    """Read an article; whatever it holds, the only exception is the checker's own."""
    article.write_bytes(content)
    try:
        read(article.parent)
    except SeedError as error:
        assert all(problem.message for problem in error.problems)  # noqa: PT017 - accepted or refused, both will do


MARKS = [
    *("source", "records", "id", "kind", "incident", "outcome", "value", "2021-01-01", "2021-13-45", "9" * 30),
    *(": ", "- ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ",", '"', "'", "|", ">", "#", "&a ", "*a ", "!x "),
    *("? ", "---", "...", "%YAML 1.1", "0x", "1e", ".inf", ".nan", "null", "true", "~", "\t", "<<", "_", "+", "-"),
    *("0o9", "12:30:45", "2021-01-01 25:00:00", "\ufeff", "\x85", "\x00", "\u2028", "!!int ", "1_0", "="),
]
"""What YAML is made of, which plain random text seldom hits."""

HEAD = "source: {id: a}\nrecords:\n  - id: x\n    kind: outcome\n    value: "


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text() | st.lists(st.sampled_from(MARKS), max_size=20).map("".join))
@example("0x_")
@example(HEAD + "+_")
@example("? {a: b}\n: c")
@example("? ? a\n: b")
@example(HEAD + "99999999999999999999999")
def test_random_text_is_refused_and_breaks_nothing(bare: Path, text: str) -> None:
    """Whatever an article's file holds, the checker tells what is wrong with it in its own words."""
    read_or_refuse(bare, text.encode())
    read_or_refuse(bare, (HEAD + text).encode())


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([10**20, ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@pytest.fixture(scope="module")
def article_as_json(bare: Path) -> str:
    """Return the made-up article in JSON."""
    bare.write_text(TEXT)
    return json.dumps(plain(bare))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), value=ANYTHING)
def test_any_value_in_any_place_breaks_nothing(
    bare: Path, article_as_json: str, data: st.DataObject, value: object
) -> None:
    """A value of any type in place of any part of a good article is accepted or refused, never an error."""
    whole = json.loads(article_as_json)
    places: list[tuple[list[object] | dict[str, object], int | str]] = []
    waiting = [whole]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, dict):
            places.extend((thing, key) for key in thing)
            waiting.extend(thing.values())
        elif isinstance(thing, list):
            places.extend((thing, index) for index in range(len(thing)))
            waiting.extend(thing)
    container, key = data.draw(st.sampled_from(places))
    container[key] = value  # type: ignore[index] # a key of a mapping, or an index of a list
    read_or_refuse(bare, json.dumps(whole).replace("NaN", ".nan").replace("Infinity", ".inf").encode())

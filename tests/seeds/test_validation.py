"""Mistakes within a record: each is reported once, at its place, in a curator's terms."""

import json
from pathlib import Path

import pytest

from app.seeds.reading import read
from tests.seed_files import replace, spoil
from tests.seeds.made_up_article import (
    TEXT,
    Mistake,
    check_one_problem,
    is_accepted,
    label,
    line_of,
    only,
    problems,
)

FIELDS = [
    # names and required fields
    Mistake("part", "    value: 12", "    valeu: 12", "valeu", "did you mean value?"),
    Mistake("part", "    outcome: upheld", "    outcmoe: upheld", "outcmoe", "did you mean outcome?"),
    Mistake("part", "      precision: year", "      percision: year", "period.percision", "is not a field here"),
    Mistake("part", "        end: 30", "        ends: 30", "evidence.0.ends", "is not a field here"),
    Mistake("part", "      part: true", "      part: true\n      of: whole", "base.of", "is not a field", "of:"),
    Mistake("event", "    standing: al", "    value: 1\n    standing: al", "value", "is not a field here"),
    Mistake("part", "    force: metropolitan\n", "", "force", "is missing", "- id: part"),
    Mistake("part", "    unit: complaint\n", "", "unit", "is missing", "- id: part"),
    Mistake("part", "      label: in 2019\n", "", "period.label", "is missing", "period:"),
    Mistake("part", "      part: true\n", "", "base.part", "is missing", "base:"),
    Mistake("event", "    standing: alleged\n", "", "standing", "is missing", "- id: event"),
    Mistake("event", "    outcome_status: stated\n", "", "outcome_status", "is missing", "- id: event"),
    # types
    Mistake("part", "statement: Of the 40, 12 were upheld.", "statement: 12", "statement", "write 12 in quotes"),
    Mistake("part", "subjects: [officers]", "subjects: officers", "subjects", "must be a list; found 'officers'"),
    Mistake("part", "part: true", "part: maybe", "base.part", "must be true or false"),
    Mistake("part", "start: 2019-01-01", "start: soon", "period.start", "must be a day such as 2021-03-31"),
    Mistake("part", "paragraph: 2", "paragraph: two", "evidence.0.paragraph", "must be a whole number"),
    Mistake("part", 'as_printed: "12"', "as_printed: 12", "evidence.0.as_printed", 'write 12 in quotes: "12"'),
    Mistake(
        "part", "evidence:\n      - role", "evidence:\n      - 5\n      - role", "evidence.0", "mapping", "- 5"
    ),
    # closed lists: the message names the right value
    Mistake("part", "kind: outcome", "kind: outcomes", "kind", "complaint, proceeding, outcome, incident"),
    Mistake("part", "unit: complaint", "unit: complaints", "unit", "'complaint', 'allegation', 'case'"),
    Mistake("part", "[officers]", "[officers, men]", "subjects.1", "'officers', 'specials', 'pcsos' or 'staff'"),
    Mistake("part", "status: stated", "status: secret", "value_status", "'not-disclosed', 'withheld'"),
    Mistake("part", "basis: inferred", "basis: guessed", "period.basis", "'stated', 'inferred' or 'not-stated'"),
    Mistake("part", "event: received", "event: got", "period.event", "'occurred', 'received', 'finalised'"),
    Mistake("part", "precision: year", "precision: week", "period.precision", "'day', 'month' or 'year'"),
    Mistake("part", "basis: stated", "basis: sure", "base.basis", "'implied', 'corroborated' or 'ambiguous'"),
    Mistake("part", "role: states", "role: tells", "evidence.0.role", "'states', 'repeats', 'corroborates'"),
    Mistake(
        "part",
        "role: states",
        "role: states\n        on: unit",
        "evidence.0.on",
        "only evidence that corroborates or disputes may name a point; found states on unit",
        "on: unit",
    ),
    Mistake(
        "part",
        "role: states",
        "role: disputes\n        on: number",
        "evidence.0.on",
        "'value', 'unit'",
        "on: number",
    ),
    Mistake("event", "type: part-of", "type: inside", "related.0.type", "'part-of' or 'overlaps'"),
    Mistake("event", "standing: alleged", "standing: true", "standing", "'alleged', 'found', 'admitted'"),
    # limits
    Mistake("part", "paragraph: 2", "paragraph: 0", "evidence.0.paragraph", "must be at least 1; found 0"),
    Mistake("part", "start: 3", "start: -1", "evidence.0.start", "must be at least 0; found -1"),
    Mistake("part", "sha256: bbbb", "sha256: Bbbb", "evidence.0.sha256", "must be 64 hexadecimal digits"),
    Mistake("part", "unit: complaint", "unit: complaint\n    per: 0", "per", "must be at least 1", "per: 0"),
    Mistake("part", 'as_printed: "12"', 'as_printed: ""', "evidence.0.as_printed", "must not be empty"),
    Mistake("part", "[whole]", "[]", "base.candidates", "must not be empty"),
]

PERIODS = [
    Mistake("part", "      start: 2019-01-01\n", "", "period", "start is required", "period:"),
    Mistake("part", "      end: 2019-12-31\n", "", "period", "as_at must say", "period:"),
    Mistake("part", "calendar", "calendar\n      as_at_basis: stated", "period", "without as_at", "period:"),
    Mistake(
        "part",
        "calendar",
        "calendar\n      as_at: 2019-06-15\n      as_at_precision: month",
        "period",
        "must be its last day; found 2019-06-15",
        "period:",
    ),
    Mistake("part", "end: 2019-12-31", "end: 2018-12-31", "period", "before the start", "period:"),
    Mistake("part", "start: 2019-01-01", "start: 2019-01-02", "period", "first day of a month", "period:"),
    Mistake("part", "end: 2019-12-31", "end: 2019-12-30", "period", "last day of one", "period:"),
    Mistake("part", "start: 2019-01-01", "start: 2019-02-01", "period", "must start in month 1", "period:"),
    Mistake("part", "end: 2019-12-31", "end: 2019-11-30", "period", "year", "period:"),
    Mistake("part", "calendar", "financial", "period", "must start in month 4", "period:"),
    Mistake("part", "calendar", "not-stated\n      as_at: 2019", "period.as_at", "found 2019", "as_at: 2019"),
    Mistake("part", "      year_type: calendar\n", "", "period", "year_type is required if", "period:"),
    Mistake("part", "precision: year", "precision: month", "period", "year_type is required if", "period:"),
    Mistake("part", "      precision: year\n", "", "period", "precision given", "period:"),
    Mistake("part", "basis: inferred", "basis: not-stated", "period", "stated or inferred", "period:"),
    Mistake("hearings", "basis: not-stated", "basis: stated", "period", "basis must be not-stated", "period:"),
    Mistake("hearings", "basis: not-stated", "basis: inferred", "period", "basis must be not-stated", "period:"),
    Mistake("hearings", "event: not", "precision: day\n      event: not", "period", "left out", "period:"),
]

FIGURES = [
    Mistake("part", "    value: 12\n", "", "value", "value is required if", "- id: part"),
    Mistake("part", "value: 12", "value: null", "value", "value is required if"),
    Mistake(
        "part",
        "value_status: stated",
        "value_status: withheld",
        "value",
        "and not allowed otherwise; found value",
        "value",
    ),
    Mistake(
        "part",
        "value_status: stated",
        "value_status: not-disclosed",
        "value",
        "found value 12, value_status not-disclosed",
        "value",
    ),
    Mistake(
        "hearings",
        "value_status: withheld",
        "value_status: stated",
        "value",
        "found value nothing",
        "- id: hearings",
    ),
    Mistake(
        "hearings",
        "withheld",
        "withheld\n    value: 0",
        "value",
        "and not allowed otherwise; found value",
        "value: 0",
    ),
    Mistake(
        "hearings",
        "withheld",
        "withheld\n    qualifier: about",
        "qualifier",
        "only a stated value may have a qualifier",
        "qualifier",
    ),
    Mistake("hearings", "withheld", "withheld\n    value_to: 3", "value_to", "if qualifier is between", "value_to"),
    Mistake("part", "unit", "qualifier: between\n    unit", "value_to", "value_to is required if", "- id: part"),
    Mistake("part", "unit", "value_to: 13\n    unit", "value_to", "if qualifier is between", "value_to"),
    Mistake("part", "unit", "qualifier: about\n    value_to: 13\n    unit", "value_to", "between", "value_to"),
    Mistake(
        "part",
        "unit",
        "qualifier: between\n    value_to: 12\n    unit",
        "value_to",
        "must be greater than value",
        "value_to",
    ),
    Mistake(
        "part",
        "unit",
        "qualifier: between\n    value_to: 11\n    unit",
        "value_to",
        "must be greater than value",
        "value_to",
    ),
    Mistake("part", "value: 12", "value: 12.5", "value", "a count must be a whole number"),
    Mistake("part", "value: 12", "value: 1.5\n    value_type: change-count", "value", "must be a whole number"),
    Mistake("part", "value: 12", "value: -12", "value", "only a change may be negative"),
    Mistake("part", "value: 12", "value: -0.5\n    value_type: percent", "value", "only a change may be negative"),
    Mistake(
        "part",
        "value: 12",
        "value: -1\n    value_type: rate\n    per: 10",
        "value",
        "only a change may be negative",
    ),
    Mistake(
        "part",
        "value: 12",
        "value: 12\n    value_type: rate",
        "per",
        "per is required if value_type is rate",
        "- id: part",
    ),
    Mistake("part", "value: 12", "value: 12\n    per: 1000", "per", "per is required if value_type is rate", "per"),
    Mistake(
        "hearings",
        "    stage: misconduct-proceedings\n",
        "",
        "stage",
        "stage is required if kind is proceeding",
        "- id",
    ),
    Mistake(
        "part",
        "unit",
        "stage: investigation\n    unit",
        "stage",
        "stage is required if kind is proceeding",
        "stage",
    ),
    Mistake("part", "    outcome: upheld\n", "", "outcome", "outcome is required if kind is outcome", "- id: part"),
    Mistake(
        "hearings",
        "unit",
        "outcome: upheld\n    unit",
        "outcome",
        "outcome is required if kind is outcome",
        "outcome",
    ),
    Mistake("part", "[officers]", "[officers, officers]", "subjects", "each subject must be named once"),
    Mistake(
        "event", "    outcome: dismissed\n", "", "outcome", "required if outcome_status is stated", "- id: event"
    ),
    Mistake(
        "event",
        "outcome_status: stated",
        "outcome_status: not-stated",
        "outcome",
        "if outcome_status is stated",
        "outcome",
    ),
]

BASES = [
    Mistake("part", "      id: whole\n", "", "base", "is required otherwise", "base:"),
    Mistake("part", "basis: stated", "basis: ambiguous", "base", "id must be left out", "base:"),
    Mistake("hearings", "basis: ambiguous", "basis: implied", "base", "is required otherwise", "base:"),
    Mistake("hearings", "part: false", "part: false\n      id: whole", "base", "id must be left out", "base:"),
    Mistake("part", "[whole]", "[hearings]", "base", "must be one of its candidates", "base:"),
    Mistake("part", "[whole]", "[whole, whole]", "base", "each candidate must be named once", "base:"),
    Mistake(
        "part",
        "unit",
        "coverage: {forces_asked: 2, forces_included: 3}\n    unit",
        "coverage",
        "forces_included must not exceed",
        "coverage",
    ),
]

EVIDENCE = [
    Mistake("part", "        paragraph: 2\n", "", "evidence.0", "given together", "role: states"),
    Mistake("part", "        end: 30\n", "", "evidence.0", "given together", "role: states"),
    Mistake(
        "part", "note: Gives", "paragraph: 1\n        note: Gives", "evidence.1", "given together", "source: iopc"
    ),
    Mistake("part", "end: 30", "end: 3", "evidence.0", "found end 3, start 3", "role: states"),
    Mistake("event", TEXT[TEXT.rindex("evidence:") :], "evidence: []\n", "evidence", "must not be empty"),
]

INVISIBLE = [
    Mistake(
        "part", '"12"', rf'"1{escape}2"', "evidence.0.as_printed", "contains the invisible character", "as_printed"
    )
    for escape in (
        *(r"\0", r"\a", r"\e", r"\t", r"\n", r"\r", r"\x7f", r"\x85", r"\x9f", r"\ue000", r"\uf8ff"),
        # zero-width, changing direction, ending a line, or printing nothing
        *(r"\xad", r"\u200b", r"\u200d", r"\u2060", r"\ufeff", r"\U000e0041", r"\U000f0000", r"\u2028", r"\u2029"),
        *(r"\u200e", r"\u202a", r"\u202e", r"\u2066", r"\u2069", r"\u061c", r"\u115f", r"\u2800", r"\u3164"),
    )
] + [
    Mistake("part", "Of the 40, 12 were upheld.", r'"Of \e[31m 40"', "statement", r"character '\x1b'"),
    Mistake("event", "label: no date stated", r'label: "no\ndate"', "period.label", r"character '\n'"),
    Mistake("part", "Gives the same number.", r'"Gives\0it."', "evidence.1.note", r"character '\x00'"),
    Mistake(
        "part",
        "unit",
        'notes: [fine, "not \\x01 fine"]\n    unit',
        "notes.1",
        "contains the invisible character",
        "notes",
    ),
    Mistake("part", "unit", 'notes: [fine, "  "]\n    unit', "notes.1", "only spaces", "notes"),
    Mistake("part", "Of the 40, 12 were upheld.", r'"\xa0\u2003\u3000"', "statement", "only spaces"),
]


@pytest.mark.parametrize("mistake", [*FIELDS, *PERIODS, *FIGURES, *BASES, *EVIDENCE, *INVISIBLE], ids=label)
def test_one_mistake_is_one_problem(article: Path, mistake: Mistake) -> None:
    """A mistake is one problem with file, line, record, field, the value found and the right one."""
    check_one_problem(article, mistake)


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
def test_a_value_that_is_not_a_number_is_one_problem(article: Path, record: str, old: str, new: str) -> None:
    """A value must be a number in digits."""
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
def test_values_are_not_converted(article: Path, old: str, new: str, field: str) -> None:
    """A value of the wrong type is a mistake, even if it could be converted."""
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
def test_a_number_that_is_too_large_for_json_or_a_column_is_a_problem(
    article: Path, old: str, new: str, field: str
) -> None:
    """A number that JSON or the database would refuse is refused by the checker."""
    spoil(article, "part", old, new)
    assert only(problems(article.parent)).field == field


@pytest.mark.parametrize("day", ["2019-02-30", "2019-13-01", "2019-00-10"])
def test_a_day_that_does_not_exist_is_reported_in_its_place(article: Path, day: str) -> None:
    """A wrong date is a problem of its field and doesn't hide others."""
    spoil(article, "part", "start: 2019-01-01", f"start: {day}")
    spoil(article, "event", "standing: alleged", "standing: said")
    first, second = problems(article.parent)
    assert (first.record, first.field) == ("part", "period.start")
    assert day in line_of(article, first)
    assert second.field == "standing"


def test_both_numbers_of_a_range_of_counts_are_whole(article: Path) -> None:
    """Both ends of a range of counts must be whole numbers."""
    spoil(article, "part", "unit", "qualifier: between\n    value_to: 13.5\n    unit")
    assert "a count must be a whole number" in only(problems(article.parent)).message


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
        ("part", "role: corroborates", "role: disputes\n        on: unit"),
        ("part", "role: corroborates", "role: corroborates\n        on: value"),
        ("part", "- source: iopc-2021-10-25", "- source: lbc-2021-10-26"),
        ("part", "unit", "coverage: {forces_asked: 1, forces_included: 1}\n    unit"),
        ("part", "Of the 40, 12 were upheld.", "Café, “naïve”, ½ 😀."),
        ("event", "    outcome: dismissed\n    outcome_status: stated", "    outcome_status: not-stated"),
    ],
)
def test_what_a_source_may_say_is_accepted(article: Path, record: str, old: str, new: str) -> None:
    """Unusual but valid values are accepted."""
    spoil(article, record, old, new)
    if "2020-02-29" in new:
        spoil(article, record, "precision: year\n      year_type: calendar", "precision: month")
    assert is_accepted(article.parent)


def test_whole_numbers_have_no_decimal_point(article: Path) -> None:
    """12.0 becomes 12; 12.5 stays."""
    spoil(article, "part", "value: 12", "value: 12.0")
    spoil(
        article,
        "second",
        "value: 50",
        "value: 12.5\n    value_type: percent\n    checked: [{percentage-of-what: Open.}]",
    )
    values = [json.dumps(getattr(record, "value", None)) for record in read(article.parent).dataset.records]
    assert values == ["40", "12.5", "12", "null", "null"]


def test_a_proposed_field_name_is_one_that_the_file_may_have(real: Path) -> None:
    """A suggested field name is the one in the file, not the one in the model."""
    replace(real / "breaks.yaml", "date: 2017-04-01", "dates: 2017-04-01")
    (found,) = [p for p in problems(real) if p.field == "dates"]
    assert "did you mean date?" in found.message


ADVICE = [
    ('date: "2024-05-06"', "date: 2024", 'write 2024 in quotes: "2024"'),
    ('date: "2024-05-06"', 'date: "2021-10"', "date must be one such as 2021-10-25; found '2021-10'"),
    ("start: 2019-01-01", "start: 2019-01", "must be a day such as 2021-03-31; found '2019-01'"),
    ("value: 12\n", "value: 1,200\n", "write 1200, without commas or quotes"),
    ("value: 12\n", 'value: "12"\n', "write 12, without commas or quotes"),
    ("paragraph: 2", 'paragraph: "2"', "write 2 without quotes"),
    ("    outcome: upheld", "\toutcome: upheld", "has a tab; indent with spaces"),
    ("statement: Of the 40", "statement: Note: of the 40", "must be in quotes"),
    ("statement: Of the 40, 12 were upheld.", 'statement: "Of the 40', "is not closed"),
    ('as_printed: "12"', 'as_printed: ""', "must not be empty"),
    ("candidates: [whole]", "candidates: []", "must not be empty"),
]
MACHINE_WORDS = ("does not match format", "too short", "should be", "regular expression", "^[", "should match")


@pytest.mark.parametrize(("old", "new", "advice"), ADVICE)
def test_a_message_says_what_to_write(article: Path, old: str, new: str, advice: str) -> None:
    """A message is in a curator's terms, and the mistake causes no further problems."""
    article.write_text(TEXT.replace(old, new, 1))
    found = only(problems(article.parent))
    assert advice in found.message
    assert not any(word in found.message for word in MACHINE_WORDS)


@pytest.mark.parametrize("file", ["forces.csv", "codes.yaml", "sources.yaml", "breaks.yaml", "releases.yaml"])
def test_an_unreadable_file_is_one_problem(seeds: Path, file: str) -> None:
    """An unreadable file causes no problems in files that refer to it."""
    with (seeds / file).open("a") as opened:
        opened.write("\t- {\n")
    found = problems(seeds)
    assert {problem.file for problem in found} == {file}
    assert len(found) == 1

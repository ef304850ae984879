"""Mistakes in relations between seeds: unknown codes, cycles, duplicates, evidence that doesn't fit."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from app.seeds.reading import read
from tests.seed_files import replace, spoil
from tests.seeds.made_up_article import (
    ARTICLE,
    TEXT,
    Mistake,
    check_one_problem,
    copy_of,
    is_accepted,
    label,
    line_of,
    only,
    problems,
)

REFERENCES = [
    Mistake("hearings", "[second, whole]", "[second, whol]", "base.candidates.1", "did you mean whole?"),
    Mistake("hearings", "[second, whole]", "[second, xyz]", "base.candidates.1", "'xyz' is not known"),
    Mistake("hearings", "[second, whole]", "[second, event]", "base.candidates.1", "event is an incident"),
    Mistake("event", "id: whole", "id: whol", "related.0.id", "did you mean whole?"),
    Mistake("event", "id: whole", "id: event", "related.0.id", "can't be related to itself"),
    Mistake("part", "[whole]", "[whole, part]", "base", "part is a share of itself", "base:"),
]

CODES = [
    Mistake("part", "force: metropolitan", "force: metropolitn", "force", "did you mean metropolitan?"),
    Mistake("part", "allegation: rape", "allegation: rpae", "allegation", "did you mean rape?"),
    Mistake("part", "outcome: upheld", "outcome: uphold", "outcome", "did you mean upheld?"),
    Mistake("event", "outcome: dismissed", "outcome: dismised", "outcome", "did you mean dismissed?"),
    Mistake(
        "hearings", "stage: misconduct-", "stage: misconducts-", "stage", "did you mean misconduct-proceedings?"
    ),
    Mistake("part", "allegation: rape", "allegation: upheld", "allegation", "'upheld' is not known"),
    Mistake("part", "unit", "breakdown: {sex: male}\n    unit", "breakdown.sex", "sex=male is not", "breakdown"),
]

EVIDENCE = [
    Mistake(
        "part",
        "role: corroborates",
        f"role: disputes\n        paragraph: 1\n        start: 0\n        end: 1\n        sha256: {'a' * 64}",
        "evidence.1",
        "the text of iopc-2021-10-25 is not held",
        "source: iopc",
    ),
    Mistake(
        "part",
        "role: corroborates",
        "role: repeats",
        "evidence.1",
        "must be corroborates or disputes",
        "source: iopc",
    ),
    Mistake(
        "part",
        "- source: iopc-2021-10-25",
        "- source: made-up",
        "evidence.1",
        "is held, so paragraph, start, end and sha256 are required",
    ),
    Mistake("part", "source: iopc-2021-10-25", "source: iopc-2021-10-26", "evidence.1.source", "iopc-2021-10-25?"),
    Mistake("part", "role: states", "role: repeats", "evidence", "exactly one passage", "evidence"),
    Mistake(
        "part",
        'as_printed: "12"',
        'as_printed: "12"\n        qualifier_printed: exact',
        "evidence.0.qualifier_printed",
        "is for one that is about the number",
        "qualifier_printed: exact",
    ),
    Mistake(
        "part",
        "      - source: iopc",
        f"      - role: states\n        paragraph: 9\n        start: 0\n        end: 1\n"
        f"        sha256: {'a' * 64}\n      - source: iopc",
        "evidence",
        "exactly one passage",
        "evidence:",
    ),
    Mistake(
        "part",
        "      - source: iopc",
        "      - {source: iopc-2021-10-25, role: corroborates, note: Again.}\n      - source: iopc",
        "evidence.2",
        "this evidence is given twice",
        "source: iopc-2021-10-25",
    ),
]


@pytest.mark.parametrize("mistake", [*REFERENCES, *CODES, *EVIDENCE], ids=label)
def test_one_mistake_is_one_problem(article: Path, mistake: Mistake) -> None:
    """A mistake is one problem with file, line, record, field, the value found and the right one."""
    check_one_problem(article, mistake)


def test_a_reference_to_a_record_with_problems_is_no_second_problem(article: Path) -> None:
    """A mistake in a record is reported once, however many others refer to it."""
    spoil(article, "whole", "unit: complaint", "unit: complaints")
    found = only(problems(article.parent))
    assert (found.record, found.field) == ("whole", "unit")


def test_evidence_from_a_source_with_problems_is_no_second_problem(article: Path) -> None:
    """A mistake in a source is reported once, however many records rely on it."""
    replace(article.parent / "sources.yaml", "kind: press-release", "kind: press-realease")
    assert "'press-release'" in only(problems(article.parent)).message


def test_categories_are_known_once_they_are_defined(article: Path) -> None:
    """A breakdown may use the categories that `codes.yaml` defines."""
    spoil(article, "part", "unit", "breakdown: {sex: male}\n    unit")
    with (article.parent / "codes.yaml").open("a", encoding="utf-8") as codes:
        codes.write("\nbreakdown:\n  - {dimension: sex, id: male, label: Men, definition: Men.}\n")
    assert len(read(article.parent).dataset.codes.breakdown) == 1


def test_a_category_is_defined_once(article: Path) -> None:
    """A second definition is reported here, before the database refuses it."""
    with (article.parent / "codes.yaml").open("a", encoding="utf-8") as codes:
        codes.write("\nbreakdown:\n" + 2 * "  - {dimension: sex, id: male, label: Men, definition: Men.}\n")
    found = only(problems(article.parent))
    assert (found.file, found.record) == ("codes.yaml", "male")
    assert found.message.startswith("sex=male is already used at codes.yaml:")


def test_no_figure_is_a_share_of_itself_through_others(article: Path) -> None:
    """A cycle of bases is reported for every figure in it, and not for figures that only refer to it."""
    spoil(article, "whole", "unit", "base: {id: part, basis: stated, part: true, candidates: [part]}\n    unit")
    found = problems(article.parent)
    assert [(problem.record, problem.field) for problem in found] == [("whole", "base"), ("part", "base")]
    for problem in found:
        assert problem.message == f"{problem.record} is a share of itself, through other figures"
        assert "base:" in line_of(article, problem)


@pytest.mark.parametrize(
    ("record", "relations", "in_cycle"),
    [
        ("whole", "[{type: part-of, id: event}]", [("whole", "related.0.id"), ("event", "related.0.id")]),
        # `part` is a share of `whole`, so `whole` can't be a part of it
        ("whole", "[{type: part-of, id: part}]", [("whole", "related.0.id")]),
        (
            "second",
            "[{type: supersedes, id: whole}, {type: change-from, id: whole}]",
            [("whole", "related.0.id"), ("second", "related.0.id")],
        ),
    ],
)
def test_no_record_leads_back_to_itself(
    article: Path, record: str, relations: str, in_cycle: list[tuple[str, str]]
) -> None:
    """A cycle of parts, or of records that supersede each other, is reported for each of its steps."""
    spoil(article, record, "unit", f"related: {relations}\n    unit")
    if record == "second":
        spoil(article, "whole", "unit", "related: [{type: supersedes, id: second}]\n    unit")
    found = problems(article.parent)
    assert [(problem.record, problem.field) for problem in found] == in_cycle
    for problem in found:
        assert re.fullmatch(
            rf"{problem.record} (is a part of|supersedes) itself, through other records", problem.message
        )


@pytest.mark.parametrize("record", ["whole", "second", "part"])
def test_a_figure_is_recorded_once(article: Path, record: str) -> None:
    """The same value of the same thing must be one figure with more evidence, whatever its statement and notes."""
    article.write_text(TEXT + copy_of(record, "copy"), encoding="utf-8")
    spoil(article, "copy", "statement: ", "notes: [Said elsewhere.]\n    statement: So ")
    found = only(problems(article.parent))
    assert (found.record, found.field) == ("copy", "value")
    assert f"this is the same figure as {record}; make it one record with more evidence" in found.message
    assert "value: " in line_of(article, found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("unit: complaint", "unit: case"),
        ("value: 12", "value: 13"),
        ("value: 12", "value: 12\n    qualifier: about"),
        ("subjects: [officers]", "subjects: [officers, staff]"),
        ("end: 2019-12-31", "end: 2020-12-31"),
        ("allegation: rape", "allegation: any"),
        ("outcome: upheld", "outcome: misconduct-proven"),
    ],
)
def test_figures_that_differ_in_what_they_count_are_two(article: Path, old: str, new: str) -> None:
    """Figures that differ in value, qualifier, unit, subject, force, period or measure are separate figures."""
    article.write_text(TEXT + copy_of("part", "copy"), encoding="utf-8")
    spoil(article, "copy", old, new)
    assert is_accepted(article.parent)


@pytest.mark.parametrize("relation", ["same-fact", "conflicts-with", "overlaps"])
def test_a_mutual_relation_is_in_both_records(article: Path, relation: str) -> None:
    """A mutual relation must be in both records."""
    spoil(article, "part", "unit", f"related: [{{type: {relation}, id: second}}]\n    unit")
    found = only(problems(article.parent))
    assert (found.record, found.field) == ("part", "related.0.id")
    assert f"second must name part as {relation} in turn" in found.message
    assert "related" in line_of(article, found)
    spoil(article, "second", "unit", f"related: [{{type: {relation}, id: part}}]\n    unit")
    assert is_accepted(article.parent)


@pytest.mark.parametrize("relation", ["change-from", "supersedes", "part-of"])
def test_a_relation_with_a_direction_is_in_one_record(article: Path, relation: str) -> None:
    """A one-way relation is in one record only."""
    spoil(article, "part", "unit", f"related: [{{type: {relation}, id: second}}]\n    unit")
    assert len(read(article.parent).dataset.records) == 5


def test_an_id_is_used_once_in_all_files(article: Path) -> None:
    """An id that is already used, in any article, is refused with the first place."""
    other = article.parent / "another.yaml"
    other.write_text(TEXT.replace("id: made-up", "id: made-up-too").replace("[officers]", "[staff]"))
    article.write_text(TEXT + copy_of("event", "event").replace("alleged", "found"))
    found = problems(article.parent)
    taken = [(p.file, p.record) for p in found if "is already used at another.yaml:" in p.message]
    assert taken == [(ARTICLE, record) for record in ("whole", "second", "part", "hearings", "event", "event")]
    first = next(p for p in found if p.record == "event")
    assert first.message == f"event is already used at another.yaml:{line(other, '- id: event')}"
    assert line_of(article, first) == "  - id: event"


def line(path: Path, text: str) -> int:
    """Return the number of the first line that contains a text."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(number for number, found in enumerate(lines, 1) if text in found)


class FileMistake(NamedTuple):
    """A mistake in reference data, and the single problem it causes; `at` is part of the reported line."""

    file: str
    old: str
    new: str
    record: str
    field: str
    message: str
    at: str


REFERRAL, REGIME = "referral-of-sexual-abuse-of-position-2017", "conduct-regime-2020"
OBSERVER, ITV, LBC = "observer-2021-03-21", "itv-news-2021-10-25", "lbc-2021-10-26"

UNION = "  - {id: a-or-b, label: A or B, definition: C, parents: [warned, convicted]}\n"

REFERENCE = [
    FileMistake(*row)
    for row in (
        # forces
        (
            "forces.csv",
            "wales,GMP",
            "wales,MPS",
            "metropolitan",
            "aliases",
            "'mps' names greater-manchester, too",
            "metropolitan",
        ),
        # unions
        (
            "codes.yaml",
            "  - id: dismissed\n    parent: left-police-service\n",
            "  - id: dismissed\n    parents: [left-police-service, warned]\n",
            "dismissed",
            "parents",
            "dismissed is under left-police-service among Upheld's codes. With parents it would mean left-police-",
            "parents",
        ),
        (
            "codes.yaml",
            "  - id: dismissed\n    parent: left-police-service\n",
            UNION + "  - id: dismissed\n    parent: a-or-b\n",
            "dismissed",
            "parent",
            "a-or-b is warned or convicted, not known which, so filters on these wouldn't find",
            "parent: a-or-b",
        ),
        (
            "forces.csv",
            "wales,GMP",
            "wales,GMP|",
            "greater-manchester",
            "aliases.1",
            "must not be empty",
            "greater-",
        ),
        ("forces.csv", "dorset,Dorset Police,", "dorset,,", "dorset", "name", "text", "dorset"),
        ("forces.csv", "dorset,Dorset Police,", ",Dorset Police,", "", "id", "text", "Dorset"),
        (
            "forces.csv",
            "dorset,Dorset Police,",
            "Dorset,Dorset Police,",
            "Dorset",
            "id",
            "lower-case letters",
            "Dorset",
        ),
        (
            "forces.csv",
            "dorset,Dorset Police,",
            "dorset,,,",
            "",
            "",
            "has 7 cells; the header has 6",
            "dorset",
        ),
        ("forces.csv", "dorset,Dorset Police,", "dorset,", "", "", "has 5 cells; the header has 6", "dorset"),
        ("forces.csv", "dorset,Dorset Police,", "\ndorset,Dorset Police,", "", "", "has 0 cells", ""),
        (
            "forces.csv",
            "dorset,Dorset",
            "essex,Dorset",
            "essex",
            "id",
            "already used at forces.csv:11",
            "Essex Police",
        ),
        (
            "forces.csv",
            "Dorset Police,territorial",
            "Dorset,local",
            "dorset",
            "kind",
            "'special' or 'area'",
            "dorset",
        ),
        ("forces.csv", "E23000039", "E2300003", "dorset", "ons_code", "eight digits", "dorset"),
        (
            "forces.csv",
            "39,england-and-wales",
            "39,essex",
            "dorset",
            "part_of",
            "not an area",
            "dorset",
        ),
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
            "[quit]",
            "[QUIT, Sacked]",
            "resigned",
            "aliases",
            "'sacked' names dismissed, too",
            "[QUIT, Sacked]",
        ),
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
        (
            "codes.yaml",
            "- id: homicide",
            "- id: protest-policing",
            "protest-policing",
            "id",
            "already used",
            "- id",
        ),
        (
            "codes.yaml",
            "- id: homicide",
            "- id: Homicide",
            "Homicide",
            "id",
            "lower-case letters",
            "- id: Homicide",
        ),
        (
            "codes.yaml",
            "label: Homicide",
            "label: [Homicide]",
            "homicide",
            "label",
            "text",
            "label: [Homicide]",
        ),
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
        (
            "sources.yaml",
            "- id: lbc-2021-10-26",
            "- id: LBC",
            "LBC",
            "id",
            "lower-case letters",
            "- id: LBC",
        ),
        (
            "sources.yaml",
            "- id: lbc-2021-10-26",
            f"- id: {ITV}",
            ITV,
            "id",
            "already used at sources.yaml:",
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
        (
            "sources.yaml",
            "publisher: LBC",
            "publisher: LBC\n  file: ../a",
            LBC,
            "file",
            "letters, digits",
            "file: ../a",
        ),
        ("sources.yaml", "url: https://itv.com", "url: itv.com", ITV, "url", "http:// or https://", "url"),
        ("sources.yaml", '"2021-03-21"', '"2021-02-30"', OBSERVER, "published", "day", "2021-02-30"),
        ("sources.yaml", '"2021-03-21"', '"2021-03"', OBSERVER, "published", "2021-03", "2021-03"),
        (
            "sources.yaml",
            '"2021-03-21"',
            '"March"',
            OBSERVER,
            "published.date",
            "a day, month or year",
            "March",
        ),
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
        ("breaks.yaml", "kinds: [proceeding]", "kinds: []", REFERRAL, "kinds", "must not be empty", "kinds"),
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
        (
            "breaks.yaml",
            f"- id: {REGIME}",
            f"- id: {REFERRAL}",
            REFERRAL,
            "id",
            "already used at breaks.yaml:5",
            "- id",
        ),
        # the article itself
        (ARTICLE, "origin: met-foi-2021", "origin: met-foi-2020", "made-up", "origin", "met-foi-2021?", "origin"),
        (ARTICLE, "origin: met-foi-2021", "origin: made-up", "made-up", "origin", "back to itself", "origin"),
        (
            ARTICLE,
            "source:\n  id: made-up",
            f"source:\n  id: {LBC}",
            LBC,
            "id",
            "already used at sources.yaml:",
            "id",
        ),
    )
]


@pytest.mark.parametrize(
    "mistake", REFERENCE, ids=lambda mistake: f"{mistake.file}-{mistake.field}-{mistake.message}"
)
def test_one_mistake_in_reference_data_is_one_problem(real: Path, mistake: FileMistake) -> None:
    """Forces, codes, sources and changes of rules are checked like records."""
    path = real / mistake.file
    replace(path, mistake.old, mistake.new)
    found = only(problems(real))
    assert (found.record, found.field) == (mistake.record, mistake.field)
    assert mistake.message in found.message
    assert mistake.at in line_of(path, found)


@pytest.mark.parametrize(
    ("file", "old", "new", "cycle"),
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
def test_nothing_leads_back_to_itself(real: Path, file: str, old: str, new: str, cycle: list[str]) -> None:
    """A cycle of codes or of origins is reported for every step in it."""
    replace(real / file, old, new)
    found = problems(real)
    assert [(p.file, p.record) for p in found] == [(file, step) for step in cycle]
    assert all("leads back to itself" in p.message for p in found)


def test_an_unknown_area_is_one_problem(real: Path) -> None:
    """An unknown area isn't also reported as not being an area."""
    replace(real / "forces.csv", "E23000039,england-and-wales", "E23000039,england")
    found = only(problems(real))
    assert (found.record, found.field) == ("dorset", "part_of")
    assert "'england' is not known" in found.message


BREAK = """\
- id: new-rules
  date: 2020-02-01
  precision: day
  title: New rules
  note: Made up.
  source: {{title: Rules, publisher: Nobody, url: "https://example.org"}}
  forces: [england-and-wales]
  kinds: {kinds}
  allegations: [any]
  stages: {stages}
  stages_untouched: {stages_untouched}
  outcomes: {outcomes}
  outcomes_untouched: {outcomes_untouched}
"""
COMPLETE = {
    "kinds": "[proceeding, outcome]",
    "stages": "[investigation]",
    "stages_untouched": "[misconduct-proceedings]",
    "outcomes": "[upheld, misconduct-proven]",
    "outcomes_untouched": "[dismissed]",
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        (
            {"stages_untouched": "[]"},
            ["doesn't mention misconduct-proceedings: name it, or a code above it, in stages"],
        ),
        ({"outcomes": "[upheld]"}, ["doesn't mention misconduct-proven: name it"]),
        ({"stages": "[]"}, []),
        ({"outcomes": "[]", "outcomes_untouched": "[]"}, []),
        ({"kinds": "[proceeding]", "outcomes": "[upheld]", "outcomes_untouched": "[]"}, []),
        ({"outcomes_untouched": "[dismissed, upheld]"}, ["upheld can't be both touched and untouched"]),
        ({"outcomes_untouched": "[dismised]"}, ["'dismised' is not known"]),
    ],
)
def test_a_change_of_rules_says_of_each_code(article: Path, changes: dict[str, str], expected: list[str]) -> None:
    """A change of rules must say for each stage and outcome whether it's affected; others would look unaffected."""
    (article.parent / "breaks.yaml").write_text(BREAK.format(**COMPLETE | changes))
    if not expected:
        assert is_accepted(article.parent)
        return
    found = problems(article.parent)
    assert len(found) == len(expected)
    assert all(
        part in one.message
        for part, one in zip(sorted(expected), sorted(found, key=lambda p: p.message), strict=True)
    )

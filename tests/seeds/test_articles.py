"""The seed file of an article: its parts, its records and its ledger."""

from pathlib import Path

import pytest

from app.seeds.reading import read
from tests.seed_files import replace, spoil
from tests.seeds.made_up_article import ARTICLE, TEXT, line_of, only, problems

LEDGER = """
ledger:
  - {paragraph: 1, start: 48, end: 53, token: "three", reason: years}
  - {paragraph: 2, start: 86, end: 90, token: "2020", reason: a date}
"""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing but a comment\n",
        "--- \n...\n",
        "- id: a\n",
        "words\n",
        "12\n",
        "source: {id: a}\n",
        "records: []\n",
        "source: {id: a}\nrecords: {id: a}\n",
    ],
)
def test_a_file_that_is_no_article_is_one_problem(article: Path, text: str) -> None:
    """A file without a source and a list of records or a table is reported as a whole."""
    article.write_text(text)
    message = "an article must have a source and a list of records, or a source and a table"
    assert str(only(problems(article.parent))) == f"{ARTICLE}: {message}"


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("records:\n", "extra: 1\nrecords:\n", "extra", "is not a part of an article's file"),
        ("records:\n", "records:\n  - words\n", "", "a record must be a mapping of fields; found 'words'"),
        ("records:\n", "records:\n  - []\n", "", "a record must be a mapping of fields; found []"),
    ],
)
def test_parts_are_checked(article: Path, old: str, new: str, field: str, message: str) -> None:
    """An unknown part, or a record that isn't a mapping, is one problem at its line."""
    replace(article, old, new)
    found = only(problems(article.parent))
    assert found.field == field
    assert message in found.message
    assert line_of(article, found) in new


@pytest.mark.parametrize("kind", ["[outcome]", "{outcome: upheld}", "12", "null", ""])
def test_a_kind_of_any_type_is_checked(article: Path, kind: str) -> None:
    """Whatever the type of `kind`, the message lists the allowed kinds."""
    spoil(article, "part", "kind: outcome", f"kind: {kind}")
    found = only(problems(article.parent))
    assert (found.record, found.field) == ("part", "kind")
    assert "must be one of complaint, proceeding, outcome, incident; found" in found.message


def test_all_mistakes_in_a_record_are_reported_at_once(article: Path) -> None:
    """All mistakes in a record are reported together: a wrong value, an unknown code and a broken rule."""
    spoil(article, "part", "unit: complaint", "unit: complaints")
    spoil(article, "part", "force: metropolitan", "force: metropolitn")
    spoil(article, "part", "value: 12", "value: 12.5")
    found = problems(article.parent)
    assert [(problem.record, problem.field) for problem in found] == [
        ("part", "force"),
        ("part", "value"),
        ("part", "unit"),
    ]


def test_evidence_without_a_source_is_from_the_article(article: Path) -> None:
    """A curator needn't repeat the article's id in its own file."""
    (record, *_) = read(article.parent).dataset.records
    assert record.evidence[0].source == "made-up"


def test_a_draft_is_refused(article: Path) -> None:
    """Every TODO is reported, and nothing else until they are filled in."""
    spoil(article, "part", "unit: complaint", "unit: TODO")
    spoil(article, "whole", "force: metropolitan", "force: TODO")
    spoil(article, "second", "force: metropolitan", "force: metropolitn")
    assert [(problem.field, problem.message) for problem in problems(article.parent)] == [
        ("records.0.force", "is still TODO: fill it in, or delete the line"),
        ("records.2.unit", "is still TODO: fill it in, or delete the line"),
    ]


def test_a_ledger_is_not_part_of_the_dataset(article: Path) -> None:
    """A ledger doesn't change the dataset."""
    before = read(article.parent)
    article.write_text(TEXT + LEDGER)
    after = read(article.parent)
    assert after.dataset == before.dataset
    assert [entry.token for entry in after.ledgers["made-up"]] == ["three", "2020"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('token: "three"', 'token: "there"', "must be one number as it is printed; found 'there'"),
        ('end: 53, token: "three"', 'end: 58, token: "three ten"', "as the token 'three ten' is long, 9; found 10"),
        ('end: 53, token: "three"', 'end: 57, token: "three ten"', "must be one number as it is printed"),
        ('end: 53, token: "three"', "end: 53, token: three, why: x", "is not a field here"),
        ("paragraph: 1, start: 48", "paragraph: 0, start: 48", "must be at least 1; found 0"),
        ("paragraph: 1, start: 48", "start: 48", "is missing"),
        ("paragraph: 2, start: 86, end: 90", "paragraph: 1, start: 48, end: 52", "is already in the ledger, at"),
        ('token: "2020"', "token: 2020", "write 2020 in quotes"),
        ("reason: a date", f"reason: {'x' * 201}", "must have at most 200 characters"),
        ("reason: a date", "reason: TODO", "is still TODO"),
        ("ledger:\n", "ledgers:\n", "is not a part of an article's file"),
        (LEDGER, "\nledger: words\n", "must be a list"),
    ],
)
def test_a_ledger_is_checked(article: Path, old: str, new: str, message: str) -> None:
    """A ledger has single numbers, each once and with a reason."""
    article.write_text(TEXT + LEDGER)
    replace(article, old, new)
    found = only(problems(article.parent))
    assert message in found.message
    assert new.strip() in line_of(article, found)


def test_a_text_that_is_not_held_has_no_ledger(article: Path) -> None:
    """An article whose text isn't held can't have a ledger."""
    article.write_text(TEXT[: TEXT.index("  file:")] + "records: []\n" + LEDGER)
    found = only(problems(article.parent))
    assert found.message == "the text of made-up is not held, so it can have no ledger"
    assert line_of(article, found) == "ledger:"


DEFAULTS = """\
defaults:
  force: metropolitan
  allegation: rape
  unit: complaint
  subjects: [officers]
  period: {basis: not-stated, event: not-stated, label: no date stated}

records:
"""


def with_defaults(article: Path, *left_out: str, defaults: str = DEFAULTS) -> None:
    """Give the article defaults, and remove these lines from its records."""
    text = TEXT.replace("records:\n", defaults, 1)
    for line in left_out:
        text = text.replace(line, "")
    article.write_text(text)


def test_defaults_are_for_what_a_record_does_not_say(article: Path) -> None:
    """A record takes the article's force, allegation, unit and people, unless it has its own."""
    before = {record.id: record for record in read(article.parent).dataset.records}
    with_defaults(article, "    force: metropolitan\n", "    allegation: rape\n", "    unit: complaint\n")
    after = {record.id: record for record in read(article.parent).dataset.records}
    officers = {"subjects": ["officers"]}
    assert after["part"] == before["part"]
    assert after["whole"] == before["whole"].model_copy(update=officers)
    assert after["hearings"] == before["hearings"].model_copy(update=officers)  # it has its own unit
    assert after["event"] == before["event"]  # an incident doesn't count anything


def test_a_whole_period_may_be_a_default(article: Path) -> None:
    """A default period is used as a whole or not at all."""
    undated = "    period: {basis: not-stated, event: not-stated, label: no date stated}\n"
    before = read(article.parent).dataset.records
    with_defaults(article, undated, defaults=DEFAULTS.replace("  subjects: [officers]\n", ""))
    assert read(article.parent).dataset.records == before


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("force: metropolitan", "force: metropolitn", "force", "did you mean metropolitan?"),
        ("unit: complaint", "unit: complaints", "unit", "must be"),
        ("unit: complaint", "kind: complaint", "kind", "can't be a default: those are force, period"),
    ],
)
def test_a_mistake_in_a_default_is_one_problem(article: Path, old: str, new: str, field: str, message: str) -> None:
    """A mistake in a default is reported once, on its own line, however many records use it."""
    lines = ("    force: metropolitan\n", "    allegation: rape\n", "    unit: complaint\n")
    left_out = lines if field != "kind" else lines[:2]
    with_defaults(article, *left_out, defaults=DEFAULTS.replace(old, new))
    found = [problem for problem in problems(article.parent) if message in problem.message]
    assert len(found) == 1
    assert found[0].field == field
    assert new in line_of(article, found[0])

"""`upheld review`: an article and its records for the second reader."""

import re
import shutil
from pathlib import Path

import pytest

from app.domain.records import Figure
from app.seeds.reading import read
from app.seeds.review import Review, ReviewError, review
from app.seeds.sentences import sentences_of
from tests import made
from tests.desk import Desk
from tests.seed_files import replace, spoil
from tests.texts import MADE_UP, NAME

DISMISSED = "northmoor-2020-2023-dismissed"


@pytest.fixture
def finished(desk: Desk) -> Desk:
    """Return the desk with the finished seed file."""
    desk.fill_in()
    return desk


def reviewed(desk: Desk, name: str = f"{NAME}.txt") -> Review:
    """Return the review of the article."""
    return review(read(desk.seeds, asking=False), desk.texts / name)


def sentence_of(desk: Desk, record: str) -> str:
    """Return the sentence of a record."""
    found = reviewed(desk)
    return next(found.sentences.of(entry.record) for entry in found.entries if entry.record.id == record)


def test_a_record_is_a_sentence_of_its_fields(finished: Desk) -> None:
    """The sentence has number, unit, outcome, people, force, days and base, and none of the curator's prose."""
    assert sentence_of(finished, DISMISSED) == (
        "11 complaints, outcome: dismissed, alleged: any allegation, about officers. Northmoor Constabulary. "
        "Of cases received from 1 April 2020 to 31 March 2023 (known to the month, inferred). "
        "Part of 48 complaints, upheld (northmoor-2020-2023-upheld), stated. That is 22.9 per cent of it. "
        f"The same fact as nearly 25% of complaints ({DISMISSED}-share)."
    )


MISREAD = [
    ("unit: complaint", "unit: person", "11 people, outcome: dismissed"),
    ("event: received", "event: occurred", "Happened from 1 April 2020"),
    ("value: 11", "value: 47", "47 complaints"),
    ("part: true", "part: false", "Results from 48 complaints"),
    ("subjects: [officers]", "subjects: []", "the source doesn't say who it is about"),
    ("outcome: dismissed", "outcome: resigned", "outcome: resigned"),
    ("end: 2023-03-31", "end: 2022-03-31", "to 31 March 2022"),
    ("force: northmoor", "force: metropolitan", "Metropolitan Police Service."),
]


@pytest.mark.parametrize(("old", "new", "read_as"), MISREAD)
def test_a_wrong_field_reads_wrong(finished: Desk, old: str, new: str, read_as: str) -> None:
    """The sentence differs visibly from the text if a field is wrong."""
    if old.startswith("force"):
        spoil(finished.article, "northmoor-2024-04-investigations", old, new)
        assert read_as in sentence_of(finished, "northmoor-2024-04-investigations")
        return
    spoil(finished.article, DISMISSED, old, new)
    assert read_as in sentence_of(finished, DISMISSED)


def test_the_order_is_that_of_the_text(finished: Desk) -> None:
    """Entries are in the order of the text, so the second reader goes through it once."""
    entries = reviewed(finished).entries
    places = [(entry.evidence[0].paragraph, entry.evidence[0].start) for entry in entries]
    assert places == sorted(places)
    assert {entry.record.id for entry in entries} == {
        record.id for record in read(finished.seeds).dataset.records if record.id.startswith("northmoor")
    }


def test_the_command_prints_passages_answers_and_readers(finished: Desk) -> None:
    """With each sentence are the place, the number, the passage, the answered questions and the readers."""
    spoil(finished.article, DISMISSED, "    checked:", "    read_by: [ab]\n    checked:")
    code, printed = finished.run("review", str(finished.texts / f"{NAME}.txt"))
    assert code == 0
    assert re.search(rf"paragraph 3, \d+ to 118: \u201c11\u201d {DISMISSED}\n", printed)
    assert "question outcome-of-people" in printed
    assert "answered: It counts the complaints that ended with the dismissal" in printed
    assert "read by ab only" in printed
    assert "- 212 complaints" in printed
    assert "\n  - 48 complaints, outcome: upheld" in printed
    assert "\n    - 11 complaints, outcome: dismissed" in printed
    assert "(open)" in printed
    assert (
        "\nNumbers that aren't figures:\n- paragraph 1, 48 to 53: \u201cthree\u201d: the length in years" in printed
    )


def figure(**facts: object) -> Figure:
    """Return a figure of 2 complaints, with changes."""
    return made.figure("one", **{"value": 2, **facts})


RATE = {"value": 17, "value_type": "rate", "qualifier": "about", "per": 100, "per_unit": "person"}
DAY = {"start": "2024-02-09", "end": "2024-02-09", "precision": "day", "basis": "stated", "label": "a day"}
WORDED = [
    ({}, "2 complaints, alleged: "),
    ({"unit": "person"}, "2 people, complained about, "),
    ({"unit": "case"}, "2 cases, counted as complaints, "),
    ({**RATE, "per_subjects": ["officers"]}, "A rate of about 17 complaints per 100 officers, "),
    ({"value": None, "value_status": "withheld"}, "An unknown number of complaints (withheld), "),
    (
        {"value": None, "value_status": "withheld", "value_type": "percent"},
        "Per cent of complaints, not known (withheld), ",
    ),
    ({}, " Not a share of anything."),
    ({"period": {**DAY, "event": "occurred"}}, " Happened on 9 February 2024 (known to the day)."),
    ({"period": {**DAY, "event": "not-stated"}}, " On 9 February 2024 (known to the day, event not stated)."),
]


@pytest.mark.parametrize(("facts", "words"), WORDED, ids=[words for _, words in WORDED])
def test_a_sentence_reads_well(facts: dict[str, object], words: str) -> None:
    """A sentence says once what is counted, gives a rate its unit, and treats a single day as one."""
    one = figure(**facts)
    assert words in sentences_of(made.dataset([one])).of(one)


def test_notes_and_sources_beside_a_passage_are_shown(finished: Desk) -> None:
    """The second reader sees a passage's note, further passages, and what other sources say about the record."""
    passage = "        sha256: a2dc36d0a17a67b7bce8ef125f2280834684622634eaa3b695057610f4bced44\n"
    other = "      - {source: met-foi-2021, role: disputes, on: unit, note: It counts officers.}\n"
    spoil(finished.article, DISMISSED, passage, f"{passage}        note: All is a way of speaking.\n{other}")
    shown = str(reviewed(finished)), reviewed(finished).html()
    for text in shown:
        assert "passage: All is a way of speaking." in text
        assert "met-foi-2021 disputes its unit \u2013 It counts officers." in text
        assert "repeats: paragraph 1, 0 to 59: \u201c48\u201d" in text
        assert "paragraph 1, 48 to 53: \u201cthree\u201d: the length in years" in text


def test_a_cell_is_shown_with_row_and_column(finished: Desk) -> None:
    """A cell is shown with its row and column, as the number alone says nothing."""
    path = finished.texts / f"{NAME}.txt"
    path.write_text(path.read_text("utf-8").replace("\n\nOf these", "\n\nYear | Sacked\n2022 | Of these"), "utf-8")
    assert "(row 2022, column Sacked)" not in str(reviewed(finished))
    replace(
        finished.article,
        "paragraph: 5\n        start: 0\n        end: 104",
        "paragraph: 4\n        start: 7\n        end: 11",
    )
    assert "text: Of t (row 2022, column Sacked)" in str(reviewed(finished))


def test_without_the_text_the_records_are_still_there(finished: Desk) -> None:
    """Without the text, the sentences can still be read."""
    (finished.texts / f"{NAME}.txt").unlink()
    assert sentence_of(finished, DISMISSED).startswith("11 complaints")
    with pytest.raises(ReviewError, match="isn't there"):
        reviewed(finished).html()


def test_the_page_holds_text_and_records(finished: Desk, tmp_path: Path) -> None:
    """The page has every paragraph, with passages marked and the ledger underlined, and needs no other files."""
    page = tmp_path / "review.html"
    code, printed = finished.run("review", str(finished.texts / f"{NAME}.txt"), "--html", str(page))
    assert (code, "don't share it" in printed) == (0, True)
    html = page.read_text("utf-8")
    plain = re.sub(r"<[^>]+>", "", html)
    for line in (finished.texts / f"{NAME}.txt").read_text("utf-8").split("\n\n"):
        assert line.strip() in plain
    assert re.search(rf'<a href="#{DISMISSED}" title="[^"]*{DISMISSED}[^"]*"><mark>', html)
    assert f'<article id="{DISMISSED}">' in html
    assert '<u title="the length in years of the period of the complaints">three</u>' in html
    assert not re.search(r'(src|href)="(?!#)', html)


def test_the_page_escapes_what_it_shows(finished: Desk) -> None:
    """Texts and notes can't insert markup into the page."""
    path = finished.texts / f"{NAME}.txt"
    path.write_text(path.read_text("utf-8") + "\n<script>alert(1)</script>\n", "utf-8")
    spoil(finished.article, DISMISSED, "It counts complaints;", "It counts <b>complaints</b>;")
    html = reviewed(finished).html()
    assert "<script>" not in html
    assert "<b>complaints" not in html


def test_a_table_is_read_by_row_and_column(desk: Desk) -> None:
    """Each cell is shown as printed, with its row and column; what applies to all is shown once."""
    name = "registre-2024-06-03"
    seed_file = Path(shutil.copy(MADE_UP / f"{name}.yaml", desk.seeds))
    replace(seed_file, "label: complaints received in 2023", "label: complaints received in 2021")
    replace(
        seed_file, "  ignored:", "  checked: [{label-of-other-years: A misprint.}]\n  read_by: [ab]\n  ignored:"
    )
    code, printed = desk.run("review", str(desk.texts / f"{name}.csv"))
    assert code == 0
    assert "\n  text: row Essex Police, column Licenciés: 12*\n" in printed
    assert "\n  text: row Devon and Cornwall, column Fondées: empty\n" in printed
    assert printed.index("answered: A misprint.") < printed.index("registre-2023-avon-and-somerset-complaints")
    assert printed.count("answered: A misprint.") == 1
    assert "say nothing of readers" not in printed
    html = reviewed(desk, f"{name}.csv").html()
    assert "<li>row Essex Police, column Licenciés: 12*</li>" in html
    assert html.count("answered: A misprint.") == 1


def test_an_unknown_text_is_refused(finished: Desk) -> None:
    """An unknown text is refused, and the texts of the seeds are named."""
    with pytest.raises(ReviewError, match=f"no source has the text none.txt; those of the seeds are .*{NAME}.txt"):
        reviewed(finished, "none.txt")


def test_check_names_records_with_one_reader(finished: Desk) -> None:
    """Two people must read each record; `check` lists those with only one reader."""
    spoil(finished.article, DISMISSED, "    checked:", "    read_by: [ab]\n    checked:")
    spoil(finished.article, "northmoor-2020-2023-upheld", "    evidence:", "    read_by: [ab, cd]\n    evidence:")
    _, printed = finished.run("check")
    assert f"Read by one person only: {DISMISSED}." in printed
    replace(finished.article, "\nrecords:\n", "\ndefaults:\n  read_by: [ef]\n\nrecords:\n")
    replace(finished.article, "read_by: [ab, cd]", "read_by: [gh]")
    _, printed = finished.run("check")
    assert re.search(r"Read by one person only: (northmoor-[\w-]+, ){4}northmoor-[\w-]+ and 1 more\.\n", printed)

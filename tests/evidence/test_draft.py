"""The draft of a seed file: it has every number in a text but no sentences, and is refused until complete."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from app.evidence.draft import draft
from app.evidence.drafts import TODO, DraftError
from app.evidence.numbers import find_numbers
from app.evidence.passages import paragraphs
from app.seeds.problems import SeedError
from app.seeds.reading import read
from tests.desk import Desk
from tests.texts import ARTICLES, NAME


def skeleton(text: str) -> object:
    """Return a skeleton's content."""
    return YAML(typ="safe", pure=True).load(text)


def test_the_draft_has_every_number_and_no_sentence(desk: Desk) -> None:
    """Every number is in the ledger or a record, and nothing else from the text is in the file."""
    path = desk.texts / f"{NAME}.txt"
    text = draft(path, NAME)
    found = [(n, number) for n, line in enumerate(paragraphs(path.read_text()), 1) for number in find_numbers(line)]
    content = skeleton(text)
    assert isinstance(content, dict)
    ledger = {(entry["paragraph"], entry["start"], entry["token"]): entry["reason"] for entry in content["ledger"]}
    assert ledger == {
        (1, 48, "three"): "a length of time",
        (2, 86, "2020"): "a year",
        (2, 101, "2023"): "a year",
    }
    figures = [number.text for n, number in found if (n, number.start, number.text) not in ledger]
    printed = [record["evidence"][0].get("as_printed") for record in content["records"]]
    assert [one for one in printed if one] == figures
    assert printed.count(None) == 1  # how many resigned
    for n, number in found:
        entry = f'paragraph: {n}, start: {number.start}, end: {number.end}, token: "{number.text}"'
        assert text.count(entry) == 1  # in the ledger, or in a comment to move there
    assert len(found) == 12
    assert shared(text, path, 2) == set()


def shared(text: str, article: Path, length: int) -> set[str]:
    """Return the article's word runs that appear in a text, ignoring comments and the file name."""
    content = re.sub(r"(?m)#.*$|^  file: .*$", "", text)
    runs: set[str] = set()
    for line in paragraphs(article.read_text()):
        words = line.split()
        runs |= {" ".join(words[start : start + length]) for start in range(len(words) - length + 1)}
    return {run for run in runs if run in content}


def test_the_draft_of_a_real_article_has_no_sentence_of_it() -> None:
    """No two consecutive words of an article are in its skeleton."""
    if not ARTICLES.is_dir():
        pytest.skip("the articles are not on this machine, so they can't be drafted")
    for path in sorted(ARTICLES.glob("0*.txt")):
        assert shared(draft(path), path, 2) == set()


def test_a_draft_is_refused_until_it_is_complete(desk: Desk) -> None:
    """Every TODO is reported at its line, and a single one left means no dataset."""
    text = draft(desk.texts / f"{NAME}.txt", NAME)
    desk.article.write_text(text)
    with pytest.raises(SeedError) as caught:
        read(desk.seeds)
    assert {problem.message for problem in caught.value.problems} == {
        "is still TODO: fill it in, or delete the line"
    }
    lines = text.splitlines()
    marked = [number for number, line in enumerate(lines, 1) if re.search(r": TODO\b", line)]
    assert sorted({problem.line for problem in caught.value.problems}) == marked
    assert len(caught.value.problems) == len(re.findall(r": TODO\b", text))
    desk.fill_in()
    read(desk.seeds)
    filled = desk.article.read_text()
    for field in ("publisher: Northmoor Courier", "unit: person", "label: no period stated", "basis: ambiguous"):
        desk.article.write_text(filled.replace(field, f"{field.partition(':')[0]}: {TODO}"))
        with pytest.raises(SeedError) as caught:
            read(desk.seeds)
        assert [problem.message for problem in caught.value.problems] == [
            "is still TODO: fill it in, or delete the line"
        ]


def test_the_finished_file_keeps_places_and_digests(desk: Desk) -> None:
    """The draft has every passage in the finished file, including the one without a number and the longer ones."""
    drafted = draft(desk.texts / f"{NAME}.txt", NAME)
    desk.fill_in()
    finished = desk.article.read_text()
    for text in (drafted, finished):
        assert "sha256: 2da7885ce08611d065a1a6e2d2f214668ee3c70e2952464eb5560a54c152c6a1" in text
    places = re.compile(r"paragraph: \d+\n +start: \d+\n +end: \d+\n +sha256: [0-9a-f]{64}")
    known = set(places.findall(drafted))
    assert [place for place in places.findall(finished) if place not in known] == []
    tokens = set(re.findall(r'start: \d+, end: \d+, token: "(\w+)"', drafted))
    assert {entry["token"] for entry in skeleton(finished)["ledger"]} < tokens  # type: ignore[index] # a mapping


TIMES = [
    ("It was in 2019.", "a year"),
    ("From 2012 to 2018 it rose.", "a year a year"),
    ("In 2019-20 it rose.", "a year a year"),
    ("2019-20 | few | -", "a year a year"),
    ("2019\tfew", "a year"),
    ("It ended on 14 May 2021.", "a date a year"),
    ("It ended on May 14th, 2021.", "a date a year"),
    ("On the 6th of March it ended.", "a date"),
    ("The past three years were long.", "a length of time"),
    ("He was jailed for 26 weeks.", "a length of time"),
    ("A 12-month order ended.", "a length of time"),
    ("The officer, aged 45, left.", "an age"),
    ("A 45-year-old left.", "an age"),
    ("It began at 9.30pm.", "a time of day"),
    ("It began at 10 am.", "a time of day"),
]
COUNTED = [
    "In 2019 complaints were made.",
    "2,019 left.",
    "Some 2019 left.",
    "In all, 14 left in haste.",
    "Of 12 men, 3 left.",
]


@pytest.mark.parametrize(("sentence", "reasons"), TIMES)
def test_what_says_when_is_in_the_ledger(tmp_path: Path, sentence: str, reasons: str) -> None:
    """Years, dates, durations, ages and times of day go in the ledger with the reason, not in records."""
    (tmp_path / "a.txt").write_text(sentence)
    content = skeleton(draft(tmp_path / "a.txt"))
    assert isinstance(content, dict)
    assert (content["records"], " ".join(entry["reason"] for entry in content["ledger"])) == ([], reasons)


@pytest.mark.parametrize("sentence", COUNTED)
def test_what_counts_is_a_record(tmp_path: Path, sentence: str) -> None:
    """A number that counts something isn't taken for a year or a date, even if it looks like one."""
    (tmp_path / "a.txt").write_text(sentence)
    content = skeleton(draft(tmp_path / "a.txt"))
    assert isinstance(content, dict)
    assert content["ledger"] == []


def test_a_figure_has_four_lines_to_fill_in(desk: Desk, tmp_path: Path) -> None:
    """Each record leaves at most four fields to fill in."""
    (tmp_path / "a.txt").write_text("Over 40 left. Dozens stayed. Over several hundred came.")
    for path in (desk.texts / f"{NAME}.txt", tmp_path / "a.txt"):
        records = draft(path).partition("\nrecords:\n")[2].partition("\nledger:")[0].split("\n\n")
        assert len(records) >= 3
        assert all(record.count(TODO) <= 4 for record in records)


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        ("Between six and 19 left.", ["as_printed: six", "value: 6", "value_to: 19", "qualifier: between"]),
        ("Over 40 left.", ["as_printed: 40", "value: 40", "qualifier: more-than"]),
        ("Complaints about 40 officers came.", ["value: 40", "qualifier: TODO"]),
        ("They were about 40 officers.", ["value: 40", "qualifier: TODO"]),
        ("The force has about 1,200 dogs.", ["value: 1200", "qualifier: about", "base: TODO"]),
        ("Just over half left.", ["value: 50", "qualifier: more-than", "base: TODO"]),
        ("Just under half left.", ["value: 50", "qualifier: TODO"]),
        ("Three in four left.", ["as_printed: Three in four", "value: 75", "value_type: percent"]),
        ("Nearly one in 14 left.", ["as_printed: one in 14", "value: 7.14", "qualifier: nearly"]),
        (
            "It had 9 complaints for every 50 officers.",
            ["as_printed: 9", "value_type: rate", "per: 50", "per_unit: person", "per_subjects: ['officers']"],
        ),
        ("It had 2.5 per thousand residents.", ["value: 2.5", "per: 1000", "per_unit: resident"]),
        ("It had 12 per 1,000 dogs.", ["value_type: rate", "per: 1000", "per_unit: TODO"]),
        ("It had two complaints per officer.", ["value: 2", "per: 1", "per_unit: person"]),
        ("It lost 47 officers a year.", ["value: 47", "value_type: rate", "per: 1", "per_unit: year"]),
        ("It lost 47 officers a year later.", ["value: 47", "base: TODO"]),
        ("It lost 4 per cent a year.", ["value: 4", "value_type: percent"]),
        ("It lost half a year.", ["value: 50", "value_type: percent"]),
        ("It doubled every year.", ["value: 100", "value_type: change-percent"]),
        ("It refused to say how many had left.", ["value_status: withheld", "base: TODO"]),
        ("What number of them left is unknown.", ["value_status: not-disclosed"]),
        ("Nearly two thirds left.", ["value: 66.67", "value_type: percent", "qualifier: nearly"]),
        ("A hundred left.", ["as_printed: A hundred", "value: 100"]),
        ("Several hundred left.", ["as_printed: hundred", "value: TODO"]),
        ("None left.", ["as_printed: None", "value: 0"]),
        ("It doubled.", ["value: 100", "value_type: change-percent"]),
        ("Up to 2.5% left.", ["value: 2.5", "value_type: percent", "qualifier: at-most"]),
        ("On the 6th it left.", ["as_printed: 6th", "value: TODO"]),
        ("Complaints rose by 14.", ["value: 14", "value_type: change-count"]),
        ("Complaints fell by 12 per cent.", ["value: -12", "value_type: change-percent"]),
        ("There was a fall of 12%.", ["value: -12", "value_type: change-percent"]),
        ("It was done by 14.", ["value: 14"]),
        ("Complaints were up 14 per cent.", ["value: 14", "value_type: change-percent"]),
        ("Complaints fell, down 14.", ["value: -14", "value_type: change-count"]),
        ("They made up 14 per cent.", ["value: 14", "value_type: percent"]),
        ("One in every 20 left.", ["as_printed: One in every 20", "value: 5", "value_type: percent"]),
        ("It receives around 40 complaints.", ["value: 40", "qualifier: about"]),
    ],
)
def test_the_draft_says_what_a_program_can_tell(tmp_path: Path, sentence: str, facts: list[str]) -> None:
    """Value, type and qualifier are filled in if the words allow only one reading."""
    path = tmp_path / "a.txt"
    path.write_text(sentence)
    content = skeleton(draft(path))
    assert isinstance(content, dict)
    (record,) = content["records"]
    fields = {**record, **record["evidence"][0]}
    for fact in facts:
        name, _, value = fact.partition(": ")
        assert str(fields[name]) == value
    assert "qualifier" in record or not any(fact.startswith("qualifier") for fact in facts)


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("Nine out of 15 cases fell.", [9, 15]),
        ("In all, 12 in 2019 and two in five forces.", [12, 40]),
        ("It had 9 for every 50 officers, and 8 more.", [9, 8]),
        ("It sacked between six and 19 of 52.", [6, 52]),
    ],
)
def test_numbers_that_make_one_figure_are_one_record(tmp_path: Path, sentence: str, values: list[float]) -> None:
    """A ratio, rate or range makes one record, and each of its numbers is listed once; two counts make two."""
    path = tmp_path / "a.txt"
    path.write_text(sentence)
    text = draft(path)
    content = skeleton(text)
    assert isinstance(content, dict)
    assert [record["value"] for record in content["records"]][-len(values) :] == values
    for number in find_numbers(sentence):
        assert text.count(f"start: {number.start}, end: {number.end}, token:") == 1


TABLE = """\
A headline

Year | Complaints | Upheld
2019-20 | 41 | 6
2020-21 | 48 | 7
"""


def test_a_table_in_an_article_names_row_and_column(tmp_path: Path) -> None:
    """Each cell is its own passage, with a comment naming its row and column; the years are in the ledger."""
    path = tmp_path / "a.txt"
    path.write_text(TABLE)
    text = draft(path)
    content = skeleton(text)
    assert isinstance(content, dict)
    assert [record["value"] for record in content["records"]] == [41, 6, 48, 7]
    assert text.count('# row "2019-20", column "Upheld"') == 1
    assert len(content["ledger"]) == 4


HELD = """\
Force;All;Upheld;Share;Dismissed
Kent;1 200;300;25,0 %;0
Dorset;40;7*;17,5 %;1
Total;1 240;;;
"""


def drafted_table(folder: Path, held: str) -> str:
    """Return the skeleton drafted from a table."""
    path = folder / "table.csv"
    path.write_text(held, "utf-8")
    return draft(path)


def test_a_table_asks_only_for_what_it_needs(tmp_path: Path) -> None:
    """Statements for 0 and 1 are requested only if needed, and a base for percentages; totals are skipped."""
    text = drafted_table(tmp_path, HELD)
    content = skeleton(text)
    assert isinstance(content, dict)
    table = content["table"]
    assert [(one["name"], list(one["statement"]), "base" in one) for one in table["columns"]] == [
        ("All", ["many"], False),
        ("Upheld", ["many"], False),
        ("Share", ["many"], True),
        ("Dismissed", ["many", "one", "none"], False),
    ]
    assert [row.get("skip") for row in table["rows"]] == [None, None, None, "A sum of other rows."]
    assert "empty" not in text
    assert '"Upheld"' not in re.sub("#.*", "", text)
    assert "parts: [Upheld, Share], of: All" in text


def test_a_column_of_changes_or_rates_is_one(tmp_path: Path) -> None:
    """Percentages below 0 are changes; a rate is recognised by its header."""
    content = skeleton(drafted_table(tmp_path, "Force,Change,Per 1000\nKent,-5.0%,2\nDorset,3%,4\n"))
    assert isinstance(content, dict)
    change, rate = content["table"]["columns"]
    assert (change["value_type"], "base" in change) == ("change-percent", False)
    assert (rate["value_type"], rate["per"]) == ("rate", TODO)


@pytest.mark.parametrize("title", ["Table 1", "Table 1;;;;"])
def test_a_title_is_no_header(tmp_path: Path, title: str) -> None:
    """If lines come before the header, the error says to delete them."""
    with pytest.raises(DraftError, match="line 1 names 1 of 5 columns: delete the lines above the header"):
        drafted_table(tmp_path, f"{title}\n{HELD}")


def test_an_article_without_a_number_is_drafted_too(tmp_path: Path) -> None:
    """An article without numbers can still have incidents, so the lists are empty and ready to fill in."""
    path = tmp_path / "a.txt"
    path.write_text("An officer was dismissed.\n")
    content = skeleton(draft(path))
    assert isinstance(content, dict)
    assert (content["records"], content["ledger"]) == ([], [])


def test_an_article_that_cannot_be_drafted(tmp_path: Path, desk: Desk) -> None:
    """A missing file, a file that isn't text, and an invalid file name or id are refused with the reason."""
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    (tmp_path / "a b.txt").touch()
    (tmp_path / "a.txt").touch()
    for name, source, message in (
        ("none.txt", None, "cannot be read: No such file or directory"),
        ("latin.txt", None, "is not UTF-8 at byte 3: save it again as UTF-8"),
        ("a b.txt", None, "the file name 'a b.txt' must be letters, digits"),
        ("a.txt", "A B", "the source id 'A B' must be lower-case letters"),
    ):
        with pytest.raises(DraftError, match=re.escape(message)):
            draft(tmp_path / name, source)
    code, said = desk.run("draft", str(tmp_path / "none.txt"))
    assert code == 1
    assert said.startswith("upheld: ")

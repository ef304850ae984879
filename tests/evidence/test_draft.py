"""The draft of a seed file: it has every number of a text and no sentence, and is refused until it is filled in."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from app.evidence.draft import DraftError, clause, draft
from app.evidence.passages import numbers, paragraphs, standing
from app.seeds.files import SeedError
from app.seeds.reading import TODO, read
from tests.desk import Desk
from tests.texts import ARTICLES, NAME


def skeleton(text: str) -> object:
    """Return what a skeleton holds."""
    return YAML(typ="safe", pure=True).load(text)


# The draft -------------------------------------------------------------------------------------------------------


def test_the_draft_has_every_number_and_no_sentence(desk: Desk) -> None:
    """Every number stands in the ledger and in a record, and nothing else of the text is in the file."""
    path = desk.texts / f"{NAME}.txt"
    text = draft(path, NAME)
    found = [(n, number) for n, line in enumerate(paragraphs(path.read_text()), 1) for number in numbers(line)]
    content = skeleton(text)
    assert isinstance(content, dict)
    ledger = [(entry["paragraph"], entry["start"], entry["end"], entry["token"]) for entry in content["ledger"]]
    assert ledger == [(n, number.start, number.end, number.text) for n, number in found]
    assert [record["evidence"][0]["as_printed"] for record in content["records"]] == [n.text for _, n in found]
    assert len(found) == 12
    assert shared(text, path, 2) == set()


def shared(text: str, article: Path, length: int) -> set[str]:
    """Return what a text has of an article, in runs of so many words, but for its file name and comments."""
    told = re.sub(r"(?m)#.*$|^  file: .*$", "", text)
    runs: set[str] = set()
    for line in paragraphs(article.read_text()):
        words = line.split()
        runs |= {" ".join(words[start : start + length]) for start in range(len(words) - length + 1)}
    return {one for one in runs if one in told}


def test_the_draft_of_a_real_article_has_no_sentence_of_it() -> None:
    """No two words that follow each other in an article stand in its skeleton."""
    if not ARTICLES.is_dir():
        pytest.skip("the articles are not on this machine: no skeleton of them can be drafted")
    for path in sorted(ARTICLES.glob("0*.txt")):
        assert shared(draft(path), path, 2) == set()


def test_a_draft_is_refused_until_it_is_filled_in(desk: Desk) -> None:
    """Every TODO is a problem with its line, and as long as one is left there is no dataset."""
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


def test_what_is_filled_in_comes_of_the_draft(desk: Desk) -> None:
    """The finished file has the draft's places and digests, but for a widened clause and one without a number."""
    drafted = draft(desk.texts / f"{NAME}.txt", NAME)
    desk.fill_in()
    finished = desk.article.read_text()
    for text in (drafted, finished):
        assert "sha256: 2da7885ce08611d065a1a6e2d2f214668ee3c70e2952464eb5560a54c152c6a1" in text
    places = re.compile(r"paragraph: \d+\n +start: \d+\n +end: \d+\n +sha256: [0-9a-f]{64}")
    known = set(places.findall(drafted))
    assert len([place for place in places.findall(finished) if place not in known]) == 2
    tokens = {entry["token"] for entry in skeleton(drafted)["ledger"]}  # type: ignore[index] # a mapping
    assert {entry["token"] for entry in skeleton(finished)["ledger"]} < tokens  # type: ignore[index] # a mapping


@pytest.mark.parametrize(
    ("text", "printed", "shown"),
    [
        ("Of 1,300 complaints, 12.5 per cent were upheld.", "12.5", "12.5 per cent were upheld"),
        ("It rose \u2013 to 40 cases \u2013 in May.", "40", "to 40 cases"),
        ("Six of them: two, in the end; left.", "two", "two"),
        ("(Of the 12, six left.)", "12", "Of the 12"),
        ("“All were upheld.”", "All", "All were upheld"),
        ("12 cases and 12 people, they say", "12", "12 cases and"),
        ("no comma here 7", "7", "no comma here 7"),
        ("At 9:30 a.m. on 6.5.2020 it had 7", "7", "on 6.5.2020 it had 7"),
    ],
)
def test_a_clause_is_the_smallest_that_holds_its_number_once(text: str, printed: str, shown: str) -> None:
    """A clause ends at marks, not inside numbers, and before the same number comes again."""
    start, end = clause(text, text.index(printed), text.index(printed) + len(printed))
    assert text[start:end] == shown


@given(
    st.lists(st.sampled_from(["six", "6", "66", "1,300", " ", " ", ",", ".", "\u2013", "x", "per cent"])).map(
        "".join
    )
)
def test_every_number_has_a_clause(text: str) -> None:
    """Whatever a paragraph is, the clause around a number holds it once and does not begin or end with a space."""
    for number in numbers(text):
        start, end = clause(text, number.start, number.end)
        assert standing(text, start, end, number.text) == [number.start]
        assert text[start:end] == text[start:end].strip()


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        ("Between six and 19 left.", ["as_printed: six", "value: 6", "value_to: 19", "qualifier: between"]),
        ("Over 40 left.", ["as_printed: 40", "value: 40", "qualifier: TODO"]),
        ("Nearly two thirds left.", ["value: 66.67", "value_type: percent", "qualifier: nearly"]),
        ("A hundred left.", ["as_printed: A hundred", "value: 100"]),
        ("Several hundred left.", ["as_printed: hundred", "value: TODO"]),
        ("None left.", ["as_printed: None", "value: 0"]),
        ("It doubled.", ["value: 100", "value_type: change-percent"]),
        ("Up to 2.5% left.", ["value: 2.5", "value_type: percent", "qualifier: at-most"]),
        ("On the 6th it left.", ["as_printed: 6th", "value: TODO"]),
    ],
)
def test_the_draft_says_what_the_words_say(tmp_path: Path, sentence: str, facts: list[str]) -> None:
    """Value, type and qualifier are filled in where the words leave one reading."""
    path = tmp_path / "a.txt"
    path.write_text(sentence)
    content = skeleton(draft(path))
    assert isinstance(content, dict)
    (record,) = content["records"]
    told = {**record, **record["evidence"][0]}
    for fact in facts:
        name, _, value = fact.partition(": ")
        assert str(told[name]) == value
    assert "qualifier" in record or not any(fact.startswith("qualifier") for fact in facts)


def test_an_article_without_a_number_is_drafted_too(tmp_path: Path) -> None:
    """Incidents need no number; the lists are there to be filled."""
    path = tmp_path / "a.txt"
    path.write_text("An officer was dismissed.\n")
    content = skeleton(draft(path))
    assert isinstance(content, dict)
    assert (content["records"], content["ledger"]) == ([], [])


def test_what_cannot_be_drafted_says_why(tmp_path: Path, desk: Desk) -> None:
    """A file that is not there, is no text or has a name that cannot be recorded, and an id that is none."""
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    (tmp_path / "a b.txt").touch()
    (tmp_path / "a.txt").touch()
    for name, source, message in (
        ("none.txt", None, "cannot be read: No such file or directory"),
        ("latin.txt", None, "is not UTF-8 at byte 3"),
        ("a b.txt", None, "'a b.txt' cannot be recorded"),
        ("a.txt", "A B", "'A B' cannot be recorded"),
    ):
        with pytest.raises(DraftError, match=re.escape(message)):
            draft(tmp_path / name, source)
    code, said = desk.run("draft", str(tmp_path / "none.txt"))
    assert code == 1
    assert said.startswith("upheld: ")

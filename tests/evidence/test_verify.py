"""The seeds against their texts: what agrees passes, and one altered character anywhere does not."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from app.domain.dataset import Dataset, Source
from app.domain.records import Evidence, Figure, Record
from app.domain.vocabulary import Qualifier, ValueType
from app.evidence.ledger import LedgerEntry
from app.evidence.passages import digest, numbers, paragraphs
from app.evidence.verify import LEDGER, Mismatch, Report, State, verify
from app.releases.canonical import digest as digest_of_dataset
from app.seeds.files import SeedError
from app.seeds.reading import read, read_with_ledgers
from app.settings import PROJECT
from tests import made
from tests.programs import Run
from tests.texts import ARTICLES, FORCE, MADE_UP, NAME

Ledgers = Mapping[str, Sequence[LedgerEntry]]


class Corpus(NamedTuple):
    """Records, ledgers and the texts that they are read from, in a folder that a test may spoil."""

    dataset: Dataset
    ledgers: Ledgers
    folder: Path

    def verify(self, **changes: object) -> Report:
        """Verify the corpus, or what becomes of it by changing its dataset or its ledgers."""
        return verify(**{**self._asdict(), **changes})

    def with_record(self, record: Record) -> Dataset:
        """Return the dataset with another record in the place of the one with the same id."""
        records = [record if one.id == record.id else one for one in self.dataset.records]
        return self.dataset.model_copy(update={"records": records})

    def with_source(self, source: Source) -> Dataset:
        """Return the dataset with another source in the place of the one with the same id."""
        sources = [source if one.id == source.id else one for one in self.dataset.sources]
        return self.dataset.model_copy(update={"sources": sources})

    def passages(self) -> Iterator[tuple[Record, int, Evidence, Path]]:
        """Yield every passage of a held text: the record, which evidence of it, and the file."""
        files = {source.id: source.file for source in self.dataset.sources}
        for record in self.dataset.records:
            for index, evidence in enumerate(record.evidence):
                file = files[evidence.source]
                if evidence.located and file and (self.folder / file).exists():
                    yield record, index, evidence, self.folder / file


@pytest.fixture
def made_up(seeds: Path, tmp_path: Path) -> Corpus:
    """Return the made-up article with its records beside the real ones, whose texts are not at hand."""
    shutil.copy(MADE_UP / f"{NAME}.yaml", seeds)
    with (seeds / "forces.csv").open("a", encoding="utf-8") as forces:
        forces.write(FORCE)
    texts = Path(shutil.copytree(MADE_UP, tmp_path / "texts"))
    return Corpus(*read_with_ledgers(seeds), texts)


@pytest.fixture
def real(tmp_path: Path) -> Corpus:
    """Return the project's own seeds and a copy of the articles; skip where they are not at hand."""
    if not ARTICLES.is_dir():
        pytest.skip("the articles are not on this machine: the seeds cannot be held against them")
    return Corpus(
        *read_with_ledgers(PROJECT / "seeds"),
        Path(shutil.copytree(ARTICLES, tmp_path / "texts", dirs_exist_ok=True)),
    )


@pytest.fixture(params=["made_up", "real"])
def corpus(request: pytest.FixtureRequest) -> Corpus:
    """Return the made-up corpus and the real one, where its texts are at hand."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Corpus)
    return found


def of(report: Report, record: str, paragraph: int | None) -> list[Mismatch]:
    """Return the problems that name a record and a paragraph; each of them has to have both sides."""
    assert not report.passed
    assert all(one.file and one.expected and one.found and one.expected != one.found for one in report.problems)
    return [one for one in report.problems if (one.record, one.paragraph) == (record, paragraph)]


def altered(evidence: Evidence, **changes: object) -> Evidence:
    """Return evidence with changes that no check has seen."""
    return evidence.model_copy(update=changes)


def with_evidence(record: Record, index: int, evidence: Evidence) -> Record:
    """Return a record with another evidence in the place of one."""
    return record.model_copy(
        update={"evidence": [*record.evidence[:index], evidence, *record.evidence[index + 1 :]]}
    )


# The seeds as they are, and as they are not ----------------------------------------------------------------------


def test_the_real_seeds_are_what_the_articles_say(real: Corpus) -> None:
    """Every passage, value and number of both articles agrees; what is not held is named as unverified."""
    report = real.verify()
    assert report.problems == []
    assert report.passed
    states = {source.source: source.state for source in report.sources}
    held = {source.id for source in real.dataset.sources if source.file}
    assert {source for source, state in states.items() if state is State.VERIFIED} == held
    assert {source for source, state in states.items() if state is State.UNVERIFIED} == set(states) - held


def test_the_made_up_seeds_are_what_the_article_says(made_up: Corpus) -> None:
    """The made-up article agrees with its records; the real ones are unverified here and do not count as passed."""
    report = made_up.verify()
    assert report.problems == []
    assert report.passed
    assert [source.source for source in report.sources if source.state is State.VERIFIED] == [NAME]
    assert [(source.passages, source.numbers) for source in report.sources if source.source == NAME] == [(7, 12)]


def place_in_file(path: Path, paragraph: int, offset: int) -> int:
    """Return the byte at which a place of a paragraph lies in a file."""
    text = path.read_bytes().decode()
    position = 0
    for _ in range(paragraph - 1):
        position = text.index("\n", position)
        while text[position] == "\n":
            position += 1
    return len(text[: position + offset].encode())


def flip(path: Path, place: int) -> bytes:
    """Flip the lowest bit of one byte of a file and return what the file was before."""
    before = path.read_bytes()
    path.write_bytes(before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :])
    return before


def test_one_byte_inside_a_passage_fails_it(corpus: Corpus) -> None:
    """Whatever byte of a passage changes, its record and paragraph are named, whatever the digest of the file."""
    tried = 0
    for record, _, evidence, path in corpus.passages():
        assert evidence.paragraph is not None
        assert evidence.start is not None
        assert evidence.end is not None
        first = place_in_file(path, evidence.paragraph, evidence.start)
        last = place_in_file(path, evidence.paragraph, evidence.end) - 1
        for place in {first, (first + last) // 2, last}:
            before = flip(path, place)
            after = path.read_bytes()
            source = next(one for one in corpus.dataset.sources if one.id == evidence.source)
            pinned = corpus.with_source(source.model_copy(update={"sha256": hashlib.sha256(after).hexdigest()}))
            for dataset in (corpus.dataset, pinned):
                report = corpus.verify(dataset=dataset)
                if is_utf8(after):
                    assert of(report, record.id, evidence.paragraph), (record.id, place)
                assert path.name in {one.file for one in report.problems}
                assert not report.passed
            path.write_bytes(before)
            tried += 1
    assert tried > 15
    assert corpus.verify().passed


def is_utf8(content: bytes) -> bool:
    """Whether bytes are a text."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_one_byte_outside_every_passage_fails_the_file(corpus: Corpus) -> None:
    """The rest of a text is held by the digest of the file, and its numbers by the ledger."""
    inside: dict[Path, set[int]] = {}
    for _, _, evidence, path in corpus.passages():
        first = place_in_file(path, evidence.paragraph or 0, evidence.start or 0)
        last = place_in_file(path, evidence.paragraph or 0, evidence.end or 0)
        inside.setdefault(path, set()).update(range(first, last))
    for path, places in inside.items():
        outside = [place for place in range(path.stat().st_size) if place not in places]
        assert outside
        for place in outside[:: max(1, len(outside) // 40)]:
            before = flip(path, place)
            assert path.name in {one.file for one in of(corpus.verify(), None, None)}  # type: ignore[arg-type]
            path.write_bytes(before)


def test_an_altered_digest_of_a_file_fails_it(corpus: Corpus) -> None:
    """The digest of the file holds by itself, also where every passage agrees."""
    for source in corpus.dataset.sources:
        if source.file and source.sha256 and (corpus.folder / source.file).exists():
            for wrong in (source.sha256[:-1] + chr(ord(source.sha256[-1]) ^ 1), "0" * 64):
                report = corpus.verify(dataset=corpus.with_source(source.model_copy(update={"sha256": wrong})))
                assert [(one.file, one.expected, one.found) for one in report.problems] == [
                    (source.file, wrong, source.sha256)
                ]
                assert not report.passed


def test_another_number_outside_every_passage_fails_the_ledger(corpus: Corpus) -> None:
    """A number that changes in a text whose digest was renewed is not the number that the ledger has."""
    for source in corpus.dataset.sources:
        path = corpus.folder / (source.file or "none")
        for entry in corpus.ledgers.get(source.id, ()) if path.exists() else ():
            before = flip(path, place_in_file(path, entry.paragraph, entry.start))
            after = path.read_bytes()
            pinned = source.model_copy(update={"sha256": hashlib.sha256(after).hexdigest()})
            assert of(corpus.verify(dataset=corpus.with_source(pinned)), LEDGER, entry.paragraph)
            path.write_bytes(before)


def test_one_altered_field_of_a_passage_fails_it(corpus: Corpus) -> None:
    """A digest, an offset, a paragraph or a printed number that is one off is found and named."""
    for record, index, evidence, path in corpus.passages():
        assert evidence.paragraph is not None
        assert evidence.start is not None
        assert evidence.end is not None
        assert evidence.sha256 is not None
        other = "0" if evidence.sha256[0] != "0" else "1"
        changes: list[dict[str, object]] = [
            {"sha256": other + evidence.sha256[1:]},
            {"sha256": evidence.sha256[:-1] + ("0" if evidence.sha256[-1] != "0" else "1")},
            {"end": evidence.end + 1},
            {"end": evidence.end - 1},
            {"start": evidence.start + 1},
            {"paragraph": evidence.paragraph + 1},
            {"paragraph": 10_000},
            {"end": 100_000},
        ]
        changes += [{"start": evidence.start - 1}] if evidence.start else []
        changes += [{"paragraph": evidence.paragraph - 1}] if evidence.paragraph > 1 else []
        if evidence.as_printed:
            changes += [{"as_printed": printed} for printed in ("7777", evidence.as_printed + "1", "the")]
            changes += [{"as_printed": None}]
        for change in changes:
            spoilt = with_evidence(record, index, altered(evidence, **change))
            report = corpus.verify(dataset=corpus.with_record(spoilt))
            where = change.get("paragraph", evidence.paragraph)
            assert isinstance(where, int)
            name = LEDGER if change == {"as_printed": None} else record.id
            assert of(report, name, where), (record.id, change)
            assert {one.file for one in report.problems} == {path.name}


def test_one_altered_field_of_a_figure_fails_it(corpus: Corpus) -> None:
    """A value, a type, a status or a qualifier that the passage does not print is found and named."""
    tried = 0
    for record, _, evidence, _ in corpus.passages():
        if not isinstance(record, Figure) or record.value is None:
            continue
        changes: list[dict[str, object]] = [{"value": record.value + 1}, {"value": record.value - 1}]
        changes += [{"value": record.value * 10}, {"value": None}]
        changes += [{"value_type": other, "per": 10} for other in ValueType if other is not record.value_type]
        changes += [{"qualifier": other} for other in Qualifier if other not in {record.qualifier, "between"}]
        changes += [{"qualifier": Qualifier.BETWEEN, "value_to": record.value + 1}]
        for change in changes:
            report = corpus.verify(dataset=corpus.with_record(record.model_copy(update=change)))
            paragraphs_named = {one.paragraph for one in report.problems if one.record == record.id}
            assert not report.passed, (record.id, change)
            assert paragraphs_named & {other.paragraph for other in record.evidence}, (record.id, change)
            if "value" in change:
                assert of(report, record.id, evidence.paragraph), (record.id, change)
            tried += 1
    assert tried > 20


def test_one_altered_entry_of_a_ledger_fails_it(corpus: Corpus) -> None:
    """An entry that is left out, moved or altered is found, and so is a number that the records have already."""
    for source, entries in corpus.ledgers.items():
        if not any(one.source == source and one.state is State.VERIFIED for one in corpus.verify().sources):
            continue
        for index, entry in enumerate(entries):
            rest = [*entries[:index], *entries[index + 1 :]]
            moved = {"start": entry.start + 1, "end": entry.end + 1}
            for change in (None, moved, {"token": entry.token + "x"}, {"paragraph": entry.paragraph + 1}):
                changed = rest if change is None else [*rest, entry.model_copy(update=change)]
                report = corpus.verify(ledgers={**corpus.ledgers, source: changed})
                assert of(report, LEDGER, entry.paragraph), (entry, change)


def test_a_number_is_a_records_or_the_ledgers(made_up: Corpus) -> None:
    """A number on which a record rests is not in the ledger as well."""
    both = LedgerEntry(paragraph=3, start=10, end=12, token="48", reason="a figure")  # noqa: S106 - no password
    report = made_up.verify(ledgers={NAME: [*made_up.ledgers[NAME], both]})
    (problem,) = of(report, LEDGER, 3)
    assert "both, as the number of northmoor-2020-2023-upheld" in str(problem)


# What a passage may say ------------------------------------------------------------------------------------------


def reported(folder: Path, text: str, printed: str | None, **facts: object) -> Report:
    """Verify one figure against a text of one paragraph; the other numbers of the text are left alone."""
    (folder / "made-up.txt").write_text(text, encoding="utf-8")
    note = facts.pop("note", None)
    place = {"as_printed": printed, "end": len(text), "sha256": digest(text), "note": note}
    evidence = {**made.STATES, **place}
    figure = made.figure("one", **{"evidence": [evidence], **facts})
    others = made.figure("whole", value=52)
    source = made.SOURCE.model_copy(update={"sha256": digest(text)})
    dataset = made.dataset([figure], sources=[source])
    report = verify(dataset.model_copy(update={"records": [figure, others]}), {}, folder)
    left = [one for one in report.problems if one.record not in {LEDGER, "whole"}]
    return Report(report.sources, left)


PERCENT = {"value_type": "percent"}
BETWEEN = {"qualifier": "between"}
MORE, NEARLY, FEWER, ABOUT = ({"qualifier": word} for word in ("more-than", "nearly", "fewer-than", "about"))

SAID = [
    ("The force had sixty-six cases.", "sixty-six", {"value": 66}),
    ("One hundred and nineteen were upheld.", "One hundred and nineteen", {"value": 119}),
    ("Some 1,300 officers were named.", "1,300", {"value": 1300, **ABOUT}),
    ("There were 12.5 complaints per 1,000 officers.", "12.5", {"value": 12.5, "value_type": "rate", "per": 1000}),
    ("More than half left.", "half", {"value": 50, **PERCENT, **MORE}),
    ("Two thirds left.", "Two thirds", {"value": 66.67, **PERCENT}),
    ("A third left.", "third", {"value": 33.33, **PERCENT}),
    ("One in five left.", "One in five", {"value": 20, **PERCENT}),
    ("Fewer than 2 per cent left.", "2", {"value": 2, **PERCENT, **FEWER}),
    ("Fewer than 2 per cent left.", "2 per cent", {"value": 2, **PERCENT, **FEWER}),
    ("12.5%", "12.5%", {"value": 12.5, **PERCENT}),
    ("12.5", "12.5", {"value": 12.5, **PERCENT}),
    ("None of the officers left.", "None", {"value": 0}),
    ("None of the officers left.", "None", {"value": 0, **PERCENT}),
    ("Not one officer left.", "Not one", {"value": 0}),
    ("No officer left.", "No", {"value": 0}),
    ("All were upheld.", "All", {"value": 100, **PERCENT}),
    ("All were upheld.", "All", {"value": 52, "base": made.base("whole")}),
    ("Half were upheld.", "Half", {"value": 26, "base": made.base("whole")}),
    ("Nearly all were upheld.", "all", {"value": 100, **PERCENT, **NEARLY}),
    ("The force dismissed between six and 19 officers.", "six", {"value": 6, "value_to": 19, **BETWEEN}),
    ("The force dismissed between six and 19 officers.", "19", {"value": 6, "value_to": 19, **BETWEEN}),
    ("The force dismissed between six and 19 officers.", "six and 19", {"value": 6, "value_to": 19, **BETWEEN}),
    ("The force dismissed six to 19 officers.", "six", {"value": 6, "value_to": 19, **BETWEEN}),
    ("Between 40 and 50 per cent left.", "40", {"value": 40, "value_to": 50, **BETWEEN, **PERCENT}),
    ("Complaints fell by 12 per cent.", "12", {"value": -12, "value_type": "change-percent"}),
    ("12", "12", {"value": 12, "value_type": "change-count"}),
    ("12.5", "12.5", {"value": 12.5, "value_type": "rate", "per": 100}),
    ("There were two complaints per officer.", "two", {"value": 2, "value_type": "rate", "per": 1}),
    ("Complaints rose by 12.", "12", {"value": 12, "value_type": "change-count"}),
    ("Complaints doubled.", "doubled", {"value": 100, "value_type": "change-percent"}),
    ("Complaints halved.", "halved", {"value": -50, "value_type": "change-percent"}),
    ("Officers were disciplined over 12 claims.", "12", {"value": 12, "note": "Over is no qualifier here."}),
    ("Over 12 claims were upheld.", "12", {"value": 12, **MORE}),
    ("Just 10 were upheld in 2016.", "10", {"value": 10}),
    ("A dozen officers left.", "A dozen", {"value": 12}),
    ("The number is not known.", None, {"value_status": "not-disclosed"}),
]


@pytest.mark.parametrize(("text", "printed", "facts"), SAID, ids=[f"{text} {printed}" for text, printed, _ in SAID])
def test_what_a_passage_says_is_the_value(
    tmp_path: Path, text: str, printed: str | None, facts: dict[str, object]
) -> None:
    """A figure passes where its passage prints its number, in whatever form, with the words that qualify it."""
    assert reported(tmp_path, text, printed, **facts).problems == []


UNSAID = [
    ("The force had sixty-six cases.", "sixty-six", {"value": 67}, "the value"),
    ("The force had sixty-six cases.", "six", {"value": 6}, "'six' in the slice"),
    ("Of six cases, six were upheld.", "six", {"value": 6}, "'six' in the slice"),
    ("The force had 1,300 cases.", "300", {"value": 300}, "'300' in the slice"),
    ("Two thirds left.", "Two thirds", {"value": 66.6, **PERCENT}, "the value"),
    ("Two thirds left.", "Two thirds", {"value": 2}, "the value"),
    ("The force had 40 cases.", "40", {"value": 40, **PERCENT}, "the value"),
    ("About 40 per cent left.", "40", {"value": 40, **ABOUT}, "the value"),
    ("A share of 40 per cent left.", "40 per cent", {"value": 40}, "the value"),
    ("All were upheld.", "All", {"value": 51, "base": made.base("whole")}, "the value"),
    ("All were upheld.", "All", {"value": 52, "base": made.base("other")}, "the value"),
    ("All were upheld.", "All", {"value": 52, "base": made.ambiguous("whole")}, "the value"),
    ("Several hundred left.", "hundred", {"value": 100}, "nothing more"),
    ("Dozens left.", "Dozens", {"value": 24}, "nothing more"),
    ("On the 6th it met.", "6th", {"value": 6}, "nothing more"),
    ("More than half left.", "half", {"value": 50, **PERCENT}, "the qualifier"),
    ("More than half left.", "half", {"value": 50, **PERCENT, **NEARLY}, "the qualifier"),
    ("More than half left.", "More than half", {"value": 50, **PERCENT, **MORE}, "nothing more"),
    ("Half left.", "Half", {"value": 50, **PERCENT, **MORE}, "the qualifier"),
    ("Just 40 left.", "40", {"value": 40, **ABOUT}, "the qualifier"),
    ("No more than 40 left.", "40", {"value": 40, **MORE}, "the qualifier"),
    ("Over 40 left.", "40", {"value": 40}, "no note on the evidence"),
    ("Over 40 left.", "40", {"value": 40, "note": "A note.", **NEARLY}, "the qualifier"),
    ("More than 40 left.", "40", {"value": 40, "note": "A note."}, "the qualifier"),
    ("It dismissed between six and 19.", "six", {"value": 6}, "the qualifier"),
    ("It dismissed between six and 19.", "six", {"value": 6, "value_to": 18, **BETWEEN}, "the value"),
    ("It dismissed between six and 19.", "six", {"value": 5, "value_to": 19, **BETWEEN}, "the value"),
    ("It dismissed six of 19.", "six", {"value": 6, "value_to": 19, **BETWEEN}, "the value"),
    ("It dismissed six to 19.", "six to 19", {"value": 6}, "the value"),
    ("It fell by 12.", "12", {"value": 12, "value_type": "change-count"}, "the direction"),
    ("It rose by 12.", "12", {"value": -12, "value_type": "change-count"}, "the direction"),
    ("It changed by 12.", "12", {"value": -12, "value_type": "change-count"}, "the direction"),
    ("It doubled.", "doubled", {"value": 100, **PERCENT}, "the value"),
    ("It changed by 12.", "12", {"value": 12, "value_type": "change-count"}, "the direction"),
    ("It had 12 cases.", "12", {"value": 12, "value_type": "rate", "per": 100}, "no word of a rate"),
    ("It had 12 per 1,000 staff.", "12", {"value": 12, "value_type": "rate", "per": 100}, "per"),
    ("The number 6 is known.", "6", {"value_status": "not-disclosed"}, "nothing, as the value is not-disclosed"),
    ("There were 6 cases.", None, {"value": 6}, "6, as the passage prints it"),
]


@pytest.mark.parametrize(
    ("text", "printed", "facts", "what"),
    UNSAID,
    ids=[f"{text} {printed} {facts}" for text, printed, facts, _ in UNSAID],
)
def test_what_a_passage_does_not_say_is_found(
    tmp_path: Path, text: str, printed: str | None, facts: dict[str, object], what: str
) -> None:
    """A figure fails where its passage prints another number, another type, or other words about it."""
    (problem,) = reported(tmp_path, text, printed, **facts).problems
    assert (problem.file, problem.paragraph, problem.record) == ("made-up.txt", 1, "one")
    assert what in str(problem)


def test_who_disputes_may_print_another_number(tmp_path: Path) -> None:
    """A text that contradicts prints what it prints; the number still has to stand there once."""
    text = "It was 70, not more."
    disputes = {**made.STATES, "role": "disputes", "as_printed": "70", "end": len(text), "sha256": digest(text)}
    assert reported(tmp_path, text, "70", value=66, evidence=[disputes]).problems == []
    gone = {**disputes, "as_printed": "71"}
    (problem,) = reported(tmp_path, text, "71", value=66, evidence=[gone]).problems
    assert problem.found == "0 times"


def test_both_numbers_of_a_range_and_of_a_rate_are_the_figures(tmp_path: Path) -> None:
    """The upper number of a range and the whole of a rate belong to the record; the ledger need not name them."""
    for text, printed, facts in (
        ("It dismissed between six and 19 officers.", "six", {"value": 6, "value_to": 19, **BETWEEN}),
        ("It had 12 per 1,000 staff.", "12", {"value": 12, "value_type": "rate", "per": 1000}),
    ):
        reported(tmp_path, text, printed, **facts)
        evidence = {**made.STATES, "as_printed": printed, "end": len(text), "sha256": digest(text)}
        figure = made.figure("one", evidence=[evidence], **facts)
        source = made.SOURCE.model_copy(update={"sha256": digest(text)})
        assert verify(made.dataset([figure], sources=[source]), {}, tmp_path).problems == []


# Files -----------------------------------------------------------------------------------------------------------


def file_report(folder: Path, name: str) -> Report:
    """Verify a source without records under a name of a file; its text is empty."""
    source = made.SOURCE.model_copy(update={"file": name, "sha256": digest("")})
    return verify(made.dataset([], sources=[source]), {}, folder)


def test_a_text_that_is_not_at_hand_is_not_verified(tmp_path: Path) -> None:
    """Where no text is at hand nothing passes, and the report says so."""
    report = file_report(tmp_path, "made-up.txt")
    assert [source.state for source in report.sources] == [State.UNVERIFIED]
    assert not report.passed
    assert report.summary == "Nothing could be verified: no text is at hand."
    assert not verify(made.dataset([], sources=[]), {}, tmp_path).passed


def test_a_file_is_found_by_its_name(tmp_path: Path) -> None:
    """The file of the recorded name is the text."""
    (tmp_path / "made-up.txt").touch()
    assert file_report(tmp_path, "made-up.txt").passed


@pytest.mark.parametrize("name", ["..", ".", "sub", "out.txt", "gone.txt", "up"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """Dots, folders and links that lead elsewhere fail; nothing outside the folder is read."""
    (tmp_path / "secret.txt").touch()
    folder = tmp_path / "texts"
    (folder / "sub").mkdir(parents=True)
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (folder / "up").symlink_to("..")
    report = file_report(folder, name)
    assert [source.state for source in report.sources] == [State.FAILED]
    assert "a file in the folder" in str(report.problems[0])


def test_a_file_that_cannot_be_read_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is there and refuses to be read is no file that is not at hand."""

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "made-up.txt").touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    report = file_report(tmp_path, "made-up.txt")
    assert [source.state for source in report.sources] == [State.FAILED]
    assert "Permission denied" in str(report.problems[0])


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    """A link to another file of the folder is as good as that file; so is a link to the folder itself."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "real.txt").touch()
    (folder / "link.txt").symlink_to("real.txt")
    (tmp_path / "linked").symlink_to(folder)
    assert file_report(folder, "link.txt").passed
    assert file_report(tmp_path / "linked", "real.txt").passed


def test_what_is_no_text_fails(tmp_path: Path) -> None:
    """A pipe, bytes that are not UTF-8 and a huge file fail, and say why."""
    os.mkfifo(tmp_path / "pipe")
    assert not file_report(tmp_path, "pipe").passed
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    assert "something else at byte 3" in str(file_report(tmp_path, "latin.txt"))
    with (tmp_path / "huge.txt").open("wb") as huge:
        huge.truncate(5_000_001)
    assert "at most 5000000" in str(file_report(tmp_path, "huge.txt"))


# The ledger in the seeds -----------------------------------------------------------------------------------------


def test_the_ledger_is_no_part_of_the_dataset(made_up: Corpus, seeds: Path) -> None:
    """Another reason, or no ledger at all, makes no other release."""
    path = seeds / f"{NAME}.yaml"
    before = digest_of_dataset(read(seeds)[0])
    text = path.read_text()
    path.write_text(text[: text.index("\nledger:")])
    assert digest_of_dataset(read(seeds)[0]) == before
    assert read_with_ledgers(seeds)[1].get(NAME, []) == []
    assert "ledger" not in made_up.dataset.model_dump_json()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('token: "three"', 'token: "there"', "'there' is not one number, as it is printed"),
        ('end: 53, token: "three"', 'end: 58, token: "three ten"', "is long, 9; found 10"),
        ('end: 53, token: "three"', 'end: 57, token: "three ten"', "'three ten' is not one number"),
        ('end: 53, token: "three"', "end: 53, token: three, why: x", "is not a field here"),
        ("paragraph: 1, start: 48", "paragraph: 0, start: 48", "greater than or equal to 1"),
        ("paragraph: 1, start: 48", "start: 48", "is missing"),
        ('start: 86, end: 90, token: "2020"', 'start: 101, end: 105, token: "2020"', "is accounted for already: "),
        ('token: "2020"', "token: 2020", "string; found 2020"),
        ("reason: the length in years of the period of the complaints", f"reason: {'x' * 201}", "at most 200"),
        ("reason: the length in years of the period of the complaints", "reason: TODO", "is still TODO"),
        ("ledger:\n", "ledgers:\n", "is not a part of an article's file"),
    ],
)
def test_a_ledger_of_another_shape_is_refused(
    made_up: Corpus, seeds: Path, old: str, new: str, message: str
) -> None:
    """The checker refuses a ledger that is none, before any text is at hand."""
    assert made_up.ledgers
    path = seeds / f"{NAME}.yaml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    with pytest.raises(SeedError) as caught:
        read(seeds)
    (problem,) = caught.value.problems
    assert message in str(problem)
    assert problem.file == path.name
    assert problem.line


def test_a_text_that_is_not_held_has_no_ledger(made_up: Corpus, seeds: Path) -> None:
    """Where the text is not held there is nothing to account for."""
    assert made_up.ledgers
    path = seeds / f"{NAME}.yaml"
    text = path.read_text()
    source, _, rest = text.partition("\nrecords:")
    source = "\n".join(line for line in source.splitlines() if not line.startswith(("  file:", "  sha256:")))
    path.write_text(f"{source}\n\nrecords: []\n{rest[rest.index('ledger:') :]}")
    with pytest.raises(SeedError) as caught:
        read(seeds)
    (problem,) = caught.value.problems
    assert "is not held, so no number of it can be accounted for" in problem.message
    assert path.read_text().splitlines()[problem.line - 1] == "ledger:"


def test_every_number_of_the_made_up_article_is_known(made_up: Corpus) -> None:
    """The ledger and the records together have every number of the text, and no number twice."""
    text = paragraphs((made_up.folder / f"{NAME}.txt").read_text())
    found = sum(len(numbers(paragraph)) for paragraph in text)
    printed = [one for _, _, one, _ in made_up.passages() if one.as_printed]
    assert found == len(printed) + len(made_up.ledgers[NAME])


# The command -----------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_verified(run: Run, made_up: Corpus, seeds: Path) -> None:
    """The report names every source, ends with the count, and the command succeeds."""
    code, out = run("verify", "--seeds", seeds, "--articles", made_up.folder)
    assert code == 0
    assert f"{NAME}: verified, {NAME}.txt, 7 passages, 12 numbers" in out
    assert "met-foi-2021: unverified, its text is not held" in out
    assert re.search(r"wrp-2021-10: unverified, \S+ is not in the folder", out)
    assert out.endswith("\n1 verified, 0 failed, 7 unverified.\n")


def test_the_command_fails_where_something_differs(run: Run, made_up: Corpus, seeds: Path) -> None:
    """A mismatch is printed with its places and both sides, and the command fails."""
    path = seeds / f"{NAME}.yaml"
    path.write_text(path.read_text().replace("    value: 48\n", "    value: 84\n"))
    code, out = run("verify", "--seeds", seeds, "--articles", made_up.folder)
    assert code == 1
    place = f"{NAME}.txt: paragraph 3: northmoor-2020-2023-upheld: "
    assert f"{place}the value: expected 84 (count), found '48'\n" in out
    assert out.endswith("\n0 verified, 1 failed, 7 unverified.\n")


def test_the_command_reports_to_programs(run: Run, made_up: Corpus, seeds: Path) -> None:
    """With --json the same is there as data."""
    code, out = run("verify", "--seeds", seeds, "--articles", made_up.folder, "--json")
    report = json.loads(out)
    assert code == 0
    assert report["passed"] is True
    assert report["problems"] == []
    states = {source["source"]: source["state"] for source in report["sources"]}
    assert states[NAME] == "verified"
    (made_up.folder / f"{NAME}.txt").write_text("Another text of 6 words.\n")
    code, out = run("verify", "--seeds", seeds, "--articles", made_up.folder, "--json")
    problem = json.loads(out)["problems"][0]
    assert code == 1
    assert (problem["file"], problem["what"]) == (f"{NAME}.txt", "the digest of the file")
    assert set(problem) == {"file", "paragraph", "record", "what", "expected", "found"}


def test_the_command_fails_where_nothing_is_at_hand(run: Run, seeds: Path, tmp_path: Path) -> None:
    """An empty folder, or none, verifies nothing."""
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "none"):
        code, out = run("verify", "--seeds", seeds, "--articles", tmp_path / folder)
        assert code == 1
        assert out.endswith("\nNothing could be verified: no text is at hand.\n")

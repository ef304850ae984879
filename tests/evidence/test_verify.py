"""The seeds against their texts: matches pass, and a single altered character anywhere fails."""

import hashlib
import json
import re
from pathlib import Path

from app.domain.records import Evidence, Figure, Record
from app.domain.vocabulary import Qualifier, ValueType
from app.evidence.ledger import LEDGER
from app.evidence.report import State
from app.seeds.reading import read
from tests.evidence.corpus import Corpus, flip, mismatches, place_in_file
from tests.programs import Run
from tests.texts import NAME


def with_evidence(record: Record, index: int, evidence: Evidence) -> Record:
    """Return a record with the evidence at an index replaced, unvalidated."""
    evidences = [*record.evidence[:index], evidence, *record.evidence[index + 1 :]]
    return record.model_copy(update={"evidence": evidences})


def test_the_real_seeds_agree_with_the_articles(real: Corpus) -> None:
    """Every passage, value and number in the articles agrees; sources without held texts are unverified."""
    report = real.verify()
    assert report.problems == []
    assert report.passed
    held = {source.id for source in real.dataset.sources if source.file}
    assert {result.source for result in report.sources if result.state is State.VERIFIED} == held


def test_the_made_up_seeds_agree_with_the_article(made_up: Corpus) -> None:
    """The made-up article is verified; the real ones, whose texts are missing, aren't."""
    report = made_up.verify()
    assert report.problems == []
    assert report.passed
    verified = [result for result in report.sources if result.state is State.VERIFIED]
    assert [(result.source, result.passages, result.numbers) for result in verified] == [(NAME, 7, 12)]


def test_one_altered_byte_inside_a_passage_fails(corpus: Corpus) -> None:
    """The record and the paragraph are named, even if the file's digest is updated."""
    tried = 0
    for record, _, evidence, path in corpus.passages():
        only = corpus.only(evidence.source)
        (source,) = only.dataset.sources
        first = place_in_file(path, evidence.paragraph or 0, evidence.start or 0)
        last = place_in_file(path, evidence.paragraph or 0, evidence.end or 0) - 1
        for place in {first, (first + last) // 2, last}:
            before = flip(path, place)
            after = path.read_bytes()
            updated = source.model_copy(update={"sha256": hashlib.sha256(after).hexdigest()})
            for dataset in (only.dataset, only.with_source(updated)):
                report = only.verify(dataset=dataset)
                if is_utf8(after):
                    assert mismatches(report, record.id, evidence.paragraph), (record.id, place)
                assert path.name in {problem.file for problem in report.problems}
                assert not report.passed
            path.write_bytes(before)
            tried += 1
    assert tried > 15
    assert corpus.verify().passed


def is_utf8(content: bytes) -> bool:
    """Whether bytes are valid UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_one_altered_byte_outside_every_passage_fails(corpus: Corpus) -> None:
    """The file's digest covers the rest of the text."""
    inside: dict[tuple[str, Path], set[int]] = {}
    for _, _, evidence, path in corpus.passages():
        first = place_in_file(path, evidence.paragraph or 0, evidence.start or 0)
        last = place_in_file(path, evidence.paragraph or 0, evidence.end or 0)
        inside.setdefault((evidence.source, path), set()).update(range(first, last))
    for (source, path), places in inside.items():
        outside = [place for place in range(path.stat().st_size) if place not in places]
        assert outside
        for place in outside[:: max(1, len(outside) // 40)]:
            before = flip(path, place)
            assert mismatches(corpus.only(source).verify(), None, None)
            path.write_bytes(before)


def test_an_altered_digest_of_a_file_fails(corpus: Corpus) -> None:
    """A wrong file digest fails even if every passage agrees."""
    for source in corpus.dataset.sources:
        if source.file and source.sha256 and (corpus.folder / source.file).exists():
            for wrong in (source.sha256[:-1] + chr(ord(source.sha256[-1]) ^ 1), "0" * 64):
                report = corpus.verify(dataset=corpus.with_source(source.model_copy(update={"sha256": wrong})))
                assert [(problem.file, problem.expected, problem.found) for problem in report.problems] == [
                    (source.file, wrong, source.sha256)
                ]
                assert not report.passed


def test_one_altered_field_of_evidence_fails(corpus: Corpus) -> None:
    """A digest, offset, paragraph or printed number that's slightly off is a mismatch for its record."""
    for record, index, evidence, path in corpus.passages():
        assert evidence.paragraph is not None
        assert evidence.start is not None
        assert evidence.end is not None
        assert evidence.sha256 is not None
        only = corpus.only(evidence.source)
        changes: list[dict[str, object]] = [
            {"sha256": ("0" if evidence.sha256[0] != "0" else "1") + evidence.sha256[1:]},
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
            changes += [{"as_printed": printed} for printed in ("7777", evidence.as_printed + "1", "the", None)]
        for change in changes:
            changed = with_evidence(record, index, evidence.model_copy(update=change))
            report = only.verify(dataset=only.with_record(changed))
            paragraph = change.get("paragraph", evidence.paragraph)
            assert isinstance(paragraph, int)
            name = LEDGER if change == {"as_printed": None} else record.id
            assert mismatches(report, name, paragraph), (record.id, change)
            assert {problem.file for problem in report.problems} == {path.name}


def test_one_altered_field_of_a_figure_fails(corpus: Corpus) -> None:
    """A value, type, status or qualifier that the passage doesn't print is a mismatch for its record."""
    tried = 0
    for record, _, evidence, _ in corpus.passages():
        if not isinstance(record, Figure) or record.value is None:
            continue
        only = corpus.only(evidence.source)
        changes: list[dict[str, object]] = [{"value": record.value + 1}, {"value": record.value - 1}]
        changes += [{"value": record.value * 10}, {"value": None}]
        changes += [{"value_type": other, "per": 10} for other in ValueType if other is not record.value_type]
        changes += [{"qualifier": other} for other in Qualifier if other not in {record.qualifier, "between"}]
        changes += [{"qualifier": Qualifier.BETWEEN, "value_to": record.value + 1}]
        for change in changes:
            report = only.verify(dataset=only.with_record(record.model_copy(update=change)))
            named = {problem.paragraph for problem in report.problems if problem.record == record.id}
            assert not report.passed, (record.id, change)
            assert named & {other.paragraph for other in record.evidence}, (record.id, change)
            if "value" in change:
                assert mismatches(report, record.id, evidence.paragraph), (record.id, change)
            tried += 1
    assert tried > 20


def test_the_command_reports_every_source(run: Run, made_up: Corpus, seeds: Path) -> None:
    """The report names every source and ends with the counts."""
    code, printed = run("verify", "--seeds", seeds, "--articles", made_up.folder)
    assert code == 0
    assert f"{NAME}: verified, {NAME}.txt, 7 passages, 12 numbers" in printed
    assert "met-foi-2021: unverified, its text is not held" in printed
    assert re.search(r"wrp-2021-10: unverified, \S+ is not in the folder", printed)
    others = len(read(seeds).dataset.sources) - 1
    assert printed.endswith(f"\n1 verified, 0 failed, {others} unverified.\n")


def test_the_command_fails_on_a_mismatch(run: Run, made_up: Corpus, seeds: Path) -> None:
    """A mismatch is printed with its place and what was expected and found."""
    path = seeds / f"{NAME}.yaml"
    others = len(read(seeds).dataset.sources) - 1
    path.write_text(path.read_text().replace("    value: 48\n", "    value: 84\n"))
    code, printed = run("verify", "--seeds", seeds, "--articles", made_up.folder)
    assert code == 1
    place = f"{NAME}.txt: paragraph 3: northmoor-2020-2023-upheld: "
    assert f"{place}the value: expected 84 (count), found '48'\n" in printed
    lines = printed.splitlines()
    failed = lines.index(f"{NAME}: failed, {NAME}.txt, 7 passages, 12 numbers")
    assert all("unverified" in line for line in lines[:failed])  # what needs action comes last
    assert all(line.startswith(f"{NAME}.txt: ") for line in lines[failed + 1 : -1])
    assert printed.endswith(f"\n0 verified, 1 failed, {others} unverified.\n")


def test_the_command_reports_as_json(run: Run, made_up: Corpus, seeds: Path) -> None:
    """With --json, the same report is output for programs."""
    code, printed = run("verify", "--seeds", seeds, "--articles", made_up.folder, "--json")
    report = json.loads(printed)
    assert code == 0
    assert (report["passed"], report["problems"]) == (True, [])
    assert {source["source"]: source["state"] for source in report["sources"]}[NAME] == "verified"
    (made_up.folder / f"{NAME}.txt").write_text("Another text of 6 words.\n")
    code, printed = run("verify", "--seeds", seeds, "--articles", made_up.folder, "--json")
    problem = json.loads(printed)["problems"][0]
    assert code == 1
    assert (problem["file"], problem["what"]) == (f"{NAME}.txt", "the digest of the file")
    assert set(problem) == {"file", "paragraph", "record", "what", "expected", "found"}


def test_the_command_fails_without_texts(run: Run, seeds: Path, tmp_path: Path) -> None:
    """An empty or missing folder verifies nothing."""
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "missing"):
        code, printed = run("verify", "--seeds", seeds, "--articles", tmp_path / folder)
        assert code == 1
        assert printed.endswith("\nNothing could be verified: none of the texts is in the folder.\n")

"""Records and ledgers with their source texts, for tests to alter."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from app.domain.dataset import Dataset, Source
from app.domain.records import Evidence, Record
from app.evidence.ledger import LedgerEntry
from app.evidence.report import Mismatch, Report
from app.evidence.verify import verify


class Corpus(NamedTuple):
    """A dataset, its ledgers and the folder with its texts."""

    dataset: Dataset
    ledgers: Mapping[str, Sequence[LedgerEntry]]
    folder: Path

    def verify(self, **changes: object) -> Report:
        """Verify the corpus, with any fields in `changes` replaced."""
        return verify(**{**self._asdict(), "tables": {}, **changes})

    def only(self, source: str) -> "Corpus":
        """Return the corpus with one source, so that nothing else needs verifying."""
        sources = [one for one in self.dataset.sources if one.id == source]
        return self._replace(dataset=self.dataset.model_copy(update={"sources": sources}))

    def with_record(self, record: Record) -> Dataset:
        """Return the dataset with this record in place of the one with the same id."""
        records = [record if one.id == record.id else one for one in self.dataset.records]
        return self.dataset.model_copy(update={"records": records})

    def with_source(self, source: Source) -> Dataset:
        """Return the dataset with this source in place of the one with the same id."""
        sources = [source if one.id == source.id else one for one in self.dataset.sources]
        return self.dataset.model_copy(update={"sources": sources})

    def passages(self) -> Iterator[tuple[Record, int, Evidence, Path]]:
        """Yield each passage with its text in the folder: record, index of the evidence, evidence and file."""
        files = {source.id: source.file for source in self.dataset.sources}
        for record in self.dataset.records:
            for index, evidence in enumerate(record.evidence):
                file = files[evidence.source]
                if evidence.located and file and (self.folder / file).exists():
                    yield record, index, evidence, self.folder / file


def mismatches(report: Report, record: str | None, paragraph: int | None) -> list[Mismatch]:
    """Return the mismatches for a record and paragraph; check that each says what was expected and found."""
    assert not report.passed
    assert all(one.file and one.expected and one.found and one.expected != one.found for one in report.problems)
    return [one for one in report.problems if (one.record, one.paragraph) == (record, paragraph)]


def place_in_file(path: Path, paragraph: int, offset: int) -> int:
    """Return the byte offset in a file of an offset in a paragraph."""
    text = path.read_bytes().decode()
    position = 0
    for _ in range(paragraph - 1):
        position = text.index("\n", position)
        while text[position] == "\n":
            position += 1
    return len(text[: position + offset].encode())


def flip(path: Path, place: int) -> bytes:
    """Flip the lowest bit of a byte in a file, and return the file's previous content."""
    before = path.read_bytes()
    path.write_bytes(before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :])
    return before

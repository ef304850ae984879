"""Compare the seeds with the texts they were read from: files, passages, values and ledgers.

If a text isn't in the folder, it's reported as unverified; it never passes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from app.domain.dataset import Dataset, Source
from app.domain.records import Evidence, Figure, Record
from app.domain.vocabulary import EvidenceRole, Qualifier
from app.evidence.ledger import LedgerEntry, check_ledger
from app.evidence.numbers import occurrences
from app.evidence.passages import digest
from app.evidence.report import Report, SourceResult, State
from app.evidence.table_check import check_cell, check_table
from app.evidence.tables import Table
from app.evidence.texts import HeldText
from app.evidence.values import PrintedFigure, check_figure, exact

Accounts = tuple[Sequence[LedgerEntry], Table | None]
"""What accounts for every number in a source: an article's ledger, or a table's rows."""


@dataclass(frozen=True)
class Passage:
    """A passage that a record cites as evidence."""

    record: Record
    evidence: Evidence
    whole: Fraction | None
    """The value of the record's base, if it's exact."""


def verify(
    dataset: Dataset,
    ledgers: Mapping[str, Sequence[LedgerEntry]],
    folder: Path,
    tables: Mapping[str, Table],
) -> Report:
    """Compare a dataset, its articles' ledgers and its tables' rows with the files in a folder."""
    figures = {record.id: record for record in dataset.records if isinstance(record, Figure)}
    passages: dict[str, list[Passage]] = defaultdict(list)
    for record in dataset.records:
        for evidence in record.evidence:
            if evidence.located:
                passages[evidence.source].append(Passage(record, evidence, _whole(record, figures)))
    report = Report([], [])
    for source in dataset.sources:
        text = HeldText(source.file or "")
        accounts = ledgers.get(source.id, ()), tables.get(source.id)
        result = _check_source(source, text, folder, passages[source.id], accounts)
        report.sources.append(result)
        report.problems.extend(text.mismatches)
    return report


def _whole(record: Record, figures: Mapping[str, Figure]) -> Fraction | None:
    base = figures.get(record.base.id or "") if isinstance(record, Figure) and record.base else None
    if base is None or base.value is None or base.qualifier is not Qualifier.EXACT:
        return None
    return exact(base.value)


def _check_source(
    source: Source, text: HeldText, folder: Path, passages: Sequence[Passage], accounts: Accounts
) -> SourceResult:
    if source.file is None:
        return SourceResult(source.id, None, State.UNVERIFIED, "its text is not held")
    if not text.read(folder, source.sha256):
        return SourceResult(source.id, source.file, State.UNVERIFIED, f"{source.file} is not in the folder")
    ledger, table = accounts
    numbers = 0
    if text.paragraphs is not None and table is None:
        for passage in passages:
            _check_passage(text, text.paragraphs, passage)
        numbers = check_ledger(text, text.paragraphs, ledger)
    elif text.paragraphs is not None and table is not None:
        agree = check_table(text, text.paragraphs, table, [one.evidence for one in passages])
        for passage in passages:
            # Differences in a row are already noted cell by cell.
            if passage.evidence.paragraph in agree:
                _check_passage(text, text.paragraphs, passage, table)
        numbers = sum(len(row.cells) for row in table.rows)
        text.mismatches.sort(key=lambda one: one.record is None)  # the file's digest last: it only follows
    state = State.FAILED if text.mismatches else State.VERIFIED
    return SourceResult(source.id, source.file, state, None, len(passages), numbers)


def _check_passage(text: HeldText, paragraphs: Sequence[str], passage: Passage, table: Table | None = None) -> None:
    record, evidence = passage.record, passage.evidence
    number, start, end = evidence.paragraph or 0, evidence.start or 0, evidence.end or 0
    at = (number, record.id)
    if number > len(paragraphs):
        text.mismatch("the paragraph", f"one of {len(paragraphs)}", number, at)
        return
    paragraph = paragraphs[number - 1]
    if end > len(paragraph):
        text.mismatch("the end of the passage", f"at most {len(paragraph)}", end, at)
        return
    if (found := digest(paragraph[start:end])) != evidence.sha256:
        text.mismatch(f"the digest of the passage {start} to {end}", evidence.sha256, found, at)
    if table is not None and isinstance(record, Figure):
        check_cell(text, table, record, evidence, paragraph[start:end])
        return
    value = record.value if isinstance(record, Figure) else None
    if evidence.as_printed is None:
        if value is not None and evidence.role is EvidenceRole.STATES:
            text.mismatch("as_printed", f"{value}, as the passage prints it", "nothing", at)
        return
    places = occurrences(paragraph, start, end, evidence.as_printed)
    if len(places) != 1:
        what = f"{evidence.as_printed!r} in the passage {start} to {end}"
        text.mismatch(what, "once", f"{len(places)} times", at)
        return
    text.recorded[number].append((places[0], places[0] + len(evidence.as_printed), record.id))
    if isinstance(record, Figure) and evidence.role is not EvidenceRole.DISPUTES:
        if value is None:
            expected = f"nothing, as the value is {record.value_status}"
            text.mismatch("as_printed", expected, repr(evidence.as_printed), at)
        else:
            check_figure(PrintedFigure(text, paragraph, record, evidence, places[0], passage.whole))

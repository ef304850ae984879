"""The seeds held against the texts that they were read from: files, passages, values and number ledgers.

Nothing here needs the database or the web. A text that is not at hand is named as unverified; it never passes.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import orjson

from app.domain.dataset import Dataset, Source
from app.domain.records import Evidence, Figure, Record
from app.domain.vocabulary import EvidenceRole, Qualifier, ValueType
from app.evidence.ledger import LedgerEntry
from app.evidence.passages import (
    PREPOSITIONS,
    Amount,
    Number,
    Sort,
    amount,
    amounts,
    digest,
    is_between,
    is_per_cent,
    is_rate,
    numbers,
    paragraphs,
    partners,
    per,
    signs,
    standing,
    wording,
)
from app.seeds.files import MAX_FILE_BYTES

PERCENTAGES = frozenset({ValueType.PERCENT, ValueType.CHANGE_PERCENT})
CHANGES = frozenset({ValueType.CHANGE_COUNT, ValueType.CHANGE_PERCENT})
LEDGER = "the ledger"


class State(StrEnum):
    """What became of a source."""

    VERIFIED = "verified"
    FAILED = "failed"
    UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Mismatch:
    """Something that the seeds say of a text and that the text does not bear out."""

    file: str
    paragraph: int | None
    record: str | None
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        """Return the places, as far as there are any, and both sides."""
        paragraph = f"paragraph {self.paragraph}" if self.paragraph else None
        places = [place for place in (self.file, paragraph, self.record) if place]
        return f"{': '.join(places)}: {self.what}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True)
class Checked:
    """What was checked of a source, and what came of it."""

    source: str
    file: str | None
    state: State
    reason: str | None = None
    passages: int = 0
    numbers: int = 0

    def __str__(self) -> str:
        """Return one line of the report."""
        counts = f"{self.passages} passages, {self.numbers} numbers"
        return f"{self.source}: {self.state}, {self.reason or f'{self.file}, {counts}'}"


@dataclass(frozen=True)
class Report:
    """What `verify` found: every source, and every mismatch."""

    sources: list[Checked]
    problems: list[Mismatch]

    @property
    def passed(self) -> bool:
        """Whether something was verified and nothing failed."""
        states = {source.state for source in self.sources}
        return State.VERIFIED in states and State.FAILED not in states

    @property
    def summary(self) -> str:
        """How many sources came out how."""
        count = {state: sum(source.state is state for source in self.sources) for state in State}
        if count[State.UNVERIFIED] == len(self.sources):
            return "Nothing could be verified: no text is at hand."
        return ", ".join(f"{number} {state}" for state, number in count.items()) + "."

    def __str__(self) -> str:
        """Return the report for people."""
        return "\n".join([*map(str, self.sources), *map(str, self.problems), self.summary])

    def to_json(self) -> str:
        """Return the report for programs."""
        body = {"passed": self.passed, "summary": self.summary, **asdict(self)}
        return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


@dataclass
class Text:
    """A held text while it is checked."""

    file: str
    paragraphs: Sequence[str] = ()
    problems: list[Mismatch] = field(default_factory=list)
    bound: dict[int, list[tuple[int, int, str]]] = field(default_factory=lambda: defaultdict(list))
    """For each paragraph: from where to where stands a number on which a record rests, and which record."""

    def differs(self, what: str, expected: object, found: object, at: tuple[int, str] | None = None) -> None:
        """Note that something is not as the seeds say; `at` is the paragraph, and what of the seeds says so."""
        paragraph, record = at or (None, None)
        self.problems.append(Mismatch(self.file, paragraph, record, what, str(expected), str(found)))


@dataclass(frozen=True)
class Passage:
    """A place in a text that a record names as its evidence."""

    record: Record
    evidence: Evidence
    whole: Fraction | None
    """Of what the record would be all or half, where that is known exactly."""


def verify(dataset: Dataset, ledgers: Mapping[str, Sequence[LedgerEntry]], folder: Path) -> Report:
    """Hold a dataset and its ledgers against the texts in a folder, which are found by their recorded names."""
    figures = {record.id: record for record in dataset.records if isinstance(record, Figure)}
    passages: dict[str, list[Passage]] = defaultdict(list)
    for record in dataset.records:
        for evidence in record.evidence:
            if evidence.located:
                passages[evidence.source].append(Passage(record, evidence, _whole(record, figures)))
    report = Report([], [])
    for source in dataset.sources:
        text = Text(source.file or "")
        report.sources.append(_check(source, text, folder, passages[source.id], ledgers.get(source.id, ())))
        report.problems.extend(text.problems)
    return report


def _whole(record: Record, figures: Mapping[str, Figure]) -> Fraction | None:
    base = figures.get(record.base.id or "") if isinstance(record, Figure) and record.base else None
    if base is None or base.value is None or base.qualifier is not Qualifier.EXACT:
        return None
    return _exact(base.value)


def _check(
    source: Source, text: Text, folder: Path, passages: Sequence[Passage], ledger: Iterable[LedgerEntry]
) -> Checked:
    if source.file is None:
        return Checked(source.id, None, State.UNVERIFIED, "its text is not held")
    content = _read(text, folder)
    if content is None and not text.problems:
        return Checked(source.id, source.file, State.UNVERIFIED, f"{source.file} is not in the folder")
    if content is not None:
        if (found := hashlib.sha256(content).hexdigest()) != source.sha256:
            text.differs("the digest of the file", source.sha256, found)
        try:
            text.paragraphs = paragraphs(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            text.differs("the file", "UTF-8", f"something else at byte {error.start}")
        else:
            for passage in passages:
                _check_passage(text, passage)
            _check_ledger(text, ledger)
    state = State.FAILED if text.problems else State.VERIFIED
    counted = sum(len(numbers(paragraph)) for paragraph in text.paragraphs)
    return Checked(source.id, source.file, state, None, len(passages), counted)


def _read(text: Text, folder: Path) -> bytes | None:
    """Return the bytes of a file of the folder; a name never leads out of it, be it by dots or by a link."""
    path = folder / text.file
    try:
        if not path.is_symlink() and not path.exists():
            return None
        if not path.is_file() or path.resolve().parent != folder.resolve():
            text.differs("the file", "a file in the folder", "something else, or a link out of it")
        elif (size := path.stat().st_size) > MAX_FILE_BYTES:
            text.differs("the file", f"at most {MAX_FILE_BYTES} bytes", size)
        else:
            return path.read_bytes()
    except OSError as error:
        text.differs("the file", "a file that can be read", error.strerror)
    return None


def _check_passage(text: Text, passage: Passage) -> None:
    record, evidence = passage.record, passage.evidence
    number, start, end = evidence.paragraph or 0, evidence.start or 0, evidence.end or 0
    at = (number, record.id)
    if number > len(text.paragraphs):
        text.differs("the paragraph", f"one of {len(text.paragraphs)}", number, at)
        return
    paragraph = text.paragraphs[number - 1]
    if end > len(paragraph):
        text.differs("the end of the slice", f"at most {len(paragraph)}", end, at)
        return
    if (found := digest(paragraph[start:end])) != evidence.sha256:
        text.differs(f"the digest of the slice {start} to {end}", evidence.sha256, found, at)
    value = record.value if isinstance(record, Figure) else None
    if evidence.as_printed is None:
        if value is not None and evidence.role is EvidenceRole.STATES:
            text.differs("as_printed", f"{value}, as the passage prints it", "nothing", at)
        return
    places = standing(paragraph, start, end, evidence.as_printed)
    if len(places) != 1:
        what = f"{evidence.as_printed!r} in the slice {start} to {end}"
        text.differs(what, "once", f"{len(places)} times", at)
        return
    text.bound[number].append((places[0], places[0] + len(evidence.as_printed), record.id))
    if isinstance(record, Figure) and evidence.role is not EvidenceRole.DISPUTES:
        if value is None:
            found = repr(evidence.as_printed)
            text.differs("as_printed", f"nothing, as the value is {record.value_status}", found, at)
            return
        if not amounts(evidence.as_printed):
            text.differs("as_printed", "a number and nothing more", repr(evidence.as_printed), at)
            return
        reading = Reading(text, paragraph, record, evidence, places[0])
        _check_value(reading, passage.whole)
        _check_qualifier(reading)


@dataclass(frozen=True)
class Reading:
    """A figure beside the number that is printed of it, at a place in its paragraph."""

    text: Text
    paragraph: str
    figure: Figure
    evidence: Evidence
    start: int

    @property
    def printed(self) -> str:
        """The number as printed."""
        return self.evidence.as_printed or ""

    @property
    def end(self) -> int:
        """Where the number ends."""
        return self.start + len(self.printed)

    @property
    def clause(self) -> str:
        """The slice of the evidence."""
        return self.paragraph[self.evidence.start : self.evidence.end]

    @property
    def at(self) -> tuple[int, str]:
        """The paragraph and the record."""
        return self.evidence.paragraph or 0, self.figure.id

    def differs(self, what: str, expected: object, found: object) -> None:
        """Note that the passage does not say what the figure says."""
        self.text.differs(what, expected, found, self.at)

    def binds(self, number: Number) -> None:
        """Note that the figure rests on another number as well."""
        self.text.bound[self.at[0]].append((number.start, number.end, self.figure.id))


def _exact(value: float) -> Fraction:
    return Fraction(str(value))


def _check_value(reading: Reading, whole: Fraction | None) -> None:
    figure = reading.figure
    expected = [_exact(value) for value in (figure.value, figure.value_to) if value is not None]
    said, end = _said(reading, expected)
    marked = is_per_cent(reading.paragraph, end)
    in_cell = figure.value_type in PERCENTAGES and reading.clause == reading.printed
    found = [_as_value(figure, one, whole, per_cent=marked or in_cell) for one in said]
    if figure.value_type in CHANGES:
        _check_direction(reading)
        found, expected = [None if one is None else abs(one) for one in found], [abs(one) for one in expected]
    if found != expected:
        shown = " to ".join(f"{float(one):.15g}" for one in expected)
        per_cent = " and per cent" if marked else ""
        reading.differs("the value", f"{shown} ({figure.value_type})", repr(reading.printed) + per_cent)
    if figure.value_type is ValueType.RATE:
        _check_rate(reading)


def _check_rate(reading: Reading) -> None:
    of = per(reading.paragraph, reading.end)
    if of is not None:
        reading.binds(of)
        if (said := amount(of.text)) is None or said.value != reading.figure.per:
            reading.differs("per", reading.figure.per, repr(of.text))
    elif reading.clause != reading.printed and not is_rate(reading.clause):
        reading.differs("per", reading.figure.per, "no word of a rate")


def _as_value(figure: Figure, said: Amount, whole: Fraction | None, *, per_cent: bool) -> Fraction | None:
    """Return the value that a figure of this type has if the source says this; None if it is of another type."""
    percentage = figure.value_type in PERCENTAGES
    if said.sort is Sort.SHARE and percentage:
        return round(said.value * 100, 2)
    if said.sort is Sort.SHARE:
        return said.value * whole if figure.value_type is ValueType.COUNT and whole is not None else None
    if said.sort is Sort.CHANGE:
        return said.value if figure.value_type is ValueType.CHANGE_PERCENT else None
    is_none = said.value == 0 and said.sort is Sort.NUMBER and not per_cent
    return said.value if is_none or percentage == (said.sort is Sort.PER_CENT or per_cent) else None


def _said(reading: Reading, expected: Sequence[Fraction]) -> tuple[tuple[Amount, ...], int]:
    """Return what is printed and where it ends; where one number of a range is printed, with the other one."""
    said = amounts(reading.printed)
    if reading.figure.qualifier is Qualifier.BETWEEN and len(said) == 1:
        for other in partners(reading.paragraph, reading.start, reading.end):
            start, end = min(reading.start, other.start), max(reading.end, other.end)
            pair = amounts(reading.paragraph[start:end])
            inside = (reading.evidence.start or 0) <= start and end <= (reading.evidence.end or 0)
            if inside and [one.value for one in pair] == expected:
                reading.binds(other)
                return pair, end
    return said, reading.end


def _check_direction(reading: Reading) -> None:
    value, found = reading.figure.value or 0, signs(reading.clause, reading.printed)
    in_cell = value >= 0 and reading.clause == reading.printed
    if value and not in_cell and (-1 if value < 0 else 1) not in found:
        words = {frozenset(): "no word of one", frozenset({-1}): "a fall"}.get(frozenset(found), "a rise")
        reading.differs("the direction of the change", "a fall" if value < 0 else "a rise", words)


def _check_qualifier(reading: Reading) -> None:
    qualifier = reading.figure.qualifier
    if qualifier is Qualifier.BETWEEN:
        return  # the two numbers are the check
    if is_between(reading.paragraph, reading.start, reading.end):
        reading.differs("the qualifier", qualifier, Qualifier.BETWEEN)
        return
    words, means = wording(reading.paragraph, reading.start, reading.end)
    governs = words in PREPOSITIONS and qualifier is Qualifier.EXACT
    if qualifier in means or (governs and reading.evidence.note):
        return
    hint = ", and no note on the evidence that says it does not qualify the number" if governs else ""
    reading.differs("the qualifier", qualifier, f"{' or '.join(sorted(means))}{words and f' ({words!r})'}{hint}")


def _check_ledger(text: Text, ledger: Iterable[LedgerEntry]) -> None:
    """Every number of the text is a record's or in the ledger, not both, and the ledger has no others."""
    found = {
        (place, number.start, number.end): number.text
        for place, paragraph in enumerate(text.paragraphs, 1)
        for number in numbers(paragraph)
    }
    listed = set()
    for entry in ledger:
        place = (entry.paragraph, entry.start, entry.end)
        if found.get(place) == entry.token:
            listed.add(place)
            continue
        paragraph = text.paragraphs[entry.paragraph - 1] if entry.paragraph <= len(text.paragraphs) else ""
        there = repr(paragraph[entry.start : entry.end][:20])
        what = f"the number at {entry.start} to {entry.end}"
        found_there = f"{there}, which is no number of its own"
        text.differs(what, repr(entry.token), found_there, (entry.paragraph, LEDGER))
    for (number, start, end), token in found.items():
        bound = next((name for at, to, name in text.bound[number] if at <= start and end <= to), None)
        if (bound is None) != ((number, start, end) in listed):
            what = f"{token!r} at {start} to {end}"
            has = f"both, as the number of {bound}" if bound else "neither"
            text.differs(what, "a record that rests on it, or an entry here", has, (number, LEDGER))

"""An article's records for the second reader: sentences made from the fields, in the order of the text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

from app.domain.dataset import Source
from app.domain.records import Evidence, Figure, Record
from app.domain.vocabulary import EvidenceRole
from app.errors import UpheldError
from app.evidence.ledger import LedgerEntry
from app.evidence.numbers import occurrences
from app.evidence.passages import cell_names, paragraphs
from app.evidence.tables import Table
from app.seeds.contents import Answered
from app.seeds.reading import Seeds
from app.seeds.sentences import Sentences, sentences_of


class ReviewError(UpheldError):
    """There's nothing to review, or no text to show next to the records."""


@dataclass(frozen=True)
class Entry:
    """A record with its passages in the article; the one that states it comes first."""

    record: Record
    evidence: Sequence[Evidence]


@dataclass(frozen=True)
class Review:
    """An article with its records in the order of the text."""

    seeds: Seeds
    source: Source
    entries: Sequence[Entry]
    sentences: Sentences
    lines: Sequence[str] | None
    """The paragraphs of the text; None if it isn't there."""

    @property
    def ledger(self) -> Sequence[LedgerEntry]:
        """The numbers that aren't figures."""
        return self.seeds.ledgers.get(self.source.id, ())

    @property
    def table(self) -> Table | None:
        """The rows, if the source is a table."""
        return self.seeds.tables.get(self.source.id)

    def __str__(self) -> str:
        """Return the review for a terminal."""
        parts = [
            self.source.title,
            *self._of_all(),
            *self._records(),
            "What is a share of what:",
            *self._tree(),
            "",
        ]
        if self.ledger:
            parts += ["Numbers that aren't figures:", *(f"- {line}" for line in self._no_figures()), ""]
        return "\n".join(parts)

    def _of_all(self) -> list[str]:
        """Return who counted, and the answers that cover many records, followed by an empty line."""
        origin = self.source.origin
        counted = [f"Counted by {origin}, unless a record names another."] if origin else []
        ids = {entry.record.id for entry in self.entries}
        answered = [one for one in self.seeds.answered if one.of_all and one.record in ids]
        # Show the first row's question for all rows.
        first = {(one.of_all, one.code): one for one in reversed(answered)}
        return [*counted, *(f"{one.of_all}: {_question(one)}" for one in reversed(first.values())), ""]

    def _records(self) -> Iterator[str]:
        for entry in self.entries:
            yield f"{_place(entry.evidence[0])} {entry.record.id}"
            yield f"  {self.sentences.of(entry.record)}"
            yield from (f"  text: {text}" for text in self._passages(entry))
            yield from (f"  {line}" for line in self._said(entry))
            yield ""
        if unread := sum(entry.record.id not in self.seeds.readers for entry in self.entries):
            yield f"{unread} of {len(self.entries)} records don't say who read them (read_by)."
            yield ""

    def _said(self, entry: Entry) -> Iterator[str]:
        """Yield what is said about a record apart from its fields: notes, further passages, answers, readers."""
        first, *others = entry.evidence
        yield f"statement: {entry.record.statement}"
        for note in entry.record.notes:
            known = next(one.record.id for one in self.entries if note in one.record.notes)
            yield f"note: {note if known == entry.record.id else f'as for {known}'}"
        yield from [f"passage: {first.note}"] if first.note else []
        yield from map(_also, others)
        elsewhere = [one for one in entry.record.evidence if one not in entry.evidence]
        yield from (f"{other.source} {_also(other)}" for other in elsewhere)
        yield from (
            _question(one) for one in self.seeds.answered if one.record == entry.record.id and not one.of_all
        )
        if readers := self.seeds.readers.get(entry.record.id):
            yield f"read by {' and '.join(readers)}{' only' if len(readers) == 1 else ''}"

    def _passages(self, entry: Entry) -> Iterator[str]:
        first = entry.evidence[0]
        if self.table is not None and first.paragraph is not None and first.start is not None:
            yield self.table.cell_at(first.paragraph, first.start)
        elif self.lines is not None and (first.paragraph or 0) <= len(self.lines):
            passage = self.lines[(first.paragraph or 1) - 1][first.start : first.end]
            names = cell_names(self.lines, first.paragraph or 1, first.start or 0)
            yield f"{passage} (row {names[0]}, column {names[1]})" if names else passage

    def _tree(self) -> Iterator[str]:
        figures = [entry.record for entry in self.entries if isinstance(entry.record, Figure)]
        wholes = {one for figure in figures if figure.base for one in figure.base.candidates}
        mine = [figure for figure in figures if figure.base or figure.id in wholes]
        ids = {figure.id for figure in mine}

        def under(whole: str | None, depth: int) -> Iterator[str]:
            for figure in mine:
                candidates = [one for one in (figure.base.candidates if figure.base else ()) if one in ids]
                settled = figure.base.id if figure.base is not None else None
                parents = [settled] if settled in ids else candidates
                if (whole in parents) if whole is not None else not parents:
                    unsure = " (open)" if whole is not None and settled is None else ""
                    yield f"{'  ' * depth}- {self.sentences.short(figure)}{unsure} ({figure.id})"
                    yield from under(figure.id, depth + 1)

        return under(None, 0)

    def _no_figures(self) -> Iterator[str]:
        for one in self.ledger:
            yield f"paragraph {one.paragraph}, {one.start} to {one.end}: \u201c{one.token}\u201d: {one.reason}"

    def html(self) -> str:
        """Return the review as one page, with the text next to the records.

        Raises:
            ReviewError: if the text isn't there.

        """
        if self.lines is None:
            raise ReviewError(f"{self.source.file} isn't there: the page shows the records beside the text")
        text = "\n".join(
            f'<p id="p{place}"><small>{place}</small> {self._marked(place, line)}</p>'
            for place, line in enumerate(self.lines, 1)
        )
        answered = [f"<p>{escape(line)}</p>" for line in self._of_all() if line]
        cards = "\n".join([*answered, *(self._card(entry) for entry in self.entries)])
        tree = escape("\n".join(self._tree()))
        ledger = escape("\n".join(self._no_figures()))
        return PAGE.format(title=escape(self.source.title), text=text, cards=cards, tree=tree, ledger=ledger)

    def _card(self, entry: Entry) -> str:
        places = ", ".join(
            f'<a href="#p{one.paragraph}">{escape(_place(one))}</a> {one.role}' for one in entry.evidence
        )
        lines = [*(self._passages(entry) if self.table else ()), *self._said(entry)]
        more = "".join(f"<li>{escape(line)}</li>" for line in lines)
        return (
            f'<article id="{entry.record.id}"><h2>{entry.record.id}</h2>'
            f"<p>{escape(self.sentences.of(entry.record))}</p><p>{places}</p><ul>{more}</ul></article>"
        )

    def _marked(self, place: int, line: str) -> str:
        """Return a paragraph with records' passages marked and the ledger's numbers underlined."""
        passages = [
            (one, entry.record.id) for entry in self.entries for one in entry.evidence if one.paragraph == place
        ]
        spans = [(one.start or 0, one.end or 0, id_) for one, id_ in passages]
        # Link a number to its own record, even if two records share a passage.
        spans += [
            (at, at + len(one.as_printed), id_)
            for one, id_ in passages
            if one.as_printed
            for at in occurrences(line, one.start or 0, one.end or 0, one.as_printed)
        ]
        spans.sort(key=lambda span: span[1] - span[0])
        listed = [(entry.start, entry.end, entry.reason) for entry in self.ledger if entry.paragraph == place]
        edges = {0, len(line), *(edge for start, end, _ in [*spans, *listed] for edge in (start, end))}
        found = []
        for start, end in pairwise(sorted(edge for edge in edges if edge <= len(line))):
            piece = escape(line[start:end])
            reason = next((why for first, last, why in listed if first <= start and end <= last), None)
            piece = f'<u title="{escape(reason)}">{piece}</u>' if reason else piece
            records = list(dict.fromkeys(id_ for first, last, id_ in spans if first <= start and end <= last))
            if records:
                piece = f'<a href="#{records[0]}" title="{", ".join(records)}"><mark>{piece}</mark></a>'
            found.append(piece)
        return "".join(found)


PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Review: {title}</title>
<style>
body {{ display: grid; grid-template-columns: 1fr 1fr; gap: 2rem; margin: 1rem; font: 1rem/1.5 sans-serif }}
main, aside {{ overflow: auto; height: 95vh }}
mark {{ background: #fe9 }} a {{ color: inherit }} u {{ text-decoration-style: dotted }}
article {{ border-top: 1px solid #888 }} article:target {{ background: #ffc }} h2 {{ font-size: 1rem }}
pre {{ white-space: pre-wrap }}
</style>
<main><h1>{title}</h1>
{text}
</main>
<aside>
{cards}
<h1>What is a share of what</h1>
<pre>{tree}</pre>
<h1>Numbers that aren't figures</h1>
<pre>{ledger}</pre>
</aside>
</html>
"""


def _place(evidence: Evidence) -> str:
    printed = f" \u201c{evidence.as_printed}\u201d" if evidence.as_printed else " (no number)"
    counter = f", counted by {evidence.origin}" if evidence.origin else ""
    return f"paragraph {evidence.paragraph}, {evidence.start} to {evidence.end}:{printed}{counter}"


WHERE = re.compile(r" \([^()]+\.yaml:\d+\)")
"""A record's place in the seeds, which second readers don't need."""


def _question(one: Answered) -> str:
    return f"answered: {one.reason} (question {one.code}: {WHERE.sub('', one.question)})"


def _also(evidence: Evidence) -> str:
    """Return the role of another passage, or another source, for a record."""
    point = f" its {evidence.on}" if evidence.on else ""
    place = f": {_place(evidence)}" if evidence.located else ""
    note = f" \u2013 {evidence.note}" if evidence.note else ""
    return f"{evidence.role}{point}{place}{note}"


def review(seeds: Seeds, article: Path) -> Review:
    """Return the review of an article, given the path of its text; the file needn't exist.

    Raises:
        ReviewError: if no source in the seeds has a text with this name.

    """
    source = next((one for one in seeds.dataset.sources if one.file == article.name), None)
    if source is None:
        files = ", ".join(sorted(one.file for one in seeds.dataset.sources if one.file))
        raise ReviewError(f"no source has the text {article.name}; those of the seeds are {files}")
    entries = []
    for record in seeds.dataset.records:
        evidence = [one for one in record.evidence if one.source == source.id and one.located]
        evidence.sort(key=lambda one: one.role is not EvidenceRole.STATES)
        if evidence:
            entries.append(Entry(record, evidence))
    entries.sort(key=lambda entry: (entry.evidence[0].paragraph or 0, entry.evidence[0].start or 0))
    try:
        lines = paragraphs(article.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        lines = None
    return Review(seeds, source, entries, sentences_of(seeds.dataset), lines)

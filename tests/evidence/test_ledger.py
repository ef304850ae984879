"""The ledger: every number in a text is in exactly one of the records and the ledger."""

import hashlib

import pytest
from pydantic import ValidationError

from app.evidence.ledger import LEDGER, LedgerEntry
from app.evidence.numbers import find_numbers
from app.evidence.passages import paragraphs
from app.evidence.report import State
from tests.evidence.corpus import Corpus, flip, mismatches, place_in_file
from tests.texts import NAME


def test_a_token_fills_its_place() -> None:
    """An entry's range must be as long as its token."""
    with pytest.raises(ValidationError, match="as the token 'three' is long, 5; found 6"):
        LedgerEntry(paragraph=1, start=48, end=54, token="three", reason="years")  # noqa: S106 - no password


def test_one_altered_entry_fails(corpus: Corpus) -> None:
    """A missing, moved or altered entry is a mismatch."""
    for source, entries in corpus.ledgers.items():
        only = corpus.only(source)
        if only.verify().sources[0].state is not State.VERIFIED:
            continue
        for index, entry in enumerate(entries):
            rest = [*entries[:index], *entries[index + 1 :]]
            moved = {"start": entry.start + 1, "end": entry.end + 1}
            for change in (None, moved, {"token": entry.token + "x"}, {"paragraph": entry.paragraph + 1}):
                changed = rest if change is None else [*rest, entry.model_copy(update=change)]
                report = only.verify(ledgers={source: changed})
                assert mismatches(report, LEDGER, entry.paragraph), (entry, change)


def test_another_number_in_the_text_fails(corpus: Corpus) -> None:
    """A changed number no longer matches its ledger entry, even if the file's digest is updated."""
    for source in corpus.dataset.sources:
        path = corpus.folder / (source.file or "none")
        for entry in corpus.ledgers.get(source.id, ()) if path.exists() else ():
            before = flip(path, place_in_file(path, entry.paragraph, entry.start))
            updated = source.model_copy(update={"sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
            report = corpus.verify(dataset=corpus.only(source.id).with_source(updated))
            assert mismatches(report, LEDGER, entry.paragraph)
            path.write_bytes(before)


def test_a_number_in_both_fails(made_up: Corpus) -> None:
    """A number that's evidence for a record must not be in the ledger too."""
    both = LedgerEntry(paragraph=3, start=10, end=12, token="48", reason="a figure")  # noqa: S106 - no password
    report = made_up.verify(ledgers={NAME: [*made_up.ledgers[NAME], both]})
    (problem,) = mismatches(report, LEDGER, 3)
    assert problem.expected == "a record or a ledger entry for it"
    assert problem.found == "both, as northmoor-2020-2023-upheld has it"


def test_every_number_of_the_made_up_article_is_accounted_for(made_up: Corpus) -> None:
    """Records and ledger together have every number in the text once."""
    text = paragraphs((made_up.folder / f"{NAME}.txt").read_text())
    found = sum(len(find_numbers(paragraph)) for paragraph in text)
    printed = [evidence for _, _, evidence, _ in made_up.passages() if evidence.as_printed]
    assert found == len(printed) + len(made_up.ledgers[NAME])

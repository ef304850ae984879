"""An article's ledger: the numbers that aren't figures, each with the reason.

The ledger is part of the article's seed file, not of the dataset. Together, the ledger and the records account for
every number in the text, so none can be missed by accident.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from app.domain.fields import Curated, Integer, visible
from app.evidence.numbers import find_numbers
from app.evidence.texts import HeldText

LEDGER = "the ledger"
MAX_SHOWN = 20
"""The most characters of a text that a message shows, so that reports don't quote whole sentences."""


class LedgerEntry(Curated):
    """A number in an article that isn't a figure."""

    paragraph: Integer = Field(ge=1, description="Non-empty line of the file, from 1.")
    start: Integer = Field(ge=0, description="First code point in the paragraph, from 0.")
    end: Integer = Field(ge=1, description="The code point after the last one.")
    token: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(visible)] = Field(
        description="The number as printed: a numeral or number words, nothing more."
    )
    reason: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(visible)] = Field(
        description="Why it isn't a figure, in a few words of ours."
    )

    @model_validator(mode="after")
    def _token_has_its_length(self) -> Self:
        if self.end - self.start != len(self.token):
            raise ValueError(
                f"start and end must be as far apart as the token {self.token!r} is long, {len(self.token)}; "
                f"found {self.end - self.start}"
            )
        return self


def check_ledger(text: HeldText, paragraphs: Sequence[str], entries: Iterable[LedgerEntry]) -> int:
    """Note every number that isn't in exactly one of records and ledger; return how many numbers the text has."""
    numbers = {
        (place, number.start, number.end): number.text
        for place, paragraph in enumerate(paragraphs, 1)
        for number in find_numbers(paragraph)
    }
    listed = set()
    for entry in entries:
        place = (entry.paragraph, entry.start, entry.end)
        if numbers.get(place) == entry.token:
            listed.add(place)
            continue
        paragraph = paragraphs[entry.paragraph - 1] if entry.paragraph <= len(paragraphs) else ""
        what = f"the number at {entry.start} to {entry.end}"
        found = f"{paragraph[entry.start : entry.end][:MAX_SHOWN]!r}, which is not a whole number of the text"
        text.mismatch(what, repr(entry.token), found, (entry.paragraph, LEDGER))
    for (number, start, end), token in numbers.items():
        record = next((id_ for first, last, id_ in text.recorded[number] if first <= start and end <= last), None)
        if (record is None) != ((number, start, end) in listed):
            found = f"both, as {record} has it" if record else "neither"
            what = f"{token!r} at {start} to {end}"
            text.mismatch(what, "a record or a ledger entry for it", found, (number, LEDGER))
    return len(numbers)

"""The ledger of an article: its numbers that aren't figures, each with the reason.

The ledger is part of the article's seed file, not of the dataset. Together with the records it accounts for every
number in the text, so that none was missed by accident.
"""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from app.domain.fields import Curated, Integer, visible


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

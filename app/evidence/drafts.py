"""What article and table drafts have in common."""

from collections.abc import Iterable

from app.domain.vocabulary import Basis, PeriodEvent, Precision, Unit, YearType
from app.errors import UpheldError

TODO = "TODO"
"""The placeholder for what a curator has to decide. A file that still contains one is rejected."""


class DraftError(UpheldError):
    """An article or a table can't be drafted."""


def one_of(words: Iterable[str]) -> str:
    """Join words as a choice: "a, b or c"."""
    *first, last = words
    return f"{', '.join(first)} or {last}"


CHOICES = f"""\
# precision: {one_of(Precision)}; for years also year_type: {one_of(YearType)}
# basis: {one_of(Basis)}; event: {one_of(PeriodEvent)}
# unit: {one_of(Unit)}
"""
"""The possible values of the fields in every draft."""

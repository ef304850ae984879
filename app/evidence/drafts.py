"""What drafts of articles and of tables share."""

from collections.abc import Iterable

from app.domain.vocabulary import Basis, PeriodEvent, Precision, Unit, YearType
from app.errors import UpheldError

TODO = "TODO"
"""What a draft has where a curator has to decide. A file that still has one is refused."""


class DraftError(UpheldError):
    """An article or a table can't be drafted."""


def one_of(words: Iterable[str]) -> str:
    """Return words to choose from."""
    *first, last = words
    return f"{', '.join(first)} or {last}"


CHOICES = f"""\
# precision: {one_of(Precision)}; for years also year_type: {one_of(YearType)}
# basis: {one_of(Basis)}; event: {one_of(PeriodEvent)}
# unit: {one_of(Unit)}
"""
"""What the fields of every draft may be."""

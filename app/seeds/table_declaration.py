"""What a seed file declares about a table: what each column says about its cells, and notes on single cells."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from app.domain.fields import Curated, Id, Text, json_number
from app.domain.vocabulary import BaseBasis, RelationType, ValueStatus
from app.evidence.tables import Decimal, TableRow

UNKNOWN = (ValueStatus.NOT_DISCLOSED, ValueStatus.WITHHELD, ValueStatus.NOT_COUNTED)
"""What a cell without a number may mean."""


def _meaning(value: object) -> int | float | ValueStatus:
    for status in UNKNOWN:
        if value == status:
            return status
    try:
        return json_number(value)
    except ValueError as error:
        raise ValueError(
            f"must be a number, {', '.join(UNKNOWN[:-1])} or {UNKNOWN[-1]}; found {value!r}"
        ) from error


def _under(key: str) -> BeforeValidator:
    """Let a curator write a bare value instead of a mapping with a single key."""
    return BeforeValidator(lambda value: value if isinstance(value, dict) else {key: value})


class Word(Curated):
    """What a cell that isn't a number in digits means."""

    means: Annotated[int | float | ValueStatus, BeforeValidator(_meaning)]
    note: Text | None = Field(default=None, description="What the source says of it, as a note.")


class Mark(Curated):
    """What a sign after a number means: a note, and fields that differ in the marked cells."""

    model_config = ConfigDict(extra="allow")

    note: Text

    @property
    def fields(self) -> Mapping[str, Any]:
        """Fields that replace the column's in a marked cell."""
        return self.model_extra or {}


class Statement(Curated):
    """The statement of a column's records in our words, with `{force}` and `{value}` in it."""

    many: Text
    one: Text | None = Field(default=None, description="The same for 1, if that takes other words.")
    none: Text | None = Field(default=None, description="The same for 0.")
    unknown: Text | None = Field(default=None, description="For a cell without a number.")


class BaseColumn(Curated):
    """The column that contains the denominators of this column's cells."""

    column: Text
    basis: Literal[BaseBasis.STATED, BaseBasis.IMPLIED]
    part: bool


class RelatedColumn(Curated):
    """A column whose cells are related to this column's cells."""

    type: RelationType
    column: Text


class OfTable(Curated):
    """What a column declares that isn't a field of a record."""

    name: Text = Field(description="The column's header as printed.")
    id: Id = Field(description="The end of its records' ids.")
    statement: Annotated[Statement, _under("many")]
    base: BaseColumn | None = None
    related: list[RelatedColumn] = Field(default=[], description="Columns whose cells its cells are related to.")
    empty: Annotated[Word, _under("means")] | None = Field(
        default=None, description="What an empty cell means; without it there is none."
    )
    words: dict[str, Annotated[Word, _under("means")]] = Field(
        default={}, description="What cells that aren't numbers mean."
    )
    marks: dict[str, Annotated[Mark, _under("note")]] = Field(
        default={}, description="Signs after a number, each with what it says."
    )
    checked: Any = Field(default=None, description="Answers to questions of the checker about all its cells.")
    read_by: Any = Field(default=None, description="Who has read it against the held file.")


class Partition(Curated):
    """Columns that together make up another one, row by row."""

    parts: list[Text] = Field(description="Two or more.")
    of: Text
    may_fall_short: Text | None = Field(default=None, description="Why their sum may be less, if it may.")


class Exemption(Curated):
    """A remark on one cell: why the source breaks a rule there, or answers to the checker's questions."""

    force: Id
    column: Text = Field(
        description="The part that is larger than its whole, or the whole that its parts don't fit."
    )
    reason: Text | None = Field(default=None, description="Becomes a note on its record.")
    checked: Any = Field(default=None, description="Answers that aren't published.")


class Declaration(Curated):
    """How to read a table."""

    force: Text = Field(description="The column that names the force.")
    ids: Id = Field(description="How the records' ids start; the force and the column follow.")
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    decimal: Decimal = Field(default=".", description="What comes before decimals.")
    defaults: dict[str, Any] = Field(default={}, description="What all columns say unless they say otherwise.")
    columns: list[dict[str, Any]] = Field(min_length=1)
    ignored: dict[str, Text] = Field(default={}, description="Columns that hold no figures, each with the reason.")
    partitions: list[Partition] = Field(default=[])
    exemptions: list[Exemption] = Field(default=[])
    checked: Any = Field(default=None, description="Answers to questions of the checker about all cells.")
    read_by: Any = Field(default=None, description="Who has read it against the held file.")
    rows: list[TableRow] = Field(min_length=2, description="The rows as printed; the first is the header.")

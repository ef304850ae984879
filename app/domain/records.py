"""The records as curated: what `seeds/` states, before anything is computed from it.

Everything a curator may write is declared here once; the answers of the API (`schemas`) add to it only what
follows from it. The rules that one record can break by itself are here too; those that need the other
records are in `seeding`.
"""

import calendar
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Generic, Literal, Self, TypeVar
from unicodedata import category

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.domain.vocabulary import (
    BaseBasis,
    Basis,
    EvidenceRole,
    ForceKind,
    Kind,
    OutcomeStatus,
    PeriodEvent,
    Precision,
    Qualifier,
    RelationType,
    SourceKind,
    Standing,
    Subject,
    Unit,
    ValueStatus,
    ValueType,
    YearType,
)

UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Categories of characters that no text of a record may hold: controls and ends of lines, what has no width or
turns the direction of the text (63 would be read as 36), half of a character, and the private use areas.
"""

BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters of other categories that print nothing."""


def plain(text: str) -> str:
    """Text as it is, or ValueError where it holds a character that no reader can see, or no other."""
    if found := {char for char in text if char in BLANK or category(char) in UNSEEN}:
        raise ValueError(f"holds the character {min(found)!a}, which no reader can see")
    if text.isspace():
        raise ValueError("holds nothing but spaces")
    return text


LARGEST = 2**31 - 1
"""No count in an article is larger, and every program that reads JSON can hold it."""


def plain_number(value: object) -> int | float:
    """Return a number as it goes out: 63 for 63.0, for integers have no decimal point."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise ValueError(f"is a number up to {LARGEST}, written in digits; found {value!r}")
    return int(value) if value == int(value) else value


def no_number(value: object) -> object:
    """Let a day be written as a day only: a number is not taken for seconds since 1970."""
    if isinstance(value, bool | int | float):
        raise ValueError(f"is a day such as 2021-03-31; found {value!r}")  # noqa: TRY004 - pydantic's way
    return value


class RuleBroken(ValueError):  # noqa: N818 - the rule's fault, told with others
    """Rules between fields that do not hold, each with the field to look at."""

    def __init__(self, broken: Sequence[tuple[str, str]]) -> None:
        """Keep the fields and what is wrong with each."""
        super().__init__("; ".join(message for _, message in broken))
        self.broken = broken


Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(plain)]
Number = Annotated[int | float, BeforeValidator(plain_number)]
Day = Annotated[date, BeforeValidator(no_number)]
Natural = Annotated[int, Field(strict=True, le=LARGEST)]
F = TypeVar("F")
"""How a record gives its force: as curated by its id, in answers with its name."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=255)]
Address = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000), AfterValidator(plain)]


class Stated(BaseModel):
    """Something a curator wrote down: nothing unknown in it, and never changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class Period(Stated):
    """The days a record is about, both included, and how they are known."""

    start: Day | None = Field(default=None, description="First day; null where the record is undated.")
    end: Day | None = Field(default=None, description="Last day; null where the record is undated.")
    precision: Precision | None = Field(
        default=None, description="How finely the source gives it; null where the record is undated."
    )
    year_type: YearType | None = Field(
        default=None, description="Which years are meant; null unless the precision is `year`."
    )
    basis: Basis = Field(description="Whether the source states the period.")
    event: PeriodEvent = Field(description="What falls in the period.")
    as_at: Day | None = Field(
        default=None, description="The day on which a stock or an unfinished state was counted."
    )
    label: Text = Field(description="The period in words.")

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end are given together or not at all")
        if self.start is None or self.end is None:
            if self.basis is not Basis.NOT_STATED or self.precision is not None:
                raise ValueError("without start and end, basis is not-stated and precision is left out")
        elif self.basis is Basis.NOT_STATED or self.precision is None:
            raise ValueError("with start and end, basis is stated or inferred and precision is given")
        else:
            self._fits_precision(self.start, self.end)
        if (self.precision is Precision.YEAR) != (self.year_type is not None):
            raise ValueError("year_type belongs to the precision year, and to no other")
        return self

    def _fits_precision(self, start: date, end: date) -> None:
        if end < start:
            raise ValueError(f"the end {end} is before the start {start}")
        if self.precision is Precision.DAY:
            return
        if start.day != 1 or end.day != calendar.monthrange(end.year, end.month)[1]:
            raise ValueError(f"precision {self.precision} runs from the first of a month to the last of one")
        year_start = 4 if self.year_type is YearType.FINANCIAL else 1
        if self.precision is Precision.YEAR and (
            start.month != year_start or end.month != (year_start + 10) % 12 + 1
        ):
            raise ValueError(f"a {self.year_type} year starts in month {year_start}")


class Evidence(Stated):
    """Where in which source a record stands.

    `paragraph` counts the non-empty lines of the source's file from 1; `start` and `end` are code-point
    offsets in it, the end exclusive; `sha256` is of the UTF-8 bytes of that slice. The four are null only
    where the curators did not hold the text.
    """

    source: Id = Field(description="The source's id.")
    role: EvidenceRole = Field(description="What the passage does for the record.")
    as_printed: Text | None = Field(
        default=None, description="The number as the source prints it; null where none is printed."
    )
    paragraph: Natural | None = Field(default=None, ge=1, description="Non-empty line of the file, from 1.")
    start: Natural | None = Field(default=None, ge=0, description="First code point in the paragraph, from 0.")
    end: Natural | None = Field(default=None, ge=1, description="The code point after the last one.")
    sha256: Digest | None = Field(default=None, description="Digest of the slice's UTF-8 bytes.")
    note: Text | None = Field(default=None, description="What a reader of the passage must know.")

    @property
    def located(self) -> bool:
        """Whether the passage can be found in a held text."""
        return self.paragraph is not None

    @model_validator(mode="after")
    def _locator_is_whole(self) -> Self:
        locator = (self.paragraph, self.start, self.end, self.sha256)
        if None in locator and any(part is not None for part in locator):
            raise ValueError("paragraph, start, end and sha256 are given together or not at all")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"the slice ends ({self.end}) before it starts ({self.start})")
        return self


class Related(Stated):
    """Another record to which this one stands in a named relation."""

    type: RelationType = Field(description="How this record stands to the other.")
    id: Id = Field(description="The other record's id.")
    note: Text | None = Field(default=None, description="What the relation rests on.")


class Base(Stated):
    """The figure of which another is a share, and how that is known."""

    id: Id | None = Field(default=None, description="The whole; null where it is ambiguous.")
    basis: BaseBasis = Field(description="How the whole is known.")
    part: Annotated[bool, Field(strict=True)] = Field(
        description="Whether the figure counts some of what the whole counts, or only springs from it."
    )
    candidates: list[Id] = Field(min_length=1, description="Every reading, also where one is settled.")

    @model_validator(mode="after")
    def _settled_or_not(self) -> Self:
        if (self.id is None) != (self.basis is BaseBasis.AMBIGUOUS):
            raise ValueError("an ambiguous base has no id, and every other one has")
        if self.id is not None and self.id not in self.candidates:
            raise ValueError(f"the base {self.id} is not among its candidates")
        if len(set(self.candidates)) != len(self.candidates):
            raise ValueError("a candidate is named twice")
        return self


class Coverage(Stated):
    """How many forces a figure for several of them rests on."""

    forces_asked: Natural = Field(ge=1, description="How many were asked.")
    forces_included: Natural = Field(ge=0, description="How many are in the figure.")

    @model_validator(mode="after")
    def _included_were_asked(self) -> Self:
        if self.forces_included > self.forces_asked:
            raise ValueError("more forces are included than were asked")
        return self


class RecordOf(Stated, Generic[F]):
    """What figures and incidents share; `F` is how the force is given."""

    id: Id = Field(description="Stable id, never reused.")
    kind: Kind = Field(description="What the record states.")
    statement: Text = Field(description="What the source says, in one sentence of ours.")
    force: F = Field(description="The force or area it is about.")
    period: Period
    allegation: Id = Field(description="What was alleged: a code of the allegation tree.")


@dataclass(frozen=True)
class Rule:
    """A rule between fields of a figure: the one to look at, what is right, and how those it reads break it."""

    field: str
    says: str
    reads: tuple[str, ...]
    is_broken: Callable[..., bool]


COUNTS = frozenset({ValueType.COUNT, ValueType.CHANGE_COUNT})
SIGNED = frozenset({ValueType.CHANGE_COUNT, ValueType.CHANGE_PERCENT})


def _is_fraction_of(counted: str, value: float | None) -> bool:
    return counted in COUNTS and value is not None and value != int(value)


RULES = (
    Rule(
        "value",
        "a stated value is a number, any other status has none",
        ("value_status", "value"),
        lambda status, value: (status == ValueStatus.STATED) != (value is not None),
    ),
    Rule(
        "value_to",
        "value_to belongs to the qualifier between",
        ("qualifier", "value_to"),
        lambda qualifier, value_to: (qualifier == Qualifier.BETWEEN) != (value_to is not None),
    ),
    Rule(
        "value_to",
        "value_to is above value",
        ("value", "value_to"),
        lambda value, value_to: value is not None and value_to is not None and value_to <= value,
    ),
    Rule(
        "qualifier",
        "without a value there is no qualifier",
        ("value_status", "qualifier"),
        lambda status, qualifier: status != ValueStatus.STATED and qualifier != Qualifier.EXACT,
    ),
    Rule(
        "value",
        "only a change may be below zero",
        ("value_type", "value"),
        lambda value_type, value: (value or 0) < 0 and value_type not in SIGNED,
    ),
    Rule("value", "a count is a whole number", ("value_type", "value"), _is_fraction_of),
    Rule("value_to", "a count is a whole number", ("value_type", "value_to"), _is_fraction_of),
    Rule(
        "per",
        "per belongs to a rate",
        ("value_type", "per"),
        lambda value_type, per: (value_type == ValueType.RATE) != (per is not None),
    ),
    Rule(
        "stage",
        "a proceeding has a stage",
        ("kind", "stage"),
        lambda kind, stage: (kind == Kind.PROCEEDING) != (stage is not None),
    ),
    Rule(
        "outcome",
        "an outcome has an outcome code, nothing else",
        ("kind", "outcome"),
        lambda kind, outcome: (kind == Kind.OUTCOME) != (outcome is not None),
    ),
    Rule(
        "subjects",
        "a subject is named twice",
        ("subjects",),
        lambda subjects: len(set(subjects)) != len(subjects),
    ),
)
"""What holds between the fields of a figure, over plain values: as they were read, or as a curator wrote them."""


def broken_rules(
    values: Mapping[str, object], candidates: Sequence[str] = (), wrong: AbstractSet[str] = frozenset()
) -> list[tuple[str, str]]:
    """Return the rules that a figure breaks, each with its field; those that hang on a wrong field say nothing.

    Fields that are not given have their defaults; `candidates` are those of its base.
    """
    whole = {name: field.get_default(call_default_factory=True) for name, field in Figure.model_fields.items()}
    whole |= values
    broken = [
        (rule.field, rule.says)
        for rule in RULES
        if wrong.isdisjoint(rule.reads) and rule.is_broken(*(whole[name] for name in rule.reads))
    ]
    return broken + ([("base", "a figure is no share of itself")] if whole["id"] in candidates else [])


class FigureOf(RecordOf[F], Generic[F]):
    """A number, or an explicit not-known, that a source states about a force or area in a period."""

    kind: Literal[Kind.COMPLAINT, Kind.PROCEEDING, Kind.OUTCOME] = Field(
        description="Complaints, steps taken, or what came of them."
    )
    stage: Id | None = Field(default=None, description="Proceedings only: a code of the stage tree.")
    outcome: Id | None = Field(default=None, description="Outcomes only: a code of the outcome tree.")
    value: Number | None = Field(default=None, description="The number; null unless its status is `stated`.")
    value_to: Number | None = Field(default=None, description="The upper number where it is `between` two.")
    value_type: ValueType = Field(default=ValueType.COUNT, description="What the number is.")
    per: Annotated[Natural, Field(ge=1)] | None = Field(default=None, description="For a rate: of how many.")
    value_status: ValueStatus = Field(description="Whether the source gives the number.")
    qualifier: Qualifier = Field(default=Qualifier.EXACT, description="How the number is to be read.")
    unit: Unit = Field(description="What one of the number is.")
    subjects: list[Subject] = Field(default=[], description="Whose conduct it is about; empty where not stated.")
    breakdown: dict[Id, Id] = Field(
        default={}, description="The part of the subjects or cases that the figure is about, by dimension."
    )
    base: Base | None = Field(default=None, description="The figure of which this one is a share.")
    related: list[Related] = Field(default=[], description="Other records it stands beside.")
    coverage: Coverage | None = Field(default=None, description="How many forces it rests on, where said.")
    evidence: list[Evidence] = Field(min_length=1, description="Where it stands.")
    notes: list[Text] = Field(default=[], description="What a careful reader must know.")

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if broken := broken_rules(dict(self), self.base.candidates if self.base else ()):
            raise RuleBroken(broken)
        return self


class IncidentOf(RecordOf[F], Generic[F]):
    """One event that a source tells, with what is said to have come of it."""

    kind: Literal[Kind.INCIDENT] = Field(default=Kind.INCIDENT, description="Always `incident`.")
    standing: Standing = Field(description="What the source gives the misconduct as.")
    outcome: Id | None = Field(default=None, description="What came of it: a code of the outcome tree.")
    outcome_status: OutcomeStatus = Field(description="Whether the source says what came of it.")
    related: list[Related] = Field(default=[], description="Other records it stands beside.")
    evidence: list[Evidence] = Field(min_length=1, description="Where it stands.")
    notes: list[Text] = Field(default=[], description="What a careful reader must know.")

    @model_validator(mode="after")
    def _outcome_is_stated(self) -> Self:
        if (self.outcome_status is OutcomeStatus.STATED) != (self.outcome is not None):
            raise RuleBroken([("outcome", "an outcome is given where its status is stated, and only there")])
        return self


class Figure(FigureOf[Id]):
    """A figure as curated; the force is its id."""


class Incident(IncidentOf[Id]):
    """An incident as curated; the force is its id."""


Record = Annotated[Figure | Incident, Field(discriminator="kind")]


class Published(Stated):
    """When a source was published, as finely as it is known."""

    date: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")] | None = Field(
        default=None, description="`2021-03-22`, `2021-10` or `2021`; null where it is not known."
    )
    precision: Precision | None = Field(default=None, description="How finely the date is known.")
    basis: Basis = Field(description="Whether the source states the date.")

    @model_validator(mode="after")
    def _date_fits_precision(self) -> Self:
        if (self.date is None) != (self.precision is None) or (self.date is None) != (
            self.basis is Basis.NOT_STATED
        ):
            raise ValueError("a date has a precision and a basis; without one the basis is not-stated")
        shapes = {Precision.DAY: "%Y-%m-%d", Precision.MONTH: "%Y-%m", Precision.YEAR: "%Y"}
        if self.date is not None and self.precision is not None:
            datetime.strptime(self.date, shapes[self.precision])  # noqa: DTZ007 - a day has no time zone
        return self


class Source(Stated):
    """A text that records are read from, or that other texts go back to."""

    id: Id = Field(description="Stable id, never reused.")
    title: Text = Field(description="Its headline or title.")
    publisher: Text = Field(description="Who published it.")
    published: Published
    url: Address | None = Field(default=None, description="Where it can be read; null where it is not online.")
    kind: SourceKind = Field(description="What it is.")
    origin: Id | None = Field(
        default=None, description="The source this one goes back to; null where it is an origin itself."
    )
    file: FileName | None = Field(default=None, description="Name of the held text; null where it is not held.")
    sha256: Digest | None = Field(default=None, description="Digest of the held text's bytes.")

    @model_validator(mode="after")
    def _held_or_not(self) -> Self:
        if (self.file is None) != (self.sha256 is None):
            raise ValueError("file and sha256 are given together or not at all")
        return self


class LedgerEntry(Stated):
    """A number in an article that states no figure, and why not.

    The ledger belongs to the article's file and is no part of the dataset: it is what shows that every number of
    the text was either read into a record or passed over on purpose.
    """

    paragraph: Natural = Field(ge=1, description="Non-empty line of the file, from 1.")
    start: Natural = Field(ge=0, description="First code point in the paragraph, from 0.")
    end: Natural = Field(ge=1, description="The code point after the last one.")
    token: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(plain)] = Field(
        description="The number as printed: a numeral or number words, nothing more."
    )
    reason: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(plain)] = Field(
        description="Why no record rests on it, in a few words of ours."
    )

    @model_validator(mode="after")
    def _token_fills_its_place(self) -> Self:
        if self.end - self.start != len(self.token):
            raise ValueError(f"the token has {len(self.token)} characters, its place {self.end - self.start}")
        return self


class Force(Stated):
    """A police force, or an area that holds several."""

    id: Id = Field(description="Stable id, never reused.")
    name: Text = Field(description="Its name.")
    kind: ForceKind = Field(description="What kind of body it is.")
    ons_code: Annotated[str, Field(pattern=r"^[A-Z][0-9]{8}$")] | None = Field(
        default=None, description="The code of the Office for National Statistics, where there is one."
    )
    part_of: Id | None = Field(default=None, description="The area it lies in.")


class Code(Stated):
    """A code of a tree: a filter on it takes its descendants along."""

    id: Id
    label: Text
    definition: Text
    parent: Id | None = Field(default=None, description="The wider code it belongs to.")


class Category(Stated):
    """A part of the subjects or cases by which a figure may be broken down."""

    dimension: Id
    id: Id
    label: Text
    definition: Text


class Codes(Stated):
    """The code trees and the breakdowns."""

    allegation: list[Code]
    stage: list[Code]
    outcome: list[Code]
    breakdown: list[Category] = []


class Reading(Stated):
    """Where a change of rules can be read up."""

    title: Text
    publisher: Text
    url: Address


class RuleChange(Stated):
    """A day from which figures of some measures no longer mean what they meant before."""

    id: Id
    day: Day = Field(alias="date", description="The first day under the new rules.")
    precision: Precision = Field(description="How finely that day is known.")
    title: Text
    note: Text
    source: Reading
    forces: list[Id] = Field(min_length=1, description="An area stands for the forces inside it.")
    kinds: list[Literal[Kind.COMPLAINT, Kind.PROCEEDING, Kind.OUTCOME]] = Field(min_length=1)
    allegations: list[Id] = Field(min_length=1, description="With what is above and below them.")
    stages: list[Id] = Field(description="With what is above and below them; none means all.")
    outcomes: list[Id] = Field(description="With what is above and below them; none means all.")

    @model_validator(mode="after")
    def _day_fits_precision(self) -> Self:
        first = {Precision.MONTH: self.day.replace(day=1), Precision.YEAR: self.day.replace(month=1, day=1)}
        if (wanted := first.get(self.precision, self.day)) != self.day:
            message = f"known to the {self.precision}, the day is the first of it: {wanted}"
            raise RuleBroken([("date", message)])
        return self


class Release(Stated):
    """A numbered version of the whole dataset, which never changes."""

    version: Annotated[str, Field(pattern=r"^([0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}|dev)$")] = Field(
        description="Semantic version; `dev` is what has not been released and may change."
    )
    published_at: AwareDatetime = Field(description="When it was released.")
    note: Text = Field(description="What is new in it.")
    digest: Digest = Field(description="SHA-256 of its canonical JSON Lines.")
    reasons: dict[Id, Text] = Field(
        default={}, description="Why each record that it changes or withdraws was changed."
    )


class Tombstone(Stated):
    """A record that was removed from every release for legal reasons; nothing of its content is left."""

    id: Id
    day: Day = Field(description="When it was removed.")
    reason: Text = Field(description="Why, in words that tell nothing of what it said.")


class Dataset(Stated):
    """The whole of one release, reference data and code trees included."""

    forces: list[Force]
    codes: Codes
    sources: list[Source]
    rule_changes: list[RuleChange] = []
    records: list[Record]

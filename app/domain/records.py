"""The records: what curators state in `seeds/`, before anything is computed from it.

Each field is declared once, here. The API's answers extend these models with fields computed from these.
"""

import calendar
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar

from pydantic import Field, model_validator

from app.domain.fields import BrokenRulesError, Curated, Day, Digest, Id, Integer, Number, Text
from app.domain.rules import FIGURE_RULES, INCIDENT_RULES, Rule, broken_rules
from app.domain.vocabulary import (
    POINTED_ROLES,
    BaseBasis,
    Basis,
    EvidencePoint,
    EvidenceRole,
    Kind,
    OutcomeStatus,
    PeriodEvent,
    Precision,
    Qualifier,
    RateUnit,
    RelationBasis,
    RelationType,
    Standing,
    Subject,
    Unit,
    ValueStatus,
    ValueType,
    YearType,
)

F = TypeVar("F")
"""A record's force: its id in the seeds, its id and name in answers."""


class Period(Curated):
    """The days a record is about, first and last included, and how they are known."""

    start: Day | None = Field(default=None, description="First day; null if the record is undated.")
    end: Day | None = Field(
        default=None, description="Last day; null if the record is undated, or the period is open-ended."
    )
    precision: Precision | None = Field(
        default=None, description="How precisely the source gives the dates; null if the record is undated."
    )
    year_type: YearType | None = Field(
        default=None, description="What kind of year is meant; null unless the precision is `year`."
    )
    basis: Basis = Field(description="Whether the source states the period.")
    event: PeriodEvent = Field(description="What happened in the period.")
    as_at: Day | None = Field(
        default=None, description="The day on which a stock or an unfinished state was counted."
    )
    as_at_precision: Precision | None = Field(
        default=None,
        description="How precisely that day is known; the last day of a month or year. Null: like the dates.",
    )
    as_at_basis: Literal[Basis.STATED, Basis.INFERRED] | None = Field(
        default=None, description="Whether the source states that day. Null: like the dates."
    )
    label: Text = Field(description="The period in words.")

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.start is None and self.end is not None:
            raise ValueError("with an end, start is required")
        if self.start is None:
            if self.basis is not Basis.NOT_STATED or self.precision is not None:
                raise ValueError("without start and end, basis must be not-stated and precision left out")
        elif self.basis is Basis.NOT_STATED or self.precision is None:
            raise ValueError("with start and end, basis must be stated or inferred and precision given")
        else:
            self._fits_precision(self.start, self.end)
        if self.start is not None and self.end is None and self.as_at is None:
            raise ValueError("without an end, as_at must say on which day the number was counted; or give the end")
        if (self.precision is Precision.YEAR) != (self.year_type is not None):
            raise ValueError("year_type is required if precision is year, and not allowed otherwise")
        return self

    def _fits_precision(self, start: date, end: date | None) -> None:
        if end is not None and end < start:
            raise ValueError(f"the end {end} is before the start {start}")
        if self.precision is Precision.DAY:
            return
        if start.day != 1 or (end is not None and not _ends_month(end)):
            raise ValueError(
                f"with precision {self.precision}, start must be the first day of a month and end the last day "
                f"of one; found {start} and {end or 'no end'}"
            )
        first_month = 4 if self.year_type is YearType.FINANCIAL else 1
        if self.precision is Precision.YEAR and (
            start.month != first_month or (end is not None and end.month != (first_month + 10) % 12 + 1)
        ):
            raise ValueError(
                f"with year_type {self.year_type}, a year must start in month {first_month}; "
                f"found {start} to {end or 'no end'}"
            )

    @model_validator(mode="after")
    def _as_at_is_consistent(self) -> Self:
        day = self.as_at
        if day is None:
            if self.as_at_precision is not None or self.as_at_basis is not None:
                raise ValueError("without as_at, as_at_precision and as_at_basis must be left out")
            return self
        is_last = {
            Precision.MONTH: _ends_month(day),
            Precision.YEAR: _ends_month(day) and day.month in {3, 12},
        }.get(self.as_at_precision or Precision.DAY, True)
        if not is_last:
            raise ValueError(
                f"with as_at_precision {self.as_at_precision}, as_at must be its last day; found {day}"
            )
        return self


def _ends_month(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


class Evidence(Curated):
    """Where a source supports a record.

    `paragraph` counts the non-empty lines of the source's file from 1. `start` and `end` are code-point offsets in
    that paragraph; `end` is the first code point after the passage. `sha256` is the digest of the passage's UTF-8
    bytes. All four are null only if the curators did not hold the text.
    """

    source: Id = Field(description="The source's id.")
    role: EvidenceRole = Field(description="How the passage bears on the record.")
    origin: Id | None = Field(
        default=None,
        description="The source that counted it, if its own source goes back to another; otherwise null.",
    )
    on: EvidencePoint | None = Field(
        default=None,
        description="The point that it corroborates or disputes; null if that is the whole record.",
    )
    as_printed: Text | None = Field(
        default=None, description="The number as the source prints it; null if none is printed."
    )
    qualifier_printed: Qualifier | None = Field(
        default=None,
        description=(
            "How this passage qualifies the number, if it rounds what the record states: a headline's 3,000 for "
            "2,987; `exact` beside a record that is `about`, if it prints a rounded number as if it were exact; "
            "null otherwise."
        ),
    )
    paragraph: Integer | None = Field(default=None, ge=1, description="Non-empty line of the file, from 1.")
    start: Integer | None = Field(default=None, ge=0, description="First code point in the paragraph, from 0.")
    end: Integer | None = Field(default=None, ge=1, description="The code point after the last one.")
    sha256: Digest | None = Field(default=None, description="SHA-256 of the passage's UTF-8 bytes.")
    note: Text | None = Field(default=None, description="What a reader of the passage needs to know.")

    @property
    def located(self) -> bool:
        """Whether the evidence points to a passage in a held text."""
        return self.paragraph is not None

    @model_validator(mode="after")
    def _locator_is_complete(self) -> Self:
        locator = (self.paragraph, self.start, self.end, self.sha256)
        if None in locator and any(part is not None for part in locator):
            raise ValueError("paragraph, start, end and sha256 must be given together or not at all")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"end must be greater than start; found end {self.end}, start {self.start}")
        return self

    @model_validator(mode="after")
    def _only_others_are_about_a_point(self) -> Self:
        if self.on is not None and self.role not in POINTED_ROLES:
            message = (
                f"only evidence that corroborates or disputes may name a point; found {self.role} on {self.on}"
            )
            raise BrokenRulesError([("on", message)])
        if self.qualifier_printed is not None and (
            (self.role is EvidenceRole.STATES and self.qualifier_printed is not Qualifier.EXACT)
            or self.as_printed is None
            or self.qualifier_printed is Qualifier.BETWEEN
        ):
            message = (
                "only evidence that repeats, corroborates or disputes a single number may have a qualifier of its "
                f"own; found {self.role} with {self.qualifier_printed}"
            )
            raise BrokenRulesError([("qualifier_printed", message)])
        return self


class Related(Curated):
    """Another record, and how this one relates to it."""

    type: RelationType = Field(description="How this record relates to the other.")
    id: Id = Field(description="The other record's id.")
    basis: RelationBasis = Field(
        default=RelationBasis.SETTLED, description="Whether it holds, or for `part-of` may hold."
    )
    note: Text | None = Field(default=None, description="What the relation is based on.")

    @model_validator(mode="after")
    def _only_parts_are_possible(self) -> Self:
        if self.basis is RelationBasis.POSSIBLE and self.type is not RelationType.PART_OF:
            raise BrokenRulesError([("basis", f"only part-of may be possible; found {self.type}")])
        return self


class Base(Curated):
    """The denominator: the figure that another figure is a share of, and how that is known."""

    id: Id | None = Field(default=None, description="The denominator's id; null if it is ambiguous.")
    basis: BaseBasis = Field(description="How the denominator is known.")
    part: Annotated[bool, Field(strict=True)] = Field(
        description="Whether the figure counts some of what the denominator counts, or only results from it."
    )
    candidates: list[Id] = Field(
        min_length=1, description="Every possible denominator, even if one of them is settled."
    )

    @model_validator(mode="after")
    def _is_settled_or_ambiguous(self) -> Self:
        if (self.id is None) != (self.basis is BaseBasis.AMBIGUOUS):
            found = f"found id {self.id or 'nothing'}, basis {self.basis}"
            raise ValueError(f"id must be left out if basis is ambiguous, and is required otherwise; {found}")
        if self.id is not None and self.id not in self.candidates:
            raise ValueError(f"the base {self.id} must be one of its candidates: {', '.join(self.candidates)}")
        if len(set(self.candidates)) != len(self.candidates):
            raise ValueError(f"each candidate must be named once; found {', '.join(self.candidates)}")
        return self


class Coverage(Curated):
    """How many forces a figure for several forces is based on."""

    forces_asked: Annotated[Integer, Field(ge=1)] | None = Field(
        default=None, description="How many were asked; null if the source doesn't say."
    )
    forces_included: Integer = Field(ge=0, description="How many are included in the figure.")

    @model_validator(mode="after")
    def _included_were_asked(self) -> Self:
        if self.forces_asked is not None and self.forces_included > self.forces_asked:
            raise ValueError(
                "forces_included must not exceed forces_asked; "
                f"found {self.forces_included} included, {self.forces_asked} asked"
            )
        return self


class RecordOf(Curated, Generic[F]):
    """What figures and incidents have in common."""

    rules: ClassVar[Sequence[Rule]]

    id: Id = Field(description="Stable id, never reused.")
    kind: Kind = Field(description="What the record states.")
    statement: Text = Field(description="What the source says, in one sentence of ours.")
    force: F = Field(description="The force or area it is about.")
    period: Period
    allegation: Id = Field(description="What was alleged: a code of the allegation tree.")

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Self:
        if broken := list(broken_rules(self.rules, vars(self))):
            raise BrokenRulesError(broken)
        return self


class FigureOf(RecordOf[F], Generic[F]):
    """A number, or an explicit "not known", that a source states about a force or area in a period."""

    rules: ClassVar[Sequence[Rule]] = FIGURE_RULES

    kind: Literal[Kind.COMPLAINT, Kind.PROCEEDING, Kind.OUTCOME] = Field(
        description="Complaints, steps taken, or outcomes."
    )
    stage: Id | None = Field(default=None, description="Proceedings only: a code of the stage tree.")
    outcome: Id | None = Field(default=None, description="Outcomes only: a code of the outcome tree.")
    value: Number | None = Field(default=None, description="The number; null unless `value_status` is `stated`.")
    value_to: Number | None = Field(
        default=None, description="The upper number of a range; null unless `qualifier` is `between`."
    )
    value_type: ValueType = Field(default=ValueType.COUNT, description="What kind of number it is.")
    per: Annotated[Integer, Field(ge=1)] | None = Field(default=None, description="For a rate: per how many.")
    per_unit: RateUnit | None = Field(
        default=None, description="For a rate: per how many of what; null if the source doesn't say."
    )
    per_subjects: list[Subject] = Field(
        default=[], description="For a rate per person: in which roles they serve; empty if not stated."
    )
    value_status: ValueStatus = Field(description="Whether the source gives the number.")
    qualifier: Qualifier = Field(default=Qualifier.EXACT, description="How to read the number.")
    unit: Unit = Field(description="What is counted.")
    unit_disputed: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="Whether its own source also counts the same in another unit."
    )
    subjects: list[Subject] = Field(default=[], description="Whose conduct it is about; empty if not stated.")
    breakdown: dict[Id, Id] = Field(
        default={},
        description="Which part of the subjects or cases the figure is about, as dimension and category.",
    )
    base: Base | None = Field(default=None, description="The denominator: the figure that this one is a share of.")
    related: list[Related] = Field(default=[], description="Related records.")
    coverage: Coverage | None = Field(default=None, description="How many forces it is based on, if stated.")
    evidence: list[Evidence] = Field(min_length=1, description="Which passages support it.")
    notes: list[Text] = Field(default=[], description="What a careful reader needs to know.")


class IncidentOf(RecordOf[F], Generic[F]):
    """One event that a source reports, with its outcome if the source gives one."""

    rules: ClassVar[Sequence[Rule]] = INCIDENT_RULES

    kind: Literal[Kind.INCIDENT] = Field(default=Kind.INCIDENT, description="Always `incident`.")
    standing: Standing = Field(description="How the source describes the misconduct.")
    outcome: Id | None = Field(default=None, description="Its outcome: a code of the outcome tree.")
    outcome_status: OutcomeStatus = Field(description="Whether the source gives the outcome.")
    related: list[Related] = Field(default=[], description="Related records.")
    evidence: list[Evidence] = Field(min_length=1, description="Which passages support it.")
    notes: list[Text] = Field(default=[], description="What a careful reader needs to know.")


def stating_evidence(record: FigureOf[Any] | IncidentOf[Any]) -> Evidence:
    """Return the passage that states a record; a checked record has exactly one."""
    return next(evidence for evidence in record.evidence if evidence.role is EvidenceRole.STATES)


def are_exact_counts(*figures: FigureOf[Any]) -> bool:
    """Whether all figures are exact counts, so that one can be divided by another."""
    return all(one.value_type is ValueType.COUNT and one.qualifier is Qualifier.EXACT for one in figures)


class Figure(FigureOf[Id]):
    """A figure in the seeds; the force is given by its id."""


class Incident(IncidentOf[Id]):
    """An incident in the seeds; the force is given by its id."""


Record = Annotated[Figure | Incident, Field(discriminator="kind")]

"""What a release contains as well as its records: sources, forces, codes and changes of rules."""

import re
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from app.domain.fields import (
    BrokenRulesError,
    Curated,
    Day,
    Digest,
    FileName,
    Id,
    Integer,
    Number,
    OnsCode,
    PartialDate,
    Text,
    Url,
    Version,
)
from app.domain.records import Record
from app.domain.vocabulary import Basis, ForceKind, Kind, Precision, SourceKind, WorkerType

Aliases = Annotated[list[Text], Field(max_length=20)]
ALIASES = "What else people call it. A filter refuses these words and suggests the id; a search finds them."


def plain_name(name: str) -> str:
    """Return a name normalised for comparison: lower case, words separated by single spaces."""
    return " ".join(re.findall(r"\w+", name.casefold().replace("&", " and ")))


class Published(Curated):
    """When a source was published, as precisely as it is known."""

    date: PartialDate | None = Field(
        default=None, description="`2021-03-22`, `2021-10` or `2021`; null if it is not known."
    )
    precision: Precision | None = Field(default=None, description="How precisely the date is known.")
    basis: Basis = Field(description="Whether the source states the date.")

    @model_validator(mode="after")
    def _date_fits_precision(self) -> Self:
        if (self.date is None) != (self.precision is None) or (self.date is None) != (
            self.basis is Basis.NOT_STATED
        ):
            raise ValueError(
                "with a date, precision is required and basis must be stated or inferred; "
                "without one, precision must be left out and basis be not-stated"
            )
        formats = {Precision.DAY: "%Y-%m-%d", Precision.MONTH: "%Y-%m", Precision.YEAR: "%Y"}
        if self.date is not None and self.precision is not None:
            try:
                datetime.strptime(self.date, formats[self.precision])  # noqa: DTZ007 - a day has no time zone
            except ValueError as error:
                example = {Precision.DAY: "2021-10-25", Precision.MONTH: "2021-10", Precision.YEAR: "2021"}
                raise ValueError(
                    f"with precision {self.precision}, date must be one such as {example[self.precision]}; "
                    f"found {self.date!r}"
                ) from error
        return self


class Source(Curated):
    """A text that records are read from, or that such a text goes back to."""

    id: Id = Field(description="Stable id, never reused.")
    title: Text = Field(description="Its headline or title.")
    publisher: Text = Field(description="Who published it.")
    published: Published
    url: Url | None = Field(default=None, description="Where it can be read; null if it is not online.")
    kind: SourceKind = Field(description="What kind of text it is.")
    origin: Id | None = Field(
        default=None, description="The source that it goes back to; null if it is an origin itself."
    )
    file: FileName | None = Field(default=None, description="File name of the held text; null if it is not held.")
    sha256: Digest | None = Field(default=None, description="SHA-256 of the held text's bytes.")
    notes: list[Text] = Field(default=[], description="What a careful reader needs to know about all its records.")

    @model_validator(mode="after")
    def _is_held_or_not(self) -> Self:
        if (self.file is None) != (self.sha256 is None):
            raise ValueError("file and sha256 must be given together or not at all")
        return self


class Force(Curated):
    """A police force, or an area that contains several."""

    id: Id = Field(description="Stable id, never reused.")
    name: Text = Field(description="Its name.")
    kind: ForceKind = Field(description="What kind of body it is.")
    ons_code: OnsCode | None = Field(
        default=None, description="Its code at the Office for National Statistics, if it has one."
    )
    part_of: Id | None = Field(default=None, description="The area that contains it.")
    aliases: Aliases = Field(default=[], description=ALIASES)

    @property
    def names(self) -> set[str]:
        """All its names, normalised for comparison."""
        return {plain_name(name) for name in (self.id, self.name, *self.aliases)}


class Code(Curated):
    """A code of a tree. A filter on a code includes the codes below it."""

    id: Id
    label: Text
    definition: Text
    parent: Id | None = Field(default=None, description="The broader code above it.")
    parents: list[Id] = Field(
        default=[],
        description="For a union of codes, such as dismissed or convicted: the codes that it unites.",
    )
    aliases: Aliases = Field(default=[], description=ALIASES)

    @model_validator(mode="after")
    def _unites_several(self) -> Self:
        if self.parents and (
            self.parent is not None or len(set(self.parents)) != len(self.parents) or len(self.parents) == 1
        ):
            message = "a union has parents, at least two and each once, and no parent of its own"
            raise BrokenRulesError([("parents", f"{message}; found {', '.join(self.parents)}")])
        return self

    @property
    def names(self) -> set[str]:
        """All its names, normalised for comparison."""
        return {plain_name(name) for name in (self.id, self.label, *self.aliases)}


class Category(Curated):
    """A part of the subjects or cases that a figure may be about."""

    dimension: Id
    id: Id
    label: Text
    definition: Text


class Codes(Curated):
    """The code trees and the breakdowns."""

    allegation: list[Code]
    stage: list[Code]
    outcome: list[Code]
    breakdown: list[Category] = Field(default=[])


class Publication(Curated):
    """Where a change of rules is published."""

    title: Text
    publisher: Text
    url: Url


class RuleChange(Curated):
    """A day after which figures of some measures no longer mean what they meant before."""

    id: Id
    day: Day = Field(alias="date", description="The first day under the new rules.")
    precision: Precision = Field(description="How precisely that day is known.")
    title: Text
    note: Text
    source: Publication
    forces: list[Id] = Field(min_length=1, description="Which forces; an area stands for the forces inside it.")
    kinds: list[Literal[Kind.COMPLAINT, Kind.PROCEEDING, Kind.OUTCOME]] = Field(min_length=1)
    allegations: list[Id] = Field(
        min_length=1, description="Which allegations, with the codes above and below them."
    )
    stages: list[Id] = Field(description="Which stages, with the codes above and below them; none means all.")
    outcomes: list[Id] = Field(description="Which outcomes, with the codes above and below them; none means all.")
    stages_untouched: list[Id] = Field(
        default=[], description="Which stages it leaves as they were, with the codes below them."
    )
    outcomes_untouched: list[Id] = Field(
        default=[], description="Which outcomes it leaves as they were, with the codes below them."
    )

    @model_validator(mode="after")
    def _day_fits_precision(self) -> Self:
        first_day = {
            Precision.MONTH: self.day.replace(day=1),
            Precision.YEAR: self.day.replace(month=1, day=1),
        }.get(self.precision, self.day)
        if first_day != self.day:
            message = f"with precision {self.precision}, date must be the first day, {first_day}; found {self.day}"
            raise BrokenRulesError([("date", message)])
        return self


class Release(Curated):
    """A numbered version of the whole dataset that never changes."""

    version: Version = Field(
        description="Semantic version; `dev` is what has not been released yet and may change."
    )
    published_at: AwareDatetime = Field(description="When it was released.")
    note: Text = Field(description="What is new in it.")
    digest: Digest = Field(description="SHA-256 of its canonical JSON Lines.")
    reasons: dict[Id, Text] = Field(
        default={}, description="For each record that it corrects or withdraws, the reason."
    )


class Tombstone(Curated):
    """A record that was removed from every release for legal reasons; none of its content remains."""

    id: Id
    day: Day = Field(description="When it was removed.")
    reason: Text = Field(description="Why, without repeating anything it said.")


class Workforce(Curated):
    """How many people a force had on a day, by worker type."""

    force: Id
    as_at: Day
    source: Id
    headcount: dict[WorkerType, Annotated[Integer, Field(ge=0)]] = Field(min_length=1)
    fte: dict[WorkerType, Annotated[Number, Field(ge=0)]] = Field(
        default={}, description="Full-time equivalents, where they are known."
    )

    @property
    def id(self) -> str:
        """The force and the day."""
        return f"{self.force}-{self.as_at}"


class Dataset(Curated):
    """Everything in one release: records and reference data."""

    forces: list[Force]
    codes: Codes
    sources: list[Source]
    rule_changes: list[RuleChange] = Field(default=[])
    workforces: list[Workforce] = Field(default=[])
    records: list[Record]

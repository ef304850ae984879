"""Answers other than records: lists, comparisons, totals, coverage, releases."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from app.analysis.compare import Verdict
from app.analysis.comparison_rules import Aspect, Effect
from app.analysis.rates import Refusal
from app.analysis.warnings import WarningCode
from app.domain.fields import Id
from app.domain.vocabulary import (
    Caution,
    Kind,
    Qualifier,
    ShareBasis,
    Subject,
    Unit,
    ValueStatus,
    ValueType,
    WorkerType,
)
from app.formats.resources import CodeAnswer, ForceAnswer, HeadcountAnswer, SourceAnswer
from app.releases.rendering import Answer, FigureAnswer, IncidentAnswer


class ListLinks(Answer):
    """Where to go from a list; relative addresses."""

    self: str = Field(description="This answer.")
    next: str | None = Field(description="The next page; null on the last one.")
    csv: str | None = Field(description="The whole filtered set as CSV; null where there is none.")


class WarningAnswer(Answer):
    """What a careful reader must know about a list before quoting it."""

    model_config = ConfigDict(title="Warning")

    code: WarningCode = Field(description="The kind of warning.")
    message: str = Field(description="An explanation in one sentence.")
    ids: list[Id] = Field(description="The records concerned, at most 20.")
    more: int = Field(description="How many more records are concerned.")


class ListMeta(Answer):
    """How much a list holds, from which release, and how its query was understood."""

    total: int = Field(description="How many records match.")
    count: int = Field(description="How many of them are in this answer.")
    release: str = Field(description="The release that the answer comes from.")
    undated_excluded: int = Field(description="How many undated records the period leaves out.")
    query: dict[str, str | int | bool | list[str]] = Field(description="The query as understood.")


class ListAnswer(Answer):
    """What every list has. Each kind of list says what its data are."""

    data: list[Any]
    meta: ListMeta
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know about them.")
    links: ListLinks


class ListOfFigures(ListAnswer):
    """A page of figures."""

    data: list[FigureAnswer] = Field(description="The figures on this page.")
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know about them as a set.")


class ListOfIncidents(ListAnswer):
    """A page of incidents."""

    data: list[IncidentAnswer] = Field(description="The incidents on this page.")
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know about them as a set.")


class ListOfRows(ListAnswer):
    """A page of records with the columns that `fields` names."""

    data: list[dict[str, Any]] = Field(description="The records on this page, as flat objects with these columns.")
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know about them as a set.")


class ListOfForces(ListAnswer):
    """Every force and area."""

    data: list[ForceAnswer] = Field(description="The forces, in order of id.")
    warnings: list[WarningAnswer] = Field(description="Always empty here.")


class ListOfHeadcounts(ListAnswer):
    """The headcounts of a force."""

    data: list[HeadcountAnswer] = Field(description="The headcounts, latest first.")
    warnings: list[WarningAnswer] = Field(description="Says so if there are none.")


class ListOfSources(ListAnswer):
    """Every source."""

    data: list[SourceAnswer] = Field(description="The sources, in order of id.")
    warnings: list[WarningAnswer] = Field(description="Always empty here.")


class CodesAnswer(Answer):
    """Every word that a record may use: code trees first, then breakdowns and closed lists."""

    model_config = ConfigDict(title="Codes", extra="allow")
    __pydantic_extra__: dict[str, list[CodeAnswer]]

    release: str = Field(description="The release that the answer comes from.")
    allegation: list[CodeAnswer] = Field(description="The tree of allegations.")
    stage: list[CodeAnswer] = Field(description="The tree of stages.")
    outcome: list[CodeAnswer] = Field(description="The tree of outcomes.")
    breakdown: list[CodeAnswer] = Field(description="The categories by which figures are broken down.")


class IndexEntry(Answer):
    """An endpoint of this API."""

    path: str = Field(description="Its path.")
    description: str = Field(description="What it answers, in one line.")


class IndexAnswer(Answer):
    """Every endpoint of this API."""

    model_config = ConfigDict(title="Index")

    name: str = Field(description="The name of the dataset.")
    description: str = Field(description="What the dataset is, in a sentence.")
    release: str = Field(description="The release that the answer comes from.")
    data: list[IndexEntry] = Field(description="Every endpoint.")


class Days(Answer):
    """The first and the last day of something; null if nothing is dated."""

    start: date | None = Field(description="The first day.")
    end: date | None = Field(description="The last day.")


class DatasetAnswer(Answer):
    """What the dataset is and how to cite it."""

    model_config = ConfigDict(title="Dataset")

    name: str = Field(description="The name of the dataset.")
    description: str = Field(description="What it is, in a sentence.")
    release: str = Field(description="The release that the answer comes from.")
    published_at: datetime = Field(description="When that release was published.")
    digest: str = Field(description="SHA-256 of the release's canonical JSON Lines.")
    note: str = Field(description="What is new in that release.")
    counts: dict[str, int] = Field(description="How many records there are of each kind.")
    period: Days = Field(description="From the first day that any record covers to the last.")
    licence: str = Field(description="Address of the licence.")
    citation: str = Field(description="A ready-made citation of the dataset.")
    report_errors: str = Field(description="How to report an error.")
    links: dict[str, str] = Field(description="The dataset in every format, by name; relative addresses.")


class TreeNode(Answer):
    """A figure below another in a tree, with the figures below it."""

    figure: FigureAnswer = Field(description="The figure.")
    ambiguous: bool = Field(
        description="Whether it is unclear if this is part of the figure above; it appears under every candidate."
    )
    children: list["TreeNode"] = Field(description="What is stated to be a share or a part of it.")


class TreeAnswer(Answer):
    """A figure with those that it is a share of, and everything stated to be a share or a part of it."""

    model_config = ConfigDict(title="Tree")

    ancestors: list[FigureAnswer] = Field(description="The figures that it is a share of, root first.")
    figure: FigureAnswer = Field(description="The figure itself.")
    children: list[TreeNode] = Field(description="Everything stated to be a share or a part of it.")
    truncated: bool = Field(description="Whether some were left out because there are too many.")
    release: str = Field(description="The release that the answer comes from.")


class ReasonAnswer(Answer):
    """Why two figures cannot be compared, or only with care."""

    model_config = ConfigDict(title="Reason")

    aspect: Aspect = Field(description="What the two differ in.")
    effect: Effect = Field(
        description="`blocks`: don't compare; `withholds`: no difference or ratio is given; `cautions`: take care."
    )
    a: Any = Field(description="What the first figure says there.")
    b: Any = Field(description="What the second figure says there.")
    message: str = Field(description="An explanation in one sentence.")


class ComparisonAnswer(Answer):
    """Whether two figures can be compared."""

    model_config = ConfigDict(title="Comparison")

    a: FigureAnswer = Field(description="The first figure.")
    b: FigureAnswer = Field(description="The second figure.")
    verdict: Verdict = Field(description="Whether the two can be compared.")
    reasons: list[ReasonAnswer] = Field(
        description="Every reason, strongest effect first; empty if the figures are comparable."
    )
    difference: float | None = Field(description="b - a; null if a reason blocks or withholds it.")
    ratio: float | None = Field(
        description="b / a, to four decimals; null if a reason blocks or withholds it, or a is 0."
    )
    release: str = Field(description="The release that the answer comes from.")


class TotalAnswer(Answer):
    """A sum of figures that can be added."""

    model_config = ConfigDict(title="Total")

    value: float | None = Field(description="The sum; null if nothing with a number was selected.")
    lower_bound: bool = Field(
        description="Whether the true sum may be higher, as some values are unknown or a minimum."
    )
    figures: list[Id] = Field(description="The figures that were added.")
    unit: Unit | None = Field(description="What they count; null if none was selected.")
    subjects: list[Subject] = Field(description="Whose conduct they are about, all groups together.")
    forces: list[Id] = Field(description="The forces and areas that they are about.")
    period: Days = Field(
        description="The first and the last day that they cover; null if one of them has no such day."
    )
    notes: list[str] = Field(description="The curators' notes that all of them have.")
    release: str = Field(description="The release that the answer comes from.")
    warnings: list[WarningAnswer] = Field(
        description="What a careful reader must know about the sum: what it leaves out and whose conduct it is."
    )


class MeasureAnswer(Answer):
    """What was counted."""

    model_config = ConfigDict(title="Measure")

    kind: Kind = Field(description="The kind of figure.")
    allegation: Id = Field(description="A code of the allegation tree.")
    stage: Id | None = Field(description="Proceedings only: a code of the stage tree.")
    outcome: Id | None = Field(description="Outcomes only: a code of the outcome tree.")
    unit: Unit = Field(description="What is counted.")
    value_type: ValueType = Field(description="What the number is.")
    breakdown: dict[Id, Id] = Field(description="Which part of the subjects or cases is counted, by dimension.")


class PointAnswer(Answer):
    """A figure on a line."""

    model_config = ConfigDict(title="Point")

    id: Id = Field(description="The figure.")
    start: date = Field(description="First day of its period.")
    end: date = Field(description="Last day of its period.")
    value: float | None = Field(description="The number; null is a gap, never zero.")
    value_to: float | None = Field(description="The upper end, if the number is a range.")
    qualifier: Qualifier = Field(description="How to read the number.")
    value_status: ValueStatus = Field(description="Whether the source gives the number.")
    share: float | None = Field(description="Its share of its denominator, if that is known.")
    share_basis: ShareBasis | None = Field(description="Whether both count in the same unit; null without a share.")


class BreakAnswer(Answer):
    """Two neighbours on a line that a chart mustn't join."""

    model_config = ConfigDict(title="Break")

    after: Id = Field(description="The earlier figure.")
    before: Id = Field(description="The later figure.")
    reasons: list[ReasonAnswer] = Field(description="Why they aren't comparable, or only with care.")


class SeriesAnswer(Answer):
    """Figures that count the same thing about one force, from the earliest; no two periods overlap."""

    model_config = ConfigDict(title="Series")

    key: str = Field(description="What is counted, as an identifier that is the same in every release.")
    label: str = Field(description="What is counted, in words.")
    measure: MeasureAnswer
    force: Id = Field(description="The force or area.")
    unit: Unit = Field(description="What is counted.")
    subjects: list[Subject] = Field(description="Whose conduct it is about; empty if not stated.")
    points: list[PointAnswer] = Field(description="The figures in chronological order.")
    breaks: list[BreakAnswer] = Field(description="Neighbouring figures that a chart must not join.")


class ListOfSeries(ListAnswer):
    """The series of the selected figures."""

    data: list[SeriesAnswer] = Field(description="The series, in order of `key`.")


class DenominatorAnswer(Answer):
    """The mean headcount over a figure's period."""

    model_config = ConfigDict(title="Denominator")

    value: float = Field(description="The mean headcount.")
    as_at: list[date] = Field(description="The days of the headcounts that it is the mean of.")
    worker_types: list[WorkerType] = Field(description="The parts of the workforce that are included.")
    source: Id = Field(description="The source of the headcounts.")


class IntervalAnswer(Answer):
    """The range that the rate may be in, because the count varies by chance."""

    model_config = ConfigDict(title="Interval")

    low: float = Field(description="The lower end.")
    high: float = Field(description="The upper end.")
    level: int = Field(description="The confidence level, in per cent.")
    method: str = Field(description="How it was calculated.")


class RateFields(Answer):
    """A rate."""

    numerator: int = Field(description="The figure's value.")
    denominator: DenominatorAnswer
    per: int = Field(description="Per how many people.")
    rate: float = Field(description="The rate, to six decimals.")
    per_year: bool = Field(description="Whether it is a rate per year, because the period is longer than a year.")
    years: float = Field(
        description="How many years the mean headcount is multiplied by; 1 for a period of up to a year."
    )
    interval: IntervalAnswer
    cases: int | None = Field(
        description="The most cases that the people can be from, if the same source counts cases; otherwise null."
    )
    cautions: list[Caution] = Field(description="What a careful reader must know about the figure.")


class RateAnswer(RateFields):
    """A figure per 1,000 of the workforce that its subjects belong to."""

    model_config = ConfigDict(title="Rate")

    figure: FigureAnswer = Field(description="The figure.")


class RefusedAnswer(Answer):
    """A figure without a rate."""

    model_config = ConfigDict(title="RefusedRate")

    id: Id = Field(description="The figure.")
    code: Refusal = Field(description="Why it has no rate.")
    message: str = Field(description="An explanation in one sentence.")


class ListOfRates(Answer):
    """The rates of the selected figures."""

    data: list[RateAnswer] = Field(description="The rates of the figures on this page.")
    refused: list[RefusedAnswer] = Field(description="Figures on this page without a rate, and why.")
    meta: ListMeta
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know about them.")
    links: ListLinks


class LimitsAnswer(Answer):
    """The range that a force of this size is in by chance alone."""

    model_config = ConfigDict(title="Limits")

    low: float = Field(description="The lower limit.")
    high: float = Field(description="The upper limit.")


class PositionAnswer(Answer):
    """Where a rate is relative to its limits."""

    model_config = ConfigDict(title="Position")

    limits_95: Literal["within", "above", "below"] = Field(
        description="Where the rate is relative to the 95% limits."
    )
    limits_998: Literal["within", "above", "below"] = Field(
        description="Where the rate is relative to the 99.8% limits."
    )


class ComparedForceAnswer(Answer):
    """A force in a comparison of rates."""

    model_config = ConfigDict(title="ComparedForce")

    force: Id = Field(description="The force.")
    name: str = Field(description="Its name.")
    figure: Id = Field(description="The figure.")
    numerator: int = Field(description="The figure's value.")
    person_years: float = Field(description="The mean headcount multiplied by the years of the period.")
    rate: float = Field(description="The rate.")
    interval: IntervalAnswer
    limits_95: LimitsAnswer
    limits_998: LimitsAnswer
    cases: int | None = Field(description="The most cases that the people can be from, as on `/v1/rates`.")
    position: PositionAnswer
    position_by_case: PositionAnswer | None = Field(
        description="Its position if cases were counted instead of people; null unless every force has case counts."
    )


class RateComparisonAnswer(Answer):
    """One measure over several forces, and which of them differ by more than chance would explain."""

    model_config = ConfigDict(title="RateComparison")

    label: str | None = Field(description="What is counted, in words; null if nothing selected has a rate.")
    period: Days
    subjects: list[Subject] = Field(description="Whose conduct it is about.")
    per: int = Field(description="Per how many people.")
    per_year: bool = Field(description="Whether the rates are per year.")
    expected: float | None = Field(description="The rate of all the forces together; null if there are none.")
    method: str = Field(description="How the limits were calculated.")
    forces: list[ComparedForceAnswer] = Field(description="The forces, in order of id; they are not ranked.")
    refused: list[RefusedAnswer] = Field(description="Selected figures without a rate, and why.")
    summary: str = Field(description="What it shows, in sentences that you can quote.")
    notes: list[str] = Field(description="The curators' notes that all of the compared figures have.")
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know about the selected figures.")
    release: str = Field(description="The release that the answer comes from.")


class CellAnswer(Answer):
    """What is known about a measure for a force."""

    model_config = ConfigDict(title="Cell")

    force: Id = Field(description="The force or area.")
    measure: MeasureAnswer
    state: Literal["stated", "not-disclosed", "withheld", "not-counted", "no-record"] = Field(
        description="What is known; `no-record` says nothing about what happened."
    )
    ids: list[Id] = Field(description="The figures; empty if there is no record.")


class CoverageAnswer(ListAnswer):
    """What is known for each force and measure, and what isn't."""

    model_config = ConfigDict(title="ListOfCells")

    data: list[CellAnswer] = Field(description="A cell for each force and measure.")
    meta: ListMeta = Field(description="`total` is how many figures the cells cover, each counted once.")


class ReleaseAnswer(Answer):
    """A version of the whole dataset."""

    model_config = ConfigDict(title="Release")

    version: str = Field(description="Semantic version; `dev` is what has not been released and may change.")
    published_at: datetime = Field(description="When it was published.")
    note: str = Field(description="What is new in it.")
    digest: str = Field(description="SHA-256 of its canonical JSON Lines.")
    current: bool = Field(description="Whether it is the current release, which answers unless another is named.")
    links: dict[str, str] = Field(description="The release in every format, by name; relative addresses.")


class ListOfReleases(ListAnswer):
    """Every release, newest first."""

    data: list[ReleaseAnswer] = Field(description="The releases, newest first.")
    warnings: list[WarningAnswer] = Field(description="Always empty here.")


class ChangeAnswer(Answer):
    """What happened to a field, or to something as a whole, since the release before."""

    model_config = ConfigDict(title="Change")

    thing: Literal[
        "force", "allegation", "stage", "outcome", "breakdown", "source", "rule_change", "workforce", "record"
    ] = Field(description="What kind of thing changed.")
    id: str = Field(description="Its id.")
    type: Literal["added", "changed", "withdrawn"] = Field(description="What happened to it.")
    field: str | None = Field(description="The field that changed; null if the whole thing was added or removed.")
    old: Any = Field(description="The old value; null if it is new.")
    new: Any = Field(description="The new value; null if it is gone.")
    reason: str | None = Field(description="Why a record was corrected or withdrawn.")


class ListOfChanges(ListAnswer):
    """What a release changed from the one before."""

    data: list[ChangeAnswer] = Field(description="The changes, in order of kind and id.")
    warnings: list[WarningAnswer] = Field(description="Always empty here.")

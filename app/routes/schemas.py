"""What clients receive besides records: lists, comparisons, totals, coverage, releases."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from app.analysis.compare import Verdict
from app.analysis.comparison_rules import Aspect, Effect
from app.analysis.rates import Refusal
from app.analysis.warnings import WarningCode
from app.domain.fields import Id
from app.domain.vocabulary import Caution, Kind, Subject, Unit, ValueStatus, ValueType, WorkerType
from app.formats.resources import CodeAnswer, ForceAnswer, HeadcountAnswer, SourceAnswer
from app.releases.rendering import Answer, FigureAnswer, IncidentAnswer


class ListLinks(Answer):
    """Where to go from a list; relative addresses."""

    self: str = Field(description="This answer.")
    next: str | None = Field(description="The next page; null on the last one.")
    csv: str | None = Field(description="The whole filtered set as CSV; null where there is none.")


class WarningAnswer(Answer):
    """What a careful reader must know of a list before quoting it."""

    model_config = ConfigDict(title="Warning")

    code: WarningCode = Field(description="What it is about.")
    message: str = Field(description="The same in a sentence.")
    ids: list[Id] = Field(description="The records concerned, at most 20.")
    more: int = Field(description="How many more records are concerned.")


class ListMeta(Answer):
    """What a list is a part of, and how the request was understood."""

    total: int = Field(description="How many records the filters select.")
    count: int = Field(description="How many of them are in this answer.")
    release: str = Field(description="The release that answered.")
    undated_excluded: int = Field(description="How many the period left out because they have no date.")
    query: dict[str, str | int | bool | list[str]] = Field(description="The query as understood.")


class ListAnswer(Answer):
    """What every list has. Each kind of list says what its data are."""

    data: list[Any]
    meta: ListMeta
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know of them.")
    links: ListLinks


class ListOfFigures(ListAnswer):
    """A page of figures."""

    data: list[FigureAnswer] = Field(description="The figures of this page.")
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know of them together.")


class ListOfIncidents(ListAnswer):
    """A page of incidents."""

    data: list[IncidentAnswer] = Field(description="The incidents of this page.")
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know of them together.")


class ListOfRows(ListAnswer):
    """A page of records with the columns that `fields` names."""

    data: list[dict[str, Any]] = Field(description="The records of this page, each a flat object in that order.")
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know of them together.")


class ListOfForces(ListAnswer):
    """Every force and area."""

    data: list[ForceAnswer] = Field(description="The forces, by their ids.")
    warnings: list[WarningAnswer] = Field(description="Always empty here.")


class ListOfHeadcounts(ListAnswer):
    """The headcounts of a force."""

    data: list[HeadcountAnswer] = Field(description="The headcounts, latest first.")
    warnings: list[WarningAnswer] = Field(description="Whether there are none.")


class ListOfSources(ListAnswer):
    """Every source."""

    data: list[SourceAnswer] = Field(description="The sources, by their ids.")
    warnings: list[WarningAnswer] = Field(description="Always empty here.")


class CodesAnswer(Answer):
    """Every word that a record may use: code trees first, then breakdowns and closed lists."""

    model_config = ConfigDict(title="Codes", extra="allow")
    __pydantic_extra__: dict[str, list[CodeAnswer]]

    release: str = Field(description="The release that answered.")
    allegation: list[CodeAnswer] = Field(description="The tree of allegations.")
    stage: list[CodeAnswer] = Field(description="The tree of stages.")
    outcome: list[CodeAnswer] = Field(description="The tree of outcomes.")
    breakdown: list[CodeAnswer] = Field(description="The categories by which figures are broken down.")


class IndexEntry(Answer):
    """An address of this API."""

    path: str = Field(description="The address.")
    description: str = Field(description="What it answers, in a line.")


class IndexAnswer(Answer):
    """Every address of this API."""

    model_config = ConfigDict(title="Index")

    name: str = Field(description="The name of the dataset.")
    description: str = Field(description="What the dataset is, in a sentence.")
    release: str = Field(description="The release that answered.")
    data: list[IndexEntry] = Field(description="Every address.")


class Days(Answer):
    """The first and the last day of something; null where nothing is dated."""

    start: date | None = Field(description="The first day.")
    end: date | None = Field(description="The last day.")


class DatasetAnswer(Answer):
    """What the dataset is and how to cite it."""

    model_config = ConfigDict(title="Dataset")

    name: str = Field(description="The name of the dataset.")
    description: str = Field(description="What it is, in a sentence.")
    release: str = Field(description="The release that answered.")
    published_at: datetime = Field(description="When that release was made.")
    digest: str = Field(description="SHA-256 of the release's canonical JSON Lines.")
    note: str = Field(description="What is new in that release.")
    counts: dict[str, int] = Field(description="How many records of each kind.")
    period: Days = Field(description="From the first day of any record to the last.")
    licence: str = Field(description="Address of the licence.")
    citation: str = Field(description="A ready sentence to cite the dataset with.")
    report_errors: str = Field(description="How to report an error.")
    links: dict[str, str] = Field(description="The dataset in its forms, by name; relative addresses.")


class TreeNode(Answer):
    """A figure beneath another, with what lies beneath it."""

    figure: FigureAnswer = Field(description="The figure.")
    ambiguous: bool = Field(
        description="Whether it is open if it lies in the figure above; it stands under each that it may lie in."
    )
    children: list["TreeNode"] = Field(description="What is stated to be a share or a part of it.")


class TreeAnswer(Answer):
    """A figure between the wholes above it and everything stated to be a share or a part of it."""

    model_config = ConfigDict(title="Tree")

    ancestors: list[FigureAnswer] = Field(description="The wholes, root first.")
    figure: FigureAnswer = Field(description="The figure that was asked for.")
    children: list[TreeNode] = Field(description="Everything stated to be a share or a part of it.")
    truncated: bool = Field(description="Whether there are more than can be answered whole.")


class ReasonAnswer(Answer):
    """Why two figures cannot be compared, or only with care."""

    model_config = ConfigDict(title="Reason")

    aspect: Aspect = Field(description="In what the two differ.")
    effect: Effect = Field(
        description="`blocks`: no comparison; `withholds`: no difference and no ratio; `cautions`: with care."
    )
    a: Any = Field(description="What the first figure has there.")
    b: Any = Field(description="What the second figure has there.")
    message: str = Field(description="The same in a sentence.")


class ComparisonAnswer(Answer):
    """Whether two figures may stand side by side."""

    model_config = ConfigDict(title="Comparison")

    a: FigureAnswer = Field(description="The first figure.")
    b: FigureAnswer = Field(description="The second figure.")
    verdict: Verdict = Field(description="Whether they may stand side by side.")
    reasons: list[ReasonAnswer] = Field(
        description="Every reason, the strongest effect first; none if the figures are comparable."
    )
    difference: float | None = Field(description="b - a; null if a reason blocks or withholds it.")
    ratio: float | None = Field(
        description="b / a, four decimals; null if a reason blocks or withholds it, or a is 0."
    )


class TotalAnswer(Answer):
    """A sum of figures that may be added."""

    model_config = ConfigDict(title="Total")

    value: float | None = Field(description="The sum; null where nothing, or nothing known, was selected.")
    lower_bound: bool = Field(description="Whether some values are unknown or given as a least number.")
    figures: list[Id] = Field(description="What was added.")
    warnings: list[WarningAnswer] = Field(
        description="What a careful reader must know of the sum: what it leaves out, and whose conduct it counts."
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
    breakdown: dict[Id, Id] = Field(description="The part of the subjects or cases, by dimension.")


class PointAnswer(Answer):
    """A figure on a line."""

    model_config = ConfigDict(title="Point")

    id: Id = Field(description="The figure.")
    start: date = Field(description="First day of its period.")
    end: date = Field(description="Last day of its period.")
    value: float | None = Field(description="The number; null is a gap, never a zero.")
    value_status: ValueStatus = Field(description="Whether the source gives the number.")
    share: float | None = Field(description="Its share of its denominator, if that can be stated.")


class BreakAnswer(Answer):
    """Two neighbours on a line that a chart mustn't join."""

    model_config = ConfigDict(title="Break")

    after: Id = Field(description="The earlier figure.")
    before: Id = Field(description="The later figure.")
    reasons: list[ReasonAnswer] = Field(description="Why they aren't comparable, or only with care.")


class SeriesAnswer(Answer):
    """Figures that count the same thing about one force, from the earliest; no two periods overlap."""

    model_config = ConfigDict(title="Series")

    key: str = Field(description="What it counts, as one word; the same in every release.")
    label: str = Field(description="What it counts, for people.")
    measure: MeasureAnswer
    force: Id = Field(description="The force or area.")
    unit: Unit = Field(description="What is counted.")
    subjects: list[Subject] = Field(description="Whose conduct it is about; empty if not stated.")
    points: list[PointAnswer] = Field(description="The figures in order of time.")
    breaks: list[BreakAnswer] = Field(description="Between which neighbours a chart must not draw a line.")


class ListOfSeries(ListAnswer):
    """The series of the selected figures."""

    data: list[SeriesAnswer] = Field(description="The series, by key.")


class DenominatorAnswer(Answer):
    """The mean headcount over a figure's period."""

    model_config = ConfigDict(title="Denominator")

    value: float = Field(description="The mean.")
    as_at: list[date] = Field(description="The days of whose headcounts it is the mean.")
    worker_types: list[WorkerType] = Field(description="The parts of the workforce, added.")
    source: Id = Field(description="The source of the headcounts.")


class IntervalAnswer(Answer):
    """What the rate may be if the count varies by chance."""

    model_config = ConfigDict(title="Interval")

    low: float = Field(description="The lower end.")
    high: float = Field(description="The upper end.")
    level: int = Field(description="The level of confidence in per cent.")
    method: str = Field(description="How it was calculated.")


class RateFields(Answer):
    """A rate."""

    numerator: int = Field(description="The figure's number.")
    denominator: DenominatorAnswer
    per: int = Field(description="Per how many people.")
    rate: float = Field(description="The rate, six decimals.")
    per_year: bool = Field(description="Whether it is a rate per year, as the period is longer than one.")
    years: float = Field(description="The years that the mean headcount is multiplied by; 1 for up to a year.")
    interval: IntervalAnswer
    cases: int | None = Field(
        description="How many cases the people are from at most, if the same source counts cases; null otherwise."
    )
    cautions: list[Caution] = Field(description="What a careful reader must know of the figure.")


class RateAnswer(RateFields):
    """A figure per 1,000 of the workforce that its subjects belong to."""

    model_config = ConfigDict(title="Rate")

    figure: FigureAnswer = Field(description="The figure.")


class RefusedAnswer(Answer):
    """A figure without a rate."""

    model_config = ConfigDict(title="RefusedRate")

    id: Id = Field(description="The figure.")
    code: Refusal = Field(description="Why it has no rate.")
    message: str = Field(description="The same in a sentence.")


class ListOfRates(Answer):
    """The rates of the selected figures."""

    data: list[RateAnswer] = Field(description="The rates of the figures of this page.")
    refused: list[RefusedAnswer] = Field(description="Figures of this page without a rate, and why.")
    meta: ListMeta
    warnings: list[WarningAnswer] = Field(description="What a careful reader must know of them.")
    links: ListLinks


class LimitsAnswer(Answer):
    """The rates between which a force of this size lies by chance alone."""

    model_config = ConfigDict(title="Limits")

    low: float = Field(description="The lower limit.")
    high: float = Field(description="The upper limit.")


class PositionAnswer(Answer):
    """Where a rate lies."""

    model_config = ConfigDict(title="Position")

    limits_95: Literal["within", "above", "below"] = Field(description="With regard to the 95% limits.")
    limits_998: Literal["within", "above", "below"] = Field(description="With regard to the 99.8% limits.")


class ComparedForceAnswer(Answer):
    """A force in a comparison of rates."""

    model_config = ConfigDict(title="ComparedForce")

    force: Id = Field(description="The force.")
    name: str = Field(description="Its name.")
    figure: Id = Field(description="The figure.")
    numerator: int = Field(description="The figure's number.")
    person_years: float = Field(description="The mean headcount, times the years of the period.")
    rate: float = Field(description="The rate.")
    interval: IntervalAnswer
    limits_95: LimitsAnswer
    limits_998: LimitsAnswer
    cases: int | None = Field(description="How many cases the people are from at most, as on `/v1/rates`.")
    position: PositionAnswer
    position_by_case: PositionAnswer | None = Field(
        description="Where it would lie if cases were counted instead of people; null unless all forces have them."
    )


class RateComparisonAnswer(Answer):
    """One measure over several forces, and which of them differ by more than chance explains."""

    model_config = ConfigDict(title="RateComparison")

    label: str | None = Field(description="What is counted, for people; null if nothing selected has a rate.")
    period: Days
    subjects: list[Subject] = Field(description="Whose conduct it is about.")
    per: int = Field(description="Per how many people.")
    per_year: bool = Field(description="Whether the rates are per year.")
    expected: float | None = Field(description="The rate of all the forces together; null without any.")
    method: str = Field(description="How the limits were calculated.")
    forces: list[ComparedForceAnswer] = Field(description="The forces, by their ids; there is no ranking.")
    refused: list[RefusedAnswer] = Field(description="Selected figures without a rate, and why.")
    summary: str = Field(description="What it shows, in sentences that can be quoted.")


class CellAnswer(Answer):
    """What is known of a measure about a force."""

    model_config = ConfigDict(title="Cell")

    force: Id = Field(description="The force or area.")
    measure: MeasureAnswer
    state: Literal["stated", "not-disclosed", "withheld", "not-counted", "no-record"] = Field(
        description="What is known; `no-record` says nothing of what happened."
    )
    ids: list[Id] = Field(description="The figures; none where there is no record.")


class CoverageAnswer(ListAnswer):
    """What is known and what is not, for each force and measure."""

    model_config = ConfigDict(title="ListOfCells")

    data: list[CellAnswer] = Field(description="A cell for each force and measure.")
    meta: ListMeta = Field(description="`total` is how many figures the cells account for, each once.")


class ReleaseAnswer(Answer):
    """A version of the whole dataset."""

    model_config = ConfigDict(title="Release")

    version: str = Field(description="Semantic version; `dev` is what has not been released and may change.")
    published_at: datetime = Field(description="When it was made.")
    note: str = Field(description="What is new in it.")
    digest: str = Field(description="SHA-256 of its canonical JSON Lines.")
    current: bool = Field(description="Whether it answers where no release is named.")
    links: dict[str, str] = Field(description="The release in its forms, by name; relative addresses.")


class ListOfReleases(ListAnswer):
    """Every release, newest first."""

    data: list[ReleaseAnswer] = Field(description="The releases, newest first.")
    warnings: list[WarningAnswer] = Field(description="Always empty here.")


class ChangeAnswer(Answer):
    """What became of one field, or of a whole thing, from the release before."""

    model_config = ConfigDict(title="Change")

    thing: Literal[
        "force", "allegation", "stage", "outcome", "breakdown", "source", "rule_change", "workforce", "record"
    ] = Field(description="What kind of thing changed.")
    id: str = Field(description="Its id.")
    type: Literal["added", "changed", "withdrawn"] = Field(description="What became of it.")
    field: str | None = Field(description="The field that changed; null where the whole came or went.")
    old: Any = Field(description="What it was; null where it is new.")
    new: Any = Field(description="What it is; null where it is gone.")
    reason: str | None = Field(description="Why a record was corrected or withdrawn.")


class ListOfChanges(ListAnswer):
    """What a release changed from the one before."""

    data: list[ChangeAnswer] = Field(description="The changes, things by their kind and id.")
    warnings: list[WarningAnswer] = Field(description="Always empty here.")

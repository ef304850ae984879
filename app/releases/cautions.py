"""What a careful reader must know of a single record, as codes that follow from it and the records around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from app.domain.dataset import Dataset, RuleChange
from app.domain.records import Figure, Period, Record, stating_evidence
from app.domain.rule_changes import touches
from app.domain.trees import Parents, Unions, tree_of, unions_of
from app.domain.vocabulary import (
    BaseBasis,
    Basis,
    Caution,
    EvidenceRole,
    Kind,
    PeriodEvent,
    Qualifier,
    RelationType,
    Unit,
    YearType,
)

TREES = ("allegation", "stage", "outcome")

MUTUAL = frozenset({RelationType.SAME_FACT, RelationType.CONFLICTS_WITH})
"""Relations that concern both records, whichever states them."""


@dataclass(frozen=True)
class Context:
    """What a dataset says around its records."""

    dataset: Dataset
    _changes: dict[tuple[object, ...], list[RuleChange]] = field(default_factory=dict, init=False, repr=False)
    """The changes of rules that touch each measure, as far as they have been looked up."""

    @cached_property
    def related(self) -> Mapping[RelationType, set[str]]:
        """The records in each relation; for `supersedes`, those that are replaced."""
        found: dict[RelationType, set[str]] = {type_: set() for type_ in RelationType}
        for record in self.dataset.records:
            for other in record.related:
                found[other.type].add(other.id)
                if other.type in MUTUAL:
                    found[other.type].add(record.id)
        return found

    @cached_property
    def areas(self) -> Parents:
        """Each force with the area that contains it."""
        return {force.id: force.part_of for force in self.dataset.forces}

    @cached_property
    def trees(self) -> Mapping[str, Parents]:
        """Each code with the one above it, by tree."""
        return {name: tree_of(getattr(self.dataset.codes, name)) for name in TREES}

    @cached_property
    def unions(self) -> Mapping[str, Unions]:
        """The unions of each tree."""
        return {name: unions_of(getattr(self.dataset.codes, name)) for name in TREES}

    @cached_property
    def published(self) -> Mapping[str, str | None]:
        """When each source was published, as precisely as that is known."""
        return {source.id: source.published.date for source in self.dataset.sources}

    @cached_property
    def starts(self) -> Mapping[str, date | None]:
        """The first day of each record's period."""
        return {record.id: record.period.start for record in self.dataset.records}

    def first_day(self, figure: Figure) -> date | None:
        """Return the first day of what a figure counts; of a change, that of the figure it is measured from."""
        before = [self.starts.get(one.id) for one in figure.related if one.type is RelationType.CHANGE_FROM]
        starts = [figure.period.start, *before]
        return None if None in starts else min(filter(None, starts))

    def changes(self, figure: Figure) -> list[RuleChange]:
        """Return the changes of rules that touch what a figure counts."""
        measure = (figure.kind, figure.force, figure.allegation, figure.stage, figure.outcome)
        if measure not in self._changes:
            self._changes[measure] = [
                change
                for change in self.dataset.rule_changes
                if touches(change, figure, self.areas, self.trees, self.unions)
            ]
        return self._changes[measure]


def cautions_of(record: Record, base: Figure | None, context: Context) -> list[Caution]:
    """Return the cautions on a record, given its settled base, in the order of the closed list."""
    return [caution for caution, applies in CONDITIONS.items() if applies(record, base, context)]


def across_units(figure: Figure, base: Figure) -> bool:
    """Whether a figure counts another unit than its base does, or it isn't stated what one of them counts."""
    return figure.unit is not base.unit or figure.unit is Unit.NOT_STATED


def _period_is_inferred(record: Record, base: Figure | None, _: Context) -> bool:
    return record.period.basis is Basis.INFERRED and not _has_period_of_its_whole(record, base)


def _has_period_of_its_whole(record: Record, base: Figure | None) -> bool:
    """Whether a part has just the days of its whole: then nothing is uncertain that isn't so of the whole."""
    if not isinstance(record, Figure) or base is None or record.base is None or not record.base.part:
        return False
    return _days(record.period) == _days(base.period)


def _days(period: Period) -> tuple[object, ...]:
    return period.start, period.end, period.event, period.as_at


def _has_base(basis: BaseBasis) -> Callable[[Record, Figure | None, Context], bool]:
    return lambda record, _, __: (
        isinstance(record, Figure) and record.base is not None and record.base.basis is basis
    )


def _is_across_units(record: Record, base: Figure | None, _: Context) -> bool:
    if not isinstance(record, Figure) or record.base is None or base is None:
        return False
    return record.base.part and across_units(record, base)


def _is_disputed(record: Record, _: Figure | None, context: Context) -> bool:
    disputes = any(evidence.role is EvidenceRole.DISPUTES for evidence in record.evidence)
    several_units = isinstance(record, Figure) and record.unit_disputed
    return disputes or several_units or record.id in context.related[RelationType.CONFLICTS_WITH]


def _rules_changed(record: Record, _: Figure | None, context: Context) -> bool:
    if not isinstance(record, Figure):
        return False
    return any(_may_fall_inside(change, record, context) for change in context.changes(record))


def _may_fall_inside(change: RuleChange, figure: Figure, context: Context) -> bool:
    """Whether some of what a figure counts may be from before a change of rules, and some from after it."""
    period, day = figure.period, change.day
    start = context.first_day(figure)
    if start is not None and day <= start:
        return False
    if (last := period.end or period.as_at) is not None:
        return day <= last
    published = context.published[stating_evidence(figure).source]
    # Compared as precisely as the date is known: a change in October may fall before a text of October.
    return published is None or day.isoformat()[: len(published)] <= published


CONDITIONS: Mapping[Caution, Callable[[Record, Figure | None, Context], bool]] = {
    Caution.PERIOD_INFERRED: _period_is_inferred,
    Caution.PERIOD_OPEN: lambda record, _, __: record.period.end is None,
    Caution.YEAR_TYPE_OPEN: lambda record, _, __: record.period.year_type is YearType.NOT_STATED,
    Caution.BASE_AMBIGUOUS: _has_base(BaseBasis.AMBIGUOUS),
    Caution.BASE_IMPLIED: _has_base(BaseBasis.IMPLIED),
    Caution.ACROSS_UNITS: _is_across_units,
    Caution.DISPUTED: _is_disputed,
    Caution.INEXACT: lambda record, _, __: isinstance(record, Figure) and record.qualifier is not Qualifier.EXACT,
    Caution.SAME_FACT_ELSEWHERE: lambda record, _, context: record.id in context.related[RelationType.SAME_FACT],
    Caution.BY_DATE_OF_RECEIPT: lambda record, _, __: (
        record.kind != Kind.COMPLAINT and record.period.event is PeriodEvent.RECEIVED
    ),
    Caution.SUPERSEDED: lambda record, _, context: record.id in context.related[RelationType.SUPERSEDES],
    Caution.RULES_CHANGED: _rules_changed,
}
"""When each caution applies, in the order of the closed list."""

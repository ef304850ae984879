"""What a careful reader must know about a record, as codes computed from it and the records around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from app.domain.dataset import Dataset, RuleChange
from app.domain.records import Figure, Period, Record, stating_evidence
from app.domain.rule_changes import changes_touching
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

MUTUAL = frozenset({RelationType.SAME_FACT, RelationType.CONFLICTS_WITH})
"""Relations that concern both records, whichever of them states the relation."""


@dataclass(frozen=True)
class Context:
    """What a dataset says about the context of its records."""

    dataset: Dataset

    @cached_property
    def related(self) -> Mapping[RelationType, set[str]]:
        """The records in each relation; for `supersedes`, the records that are replaced."""
        found: dict[RelationType, set[str]] = {type_: set() for type_ in RelationType}
        for record in self.dataset.records:
            for other in record.related:
                found[other.type].add(other.id)
                if other.type in MUTUAL:
                    found[other.type].add(record.id)
        return found

    @cached_property
    def changes_touching(self) -> Callable[[Figure], Sequence[RuleChange]]:
        """A function that finds the changes of rules affecting a figure."""
        return changes_touching(self.dataset)

    @cached_property
    def published(self) -> Mapping[str, str | None]:
        """When each source was published, as precisely as it's known."""
        return {source.id: source.published.date for source in self.dataset.sources}

    @cached_property
    def starts(self) -> Mapping[str, date | None]:
        """The first day of each record's period."""
        return {record.id: record.period.start for record in self.dataset.records}

    def first_day(self, figure: Figure) -> date | None:
        """Return the first day of what a figure counts; for a change, that of the figure it's measured from."""
        before = [self.starts.get(one.id) for one in figure.related if one.type is RelationType.CHANGE_FROM]
        starts = [figure.period.start, *before]
        return None if None in starts else min(filter(None, starts))


def cautions_of(record: Record, base: Figure | None, context: Context) -> list[Caution]:
    """Return the cautions on a record, given its settled base, in the order of the closed list."""
    figure = record if isinstance(record, Figure) else None
    period, of = record.period, figure.base if figure is not None else None
    whole = base if of is not None and of.part else None
    applies = {
        # If a part covers the same days as its whole, the doubt is already about the whole.
        Caution.PERIOD_INFERRED: period.basis is Basis.INFERRED
        and (whole is None or _days(period) != _days(whole.period)),
        Caution.PERIOD_OPEN: period.end is None,
        Caution.YEAR_TYPE_OPEN: period.year_type is YearType.NOT_STATED,
        Caution.BASE_AMBIGUOUS: of is not None and of.basis is BaseBasis.AMBIGUOUS,
        Caution.BASE_IMPLIED: of is not None and of.basis is BaseBasis.IMPLIED,
        Caution.ACROSS_UNITS: figure is not None and whole is not None and across_units(figure, whole),
        Caution.DISPUTED: any(evidence.role is EvidenceRole.DISPUTES for evidence in record.evidence)
        or (figure is not None and figure.unit_disputed)
        or record.id in context.related[RelationType.CONFLICTS_WITH],
        Caution.INEXACT: figure is not None and figure.qualifier is not Qualifier.EXACT,
        Caution.SAME_FACT_ELSEWHERE: record.id in context.related[RelationType.SAME_FACT],
        Caution.BY_DATE_OF_RECEIPT: record.kind != Kind.COMPLAINT and period.event is PeriodEvent.RECEIVED,
        Caution.SUPERSEDED: record.id in context.related[RelationType.SUPERSEDES],
        Caution.RULES_CHANGED: figure is not None
        and any(_may_fall_inside(change, figure, context) for change in context.changes_touching(figure)),
    }
    return [caution for caution, is_so in applies.items() if is_so]


def across_units(figure: Figure, base: Figure) -> bool:
    """Whether a figure's unit differs from its base's or isn't stated."""
    return figure.unit is not base.unit or figure.unit is Unit.NOT_STATED


def _days(period: Period) -> tuple[object, ...]:
    return period.start, period.end, period.event, period.as_at


def _may_fall_inside(change: RuleChange, figure: Figure, context: Context) -> bool:
    """Whether some of what a figure counts may come from before a change of rules, and some from after it."""
    period, day = figure.period, change.day
    start = context.first_day(figure)
    if start is not None and day <= start:
        return False
    if (last := period.end or period.as_at) is not None:
        return day <= last
    published = context.published[stating_evidence(figure).source]
    # Compare as precisely as the date is known: a change in October may come before a text dated October.
    return published is None or day.isoformat()[: len(published)] <= published

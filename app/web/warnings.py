"""Warnings on a single figure, derived from its fields; the curators' own remarks are in `notes`."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.records import Evidence
from app.domain.vocabulary import (
    UNIT_NAMES,
    BaseBasis,
    Basis,
    Caution,
    EvidenceRole,
    PeriodEvent,
    Precision,
    RelationBasis,
    RelationType,
    Unit,
    ValueStatus,
    ValueType,
    YearType,
)
from app.releases.rendering import FigureAnswer
from app.web.wording import POINTS, as_at_in_words


@dataclass(frozen=True)
class FigureWarning:
    """A warning, as a short label and as a sentence."""

    short: str
    sentence: str


UNKNOWN_VALUES = {
    ValueStatus.NOT_DISCLOSED: "The source says this number wasn't disclosed. That doesn't mean zero.",
    ValueStatus.WITHHELD: "This number was refused or suppressed. That doesn't mean zero.",
    ValueStatus.NOT_COUNTED: "The source names this group but gives no number. That doesn't mean zero.",
}
BASES = {
    BaseBasis.IMPLIED: FigureWarning(
        "denominator implied", "The source doesn't name the denominator, but the passage implies it."
    ),
    BaseBasis.CORROBORATED: FigureWarning(
        "denominator from another source",
        "The source doesn't make the denominator clear, but another source settles it.",
    ),
    BaseBasis.AMBIGUOUS: FigureWarning(
        "denominator unclear", "The denominator is unclear: it may be the figure named here, another one, or none."
    ),
}
BY_DATE_RECEIVED = FigureWarning(
    "by date received", "The period is when the cases were received, not when they were decided."
)
BY_DATE_CLOSED = FigureWarning("by date closed", "The period is when the cases ended, not when they began.")
RULES_CHANGED = FigureWarning(
    "rules changed",
    "The rules changed in the time this covers, or may have, so what is counted before and after isn't the same.",
)
RELATIONS = {
    RelationType.SAME_FACT: FigureWarning(
        "same fact as another figure", "Another figure states the same fact. Count it only once."
    ),
    RelationType.SUPERSEDES: FigureWarning("replaces another figure", "This replaces an earlier figure."),
    RelationType.CHANGE_FROM: FigureWarning("a change", "This is a change, measured from another figure."),
    RelationType.PART_OF: FigureWarning("part of another figure", "This is also part of another figure."),
    RelationType.OVERLAPS: FigureWarning(
        "overlaps another figure", "Another figure counts some of the same things as this one."
    ),
}
MAY_BE_PART = FigureWarning(
    "may be part of another figure", "This may also be part of another figure; the source leaves it open."
)


def figure_warnings(figure: FigureAnswer, base: FigureAnswer | None) -> Iterator[FigureWarning]:
    """Yield the warnings on a figure, given its base or its first possible base."""
    # The worst mistakes go first, because embeds have room for only one warning.
    if figure.value is None:
        yield FigureWarning("unknown, not zero", UNKNOWN_VALUES[figure.value_status])
    if any(related.type is RelationType.CONFLICTS_WITH for related in figure.related):
        yield FigureWarning("contradicted", "Another figure contradicts this one.")
    for evidence in figure.evidence:
        if evidence.role is EvidenceRole.DISPUTES:
            yield _dispute(evidence)
    yield from _unit_warnings(figure, base)
    if figure.base is not None and figure.base.basis in BASES:
        yield BASES[figure.base.basis]
    if base is not None and _is_disputed(base):
        yield FigureWarning("based on a disputed figure", "A source disputes the figure this is based on.")
    yield from _period_warnings(figure)
    yield from _coverage_warnings(figure)
    yield from _relation_warnings(figure)
    if Caution.RULES_CHANGED in figure.cautions:
        yield RULES_CHANGED


def _coverage_warnings(figure: FigureAnswer) -> Iterator[FigureWarning]:
    if figure.coverage is None:
        return
    included, asked = figure.coverage.forces_included, figure.coverage.forces_asked
    if asked is None:
        yield FigureWarning(
            f"{included} forces", f"This covers {included} forces; the source doesn't say how many were asked."
        )
    else:
        yield FigureWarning(
            f"{included} of {asked} forces", f"This covers {included} of the {asked} forces that were asked."
        )


def _relation_warnings(figure: FigureAnswer) -> Iterator[FigureWarning]:
    """Yield warnings about relations, except contradictions, which come earlier."""
    found = [
        MAY_BE_PART if related.basis is RelationBasis.POSSIBLE else RELATIONS[related.type]
        for related in figure.related
        if related.type is not RelationType.CONFLICTS_WITH
    ]
    yield from dict.fromkeys(found)


def _unit_warnings(figure: FigureAnswer, base: FigureAnswer | None) -> Iterator[FigureWarning]:
    if figure.unit_disputed:
        yield FigureWarning("unit unclear", "The source counts the same thing in several units; see the notes.")
    if figure.unit is Unit.NOT_STATED:
        yield FigureWarning("unit not stated", "The source doesn't say what it counts.")
    elif (
        base is not None
        and base.unit not in {figure.unit, Unit.NOT_STATED}
        and figure.value_type is base.value_type is ValueType.COUNT
    ):
        own, other = UNIT_NAMES[figure.unit][1], UNIT_NAMES[base.unit][1]
        yield FigureWarning(
            f"{own}, not {other}",
            f"This counts {own}, but the figure it's based on counts {other}. Don't call it a share of {other}.",
        )


def _dispute(evidence: Evidence) -> FigureWarning:
    """Return a warning about what a source disputes, with the curators' note."""
    point = POINTS[evidence.on] if evidence.on else "this figure"
    said = f"A source disputes {point}{f': {evidence.note}' if evidence.note else '.'}"
    return FigureWarning(f"{evidence.on} disputed" if evidence.on else "disputed", said)


def _is_disputed(figure: FigureAnswer) -> bool:
    return any(evidence.role is EvidenceRole.DISPUTES for evidence in figure.evidence)


def _period_warnings(figure: FigureAnswer) -> Iterator[FigureWarning]:
    period = figure.period
    if period.start is None:
        yield FigureWarning("undated", "The source doesn't say clearly which dates this covers.")
    elif period.end is None:
        yield FigureWarning("no end date", "The period has a first day but no last day.")
    elif period.basis is Basis.INFERRED:
        yield FigureWarning(
            "period inferred", "The source gives no period for this figure, so it was inferred from the context."
        )
    if period.year_type is YearType.NOT_STATED:
        yield FigureWarning(
            "calendar or financial years?", "The source doesn't say whether it means calendar or financial years."
        )
    if Caution.BY_DATE_OF_RECEIPT in figure.cautions:
        yield BY_DATE_RECEIVED
    elif period.event is PeriodEvent.FINALISED:
        yield BY_DATE_CLOSED
    if period.as_at is not None:
        day = as_at_in_words(period)
        known = period.as_at_precision in {None, Precision.DAY}
        yield FigureWarning(f"as of {day}", f"This is the number {'on' if known else 'in'} {day}.")

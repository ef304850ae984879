"""What a reader must mind of a figure: in a few words, and in a sentence. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.vocabulary import (
    BaseBasis,
    Basis,
    EvidenceRole,
    PeriodEvent,
    RelationType,
    Unit,
    ValueStatus,
    ValueType,
    YearType,
)
from app.releases.rendering import FigureAnswer
from app.web.wording import NOUNS


@dataclass(frozen=True)
class Caution:
    """Something to mind: in a few words, and in a sentence."""

    short: str
    sentence: str


WHY_UNKNOWN = {
    ValueStatus.NOT_DISCLOSED: Caution(
        "unknown, not zero", "The source says that this number was not revealed. That is not zero."
    ),
    ValueStatus.WITHHELD: Caution("unknown, not zero", "This number was refused or suppressed. That is not zero."),
    ValueStatus.NOT_COUNTED: Caution(
        "unknown, not zero", "The source names this group and gives no number for it. That is not zero."
    ),
}
HOW_THE_BASE_IS_KNOWN = {
    BaseBasis.IMPLIED: Caution(
        "share of what? implied", "The source does not name the whole; the passage implies it."
    ),
    BaseBasis.CORROBORATED: Caution(
        "share of what? another source says",
        "The source leaves open what this is a share of; another source settles it.",
    ),
    BaseBasis.AMBIGUOUS: Caution(
        "share of what? unclear",
        "What this is a share of is open: the figure named, another one, or none.",
    ),
}
EVENTS = {
    PeriodEvent.RECEIVED: Caution(
        "by date of receipt", "The period is when the cases were received, not when they were decided."
    ),
    PeriodEvent.FINALISED: Caution(
        "by date of the end", "The period is when the cases ended, not when they began."
    ),
}
RELATIONS = {
    RelationType.SAME_FACT: Caution(
        "the same fact as another figure", "The same fact is told by another figure: count it once."
    ),
    RelationType.CONFLICTS_WITH: Caution("contradicted", "Another figure contradicts this one."),
    RelationType.SUPERSEDES: Caution("replaces another", "It replaces an earlier figure."),
    RelationType.CHANGE_FROM: Caution("a change", "It is a change, measured from another figure."),
    RelationType.PART_OF: Caution("inside another", "It lies inside another figure as well."),
    RelationType.OVERLAPS: Caution("overlaps another", "It counts some of what another figure counts."),
}


def cautions(figure: FigureAnswer, base: FigureAnswer | None) -> Iterator[Caution]:
    """Yield what a reader must mind; what the curators noted stands in `notes`."""
    if figure.value is None:
        yield WHY_UNKNOWN[figure.value_status]
    if figure.base is not None and figure.base.basis in HOW_THE_BASE_IS_KNOWN:
        yield HOW_THE_BASE_IS_KNOWN[figure.base.basis]
    if figure.unit is Unit.NOT_STATED:
        yield Caution("unit not stated", "The source does not say what one of the number is.")
    elif (
        base is not None
        and base.unit not in {figure.unit, Unit.NOT_STATED}
        and figure.value_type is base.value_type is ValueType.COUNT
    ):
        own, other = NOUNS[figure.unit][1], NOUNS[base.unit][1]
        yield Caution(f"{own}, not {other}", f"It counts {own}; the figure it belongs to counts {other}.")
    yield from _of_period(figure)
    if figure.coverage is not None:
        included, asked = figure.coverage.forces_included, figure.coverage.forces_asked
        forces = f"{included} of {asked} forces"
        yield Caution(forces, f"It rests on {forces} that were asked.")
    for relation in dict.fromkeys(related.type for related in figure.related):
        yield RELATIONS[relation]
    if _is_disputed(figure):
        yield Caution("disputed", "A source disputes it; see its evidence.")
    if base is not None and _is_disputed(base):
        yield Caution("its whole is disputed", "A source disputes the figure that it belongs to.")


def _is_disputed(figure: FigureAnswer) -> bool:
    return any(evidence.role is EvidenceRole.DISPUTES for evidence in figure.evidence)


def _of_period(figure: FigureAnswer) -> Iterator[Caution]:
    period = figure.period
    if period.start is None:
        yield Caution("undated", "The source does not say clearly which days it means.")
    elif period.basis is Basis.INFERRED:
        yield Caution(
            "period inferred",
            "The source gives it no period of its own; the period is read from what stands around it.",
        )
    if period.year_type is YearType.NOT_STATED:
        yield Caution("kind of year not stated", "The source does not say if it means calendar or financial years.")
    if period.event in EVENTS:
        yield EVENTS[period.event]
    if period.as_at is not None:
        day = f"on {period.as_at.day} {period.as_at:%B %Y}"
        yield Caution(f"as counted {day}", f"It is what there was {day}.")

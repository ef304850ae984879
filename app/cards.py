"""Figures as people read them: the number, what it counts, what it is a share of, and what to mind. Pure.

Nothing here is known of a figure but what its record says: each sentence follows from a field.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, islice
from math import inf

from app.comparison import compare
from app.measures import Knowledge, Measured
from app.schemas import FigureAnswer, IncidentAnswer
from app.vocabulary import (
    BaseBasis,
    Basis,
    EvidenceRole,
    Kind,
    PeriodEvent,
    Qualifier,
    RelationType,
    Unit,
    ValueStatus,
    ValueType,
    YearType,
)

Names = Mapping[str, Mapping[str, str]]
"""What people call the codes of a release, by tree; `app.reference` has them."""

NOUNS = {
    Unit.COMPLAINT: ("complaint", "complaints"),
    Unit.ALLEGATION: ("allegation", "allegations"),
    Unit.CASE: ("case", "cases"),
    Unit.PERSON: ("person", "people"),
    Unit.PROCEEDING: ("proceeding", "proceedings"),
    Unit.CONVICTION: ("conviction", "convictions"),
    Unit.NOT_STATED: ("(unit not stated)", "(unit not stated)"),
}
SUBJECTS = {"officers": "officers", "specials": "special constables", "pcsos": "PCSOs", "staff": "police staff"}
QUALIFIERS = {qualifier: qualifier.replace("-", " ") + " " for qualifier in Qualifier} | {Qualifier.EXACT: ""}
UNKNOWN = {
    ValueStatus.NOT_DISCLOSED: "Not disclosed",
    ValueStatus.WITHHELD: "Withheld",
    ValueStatus.NOT_COUNTED: "Not counted",
}


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
FINEST = 0.0001
"""The least share that four decimals tell from none."""

LOOKALIKES = 5
"""Pairs of equal numbers that one page tells apart at most."""

PAIRS = 2_000
"""Pairs that are looked at for them: all of a page of thirty, and no more of a longer one than takes no time."""


@dataclass(frozen=True)
class Card:
    """A figure as it is shown."""

    figure: FigureAnswer
    number: str
    noun: str
    label: str
    """What the number is of: the outcome, the stage, or nothing more for complaints."""
    topic: str
    who: str
    """Whose conduct, and which part of them; empty where neither is stated."""
    of_what: str
    """Of what it is a share, or what it springs from, in words; empty for a whole."""
    extent: "Extent | None"
    """What it takes of its base, where that can be drawn."""
    cautions: list[Caution]
    depth: int = 0
    """How far below the first figure of its family."""

    @property
    def title(self) -> str:
        """Return the number and what it is of, on one line."""
        counted = " ".join(filter(None, [self.number, self.noun]))
        return f"{counted}: {self.label}" if self.label else counted

    @property
    def is_open(self) -> bool:
        """Whether it is open what it belongs to."""
        return self.figure.base is not None and self.figure.base.basis is BaseBasis.AMBIGUOUS


@dataclass(frozen=True)
class Extent:
    """The part of a base that a figure takes, between two bounds of 0 to 1; they differ where it is not exact."""

    least: float
    most: float

    @property
    def is_exact(self) -> bool:
        """Whether both bounds are the same."""
        return self.least == self.most


WHOLE = Extent(1, 1)


def card(figure: FigureAnswer, base: FigureAnswer | None, names: Names, depth: int = 0) -> Card:
    """Return a figure as it is shown, given the one it is, or may be, a share of."""
    counts_units = figure.value_type is ValueType.COUNT and figure.value_status is ValueStatus.STATED
    return Card(
        figure=figure,
        number=number(figure),
        noun=_noun(figure) if counts_units else "",
        label=label(figure, names),
        topic=names["allegation"][figure.allegation],
        who=_who(figure, names),
        of_what=_of_what(figure, base, names),
        extent=extent(figure, base),
        cautions=list(cautions(figure, base)),
        depth=depth,
    )


def number(figure: FigureAnswer) -> str:
    """Return the number with all that qualifies it, or in words that it is not known."""
    if figure.value is None:
        return UNKNOWN[figure.value_status]
    is_change = figure.value_type in {ValueType.CHANGE_COUNT, ValueType.CHANGE_PERCENT}
    bounds = [figure.value] if figure.value_to is None else [figure.value, figure.value_to]
    printed = " and ".join(f"{'+' if is_change and bound > 0 else ''}{amount(bound)}" for bound in bounds)
    match figure.value_type:
        case ValueType.PERCENT | ValueType.CHANGE_PERCENT:
            printed += "%"
        case ValueType.RATE:
            printed += f" per {figure.per:,}"
        case _:
            pass
    return _capitalised(QUALIFIERS[figure.qualifier] + printed)


def amount(value: float) -> str:
    """Return a number as it is printed: thousands apart, a real minus sign, no empty decimals."""
    printed = f"{int(value):,}" if value == int(value) else f"{Decimal(str(value)):,f}"
    return printed.replace("-", "\u2212")


def percentage(share: float) -> str:
    """Return a share of 0 to 1 as per cent, no finer than its four decimals."""
    return f"{amount(round(share * 100, 2))}%"


def label(figure: FigureAnswer, names: Names) -> str:
    """Return what the number is of, beside its noun; nothing for complaints, whose noun says it."""
    match figure.kind:
        case Kind.OUTCOME:
            return names["outcome"][figure.outcome or ""].lower()
        case Kind.PROCEEDING:
            return names["stage"][figure.stage or ""].lower()
        case _:
            if figure.unit not in {Unit.COMPLAINT, Unit.ALLEGATION}:
                return NOUNS[Unit.COMPLAINT][1]
            has_noun = figure.value is not None and figure.value_type is ValueType.COUNT
            return "" if has_noun else NOUNS[figure.unit][1]


def _noun(figure: FigureAnswer) -> str:
    one, many = NOUNS[figure.unit]
    return one if figure.value == 1 and figure.value_to is None else many


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _who(figure: FigureAnswer, names: Names) -> str:
    who = [SUBJECTS[subject] for subject in figure.subjects]
    parts = [names["breakdown"][f"{dimension}={part}"].lower() for dimension, part in figure.breakdown.items()]
    return ", ".join(filter(None, [" and ".join(who), *parts]))


def _named(figure: FigureAnswer, names: Names) -> str:
    """Name a figure inside a sentence: its number, its unit and what it is of."""
    noun = _noun(figure) if figure.value_type is ValueType.COUNT else ""
    what = label(figure, names)
    if figure.value is None:
        return f"those whose number is {UNKNOWN[figure.value_status].lower()} ({what})"
    said = number(figure)
    return " ".join(filter(None, [f"the {said[:1].lower()}{said[1:]}", noun, f"({what})" if what else ""]))


def _of_what(figure: FigureAnswer, base: FigureAnswer | None, names: Names) -> str:
    if figure.base is None or base is None:
        return ""
    named = _named(base, names)
    if figure.base.basis is BaseBasis.AMBIGUOUS:
        return f"perhaps of {named}"
    if not figure.base.part:
        return f"out of {named}, and not a share of them"
    if figure.share is not None:
        return f"{_share(figure.share, figure, base)} of {named}"
    if figure.value is None:
        return f"an unknown part of {named}"
    return f"of {named}"


def _share(share: float, figure: FigureAnswer, base: FigureAnswer) -> str:
    """Return a share in words that tell one next to none, or next to all, from none and all."""
    if share == 0 and figure.value:
        return f"less than {percentage(FINEST)}"
    if share == 1 and figure.value != base.value:
        return f"more than {percentage(1 - FINEST)}"
    return percentage(share)


def extent(figure: FigureAnswer, base: FigureAnswer | None) -> Extent | None:
    """Return what a figure takes of its base, or None where that cannot be drawn.

    An unknown number may be anything from none to all. A figure that only springs from its base, whose base is
    open, or that is larger than its base can be, takes no part of it that could be drawn.
    """
    if figure.base is None or base is None or not figure.base.part or figure.base.id != base.id:
        return None
    if figure.value is None:
        return Extent(0, 1)
    low, high = _bounds(figure, figure.value)
    if figure.value_type is ValueType.PERCENT:
        smallest, largest = 100.0, 100.0
    elif figure.value_type is ValueType.COUNT and base.value_type is ValueType.COUNT and base.value:
        smallest, largest = _bounds(base, base.value)
    else:
        return None
    if low > largest:
        return None
    # Of a whole that may be as small as its part, the part may be all.
    return Extent(low / largest, high / smallest if high < smallest else 1)


def _bounds(figure: FigureAnswer, value: float) -> tuple[float, float]:
    """Return the least and the most that a figure's number may be; what is about or nearly a number is that one."""
    match figure.qualifier:
        case Qualifier.MORE_THAN | Qualifier.AT_LEAST:
            return value, inf
        case Qualifier.FEWER_THAN | Qualifier.AT_MOST:
            return 0, value
        case _:
            return value, value if figure.value_to is None else figure.value_to


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


def arranged(figures: Sequence[FigureAnswer]) -> list[tuple[FigureAnswer, int]]:
    """Return figures with each below the one it belongs to, where that is among them, and how far below.

    Families stand in the order of their first figures. An ambiguous figure stands below its first candidate.
    """
    ids = {figure.id for figure in figures}
    below: dict[str | None, list[FigureAnswer]] = defaultdict(list)
    for figure in reversed(figures):
        above = whole_of(figure)
        below[above if above in ids else None].append(figure)
    found: list[tuple[FigureAnswer, int]] = []
    # The next one is the last; a list rather than calls in calls, for a chain may be as long as a page.
    waiting = [(figure, 0) for figure in below[None]]
    while waiting:
        figure, depth = waiting.pop()
        found.append((figure, depth))
        waiting += [(part, depth + 1) for part in below[figure.id]]
    return found


def whole_of(figure: FigureAnswer) -> str | None:
    """Return the id of the figure that this one belongs to, or may first of all; None for a whole."""
    return (figure.base.id or figure.base.candidates[0]) if figure.base is not None else None


def lookalikes(figures: Iterable[Measured], known: Knowledge) -> list[tuple[str, str]]:
    """Return pairs of equal numbers that must not be compared, at most `LOOKALIKES`."""
    by_value: dict[tuple[object, str], list[Measured]] = {}
    for figure in figures:
        if figure.value is not None:
            by_value.setdefault((figure.value, figure.value_type), []).append(figure)
    pairs = (pair for alike in by_value.values() for pair in combinations(alike, 2))
    looked_at = islice(pairs, PAIRS)
    misleading = ((a.id, b.id) for a, b in looked_at if compare(a, b, known).verdict == "not-comparable")
    return list(islice(misleading, LOOKALIKES))


def plainly(shown: object, names: Names) -> str:
    """Return what a reason shows of a figure as people write it."""
    match shown:
        case None | "" | []:
            return "not stated"
        case {"start": start, "end": end}:
            return f"{start} to {end}" if start else "not stated"
        case dict():
            return ", ".join(plainly(value, names) for value in shown.values() if value) or "not stated"
        case list() | tuple():
            return ", ".join(plainly(value, names) for value in shown)
        case str():
            return next((called[shown] for called in names.values() if shown in called), shown.replace("-", " "))
        case _:
            return str(shown)


STANDINGS = {
    "alleged": "Alleged",
    "found": "Found by a misconduct process",
    "admitted": "Admitted",
    "convicted": "Convicted by a court",
    "reported": "Reported, no finding told",
}


def outcome_of(incident: IncidentAnswer, names: Names) -> str:
    """Return what is said to have come of an incident."""
    if incident.outcome is None:
        return "What came of it is not stated."
    return f"What came of it: {names['outcome'][incident.outcome].lower()}."

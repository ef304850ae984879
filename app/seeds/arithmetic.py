"""Arithmetic between figures: numbers that are too large, and numbers that don't match each other."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from math import inf

from app.domain.records import Figure
from app.domain.rules import CHANGES
from app.domain.trees import one_above
from app.domain.vocabulary import (
    EvidenceRole,
    ForceKind,
    Kind,
    Qualifier,
    RelationBasis,
    RelationType,
    Unit,
    ValueType,
)
from app.seeds.findings import Facts, Finding, Findings

NEAR = 0.1
"""How far "about" and "nearly" may be from the number: a tenth of it."""

HUNDRED = 100


def least(figure: Figure) -> float:
    """Return the smallest value a figure may have; 0 if it has no number."""
    value = figure.value or 0
    match figure.qualifier:
        case Qualifier.ABOUT | Qualifier.NEARLY:
            return value * (1 - NEAR)
        case Qualifier.FEWER_THAN | Qualifier.AT_MOST:
            return 0
        case _:
            return value


def most(figure: Figure) -> float:
    """Return the largest value a figure may have; infinity if it has no number or no upper limit."""
    if figure.value is None:
        return inf
    match figure.qualifier:
        case Qualifier.ABOUT:
            return figure.value * (1 + NEAR)
        case Qualifier.MORE_THAN | Qualifier.AT_LEAST:
            return inf
        case Qualifier.BETWEEN:
            return figure.value_to or figure.value
        case _:
            return figure.value


def shown(figure: Figure) -> str:
    """Return a figure's number with its qualifier and unit."""
    qualifier = "" if figure.qualifier is Qualifier.EXACT else f"{figure.qualifier} "
    return f"{qualifier}{figure.value} ({figure.unit})"


def _is_count(figure: Figure) -> bool:
    return figure.value_type is ValueType.COUNT and figure.value is not None


def percentages(facts: Facts) -> Findings:
    """Reject percentages over 100, unless they are a rise, and falls of more than 100 per cent."""
    for figure in facts.figures.values():
        highest = figure.value_to if figure.value_to is not None else figure.value
        if figure.value_type is ValueType.PERCENT and (highest or 0) > HUNDRED:
            message = f"{highest} per cent is more than the whole; a rise is change-percent, not percent"
            yield Finding("percentage-over-100", figure.id, message, place=("value",))
        if figure.value_type is ValueType.CHANGE_PERCENT and (figure.value or 0) < -HUNDRED:
            message = f"nothing falls by {-(figure.value or 0)} per cent, which is more than all of it"
            yield Finding("falls-below-nothing", figure.id, message, place=("value",))


def wholes_of(facts: Facts, figure: Figure) -> Iterable[Figure]:
    """Return the figures that a figure is certainly part of, each once."""
    parts = [one for one in figure.related if one.type is RelationType.PART_OF]
    settled = [facts.figures.get(one.id) for one in parts if one.basis is RelationBasis.SETTLED]
    found = [facts.whole_of(figure), *settled]
    return {whole.id: whole for whole in found if whole is not None}.values()


def parts_and_wholes(facts: Facts) -> Findings:
    """Question parts that are larger than their whole."""
    for figure in facts.figures.values():
        for whole in wholes_of(facts, figure):
            if _is_count(figure) and _is_count(whole) and least(figure) > most(whole):
                message = f"{shown(figure)} is more than its whole, {facts.named(whole.id)}: {shown(whole)}"
                yield Finding("part-exceeds-whole", figure.id, message, whole.id, ("value",))


EXCLUSIVE = ("upheld", "not-upheld")
"""A case has only one of these outcomes."""


def sums_of_parts(facts: Facts) -> Findings:
    """Question wholes that are smaller than the sum of mutually exclusive parts."""
    # Keep only the largest figure per category, so that two accounts of one part count once.
    groups: dict[tuple[object, ...], dict[object, Figure]] = defaultdict(dict)

    def add(figure: Figure, category: object, *group: object) -> None:
        found = groups[group]
        if category not in found or least(figure) > least(found[category]):
            found[category] = figure

    for figure in filter(_is_count, facts.figures.values()):
        days = (figure.period.start, figure.period.end)
        counted = (figure.unit, figure.kind, figure.stage, figure.allegation, *days)
        breakdown = tuple(sorted(figure.breakdown.items()))
        for whole in wholes_of(facts, figure):
            base = (whole.id, *counted)
            for dimension in figure.breakdown:
                others = tuple(one for one in breakdown if one[0] != dimension)
                add(figure, breakdown, *base, "breakdown", figure.outcome, dimension, others)
            if figure.outcome in EXCLUSIVE and not breakdown:
                add(figure, figure.outcome, *base, "outcome", tuple(sorted(figure.subjects)))
            if len(figure.subjects) == 1 and not breakdown:
                add(figure, figure.subjects[0], *base, "subjects", figure.outcome)
    for (whole_id, *_), largest in groups.items():
        whole = facts.figures[str(whole_id)]
        parts = sorted(largest.values(), key=lambda figure: figure.id)
        if len(parts) > 1 and _is_count(whole) and sum(map(least, parts)) > most(whole):
            numbers = " + ".join(f"{shown(part)} {part.id}" for part in parts)
            message = f"{numbers} are more than their whole, {facts.named(whole.id)}: {shown(whole)}"
            yield Finding("parts-exceed-whole", whole.id, message, parts[-1].id, ("value",))


def partitions(facts: Facts) -> Findings:
    """Question figures whose declared parts don't add up to them."""
    for partition in facts.contents.partitions:
        whole, *parts = (facts.figures[one] for one in (partition.whole, *partition.parts))
        known = [part.value for part in parts if part.value is not None]
        total = sum(known)
        if whole.value is None or len(known) < len(parts) or total == whole.value:
            continue
        if total > whole.value or not partition.may_fall_short:
            numbers = " + ".join(f"{part.value} {part.id}" for part in parts)
            message = f"its parts {numbers} add up to {total}, but it is {whole.value}"
            yield Finding("partition-off", whole.id, message, place=("value",))


def shares_of_the_same(facts: Facts) -> Findings:
    """Question percentages that don't match the count of the same share, or aren't linked to it."""
    for figure, count, base in _shares_and_counts(facts):
        if count not in facts.related(figure, RelationType.SAME_FACT):
            message = f"is the share of what {facts.named(count.id)} counts; link them as same-fact"
            yield Finding("share-not-linked", figure.id, message, count.id, ("related",))
        if figure.value is None or not base.value or not _is_count(count):
            continue
        low, high = least(count) / most(base) * HUNDRED, most(count) / max(least(base), 1) * HUNDRED
        slack = 1 if figure.value == int(figure.value) else NEAR
        if least(figure) - slack > high or most(figure) + slack < low:
            message = (
                f"{figure.value} per cent isn't {shown(count)} {facts.named(count.id)} of {shown(base)} "
                f"{facts.named(base.id)}, which is {round(low, 1)} per cent"
            )
            yield Finding("percentage-off", figure.id, message, count.id, ("value",))


def _shares_and_counts(facts: Facts) -> Iterator[tuple[Figure, Figure, Figure]]:
    """Yield each percentage with each count of the same share, and the figure they're a share of."""
    counts: dict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for figure in facts.figures.values():
        if figure.value_type is ValueType.COUNT and facts.base_of(figure) is not None:
            counts[_share(figure)].append(figure)
    for figure in facts.figures.values():
        base = facts.base_of(figure)
        if figure.value_type is not ValueType.PERCENT or base is None:
            continue
        linked = facts.related(figure, RelationType.SAME_FACT)
        for count in {one.id: one for one in [*linked, *counts[_share(figure)]]}.values():
            yield figure, count, base


def _share(figure: Figure) -> tuple[object, ...]:
    """Return which share of which figure this is."""
    return (figure.base.id if figure.base is not None else None, *_measure(figure))


def _measure(figure: Figure) -> tuple[object, ...]:
    """Return what a figure counts, for whom and when."""
    what = (figure.force, figure.kind, figure.stage, figure.outcome, figure.allegation, figure.unit)
    who = (tuple(sorted(figure.subjects)), tuple(sorted(figure.breakdown.items())))
    days = (figure.period.start, figure.period.end, figure.period.as_at, figure.period.event)
    return (*what, *who, *days)


def same_facts(facts: Facts) -> Findings:
    """Question same-fact and conflict links that the figures' forces or numbers contradict."""
    for figure in facts.figures.values():
        for other in figure.related:
            twin = facts.figures.get(other.id)
            if twin is None or figure.id > other.id:
                continue
            is_same = other.type is RelationType.SAME_FACT
            if is_same and not one_above(facts.areas, figure.force, twin.force):
                message = f"is about {figure.force}, but the same fact {facts.named(twin.id)} is about {twin.force}"
                yield Finding("same-fact-elsewhere", figure.id, message, twin.id, ("related",))
            both = _is_count(figure) and _is_count(twin) and figure.unit is twin.unit
            apart = both and (least(figure) > most(twin) or least(twin) > most(figure))
            if is_same and apart:
                message = f"gives {shown(figure)}, but the same fact {facts.named(twin.id)} gives {shown(twin)}"
                yield Finding("same-fact-other-number", figure.id, message, twin.id, ("value",))
            if other.type is RelationType.CONFLICTS_WITH and both and figure.value == twin.value:
                message = f"conflicts with {facts.named(twin.id)}, which gives the same number, {shown(twin)}"
                yield Finding("conflict-without-difference", figure.id, message, twin.id, ("related",))


def changes(facts: Facts) -> Findings:
    """Question falls larger than the starting number, and changes that don't match the difference of two counts."""
    counts: dict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for figure in filter(_is_count, facts.figures.values()):
        counts[_measure(figure)].append(figure)
    for figure in facts.figures.values():
        for before in facts.related(figure, RelationType.CHANGE_FROM):
            if before.value is None:
                continue
            if figure.value_type is ValueType.CHANGE_COUNT and -(figure.value or 0) > most(before):
                message = f"falls by {-(figure.value or 0)} from {facts.named(before.id)}: {shown(before)}"
                yield Finding("fall-exceeds-start", figure.id, message, before.id, ("value",))
            for after in counts[_measure(figure)]:
                if after is not before and (found := _change(figure, before, after)) is not None:
                    message = (
                        f"{figure.value} isn't the change from {shown(before)} {facts.named(before.id)} to "
                        f"{shown(after)} {facts.named(after.id)}, which is {found:g}"
                    )
                    yield Finding("change-off", figure.id, message, after.id, ("value",))


def _change(figure: Figure, before: Figure, after: Figure) -> float | None:
    """Return the change between two exact counts, if it isn't the change that the figure gives."""
    are_exact = {one.qualifier for one in (figure, before, after)} == {Qualifier.EXACT}
    if figure.value_type not in CHANGES or not are_exact or not _is_count(before):
        return None
    if figure.value is None or not before.value or after.value is None:
        return None
    change, slack = after.value - before.value, 0.0
    if figure.value_type is ValueType.CHANGE_PERCENT:
        change = round(change / before.value * HUNDRED, 1)
        slack = 1 if figure.value == int(figure.value) else NEAR
    return change if abs(change - figure.value) > slack + NEAR / HUNDRED else None


def numbers_of_forces(facts: Facts) -> Findings:
    """Reject figures that cover more forces than exist."""
    forces = [force for force, _ in facts.contents.forces if force.kind is not ForceKind.AREA]
    for figure in facts.figures.values():
        if figure.coverage is None:
            continue
        there = sum(facts.holds(figure.force, force.id) for force in forces) or 1
        number = max(figure.coverage.forces_included, figure.coverage.forces_asked or 0)
        if number > there:
            message = f"{number} forces are more than the {there} in {figure.force}"
            yield Finding("more-forces-than-there-are", figure.id, message, place=("coverage",))


def numbers_used_twice(facts: Facts) -> Findings:
    """Question numbers that are printed once but used for two records."""
    first: dict[tuple[str, int], list[tuple[int, int, str, str]]] = defaultdict(list)
    for record in facts.records.values():
        for evidence in record.evidence:
            if not evidence.located or evidence.as_printed is None or evidence.role is EvidenceRole.DISPUTES:
                continue
            start, end = evidence.start or 0, evidence.end or 0
            place = (evidence.source, evidence.paragraph or 0)
            printed = evidence.as_printed.casefold()
            for other_start, other_end, other_printed, other in first[place]:
                if other != record.id and printed == other_printed and start < other_end and other_start < end:
                    message = (
                        f"{evidence.as_printed!r} in paragraph {place[1]} is the number of {facts.named(other)} too"
                    )
                    yield Finding("number-used-twice", record.id, message, other, ("evidence",))
            first[place].append((start, end, printed, record.id))


UNLESS_RELATED = frozenset({RelationType.SAME_FACT, RelationType.CONFLICTS_WITH, RelationType.SUPERSEDES})


def equal_figures(facts: Facts) -> Findings:
    """Question equal numbers for one measure, force and period under two ids: they may be the same figure."""
    alike: dict[tuple[object, ...], list[Figure]] = defaultdict(list)
    for figure in facts.figures.values():
        period = figure.period
        if figure.value is None or period.start is None:
            continue
        what = (figure.kind, figure.stage, figure.outcome, figure.allegation, figure.unit, figure.value_type)
        breakdown = tuple(sorted(figure.breakdown.items()))
        alike[figure.value, figure.force, period.start, period.end, *what, breakdown].append(figure)
    for figures in alike.values():
        for a, b in combinations(figures, 2):
            related = {other.type for other in a.related if other.id == b.id}
            related |= {other.type for other in b.related if other.id == a.id}
            others = a.subjects and b.subjects and set(a.subjects).isdisjoint(b.subjects)
            if related.isdisjoint(UNLESS_RELATED) and not others:
                message = f"{shown(b)} is also {facts.named(a.id)}, for the same measure, force and period"
                yield Finding("equal-figures", b.id, message, a.id, ("value",))


def units(facts: Facts) -> Findings:
    """Question units that don't fit the figure's other fields."""
    of_people = ("left-police-service", "criminal-sanction", "warned", "restricted-duties")
    for figure in facts.figures.values():
        if figure.unit in {Unit.ALLEGATION, Unit.COMPLAINT} and facts.is_below(
            "outcome", figure.outcome, *of_people
        ):
            message = f"{figure.unit}s aren't {figure.outcome}, people are; one that is rejected is not-upheld"
            yield Finding("outcome-of-people", figure.id, message, place=("outcome",))
        if figure.unit is Unit.CONVICTION and not facts.is_below("outcome", figure.outcome, "convicted"):
            message = f"counts convictions, but its outcome is {figure.outcome or 'none'}"
            yield Finding("convictions-of-what", figure.id, message, place=("unit",))
        if figure.kind is Kind.COMPLAINT and figure.unit is Unit.PROCEEDING:
            yield Finding("steps-as-complaints", figure.id, "counts proceedings as complaints", place=("unit",))
        if figure.value_type is ValueType.RATE and figure.per_unit is None:
            message = f"per {figure.per} of what? give per_unit if the source says it"
            yield Finding("rate-of-what", figure.id, message, place=("per",))

"""Whether a record's statement matches its fields: a slip is easy to miss in a field, less so in a sentence."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from app.domain.records import Figure, Record, stating_evidence
from app.domain.rules import CHANGES
from app.domain.trees import one_above, unions_of
from app.domain.vocabulary import RelationType, ValueType
from app.evidence.numbers import CARDINALS, MAGNITUDES
from app.seeds.coherence import YEARS, days_of
from app.seeds.findings import Facts, Finding, Findings


def outcomes(facts: Facts) -> Findings:
    """Question statements that name a different outcome from the record's, such as "jailed" with `dismissed`."""
    codes = [code for code, _ in facts.contents.outcome]
    unions, tree = unions_of(codes), facts.trees["outcome"]
    names = {name: code.id for code in codes for name in (code.label.casefold(), *map(str.casefold, code.aliases))}
    pattern = re.compile(rf"\b({'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})\b")

    def fits(named: str, code: str) -> bool:
        united = unions.get(code, frozenset()) | unions.get(named, frozenset())
        return one_above(tree, named, code) or any(
            one_above(tree, one, other) for one in united for other in (named, code)
        )

    for record in facts.records.values():
        if record.outcome is None:
            continue
        named = {names[word]: word for word in pattern.findall(record.statement.casefold())}
        base = facts.base_of(record) if isinstance(record, Figure) else None
        whole = base.outcome if base is not None else None
        others = {code: word for code, word in named.items() if whole is None or not one_above(tree, code, whole)}
        if others and not any(fits(code, record.outcome) for code in named):
            said = " and ".join(f"\u201c{word}\u201d ({code})" for code, word in others.items())
            message = f"the statement says {said}, but the outcome is {record.outcome}"
            yield Finding("statement-of-other-outcome", record.id, message, place=("outcome",))


def rates(facts: Facts) -> Findings:
    """Question statements that don't name what a rate is per."""
    for figure in facts.figures.values():
        if figure.per is not None and figure.per not in _numbers(figure.statement):
            message = f"per {figure.per:,}, which the statement doesn't name"
            yield Finding("statement-of-other-rate", figure.id, message, place=("per",))


def numbers(facts: Facts) -> Findings:
    """Question statements that give another figure's number as the whole."""
    by_value: Mapping[tuple[str, float], list[Figure]] = defaultdict(list)
    for figure in facts.figures.values():
        if figure.value is not None and figure.value_type is ValueType.COUNT:
            by_value[stating_evidence(figure).source, figure.value].append(figure)
    for figure in facts.figures.values():
        whole = facts.base_of(figure)
        is_cell = figure.id in facts.contents.cells  # its statement is a pattern for the column
        if is_cell or whole is None or whole.value is None:
            continue
        named = set(_numbers(figure.statement))
        if whole.value in named:
            continue
        known = {figure.id, whole.id, *(one.id for one in figure.related)}
        source = stating_evidence(figure).source
        for value in sorted(named - {0, 1, figure.value, figure.value_to}):
            others = [one for one in by_value.get((source, value), ()) if one.id not in known]
            if others:
                message = (
                    f"the statement names {value:g}, which is {facts.named(others[0].id)}, but its whole is "
                    f"{facts.named(whole.id)}: {whole.value:g}"
                )
                yield Finding("statement-of-other-whole", figure.id, message, whole.id, ("base",))


WORDS = {**CARDINALS, **MAGNITUDES}
NUMBER = re.compile(rf"\d[\d,]*(?:\.\d+)?|\b(?:{'|'.join(WORDS)})\b")
"""Numbers as our own statements write them. Matching everything articles print would take a tenth of a second."""


def _numbers(statement: str) -> Iterator[float]:
    for found in NUMBER.findall(YEARS.sub("", statement.lower())):
        yield WORDS[found] if found in WORDS else float(found.replace(",", ""))


def years(facts: Facts) -> Findings:
    """Question statements that name years outside the period."""
    for record in facts.records.values():
        period = record.period
        if period.start is None or _is_change(record):
            continue
        last = period.end or period.as_at
        named = {int(year) for year, _ in YEARS.findall(record.statement)}
        outside = {year for year in named if year < period.start.year or (last is not None and year > last.year)}
        if outside:
            named_years = ", ".join(map(str, sorted(outside)))
            message = f"the statement names {named_years}, but the days are {days_of(period)}"
            yield Finding("statement-of-other-years", record.id, message, place=("period",))


def _is_change(record: Record) -> bool:
    return isinstance(record, Figure) and record.value_type in CHANGES


def units_of_parts(facts: Facts) -> Findings:
    """Question parts that count a different unit from the figure they're declared to be part of."""
    for figure in facts.figures.values():
        for whole in facts.related(figure, RelationType.PART_OF):
            if figure.unit is not whole.unit:
                message = f"counts {figure.unit}, but is part of {facts.named(whole.id)}, which counts {whole.unit}"
                yield Finding("part-in-other-unit", figure.id, message, whole.id, ("unit",))

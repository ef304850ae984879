"""Whether a record fits its whole, its dates, its label and its source."""

import calendar
import re
from collections.abc import Iterator
from datetime import date

from app.domain.dataset import Source
from app.domain.records import Figure, Incident, Period, Record
from app.domain.trees import one_above
from app.domain.vocabulary import (
    SUBJECT_NAMES,
    UNIT_NAMES,
    EvidenceRole,
    Kind,
    PeriodEvent,
    Precision,
    Standing,
    Unit,
    ValueType,
    YearType,
)
from app.domain.wording import in_a_list
from app.seeds.findings import Facts, Finding, Findings

FIRST_YEAR = 1829
"""No police force in Britain is older."""

LONG = 30
"""The longest period, in years, that doesn't look like a slip."""

APRIL = 4


def _with_wholes(facts: Facts) -> Iterator[tuple[Figure, Figure]]:
    """Yield each figure that is part of its settled denominator, with that denominator."""
    for figure in facts.figures.values():
        if (whole := facts.whole_of(figure)) is not None:
            yield figure, whole


PLACE = ("base",)


def others_of_wholes(facts: Facts) -> Findings:
    """Reject parts about a force, people, allegations or categories that their whole can't include."""
    for figure, whole in _with_wholes(facts):
        name = facts.named(whole.id)
        if not facts.holds(whole.force, figure.force):
            message = f"is about {figure.force}, but its whole {name} is about {whole.force}"
            yield Finding("whole-of-another-force", figure.id, message, whole.id, PLACE)
        if figure.subjects and whole.subjects and set(figure.subjects).isdisjoint(whole.subjects):
            own, other = in_a_list(figure.subjects), in_a_list(whole.subjects)
            message = f"is about {own}, but its whole {name} is about {other}"
            yield Finding("whole-of-others", figure.id, message, whole.id, PLACE)
        for dimension, category in whole.breakdown.items():
            if (found := figure.breakdown.get(dimension, category)) != category:
                message = f"is about {dimension} {found}, but its whole {name} is about {dimension} {category}"
                yield Finding("whole-of-others", figure.id, message, whole.id, PLACE)
        if not one_above(facts.trees["allegation"], figure.allegation, whole.allegation):
            message = f"is about {figure.allegation}, but its whole {name} is about {whole.allegation}"
            yield Finding("whole-of-other-allegations", figure.id, message, whole.id, PLACE)


def widths_of_wholes(facts: Facts) -> Findings:
    """Question parts that cover more people or allegations than their whole."""
    for figure, whole in _with_wholes(facts):
        name = facts.named(whole.id)
        own, other = set(figure.subjects), set(whole.subjects)
        if other and not own <= other and not own.isdisjoint(other):
            wider, narrower = in_a_list(figure.subjects), in_a_list(whole.subjects)
            message = f"is about {wider}, but its whole {name} is only about {narrower}"
            yield Finding("part-wider-than-whole", figure.id, message, whole.id, PLACE)
        if figure.allegation != whole.allegation and facts.is_below(
            "allegation", whole.allegation, figure.allegation
        ):
            message = f"is about {figure.allegation}, but its whole {name} is only about {whole.allegation}"
            yield Finding("part-wider-than-whole", figure.id, message, whole.id, PLACE)


EXCLUDING = (("not-upheld", "upheld"), ("no-action", "left-police-service"), ("no-action", "warned"))
"""Pairs of outcomes that no case can have both of."""


def kinds_of_wholes(facts: Facts) -> Findings:
    """Question wholes that can hardly include the part, and percentages without a whole."""
    for figure, whole in _with_wholes(facts):
        name = facts.named(whole.id)
        if whole.value_type is not ValueType.COUNT:
            message = f"its whole {name} is a {whole.value_type}; only a count has parts"
            yield Finding("whole-is-no-count", figure.id, message, whole.id, PLACE)
        pairs = [*EXCLUDING, *((b, a) for a, b in EXCLUDING)]
        if any(
            facts.is_below("outcome", whole.outcome, a) and facts.is_below("outcome", figure.outcome, b)
            for a, b in pairs
        ):
            message = f"is {figure.outcome}, but its whole {name} is {whole.outcome}"
            yield Finding("whole-excludes-part", figure.id, message, whole.id, PLACE)
        if figure.kind is Kind.COMPLAINT and whole.kind is not Kind.COMPLAINT:
            message = f"is a complaint, but its whole {name} is what came of some: {whole.kind}"
            yield Finding("whole-comes-later", figure.id, message, whole.id, PLACE)
        notes = [*facts.own_notes(figure), *(one.note for one in figure.evidence)]
        if figure.unit is not whole.unit and not any(_names(figure, note) for note in notes if note):
            message = (
                f"counts {figure.unit} of a whole counted in {whole.unit}, {name}; say in a note how the "
                f"{UNIT_NAMES[figure.unit][1]} relate to it"
            )
            yield Finding("across-units-without-note", figure.id, message, whole.id, ("unit",))
    for figure in facts.figures.values():
        if figure.value_type is ValueType.PERCENT and figure.base is None:
            message = "what is it a percentage of? give its base, with every candidate if the source is ambiguous"
            yield Finding("percentage-of-what", figure.id, message, place=("value_type",))


def _names(figure: Figure, note: str) -> bool:
    """Whether a note mentions what a figure counts."""
    words = [*UNIT_NAMES[figure.unit], *(SUBJECT_NAMES.values() if figure.unit is Unit.PERSON else ())]
    return any(word.lower() in note.lower() for word in words)


def periods_of_wholes(facts: Facts) -> Findings:
    """Question parts whose period doesn't overlap their whole's, or is longer although the event is the same."""
    for figure, whole in _with_wholes(facts):
        own, other = figure.period, whole.period
        if own.start is None or other.start is None:
            continue
        where = f"its whole {facts.named(whole.id)} is about {days_of(other)}"
        apart = (other.end is not None and own.start > other.end) or (own.end is not None and own.end < other.start)
        wider = own.start < other.start or (other.end is not None and (own.end is None or own.end > other.end))
        if apart:
            message = f"is about {days_of(own)}, but {where}"
            yield Finding("whole-of-another-period", figure.id, message, whole.id, ("period",))
        elif wider and (own.event is other.event or PeriodEvent.NOT_STATED in {own.event, other.event}):
            message = f"is about {days_of(own)}, which is more than {where.replace(' is about', ':')}"
            yield Finding("part-longer-than-whole", figure.id, message, whole.id, ("period",))


def days_of(period: Period) -> str:
    """Return the first and last day of a dated period."""
    return f"{period.start} to {period.end or 'no end'}"


def first_days(facts: Facts) -> Findings:
    """Reject periods before there were police forces, and counts taken before their period starts."""
    for record in facts.records.values():
        start, as_at = record.period.start, record.period.as_at
        if start is not None and start.year < FIRST_YEAR:
            message = f"no police force is as old as {start}"
            yield Finding("before-the-police", record.id, message, place=("period", "start"))
        if start is not None and as_at is not None and as_at < start:
            message = f"as_at {as_at} is before the period, which starts on {start}"
            yield Finding("as-at-before-start", record.id, message, place=("period", "as_at"))


def lengths(facts: Facts) -> Findings:
    """Question unusually long periods."""
    for record in facts.records.values():
        period = record.period
        if period.start is not None and period.end is not None and period.end.year - period.start.year > LONG:
            message = f"{days_of(period)} is more than {LONG} years"
            yield Finding("long-period", record.id, message, place=("period",))


def _last_day(source: Source) -> date | None:
    """Return the last day on which a source may have been published; None if unknown."""
    written = source.published.date
    if written is None:
        return None
    year, month = int(written[:4]), int(written[5:7] or 12)
    return date(year, month, int(written[8:] or calendar.monthrange(year, month)[1]))


def _published(facts: Facts) -> Iterator[tuple[Record, date]]:
    days = {source.id: _last_day(source) for source, _ in facts.contents.sources}
    for record in facts.records.values():
        for evidence in record.evidence:
            day = days.get(evidence.source)
            if evidence.role is EvidenceRole.STATES and day is not None:
                yield record, day


def after_publication(facts: Facts) -> Findings:
    """Reject periods that start, and counts taken, after their source was published."""
    for record, published in _published(facts):
        period = record.period
        if period.start is not None and period.start > published:
            message = f"its source is dated {published}, before the period starts on {period.start}"
            yield Finding("starts-after-publication", record.id, message, place=("period", "start"))
        # A count given for a month or year may have been taken on any day in it.
        elif (
            period.as_at is not None
            and period.as_at > published
            and period.as_at_precision in {None, Precision.DAY}
        ):
            message = f"its source is dated {published}, before as_at {period.as_at}"
            yield Finding("as-at-after-publication", record.id, message, place=("period", "as_at"))


def ends_after_publication(facts: Facts) -> Findings:
    """Question periods that end after their source was published, unless `as_at` says when it counted."""
    for record, published in _published(facts):
        period = record.period
        if period.start is None or period.start > published or period.as_at is not None:
            continue
        if period.end is not None and period.end > published:
            ends = f"before the period ends on {period.end}; as_at says when it counted"
            message = f"its source is dated {published}, {ends}"
            yield Finding("ends-after-publication", record.id, message, place=("period", "end"))


MONTHS = {name.lower(): month for month, name in enumerate(calendar.month_name) if name}
FINANCIAL = re.compile(
    r"financial|\bFY ?\d|year (?:to|ending|ended) (?:31 )?march|\b(?:19|20)\d\d[-/\u2013]\d\d\b", re.IGNORECASE
)
YEARS = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?:[-/\u2013](\d\d)(?!\d))?(?!\d)")
ISO_DATE = re.compile(r"\b(\d{4})-\d\d-\d\d\b")
MONTH_NAMES = re.compile(rf"\b({'|'.join(MONTHS)})\b", re.IGNORECASE)


RELATIVE = re.compile(r"\b(?:before|after|previous|preceding|last|past|following)\b", re.IGNORECASE)
"""Words that let a label name months other than those of the period."""


def labels(facts: Facts) -> Findings:
    """Question labels that don't match the days of their period."""
    for record in facts.records.values():
        period = record.period
        if period.start is None:
            continue
        for code, message in _label_problems(period, period.start):
            yield Finding(code, record.id, message, place=("period", "label"))


def _label_problems(period: Period, start: date) -> Iterator[tuple[str, str]]:
    label, end = ISO_DATE.sub(r"\1", period.label), period.end  # 2021-01-01 isn't the financial year 2021-01
    says = f"the label says \u201c{period.label}\u201d, but the days are {days_of(period)}"
    whole_years = period.precision is Precision.YEAR or (
        end is not None and (start.day, start.month) == (1, 1) and (end.day, end.month) == (31, 12)
    )
    if FINANCIAL.search(label) and whole_years and start.month != APRIL:
        yield "financial-label", says
    if period.year_type is YearType.FINANCIAL and not FINANCIAL.search(label) and not MONTH_NAMES.search(label):
        yield "calendar-label", f"{says}, April to March; say that it is a financial year"
    named = {int(year) for year, _ in YEARS.findall(label)}
    named |= {int(year) // 100 * 100 + int(second) for year, second in YEARS.findall(label) if second}
    last = end or period.as_at or start
    if named and (
        min(named) != start.year or (end is not None and max(named) != end.year) or max(named) > last.year
    ):
        yield "label-of-other-years", says
    months = [MONTHS[name.lower()] for name in MONTH_NAMES.findall(label)]
    expected = {start.month} | ({end.month} if end is not None else set())
    allowed = expected | ({period.as_at.month} if period.as_at is not None else set())
    if (
        months
        and not RELATIVE.search(label)
        and period.precision is not Precision.YEAR
        and not (expected <= set(months) <= allowed)
    ):
        yield "label-of-other-months", says


def standings(facts: Facts) -> Findings:
    """Question incidents whose outcome doesn't fit their standing."""
    for record in facts.records.values():
        if not isinstance(record, Incident) or record.outcome is None:
            continue
        is_sanction = facts.is_below("outcome", record.outcome, "convicted")
        if is_sanction and record.standing is not Standing.CONVICTED:
            message = f"has the outcome {record.outcome}, but the standing {record.standing}"
            yield Finding("convicted-but-not-standing", record.id, message, place=("standing",))
        if record.standing is Standing.CONVICTED and facts.is_below(
            "outcome", record.outcome, "not-upheld", "no-action"
        ):
            message = f"has the standing convicted, but the outcome {record.outcome}"
            yield Finding("convicted-without-outcome", record.id, message, place=("outcome",))

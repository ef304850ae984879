"""A synthetic dataset of any size: made-up figures about real forces, with the project's own codes.

Deterministic: the same number of figures is the same dataset everywhere.
"""

import calendar
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from random import Random
from typing import Any, NamedTuple

from app.domain.dataset import Dataset, Force, Release, Source
from app.domain.records import Base, Coverage, Evidence, Figure, Incident, Period, Record, Related
from app.domain.vocabulary import (
    BaseBasis,
    EvidenceRole,
    Kind,
    OutcomeStatus,
    PeriodEvent,
    Qualifier,
    RelationType,
    SourceKind,
    Standing,
    Subject,
    Unit,
    ValueStatus,
    ValueType,
)
from app.seeds.reading import read
from app.settings import PROJECT

FIRST_YEAR, YEARS = 1995, 30
SOURCES = 200
FIGURES_PER_INCIDENT = 20
COPIED = 10
"""One source of so many goes back to another."""

UNDATED = 0.03
CITED_TWICE = 0.2
RELATED = 0.05


STATED = 0.85
OTHER_TYPES = 0.3
NOTED = 0.1
SURVEYS = 40
"""One tree of so many is a survey of forces, with a coverage."""

NOTES = ["The number is made up, and so is this note: what it says is as long as such notes are."]
NOT_STATED = (ValueStatus.NOT_DISCLOSED, ValueStatus.WITHHELD, ValueStatus.NOT_COUNTED)
QUALIFIERS = (*[Qualifier.EXACT] * 12, *Qualifier)
SUBJECTS = (
    *[[Subject.OFFICERS]] * 6,
    [Subject.OFFICERS, Subject.STAFF],
    [Subject.STAFF],
    *([one] for one in Subject),
    [],
)
VALUE_TYPES = tuple(ValueType)
STANDINGS = tuple(Standing)
RELATIONS = tuple(one for one in RelationType if one is not RelationType.PART_OF)


class Shape(NamedTuple):
    """What a figure of a tree is, and of which earlier ones it is a share."""

    kind: Kind
    unit: Unit
    base: int | None = None
    part: bool = True
    candidates: tuple[int, ...] = ()


SHAPES = (
    Shape(Kind.COMPLAINT, Unit.COMPLAINT),
    Shape(Kind.PROCEEDING, Unit.PROCEEDING, base=0, part=False),
    Shape(Kind.PROCEEDING, Unit.CASE, base=1),
    Shape(Kind.OUTCOME, Unit.PERSON, base=2),
    Shape(Kind.OUTCOME, Unit.PERSON, base=3),
    Shape(Kind.OUTCOME, Unit.CONVICTION, candidates=(0, 1)),
    Shape(Kind.COMPLAINT, Unit.ALLEGATION),
    Shape(Kind.PROCEEDING, Unit.NOT_STATED),
)
"""A tree, and what stands beside it."""


class Words(NamedTuple):
    """What records choose from: each word as often as it may come up."""

    forces: list[Force]
    weights: list[float]
    allegations: list[str]
    stages: list[str]
    outcomes: list[str]
    breakdowns: list[dict[str, str]]
    periods: list[Period]
    undated: list[Period]
    first: list[Evidence]
    more: list[Evidence]


def release_of(figures: int) -> Release:
    """Return the release that the synthetic dataset of this size is.

    Its digest is of its size, which tells all of it: that of its canonical lines would take longer than loading.
    """
    return Release(
        version=f"0.0.{figures}",
        published_at=datetime(2024, 1, 1, tzinfo=UTC),
        note=f"Synthetic: {figures} made-up figures.",
        digest=hashlib.sha256(f"synthetic {figures}".encode()).hexdigest(),
    )


def incidents_of(figures: int) -> int:
    """Return how many incidents there are beside so many figures."""
    return figures // FIGURES_PER_INCIDENT


def dataset_of(figures: int) -> Dataset:
    """Return a dataset of so many figures, and an incident for every twentieth."""
    reference = _reference()
    return reference.model_copy(update={"records": list(_records(figures, reference))})


@cache
def _reference() -> Dataset:
    """Return the project's own forces and codes, with made-up sources."""
    real = read(PROJECT / "seeds").dataset
    kinds = list(SourceKind)
    sources = [
        Source.model_validate(
            {
                "id": f"synthetic-source-{number:03}",
                "title": f"A made-up account, number {number}",
                "publisher": f"The Made-up Courier {number % 7}",
                "published": {"date": f"{FIRST_YEAR + number % YEARS}-06", "precision": "month", "basis": "stated"},
                "kind": kinds[number % len(kinds)],
                "origin": f"synthetic-source-{number - 1:03}" if number % COPIED == 1 else None,
                "file": f"synthetic-{number:03}.txt",
                "sha256": hashlib.sha256(str(number).encode()).hexdigest(),
            }
        )
        for number in range(SOURCES)
    ]
    return real.model_copy(update={"sources": sources, "workforces": [], "records": []})


def _words(reference: Dataset) -> Words:
    forces = list(reference.forces)
    codes = reference.codes
    located = [
        {
            "paragraph": 1 + n % 40,
            "start": n % 300,
            "end": n % 300 + 90,
            "sha256": hashlib.sha256(b"%d" % n).hexdigest(),
        }
        for n in range(5 * SOURCES)
    ]
    later = [EvidenceRole.REPEATS, EvidenceRole.CORROBORATES, EvidenceRole.DISPUTES]

    def evidence(number: int, role: EvidenceRole) -> Evidence:
        return Evidence.model_validate(
            {"source": f"synthetic-source-{number % SOURCES:03}", "role": role, **located[number]}
        )

    return Words(
        forces=forces,
        weights=[1 / (1 + place) ** 0.5 for place in range(len(forces))],
        # The wide codes come first in the trees, and more often in figures.
        allegations=[code.id for code in codes.allegation for _ in range(1 if code.parent else 4)],
        stages=[code.id for code in codes.stage],
        outcomes=[code.id for code in codes.outcome for _ in range(6 if code.id == "upheld" else 1)],
        breakdowns=[*[{}] * 12, *({category.dimension: category.id} for category in codes.breakdown)],
        periods=_periods(),
        undated=[
            Period.model_validate({"basis": "not-stated", "event": event, "label": "no date stated"})
            for event in PeriodEvent
        ],
        first=[evidence(number, EvidenceRole.STATES) for number in range(len(located))],
        more=[evidence(number, later[number % 3]) for number in range(len(located))],
    )


def _periods() -> list[Period]:
    """Return periods of every precision over the years, single years most of all."""
    found = []
    events = list(PeriodEvent)
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        start, end = date(year, 1, 1), date(year, 12, 31)
        for event in events:
            found += [_period(start, end, "year", event, "calendar")] * 12
            found += [_period(start, end, "year", event, "not-stated")] * 12
            found += [_period(date(year, 4, 1), date(year + 1, 3, 31), "year", event, "financial")] * 24
        for more in range(1, 7):
            end = date(min(year + more, FIRST_YEAR + YEARS), 12, 31)
            found.append(_period(start, end, "year", events[more % 4], "not-stated"))
        for month in range(1, 13):
            first = date(year, month, 1)
            last = first.replace(day=calendar.monthrange(year, month)[1])
            found.append(_period(first, last, "month", events[month % 4]))
            found += [_period(day, day, "day", events[day.day % 4]) for day in (first, last)]
    return found


def _period(start: date, end: date, precision: str, event: PeriodEvent, year_type: str | None = None) -> Period:
    return Period.model_validate(
        {
            "start": start,
            "end": end,
            "precision": precision,
            "year_type": year_type,
            "basis": "inferred" if event is PeriodEvent.RECEIVED else "stated",
            "event": event,
            "label": f"{start} to {end}",
        }
    )


def _records(figures: int, reference: Dataset) -> Iterator[Record]:
    words = _words(reference)
    # The same start whatever the number: a smaller dataset is the beginning of a larger one.
    chance = Random(0)  # noqa: S311 - made up, and the same every time
    told = 0
    for first in range(0, figures, len(SHAPES)):
        made = _tree(first // len(SHAPES), words, chance)[: figures - first]
        yield from made
        while told < (first + len(made)) // FIGURES_PER_INCIDENT:
            figure = made[0]
            yield _incident(told, figure, words, chance)
            told += 1


def _tree(number: int, words: Words, chance: Random) -> list[Figure]:
    """Return figures that hang together: complaints, what was done, what came of it, and what stands beside it."""
    force = chance.choices(words.forces, words.weights)[0]
    period = chance.choice(words.undated if chance.random() < UNDATED else words.periods)
    common = {
        "force": force.id,
        "period": period,
        "allegation": chance.choice(words.allegations),
        "subjects": chance.choice(SUBJECTS),
        "coverage": _coverage(number),
    }
    found: list[Figure] = []
    for place, shape in enumerate(SHAPES):
        whole = found[shape.base] if shape.base is not None else None
        most = whole.value if whole is not None and whole.value else 5000
        value = _value(shape, int(most), chance)
        counted = "an untold number" if value["value"] is None else str(value["value"])
        stated = {
            **common,
            **value,
            "id": f"synthetic-{number:07}-{place}",
            "kind": shape.kind,
            "statement": f"{force.name}, {period.label}: {counted} by {shape.unit}, a figure of {shape.kind}s.",
            "stage": chance.choice(words.stages) if shape.kind is Kind.PROCEEDING else None,
            "outcome": chance.choice(words.outcomes) if shape.kind is Kind.OUTCOME else None,
            "unit": shape.unit,
            "breakdown": chance.choice(words.breakdowns),
            "base": _base(shape, found),
            "related": [],
            "evidence": [chance.choice(words.first)],
            "notes": NOTES if chance.random() < NOTED else [],
        }
        if chance.random() < CITED_TWICE:
            stated["evidence"] = [*stated["evidence"], chance.choice(words.more)]
        if found and chance.random() < RELATED:
            stated["related"] = [Related(type=chance.choice(RELATIONS), id=chance.choice(found).id)]
        # Several times quicker than making each anew.
        found.append(PROTOTYPE.model_copy(update=stated))
    return found


PROTOTYPE = Figure.model_validate(
    {
        "id": "synthetic",
        "kind": "complaint",
        "statement": "Every figure is made from this one.",
        "force": "metropolitan",
        "period": {"basis": "not-stated", "event": "not-stated", "label": "no date stated"},
        "allegation": "any",
        "value_status": "withheld",
        "unit": "case",
        "evidence": [{"source": "synthetic", "role": "states"}],
    }
)


def _value(shape: Shape, most: int, chance: Random) -> dict[str, Any]:
    """Return what is said of a number: mostly an exact count that is not above its whole's."""
    status = ValueStatus.STATED if chance.random() < STATED else chance.choice(NOT_STATED)
    qualifier = chance.choice(QUALIFIERS) if status is ValueStatus.STATED else Qualifier.EXACT
    value: float | None = chance.randint(0, most)
    value_type = ValueType.COUNT
    if shape.base is None and chance.random() < OTHER_TYPES:
        value_type = chance.choice(VALUE_TYPES)
        if value_type in {ValueType.PERCENT, ValueType.RATE}:
            value = chance.randint(1, 999) / 10
    if status is not ValueStatus.STATED:
        value = None
    return {
        "value": value,
        "value_to": value + 10 if value is not None and qualifier is Qualifier.BETWEEN else None,
        "value_type": value_type,
        "per": 1000 if value_type is ValueType.RATE else None,
        "value_status": status,
        "qualifier": qualifier,
    }


def _coverage(number: int) -> Coverage | None:
    """Return how many forces a tree's figures are based on: mostly not stated."""
    if number % SURVEYS:
        return None
    asked = 20 + number // SURVEYS % 24
    return Coverage(forces_asked=asked, forces_included=asked - number // SURVEYS % 7)


def _base(shape: Shape, found: Sequence[Figure]) -> Base | None:
    if shape.base is not None:
        whole = found[shape.base].id
        return Base.model_construct(None, id=whole, basis=BaseBasis.STATED, part=shape.part, candidates=[whole])
    if shape.candidates:
        candidates = [found[place].id for place in shape.candidates]
        return Base.model_construct(None, id=None, basis=BaseBasis.AMBIGUOUS, part=True, candidates=candidates)
    return None


def _incident(number: int, figure: Figure, words: Words, chance: Random) -> Incident:
    """Return an event that lies in a figure."""
    outcome = chance.choice(words.outcomes) if chance.random() < STATED else None
    return Incident.model_construct(
        None,
        id=f"{figure.id.rpartition('-')[0]}-incident",
        kind=Kind.INCIDENT,
        statement=f"A made-up event, number {number}, of which {figure.id} takes account.",
        force=figure.force,
        period=chance.choice(words.periods),
        allegation=chance.choice(words.allegations),
        standing=chance.choice(STANDINGS),
        outcome=outcome,
        outcome_status=OutcomeStatus.NOT_STATED if outcome is None else OutcomeStatus.STATED,
        related=[Related(type=RelationType.PART_OF, id=figure.id)],
        evidence=[chance.choice(words.first)],
    )

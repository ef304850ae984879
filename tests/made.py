"""Made-up records for tests, short to write, with the real forces and codes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Engine

from app.database.loader import load_editions
from app.domain.dataset import Dataset, Release, Source, Workforce
from app.domain.records import Base, Figure, Incident, Period, Record
from app.domain.vocabulary import WorkerType
from app.releases.canonical import digest
from app.releases.editions import Edition
from app.releases.history import History, histories
from app.releases.rendering import FigureAnswer, IncidentAnswer, OfRelease, document
from tests.real_seeds import real_seeds

SOURCE = Source.model_validate(
    {
        "id": "made-up",
        "title": "A made-up article",
        "publisher": "Nobody",
        "published": {"date": "2024-05-06", "precision": "day", "basis": "stated"},
        "kind": "news-article",
        "file": "made-up.txt",
        "sha256": "0" * 64,
    }
)
"""The one source of made-up records."""

STATES = {"source": "made-up", "role": "states", "paragraph": 1, "start": 0, "end": 1, "sha256": "0" * 64}

WORKFORCE = Workforce(
    force="metropolitan",
    as_at=date(2020, 3, 31),
    source="made-up",
    headcount={WorkerType.OFFICER: 32_000, WorkerType.SPECIAL: 1_800},
    fte={WorkerType.OFFICER: 31_500.5},
)
"""The Met's headcount on one day."""

UNDATED = Period.model_validate({"basis": "not-stated", "event": "not-stated", "label": "no date stated"})

STAGES_AND_OUTCOMES = {"proceeding": {"stage": "investigation"}, "outcome": {"outcome": "upheld"}}
"""The fields that a figure of each kind needs on top of the common ones."""


def days(start: str, end: str = "", **changes: object) -> Period:
    """Return the period from one day to another, both included, or of one day."""
    first, last = date.fromisoformat(start), date.fromisoformat(end or start)
    facts = {"start": first, "end": last, "precision": "day", "basis": "stated", "event": "occurred"}
    return Period.model_validate({**facts, "label": f"{first} to {last}", **changes})


def base(*candidates: str, **changes: object) -> Base:
    """Return a base whose first candidate is stated to be the whole."""
    facts = {"id": candidates[0], "basis": "stated", "part": True, "candidates": list(candidates)}
    return Base.model_validate({**facts, **changes})


def ambiguous(*candidates: str, **changes: object) -> Base:
    """Return a base that could be any of its candidates."""
    return base(*candidates, **{"id": None, "basis": "ambiguous", **changes})


def figure(id: str, **changes: object) -> Figure:  # noqa: A002 - the name of the field
    """Return a figure: one complaint about the Met in 2020, unless changed."""
    kind = str(changes.get("kind", "complaint"))
    status = str(changes.get("value_status", "stated"))
    facts: dict[str, Any] = {
        "id": id,
        "kind": kind,
        "statement": f"It is said of {id}.",
        "force": "metropolitan",
        "period": days("2020-01-01", "2020-12-31"),
        "allegation": "any",
        "value": 1 if status == "stated" else None,
        "value_status": status,
        "unit": "complaint",
        "evidence": [STATES],
    }
    return Figure.model_validate({**facts, **STAGES_AND_OUTCOMES.get(kind, {}), **changes})


def incident(id: str, **changes: object) -> Incident:  # noqa: A002 - the name of the field
    """Return an incident: an allegation against the Met in 2020, unless changed."""
    facts: dict[str, Any] = {
        "id": id,
        "statement": f"It is said of {id}.",
        "force": "metropolitan",
        "period": days("2020-01-01", "2020-12-31"),
        "allegation": "any",
        "standing": "alleged",
        "outcome_status": "stated" if changes.get("outcome") else "not-stated",
        "evidence": [STATES],
    }
    return Incident.model_validate({**facts, **changes})


@cache
def names() -> dict[str, dict[str, str]]:
    """Return the labels of the project's codes by tree, as the pages use them."""
    real = real_seeds().dataset
    trees = {"allegation": real.codes.allegation, "stage": real.codes.stage, "outcome": real.codes.outcome}
    return {tree: {code.id: code.label for code in codes} for tree, codes in trees.items()} | {
        "force": {force.id: force.name for force in real.forces},
        "breakdown": {f"{one.dimension}={one.id}": one.label for one in real.codes.breakdown},
    }


def answer(record: Record, of: OfRelease) -> FigureAnswer | IncidentAnswer:
    """Return a record as the API answers it."""
    model = IncidentAnswer if isinstance(record, Incident) else FigureAnswer
    return model.model_validate_json(document(record, of))


def alone(release: Release, dataset: Dataset) -> OfRelease:
    """Return the context of a first release that its records are answered in."""
    return OfRelease(release, dataset, next(histories([(release.version, dataset)])))


def answered(record: Figure, whole: Figure | None = None) -> FigureAnswer:
    """Return a figure as the API answers it, with the settled whole that it's a share of if that matters."""
    facts = {"version": "1.0.0", "published_at": datetime(2025, 1, 1, tzinfo=UTC), "note": "Made up."}
    this = Release.model_validate({**facts, "digest": "0" * 64})
    records = {record.id: record}
    if record.base is not None and record.base.id is not None:
        records[record.base.id] = figure(record.base.id, value_status="not-disclosed")
    if whole is not None:
        records[whole.id] = whole
    found = answer(record, alone(this, dataset(list(records.values()))))
    if not isinstance(found, FigureAnswer):
        raise TypeError(f"{record.id} is no figure")
    return found


def dataset(records: Sequence[Record], **changes: object) -> Dataset:
    """Return a dataset of made-up records with the project's forces and codes."""
    made = {"sources": [SOURCE], "workforces": [], "records": list(records)}
    return real_seeds().dataset.model_copy(update={**made, **changes})


def release(version: str, of: Dataset, **changes: object) -> Release:
    """Return the release of a dataset; a higher version has a later date."""
    major, minor, patch = (0, 0, 0) if version == "dev" else map(int, version.split("."))
    published = datetime(2024 + major, 1 + minor, 1 + patch, tzinfo=UTC)
    facts = {"version": version, "published_at": published, "note": "Made up."}
    return Release.model_validate({**facts, "digest": digest(of), **changes})


def load(engine: Engine, of: Dataset, this: Release, history: History | None = None) -> bool:
    """Load a single release beside those already loaded, and return whether anything changed."""
    past = history or next(histories([(this.version, of)]))
    return load_editions(engine, [Edition.of(this, of, past)]).changed


def loaded(engine: Engine, records: Sequence[Record], version: str = "1.0.0", **changes: object) -> Release:
    """Load a dataset of made-up records as a release, make it the current one, and return it."""
    made = dataset(records, **changes)
    this = release(version, made)
    load(engine, made, this)
    return this

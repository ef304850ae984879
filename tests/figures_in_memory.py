"""Made-up figures and facts for the analysis, without a database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.analysis.measures import BaseFacts, ForceFacts, Knowledge, Measured, PeriodFacts
from app.domain.dataset import RuleChange

Changes = Mapping[str, object]

UNDATED: Changes = {"start": None, "end": None, "period_basis": "not-stated"}
"""The changes that remove the dates from a figure."""

TREES: Mapping[str, Mapping[str, str | None]] = {
    "allegation": {"any": None, "sexual-misconduct": "any", "rape": "sexual-misconduct", "neglect": "any"},
    "stage": {"proceedings": None, "gross": "proceedings", "investigation": None},
    "outcome": {"upheld": None, "left": None, "dismissed": "left"},
}
FORCES = {"england-and-wales": None, "metropolitan": "england-and-wales", "gwent": "england-and-wales"}
NAMES = {"force": {"metropolitan": "Metropolitan Police", "england-and-wales": "England and Wales"}}
KNOWN = Knowledge(force_areas=FORCES, parents=TREES, names=NAMES)

CHANGE = RuleChange.model_validate(
    {
        "id": "made-up-change",
        "date": "2020-02-01",
        "precision": "day",
        "title": "Everything is counted anew",
        "note": "Made up.",
        "source": {"title": "A made-up law", "publisher": "Nobody", "url": "https://example.org/law"},
        "forces": ["england-and-wales"],
        "kinds": ["outcome"],
        "allegations": ["sexual-misconduct"],
        "stages": [],
        "outcomes": ["left"],
    }
)
"""A rule change about officers who left, for sexual misconduct."""


def counted(id: str, **changes: Any) -> Measured:  # noqa: A002, ANN401 - the name of the field; fields of all types
    """Return a figure without its texts: ten complaints upheld against Met officers in 2019, unless changed."""
    facts: dict[str, Any] = {
        "kind": "outcome",
        "force": "metropolitan",
        "allegation": "any",
        "stage": None,
        "outcome": "upheld",
        "value": Decimal(10),
        "value_type": "count",
        "per": None,
        "value_status": "stated",
        "qualifier": "exact",
        "unit": "complaint",
        "subjects": frozenset({"officers"}),
        "breakdown": {},
        "start": date(2019, 1, 1),
        "end": date(2019, 12, 31),
        "as_at": None,
        "year_type": None,
        "period_basis": "stated",
        "period_event": "occurred",
        "base_id": None,
        "base_basis": None,
    }
    facts |= changes
    period = PeriodFacts(
        *(facts.pop(name) for name in ("start", "end", "as_at", "year_type", "period_basis", "period_event"))
    )
    base_id, base_basis = facts.pop("base_id"), facts.pop("base_basis")
    base = BaseFacts(base_id, base_basis, part=True) if base_basis is not None else None
    about = ForceFacts(facts.pop("force"))
    return Measured(id=id, **facts | {"about": about, "period": period, "base": base})


def year(number: int, **changes: object) -> Changes:
    """Return the changes that move a figure to another year."""
    return {"start": date(number, 1, 1), "end": date(number, 12, 31), **changes}


def knowing(**changes: Any) -> Knowledge:  # noqa: ANN401 - fields of all types
    """Return what else the analysis knows: forces and code trees, unless changed."""
    return replace(KNOWN, **changes)

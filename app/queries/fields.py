"""Chosen columns of records: those of CSV, and those derived from a record and what it refers to.

`fields` names them. A record with chosen columns is a flat object, in every format.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.analysis.measures import Measured, figures_of
from app.database.reference import Reference
from app.domain.dataset import Source
from app.domain.vocabulary import Kind, ValueType
from app.domain.wording import capitalised, measure_label, number, short_label, uncapitalised
from app.formats.columns import FIGURE_COLUMNS, INCIDENT_COLUMNS, Column


@dataclass(frozen=True)
class Row:
    """A record and what its derived columns are calculated from."""

    document: Mapping[str, Any]
    figure: Measured | None
    """Its facts; None for an incident."""
    base: Measured | None
    """Its denominator, if that is settled."""
    reference: Reference

    @property
    def source(self) -> Source:
        """The source that states it."""
        return self.reference.sources[self.document["links"]["source"].rpartition("/")[2]]


def _label(row: Row) -> str:
    names = row.reference.names
    if row.figure is not None:
        return short_label(row.figure, names)
    outcome = row.document["outcome"]
    words = [names["allegation"][row.document["allegation"]], *([names["outcome"][outcome]] if outcome else [])]
    return capitalised(", ".join(uncapitalised(word) for word in words))


def _measure_label(row: Row) -> str | None:
    return None if row.figure is None else capitalised(measure_label(row.figure, row.reference.names))


def _value_if(value_type: ValueType) -> Callable[[Row], int | float | None]:
    return lambda row: row.figure.number if row.figure is not None and row.figure.value_type == value_type else None


def _year(row: Row) -> int | None:
    end = row.document["period"]["end"]
    return None if end is None else int(end[:4])


@dataclass(frozen=True)
class Derived:
    """A column that a record has only in `fields`."""

    description: str
    value: Callable[[Row], Any]


DERIVED = {
    "label": Derived("What it counts, short, for a chart; with the breakdown.", _label),
    "measure_label": Derived("The same in full: with allegation, unit and whose conduct.", _measure_label),
    "count": Derived("The value if it is a count; null otherwise.", _value_if(ValueType.COUNT)),
    "percent": Derived("The value if it is a percentage; null otherwise.", _value_if(ValueType.PERCENT)),
    "value_display": Derived(
        "The value in words, with its qualifier and sign: `About 1,200`, `12.5%`, `Not disclosed`.",
        lambda row: None if row.figure is None else number(row.figure),
    ),
    "base_value": Derived(
        "The value of its denominator; null if that is not settled, or if it is no part of it.",
        lambda row: None if row.base is None else row.base.number,
    ),
    "base_label": Derived(
        "The label of its denominator.",
        lambda row: None if row.base is None else short_label(row.base, row.reference.names),
    ),
    "year": Derived("The year in which its period ends.", _year),
    "source_publisher": Derived("Who published the source that states it.", lambda row: row.source.publisher),
    "source_published": Derived("When, as finely as that is known.", lambda row: row.source.published.date),
    "source_url": Derived("Where it can be read.", lambda row: row.source.url),
}
"""The derived columns, in the order of the documentation."""

NEED_BASE = frozenset({"base_value", "base_label"})
"""Derived columns that need the denominator."""

ESSENTIAL = ("id", "label", "value", "base_value", "share", "period_label")
"""The columns that charts need most often."""


def list_columns(kinds: Sequence[Kind]) -> list[Column]:
    """Return the columns that records of some kinds have by default."""
    return INCIDENT_COLUMNS if kinds == (Kind.INCIDENT,) else FIGURE_COLUMNS


def columns_of(kinds: Sequence[Kind]) -> Mapping[str, Column]:
    """Return every column that records of these kinds can have, by name, derived ones first."""
    derived = [Column(name, (name,), is_json=False) for name in DERIVED]
    return {column.header: column for column in (*derived, *list_columns(kinds))}


def flat_columns(names: Sequence[str], kinds: Sequence[Kind]) -> list[Column]:
    """Return the columns of records that `with_fields` has made flat."""
    known = columns_of(kinds)
    return [Column(name, (name,), known[name].is_json) for name in names]


def with_fields(
    documents: Sequence[str],
    bases: Sequence[str | None],
    names: Sequence[str],
    kinds: Sequence[Kind],
    reference: Reference,
) -> list[str]:
    """Return records as flat objects with the named columns in order, given the settled base of each."""
    known = columns_of(kinds)
    figures = [None] * len(documents) if kinds == (Kind.INCIDENT,) else figures_of(documents)
    found = []
    for document, figure, base in zip(documents, figures, bases, strict=True):
        # A figure that only results from another isn't a share of it. Dividing the two would give a false share.
        whole = base if figure is not None and figure.base is not None and figure.base.part else None
        row = Row(orjson.loads(document), figure, None if whole is None else figures_of([whole])[0], reference)
        found.append({name: _value(name, row, known) for name in names})
    return [orjson.dumps(row).decode() for row in found]


def _value(name: str, row: Row, known: Mapping[str, Column]) -> Any:  # noqa: ANN401 - any field of a record
    return DERIVED[name].value(row) if name in DERIVED else known[name].value(row.document)

"""What a careful reader must know of the records in a list before quoting them together. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

from app.analysis.measures import Dated, Knowledge, Measured
from app.analysis.total import double_counts
from app.domain.vocabulary import Basis

WarningCode = Literal[
    "mixed-units",
    "mixed-subjects",
    "overlapping-figures",
    "not-disclosed",
    "inferred-period",
    "undated-excluded",
    "no-records",
]

MAX_IDS = 20
"""Ids that a warning names at most."""


@dataclass(slots=True)
class ListWarning:
    """A warning on a list of records."""

    code: WarningCode
    message: str
    ids: list[str]


def warnings_of(  # noqa: PLR0913 - a page of records, and what it is a page of
    records: Sequence[Dated],
    figures: Sequence[Measured],
    known: Knowledge,
    *,
    total: int,
    undated: int = 0,
    undated_ids: Sequence[str] = (),
) -> list[ListWarning]:
    """Return the warnings on the records of a list: their facts as records and, if they are figures, as figures.

    `undated` is the number of undated records that the list leaves out, `undated_ids` are some of their ids.
    """
    found: list[ListWarning] = []

    def warn(code: WarningCode, message: str, ids: Iterable[str] = ()) -> None:
        found.append(ListWarning(code, message, list(islice(ids, MAX_IDS))))

    units = sorted({figure.unit for figure in figures})
    if len(units) > 1:
        message = f"The figures count in different units, which may not be added or compared: {', '.join(units)}."
        warn("mixed-units", message, (figure.id for figure in figures))
    if len({figure.subjects for figure in figures}) > 1:
        message = "The figures are about different groups of people; see `subjects`."
        warn("mixed-subjects", message, (figure.id for figure in figures))
    if overlapping := list(islice(_overlapping(figures, known), MAX_IDS)):
        message = "Some of the figures overlap, or one is part of another; `/v1/total` says which."
        warn("overlapping-figures", message, overlapping)
    if unknown := [figure.id for figure in figures if not figure.stated]:
        warn("not-disclosed", "Some of the figures have no number, which is not zero; see `value_status`.", unknown)
    basis = Basis.INFERRED
    if inferred := [record.id for record in records if record.period.basis == basis]:
        warn("inferred-period", "The periods of some records are inferred, not stated.", inferred)
    if undated:
        message = f"{undated} undated left out; `include_undated=true` includes undated records."
        warn("undated-excluded", message, undated_ids)
    if not total:
        message = "No record matches, which says nothing about what happened; /v1/coverage shows what is known."
        warn("no-records", message)
    return found


def _overlapping(figures: Sequence[Measured], known: Knowledge) -> Iterator[str]:
    """Yield the ids of figures that overlap another figure of the list, each once."""
    ids = {figure.id for figure in figures}
    # Of a chain of shares, each link that is in the list is seen here.
    nested = ((figure.base_id, figure.id) for figure in figures if figure.base_id in ids)
    alike = ((conflict.a, conflict.b) for conflict in double_counts(figures, known))
    seen: set[str] = set()
    for figure in chain.from_iterable(chain(nested, alike)):
        if figure not in seen:
            seen.add(figure)
            yield figure

"""What a careful reader must know of the records in a list before quoting them together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

from app.analysis.measures import Knowledge, Measured
from app.analysis.total import double_counts
from app.database.reference import Reference
from app.domain.vocabulary import Basis
from app.queries.conditions import MAX_IDS
from app.queries.page import Page

CaveatCode = Literal[
    "mixed-units",
    "mixed-subjects",
    "overlapping-figures",
    "not-disclosed",
    "inferred-period",
    "undated-excluded",
    "no-records",
]


@dataclass(slots=True)
class Warned:
    """A warning, as `schemas.Caveat` describes it to clients."""

    code: CaveatCode
    message: str
    ids: list[str]


def caveats(page: Page, reference: Reference) -> list[Warned]:
    """Return the warnings on the records that stand in one list. Pure."""
    found: list[Warned] = []

    def warn(code: CaveatCode, message: str, ids: Iterable[str] = ()) -> None:
        found.append(Warned(code, message, list(islice(ids, MAX_IDS))))

    figures = page.figures
    units = sorted({figure.unit for figure in figures})
    if len(units) > 1:
        message = f"The figures count by different units, which may not be added or compared: {', '.join(units)}."
        warn("mixed-units", message, (figure.id for figure in figures))
    if len({figure.subjects for figure in figures}) > 1:
        message = "The figures are about different groups of people; see `subjects`."
        warn("mixed-subjects", message, (figure.id for figure in figures))
    if meeting := list(islice(_meeting(figures, reference), MAX_IDS)):
        message = "Some of the figures count the same in part, or lie inside one another; `/v1/total` says which."
        warn("overlapping-figures", message, meeting)
    if unknown := [figure.id for figure in figures if not figure.stated]:
        warn("not-disclosed", "Some of the figures have no number, which is not zero; see `value_status`.", unknown)
    basis = Basis.INFERRED
    if inferred := [record.id for record in page.records if record.period.basis == basis]:
        warn("inferred-period", "The periods of some records are inferred, not stated.", inferred)
    if page.undated.number:
        message = f"{page.undated.number} undated left out; `include_undated=true` lets undated records pass."
        warn("undated-excluded", message, page.undated.ids)
    if not page.total:
        message = "No record fits, which says nothing of what happened; /v1/coverage shows what is known."
        warn("no-records", message)
    return found


def _meeting(figures: Sequence[Measured], reference: Reference) -> Iterator[str]:
    """Yield the ids of figures that count the same in part as another of the list, each once."""
    ids = {figure.id for figure in figures}
    # Of a chain of shares each link that is in the list is seen here.
    nested = ((figure.base_id, figure.id) for figure in figures if figure.base_id in ids)
    known = Knowledge(reference.force_areas, reference.parents)
    alike = ((conflict.a, conflict.b) for conflict in double_counts(figures, known))
    seen: set[str] = set()
    for figure in chain.from_iterable(chain(nested, alike)):
        if figure not in seen:
            seen.add(figure)
            yield figure

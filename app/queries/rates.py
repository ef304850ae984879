"""The figures that a query selects, per 1,000 of the workforce that their subjects belong to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import asyncpg
import orjson

from app.analysis.measures import Knowledge, Measured, figures_of
from app.analysis.rates import Headcount, Rate, Refused, rate_of
from app.analysis.warnings import ListWarning, Sample, warnings_of
from app.database.reference import Reference
from app.domain.wording import Names
from app.queries.knowledge import read_selected_documents
from app.queries.parameters import RATES
from app.queries.query import RecordQuery
from app.queries.workforce import read_headcounts

MAX_FIGURES = 2_000
"""Figures that one answer gives rates of."""

KNOWN = Knowledge(force_areas={}, parents={})
WARNED_OF = frozenset({"no-records", "wider-than-period", "wider-than-force", "undated-excluded"})
"""Warnings that say something of rates: each is of one figure, and one without a number is refused."""


@dataclass(frozen=True)
class Selection:
    """The rates of figures, those without one, and what is known of them."""

    rates: Sequence[Rate]
    refused: Sequence[Refused]
    figures: Mapping[str, Measured]
    """All of them by id."""
    documents: Mapping[str, str]
    """The same, as stored."""
    undated: Sequence[str]
    """Figures that the period leaves out."""
    names: Names
    warnings: Sequence[ListWarning]

    def cautions(self, rate: Rate) -> list[str]:
        """Return the cautions on a rate, which are those of its figure."""
        found: list[str] = orjson.loads(self.documents[rate.figure.id])["cautions"]
        return found

    def source(self, rate: Rate) -> str:
        """Return the source that states the figure."""
        address: str = orjson.loads(self.documents[rate.figure.id])["links"]["source"]
        return address.rpartition("/")[2]


async def read_rates(connection: asyncpg.Connection, query: RecordQuery, reference: Reference) -> Selection | None:
    """Return the rates of the figures that a query selects; None if there are more than one answer gives."""
    of_any_date = replace(query, include_undated=True)
    texts = await read_selected_documents(connection, of_any_date, RATES, reference, MAX_FIGURES + 1)
    if len(texts) > MAX_FIGURES:
        return None
    figures = figures_of(texts)
    documents = {figure.id: text for figure, text in zip(figures, texts, strict=True)}
    undated: list[str] = []
    if query.period is not None and not query.include_undated:
        undated = [figure.id for figure in figures if figure.period.start is None]
        figures = [figure for figure in figures if figure.period.start is not None]
    headcounts: dict[str, list[Headcount]] = defaultdict(list)
    forces = sorted({figure.force for figure in figures})
    for row in await read_headcounts(connection, reference.release, forces):
        headcounts[row.force].append(Headcount(row.force, row.as_at, row.worker_type, row.headcount, row.source))
    found = [rate_of(figure, reference.forces[figure.force].kind, headcounts[figure.force]) for figure in figures]
    # Only warnings about periods and forces: those about adding figures up don't concern rates.
    warnings = warnings_of(
        figures, [], KNOWN, total=len(figures), scope=query.scope, undated=Sample(len(undated), undated)
    )
    return Selection(
        rates=[one for one in found if isinstance(one, Rate)],
        refused=[one for one in found if isinstance(one, Refused)],
        figures={figure.id: figure for figure in figures},
        documents=documents,
        undated=undated,
        names=reference.names,
        warnings=[one for one in warnings if one.code in WARNED_OF],
    )

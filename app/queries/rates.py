"""The figures that a query selects, per 1,000 of the workforce that their subjects belong to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import asyncpg
import orjson

from app.analysis.measures import figures_of
from app.analysis.notes import shared_notes
from app.analysis.rates import Headcount, Rate, Refused, rate_of
from app.analysis.warnings import MAX_IDS, ListWarning
from app.database.reference import Reference
from app.domain.vocabulary import Unit
from app.queries.page import Page, find_page
from app.queries.query import RecordQuery
from app.queries.records import read_documents
from app.queries.workforce import read_headcounts

MAX_FIGURES = 2_000
"""The most figures whose rates fit into one answer."""

WARNED_OF = frozenset({"no-records", "unknown-ids", "wider-than-period", "wider-than-force", "undated-excluded"})
"""Warnings that matter for rates. The others are about sums, or repeat `cautions` and `refused`."""


@dataclass(frozen=True)
class Selection:
    """The rates of figures, the figures without one, and what is known about both."""

    page: Page
    rates: Sequence[Rate]
    refused: Sequence[Refused]
    documents: Mapping[str, str]
    """All figures as stored, by id."""
    reference: Reference

    @property
    def is_whole(self) -> bool:
        """Whether no other figures follow."""
        return self.page.next_place is None

    def warnings(self) -> list[ListWarning]:
        """Return what a careful reader must know about the figures.

        Only warnings about periods and forces: those about adding figures up don't concern rates.
        """
        without = [one.id for one in self.refused]
        of_page = replace(self.page, figures=[]).warnings(self.reference)
        found = [one for one in of_page if one.code in WARNED_OF]
        if without:
            have = "has" if len(without) == 1 else "have"
            message = f"{len(without)} of these figures {have} no rate; `refused` says why, page by page."
            more = max(len(without) - MAX_IDS, 0)
            found.append(ListWarning("without-rate", message, without[:MAX_IDS], more))
        return found

    def cautions(self, rate: Rate) -> list[str]:
        """Return the cautions on a rate, which are those of its figure."""
        found: list[str] = orjson.loads(self.documents[rate.figure.id])["cautions"]
        return found

    def notes(self, rates: Iterable[Rate]) -> list[str]:
        """Return the curators' notes that the figures of all these rates have."""
        return shared_notes(self.documents[rate.figure.id] for rate in rates)

    def source(self, rate: Rate) -> str:
        """Return the source that states the figure."""
        address: str = orjson.loads(self.documents[rate.figure.id])["links"]["source"]
        return address.rpartition("/")[2]


async def read_rates(
    connection: asyncpg.Connection,
    query: RecordQuery,
    reference: Reference,
    after: int | str | None = None,
) -> Selection:
    """Return the rates of a page of figures."""
    page = await find_page(connection, query, reference, after)
    headcounts: dict[str, list[Headcount]] = defaultdict(list)
    forces = sorted({figure.force for figure in page.figures})
    for row in await read_headcounts(connection, reference.release, forces):
        headcounts[row.force].append(Headcount(row.as_at, row.worker_type, row.headcount, row.source))
    bases = {figure.base_id for figure in page.figures if figure.base_id is not None and figure.unit == Unit.PERSON}
    based = figures_of(await read_documents(connection, reference.release, sorted(bases)))
    facts = {figure.id: figure for figure in based}
    found = [
        rate_of(
            figure, reference.forces[figure.force].kind, headcounts[figure.force], facts.get(figure.base_id or "")
        )
        for figure in page.figures
    ]
    return Selection(
        page=page,
        rates=[one for one in found if isinstance(one, Rate)],
        refused=[one for one in found if isinstance(one, Refused)],
        documents={figure.id: text for figure, text in zip(page.figures, page.documents, strict=True)},
        reference=reference,
    )


async def read_all_rates(connection: asyncpg.Connection, query: RecordQuery, reference: Reference) -> Selection:
    """Return the rates of the figures that a query selects, or of the first `MAX_FIGURES`."""
    return await read_rates(connection, replace(query, limit=MAX_FIGURES), reference)

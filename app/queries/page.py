"""A page of records, and how many records the query selects in all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import ARRAY, Select, any_, bindparam, or_, select

from app.analysis.measures import Dated, Knowledge, Measured, dated_of, figures_of
from app.analysis.scope import Scope
from app.analysis.warnings import NONE, ListWarning, Sample, sample, warnings_of
from app.database.reference import Reference
from app.database.statements import RELEASE_ID, compiled
from app.database.tables import BASE_CANDIDATE, RECORD
from app.domain.vocabulary import Kind, ValueStatus
from app.queries import conditions
from app.queries.conditions import HAVE_OUTCOMES_BELOW, bound
from app.queries.fields import NEED_BASE, with_fields
from app.queries.query import RecordQuery
from app.queries.records import read_unknown_ids

UNDISCLOSED = (ValueStatus.NOT_DISCLOSED, ValueStatus.WITHHELD)
"""Value statuses of numbers that a source says it doesn't give."""


@dataclass(frozen=True)
class Page:
    """A page of records, ready to send, and the totals of its list."""

    documents: Sequence[str]
    """Flat, if the query chooses columns."""
    records: Sequence[Dated]
    """The facts of the same records."""
    figures: Sequence[Measured]
    """The facts of the same records if they are figures; empty for incidents."""
    scope: Scope
    undated: Sample
    """The records that the query leaves out because they have no date."""
    undisclosed: Sample
    """Complaints and proceedings without a number that belong to the same wholes as a page of outcomes."""
    unknown: Sample
    """Ids asked for that no record of the list has."""
    total: int
    next_place: int | str | None
    """The place of the page's last record if another page follows."""
    proves_release: bool
    """Whether the last statement found records, so that the release still existed then."""

    def warnings(self, reference: Reference) -> list[ListWarning]:
        """Return what a careful reader must know about the page."""
        return warnings_of(
            self.records,
            self.figures,
            Knowledge(reference.force_areas, reference.parents),
            total=self.total,
            scope=self.scope,
            undated=self.undated,
            undisclosed=self.undisclosed,
            unknown=self.unknown,
        )


async def find_page(
    connection: asyncpg.Connection,
    query: RecordQuery,
    reference: Reference,
    after: int | str | None = None,
) -> Page:
    """Return the page after a place, or the first one, in one statement with its totals."""
    shape, values = bound(query, reference)
    leaves_out = leaves_out_undated(query)
    statement = conditions.page_and_totals(
        shape, after=after is not None, with_bases=_needs_bases(query), with_undated=leaves_out
    )
    # Read one more than fits, to see whether another page follows.
    (row,) = await statement.rows(connection, **values, after=after, limit=query.limit + 1)
    documents = row["documents"] or []
    has_more = len(documents) > query.limit
    documents = documents[: query.limit]
    figures = figures_of(documents) if query.resource.kinds != (Kind.INCIDENT,) else []
    of_outcomes = bool(figures) and _is_of_outcomes(query)
    return Page(
        documents=_shown(documents, row, query, reference),
        records=figures or dated_of(documents),
        figures=figures,
        scope=query.scope,
        undated=Sample(row["undated"], row["undated_ids"] or []) if leaves_out else NONE,
        undisclosed=await _undisclosed(connection, reference, figures) if of_outcomes else NONE,
        unknown=await read_unknown_ids(connection, reference.release, query.id, query.resource.kinds),
        total=row["total"],
        next_place=row["places"][query.limit - 1] if has_more else None,
        proves_release=bool(documents) and not of_outcomes and not query.id,
    )


def _is_of_outcomes(query: RecordQuery) -> bool:
    """Whether a query asks for outcomes, by kind or by code."""
    by_code = bool(query.outcome) and query.resource.name not in HAVE_OUTCOMES_BELOW
    return by_code or set(query.kind or query.resource.kinds) == {Kind.OUTCOME}


async def _undisclosed(connection: asyncpg.Connection, reference: Reference, page: Sequence[Measured]) -> Sample:
    """Return the complaints and proceedings without a number that belong to the same wholes as a page of outcomes.

    A source may not say how many officers were prosecuted, and a list of outcomes alone doesn't show that.
    """
    wholes = {figure.id for figure in page} | {figure.base_id for figure in page if figure.base_id is not None}
    rows = await _undisclosed_parts().rows(connection, release=reference.release.id, wholes=sorted(wholes))
    return sample(row["id"] for row in rows)


@compiled
def _undisclosed_parts() -> Select[*tuple[Any, ...]]:
    whole = any_(bindparam("wholes", type_=ARRAY(RECORD.c.id.type)))
    parts = select(BASE_CANDIDATE.c.record_id).where(
        BASE_CANDIDATE.c.release_id == RELEASE_ID, BASE_CANDIDATE.c.candidate_id == whole
    )
    return (
        select(RECORD.c.id)
        .where(RECORD.c.release_id == RELEASE_ID, RECORD.c.id.in_(parts))
        .where(RECORD.c.kind != Kind.OUTCOME, or_(*(RECORD.c.value_status == status for status in UNDISCLOSED)))
        .order_by(RECORD.c.id)
    )


async def read_undated(connection: asyncpg.Connection, query: RecordQuery, reference: Reference) -> Sample:
    """Return the records that the query leaves out because they have no date."""
    if not leaves_out_undated(query):
        return NONE
    shape, values = bound(query, reference)
    (row,) = await conditions.undated(shape).rows(connection, **values)
    return Sample(row["undated"], row["undated_ids"] or [])


def leaves_out_undated(query: RecordQuery) -> bool:
    """Whether the query leaves out undated records."""
    return query.period is not None and not query.include_undated


class Batch(NamedTuple):
    """Some records of a whole set, in its order."""

    documents: list[str]
    last: int | str | None
    """The place of the last one."""


async def read_batch(
    connection: asyncpg.Connection,
    query: RecordQuery,
    reference: Reference,
    after: int | str | None,
    limit: int,
) -> Batch:
    """Return the documents that follow a place, or the first ones."""
    shape, values = bound(query, reference)
    page = conditions.page(shape, after=after is not None, with_bases=_needs_bases(query))
    (row,) = await page.rows(connection, **values, after=after, limit=limit)
    documents = row["documents"] or []
    return Batch(_shown(documents, row, query, reference), row["places"][-1] if documents else None)


def _needs_bases(query: RecordQuery) -> bool:
    return not NEED_BASE.isdisjoint(query.fields)


def _shown(documents: list[str], row: Mapping[str, Any], query: RecordQuery, reference: Reference) -> list[str]:
    """Return the documents of a page, with the chosen columns if the query chooses any."""
    if not query.fields:
        return documents
    bases = row["bases"][: len(documents)] if documents and _needs_bases(query) else [None] * len(documents)
    return with_fields(documents, bases, query.fields, query.resource.kinds, reference)

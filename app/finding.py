"""A page of records, and how many there are: one statement for the page, and what was counted before."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import asyncpg
from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.database import lent
from app.measures import Measured, Told, figure_of, record_of
from app.models import Record
from app.prepared import prepared
from app.queries import Noun, RecordQuery
from app.reference import Reference
from app.selection import (
    MAX_IDS,
    count,
    count_of,
    count_undated_of,
    days_counted_of,
    given,
    leaves_out,
    page_of,
    undated_of,
)
from app.totals import Counted, counted_of
from app.vocabulary import Kind

MAX_TOTALS = 2_000
"""Queries whose totals are remembered."""

MAX_COUNTED = 200
"""Filters of which it is remembered on which days their records begin and end."""

STANDS = "SELECT FROM release WHERE id = $1"
"""Asks whether a release is there."""

ENDS = ("start", "end")
"""Under which names a query's period stands among what a statement is filled in with."""

T = TypeVar("T")


class Undated(NamedTuple):
    """The records that a query leaves out because it has a period and they have no date."""

    number: int
    ids: list[str]
    """Of some of them."""


NONE_LEFT_OUT = Undated(0, [])


@dataclass(frozen=True)
class Pages:
    """Where pages are read from, and what was counted for them: it stays so as long as the release is there."""

    pool: asyncpg.Pool
    totals: dict[Hashable, int] = field(default_factory=dict)
    """How many records a query selects, by release and filters."""
    counted: dict[Hashable, tuple[Counted, Undated]] = field(default_factory=dict)
    """The same whatever the period, by the other filters."""


@dataclass(frozen=True)
class Page:
    """A page of records as they are answered, and what it is a page of."""

    documents: list[bytes]
    records: Sequence[Told]
    """The same without their prose: `Measured`, unless they are incidents, which count nothing."""
    undated: Undated
    total: int
    next_place: int | str | None
    """The place of the page's last record, where another page follows."""

    @property
    def figures(self) -> list[Measured]:
        """The figures among the records: all of them, or none."""
        return [record for record in self.records if isinstance(record, Measured)]


async def find(
    connection: AsyncConnection, query: RecordQuery, noun: Noun, reference: Reference, after: int | str | None
) -> Page:
    """Return a page of the records that the query selects, and how many there are.

    The connection sees one state of the database throughout, so that the two are of one load.
    """
    total = await count(connection, query, noun, reference)
    undated = NONE_LEFT_OUT
    if leaves_out(query):
        number = (await connection.execute(count_undated_of(query, noun, reference))).scalar_one()
        undated = Undated(number, list((await connection.execute(undated_of(query, noun, reference))).scalars()))
    found = list(await connection.execute(page_of(query, noun, reference, after)))
    return _page(query, noun, total, undated, found)


async def find_quickly(
    of: Pages, query: RecordQuery, noun: Noun, reference: Reference, after: int | str | None
) -> Page | None:
    """Return the same without one state of the database; None where the release is gone.

    A release does not change as long as it is there, and goes as a whole. The page is read last: where it has
    records, the release was still there when they were counted, and so it was where it is found afterwards. One
    connection reads it all: another may lead to a server that does not have the release yet.
    """
    values = given(query, noun, reference)
    named = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    filters = (noun.name, *((name, value) for name, value in named.items() if name not in ENDS))
    whole = (*filters, query.period_match, query.include_undated, *map(named.get, ENDS))
    given_as = tuple((name, isinstance(value, list)) for name, value in values.items())
    shape = (noun.name, query.sort, query.period_match, query.include_undated, after is None, given_as)
    total, counted = of.totals.get(whole), of.counted.get(filters)

    async with lent(of.pool) as connection:

        async def rows(what: str, build: Callable[[], Select[*tuple[Any, ...]]], **more: object) -> Sequence[Any]:
            ready = prepared((what, shape), build)
            filled = values | more
            found: Sequence[Any] = await connection.fetch(ready.sql, *(filled[name] for name in ready.names))
            return found

        if query.period is not None and counted is None:
            days = counted_of(await rows("days", lambda: days_counted_of(query, noun, reference)))
            ids = await rows("undated", lambda: undated_of(query, noun, reference), limit=MAX_IDS)
            counted = days, Undated(days.undated, [row[0] for row in ids])
        if query.period is not None and counted is not None and query.period_match == "overlaps":
            days, undated = counted
            total = days.overlapping(query.period) + (undated.number if query.include_undated else 0)
        elif total is None:
            ((total,),) = await rows("count", lambda: count_of(query, noun, reference))
        more = {"after": after, "limit": query.limit + 1}
        found = await rows("page", lambda: page_of(query, noun, reference, after), **more)
        if not found and not await connection.fetch(STANDS, reference.release.id):
            return None
    _keep(of.totals, whole, total, MAX_TOTALS)
    if counted is not None:
        _keep(of.counted, filters, counted, MAX_COUNTED)
    left_out = counted[1] if counted is not None and leaves_out(query) else NONE_LEFT_OUT
    return _page(query, noun, total, left_out, found)


def _page(query: RecordQuery, noun: Noun, total: int, undated: Undated, found: Sequence[Any]) -> Page:
    """Return the page that was read, with one record more where another page follows."""
    shown = found[: query.limit]
    documents = [row[0] for row in shown]
    read = record_of if noun.kinds == (Kind.INCIDENT,) else figure_of
    return Page(
        documents=documents,
        records=[read(document) for document in documents],
        undated=undated,
        total=total,
        next_place=shown[-1][1] if len(found) > len(shown) else None,
    )


def _keep(kept: dict[Hashable, T], name: Hashable, value: T, most: int) -> None:
    """Remember what was counted; the oldest is forgotten when there is too much."""
    while len(kept) >= most and name not in kept:
        del kept[next(iter(kept))]
    kept[name] = value


async def find_document(of: Pages, release: int, record_id: str) -> tuple[str, str] | None:
    """Return a record's kind and document; None where there is no such record, or the release is gone."""

    def one() -> Select[*tuple[Any, ...]]:
        of_id = Record.release_id == bindparam("release", release), Record.id == bindparam("id", record_id)
        return select(Record.kind, Record.document).where(*of_id)

    async with lent(of.pool) as connection:
        row = await connection.fetchrow(prepared("document", one).sql, release, record_id)
    return None if row is None else (row["kind"], row["document"])

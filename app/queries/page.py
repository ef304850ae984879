"""A page of records, and how many there are: one statement for the page, and what was counted before."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import asyncpg
from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.analysis.measures import Measured, Told, figures_of, records_of
from app.database.pool import lent
from app.database.reference import Reference
from app.database.tables import Record
from app.domain.vocabulary import Kind
from app.queries.conditions import (
    MAX_IDS,
    count,
    count_of,
    count_undated_of,
    days_counted_of,
    first_place_of,
    given,
    last_start,
    leaves_out,
    page_of,
    undated_of,
)
from app.queries.parameters import Noun
from app.queries.query import RecordQuery
from app.queries.statements import prepared
from app.queries.totals import Counted, counted_of

MAX_KEPT = 2_000
"""Totals, and places of days, that are remembered."""

MAX_COUNTED = 100
"""Filters of which it is remembered how many records begin and end on each day: 16 bytes for each such day."""

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
    places: dict[Hashable, int] = field(default_factory=dict)
    """From which place on records begin on a day or before, latest first, by release and day."""


@dataclass(frozen=True)
class Page:
    """A page of records as they are answered, and what it is a page of."""

    documents: list[bytes]
    records: Sequence[Told]
    """The same without their prose."""
    figures: Sequence[Measured]
    """The same again where they are figures; none where they are incidents, which count nothing."""
    undated: Undated
    total: int
    next_place: int | str | None
    """The place of the page's last record, where another page follows."""


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
        ids = (await connection.execute(undated_of(query, noun, reference, min(number, MAX_IDS)))).scalars()
        undated = Undated(number, sorted(ids))
    found = (await connection.execute(page_of(query, noun, reference, after))).one()
    return _page(query, noun, total, undated, *found)


async def find_quickly(
    of: Pages, query: RecordQuery, noun: Noun, reference: Reference, after: int | str | None
) -> Page | None:
    """Return the same without one state of the database; None where the release is gone.

    A release does not change as long as it is there, and goes as a whole. The page is read last: where it has
    records, the release was still there when they were counted, and what was learnt of it holds. One connection
    reads it all: another may lead to a server that does not have the release yet.
    """
    async with lent(of.pool) as connection:
        question = Question(connection, query, noun, reference)
        total, undated = await _counted(of, question)
        place = after if after is not None else await _begin(of, question)
        what = "page" if place is None else "page after"
        limit = query.limit + 1
        (found,) = await question.rows(
            what, lambda: page_of(query, noun, reference, place), after=place, limit=limit
        )
        if found[0] is None and not await connection.fetch(STANDS, reference.release.id):
            return None
    question.remember()
    return _page(query, noun, total, undated, *found)


class Question:
    """A query on a connection: what its statements are filled in with, and what is learnt on the way."""

    def __init__(
        self, connection: asyncpg.Connection, query: RecordQuery, noun: Noun, reference: Reference
    ) -> None:
        """Begin with nothing learnt."""
        self.query, self.noun, self.reference = query, noun, reference
        self.values = given(query, noun, reference)
        self._connection = connection
        self._shape = (
            *(noun.name, query.sort, query.period_match, query.include_undated),
            *((name, isinstance(value, list)) for name, value in self.values.items()),
        )
        self._learnt: list[Callable[[], None]] = []

    def named(self, *, period: bool) -> Hashable:
        """Return what tells it from others: release and filters, with the period or without."""
        filters = ((name, value) for name, value in self.values.items() if period or name not in ENDS)
        found = (self.noun.name, *((n, tuple(v) if isinstance(v, list) else v) for n, v in filters))
        return (*found, self.query.period_match, self.query.include_undated) if period else found

    async def rows(self, what: str, build: Callable[[], Select[*tuple[Any, ...]]], **more: object) -> Sequence[Any]:
        """Return what a statement reads; it is built where none of this shape has been."""
        ready = prepared((what, self._shape), build)
        filled = self.values | more
        rows: Sequence[Any] = await self._connection.fetch(ready.sql, *(filled[name] for name in ready.names))
        return rows

    async def known(
        self, kept: dict[Hashable, T], name: Hashable, read: Callable[[], Awaitable[T]], most: int = MAX_KEPT
    ) -> T:
        """Return what is remembered by a name, or else read it."""
        if name in kept:
            return kept[name]
        found = await read()
        self._learnt.append(lambda: _keep(kept, name, found, most))
        return found

    def remember(self) -> None:
        """Remember what was learnt, now that it is certain."""
        for learn in self._learnt:
            learn()


async def _counted(of: Pages, question: Question) -> tuple[int, Undated]:
    """Return how many records there are, and what the period leaves out."""
    query, noun, reference = question.query, question.noun, question.reference

    async def days() -> tuple[Counted, Undated]:
        found = counted_of(await question.rows("days", lambda: days_counted_of(query, noun, reference)))
        if not found.undated:
            # To find that there are none all would be looked at.
            return found, NONE_LEFT_OUT
        # No more than there are: to find that there is no further one, all would be looked at again.
        most = min(found.undated, MAX_IDS)
        ids = await question.rows("undated", lambda: undated_of(query, noun, reference, most), limit=most)
        return found, Undated(found.undated, sorted(row[0] for row in ids))

    async def total() -> int:
        ((found,),) = await question.rows("count", lambda: count_of(query, noun, reference))
        return int(found)

    if query.period is None:
        return await question.known(of.totals, question.named(period=True), total), NONE_LEFT_OUT
    counted, undated = await question.known(of.counted, question.named(period=False), days, MAX_COUNTED)
    left_out = undated if leaves_out(query) else NONE_LEFT_OUT
    if query.period_match == "overlaps":
        return counted.overlapping(query.period) + undated.number - left_out.number, left_out
    return await question.known(of.totals, question.named(period=True), total), left_out


async def _begin(of: Pages, question: Question) -> int | None:
    """Return the place after which the records of the period begin, where the order has such a place."""
    query, reference = question.query, question.reference
    last = last_start(query)
    if query.sort != "-period" or last is None:
        return None

    async def first() -> int:
        ((found,),) = await question.rows("first place", lambda: first_place_of(query, question.values))
        return int(found)

    return await question.known(of.places, (reference.release.id, last), first) - 1


def _page(  # noqa: PLR0913, PLR0917 - a query, and what was found
    query: RecordQuery,
    noun: Noun,
    total: int,
    undated: Undated,
    documents: list[bytes] | None,
    places: Sequence[int | str] | None,
    measured: str | None,
) -> Page:
    """Return the page that was read, with one record more where another page follows."""
    facts = f"[{measured or ''}]"
    figures = figures_of(facts)[: query.limit] if noun.kinds != (Kind.INCIDENT,) else []
    return Page(
        documents=(documents or [])[: query.limit],
        records=figures or records_of(facts)[: query.limit],
        figures=figures,
        undated=undated,
        total=total,
        next_place=places[query.limit - 1] if places is not None and len(places) > query.limit else None,
    )


def _keep(kept: dict[Hashable, T], name: Hashable, value: T, most: int) -> None:
    """Remember something; the oldest is forgotten when there is too much."""
    while len(kept) >= most:
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

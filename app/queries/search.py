"""Search among forces, sources and codes, which are few enough to read them all for each search."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import ARRAY, Select, Text, bindparam, func, literal_column, select

from app.database.search import ENGLISH, TO_RANK, search_query
from app.database.statements import compiled


class Searched(NamedTuple):
    """Something to find by its names or, with less weight, by other texts about it."""

    names: str
    more: str


async def search(connection: asyncpg.Connection, things: Sequence[Searched], q: str) -> list[int]:
    """Return the positions of what a search finds, counted from 0, most relevant first."""
    names, more = [one.names for one in things], [one.more for one in things]
    return [row[0] - 1 for row in await _found().rows(connection, names=names, more=more, q=q)]


@compiled
def _found() -> Select[*tuple[Any, ...]]:
    texts = [bindparam(name, type_=ARRAY(Text)) for name in ("names", "more")]
    things = func.unnest(*texts).table_valued("names", "more", with_ordinality="position").render_derived()
    in_names, in_more = (
        func.setweight(func.to_tsvector(ENGLISH, text), literal_column(f"'{weight}'::\"char\""))
        for text, weight in ((things.c.names, "A"), (things.c.more, "D"))
    )
    vector = in_names.op("||")(in_more)
    rank = func.ts_rank(vector, search_query(), TO_RANK)
    matches = vector.bool_op("@@")(search_query())
    return select(things.c.position).where(matches).order_by(rank.desc(), things.c.position)

"""Statements that SQLAlchemy builds once and asyncpg runs many times.

SQLAlchemy takes about as long to build a statement as PostgreSQL to answer it. A statement depends on which
parameters are given, not on their values, so each shape is built and compiled once, with bind parameters.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, NamedTuple, ParamSpec

from asyncpg import Connection, Record
from sqlalchemy import Integer, Select, bindparam
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

MAX_SHAPES = 500
"""How many shapes of a statement stay compiled; far more are possible than anybody uses."""

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call] # SQLAlchemy types no dialect

RELEASE_ID = bindparam("release", type_=Integer)
"""The row id of the release that a statement reads from."""

P = ParamSpec("P")


class Statement(NamedTuple):
    """A compiled statement."""

    sql: str
    parameters: tuple[str, ...]
    """Names of its bind parameters, in the order in which PostgreSQL expects them."""
    constants: Mapping[str, Any]
    """Values that are part of the statement."""

    async def rows(self, connection: Connection, **values: object) -> Sequence[Record]:
        """Run the statement with these values and return its rows."""
        values = {**self.constants, **values}
        rows: Sequence[Record] = await connection.fetch(self.sql, *(values[name] for name in self.parameters))
        return rows

    async def row(self, connection: Connection, **values: object) -> Record | None:
        """Run the statement with these values and return its row, or None without one."""
        return next(iter(await self.rows(connection, **values)), None)


def compiled(build: Callable[P, Select[*tuple[Any, ...]]]) -> Callable[P, Statement]:
    """Turn a function that builds a statement into one that returns it compiled; its arguments name the shape."""

    @lru_cache(MAX_SHAPES)
    def compile_once(*args: Any, **kwargs: Any) -> Statement:  # noqa: ANN401 - those of `build`
        found = build(*args, **kwargs).compile(dialect=_DIALECT)
        constants = {name: value for name, value in found.params.items() if value is not None}
        return Statement(str(found), tuple(found.positiontup or ()), constants)

    @wraps(build)
    def statement(*args: P.args, **kwargs: P.kwargs) -> Statement:
        return compile_once(*args, **kwargs)  # type: ignore[arg-type] # shapes are hashable

    return statement

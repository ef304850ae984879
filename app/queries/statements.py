"""Statements that are written once for each shape that they have, and then only filled in.

SQLAlchemy takes about as long to put a statement together as PostgreSQL to answer it. What a list's statements look
like depends on which parameters are given, not on their values: so each is written once, by SQLAlchemy, with names
in the places of the values.
"""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

MAX_STATEMENTS = 500
"""Statements that are kept; there are far more shapes than anybody asks for."""

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call] # SQLAlchemy types no dialect
_written: dict[Hashable, "Prepared"] = {}


class Prepared(NamedTuple):
    """A statement as PostgreSQL gets it."""

    sql: str
    names: tuple[str, ...]
    """What it is filled in with, in this order."""


def prepared(shape: Hashable, build: Callable[[], Select[*tuple[Any, ...]]]) -> Prepared:
    """Return the statement of a shape, which is built where it has not been before."""
    found = _written.get(shape)
    if found is None:
        compiled = build().compile(dialect=_DIALECT)
        found = Prepared(str(compiled), tuple(compiled.positiontup or ()))
        while len(_written) >= MAX_STATEMENTS:
            del _written[next(iter(_written))]
        _written[shape] = found
    return found

"""How many people worked for a force, by day and worker type."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, Select, any_, bindparam, select

from app.database.current import ReleaseRow
from app.database.statements import RELEASE_ID, compiled
from app.database.tables import WORKFORCE
from app.domain.vocabulary import WorkerType
from app.formats.resources import HeadcountRow

ORDER = {word: place for place, word in enumerate(WorkerType)}


@compiled
def _headcounts(*, of_some: bool) -> Select[*tuple[Any, ...]]:
    columns = [WORKFORCE.c[name] for name in HeadcountRow.model_fields]
    statement = select(*columns).where(WORKFORCE.c.release_id == RELEASE_ID)
    if of_some:
        statement = statement.where(
            WORKFORCE.c.force == any_(bindparam("forces", type_=ARRAY(WORKFORCE.c.force.type)))
        )
    return statement.order_by(WORKFORCE.c.force, WORKFORCE.c.as_at)


async def read_headcounts(
    connection: asyncpg.Connection, release: ReleaseRow, forces: Sequence[str] | None = None
) -> list[HeadcountRow]:
    """Return the headcounts of some forces, or of all, by force, day and worker type."""
    statement = _headcounts(of_some=forces is not None)
    rows: Sequence[Mapping[str, Any]] = await statement.rows(connection, release=release.id, forces=forces)
    found = [HeadcountRow.model_construct(None, **dict(row)) for row in rows]
    return sorted(found, key=lambda one: (one.force, one.as_at, ORDER[WorkerType(one.worker_type)]))

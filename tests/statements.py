"""The statements that the API sends to PostgreSQL, recorded as a test runs."""

from typing import Any

import asyncpg
import pytest


def record_statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Return a list that every statement of the API is added to, with its values; looks at the releases are not."""
    sent: list[tuple[str, Any]] = []
    fetch = asyncpg.Connection.fetch

    async def recorded(connection: Any, sql: str, *values: object, **more: object) -> Any:  # noqa: ANN401 - asyncpg's types
        if "alembic_version" not in sql:
            sent.append((sql, values))
        return await fetch(connection, sql, *values, **more)

    monkeypatch.setattr(asyncpg.Connection, "fetch", recorded)
    return sent

"""The SQL statements that the API sends during a test."""

from typing import Any

import asyncpg
import pytest


def record_statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Return a list that collects the API's statements with their values, except checks of the releases."""
    sent: list[tuple[str, Any]] = []
    fetch = asyncpg.Connection.fetch

    async def recorded(connection: Any, sql: str, *values: object, **more: object) -> Any:  # noqa: ANN401 - asyncpg's types
        if "alembic_version" not in sql:
            sent.append((sql, values))
        return await fetch(connection, sql, *values, **more)

    monkeypatch.setattr(asyncpg.Connection, "fetch", recorded)
    return sent

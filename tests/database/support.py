"""A few records that hang together, and waiting for connections that wait."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, text

from app.domain.records import Record, Related
from tests.made import base, figure, incident

PATIENCE = 60.0
"""Seconds within which another connection has to get where it is awaited."""


def records(value: int = 10) -> list[Record]:
    """Return a few records that hang together: a whole, a part of it, a step and an incident in it."""
    part: dict[str, Any] = {"kind": "outcome", "value": 4, "base": base("whole")}
    return [
        figure("whole", value=value),
        figure("part", **part, related=[Related.model_validate({"type": "part-of", "id": "whole"})]),
        figure("step", kind="proceeding", value_status="withheld"),
        incident("event", outcome="dismissed", related=[{"type": "part-of", "id": "whole"}]),
    ]


def waiting(engine: Engine) -> list[int]:
    """Return the backends that wait for a lock in an engine's database."""
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        )
        return list(found.scalars())


def until(condition: Callable[[], bool]) -> None:
    """Return as soon as something is so; fail where it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)

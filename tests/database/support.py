"""A few linked records, and helpers that wait for other connections."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, text

from app.domain.records import Record, Related
from tests.made import base, figure, incident

PATIENCE = 60.0
"""The time limit, in seconds, for another connection to reach an expected state."""


def records(value: int = 10) -> list[Record]:
    """Return a few linked records: a whole, a part of it, a step and an incident in it."""
    part: dict[str, Any] = {"kind": "outcome", "value": 4, "base": base("whole")}
    return [
        figure("whole", value=value),
        figure("part", **part, related=[Related.model_validate({"type": "part-of", "id": "whole"})]),
        figure("step", kind="proceeding", value_status="withheld"),
        incident("event", outcome="dismissed", related=[{"type": "part-of", "id": "whole"}]),
    ]


def waiting(engine: Engine) -> list[int]:
    """Return the ids of backends waiting for a lock in an engine's database."""
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        )
        return list(found.scalars())


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true; fail if it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)

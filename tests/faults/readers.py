"""Clients that keep sending requests during a fault, and the answers they get."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Thread
from typing import NamedTuple

import httpx

from tests.faults.report import add_row

PATIENCE = 15.0
"""The time limit, in seconds, after which a request counts as failed: nothing may hang."""

NUMBERS = count()
"""Request numbers. No two readers share one, because a stored answer may outlive the test that requested it."""

OK = httpx.codes.OK
UNAVAILABLE = httpx.codes.SERVICE_UNAVAILABLE


def period_of(number: int) -> str:
    """Return a period filter unique to a number. Years have four digits, so both ends vary."""
    return f"period={1000 + number % 1000}/{2100 + number // 1000}"


def new_period() -> str:
    """Return a filter for a period that nobody has requested yet."""
    return period_of(next(NUMBERS))


class Request(NamedTuple):
    """A request to make."""

    path: str
    is_popular: bool
    """Whether it's been requested before, so that a copy of the answer is stored somewhere."""


@dataclass
class Readers:
    """Clients of one server, each with its own connection."""

    address: str
    request: Callable[[int], Request]
    """Returns the request for a number."""
    check: Callable[[httpx.Response, float], None] = lambda _answer, _started: None
    """Called with each 200 answer and the time its request started."""
    clients: int = 6
    popular: Counter[int] = field(default_factory=Counter)
    """Answers to popular requests, by status."""
    fresh: Counter[int] = field(default_factory=Counter)
    """Answers to all other requests, by status."""
    broken: list[str] = field(default_factory=list)
    """Requests without an answer, with the error."""
    failed_at: list[float] = field(default_factory=list)
    """The start time of each request that didn't get a 200."""
    refusals: list[httpx.Response] = field(default_factory=list)
    """Answers with status 503."""
    ages: list[int] = field(default_factory=list)
    """The `Age` of each answer that has one."""

    async def _keep_asking(self) -> None:
        async with httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=PATIENCE) as client:
            while not self._ended:
                request = self.request(next(NUMBERS))
                started = time.monotonic()
                try:
                    answer = await client.get(request.path)
                except httpx.TransportError as error:
                    self.broken.append(f"{request.path}: {error!r}")
                    self.failed_at.append(started)
                    continue
                self.add(answer, request, started)
                await asyncio.sleep(0.02)

    def add(self, answer: httpx.Response, request: Request, started: float = 0.0) -> None:
        """Count an answer."""
        (self.popular if request.is_popular else self.fresh)[answer.status_code] += 1
        if "age" in answer.headers:
            self.ages.append(int(answer.headers["age"]))
        if answer.status_code == UNAVAILABLE:
            self.refusals.append(answer)
        if answer.status_code == OK:
            self.check(answer, started)
        else:
            self.failed_at.append(started)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Send requests while the block runs."""
        self._ended = False

        async def ask() -> None:
            async with asyncio.TaskGroup() as clients:
                for _ in range(self.clients):
                    clients.create_task(self._keep_asking())

        thread = Thread(target=lambda: asyncio.run(ask()))
        thread.start()
        try:
            yield
        finally:
            self._ended = True
            thread.join()

    def recovered_after(self, moment: float) -> float:
        """Return how many seconds after a given time the last failing request started."""
        return max((at - moment for at in self.failed_at if at >= moment), default=0.0)

    def report(self, fault: str, recovered: float | None = None) -> None:
        """Add a row to the table, and check that every refusal is as documented."""
        statuses = self.fresh + self.popular
        slowest = max((answer.elapsed.total_seconds() for answer in self.refusals), default=0.0)
        failed = statuses.total() - statuses[OK] - statuses[UNAVAILABLE] + len(self.broken)
        add_row(
            fault,
            ok=statuses[OK],
            refused=statuses[UNAVAILABLE],
            failed=failed,
            slowest=slowest,
            recovered=recovered,
        )
        for answer in self.refusals:
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["type"] == "/problems/database-unavailable"

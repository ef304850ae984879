"""Made-up releases in which each answer shows the release it's from, and a check of such answers."""

import csv
import hashlib
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from sqlalchemy import Engine

from tests import made
from tests.faults.readers import Request

RECORDS = 40
"""The base number of records; a release's own number is added, so that no two releases have the same total."""

POPULAR = 24
"""The number of paths that are requested over and over."""

SETTLING = 2.0
"""The time limit, in seconds, for all API processes to serve a release once one of them has."""


def load_release(engine: Engine, number: int) -> None:
    """Load the release with this number and make it current; every value in it is that number."""
    records = [made.figure(f"made-up-{index:03}", value=number) for index in range(RECORDS + number)]
    dataset = made.dataset(records)
    made.load(engine, dataset, made.release(f"{number}.0.0", dataset))


def request(number: int, every: int = 3) -> Request:
    """Return a request for a list: one in `every` is new, the others are popular."""
    is_popular = bool(number % every)
    if is_popular:
        number %= POPULAR
    kind = ("figures", "complaints")[number % 2]
    shape = ("limit=500", "limit=7&sort=id", "sort=-value&limit=500", "format=csv")[number % 4]
    period = f"period={1000 + number % 900}/{2021 + number // 900}"
    return Request(f"/v1/{kind}?{shape}&{period}", is_popular)


@dataclass
class Check:
    """Checks answers against the release they name, and against earlier answers."""

    wrong: list[str] = field(default_factory=list)
    """Descriptions of wrong answers."""
    bodies: dict[str, bytes] = field(default_factory=dict)
    """For each ETag, the digest of the body that came with it."""
    first_seen: dict[int, float] = field(default_factory=dict)
    """The time each release was first served."""
    served_at: dict[str, int] = field(default_factory=dict)
    """The last release served at each URL."""
    may_go_back: bool = False

    def __call__(self, answer: httpx.Response, started: float) -> None:
        """Check an answer."""
        address = answer.url.raw_path.decode()
        number = self._check_content(answer, address)
        digest = hashlib.sha256(answer.content).digest()
        if self.bodies.setdefault(answer.headers["etag"], digest) != digest:
            self.wrong.append(f"{address}: another body with the same ETag")
        if not self.may_go_back:
            self._check_order(answer, address, number, started)

    def _check_content(self, answer: httpx.Response, address: str) -> int:
        """Check values and total, and return the number of the release."""
        if answer.headers["content-type"].startswith("text/csv"):
            rows = list(csv.DictReader(io.StringIO(answer.text)))
            number, values, total = int(rows[0]["value"]), {int(row["value"]) for row in rows}, len(rows)
        else:
            body = answer.json()
            number = int(body["meta"]["release"].partition(".")[0])
            values, total = {record["value"] for record in body["data"]}, body["meta"]["total"]
            if body["meta"]["count"] != min(total, 7 if "limit=7" in address else 500):
                self.wrong.append(f"{address}: {body['meta']}")
        if values != {number} or total != RECORDS + number:
            self.wrong.append(f"{address}: {total} records with {values} of release {number}")
        return number

    def _check_order(self, answer: httpx.Response, address: str, number: int, started: float) -> None:
        """Check that an older release never follows a newer one.

        For a single URL that's never allowed. Across URLs, a cached answer may be old, and so may one from the API
        until every process has looked at the database.
        """
        if number < self.served_at.get(address, 0):
            self.wrong.append(f"{address}: release {number} after {self.served_at[address]}")
        self.served_at[address] = number
        self.first_seen.setdefault(number, time.monotonic())
        newest = max((seen for seen, at in self.first_seen.items() if at < started - SETTLING), default=0)
        if answer.headers.get("x-cache-status") == "MISS" and number < newest:
            self.wrong.append(f"{address}: release {number} from the API, {SETTLING} s after {newest}")

    @contextmanager
    def going_back(self) -> Iterator[None]:
        """Allow an older release after a newer one while the block runs."""
        self.may_go_back = True
        try:
            yield
        finally:
            self.may_go_back = False
            self.first_seen.clear()
            self.served_at.clear()

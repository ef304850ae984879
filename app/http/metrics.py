"""Prometheus metrics. Each application has its own set.

Clients can't choose the value of any label, so the number of series is bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The text format that every scraper understands."""

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
"""Seconds, from a cached answer to a little more than the longest query allowed."""

CUT_OFF = "cut-off"
"""The status label of an answer that was cut off; others get the class of their status, such as `2xx`."""


@dataclass(eq=False)
class CacheCounts(Collector):
    """Hits and misses of the response cache. Plain numbers, so counting costs nothing."""

    hits: int = 0
    misses: int = 0

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield both counts."""
        meaning = "Requests answered from the response cache (hit) or not (miss)."
        family = CounterMetricFamily("upheld_stored_answers", meaning, labels=["result"])
        family.add_metric(["hit"], self.hits)
        family.add_metric(["miss"], self.misses)
        yield family


class Metrics:
    """All metrics, in their own registry."""

    def __init__(self) -> None:
        """Register the metrics."""
        self.registry = registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self.stored = CacheCounts()
        registry.register(self.stored)
        self.requests = Counter(
            "upheld_requests",
            "Requests that reached the application. The response cache counts those that it answers.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.seconds = Histogram(
            "upheld_request_seconds",
            "Time until the last byte of an answer.",
            ["route"],
            buckets=BUCKETS,
            registry=registry,
        )
        self.in_progress = Gauge("upheld_requests_in_progress", "Requests being answered.", registry=registry)
        self.waits = Histogram(
            "upheld_database_wait_seconds",
            "Time until a read had a connection to the database.",
            buckets=BUCKETS,
            registry=registry,
        )
        self.connections = Gauge(
            "upheld_database_connections", "Open connections to the database.", ["state"], registry=registry
        )
        self.most_connections = Gauge(
            "upheld_database_connections_max", "Connections that may be open at once.", registry=registry
        )
        self.reachable = Gauge(
            "upheld_database_reachable", "1 if the database answered just now, otherwise 0.", registry=registry
        )
        self.release = Gauge("upheld_release", "1 for the current release.", ["version"], registry=registry)
        self.release_age = Gauge(
            "upheld_release_age_seconds", "Time since the current release was published.", registry=registry
        )

    def written(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self.registry)

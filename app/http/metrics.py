"""What is counted and timed while the program runs, as Prometheus reads it; one set for each application."""

from collections.abc import Iterator
from dataclasses import dataclass, field

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
"""Of the form that every scraper reads."""

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
"""Seconds: from an answer that is at hand to the longest that a query may take, and a little more."""

CUT_OFF = "cut-off"
"""What became of an answer that had begun and could not be finished; every other has the class of its status."""


@dataclass(eq=False)
class Stored(Collector):
    """How often an answer was stored already, and how often not: plain numbers, so that adding costs nothing."""

    hits: int = 0
    misses: int = 0

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Tell both."""
        meaning = "Requests whose answer was stored already (hit), or was not (miss)."
        family = CounterMetricFamily("upheld_stored_answers", meaning, labels=["result"])
        family.add_metric(["hit"], self.hits)
        family.add_metric(["miss"], self.misses)
        yield family


@dataclass
class Metrics:
    """Everything that is counted, in a registry of its own."""

    registry: CollectorRegistry = field(default_factory=lambda: CollectorRegistry(auto_describe=True))
    stored: Stored = field(default_factory=Stored)

    def __post_init__(self) -> None:
        """Give each number its name and its meaning."""
        registry = self.registry
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        registry.register(self.stored)
        self.requests = Counter(
            "upheld_requests",
            "Requests that reached the application; those answered from the store are counted there.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.seconds = Histogram(
            "upheld_request_seconds",
            "Time until a request was answered to the last byte.",
            ["route"],
            buckets=BUCKETS,
            registry=registry,
        )
        self.in_progress = Gauge("upheld_requests_in_progress", "Requests being answered.", registry=registry)
        self.waits = Histogram(
            "upheld_database_wait_seconds",
            "Time until a request had a connection to the database.",
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
            "upheld_database_reachable", "Whether the database could be asked just now.", registry=registry
        )
        self.release = Gauge("upheld_release", "The release that is served: 1.", ["version"], registry=registry)
        self.release_age = Gauge(
            "upheld_release_age_seconds", "Time since the release that is served was published.", registry=registry
        )

    def written(self) -> bytes:
        """Return everything as a scraper reads it."""
        return generate_latest(self.registry)

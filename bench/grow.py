"""What a second process adds: `python -m bench.grow`.

One process is asked alone, then two at once, each by a client of its own, in turns. If a request costs the same,
the processes don't wait for each other, and more cores are all that is needed to grow.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import fields
from itertools import islice
from statistics import median

from app.embedded.server import as_reader, running
from bench.load import load_synthetic
from bench.options import read_options
from bench.processes import cpu_seconds
from bench.queries import SHOWN, new_queries
from bench.rows import Turn
from bench.servers import Server, new_database, postmaster_of, serving
from bench.wrk import request

PROCESSES = 2


def together(servers: Sequence[Server], postgres: int, paths: Sequence[Sequence[str]], seconds: int) -> Turn:
    """Ask servers at once, each for its own paths, and return what their requests cost."""

    def cpu() -> tuple[float, float]:
        return sum(cpu_seconds(server.pid) for server in servers), cpu_seconds(postgres)

    before = cpu()
    with ThreadPoolExecutor(len(servers)) as clients:
        loads = list(clients.map(lambda server, own: request(server.port, own, seconds=seconds), servers, paths))
    requests = sum(load.requests for load in loads)
    own, behind = ((now - then) / requests * 1e6 for now, then in zip(cpu(), before, strict=True))
    return Turn(sum(load.rate for load in loads), median(load.median_ms for load in loads), own, behind)


def main() -> None:
    """Measure one process against two, and print the medians."""
    options = read_options("python -m bench.grow", __doc__)
    queries = new_queries()
    with running(options.cache / "postgres") as address, ExitStack() as programs:
        large, postgres = new_database(address, "bench_grow"), postmaster_of(address)
        load_synthetic(large, options.figures)
        logs = [options.log(f"grow-{number}") for number in range(PROCESSES)]
        servers = [programs.enter_context(serving(as_reader(large), log)) for log in logs]
        for name in ("new queries", "a cached answer"):
            turns: dict[int, list[Turn]] = {1: [], PROCESSES: []}
            for _ in range(options.rounds + 1):
                for number, found in turns.items():
                    paths = [[SHOWN] if "cached" in name else list(islice(queries, 5_000)) for _ in range(number)]
                    found.append(together(servers[:number], postgres, paths, options.seconds))
            for number, found in turns.items():
                # The first round warms up.
                rate, p50, own, behind = (
                    median(getattr(turn, fact.name) for turn in found[1:]) for fact in fields(Turn)
                )
                print(
                    f"{name}, processes: {number}; {rate:,.0f} requests/s, p50 {p50:.1f} ms, "
                    f"CPU per request {own:,.0f} µs and {behind:,.0f} µs in PostgreSQL"
                )


if __name__ == "__main__":
    main()

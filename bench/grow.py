"""What a further process brings: `python -m bench.grow`.

One process is asked by itself, and two at once, each by a client of its own, in turns. What a request costs tells
more than how many there are: where it stays the same, processes do not wait for one another, and what is left to
add is cores.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import fields
from statistics import median

from app.embedded.server import running
from bench.asking import ask
from bench.processes import cpu_seconds
from bench.run import SHOWN, Server, Turn, database, given_place, new_queries, postmaster_of, serving

PROCESSES = 2


def together(servers: Sequence[Server], postmaster: int, paths: Sequence[Sequence[str]], seconds: int) -> Turn:
    """Ask servers at once, each for paths of its own, and return what their requests took."""

    def cpu() -> tuple[float, float]:
        return sum(cpu_seconds(server.pid) for server in servers), cpu_seconds(postmaster)

    before = cpu()
    with ThreadPoolExecutor(len(servers)) as clients:
        asked = list(clients.map(lambda server, own: ask(server.port, own, seconds=seconds), servers, paths))
    number = sum(one.requests for one in asked)
    own, behind = ((now - then) / number * 1e6 for now, then in zip(cpu(), before, strict=True))
    return Turn(sum(one.rate for one in asked), median(one.median_ms for one in asked), own, behind)


def main() -> None:
    """Measure one process against two, and print the medians."""
    place = given_place("python -m bench.grow", __doc__)
    new = new_queries(20_000)
    asked = {
        "new queries": [new[one::PROCESSES] for one in range(PROCESSES)],
        "a stored answer": [[SHOWN]] * PROCESSES,
    }
    with running(place.cache / "postgres") as address, ExitStack() as programs:
        large, postmaster = database(address, place.figures), postmaster_of(address)
        logs = [place.logs / f"grow-{one}.log" for one in range(PROCESSES)]
        servers = [programs.enter_context(serving(large, log)) for log in logs]
        for what, paths in asked.items():
            together(servers, postmaster, paths, place.seconds)  # to be warm
            turns: dict[int, list[Turn]] = {1: [], PROCESSES: []}
            for _ in range(place.rounds):
                for number, found in turns.items():
                    found.append(together(servers[:number], postmaster, paths[:number], place.seconds))
            for number, found in turns.items():
                rate, p50, own, behind = (
                    median(getattr(turn, fact.name) for turn in found) for fact in fields(Turn)
                )
                print(
                    f"{what}, {number} at once: {rate:,.0f} requests/s, p50 {p50:.1f} ms,"
                    f" CPU for each {own:,.0f} µs and in PostgreSQL {behind:,.0f} µs"
                )


if __name__ == "__main__":
    main()

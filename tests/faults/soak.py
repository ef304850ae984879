"""Mixed load for so many minutes, with everything in it that happens to a service: `make soak`.

Two programs on three machines are asked by readers who check every answer. Meanwhile a release is loaded, an
earlier one is chosen and given up again, a standby is killed and comes back, and the primary is restarted. It ends
by itself, leaves no process, and exits with 1 where an answer was wrong or a fault of ours, where more was lost
than what the machines were answering when they went, or where memory goes on growing.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from tests.faults.replication import Cluster, Machine, Program, Readers, replicated, serving, within

AT_ONCE = 16
EVERY = 4
"""Every fourth request is for something new."""

MEGABYTE = 2**20
GROWTH = 1.15
"""What the memory of a program may have grown to at the end, as a multiple of what it was half-way."""

KILLS = 2
"""How many machines go in a run."""


def happenings(
    cluster: Cluster, programs: list[Program], readers: Readers
) -> list[tuple[float, str, Callable[[], Awaitable[None]]]]:
    """Return what happens, each with the part of the run after which it does."""

    def all_serve(number: int) -> None:
        within(lambda: all(program.serves(number) for program in programs))

    async def load(number: int) -> None:
        await asyncio.to_thread(cluster.release, number)
        await asyncio.to_thread(all_serve, number)

    async def choose(number: int | None, served: int) -> None:
        with readers.going_back():
            await asyncio.to_thread(cluster.use, number)
            await asyncio.to_thread(all_serve, served)

    async def kill(machine: Machine) -> None:
        await asyncio.to_thread(machine.kill)

    async def start(machine: Machine) -> None:
        machine.start()
        await asyncio.to_thread(within, machine.answers)

    async def restart(machine: Machine) -> None:
        await kill(machine)
        await start(machine)

    first, second = cluster.standbys
    return [
        (0.15, "release 3 is loaded and served", lambda: load(3)),
        (0.25, "release 2 is chosen and served", lambda: choose(2, 2)),
        (0.35, "the latest is served again", lambda: choose(None, 3)),
        (0.45, f"{first.name} is killed", lambda: kill(first)),
        (0.55, f"{first.name} is back", lambda: start(first)),
        (0.65, "the primary is killed and started again", lambda: restart(cluster.primary)),
        (0.75, "release 4 is loaded and served", lambda: load(4)),
        (0.85, f"replay is paused on {second.name}", lambda: asyncio.to_thread(_ask, second, "pause")),
        (0.88, "release 5 is loaded and served", lambda: load(5)),
        (0.92, f"{second.name} follows again", lambda: asyncio.to_thread(_ask, second, "resume")),
    ]


def _ask(machine: Machine, what: str) -> None:
    machine.ask(f"SELECT pg_wal_replay_{what}()")


async def soak(cluster: Cluster, programs: list[Program], seconds: float) -> bool:
    """Run it, say what happened and what came of it, and return whether all was well."""
    readers = Readers([program.base for program in programs], AT_ONCE, every=EVERY)
    memory: list[tuple[float, list[int]]] = []
    begun = time.monotonic()
    async with readers.reading():
        ahead = happenings(cluster, programs, readers)
        while (elapsed := time.monotonic() - begun) < seconds:
            memory.append((elapsed, [program.memory for program in programs]))
            if ahead and elapsed > ahead[0][0] * seconds:
                _, told, happen = ahead.pop(0)
                await happen()
                print(f"{time.monotonic() - begun:6.1f} s  {told}", flush=True)
            await asyncio.sleep(0.5)
    half = next(taken for at, taken in memory if at >= seconds / 2)
    end = memory[-1][1]
    print(
        f"{readers.sent} requests in {time.monotonic() - begun:.0f} s, {readers.answered} answered and checked; "
        f"{len(readers.bodies)} bodies under as many tags\n"
        f"failed: {len(readers.failures)} {sorted({how for _, how in readers.failures})}; "
        f"wrong: {len(readers.wrong)}"
    )
    for name, taken in (("at the start", memory[0][1]), ("half-way", half), ("at the end", end)):
        print(f"memory {name}: {', '.join(f'{one / MEGABYTE:.0f} MB' for one in taken)}")
    for wrong in readers.wrong[:10]:
        print(f"wrong: {wrong}")
    return (
        not ahead
        and not readers.wrong
        and 500 not in readers.statuses
        and len(readers.failures) <= KILLS * AT_ONCE
        and all(late <= GROWTH * early for early, late in zip(half, end, strict=True))
    )


def main() -> None:
    """Run for as many minutes as are given."""
    minutes = float(sys.argv[1])
    with replicated() as cluster, serving(cluster.address) as programs:
        cluster.release(2)
        within(lambda: all(program.serves(2) for program in programs))
        well = asyncio.run(soak(cluster, programs, 60 * minutes))
    print("well" if well else "not well")
    sys.exit(not well)


if __name__ == "__main__":
    main()

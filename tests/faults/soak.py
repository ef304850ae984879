"""Mixed load on the whole composition for a few minutes, with faults and new releases: `make soak`.

Readers check every answer. Meanwhile, releases are loaded, an earlier one is chosen and dropped again, and servers
and processes are killed and restarted. It stops by itself and leaves no processes. It exits with 1 if an answer was
wrong, a request got neither a 200 nor a 503, a popular request was refused, or memory kept growing.
"""

import sys
import time
from collections.abc import Callable

from tests.faults.composition import Composition, composed
from tests.faults.processes import Postgres, within
from tests.faults.readers import OK, UNAVAILABLE, Readers
from tests.faults.releases import Check, request

CLIENTS = 16
EVERY = 4
"""One request in this many is new."""

MEGABYTE = 2**20
MAX_GROWTH = 1.15
"""The maximum memory of a process at the end, as a multiple of its memory halfway."""


def events(site: Composition, check: Check) -> list[tuple[str, Callable[[], object]]]:
    """Return the events of a run, in order."""

    def choose(number: int | None) -> None:
        with check.going_back():
            site.use(number)
            within(lambda: site.is_served(number or site.number))

    def kill_api() -> None:
        site.apis[1].kill()
        time.sleep(1)
        site.apis[1].start()
        within(site.is_ready)

    def kill(server: Postgres) -> None:
        with site.without(server):
            time.sleep(5)

    return [
        ("an API process is killed and comes back", kill_api),
        ("a release is loaded and served", site.release),
        ("the one before is chosen and served", lambda: choose(site.number - 1)),
        ("the latest is served again", lambda: choose(None)),
        ("the replica is killed and comes back", lambda: kill(site.read_from())),
        ("the primary is killed and comes back", lambda: kill(site.primary)),
        ("a release is loaded and served", site.release),
        ("the replica is killed and comes back", lambda: kill(site.read_from())),
        ("a release is loaded and served", site.release),
    ]


def soak(site: Composition, seconds: float) -> bool:
    """Run the load, print the events and results, and return whether all went well."""
    check = Check()
    readers = Readers(site.address, lambda number: request(number, EVERY), check, CLIENTS)
    ahead = events(site, check)
    pause = seconds / (len(ahead) + 1)
    memory = []
    started = time.monotonic()
    with readers.asking():
        for what, happen in ahead:
            time.sleep(max(0, pause - (time.monotonic() - started) % pause))
            memory.append([api.memory for api in site.apis])
            happen()
            print(f"{time.monotonic() - started:6.1f} s  {what}", flush=True)
        time.sleep(max(0, seconds - (time.monotonic() - started)))
        memory.append([api.memory for api in site.apis])
    print(f"popular: {dict(readers.popular)}; new: {dict(readers.fresh)}; without an answer: {len(readers.broken)}")
    print(f"{len(check.bodies)} bodies under as many tags; wrong: {len(check.wrong)}", *check.wrong[:10], sep="\n")
    half, end = memory[len(memory) // 2], memory[-1]
    for when, taken in (("at the start", memory[0]), ("half-way", half), ("at the end", end)):
        print(f"memory {when}: {', '.join(f'{one / MEGABYTE:.0f} MB' for one in taken)}")
    return (
        not check.wrong
        and not readers.broken
        and set(readers.popular) == {OK}
        and set(readers.fresh) <= {OK, UNAVAILABLE}
        and all(late <= MAX_GROWTH * early for early, late in zip(half, end, strict=True))
    )


def main() -> None:
    """Run for the number of minutes on the command line."""
    with composed() as site:
        well = soak(site, 60 * float(sys.argv[1]))
    print("well" if well else "not well")
    sys.exit(not well)


if __name__ == "__main__":
    main()

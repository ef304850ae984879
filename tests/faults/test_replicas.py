"""A primary and two standbys, two programs that serve from them, and readers who keep asking while machines go.

Real servers, real processes; each fault is told in a line, with what became of the requests meanwhile.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from tests.faults.replication import (
    PATIENCE,
    RECORDS,
    Cluster,
    Machine,
    Program,
    Readers,
    replicated,
    serving,
    within,
)

pytestmark = pytest.mark.anyio

AT_ONCE = 8
"""Requests that are under way at a time: no more than these can be lost with a machine."""


@dataclass
class Site:
    """Machines and programs, and the number of the release that is served."""

    cluster: Cluster
    programs: list[Program]
    number: int = 1

    @property
    def bases(self) -> list[str]:
        """Where the programs answer."""
        return [program.base for program in self.programs]

    def release(self) -> float:
        """Load the next release, and return after how many seconds every program served it."""
        self.number += 1
        self.cluster.release(self.number)
        return within(lambda: all(program.serves(self.number) for program in self.programs))

    def is_read(self, machine: Machine) -> bool:
        """Whether a program reads from a machine, besides looking at it by a connection of its own."""
        return machine.readers() > len(self.programs)

    def readers(self) -> Readers:
        """Return readers of every program."""
        return Readers(self.bases, AT_ONCE)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Yield two programs on three machines that serve a made-up release."""
    with replicated() as cluster, serving(cluster.address) as programs:
        found = Site(cluster, programs)
        found.release()
        yield found


async def until(condition: Callable[..., bool], *given: object) -> float:
    """Return as soon as something is so, and after how many seconds, while the readers go on."""
    return await asyncio.to_thread(within, lambda: condition(*given))


async def test_reads_are_spread_over_the_standbys(site: Site) -> None:
    """A release that the primary takes is served by both standbys, and the primary is not read from."""
    readers = site.readers()
    async with readers.reading():
        await asyncio.sleep(1)
        loaded = await asyncio.to_thread(site.release)
        await asyncio.sleep(1)
        for standby in site.cluster.standbys:
            await until(site.is_read, standby)
        await until(lambda: not site.is_read(site.cluster.primary))
    print("\n" + readers.told("a release is loaded", loaded))
    assert readers.failures == []
    assert readers.wrong == []


async def test_a_standby_that_lags_is_not_read(site: Site) -> None:
    """No reader meets a release without its records, or an older one again, while a standby does not follow."""
    late = site.cluster.standbys[0]
    readers = site.readers()
    before = site.number
    async with readers.reading():
        late.ask("SELECT pg_wal_replay_pause()")
        begun = time.monotonic()
        await asyncio.to_thread(site.cluster.release, site.number + 1)
        site.number += 1
        pinned = f"/v1/figures?limit=9&release={site.number}.0.0"
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            for number, base in enumerate(site.bases):
                # At once: no program has had the time to see it by itself, and none may say that there is no such.
                page = (await client.get(base + pinned)).json()
                assert (page["meta"]["release"], page["meta"]["total"]) == (
                    f"{site.number}.0.0",
                    RECORDS + site.number,
                )
                ids = [record["id"] for record in page["data"]]
                while page["links"]["next"]:
                    # The walk goes on with the other program, whichever machine that reads from.
                    answer = await client.get(site.bases[1 - number] + page["links"]["next"])
                    assert answer.status_code == 200, answer.text
                    page = answer.json()
                    ids += [record["id"] for record in page["data"]]
                assert len(set(ids)) == RECORDS + site.number
        served = time.monotonic() - begun
        await until(lambda: not site.is_read(late))
        assert late.ask("SELECT version FROM release JOIN current_release ON release_id = id") == f"{before}.0.0"
        assert late.ask("SELECT count(*) FROM release") == str(before)
        late.ask("SELECT pg_wal_replay_resume()")
        used_again = await until(site.is_read, late)
    print("\n" + readers.told(f"a standby does not follow (walked through after {served:.2f} s)", used_again))
    assert readers.failures == []
    assert readers.wrong == []


async def test_a_standby_goes_and_comes_back(site: Site) -> None:
    """With a standby nothing is lost but what it was answering; when it is back it is read from again."""
    standby = site.cluster.standbys[1]
    readers = site.readers()
    async with readers.reading():
        await until(site.is_read, standby)
        gone = time.monotonic()
        await asyncio.to_thread(standby.kill)
        await asyncio.sleep(1.5)
        lost = readers.failed_since(gone)
        print("\n" + readers.told("a standby is killed", max(lost, default=0.0)))
        begun = time.monotonic()
        standby.start()
        await until(standby.answers)
        await until(site.is_read, standby)
        used_again = time.monotonic() - begun
    print(readers.told("it comes back", used_again))
    assert len(readers.failures) <= AT_ONCE
    assert readers.wrong == []


async def test_the_primary_goes_and_comes_back(site: Site) -> None:
    """Without the primary reading goes on, for a program that is started then as well; with it, loading does."""
    primary = site.cluster.primary
    readers = site.readers()
    async with readers.reading():
        gone = time.monotonic()
        await asyncio.to_thread(primary.kill)
        with ExitStack() as undo:
            (late,) = await asyncio.to_thread(undo.enter_context, serving(site.cluster.address, programs=1))
            assert await asyncio.to_thread(late.serves, site.number)
            await asyncio.to_thread(undo.close)
        lost = readers.failed_since(gone)
        print("\n" + readers.told("the primary is killed", max(lost, default=0.0)))
        begun = time.monotonic()
        primary.start()
        await until(primary.answers)
        await asyncio.to_thread(site.release)
        loaded = time.monotonic() - begun
    print(readers.told("it comes back and takes a release", loaded))
    assert len(readers.failures) <= AT_ONCE
    assert readers.wrong == []


def test_what_only_a_lost_primary_held(site: Site) -> None:
    """A release that no standby has got is not followed by an older one before it is taken for lost."""
    for standby in site.cluster.standbys:
        standby.ask("SELECT pg_wal_replay_pause()")
    older = site.number
    site.release()
    site.cluster.primary.kill()
    begun = time.monotonic()
    found: list[tuple[float, int, str]] = []
    while (elapsed := time.monotonic() - begun) < 10.0 + PATIENCE:
        answer = httpx.get(
            f"{site.bases[0]}/v1/figures?limit=1&period=../{int(2021 + elapsed * 10)}", trust_env=False
        )
        release = answer.json()["meta"]["release"] if answer.status_code == 200 else ""
        found.append((elapsed, answer.status_code, release))
        if release == f"{older}.0.0":
            break
        time.sleep(0.05)
    for standby in site.cluster.standbys:
        standby.ask("SELECT pg_wal_replay_resume()")
    site.cluster.primary.start()
    within(site.cluster.primary.answers)
    within(lambda: all(program.serves(site.number) for program in site.programs))
    failed = sum(status == 503 for _, status, _ in found)
    print(
        f"\nthe only server with a release is killed: {len(found)} sent, {failed} answered 503; the older release "
        f"after {found[-1][0]:.2f} s"
    )
    assert found[-1][2] == f"{older}.0.0"
    assert {status for _, status, _ in found} == {200, 503}


def test_a_standby_takes_the_place_of_the_primary(site: Site) -> None:
    """A standby that is promoted takes the next release, and no program need be told; the other is left behind."""
    promoted, left = site.cluster.standbys
    site.cluster.primary.kill()
    begun = time.monotonic()
    assert promoted.ask("SELECT pg_promote()") == "True"
    site.release()
    served = time.monotonic() - begun
    assert int(left.ask("SELECT max(id) FROM release")) < int(promoted.ask("SELECT max(id) FROM release"))
    within(lambda: site.is_read(promoted))
    print(f"\na standby is promoted: a new release was served after {served:.2f} s")

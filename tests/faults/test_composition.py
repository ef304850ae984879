"""The composition of compose.scale.yaml while programs fail and releases are loaded.

All programs are real: a primary and two replicas, HAProxy, two API processes and nginx.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from tests.faults.composition import Composition, composed
from tests.faults.processes import within
from tests.faults.readers import OK, UNAVAILABLE, Readers
from tests.faults.releases import POPULAR, Check, request

A_WHILE = 1.0
"""How long readers send requests before a fault and during it, in seconds."""


@pytest.fixture(scope="module")
def site() -> Iterator[Composition]:
    """Yield the composition, with every popular answer cached in nginx."""
    with composed() as composition:
        for number in range(3 * POPULAR):
            path, is_popular = request(number)
            if is_popular:
                assert httpx.get(composition.address + path, trust_env=False).status_code == OK
        yield composition


@contextmanager
def asking(site: Composition, fault: str, *, may_fail: bool = True) -> Iterator[Readers]:
    """Run readers before and during a fault, and report it.

    nginx always answers popular requests, no answer is ever wrong, and every request gets an answer.
    """
    check = Check()
    readers = Readers(site.address, request, check)
    with readers.asking():
        time.sleep(A_WHILE)
        started = time.monotonic()
        yield readers
    readers.report(fault, readers.recovered_after(started))
    assert check.wrong == []
    assert readers.broken == []
    assert set(readers.popular) == {OK}
    assert set(readers.fresh) <= {OK, UNAVAILABLE}
    assert may_fail or [answer.json()["detail"] for answer in readers.refusals] == []
    assert readers.fresh[OK] > 0


def test_the_api_reads_one_replica_as_the_reader(site: Composition) -> None:
    """Both API processes log in as upheld_api, and connect only to the first replica."""
    assert site.is_read(site.replicas[0])
    assert site.replicas[0].logins() == {"upheld_api"}


def test_a_release_is_loaded(site: Composition) -> None:
    """Readers get the old release or the new one complete, and soon only the new one."""
    with asking(site, "a release is loaded", may_fail=False):
        site.release()
        time.sleep(A_WHILE)


def test_a_replica_is_killed(site: Composition) -> None:
    """The other replica takes over, and keeps the readers after the first one returns."""
    first, second = site.read_from(), site.other_replica()
    with asking(site, "the replica is killed"):
        with site.without(first):
            within(second.logins)
            time.sleep(A_WHILE)
        time.sleep(A_WHILE)
        assert site.is_read(second)


def test_a_replica_hangs(site: Composition) -> None:
    """A replica that keeps its connections but doesn't answer is taken out, as if it were gone."""
    hanging, other = site.read_from(), site.other_replica()
    with asking(site, "the replica hangs"):
        hanging.signal(signal.SIGSTOP)
        try:
            within(other.logins)
            time.sleep(A_WHILE)
        finally:
            hanging.signal(signal.SIGCONT)
        within(lambda: site.is_up(hanging))
    within(lambda: site.is_read(other))


def test_a_replica_lags(site: Composition) -> None:
    """All readers stay on the old release until the lagging replica is killed and the other one takes over."""
    lagging, other = site.read_from(), site.other_replica()
    with asking(site, "the replica lags, then is killed"):
        lagging.query("SELECT pg_wal_replay_pause()")
        site.load()
        time.sleep(A_WHILE)
        assert site.is_served(site.number - 1)
        with site.without(lagging):
            within(lambda: site.is_served(site.number))
            assert site.is_read(other)


def test_the_next_replica_lags(site: Composition) -> None:
    """Only here can an older release follow a newer one: the replica fails, and the one that takes over lags."""
    first, lagging = site.read_from(), site.other_replica()
    check = Check()
    readers = Readers(site.address, request, check)
    lagging.query("SELECT pg_wal_replay_pause()")
    site.release()
    with readers.asking(), check.going_back():
        started = time.monotonic()
        with site.without(first):
            within(lambda: site.is_served(site.number - 1))
            lagging.query("SELECT pg_wal_replay_resume()")
            within(lambda: site.is_served(site.number))
    readers.report("the replica is killed, the next one lags", readers.recovered_after(started))
    assert check.wrong == []
    assert set(readers.popular) == {OK}


def test_the_primary_is_killed(site: Composition) -> None:
    """Readers aren't affected. A load fails, and works again once the primary is back."""
    before = site.read_from()
    with asking(site, "the primary is killed", may_fail=False):
        with site.without(site.primary):
            with pytest.raises(OperationalError):
                site.load()
            time.sleep(A_WHILE)
        within(lambda: site.is_up(site.primary, "writes"))
        site.release()
    assert site.is_read(before)


def test_both_replicas_are_killed(site: Composition) -> None:
    """The primary takes over the reads."""
    with asking(site, "both replicas are killed"):
        with site.without(*site.replicas):
            within(site.primary.logins)
            time.sleep(A_WHILE)
        assert site.is_read(site.primary)


def test_every_database_is_killed(site: Composition) -> None:
    """Stored answers are served and everything else is refused, until a server is back."""
    with asking(site, "every database is killed") as readers:
        with site.without(*site.servers):
            within(lambda: not any(api.answers("/health/ready") for api in site.apis))
            within(lambda: readers.fresh[UNAVAILABLE])
            time.sleep(A_WHILE)
        within(site.is_ready)


def test_an_api_process_is_killed(site: Composition) -> None:
    """The cache uses the other process, so readers aren't affected."""
    api = site.apis[0]
    with asking(site, "an API process is killed", may_fail=False):
        api.kill()
        time.sleep(A_WHILE)
        api.start()
        within(lambda: api.answers("/health/ready"))
        time.sleep(A_WHILE)


def test_every_api_process_is_killed(site: Composition) -> None:
    """The cache keeps answering with its copies."""
    check = Check()
    readers = Readers(site.address, request, check)
    with readers.asking():
        started = time.monotonic()
        for api in site.apis:
            api.kill()
        time.sleep(A_WHILE)
        for api in site.apis:
            api.start()
        within(site.is_ready)
        within(site.is_reached)
        time.sleep(A_WHILE)
    readers.report("every API process is killed", readers.recovered_after(started))
    assert check.wrong == []
    assert readers.broken == []
    assert set(readers.fresh) <= {OK, UNAVAILABLE, httpx.codes.BAD_GATEWAY}
    assert set(readers.popular) == {OK}


def test_a_replica_is_promoted(site: Composition) -> None:
    """As docs/operations.md says, promote a replica, point HAProxy's writes at it, and recopy the other."""
    promoted, other = site.replicas
    site.primary.kill()
    with asking(site, "a replica is promoted"):
        promoted.query("SELECT pg_promote()")
        site.write_to(promoted)
        site.release()
        time.sleep(A_WHILE)
    other.kill()
    other.empty()
    other.follows = other.follows.replace(str(site.primary.port), str(promoted.port))
    other.start()
    within(lambda: site.is_up(other))
    within(
        lambda: (
            int(other.query("SELECT max(id) FROM release")) == int(promoted.query("SELECT max(id) FROM release"))
        )
    )

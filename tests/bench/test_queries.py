"""The benchmark's requests."""

from itertools import islice

from bench.queries import new_queries, parts_of


def test_new_queries_are_never_repeated_and_always_the_same() -> None:
    """Queries never repeat, or the response cache would answer them, and always come in the same order."""
    queries = list(islice(new_queries(), 20_000))
    assert len(set(queries)) == len(queries)
    assert list(islice(new_queries(), 20_000)) == queries


def test_peers_are_asked_for_the_same_rows() -> None:
    """A query's force and days are translated into the parameters the peers take."""
    path = "/v1/figures?force=kent&period=2001-02-01/2004-05-28&limit=50"
    assert parts_of(path) == "force=kent&start=2001-02-01&end=2004-05-28"

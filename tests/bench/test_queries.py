"""The requests of the benchmark."""

from itertools import islice

from bench.queries import new_queries, parts_of


def test_new_queries_are_never_repeated_and_always_the_same() -> None:
    """A repeated query would be answered from the response cache; another order would be another measurement."""
    queries = list(islice(new_queries(), 20_000))
    assert len(set(queries)) == len(queries)
    assert list(islice(new_queries(), 20_000)) == queries


def test_peers_are_asked_for_the_same_rows() -> None:
    """Force and days of a query, as the peers take them."""
    path = "/v1/figures?force=kent&period=2001-02-01/2004-05-28&limit=50"
    assert parts_of(path) == "force=kent&start=2001-02-01&end=2004-05-28"

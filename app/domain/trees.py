"""Walks through trees and graphs of ids: codes, forces, sources, denominators. Cycles end a walk."""

from collections.abc import Iterable, Mapping

from app.domain.dataset import Code

TREES = ("allegation", "stage", "outcome")
"""The trees of codes, as `codes.yaml` and the fields of records name them."""

Parents = Mapping[str, str | None]
"""Each id with the one above it; None at the top."""

Unions = Mapping[str, frozenset[str]]
"""Each union of codes with the codes that it unites."""


def with_ancestors(parents: Parents, start: str) -> list[str]:
    """Return an id and everything above it, nearest first."""
    path: list[str] = []
    above: str | None = start
    while above is not None and above not in path:
        path.append(above)
        above = parents.get(above)
    return path


def tree_of(codes: Iterable[Code]) -> Parents:
    """Return each code with the one above it.

    A union is below the codes that all its members are below, but not below any member: perhaps nobody among those
    sacked or convicted was convicted.
    """
    codes = list(codes)
    unions = {code.id: code.parents for code in codes if code.parents}
    tree: dict[str, str | None] = {code.id: code.parent for code in codes if not code.parents}

    def place(code: str, seen: frozenset[str]) -> None:
        for member in unions[code]:
            if member in unions and member not in tree and member not in seen:
                place(member, seen | {code})
        above = [with_ancestors(tree, member) for member in unions[code]]
        tree[code] = next((one for one in above[0] if all(one in path for path in above)), None)

    for code in unions:
        place(code, frozenset())
    return tree


def unions_of(codes: Iterable[Code]) -> Unions:
    """Return each union with the codes that it unites, those of unions in it included."""
    unions = {code.id: code.parents for code in codes if code.parents}
    return {code: frozenset(reachable(unions, code)) for code in unions}


def one_above(parents: Parents, a: str, b: str) -> bool:
    """Whether two ids are the same, or one is above the other."""
    return b in with_ancestors(parents, a) or a in with_ancestors(parents, b)


def with_descendants(parents: Parents, starts: Iterable[str]) -> set[str]:
    """Return ids and everything below them."""
    roots = set(starts)
    return roots | {id_ for id_ in parents if not roots.isdisjoint(with_ancestors(parents, id_))}


def reachable(links: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """Return everything that can be reached from an id by one link or more; itself only if a cycle leads back."""
    found: set[str] = set()
    queue = [*links.get(start, ())]
    while queue:
        id_ = queue.pop()
        if id_ not in found:
            found.add(id_)
            queue.extend(links.get(id_, ()))
    return found

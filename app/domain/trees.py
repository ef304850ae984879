"""Walks through trees and graphs of ids: codes, forces, sources, denominators. Cycles end a walk."""

from collections.abc import Iterable, Mapping

Parents = Mapping[str, str | None]
"""Each id with the one above it; None at the top."""


def with_ancestors(parents: Parents, start: str) -> list[str]:
    """Return an id and everything above it, nearest first."""
    path: list[str] = []
    above: str | None = start
    while above is not None and above not in path:
        path.append(above)
        above = parents.get(above)
    return path


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

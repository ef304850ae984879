"""Walk trees and graphs of ids: codes, forces, sources, denominators. A cycle ends the walk."""

from collections.abc import Iterable, Mapping

from app.domain.dataset import Code

TREES = ("allegation", "stage", "outcome")
"""The code trees, by their names in `codes.yaml` and in record fields."""

Parents = Mapping[str, str | None]
"""Each id with its parent; None at the top."""

Unions = Mapping[str, frozenset[str]]
"""Each union with the codes it combines."""


def with_ancestors(parents: Parents, start: str) -> list[str]:
    """Return an id and all its ancestors, nearest first."""
    path: list[str] = []
    above: str | None = start
    while above is not None and above not in path:
        path.append(above)
        above = parents.get(above)
    return path


def tree_of(codes: Iterable[Code]) -> Parents:
    """Return each code with its parent.

    A union goes under the nearest common ancestor of its members, but not under any member: of people dismissed or
    convicted, perhaps none was convicted.
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
    """Return each union with the codes it combines, including those of nested unions."""
    unions = {code.id: code.parents for code in codes if code.parents}
    return {code: frozenset(reachable(unions, code)) for code in unions}


def one_above(parents: Parents, a: str, b: str) -> bool:
    """Whether two ids are the same, or one is an ancestor of the other."""
    return b in with_ancestors(parents, a) or a in with_ancestors(parents, b)


def with_descendants(parents: Parents, starts: Iterable[str]) -> set[str]:
    """Return the ids and all their descendants."""
    roots = set(starts)
    return roots | {id_ for id_ in parents if not roots.isdisjoint(with_ancestors(parents, id_))}


def reachable(links: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """Return every id reachable by one link or more; the start itself only if a cycle leads back to it."""
    found: set[str] = set()
    queue = [*links.get(start, ())]
    while queue:
        id_ = queue.pop()
        if id_ not in found:
            found.add(id_)
            queue.extend(links.get(id_, ()))
    return found

"""Walking trees and graphs of ids."""

from app.domain.trees import reachable, with_ancestors, with_descendants

TREE = {"any": None, "sexual": "any", "assault": "sexual", "rape": "assault", "neglect": "any"}
CYCLE = {"a": "b", "b": "c", "c": "b"}


def test_ancestors_come_nearest_first() -> None:
    """The list starts with the id itself and ends with the top of its tree."""
    assert with_ancestors(TREE, "rape") == ["rape", "assault", "sexual", "any"]
    assert with_ancestors(TREE, "any") == ["any"]
    assert with_ancestors(TREE, "unknown") == ["unknown"]


def test_descendants_include_the_starts() -> None:
    """The ids are included along with everything below them, at any depth."""
    assert with_descendants(TREE, ["sexual"]) == {"sexual", "assault", "rape"}
    assert with_descendants(TREE, ["rape", "neglect"]) == {"rape", "neglect"}
    assert with_descendants(TREE, ["any"]) == set(TREE)
    assert with_descendants(TREE, []) == set()
    assert with_descendants(TREE, ["unknown"]) == {"unknown"}


def test_reachable_follows_every_link() -> None:
    """An id is reachable from itself only through a cycle."""
    links = {"part": ["whole", "other"], "whole": ["all"], "all": [], "loop": ["back"], "back": ["loop"]}
    assert reachable(links, "part") == {"whole", "other", "all"}
    assert reachable(links, "all") == reachable(links, "unknown") == set()
    assert reachable(links, "loop") == {"loop", "back"}


def test_a_cycle_ends_a_walk() -> None:
    """A walk stops when it meets an id again."""
    assert with_ancestors(CYCLE, "a") == ["a", "b", "c"]
    assert with_descendants(CYCLE, ["c"]) == {"a", "b", "c"}

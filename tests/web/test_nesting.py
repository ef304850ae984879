from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from app.domain.records import Figure
from app.web.nesting import nested
from tests import made


def ids_and_depths(figures: Sequence[Figure]) -> list[tuple[str, int]]:
    """Return the ids of figures in nested order, with their depths."""
    return [(one.id, depth) for one, depth in nested([made.answered(figure) for figure in figures])]


def test_figures_are_under_their_bases() -> None:
    """A figure follows its base wherever it was in the list; roots and siblings keep their order."""
    figures = [
        made.figure("late", base=made.base("b")),
        made.figure("a"),
        made.figure("b"),
        made.figure("later", base=made.base("b")),
        made.figure("deep", base=made.base("late")),
        made.figure("of-a", base=made.base("a")),
        made.figure("lone", base=made.base("not-here")),
    ]
    expected = [("a", 0), ("of-a", 1), ("b", 0), ("late", 1), ("deep", 2), ("later", 1), ("lone", 0)]
    assert ids_and_depths(figures) == expected


def test_ambiguous_figures_are_under_their_first_candidate() -> None:
    """An ambiguous figure appears once, and is a root if its first candidate isn't listed."""
    a, b = made.figure("a"), made.figure("b")
    ambiguous = made.figure("open", base=made.ambiguous("a", "b"))
    assert ids_and_depths([ambiguous, b, a]) == [("b", 0), ("a", 0), ("open", 1)]
    assert ids_and_depths([ambiguous, b]) == [("open", 0), ("b", 0)]


def test_deep_nesting() -> None:
    """Depth isn't limited by recursion."""
    chain = [made.figure("f0"), *(made.figure(f"f{n}", base=made.base(f"f{n - 1}")) for n in range(1, 2000))]
    assert ids_and_depths(chain) == [(f"f{n}", n) for n in range(2000)]


@given(st.lists(st.none() | st.integers(0, 30), max_size=12), st.randoms(use_true_random=False))
def test_no_figure_is_lost_or_repeated(bases: list[int | None], random: object) -> None:
    """Each figure appears once, one level below its base, after the base or its other figures."""
    figures = [
        made.figure(f"f{n}", base=None if base is None else made.base(f"f{base % n}" if n else "gone"))
        for n, base in enumerate(bases)
    ]
    random.shuffle(figures)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    found = ids_and_depths(figures)
    assert sorted(one for one, _ in found) == sorted(figure.id for figure in figures)
    by_id = {figure.id: figure for figure in figures}
    chain: list[str] = []
    for one, depth in found:
        base = by_id[one].base
        above = base.id if base is not None and base.id in by_id else None
        assert depth <= len(chain)
        assert (chain[depth - 1] if depth else None) == above
        chain[depth:] = [one]

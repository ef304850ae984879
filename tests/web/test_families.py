from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from app.analysis.measures import Knowledge
from app.domain.records import Figure
from app.domain.vocabulary import Unit
from app.web.families import LOOKALIKES, arranged, lookalikes
from tests import made
from tests.figures_in_memory import TREES, counted


def places(figures: Sequence[Figure]) -> list[tuple[str, int]]:
    """Return where figures are set, by id."""
    return [(one.id, depth) for one, depth in arranged([made.answered(figure) for figure in figures])]


def test_families_are_kept_together() -> None:
    """A figure stands below its whole, whichever came first; wholes keep their order, and so do parts."""
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
    assert places(figures) == expected


def test_ambiguous_figures_stand_below_their_first_candidate() -> None:
    """An open figure stands once, and at the top where its first candidate is not shown."""
    a, b = made.figure("a"), made.figure("b")
    open_one = made.figure("open", base=made.ambiguous("a", "b"))
    assert places([open_one, b, a]) == [("b", 0), ("a", 0), ("open", 1)]
    assert places([open_one, b]) == [("open", 0), ("b", 0)]


def test_a_chain_as_long_as_a_page() -> None:
    """Depth costs no call in a call."""
    chain = [made.figure("f0"), *(made.figure(f"f{n}", base=made.base(f"f{n - 1}")) for n in range(1, 2000))]
    assert places(chain) == [(f"f{n}", n) for n in range(2000)]


@given(st.lists(st.none() | st.integers(0, 30), max_size=12), st.randoms(use_true_random=False))
def test_no_figure_is_lost_or_repeated(wholes: list[int | None], random: object) -> None:
    """Each figure stands once, right below its whole or another part of it, at one step more."""
    figures = [
        made.figure(f"f{n}", base=None if whole is None else made.base(f"f{whole % n}" if n else "gone"))
        for n, whole in enumerate(wholes)
    ]
    random.shuffle(figures)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    found = places(figures)
    assert sorted(one for one, _ in found) == sorted(figure.id for figure in figures)
    by_id = {figure.id: figure for figure in figures}
    chain: list[str] = []
    for one, depth in found:
        base = by_id[one].base
        above = base.id if base is not None and base.id in by_id else None
        assert depth <= len(chain)
        assert (chain[depth - 1] if depth else None) == above
        chain[depth:] = [one]


# --- equal numbers -----------------------------------------------------------------------------------------


NOTHING = Knowledge(force_areas={"metropolitan": None}, parents=TREES)


def test_lookalikes_are_equal_and_not_comparable() -> None:
    """Only equal numbers of one kind that must not be compared are told apart; unknown ones are not equal."""
    alike = [
        counted("a", unit="complaint"),
        counted("b", unit="person"),
        counted("c", unit="complaint"),
    ]
    for order in permutations(alike):
        found = {frozenset(one) for one in lookalikes(order, NOTHING)}
        assert found == {frozenset("ab"), frozenset("bc")}
    other_value = counted("d", unit="proceeding", kind="complaint", value=Decimal(64))
    other_type = counted("e", unit="proceeding", kind="complaint", value_type="percent")
    unknown = counted("f", unit="case", kind="complaint", value=None, value_status="withheld")
    assert lookalikes([alike[0], alike[2], other_value, other_type, unknown], NOTHING) == []
    many = [counted(f"x{n}", unit=unit) for n, unit in enumerate(Unit)]
    assert len(lookalikes(many, NOTHING)) == LOOKALIKES
    page = [*(counted(f"x{n}") for n in range(29)), counted("odd", unit="case")]
    assert {b for _, b in lookalikes(page, NOTHING)} == {"odd"}

"""The rows of the benchmark: medians, limits and comparisons."""

from collections.abc import Callable

import pytest

from bench.rows import Row, Turn, compare


@pytest.mark.parametrize(
    ("values", "at_least", "is_met"),
    [
        ([1.0, 9.0, 1.2], False, True),
        ([1.3], False, False),
        ([1.25], False, True),
        ([1.3], True, True),
        ([1.2], True, False),
    ],
)
def test_the_median_is_held_against_the_limit(values: list[float], *, at_least: bool, is_met: bool) -> None:
    """A single slow round doesn't decide the result."""
    row = Row("cached answer", "times", 1.25, at_least, values)
    assert row.is_met is is_met
    assert row.bound == f"{'≥' if at_least else '≤'} 1.25 times"


def test_sides_take_turns_and_are_compared_within_their_round() -> None:
    """Each ratio compares neighbours, so a machine that slows down between rounds doesn't change it."""
    order: list[str] = []

    def side(name: str, rates: list[float]) -> Callable[[], Turn]:
        found = iter(rates)

        def turn() -> Turn:
            order.append(name)
            return Turn(next(found), 1, 1000, 500)

        return turn

    row = compare(
        Row("new query", "times", 2, at_least=True),
        2,
        "rate",
        side("ours", [1, 300, 30]),
        side("theirs", [1, 100, 10]),
    )
    assert order == ["ours", "theirs"] * 3
    assert row.values == [3, 3]
    assert row.note == "165/s : 55/s; CPU 1.00 + 0.50 ms : 1.00 + 0.50 ms"

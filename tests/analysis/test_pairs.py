"""Pairs of figures that may count the same thing: none is missed, however many figures there are."""

import random
from datetime import date, timedelta
from itertools import combinations

import pytest

from app.analysis.measures import Measured, may_share_time
from app.analysis.pairs import same_measure
from tests.figures_in_memory import FORCES, KNOWN, UNDATED, counted


def some_figures(number: int, chance: random.Random) -> list[Measured]:
    """Return figures of one measure for several forces and times; some are undated, stocks or open-ended."""
    figures = []
    for index in range(number):
        start = date(2010, 1, 1) + timedelta(days=chance.randrange(3_000))
        end = start + timedelta(days=chance.choice([0, 30, 365, 2_000]))
        period: dict[str, object] = {"start": start, "end": end}
        match chance.randrange(8):
            case 0:
                period |= UNDATED
            case 1:
                period |= {"end": start, "as_at": start}
            case 2:
                period |= {"end": None}
            case 3:
                period |= {"period_event": "received"}
        figures.append(counted(f"f{index}", **period, force=chance.choice([*FORCES])))
    return figures


@pytest.mark.parametrize("number", [2, 12, 80])
def test_pairs_of_one_measure(number: int) -> None:
    """Every dated pair that shares force and time is found, and no other, in few figures as in many."""
    chance = random.Random(number)  # noqa: S311 - no secret
    for _ in range(50):
        figures = some_figures(number, chance)
        dated = [figure for figure in figures if figure.period.start is not None]
        expected = {
            frozenset({a.id, b.id})
            for a, b in combinations(dated, 2)
            if may_share_time(a, b) and KNOWN.forces_meet(a.force, b.force)
        }
        assert {frozenset({a.id, b.id}) for a, b in same_measure(figures, KNOWN)} == expected

from decimal import Decimal
from itertools import permutations

from app.analysis.measures import Knowledge
from app.domain.vocabulary import Unit
from app.web.lookalikes import MAX_SHOWN, lookalikes
from tests.figures_in_memory import TREES, counted

NOTHING = Knowledge(force_areas={"metropolitan": None}, parents=TREES)


def test_lookalikes() -> None:
    """Only equal, known values of one type that can't be compared are found."""
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
    assert len(lookalikes(many, NOTHING)) == MAX_SHOWN
    page = [*(counted(f"x{n}") for n in range(29)), counted("odd", unit="case")]
    assert {b for _, b in lookalikes(page, NOTHING)} == {"odd"}


def test_the_most_alike_come_first() -> None:
    """Two counts of cases are confused more easily than one of cases and one of people."""
    figures = [
        counted("people", unit="person", kind="proceeding"),
        counted("complaints", unit="complaint"),
        counted("cases", unit="case", kind="outcome", outcome="upheld"),
        counted("others", unit="case", kind="outcome", outcome="imprisoned"),
    ]
    assert set(lookalikes(figures, NOTHING)[0]) == {"cases", "others"}

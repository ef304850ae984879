"""The figures that become headlines."""

from collections.abc import Mapping
from typing import Any

from app.web.findings import findings


def figure(id_: str, **changes: object) -> Mapping[str, Any]:
    """Return a figure as the API answers it: a count of 10 without a base, unless changed."""
    facts = {
        "id": id_,
        "kind": "complaint",
        "value": 10,
        "value_type": "count",
        "value_status": "stated",
        "share": None,
        "share_basis": None,
        "base": None,
        "cautions": [],
    }
    return facts | changes


def share(id_: str, base: str, value: int, whole: int, **changes: object) -> Mapping[str, Any]:
    """Return a figure that is a share of another."""
    of_base = {"value": value, "share": value / whole, "share_basis": "same-unit", "base": {"id": base}}
    return figure(id_, kind="outcome", **{**of_base, **changes})


WITHHELD = figure("withheld", value=None, value_status="withheld")


def test_a_share_a_result_and_an_unknown() -> None:
    """The findings are the share of the largest whole, an outcome of another whole, and an undisclosed number."""
    small, large = share("small", "a", 5, 10), share("large", "b", 100, 1000)
    assert findings([WITHHELD, small, figure("a"), figure("b"), large]) == ["large", "small", "withheld"]


def test_one_finding_for_each_whole() -> None:
    """Two shares of the same whole are one finding, and so are a whole and its share."""
    first, second = share("first", "a", 60, 100), share("second", "a", 40, 100)
    whole = figure("a", value=100)
    assert findings([first, second, whole]) == ["first"]


def test_what_is_unfit() -> None:
    """Disputed, superseded and inexact figures don't become headlines, nor do shares across units."""
    shares = [
        share(caution, caution, 5, 10, cautions=[caution]) for caution in ("disputed", "superseded", "inexact")
    ]
    across = share("across", "x", 5, 10, share_basis="across-units", cautions=["across-units", "disputed"])
    assert findings([*shares, across]) == []


def test_counts_fill_up() -> None:
    """Without shares, the largest counts become findings; percentages don't."""
    counts = [figure(f"f{number}", value=number) for number in range(1, 6)]
    percentage = figure("percentage", value=99, value_type="percent")
    assert findings([percentage, *counts]) == ["f5", "f4", "f3"]
    assert findings([]) == []

"""The facts about records, read from their documents."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from app.analysis.measures import dated_of, figures_of, length
from app.domain.dataset import Dataset
from app.domain.records import Figure
from app.releases.rendering import OfRelease, document
from bench import synth
from tests.figures_in_memory import counted
from tests.made import alone
from tests.real_seeds import real_release


def contents() -> Iterator[tuple[str, Dataset, OfRelease]]:
    """Yield datasets to load, each with its name and the release facts its documents are built from."""
    dataset, release = real_release()
    for name, content, of in (
        ("seeds", dataset, release),
        ("synthetic", synth.dataset_of(2_000), synth.release_of(2_000)),
    ):
        yield name, content, alone(of, content)


def named(struct: Struct) -> dict[str, Any]:
    """Return a struct as it would appear in a document."""
    found = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, Struct):
            value = named(value)
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, Decimal):
            value = float(value)
        found[name] = sorted(value) if isinstance(value, frozenset) else value
    return found


def expected(answered: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """Return the document's values for the names in `facts`."""
    found = {name: answered["force" if name == "about" else name] for name in facts}
    for part in ("period", "base", "about"):
        if found.get(part) is not None:
            found[part] = {name: found[part][name] for name in facts[part]}
    if "subjects" in found:
        found["subjects"] = sorted(found["subjects"])
    return found


@pytest.mark.parametrize(("content", "of"), [pytest.param(*rest, id=name) for name, *rest in contents()])
def test_facts_are_those_of_the_document(content: Dataset, of: OfRelease) -> None:
    """Every fact used to compare records matches the published document."""
    kinds = set()
    for record in content.records:
        read_facts = figures_of if isinstance(record, Figure) else dated_of
        answered = document(record, of)
        (found,) = read_facts([answered])
        facts = named(found)
        assert facts == expected(orjson.loads(answered), facts)
        kinds.add(record.kind)
    assert len(kinds) == 4


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2019-01-01", "2019-12-31", (12, 0)),
        ("2012-01-01", "2018-12-31", (84, 0)),
        ("2018-04-01", "2021-03-31", (36, 0)),
        ("2020-02-01", "2020-02-29", (1, 0)),
        ("2019-02-01", "2019-02-28", (1, 0)),
        ("2020-02-01", "2020-02-28", (0, 28)),
        ("2021-03-15", "2021-03-15", (0, 1)),
        ("2021-03-15", "2021-03-21", (0, 7)),
        ("2019-01-15", "2019-02-14", (1, 0)),
        ("2019-01-15", "2019-02-10", (0, 27)),
        ("2019-01-31", "2019-02-27", (1, 0)),
        ("2019-01-31", "2019-02-28", (1, 1)),
        ("2019-12-31", "2020-01-30", (1, 0)),
        ("2020-01-01", "2021-01-12", (12, 12)),
        ("9999-01-01", "9999-11-30", (11, 0)),
    ],
)
def test_lengths_are_in_months(start: str, end: str, expected: tuple[int, int]) -> None:
    """Every month counts as one, whatever its length; days beyond whole months are counted."""
    assert length(counted("a", start=date.fromisoformat(start), end=date.fromisoformat(end))) == expected


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 4000))
def test_lengths_lose_no_day(start: date, more: int) -> None:
    """One more day adds a day or completes a month."""
    end = date.fromordinal(start.toordinal() + more)
    found = length(counted("a", start=start, end=end))
    assert found is not None
    months, days = found
    assert 0 <= days <= 31
    assert months >= 0
    longer = length(counted("a", start=start, end=date.fromordinal(end.toordinal() + 1)))
    assert longer in {(months, days + 1), (months + 1, 0)}

"""Coverage: each gap is a cell."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.analysis.coverage import NO_RECORD, Cell, Measure, with_gaps
from app.domain.vocabulary import ValueStatus

WORDS = st.sampled_from(["a", "b", "c"])
MEASURES = st.builds(
    Measure,
    kind=WORDS,
    allegation=WORDS,
    stage=st.none() | WORDS,
    outcome=st.none() | WORDS,
    unit=WORDS,
    value_type=WORDS,
    breakdown=st.lists(st.tuples(WORDS, WORDS), max_size=1).map(tuple),
)
STATES = st.sampled_from([str(status) for status in ValueStatus])


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["x", "y", "z"]), MEASURES, STATES), st.lists(st.uuids().map(str), min_size=1)
    ),
    st.lists(st.sampled_from(["w", "x", "y", "z"]), unique=True),
)
def test_gaps(known: dict[tuple[str, Measure, str], list[str]], forces: list[str]) -> None:
    """Every cell of a force is kept, and each measure that a force lacks gets exactly one `no-record` cell."""
    cells = [Cell(*place, ids) for place, ids in known.items()]
    covered = with_gaps(cells, forces)
    own = [cell for cell in cells if cell.force in forces]
    assert sorted(map(repr, (cell for cell in covered if cell.state != NO_RECORD))) == sorted(map(repr, own))
    gaps = [(cell.force, cell.measure) for cell in covered if cell.state == NO_RECORD]
    all_measures = {measure for _, measure, _ in known}
    expected = {(f, m) for f in forces for m in all_measures} - {(f, m) for f, m, _ in known}
    assert Counter(gaps) == Counter(expected)
    assert all(not cell.ids for cell in covered if cell.state == NO_RECORD)
    assert with_gaps(reversed(cells), reversed(forces)) == covered

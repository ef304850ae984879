"""Coverage: each gap is a cell."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.analysis.coverage import NO_RECORD, Cell, Measure, gaps_in, in_order
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
    """Every cell is kept, and each force has exactly one `no-record` cell for each measure that it lacks."""
    cells = [Cell(*place, ids) for place, ids in known.items()]
    measures = {measure for _, measure, _ in known}
    recorded = {(force, measure) for force, measure, _ in known}
    covered = in_order([*cells, *gaps_in(forces, measures, recorded)])
    assert sorted(map(repr, (cell for cell in covered if cell.state != NO_RECORD))) == sorted(map(repr, cells))
    gaps = [(cell.force, cell.measure) for cell in covered if cell.state == NO_RECORD]
    assert Counter(gaps) == Counter({(f, m) for f in forces for m in measures} - recorded)
    assert all(not cell.ids for cell in covered if cell.state == NO_RECORD)
    assert in_order(reversed(covered)) == covered

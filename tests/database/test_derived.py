"""Positions in each sort order, and outcomes below a record."""

from app.database.derived import outcomes_below, places_of
from app.domain.records import Record
from tests.made import UNDATED, ambiguous, base, days, figure, incident

RECORDS: list[Record] = [
    figure("c", value=5, period=days("2020-01-01", "2020-12-31")),
    figure("a", value=7, period=days("2020-01-01", "2020-12-31")),
    figure("b", value_status="withheld", period=days("2020-01-01", "2021-12-31")),
    figure("d", value=0.5, value_type="percent", period=UNDATED),
    figure("e", value=5, period=days("2019-05-01")),
    incident("f", period=days("2020-01-01", "2020-06-30")),
]


def in_order(name: str) -> str:
    """Return the ids of the records in a sort order."""
    places = places_of(RECORDS)[name]
    assert sorted(places.values()) == list(range(1, len(RECORDS) + 1))
    return "".join(sorted(places, key=lambda record: places[record]))


def test_places() -> None:
    """Records sort by period or value, both ways; ids ascend within ties, and records without a value come last."""
    assert in_order("place_by_period") == "efacbd"
    assert in_order("place_by_period_desc") == "bacfed"
    assert in_order("place_by_value") == "dceabf"
    assert in_order("place_by_value_desc") == "acedbf"


def test_outcomes_below() -> None:
    """Outcomes count at any depth, for any possible base and wider code, only below complaints and proceedings."""
    parents = {"narrow": "wide", "wide": None, "other": None}
    records: list[Record] = [
        figure("complaints"),
        figure("others"),
        figure("steps", kind="proceeding", base=base("complaints")),
        figure("open", kind="outcome", outcome="narrow", base=ambiguous("steps", "others")),
        figure("deeper", kind="outcome", outcome="other", base=base("open")),
        figure("alone", kind="outcome", outcome="other"),
        incident("event", outcome="other"),
    ]
    every = {"narrow", "wide", "other"}
    assert outcomes_below(records, parents) == {"complaints": every, "others": every, "steps": every}


def test_a_circle_of_bases_ends() -> None:
    """A load finishes even if figures are mistakenly shares of each other."""
    records = [
        figure("one", kind="proceeding", base=base("two")),
        figure("two", kind="outcome", outcome="wide", base=base("one")),
    ]
    assert outcomes_below(records, {"wide": None}) == {"one": {"wide"}}

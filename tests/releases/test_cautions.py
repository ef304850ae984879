"""Cautions: each on the records it applies to, and on no others."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from app.domain.dataset import RuleChange
from app.domain.records import Record
from app.domain.vocabulary import Caution
from app.releases.rendering import FigureAnswer
from bench import synth
from tests import made
from tests.made import STATES, alone, ambiguous, answer, base, days, figure, incident
from tests.real_seeds import first_release


def cautions(*records: Record, **changes: object) -> list[str]:
    """Return the cautions on the first of these records."""
    dataset = made.dataset(records, **{"rule_changes": [], **changes})
    return [str(code) for code in answer(records[0], alone(made.release("1.0.0", dataset), dataset)).cautions]


WHOLE = figure("whole", value=10)
PART = {"kind": "outcome", "base": base("whole")}
DISPUTE = {"source": "made-up", "role": "disputes"}
INFERRED = days("2020-01-01", "2020-12-31", basis="inferred")
RECEIVED = days("2020-01-01", "2020-12-31", event="received")
YEAR = {"precision": "year", "year_type": "not-stated"}


def related(type_: str, other: str) -> dict[str, Any]:
    """Return a relation to another record."""
    return {"related": [{"type": type_, "id": other}]}


CASES: dict[str, tuple[tuple[Record, ...], list[str]]] = {
    "nothing": ((figure("one"),), []),
    "a part of its whole": ((figure("one", **PART), WHOLE), []),
    "inferred": ((figure("one", period=INFERRED),), ["period-inferred"]),
    "inferred event": ((incident("one", period=INFERRED),), ["period-inferred"]),
    "inferred from its whole": ((figure("one", **PART, period=INFERRED), WHOLE), []),
    "inferred, not that of its whole": (
        (figure("one", **PART, period=days("2020-07-01", "2020-12-31", basis="inferred")), WHOLE),
        ["period-inferred"],
    ),
    "inferred from what it only springs from": (
        (figure("one", kind="outcome", base=base("whole", part=False), period=INFERRED), WHOLE),
        ["period-inferred"],
    ),
    "undated": ((figure("one", period=made.UNDATED),), ["period-open"]),
    "undated event": ((incident("one", period=made.UNDATED),), ["period-open"]),
    "which years": ((figure("one", period=days("2020-01-01", "2020-12-31", **YEAR)),), ["year-type-open"]),
    "ambiguous": ((figure("one", kind="outcome", base=ambiguous("whole")), WHOLE), ["base-ambiguous"]),
    "implied": ((figure("one", kind="outcome", base=base("whole", basis="implied")), WHOLE), ["base-implied"]),
    "corroborated": ((figure("one", kind="outcome", base=base("whole", basis="corroborated")), WHOLE), []),
    "cases of complaints": ((figure("one", **PART, unit="case"), WHOLE), ["across-units"]),
    "a unit that nobody states": (
        (figure("one", **PART, unit="not-stated"), figure("whole", value=10, unit="not-stated")),
        ["across-units"],
    ),
    "allegations in complaints": ((figure("one", base=base("whole", part=False), unit="allegation"), WHOLE), []),
    "disputed": ((figure("one", evidence=[STATES, DISPUTE]),), ["disputed"]),
    "disputed on a point": ((figure("one", evidence=[STATES, DISPUTE | {"on": "unit"}]),), ["disputed"]),
    "disputed whole": ((figure("one", **PART), figure("whole", value=9, evidence=[STATES, DISPUTE])), []),
    "contradicts": ((figure("one", **related("conflicts-with", "two")), figure("two", value=2)), ["disputed"]),
    "contradicted": ((figure("one"), figure("two", value=2, **related("conflicts-with", "one"))), ["disputed"]),
    "inexact": ((figure("one", qualifier="about"),), ["inexact"]),
    "unknown": ((figure("one", value_status="withheld"),), []),
    "same fact": ((figure("one", **related("same-fact", "two")), figure("two")), ["same-fact-elsewhere"]),
    "same fact, said there": (
        (figure("one"), figure("two", **related("same-fact", "one"))),
        ["same-fact-elsewhere"],
    ),
    "same event": ((incident("one", **related("same-fact", "two")), incident("two")), ["same-fact-elsewhere"]),
    "overlaps": ((figure("one", **related("overlaps", "two")), figure("two")), []),
    "by receipt": ((figure("one", kind="outcome", period=RECEIVED),), ["by-date-of-receipt"]),
    "complaints received": ((figure("one", period=RECEIVED),), []),
    "superseded": ((figure("one"), figure("two", **related("supersedes", "one"))), ["superseded"]),
    "supersedes": ((figure("one", **related("supersedes", "two")), figure("two")), []),
}


@pytest.mark.parametrize(("records", "expected"), CASES.values(), ids=CASES)
def test_each_condition(records: tuple[Record, ...], expected: list[str]) -> None:
    """A caution is on a record if its condition is true, and only then."""
    assert cautions(*records) == expected


CHANGE = RuleChange.model_validate(
    {
        "id": "new-rules",
        "date": "2020-02-01",
        "precision": "day",
        "title": "New rules",
        "note": "Different.",
        "source": {"title": "Rules", "publisher": "Nobody", "url": "https://nobody.test/"},
        "forces": ["england-and-wales"],
        "kinds": ["outcome"],
        "allegations": ["sexual-misconduct"],
        "stages": [],
        "outcomes": ["left-police-service"],
    }
)
COUNTED: Mapping[str, object] = {"kind": "outcome", "outcome": "dismissed", "allegation": "rape"}


@pytest.mark.parametrize(
    ("changes", "applies"),
    [
        ({}, True),
        ({"allegation": "any"}, True),
        ({"allegation": "protest-policing"}, False),
        ({"outcome": "upheld"}, False),
        ({"kind": "complaint", "outcome": None}, False),
        ({"force": "police-scotland"}, False),
        ({"period": days("2019-01-01", "2020-01-31")}, False),
        ({"period": days("2019-01-01", "2020-02-01")}, True),
        ({"period": days("2020-01-31", "2020-12-31")}, True),
        ({"period": days("2020-02-01", "2020-12-31")}, False),
        ({"period": made.UNDATED}, True),
    ],
)
def test_rules_that_changed(changes: dict[str, object], applies: bool) -> None:  # noqa: FBT001 - a row's column
    """A change of rules applies if it affects the measure and may fall inside the period."""
    found = cautions(figure("one", **{**COUNTED, **changes}), rule_changes=[CHANGE])
    assert ("rules-changed" in found) is applies


@pytest.mark.parametrize(("day", "applies"), [("2024-05-06", True), ("2024-05-07", False)])
def test_no_later_change_touches_an_undated_figure(day: str, applies: bool) -> None:  # noqa: FBT001 - a column
    """A figure from a text of 6 May 2024 can't be about rules that changed the day after."""
    change = CHANGE.model_copy(update={"day": date.fromisoformat(day)})
    found = cautions(figure("one", **{**COUNTED, "period": made.UNDATED}), rule_changes=[change])
    assert ("rules-changed" in found) is applies


@pytest.mark.parametrize(
    ("before", "applies"), [("2019-01-01", True), ("2020-02-01", False), (None, True)], ids=str
)
def test_a_change_goes_back_to_what_it_is_measured_from(before: str | None, applies: bool) -> None:  # noqa: FBT001 - a column
    """A rise from 2019 to 2021 compares counts under the old rules with counts under the new ones."""
    period = days("2021-01-01", "2021-12-31")
    rise = figure(
        "one", **{**COUNTED, "period": period, "value_type": "change-count", **related("change-from", "two")}
    )
    earlier = figure("two", **{**COUNTED, "period": made.UNDATED if before is None else days(before, "2020-12-31")})
    assert ("rules-changed" in cautions(rise, earlier, rule_changes=[CHANGE])) is applies


def test_an_event_has_no_measure_that_rules_could_touch() -> None:
    """A change of rules is about what is counted."""
    assert "rules-changed" not in cautions(incident("one", period=made.UNDATED), rule_changes=[CHANGE])


def test_every_caution_has_a_case() -> None:
    """The cases above cover every caution."""
    met = {code for _, expected in CASES.values() for code in expected} | {"rules-changed"}
    assert met == set(Caution)


def test_no_caution_is_on_every_record() -> None:
    """No caution is on nearly every record, as nobody would read it; each is given once, in the list's order."""
    for dataset, release in (first_release(), (synth.dataset_of(2_000), synth.release_of(2_000))):
        of = alone(release, dataset)
        found = [answer(record, of).cautions for record in dataset.records]
        order = list(Caution)
        assert all(codes == sorted(set(codes), key=order.index) for codes in found)
        for caution in Caution:
            assert sum(caution in codes for codes in found) < 0.8 * len(found), caution


def test_a_share_says_whether_it_is_across_units() -> None:
    """63 cases of 119 complaints are a share across units, as the caution says; without a share it's null."""
    dataset, release = first_release()
    answered = [answer(record, alone(release, dataset)) for record in dataset.records]
    figures = {one.id: one for one in answered if isinstance(one, FigureAnswer)}
    assert figures["met-2012-2018-complaints-upheld"].share_basis == "same-unit"
    assert figures["met-2012-2018-upheld-removed"].share_basis == "across-units"
    assert figures["met-2012-2018-upheld-criminal-investigation"].share_basis is None
    for one in figures.values():
        assert (one.share is None) == (one.share_basis is None)
        if one.share_basis is not None:
            assert (one.share_basis == "across-units") == ("across-units" in one.cautions)

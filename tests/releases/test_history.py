"""The release in which each record was added and last changed."""

from app.releases.history import histories
from tests.made import dataset
from tests.made_releases import HISTORY


def test_first_and_last_change_of_a_record() -> None:
    """A record that is withdrawn and comes back has changed."""
    releases = [(version, dataset(records)) for version, records in HISTORY]
    found = {
        (version, record.id): (history.first[record.id], history.changed[record.id])
        for (version, content), history in zip(releases, histories(releases), strict=True)
        for record in content.records
    }
    assert found == {
        ("1.0.0", "one"): ("1.0.0", "1.0.0"),
        ("1.0.0", "two"): ("1.0.0", "1.0.0"),
        ("2.0.0", "one"): ("1.0.0", "2.0.0"),
        ("2.1.0", "one"): ("1.0.0", "2.0.0"),
        ("2.1.0", "two"): ("1.0.0", "2.1.0"),
        ("2.2.0", "one"): ("1.0.0", "2.0.0"),
        ("2.2.0", "two"): ("1.0.0", "2.1.0"),
        ("2.2.0", "three"): ("2.2.0", "2.2.0"),
        ("3.0.0", "one"): ("1.0.0", "2.0.0"),
        ("3.0.0", "three"): ("2.2.0", "2.2.0"),
    }


def test_the_first_release_has_no_changes() -> None:
    """Each later release has its differences from the one before."""
    releases = [(version, dataset(records)) for version, records in HISTORY]
    assert [[(change.id, change.type) for change in history.changes] for history in histories(releases)] == [
        [],
        [("one", "changed"), ("two", "withdrawn")],
        [("two", "added")],
        [("three", "added")],
        [("two", "withdrawn")],
    ]

"""The differences between two datasets."""

import pytest

from app.domain.dataset import Category
from app.domain.records import Figure
from app.releases.differences import Change, differences
from tests.made import base, dataset, days, figure

ONE = figure("one")


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (ONE, []),
        (figure("one", value=2), [("value", 1, 2, "major")]),
        (figure("one", statement="Other words."), [("statement", ONE.statement, "Other words.", "patch")]),
        (figure("one", qualifier="about"), [("qualifier", None, "about", "major")]),
        (
            figure("one", period=days("2020-01-02", "2020-12-31")),
            [
                ("period.label", "2020-01-01 to 2020-12-31", "2020-01-02 to 2020-12-31", "patch"),
                ("period.start", "2020-01-01", "2020-01-02", "major"),
            ],
        ),
        (
            figure("one", base=base("two")),
            [
                ("base.basis", None, "stated", "major"),
                ("base.candidates", None, ["two"], "major"),
                ("base.id", None, "two", "major"),
                ("base.part", None, True, "major"),
            ],
        ),
        (
            figure("one", breakdown={"sex": "male"}),
            [("breakdown", None, {"sex": "male"}, "major")],
        ),
    ],
)
def test_changes_are_field_by_field(after: Figure, changes: list[tuple[str, object, object, str]]) -> None:
    """A field at its default counts as absent; periods and bases are compared part by part."""
    found = differences(dataset([ONE]), dataset([after]))
    assert found == [Change("record", "one", "changed", field, old, new) for field, old, new, _ in changes]
    assert [change.step for change in found] == [step for *_, step in changes]


def test_additions_and_withdrawals_are_single_changes() -> None:
    """An added or withdrawn record is a single change; changes are sorted by id."""
    found = differences(dataset([ONE, figure("zero", value=3)]), dataset([figure("new"), ONE]))
    assert found == [
        Change("record", "new", "added", None, None, None),
        Change("record", "zero", "withdrawn", None, None, None),
    ]
    assert [change.step for change in found] == ["minor", "major"]


def test_categories_of_two_dimensions_may_share_an_id() -> None:
    """A change to one of two categories with the same id is found, whichever comes first."""
    facts = {"id": "other", "label": "Other", "definition": "Any other."}
    sex, rank = (Category.model_validate({**facts, "dimension": dimension}) for dimension in ("sex", "rank"))
    codes = dataset([]).codes
    before = dataset([], codes=codes.model_copy(update={"breakdown": [sex, rank]}))
    for changed in ([sex.model_copy(update={"label": "Others"}), rank], [sex]):
        after = dataset([], codes=codes.model_copy(update={"breakdown": changed}))
        (found,) = differences(before, after)
        assert (found.thing, found.id) == ("breakdown", "other")


def test_reference_data_is_compared_too() -> None:
    """Forces, codes, sources and changes of rules are compared like records."""
    before = dataset([])
    force, *others = before.forces
    renamed = before.model_copy(update={"forces": [force.model_copy(update={"name": "Another"}), *others]})
    assert differences(before, renamed) == [Change("force", force.id, "changed", "name", force.name, "Another")]

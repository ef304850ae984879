"""The rules between the fields of one record."""

from app.domain.rules import FIGURE_RULES, broken_rules

FIGURE = {
    "kind": "complaint",
    "stage": None,
    "outcome": None,
    "value": 12,
    "value_to": None,
    "value_type": "count",
    "per": None,
    "per_unit": None,
    "per_subjects": [],
    "value_status": "stated",
    "qualifier": "exact",
    "subjects": ["officers"],
}


def test_a_message_says_what_is_required_and_what_was_found() -> None:
    """Rules work on plain values, as a curator wrote them."""
    assert list(broken_rules(FIGURE_RULES, FIGURE)) == []
    values = {**FIGURE, "value": None, "subjects": ["staff", "staff"]}
    requirement = "value is required if value_status is stated, and not allowed otherwise"
    assert list(broken_rules(FIGURE_RULES, values)) == [
        ("value", f"{requirement}; found value nothing, value_status stated"),
        ("subjects", "each subject must be named once; found subjects staff, staff"),
    ]


def test_rules_about_an_unreadable_field_are_skipped() -> None:
    """Rules about an unreadable field are skipped, because the field's own problem is already reported."""
    values = {**FIGURE, "value": "twelve", "kind": "outcome"}
    assert [field for field, _ in broken_rules(FIGURE_RULES, values, {"value"})] == ["outcome"]

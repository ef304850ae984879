"""YAML that only has values; anything else is refused at its line."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.seeds.files import MAX_FILE_BYTES
from app.seeds.plain_yaml import PlainYamlError, parse


def test_values_come_with_their_lines() -> None:
    """Every key and every entry of a list has a line."""
    value, lines = parse("id: a\nlist:\n  - 1\n  - {b: 2,\n     c: 3}\n")
    assert value == {"id": "a", "list": [1, {"b": 2, "c": 3}]}
    assert lines == {
        ("id",): 1,
        ("list",): 2,
        ("list", 0): 3,
        ("list", 1): 4,
        ("list", 1, "b"): 4,
        ("list", 1, "c"): 5,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("2021-02-30", "2021-02-30"),
        ('"12"', "12"),
        ("12", 12),
        ("-0.5e1", -5.0),
        ("0x1f", 31),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("true", True),
        ("~", None),
        ("", None),
        ("# a comment", None),
        ("12:30", "12:30"),
        ("-.inf", float("-inf")),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    """Words stay words, quoted numbers stay text, and dates aren't interpreted."""
    assert parse(text)[0] == value


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        # broken
        ("source: {id: a\nrecords: []\n", 2, "is not valid YAML"),
        ("source:\n  id: a\n bad\nrecords: []\n", 3, "is not valid YAML"),
        ("source:\n\tid: a\n", 2, "is not valid YAML"),
        ('source:\n  id: "a\n', 3, "is not valid YAML"),
        ("source: {id: a}\nrecords: []\nsource: {id: b}\n", 3, "duplicate key"),
        ("source:\n  id: a\n  id: b\nrecords: []\n", 3, "duplicate key"),
        ("source: {id: a}\n---\nrecords: []\n", 2, "is not valid YAML"),
        ("words\n---\nsource: {id: a}\nrecords: []\n", 2, "is not valid YAML"),
        ("source: {id: a\x07}\n", 1, "is not valid YAML"),
        ("source: {id: a}\n? [records]\n: []\n", 2, "is not valid YAML: the key ['records'] is not a word"),
        # more than values
        ("source: &it {id: a}\nrecords: []\n", 1, "anchors and aliases are not allowed"),
        ("source: {id: a}\nrecords:\n  - id: &x a\n", 3, "anchors and aliases are not allowed"),
        ("records: []\nsource: *it\n", 2, "anchors and aliases are not allowed"),
        ("a: &a [x]\nb: &b [*a, *a]\n", 1, "anchors and aliases are not allowed"),
        ("source: !!python/object/apply:os.abort []\n", 1, "python/object/apply:os.abort is not allowed"),
        ("records: []\nsource: !!python/name:os.system\n", 2, "python/name:os.system is not allowed"),
        ("records: []\nsource: !thing {id: a}\n", 2, "the tag !thing is not allowed"),
        ("records: []\nsource: !!binary aGVsbG8=\n", 2, "binary is not allowed"),
    ],
)
def test_what_is_not_plain_is_refused(text: str, line: int, message: str) -> None:
    """Broken YAML, and YAML with more than values, is refused at its line."""
    with pytest.raises(PlainYamlError) as refused:
        parse(text)
    assert refused.value.line == line
    assert message in str(refused.value)


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "[a: "])
def test_endless_nesting_is_refused(opening: str) -> None:
    """Deep nesting is refused before it's followed."""
    with pytest.raises(PlainYamlError, match="nested more than 20 deep"):
        parse(opening * (MAX_FILE_BYTES // len(opening) - 1))


@pytest.mark.parametrize("number", ["0x" + "f" * 9_000, "0o" + "7" * 9_000, "9" * 9_000])
def test_a_number_that_is_too_long_to_print_is_refused(number: str) -> None:
    """A number is refused if Python wouldn't print it."""
    with pytest.raises(PlainYamlError, match="a number of 900"):
        parse(f"value: {number}")


TOKENS = [
    *("source", "records", "id", "kind", "incident", "outcome", "value", "2021-01-01", "2021-13-45", "9" * 30),
    *(": ", "- ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ",", '"', "'", "|", ">", "#", "&a ", "*a ", "!x "),
    *("? ", "---", "...", "%YAML 1.1", "0x", "1e", ".inf", ".nan", "null", "true", "~", "\t", "<<", "_", "+", "-"),
    *("0o9", "12:30:45", "2021-01-01 25:00:00", "\ufeff", "\x85", "\x00", "\u2028", "!!int ", "1_0", "="),
]
"""Parts of YAML that plain random text rarely contains."""


@given(text=st.text() | st.lists(st.sampled_from(TOKENS), max_size=20).map("".join))
@example("0x_")
@example("value: +_")
@example("? {a: b}\n: c")
@example("? ? a\n: b")
@example("99999999999999999999999")
def test_any_text_is_read_or_refused(text: str) -> None:
    """Any content is read or refused; no other exception is raised."""
    try:
        parse(text)
    except PlainYamlError as error:
        assert str(error)  # noqa: PT017 - read or refused, both are right

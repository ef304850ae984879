"""Content negotiation with `Accept` and `Accept-Encoding`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http.negotiation import ENCODINGS, IDENTITY, accept_headers, encodings, preferences, preferred

FORMS = {"json": "application/json", "csv": "text/csv; charset=utf-8; header=present", "jsonl": "application/jsonl"}


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("application/*", "json"),
        ("text/csv", "csv"),
        ("TEXT/CSV", "csv"),
        ("text/csv; charset=utf-8; header=present", "csv"),
        ("application/json; charset=utf-8", "json"),
        ("text/csv;q=0.5, application/json;q=0.4", "csv"),
        ("text/*, application/json;q=0.9", "csv"),
        ("*/*, text/csv", "csv"),
        ("application/json;q=0, */*", "csv"),
        ("text/html", None),
        ("*/*;q=0", None),
        ("nonsense", None),
    ],
)
def test_accept(accept: str, form: str | None) -> None:
    """The most specific range decides on each media type; if formats are equally preferred, the first one wins."""
    assert preferred(preferences(accept), FORMS) == form


def test_equal_preferences() -> None:
    """Headers that mean the same share a response cache entry."""
    assert preferences("") == preferences("*/*") == preferences(" */* ;q=1")
    assert preferences("text/csv, application/json;q=0.5") == preferences("application/json;q=0.5,text/csv")
    assert preferences("text/csv") != preferences("text/csv, */*;q=0.1")


@given(st.text(alphabet=st.characters(max_codepoint=255)))
def test_no_header_does_harm(header: str) -> None:
    """Any headers lead to a known format and encoding, or to none."""
    assert preferred(preferences(header), FORMS) in {*FORMS, None}
    assert encodings(header).best in {*ENCODINGS, IDENTITY, ""}


@pytest.mark.parametrize("values", [[], [b""], [b"", b""], [b","], [b" , "]])
def test_an_empty_list_accepts_anything(values: list[bytes]) -> None:
    """Empty elements of `Accept` say nothing (RFC 9110, 5.6.1)."""
    assert accept_headers({"headers": [(b"accept", value) for value in values]}) == ("", None)

"""The public address, put into answers that were made without it."""

from hypothesis import example, given
from hypothesis import strategies as st

from app.http.answer import addressed
from app.releases.rendering import PUBLIC_ADDRESS

NEAR = st.sampled_from(["a", "\u007e", "\u0080", "\u00ff", "\u07ff", PUBLIC_ADDRESS])
"""Characters next to the placeholder, and some whose bytes are."""


@given(st.lists(NEAR).map("".join))
@example("")
@example(PUBLIC_ADDRESS * 2)
def test_the_address_stands_wherever_its_placeholder_stood(text: str) -> None:
    """And nothing else is touched."""
    expected = text.replace(PUBLIC_ADDRESS, "https://upheld.test").encode()
    assert addressed(text.encode(), "https://upheld.test") == expected

import pytest
from pydantic import ValidationError

from app.domain.dataset import Source
from tests import made


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//example.org", "ftp://example.org", "https://x y", "https://x\n"],
)
def test_sources_link_to_the_web_only(url: str) -> None:
    """A source's URL must be a web address, not one that runs code in a browser."""
    with pytest.raises(ValidationError, match="url"):
        Source.model_validate({**made.SOURCE.model_dump(), "url": url})


@pytest.mark.parametrize("character", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_texts_cannot_reverse_numbers(character: str) -> None:
    """A record is refused if it has a character that would make 63 read as 36."""
    with pytest.raises(ValidationError, match="invisible character"):
        made.figure("one", statement=f"{character}63 complaints")

"""SECURITY.md: it has the sections that people look for, and the limits it states are the program's."""

import re

from app.queries.parameters import MAX_LIMIT, MAX_VALUES
from app.queries.query import MAX_PAIRS
from app.settings import PROJECT

SECURITY = (PROJECT / "SECURITY.md").read_text("utf-8")


def test_sections() -> None:
    """The page says how to report, which versions are supported, what is defended and what isn't."""
    assert re.findall(r"^## (.*)$", SECURITY, re.MULTILINE) == [
        "Reporting",
        "Supported versions",
        "Threats and defences",
        "Out of scope",
    ]


def test_limits() -> None:
    """The limits on a query are those of the program."""
    assert f"parameters ({MAX_PAIRS}), values ({MAX_VALUES}), page size ({MAX_LIMIT})" in SECURITY

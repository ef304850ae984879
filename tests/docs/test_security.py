"""SECURITY.md: it has the expected sections, and its limits match the program's."""

import re

from app.queries.parameters import MAX_LIMIT, MAX_VALUES
from app.queries.query import MAX_PAIRS
from app.settings import PROJECT

SECURITY = (PROJECT / "SECURITY.md").read_text("utf-8")


def test_sections() -> None:
    """The page covers reporting, supported versions, defences and what's out of scope."""
    assert re.findall(r"^## (.*)$", SECURITY, re.MULTILINE) == [
        "Reporting",
        "Supported versions",
        "Threats and defences",
        "Out of scope",
    ]


def test_limits() -> None:
    """The query limits match the program's."""
    assert f"parameters ({MAX_PAIRS}), values ({MAX_VALUES}), page size ({MAX_LIMIT})" in SECURITY

"""The field types that records and reference data share."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated
from unicodedata import category

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories that no text may contain: control characters and line ends, characters that have no width or
change the direction of text (63 would read as 36), surrogates, and the private use areas.
"""

BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters in other categories that print nothing."""

MAX_INTEGER = 2**31 - 1
"""Larger than any count in an article, and small enough for every program that reads JSON."""


NUMERAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def visible(text: str) -> str:
    """Return the text if everything in it is visible; raise ValueError otherwise."""
    is_plain = text.isascii() and text.isprintable()  # true of most texts
    if not is_plain and (
        found := {char for char in text if char in BLANKS or category(char) in INVISIBLE_CATEGORIES}
    ):
        raise ValueError(f"contains the invisible character {min(found)!a}; remove it")
    if text.isspace():
        raise ValueError("contains only spaces")
    return text


def json_number(value: object) -> int | float:
    """Return a number as JSON writes it: whole numbers without a decimal point, so 63 for 63.0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_INTEGER:
        plain = value.replace(",", "").strip() if isinstance(value, str) else ""
        hint = f"write {plain}, without commas or quotes; " if NUMERAL.fullmatch(plain) else ""
        raise ValueError(f"{hint}must be a number in digits, at most {MAX_INTEGER}; found {value!r}")
    return int(value) if value == int(value) else value


def _not_a_number(value: object) -> object:
    # Pydantic would read a number as seconds since 1970.
    if isinstance(value, bool | int | float):
        raise ValueError(f"must be a day such as 2021-03-31; found {value!r}")  # noqa: TRY004 - Pydantic expects it
    return value


class BrokenRulesError(ValueError):
    """Broken rules between fields, each with the field to look at."""

    def __init__(self, broken: Sequence[tuple[str, str]]) -> None:
        """Keep each field with its message."""
        super().__init__("; ".join(message for _, message in broken))
        self.broken = broken


ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
DIGEST = r"^[0-9a-f]{64}$"
FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
URL = r"^https?://\S+$"
PARTIAL_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
ONS_CODE = r"^[A-Z][0-9]{8}$"
VERSION = r"^([0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}|dev)$"

PATTERNS = {
    ID: "lower-case letters, digits and single hyphens, such as met-2012-2018-complaints",
    DIGEST: "64 hexadecimal digits in lower case",
    FILE_NAME: "letters, digits, dots, hyphens and underscores, such as article.txt",
    URL: "an address that starts with http:// or https:// and has no spaces",
    PARTIAL_DATE: "a day, month or year such as 2021-03-22, 2021-10 or 2021",
    ONS_CODE: "a capital letter and eight digits, such as E23000001",
    VERSION: "three numbers with dots, such as 1.2.0",
}
"""Every field pattern, described for curators."""

Id = Annotated[str, Field(pattern=ID, max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(visible)]
Number = Annotated[int | float, BeforeValidator(json_number)]
Integer = Annotated[int, Field(strict=True, le=MAX_INTEGER)]
Day = Annotated[date, BeforeValidator(_not_a_number)]
PartialDate = Annotated[str, Field(pattern=PARTIAL_DATE)]
Digest = Annotated[str, Field(pattern=DIGEST)]
FileName = Annotated[str, Field(pattern=FILE_NAME, max_length=255)]
Url = Annotated[str, Field(pattern=URL, max_length=2000), AfterValidator(visible)]
OnsCode = Annotated[str, Field(pattern=ONS_CODE)]
Version = Annotated[str, Field(pattern=VERSION)]


class Curated(BaseModel):
    """Something a curator wrote: unknown fields are forbidden, and it's immutable."""

    # Build lazily: a server whose releases are already loaded uses few of these models.
    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_serialization_defaults_required=True, defer_build=True
    )

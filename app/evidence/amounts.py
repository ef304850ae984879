"""The values of printed numbers: digits, number words, fractions, ranges."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from functools import cache
from unicodedata import numeric

from app.evidence.numbers import (
    CARDINAL,
    CARDINALS,
    CHANGES,
    COUNTS,
    DIGITS,
    LOOKALIKES,
    MAGNITUDES,
    NUMERAL,
    PARTS,
    PER_CENT,
    SMALL,
    SUFFIXES,
    VULGAR_FRACTION,
    WITH_ARTICLE,
    any_of,
)

MAX_LENGTH = 100
"""The longest printed number to read, in characters; nobody prints a longer one."""


class AmountType(Enum):
    """What kind of number is printed."""

    NUMBER = auto()
    PER_CENT = auto()
    SHARE = auto()
    CHANGE = auto()


@dataclass(frozen=True)
class Amount:
    """The value of a printed number: 119; 40 per cent; half of something; "doubled", which is 100 per cent more."""

    value: Fraction
    type: AmountType = AmountType.NUMBER


Reader = Callable[[re.Match[str]], Amount | None]

RANGE_JOIN = re.compile(rf"(?: ?{PER_CENT})?(?: (?:and|to|or) | ?[-\u2013\u2014] ?)", re.IGNORECASE)
"""The text between the two numbers of a range."""


def read_amount(printed: str) -> Amount | None:
    """Read one number as a source prints it; return None if it has no value."""
    plain = printed.translate(LOOKALIKES).lower()
    if len(plain) > MAX_LENGTH:
        return None
    for pattern, reader in _readers():
        if match := pattern.fullmatch(plain):
            return reader(match)
    return None


def read_amounts(printed: str) -> tuple[Amount, ...]:
    """Read a number, or both numbers of "between six and 19"; return nothing if it's neither."""
    if single := read_amount(printed):
        return (single,)
    plain = re.sub("^(?:between|from) ", "", printed.translate(LOOKALIKES), flags=re.IGNORECASE)
    for join in RANGE_JOIN.finditer(plain):
        low, high = read_amount(plain[: join.start()]), read_amount(plain[join.end() :])
        if low and high:
            return (Amount(low.value, high.type if low.type is AmountType.NUMBER else low.type), high)
    return ()


def _count(words: str) -> Fraction:
    """Return the value of number words such as "two thousand, one hundred and nineteen"."""
    total = current = 0
    for word in re.findall("[a-z]+", words):
        if word in CARDINALS:
            current += CARDINALS[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in MAGNITUDES:
            total, current = total + max(current, 1) * MAGNITUDES[word], 0
    return Fraction(total + current)


def _digits(numeral: str) -> Fraction:
    value, factor = re.fullmatch(r"([-+.\d]*) ?([a-z]*)", numeral.replace(",", "")).groups()  # type: ignore[union-attr] # matches any numeral
    return Fraction(value) * (MAGNITUDES | SUFFIXES).get(factor, 1)


def _plain_value(text: str) -> Fraction:
    """Return the value of a numeral or of number words; "a" and the empty text are one."""
    if any(char.isdigit() for char in text):
        return _digits(text)
    return _count(text) or Fraction(1)


def _vulgar_fraction(match: re.Match[str]) -> Amount:
    part = Fraction(numeric(match["part"])).limit_denominator(10)
    return Amount(int(match["whole"]) + part) if match["whole"] else Amount(part, AmountType.SHARE)


def _per_cent(match: re.Match[str]) -> Amount | None:
    number = read_amount(match["number"])
    if number and number.type in {AmountType.NUMBER, AmountType.SHARE}:
        return Amount(number.value, AmountType.PER_CENT)
    return None


def _ratio(match: re.Match[str]) -> Amount | None:
    whole = _plain_value(match["whole"])
    return Amount(_plain_value(match["part"]) / whole, AmountType.SHARE) if whole else None


def _fraction(match: re.Match[str]) -> Amount:
    return Amount(_plain_value(match["top"] or "") / PARTS[match["part"]], AmountType.SHARE)


def _mixed_number(match: re.Match[str]) -> Amount:
    return Amount(_plain_value(match["number"]) + Fraction(1, PARTS[match["part"]]))


@cache
def _readers() -> list[tuple[re.Pattern[str], Reader]]:
    """Return the number patterns with their readers. Compiling them takes longer than most commands need."""
    counts = COUNTS | WITH_ARTICLE
    return [
        (re.compile(pattern), reader)
        for pattern, reader in (
            (rf"(?P<number>.+?) ?{PER_CENT}", _per_cent),
            (any_of(counts), lambda match: Amount(Fraction(counts[match[0]]))),
            ("all", lambda _: Amount(Fraction(1), AmountType.SHARE)),
            (any_of(CHANGES), lambda match: Amount(Fraction(CHANGES[match[0]]), AmountType.CHANGE)),
            (rf"(?:(?P<top>an?|{SMALL}|\d+)[- ])?(?P<part>{any_of(PARTS)})s?", _fraction),
            (rf"(?P<part>{CARDINAL}|{DIGITS}) (?:in|in every|out of) (?P<whole>{CARDINAL}|{DIGITS})", _ratio),
            (rf"(?P<number>{CARDINAL}|{DIGITS}) and (?:a|one) (?P<part>half|quarter)", _mixed_number),
            (rf"(?P<number>a|{SMALL}|\d+) dozen", lambda match: Amount(_plain_value(match["number"]) * 12)),
            (
                rf"(?:a )?(?!{any_of(MAGNITUDES)}$){CARDINAL}|an? {CARDINAL}",
                lambda match: Amount(_count(match[0])),
            ),
            (rf"[-+]?{NUMERAL}", lambda match: Amount(_digits(match[0]))),
            (rf"(?P<whole>\d*)(?P<part>{VULGAR_FRACTION})", _vulgar_fraction),
        )
    ]

"""The numbers in a text, and where they are.

A number is anything that counts, dates or orders, including ages, years and the "one" in "one officer", so that no
figure is missed because it didn't look like one. An article's ledger lists the numbers that aren't figures. "A" and
"an", "once", "no longer", the "no" in "no more than", and vague words such as "several" or "most" are not numbers.
A number is found without its article ("hundred" in "a hundred") and only read with it, because "several hundred"
isn't 100. "Another" isn't found as a number either, but it's read as one if a record says it counts.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LOOKALIKES = str.maketrans("\u00a0\u202f\u2010\u2011\u2212", "  ---")
"""Spaces and hyphens that look alike. Each maps to a single character, so offsets stay the same."""

UNITS = dict(
    zip(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), range(1, 10), strict=True)
)
TEENS = {"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16}
TEENS |= {"seventeen": 17, "eighteen": 18, "nineteen": 19}
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80}
TENS |= {"ninety": 90}
CARDINALS = UNITS | TEENS | TENS
MAGNITUDES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
SUFFIXES = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
ORDINALS = {"third": 3, "fourth": 4, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
ORDINALS |= {f"{word}th": n for word, n in CARDINALS.items() if n in {6, 7, 10, 11} or 13 <= n < 20}  # noqa: PLR2004
ORDINALS |= {f"{word[:-1]}ieth": n for word, n in TENS.items()} | {"hundredth": 100, "thousandth": 1_000}
PARTS = ORDINALS | {"half": 2, "halve": 2, "quarter": 4}
COUNTS = {"zero": 0, "nil": 0, "none": 0, "no": 0, "no one": 0, "no-one": 0, "nobody": 0, "neither": 0, "both": 2}
COUNTS |= {"not one": 0, "not a single": 0, "half a dozen": 6}
WITH_ARTICLE = {"a single": 1, "a pair": 2, "a couple": 2, "another": 1}
"""Phrases read as counts if a record uses them, but not searched for: most of them aren't numbers."""
CHANGES = {"doubled": 100, "trebled": 200, "tripled": 200, "quadrupled": 300, "halved": -50}
WITHOUT_VALUE = {"twice", "thrice", "single", "pair", "couple", "scores?", "dozens", "tens", "hundreds"}
WITHOUT_VALUE |= {"thousands", "millions", "billions", "doubl(?:e|es|ing)", "trebl(?:e|es|ing)"}
WITHOUT_VALUE |= {"tripl(?:e|es|ing)", "halving"}
"""Words that count but have no value by themselves."""


def any_of(words: Iterable[str]) -> str:
    """Return a pattern that matches any of the words, longest first."""
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


SMALL = rf"(?:{any_of(TENS)}(?:[- ]{any_of(UNITS)})?|{any_of(TEENS)}|{any_of(UNITS)})"
HUNDREDS = rf"(?:(?:{SMALL} )?hundred(?:(?: and)? {SMALL})?)"
BELOW_THOUSAND = rf"(?:{HUNDREDS}|{SMALL})"
THOUSANDS = rf"(?:(?:{BELOW_THOUSAND} )?thousand(?:,? {HUNDREDS}|(?: and)? {SMALL})?)"
MILLIONS = rf"(?:(?:{BELOW_THOUSAND} )?(?:million|billion)(?:,? (?:{THOUSANDS}|{HUNDREDS})| and {SMALL})?)"
CARDINAL = rf"(?:(?:{MILLIONS}|{THOUSANDS}|{BELOW_THOUSAND})(?!\w))"
DIGITS = r"(?:(?:\d{1,3}(?:,\d{3})+(?![\d])|\d+)(?:\.\d+)?|(?<![\w.])\.\d+)"
NUMERAL = rf"(?:{DIGITS}(?: {any_of(MAGNITUDES)}(?!\w)|{any_of(SUFFIXES)}(?!\w))?)"
VULGAR_FRACTION = "[\u00bc-\u00be\u2150-\u215e]"
PER_CENT = r"(?:%|(?:per[ -]?cent|percentage points?|(?<=\d)pc)(?!\w))"  # "one PC" is a constable

WORDS = any_of(["all", *(word for word in COUNTS if word != "no"), *CHANGES, *WITHOUT_VALUE])

NUMBER = re.compile(
    "|".join(
        [
            rf"\d+(?:st|nd|rd|th)(?!\w)|\d*{VULGAR_FRACTION}",
            rf"(?<!\w)(?:{CARDINAL}|{DIGITS}) and (?:a|one) (?:half|quarter)(?!\w)",
            rf"(?<!\w)(?:half a|{SMALL}|\d+) dozen(?!\w)|(?<!\w)dozen(?!\w)",
            rf"(?<!\w)(?:one[- ]{any_of(PARTS)}|(?:(?:{SMALL}|\d+)[- ])?{any_of(PARTS)}s|{any_of(PARTS)})(?!\w)",
            rf"(?<!\w)(?:{any_of(TENS)}-)?(?:first|second|{any_of(ORDINALS)})(?!\w)",
            rf"(?<!\w)(?:{any_of(CARDINALS)}|\d+)-?fold(?!\w)",
            rf"(?<!\w){CARDINAL}",
            NUMERAL,
            r"(?<!\w)no(?! (?:more|fewer|less) than\b| longer\b|[ -]one\b|\. ?\d)(?!\w)",
            rf"(?<!\w){WORDS}(?!\w)",
        ]
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Number:
    """A number in a paragraph; `end` is the first character after it."""

    start: int
    end: int
    text: str


@lru_cache(maxsize=1024)
def find_numbers(paragraph: str) -> tuple[Number, ...]:
    """Return every number in a paragraph, in order."""
    spans = (match.span() for match in NUMBER.finditer(paragraph.translate(LOOKALIKES)))
    return tuple(Number(start, end, paragraph[start:end]) for start, end in spans)


def occurrences(paragraph: str, start: int, end: int, printed: str) -> list[int]:
    """Return the offsets in a passage where a printed number begins, except inside a word or another number."""
    numbers = find_numbers(paragraph)
    edges = {edge for number in numbers for edge in (number.start, number.end)}

    def splits(at: int) -> bool:
        """Whether an offset is inside a number or another word."""
        in_word = 0 < at < len(paragraph) and paragraph[at - 1 : at + 1].isalnum()
        before = bisect_left(numbers, at, key=lambda number: number.start)
        return (before > 0 and at < numbers[before - 1].end) or (in_word and at not in edges)

    matches = re.compile(f"(?={re.escape(printed)})").finditer(paragraph, start, end)
    places = [match.start() for match in matches if match.start() + len(printed) <= end]
    return [at for at in places if not splits(at) and not splits(at + len(printed))]

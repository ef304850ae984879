"""What can be read out of a text: its paragraphs, the numbers in them, and the words that qualify a number.

Nothing here knows a record's value, a file or a database; `verifying` holds the two against each other.

Numbers are found generously: whatever counts, dates or orders is one, an age, a year and the "one" of "one
officer" included, so that no figure is passed over because it did not look like one. The ledger of an article says
which of them state no figure. No numbers are "a" and "an", "once", "no longer", the "no" of "no more than", and
words of size such as "several" or "most". A number is found without its article ("hundred" in "a hundred") and is
read only with it, because "several hundred" is no hundred.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from functools import cache, lru_cache
from unicodedata import numeric

from app.domain.vocabulary import Qualifier

SAME = str.maketrans("\u00a0\u202f\u2010\u2011\u2212", "  ---")
"""Spaces and hyphens that print alike, one for one, so that offsets stay what they are."""

MOST_PRINTED = 100
"""Characters of the longest number that is read; nobody prints a longer one."""


def paragraphs(text: str) -> list[str]:
    """Return the non-empty lines of a text, as they are; the first is paragraph 1."""
    return [line for line in re.split(r"\r\n|\r|\n", text) if line]


def digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


# The words of numbers ------------------------------------------------------------------------------------------

UNITS = dict(
    zip(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), range(1, 10), strict=True)
)
TEENS = {"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16}
TEENS |= {"seventeen": 17, "eighteen": 18, "nineteen": 19}
TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
CARDINALS = UNITS | TEENS | TENS
MAGNITUDES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
SUFFIXES = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
ORDINALS = {"third": 3, "fourth": 4, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
ORDINALS |= {f"{word}th": n for word, n in CARDINALS.items() if n in {6, 7, 10, 11} or 13 <= n < 20}  # noqa: PLR2004
ORDINALS |= {f"{word[:-1]}ieth": n for word, n in TENS.items()} | {"hundredth": 100, "thousandth": 1_000}
PARTS = ORDINALS | {"half": 2, "halve": 2, "quarter": 4}
WHOLES = {"all": Fraction(1)}
COUNTS = {"zero": 0, "nil": 0, "none": 0, "no": 0, "no one": 0, "no-one": 0, "nobody": 0, "neither": 0, "both": 2}
COUNTS |= {"not one": 0, "not a single": 0, "half a dozen": 6}
WITH_ARTICLE = {"a single": 1, "a pair": 2, "a couple": 2}
CHANGES = {"doubled": 100, "trebled": 200, "tripled": 200, "quadrupled": 300, "halved": -50}
UNREAD = {"twice", "thrice", "single", "pair", "couple", "scores?", "dozens", "tens", "hundreds", "thousands"}
UNREAD |= {"millions", "billions", "doubl(?:e|es|ing)", "trebl(?:e|es|ing)", "tripl(?:e|es|ing)", "halving"}
"""Words that count and that no value can be read from as they stand."""


def _any(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


SMALL = rf"(?:{_any(TENS)}(?:[- ]{_any(UNITS)})?|{_any(TEENS)}|{_any(UNITS)})"
HUNDREDS = rf"(?:(?:{SMALL} )?hundred(?:(?: and)? {SMALL})?)"
BELOW_THOUSAND = rf"(?:{HUNDREDS}|{SMALL})"
THOUSANDS = rf"(?:(?:{BELOW_THOUSAND} )?thousand(?:,? {HUNDREDS}|(?: and)? {SMALL})?)"
MILLIONS = rf"(?:(?:{BELOW_THOUSAND} )?(?:million|billion)(?:,? (?:{THOUSANDS}|{HUNDREDS})| and {SMALL})?)"
CARDINAL = rf"(?:(?:{MILLIONS}|{THOUSANDS}|{BELOW_THOUSAND})(?!\w))"
DIGITS = r"(?:(?:\d{1,3}(?:,\d{3})+(?![\d])|\d+)(?:\.\d+)?|(?<![\w.])\.\d+)"
NUMERAL = rf"(?:{DIGITS}(?: {_any(MAGNITUDES)}(?!\w)|{_any(SUFFIXES)}(?!\w))?)"
VULGAR = "[\u00bc-\u00be\u2150-\u215e]"
PER_CENT = r"(?:%|(?:per[ -]?cent|percentage points?|(?<=\d)pc)(?!\w))"  # "one PC" is a constable

NUMBER = re.compile(
    "|".join(
        [
            rf"\d+(?:st|nd|rd|th)(?!\w)|\d*{VULGAR}",
            rf"(?<!\w)(?:{CARDINAL}|{DIGITS}) and (?:a|one) (?:half|quarter)(?!\w)",
            rf"(?<!\w)(?:half a|{SMALL}|\d+) dozen(?!\w)|(?<!\w)dozen(?!\w)",
            rf"(?<!\w)(?:one[- ]{_any(PARTS)}|(?:(?:{SMALL}|\d+)[- ])?{_any(PARTS)}s|{_any(PARTS)})(?!\w)",
            rf"(?<!\w)(?:{_any(TENS)}-)?(?:first|second|{_any(ORDINALS)})(?!\w)",
            rf"(?<!\w)(?:{_any(CARDINALS)}|\d+)-?fold(?!\w)",
            rf"(?<!\w){CARDINAL}",
            NUMERAL,
            r"(?<!\w)no(?! (?:more|fewer|less) than\b| longer\b|[ -]one\b|\. ?\d)(?!\w)",
            rf"(?<!\w){_any([*WHOLES, *(word for word in COUNTS if word != 'no'), *CHANGES, *UNREAD])}(?!\w)",
        ]
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Number:
    """A number as it stands in a paragraph."""

    start: int
    end: int
    text: str


@lru_cache(maxsize=1024)
def numbers(paragraph: str) -> tuple[Number, ...]:
    """Return every number of a paragraph, in order."""
    found = (match.span() for match in NUMBER.finditer(paragraph.translate(SAME)))
    return tuple(Number(start, end, paragraph[start:end]) for start, end in found)


def standing(paragraph: str, start: int, end: int, printed: str) -> list[int]:
    """Return where in a slice something stands as a number of its own, not inside a word or another number."""
    around = numbers(paragraph)
    edges = {edge for number in around for edge in (number.start, number.end)}

    def cuts(at: int) -> bool:
        """Whether a place lies inside a number, or inside a word that is none."""
        in_word = 0 < at < len(paragraph) and paragraph[at - 1 : at + 1].isalnum()
        before = bisect_left(around, at, key=lambda number: number.start)
        return (before > 0 and at < around[before - 1].end) or (in_word and at not in edges)

    found = re.compile(f"(?={re.escape(printed)})").finditer(paragraph, start, end)
    places = [match.start() for match in found if match.start() + len(printed) <= end]
    return [at for at in places if not cuts(at) and not cuts(at + len(printed))]


# What a number says --------------------------------------------------------------------------------------------


class Sort(Enum):
    """What a number as printed is."""

    NUMBER = auto()
    PER_CENT = auto()
    SHARE = auto()
    CHANGE = auto()


@dataclass(frozen=True)
class Amount:
    """What a number as printed says: 119; 40 per cent; a half of something; doubled, which is 100 per cent more."""

    value: Fraction
    sort: Sort = Sort.NUMBER


Reader = Callable[[re.Match[str]], Amount | None]


def amount(printed: str) -> Amount | None:
    """Read one number as a source prints it; None where no value can be read from it."""
    plain = printed.translate(SAME).lower()
    if len(plain) > MOST_PRINTED:
        return None
    for pattern, reader in _readers():
        if found := pattern.fullmatch(plain):
            return reader(found)
    return None


def amounts(printed: str) -> tuple[Amount, ...]:
    """Read a number, or the two of "between six and 19"; nothing where it is neither."""
    if single := amount(printed):
        return (single,)
    plain = re.sub("^(?:between|from) ", "", printed.translate(SAME), flags=re.IGNORECASE)
    for join in JOIN.finditer(plain):
        low, high = amount(plain[: join.start()]), amount(plain[join.end() :])
        if low and high:
            return (Amount(low.value, high.sort if low.sort is Sort.NUMBER else low.sort), high)
    return ()


JOIN = re.compile(rf"(?: ?{PER_CENT})?(?: (?:and|to|or) | ?[-\u2013\u2014] ?)", re.IGNORECASE)
"""What stands between the two numbers of a range."""


def _count(words: str) -> Fraction:
    """Return the value of number words: two thousand, one hundred and nineteen."""
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
    value, factor = re.fullmatch(r"([-+.\d]*) ?([a-z]*)", numeral.replace(",", "")).groups()  # type: ignore[union-attr]
    return Fraction(value) * (MAGNITUDES | SUFFIXES).get(factor, 1)


def _plain(text: str) -> Fraction:
    """Return the value of a numeral or of number words; of "a" and of nothing it is one."""
    if any(char.isdigit() for char in text):
        return _digits(text)
    return _count(text) or Fraction(1)


def _vulgar(found: re.Match[str]) -> Amount:
    part = Fraction(numeric(found["part"])).limit_denominator(10)
    return Amount(int(found["whole"]) + part) if found["whole"] else Amount(part, Sort.SHARE)


def _per_cent(found: re.Match[str]) -> Amount | None:
    number = amount(found["number"])
    return Amount(number.value, Sort.PER_CENT) if number and number.sort in {Sort.NUMBER, Sort.SHARE} else None


def _ratio(found: re.Match[str]) -> Amount | None:
    whole = _plain(found["whole"])
    return Amount(_plain(found["part"]) / whole, Sort.SHARE) if whole else None


@cache
def _readers() -> list[tuple[re.Pattern[str], Reader]]:
    """Return the patterns of numbers with their readers; compiling them takes longer than most commands need."""
    return [
        (re.compile(pattern), reader)
        for pattern, reader in (
            (rf"(?P<number>.+?) ?{PER_CENT}", _per_cent),
            (_any(COUNTS | WITH_ARTICLE), lambda found: Amount(Fraction((COUNTS | WITH_ARTICLE)[found[0]]))),
            (_any(WHOLES), lambda found: Amount(WHOLES[found[0]], Sort.SHARE)),
            (_any(CHANGES), lambda found: Amount(Fraction(CHANGES[found[0]]), Sort.CHANGE)),
            (
                rf"(?:(?P<top>an?|{SMALL}|\d+)[- ])?(?P<part>{_any(PARTS)})s?",
                lambda found: Amount(_plain(found["top"] or "") / PARTS[found["part"]], Sort.SHARE),
            ),
            (rf"(?P<part>{CARDINAL}|{DIGITS}) (?:in|out of) (?P<whole>{CARDINAL}|{DIGITS})", _ratio),
            (
                rf"(?P<number>{CARDINAL}|{DIGITS}) and (?:a|one) (?P<part>half|quarter)",
                lambda found: Amount(_plain(found["number"]) + Fraction(1, PARTS[found["part"]])),
            ),
            (rf"(?P<number>a|{SMALL}|\d+) dozen", lambda found: Amount(_plain(found["number"]) * 12)),
            (rf"(?:a )?(?!{_any(MAGNITUDES)}$){CARDINAL}|an? {CARDINAL}", lambda found: Amount(_count(found[0]))),
            (rf"[-+]?{NUMERAL}", lambda found: Amount(_digits(found[0]))),
            (rf"(?P<whole>\d*)(?P<part>{VULGAR})", _vulgar),
        )
    ]


# The words about a number --------------------------------------------------------------------------------------

BEFORE: dict[Qualifier, tuple[str, ...]] = {
    Qualifier.MORE_THAN: ("more than", "over", "above", "upwards of", "in excess of", "greater than", "exceeding"),
    Qualifier.AT_LEAST: (
        *("at least", "no fewer than", "no less than", "not fewer than", "not less than", "as few as"),
        "a minimum of",
    ),
    Qualifier.NEARLY: ("nearly", "almost", "just under", "just below", "close to", "approaching", "not quite"),
    Qualifier.FEWER_THAN: ("fewer than", "less than", "under", "below", "just under", "just below"),
    Qualifier.AT_MOST: ("at most", "up to", "as many as", "no more than", "not more than", "a maximum of"),
    Qualifier.ABOUT: (
        *("about", "around", "some", "roughly", "approximately", "approx", "circa", "estimated"),
        *("in the region of", "close to"),
    ),
}
AFTER: dict[Qualifier, tuple[str, ...]] = {
    Qualifier.AT_LEAST: ("or more", "or over", "and over", "at least", "+"),
    Qualifier.AT_MOST: ("or fewer", "or less", "at most", "at the most"),
    Qualifier.ABOUT: ("or so", "or thereabouts", "-odd"),
}
PREPOSITIONS = frozenset({"over", "about", "above", "under", "below", "around"})
"""Words that qualify a number ("over 40 officers") or govern it ("disciplined over 40 claims")."""


def _of(table: dict[Qualifier, tuple[str, ...]]) -> str:
    return _any(re.escape(words) for all_words in table.values() for words in all_words)


_BEFORE = re.compile(rf"(?<!\w)(?P<words>{_of(BEFORE)}) (?:an? )?[\u00a3$\u20ac]?$", re.IGNORECASE)
_AFTER = re.compile(rf"(?: ?{PER_CENT})? ?(?P<words>{_of(AFTER)})(?!\w)", re.IGNORECASE)


def wording(paragraph: str, start: int, end: int) -> tuple[str, frozenset[Qualifier]]:
    """Return the words that qualify the number at a place, and what they may say of it; no words: exact."""
    plain = paragraph.translate(SAME)
    for found, table in ((_BEFORE.search(plain[:start]), BEFORE), (_AFTER.match(plain, end), AFTER)):
        if found:
            words = found["words"].lower()
            return words, frozenset(meaning for meaning, known in table.items() if words in known)
    return "", frozenset({Qualifier.EXACT})


def is_per_cent(paragraph: str, end: int) -> bool:
    """Whether what ends at a place is followed by per cent."""
    return bool(re.compile(f" ?{PER_CENT}", re.IGNORECASE).match(paragraph.translate(SAME), end))


def partners(paragraph: str, start: int, end: int) -> Iterator[Number]:
    """Yield the numbers that may make a range with the one at a place: before it and after it."""
    plain = paragraph.translate(SAME)
    for number in numbers(paragraph):
        if JOIN.fullmatch(plain, number.end, start) or JOIN.fullmatch(plain, end, number.start):
            yield number


def is_between(paragraph: str, start: int, end: int) -> bool:
    """Whether the number at a place is one of the two of "between six and 19"."""
    plain = paragraph.translate(SAME)
    return any(
        re.search(r"(?<!\w)between $", plain[: min(start, other.start)], re.IGNORECASE)
        and re.search(r"(?<!\w)and $", plain[: max(start, other.start)], re.IGNORECASE)
        for other in partners(paragraph, start, end)
    )


FALLS = re.compile(
    r"(?<!\w)(?:(?:f[ae]ll|drop|declin|decreas|reduc|shr[aiu]nk|halv)\w*|"
    r"(?:cuts?|lower|down|fewer|less)(?!\w| to| than))",
    re.IGNORECASE,
)
RISES = re.compile(
    r"(?<!\w)(?:(?:r[io]s[ei]|gr[eo]w|increas|jump|climb|surg|soar|doubl|trebl|tripl|quadrupl)\w*|"
    r"(?:up|higher|more)(?!\w| to| than))",
    re.IGNORECASE,
)


def signs(clause: str, printed: str) -> set[int]:
    """Return which signs a change may have by the sign that is printed, or else by its words: -1, 1, both, none."""
    plain, number = clause.translate(SAME), printed.translate(SAME)
    if sign := re.search(rf"(?<!\S)([-+])(?={re.escape(number.lstrip('-+'))})", plain):
        return {int(f"{sign[1]}1")}
    return ({-1} if FALLS.search(plain) else set()) | ({1} if RISES.search(plain) else set())


def per(paragraph: str, end: int) -> Number | None:
    """Return the number of how many the rate is that ends at a place: the 1,000 of "1.2 complaints per 1,000"."""
    plain = paragraph.translate(SAME)
    if word := re.compile(r"(?: [^\W\d]+){0,4} (?:per|in every|for every) (?:an? )?", re.IGNORECASE).match(
        plain, end
    ):
        return next((number for number in numbers(paragraph) if number.start == word.end()), None)
    return None


def is_rate(clause: str) -> bool:
    """Whether a clause has a word of a rate."""
    return bool(re.search(r"(?<!\w)(?:per(?! ?cent)|every|each|rate)(?!\w)", clause.translate(SAME), re.IGNORECASE))

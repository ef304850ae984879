"""The words around a number: qualifiers, ranges, per cent, rates, and whether a change is up or down."""

import re
from collections.abc import Iterator
from fractions import Fraction

from app.domain.vocabulary import Qualifier, RateUnit
from app.evidence.amounts import RANGE_JOIN, read_amount
from app.evidence.numbers import LOOKALIKES, PER_CENT, Number, any_of, find_numbers

BEFORE: dict[Qualifier, tuple[str, ...]] = {
    Qualifier.MORE_THAN: (
        *("more than", "over", "above", "upwards of", "in excess of", "greater than", "exceeding"),
        *("just over", "just above", "well over", "slightly over", "slightly more than"),
    ),
    Qualifier.AT_LEAST: (
        *("at least", "no fewer than", "no less than", "not fewer than", "not less than", "as few as"),
        "a minimum of",
    ),
    Qualifier.NEARLY: ("nearly", "almost", "just under", "just below", "close to", "approaching", "not quite"),
    Qualifier.FEWER_THAN: (
        *("fewer than", "less than", "under", "below", "just under", "just below", "well under", "well below"),
    ),
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
"""Words that may qualify a number ("over 40 officers") or just be prepositions ("disciplined over 40 claims")."""

SURE = re.compile(
    r"(?:^|[.,;:(\u2013\u2014\u201c\u2018\"]|(?<!\w)(?:there (?:is|are|was|were)|has|have|had|with|to|from|of|for|"
    r"in|at|and|but|or|that|by|than|receive[ds]?|upheld|records?|recorded|includ(?:ed|ing)|only|just))\s*$",
    re.IGNORECASE,
)
"""Text after which such a word qualifies a number; after a noun or another verb, it's ambiguous."""


def _any_in(table: dict[Qualifier, tuple[str, ...]]) -> str:
    return any_of(re.escape(phrase) for phrases in table.values() for phrase in phrases)


_BEFORE = re.compile(rf"(?<!\w)(?P<words>{_any_in(BEFORE)}) (?:an? )?[\u00a3$\u20ac]?$", re.IGNORECASE)
_AFTER = re.compile(rf"(?: ?{PER_CENT})? ?(?P<words>{_any_in(AFTER)})(?!\w)", re.IGNORECASE)


def qualifying_words(paragraph: str, start: int, end: int) -> tuple[str, frozenset[Qualifier]]:
    """Return the words that qualify a number, and what they may mean; without any, the number is exact."""
    plain = paragraph.translate(LOOKALIKES)
    for match, table in ((_BEFORE.search(plain[:start]), BEFORE), (_AFTER.match(plain, end), AFTER)):
        if match:
            words = match["words"].lower()
            return words, frozenset(qualifier for qualifier, phrases in table.items() if words in phrases)
    return "", frozenset({Qualifier.EXACT})


def is_surely_qualifier(paragraph: str, start: int) -> bool:
    """Whether a word that may be a preposition is clearly a qualifier here: "has about 40 officers"."""
    plain = paragraph.translate(LOOKALIKES)[:start]
    match = _BEFORE.search(plain)
    return match is None or bool(SURE.search(plain[: match.start()]))


_FILLER = re.compile(r"(?<!\w)(?P<words>some|(?:an? )?(?:[a-z]+ )?total of|totall?ing) $", re.IGNORECASE)


def filler_words(paragraph: str, start: int) -> str:
    """Return the words before a number that may round it or mean nothing: "some 730", "a total of 730"."""
    match = _FILLER.search(paragraph.translate(LOOKALIKES)[:start])
    return match["words"].lower() if match else ""


def is_per_cent(paragraph: str, end: int) -> bool:
    """Whether "per cent" follows the number that ends here."""
    return bool(re.compile(f" ?{PER_CENT}", re.IGNORECASE).match(paragraph.translate(LOOKALIKES), end))


def range_partners(paragraph: str, start: int, end: int) -> Iterator[Number]:
    """Yield the numbers before and after a number that may form a range with it."""
    plain = paragraph.translate(LOOKALIKES)
    for number in find_numbers(paragraph):
        if RANGE_JOIN.fullmatch(plain, number.end, start) or RANGE_JOIN.fullmatch(plain, end, number.start):
            yield number


def is_between(paragraph: str, start: int, end: int) -> bool:
    """Whether a number is one of the two in "between six and 19"."""
    plain = paragraph.translate(LOOKALIKES)
    return any(
        re.search(r"(?<!\w)between $", plain[: min(start, other.start)], re.IGNORECASE)
        and re.search(r"(?<!\w)and $", plain[: max(start, other.start)], re.IGNORECASE)
        for other in range_partners(paragraph, start, end)
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


def signs_of_change(clause: str, printed: str) -> set[int]:
    """Return the possible signs of a change, 1 and -1: the printed sign, or else the signs that the words allow."""
    plain, number = clause.translate(LOOKALIKES), printed.translate(LOOKALIKES)
    if sign := re.search(rf"(?<!\S)([-+])(?={re.escape(number.lstrip('-+'))})", plain):
        return {int(f"{sign[1]}1")}
    return ({-1} if FALLS.search(plain) else set()) | ({1} if RISES.search(plain) else set())


def rate_denominator(paragraph: str, end: int) -> Number | None:
    """Return the second number of the rate whose first number ends here: 1,000 in "1.2 complaints per 1,000"."""
    pattern = re.compile(r"(?: [^\W\d]+){0,4} (?:per|in every|for every) (?:an? )?", re.IGNORECASE)
    if match := pattern.match(paragraph.translate(LOOKALIKES), end):
        return next((number for number in find_numbers(paragraph) if number.start == match.end()), None)
    return None


def rate_base(denominator: Number) -> Fraction | None:
    """Return the number a rate is per: 1,000 for "per thousand"."""
    amount = read_amount(denominator.text) or read_amount(f"a {denominator.text}")
    return amount.value if amount else None


TIMES = {
    RateUnit.YEAR: r"annual(?:ly)?|yearly|(?:an?|per|each|every|the|any) (?:average )?year|year on year",
    RateUnit.MONTH: r"monthly|(?:an?|per|each|every|any) month",
    RateUnit.WEEK: r"weekly|(?:an?|per|each|every|any) week",
    RateUnit.DAY: r"daily|(?:an?|per|each|every|any) day",
}
"""Words that make a number a rate over time."""


def sentence_around(paragraph: str, start: int, end: int) -> str:
    """Return the sentence around a span of a paragraph."""
    ends = [match.end() for match in re.finditer(r"[.!?][\"\u201d\u2019)]*(?=\s|$)", paragraph)]
    first = max((one for one in ends if one <= start), default=0)
    last = min((one for one in ends if one >= end), default=len(paragraph))
    return paragraph[first:last]


def mentions_rate(clause: str, unit: RateUnit | None = None) -> bool:
    """Whether a clause has a word that makes a number a rate; for a rate over time, a word for that time."""
    over_time = TIMES.get(unit) if unit is not None else None
    pattern = over_time or r"per(?! ?cent)|every|each|rate"
    return bool(re.search(rf"(?<!\w)(?:{pattern})(?!\w)", clause.translate(LOOKALIKES), re.IGNORECASE))

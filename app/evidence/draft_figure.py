"""Draft records: for each number in an article that may be a figure, what a program can infer about it."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.domain.fields import json_number
from app.domain.vocabulary import Qualifier, RateUnit, Subject, ValueStatus, ValueType
from app.evidence.amounts import AmountType, read_amount
from app.evidence.context import (
    PREPOSITIONS,
    TIMES,
    is_between,
    is_per_cent,
    is_surely_qualifier,
    qualifying_words,
    range_partners,
    rate_base,
    rate_denominator,
    signs_of_change,
)
from app.evidence.drafts import TODO
from app.evidence.numbers import LOOKALIKES, Number, find_numbers
from app.evidence.passages import cell_names, clause_around, digest, statement_around
from app.evidence.times import said_of_time

RECORD = """\
{comments}
  - id: TODO
    kind: TODO  # then stage, for a proceeding, or outcome
    statement: TODO
{facts}
    evidence:
      - role: states
{printed}        paragraph: {paragraph}
        start: {start}
        end: {end}
        sha256: {sha256}
"""

MAX_SHOWN = 40
"""The most characters of a row or column name shown in a comment."""

ARTICLES = ("a ", "an ")


@dataclass(frozen=True)
class Printed:
    """What may be one figure: "66", "two in three", "between six and 19", "17 for every 100"."""

    start: int
    end: int
    """The end of the number as printed: of the 17 in "17 for every 100"."""
    numbers: Sequence[Number]
    """Every number that belongs to the figure."""
    upper: Number | None = None
    denominator: Number | None = None


def draft_figures(lines: Sequence[str], place: int) -> Iterator[str]:
    """Yield the records that a paragraph may state, in the order they appear."""
    line = lines[place - 1]
    found = [(one.start, _figure(lines, place, one)) for one in _printed(line)]
    found += [
        (match.start(), record) for match in HOW_MANY.finditer(line) if (record := _unknown(line, place, match))
    ]
    yield from (record for _, record in sorted(found))


def ledger_entry(place: int, number: Number, reason: str) -> str:
    """Return the ledger entry for a number."""
    token = json.dumps(number.text, ensure_ascii=False)
    return f"{{paragraph: {place}, start: {number.start}, end: {number.end}, token: {token}, reason: {reason}}}"


def _printed(line: str) -> Iterator[Printed]:
    """Yield what may be a figure, with any numbers that belong to it, such as the 100 of a rate."""
    taken: set[Number] = set()
    for number in find_numbers(line):
        if number in taken or said_of_time(line, number):
            continue
        start, end = _with_article(line, number)
        partner = next((other for other in range_partners(line, start, end) if other.start > end), None)
        if partner and is_between(line, start, end):
            one = Printed(start, end, (number, partner), upper=partner)
        elif whole := _whole_of_ratio(line, number):
            one = Printed(start, whole.end, (number, whole))
        elif denominator := rate_denominator(line, end):
            one = Printed(start, end, (number, denominator), denominator=denominator)
        else:
            one = Printed(start, end, (number,))
        taken.update(one.numbers)
        yield one


def _with_article(line: str, number: Number) -> tuple[int, int]:
    """Return the start and end of a number, including "a" or "an" if it has no value without it."""
    if read_amount(number.text) is None:
        for article in ARTICLES:
            start = number.start - len(article)
            if line[max(start, 0) : number.start].lower() == article and read_amount(line[start : number.end]):
                return start, number.end
    return number.start, number.end


ROUND_WHOLES = frozenset({*range(2, 11), 100, 1000})
"""The totals for which "two in three" is a share; "12 out of 15 cases" is two counts."""


def _whole_of_ratio(line: str, number: Number) -> Number | None:
    """Return the second number of "two in three" and "one in 14"."""
    for other in find_numbers(line):
        words = line.translate(LOOKALIKES)[number.end : max(other.start, number.end)].lower()
        if words not in {" in ", " in every ", " out of "} or said_of_time(line, other):
            continue
        part, whole = read_amount(number.text), read_amount(other.text)
        ratio = read_amount(line[number.start : other.end])
        is_share = ratio is not None and ratio.type is AmountType.SHARE and ratio.value < 1
        if part and whole and is_share and (part.value == 1 or whole.value in ROUND_WHOLES):
            return other
    return None


def _figure(lines: Sequence[str], place: int, one: Printed) -> str:
    line = lines[place - 1]
    facts = _value(line, one)
    facts["value_status"] = str(ValueStatus.STATED)
    comments = [f"# not a figure? - {ledger_entry(place, number, '')}" for number in one.numbers]
    if one.denominator:
        comments.append(f"# {one.denominator.text} belongs to the rate, not to the ledger")
    if names := cell_names(lines, place, one.start):
        row, column = (json.dumps(name[:MAX_SHOWN]) for name in names)
        comments.append(f"# row {row}, column {column}")
    words, qualifiers = qualifying_words(line, one.start, one.end)
    if one.upper:
        facts["qualifier"] = Qualifier.BETWEEN
    elif words:
        choice = " or ".join(sorted(qualifiers))
        is_open = words in PREPOSITIONS and not is_surely_qualifier(line, one.start)
        hint = f"; exact, with a note, if {words!r} is a preposition" if is_open else ""
        facts["qualifier"] = f"{TODO}  # {choice}{hint}" if is_open or len(qualifiers) > 1 else choice
    if facts.get("value_type") is not ValueType.RATE:
        # Ask for one fact at most besides what every record needs.
        is_enough = any(TODO in str(fact) for fact in facts.values())
        facts |= {"# base": "the figure this is a share of, if any"} if is_enough else {"base": TODO}
    place_of = statement_around(line, one.start, one.upper.end if one.upper else one.end)
    return _record(comments, facts, (place, line, *place_of), line[one.start : one.end])


def _record(
    comments: Sequence[str], facts: dict[str, object], at: tuple[int, str, int, int], printed: str | None = None
) -> str:
    place, line, first, last = at
    as_printed = f"        as_printed: {json.dumps(printed, ensure_ascii=False)}\n" if printed else ""
    return RECORD.format(
        comments="\n".join(f"  {comment}" for comment in comments),
        facts="\n".join(f"    {name}: {value}" for name, value in facts.items()),
        printed=as_printed,
        paragraph=place,
        start=first,
        end=last,
        sha256=digest(line[first:last]),
    )


def _value(line: str, one: Printed) -> dict[str, object]:
    """Return the value and type of what is printed, as far as a program can tell."""
    amount = read_amount(line[one.start : one.end])
    if amount is None:
        return {"value": TODO}
    is_share = amount.type is AmountType.SHARE
    value = json_number(float(round(amount.value * 100, 2) if is_share else amount.value))
    facts: dict[str, object] = {"value": value}
    if one.upper and (upper_amount := read_amount(one.upper.text)):
        facts["value_to"] = json_number(float(upper_amount.value))
    if is_share or is_per_cent(line, one.upper.end if one.upper else one.end):
        facts["value_type"] = ValueType.PERCENT
    elif amount.type is AmountType.NUMBER and (rate := _rate(line, one)):
        return {**facts, "value_type": ValueType.RATE, **rate}
    if amount.type is AmountType.CHANGE:
        facts["value_type"] = ValueType.CHANGE_PERCENT
    elif sign := _change(line, one.start, one.end):
        is_percent = "value_type" in facts
        facts |= {
            "value": sign * abs(value),
            "value_type": ValueType.CHANGE_PERCENT if is_percent else ValueType.CHANGE_COUNT,
        }
    return facts


PER = {
    r"(?:police )?officers?": (RateUnit.PERSON, [Subject.OFFICERS]),
    r"(?:police )?staff|employees?|members? of staff": (RateUnit.PERSON, []),
    r"residents?|inhabitants?": (RateUnit.RESIDENT, []),
    **{f"{unit}s?": (unit, []) for unit in (RateUnit.COMPLAINT, RateUnit.ALLEGATION, RateUnit.CASE)},
}
"""Words for what a rate is per, with the unit and the roles of the people."""

EACH = re.compile(r"(?: [^\W\d]+){0,4}? (?:per|(?:for|in) every) (?:an? )?(?=[^\W\d])", re.IGNORECASE)
A_TIME = re.compile(
    rf"(?: [^\W\d]+){{0,3}}? (?:an?|per|each|every) (?P<unit>{'|'.join(TIMES)})(?!\w| (?:after|ago|before|earlier|"
    r"later|old))",
    re.IGNORECASE,
)


def _rate(line: str, one: Printed) -> dict[str, object]:
    """Return what a number is a rate per: "for every 100 officers", "per officer", "a year"."""
    plain = line.translate(LOOKALIKES)
    if match := A_TIME.match(plain, one.end):
        return {"per": 1, "per_unit": match["unit"].lower()}
    if one.denominator:
        per, place = rate_base(one.denominator), one.denominator.end
    elif each := EACH.match(plain, one.end):
        per, place = Fraction(1), each.end()
    else:
        return {}
    of = plain[place:].lstrip()
    unit, subjects = next((what for words, what in PER.items() if re.match(rf"(?:{words})(?!\w)", of)), (TODO, []))
    if per is None or (unit == TODO and not one.denominator):
        return {}
    roles = {"per_subjects": f"[{', '.join(subjects)}]"} if subjects else {}
    return {"per": json_number(float(per)), "per_unit": unit, **roles}


BY = re.compile(
    r"(?<!\w)(?:by|(?:rise|increase|jump|fall|drop|decrease|reduction|decline) of) $|"
    r"(?:(?<!\w)(?:is|are|was|were|went|gone)|,) (?:up|down) $",
    re.IGNORECASE,
)


def _change(line: str, start: int, end: int) -> int:
    """Return the sign of "rose by 14", "was down 3", "a fall of 12 per cent"; 0 if the text mentions no change."""
    if not BY.search(line[:start]):
        return 0
    first, last = clause_around(line, start, end)
    signs = signs_of_change(line[first:last], line[start:end])
    return signs.pop() if len(signs) == 1 else 0


HOW_MANY = re.compile(r"(?<!\w)(?:how many|(?:the|what) (?:number|proportion|percentage) of)(?!\w)", re.IGNORECASE)
SAY = r"(?:say|disclose|reveal|release|provide|give|publish|confirm|state)"
UNKNOWN = {
    ValueStatus.WITHHELD: re.compile(
        rf"(?<!\w)(?:(?:refus|declin)(?:es?|ed|ing) to {SAY}|(?:would|will) not {SAY}|withh[eo]ld)", re.IGNORECASE
    ),
    ValueStatus.NOT_DISCLOSED: re.compile(
        rf"(?<!\w)(?:not (?:been )?(?:made public|disclosed|revealed|published|released|known|given)|"
        rf"(?:d(?:oes|o|id)|could|can)(?: not|n[\u2019']t) (?:{SAY}|know)|unknown|unclear)",
        re.IGNORECASE,
    ),
}
"""The value status of a number that isn't given, and the words that say so."""


def _unknown(line: str, place: int, how_many: re.Match[str]) -> str | None:
    """Return a record for a number that is mentioned but not given: "refused to say how many had resigned"."""
    first, last = statement_around(line, *how_many.span())
    status = next((status for status, words in UNKNOWN.items() if words.search(line, first, last)), None)
    if status is None:
        return None
    comment = "# a number that isn't given is a figure too; if this isn't one, delete the record"
    return _record([comment], {"value_status": status, "base": TODO}, (place, line, first, last))

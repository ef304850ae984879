"""Numbers that say when, how long or how old, so they count nothing: years, dates, durations, ages, hours."""

import calendar
import re

from app.evidence.numbers import LOOKALIKES, Number

MONTHS = "|".join([*calendar.month_name[1:], *(f"{name}\\.?" for name in calendar.month_abbr[1:] if name != "May")])
"""Month names and their abbreviations."""

YEAR = re.compile(r"(?:1[89]|20)\d\d")
BEFORE_YEAR = re.compile(
    rf"(?:(?<!\w)(?:in|since|by|from|to|until|till|between|and|during|before|after|late|early|mid|of|year|years|FY|"
    rf"summer|autumn|winter|spring|{MONTHS}),? |\d(?:st|nd|rd|th)?,? |[-/\u2013\u2014(])$",
    re.IGNORECASE,
)
ROW = re.compile(r"(?:[-/\u2013](?:\d\d|(?:1[89]|20)\d\d))?\s*[|\t:]")
"""What follows the year at the start of a row in a table or list: 2019, 2019-20 or 2019-2023."""

COUNTED = re.compile(
    r" (?:officers?|complaints?|allegations?|cases?|people|staff|members?|employees|investigations?|incidents?|"
    r"convictions?|referrals?|women|men|victims|offences|hearings|reports)(?!\w)",
    re.IGNORECASE,
)
"""What follows a number that counts something, even if the number looks like a year."""

DAY = re.compile(r"(?:[12]?\d|3[01])(?:st|nd|rd|th)?", re.IGNORECASE)
LENGTH = re.compile(
    r"[- ](?:calendar |financial |working |full )?(?:year|month|week|fortnight|day|hour|minute|decade)",
    re.IGNORECASE,
)
HOUR = re.compile(r" ?[ap]\.?m(?!\w)|[:.]\d\d ?[ap]\.?m", re.IGNORECASE)
AGED = re.compile(r"(?<!\w)aged? $", re.IGNORECASE)
OLD = re.compile(r"[- ]years?[- ]olds?(?!\w)", re.IGNORECASE)


def said_of_time(line: str, number: Number) -> str | None:
    """Return what a number says about time, which is why it isn't a figure; None if it says nothing about time."""
    plain = line.translate(LOOKALIKES)
    before, after = plain[: number.start], plain[number.end :]
    reasons = {
        "an age": OLD.match(after) or (AGED.search(before) and not COUNTED.match(after)),
        "a time of day": HOUR.match(after),
        "a length of time": LENGTH.match(after),
        "a date": _is_day(before, after, number.text),
        "a year": _is_year(before, after, number.text),
    }
    return next((reason for reason, is_so in reasons.items() if is_so), None)


def _is_year(before: str, after: str, token: str) -> bool:
    """Whether a number is a year, or the end of one in "2019-20"."""
    if re.fullmatch(r"\d\d", token):
        return bool(re.search(r"(?:1[89]|20)\d\d[-/\u2013]$", before))
    starts_row = not before.strip() and ROW.match(after)
    return bool(YEAR.fullmatch(token) and (starts_row or BEFORE_YEAR.search(before)) and not COUNTED.match(after))


def _is_day(before: str, after: str, token: str) -> bool:
    """Whether a number is the day in "14 May", "the 14th of May", "May 14" or "May 14th, 2021"."""
    if not DAY.fullmatch(token):
        return False
    names = rf"(?:{MONTHS})(?!\w)"
    follows = re.match(rf" (?:of )?{names}", after, re.IGNORECASE)
    leads = re.search(rf"(?<!\w)(?:{MONTHS}) (?:the )?$", before, re.IGNORECASE) and not COUNTED.match(after)
    return bool(follows or leads)

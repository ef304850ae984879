"""The closed lists: the values a record's fields may have, with their definitions.

The code trees (allegations, stages, outcomes) and the breakdowns grow with the dataset, so they live in
`seeds/codes.yaml`.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import combinations
from typing import Self


class Term(StrEnum):
    """A word of a closed list: a string with a definition."""

    definition: str

    def __new__(cls, value: str, definition: str = "") -> Self:
        """Return a member with its definition."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.definition = definition
        return member


class Kind(Term):
    """What a record states."""

    COMPLAINT = "complaint", "A count of complaints, of the allegations in them, or of the people complained about."
    PROCEEDING = (
        "proceeding",
        "A count of steps, such as hearings, or of the people or cases that faced one, open ones included.",
    )
    OUTCOME = "outcome", "A count of cases or people by how they ended."
    INCIDENT = "incident", "One event that a source describes, with what it says came of it."


FIGURE_KINDS = (Kind.COMPLAINT, Kind.PROCEEDING, Kind.OUTCOME)


class ForceKind(Term):
    """What kind of body a force is."""

    TERRITORIAL = "territorial", "A police force responsible for a part of the country."
    SPECIAL = "special", "A police force with a task instead of an area, such as policing the railways."
    AREA = "area", "Not a force but an area that covers several, such as England and Wales."


class Precision(Term):
    """How precisely a date or a period is known."""

    DAY = "day", "Known to the day."
    MONTH = "month", "Known to the month."
    YEAR = "year", "Known to the year."


class YearType(Term):
    """Which kind of year a period of whole years means."""

    CALENDAR = "calendar", "Stated to run from January to December."
    FINANCIAL = "financial", "Stated to run from April to March."
    NOT_STATED = "not-stated", "The source does not say; the dates assume January to December."


class Basis(Term):
    """How a date or a period is known."""

    STATED = "stated", "The source states it."
    INFERRED = (
        "inferred",
        "Worked out from the context: the period of its whole, the day of publication, the web address.",
    )
    NOT_STATED = "not-stated", "The source does not say."


class PeriodEvent(Term):
    """What happened in the period."""

    OCCURRED = "occurred", "What is counted happened in the period."
    RECEIVED = "received", "The cases that it is counted among came in during the period."
    FINALISED = "finalised", "The cases that it is counted among were closed in the period."
    NOT_STATED = "not-stated", "The source does not say."


class ValueType(Term):
    """What the number is."""

    COUNT = "count", "A count."
    PERCENT = "percent", "A percentage; fractions are converted, to two decimals."
    RATE = "rate", "So many for every `per`."
    CHANGE_COUNT = "change-count", "A difference between two counts, with its sign."
    CHANGE_PERCENT = "change-percent", "A change in per cent, with its sign."


class ValueStatus(Term):
    """Whether the source gives the number."""

    STATED = "stated", "The source states the number."
    NOT_DISCLOSED = "not-disclosed", "The source says that the number was not made public."
    WITHHELD = "withheld", "The number was refused or suppressed."
    NOT_COUNTED = "not-counted", "The source names the category but gives no number."


class Qualifier(Term):
    """How to read the number. A figure without a number has `exact`, which then means nothing."""

    EXACT = "exact", "As printed."
    ABOUT = "about", "Close to the number, above or below."
    NEARLY = "nearly", "A little below the number."
    MORE_THAN = "more-than", "Above the number."
    AT_LEAST = "at-least", "The number or more."
    FEWER_THAN = "fewer-than", "Below the number."
    AT_MOST = "at-most", "The number or less."
    BETWEEN = "between", "From `value` to `value_to`, inclusive."


class RateUnit(Term):
    """What the `per` of a rate counts: 47 a year, 9.8 per 1,000 people."""

    YEAR = "year", "Years; a rate is then an average over the period."
    MONTH = "month", "Months; a rate is then an average over the period."
    WEEK = "week", "Weeks; a rate is then an average over the period."
    DAY = "day", "Days; a rate is then an average over the period."
    PERSON = "person", "People who serve in the police; `per_subjects` says in which roles."
    RESIDENT = "resident", "People who live in the area."
    COMPLAINT = "complaint", "Complaints."
    ALLEGATION = "allegation", "Allegations."
    CASE = "case", "Cases."


class Unit(Term):
    """What is counted."""

    COMPLAINT = "complaint", "A complaint, which may hold several allegations."
    ALLEGATION = "allegation", "A single allegation."
    CASE = "case", "A case, where that is the source's own word."
    PERSON = "person", "A person, counted once."
    PROCEEDING = "proceeding", "An investigation, a referral or a hearing."
    CONVICTION = "conviction", "A conviction; one person may have several."
    NOT_STATED = "not-stated", "The source does not say what is counted."


UNIT_NAMES = {
    Unit.COMPLAINT: ("complaint", "complaints"),
    Unit.ALLEGATION: ("allegation", "allegations"),
    Unit.CASE: ("case", "cases"),
    Unit.PERSON: ("person", "people"),
    Unit.PROCEEDING: ("proceeding", "proceedings"),
    Unit.CONVICTION: ("conviction", "convictions"),
    Unit.NOT_STATED: ("(unit not stated)", "(unit not stated)"),
}
"""The singular and plural of each unit."""


class Subject(Term):
    """Whose conduct it is about."""

    OFFICERS = "officers", "Police officers."
    SPECIALS = "specials", "Special constables."
    PCSOS = "pcsos", "Police community support officers."
    STAFF = "staff", "Other members of police staff."


SUBJECT_NAMES = {
    Subject.OFFICERS: "officers",
    Subject.SPECIALS: "special constables",
    Subject.PCSOS: "PCSOs",
    Subject.STAFF: "police staff",
}


class WorkerType(Term):
    """A part of a force's workforce, as the Home Office counts it."""

    OFFICER = "officer", "Police officers."
    SPECIAL = "special", "Special constables, who are unpaid volunteers with the powers of an officer."
    PCSO = "pcso", "Police community support officers."
    STAFF = "staff", "Police staff other than PCSOs and designated officers."
    DESIGNATED_OFFICER = (
        "designated-officer",
        "Police staff with some of an officer's powers, in custody for example.",
    )


WORKERS: Mapping[Subject, Sequence[WorkerType]] = {
    Subject.OFFICERS: (WorkerType.OFFICER,),
    Subject.SPECIALS: (WorkerType.SPECIAL,),
    Subject.PCSOS: (WorkerType.PCSO,),
    Subject.STAFF: (WorkerType.STAFF, WorkerType.DESIGNATED_OFFICER),
}
"""The worker types that each subject of a figure covers."""


def set_word(words: Iterable[str]) -> str:
    """Join values of a closed list into one string, whatever order they come in."""
    return "+".join(sorted(words))


def sets_with(words: Iterable[str], closed: type[Term]) -> list[str]:
    """Return every subset of a closed list that contains any of these values, each joined into one string."""
    some = frozenset(words)
    if not some:
        return []
    sets = (found for size in range(1, len(closed) + 1) for found in combinations(closed, size))
    return [set_word(found) for found in sets if some.intersection(found)]


class BaseBasis(Term):
    """How we know what a figure is a share of."""

    STATED = "stated", "The source names the whole."
    IMPLIED = "implied", "The source does not name the whole, but the passage makes it clear."
    CORROBORATED = "corroborated", "The source does not say, but another source does."
    AMBIGUOUS = "ambiguous", "Unclear: one of the candidates, another whole, or none."


class ShareBasis(Term):
    """Whether a figure counts the same as what it is a share of."""

    SAME_UNIT = "same-unit", "Both count the same unit."
    ACROSS_UNITS = "across-units", "They count different units, or the unit of one is not stated."


class RelationType(Term):
    """How one record relates to another."""

    SAME_FACT = "same-fact", "Another account of the same fact."
    CONFLICTS_WITH = "conflicts-with", "They cannot both be right."
    CHANGE_FROM = "change-from", "The change is measured from that figure."
    SUPERSEDES = "supersedes", "This one replaces that figure."
    PART_OF = (
        "part-of",
        "It is part of that record: of a second whole, of a sum, or an incident that a figure counts.",
    )
    OVERLAPS = "overlaps", "The source says that some are counted in both."


class RelationBasis(Term):
    """Whether a relation is settled."""

    SETTLED = "settled", "It holds."
    POSSIBLE = "possible", "The source does not say; it may hold."


class EvidenceRole(Term):
    """What a passage does for a record."""

    STATES = "states", "The first passage that states it."
    REPEATS = "repeats", "Another passage, in a text that we hold, that says the same."
    CORROBORATES = "corroborates", "Another origin, or a text that we do not hold, agrees."
    DISPUTES = "disputes", "Another origin, or a text that we do not hold, disagrees."


class EvidencePoint(Term):
    """The point of a record that a passage corroborates or disputes; without one, it is about the whole record."""

    VALUE = "value", "The number, or the words that qualify it."
    UNIT = "unit", "What is counted."
    PERIOD = "period", "When."
    SUBJECTS = "subjects", "Whose conduct it is."
    BASE = "base", "What it is a share of."
    OUTCOME = "outcome", "What came of it."


POINTED_ROLES = frozenset({EvidenceRole.CORROBORATES, EvidenceRole.DISPUTES})
"""Evidence roles that may be about a single point."""


class Standing(Term):
    """How firmly the source says that an incident's misconduct happened."""

    ALLEGED = "alleged", "Someone alleges it."
    FOUND = "found", "A misconduct process found it."
    ADMITTED = "admitted", "Those responsible admit it."
    CONVICTED = "convicted", "A court convicted someone of it."
    REPORTED = "reported", "The source reports it as a fact and mentions no finding."


class OutcomeStatus(Term):
    """Whether a source says what came of an incident."""

    STATED = "stated", "The source says what came of it."
    NOT_STATED = "not-stated", "The source does not say."


class SourceKind(Term):
    """What a source is."""

    NEWS_ARTICLE = "news-article", "An article in a newspaper or a party's paper, or by a broadcaster."
    PRESS_RELEASE = "press-release", "A public body's own announcement."
    FOI_DOCUMENT = "foi-document", "A document released under the Freedom of Information Act."
    OFFICIAL_STATISTICS = "official-statistics", "Figures published as official statistics."
    DATA_TABLE = "data-table", "A table of figures that was published as data."


class Caution(Term):
    """What a careful reader must know about a record before quoting it; computed, never curated."""

    PERIOD_INFERRED = "period-inferred", "The source gives no period; ours is worked out from the context."
    PERIOD_OPEN = (
        "period-open",
        "It is undated, so it could be about any time before its source was published, or its period has no end.",
    )
    YEAR_TYPE_OPEN = "year-type-open", "The source does not say whether it means calendar or financial years."
    BASE_AMBIGUOUS = "base-ambiguous", "It is unclear what it is a share of."
    BASE_IMPLIED = "base-implied", "The source does not name what it is a share of."
    ACROSS_UNITS = (
        "across-units",
        "It counts a different unit from the figure that it is a share of, or one of the two is not stated.",
    )
    DISPUTED = (
        "disputed",
        "Another source disputes it, another record contradicts it, or its own source gives more than one unit.",
    )
    INEXACT = "inexact", "The number is not exact."
    SAME_FACT_ELSEWHERE = "same-fact-elsewhere", "Another record reports the same fact; count it once."
    BY_DATE_OF_RECEIPT = "by-date-of-receipt", "The period is when the cases were received, not when this happened."
    SUPERSEDED = "superseded", "Another record replaces it."
    RULES_CHANGED = "rules-changed", "The rules changed during its period, or may have if it is undated."


CLOSED_LISTS: dict[str, type[Term]] = {
    "kind": Kind,
    "force_kind": ForceKind,
    "precision": Precision,
    "year_type": YearType,
    "basis": Basis,
    "event": PeriodEvent,
    "value_type": ValueType,
    "per_unit": RateUnit,
    "value_status": ValueStatus,
    "qualifier": Qualifier,
    "unit": Unit,
    "subjects": Subject,
    "worker_type": WorkerType,
    "base_basis": BaseBasis,
    "share_basis": ShareBasis,
    "related_type": RelationType,
    "related_basis": RelationBasis,
    "evidence_role": EvidenceRole,
    "evidence_on": EvidencePoint,
    "standing": Standing,
    "outcome_status": OutcomeStatus,
    "source_kind": SourceKind,
    "cautions": Caution,
}
"""The closed lists, by the names of their fields and filters."""

"""What a careful reader must know about the records in a list before quoting them together. Pure.

A warning that always fires is read by nobody, so each is about something that readers get wrong. The worst mistakes
come first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from app.analysis.measures import Dated, Knowledge, Measured
from app.analysis.pairs import same_measure
from app.analysis.scope import EVERYTHING, Scope, is_wider_in_force, is_wider_in_time
from app.analysis.total import conflict
from app.domain.vocabulary import Basis

WarningCode = Literal[
    "no-records",
    "unknown-ids",
    "wider-than-period",
    "wider-than-force",
    "overlapping-figures",
    "not-disclosed",
    "not-disclosed-elsewhere",
    "mixed-units",
    "mixed-subjects",
    "undated-excluded",
    "undated-included",
    "inferred-period",
    "without-rate",
    "period-not-filled",
    "forces-missing",
    "rules-changed",
    "disputed",
    "partly-checked",
]
"""Every code: those on any list in their order, then those that only some answers have."""

MAX_IDS = 20
"""Ids that a warning names at most."""


@dataclass(slots=True)
class ListWarning:
    """A warning on a list of records."""

    code: WarningCode
    message: str
    ids: list[str]
    """The records that it is about, at most 20."""
    more: int
    """How many more records it is about."""


@dataclass(frozen=True)
class Sample:
    """A number of records, with the ids of some or all of them."""

    number: int = 0
    ids: Sequence[str] = ()


NONE = Sample()


def warnings_of(  # noqa: PLR0913 - a page of records, and what it is a page of
    records: Sequence[Dated],
    figures: Sequence[Measured],
    known: Knowledge,
    *,
    total: int,
    scope: Scope = EVERYTHING,
    undated: Sample = NONE,
    undisclosed: Sample = NONE,
    unknown: Sample = NONE,
) -> list[ListWarning]:
    """Return the warnings on the records of a list: their facts as records and, if they are figures, as figures.

    `scope` is what the list was asked for, `undated` are the undated records that it leaves out, `undisclosed` the
    figures of another kind, without a number, that belong to the same wholes, and `unknown` ids that no record has.
    """
    inferred = Basis.INFERRED
    concerned: dict[WarningCode, Sample] = {
        "unknown-ids": unknown,
        "wider-than-period": sample(record.id for record in records if is_wider_in_time(record, scope)),
        "wider-than-force": sample(record.id for record in records if is_wider_in_force(record, scope)),
        "overlapping-figures": sample(_overlapping(figures, known)),
        "not-disclosed": sample(figure.id for figure in figures if not figure.stated),
        "not-disclosed-elsewhere": undisclosed,
        "mixed-units": _if_mixed(figures, [(figure.unit, figure.value_type) for figure in figures]),
        "mixed-subjects": _if_mixed(figures, [figure.subjects for figure in figures]),
        "undated-excluded": undated,
        "inferred-period": sample(record.id for record in records if record.period.basis == inferred),
    }
    return worded(concerned, total=total)


def worded(concerned: Mapping[WarningCode, Sample], *, total: int) -> list[ListWarning]:
    """Return the warnings on a list of this many records or cells, given what each warning is about."""
    warnings = [
        ListWarning(code, MESSAGES[code], list(about.ids[:MAX_IDS]), max(about.number - MAX_IDS, 0))
        for code, about in concerned.items()
        if about.number
    ]
    return warnings if total else [ListWarning("no-records", MESSAGES["no-records"], [], 0), *warnings]


def partly_checked(number: int) -> ListWarning:
    """Return the warning that the others are only about this many records of a list."""
    return ListWarning("partly-checked", f"The other warnings are about the first {number:,} records.", [], 0)


MESSAGES: Mapping[WarningCode, str] = {
    "unknown-ids": "Some of the ids asked for match no record here; see `ids`.",
    "no-records": "No record matches, which says nothing about what happened; /v1/coverage shows what is recorded.",
    "wider-than-period": (
        "Some records cover more time than the period asked for; `period_match=within` leaves them out."
    ),
    "wider-than-force": "Some records are about a whole area, not only about the force asked for.",
    "overlapping-figures": "Some of the figures overlap, or one is part of another; `/v1/total` says which.",
    "not-disclosed": "Some of the figures have no number, which isn't the same as zero; see `value_status`.",
    "not-disclosed-elsewhere": (
        "The sources don't disclose some numbers of complaints or proceedings in the same cases; see `ids`."
    ),
    "mixed-units": (
        "The figures count in different units, or some are percentages, so they can't be added or compared; "
        "see `unit` and `value_type`."
    ),
    "mixed-subjects": "The figures are about different groups of people; see `subjects`.",
    "undated-excluded": "Undated records are left out; `include_undated=true` includes them.",
    "undated-included": (
        "Undated records are included, but may not be from the period; `include_undated=false` leaves them out."
    ),
    "inferred-period": "The periods of some records are inferred, not stated.",
    "period-not-filled": "The figures for some forces or groups don't cover the whole period of the sum.",
    "rules-changed": "The rules for what these figures count changed between the first and last day of the sum.",
    "disputed": "These figures are disputed: a source contradicts them, or what they count.",
}


def sample(ids: Iterable[str]) -> Sample:
    """Return records that a warning is about."""
    found = list(ids)
    return Sample(len(found), found)


def _if_mixed(figures: Sequence[Measured], values: Sequence[object]) -> Sample:
    """Return all figures if they don't all have the same value, otherwise none."""
    return sample(figure.id for figure in figures) if len(set(values)) > 1 else NONE


def _overlapping(figures: Sequence[Measured], known: Knowledge) -> Iterable[str]:
    """Return the ids of figures that somebody might add to another one of the list by mistake, each once."""
    units = {figure.id: figure.unit for figure in figures}
    # Of a chain of shares, each link that is in the list is seen here.
    nested = ((figure.base_id, figure.id) for figure in figures if units.get(figure.base_id or "") == figure.unit)
    found = dict.fromkeys(figure for figure in chain.from_iterable(nested) if figure is not None)
    for a, b in same_measure(figures, known):
        # Most pairs say nothing new: both are in other pairs already.
        if a.id in found and b.id in found:
            continue
        doubt = conflict(a, b, known)
        if doubt is not None and doubt.code != "different-measure":
            found |= {a.id: None, b.id: None}
    return found

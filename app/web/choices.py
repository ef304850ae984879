"""The options in the pages' forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.analysis.coverage import Measure
from app.analysis.measures import Measured
from app.database.reference import Reference
from app.domain.vocabulary import FIGURE_KINDS
from app.http.session import Session
from app.queries.query import Pairs
from app.queries.records import read_used
from app.web.wording import KINDS

CHOICES = ("force", "allegation", "outcome")
"""The filters whose values are chosen from a list in the release."""


@dataclass(frozen=True)
class Option:
    """A value that can be chosen."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True)
class Form:
    """A form that filters records, as currently filled in."""

    choices: Mapping[str, Sequence[Option]]
    period: str
    includes_undated: bool
    kept: Pairs
    """Parameters that aren't in the form and are kept unchanged."""


def filters_of(counted: Measure | Measured) -> dict[str, str | None]:
    """Return the filters that best match what a measure or figure counts."""
    names = ("kind", "allegation", "stage", "outcome", "unit", "value_type")
    found = {name: getattr(counted, name) for name in names}
    return found if counted.allegation != "any" else found | {"allegation": None}


async def read_form(session: Session, chosen: Mapping[str, Sequence[str]], offered: Sequence[str]) -> Form:
    """Return a form with these filters; options without any record say so."""
    reference = session.reference
    lists = {"kind": [(str(kind), KINDS[kind]) for kind in FIGURE_KINDS]}
    for name in CHOICES:
        used = await read_used(session.connection, session.release, name)
        with_record = used if name == "force" else reference.with_ancestors(name, used)
        lists[name] = [
            (code, text if code in with_record else f"{text} (no record)") for code, text in _named(reference, name)
        ]
    return Form(
        choices={name: _options(lists[name], chosen.get(name, ())) for name in offered if name in lists},
        period=next(iter(chosen.get("period", ())), ""),
        includes_undated="true" in chosen.get("include_undated", ()),
        kept=[
            (name, value) for name, values in chosen.items() if name not in (*offered, "cursor") for value in values
        ],
    )


def _options(listed: Sequence[tuple[str, str]], chosen: Sequence[str]) -> list[Option]:
    """Return the options of a list; values that were chosen but aren't in it come first, as unknown."""
    known = {value for value, _ in listed}
    unknown = [(value, f"{value} (unknown)") for value in chosen if value and value not in known]
    return [Option(value, text, value in chosen) for value, text in [*unknown, *listed]]


def _named(reference: Reference, name: str) -> list[tuple[str, str]]:
    """Return forces sorted by name, or the codes of a tree, each indented below its parent."""
    if name == "force":
        return sorted(reference.names["force"].items(), key=lambda force: force[1])
    return [
        (code, "\u2003" * (len(reference.with_ancestors(name, [code])) - 1) + text)
        for code, text in reference.names[name].items()
    ]

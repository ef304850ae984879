"""A record as a sentence made from its fields alone, so that a wrong unit, base or period reads wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.dataset import Dataset
from app.domain.records import Figure, Period, Record, are_exact_counts
from app.domain.rules import CHANGES
from app.domain.trees import TREES
from app.domain.vocabulary import (
    SUBJECT_NAMES,
    UNIT_NAMES,
    Basis,
    PeriodEvent,
    Precision,
    RelationBasis,
    RelationType,
    Unit,
    ValueType,
    YearType,
)
from app.domain.wording import Names, capitalised, counted_in, number, rate_unit, uncapitalised


@dataclass(frozen=True)
class Sentences:
    """The figures and names needed to write records as sentences."""

    figures: Mapping[str, Figure]
    names: Names

    def of(self, record: Record) -> str:
        """Return a record as a sentence or two."""
        force = self.names["force"].get(record.force, record.force)
        if isinstance(record, Figure):
            what = self.short(record)
        else:
            came = (
                f"; outcome: {self._name('outcome', record.outcome)}" if record.outcome else "; outcome not stated"
            )
            what = f"An incident, {record.standing}: {self._name('allegation', record.allegation)}{came}"
        parts = [what, force, _period(record.period), *(self._base(record) if isinstance(record, Figure) else ())]
        parts += self._relations(record)
        return " ".join(f"{capitalised(part)}." for part in parts)

    def short(self, figure: Figure) -> str:
        """Return a figure's number, unit and measure, for a tree."""
        return f"{self._number(figure)}, {self._measure(figure)}"

    def _number(self, figure: Figure) -> str:
        if figure.value is None:
            if figure.value_type is ValueType.COUNT:
                return f"an unknown number of {counted_in(figure)} ({figure.value_status})"
            return f"{counted_in(figure)}, not known ({figure.value_status})"
        printed = uncapitalised(number(figure))
        if figure.value_type is ValueType.COUNT:
            one, many = UNIT_NAMES[figure.unit]
            return f"{printed} {one if figure.value == 1 and figure.value_to is None else many}"
        many = UNIT_NAMES[figure.unit][1]
        if figure.value_type is ValueType.RATE:
            per = f" per {rate_unit(figure)}"
            return f"a rate of {printed.removesuffix(per)} {many}{per}"
        change = "a change of " if figure.value_type in CHANGES else ""
        return f"{change}{printed} of {many}"

    def _measure(self, figure: Figure) -> str:
        code = figure.stage or figure.outcome
        tree = "stage" if figure.stage else "outcome"
        subjects = " and ".join(name for one, name in SUBJECT_NAMES.items() if one in figure.subjects)
        made = {Unit.COMPLAINT: [], Unit.PERSON: ["complained about"]}.get(figure.unit, ["counted as complaints"])
        parts = [f"{tree}: {self._name(tree, code)}"] if code else made
        parts = [*parts, f"alleged: {self._name('allegation', figure.allegation)}"]
        parts.append(f"about {subjects}" if subjects else "the source doesn't say who it is about")
        parts += [f"only {self._name('breakdown', f'{key}={one}')}" for key, one in figure.breakdown.items()]
        if figure.unit_disputed:
            parts.append("the source gives several units")
        return ", ".join(parts)

    def _name(self, tree: str, code: str | None) -> str:
        return uncapitalised(self.names[tree].get(code or "", code or ""))

    def _base(self, figure: Figure) -> Iterator[str]:
        base = figure.base
        if base is None:
            yield "not a share of anything"
            return
        how = "part of" if base.part else "results from"
        if base.id is None:
            how = "it is part of" if base.part else "it results from"
            yield f"it is open whether {how} {' or '.join(map(self._whole, base.candidates))}"
            return
        settled = self.figures.get(base.id)
        yield f"{how} {self._whole(base.id)}, {base.basis}"
        if settled is None or not base.part or not are_exact_counts(figure, settled):
            return
        if figure.value is not None and settled.value:
            yield f"that is {round(figure.value / settled.value * 100, 1):g} per cent of it"

    def _whole(self, name: str) -> str:
        """Return a short description of what a denominator counts, with its id."""
        figure = self.figures.get(name)
        if figure is None:
            return name
        code = figure.stage or figure.outcome
        parts = [self._name("stage" if figure.stage else "outcome", code)] if code else []
        parts += [f"only {self._name('breakdown', f'{key}={one}')}" for key, one in figure.breakdown.items()]
        return ", ".join([self._number(figure), *parts]) + f" ({name})"

    def _relations(self, record: Record) -> Iterator[str]:
        words = {
            RelationType.SAME_FACT: "the same fact as",
            RelationType.CONFLICTS_WITH: "contradicts",
            RelationType.CHANGE_FROM: "a change from",
            RelationType.SUPERSEDES: "replaces",
            RelationType.PART_OF: "also part of",
            RelationType.OVERLAPS: "counts some of the same as",
        }
        for other in record.related:
            may = "perhaps " if other.basis is RelationBasis.POSSIBLE else ""
            figure = self.figures.get(other.id)
            yield f"{may}{words[other.type]} {f'{self._number(figure)} ' if figure else ''}({other.id})"


EVENTS = {
    PeriodEvent.OCCURRED: "happened",
    PeriodEvent.RECEIVED: "of cases received",
    PeriodEvent.FINALISED: "of cases that ended",
    PeriodEvent.NOT_STATED: "",
}


def _period(period: Period) -> str:
    as_at = f", as at {_day(period.as_at)}" if period.as_at else ""
    if period.start is None:
        return f"undated (\u201c{period.label}\u201d){as_at}"
    until = f" to {_day(period.end)}" if period.end else " on, without an end"
    days = f"on {_day(period.start)}" if period.start == period.end else f"from {_day(period.start)}{until}"
    years = {
        YearType.CALENDAR: "calendar years",
        YearType.FINANCIAL: "financial years",
        YearType.NOT_STATED: "years of a kind not stated",
    }
    known = [years[period.year_type]] if period.year_type else [f"known to the {period.precision or Precision.DAY}"]
    known += ["inferred"] if period.basis is Basis.INFERRED else []
    known += ["event not stated"] if period.event is PeriodEvent.NOT_STATED else []
    return f"{EVENTS[period.event]} {days}{as_at} ({', '.join(known)})".lstrip()


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def sentences_of(dataset: Dataset) -> Sentences:
    """Return a `Sentences` with the names and figures of a dataset."""
    codes = dataset.codes
    names = {
        "force": {force.id: force.name for force in dataset.forces},
        "breakdown": {f"{one.dimension}={one.id}": one.label for one in codes.breakdown},
        **{tree: {code.id: code.label for code in getattr(codes, tree)} for tree in TREES},
    }
    figures = {record.id: record for record in dataset.records if isinstance(record, Figure)}
    return Sentences(figures, names)

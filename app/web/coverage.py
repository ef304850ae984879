"""The coverage page: a row for each force, a column for each measure, and whether there is a number."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import APIRouter

from app.analysis.coverage import NO_RECORD, Cell, Measure
from app.domain.vocabulary import ValueStatus
from app.domain.wording import UNKNOWN, Names
from app.http.answer import Content
from app.http.session import Session
from app.queries.coverage import read_coverage
from app.queries.parameters import COVERAGE
from app.queries.query import read_query
from app.web.choices import filters_of, read_form
from app.web.page import page_of, pin_of, shows
from app.web.wording import measure_in_words

router = APIRouter(include_in_schema=False)

KNOWN_COVERAGE = replace(COVERAGE, others=("release", "view"), views=("known", "all"))
"""The page's parameters: all filters of coverage. `view=all` also shows forces without a record."""

IN_FORM = ("force", "kind", "allegation", "outcome", "period")
MAX_MEASURES = 12
"""The most measures side by side; the page links to the others."""

MAX_CELLS = 350
"""The most cells in the table, to keep the page small."""

MAX_OTHERS = 60

STATES: Mapping[str, tuple[str, str]] = {
    ValueStatus.STATED: ("number", "A source gives a number."),
    ValueStatus.NOT_DISCLOSED: (UNKNOWN[ValueStatus.NOT_DISCLOSED], "The source says that it wasn't disclosed."),
    ValueStatus.WITHHELD: (UNKNOWN[ValueStatus.WITHHELD], "The number was refused or suppressed."),
    ValueStatus.NOT_COUNTED: (UNKNOWN[ValueStatus.NOT_COUNTED], "The source names it without a number."),
    NO_RECORD: ("No record", "Nothing has been read about it yet. It says nothing about what happened."),
}
"""The text of a cell in each state, and its meaning."""


@dataclass(frozen=True)
class Entry:
    """An entry in a cell of the table, for one state."""

    state: str
    number: int
    address: str


@dataclass(frozen=True)
class Row:
    """A force and what is known about it, measure by measure."""

    force: str
    name: str
    cells: Sequence[tuple[Sequence[Entry], bool]]
    """Each cell's entries, and whether there is no record at all; a cell that the filters leave out has neither."""


@shows(router, "/coverage", form=IN_FORM)
async def coverage(session: Session) -> Content:
    """Show what is known and not known, by force and measure, with the same filters as the API."""
    reference = session.reference
    query = read_query(session.pairs, KNOWN_COVERAGE, reference, session.errors)
    cells = (await read_coverage(session.connection, query, reference)).cells
    recorded = {cell.force for cell in cells if cell.ids}
    shows_all = bool(query.force) or query.view == "all"
    forces = {cell.force for cell in cells if shows_all or cell.force in recorded}
    measures = _measures(cells, reference.names)
    most = max(1, min(MAX_MEASURES, MAX_CELLS // max(len(forces), 1)))
    shown, others = measures[:most], measures[most:]
    return page_of(
        session,
        "coverage.html",
        measures=[(measure, measure_in_words(measure, reference.names)) for measure in shown],
        others=[
            (query.address("/coverage", **filters_of(one)), measure_in_words(one, reference.names))
            for one in others[:MAX_OTHERS]
        ],
        left=max(len(others) - MAX_OTHERS, 0),
        rows=_rows(cells, shown, forces, session),
        without=len({cell.force for cell in cells} - recorded),
        shows_all=shows_all,
        switch=query.address("/coverage", view=None if query.view == "all" else "all"),
        form=await read_form(session, query.given, IN_FORM),
        states=STATES,
        unknown=NO_RECORD,
        json=query.address("/v1/coverage", view=None),
        csv=query.address("/v1/coverage", view=None, format="csv"),
    )


def _measures(cells: Sequence[Cell], names: Names) -> list[Measure]:
    """Return the measures of cells, those that most forces have first."""
    having: dict[Measure, set[str]] = {}
    for cell in cells:
        having.setdefault(cell.measure, set()).update([cell.force] if cell.ids else [])
    return sorted(having, key=lambda one: (-len(having[one]), measure_in_words(one, names)))


def _rows(
    cells: Sequence[Cell], measures: Sequence[Measure], forces: Collection[str], session: Session
) -> list[Row]:
    """Return what is known about forces, sorted by name."""
    names, pin = session.reference.names["force"], dict(pin_of(session))
    entries: dict[tuple[str, Measure], list[Entry]] = {}
    gaps = set()
    for cell in cells:
        place = (cell.force, cell.measure)
        if cell.state == NO_RECORD:
            gaps.add(place)
        else:
            entries.setdefault(place, []).append(Entry(cell.state, len(cell.ids), _address(cell, pin)))
    return [
        Row(
            force,
            names[force],
            [(entries.get((force, measure), []), (force, measure) in gaps) for measure in measures],
        )
        for force in sorted(forces, key=names.__getitem__)
    ]


def _address(cell: Cell, pin: Mapping[str, str]) -> str:
    """Return the address of a cell's figures: the figure's own page if there is only one."""
    if len(cell.ids) == 1:
        return f"/figures/{cell.ids[0]}{f'?{urlencode(pin)}' if pin else ''}"
    filters = {"force": cell.force, **filters_of(cell.measure), "value_status": cell.state, **pin}
    return f"/?{urlencode({name: value for name, value in filters.items() if value})}"

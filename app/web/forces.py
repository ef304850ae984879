"""The pages for forces: a list, and what is known and not known about each."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from app.analysis.coverage import Cell, Measure
from app.database.reference import Reference
from app.domain.dataset import Force, Source
from app.domain.trees import with_ancestors
from app.domain.vocabulary import ForceKind, SourceKind, ValueStatus
from app.http.answer import Content
from app.http.session import Session
from app.queries.coverage import read_cells
from app.queries.dataset import count_by
from app.queries.parameters import COVERAGE
from app.queries.query import RecordQuery
from app.web.finding import matching, missing, wanted_of
from app.web.page import page_of, refuse_all_but_release, shows
from app.web.series import charts_of
from app.web.tables import read_incidents, read_table, selection
from app.web.wording import measure_in_words

router = APIRouter(include_in_schema=False)

KINDS: Mapping[ForceKind, str] = {
    ForceKind.TERRITORIAL: "Territorial police force",
    ForceKind.SPECIAL: "Special police force",
    ForceKind.AREA: "Area with several forces",
}
"""The kinds of force, in words."""

MAX_MEASURES = 12
"""The most measures without a record to name on a force's page; the coverage page has the others."""


@shows(router, "/forces", form=["q"])
async def forces(session: Session) -> Content:
    """List every force and area: those with records first, then the others, each by name."""
    wanted = wanted_of(session)
    known = session.reference.forces
    found = matching(_names(known), wanted)
    counts = await count_by(session.connection, session.release, "force")
    ordered = sorted((known[one] for one in found), key=lambda force: force.name)
    return page_of(
        session,
        "forces.html",
        wanted=wanted,
        total=len(known),
        kinds=KINDS,
        counts=counts,
        known=[force for force in ordered if force.id in counts],
        unknown=[force for force in ordered if force.id not in counts],
        areas=session.reference.names["force"],
    )


@shows(router, "/forces/{id}")
async def force_page(session: Session, force_id: str) -> Content:
    """Show one force: its figures, what sources don't disclose, and what no record covers.

    Raises:
        Problem: 404 if the release has no such force.

    """
    refuse_all_but_release(session)
    reference = session.reference
    if force_id not in reference.forces:
        raise missing("force or area", force_id, _names(reference.forces))
    force = reference.forces[force_id]
    query = selection(force=force_id)
    table = await read_table(session, query)
    cells = await read_cells(session.connection, RecordQuery(COVERAGE), reference)
    counts = await count_by(session.connection, session.release, "force")
    gaps = _gaps(cells, force_id, reference)
    return page_of(
        session,
        "force.html",
        force=force,
        kind=KINDS[force.kind],
        areas=_areas(force, reference),
        members=_members(force, reference),
        counts=counts,
        table=table,
        withheld=[card for card in table.cards if card.figure.value_status is not ValueStatus.STATED],
        gaps=[measure_in_words(measure, reference.names) for measure in gaps[:MAX_MEASURES]],
        no_row_in=[] if force_id in counts else _tables_without(force, reference),
        more_gaps=max(len(gaps) - MAX_MEASURES, 0),
        charts=await charts_of(session, query),
        incidents=await read_incidents(session, query),
    )


def _names(forces: Mapping[str, Force]) -> dict[str, str]:
    """Return each force's name with its other names."""
    return {force.id: " ".join([force.name, *force.aliases]) for force in forces.values()}


def _tables_without(force: Force, reference: Reference) -> list[Source]:
    """Return the data tables that have no row for a force, given that it has no record; none for an area."""
    of_forces = force.kind is not ForceKind.AREA
    return [one for one in reference.sources.values() if one.kind is SourceKind.DATA_TABLE and of_forces]


def _areas(force: Force, reference: Reference) -> list[Force]:
    """Return the areas that contain a force, widest first."""
    return [reference.forces[one] for one in reversed(with_ancestors(reference.force_areas, force.id)[1:])]


def _members(force: Force, reference: Reference) -> list[Force]:
    """Return the forces directly inside an area, sorted by name."""
    inside = [one for one in reference.forces.values() if one.part_of == force.id]
    return sorted(inside, key=lambda one: one.name)


def _gaps(cells: Sequence[Cell], force_id: str, reference: Reference) -> list[Measure]:
    """Return the measures recorded for other forces but not this one, the most widely recorded first."""
    having: dict[Measure, set[str]] = {}
    for cell in cells:
        having.setdefault(cell.measure, set()).add(cell.force)
    lacking = [measure for measure, forces in having.items() if force_id not in forces]
    return sorted(lacking, key=lambda one: (-len(having[one]), measure_in_words(one, reference.names)))

"""How figures relate: their tree, comparison and total, and what is known and what isn't."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from app.analysis.compare import compare
from app.analysis.measures import Knowledge, Measured, figures_of
from app.analysis.notes import shared_notes
from app.analysis.sums import forces_missing, summed, warnings_on_sum
from app.analysis.total import MAX_FIGURES, Total
from app.analysis.total import total as total_of
from app.analysis.warnings import ListWarning, Sample, WarningCode, sample, warnings_of, worded
from app.domain.vocabulary import ForceKind
from app.formats.columns import columns, plain_columns
from app.formats.lists import LIST_FORMATS
from app.http.answer import Content, answer, dumps
from app.http.lookup import find_record
from app.http.problems import Problem
from app.http.session import Session
from app.queries.conditions import forces_in_scope
from app.queries.coverage import read_coverage
from app.queries.knowledge import read_comparison, read_knowledge, read_selected
from app.queries.page import read_undated
from app.queries.parameters import COVERAGE, FIGURES, PARAMETERS, TOTAL
from app.queries.query import RecordQuery, read_few, read_query
from app.queries.records import read_unknown_ids
from app.queries.tree import TreeRow, read_tree
from app.routes.descriptions import MISSING, FigureId, of_answer, of_one, of_rows
from app.routes.files import file_of, links_of, listed, read_list, too_many
from app.routes.schemas import ComparisonAnswer, CoverageAnswer, MeasureAnswer, TotalAnswer, TreeAnswer

router = APIRouter(prefix="/v1", tags=["analysis"])

COLUMNS = [*columns(MeasureAnswer), *plain_columns("force", "state", "ids")]
"""The columns of coverage as a file."""

COMPARED = [PARAMETERS[name] for name in ("a", "b", "release")]


@router.get("/figures/{id}/tree", **of_one("tree", TreeAnswer, *MISSING))
async def get_tree(request: Request, id: FigureId) -> Response:  # noqa: A002 - the name in the address
    """One figure with those that it is a share of, root first, and everything stated to be a share of it."""
    return await answer(request, tree, id)


@router.get("/compare", **of_answer("comparison", ComparisonAnswer, COMPARED, *MISSING))
async def get_comparison(request: Request) -> Response:
    """Whether two figures can be compared, every reason against it, and their difference and ratio."""
    return await answer(request, comparison)


@router.get("/total", **of_answer("total", TotalAnswer, TOTAL.parameters.values(), HTTPStatus.CONFLICT))
async def get_total(request: Request) -> Response:
    """Add the selected figures if every pair can be added; otherwise answer 409 with the pairs that can't."""
    return await answer(request, sum_of_figures)


@router.get("/coverage", **of_rows("coverage", CoverageAnswer, COVERAGE.parameters.values()))
async def get_coverage(request: Request) -> Response:
    """Show what is known for each force and measure, and what isn't. A gap is a cell, never a zero."""
    return await answer(request, coverage)


async def tree(session: Session, figure_id: str) -> Content:
    """Build a figure's tree."""
    read_few(session.pairs, [PARAMETERS["release"]], session.reference, session.errors)
    await find_record(session, FIGURES, figure_id)
    found = await read_tree(session.connection, session.release.id, figure_id)
    body = {
        "ancestors": [orjson.Fragment(row.document) for row in found.ancestors],
        "figure": orjson.Fragment(found.nodes[0].document),
        "children": _children(found.nodes),
        "truncated": found.truncated,
        "release": session.release.version,
    }
    return Content(dumps(body))


def _children(rows: list[TreeRow]) -> orjson.Fragment:
    """Serialise the nodes below the first one."""
    under: dict[tuple[str, ...], list[TreeRow]] = defaultdict(list)
    for row in rows:
        under[row.path[:-1]].append(row)

    def write(path: tuple[str, ...]) -> orjson.Fragment:
        # Piece by piece, because the encoder refuses more than 254 levels of nesting.
        nodes = [
            {"figure": orjson.Fragment(row.document), "ambiguous": row.ambiguous, "children": write(row.path)}
            for row in under[path]
        ]
        return orjson.Fragment(dumps(nodes))

    return write(rows[0].path)


async def comparison(session: Session) -> Content:
    """Build the comparison of two figures."""
    given = read_few(session.pairs, COMPARED, session.reference, session.errors)
    documents = [await find_record(session, FIGURES, given[side]) for side in ("a", "b")]
    a, b = figures_of(documents)
    known = await read_comparison(session.connection, session.reference, [a, b])
    whole = {side: orjson.Fragment(document) for side, document in zip("ab", documents, strict=True)}
    return Content(dumps({**whole, **asdict(compare(a, b, known)), "release": session.release.version}))


async def sum_of_figures(session: Session) -> Content:
    """Build the total of the selected figures.

    Raises:
        Problem: 409 if some can't be added, 422 if there are too many to check.

    """
    query = read_query(session.pairs, TOTAL, session.reference, session.errors)
    connection, reference = session.connection, session.reference
    documents = await read_selected(connection, query, reference, MAX_FIGURES + 1)
    if len(documents) > MAX_FIGURES:
        raise too_many(MAX_FIGURES)
    figures = figures_of(documents)
    known = await read_knowledge(connection, reference, [figure.id for figure in figures])
    found = total_of(figures, known, query.scope)
    if isinstance(found, Total):
        what = summed(figures)
        body = {
            **asdict(found),
            "unit": what.unit,
            "subjects": what.subjects,
            "forces": what.forces,
            "period": {"start": what.start, "end": what.end},
            "notes": shared_notes(documents),
            "release": session.release.version,
            "warnings": await _warnings_on_sum(session, query, figures, known),
        }
        return Content(dumps(body))
    detail = "The selected figures can't be added; each conflict names two of them and the reason."
    conflicts = [asdict(conflict) for conflict in found]
    raise Problem(HTTPStatus.CONFLICT, "not-addable", detail, extra={"conflicts": conflicts})


async def _warnings_on_sum(
    session: Session, query: RecordQuery, figures: Sequence[Measured], known: Knowledge
) -> list[ListWarning]:
    connection, reference = session.connection, session.reference
    asked: Sequence[str] = query.force
    if query.force_scope == "members":
        inside = forces_in_scope(query, reference)
        asked = [force for force in inside if reference.forces[force].kind is not ForceKind.AREA]
    of_figures = warnings_of(
        figures,
        figures,
        known,
        total=len(figures),
        scope=query.scope,
        undated=await read_undated(connection, query, reference),
        unknown=await read_unknown_ids(connection, session.release, query.id, TOTAL.kinds),
    )
    of_sum = worded(warnings_on_sum(figures, known, query.scope), total=1)
    return [*of_figures, *of_sum, *forces_missing(asked, figures, known)]


async def coverage(session: Session) -> Content:
    """Build the coverage: what is known for each force and measure."""
    query, form = read_list(session, COVERAGE)
    found = await read_coverage(session.connection, query, session.reference)
    # Each measure once, because most cells share theirs with every other force.
    measures = {
        measure: measure._asdict() | {"breakdown": dict(measure.breakdown)}
        for measure in {cell.measure for cell in found.cells}
    }
    data: list[dict[str, Any]] = [
        {"force": cell.force, "measure": measures[cell.measure], "state": cell.state, "ids": cell.ids}
        for cell in found.cells
    ]
    concerned: dict[WarningCode, Sample] = {
        "unknown-ids": await read_unknown_ids(session.connection, session.release, query.id, COVERAGE.kinds),
        "wider-than-period": sample(found.wider),
        "undated-excluded": sample(found.excluded),
        "undated-included": sample(found.undated),
    }
    warnings = worded(concerned, total=len(data))
    for warning in warnings:
        if warning.code == "no-records":
            warning.message = "No figure matches, which says nothing about what happened."
    address = partial(query.address, session.path)
    if form in LIST_FORMATS:
        rows = ({**cell, **cell["measure"]} for cell in data)
        number = len(warnings)
        return await file_of(
            session, form, "Coverage", rows, COLUMNS, address=address, warnings=number, bom=query.bom
        )
    return listed(
        session,
        data,
        query=query.echo(),
        links=links_of(address),
        undated=len(found.excluded),
        warnings=warnings,
    )

"""What figures mean together: their tree, two side by side, their total, what is known and what is not."""

from collections import defaultdict
from dataclasses import asdict, replace
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from app.analysis.compare import compare
from app.analysis.coverage import with_gaps
from app.analysis.total import MAX_FIGURES, Total, total
from app.database.tables import Record
from app.http.answer import dumps, json_answer, reading
from app.http.problems import ParameterError, Problem
from app.queries.conditions import in_scope, selected
from app.queries.figures import TreeRow, read_cells, read_knowledge, read_measured, read_tree
from app.queries.parameters import COVERAGE, FIGURES, PARAMETERS, TOTAL
from app.queries.query import read_few, read_pairs, read_query
from app.routes.descriptions import MISSING, FigureId, of_answer, of_one
from app.routes.records import find_record
from app.routes.schemas import ComparisonAnswer, CoverageAnswer, TotalAnswer, TreeAnswer

router = APIRouter(prefix="/v1", tags=["analysis"])

COMPARED = [PARAMETERS[name] for name in ("a", "b", "release")]


@router.get("/figures/{id}/tree", **of_one("tree", TreeAnswer, *MISSING))
async def get_tree(request: Request, id: FigureId) -> Response:  # noqa: A002 - the name in the address
    """One figure with the wholes above it, root first, and everything stated to be a share of it."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        read_few(pairs, [PARAMETERS["release"]], found.reference, found.wrong)
        await find_record(found, FIGURES, id)
        tree = await read_tree(found.connection, found.release.id, id)
        body = (
            b'{"ancestors":['
            + ",".join(row.document for row in tree.ancestors).encode()
            + b'],"figure":'
            + tree.nodes[0].document.encode()
            + b',"children":'
            + _children(tree.nodes)
            + b',"truncated":'
            + dumps(tree.truncated)
            + b"}"
        )
        return json_answer(request, found, body)


def _children(rows: list[TreeRow]) -> bytes:
    """Write the nodes beneath the first of them."""
    under: dict[tuple[str, ...], list[TreeRow]] = defaultdict(list)
    for row in rows:
        under[row.path[:-1]].append(row)

    def write(path: tuple[str, ...]) -> bytes:
        nodes = [
            b'{"figure":'
            + row.document.encode()
            + b',"ambiguous":'
            + dumps(row.ambiguous)
            + b',"children":'
            + write(row.path)
            + b"}"
            for row in under[path]
        ]
        return b"[" + b",".join(nodes) + b"]"

    return write(rows[0].path)


@router.get("/compare", **of_answer("comparison", ComparisonAnswer, COMPARED, *MISSING))
async def get_comparison(request: Request) -> Response:
    """Whether two figures may stand side by side, every reason against it, and the numbers if they may."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        missing = [
            ParameterError(name, "", "empty", "is missing; name the id of a figure")
            for name in ("a", "b")
            if name not in dict(pairs)
        ]
        given = read_few(pairs, COMPARED, found.reference, [*found.wrong, *missing])
        a, b = given["a"], given["b"]
        documents = [(await find_record(found, FIGURES, figure)).encode() for figure in (a, b)]
        of_both = [Record.release_id == found.release.id, Record.id.in_([a, b])]
        figures = {figure.id: figure for figure in await read_measured(found.connection, of_both, 2)}
        known = await read_knowledge(found.connection, found.reference, [a, b])
        comparison = compare(figures[a], figures[b], known)
        body = b'{"a":' + documents[0] + b',"b":' + documents[1] + b"," + dumps(asdict(comparison))[1:]
        return json_answer(request, found, body)


@router.get("/total", **of_answer("total", TotalAnswer, TOTAL.parameters.values(), HTTPStatus.CONFLICT))
async def get_total(request: Request) -> Response:
    """Add the selected figures, if every pair of them may be added; else 409 with the pairs that may not."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        query = read_query(pairs, TOTAL, found.reference, found.wrong)
        where = selected(query, TOTAL, found.reference)
        figures = await read_measured(found.connection, where, MAX_FIGURES + 1)
        if len(figures) > MAX_FIGURES:
            detail = f"The filters select more than {MAX_FIGURES} figures; narrow them."
            extra = {"limit": MAX_FIGURES, "errors": []}
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "too-many-figures", detail, extra=extra)
        known = await read_knowledge(found.connection, found.reference, [figure.id for figure in figures])
        answer = total(figures, known)
        if isinstance(answer, Total):
            return json_answer(request, found, dumps(asdict(answer)))
        detail = "The selected figures may not be added; each conflict names two that may not, and why."
        conflicts = [asdict(conflict) for conflict in answer]
        raise Problem(HTTPStatus.CONFLICT, "not-addable", detail, extra={"conflicts": conflicts})


@router.get("/coverage", **of_answer("coverage", CoverageAnswer, COVERAGE.parameters.values()))
async def get_coverage(request: Request) -> Response:
    """Say what is known and what is not, for each force and measure; a gap is a cell, never a zero."""
    pairs = read_pairs(request.scope["query_string"])
    async with reading(request, pairs) as found:
        query = read_query(pairs, COVERAGE, found.reference, found.wrong)
        if "include_undated" not in query.given:
            query = replace(query, include_undated=True)
        where = selected(query, COVERAGE, found.reference)
        known = await read_cells(found.connection, where)
        forces = in_scope(query, found.reference) if query.force else found.reference.force_areas
        covered = with_gaps(known, forces)
        data = [
            {
                "force": cell.force,
                "measure": cell.measure._asdict() | {"breakdown": dict(cell.measure.breakdown)},
                "state": cell.state,
                "ids": cell.ids,
            }
            for cell in covered
        ]
        meta = {
            "total": sum(len(cell.ids) for cell in known),
            "count": len(data),
            "release": found.release.version,
            "query": dict(query.given),
        }
        links = {"self": query.address(request.url.path)}
        return json_answer(request, found, dumps({"data": data, "meta": meta, "links": links}))

"""Rates: figures per 1,000 of a workforce, and which forces differ by more than chance explains."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from itertools import zip_longest
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from app.analysis.rate_comparison import (
    LIMITS,
    MEASURE,
    Limits,
    Place,
    choices_among,
    compare_rates,
    differences_between,
)
from app.analysis.rates import LEVEL, METHOD, PER, Rate
from app.analysis.warnings import ListWarning, partly_checked
from app.domain.fields import json_number
from app.formats.columns import columns, plain_columns
from app.formats.lists import LIST_FORMATS
from app.http.answer import Content, answer, dumps
from app.http.problems import Problem, listed_errors
from app.http.session import Session
from app.queries.errors import ParameterCode, ParameterError
from app.queries.parameters import COMPARED_RATES, MAX_LIMIT, RATES
from app.queries.query import RecordQuery, read_query
from app.queries.rates import MAX_FIGURES, Selection, read_all_rates, read_rates
from app.routes.descriptions import of_answer, of_rows
from app.routes.files import file_of, listed, read_list, too_many
from app.routes.records import page_links
from app.routes.schemas import ListOfRates, RateComparisonAnswer, RateFields

router = APIRouter(prefix="/v1", tags=["analysis"])

COLUMNS = [
    *columns(RateFields),
    *plain_columns("figure", "force", "force_name", *MEASURE, "subjects", "breakdown", "start", "end"),
]
"""The columns of rates as a file."""


@router.get("/rates", **of_rows("rates", ListOfRates, RATES.parameters.values(), HTTPStatus.GONE))
async def list_rates(request: Request) -> Response:
    """Figures per 1,000 of the workforce that their subjects belong to, and why others have no rate."""
    return await answer(request, rates, walks=True)


COMPARED = of_answer("comparison", RateComparisonAnswer, COMPARED_RATES.parameters.values())


@router.get("/rates/comparison", **{**COMPARED, "operation_id": "compare-rates"})
async def get_rate_comparison(request: Request) -> Response:
    """Compare the rates of forces: which differ by more than chance would explain, and which don't."""
    return await answer(request, comparison)


async def rates(session: Session) -> Content:
    """Build the rates of the selected figures.

    Raises:
        Problem: 422 if the filters select too many figures.

    """
    query, form = read_list(session, RATES)
    if form in LIST_FORMATS:
        found = await _all(session, query)
        address = partial(query.address, session.path)
        return await file_of(
            session,
            form,
            "Rates",
            _rows(found),
            COLUMNS,
            address=address,
            warnings=len(found.warnings()),
            bom=query.bom,
            described={"limit": MAX_LIMIT, "warnings": "set"},
        )
    found = await read_rates(session.connection, query, session.reference, session.after)
    return listed(
        session,
        [{"figure": orjson.Fragment(found.documents[one.figure.id]), **_shown(found, one)} for one in found.rates],
        query=query.echo(),
        total=found.page.total,
        undated=found.page.undated.number,
        warnings=await _warnings(session, query, found),
        links=page_links(session, query, found.page),
        refused=found.refused,
    )


async def _warnings(session: Session, query: RecordQuery, page: Selection) -> list[ListWarning]:
    """Return the warnings on a page of rates or, if the query asks for them, on its whole set."""
    if query.warnings == "page":
        return page.warnings()
    whole = await read_all_rates(session.connection, query, session.reference)
    return whole.warnings() if whole.is_whole else [*whole.warnings(), partly_checked(MAX_FIGURES)]


async def _all(session: Session, query: RecordQuery) -> Selection:
    """Return the rates of all selected figures.

    Raises:
        Problem: 422 if the filters select too many figures.

    """
    found = await read_all_rates(session.connection, query, session.reference)
    if not found.is_whole:
        raise too_many(MAX_FIGURES)
    return found


async def comparison(session: Session) -> Content:
    """Build the comparison of the selected figures' rates.

    Raises:
        Problem: 422 if the filters select too many figures, or more than one measure, period or group of subjects.

    """
    query = read_query(session.pairs, COMPARED_RATES, session.reference, session.errors)
    found = await _all(session, query)
    figures = [rate.figure for rate in found.rates] or found.page.figures
    if differ := differences_between(figures):
        detail = f"The selected figures differ in {', '.join(differ)}; choose one of each."
        errors = [_too_wide(query, name, values) for name, values in choices_among(figures).items()]
        extra = {"differ": differ, "errors": listed_errors(errors)}
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "not-one-measure", detail, extra=extra)
    body = {
        **(_compared(session, found) if found.rates else NOTHING),
        "per": PER,
        "method": LIMITS,
        "refused": found.refused,
        "warnings": [one for one in found.warnings() if one.code != "without-rate"],  # `refused` has them
        "release": session.release.version,
    }
    return Content(dumps(body))


def _too_wide(query: RecordQuery, name: str, values: Sequence[str]) -> ParameterError:
    """Return the error of a parameter that must be given or narrowed so that the figures can be compared."""
    given = query.given.get(name, [])
    message = f"{'selects' if given else 'is missing; there is'} more than one here: choose one of `allowed`"
    message += ", with `period_match=within`" if name == "period" else ""
    code: ParameterCode = "not-applicable" if given else "empty"
    return ParameterError(name, ",".join(given), code, message, list(values))


NOTHING: Mapping[str, object] = {
    "label": None,
    "period": {"start": None, "end": None},
    "subjects": [],
    "per_year": False,
    "expected": None,
    "forces": [],
    "summary": "None of the selected figures has a rate, which says nothing about what happened.",
    "notes": [],
}
"""The comparison if there are no rates."""


def _compared(session: Session, found: Selection) -> dict[str, Any]:
    compared = compare_rates(found.rates, found.reference.names)
    first = found.rates[0]
    return {
        "label": compared.label,
        "period": {"start": first.figure.period.start, "end": first.figure.period.end},
        "subjects": sorted(first.figure.subjects),
        "per_year": first.per_year,
        "expected": _rounded(compared.expected),
        "forces": [
            {
                **_place(place, session.reference.forces[place.force].name),
                "position_by_case": _position(by_case) if by_case else None,
            }
            for place, by_case in zip_longest(compared.places, compared.by_case)
        ],
        "summary": compared.summary,
        "notes": found.notes(found.rates),
    }


def _rounded(number: float, digits: int = 6) -> int | float:
    """Round a number; whole ones get no decimal point."""
    return json_number(round(number, digits))


def _interval(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {"low": _rounded(low), "high": _rounded(high), "level": LEVEL, "method": METHOD}


def _limits(place: Place) -> dict[str, Limits]:
    return {"limits_95": place.limits_95, "limits_998": place.limits_998}


def _shown(found: Selection, rate: Rate) -> dict[str, Any]:
    return {
        "numerator": rate.numerator,
        "denominator": {**asdict(rate.denominator), "value": json_number(rate.denominator.value)},
        "per": PER,
        "rate": _rounded(rate.rate),
        "per_year": rate.per_year,
        "years": _rounded(rate.years, 4),
        "interval": _interval(rate),
        "cases": rate.cases,
        "cautions": found.cautions(rate),
    }


def _rows(found: Selection) -> Iterator[dict[str, Any]]:
    for rate in found.rates:
        figure = rate.figure
        yield {
            "figure": figure.id,
            "force": figure.force,
            "force_name": found.reference.names["force"][figure.force],
            **{name: getattr(figure, name) for name in MEASURE},
            "subjects": sorted(figure.subjects),
            "breakdown": figure.breakdown,
            "start": figure.period.start,
            "end": figure.period.end,
            **_shown(found, rate),
        }


def _place(place: Place, name: str) -> dict[str, Any]:
    rate = place.rate
    return {
        "force": place.force,
        "name": name,
        "figure": rate.figure.id,
        "numerator": rate.numerator,
        "person_years": _rounded(rate.person_years, 2),
        "rate": _rounded(rate.rate),
        "interval": _interval(rate),
        **{key: {"low": _rounded(one.low), "high": _rounded(one.high)} for key, one in _limits(place).items()},
        "cases": rate.cases,
        "position": _position(place),
    }


def _position(place: Place) -> dict[str, str]:
    return {key: one.position(place.rate.rate) for key, one in _limits(place).items()}

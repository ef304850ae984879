"""Rates: figures per 1,000 of a workforce, and which forces differ by more than chance explains."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from app.analysis.rates import (
    LEVEL,
    LIMITS,
    METHOD,
    PER,
    Place,
    Rate,
    compare_rates,
    differences_between,
)
from app.domain.fields import json_number
from app.formats.columns import columns
from app.formats.lists import LIST_FORMATS, MEDIA_TYPES, one_batch, written
from app.http.answer import Content, answer, dumps
from app.http.problems import Problem
from app.http.session import Session
from app.queries.parameters import COMPARED_RATES, RATES
from app.queries.query import RecordQuery, read_query
from app.queries.rates import MAX_FIGURES, Selection, read_rates
from app.routes.descriptions import of_answer, of_rows
from app.routes.files import about_list
from app.routes.schemas import ListOfRates, RateComparisonAnswer, RateRow

router = APIRouter(prefix="/v1", tags=["analysis"])


@router.get("/rates", **of_rows("rates", ListOfRates, RATES))
async def list_rates(request: Request) -> Response:
    """Figures per 1,000 of the workforce that their subjects belong to, and why others have no rate."""
    return await answer(request, rates)


COMPARED = of_answer("comparison", RateComparisonAnswer, COMPARED_RATES.parameters.values())


@router.get("/rates/comparison", **{**COMPARED, "operation_id": "compare-rates", "summary": "Compare rates"})
async def get_rate_comparison(request: Request) -> Response:
    """Compare the rates of forces: which differ by more than chance explains, and which don't."""
    return await answer(request, comparison)


async def rates(session: Session) -> Content:
    """Build the rates of the selected figures.

    Raises:
        Problem: 422 if the filters select too many figures.

    """
    accepted = session.accepted_form(MEDIA_TYPES)
    query = read_query(session.pairs, RATES, session.reference, session.errors, accepted)
    form = session.choose_form(query.format, MEDIA_TYPES)
    found = await select_rates(session, query)
    if form in LIST_FORMATS:
        rows = [dumps(row).decode() for row in _rows(found)]
        about = about_list(session, "Rates", query.address(session.path))
        pieces = [piece async for piece in written(form, one_batch(rows), columns(RateRow), about, bom=query.bom)]
        described = query.address(session.path, format=None, bom=None)
        headers = {"Link": f'<{described}>; rel="describedby"', "X-Upheld-Warnings": str(len(found.warnings))}
        return Content(b"".join(pieces), media_type=LIST_FORMATS[form].content_type, headers=headers)
    meta = {
        "total": len(found.rates) + len(found.refused),
        "count": len(found.rates),
        "release": session.release.version,
        "undated_excluded": len(found.undated),
        "query": query.echo(),
    }
    links = {"self": query.address(session.path), "next": None, "csv": query.address(session.path, format="csv")}
    data = [
        {"figure": orjson.Fragment(found.documents[one.figure.id]), **_shown(found, one)} for one in found.rates
    ]
    refused = [asdict(one) for one in found.refused]
    return Content(
        dumps({"data": data, "refused": refused, "meta": meta, "warnings": found.warnings, "links": links})
    )


async def select_rates(session: Session, query: RecordQuery) -> Selection:
    """Return the rates of the selected figures.

    Raises:
        Problem: 422 if the filters select too many figures.

    """
    found = await read_rates(session.connection, query, session.reference)
    if found is None:
        detail = f"The filters select more than {MAX_FIGURES} figures; narrow them."
        extra = {"limit": MAX_FIGURES, "errors": []}
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "too-many-figures", detail, extra=extra)
    return found


async def comparison(session: Session) -> Content:
    """Build the comparison of the selected figures' rates.

    Raises:
        Problem: 422 if the filters select too many figures, or more than one measure, period or group of subjects.

    """
    query = read_query(session.pairs, COMPARED_RATES, session.reference, session.errors)
    found = await select_rates(session, query)
    if differ := differences_between(found.rates):
        detail = f"The selected figures differ in {', '.join(differ)}; choose one of each."
        extra = {"differ": differ, "errors": []}
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "not-one-measure", detail, extra=extra)
    body = {
        **(_compared(session, found) if found.rates else NOTHING),
        "per": PER,
        "method": LIMITS,
        "refused": [asdict(one) for one in found.refused],
    }
    return Content(dumps(body))


NOTHING: Mapping[str, object] = {
    "label": None,
    "period": {"start": None, "end": None},
    "subjects": [],
    "per_year": False,
    "expected": None,
    "forces": [],
    "summary": "None of the selected figures has a rate, which says nothing about what happened.",
}
"""A comparison of no rates."""


def _compared(session: Session, found: Selection) -> dict[str, Any]:
    compared = compare_rates(found.rates, found.names)
    first = found.rates[0]
    return {
        "label": compared.label,
        "period": {"start": first.figure.period.start, "end": first.figure.period.end},
        "subjects": sorted(first.figure.subjects),
        "per_year": first.per_year,
        "expected": _rounded(compared.expected),
        "forces": [
            _place(place, session.reference.forces[place.rate.figure.force].name) for place in compared.places
        ],
        "summary": compared.summary,
    }


def _rounded(number: float, digits: int = 6) -> int | float:
    """Round a number; whole ones get no decimal point."""
    return json_number(round(number, digits))


def _shown(found: Selection, rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {
        "numerator": rate.numerator,
        "denominator": {**asdict(rate.denominator), "value": json_number(rate.denominator.value)},
        "per": PER,
        "rate": _rounded(rate.rate),
        "per_year": rate.per_year,
        "years": _rounded(rate.years, 4),
        "interval": {
            "low": _rounded(low),
            "high": _rounded(high),
            "level": LEVEL,
            "method": METHOD,
        },
        "cautions": found.cautions(rate),
    }


def _rows(found: Selection) -> Iterator[dict[str, Any]]:
    for rate in found.rates:
        figure = rate.figure
        yield {
            "figure": figure.id,
            "force": figure.force,
            "force_name": found.names["force"][figure.force],
            **{name: getattr(figure, name) for name in ("kind", "allegation", "stage", "outcome", "unit")},
            "subjects": sorted(figure.subjects),
            "breakdown": figure.breakdown,
            "start": figure.period.start,
            "end": figure.period.end,
            **_shown(found, rate),
        }


def _place(place: Place, name: str) -> dict[str, Any]:
    rate = place.rate
    low, high = rate.interval
    limits = {"limits_95": place.limits_95, "limits_998": place.limits_998}
    return {
        "force": rate.figure.force,
        "name": name,
        "figure": rate.figure.id,
        "numerator": rate.numerator,
        "person_years": _rounded(rate.person_years, 2),
        "rate": _rounded(rate.rate),
        "interval": {
            "low": _rounded(low),
            "high": _rounded(high),
            "level": LEVEL,
            "method": METHOD,
        },
        **{key: {"low": _rounded(one.low), "high": _rounded(one.high)} for key, one in limits.items()},
        "position": {key: one.position(rate.rate) for key, one in limits.items()},
    }

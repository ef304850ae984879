"""How the addresses are described in the OpenAPI document."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from app.queries import INCIDENTS, PARAMETERS, Noun, Parameter
from app.schemas import FigureAnswer, IncidentAnswer, ListOfFigures, ListOfIncidents


def problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of an address; every one of them may find the database away."""
    return {
        status.value: {
            "description": status.phrase,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in (*statuses, HTTPStatus.SERVICE_UNAVAILABLE)
    }


def of_list(noun: Noun) -> dict[str, Any]:
    """Describe a list of records."""
    model = ListOfIncidents if noun is INCIDENTS else ListOfFigures
    return {
        "operation_id": f"list-{noun.name}",
        "summary": f"List {noun.name}",
        "response_model": None,
        "responses": {
            200: {
                "model": model,
                "description": "A page as JSON; the whole filtered set as CSV or JSON Lines.",
                "content": {
                    "text/csv": {"schema": {"type": "string"}},
                    "application/jsonl": {"schema": {"type": "string"}},
                },
            },
            **problems(HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY),
        },
        "openapi_extra": {"parameters": [parameter.openapi() for parameter in noun.parameters]},
    }


def of_reference_list(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """Describe a list of reference data."""
    return of_reference_one(name, model) | {
        "operation_id": f"list-{name}",
        "summary": f"List {name}",
        "openapi_extra": {"parameters": [PARAMETERS[name].openapi() for name in ("release", "format")]},
    }


def of_reference_one(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """Describe an address that takes a release and nothing else."""
    return {
        "operation_id": f"get-{name}",
        "summary": f"Get the {name}",
        "response_model": None,
        "responses": {200: {"model": model}, **problems(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)},
        "openapi_extra": {"parameters": [PARAMETERS["release"].openapi()]},
    }


def of_analysis(
    name: str, model: type[BaseModel], parameters: Sequence[Parameter], *statuses: HTTPStatus
) -> dict[str, Any]:
    """Describe what figures mean together."""
    return {
        "operation_id": f"get-{name}",
        "summary": f"Get the {name}",
        "response_model": None,
        "responses": {200: {"model": model}, **problems(*statuses, HTTPStatus.UNPROCESSABLE_ENTITY)},
        "openapi_extra": {"parameters": [parameter.openapi() for parameter in parameters]},
    }


def of_record(noun: Noun) -> dict[str, Any]:
    """Describe a record by its id."""
    return {
        "operation_id": f"get-{noun.name.removesuffix('s')}",
        "summary": f"Get one of the {noun.name}",
        "response_model": None,
        "responses": {
            200: {"model": IncidentAnswer if noun is INCIDENTS else FigureAnswer},
            **problems(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
        },
        "openapi_extra": {"parameters": [PARAMETERS["release"].openapi()]},
    }

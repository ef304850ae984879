"""Descriptions of endpoints in the OpenAPI document; `app.http.openapi` adds what they have in common."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import UnionType
from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from app.analysis.total import Code
from app.domain.fields import Id
from app.formats.citations import CITATION_FORMATS
from app.formats.lists import LABELS, LIST_FORMATS
from app.queries.errors import ParameterCode
from app.queries.parameters import INCIDENTS, PARAMETERS, RECORD_FORMAT, Parameter, Resource
from app.releases.rendering import Answer, FigureAnswer, IncidentAnswer
from app.routes.schemas import ListOfFigures, ListOfIncidents, ListOfRows

ComplaintId = Annotated[str, Path(description="Id of a complaint.", examples=["met-2012-2018-complaints"])]
ProceedingId = Annotated[
    str, Path(description="Id of a proceeding.", examples=["ew-2018-2021-misconduct-proceedings"])
]
OutcomeId = Annotated[str, Path(description="Id of an outcome.", examples=["met-2012-2018-complaints-upheld"])]
FigureId = Annotated[str, Path(description="Id of a figure.", examples=["met-2012-2018-complaints-upheld"])]
IncidentId = Annotated[str, Path(description="Id of an incident.", examples=["met-everard-vigil"])]
ForceId = Annotated[str, Path(description="Id of a force or area.", examples=["metropolitan"])]
SourceId = Annotated[str, Path(description="Id of a source.", examples=["wrp-2021-10"])]
Version = Annotated[str, Path(description="Version of a release.", examples=["1.0.0"])]

REFUSED = (HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.UNPROCESSABLE_ENTITY)
"""Statuses for wrong parameters, and for an `Accept` that can't be satisfied."""

MISSING = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS)
"""Statuses for the id of a record that doesn't exist, or no longer does."""

WHOLE_SETS: Mapping[str, Any] = {found.media_type: {"schema": found.schema} for found in LIST_FORMATS.values()}

CITATIONS: Mapping[str, Any] = {
    found.media_type: {"schema": {"type": found.json_type, "description": found.description}}
    for found in CITATION_FORMATS.values()
}


class ParameterErrorAnswer(Answer):
    """One thing that is wrong with a parameter, and what would be accepted."""

    model_config = ConfigDict(title="ParameterError")

    parameter: str = Field(description="The parameter's name, as given.")
    value: str = Field(description="Its value, as given; cut at 200 characters.")
    code: ParameterCode = Field(description="What is wrong; `/problems/{code}` explains it.")
    message: str = Field(description="An explanation in one sentence.")
    allowed: list[str] = Field(description="Accepted values, if they can be listed; at most 50.")
    nearest: list[str] = Field(description="What you may have meant, best match first.")


class ConflictAnswer(Answer):
    """Two figures that can't be added, or one that can't be part of this total."""

    model_config = ConfigDict(title="Conflict")

    a: Id = Field(description="A figure.")
    b: Id | None = Field(
        description="Another; `a` again if nothing can be added to it; null if it covers more than you asked for."
    )
    code: Code = Field(description="Why they can't be added.")
    message: str = Field(description="An explanation in one sentence.")


class ProblemAnswer(Answer):
    """An error, as problem details (RFC 9457)."""

    model_config = ConfigDict(title="Problem", json_schema_serialization_defaults_required=False)

    type: str = Field(description="Address of a page that explains this kind of error.")
    title: str = Field(description="The kind of error, in a few words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong with this request.")
    instance: str = Field(description="The path of the request.")
    errors: list[ParameterErrorAnswer] = Field(default=[], description="With 422: everything that is wrong.")
    nearest: list[str] = Field(default=[], description="With 404: what you may have meant.")
    elsewhere: str = Field(default="", description="With 404: where the record is, if it is of another kind.")
    available: list[str] = Field(default=[], description="With 406: what is available.")
    conflicts: list[ConflictAnswer] = Field(
        default=[], description="With 409: which figures can't be added, and why."
    )
    differ: dict[str, list[str]] = Field(
        default={},
        description="With 422 on `/v1/rates/comparison`: what the figures differ in, with the values of each.",
    )
    reason: str = Field(default="", description="With 410 and 451: why the record is gone.")
    release: str = Field(default="", description="With 410: the release that withdrew it.")
    limit: int = Field(default=0, description="With 422 `too-many-figures`: the maximum.")


def problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of an endpoint, always including 503."""
    return {
        status.value: {"model": ProblemAnswer} for status in sorted({*statuses, HTTPStatus.SERVICE_UNAVAILABLE})
    }


def of_answer(
    name: str,
    model: type[BaseModel] | UnionType,
    parameters: Iterable[Parameter],
    *statuses: HTTPStatus,
    described: str = "",
    content: Mapping[str, Any] = WHOLE_SETS,
) -> dict[str, Any]:
    """Describe an endpoint: its answer, its parameters and its errors.

    `described` says which forms the answer comes in, if it isn't always JSON; `content` describes the other forms.
    """
    verb = "list" if name.endswith("s") else "get"
    forms = {"description": described, "content": content} if described else {}
    return {
        "operation_id": f"{verb}-{name}",
        "response_model": None,
        "responses": {200: {"model": model, **forms}, **problems(*statuses, *REFUSED)},
        "openapi_extra": {"parameters": [parameter.openapi() for parameter in parameters]},
    }


def of_one(name: str, model: type[BaseModel], *statuses: HTTPStatus) -> dict[str, Any]:
    """Describe an endpoint whose only parameter is a release."""
    return of_answer(name, model, [PARAMETERS["release"]], *statuses)


def of_list(resource: Resource) -> dict[str, Any]:
    """Describe a list of records."""
    model = ListOfIncidents if resource is INCIDENTS else ListOfFigures
    described = f"A page as JSON, flat with `fields`; the whole filtered set as {LABELS}."
    parameters = resource.parameters.values()
    return of_answer(resource.name, model | ListOfRows, parameters, HTTPStatus.GONE, described=described)


def of_record(resource: Resource) -> dict[str, Any]:
    """Describe a single record, looked up by its id."""
    model = IncidentAnswer if resource is INCIDENTS else FigureAnswer
    return of_answer(
        resource.name.removesuffix("s"),
        model,
        [PARAMETERS["release"], RECORD_FORMAT],
        *MISSING,
        described="The record as JSON, or its citation.",
        content=CITATIONS,
    )


def of_rows(
    name: str, model: type[BaseModel], parameters: Iterable[Parameter], *statuses: HTTPStatus
) -> dict[str, Any]:
    """Describe an answer calculated from records and sent whole: as JSON, or as rows in the list formats."""
    return of_answer(name, model, parameters, *statuses, described=f"As JSON, or in rows as {LABELS}.")


def of_file(name: str, media_type: str, description: str) -> dict[str, Any]:
    """Describe an endpoint that answers with a binary file of a release."""
    return {
        "operation_id": f"get-{name}",
        "response_class": Response,
        "responses": {
            200: {
                "description": description,
                "content": {media_type: {"schema": {"contentMediaType": media_type}}},
            },
            **problems(*REFUSED),
        },
        "openapi_extra": {"parameters": [PARAMETERS["release"].openapi()]},
    }

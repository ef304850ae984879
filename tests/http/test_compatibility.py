"""Comparing OpenAPI documents finds breaking changes of v1."""

from copy import deepcopy
from typing import Any

import orjson
import pytest

from app.http.compatibility import breaking
from app.http.openapi import COMMITTED
from app.main import create_app

Body = dict[str, Any]


def changed(**parts: Any) -> Body:  # noqa: ANN401 - any JSON
    """Return a small document with parts of it changed."""
    facts = {
        "kept": "GET",
        "parameter": {"name": "unit", "in": "query", "schema": {"enum": ["case", "person"], "type": "string"}},
        "more": [],
        "field": {"type": "string", "enum": ["a", "b"]},
        "fields": {},
        "required": ["unit"],
        **parts,
    }
    parameters = [facts["parameter"], *facts["more"]] if facts["parameter"] else facts["more"]
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Figure"}}}
    responses = {"200": {"content": content}, **({"404": {}} if facts["kept"] else {})}
    properties = {**({"unit": facts["field"]} if facts["field"] else {}), **facts["fields"]}
    figure = {"type": "object", "properties": properties, "required": facts["required"]}
    operation = {"operationId": "list-figures", "parameters": parameters, "responses": responses}
    return {"paths": {"/v1/figures": {"get": operation}}, "components": {"schemas": {"Figure": figure}}}


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ({}, None),
        ({"more": [{"name": "force", "in": "query", "schema": {}}]}, None),
        ({"fields": {"note": {"type": "string"}}}, None),
        ({"field": {"type": "string", "enum": ["a", "b"], "description": "Explained better."}}, None),
        ({"parameter": {"name": "unit", "in": "query", "schema": {"type": "string"}}}, None),
        ({"parameter": None}, "unit"),
        ({"more": [{"name": "force", "in": "query", "required": True, "schema": {}}]}, "force"),
        ({"parameter": {"name": "unit", "in": "query", "required": True, "schema": {}}}, "unit"),
        ({"parameter": {"name": "unit", "in": "query", "schema": {"enum": ["case"], "type": "string"}}}, "person"),
        ({"parameter": {"name": "unit", "in": "query", "schema": {"type": "integer"}}}, "integer"),
        ({"field": None, "required": []}, "unit"),
        ({"required": []}, "unit"),
        ({"field": {"type": "integer"}}, "integer"),
        ({"field": {"type": "string", "enum": ["a"]}}, "b"),
        ({"field": {"type": "string", "enum": ["a", "b", "c"]}}, None),
    ],
)
def test_breaking_changes(new: Body, message: str | None) -> None:
    """Removing, restricting or retyping something is reported. Adding and explaining are not."""
    found = breaking(changed(), changed(**new))
    assert (found == []) is (message is None), found
    assert message is None or message in found[0]


def test_breaking_changes_of_operations() -> None:
    """A removed endpoint, a renamed operation or a removed media type is reported."""
    old = changed()
    new = deepcopy(old)
    del new["paths"]["/v1/figures"]
    assert breaking(old, new) == ["/v1/figures is gone"]
    for part in ("operationId", "responses"):
        new = deepcopy(old)
        new["paths"]["/v1/figures"]["get"][part] = "list" if part == "operationId" else {"404": {}}
        assert len(breaking(old, new)) == 1


def test_committed_document_is_compatible() -> None:
    """The program keeps every promise of the committed document."""
    document = create_app("postgresql://nobody@127.0.0.1:1/nothing", "").openapi()
    assert breaking(orjson.loads(COMMITTED.read_bytes()), document) == []

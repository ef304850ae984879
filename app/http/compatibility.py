"""Breaking changes between two OpenAPI documents of v1.

Endpoints, parameters, fields, words of closed lists and errors may be added. What clients rely on must stay: every
endpoint with its operation id, every parameter with its values, every field of an answer with its types and words.
"""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]


def breaking(old: Node, new: Node) -> list[str]:
    """Return the old document's promises that the new one breaks, one sentence each."""
    return [*_paths(old["paths"], new["paths"]), *_schemas(old["components"], new["components"])]


def _paths(old: Node, new: Node) -> Iterator[str]:
    for path, methods in old.items():
        for method, before in methods.items():
            after = new.get(path, {}).get(method)
            if after is None:
                yield f"{path} is gone"
                continue
            if before["operationId"] != after["operationId"]:
                yield f"{path}: the operation {before['operationId']} is now called {after['operationId']}"
            yield from _answers(path, before["responses"], after["responses"])
            yield from _parameters(path, before.get("parameters", []), after.get("parameters", []))


def _answers(path: str, old: Node, new: Node) -> Iterator[str]:
    before = old["200"].get("content", {})
    after = new.get("200", {}).get("content", {})
    for media_type, content in before.items():
        if media_type not in after:
            yield f"{path} no longer answers as {media_type}"
        elif _types(content["schema"]) != _types(after[media_type]["schema"]):
            yield f"{path} answers {media_type} with another schema"


def _parameters(path: str, old: list[Node], new: list[Node]) -> Iterator[str]:
    old_by_name = {parameter["name"]: parameter for parameter in old}
    new_by_name = {parameter["name"]: parameter for parameter in new}
    for name, parameter in new_by_name.items():
        if parameter.get("required") and not old_by_name.get(name, {}).get("required"):
            yield f"{path}: {name} is now required"
    for name, parameter in old_by_name.items():
        if name not in new_by_name:
            yield f"{path} no longer takes {name}"
            continue
        before, after = parameter["schema"], new_by_name[name]["schema"]
        if _types(before) != _types(after):
            yield f"{path}: {name} is now {', '.join(sorted(_types(after)))}"
        before, after = before.get("items", before), after.get("items", after)
        if "enum" in after and (lost := [word for word in before.get("enum", []) if word not in after["enum"]]):
            yield f"{path}: {name} no longer takes {', '.join(map(str, lost))}"


def _schemas(old: Node, new: Node) -> Iterator[str]:
    for name, before in old["schemas"].items():
        after = new["schemas"].get(name)
        if after is None:
            yield f"{name} is gone"
            continue
        yield from _words(name, before, after)
        for field, old_field in before.get("properties", {}).items():
            new_field = after.get("properties", {}).get(field)
            place = f"{name}.{field}"
            if new_field is None:
                yield f"{place} is gone"
                continue
            if field in before.get("required", []) and field not in after.get("required", []):
                yield f"{place} may now be missing"
            if more := _types(new_field) - _types(old_field):
                yield f"{place} may now be {', '.join(sorted(more))}"
            yield from _words(place, old_field, new_field)


def _words(place: str, old: Node, new: Node) -> Iterator[str]:
    before, after = old.get("items", old).get("enum", []), new.get("items", new).get("enum", [])
    if lost := [word for word in before if word not in after]:
        yield f"{place} no longer has {', '.join(map(str, lost))}"


def _types(schema: Node) -> frozenset[str]:
    """Return the types that a value may have; empty if the schema doesn't say."""
    if "$ref" in schema:
        return frozenset({schema["$ref"].rpartition("/")[2]})
    if "anyOf" in schema:
        return frozenset(type_ for one in schema["anyOf"] for type_ in _types(one))
    if schema.get("type") == "array":
        items = ", ".join(sorted(_types(schema.get("items", {}))))
        return frozenset({f"list of {items}"})
    if isinstance(schema.get("additionalProperties"), dict):
        return frozenset({f"object of {', '.join(sorted(_types(schema['additionalProperties'])))}"})
    return frozenset({schema["type"]} if "type" in schema else ())

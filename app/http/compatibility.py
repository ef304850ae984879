"""What a description of v1 has promised its clients, and what another would take back. Pure.

Adding is free: addresses, parameters, fields, words, errors. What clients may rest on stays: every address with its
operation's id, every parameter with the values that it takes, every field of every answer with its types and words.
"""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]


def breaking(old: Node, new: Node) -> list[str]:
    """Return what the old document promises and the new one does not, in sentences."""
    return [*_paths(old["paths"], new["paths"]), *_schemas(old["components"], new["components"])]


def _paths(old: Node, new: Node) -> Iterator[str]:
    for path, methods in old.items():
        for method, before in methods.items():
            after = new.get(path, {}).get(method)
            if after is None:
                yield f"{path} is gone"
                continue
            if before["operationId"] != after["operationId"]:
                yield f"{path}: the operation {before['operationId']} is called {after['operationId']}"
            yield from _answers(path, before["responses"], after["responses"])
            yield from _parameters(path, before.get("parameters", []), after.get("parameters", []))


def _answers(path: str, old: Node, new: Node) -> Iterator[str]:
    was = old["200"].get("content", {})
    now = new.get("200", {}).get("content", {})
    for media_type, content in was.items():
        if media_type not in now:
            yield f"{path} no longer answers as {media_type}"
        elif _shapes(content["schema"]) != _shapes(now[media_type]["schema"]):
            yield f"{path} answers {media_type} of another schema"


def _parameters(path: str, old: list[Node], new: list[Node]) -> Iterator[str]:
    were = {(one["in"], one["name"]): one for one in old}
    are = {(one["in"], one["name"]): one for one in new}
    for key, now in are.items():
        if now.get("required") and not were.get(key, {}).get("required"):
            yield f"{path}: {key[1]} is now required"
    for key, was in were.items():
        if key not in are:
            yield f"{path} no longer takes {key[1]}"
            continue
        before, after = was["schema"], are[key]["schema"]
        if _shapes(before) != _shapes(after):
            yield f"{path}: {key[1]} is now {', '.join(sorted(_shapes(after)))}"
        before, after = before.get("items", before), after.get("items", after)
        if "enum" in after and (lost := [word for word in before.get("enum", []) if word not in after["enum"]]):
            yield f"{path}: {key[1]} no longer takes {', '.join(map(str, lost))}"


def _schemas(old: Node, new: Node) -> Iterator[str]:
    for name, before in old["schemas"].items():
        after = new["schemas"].get(name)
        if after is None:
            yield f"{name} is gone"
            continue
        yield from _words(name, before, after)
        for field, was in before.get("properties", {}).items():
            now = after.get("properties", {}).get(field)
            place = f"{name}.{field}"
            if now is None:
                yield f"{place} is gone"
                continue
            if field in before.get("required", []) and field not in after.get("required", []):
                yield f"{place} may now be missing"
            if more := _shapes(now) - _shapes(was):
                yield f"{place} may now be {', '.join(sorted(more))}"
            yield from _words(place, was, now)


def _words(place: str, old: Node, new: Node) -> Iterator[str]:
    was, now = old.get("items", old).get("enum", []), new.get("items", new).get("enum", [])
    if lost := [word for word in was if word not in now]:
        yield f"{place} no longer has {', '.join(map(str, lost))}"


def _shapes(schema: Node) -> frozenset[str]:
    """Return the types that a value may have; an empty set says nothing of it."""
    if "$ref" in schema:
        return frozenset({schema["$ref"].rpartition("/")[2]})
    if "anyOf" in schema:
        return frozenset(shape for one in schema["anyOf"] for shape in _shapes(one))
    if schema.get("type") == "array":
        items = ", ".join(sorted(_shapes(schema.get("items", {}))))
        return frozenset({f"list of {items}"})
    if isinstance(schema.get("additionalProperties"), dict):
        return frozenset({f"object of {', '.join(sorted(_shapes(schema['additionalProperties'])))}"})
    return frozenset({schema["type"]} if "type" in schema else ())

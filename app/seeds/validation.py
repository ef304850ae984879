"""Turn seed values into models, and explain what is wrong with them in a curator's words."""

import re
from difflib import get_close_matches
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.domain.fields import PATTERNS, BrokenRulesError
from app.seeds.files import Node
from app.seeds.problems import Problem

Model = TypeVar("Model", bound=BaseModel)

MAX_SHOWN = 80
"""The longest value to show in a message."""

NEAR = 0.64
"""How similar a word must be to be suggested: "no-action" isn't meant by "sanctioned"."""

MEMBER = re.compile(r"<[\w.]+: ('[^']*')>")
"""A closed-list member as Pydantic shows it, capturing the value."""

DAY = "must be a day such as 2021-03-31"
TIME = "must be a time with a time zone, such as 2026-01-02T03:04:05Z"
WORDINGS = {
    "missing": "is missing",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must be {pattern}",
    "list_type": "must be a list",
    "too_short": "must not be empty",
    "dict_type": "must be a mapping of fields",
    "model_type": "must be a mapping of fields",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "date_type": DAY,
    "date_parsing": DAY,
    "date_from_datetime_parsing": DAY,
    "date_from_datetime_inexact": DAY,
    "datetime_type": TIME,
    "datetime_parsing": TIME,
    "datetime_from_date_parsing": TIME,
    "timezone_aware": TIME,
}
"""Pydantic's error types in a curator's words."""


def validate(model: type[Model], node: Node) -> tuple[Model | None, list[Problem]]:
    """Return the node as a model, or None and its problems."""
    try:
        return model.model_validate(node.value), []
    except ValidationError as error:
        return None, [problem for detail in error.errors() for problem in _problems(detail, model, node)]


def did_you_mean(word: str, known: list[str]) -> str:
    """Return a question that suggests the nearest known word, if there is one."""
    near = get_close_matches(word, known, 1, NEAR)
    return f"; did you mean {near[0]}?" if near else ""


def _problems(detail: ErrorDetails, model: type[BaseModel], node: Node) -> list[Problem]:
    place, context = detail["loc"], detail.get("ctx", {})
    if isinstance(rules := context.get("error"), BrokenRulesError):
        return [node.problem((*place, field), message) for field, message in rules.broken]
    return [node.problem(place, _message(detail, model))]


def _quotes(kind: str, found: object) -> str:
    """Return what to write instead, if a value only needs quotes, or no quotes."""
    if kind == "string_type" and isinstance(found, int | float) and not isinstance(found, bool):
        return f'write {found} in quotes: "{found}"'
    if kind == "int_type" and isinstance(found, str) and found.isdigit():
        return f"write {found} without quotes"
    return ""


def _message(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        names = [field.alias or name for name, field in model.model_fields.items()]
        return f"is not a field here{did_you_mean(str(detail['loc'][-1]), names)}"
    if kind == "string_pattern_mismatch":
        context = {"pattern": PATTERNS[context["pattern"]]}
    if "expected" in context:
        context = {**context, "expected": MEMBER.sub(r"\1", context["expected"])}
    if hint := _quotes(kind, detail["input"]):
        return hint
    message = WORDINGS[kind].format_map(context) if kind in WORDINGS else detail["msg"]
    found = "nothing" if detail["input"] is None else repr(detail["input"])
    return message if kind == "missing" or len(found) > MAX_SHOWN else f"{message}; found {found}"

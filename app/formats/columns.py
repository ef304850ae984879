"""Columns of tabular formats: a record's fields flattened, and the text of each cell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

import orjson
from pydantic import BaseModel

from app.releases.rendering import FigureAnswer, IncidentAnswer

FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
"""Characters that make a spreadsheet run a cell as a formula, full-width ones included (OWASP, CSV injection)."""


@dataclass(frozen=True)
class Column:
    """A column: its header and the field shown in its cells."""

    header: str
    path: tuple[str, ...]
    """Field names, from the record down to a field of a nested object."""
    is_json: bool
    """Whether cells are JSON, because the field is a list of objects."""

    def value(self, record: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any field of a record
        """Return the value of a record's cell; None if an outer object is null."""
        value: Any = record
        for name in self.path:
            value = None if value is None else value[name]
        return value


def columns(model: type[BaseModel]) -> list[Column]:
    """Return the columns of a model in the order of its fields.

    A nested object becomes one column for each of its fields, named `outer_inner`.
    """
    return list(_columns(model, ()))


def plain_columns(*headers: str) -> list[Column]:
    """Return columns for top-level fields, each named after its field."""
    return [Column(header, (header,), is_json=False) for header in headers]


def _columns(model: type[BaseModel], outer: tuple[str, ...]) -> Iterator[Column]:
    for name, field in model.model_fields.items():
        path = (*outer, name)
        annotation = _without_null(field.annotation)
        if _is_model(annotation):
            yield from _columns(annotation, path)
        else:
            is_json = get_origin(annotation) is list and _is_model(get_args(annotation)[0])
            yield Column("_".join(path), path, is_json)


def _without_null(annotation: Any) -> Any:  # noqa: ANN401 - any type a field may have
    """Return the type of an optional field without `None`."""
    if get_origin(annotation) in {Union, UnionType}:
        options = [option for option in get_args(annotation) if option is not type(None)]
        return options[0] if len(options) == 1 else annotation
    return annotation


def _is_model(annotation: Any) -> bool:  # noqa: ANN401 - any type a field may have
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


FIGURE_COLUMNS = columns(FigureAnswer)
INCIDENT_COLUMNS = columns(IncidentAnswer)


def cell(column: Column, record: Mapping[str, Any]) -> str:
    """Return the text of a cell; empty for null.

    Text that a spreadsheet would run as a formula is made safe; numbers are left alone.
    """
    value = column.value(record)
    if value is None:
        return ""
    text = text_of(column, value)
    return text if column.is_json or isinstance(value, bool | int | float) else without_formula(text)


def text_of(column: Column, value: Any) -> str:  # noqa: ANN401 - any field of a record
    """Return a value as text. Lists, and the `key=value` pairs of mappings, are joined with `|`."""
    if column.is_json or isinstance(value, bool | int | float):
        return orjson.dumps(value).decode()
    if isinstance(value, dict):
        value = [f"{key}={item}" for key, item in value.items()]
    return value if isinstance(value, str) else "|".join(map(_escaped, value))


def _escaped(item: str) -> str:
    """Escape a list item, so that the list can be split again."""
    return item.replace("\\", "\\\\").replace("|", "\\|")


def without_formula(text: str) -> str:
    """Return text that spreadsheets won't run: put an apostrophe before a formula.

    If there are already apostrophes before it, add one more, so that removing one restores the original.
    """
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text

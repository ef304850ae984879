"""docs/glossary.md: it explains every field, CSV column, parameter and path of the API, and nothing else."""

import re
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel

from app.formats.columns import FIGURE_COLUMNS, INCIDENT_COLUMNS
from app.formats.resources import CodeAnswer, ForceAnswer, HeadcountAnswer, SourceAnswer
from app.main import create_app
from app.queries.fields import DERIVED
from app.queries.parameters import PARAMETERS
from app.releases.rendering import FigureAnswer, IncidentAnswer
from app.routes.schemas import (
    CellAnswer,
    ComparisonAnswer,
    ListLinks,
    ListMeta,
    ListOfFigures,
    ReasonAnswer,
    TotalAnswer,
    TreeAnswer,
    TreeNode,
    WarningAnswer,
)
from app.settings import PROJECT
from tests.docs.markdown import code_words, rows, section

GLOSSARY = (PROJECT / "docs" / "glossary.md").read_text("utf-8")

ANSWERS: list[type[BaseModel]] = [
    *(
        FigureAnswer,
        IncidentAnswer,
        ForceAnswer,
        HeadcountAnswer,
        SourceAnswer,
        CodeAnswer,
        ListOfFigures,
        ListMeta,
        ListLinks,
    ),
    *(WarningAnswer, TreeAnswer, TreeNode, ComparisonAnswer, ReasonAnswer, TotalAnswer, CellAnswer),
]
COLUMNS = {column.header for column in (*FIGURE_COLUMNS, *INCIDENT_COLUMNS)}
OF_ERRORS = {"conflicts"}
"""Fields that none of these models has: a refused sum is a problem document."""


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models in a type annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def fields_of(model: type[BaseModel]) -> Iterator[str]:
    """Yield the names of a model's fields, including nested ones."""
    for name, field in model.model_fields.items():
        yield name
        for nested in models_in(field.annotation):
            if nested is not model:
                yield from fields_of(nested)


def fields() -> set[str]:
    """Return the name of every field in records, reference data and answers."""
    return {name for model in ANSWERS for name in fields_of(model)}


def test_every_field_is_explained() -> None:
    """Every field in records and answers is in the glossary."""
    assert fields() - set(code_words(GLOSSARY)) == set()


def test_every_column_is_explained() -> None:
    """Every CSV header is in the table of fields, next to the field it comes from."""
    table = rows(section(GLOSSARY, "## Record fields"))
    assert {word for row in table for word in code_words(row[1])} == COLUMNS
    for names, columns, _ in table:
        outer, _, inner = names.partition(":")
        stem = code_words(outer)[0]
        if code_words(columns) != [stem]:
            nested = [f"{stem}_{name}" for name in code_words(inner)]
            assert code_words(columns) == (nested or code_words(outer))


def test_every_derived_column_is_explained() -> None:
    """The table of columns for `fields` has every derived column and no others."""
    table = rows(section(GLOSSARY, "## Columns for `fields`"))
    assert {word for row in table for word in code_words(row[0])} == set(DERIVED)


def test_every_parameter_is_explained() -> None:
    """The table of parameters has every query parameter and no others."""
    table = rows(section(GLOSSARY, "## Parameters"))
    assert sorted(word for row in table for word in code_words(row[0])) == sorted(PARAMETERS)


def test_every_path_is_explained() -> None:
    """Every resource under /v1 has an entry, and every path in the glossary exists."""
    paths = {path for path in create_app("postgresql://", "").openapi()["paths"] if path.startswith("/v1/")}
    named = {word for word in code_words(GLOSSARY) if word.startswith("/v1/")}
    assert named <= paths
    assert {path.split("/")[2] for path in paths if "." not in path} == {path.split("/")[2] for path in named}


def test_no_other_words_are_explained() -> None:
    """Every code word in the glossary is a field, a column, a parameter or a path."""
    known = fields() | COLUMNS | set(DERIVED) | set(PARAMETERS) | OF_ERRORS
    others = {word for word in code_words(GLOSSARY) if not re.match(r"/v1/|_$", word)}
    assert others - known == set()


def test_each_term_is_explained_once() -> None:
    """No term has two entries, and each entry is a sentence."""
    table = rows(section(GLOSSARY, "## Terms"))
    terms = [row[0] for row in table]
    assert len(terms) == len(set(terms))
    assert all(row[1].endswith(".") for row in table)

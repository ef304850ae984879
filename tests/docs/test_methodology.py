"""The methodology and the glossary: what they say is what the program does, word for word."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel

from app.analysis import total
from app.analysis.compare import RULES
from app.domain.records import Dataset, Evidence, Figure
from app.domain.vocabulary import CLOSED_LISTS, EvidenceRole
from app.formats.columns import FIGURE_COLUMNS, INCIDENT_COLUMNS
from app.formats.resources import CodeAnswer, ForceAnswer, SourceAnswer
from app.main import create_app
from app.queries.parameters import PARAMETERS
from app.releases.rendering import FigureAnswer, IncidentAnswer
from app.routes.schemas import (
    Caveat,
    CellAnswer,
    ComparisonAnswer,
    ListLinks,
    ListMeta,
    ListOfFigures,
    ReasonAnswer,
    TotalAnswer,
    TreeAnswer,
    TreeNode,
)
from app.seeds.reading import read
from app.settings import PROJECT

METHODOLOGY = (PROJECT / "docs" / "methodology.md").read_text(encoding="utf-8")
GLOSSARY = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
TESTS = {
    path.relative_to(PROJECT / "tests").as_posix(): path.read_text(encoding="utf-8")
    for path in (PROJECT / "tests").rglob("test_*.py")
}
OTHER_TESTS = "\n".join(text for name, text in TESTS.items() if not name.endswith("/test_methodology.py"))

ADDITION_CODES = get_args(total.Code)
WARNING_CODES = get_args(Caveat.model_fields["code"].annotation)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Return the project's own dataset."""
    return read(PROJECT / "seeds")[0]


def section(page: str, heading: str) -> str:
    """Return what stands below a heading of a page, up to the next one of its rank."""
    rank = heading.split(" ", maxsplit=1)[0]
    _, found, rest = page.partition(f"\n{heading}\n")
    assert found, heading
    return re.split(rf"\n#{{1,{len(rank)}}} ", rest)[0]


def rows(text: str) -> list[list[str]]:
    """Return the rows of the tables in a text, without their heads."""
    lines = text.splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("| ") and not after.startswith("|---")
    ]


def words(text: str) -> list[str]:
    """Return the words that a text sets apart as the program's own."""
    return re.findall(r"`([^`]+)`", text)


def test_rules_of_comparison() -> None:
    """The table has every rule of the program, in its order, with its aspect and its effect, and a line on it."""
    table = rows(section(METHODOLOGY, "## When two figures may stand side by side"))
    assert [[cell.strip("`") for cell in row[:3]] for row in table] == [
        [rule.name, rule.aspect, rule.effect] for rule in RULES
    ]
    assert all(row[3].endswith(".") for row in table)


def test_codes_of_addition() -> None:
    """The table has every code with which a sum is refused, and no other."""
    table = rows(section(METHODOLOGY, "## What may be added"))
    assert sorted(row[0].strip("`") for row in table) == sorted(ADDITION_CODES)


def test_codes_of_warnings() -> None:
    """The table has every warning, in its order."""
    table = rows(section(METHODOLOGY, "## What a list warns of"))
    assert [row[0].strip("`") for row in table] == list(WARNING_CODES)


@pytest.mark.parametrize("name", [*(rule.name for rule in RULES), *ADDITION_CODES, *WARNING_CODES])
def test_every_name_has_a_test(name: str) -> None:
    """A rule that the page names is named in the source of a test as well."""
    assert f'"{name}"' in OTHER_TESTS


@pytest.mark.parametrize(
    ("heading", "tree"), [("### Allegations", "allegation"), ("### Stages", "stage"), ("### Outcomes", "outcome")]
)
def test_code_trees(dataset: Dataset, heading: str, tree: str) -> None:
    """Each tree stands in the page as in the seeds: codes, the wider ones, definitions."""
    table = [[cell.strip("`") for cell in row] for row in rows(section(METHODOLOGY, heading))]
    assert table == [[code.id, code.parent or "", code.definition] for code in getattr(dataset.codes, tree)]


def test_breakdowns(dataset: Dataset) -> None:
    """So do the breakdowns."""
    table = [[cell.strip("`") for cell in row] for row in rows(section(METHODOLOGY, "### Breakdowns"))]
    assert table == [[part.dimension, part.id, part.definition] for part in dataset.codes.breakdown]


@pytest.mark.parametrize("name", CLOSED_LISTS)
def test_closed_lists(name: str) -> None:
    """And the closed lists: every word with its meaning, in its order."""
    headings = re.findall(rf"^### `{name}`.*$", METHODOLOGY, re.MULTILINE)
    assert len(headings) == 1
    table = [[row[0].strip("`"), row[1]] for row in rows(section(METHODOLOGY, headings[0]))]
    assert table == [[str(term), term.definition] for term in CLOSED_LISTS[name]]


def test_what_the_law_says_is_of_words_that_there_are(dataset: Dataset) -> None:
    """A word set apart in the table of the law is a code or a word of a closed list."""
    known = {code.id for tree in ("allegation", "stage", "outcome") for code in getattr(dataset.codes, tree)}
    known |= {str(term) for terms in CLOSED_LISTS.values() for term in terms}
    table = rows(section(METHODOLOGY, "### What the law says of them"))
    assert {word for row in table for word in words(row[0])} <= known
    assert all(row[2] for row in table)


def test_what_is_never_done_is_held() -> None:
    """Each thing that is never done is held by a test, and that test is there."""
    for _, held_by in rows(section(METHODOLOGY, "## What is never done")):
        (place,) = words(held_by)
        file, _, name = place.removeprefix("tests/").partition("::")
        assert re.search(rf"^(async )?def {name}\(", TESTS[file], re.MULTILINE), place


def test_fields_of_a_figure() -> None:
    """The table of fields has every field of a figure, in its order."""
    table = rows(section(METHODOLOGY, "## The fields of a figure"))
    named = [word for row in table for word in words(row[0])]
    assert set(named) == set(FigureAnswer.model_fields)
    assert len(named) == len(FigureAnswer.model_fields)


# --- what is never done ------------------------------------------------------------------------------------


def test_no_number_without_a_passage(dataset: Dataset) -> None:
    """Every number was printed, so none is a complement, a sum or a zero of ours."""
    for record in dataset.records:
        if isinstance(record, Figure):
            (first,) = [passage for passage in record.evidence if passage.role is EvidenceRole.STATES]
            assert (first.as_printed is None) == (record.value is None)
            assert first.located


def test_others_never_correct(dataset: Dataset) -> None:
    """What another source says of a record stands in its evidence, in words of ours, never in its place."""
    held = {source.id for source in dataset.sources if source.file is not None}
    for record in dataset.records:
        for passage in record.evidence:
            own = passage.role in {EvidenceRole.STATES, EvidenceRole.REPEATS}
            assert passage.source in held if own else passage.note


def test_evidence_carries_no_text(dataset: Dataset) -> None:
    """Evidence is places and digests; all that it takes from a source is a number of a few characters."""
    assert set(Evidence.model_fields) == {
        *("source", "role", "as_printed", "paragraph", "start", "end", "sha256", "note"),
    }
    for record in dataset.records:
        for passage in record.evidence:
            assert passage.as_printed is None or len(passage.as_printed.split()) <= 4


# --- the glossary ------------------------------------------------------------------------------------------

ANSWERS: list[type[BaseModel]] = [
    *(FigureAnswer, IncidentAnswer, ForceAnswer, SourceAnswer, CodeAnswer, ListOfFigures, ListMeta, ListLinks),
    *(Caveat, TreeAnswer, TreeNode, ComparisonAnswer, ReasonAnswer, TotalAnswer, CellAnswer),
]
COLUMNS = {column.header for column in (*FIGURE_COLUMNS, *INCIDENT_COLUMNS)}
OF_ERRORS = {"conflicts"}
"""Words of answers that no model declares: a refused sum is an error."""


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def fields_of(model: type[BaseModel]) -> Iterator[str]:
    """Yield the names of a model's fields and of those nested in them."""
    for name, field in model.model_fields.items():
        yield name
        for below in models_in(field.annotation):
            if below is not model:
                yield from fields_of(below)


def fields() -> set[str]:
    """Return the name of every field of records, reference data and answers."""
    return {name for model in ANSWERS for name in fields_of(model)}


def test_glossary_has_every_field() -> None:
    """Whatever field a client meets in a record or an answer is in the glossary."""
    assert fields() - set(words(GLOSSARY)) == set()


def test_glossary_has_every_column() -> None:
    """Every CSV header is in the table of fields, once for each field that makes it."""
    table = rows(section(GLOSSARY, "## The fields of records"))
    assert {word for row in table for word in words(row[1])} == COLUMNS
    for names, columns, _ in table:
        outer, _, inner = names.partition(":")
        stem = words(outer)[0]
        if words(columns) != [stem]:
            assert words(columns) == ([f"{stem}_{name}" for name in words(inner)] or words(outer))


def test_glossary_has_every_parameter() -> None:
    """Every query parameter is in the table of parameters, and no other."""
    table = rows(section(GLOSSARY, "## The parameters"))
    assert sorted(word for row in table for word in words(row[0])) == sorted(PARAMETERS)


def test_glossary_has_every_path() -> None:
    """Every noun under /v1 is a word of the glossary, and every path that it gives is one."""
    paths = {path for path in create_app("postgresql://", "").openapi()["paths"] if path.startswith("/v1/")}
    given = {word for word in words(GLOSSARY) if word.startswith("/v1/")}
    assert given <= paths
    nouns = {path.split("/")[2] for path in paths if "." not in path}
    assert nouns == {path.split("/")[2] for path in given}


def test_glossary_has_no_other_words() -> None:
    """A word that the glossary sets apart is a word of the program."""
    known = fields() | COLUMNS | set(PARAMETERS) | OF_ERRORS
    apart = {word for word in words(GLOSSARY) if not re.match(r"/v1/|tests/|_$", word)}
    assert apart - known == set()


def test_each_thing_is_explained_once() -> None:
    """No thing of the glossary has two entries, and each entry is a sentence."""
    things = [row[0] for row in rows(section(GLOSSARY, "## The things"))]
    assert len(things) == len(set(things))
    assert all(row[1].endswith(".") for row in rows(section(GLOSSARY, "## The things")))

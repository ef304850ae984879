"""docs/methodology.md: its tables match the program, and everything it rules out has a test."""

import re
from typing import get_args

import pytest

from app.analysis import total
from app.analysis.comparison_rules import RULES
from app.domain.dataset import Dataset
from app.domain.records import Evidence, Figure
from app.domain.vocabulary import CLOSED_LISTS, EvidenceRole
from app.releases.rendering import FigureAnswer
from app.routes.schemas import WarningAnswer
from app.settings import PROJECT
from tests.docs.markdown import code_words, rows, section
from tests.real_seeds import real_seeds

METHODOLOGY = (PROJECT / "docs" / "methodology.md").read_text("utf-8")
TESTS = {
    path.relative_to(PROJECT / "tests").as_posix(): path.read_text("utf-8")
    for path in (PROJECT / "tests").rglob("test_*.py")
}
OTHER_TESTS = "\n".join(text for name, text in TESTS.items() if not name.startswith("docs/"))

TOTAL_CODES = get_args(total.Code)
WARNING_CODES = get_args(WarningAnswer.model_fields["code"].annotation)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Return the project's own dataset."""
    return real_seeds().dataset


def table(heading: str) -> list[list[str]]:
    """Return the table rows below a heading, without code marks around cells that are a single code word."""
    return [[re.sub(r"^`([^`]*)`$", r"\1", cell) for cell in row] for row in rows(section(METHODOLOGY, heading))]


def test_rules_of_comparison() -> None:
    """The table has every rule in the program's order, with its aspect, effect and explanation."""
    found = table("## Comparing two figures")
    assert [row[:3] for row in found] == [[rule.name, rule.aspect, rule.effect] for rule in RULES]
    assert all(row[3].endswith(".") for row in found)


def test_codes_of_total() -> None:
    """The table has every code for refusing a sum and no others."""
    assert sorted(row[0] for row in table("## Adding figures")) == sorted(TOTAL_CODES)


def test_codes_of_warnings() -> None:
    """The table has every warning, in the program's order."""
    assert [row[0] for row in table("## Warnings on lists")] == list(WARNING_CODES)


@pytest.mark.parametrize("name", [*(rule.name for rule in RULES), *TOTAL_CODES, *WARNING_CODES])
def test_every_rule_has_a_test(name: str) -> None:
    """Every rule and code on the page appears in a test outside this folder."""
    assert f'"{name}"' in OTHER_TESTS


@pytest.mark.parametrize(
    ("heading", "tree"), [("### Allegations", "allegation"), ("### Stages", "stage"), ("### Outcomes", "outcome")]
)
def test_code_trees(dataset: Dataset, heading: str, tree: str) -> None:
    """Each tree is the same as in the seeds: codes, parents and definitions."""
    assert table(heading) == [
        [code.id, code.parent or "", code.definition] for code in getattr(dataset.codes, tree)
    ]


def test_breakdowns(dataset: Dataset) -> None:
    """The breakdowns are the same as in the seeds."""
    assert table("### Breakdowns") == [
        [part.dimension, part.id, part.definition] for part in dataset.codes.breakdown
    ]


@pytest.mark.parametrize("name", CLOSED_LISTS)
def test_closed_lists(name: str) -> None:
    """Each closed list has every value with its meaning, in the program's order."""
    (heading,) = re.findall(rf"^### `{name}`.*$", METHODOLOGY, re.MULTILINE)
    assert table(heading) == [[str(term), term.definition] for term in CLOSED_LISTS[name]]


def test_legal_meanings_are_of_existing_words(dataset: Dataset) -> None:
    """Every code word in the table of legal meanings exists, and has its law."""
    known = {code.id for tree in ("allegation", "stage", "outcome") for code in getattr(dataset.codes, tree)}
    known |= {str(term) for terms in CLOSED_LISTS.values() for term in terms}
    found = rows(section(METHODOLOGY, "### Legal meanings"))
    assert {word for row in found for word in code_words(row[0])} <= known
    assert all(row[2] for row in found)


def test_what_is_never_done_has_a_test() -> None:
    """The test named for each thing we never do exists."""
    for _, place in table("## What is never done"):
        file, _, name = place.removeprefix("tests/").partition("::")
        assert re.search(rf"^(async )?def {name}\(", TESTS[file], re.MULTILINE), place


def test_fields_of_a_figure() -> None:
    """The table has every field of a figure, once."""
    named = [word for row in rows(section(METHODOLOGY, "## The fields of a figure")) for word in code_words(row[0])]
    assert sorted(named) == sorted(FigureAnswer.model_fields)


# --- what we never do --------------------------------------------------------------------------------------


def test_no_number_without_a_passage(dataset: Dataset) -> None:
    """Every number in the seeds was printed, so none is a remainder, a sum or an invented zero."""
    for record in dataset.records:
        if isinstance(record, Figure):
            (first,) = [passage for passage in record.evidence if passage.role is EvidenceRole.STATES]
            assert (first.as_printed is None) == (record.value is None)
            assert first.located


def test_others_never_correct(dataset: Dataset) -> None:
    """What another source says about a record is evidence with our note; it never replaces the record."""
    held = {source.id for source in dataset.sources if source.file is not None}
    for record in dataset.records:
        for passage in record.evidence:
            own = passage.role in {EvidenceRole.STATES, EvidenceRole.REPEATS}
            assert passage.source in held if own else passage.note


def test_evidence_carries_no_text(dataset: Dataset) -> None:
    """Evidence has positions and digests; the only source text it keeps is a number of a few words."""
    assert set(Evidence.model_fields) == {
        *("source", "origin", "role", "on", "as_printed", "qualifier_printed"),
        *("paragraph", "start", "end", "sha256", "note"),
    }
    for record in dataset.records:
        for passage in record.evidence:
            assert passage.as_printed is None or len(passage.as_printed.split()) <= 4

"""Seed files that can't be read: missing, too large, wrong encoding, wrong columns."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.seeds.files import MAX_FILE_BYTES, Node, read_csv, read_yaml
from app.seeds.problems import Problem, SeedError

COLUMNS = ["id", "name"]


def problem_of(path: Path) -> Problem:
    """Return the only problem of a file that can't be read."""
    with pytest.raises(SeedError) as caught:
        read_csv(path, COLUMNS) if path.suffix == ".csv" else read_yaml(path)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("title: Müller".encode("latin-1"), 0, "is not UTF-8 at byte 8"),
        ("title: a".encode("utf-16"), 0, "is not UTF-8 at byte 0"),
        (b"# " + b"x" * MAX_FILE_BYTES, 0, f"has {MAX_FILE_BYTES + 2} bytes; at most {MAX_FILE_BYTES} are allowed"),
        (b"title: a\ntitle: b\n", 2, "is not valid YAML: duplicate key 'title'"),
    ],
    ids=["latin-1", "utf-16", "too large", "not YAML"],
)
def test_a_file_that_is_no_text_has_one_problem(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    """A file in another encoding, or far too large, is refused before it is parsed."""
    path = tmp_path / "file.yaml"
    path.write_bytes(content)
    assert problem_of(path) == Problem("file.yaml", line, "", "", message)


def test_a_file_that_is_not_there_has_one_problem(tmp_path: Path) -> None:
    """A missing file is one problem that names the file."""
    assert str(problem_of(tmp_path / "file.yaml")) == "file.yaml: cannot be read: No such file or directory"


def test_rows_have_their_lines(tmp_path: Path) -> None:
    """A row has the number of its last line; an empty cell is None."""
    path = tmp_path / "file.csv"
    path.write_text('id,name\na,\nb,"two\nlines"\n')
    assert [(node.value, node.line()) for node in read_csv(path, COLUMNS)] == [
        ({"id": "a", "name": None}, 2),
        ({"id": "b", "name": "two\nlines"}, 4),
    ]


@pytest.fixture
def usual_limit() -> Iterator[None]:
    """Set the usual limit for CSV cells, which a library in other tests raises."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("usual_limit")
@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "the first line must be id,name"),
        ("id,title\na,b\n", 1, "the first line must be id,name"),
        ("id,name\na,b,c\n", 2, "has 3 cells; the header has 2"),
        ("id,name\n\n", 2, "has 0 cells; the header has 2"),
        ("id,name\n" + "x" * 200_000, 2, "is not CSV: field larger than field limit (131072)"),
        ("x" * 200_000, 1, "is not CSV: field larger than field limit (131072)"),
    ],
)
def test_rows_that_do_not_fit_are_reported(tmp_path: Path, text: str, line: int, message: str) -> None:
    """Wrong columns, rows of the wrong length and cells that are too long are reported with their line."""
    path = tmp_path / "file.csv"
    path.write_text(text)
    assert problem_of(path) == Problem("file.csv", line, "", "", message)


def test_a_node_knows_the_nearest_line() -> None:
    """A place without its own line, such as a missing field, has the line of what contains it."""
    node = Node(
        "file.yaml", {"id": "a", "period": {}}, {("records", 0): 3, ("records", 0, "period"): 5}, ("records", 0)
    )
    assert (node.record, node.where) == ("a", "file.yaml:3")
    assert [node.line(place) for place in ((), ("unit",), ("period",), ("period", "start"))] == [3, 3, 5, 5]
    assert node.at("period") == Node("file.yaml", {}, node.lines, ("records", 0, "period"))
    assert node.at("unit").value is None
    assert list(node.entries()) == []

"""The real table against its held file: every cell agrees, and a changed one is named."""

import hashlib
from pathlib import Path

import pytest

from app.domain.records import Figure
from app.evidence.table_check import check_table
from app.evidence.tables import Table, read_number, read_rows
from app.evidence.texts import HeldText
from app.evidence.verify import verify
from app.settings import PROJECT
from tests.real_seeds import real_seeds

SOURCE = "bbc-shared-data-unit-2022-02"
FOLDER = PROJECT.parent / "shared" / "data"


@pytest.fixture
def held() -> Path:
    """Return the path of the held table; skip if it isn't on this machine."""
    (source,) = (one for one in real_seeds().dataset.sources if one.id == SOURCE)
    path = FOLDER / (source.file or "")
    if not path.exists():
        pytest.skip("the table is not on this machine, so it can't be verified")
    return path


def table() -> Table:
    """Return the table's declaration from the seeds."""
    return real_seeds().tables[SOURCE]


def figures() -> list[Figure]:
    """Return the table's figures."""
    return [
        one for one in real_seeds().dataset.records if isinstance(one, Figure) and one.evidence[0].source == SOURCE
    ]


def mismatches(text: str) -> list[str]:
    """Return the differences between the seeds and a text of the table."""
    found = HeldText("table.csv")
    check_table(found, [line for line in text.splitlines() if line], table(), [])
    return [one.what for one in found.mismatches]


def test_the_real_table_agrees_with_its_file(held: Path) -> None:
    """Every passage and cell of the table matches the file."""
    seeds = real_seeds()
    report = verify(seeds.dataset, seeds.ledgers, held.parent, seeds.tables)
    assert report.problems == []
    (result,) = (one for one in report.sources if one.source == SOURCE)
    assert (str(result.state), result.passages) == ("verified", 38 * 19)


def test_any_one_changed_cell_is_named(held: Path) -> None:
    """If any of the 722 cells changes, it's reported by row and column."""
    lines = held.read_text("utf-8").splitlines()
    header = lines[0].split(",")
    for number, line in enumerate(lines[1:], 1):
        cells = line.split(",")
        for place, column in enumerate(header[1:], 1):
            changed = [*cells[:place], f"{cells[place]}1", *cells[place + 1 :]]
            text = "\n".join([*lines[:number], ",".join(changed), *lines[number + 1 :]])
            assert f"row {cells[0]}, column {column}" in mismatches(text)


def test_the_records_are_the_cells(held: Path) -> None:
    """Read independently, the file has the same values and positions as the records."""
    lines = held.read_text("utf-8").splitlines()
    found = {(one.evidence[0].paragraph, one.evidence[0].start): one for one in figures()}
    for number, line in enumerate(lines[1:39], 2):
        cells = line.split(",")
        for place in range(1, 20):
            start = len(",".join(cells[:place])) + 1
            figure = found.pop((number, start))
            assert figure.value == (0 if cells[place] == "no" else int(cells[place]))
            assert figure.evidence[0].as_printed == cells[place]
            assert figure.evidence[0].sha256 == hashlib.sha256(cells[place].encode()).hexdigest()
    assert not found


def test_forces_without_a_row_have_no_record() -> None:
    """Five territorial forces and the British Transport Police aren't in the table, and don't count as 0."""
    forces = {one.force for one in figures()}
    assert len(forces) == 38
    missing = {
        "dyfed-powys",
        "gloucestershire",
        "humberside",
        "lancashire",
        "lincolnshire",
        "british-transport-police",
    }
    assert forces.isdisjoint(missing)


def test_row_sums_are_those_of_the_notes() -> None:
    """The row sums match those that the source's note compares with the published national figures."""
    sums = {
        column: sum(int(one.value or 0) for one in figures() if one.id.endswith(f"-{column}"))
        for column in ("cases", "case-to-answer-officers", "case-to-answer-staff")
    }
    assert list(sums.values()) == [179, 242, 59]


@pytest.mark.parametrize(
    ("text", "decimal", "printed", "value", "is_percent"),
    [
        ("12", ".", "12", 12, False),
        ("1,234.5", ".", "1,234.5", 1234.5, False),
        ("1 234", ",", "1 234", 1234, False),
        ("1.234,5", ",", "1.234,5", 1234.5, False),
        ("12,5 %", ",", "12,5", 12.5, True),
        ("12.5%", ".", "12.5", 12.5, True),
        ("\u22123", ".", "\u22123", -3, False),
    ],
)
def test_numbers_in_cells(text: str, decimal: str, printed: str, value: float, is_percent: bool) -> None:  # noqa: FBT001 - a column of the table above
    """Thousands, decimals and per cent are read as the table writes them."""
    assert read_number(text, decimal) == (printed, value, is_percent)  # type: ignore[arg-type] # one of two words


@pytest.mark.parametrize("text", ["", "no", "12*", "1,2,3", "12 34", "1O", "12..", "%", "\u0663"])
def test_other_cells_are_no_numbers(text: str) -> None:
    """A cell is a number only as a whole."""
    assert read_number(text, ".") is None


def test_rows_keep_their_places() -> None:
    """Positions are right despite quotes, empty cells, blanks, line breaks inside cells and a byte order mark."""
    text = '\ufeffa;"b ""c"""\n\n"li\nne"; 12 ;\n;;x'
    rows = read_rows(text, ";")
    assert [row.cells for row in rows] == [["a", 'b ""c""'], ["li\nne", "12", ""], ["", "", "x"]]
    assert [(row.paragraph, row.starts) for row in rows] == [(1, [1, 4]), (3, [0, 5, 9]), (4, [0, 1, 2])]

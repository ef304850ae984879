"""Tables in seed files: each cell becomes a record, and each mistake is reported by row and column."""

from pathlib import Path
from typing import NamedTuple

import pytest

from app.domain.records import Figure
from app.domain.vocabulary import Kind
from app.evidence.passages import digest, paragraphs
from app.evidence.verify import verify
from app.seeds.files import read_yaml
from app.seeds.reading import Seeds, read
from tests.seed_files import replace
from tests.seeds.made_up_article import REFERENCE_DATA, line_of, only, problems
from tests.seeds.made_up_table import DECLARATION, FILE, HELD, TABLE, TEXT, rows


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return the made-up table in a folder of seeds that a test may change."""
    for name, text in REFERENCE_DATA.items():
        (tmp_path / name).write_text(text)
    (tmp_path / TABLE).write_text(TEXT, "utf-8")
    return tmp_path / TABLE


def figures(seeds: Seeds) -> dict[str, Figure]:
    """Return the figures by id."""
    return {record.id: record for record in seeds.dataset.records if isinstance(record, Figure)}


def test_each_cell_becomes_a_record(table: Path) -> None:
    """Every cell becomes a record with its column's fields, except names of forces and ignored columns."""
    found = figures(read(table.parent))
    assert {id_: (one.value, one.value_status) for id_, one in found.items()} == {
        "made-up-metropolitan-complaints": (1200, "stated"),
        "made-up-metropolitan-upheld": (300, "stated"),
        "made-up-metropolitan-rejected": (900, "stated"),
        "made-up-metropolitan-share": (25, "stated"),
        "made-up-dorset-complaints": (40, "stated"),
        "made-up-dorset-upheld": (7, "stated"),
        "made-up-dorset-rejected": (None, "not-counted"),
        "made-up-dorset-share": (17.5, "stated"),
        "made-up-england-and-wales-complaints": (None, "withheld"),
        "made-up-england-and-wales-upheld": (0, "stated"),
        "made-up-england-and-wales-rejected": (1, "stated"),
        "made-up-england-and-wales-share": (0, "stated"),
    }


def test_statements_fit_their_numbers(table: Path) -> None:
    """Statements have separate wordings for one, none and unknown numbers, and thousands have separators."""
    found = figures(read(table.parent))
    assert found["made-up-metropolitan-complaints"].statement == "Metropolitan Police Service had 1,200 complaints."
    assert (
        found["made-up-england-and-wales-complaints"].statement == "England and Wales keeps its complaints secret."
    )
    assert found["made-up-england-and-wales-upheld"].statement == "England and Wales upheld no complaint."
    assert found["made-up-england-and-wales-rejected"].statement == "England and Wales rejected 1 complaint."


def test_columns_extend_the_defaults(table: Path) -> None:
    """Notes of the defaults, columns and marks are combined; any other field of a column overrides the default."""
    found = figures(read(table.parent))
    assert found["made-up-dorset-share"].notes == ["Of all.", "Of one."]
    assert found["made-up-dorset-upheld"].notes == ["Of all.", "One of them twice."]
    assert found["made-up-dorset-complaints"].kind is Kind.COMPLAINT


def test_evidence_is_the_cell(table: Path) -> None:
    """Each passage is the cell as printed, and contains the number; an empty cell is shown by its delimiter."""
    lines = paragraphs(HELD)
    for figure in figures(read(table.parent)).values():
        (evidence,) = figure.evidence
        passage = lines[(evidence.paragraph or 0) - 1][evidence.start : evidence.end]
        assert evidence.sha256 == digest(passage)
        if evidence.as_printed is None:
            assert passage in {",", "[c]"}
        else:
            assert evidence.as_printed in passage
    found = figures(read(table.parent))
    printed = [found[f"made-up-{name}"].evidence[0].as_printed for name in ("dorset-upheld", "metropolitan-share")]
    assert printed == ["7", "25"]


def test_bases_are_cells_of_the_same_row(table: Path) -> None:
    """A cell is a share of the cell in the declared column."""
    base = figures(read(table.parent))["made-up-dorset-upheld"].base
    assert base is not None
    assert (base.id, base.basis, base.part) == ("made-up-dorset-complaints", "stated", True)


def check(table: Path, held: str = HELD) -> list[str]:
    """Return what verifying the table finds, apart from the digest of the file."""
    texts = table.parent / "texts"
    texts.mkdir()
    (texts / FILE).write_text(held, "utf-8")
    content = table.read_text("utf-8")
    table.write_text(content.replace("b" * 64, digest(held)), "utf-8")
    seeds = read_without_texts(table)
    report = verify(seeds.dataset, seeds.ledgers, texts, seeds.tables)
    return [f"{problem.what}: {problem.expected} → {problem.found}" for problem in report.problems]


def read_without_texts(table: Path) -> Seeds:
    """Read the seeds from a folder without the texts, which would be unexpected files there."""
    folder = table.parent / "texts" / ".." / "seeds"
    folder.mkdir()
    for path in table.parent.iterdir():
        if path.is_file():
            (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    return read(folder)


def test_the_held_table_is_verified(table: Path) -> None:
    """The made-up table agrees with its seed file, including footnote marks, blanks and words."""
    assert check(table) == []


@pytest.mark.parametrize("row", [1, 2, 3])
@pytest.mark.parametrize("column", range(6))
def test_one_changed_cell_fails(table: Path, row: int, column: int) -> None:
    """A changed cell is reported by row and column, even if it isn't a record."""
    lines = [line.split(";") for line in HELD.replace('"1,200"', '"1.200"').replace(",", ";").splitlines()]
    lines[row][column] += "9"
    held = "\n".join(";".join(cells) for cells in lines).replace(";", ",").replace('"1.200"', '"1,200"')
    header = HELD.partition("\n")[0].split(",")
    assert any(f", column {header[column]}: " in line for line in check(table, held))


SWAPPED = "rows that have changed places: Met Police, Dorset Police \u2192 Dorset Police, Met Police"


def test_swapped_rows_of_the_held_table_fail(table: Path) -> None:
    """Rows in another order are reported once, without the problems that follow from it."""
    first, met, dorset, rest = HELD.splitlines(keepends=True)
    assert check(table, first + dorset + met + rest) == [SWAPPED]


def test_a_deleted_row_fails(table: Path) -> None:
    """Only the deleted row is reported, and the rows after it are still compared."""
    first, _, dorset, rest = HELD.splitlines(keepends=True)
    assert check(table, first + dorset + rest.replace(",1,", ",2,")) == [
        "row Met Police: a row for it \u2192 none",
        "row England & Wales, column Rejected: '1' \u2192 '2'",
    ]


def test_another_delimiter_is_named_once(table: Path) -> None:
    """A table saved with semicolons isn't compared cell by cell."""
    held = HELD.replace('"1,200"', '"1200"').replace(",", ";").replace("17.5", "17,5")
    assert check(table, held) == ["the delimiter: ',' \u2192 another one: the header is a single cell"]


def test_a_byte_order_mark_is_named(table: Path) -> None:
    """A byte order mark, left when a spreadsheet saved the table again, is reported along with other changes."""
    held = "\ufeff" + HELD.replace("40,7*", "40,8*")
    assert check(table, held.replace("\n", "\r\n")) == [
        "the first line: no byte order mark \u2192 one, as spreadsheets write it",
        "row Dorset Police, column Upheld: '7*' \u2192 '8*'",
    ]


def test_a_changed_digit_is_one_line(table: Path) -> None:
    """A changed cell is one problem, without the passage and the shifted places that it explains."""
    assert check(table, HELD.replace("300,900", "3000,900")) == [
        "row Met Police, column Upheld: '300' \u2192 '3000'"
    ]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (HELD + "Kent Police,1,0,1,0%,\n", "row Kent Police: a row of the seed file for it → none"),
        ("".join(HELD.splitlines(keepends=True)[:-1]), "row England & Wales: a row for it → none"),
        (HELD.replace("revised", "revised,more"), "row Met Police: 6 cells → 7"),
    ],
)
def test_rows_too_many_or_too_few_fail(table: Path, held: str, expected: str) -> None:
    """Every row of the held table must be in the seed file, and the reverse."""
    assert expected in check(table, held)


class TableMistake(NamedTuple):
    """A mistake in the table's file, and the resulting problem."""

    old: str
    new: str
    message: str


MISTAKES = [
    TableMistake(*row)
    for row in (
        ("name: Upheld", "name: Uphelt", "'Uphelt' is not a column here; did you mean Upheld?"),
        ("name: Upheld", "name: Remarks", "column Remarks has figures, but is ignored"),
        ("name: Upheld", "name: Rejected", "column Rejected is already declared at table.yaml:26"),
        ("force: Force", "force: Police", "'Police' is not a column here"),
        ("id: rejected", "id: upheld", "upheld is already used at table.yaml:26"),
        ("ignored: {Remarks: Words only.}", "ignored: {}", "column Remarks isn't declared"),
        (
            "{column: Complaints, basis: implied",
            "{column: Complaint, basis: implied",
            "'Complaint' is not a column",
        ),
        ("marks: {", "mark: {", "is not a field of a column; did you mean marks?"),
        ("outcome: misconduct-proven", "outcome: misconduct-provn", "'misconduct-provn' is not known"),
        ("value_type: percent", "value_type: percents", "must be 'count'"),
        ("{force} upheld {value} per cent", "{force} upheld {number} per cent", "{number} is not a placeholder"),
        ('"Met Police"', '"Kent Police"', "row Kent Police: no force has this id, name or alias"),
        ('"Met Police"', '"Dorset"', "row Dorset Police: dorset is already row Dorset at table.yaml:55"),
        ('"300"', '"3OO"', "row Met Police, column Upheld: '3OO' is neither a number nor one of the words"),
        ('"300"', '""', "row Met Police, column Upheld: is empty; say under empty"),
        (
            'cells":["England & Wales","[c]"',
            'cells":["England & Wales","[d]"',
            "row England & Wales, column Complaints: '[d]' is neither a number",
        ),
        (
            '"300"',
            '"1300"',
            "question part-exceeds-whole/made-up-metropolitan-complaints: row Met Police, column Upheld",
        ),
        (
            '"300"',
            '"301"',
            "partition-off: row Met Police, column Complaints: its parts 301 made-up-metropolitan-upheld",
        ),
        ('"300"', '"299"', "add up to 1199, but it is 1200"),
        (
            ', unknown: "{force} keeps its complaints secret."',
            "",
            "has no number, so the column needs statement.unknown",
        ),
        ("parts: [Upheld,", "parts: [Uphold,", "'Uphold' is not a column here; did you mean Upheld?"),
        ('"revised"]', '"revised","more"]', "has 7 cells and 6 starts"),
        ('"paragraph":2', '"paragraph":4', "row Dorset Police: its paragraph is 3, after 4"),
        (
            "  rows:\n",
            "  exemptions: [{force: dorset, column: Upheld, reason: Because.}]\n  rows:\n",
            "row Dorset Police, column Upheld: this cell breaks no rule, so it needs no exemption",
        ),
        (
            "  rows:\n",
            "  exemptions: [{force: kent, column: Upheld, reason: Because.}]\n  rows:\n",
            "no row is about kent",
        ),
        (
            "  rows:\n",
            "  exemptions: [{force: dorset, column: Upheld}]\n  rows:\n",
            "needs the reason of the source, or answers under checked",
        ),
        (
            "words: {no: 0}",
            "words: {no: refused}",
            "must be a number, not-disclosed, withheld or not-counted; found 'refused'",
        ),
        ("words: {no: 0}", "words: {no: 0, n.a.: 0}", "no cell of column Share has 'n.a.': delete it"),
        ('marks: {"*"', 'marks: {"+": What?, "*"', "no cell of column Upheld has '+': delete it"),
        ('marks: {"*": One of them twice.}', 'marks: {"*": {subjects: [staff]}}', "marks.*.note: is missing"),
        (
            '{"*": One',
            '{"*": {note: X, subject: [staff]}, "+": One',
            "a field that a mark can change; did you mean subjects?",
        ),
        (
            '"{force} upheld {value} per cent."',
            '"{force} upheld some."',
            "has no {value}, so all records would say the same",
        ),
        (
            '"{force} upheld {value} per cent."',
            '"{value} per cent."',
            "has no {force}, so all records would say the same",
        ),
        ("parts: [Upheld, Rejected]", "parts: [Upheld]", "needs two or more columns; found only 'Upheld'"),
        ("column: Complaints, basis: implied", "column: Share, basis: implied", "'Share' is the column itself"),
        (
            "    notes: [Of all.]",
            "    notes: [Of all.]\n    checked: [{percentage-off: Rounded.}]",
            "defaults.checked: can't be a default: it belongs beside defaults, or in a column",
        ),
        (
            "same-fact, column: Upheld",
            "same-fact, column: Upholt",
            "'Upholt' is not a column here; did you mean Upheld?",
        ),
    )
]


UNDATED = "period: {basis: not-stated, event: not-stated, label: no date stated}"


def year(label: str, year: int = 2023) -> str:
    """Return the period of a calendar year."""
    days = f"start: {year}-01-01, end: {year}-12-31, precision: year, year_type: calendar"
    return f'period: {{{days}, basis: stated, event: received, label: "{label}"}}'


IN_TABLE = ("  rows:\n", "  checked: [{CODE: It says so.}]\n  rows:\n")
IN_SHARE = ("      notes: [Of one.]\n", "      notes: [Of one.]\n      checked: [{CODE: It says so.}]\n")
IN_REJECTED = ("      empty: not-counted\n", "      empty: not-counted\n      checked: [{CODE: It says so.}]\n")
OF_CELL = "  exemptions: [{force: metropolitan, column: COLUMN, checked: [{CODE: It says so.}]}]\n  rows:\n"


def in_cell(column: str) -> tuple[str, str]:
    """Return the edit that answers a question about the first row's cell in a column."""
    return "  rows:\n", OF_CELL.replace("COLUMN", column)


class TableQuestion(NamedTuple):
    """A mistake that raises a question, the question's code, and the edit that answers it."""

    code: str
    old: str
    new: str
    answer: tuple[str, str]


QUESTIONS = [
    TableQuestion("percentage-off", "25 %", "35 %", in_cell("Share")),
    TableQuestion("share-not-linked", "related: [{type: same-fact, column: Upheld}]", "", IN_SHARE),
    TableQuestion("part-exceeds-whole", '"7*"', '"47*"', ("", "")),
    TableQuestion("partition-off", '"900"', '"800"', in_cell("Complaints")),
    TableQuestion("ends-after-publication", UNDATED, year("2024", 2024), IN_TABLE),
    TableQuestion("label-of-other-years", UNDATED, year("in 2021"), IN_TABLE),
    TableQuestion("financial-label", UNDATED, year("the financial year 2023"), IN_TABLE),
    TableQuestion("percentage-of-what", "base: {column: Complaints, basis: implied, part: true}", "", IN_SHARE),
    TableQuestion("across-units-without-note", "empty: not", "unit: person\n      empty: not", IN_REJECTED),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.code)
def test_what_is_odd_is_asked_once(table: Path, question: TableQuestion) -> None:
    """A question about all cells of a column or table is asked once, and answered where it says."""
    replace(table, question.old, question.new)
    asked = [problem for problem in problems(table.parent) if problem.question]
    assert [problem.question.partition("/")[0] for problem in asked].count(question.code) == 1
    if question.answer != ("", ""):
        old, new = question.answer
        replace(table, old, new.replace("CODE", question.code))
        answered = read(table.parent).answered
        assert {(one.code.partition("/")[0], one.reason) for one in answered} == {(question.code, "It says so.")}


def test_a_default_is_asked_about_once(table: Path) -> None:
    """If columns share a default period, the question about it is asked once, at the line of the default."""
    replace(table, UNDATED, year("in 2021"))
    replace(table, "notes: [Of one.]", UNDATED)
    problem = only(problems(table.parent))
    assert "in 2021" in line_of(table, problem)
    assert (
        "the table: the label says \u201cin 2021\u201d, but the days are 2023-01-01 to 2023-12-31; the same in 9"
        in (problem.message)
    )


def test_an_answer_that_no_question_asks_for(table: Path) -> None:
    """Answers of tables and columns without a question are refused too."""
    old, new = IN_SHARE
    replace(table, old, new.replace("CODE", "percentage-off"))
    problem = only(problems(table.parent))
    assert (
        problem.message == "column Share: answers percentage-off, but there is no such question about it; delete it"
    )


def test_a_mark_may_change_what_a_cell_says(table: Path) -> None:
    """Marked cells have the mark's note and fields, other cells those of the column."""
    replace(table, "kind: complaint\n", "kind: complaint\n      subjects: [officers, staff]\n")
    replace(table, "One of them twice.", "{note: With staff., subjects: [officers, staff], qualifier: about}")
    found = figures(read(table.parent))
    marked, other = found["made-up-dorset-upheld"], found["made-up-metropolitan-upheld"]
    assert (marked.subjects, marked.qualifier) == (["officers", "staff"], "about")
    assert marked.notes == ["Of all.", "With staff."]
    assert (other.subjects, other.qualifier) == (["officers"], "exact")


def test_a_word_may_have_a_note(table: Path) -> None:
    """A note may say which word made a number unknown."""
    replace(table, "words: {no: 0}", "words: {no: {means: withheld, note: The table says no.}}")
    replace(table, '"{force} upheld {value} per cent."', '{many: "{force}: {value}.", unknown: "{force}: ?"}')
    assert figures(read(table.parent))["made-up-england-and-wales-share"].notes == [
        "Of all.",
        "Of one.",
        "The table says no.",
    ]


def test_a_count_and_its_share_are_one_fact(table: Path) -> None:
    """One of the two columns names the other, and both records have the relation."""
    found = figures(read(table.parent))
    for one, other in (("upheld", "share"), ("share", "upheld")):
        (related,) = found[f"made-up-dorset-{one}"].related
        assert (related.type, related.id) == ("same-fact", f"made-up-dorset-{other}")


def test_a_change_leads_to_the_column_before(table: Path) -> None:
    """A one-way relation is only in the records of its column."""
    replace(
        table,
        "outcome: misconduct-proven\n",
        "related: [{type: change-from, column: Upheld}]\n      outcome: upheld\n",
    )
    replace(table, "id: rejected\n", "id: rejected\n      value_type: change-count\n")
    replace(table, "      base: {column: Complaints, basis: stated, part: true}\n      empty", "      empty")
    replace(table, "  partitions:\n    - {parts: [Upheld, Rejected], of: Complaints}\n", "")
    found = figures(read(table.parent))
    assert [one.id for one in found["made-up-metropolitan-rejected"].related] == ["made-up-metropolitan-upheld"]
    assert [one.id for one in found["made-up-metropolitan-upheld"].related] == ["made-up-metropolitan-share"]


def test_readers_of_a_table(table: Path) -> None:
    """The readers of a table are named once, or for a column."""
    old, new = IN_TABLE
    replace(table, old, new.replace("checked: [{CODE: It says so.}]", "read_by: [ab]"))
    replace(table, "notes: [Of one.]", "read_by: [ab, cd]")
    readers = read(table.parent).readers
    assert readers["made-up-dorset-upheld"] == ["ab"]
    assert readers["made-up-dorset-share"] == ["ab", "cd"]
    assert len(readers) == 12


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("outcome: upheld\n      statement: {many", "outcom: upheld\n      statement: {many"),
        ('words: {"[c]": withheld}', 'words: {"[c]": refused}'),
    ],
)
def test_a_problem_of_a_column_is_the_only_one(table: Path, old: str, new: str) -> None:
    """A mistake in a column doesn't cause problems for other columns based on it."""
    replace(table, old, new)
    assert only(problems(table.parent)).record in {"upheld", "complaints"}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.message)
def test_a_mistake_is_named(table: Path, mistake: TableMistake) -> None:
    """A mistake in a declaration or in a row is reported once, by name."""
    replace(table, mistake.old, mistake.new)
    found = [str(problem) for problem in problems(table.parent)]
    assert sum(mistake.message in message for message in found) == 1, "\n".join(found)


def test_a_row_twice_is_named(table: Path) -> None:
    """A repeated row is reported as a second row of its force."""
    held = HELD + HELD.splitlines()[1] + "\n"
    table.write_text(DECLARATION + rows(held), "utf-8")
    problem = only(problems(table.parent))
    assert problem.message == "row Met Police: metropolitan is already row Met Police at table.yaml:55"


def test_an_alias_that_fits_two_forces_is_named(table: Path) -> None:
    """The row that can't be matched is reported, and so is the alias."""
    replace(table.parent / "forces.csv", "E23000039,england-and-wales,", "E23000039,england-and-wales,Met Police")
    found = [problem.message for problem in problems(table.parent)]
    assert "row Met Police: fits more than one force: metropolitan, dorset" in found
    assert "'met police' names metropolitan, too" in found


def test_parts_may_fall_short_with_a_reason(table: Path) -> None:
    """With a reason, parts may add up to less than the whole, but never to more."""
    replace(table, "of: Complaints}", "of: Complaints, may_fall_short: Some are open.}")
    replace(table, '"300"', '"299"')
    assert len(figures(read(table.parent))) == 12
    replace(table, '"299"', '"301"')
    assert "add up to 1201" in only(problems(table.parent)).message


def test_an_exemption_becomes_a_note(table: Path) -> None:
    """A cell that breaks a rule in the source itself is kept as printed, with the reason as a note."""
    replace(table, '"300","900"', '"1201","900"')
    replace(table, "25 %", "100 %")
    reason = "  exemptions: [{force: metropolitan, column: Upheld, reason: So it is printed.}]\n  rows:\n"
    replace(table, "  rows:\n", reason)
    replace(table, "  partitions:\n    - {parts: [Upheld, Rejected], of: Complaints}\n", "")
    assert figures(read(table.parent))["made-up-metropolitan-upheld"].notes == ["Of all.", "So it is printed."]


def test_a_skipped_row_is_no_record(table: Path) -> None:
    """A row about no force is kept, so that the table is complete, and makes no record."""
    replace(table, '"Met Police"', '"Total"')
    replace(table, '"revised"]', '"revised"],"skip":"A sum of others."')
    assert not any("metropolitan" in id_ for id_ in figures(read(table.parent)))


BY_HAND = """
records:
  - id: by-hand
    kind: complaint
    statement: Dorset Police had 40 complaints.
    force: dorset
    period: {basis: not-stated, event: not-stated, label: no date stated}
    allegation: any
    value: 40
    value_status: stated
    unit: complaint
    evidence: [{role: states, as_printed: "40", paragraph: 3, start: 14, end: 16, sha256: SHA}]

table:
"""


def test_a_skipped_row_is_recorded_by_hand_as_a_whole(table: Path) -> None:
    """If any cell of a skipped row is recorded by hand, its other figures must be too."""
    replace(table, '"17.5%",""]', '"17.5%",""],"skip":"Recorded by hand."')
    replace(table, 'marks: {"*": One of them twice.}', "notes: []")
    replace(table, "empty: not-counted", "notes: []")
    replace(table, "\ntable:\n", BY_HAND.replace("SHA", digest("40")))
    assert check(table) == [
        f"row Dorset Police, column {column}: '{cell}': a record, as the skipped row has others → none"
        for column, cell in (("Upheld", "7*"), ("Share", "17.5%"))
    ]


def test_a_problem_of_a_column_is_reported_once(table: Path) -> None:
    """A mistake in a column isn't repeated for each row, and is reported where it was written."""
    replace(table, "kind: complaint\n", "kind: complain\n")
    problem = only(problems(table.parent))
    assert "name: Complaints" in line_of(table, problem)


def test_the_reader_keeps_rows_as_printed(table: Path) -> None:
    """The seed file keeps the rows as printed, so later steps don't need the held table."""
    node = read_yaml(table).at("table")
    assert node is not None
    declared = node.at("rows")
    assert declared is not None
    assert isinstance(declared.value, list)
    assert [row["cells"][0] for row in declared.value] == [
        "Force",
        "Met Police",
        "Dorset Police",
        "England & Wales",
    ]

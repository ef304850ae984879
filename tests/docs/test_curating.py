"""docs/curating.md: its commands print what it shows, and each common mistake gets the message in the table."""

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from ruamel.yaml import YAML

from app.seeds.reading import read
from app.settings import PROJECT
from tests.desk import Desk
from tests.docs.markdown import blocks, code_words, is_shortened, rows, section
from tests.seed_files import replace, spoil
from tests.texts import MADE_UP, NAME

PAGE = (PROJECT / "docs" / "curating.md").read_text("utf-8")


def test_the_page_shows_the_article() -> None:
    """The article on the page is the one the tests use."""
    assert blocks(PAGE, "text") == [(MADE_UP / f"{NAME}.txt").read_text("utf-8")]


def test_from_a_text_to_a_loaded_release(desk: Desk, empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in order, the commands print what the page shows; after the second, the seed file is filled in."""
    monkeypatch.setenv("DATABASE_URL", empty_database)
    examples = [block.partition("\n") for block in blocks(PAGE, "console")]
    commands = [shlex.split(command.removeprefix("$ ")) for command, _, _ in examples]
    assert [words[:2] for words in commands] == [
        ["upheld", command] for command in ("draft", "check", "check", "verify", "load")
    ]
    drafted, finished = blocks(PAGE, "yaml")
    for number, (words, (_, _, shown)) in enumerate(zip(commands, examples, strict=True)):
        if number == 2:
            desk.fill_in()
            assert is_shortened(f"…\n{finished}", desk.article.read_text("utf-8"))
        arguments, _, target = " ".join(words[1:]).partition(" > ")
        code, printed = desk.run(*arguments.split())
        if target:
            assert desk.seeds.parent / target == desk.article
            desk.article.write_text(printed, "utf-8")
            assert is_shortened(f"…\n{drafted}", printed)
        else:
            assert is_shortened(shown, printed), printed
        assert code == (1 if number == 1 else 0)


def test_the_examples_of_fields_are_accepted(desk: Desk) -> None:
    """With id, statement and evidence added, each example is a record that `check` accepts."""
    desk.fill_in()
    (shown,) = blocks(PAGE, "examples")
    examples = YAML(typ="safe", pure=True).load(re.sub(r"(\d{4}-\d\d-\d\d)", r'"\1"', shown))
    assert len(examples) == shown.count("\n# ") + 1
    place = {"role": "states", "paragraph": 5, "start": 0, "end": 104, "sha256": "a" * 64}
    common: dict[str, object] = {
        "statement": "So it says.",
        "force": "northmoor",
        "allegation": "any",
        "value_status": "stated",
    }
    common |= {"subjects": ["officers"], "evidence": [place]}
    records = [{"id": f"example-{number}", **common, **fields} for number, fields in enumerate(examples, 1)]
    lines = "".join(f"  - {json.dumps(record)}\n" for record in records)
    replace(desk.article, "\nrecords:\n", f"\nrecords:\n{lines}")
    code, printed = desk.run("check")
    assert code == 0, printed


def test_a_new_code_has_its_place_among_changes_of_rules(desk: Desk) -> None:
    """The entries on the page are valid codes; `check` reports each rule change that doesn't mention a new one."""
    (shown,) = blocks(PAGE, "code")
    path = desk.seeds / "codes.yaml"
    text = path.read_text("utf-8")
    for name, entries in re.findall(r"(?m)^(\w+):\n((?: .*\n)+)", shown):
        text = text.replace(f"\n{name}:\n", f"\n{name}:\n{entries}")
    path.write_text(text, "utf-8")
    code, printed = desk.run("check")
    assert code == 1
    assert printed.count("suspended") == printed.count("breaks.yaml:") > 0
    breaks = desk.seeds / "breaks.yaml"
    breaks.write_text(
        breaks.read_text("utf-8").replace("restricted-duties", "restricted-duties, suspended"), "utf-8"
    )
    text = breaks.read_text("utf-8").replace(
        "- restricted-duties, suspended", "- restricted-duties\n    - suspended"
    )
    breaks.write_text(text, "utf-8")
    code, printed = desk.run("check")
    assert code == 0, printed


def test_an_article_taken_over(desk: Desk, tmp_path: Path) -> None:
    """In another collection, the article needs its force and stays unverified until somebody has the text."""
    mine = tmp_path / "mine"
    assert desk.upheld("init", mine, "--name", "Mine")[0] == 0
    desk.fill_in()
    shutil.copy(MADE_UP / f"{NAME}.yaml", mine)
    code, printed = desk.upheld("check", "--seeds", mine)
    assert (code, "'northmoor' is not known" in printed) == (1, True)
    shutil.copy(desk.seeds / "forces.csv", mine)
    assert desk.upheld("check", "--seeds", mine)[0] == 0
    (tmp_path / "empty").mkdir()
    assert "is not in the folder" in desk.upheld("verify", "--seeds", mine, "--articles", tmp_path / "empty")[1]
    assert desk.upheld("verify", "--seeds", mine, "--articles", desk.texts)[0] == 0


class Mistake(NamedTuple):
    """A row in the table of mistakes."""

    name: str
    record: str
    edit: str
    command: str
    message: str

    def make(self, desk: Desk) -> None:
        """Make the mistake in the finished seed file or in the text."""
        words = code_words(self.edit)
        if self.edit.startswith("the record again"):
            text = desk.article.read_text("utf-8")
            record = text[text.index(f"  - id: {self.record}\n") :].partition("\n\n")[0]
            replace(desk.article, "\nledger:", f"\n{record.replace(self.record, words[0], 1)}\n\nledger:")
            return
        old, new = words if len(words) == 2 else (f"\n{_line_of(desk, words[0])}\n", "\n")
        if self.record == "the text":
            replace(desk.texts / f"{NAME}.txt", old, new)
        elif self.record in {"source", "ledger"}:
            replace(desk.article, old, new)
        else:
            spoil(desk.article, self.record, old, new)

    @property
    def expected(self) -> list[str]:
        """The lines that the command prints about the mistake."""
        return [line.strip().strip("`") for line in self.message.split("<br>")]


def _line_of(desk: Desk, words: str) -> str:
    """Return the line of the finished file that contains these words."""
    return next(line for line in desk.article.read_text("utf-8").splitlines() if words in line)


MISTAKES = [Mistake(*row) for row in rows(section(PAGE, "## Common mistakes"))]

TABLE = "registre-2024-06-03"
TABLE_SECTION = section(PAGE, "## Adding a table")


def seed_file_of_table(desk: Desk) -> Path:
    """Copy the table's finished seed file into the seeds, and return its path."""
    return Path(shutil.copy(MADE_UP / f"{TABLE}.yaml", desk.seeds))


def test_the_page_shows_the_table() -> None:
    """The table and its declaration on the page are the ones that the tests use."""
    assert blocks(PAGE, "csv") == [(MADE_UP / f"{TABLE}.csv").read_text("utf-8")]
    (declared,) = blocks(PAGE, "declared")
    assert declared in (MADE_UP / f"{TABLE}.yaml").read_text("utf-8")


def test_from_a_table_to_records(desk: Desk) -> None:
    """The commands print what the page shows, and each cell that isn't ignored becomes a record."""
    (drafted,) = blocks(PAGE, "draft")
    first, rest = blocks(PAGE, "shell")
    command, _, target = first.strip().removeprefix("$ upheld ").partition(" > ")
    code, printed = desk.run(*command.split())
    assert (code, desk.seeds.name) == (0, target.partition("/")[0])
    assert is_shortened(f"…\n{drafted}", printed)
    (desk.seeds / f"{TABLE}.yaml").write_text(printed, "utf-8")
    assert "is still TODO" in desk.run("check")[1]
    seed_file_of_table(desk)
    for block in rest.removeprefix("$ ").split("\n$ "):
        command, _, shown = block.partition("\n")
        code, printed = desk.run(*command.removeprefix("upheld ").split())
        assert is_shortened(shown, printed), printed
        assert code == 0
    made = [record for record in read(desk.seeds).dataset.records if record.evidence[0].source == TABLE]
    assert len(made) == 12 * 4


@pytest.mark.parametrize(
    "row", rows(section(PAGE, "### 4. Check, verify, load and release")), ids=lambda row: row[0]
)
def test_a_mistake_in_a_table_gets_its_message(desk: Desk, row: list[str]) -> None:
    """Each mistake in the section on tables gets the message in its row."""
    old, new = code_words(row[1])
    replace(seed_file_of_table(desk), old, new)
    code, printed = desk.run("check")
    assert code == 1
    assert row[2].strip("`") in printed


def test_the_usual_mistakes_are_there() -> None:
    """The table has the mistakes that curators make most often."""
    names = " ".join(mistake.name for mistake in MISTAKES)
    for name in (
        *("wrong base", "offset off by one", "unknown code", "period reversed", "same figure twice"),
        *("missing status", "stale digest"),
    ):
        assert name in names


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_gets_its_message(desk: Desk, mistake: Mistake) -> None:
    """Each mistake in the table gets the message in its row, and no other."""
    desk.fill_in()
    mistake.make(desk)
    code, printed = desk.run(mistake.command, *(["--articles", "texts"] if mistake.command == "verify" else []))
    assert code == 1
    lines = [line for line in printed.splitlines() if line.startswith((f"{NAME}.yaml:", f"{NAME}.txt:"))]
    said = [re.sub(rf"^{NAME}\.(?:txt|yaml:\d+): ", "", line) for line in lines]
    assert is_shortened("\n".join(mistake.expected), "\n".join(said) + "\n"), "\n".join(said)

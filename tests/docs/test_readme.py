"""What the documents say is so: calls are made, answers compared, tables held against the program."""

import re
import shlex
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest
from httpx import AsyncClient

from app.cli import COMMANDS
from app.queries.parameters import FIGURES, INCIDENTS, PARAMETERS
from app.settings import PROJECT, Settings

README = (PROJECT / "README.md").read_text()
DOCUMENTS = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").rglob("*.md"))]

CALLS = re.findall(r"^```sh\n(curl [^\n]+)\n```\n(?:\n```json\n(.*?)^```)?", README, re.DOTALL | re.MULTILINE)
"""Every call of the README with the answer that is shown below it, if one is."""

LEFT_OUT = "…"


def differences(shown: object, answer: object, place: str = "$") -> list[str]:
    """Return where what is shown of an answer is not what the answer says.

    Fields may be left out anywhere; entries of a list only where `…` stands for them.
    """
    if isinstance(shown, dict) and isinstance(answer, dict):
        missing = [f"{place}.{name} is not in the answer" for name in shown if name not in answer]
        both = [name for name in shown if name in answer]
        return missing + [line for n in both for line in differences(shown[n], answer[n], f"{place}.{n}")]
    if isinstance(shown, list) and isinstance(answer, list):
        return _differences_of_lists(shown, answer, place)
    same = type(shown) is type(answer) and shown == answer
    return [] if same else [f"{place} is {answer!r}, not {shown!r}"]


def _differences_of_lists(shown: list[object], answer: list[object], place: str) -> list[str]:
    if LEFT_OUT not in shown:
        if len(shown) != len(answer):
            return [f"{place} has {len(answer)} entries, not {len(shown)}"]
        pairs = enumerate(zip(shown, answer, strict=True))
        return [line for i, (one, other) in pairs for line in differences(one, other, f"{place}[{i}]")]
    rest = iter(answer)
    wanted = [one for one in shown if one != LEFT_OUT]
    missing = [one for one in wanted if not any(not differences(one, other) for other in rest)]
    nothing_left_out = len(wanted) >= len(answer)
    return [f"{place} has no entry {one!r} in that order" for one in missing] + (
        [f"{place} has nothing to leave out"] if nothing_left_out else []
    )


@pytest.mark.parametrize(
    ("shown", "answer", "same"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1}, {"a": 1.0}, False),
        ({"a": 0}, {"a": False}, False),
        ({"a": None}, {}, False),
        ([1], [1, 2], False),
        ([1, "…"], [1, 2], True),
        (["…", 2], [1, 2], True),
        ([2, "…", 1], [1, 2, 3], False),
        ([1, "…"], [1], False),
        ([{"a": 1}], [{"a": 1, "b": 2}], True),
        ({"a": [1]}, {"a": 1}, False),
    ],
)
def test_what_is_shown_may_be_abridged_and_not_altered(shown: object, answer: object, *, same: bool) -> None:
    """The comparison lets through what is left out and nothing else."""
    assert (differences(shown, answer) == []) is same


def test_readme_has_five_answers() -> None:
    """There is something to compare."""
    assert len([answer for _, answer in CALLS if answer]) == 5
    assert README.count("curl ") == len(CALLS)
    assert README.count("```json") == 5


@pytest.mark.anyio
@pytest.mark.parametrize(("call", "shown"), CALLS, ids=[call for call, _ in CALLS])
async def test_calls_are_answered_as_shown(client: AsyncClient, call: str, shown: str) -> None:
    """Whoever makes a call of the README gets the answer that stands below it."""
    program, *options, address = shlex.split(call)
    url = urlsplit(address)
    assert (program, options, url.scheme, url.netloc) == ("curl", [], "http", "localhost:8000")
    answer = await client.get(f"{url.path}?{url.query}" if url.query else url.path)
    expected = orjson.loads(shown) if shown else {}
    assert answer.status_code == expected.get("status", 200)
    assert differences(expected, answer.json()) == []


@pytest.mark.anyio
@pytest.mark.parametrize("address", sorted(set(re.findall(r"`(/(?!var/)[a-z0-9/.]+)`", README))))
async def test_addresses_exist(client: AsyncClient, address: str) -> None:
    """Every address that the README names is answered; a refusal of figures that may not be added is an answer."""
    assert (await client.get(address)).status_code in {200, 409}


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table below a heading of the README, their cells' marked words in the first one."""
    _, _, section = README.partition(f"\n## {heading}\n")
    rows = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_table_of_filters_is_whole() -> None:
    """Every parameter of a list is in the table, and no other; words in it are words of that parameter."""
    rows = {name: row for row in table("Filters") for name in re.findall(r"`(\w+)`", row[0])}
    assert set(rows) == {*FIGURES.parameters, *INCIDENTS.parameters}
    for name in ("kind", "force_scope", "period_match", "include_undated"):
        assert set(re.findall(r"`([\w-]+)`", rows[name][1])) == set(PARAMETERS[name].words)
    once = {name for name, row in rows.items() if row[2].endswith("once")}
    assert once == {name for name in rows if not PARAMETERS[name].many}


def test_table_of_settings_is_whole() -> None:
    """Every setting is in the table, and no other."""
    names = {row[0].strip("`") for row in table("Settings")}
    assert names == {str(field.validation_alias) for field in Settings.model_fields.values()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    """Every link to a file leads to one."""
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_make_targets_exist() -> None:
    """Every target that the documents name is one of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    documents = "\n".join(path.read_text() for path in DOCUMENTS)
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", documents, re.MULTILINE))
    assert named
    assert named <= targets


def test_commands_exist() -> None:
    """Every command of the program that the documents name is one."""
    documents = "\n".join(path.read_text() for path in DOCUMENTS)
    named = set(re.findall(r"`(?:\.venv/bin/)?upheld ([a-z]+)", documents))
    assert named
    assert named <= set(COMMANDS)


def test_every_dependency_says_why() -> None:
    """Every direct dependency has its line, and no line is left over from a dependency that went."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    groups = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    direct = {re.split(r"[><=]", requirement)[0] for group in groups for requirement in group}
    lines = (PROJECT / "docs" / "dependencies.md").read_text()
    assert set(re.findall(r"^\| `([^`]+)`", lines, re.MULTILINE)) == direct

"""Read a folder of seeds: all files first, reporting every problem, and only then the dataset."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from app.domain.dataset import (
    Category,
    Code,
    Codes,
    Dataset,
    Release,
    RuleChange,
    Source,
    Tombstone,
)
from app.evidence.ledger import LedgerEntry
from app.evidence.tables import Table
from app.seeds.articles import add_article
from app.seeds.collection import NAME as COLLECTION
from app.seeds.collection import read_collection
from app.seeds.contents import Answered, Contents, Found, things
from app.seeds.files import Node, read_yaml
from app.seeds.forces import TABLES, add_forces, add_workforces
from app.seeds.plausibility import records_are_plausible
from app.seeds.problems import Problem, SeedError
from app.seeds.rules import RULES

OPTIONAL = frozenset({"releases.yaml", "tombstones.yaml"})
"""Files that the first release and the first removal create."""

MAX_NAMED = 5
"""The most records that a message names."""


@dataclass(frozen=True)
class Seeds:
    """The checked contents of a folder of seeds."""

    folder: Path
    dataset: Dataset
    ledgers: Mapping[str, Sequence[LedgerEntry]]
    """Each article's ledger, by source."""
    tables: Mapping[str, Table]
    """Each table's rows, by source."""
    answered: Sequence[Answered]
    """The checker's questions that have been answered."""
    readers: Mapping[str, Sequence[str]]
    """Who has read each record against its text."""
    releases: Sequence[Release]
    """The releases made so far, oldest first."""
    tombstones: Sequence[Tombstone]

    @property
    def read_once(self) -> str:
        """Which records only one person has read; empty if none."""
        once = sorted(record for record, readers in self.readers.items() if len(readers) == 1)
        more = f" and {len(once) - MAX_NAMED} more" if len(once) > MAX_NAMED else ""
        return f"Read by one person only: {', '.join(once[:MAX_NAMED])}{more}." if once else ""


def read(folder: Path, *, asking: bool = True) -> Seeds:
    """Read and check a folder of seeds. Without `asking`, questions may stay unanswered.

    Raises:
        SeedError: with every problem, if there are any.

    """
    contents = Contents()
    lists: dict[str, tuple[type[BaseModel], Found[Any]]] = {
        "sources.yaml": (Source, contents.sources),
        "breaks.yaml": (RuleChange, contents.rule_changes),
        "releases.yaml": (Release, contents.releases),
        "tombstones.yaml": (Tombstone, contents.tombstones),
    }
    with contents.reading_file():
        read_collection(folder)
    with contents.reading_file():
        add_forces(contents, folder / "forces.csv")
    if (folder / "workforce.csv").exists():
        with contents.reading_file():
            add_workforces(contents, folder / "workforce.csv")
    with contents.reading_file():
        _add_codes(contents, read_yaml(folder / "codes.yaml"))
    for name, (model, found) in lists.items():
        if name not in OPTIONAL or (folder / name).exists():
            with contents.reading_file():
                contents.add_list(model, read_yaml(folder / name), found)
    for path in sorted(folder.glob("[!.]*.yaml")):
        if path.name not in {*lists, "codes.yaml", COLLECTION}:
            with contents.reading_file():
                add_article(contents, read_yaml(path))
    _report_unread(contents, folder)
    if contents.all_files_read:
        for rule in RULES:
            rule(contents)
        if not contents.problems:
            # If there are problems, anything odd may only be a consequence.
            records_are_plausible(contents)
    if any(asking or not problem.may_wait for problem in contents.problems):
        raise SeedError(_without_repeats(contents.problems))
    return Seeds(
        folder,
        contents.dataset(),
        contents.ledgers,
        contents.tables,
        contents.answered,
        contents.readers,
        things(contents.releases),
        things(contents.tombstones),
    )


def _without_repeats(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems without repeats, such as a column's mistake in each row."""
    first = {(one.file, one.line, one.field, one.message): one for one in reversed(list(problems))}
    return list(first.values())


def _report_unread(contents: Contents, folder: Path) -> None:
    """Report every file that nothing reads, such as `article.yml`. Ignore hidden files."""
    listed = {f"{release.version}.jsonl" for release in things(contents.releases)}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or path.name.startswith(".") or name in {*TABLES, "README.md"}:
            continue
        if path.parent == folder:
            if path.suffix != ".yaml":
                tables = " and ".join(TABLES)
                message = f"is not read: articles are in files that end in .yaml, and the only tables are {tables}"
                contents.problems.append(Problem(name, 0, "", "", message))
        elif path.parent != folder / "releases":
            contents.problems.append(Problem(name, 0, "", "", "is not read: no seeds are in this folder"))
        elif path.name not in listed and not contents.is_unread("releases.yaml"):
            message = (
                "is not in releases.yaml: restore its entry there, or delete the file if it was never released"
            )
            contents.problems.append(Problem(name, 0, "", "", message))


def _add_codes(contents: Contents, file: Node) -> None:
    if not isinstance(file.value, dict) or not file.value.keys() <= Codes.model_fields.keys():
        lists = ", ".join(Codes.model_fields)
        raise SeedError([file.problem((), f"must have a list for each of {lists}, and nothing else")])
    for name in Codes.model_fields:
        if name in file.fields:
            contents.add_list(Category if name == "breakdown" else Code, file.at(name), getattr(contents, name))

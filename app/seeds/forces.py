"""The reference data in tables: forces, and how many people work for them."""

from dataclasses import replace
from pathlib import Path

from app.domain.dataset import Force, Workforce
from app.domain.vocabulary import WorkerType
from app.seeds.contents import Contents
from app.seeds.files import Node, read_csv

TABLES = ("forces.csv", "workforce.csv")
FTE = "_fte"
"""The header suffix for full-time equivalents."""

WORKFORCE_COLUMNS = ["force", "as_at", "source", *(f"{one}{suffix}" for one in WorkerType for suffix in ("", FTE))]


def add_forces(contents: Contents, path: Path) -> None:
    """Add the forces and areas.

    Raises:
        SeedError: if the file can't be read.

    """
    for row in read_csv(path, list(Force.model_fields)):
        contents.add(Force, _with_aliases(row), contents.forces)


def add_workforces(contents: Contents, path: Path) -> None:
    """Add the headcounts: one row per force and day.

    Raises:
        SeedError: if the file can't be read.

    """
    for row in read_csv(path, WORKFORCE_COLUMNS):
        contents.add(Workforce, _with_counts(row), contents.workforces)


def _with_aliases(row: Node) -> Node:
    """Return a force's row with its aliases, which share a cell, as a list."""
    aliases = row.fields["aliases"]
    return replace(row, value={**row.fields, "aliases": aliases.split("|") if aliases else []})


def _with_counts(row: Node) -> Node:
    """Return a workforce row with its headcounts and full-time equivalents by worker type."""
    cells = row.fields
    counts = {
        name: {one: _number(cells[f"{one}{suffix}"]) for one in WorkerType if cells[f"{one}{suffix}"] is not None}
        for name, suffix in (("headcount", ""), ("fte", FTE))
    }
    what = {name: cells[name] for name in ("force", "as_at", "source")}
    return replace(row, value={**what, **counts})


def _number(cell: str) -> object:
    """Return the number in a cell, or the text for the model to reject."""
    try:
        return int(cell) if cell.isdecimal() else float(cell)
    except ValueError:
        return cell

"""Bring a database to the releases of the seeds; `main` is the part of `upheld serve` that loads."""

import json
import os
import sys
from pathlib import Path

from app.database.addresses import asyncpg_address
from app.database.loader import load_editions
from app.database.owner import may_change, owner_engine
from app.errors import UpheldError
from app.releases.editions import editions
from app.seeds.reading import read


def load_into(address: str, seeds: Path, *, may_only_read: bool = False) -> str:
    """Load every release of the seeds, and return what was done.

    Raises:
        DatabaseError: if the database can't be used.
        LoadError: if it contains something that a load may not change.
        UpheldError: if the seeds have problems.

    """
    curated = read(seeds)
    releases = editions(curated)
    with owner_engine(address) as engine:
        if may_only_read and not may_change(engine):
            return "This login may only read the database: serving what `upheld load` has loaded."
        report = load_editions(engine, releases, curated.tombstones)
    latest = releases[-1].release.version
    state = "loaded" if report.changed else "already loaded"
    held = f"Release {latest} with {len(curated.dataset.records)} records: {state}."
    return "\n".join([*report.notes, held])


def main() -> None:
    """Load as `UPHELD_LOAD` says; print what was done, and the address for asyncpg, as JSON."""
    task = json.loads(os.environ["UPHELD_LOAD"])
    try:
        done = load_into(task["owner"], Path(task["seeds"]), may_only_read=True)
    except UpheldError as error:
        sys.exit(error.report())
    json.dump({"done": done, "address": asyncpg_address(task["reader"])}, sys.stdout)

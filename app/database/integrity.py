"""Whether a loaded release is complete, and whether this version of the code wrote it."""

import hashlib
import re
from functools import cache
from pathlib import Path

from sqlalchemy import Select, Table, func, select

from app.database.tables import CURRENT_RELEASE, METADATA
from app.seeds.collection import collection
from app.settings import PROJECT

WRITES_ROWS = "app.database.rows"
"""This module and everything it imports decide what the rows and documents of a release contain."""

IMPORT = re.compile(r"^from (?P<module>app\.[\w.]+) import (?:\((?P<lines>[^)]*)\)|(?P<line>.*))$", re.MULTILINE)


@cache
def revision() -> str:
    """Return the revision of the code that renders records and writes rows: a digest of its source.

    It covers every module of this program that `WRITES_ROWS` imports, directly or not, so no change is missed, and
    the name of the collection, which is in citations. Changing a comment changes the revision too: that costs one
    more load, but stale answers would cost trust.
    """
    whole = hashlib.sha256(collection().name.encode())
    for module, source in sorted(_sources(WRITES_ROWS).items()):
        whole.update(f"{module}\n{source}".encode())
    return whole.hexdigest()


def _sources(module: str) -> dict[str, str]:
    """Return the source of a module and of everything it imports from this program, by module."""
    found: dict[str, str] = {}
    rest = [module]
    while rest:
        name = rest.pop()
        path = _path(name)
        if name in found or not path.exists():
            continue
        found[name] = path.read_text("utf-8")
        for line in IMPORT.finditer(found[name]):
            names = re.findall(r"\w+", line["lines"] or line["line"])
            rest += [line["module"], *(f"{line['module']}.{inner}" for inner in names)]
    return found


def _path(module: str) -> Path:
    return (PROJECT / module.replace(".", "/")).with_suffix(".py")


def owned_tables() -> list[Table]:
    """Return the tables with a release's own rows, referenced ones first."""
    return [
        table for table in METADATA.sorted_tables if "release_id" in table.columns and table is not CURRENT_RELEASE
    ]


def count_rows(release_id: int) -> Select[*tuple[int, ...]]:
    """Return the statement that counts a release's rows: one row, with a column for each table.

    Its result equals `release.row_counts` as long as the release is complete.
    """
    return select(
        *(
            select(func.count())
            .select_from(table)
            .where(table.c.release_id == release_id)
            .scalar_subquery()
            .label(table.name)
            for table in owned_tables()
        )
    )

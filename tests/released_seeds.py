"""A copy of the project's seeds with only release 1.0.0, and edits for the next release."""

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.database.loader import load_editions
from app.releases.editions import editions
from app.releases.publish import publish
from app.seeds.files import read_yaml
from app.seeds.reading import read
from app.settings import PROJECT
from tests.real_seeds import first_release, real_seeds

MET = "euro-weekly-news-2021-03-22.yaml"
UPHELD = "met-2012-2018-complaints-upheld"
"""A record that others refer to."""
REMOVED = "met-2012-2018-upheld-removed"
"""A record that refers to `UPHELD`."""
REASON = "The article has 120 further down."

Records = list[dict[str, Any]]


def write_released_seeds(folder: Path) -> Path:
    """Write a copy of the project's seeds with the articles of 1.0.0 and no other release."""
    seeds = Path(shutil.copytree(PROJECT / "seeds", folder / "seeds"))
    released = {source.id for source in first_release()[0].sources}
    for source in real_seeds().dataset.sources:
        if source.id not in released:
            (seeds / f"{source.id}.yaml").unlink(missing_ok=True)
    shutil.rmtree(seeds / "releases", ignore_errors=True)
    for name in ("releases.yaml", "tombstones.yaml", "workforce.csv"):
        (seeds / name).unlink(missing_ok=True)
    publish(seeds, "1.0.0", "The first articles.", {})
    return seeds


def load_seeds(engine: Engine, seeds: Path) -> bool:
    """Load seeds, as `upheld load` does."""
    curated = read(seeds)
    return load_editions(engine, editions(curated), curated.tombstones).changed


def replace_first(path: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def rewrite(path: Path, change: Callable[[Records], Records]) -> None:
    """Change the records in an article's file."""
    content: Any = read_yaml(path).value
    content["records"] = change(content["records"])
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def correct(seeds: Path) -> None:
    """Correct 119 to 120."""
    replace_first(seeds / MET, "value: 119", "value: 120")


ASKED_ALONE = {"met-2012-2018-upheld-removed"}
"""Records whose statement names the outcome of their base."""


def drop(seeds: Path, record: str) -> None:
    """Remove a record from an article's file, with every reference to it."""

    def change(records: Records) -> Records:
        for one in records:
            if record in one.get("base", {}).get("candidates", []):
                del one["base"]
                # The statement still mentions it, and the question about both records is no longer asked.
                one["checked"] = [{"statement-of-other-outcome": "It was a share."}] * (one["id"] in ASKED_ALONE)
            one["related"] = [other for other in one.get("related", []) if other["id"] != record]
        return [one for one in records if one["id"] != record]

    rewrite(seeds / MET, change)


def add(seeds: Path) -> None:
    """Add a record."""
    answer = {"number-used-twice": "Made up."}
    more = {"id": "met-1-complaint", "value": 1, "checked": [answer]}
    rewrite(seeds / MET, lambda records: [*records, {**deepcopy(records[0]), **more}])

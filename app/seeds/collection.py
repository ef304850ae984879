"""The file where a folder of seeds says what the collection is called, who made it, and under which licence."""

import os
from functools import cache
from pathlib import Path

from app.domain.collection import Collection
from app.seeds.files import read_yaml
from app.seeds.problems import SeedError
from app.seeds.validation import validate
from app.settings import PROJECT

NAME = "collection.yaml"

OURS = PROJECT / "seeds"
"""The project's own seeds."""

VARIABLE = "UPHELD_SEEDS"
"""The environment variable that names the folder of seeds, instead of the project's own."""


def read_collection(folder: Path) -> Collection:
    """Read what a folder of seeds says about itself.

    Raises:
        SeedError: with every problem, if there are any.

    """
    found, problems = validate(Collection, read_yaml(folder / NAME))
    if found is None:
        raise SeedError(problems)
    return found


@cache
def collection() -> Collection:
    """Return the collection that this process serves or loads."""
    return read_collection(Path(os.environ.get(VARIABLE) or OURS))

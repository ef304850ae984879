"""The canonical form of a dataset: JSON Lines that never change once released, and their digest.

Keys are sorted, objects are in order of id, and defaults are left out. So the order of seed files, and of records
in them, doesn't matter, and a field added later doesn't change old releases.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Literal, get_args

import orjson
from pydantic import BaseModel

from app.domain.dataset import Codes, Dataset
from app.domain.records import Figure, Incident

Thing = Literal[
    "force", "allegation", "stage", "outcome", "breakdown", "source", "rule_change", "workforce", "record"
]
"""The kinds of object a line may contain, in the order of the lines."""


def things(dataset: Dataset) -> Iterator[tuple[Thing, Sequence[Any]]]:
    """Yield every kind of object in a dataset, with the objects of that kind."""
    for name in get_args(Thing):
        yield name, attrgetter(f"codes.{name}" if name in Codes.model_fields else f"{name}s")(dataset)


def facts(thing: BaseModel) -> dict[str, Any]:
    """Return what was curated about an object, as JSON types."""
    stated = thing.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    # The kind distinguishes figures from incidents when the line is read back.
    return {**stated, "kind": thing.kind.value} if isinstance(thing, Figure | Incident) else stated


def canonical(dataset: Dataset) -> Iterator[bytes]:
    """Yield the lines of a dataset. Codes keep the curators' order, which is meaningful."""
    for name, found in things(dataset):
        for thing in found if name in Codes.model_fields else sorted(found, key=attrgetter("id")):
            yield orjson.dumps({name: facts(thing)}, option=orjson.OPT_SORT_KEYS) + b"\n"


def from_canonical(lines: Iterable[bytes]) -> Dataset:
    """Return the dataset that canonical lines describe."""
    found: dict[str, list[Any]] = {name: [] for name in get_args(Thing)}
    for line in lines:
        for name, stated in orjson.loads(line).items():
            found[name].append(stated)
    codes = {name: found.pop(name) for name in Codes.model_fields}
    return Dataset.model_validate({"codes": codes, **{f"{name}s": stated for name, stated in found.items()}})


def digest_of(lines: Iterable[bytes]) -> str:
    """Return the SHA-256 of canonical lines."""
    sha256 = hashlib.sha256()
    for line in lines:
        sha256.update(line)
    return sha256.hexdigest()


def digest(dataset: Dataset) -> str:
    """Return the SHA-256 of a dataset's canonical form."""
    return digest_of(canonical(dataset))

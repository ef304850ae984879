"""What is kept of a record beside its document: the same facts, without names."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest
from msgspec import Struct

from app.analysis.measures import figures_of, measured, records_of
from app.database.rows import Content, content_of
from app.domain.records import Figure
from app.releases.rendering import OfRelease, document
from app.seeds.reading import read
from app.settings import PROJECT
from bench import synth


def contents() -> Iterator[tuple[str, Content, OfRelease]]:
    """Yield what there is to load, by its name, and what its documents are made with."""
    dataset, release = read(PROJECT / "seeds")
    for name, content, of in (
        ("seeds", content_of(dataset), release),
        ("synthetic", synth.content_of(2_000), synth.release_of(2_000)),
    ):
        forces = {force.id: force for force in content.reference.forces}
        sources = {source.id: source for source in content.reference.sources}
        yield name, content, OfRelease(release=of, forces=forces, sources=sources, history=None)


def named(struct: Struct) -> dict[str, Any]:
    """Return what a document would say under the names of a struct."""
    found = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, Struct):
            value = named(value)
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, Decimal):
            value = float(value)
        found[name] = sorted(value) if isinstance(value, frozenset) else value
    return found


def expected(answered: dict[str, Any], struct: dict[str, Any]) -> dict[str, Any]:
    """Return what a document says under these names."""
    found = {name: answered[name] for name in struct}
    for part in ("period", "base"):
        if found.get(part) is not None:
            found[part] = {name: answered[part][name] for name in struct[part]}
    if "force" in found:
        found |= {"force": answered["force"]["id"], "subjects": sorted(answered["subjects"])}
    return found


@pytest.mark.parametrize(("content", "of"), [pytest.param(*rest, id=name) for name, *rest in contents()])
def test_what_is_kept_says_what_the_document_says(content: Content, of: OfRelease) -> None:
    """Every fact that decides whether records may stand side by side is the one that is answered."""
    kinds = set()
    for record, base in content.records():
        read_back = figures_of if isinstance(record, Figure) else records_of
        (found,) = read_back(f"[{measured(record)}]")
        told = named(found)
        assert told == expected(orjson.loads(document(record, base, of)), told)
        kinds.add(record.kind)
    assert len(kinds) == 4

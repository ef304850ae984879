"""What a release defines beside its records: forces, code trees, sources. Read once for each release."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from app.database import tables
from app.domain.dataset import RuleChange
from app.domain.trees import with_ancestors, with_descendants

Column = InstrumentedAttribute[Any]

TREES = {"allegation": tables.Allegation, "stage": tables.Stage, "outcome": tables.Outcome}


@dataclass(frozen=True)
class ReleaseRow:
    """A release as it stands in the database."""

    id: int
    version: str
    published_at: datetime
    note: str
    digest: str


@dataclass(frozen=True)
class Reference:
    """A release and the words that a query on it may use."""

    release: ReleaseRow
    force_areas: Mapping[str, str | None]
    """Each force with the area it lies in."""
    parents: Mapping[str, Mapping[str, str | None]]
    """For each code tree, each code with the wider one it belongs to."""
    origins: Mapping[str, str | None]
    """Each source with the one it goes back to."""
    rule_changes: tuple[RuleChange, ...]
    names: Mapping[str, Mapping[str, str]]
    """What people call forces, codes of each tree and categories (as `dimension=category`), by `force`, the
    tree or `breakdown`; each in the curators' order."""

    def with_descendants(self, tree: str, codes: Iterable[str]) -> list[str]:
        """Return codes of a tree with everything below them."""
        return sorted(with_descendants(self.parents[tree], codes))

    def with_ancestors(self, tree: str, codes: Iterable[str]) -> set[str]:
        """Return codes of a tree with everything above them."""
        return {above for code in codes for above in with_ancestors(self.parents[tree], code)}

    def origin_of(self, source: str) -> str:
        """Return the source that a source goes back to in the end; an origin is its own."""
        return with_ancestors(self.origins, source)[-1]

    def forces_in(self, forces: Iterable[str]) -> list[str]:
        """Return forces with everything that lies inside them."""
        return sorted(with_descendants(self.force_areas, forces))

    def areas_of(self, forces: Iterable[str]) -> list[str]:
        """Return forces with every area that contains them."""
        return sorted({area for force in forces for area in with_ancestors(self.force_areas, force)})


async def find_release(connection: AsyncConnection, version: str | None) -> ReleaseRow | None:
    """Return the release of a version, or the current one where none is named."""
    release = tables.Release
    statement = select(release.id, release.version, release.published_at, release.note, release.digest)
    if version is None:
        statement = statement.where(release.id == select(tables.CurrentRelease.release_id).scalar_subquery())
    else:
        statement = statement.where(release.version == version)
    row = (await connection.execute(statement)).one_or_none()
    return ReleaseRow(**row._asdict()) if row is not None else None


async def read_reference(connection: AsyncConnection, release: ReleaseRow) -> Reference:
    """Read what a release defines."""

    async def rows(model: type[tables.Base], *columns: Column, order: Column) -> Sequence[tuple[Any, ...]]:
        owner: Column = model.release_id  # type: ignore[attr-defined] # every model here is owned by a release
        statement = select(*columns).where(owner == release.id).order_by(order)
        return [tuple(row) for row in await connection.execute(statement)]

    force, source, category, change = tables.Force, tables.Source, tables.Category, tables.RuleChange
    forces = await rows(force, force.id, force.part_of, force.name, order=force.id)
    sources = await rows(source, source.id, source.origin, order=source.id)
    trees = {
        tree: await rows(model, model.id, model.parent, model.label, order=model.position)
        for tree, model in TREES.items()
    }
    categories = await rows(category, category.dimension, category.id, category.label, order=category.position)
    changes = await rows(change, change.document, order=change.id)
    return Reference(
        release=release,
        force_areas={id_: part_of for id_, part_of, _ in forces},
        parents={tree: {code: parent for code, parent, _ in codes} for tree, codes in trees.items()},
        origins=dict(sources),
        rule_changes=tuple(
            sorted((RuleChange.model_validate_json(row[0]) for row in changes), key=attrgetter("day", "id"))
        ),
        names={tree: {code: label for code, _, label in codes} for tree, codes in trees.items()}
        | {
            "force": {id_: name for id_, _, name in forces},
            "breakdown": {f"{dimension}={id_}": label for dimension, id_, label in categories},
        },
    )

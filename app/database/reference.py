"""A release's reference data: forces, sources, codes, changes of rules. Read once per release."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import asyncpg
from pydantic import BaseModel
from sqlalchemy import Select, Table, bindparam, func, select

from app.database import tables
from app.database.current import ReleaseRow
from app.database.statements import RELEASE_ID, compiled
from app.domain.dataset import Category, Code, Force, Published, RuleChange, Source, plain_name
from app.domain.series import Series, Sides
from app.domain.trees import Parents, Unions, tree_of, unions_of, with_ancestors, with_descendants
from app.domain.vocabulary import EvidenceRole, RelationType

T = TypeVar("T", bound=BaseModel)


class Contradiction(NamedTuple):
    """A series on which two sources contradict each other."""

    series: Series
    one: str
    other: str


@dataclass(frozen=True)
class Reference:
    """A release and the forces, sources and codes that its records refer to."""

    release: ReleaseRow
    forces: Mapping[str, Force]
    sources: Mapping[str, Source]
    trees: Mapping[str, Mapping[str, Code]]
    """The codes of each tree, in the curators' order."""
    breakdown: Sequence[Category]
    """In the curators' order."""
    rule_changes: tuple[RuleChange, ...]
    """From the earliest."""
    contradictions: Sequence[Contradiction]

    @cached_property
    def force_areas(self) -> Parents:
        """Each force with the area that contains it."""
        return {force.id: force.part_of for force in self.forces.values()}

    @cached_property
    def origins(self) -> Parents:
        """Each source with the one that it goes back to."""
        return {source.id: source.origin for source in self.sources.values()}

    @cached_property
    def parents(self) -> Mapping[str, Parents]:
        """For each tree, each code with its parent."""
        return {tree: tree_of(codes.values()) for tree, codes in self.trees.items()}

    @cached_property
    def unions(self) -> Mapping[str, Unions]:
        """For each tree, each union of codes with its members."""
        return {tree: unions_of(codes.values()) for tree, codes in self.trees.items()}

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """Names for people: of forces, publishers, codes of each tree, and breakdowns (`dimension=category`)."""
        return {
            "force": {force.id: force.name for force in self.forces.values()},
            "source": {source.id: source.publisher for source in self.sources.values()},
            "breakdown": {f"{one.dimension}={one.id}": one.label for one in self.breakdown},
            **{tree: {code.id: code.label for code in codes.values()} for tree, codes in self.trees.items()},
        }

    @cached_property
    def contradicted(self) -> Mapping[Series, tuple[Sides, ...]]:
        """The series on which sources contradict each other, with the sources on either side."""
        found: dict[Series, list[Sides]] = defaultdict(list)
        for seen in self.contradictions:
            left, right = (frozenset(with_ancestors(self.origins, source)) for source in (seen.one, seen.other))
            found[seen.series].append((left - right, right - left))
        return {series: tuple(dict.fromkeys(sides)) for series, sides in found.items()}

    @cached_property
    def called(self) -> Mapping[str, Mapping[str, str]]:
        """By tree, the id for each name of a force or a code, in plain form."""
        things: dict[str, Iterable[Force | Code]] = {
            "force": self.forces.values(),
            **{tree: codes.values() for tree, codes in self.trees.items()},
        }
        return {tree: {name: one.id for one in found for name in one.names} for tree, found in things.items()}

    def meant(self, tree: str, value: str) -> list[str]:
        """Return the force, or the code of a tree, that has this name; empty if there's none."""
        id_ = self.called[tree].get(plain_name(value))
        return [] if id_ is None else [id_]

    def with_descendants(self, tree: str, codes: Iterable[str]) -> list[str]:
        """Return codes of a tree with everything below them."""
        return sorted(with_descendants(self.parents[tree], codes))

    def with_ancestors(self, tree: str, codes: Iterable[str]) -> set[str]:
        """Return codes of a tree with everything above them."""
        return {above for code in codes for above in with_ancestors(self.parents[tree], code)}

    def forces_in(self, forces: Iterable[str]) -> list[str]:
        """Return forces with everything inside them."""
        return sorted(with_descendants(self.force_areas, forces))

    def areas_of(self, forces: Iterable[str]) -> list[str]:
        """Return forces with every area that contains them."""
        return sorted({area for force in forces for area in with_ancestors(self.force_areas, force)})

    def origin_of(self, source: str) -> str:
        """Return the source that a source ultimately goes back to; an original goes back to itself."""
        return with_ancestors(self.origins, source)[-1]


@compiled
def _rows_of(table: Table, order: str) -> Select[*tuple[Any, ...]]:
    return select(table).where(table.c.release_id == bindparam("release")).order_by(table.c[order])


@compiled
def _contradictions() -> Select[*tuple[Any, ...]]:
    relation, figure = tables.RELATION.c, tables.RECORD.c
    one, other = tables.EVIDENCE.alias().c, tables.EVIDENCE.alias().c
    of_release = [found.release_id == RELEASE_ID for found in (relation, figure, one, other)]
    states = [found.role == EvidenceRole.STATES for found in (one, other)]
    series = [figure[name] for name in Series._fields]
    counters = [func.coalesce(found.origin, found.source) for found in (one, other)]
    return select(*series, *counters).where(
        *of_release,
        *states,
        relation.type == RelationType.CONFLICTS_WITH,
        figure.id == relation.record_id,
        one.record_id == relation.record_id,
        other.record_id == relation.related_id,
    )


async def read_reference(connection: asyncpg.Connection, release: ReleaseRow) -> Reference:
    """Read a release's reference data."""

    async def rows(table: Table, order: str = "id") -> Sequence[Mapping[str, Any]]:
        return [dict(row) for row in await _rows_of(table, order).rows(connection, release=release.id)]

    changes = [RuleChange.model_validate_json(row["document"]) for row in await rows(tables.RULE_CHANGE)]
    return Reference(
        release=release,
        forces={row["id"]: of_row(Force, row) for row in await rows(tables.FORCE)},
        sources={row["id"]: source_of_row(row) for row in await rows(tables.SOURCE)},
        trees={
            tree: {row["id"]: of_row(Code, row) for row in await rows(table, "position")}
            for tree, table in tables.CODES.items()
        },
        breakdown=[of_row(Category, row) for row in await rows(tables.CATEGORY, "position")],
        rule_changes=tuple(sorted(changes, key=attrgetter("day", "id"))),
        contradictions=[
            Contradiction(Series(*series), one, other)
            for *series, one, other in await _contradictions().rows(connection, release=release.id)
        ],
    )


def of_row(model: type[T], row: Mapping[str, Any]) -> T:
    """Return a model from its row, whose columns have the names of its fields; missing ones have their defaults."""
    return model.model_validate({name: row[name] for name in model.model_fields if name in row})


def source_of_row(row: Mapping[str, Any]) -> Source:
    """Return a source from its row."""
    published = {part: row[f"published_{part}"] for part in Published.model_fields}
    return of_row(Source, {**row, "published": published})

"""The rules between things of the seeds: each notes what breaks it, where it stands and what would mend it.

What one record can break by itself is refused by `records` already.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

import orjson

from app.domain.dataset import Category, Code, Force, Source
from app.domain.records import Evidence, Figure, Record
from app.domain.trees import reachable
from app.domain.vocabulary import BaseBasis, EvidenceRole, ForceKind, Kind, RelationType
from app.seeds.files import Node, Place, Reading

MUTUAL = frozenset({RelationType.SAME_FACT, RelationType.CONFLICTS_WITH, RelationType.OVERLAPS})
"""Relations that hold either way round, so both records have to name them."""


def _ids_are_unique(reading: Reading) -> None:
    for name in ("forces", "allegation", "stage", "outcome", "sources", "rule_changes", "records"):
        pairs: list[tuple[Force | Code | Source | Record, Node]] = getattr(reading, name)
        seen: dict[str, Node] = {}
        for thing, node in pairs:
            if first := seen.get(thing.id):
                message = f"the id is taken: {first.file}:{first.line()}"
                reading.report(node, ("id",), message, thing.id)
            seen.setdefault(thing.id, node)


def _categories_and_versions_are_unique(reading: Reading) -> None:
    for pairs, name in ((reading.breakdown, "id"), (reading.releases, "version")):
        seen: dict[tuple[str, ...], Node] = {}
        for thing, node in pairs:
            key = (thing.dimension, thing.id) if isinstance(thing, Category) else (thing.version,)
            if first := seen.get(key):
                reading.report(node, (name,), f"is taken: {first.file}:{first.line()}", key[-1])
            seen.setdefault(key, node)


def _trees_hang_together(reading: Reading) -> None:
    for tree in ("allegation", "stage", "outcome"):
        pairs: list[tuple[Code, Node]] = getattr(reading, tree)
        _parents(reading, pairs, {code.id: code.parent for code, _ in pairs}, "parent")
    _parents(reading, reading.forces, {force.id: force.part_of for force, _ in reading.forces}, "part_of")
    _parents(reading, reading.sources, {source.id: source.origin for source, _ in reading.sources}, "origin")
    known = {force.id for force, _ in reading.forces}
    areas = {force.id for force, _ in reading.forces if force.kind is ForceKind.AREA}
    for force, node in reading.forces:
        if force.part_of in known and force.part_of not in areas:
            reading.report(node, ("part_of",), f"{force.part_of} is not an area", force.id)


def _parents(
    reading: Reading,
    pairs: Sequence[tuple[Force | Code | Source, Node]],
    parents: Mapping[str, str | None],
    name: str,
) -> None:
    links = {name: [above] for name, above in parents.items() if above is not None}
    for thing, node in pairs:
        parent = parents[thing.id]
        if parent is not None and parent not in parents:
            _refuse_unknown(reading, node, (name,), parent, parents, thing.id)
        if thing.id in reachable(links, thing.id):
            reading.report(node, (name,), "leads back to itself", thing.id)


def _unknown(value: str, known: Iterable[str]) -> str:
    near = get_close_matches(value, list(known), 1)
    return f"{value!r} is not known" + (f"; did you mean {near[0]}?" if near else "")


def _refuse_unknown(  # noqa: PLR0913, PLR0917 - a problem has this many sides
    reading: Reading, node: Node, place: Place, value: str, known: Iterable[str], record: str
) -> None:
    """Report a reference to nothing; one to a thing that is there and cannot be read is not wrong itself."""
    if value not in reading.spoilt:
        reading.report(node, place, _unknown(value, known), record)


def _unread_codes_are_known(reading: Reading) -> None:
    """Look at the codes of records that cannot be read as well, so that all that is wrong is told at once."""
    codes = {
        "force": {force.id for force, _ in reading.forces},
        "allegation": {code.id for code, _ in reading.allegation},
        "stage": {code.id for code, _ in reading.stage},
        "outcome": {code.id for code, _ in reading.outcome},
    }
    for name, known in codes.items():
        for stated, node in reading.unread:
            word = stated.get(name)
            if isinstance(word, str) and word not in known:
                _refuse_unknown(reading, node, (name,), word, known, str(stated.get("id", "")))


def _codes_are_known(reading: Reading) -> None:
    forces = {force.id for force, _ in reading.forces}
    trees = {tree: {code.id for code, _ in getattr(reading, tree)} for tree in ("allegation", "stage", "outcome")}
    categories = {(category.dimension, category.id) for category, _ in reading.breakdown}
    for record, node in reading.records:
        if record.force not in forces:
            _refuse_unknown(reading, node, ("force",), record.force, forces, record.id)
        for tree, codes in trees.items():
            code = getattr(record, tree, None)
            if code is not None and code not in codes:
                _refuse_unknown(reading, node, (tree,), code, codes, record.id)
        if isinstance(record, Figure):
            for dimension, category in record.breakdown.items():
                if (dimension, category) not in categories:
                    message = f"{dimension}={category} is not defined in codes.yaml"
                    reading.report(node, ("breakdown", dimension), message, record.id)


def _rule_changes_are_known(reading: Reading) -> None:
    known = {
        "forces": {force.id for force, _ in reading.forces},
        "allegations": {code.id for code, _ in reading.allegation},
        "stages": {code.id for code, _ in reading.stage},
        "outcomes": {code.id for code, _ in reading.outcome},
    }
    for change, node in reading.rule_changes:
        for name, words in known.items():
            for index, word in enumerate(getattr(change, name)):
                if word not in words:
                    _refuse_unknown(reading, node, (name, index), word, words, change.id)


def _references_are_known(reading: Reading) -> None:
    kinds = {record.id: record.kind for record, _ in reading.records}
    related = {(record.id, other.type, other.id) for record, _ in reading.records for other in record.related}
    for record, node in reading.records:
        for index, other in enumerate(record.related):
            place = ("related", index, "id")
            if other.id not in kinds:
                _refuse_unknown(reading, node, place, other.id, kinds, record.id)
            elif other.id == record.id:
                reading.report(node, place, "a record is not related to itself", record.id)
            elif other.type in MUTUAL and (other.id, other.type, record.id) not in related:
                message = f"{other.id} does not name {record.id} as {other.type} in turn"
                reading.report(node, place, message, record.id)
        if isinstance(record, Figure) and record.base is not None:
            for index, candidate in enumerate(record.base.candidates):
                there = ("base", "candidates", index)
                if candidate not in kinds:
                    _refuse_unknown(reading, node, there, candidate, kinds, record.id)
                elif kinds[candidate] is Kind.INCIDENT:
                    message = f"{candidate} is an incident; a base is a figure"
                    reading.report(node, there, message, record.id)


def _nothing_is_inside_itself(reading: Reading) -> None:
    """No figure is, by whatever reading, a share or a part of itself through others; none comes before itself."""
    bases = {
        record.id: record.base.candidates
        for record, _ in reading.records
        if isinstance(record, Figure) and record.base is not None
    }
    inside = _by_relation(reading, RelationType.PART_OF)
    wholes = {name: [*bases.get(name, ()), *inside.get(name, ())] for name in {*bases, *inside}}
    for record, node in reading.records:
        if record.id in reachable(bases, record.id):
            reading.report(node, ("base",), "is in the end a share of itself", record.id)
    for type_, above, message in (
        (RelationType.PART_OF, wholes, "is in the end a part of itself"),
        (RelationType.SUPERSEDES, _by_relation(reading, RelationType.SUPERSEDES), "leads back to itself"),
        (RelationType.CHANGE_FROM, _by_relation(reading, RelationType.CHANGE_FROM), "leads back to itself"),
    ):
        for record, node in reading.records:
            for index, other in enumerate(record.related):
                if other.type is type_ and other.id != record.id and record.id in reachable(above, other.id):
                    reading.report(node, ("related", index, "id"), message, record.id)


def _by_relation(reading: Reading, type_: RelationType) -> dict[str, list[str]]:
    """Return to which others each record stands in a relation."""
    return {
        record.id: named
        for record, _ in reading.records
        if (named := [other.id for other in record.related if other.type is type_])
    }


def _evidence_fits_its_source(reading: Reading) -> None:
    sources = {source.id: source for source, _ in reading.sources}
    for record, node in reading.records:
        if [e.role for e in record.evidence].count(EvidenceRole.STATES) != 1:
            message = "exactly one passage has the role states: the first that tells it"
            reading.report(node, ("evidence",), message, record.id)
        seen: Counter[tuple[object, ...]] = Counter()
        for index, evidence in enumerate(record.evidence):
            source = sources.get(evidence.source)
            if source is None:
                place = ("evidence", index, "source")
                _refuse_unknown(reading, node, place, evidence.source, sources, record.id)
            elif message := _misplaced(evidence, source):
                reading.report(node, ("evidence", index), message, record.id)
            key = (evidence.source, evidence.role, evidence.paragraph, evidence.start, evidence.end)
            seen[key] += 1
            if seen[key] == 2:  # noqa: PLR2004 - the second of two
                reading.report(node, ("evidence", index), "is given twice", record.id)


def _misplaced(evidence: Evidence, source: Source) -> str:
    held = source.file is not None
    if held and not evidence.located:
        return f"the text of {source.id} is held, so paragraph, start, end and sha256 are needed"
    if not held and evidence.located:
        return f"the text of {source.id} is not held, so there is no paragraph to point to"
    if not held and evidence.role in {EvidenceRole.STATES, EvidenceRole.REPEATS}:
        return f"the text of {source.id} is not held; it can corroborate or dispute, not state"
    return ""


def _figures_are_told_once(reading: Reading) -> None:
    first: dict[bytes, str] = {}
    for record, node in reading.records:
        if not isinstance(record, Figure):
            continue
        told = orjson.dumps(
            [
                record.model_dump(
                    mode="json",
                    include={
                        *(
                            "kind",
                            "force",
                            "allegation",
                            "stage",
                            "outcome",
                            "value",
                            "value_to",
                            "value_type",
                        ),
                        *("per", "value_status", "qualifier", "unit", "breakdown"),
                    },
                ),
                sorted(record.subjects),
                record.period.model_dump(mode="json", include={"start", "end", "as_at", "event"}),
                # Without days, its words are all that tells one period from another.
                record.period.label if record.period.start is None else None,
                record.base.id if record.base and record.base.basis is not BaseBasis.AMBIGUOUS else None,
            ],
            option=orjson.OPT_SORT_KEYS,
        )
        if told in first:
            message = f"says the same as {first[told]}; make it one record with more evidence"
            reading.report(node, ("value",), message, record.id)
        first.setdefault(told, record.id)


def _removed_stay_removed(reading: Reading) -> None:
    stones = {stone.id: stone for stone, _ in reading.tombstones}
    for record, node in reading.records:
        if stone := stones.get(record.id):
            message = f"was removed for legal reasons on {stone.day}; an id is never used again"
            reading.report(node, ("id",), message, record.id)


RULES: list[Callable[[Reading], None]] = [
    _ids_are_unique,
    _categories_and_versions_are_unique,
    _trees_hang_together,
    _codes_are_known,
    _unread_codes_are_known,
    _rule_changes_are_known,
    _references_are_known,
    _nothing_is_inside_itself,
    _evidence_fits_its_source,
    _figures_are_told_once,
    _removed_stay_removed,
]

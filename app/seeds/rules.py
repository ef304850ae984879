"""The rules between the objects in the seeds. Each reports what breaks it, where, and what would be right.

Errors within a single record have already been rejected by its model.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from app.domain.dataset import Code, Force, Source
from app.domain.records import Evidence, Figure, Record
from app.domain.rule_changes import is_touched
from app.domain.trees import TREES, reachable, tree_of
from app.domain.vocabulary import EvidenceRole, ForceKind, Kind, Qualifier, RelationType
from app.seeds.collection import OURS
from app.seeds.contents import Contents, Found
from app.seeds.files import Node, read_yaml
from app.seeds.plain_yaml import Place
from app.seeds.validation import did_you_mean

MUTUAL = frozenset({RelationType.SAME_FACT, RelationType.CONFLICTS_WITH, RelationType.OVERLAPS})
"""Relations that hold both ways, so both records must state them."""

NO_CYCLES = {
    RelationType.PART_OF: "is a part of itself, through other records",
    RelationType.SUPERSEDES: "supersedes itself, through other records",
    RelationType.CHANGE_FROM: "is a change from itself, through other records",
}
"""Relations that mustn't lead back to where they start."""

NOT_COUNTED = {"id", "statement", "period", "base", "related", "coverage", "evidence", "notes"}
"""Figure fields that aren't compared as they are when looking for the same figure twice."""


def _ids(found: Sequence[tuple[Any, Node]]) -> set[str]:
    return {thing.id for thing, _ in found}


def _ids_are_unique(contents: Contents) -> None:
    for found in (
        contents.forces,
        *(getattr(contents, tree) for tree in TREES),
        contents.sources,
        contents.rule_changes,
        contents.workforces,
        contents.records,
    ):
        _are_unique(contents, [(thing.id, node) for thing, node in found], "id")
    categories = [(f"{category.dimension}={category.id}", node) for category, node in contents.breakdown]
    _are_unique(contents, categories, "id")
    _are_unique(contents, [(release.version, node) for release, node in contents.releases], "version")


def _are_unique(contents: Contents, names: Iterable[tuple[str, Node]], field: str) -> None:
    first: dict[str, Node] = {}
    for name, node in names:
        if name in first:
            contents.report(node, (field,), f"{name} is already used at {first[name].where}")
        first.setdefault(name, node)


def _trees_are_connected(contents: Contents) -> None:
    trees: list[tuple[Sequence[tuple[Any, Node]], str]] = [(getattr(contents, tree), "parent") for tree in TREES]
    for found, field in (*trees, (contents.forces, "part_of"), (contents.sources, "origin")):
        links = {thing.id: _parents(thing, field) for thing, _ in found}
        for thing, node in found:
            for parent in links[thing.id]:
                _check_known(contents, node, (field,), parent, links)
            if thing.id in reachable(links, thing.id):
                contents.report(node, (field,), f"{thing.id} leads back to itself")
    not_areas = {force.id for force, _ in contents.forces if force.kind is not ForceKind.AREA}
    for force, node in contents.forces:
        if force.part_of in not_areas:
            contents.report(node, ("part_of",), f"{force.part_of} is a force, not an area")


def _parents(thing: Code | Force | Source, field: str) -> Sequence[str]:
    if isinstance(thing, Code) and thing.parents:
        return thing.parents
    return [parent] if (parent := getattr(thing, field)) else []


def _unions_stay_outside_trees(contents: Contents) -> None:
    """Report unions that have a place in the tree: filters on their members wouldn't find what is there."""
    for tree in TREES:
        codes: Found[Code] = getattr(contents, tree)
        unions = {code.id: " or ".join(code.parents) for code, _ in codes if code.parents}
        ours = _parents_of_ours(tree) if unions else {}
        for code, node in codes:
            if code.parent in unions:
                message = (
                    f"{code.parent} is {unions[code.parent]}, not known which, so filters on these wouldn't find "
                    "what is below it; name one of them"
                )
                contents.report(node, ("parent",), message)
            if code.id in unions and code.id in ours:
                place = f"under {ours[code.id]}" if ours[code.id] else "at the top"
                message = (
                    f"{code.id} is {place} among Upheld's codes. With parents it would mean {unions[code.id]}, not "
                    "known which, and filters on these wouldn't find it; keep its parent, or rename the union"
                )
                contents.report(node, ("parents",), message)


def _parents_of_ours(tree: str) -> Mapping[str, str | None]:
    """Return Upheld's own codes in a tree, which every collection starts with, each with its parent."""
    codes = [entry.fields for entry in read_yaml(OURS / "codes.yaml").at(tree).entries()]
    return {code["id"]: code.get("parent") for code in codes if not code.get("parents")}


def _names_are_unambiguous(contents: Contents) -> None:
    """Report names shared by two forces, or by two codes in a tree."""
    for found in (contents.forces, *(getattr(contents, tree) for tree in TREES)):
        first: dict[str, str] = {}
        for thing, node in found:
            for name in sorted(thing.names):
                if first.setdefault(name, thing.id) != thing.id:
                    contents.report(node, ("aliases",), f"{name!r} names {first[name]}, too")


def _check_known(contents: Contents, node: Node, place: Place, word: object, known: Iterable[str]) -> None:
    """Report an unknown word, unless it's the id of something that couldn't be read."""
    if isinstance(word, str) and word not in known and word not in contents.invalid_ids:
        contents.report(node, place, f"{word!r} is not known{did_you_mean(word, list(known))}")


def _known(contents: Contents) -> Mapping[str, set[str]]:
    """Return the ids of forces, sources and codes, by the names of the fields that contain them."""
    trees = {tree: _ids(getattr(contents, tree)) for tree in TREES}
    return {"force": _ids(contents.forces), "source": _ids(contents.sources), **trees}


def _words_in_records_are_known(contents: Contents) -> None:
    known = _known(contents)
    wrong = {(problem.record, problem.field) for problem in contents.problems}
    written = [*((vars(record), node) for record, node in contents.records), *contents.invalid_records]
    for fields, node in written:
        for name in ("force", *TREES):
            if (node.record, name) not in wrong:
                _check_known(contents, node, (name,), fields.get(name), known[name])
    categories = {(category.dimension, category.id) for category, _ in contents.breakdown}
    for record, node in contents.records:
        for index, evidence in enumerate(record.evidence):
            for name, source in (("source", evidence.source), ("origin", evidence.origin)):
                _check_known(contents, node, ("evidence", index, name), source, known["source"])
        for dimension, category in record.breakdown.items() if isinstance(record, Figure) else ():
            if (dimension, category) not in categories:
                message = f"{dimension}={category} is not defined in codes.yaml"
                contents.report(node, ("breakdown", dimension), message)


def _words_elsewhere_are_known(contents: Contents) -> None:
    known = _known(contents)
    for change, node in contents.rule_changes:
        for name in ("force", *TREES):
            for field in (f"{name}s", f"{name}s_untouched"):
                for index, word in enumerate(getattr(change, field, ())):
                    _check_known(contents, node, (field, index), word, known[name])
    for workforce, node in contents.workforces:
        _check_known(contents, node, ("force",), workforce.force, known["force"])
        _check_known(contents, node, ("source",), workforce.source, known["source"])


def _rule_changes_cover_each_code(contents: Contents) -> None:
    """Report codes that a change of rules doesn't cover: they'd look unaffected, whether they are or not."""
    if contents.is_unread("codes.yaml") or contents.is_unread("breaks.yaml"):
        return  # missing codes may only be a consequence
    for change, node in contents.rule_changes:
        for kind, tree in ((Kind.PROCEEDING, "stage"), (Kind.OUTCOME, "outcome")):
            if kind not in change.kinds:
                continue
            codes = [code for code, _ in getattr(contents, tree)]
            touched, untouched = getattr(change, f"{tree}s"), getattr(change, f"{tree}s_untouched")
            for code in {*touched}.intersection(untouched):
                contents.report(node, (f"{tree}s_untouched",), f"{code} can't be both touched and untouched")
            parents = tree_of(codes)
            silent = [
                code.id
                for code in codes
                if not code.parents and is_touched(parents, code.id, touched, untouched) is None
            ]
            if silent:
                message = (
                    f"doesn't mention {', '.join(silent)}: name it, or a code above it, in {tree}s if its figures "
                    f"don't mean the same before and after, otherwise in {tree}s_untouched"
                )
                contents.report(node, (f"{tree}s",), message)


def _references_are_known(contents: Contents) -> None:
    kinds = {record.id: record.kind for record, _ in contents.records}
    related = {(record.id, other.type, other.id) for record, _ in contents.records for other in record.related}
    for record, node in contents.records:
        for index, other in enumerate(record.related):
            place: Place = ("related", index, "id")
            _check_known(contents, node, place, other.id, kinds)
            if other.id == record.id:
                contents.report(node, place, "a record can't be related to itself")
            elif other.id in kinds and other.type in MUTUAL and (other.id, other.type, record.id) not in related:
                contents.report(node, place, f"{other.id} must name {record.id} as {other.type} in turn")
        for index, candidate in enumerate(_candidates(record)):
            place = ("base", "candidates", index)
            _check_known(contents, node, place, candidate, kinds)
            if kinds.get(candidate) is Kind.INCIDENT:
                contents.report(node, place, f"{candidate} is an incident; a base must be a figure")


def _candidates(record: Record) -> Sequence[str]:
    return record.base.candidates if isinstance(record, Figure) and record.base is not None else ()


def _nothing_leads_back_to_itself(contents: Contents) -> None:
    """Report records that lead back to themselves through others, whichever base candidates are right."""
    bases = {record.id: _candidates(record) for record, _ in contents.records}
    links = {
        type_: {
            record.id: [other.id for other in record.related if other.type is type_]
            for record, _ in contents.records
        }
        for type_ in NO_CYCLES
    }
    parts = links[RelationType.PART_OF]
    links[RelationType.PART_OF] = {id_: [*bases[id_], *parts[id_]] for id_ in bases}
    for record, node in contents.records:
        if record.id in reachable(bases, record.id):
            contents.report(node, ("base",), f"{record.id} is a share of itself, through other figures")
        for index, other in enumerate(record.related):
            if (
                other.type in NO_CYCLES
                and other.id != record.id
                and record.id in reachable(links[other.type], other.id)
            ):
                contents.report(node, ("related", index, "id"), f"{record.id} {NO_CYCLES[other.type]}")


def _origins_come_first(contents: Contents) -> None:
    """Report sources whose origin was published after them."""
    dates = {source.id: source.published.date for source, _ in contents.sources}
    for source, node in contents.sources:
        date, earlier = source.published.date, dates.get(source.origin or "")
        if date is None or earlier is None:
            continue
        known = min(len(date), len(earlier))
        if earlier[:known] > date[:known]:
            message = f"is dated {date}, but goes back to {source.origin}, which is dated {earlier}"
            contents.report(node, ("origin",), message)


def _evidence_fits_its_source(contents: Contents) -> None:
    sources = {source.id: source for source, _ in contents.sources}
    for record, node in contents.records:
        is_about = isinstance(record, Figure) and record.qualifier is Qualifier.ABOUT
        stating = [evidence.role for evidence in record.evidence].count(EvidenceRole.STATES)
        if stating != 1:
            message = f"exactly one passage, the first that states it, must have the role states; found {stating}"
            contents.report(node, ("evidence",), message)
        seen = set()
        for index, evidence in enumerate(record.evidence):
            place = ("evidence", index)
            if (source := sources.get(evidence.source)) and (message := _misfit(evidence, source)):
                contents.report(node, place, message)
            if evidence.role is EvidenceRole.STATES and evidence.qualifier_printed and not is_about:
                message = "beside what states a figure, qualifier_printed is for one that is about the number"
                contents.report(node, (*place, "qualifier_printed"), message)
            passage = (evidence.paragraph, evidence.start, evidence.end)
            key = (evidence.source, evidence.role, evidence.on, *passage)
            if key in seen:
                contents.report(node, place, "this evidence is given twice")
            seen.add(key)


def _misfit(evidence: Evidence, source: Source) -> str:
    """Return why evidence doesn't fit its source; empty if it does."""
    held = source.file is not None
    if held and not evidence.located:
        return f"the text of {source.id} is held, so paragraph, start, end and sha256 are required"
    if not held and evidence.located:
        return f"the text of {source.id} is not held, so paragraph, start, end and sha256 must be left out"
    if not held and evidence.role in {EvidenceRole.STATES, EvidenceRole.REPEATS}:
        return f"the text of {source.id} is not held, so its role must be corroborates or disputes"
    return ""


def _figures_are_recorded_once(contents: Contents) -> None:
    first: dict[bytes, str] = {}
    for record, node in contents.records:
        if not isinstance(record, Figure):
            continue
        period, base = record.period, record.base
        counted = [
            {**record.model_dump(mode="json", exclude=NOT_COUNTED), "subjects": sorted(record.subjects)},
            # Undated periods differ only in their labels.
            [period.start, period.end, period.as_at, period.event, None if period.start else period.label],
            base.id if base is not None else None,
        ]
        key = orjson.dumps(counted, option=orjson.OPT_SORT_KEYS)
        if key in first:
            message = f"this is the same figure as {first[key]}; make it one record with more evidence"
            contents.report(node, ("value",), message)
        first.setdefault(key, record.id)


def _removed_records_stay_removed(contents: Contents) -> None:
    tombstones = {tombstone.id: tombstone for tombstone, _ in contents.tombstones}
    for record, node in contents.records:
        if tombstone := tombstones.get(record.id):
            message = f"{record.id} was removed for legal reasons on {tombstone.day}, and ids are never reused"
            contents.report(node, ("id",), message)


RULES: list[Callable[[Contents], None]] = [
    _ids_are_unique,
    _trees_are_connected,
    _unions_stay_outside_trees,
    _names_are_unambiguous,
    _words_in_records_are_known,
    _words_elsewhere_are_known,
    _rule_changes_cover_each_code,
    _references_are_known,
    _nothing_leads_back_to_itself,
    _origins_come_first,
    _evidence_fits_its_source,
    _figures_are_recorded_once,
    _removed_records_stay_removed,
]

"""The seed file for an article or a table: its source, its records, its ledger, its table."""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.domain.dataset import Source
from app.domain.records import Figure, Incident
from app.domain.rules import broken_rules
from app.domain.vocabulary import Kind
from app.evidence.drafts import TODO
from app.evidence.ledger import LedgerEntry
from app.evidence.numbers import find_numbers
from app.seeds.answers import read_answers, read_readers
from app.seeds.contents import Contents, Found, Scope, things
from app.seeds.files import Node
from app.seeds.plain_yaml import Place
from app.seeds.problems import SeedError
from app.seeds.tables import add_table

PARTS = ("source", "defaults", "records", "ledger", "table")

OF_FIGURES = ("unit", "subjects")
CHECKED = "checked"
DEFAULTS = ("force", "period", "allegation", *OF_FIGURES, "read_by", CHECKED)
"""Fields that an article may set once, for all records that don't have their own."""


def add_article(contents: Contents, file: Node) -> None:
    """Add the contents of an article's file.

    Raises:
        SeedError: if it's an unfinished draft, or isn't an article's file.

    """
    if unfilled := list(_places_of(TODO, file.value)):
        message = f"is still {TODO}: fill it in, or delete the line"
        raise SeedError([file.problem(place, message) for place in unfilled])
    records = file.fields.get("records", [] if "table" in file.fields else None)
    if "source" not in file.fields or not isinstance(records, list):
        message = "an article must have a source and a list of records, or a source and a table"
        raise SeedError([file.problem((), message)])
    for name in file.fields.keys() - {*PARTS}:
        parts = ", ".join(PARTS)
        contents.report(file, (name,), f"is not a part of an article's file: those are {parts}")
    source, defaults = file.at("source"), _read_defaults(contents, file)
    of_all = Scope([defaults], read_answers(contents, defaults), where="in the defaults: ")
    lines = {place[1:]: line for place, line in file.lines.items() if place[0] == "defaults" and place[1:]}
    for record in file.at("records").entries():
        _add_record(contents, _with_defaults(record, defaults.fields, lines), source.record, of_all)
    if contents.add(Source, source, contents.sources):
        if "ledger" in file.fields:
            _add_ledger(contents, file.at("ledger"), contents.sources[-1][0])
        if "table" in file.fields:
            add_table(contents, file.at("table"), contents.sources[-1][0])


def _read_defaults(contents: Contents, file: Node) -> Node:
    """Return the article's defaults, or none if they're invalid; report fields that can't be defaults."""
    node = file.at("defaults")
    if "defaults" in file.fields and not isinstance(node.value, dict):
        contents.report(node, (), f"defaults must be a mapping of fields; found {node.value!r}")
    unknown = node.fields.keys() - {*DEFAULTS}
    for name in unknown:
        contents.report(node, (name,), f"can't be a default: those are {', '.join(DEFAULTS)}")
    return replace(node, value={} if unknown else node.fields)


def _with_defaults(record: Node, defaults: Mapping[str, Any], of_defaults: Mapping[Place, int]) -> Node:
    """Return a record with the article's defaults for missing fields. Each default keeps its own line number."""
    if not isinstance(record.value, dict):
        return record
    left_out = {CHECKED, *record.value, *(OF_FIGURES if record.value.get("kind") == Kind.INCIDENT else ())}
    used = {name: value for name, value in defaults.items() if name not in left_out}
    lines = {(*record.place, *place): line for place, line in of_defaults.items() if place[0] in used}
    # Copying all lines for each record would take longer than reading the file.
    return replace(record, value={**used, **record.value}, lines=ChainMap(lines, record.lines))  # type: ignore[arg-type] # only read


def _places_of(word: str, value: object, place: Place = ()) -> Iterator[Place]:
    """Yield every place whose value is exactly this word."""
    if value == word:
        yield place
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places_of(word, inner, (*place, key))


def _add_record(contents: Contents, node: Node, source: str, of_all: Scope) -> None:
    """Add a record. Evidence that names no source comes from the file's own source."""
    if not isinstance(node.value, dict):
        contents.report(node, (), f"a record must be a mapping of fields; found {node.value!r}")
        return
    fields = node.value
    if fields.get("kind") not in [str(kind) for kind in Kind]:
        contents.invalid_ids.add(node.record)
        contents.report(node, ("kind",), f"must be one of {', '.join(Kind)}; found {fields.get('kind')!r}")
        return
    contents.scopes[node.record] = [Scope([node], read_answers(contents, node)), of_all]
    if readers := read_readers(contents, node):
        contents.readers[node.record] = readers
    fields = {name: value for name, value in fields.items() if name not in {CHECKED, "read_by"}}
    if isinstance(fields.get("evidence"), list):
        evidence = [{"source": source, **one} if isinstance(one, dict) else one for one in fields["evidence"]]
        fields = {**fields, "evidence": evidence}
    node = replace(node, value=fields)
    model: type[Figure | Incident] = Incident if fields["kind"] == Kind.INCIDENT else Figure
    problems_before = len(contents.problems)
    if contents.add(model, node, contents.records):
        return
    contents.invalid_records.append((fields, node))
    invalid = {problem.field.partition(".")[0] for problem in contents.problems[problems_before:]}
    if invalid <= set(model.model_fields):
        # No field name is unknown, so a missing field isn't just a misspelt one.
        defaults = {name: field.get_default() for name, field in model.model_fields.items()}
        for name, message in broken_rules(model.rules, {**defaults, **fields}, invalid):
            contents.report(node, (name,), message)


def _add_ledger(contents: Contents, node: Node, source: Source) -> None:
    """Add a ledger: single numbers, each listed once, and no text."""
    if source.file is None:
        contents.report(node, (), f"the text of {source.id} is not held, so it can have no ledger")
    entries: Found[LedgerEntry] = []
    contents.add_list(LedgerEntry, node, entries)
    seen: dict[tuple[int, int], Node] = {}
    for entry, place in entries:
        if [number.text for number in find_numbers(entry.token)] != [entry.token]:
            contents.report(place, ("token",), f"must be one number as it is printed; found {entry.token!r}")
        if first := seen.get((entry.paragraph, entry.start)):
            contents.report(place, ("start",), f"this number is already in the ledger, at {first.where}")
        seen.setdefault((entry.paragraph, entry.start), place)
    contents.ledgers[source.id] = things(entries)

"""The rows that a release is made of: sent as the records come by, put in order by PostgreSQL, and read back."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, Literal, LiteralString, NamedTuple, TypeVar

import orjson
from psycopg import Cursor, sql
from psycopg.types.string import StrDumper
from pydantic import BaseModel
from sqlalchemy import Connection, Table, select

from app.database import tables
from app.database.partitions import attach, driver, listed, make
from app.domain.dataset import Category, Code, Codes, Dataset, Force, Published, Release, RuleChange, Source
from app.domain.records import Figure, Incident, Record
from app.domain.vocabulary import Kind, subject_set
from app.releases import rendering
from app.releases.differences import Change
from app.releases.history import History

BATCH = 1_000
"""Records that are made and sent at once."""

MEMORY = "128MB"
"""What PostgreSQL may take for each sort, hash table or index while a release is written, if needed."""

Values = Sequence[Any]
T = TypeVar("T", bound=BaseModel)
Step = Literal["made", "written"]
Advance = Callable[[Step, int], object]
"""Is told how many more records have been made into rows, or written."""


class Based(NamedTuple):
    """A record with the figure of which it is settled to be a share."""

    record: Record
    base: Figure | None


@dataclass(frozen=True)
class Content:
    """What a release holds; its records come in the same order each time they are asked for."""

    reference: Dataset
    """Forces, codes, sources and changes of rules, without the records."""
    records: Callable[[], Iterator[Based]]


def content_of(dataset: Dataset) -> Content:
    """Return a dataset as the content of a release."""
    figures = {record.id: record for record in dataset.records if isinstance(record, Figure)}

    def records() -> Iterator[Based]:
        for record in dataset.records:
            whole = record.base.id if isinstance(record, Figure) and record.base else None
            yield Based(record, figures[whole] if whole else None)

    return Content(dataset.model_copy(update={"records": []}), records)


def write(  # noqa: PLR0913 - a release, and what is told of it on the way
    connection: Connection,
    release_id: int,
    release: Release,
    content: Content,
    history: History | None,
    *,
    advance: Advance,
) -> None:
    """Write the rows of a release."""
    of = rendering.OfRelease(
        release=release,
        forces={force.id: force for force in content.reference.forces},
        sources={source.id: source for source in content.reference.sources},
        history=history,
    )
    with driver(connection).cursor() as cursor:
        # Words of closed lists are written as the text that they are.
        cursor.adapters.register_dumper(StrEnum, StrDumper)
        for setting in ("work_mem", "maintenance_work_mem"):
            cursor.execute("SELECT set_config(%s, %s, true)", (setting, MEMORY))
        for model, rows in _reference_rows(content.reference):
            _copy(cursor, model, ((release_id, *row) for row in rows))
        _write_records(cursor, release_id, content, of, advance)
        if history is not None:
            _copy(cursor, tables.Change, _change_rows(release_id, history.changes, release.reasons))


def columns(model: type[tables.Base]) -> list[str]:
    """Return the columns of a table that are written, in its order."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker: every model here is a table
    return [column.name for column in table.columns if column.computed is None]


def _copy(cursor: Cursor[Any], model: type[tables.Base], rows: Iterable[Values]) -> None:
    _copy_into(cursor, sql.Identifier(model.__tablename__), columns(model), rows)


def _copy_into(cursor: Cursor[Any], table: sql.Identifier, columns: Sequence[str], rows: Iterable[Values]) -> None:
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(table, listed(columns))) as copy:
        for row in rows:
            copy.write_row(row)


def _write_records(
    cursor: Cursor[Any], release_id: int, content: Content, of: rendering.OfRelease, advance: Advance
) -> None:
    """Write the records and what they own, each table's rows into the release's partition of it.

    Records are written in the order in which they will be read, which nobody knows before they have all come: until
    then they wait in a table of their own, and so does the evidence, which repeats their places.
    """
    partitions = {model: make(cursor, model, release_id) for model in tables.PARTITIONED}

    def execute(statement: LiteralString) -> None:
        names = {model.__tablename__: partition for model, partition in partitions.items()}
        composed = sql.SQL(statement).format(**names, facts=listed(FACTS), stated=listed(STATED))
        cursor.execute(composed, {"release": release_id})

    for statement in ARRIVING:
        execute(statement)
    passed = content.records()
    with uncollected():
        while batch := list(islice(passed, BATCH)):
            # PostgreSQL takes in what has been sent while the next rows are made.
            _copy_into(cursor, sql.Identifier("arriving_record"), FACTS, (_facts(*one, of) for one in batch))
            evidence = (row for record, _ in batch for row in _evidence(record))
            _copy_into(cursor, sql.Identifier("arriving_evidence"), STATED, evidence)
            for model, rows_of in OWNED.items():
                rows = ((release_id, *row) for record, _ in batch for row in rows_of(record))
                _copy_into(cursor, partitions[model], columns(model), rows)
            advance("made", len(batch))
    execute(RECORDS)
    advance("written", cursor.rowcount)
    execute(EVIDENCE)
    execute("DROP TABLE arriving_record, arriving_evidence")
    execute(OUTCOMES_BELOW)
    for model in tables.PARTITIONED:
        attach(cursor, model, release_id)


@contextmanager
def uncollected() -> Iterator[None]:
    """Have Python look for no cycles meanwhile: records have none, and looking takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


REPEATED = tuple(tables.InOrder.__annotations__)
PLACES = ("place_by_period", "place_by_period_desc", "place_by_value", "place_by_value_desc")
FACTS = [name for name in columns(tables.Record) if name not in {"release_id", *PLACES}]
"""The columns of a record that are known when it comes by."""
STATED = [name for name in columns(tables.Evidence) if name not in {"release_id", *REPEATED}]
"""Those of its evidence."""

ARRIVING: tuple[LiteralString, ...] = (
    "CREATE TEMPORARY TABLE arriving_record AS SELECT {facts} FROM record WITH NO DATA",
    "CREATE TEMPORARY TABLE arriving_evidence AS SELECT {stated} FROM evidence WITH NO DATA",
)

RECORDS = """
    INSERT INTO {record}
        (release_id, {facts}, place_by_period, place_by_period_desc, place_by_value, place_by_value_desc)
    SELECT %(release)s, {facts}, by_period, by_period_desc, by_value, by_value_desc
    FROM (
        SELECT
            ctid AS row,
            row_number() OVER (ORDER BY period_start, period_end, id) AS by_period,
            row_number()
                OVER (ORDER BY period_start DESC NULLS LAST, period_end DESC NULLS LAST, id) AS by_period_desc,
            row_number() OVER (ORDER BY value, id) AS by_value,
            row_number() OVER (ORDER BY value DESC NULLS LAST, id) AS by_value_desc
        FROM arriving_record
        ORDER BY by_period_desc
    ) AS place
    -- OFFSET 0: one row is fetched after the other, for whole records are too much to sort.
    CROSS JOIN LATERAL (SELECT * FROM arriving_record WHERE ctid = place.row OFFSET 0) AS arrived
"""
"""Gives each record its place in every order but that of the ids.

The order inside a release never changes, so it is worked out once: a page is then the rows after a number,
however deep it lies, with ties and nulls already settled.
"""

EVIDENCE = """
    INSERT INTO {evidence} (release_id, {stated}, kind, force, period_start, period_end, place_by_period_desc)
    SELECT %(release)s, {stated}, kind, force, period_start, period_end, place_by_period_desc
    FROM arriving_evidence
    JOIN {record} AS record ON record.id = record_id
"""

OUTCOMES_BELOW = """
    INSERT INTO {outcome_below}
        (release_id, record_id, outcome, kind, force, period_start, period_end, place_by_period_desc)
    WITH RECURSIVE below (record_id, outcome) AS (
        SELECT candidate.candidate_id, record.outcome
        FROM {record} AS record
        JOIN {base_candidate} AS candidate ON candidate.record_id = record.id
        WHERE record.outcome IS NOT NULL
        UNION
        SELECT whole.candidate_id, below.outcome
        FROM below
        JOIN {base_candidate} AS whole ON whole.record_id = below.record_id
    ),
    wider (code, outcome) AS (
        SELECT id, id FROM outcome WHERE release_id = %(release)s
        UNION
        SELECT wider.code, outcome.parent
        FROM wider
        JOIN outcome ON outcome.release_id = %(release)s AND outcome.id = wider.outcome
        WHERE outcome.parent IS NOT NULL
    )
    SELECT release_id, id, found.outcome, kind, force, period_start, period_end, place_by_period_desc
    FROM (SELECT DISTINCT record_id, wider.outcome FROM below JOIN wider ON wider.code = below.outcome) AS found
    JOIN {record} AS record ON record.id = found.record_id
    WHERE record.kind IN ('complaint', 'proceeding')
"""


def _reference_rows(dataset: Dataset) -> Iterator[tuple[type[tables.Base], Iterator[Values]]]:
    yield tables.Force, ((f.id, f.name, f.kind, f.ons_code, f.part_of) for f in dataset.forces)
    for model, codes in (
        (tables.Allegation, dataset.codes.allegation),
        (tables.Stage, dataset.codes.stage),
        (tables.Outcome, dataset.codes.outcome),
    ):
        yield model, ((c.id, i, c.label, c.definition, c.parent) for i, c in enumerate(codes))
    yield (
        tables.Category,
        ((c.dimension, c.id, i, c.label, c.definition) for i, c in enumerate(dataset.codes.breakdown)),
    )
    yield tables.RuleChange, ((c.id, c.model_dump_json(by_alias=True)) for c in dataset.rule_changes)
    yield (
        tables.Source,
        (
            (
                *(s.id, s.title, s.publisher, s.published.date, s.published.precision, s.published.basis),
                *(s.url, s.kind, s.origin, s.file, s.sha256),
            )
            for s in dataset.sources
        ),
    )


def _facts(record: Record, base: Figure | None, of: rendering.OfRelease) -> Values:
    """Return what is known of a record by itself, in the order of the table."""
    period = record.period
    ready = rendering.document(record, base, of), ""
    common = (
        *(record.id, record.kind, record.force, period.start, period.end, period.precision),
        *(period.year_type, period.basis, period.event, period.as_at, record.allegation),
    )
    if not isinstance(record, Figure):
        return (*common, None, record.outcome, *(None,) * 13, record.standing, record.outcome_status, *ready)
    stated = record.base
    return (
        *common,
        *(record.stage, record.outcome, record.value, record.value_to, record.value_type, record.per),
        *(record.value_status, record.qualifier, record.unit, f"{{{','.join(record.subjects)}}}"),
        subject_set(record.subjects),
        orjson.dumps(record.breakdown).decode(),
        *((stated.id, stated.basis, stated.part) if stated else (None,) * 3),
        *(None, None, *ready),
    )


def _evidence(record: Record) -> Iterator[Values]:
    named: set[str] = set()
    for i, e in enumerate(record.evidence):
        yield (
            *(record.id, i, e.source, e.source not in named, e.role, e.as_printed),
            *(e.paragraph, e.start, e.end, e.sha256, e.note),
        )
        named.add(e.source)


def _candidates(record: Record) -> Iterator[Values]:
    if isinstance(record, Figure) and record.base is not None:
        yield from ((record.id, i, candidate) for i, candidate in enumerate(record.base.candidates))


def _relations(record: Record) -> Iterator[Values]:
    yield from ((record.id, i, other.type, other.id, other.note) for i, other in enumerate(record.related))


OWNED: Mapping[type[tables.Base], Callable[[Record], Iterator[Values]]] = {
    tables.BaseCandidate: _candidates,
    tables.Relation: _relations,
}
"""The rows that a record owns and that are whole when it comes by."""


def _change_rows(release_id: int, changes: Sequence[Change], reasons: Mapping[str, str]) -> Iterator[Values]:
    def written(value: object) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    for position, change in enumerate(changes):
        yield (
            *(release_id, position, change.thing, change.id, change.type, change.field),
            *(written(change.old), written(change.new)),
            reasons.get(change.id) if change.thing == "record" else None,
        )


def read_back(connection: Connection, release_id: int) -> Dataset:
    """Return what a loaded release holds, as it was curated."""

    def rows(model: type[tables.Base], order: Sequence[str] = ("id",)) -> list[dict[str, Any]]:
        table = model.__table__
        found = connection.execute(
            select(table).where(table.c.release_id == release_id).order_by(*(table.c[name] for name in order))
        )
        return [dict(row) for row in found.mappings()]

    def read(model: type[T], row: Mapping[str, Any]) -> T:
        return model.model_validate({name: row[name] for name in model.model_fields})

    def source(row: Mapping[str, Any]) -> Source:
        return read(
            Source, {**row, "published": {part: row[f"published_{part}"] for part in Published.model_fields}}
        )

    def record(document: str) -> Record:
        answered = orjson.loads(document)
        stated = {**answered, "force": answered["force"]["id"]}
        return read(Incident, stated) if stated["kind"] == Kind.INCIDENT else read(Figure, stated)

    by_place = ("position",)
    documents = select(tables.Record.document).where(tables.Record.release_id == release_id)
    return Dataset(
        forces=[read(Force, row) for row in rows(tables.Force)],
        codes=Codes(
            allegation=[read(Code, row) for row in rows(tables.Allegation, by_place)],
            stage=[read(Code, row) for row in rows(tables.Stage, by_place)],
            outcome=[read(Code, row) for row in rows(tables.Outcome, by_place)],
            breakdown=[read(Category, row) for row in rows(tables.Category, by_place)],
        ),
        sources=[source(row) for row in rows(tables.Source)],
        rule_changes=[RuleChange.model_validate_json(row["document"]) for row in rows(tables.RuleChange)],
        records=[record(document) for document in connection.execute(documents).scalars()],
    )

"""The rows that a release is made of: written by COPY as the records come by, and read back."""

import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any, Literal, NamedTuple, TypeVar

import orjson
import psycopg
from psycopg import Cursor, sql
from pydantic import BaseModel
from sqlalchemy import Connection, Table, select

from app import models, schemas
from app.records import (
    Category,
    Code,
    Codes,
    Dataset,
    Figure,
    Force,
    Incident,
    Published,
    Record,
    Release,
    RuleChange,
    Source,
)
from app.snapshots import Change, History
from app.vocabulary import Kind, subject_set

BATCH = 1_000
"""Rows that are fetched, or told of, at once."""

SORTING_MEMORY = "128MB"
"""What PostgreSQL may take for each sort or hash table while a release is written; it takes what it needs."""

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
    of = schemas.OfRelease(
        release=release,
        forces={force.id: force for force in content.reference.forces},
        sources={source.id: source for source in content.reference.sources},
        history=history,
    )
    with _driver(connection).cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true)", (SORTING_MEMORY,))
        for model, rows in _reference_rows(content.reference):
            _copy(cursor, model, ((release_id, *row) for row in rows))
        _copy_records(cursor, release_id, content, of, advance)
        cursor.execute("ANALYZE record, base_candidate")
        cursor.execute(OUTCOMES_BELOW, {"release": release_id})
        if history is not None:
            _copy(cursor, models.Change, _change_rows(release_id, history.changes, release.reasons))
        cursor.execute("ANALYZE evidence, relation, outcome_below")
        cursor.execute("SET LOCAL work_mem TO DEFAULT")


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - for the type checker: a checked-out connection
    return driver


def columns(model: type[models.Base]) -> list[str]:
    """Return the columns of a table that are written, in its order."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker: every model here is a table
    return [column.name for column in table.columns if column.computed is None]


def _copy(cursor: Cursor[Any], model: type[models.Base], rows: Iterable[Values]) -> None:
    _copy_into(cursor, model.__tablename__, columns(model), rows)


def _copy_into(cursor: Cursor[Any], table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


PLACES = """
    SELECT
        row_number() OVER (ORDER BY period_start, period_end, id),
        row_number() OVER (ORDER BY period_start DESC NULLS LAST, period_end DESC NULLS LAST, id),
        row_number() OVER (ORDER BY value, id),
        row_number() OVER (ORDER BY value DESC NULLS LAST, id)
    FROM arriving
    ORDER BY number
"""
"""The place of each record in every order but that of the ids.

The order inside a release never changes, so it is worked out once: a page is then the rows after a number,
however deep it lies, with ties and nulls already settled.
"""

ORDERS = 4
LATEST = 1
"""Which of them goes by period, latest first."""


class Places:
    """The places of the records, which are known by the number in which they came."""

    def __init__(self, found: Iterable[Sequence[int]]) -> None:
        """Keep the places of every record, in the order in which they came."""
        self._all = array("i")
        for row in found:
            self._all.extend(row)

    def of(self, number: int) -> Sequence[int]:
        """Return the places of a record."""
        return self._all[number * ORDERS : (number + 1) * ORDERS]

    def latest_first(self) -> Iterable[int]:
        """Return the numbers of the records in the order in which most answers have them."""
        numbers = array("i", bytes(len(self._all) // ORDERS * self._all.itemsize))
        for number, place in enumerate(self._all[LATEST::ORDERS]):
            numbers[place - 1] = number
        return numbers


def _copy_records(
    cursor: Cursor[Any], release_id: int, content: Content, of: schemas.OfRelease, advance: Advance
) -> None:
    """Write the records, then what they own.

    Records are written in the order in which they will be read, which nobody knows before they have all come: until
    then they wait in files, for of a large release they are too many for memory.
    """
    with ExitStack() as stack:
        records, *owned = (Waiting(stack.enter_context(TemporaryFile())) for _ in (models.Record, *OWNED))

        def keys() -> Iterator[Values]:
            for number, (record, base) in enumerate(content.records()):
                document = schemas.answer(record, base, of).model_dump_json()
                records.add((*_facts(record), document))
                for rows, rows_of in zip(owned, OWNED.values(), strict=True):
                    for row in rows_of(record):
                        rows.add((number, *row))
                value = record.value if isinstance(record, Figure) else None
                yield number, record.id, record.period.start, record.period.end, value

        places = _places(cursor, _told(keys(), "made", advance))

        def in_order() -> Iterator[Values]:
            for number in places.latest_first():
                *facts, document = records.take(number)
                yield (release_id, *facts, *places.of(number), document)

        _copy(cursor, models.Record, _told(in_order(), "written", advance))
        for model, rows in zip(OWNED, owned, strict=True):
            placed = model is models.Evidence
            _copy(
                cursor,
                model,
                (
                    (release_id, *row, places.of(number)[LATEST]) if placed else (release_id, *row)
                    for number, *row in map(rows.take, range(len(rows)))
                ),
            )


def _told(rows: Iterable[Values], step: Step, advance: Advance) -> Iterator[Values]:
    """Pass rows on, and tell of them every so often."""
    passed = iter(rows)
    while batch := list(islice(passed, BATCH)):
        yield from batch
        advance(step, len(batch))


def _places(cursor: Cursor[Any], keys: Iterable[Values]) -> Places:
    """Return the places of records; PostgreSQL sorts, for ids stand in its order and are too many to hold."""
    cursor.execute(
        "CREATE TEMPORARY TABLE arriving"
        ' (number integer, id text COLLATE "C", period_start date, period_end date, value numeric)'
        " ON COMMIT DROP"
    )
    _copy_into(cursor, "arriving", ["number", "id", "period_start", "period_end", "value"], keys)
    with cursor.connection.cursor("places") as found:
        found.itersize = BATCH
        places = Places(found.execute(PLACES))
    # The next release of the same transaction arrives in a table of its own.
    cursor.execute("DROP TABLE arriving")
    return places


class Waiting:
    """Rows that wait in a file, to be taken in any order by the number in which they came."""

    def __init__(self, file: IO[bytes]) -> None:
        """Wait in an empty file."""
        self._file = file
        self._ends = array("q", [0])

    def __len__(self) -> int:
        """Return how many rows wait."""
        return len(self._ends) - 1

    def add(self, row: Values) -> None:
        """Let a row wait."""
        self._ends.append(self._ends[-1] + self._file.write(orjson.dumps(row)))

    def take(self, number: int) -> list[Any]:
        """Return a row."""
        self._file.flush()
        start, end = self._ends[number : number + 2]
        row: list[Any] = orjson.loads(os.pread(self._file.fileno(), end - start, start))
        return row


OUTCOMES_BELOW = """
    INSERT INTO outcome_below
        (release_id, record_id, outcome, kind, force, period_start, period_end, place_by_period_desc)
    WITH RECURSIVE below (record_id, outcome) AS (
        SELECT candidate.candidate_id, record.outcome
        FROM record
        JOIN base_candidate AS candidate ON candidate.release_id = %(release)s AND candidate.record_id = record.id
        WHERE record.release_id = %(release)s AND record.outcome IS NOT NULL
        UNION
        SELECT whole.candidate_id, below.outcome
        FROM below
        JOIN base_candidate AS whole ON whole.release_id = %(release)s AND whole.record_id = below.record_id
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
    JOIN record ON record.release_id = %(release)s AND record.id = found.record_id
    WHERE record.kind IN ('complaint', 'proceeding')
"""


def _reference_rows(dataset: Dataset) -> Iterator[tuple[type[models.Base], Iterator[Values]]]:
    yield models.Force, ((f.id, f.name, f.kind, f.ons_code, f.part_of) for f in dataset.forces)
    for model, codes in (
        (models.Allegation, dataset.codes.allegation),
        (models.Stage, dataset.codes.stage),
        (models.Outcome, dataset.codes.outcome),
    ):
        yield model, ((c.id, i, c.label, c.definition, c.parent) for i, c in enumerate(codes))
    yield (
        models.Category,
        ((c.dimension, c.id, i, c.label, c.definition) for i, c in enumerate(dataset.codes.breakdown)),
    )
    yield models.RuleChange, ((c.id, c.model_dump_json(by_alias=True)) for c in dataset.rule_changes)
    yield (
        models.Source,
        (
            (
                *(s.id, s.title, s.publisher, s.published.date, s.published.precision, s.published.basis),
                *(s.url, s.kind, s.origin, s.file, s.sha256),
            )
            for s in dataset.sources
        ),
    )


def _facts(record: Record) -> Values:
    """Return the columns of a record in the order of the table, `document` left out."""
    period = record.period
    common = (
        *(record.id, record.kind, record.force, period.start, period.end, period.precision),
        *(period.year_type, period.basis, period.event, period.as_at, record.allegation),
    )
    if not isinstance(record, Figure):
        return (*common, None, record.outcome, *(None,) * 13, record.standing, record.outcome_status)
    base = record.base
    return (
        *common,
        *(record.stage, record.outcome, record.value, record.value_to, record.value_type, record.per),
        *(record.value_status, record.qualifier, record.unit, f"{{{','.join(record.subjects)}}}"),
        subject_set(record.subjects),
        *(orjson.dumps(record.breakdown).decode(), *((base.id, base.basis, base.part) if base else (None,) * 3)),
        *(None, None),
    )


def _evidence(record: Record) -> Iterator[Values]:
    named: set[str] = set()
    for i, e in enumerate(record.evidence):
        yield (
            *(record.id, i, e.source, e.source not in named, e.role, e.as_printed),
            *(e.paragraph, e.start, e.end, e.sha256, e.note),
            *(record.kind, record.force, record.period.start, record.period.end),
        )
        named.add(e.source)


def _candidates(record: Record) -> Iterator[Values]:
    if isinstance(record, Figure) and record.base is not None:
        yield from ((record.id, i, candidate) for i, candidate in enumerate(record.base.candidates))


def _relations(record: Record) -> Iterator[Values]:
    yield from ((record.id, i, other.type, other.id, other.note) for i, other in enumerate(record.related))


OWNED: Mapping[type[models.Base], Callable[[Record], Iterator[Values]]] = {
    models.Evidence: _evidence,
    models.BaseCandidate: _candidates,
    models.Relation: _relations,
}
"""The rows that a record owns; that of evidence ends with the record's place, which is known later."""


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

    def rows(model: type[models.Base], order: Sequence[str] = ("id",)) -> list[dict[str, Any]]:
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
    documents = select(models.Record.document).where(models.Record.release_id == release_id)
    return Dataset(
        forces=[read(Force, row) for row in rows(models.Force)],
        codes=Codes(
            allegation=[read(Code, row) for row in rows(models.Allegation, by_place)],
            stage=[read(Code, row) for row in rows(models.Stage, by_place)],
            outcome=[read(Code, row) for row in rows(models.Outcome, by_place)],
            breakdown=[read(Category, row) for row in rows(models.Category, by_place)],
        ),
        sources=[source(row) for row in rows(models.Source)],
        rule_changes=[RuleChange.model_validate_json(row["document"]) for row in rows(models.RuleChange)],
        records=[record(document) for document in connection.execute(documents).scalars()],
    )

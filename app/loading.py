"""From a checked dataset to a release in PostgreSQL: one transaction, all of it or nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

import orjson
import psycopg
from psycopg import Cursor, sql
from psycopg.types.json import Jsonb
from pydantic import BaseModel
from sqlalchemy import Connection, Engine, Row, Table, delete, insert, select, text, union, update
from sqlalchemy.dialects.postgresql import insert as upsert

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
    Tombstone,
)
from app.releases import Edition
from app.snapshots import Change, History, digest, without
from app.vocabulary import Kind

LOAD_LOCK = 7_265_101
"""Key of the advisory lock under which two loads run one after the other."""

Values = Sequence[Any]
T = TypeVar("T", bound=BaseModel)


class LoadError(Exception):
    """The dataset cannot become the release that it claims to be."""


def load(
    engine: Engine,
    dataset: Dataset,
    release: Release,
    history: History | None = None,
    *,
    current: bool = True,
) -> bool:
    """Write a release, make it the current one unless told otherwise, and return whether anything changed.

    Readers see the old release until the commit and the new one from then on. A failure at any point leaves
    everything as it was. A release that was chosen by hand stays current.

    Raises:
        LoadError: where the version is already loaded with another content. A release never changes; only
            `dev`, which is not one, is replaced.

    """
    with engine.begin() as connection:
        _lock(connection)
        return _load(connection, dataset, release, history, current=current)


def load_editions(engine: Engine, editions: Sequence[Edition], tombstones: Sequence[Tombstone] = ()) -> bool:
    """Load every release that is not loaded yet, make the latest current, and drop a `dev` that is no more.

    Records with a tombstone leave every release, loaded ones too: that is the one way in which they change. It
    all happens in one transaction.

    Raises:
        LoadError: where a version is already loaded with another content, tombstones apart, or a release that
            the seeds do not tell of holds a record with a tombstone.

    """
    with engine.begin() as connection:
        _lock(connection)
        known = set(connection.execute(select(models.Tombstone.id)).scalars())
        new = [stone for stone in tombstones if stone.id not in known]
        removed = {stone.id for stone in new}
        changed = bool(new)
        for edition in editions:
            latest = edition is editions[-1]
            changed |= _load(
                connection, edition.dataset, edition.release, edition.history, current=latest, removed=removed
            )
        if editions[-1].release.version != "dev":
            changed |= _drop_dev(connection)
        if new:
            _refuse_strangers(connection, editions, removed)
            stones = [{"id": stone.id, "day": stone.day, "reason": stone.reason} for stone in new]
            connection.execute(insert(models.Tombstone), stones)
        return changed


def _load(  # noqa: PLR0913 - a release, and how it stands to the loaded ones
    connection: Connection,
    dataset: Dataset,
    release: Release,
    history: History | None,
    *,
    current: bool,
    removed: AbstractSet[str] = frozenset(),
) -> bool:
    """Write a release, in the place of a loaded one where records were removed from that."""
    loaded = _find(connection, release.version)
    if loaded is not None and loaded.digest == release.digest and not removed:
        return current and _make_current(connection, loaded.id)
    if loaded is not None and release.version != "dev":
        _refuse_changes(connection, loaded, release, removed)
    release_id = connection.execute(
        insert(models.Release)
        .values(
            version=f"loading {release.digest}",
            published_at=release.published_at,
            note=release.note,
            digest=release.digest,
        )
        .returning(models.Release.id)
    ).scalar_one()
    _write(connection, dataset, release, release_id, history)
    if history is not None:
        _write_changes(connection, release_id, history.changes, release.reasons)
    if loaded is not None:
        _replace(connection, loaded.id, release_id)
    if current:
        _make_current(connection, release_id)
    connection.execute(
        update(models.Release).where(models.Release.id == release_id).values(version=release.version)
    )
    return True


def _refuse_changes(
    connection: Connection, loaded: Row[int, str], release: Release, removed: AbstractSet[str]
) -> None:
    """Refuse a release that is not what is loaded under its version, but for records that were removed."""
    if loaded.digest == release.digest:
        return
    if not removed or digest(without(_read_back(connection, loaded.id), removed)) != release.digest:
        raise LoadError(
            f"release {release.version} is loaded with other content (digest {loaded.digest}); "
            "a release never changes: give the seeds a new version"
        )


def _refuse_strangers(connection: Connection, editions: Sequence[Edition], removed: AbstractSet[str]) -> None:
    """Refuse to leave a removed record in a release that the seeds do not tell of."""
    release, record, change = models.Release, models.Record, models.Change
    holding = union(
        select(record.release_id).where(record.id.in_(removed)),
        select(change.release_id).where(change.thing == "record", change.id.in_(removed)),
    )
    told = [edition.release.version for edition in editions]
    statement = select(release.version).where(release.id.in_(holding), release.version.not_in(told))
    if strangers := sorted(connection.execute(statement).scalars()):
        what_to_do = (
            "`upheld use latest` lets go of it" if strangers == ["dev"] else "load seeds that have them all"
        )
        raise LoadError(
            f"the seeds do not tell of release {', '.join(strangers)}, which is loaded and holds "
            f"{', '.join(sorted(removed))}; {what_to_do}"
        )


def use(engine: Engine, version: str | None) -> None:
    """Make a release the current one until another is chosen; None goes back to the latest.

    Raises:
        LoadError: where no such release is loaded.

    """
    with engine.begin() as connection:
        _lock(connection)
        order = models.Release.published_at.desc(), models.Release.id.desc()
        rows = connection.execute(select(models.Release.version, models.Release.id).order_by(*order))
        loaded = {row.version: row.id for row in rows}
        wanted = next(iter(loaded), None) if version is None else version
        if wanted not in loaded:
            known = ", ".join(loaded) or "none"
            raise LoadError(f"release {version or 'latest'} is not loaded; loaded are: {known}")
        chosen = version is not None
        release_id = loaded[wanted]
        statement = upsert(models.CurrentRelease).values(release_id=release_id, chosen=chosen)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["is_only"], set_={"release_id": release_id, "chosen": chosen}
            )
        )


def _lock(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOAD_LOCK})


def _find(connection: Connection, version: str) -> Row[int, str] | None:
    release = models.Release
    statement = select(release.id, release.digest).where(release.version == version)
    return connection.execute(statement).one_or_none()


def _make_current(connection: Connection, release_id: int) -> bool:
    """Make a release current, unless one was chosen by hand; return whether that changed anything."""
    current = models.CurrentRelease
    statement = (
        upsert(current)
        .values(release_id=release_id)
        .on_conflict_do_update(
            index_elements=["is_only"],
            set_={"release_id": release_id},
            where=(current.release_id != release_id) & ~current.chosen,
        )
        .returning(current.release_id)
    )
    return connection.execute(statement).one_or_none() is not None


def _replace(connection: Connection, old: int, new: int) -> None:
    """Put a release in the place of one that goes."""
    current = models.CurrentRelease
    connection.execute(update(current).where(current.release_id == old).values(release_id=new))
    connection.execute(delete(models.Release).where(models.Release.id == old))


def _drop_dev(connection: Connection) -> bool:
    served = select(models.CurrentRelease.release_id)
    unserved = models.Release.version == "dev", models.Release.id.not_in(served)
    return bool(connection.execute(delete(models.Release).where(*unserved)).rowcount)


def _read_back(connection: Connection, release_id: int) -> Dataset:
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


def _write_changes(
    connection: Connection, release_id: int, changes: Sequence[Change], reasons: Mapping[str, str]
) -> None:
    def written(value: object) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    with _driver(connection).cursor() as cursor:
        _copy(
            cursor,
            models.Change,
            (
                (
                    *(release_id, position, change.thing, change.id, change.type, change.field),
                    *(written(change.old), written(change.new)),
                    reasons.get(change.id) if change.thing == "record" else None,
                )
                for position, change in enumerate(changes)
            ),
        )


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver: psycopg.Connection[Any] | None = connection.connection.driver_connection
    if driver is None:
        raise LoadError("the connection to the database is closed")
    return driver


def _write(
    connection: Connection, dataset: Dataset, release: Release, release_id: int, history: History | None
) -> None:
    with _driver(connection).cursor() as cursor:
        for model, rows in _reference_rows(dataset):
            _copy(cursor, model, ((release_id, *row) for row in rows))
        _copy_records(cursor, release_id, _record_rows(dataset, release, history))
        for model, owned in _owned_rows(dataset.records):
            _copy(cursor, model, ((release_id, *row) for row in owned))
        cursor.execute(OUTCOMES_BELOW, {"release": release_id})
        cursor.execute("ANALYZE record, evidence, base_candidate, outcome_below")


def _columns(model: type[models.Base], *but: str) -> list[str]:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker: every model here is a table
    return [column.name for column in table.columns if column.computed is None and column.name not in but]


def _copy(cursor: Cursor[Any], model: type[models.Base], rows: Iterable[Values]) -> None:
    columns = _columns(model)
    _copy_into(cursor, model.__tablename__, columns, rows)


def _copy_into(cursor: Cursor[Any], table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


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


PLACE_COLUMNS = ("place_by_period", "place_by_period_desc", "place_by_value", "place_by_value_desc")

PLACES = """
    row_number() OVER (ORDER BY period_start, period_end, id) AS place_by_period,
    row_number() OVER (ORDER BY period_start DESC NULLS LAST, period_end DESC NULLS LAST, id)
        AS place_by_period_desc,
    row_number() OVER (ORDER BY value, id) AS place_by_value,
    row_number() OVER (ORDER BY value DESC NULLS LAST, id) AS place_by_value_desc
"""
"""The place of each record in every order but that of the ids.

The order inside a release never changes, so it is worked out once: a page is then the rows after a number,
however deep it lies, with ties and nulls already settled.
"""

OUTCOMES_BELOW = """
    INSERT INTO outcome_below (release_id, outcome, record_id)
    WITH RECURSIVE below (record_id, descendant) AS (
        SELECT candidate_id, record_id FROM base_candidate WHERE release_id = %(release)s
        UNION
        SELECT whole.candidate_id, below.descendant
        FROM below JOIN base_candidate AS whole
            ON whole.release_id = %(release)s AND whole.record_id = below.record_id
    )
    SELECT DISTINCT descendant.release_id, descendant.outcome, below.record_id
    FROM below
    JOIN record ON record.release_id = %(release)s AND record.id = below.record_id
    JOIN record AS descendant ON descendant.release_id = %(release)s AND descendant.id = below.descendant
    WHERE record.kind IN ('complaint', 'proceeding') AND descendant.outcome IS NOT NULL
"""


def _copy_records(cursor: Cursor[Any], release_id: int, rows: Iterable[Values]) -> None:
    columns = _columns(models.Record, "release_id", *PLACE_COLUMNS)
    cursor.execute("CREATE TEMPORARY TABLE arriving (LIKE record) ON COMMIT DROP")
    for column in ("release_id", "is_figure", "base_is_figure", *PLACE_COLUMNS):
        cursor.execute(sql.SQL("ALTER TABLE arriving DROP COLUMN {}").format(sql.Identifier(column)))
    _copy_into(cursor, "arriving", columns, rows)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    cursor.execute(
        sql.SQL(
            "INSERT INTO record (release_id, {names}, {places}) SELECT %s, {names}, {ranks} FROM arriving"
        ).format(names=names, places=sql.SQL(", ").join(map(sql.Identifier, PLACE_COLUMNS)), ranks=sql.SQL(PLACES)),
        (release_id,),
    )
    # The next release of the same transaction arrives in a table of its own.
    cursor.execute("DROP TABLE arriving")


def _record_rows(dataset: Dataset, release: Release, history: History | None) -> Iterator[Values]:
    of = schemas.OfRelease(
        release=release,
        forces={force.id: force for force in dataset.forces},
        sources={source.id: source for source in dataset.sources},
        history=history,
    )
    figures = {record.id: record for record in dataset.records if isinstance(record, Figure)}
    for record in dataset.records:
        whole = record.base.id if isinstance(record, Figure) and record.base else None
        document = schemas.answer(record, figures[whole] if whole else None, of)
        yield (*_facts(record), document.model_dump_json())


def _facts(record: Record) -> Values:
    """Return the columns of a record in the order of the table, `document` left out."""
    period = record.period
    common = (
        *(record.id, record.kind, record.force, period.start, period.end, period.precision),
        *(period.year_type, period.basis, period.event, period.as_at, record.allegation),
    )
    if not isinstance(record, Figure):
        return (*common, None, record.outcome, *(None,) * 12, record.standing, record.outcome_status)
    base = record.base
    return (
        *common,
        *(record.stage, record.outcome, record.value, record.value_to, record.value_type, record.per),
        *(record.value_status, record.qualifier, record.unit, list(map(str, record.subjects))),
        *(Jsonb(record.breakdown), *((base.id, base.basis, base.part) if base else (None,) * 3)),
        *(None, None),
    )


def _owned_rows(records: Sequence[Record]) -> Iterator[tuple[type[models.Base], Iterator[Values]]]:
    yield (
        models.Evidence,
        (
            (
                *(record.id, position, e.source, e.role, e.as_printed),
                *(e.paragraph, e.start, e.end, e.sha256, e.note),
            )
            for record in records
            for position, e in enumerate(record.evidence)
        ),
    )
    yield (
        models.BaseCandidate,
        (
            (record.id, position, candidate)
            for record in records
            if isinstance(record, Figure) and record.base is not None
            for position, candidate in enumerate(record.base.candidates)
        ),
    )
    yield (
        models.Relation,
        (
            (record.id, position, other.type, other.id, other.note)
            for record in records
            for position, other in enumerate(record.related)
        ),
    )

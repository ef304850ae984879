"""The rows of a release, each as a mapping from column names to values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from pydantic import BaseModel
from sqlalchemy import Table

from app.database import tables
from app.database.derived import outcomes_below, places_of
from app.database.search import Words
from app.domain.dataset import Dataset, Release, Workforce
from app.domain.records import Figure, Record
from app.domain.trees import tree_of
from app.domain.vocabulary import RelationBasis, set_word
from app.releases import rendering
from app.releases.differences import Change
from app.releases.history import History

Row = dict[str, Any]


def columns(table: Table) -> list[str]:
    """Return the names of a table's columns that are written, not computed."""
    return [column.name for column in table.columns if column.computed is None]


def rows_of(dataset: Dataset, release: Release, history: History) -> Iterator[tuple[Table, Iterable[Row]]]:
    """Yield the tables of a release, referenced ones first, each with its rows; `release_id` is left out.

    A column that a row doesn't name is null.
    """
    yield tables.FORCE, (_fields(force) for force in dataset.forces)
    for name, table in {**tables.CODES, "breakdown": tables.CATEGORY}.items():
        codes = getattr(dataset.codes, name)
        yield table, ({**_fields(code), "position": position} for position, code in enumerate(codes))
    yield (
        tables.RULE_CHANGE,
        ({"id": change.id, "document": change.model_dump_json(by_alias=True)} for change in dataset.rule_changes),
    )
    yield tables.SOURCE, (_fields(source) for source in dataset.sources)
    yield tables.WORKFORCE, (row for workforce in dataset.workforces for row in _headcounts(workforce))
    yield from _rows_of_records(dataset, release, history)
    yield tables.CHANGE, _changes(history.changes, release.reasons)


def _headcounts(workforce: Workforce) -> Iterator[Row]:
    for worker_type, headcount in workforce.headcount.items():
        fte = workforce.fte.get(worker_type)
        yield {**vars(workforce), "worker_type": worker_type, "headcount": headcount, "fte": fte}


def _fields(thing: BaseModel) -> Row:
    """Return a model's fields; those of a model inside it are prefixed with its name, as in `period_start`."""
    found: Row = {}
    for name, value in vars(thing).items():
        if isinstance(value, BaseModel):
            found |= {f"{name}_{inner}": part for inner, part in vars(value).items()}
        else:
            found[name] = value
    return found


def _rows_of_records(dataset: Dataset, release: Release, history: History) -> Iterator[tuple[Table, Iterable[Row]]]:
    """Yield the records and their rows in other tables, in the default order of pages."""
    of = rendering.OfRelease(release, dataset, history)
    words = Words(dataset)
    places = places_of(dataset.records)
    latest = places["place_by_period_desc"]
    records = sorted(dataset.records, key=lambda record: latest[record.id])

    def record_row(record: Record) -> Row:
        row = _fields(record)
        row |= {name: places_by_id[record.id] for name, places_by_id in places.items()}
        row["period_end"] = last_day(record)
        row["document"] = rendering.document(record, of)
        row["words"] = words.of(record)
        row["source_kind_set"] = set_word({of.sources[evidence.source].kind for evidence in record.evidence})
        if isinstance(record, Figure):
            row["subject_set"] = set_word(record.subjects)
            row["breakdown"] = orjson.dumps(record.breakdown).decode()
        return row

    def repeated(record: Record) -> Row:
        """Return the columns that other tables repeat, so that they can be filtered and read in order."""
        return {
            "record_id": record.id,
            "kind": record.kind,
            "force": record.force,
            "period_start": record.period.start,
            "period_end": last_day(record),
            "place_by_period_desc": latest[record.id],
        }

    yield tables.RECORD, map(record_row, records)
    yield tables.EVIDENCE, (row | repeated(record) for record in records for row in _evidence(record))
    yield tables.BASE_CANDIDATE, (row for record in records for row in _candidates(record))
    yield tables.RELATION, (row for record in records for row in _relations(record))
    below = outcomes_below(dataset.records, tree_of(dataset.codes.outcome))
    yield (
        tables.OUTCOME_BELOW,
        (
            repeated(record) | {"outcome": outcome}
            for record in records
            for outcome in sorted(below.get(record.id, ()))
        ),
    )


def last_day(record: Record) -> date | None:
    """Return the last day of a record's period as stored: an open end sorts after all others."""
    period = record.period
    return tables.OPEN_END if period.start is not None and period.end is None else period.end


def _evidence(record: Record) -> Iterator[Row]:
    named: set[str] = set()
    for position, evidence in enumerate(record.evidence):
        yield {
            **vars(evidence),
            "position": position,
            "on_point": evidence.on,
            "names_source": evidence.source not in named,
            "start_at": evidence.start,
            "end_at": evidence.end,
        }
        named.add(evidence.source)


def _candidates(record: Record) -> Iterator[Row]:
    if isinstance(record, Figure) and record.base is not None:
        for position, candidate in enumerate(record.base.candidates):
            yield {"record_id": record.id, "position": position, "candidate_id": candidate}


def _relations(record: Record) -> Iterator[Row]:
    for position, related in enumerate(record.related):
        yield {
            "record_id": record.id,
            "position": position,
            "type": related.type,
            "related_id": related.id,
            "settled": related.basis is RelationBasis.SETTLED,
        }


def _changes(changes: Sequence[Change], reasons: Mapping[str, str]) -> Iterator[Row]:
    def written(value: object) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    for position, change in enumerate(changes):
        yield {
            **vars(change),
            "position": position,
            "old": written(change.old),
            "new": written(change.new),
            "reason": reasons.get(change.id) if change.thing == "record" else None,
        }

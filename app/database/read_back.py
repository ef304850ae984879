"""Read a loaded release back as a dataset."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, Table, func, inspect, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from app.database import tables
from app.database.reference import T, of_row, source_of_row
from app.domain.dataset import Category, Code, Codes, Dataset, Force, RuleChange, Workforce
from app.domain.records import Figure, Incident, Record
from app.domain.vocabulary import Kind
from app.releases.history import History


def read_dataset(connection: Connection, release_id: int) -> Dataset:
    """Return the dataset of a release."""

    def rows(table: Table, order: str = "id") -> list[dict[str, Any]]:
        # As JSON, because an older program's table may lack a column.
        if not inspect(connection).has_table(table.name):
            return []
        row = func.to_jsonb(literal_column(table.name), type_=JSONB)
        found = select(row).select_from(table).where(table.c.release_id == release_id).order_by(table.c[order])
        return list(connection.execute(found).scalars())

    def codes(model: type[T], table: Table) -> list[T]:
        return [of_row(model, row) for row in rows(table, "position")]

    def record(answer: Mapping[str, Any]) -> Record:
        model = Incident if answer["kind"] == Kind.INCIDENT else Figure
        curated = {name: answer[name] for name in model.model_fields if name in answer}
        return model.model_validate({**curated, "force": answer["force"]["id"]})

    return Dataset(
        forces=[of_row(Force, row) for row in rows(tables.FORCE)],
        codes=Codes(
            **{tree: codes(Code, table) for tree, table in tables.CODES.items()},
            breakdown=codes(Category, tables.CATEGORY),
        ),
        sources=[source_of_row(row) for row in rows(tables.SOURCE)],
        workforces=_workforces(rows(tables.WORKFORCE, "worker_type")),
        rule_changes=[RuleChange.model_validate_json(row["document"]) for row in rows(tables.RULE_CHANGE)],
        records=[record(answer) for answer in _answers(connection, release_id)],
    )


def _workforces(rows: Iterable[Mapping[str, Any]]) -> list[Workforce]:
    """Return the workforces; each has a row per worker type."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        facts = {name: row[name] for name in ("force", "as_at", "source")}
        one = found.setdefault((row["force"], row["as_at"]), {**facts, "headcount": {}, "fte": {}})
        one["headcount"][row["worker_type"]] = row["headcount"]
        if row["fte"] is not None:
            one["fte"][row["worker_type"]] = row["fte"]
    return [Workforce.model_validate(one) for one in found.values()]


def read_history(connection: Connection, release_id: int) -> History:
    """Return the release in which each record first appeared, and the one in which it last changed."""
    answers = _answers(connection, release_id)
    return History(
        first={answer["id"]: answer["first_release"] for answer in answers},
        changed={answer["id"]: answer["changed_release"] for answer in answers},
    )


def _answers(connection: Connection, release_id: int) -> list[dict[str, Any]]:
    documents = select(tables.RECORD.c.document).where(tables.RECORD.c.release_id == release_id)
    return [orjson.loads(document) for document in connection.execute(documents).scalars()]

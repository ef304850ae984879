"""A loaded release, read back as the dataset that it was curated as."""

from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel
from sqlalchemy import Connection, select

from app.database import tables
from app.database.rows import Model, table_of
from app.domain.dataset import Category, Code, Codes, Dataset, Force, Published, RuleChange, Source
from app.domain.records import Figure, Incident, Record
from app.domain.vocabulary import Kind
from app.releases.history import History

T = TypeVar("T", bound=BaseModel)


def read_dataset(connection: Connection, release_id: int) -> Dataset:
    """Return what a release holds."""

    def rows(model: Model, order: str = "id") -> list[dict[str, Any]]:
        table = table_of(model)
        found = connection.execute(select(table).where(table.c.release_id == release_id).order_by(table.c[order]))
        return [dict(row) for row in found.mappings()]

    def read(model: type[T], row: Mapping[str, Any]) -> T:
        return model.model_validate({name: row[name] for name in model.model_fields})

    def source(row: Mapping[str, Any]) -> Source:
        published = {part: row[f"published_{part}"] for part in Published.model_fields}
        return read(Source, {**row, "published": published})

    def record(answer: Mapping[str, Any]) -> Record:
        curated = {**answer, "force": answer["force"]["id"]}
        return read(Incident, curated) if curated["kind"] == Kind.INCIDENT else read(Figure, curated)

    return Dataset(
        forces=[read(Force, row) for row in rows(tables.Force)],
        codes=Codes(
            allegation=[read(Code, row) for row in rows(tables.Allegation, "position")],
            stage=[read(Code, row) for row in rows(tables.Stage, "position")],
            outcome=[read(Code, row) for row in rows(tables.Outcome, "position")],
            breakdown=[read(Category, row) for row in rows(tables.Category, "position")],
        ),
        sources=[source(row) for row in rows(tables.Source)],
        rule_changes=[RuleChange.model_validate_json(row["document"]) for row in rows(tables.RuleChange)],
        records=[record(answer) for answer in _answers(connection, release_id)],
    )


def read_history(connection: Connection, release_id: int) -> History:
    """Return in which release each record of a release first stood and last changed, without the changes."""
    answers = _answers(connection, release_id)
    return History(
        first={answer["id"]: answer["first_release"] for answer in answers},
        changed={answer["id"]: answer["changed_release"] for answer in answers},
    )


def _answers(connection: Connection, release_id: int) -> list[dict[str, Any]]:
    documents = select(tables.Record.document).where(tables.Record.release_id == release_id)
    return [orjson.loads(document) for document in connection.execute(documents).scalars()]

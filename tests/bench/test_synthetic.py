"""The synthetic dataset that is measured on: as varied as the real one may become, and loaded in the same way."""

from collections import Counter

import pytest
from sqlalchemy import Engine, select

from app.database import tables
from app.database.loader import load
from app.domain.dataset import Dataset
from app.domain.records import Figure, Incident, Record
from app.domain.vocabulary import Kind, OutcomeStatus, Precision, Qualifier, Standing, Unit, ValueStatus, ValueType
from app.releases.canonical import facts
from bench.synth import content_of, incidents_of, release_of

FIGURES = 20_000


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Return the records of a synthetic dataset."""
    return [record for record, _ in content_of(FIGURES).records()]


def test_it_is_as_large_as_was_asked_and_the_same_every_time(records: list[Record]) -> None:
    """Figures, and an incident for every twentieth; two measurements are of the same rows."""
    kinds = Counter(type(record) for record in records)
    assert kinds == {Figure: FIGURES, Incident: incidents_of(FIGURES)}
    assert [record for record, _ in content_of(FIGURES).records()] == records


def test_every_record_could_have_been_curated(records: list[Record]) -> None:
    """Records are made without checks, for speed; they fulfil them all the same."""
    for record in records:
        assert type(record).model_validate(facts(record)) == record


def test_every_word_is_used(records: list[Record]) -> None:
    """Forces, codes and closed lists come up whole, so that no filter is measured on nothing."""
    reference = content_of(0).reference
    figures = [record for record in records if isinstance(record, Figure)]
    incidents = [record for record in records if isinstance(record, Incident)]
    assert {record.force for record in records} == {force.id for force in reference.forces}
    assert {record.allegation for record in records} == {code.id for code in reference.codes.allegation}
    assert {figure.stage for figure in figures} == {None, *(code.id for code in reference.codes.stage)}
    assert {record.outcome for record in records} == {None, *(code.id for code in reference.codes.outcome)}
    assert {evidence.source for record in records for evidence in record.evidence} == {
        source.id for source in reference.sources
    }
    assert {record.kind for record in records} == set(Kind)
    assert {record.period.precision for record in records} == {None, *Precision}
    assert {figure.unit for figure in figures} == set(Unit)
    assert {figure.value_status for figure in figures} == set(ValueStatus)
    assert {figure.value_type for figure in figures} == set(ValueType)
    assert {figure.qualifier for figure in figures} == set(Qualifier)
    assert {incident.standing for incident in incidents} == set(Standing)
    assert {incident.outcome_status for incident in incidents} == set(OutcomeStatus)


def test_a_stream_is_loaded_as_a_dataset_is(database: Engine) -> None:
    """What is measured is the loading of the real releases, and whoever watches it is told of every record."""
    content = content_of(200)
    told: Counter[str] = Counter()
    load(database, content, release_of(200), advance=lambda step, done: told.update({step: done}))
    assert told == dict.fromkeys(("made", "written"), 200 + incidents_of(200))
    held = Dataset(**{**dict(content.reference), "records": [record for record, _ in content.records()]})
    load(database, held, release_of(200).model_copy(update={"version": "dev"}))
    with database.connect() as connection:
        for model in (tables.Record, tables.Evidence, tables.BaseCandidate, tables.Relation, tables.OutcomeBelow):
            table = model.__table__
            columns = [column for column in table.c if column.name not in {"release_id", "document"}]
            one, other = (
                sorted(map(repr, connection.execute(select(*columns).where(table.c.release_id == release))))
                for release in connection.execute(select(tables.Release.id)).scalars()
            )
            assert one == other
            assert one

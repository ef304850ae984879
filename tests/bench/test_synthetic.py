"""The synthetic dataset for measurements: as varied as the real one may become, and loaded the same way."""

from collections import Counter

import pytest

from app.domain.records import Figure, Incident, Record
from app.domain.vocabulary import Kind, OutcomeStatus, Precision, Qualifier, Standing, Unit, ValueStatus, ValueType
from app.releases.canonical import facts
from bench.synth import dataset_of, incidents_of

FIGURES = 20_000


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Return the records of a synthetic dataset."""
    return list(dataset_of(FIGURES).records)


def test_it_is_as_large_as_was_asked_and_the_same_every_time(records: list[Record]) -> None:
    """The dataset has as many figures as requested and an incident for every twentieth, the same every time."""
    kinds = Counter(type(record) for record in records)
    assert kinds == {Figure: FIGURES, Incident: incidents_of(FIGURES)}
    assert list(dataset_of(FIGURES).records) == records


def test_every_record_could_have_been_curated(records: list[Record]) -> None:
    """Records are built without validation, for speed, but would pass it."""
    for record in records:
        assert type(record).model_validate(facts(record)) == record


def test_every_word_is_used(records: list[Record]) -> None:
    """Every force, code and closed-list value is used, so no filter is measured on an empty result."""
    reference = dataset_of(0)
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
    assert {figure.coverage is None for figure in figures} == {True, False}
    assert {incident.standing for incident in incidents} == set(Standing)
    assert {incident.outcome_status for incident in incidents} == set(OutcomeStatus)

"""What clients receive: the records as curated, and what follows from them.

A record's answer belongs to its release and cannot change, so it is built once, when the release is loaded,
and stored (`document`). The one thing that differs between installations is the public address in permalinks:
it stands in stored documents as `PUBLIC_ADDRESS` and is put in as they are served.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from app.domain.dataset import Force, Release, Source
from app.domain.fields import Id
from app.domain.records import Figure, FigureOf, Incident, IncidentOf, Record
from app.domain.vocabulary import EvidenceRole, ForceKind, Kind, Qualifier, ValueStatus, ValueType
from app.releases.history import History

PUBLIC_ADDRESS = "\x7f"
"""Stands for the configured public address in stored documents; no text of a record may hold it.

It is one byte in UTF-8, which is found in a fraction of the time that three take, and JSON takes it as it is.
"""


PATHS = {
    Kind.COMPLAINT: "/v1/complaints",
    Kind.PROCEEDING: "/v1/proceedings",
    Kind.OUTCOME: "/v1/outcomes",
    Kind.INCIDENT: "/v1/incidents",
}
"""Where the records of each kind live."""


class Answer(BaseModel):
    """Something the API answers with."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class ForceName(Answer):
    """The force or area that a record is about."""

    id: Id = Field(description="Its id.")
    name: str = Field(description="Its name.")
    kind: ForceKind = Field(description="What kind of body it is.")


class RecordLinks(Answer):
    """Where to go from a record; relative addresses."""

    self: str = Field(description="This record.")
    html: str = Field(description="Its page for people.")
    source: str = Field(description="The source that states it.")


class FigureAnswer(FigureOf[ForceName]):
    """A number, or an explicit not-known, that a source states about a force or area in a period."""

    model_config = ConfigDict(title="Figure")

    share: float | None = Field(
        description=(
            "Value divided by the base's value, four decimals; null unless both are exact counts, the base "
            "is settled, the figure is a part of it and not larger."
        )
    )
    citation: str = Field(description="A ready sentence to cite the figure with.")
    first_release: str = Field(description="The release in which it first stood.")
    changed_release: str = Field(description="The release in which it last changed.")
    links: RecordLinks


class IncidentAnswer(IncidentOf[ForceName]):
    """One event that a source tells, with what is said to have come of it."""

    model_config = ConfigDict(title="Incident")

    citation: str = Field(description="A ready sentence to cite the incident with.")
    first_release: str = Field(description="The release in which it first stood.")
    changed_release: str = Field(description="The release in which it last changed.")
    links: RecordLinks


def share(figure: Figure, base: Figure | None) -> float | None:
    """Return value / base value with four decimals, or None where no share may be stated.

    Both have to be exact counts, the base settled and the figure a part of it that is not larger.
    """
    if figure.base is None or not figure.base.part or base is None:
        return None
    if not (_exact_count(figure) and _exact_count(base)):
        return None
    value, whole = figure.value, base.value
    if value is None or not whole or value > whole:
        return None
    quotient = Decimal(str(value)) / Decimal(str(whole))
    return float(quotient.quantize(Decimal("0.0001"), ROUND_HALF_UP))


def _exact_count(figure: Figure) -> bool:
    return (
        figure.value_status is ValueStatus.STATED
        and figure.value_type is ValueType.COUNT
        and figure.qualifier is Qualifier.EXACT
    )


@dataclass(frozen=True)
class OfRelease:
    """What a release says around a record."""

    release: Release
    forces: Mapping[str, Force]
    sources: Mapping[str, Source]
    history: History | None = None
    """None where a release stands alone: then everything in it is new."""

    @cached_property
    def names(self) -> Mapping[str, ForceName]:
        """The forces as records name them."""
        return {
            force.id: ForceName.model_construct(None, id=force.id, name=force.name, kind=force.kind)
            for force in self.forces.values()
        }


def answer(record: Record, base: Figure | None, of: OfRelease) -> FigureAnswer | IncidentAnswer:
    """Build what clients receive for a record, given its settled base and its release.

    What was curated was validated when it was read, so it is taken as it is.
    """
    model = IncidentAnswer if isinstance(record, Incident) else FigureAnswer
    content = _content(record, base, of)
    return model.model_construct(
        None, **{**content, "links": RecordLinks.model_construct(None, **content["links"])}
    )


def document(record: Record, base: Figure | None, of: OfRelease) -> str:
    """Return the same in JSON, in a third of the time."""
    return orjson.dumps(_content(record, base, of), default=vars).decode()


def _content(record: Record, base: Figure | None, of: OfRelease) -> dict[str, Any]:
    """Return the fields of an answer in their order."""
    release, history = of.release, of.history
    source = of.sources[next(e.source for e in record.evidence if e.role is EvidenceRole.STATES)]
    page = f"/{'incidents' if isinstance(record, Incident) else 'figures'}/{record.id}"
    return {
        **vars(record),
        "force": of.names[record.force],
        **({} if isinstance(record, Incident) else {"share": share(record, base)}),
        "citation": (
            f"{record.statement} {source.publisher}, {source.published.date or 'undated'}. "
            f"Upheld, release {release.version}, {PUBLIC_ADDRESS}{page}?release={release.version}"
        ),
        "first_release": history.first[record.id] if history else release.version,
        "changed_release": history.changed[record.id] if history else release.version,
        "links": {"self": f"{PATHS[record.kind]}/{record.id}", "html": page, "source": f"/v1/sources/{source.id}"},
    }

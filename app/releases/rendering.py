"""What clients receive: the records as curated, and what is computed from them.

A record's answer belongs to its release and can't change, so it's built once, when the release is loaded, and
stored (`document`). Only the public address in permalinks differs between installations: stored documents contain
`PUBLIC_ADDRESS` instead, which is replaced when they're served.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from app.domain.dataset import Dataset, Release, Source
from app.domain.fields import Id, Number, json_number
from app.domain.records import (
    Evidence,
    Figure,
    FigureOf,
    Incident,
    IncidentOf,
    Record,
    are_exact_counts,
    stating_evidence,
)
from app.domain.vocabulary import (
    Caution,
    ForceKind,
    Kind,
    RelationType,
    ShareBasis,
)
from app.releases.cautions import Context, across_units, cautions_of
from app.releases.history import History
from app.releases.origins import attribution, chain_of
from app.seeds.collection import collection

PUBLIC_ADDRESS = "\x7f"
"""The placeholder for the configured public address in stored documents; no text of a record may contain it.

It's one byte in UTF-8, which is much faster to search for than three, and JSON doesn't escape it.
"""


PATHS = {
    Kind.COMPLAINT: "/v1/complaints",
    Kind.PROCEEDING: "/v1/proceedings",
    Kind.OUTCOME: "/v1/outcomes",
    Kind.INCIDENT: "/v1/incidents",
}
"""Where the records of each kind are served."""


class Answer(BaseModel):
    """Something the API answers with."""

    # Most only describe answers in the OpenAPI document, and are built when it's requested.
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True, defer_build=True)


class ForceName(Answer):
    """The force or area that a record is about."""

    id: Id = Field(description="Its id.")
    name: str = Field(description="Its name.")
    kind: ForceKind = Field(description="What kind of body it is.")


class RecordLinks(Answer):
    """Where to go from a record; relative addresses."""

    self: str = Field(description="This record.")
    html: str = Field(description="Its web page.")
    source: str = Field(description="The source that states it.")
    origin: str = Field(description="The original source of the number, or of the account of an incident.")


class FigureAnswer(FigureOf[ForceName]):
    """A number, or an explicit not-known, that a source states about a force or area in a period."""

    model_config = ConfigDict(title="Figure")

    share: Number | None = Field(
        description=(
            "Value divided by the base's value, four decimals; null unless both are exact counts, the base "
            "is settled, the figure is a part of it and not larger."
        )
    )
    share_basis: ShareBasis | None = Field(
        description="Whether the figure counts the same unit as its base; null without a share."
    )
    cautions: list[Caution] = Field(description="What a careful reader must know before quoting it, as codes.")
    origin_publisher: str = Field(description="Who counted: the publisher of the source in `links.origin`.")
    citation: str = Field(description="A ready-made citation.")
    first_release: str = Field(description="The release in which it first appeared.")
    changed_release: str = Field(description="The release in which it last changed.")
    links: RecordLinks


class IncidentAnswer(IncidentOf[ForceName]):
    """One event that a source describes, with what it says came of it."""

    model_config = ConfigDict(title="Incident")

    cautions: list[Caution] = Field(description="What a careful reader must know before quoting it, as codes.")
    origin_publisher: str = Field(
        description="Who first reported it: the publisher of the source in `links.origin`."
    )
    citation: str = Field(description="A ready-made citation.")
    first_release: str = Field(description="The release in which it first appeared.")
    changed_release: str = Field(description="The release in which it last changed.")
    links: RecordLinks


def share(figure: Figure, base: Figure | None) -> float | None:
    """Return value / base value to four decimal places, or None if no share may be stated.

    Both must be exact counts, the base must be settled, and the figure must be a part of the base and no larger.
    """
    if base is None or figure.base is None or not figure.base.part:
        return None
    value, whole = figure.value, base.value
    if not are_exact_counts(figure, base) or value is None or not whole or value > whole:
        return None
    quotient = Decimal(str(value)) / Decimal(str(whole))
    return json_number(float(quotient.quantize(Decimal("0.0001"), ROUND_HALF_UP)))


def _shares(figure: Figure, base: Figure | None) -> dict[str, Any]:
    quotient = share(figure, base)
    if base is None or quotient is None:
        return {"share": None, "share_basis": None}
    basis = ShareBasis.ACROSS_UNITS if across_units(figure, base) else ShareBasis.SAME_UNIT
    return {"share": quotient, "share_basis": basis}


@dataclass(frozen=True)
class OfRelease:
    """What a release says around a record."""

    release: Release
    dataset: Dataset
    history: History

    @cached_property
    def forces(self) -> Mapping[str, Mapping[str, str]]:
        """The forces by id, as records show them."""
        return {force.id: {"id": force.id, "name": force.name, "kind": force.kind} for force in self.dataset.forces}

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The figures by id."""
        return {record.id: record for record in self.dataset.records if isinstance(record, Figure)}

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The sources by id."""
        return {source.id: source for source in self.dataset.sources}

    @cached_property
    def context(self) -> Context:
        """The context for computing cautions."""
        return Context(self.dataset)

    def base_of(self, record: Record) -> Figure | None:
        """Return a record's settled base; None for an incident, or if the base is ambiguous or there's none."""
        if isinstance(record, Incident) or record.base is None or record.base.id is None:
            return None
        return self.figures[record.base.id]

    def origin_of(self, record: Record, stating: Evidence) -> Source:
        """Return the source that counted: the one that the passage stating a record ultimately goes back to.

        An incident that isn't part of a figure is the stating source's own account unless the passage names another
        one: an article built around somebody's numbers may also report events that aren't in them.
        """
        wholes = {other.id for other in record.related if other.type is RelationType.PART_OF}
        if isinstance(record, Incident) and stating.origin is None and wholes.isdisjoint(self.figures):
            return self.sources[stating.source]
        return chain_of(self.sources, stating)[0]


def document(record: Record, of: OfRelease) -> str:
    """Return what clients receive for a record in a release: JSON with its fields in order.

    Curated values were validated when they were read, so they're used as they are.
    """
    stating, base = stating_evidence(record), of.base_of(record)
    source, origin = of.sources[stating.source], of.origin_of(record, stating)
    version = of.release.version
    page = f"/{'incidents' if isinstance(record, Incident) else 'figures'}/{record.id}"
    content = {
        **vars(record),
        "force": of.forces[record.force],
        **({} if isinstance(record, Incident) else _shares(record, base)),
        "cautions": cautions_of(record, base, of.context),
        "origin_publisher": origin.publisher,
        "citation": (
            f"{record.statement} {attribution(origin, source)}. "
            f"{collection().name}, release {version}, {PUBLIC_ADDRESS}{page}?release={version}"
        ),
        "first_release": of.history.first[record.id],
        "changed_release": of.history.changed[record.id],
        "links": {
            "self": f"{PATHS[record.kind]}/{record.id}",
            "html": page,
            "source": f"/v1/sources/{source.id}",
            "origin": f"/v1/sources/{origin.id}",
        },
    }
    return orjson.dumps(content, default=vars).decode()

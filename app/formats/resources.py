"""Forces, sources and codes as the API returns them."""

from collections.abc import Mapping
from datetime import date

from pydantic import ConfigDict, Field

from app.database.reference import Reference
from app.domain.dataset import ALIASES, Force, Published, Source
from app.domain.fields import Id
from app.domain.vocabulary import CLOSED_LISTS, WorkerType
from app.releases.origins import origin_chain
from app.releases.rendering import Answer


class ForceAnswer(Force):
    """A police force, or an area that contains several."""

    model_config = ConfigDict(title="Force")

    records: int = Field(description="How many records are about it. Records about forces inside it don't count.")


class HeadcountAnswer(Answer):
    """How many people of a worker type a force had on a day."""

    model_config = ConfigDict(title="Headcount")

    as_at: date = Field(description="The day.")
    worker_type: WorkerType = Field(description="The part of the workforce.")
    headcount: int = Field(description="How many people.")
    fte: float | None = Field(description="Full-time equivalent; null if it is not known.")
    source: Id = Field(description="The source that states it.")


class HeadcountRow(HeadcountAnswer):
    """A headcount with its force."""

    force: Id = Field(description="The force.")


class ChainLink(Answer):
    """A source in another source's chain of origin."""

    id: Id = Field(description="The source's id.")
    publisher: str = Field(description="Who published it.")
    title: str = Field(description="Its headline or title.")
    published: Published
    url: str | None = Field(description="Where it can be read; null if it is not online.")


class SourceAnswer(Source):
    """A text that states records, or that other texts are based on."""

    model_config = ConfigDict(title="Source")

    published: Published
    origin_chain: list[ChainLink] = Field(
        description="Who counted, who published it, who repeated it: from its origin to itself."
    )
    records: int = Field(description="How many records have evidence from it.")


def source_answer(source: Source, sources: Mapping[str, Source], records: int) -> SourceAnswer:
    """Return a source as the API returns it, given all sources of its release."""
    chain = [ChainLink.model_validate(one, from_attributes=True) for one in origin_chain(sources, source.id)]
    return SourceAnswer(**dict(source), origin_chain=chain, records=records)


class CodeAnswer(Answer):
    """A code of a tree, or a word of a closed list."""

    model_config = ConfigDict(title="Code")

    id: str = Field(description="The code as records and filters write it.")
    label: str = Field(description="The code in words.")
    definition: str = Field(description="What it means.")
    parent: str | None = Field(default=None, description="The wider code; for a breakdown, its dimension.")
    parents: list[str] = Field(
        default=[], description="For a union of codes, such as dismissed or convicted: the codes that it unites."
    )
    aliases: list[str] = Field(default=[], description=ALIASES)


def codes_of(reference: Reference) -> dict[str, list[CodeAnswer]]:
    """Return all trees and closed lists, each in the curators' order."""
    trees = {
        tree: [CodeAnswer(**{**dict(code), "parent": reference.parents[tree][code.id]}) for code in found.values()]
        for tree, found in reference.trees.items()
    }
    breakdown = [
        CodeAnswer(id=one.id, label=one.label, definition=one.definition, parent=one.dimension)
        for one in reference.breakdown
    ]
    closed = {
        name: [CodeAnswer(id=term, label=term.replace("-", " "), definition=term.definition) for term in terms]
        for name, terms in CLOSED_LISTS.items()
    }
    return {**trees, "breakdown": breakdown, **closed}

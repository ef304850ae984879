"""Forces, sources and codes as the API answers them."""

from pydantic import ConfigDict, Field

from app.domain.dataset import Force, Published, Source
from app.releases.rendering import Answer


class ForceAnswer(Force):
    """A police force, or an area that contains several."""

    model_config = ConfigDict(title="Force")

    records: int = Field(description="How many records are about it. Records about forces inside it don't count.")


class SourceAnswer(Source):
    """A text that states records, or that other texts are based on."""

    model_config = ConfigDict(title="Source")

    published: Published
    records: int = Field(description="How many records have evidence from it.")


class CodeAnswer(Answer):
    """A code of a tree, or a word of a closed list."""

    model_config = ConfigDict(title="Code")

    id: str = Field(description="The code as records and filters write it.")
    label: str = Field(description="The code in words.")
    definition: str = Field(description="What it means.")
    parent: str | None = Field(default=None, description="The wider code; for a breakdown, its dimension.")

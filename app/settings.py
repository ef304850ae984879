"""The few settings, each read from the environment, each with its reason."""

from pathlib import Path

from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent
"""The folder that holds `app/`, `docs/`, `migrations/` and `seeds/`, wherever it was put."""


class Settings(BaseSettings):
    """What differs from one installation to the next, and nothing else."""

    model_config = SettingsConfigDict(frozen=True)

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """A PostgreSQL server to use, or a primary and its replicas; without one the program starts its own."""

    data_dir: Path | None = Field(default=None, validation_alias="UPHELD_DATA_DIR")
    """Where the program's own PostgreSQL keeps its files; without one it chooses the usual place."""

    public_url: HttpUrl | None = Field(default=None, validation_alias="UPHELD_PUBLIC_URL")
    """The address that readers know: permalinks and citations carry it. Without one, where it listens."""

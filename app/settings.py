"""Settings, read from the environment."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError, field_validator

from app.errors import UpheldError

ORIGIN = "it must be a scheme and a host, such as https://upheld.example"

PROJECT = Path(__file__).resolve().parent.parent
"""The folder that contains `app/`, `docs/`, `migrations/` and `seeds/`."""


class SettingsError(UpheldError):
    """An environment variable has an unusable value."""


class Settings(BaseModel):
    """What differs between installations."""

    model_config = ConfigDict(frozen=True)

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """The PostgreSQL server to use; without it the program starts its own."""

    data_dir: Path | None = Field(default=None, validation_alias="UPHELD_DATA_DIR")
    """Where the program's own PostgreSQL keeps its files; the default depends on the operating system."""

    public_url: HttpUrl | None = Field(default=None, validation_alias="UPHELD_PUBLIC_URL")
    """The base URL for permalinks and citations; the default is the address that the server listens on."""

    @field_validator("public_url")
    @classmethod
    def _has_no_path(cls, url: HttpUrl | None) -> HttpUrl | None:
        """Reject whatever links on pages would lose, because they start with a slash."""
        if url is not None and (url.path not in {None, "/"} or url.query or url.fragment or url.username):
            raise ValueError(f"{ORIGIN}; Upheld needs a host name of its own and can't be served below a path")
        return url


def read_settings() -> Settings:
    """Read the settings; an empty variable counts as unset.

    Raises:
        SettingsError: naming every invalid variable.

    """
    try:
        return Settings.model_validate({name: value for name, value in os.environ.items() if value})
    except ValidationError as error:
        details = [(f"{one['loc'][0]}", ORIGIN if "url" in one["type"] else one["msg"]) for one in error.errors()]
        wrong = "; ".join(f"{name}: {reason}" for name, reason in details)
        raise SettingsError(f"a setting in the environment is wrong: {wrong}") from error

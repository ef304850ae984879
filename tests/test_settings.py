"""Settings from the environment."""

import pytest

from app.settings import Settings, SettingsError, read_settings

VARIABLES = ("DATABASE_URL", "UPHELD_DATA_DIR", "UPHELD_PUBLIC_URL")


def test_an_empty_variable_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """`UPHELD_DATA_DIR=` isn't the current folder, and `DATABASE_URL=` isn't any server."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    assert read_settings() == Settings()


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unusable value is refused with the name of its variable."""
    monkeypatch.setenv("UPHELD_PUBLIC_URL", "upheld.test")
    with pytest.raises(SettingsError, match="UPHELD_PUBLIC_URL: it must be a scheme and a host"):
        read_settings()

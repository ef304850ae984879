"""Errors of loading a database or choosing a release."""

from app.errors import UpheldError


class LoadError(UpheldError):
    """The database can't store or serve this; the message says why, and what to do."""


class DatabaseError(UpheldError):
    """The database can't be used."""

"""What goes wrong when a database is loaded, or a release chosen."""

from app.errors import UpheldError


class LoadError(UpheldError):
    """The database can't hold or serve what it was asked to; the message says why, and what to do."""


class DatabaseError(UpheldError):
    """The database can't be used."""

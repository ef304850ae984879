"""What goes wrong when releases are loaded or chosen."""

from app.errors import UpheldError


class LoadError(UpheldError):
    """The database can't hold or serve what it was asked to; the message says why, and what to do."""

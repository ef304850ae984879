"""What drafts of articles and of tables share."""

from app.errors import UpheldError

TODO = "TODO"
"""What a draft has where a curator has to decide. A file that still has one is refused."""


class DraftError(UpheldError):
    """An article or a table can't be drafted."""

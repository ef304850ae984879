"""The base class for errors that the person at the command line can fix."""


class UpheldError(Exception):
    """What went wrong, and what to do about it."""

    def report(self) -> str:
        """Return what the command line prints instead of a traceback."""
        return f"upheld: {self}"

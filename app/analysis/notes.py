"""Curators' notes on several records at once."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.json import Decoder


class _Noted(Struct, frozen=True, gc=False):
    notes: list[str]


_noted = Decoder(_Noted).decode


def shared_notes(documents: Iterable[str]) -> list[str]:
    """Return the notes that all of these records have, in the order of the first record."""
    shared: list[str] | None = None
    for document in documents:
        notes = _noted(document).notes
        shared = notes if shared is None else [note for note in shared if note in notes]
        if not shared:
            break
    return shared or []

"""Cursors: where the next page of a list starts."""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

import orjson

from app.database.current import ReleaseRow
from app.queries.parameters import ID

VERSION = re.compile(r"[0-9a-z.]{1,50}", re.ASCII)
CURSOR_PARTS = 5


class Cursor(NamedTuple):
    """Where the next page starts: in which release, for which query, after which place."""

    version: str
    digest: str
    fingerprint: str
    place: int | str

    def __str__(self) -> str:
        """Return the cursor as clients send it, with a checksum that shows damage on the way.

        The checksum is no secret: a forged cursor does no harm.
        """
        checksum = hashlib.sha256(orjson.dumps([*self])).hexdigest()[:8]
        return urlsafe_b64encode(orjson.dumps([*self, checksum])).rstrip(b"=").decode()

    def is_of(self, release: ReleaseRow) -> bool:
        """Whether the first page was of this release; `dev` may have been replaced by another of its name."""
        return self.version == release.version and self.digest == release.digest[:16]


def next_cursor(release: ReleaseRow, fingerprint: str, place: int | str | None) -> str | None:
    """Return the cursor of the page after a place; None if there is no such page."""
    return None if place is None else str(Cursor(release.version, release.digest[:16], fingerprint, place))


def read_cursor(text: str) -> Cursor | None:
    """Read a cursor; None if it is damaged or malformed. Its contents aren't trusted: anyone can make one."""
    if not text:
        return None
    try:
        parts = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, UnicodeEncodeError):
        return None
    if not isinstance(parts, list) or len(parts) != CURSOR_PARTS:
        return None
    version, digest, found, place, _ = parts
    if not all(isinstance(part, str) and VERSION.fullmatch(part) for part in (version, digest, found)):
        return None
    is_place = isinstance(place, int) and not isinstance(place, bool) and 0 < place < 2**31
    is_id = isinstance(place, str) and ID.fullmatch(place) is not None
    if not is_place and not is_id:
        return None
    cursor = Cursor(version, digest, found, place)
    # Compare the whole text, not only the checksum: Python's base64 skips characters it doesn't know.
    return cursor if str(cursor) == text else None

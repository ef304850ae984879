"""Held texts: articles in the curator's own folder, found by the file names in the seeds."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import UpheldError
from app.evidence.passages import paragraphs
from app.evidence.report import Mismatch

MAX_TEXT_BYTES = 5_000_000
"""No article needs more."""


def read_text(path: Path, error: type[UpheldError], hint: str = "") -> str:
    """Return the text of a file; `hint` says what to do if it isn't UTF-8.

    Raises:
        UpheldError: of the type `error`, if the file can't be read or isn't UTF-8.

    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as reason:
        raise error(f"{path} cannot be read: {reason.strerror}") from reason
    except UnicodeDecodeError as reason:
        raise error(f"{path} is not UTF-8 at byte {reason.start}{hint}") from reason


@dataclass
class HeldText:
    """A held text being compared with the seeds."""

    file: str
    paragraphs: Sequence[str] | None = None
    """None until the file is known to be text."""
    mismatches: list[Mismatch] = field(default_factory=list)
    recorded: dict[int, list[tuple[int, int, str]]] = field(default_factory=lambda: defaultdict(list))
    """For each paragraph, the start and end of each number that is evidence for a record, with the record."""

    def mismatch(self, what: str, expected: object, found: object, at: tuple[int, str] | None = None) -> None:
        """Note a mismatch; `at` is its paragraph, and the record or "the ledger"."""
        paragraph, record = at or (None, None)
        self.mismatches.append(Mismatch(self.file, paragraph, record, what, str(expected), str(found)))

    def read(self, folder: Path, sha256: str | None) -> bool:
        """Read the paragraphs and check the file's digest; return whether the file is in the folder."""
        path = folder / self.file
        if not path.is_symlink() and not path.exists():
            return False
        content = self._content(path)
        if content is not None:
            if (found := hashlib.sha256(content).hexdigest()) != sha256:
                self.mismatch("the digest of the file", sha256, found)
            try:
                self.paragraphs = paragraphs(content.decode("utf-8"))
            except UnicodeDecodeError as error:
                self.mismatch("the file", "UTF-8", f"something else at byte {error.start}")
        return True

    def _content(self, path: Path) -> bytes | None:
        """Return a file's bytes, or note why it can't be used. Dots and links mustn't lead out of its folder."""
        try:
            if not path.is_file() or path.resolve().parent != path.parent.resolve():
                self.mismatch("the file", "a file in the folder", "something else, or a link out of the folder")
            elif (size := path.stat().st_size) > MAX_TEXT_BYTES:
                self.mismatch("the file", f"at most {MAX_TEXT_BYTES} bytes", size)
            else:
                return path.read_bytes()
        except OSError as error:
            self.mismatch("the file", "a file that can be read", error.strerror)
        return None
